package app_test

import (
	"encoding/binary"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// What a token says its mail came by, by its place in the list of the contract.
const byNothing, byThread, byTopic, byCouncil, byPerson, byEverything, byQuestions, byDigest = 0, 1, 2, 3, 4, 5, 6, 15

// stopLink is the token of a mail: what it came by, and about which thread.
func (w *world) stopToken(kind int, person, subject, thread int64) string {
	payload := binary.AppendUvarint([]byte{byte(kind)}, uint64(person))
	payload = binary.AppendUvarint(payload, uint64(subject))
	if thread != 0 {
		payload = binary.AppendUvarint(payload, uint64(thread))
	}
	return w.keys.Sign("stop", payload)
}

// stopLink is the token of a link to the author, or one of nobody's making.
func (w *rightsWorld) stopLink(name string) string {
	if name == "unknown" {
		return strings.Repeat("a", 50)
	}
	if name == "newsletter" {
		return w.leaveToken(w.subscriber("leaver"), 0)
	}
	return w.stopToken(byThread, w.people["author"].ID, w.of("threads", "public", "author").id, 0)
}

// mail is a letter that came to something, or who has an address.
func (w *rightsWorld) mail(name string) int64 {
	author := w.people["author"].ID
	switch name {
	case "-":
		return 0
	case "person":
		w.exec(`insert into bounces (person_id, address, suppressed_at) values ($1, 'ada@northmoor.gov.example', now()) on conflict do nothing`, author)
		return author
	}
	return w.number(`insert into letters (person_id, kind, key, state, created_at, due_at) values ($1, 'instant', $2, $2, now(), now()) returning id`, author, name)
}

// How somebody follows a thread and a topic, and whether all has stopped.
func (w *world) follows(person int64) string {
	w.t.Helper()
	var all string
	w.must(w.db.QueryRow(w.t.(*testing.T).Context(), `
		select coalesce((select string_agg(subject_kind || ' ' || thread_kind || cadence, ', ' order by subject_kind, thread_kind) from follows where person_id = $1), '')
			|| case when exists (select from letter_settings where person_id = $1 and stopped_at is not null) then ', stopped' else '' end`, person).Scan(&all))
	return all
}

// stopLinks are those of mails to a supplier, who sees what everybody sees. Whoever has
// the mail may open them, also who has not joined: nothing stands there that is not for
// all.
func (w *world) stopLinks() (paths []string) {
	reader := w.number(`select coalesce(min(id), 0) from people where standing = 'supplier' and joined_at is not null and erased_at is null`)
	for id := range w.number(`select coalesce(max(id), 0) from threads`) {
		paths = append(paths, "/unsubscribe/"+w.stopToken(byThread, reader, id+1, 0))
	}
	for id := range w.number(`select coalesce(max(id), 0) from people`) {
		paths = append(paths, "/unsubscribe/"+w.stopToken(byPerson, reader, id+1, 0))
	}
	return append(paths, "/unsubscribe/"+w.stopToken(byCouncil, reader, 1, 0), "/unsubscribe/"+w.stopToken(byEverything, reader, 0, 0))
}

// stopping is a world in which the colleague follows a topic and a thread in it.
func stopping(t *testing.T) (w *world, who forum.Person, thread, topic int64) {
	t.Helper()
	w = openCast(t)
	who = w.people["colleague"]
	thread = forumtest.Thread(t, w.store, w.people["author"], "Who has moved bins online?")
	topic = w.number(`select topic_id from thread_topics where thread_id = $1`, thread)
	slug := ""
	w.must(w.db.QueryRow(t.Context(), `select slug from topics where id = $1`, topic).Scan(&slug))
	w.must(w.store.Follow(t.Context(), who, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant))
	w.must(w.store.Follow(t.Context(), who, forum.Subject{Kind: forum.ToTopic, Slug: slug}, forum.Instant))
	return w, who, thread, topic
}

// press sends the form of a mail's link as a browser without a session does.
func (w *world) press(token string, header http.Header, fields ...string) echo {
	return w.send(knock{method: "POST", path: "/unsubscribe/" + token, form: fieldsOf(fields...), header: header, unsigned: true})
}

// A link in a mail stops what its page says, and no more: opened it stops nothing, a
// second press changes nothing, and the page says then what has stopped.
func TestALinkInAMailStopsWhatItSays(t *testing.T) {
	t.Parallel()
	w, who, thread, topic := stopping(t)
	token := w.stopToken(byTopic, who.ID, topic, thread)
	before := w.state()
	for _, method := range []string{"GET", "HEAD"} {
		got := w.send(knock{method: method, path: "/unsubscribe/" + token})
		if got.status != 200 || got.header.Get("Cache-Control") != "private, no-store" || got.header.Get("X-Robots-Tag") != "noindex" || got.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: got %d %v", method, got.status, got.header)
		}
		if method == "GET" && (!strings.Contains(got.body, "Who has moved bins online?") || strings.Contains(got.body, "_csrf")) {
			t.Errorf("the page is %s", short(got.body))
		}
	}
	if tables := changed(before, w.state()); len(tables) > 0 {
		t.Errorf("opening the page changed %v", tables)
	}
	for _, step := range []struct{ fields, want, says string }{
		{"scope thread cadence weekly", "thread weekly, topic instant", "Stop this thread"},
		{"scope thread cadence daily", "thread weekly, topic instant", "Stop this thread"}, // never sooner
		{"scope topic cadence daily", "thread weekly, topic daily", "comes once a day"},
		{"scope thread", "thread mute, topic daily", "Stopped: you hear of this thread only"},
		{"scope thread cadence site", "thread mute, topic daily", "Stopped: you hear"},
		{"scope topic", "thread mute", "Stopped: you do not follow this"},
		{"scope topic cadence daily", "thread mute", "Stopped: you do not follow this"}, // what has ended stays so
		{"scope all", "thread mute, stopped", "All email has stopped"},
	} {
		for range 2 {
			got := w.press(token, http.Header{"Origin": {"https://mail.example"}, "Sec-Fetch-Site": {"cross-site"}}, strings.Fields(step.fields)...)
			if got.status != 303 || got.location(w) != "/unsubscribe/"+token {
				t.Fatalf("%s: got %d %s", step.fields, got.status, short(got.body))
			}
			if now := w.follows(who.ID); now != step.want {
				t.Errorf("%s: now %q, want %q", step.fields, now, step.want)
			}
			if page := w.get("visitor", "/unsubscribe/"+token).body; !strings.Contains(page, step.says) {
				t.Errorf("%s: the page does not say %q", step.fields, step.says)
			}
		}
	}
	for _, wrong := range []string{"", "scope none", "scope thread cadence instant", "scope all cadence daily", "scope thread cadence off"} {
		if got := w.press(token, nil, strings.Fields(wrong)...); got.status != 422 {
			t.Errorf("%q: got %d, want 422", wrong, got.status)
		}
	}
}

