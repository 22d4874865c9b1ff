package letters

import (
	"fmt"
	"testing"
	"time"

	"moothall/forum"
)

// Who wants a digest on working days alone has none on Saturday and Sunday; Monday's has
// all that came. Each post stands in just one, also where the choice is made on a weekend,
// after a pause that ends on one, and while a weekly one comes besides, on whatever day.
func TestADigestFromMondayToFriday(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	h.follow(ben, forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Daily)
	thread := h.ask(ada, "Bins?", "waste-management")
	h.tellAll()
	draft := SettingsDraft{DigestDay: 6, DigestHour: 7, Weekdays: true}
	posts, in := 1, 0
	day := func(what string) int {
		t.Helper()
		h.clock.Advance(24 * time.Hour)
		_, err := h.MakeDigests(t.Context())
		h.must(err)
		sent := h.post()
		for _, l := range sent {
			in += l.Digest.Sections[0].Topics[0].Items[0].New
		}
		if weekend := h.Now().In(london).Weekday(); (weekend == time.Saturday || weekend == time.Sunday) != (len(sent) == 0) {
			t.Errorf("%s: %d digests on %s", what, len(sent), h.Now().In(london).Format("Monday 2 January"))
		}
		posts++
		h.reply(ada, thread, forum.PostDraft{Body: fmt.Sprint("Words of ", posts)})
		h.tellAllNew()
		return len(sent)
	}
	for h.Now().In(london).Weekday() != time.Saturday || h.Now().In(london).Hour() != 12 {
		h.clock.Advance(time.Hour)
	}
	h.must(h.Settle(t.Context(), ben, draft))
	for n := range 21 {
		day(fmt.Sprint("day ", n))
	}
	if !h.emails(ben, EmailsView{}).Weekdays {
		t.Error("the page does not know of it")
	}
	pause := h.Now().AddDate(0, 0, 7) // a Saturday again
	draft.PauseUntil = &pause
	h.must(h.Settle(t.Context(), ben, draft))
	if next := h.emails(ben, EmailsView{}).NextAt; next == nil || next.In(london).Weekday() != time.Monday {
		t.Errorf("after a pause that ends on %s the next is to go on %s", pause.In(london).Weekday(), next)
	}
	for range 9 {
		h.clock.Advance(24 * time.Hour)
		_, err := h.MakeDigests(t.Context())
		h.must(err)
		for _, l := range h.post() {
			in += l.Digest.Sections[0].Topics[0].Items[0].New
			if h.Now().In(london).Weekday() != time.Monday {
				t.Errorf("after the pause one goes on %s", h.Now().In(london).Weekday())
			}
		}
	}
	if in != posts {
		t.Errorf("%d posts stand in digests, of %d", in, posts)
	}
}
