package words_test

import (
	"testing"
	"time"

	"moothall/views/words"
)

// Welsh is said in Welsh; any other language is English.
func TestLanguages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, key, want, language string }{
		{"en", "time.march", "March", "en"},
		{"cy", "time.march", "Mawrth", "cy"},
		{"cy", "frame.sign_in", "Mewngofnodi", "cy"},
		{"fr", "time.march", "March", "en"},
		{"", "time.march", "March", "en"},
	} {
		w := words.In(c.lang)
		if got := w.T(c.key); got != c.want {
			t.Errorf("%s in %q: got %q, want %q", c.key, c.lang, got, c.want)
		}
		if got := w.Lang(); got != c.language {
			t.Errorf("Lang in %q: got %q, want %q", c.lang, got, c.language)
		}
	}
	if got := (words.Words{}).T("time.march"); got != "March" {
		t.Errorf("the zero Words: got %q, want March", got)
	}
}

// A plural is chosen by the number, which is written with commas.
func TestPluralsFollowTheNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang string
		n    int
		want string
	}{
		{"en", 0, "0 minutes ago"}, {"en", 1, "1 minute ago"}, {"en", 2, "2 minutes ago"},
		{"en", 1204, "1,204 minutes ago"}, {"cy", 1, "1 munud yn ôl"}, {"cy", 2, "2 funud yn ôl"},
	} {
		if got := words.In(c.lang).N("time.minutes_ago", c.n); got != c.want {
			t.Errorf("%d in %s: got %q, want %q", c.n, c.lang, got, c.want)
		}
	}
}

// What is forgotten is seen on the page: a key that is not there, a place with nothing for it.
func TestWhatIsForgottenIsSeen(t *testing.T) {
	t.Parallel()
	w := words.In("en")
	for _, c := range []struct{ got, want string }{
		{w.T("frame.sing_in"), "«frame.sing_in»"},
		{w.N("frame.sing_in", 2), "«frame.sing_in»"},
		{w.T("frame.title"), "«Title» – Moothall"},
		{w.T("frame.title", "Title", 7), "7 – Moothall"},
		{w.T("frame.title", "Title", 1204), "1,204 – Moothall"},
		{w.T("frame.title", "Title", int64(1204)), "1204 – Moothall"},
		{w.T("frame.title", "Title", 7.5), "«Title» – Moothall"},
		{w.T("frame.title", "Title", "{{.Title}}"), "{{.Title}} – Moothall"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Numbers have commas at the thousands.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -12: "−12", -4567: "−4,567"} {
		if got := words.Number(n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Days and hours are London's, on both sides of the change of the clocks.
func TestDatesAreLondons(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		moment, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	en, cy := words.In("en"), words.In("cy")
	for _, c := range []struct{ got, want string }{
		{en.Date(at("2025-01-14T10:42:00Z")), "14 January 2025"},
		{cy.Date(at("2025-01-14T10:42:00Z")), "14 Ionawr 2025"},
		{cy.DateTime(at("2025-01-14T10:42:00Z")), "14 Ionawr 2025 am 10:42"},
		{en.Date(at("2026-06-30T23:30:00Z")), "1 July 2026"},
		{en.DateTime(at("2025-01-14T10:42:00Z")), "14 January 2025 at 10:42"},
		{en.DateTime(at("2025-07-14T10:42:00Z")), "14 July 2025 at 11:42"},
		{words.ISO(at("2025-07-14T10:42:07+01:00")), "2025-07-14T09:42:07Z"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// How long ago is said as people say it, and the day changes at London's midnight.
func TestAgo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ now, then, want string }{
		{"2026-11-24T12:00:00Z", "2026-11-24T11:59:30Z", "just now"},
		{"2026-11-24T12:00:00Z", "2026-11-24T12:00:30Z", "just now"},
		{"2026-11-24T12:00:00Z", "2026-11-24T12:10:00Z", "24 November 2026 at 12:10"},
		{"2026-11-24T12:00:00Z", "2026-11-24T11:59:00Z", "1 minute ago"},
		{"2026-11-24T12:00:00Z", "2026-11-24T11:00:01Z", "59 minutes ago"},
		{"2026-11-24T12:00:00Z", "2026-11-24T11:00:00Z", "1 hour ago"},
		{"2026-11-24T12:00:00Z", "2026-11-24T09:00:00Z", "3 hours ago"},
		{"2026-11-24T00:20:00Z", "2026-11-23T23:50:00Z", "30 minutes ago"},
		{"2026-11-24T12:00:00Z", "2026-11-23T16:50:00Z", "yesterday at 16:50"},
		{"2026-11-24T12:00:00Z", "2026-11-22T23:59:00Z", "22 November 2026"},
		{"2026-10-25T22:00:00Z", "2026-10-24T22:30:00Z", "yesterday at 23:30"}, // a day of 25 hours
		{"2026-03-29T21:00:00Z", "2026-03-28T23:30:00Z", "yesterday at 23:30"}, // a day of 23 hours
		{"2026-03-29T23:30:00Z", "2026-03-28T23:30:00Z", "28 March 2026"},
	} {
		now, err1 := time.Parse(time.RFC3339, c.now)
		then, err2 := time.Parse(time.RFC3339, c.then)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if got := words.In("en").Ago(now, then); got != c.want {
			t.Errorf("at %s, %s: got %q, want %q", c.now, c.then, got, c.want)
		}
	}
}

// A sentence without places costs no memory: a page says hundreds of them.
func TestPlainSentencesCostNoMemory(t *testing.T) {
	w := words.In("cy")
	if got := testing.AllocsPerRun(100, func() { _ = w.T("frame.sign_in") }); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}

func BenchmarkSentenceWithAPlace(b *testing.B) {
	w := words.In("en")
	for b.Loop() {
		_ = w.T("frame.title", "Title", "How do you stop five missed bin reports?")
	}
}