// Who reads Moothall in Welsh is led from a mail to a page in Welsh, also in a browser that
// knows nothing of them, unless it was told otherwise.
func TestAMailInWelshLeadsToAPageInWelsh(t *testing.T) {
	t.Parallel()
	w, who, thread, _ := stopping(t)
	w.exec(`update people set lang = 'cy' where id = $1`, who.ID)
	path := "/unsubscribe/" + w.stopToken(byThread, who.ID, thread, 0)
	for cookie, want := range map[string]string{"": `<html lang="cy"`, "en": `<html lang="en"`, "cy": `<html lang="cy"`} {
		header := http.Header{}
		if cookie != "" {
			header.Set("Cookie", "lang="+cookie)
		}
		if got := w.send(knock{method: "GET", path: path, header: header}); got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("with %q: got %d, want %s: %s", cookie, got.status, want, short(got.body))
		}
	}
}

// A link in a digest slows or stops what comes once a day and once a week, and leaves what
// comes at once and what is muted as it is; so does one press in a mail program.
func TestALinkInADigestStopsDigests(t *testing.T) {
	t.Parallel()
	w, who, _, _ := stopping(t)
	token := w.stopToken(byDigest, who.ID, 0, 0)
	again := func() {
		t.Helper()
		w.exec(`delete from stops where person_id = $1`, who.ID)
		w.exec(`delete from follows where person_id = $1`, who.ID)
		for slug, cadence := range map[string]forum.Cadence{"waste-management": forum.Daily, "forms": forum.Weekly, "libraries": forum.Instant, "parking": forum.Muted} {
			w.must(w.store.Follow(t.Context(), who, forum.Subject{Kind: forum.ToTopic, Slug: slug}, cadence))
		}
	}
	cadences := func() (all string) {
		t.Helper()
		w.must(w.db.QueryRow(t.Context(), `select string_agg(cadence, ' ' order by cadence) from follows where person_id = $1`, who.ID).Scan(&all))
		return all
	}
	for _, step := range []struct{ fields, want, says string }{
		{"scope digest cadence weekly", "instant mute weekly weekly", "what is new in 2 things"},
		{"scope digest", "instant mute site site", "Stopped: nothing that you follow"},
		{"scope digest cadence site", "instant mute site site", "Stopped: nothing that you follow"},
		{"List-Unsubscribe One-Click", "instant mute site site", "Stopped: nothing that you follow"},
	} {
		again()
		for range 2 {
			if got := w.press(token, nil, strings.Fields(step.fields)...); got.status != 303 && got.status != 200 {
				t.Fatalf("%s: got %d %s", step.fields, got.status, short(got.body))
			}
			if now := cadences(); now != step.want {
				t.Errorf("%s: now %q, want %q", step.fields, now, step.want)
			}
		}
		if page := w.get("visitor", "/unsubscribe/"+token).body; !strings.Contains(page, step.says) || strings.Contains(page, "This thread") {
			t.Errorf("%s: the page is %s", step.fields, short(page))
		}
	}
	w.exec(`delete from follows where person_id = $1`, who.ID)
	w.exec(`delete from stops where person_id = $1`, who.ID)
	if page := w.get("visitor", "/unsubscribe/"+token).body; strings.Contains(page, "Stopped") || !strings.Contains(page, "brought something else") {
		t.Errorf("of a digest that came by no follow it says %s", short(page))
	}
	for token, fields := range map[string]string{token: "scope digest cadence daily", w.stopToken(byNothing, who.ID, 0, 0): "scope digest"} {
		if got := w.press(token, nil, strings.Fields(fields)...); got.status != 422 {
			t.Errorf("%s: got %d, want 422", fields, got.status)
		}
	}
}

// A mail program stops in one press, without a cookie, from anywhere, as often as it
// likes (RFC 8058): the follow that the mail came by and no other.
func TestOnePressInAMailProgramStops(t *testing.T) {
	t.Parallel()
	w, who, thread, topic := stopping(t)
	one := url.Values{"List-Unsubscribe": {"One-Click"}}
	for _, c := range []struct {
		token, want string
	}{
		{w.stopToken(byQuestions, who.ID, topic, thread), "thread instant, topic instant"}, // that follow has ended before
		{w.stopToken(byTopic, who.ID, topic, thread), "thread instant"},
		{w.stopToken(byThread, who.ID, thread, 0), "thread mute"},
		{w.stopToken(byNothing, who.ID, 0, thread), "thread mute"},
		{w.stopToken(byNothing, who.ID, 0, 0), "thread mute, stopped"},
	} {
		var presses sync.WaitGroup
		for range 4 {
			presses.Go(func() {
				got := w.send(knock{method: "POST", path: "/unsubscribe/" + c.token, form: one, header: http.Header{"Origin": {"null"}}, unsigned: true})
				if got.status != 200 || len(got.body) > 100 || got.header.Get("Set-Cookie") != "" || !strings.HasPrefix(got.header.Get("Content-Type"), "text/plain") {
					t.Errorf("got %d %q %v", got.status, short(got.body), got.header)
				}
			})
		}
		presses.Wait()
		if now := w.follows(who.ID); now != c.want {
			t.Errorf("now %q, want %q", now, c.want)
		}
	}
	if got := w.press(strings.ToUpper(w.stopToken(byThread, who.ID, thread, 0)), nil, "List-Unsubscribe", "One-Click"); got.status != 200 {
		t.Errorf("in capitals: got %d", got.status)
	}
}

// What is no token of ours stops nothing; nor does one for another purpose, or one of
// somebody who is gone. Suspended people may stop their mail.
func TestOnlyTheMailsOwnLinkStops(t *testing.T) {
	t.Parallel()
	w, who, thread, _ := stopping(t)
	good := w.stopToken(byThread, who.ID, thread, 0)
	payload := binary.AppendUvarint([]byte{byThread}, uint64(who.ID))
	for name, token := range map[string]string{
		"cut": good[:len(good)-1], "changed": "b" + good[1:], "another purpose": w.keys.Sign("reply", binary.AppendUvarint(payload, uint64(thread))),
		"a kind that is none": w.stopToken(200, who.ID, thread, 0), "too short": w.keys.Sign("stop", payload), "empty": w.keys.Sign("stop", nil),
		"too long":    w.keys.Sign("stop", append(payload, 1, 2, 3)),
		"half number": w.keys.Sign("stop", append(payload, 1, 0x80)), "nobody": w.stopToken(byThread, 999999, thread, 0),
		"erased": w.stopToken(byThread, w.people["erased"].ID, thread, 0), "unjoined": w.stopToken(byThread, w.people["unjoined"].ID, thread, 0),
	} {
		for _, got := range []echo{w.get("visitor", "/unsubscribe/"+token), w.press(token, nil, "scope", "all"), w.press(token, nil, "List-Unsubscribe", "One-Click")} {
			if got.status != 404 {
				t.Errorf("%s: got %d, want 404", name, got.status)
			}
		}
	}
	if now := w.follows(who.ID); now != "thread instant, topic instant" {
		t.Errorf("it changed to %q", now)
	}
	suspended := w.people["suspended"].ID
	if got := w.press(w.stopToken(byThread, suspended, thread, 0), nil, "scope", "all"); got.status != 303 || w.follows(suspended) != ", stopped" {
		t.Errorf("suspended: got %d, %q", got.status, w.follows(suspended))
	}
}

// The page of a link never tells the title of what its reader may not see any more.
func TestALinkTellsNoTitleThatIsHidden(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	who := w.people["colleague"]
	secret := forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: "Councils zebra", Visibility: "councils"})
	token := w.stopToken(byThread, who.ID, secret, 0)
	if page := w.get("visitor", "/unsubscribe/"+token).body; !strings.Contains(page, "Councils zebra") {
		t.Error("who may see it is not told which thread it is")
	}
	supplier := w.stopToken(byThread, w.people["supplier"].ID, secret, 0)
	w.must(w.care.Suspend(t.Context(), w.people["moderator"], who.ID, w.store.Now().AddDate(0, 1, 0), "Rude"))
	for name, link := range map[string]string{"suspended": token, "supplier": supplier} {
		page := w.get("visitor", "/unsubscribe/"+link)
		if page.status != 200 || strings.Contains(page.body, "zebra") || !strings.Contains(page.body, "does not show any more") {
			t.Errorf("%s: %d %s", name, page.status, short(page.body))
		}
	}
	if got := w.press(token, nil, "scope", "thread"); got.status != 303 || !strings.Contains(w.follows(who.ID), "mute") {
		t.Errorf("it cannot be stopped: %d, %s", got.status, w.follows(who.ID))
	}
}

// What a mail leads to that is the same for everybody is there.
func TestMailsLeadToPagesThatAreThere(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	b := h.as(forumtest.Person(t, h.store, "Ada", "Northmoor"))
	mails, err := filepath.Glob("../views/email/testdata/*.en.txt.golden")
	if err != nil || len(mails) == 0 {
		t.Fatal(mails, err)
	}
	link := regexp.MustCompile(`https://moothall\.example(/(?:account|about|help|threads/new|threads\?)[^\s#]*)`)
	seen := map[string]bool{}
	for _, name := range mails {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			if path := found[1]; !seen[path] {
				seen[path] = true
				if got := b.get(path); got.StatusCode != 200 {
					t.Errorf("%s leads to %s, which answers %d", filepath.Base(name), path, got.StatusCode)
				}
			}
		}
	}
	if len(seen) < 5 {
		t.Errorf("mails lead to %v alone", seen)
	}
}
