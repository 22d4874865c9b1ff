package app_test

import (
	"context"
	"fmt"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/newsletter"
)

// plantNewsletters puts canaries into issues that were sent and that were not, into what
// they lead to, and into who gets them. Of what is hidden not even what a curator wrote of
// it stands in an issue.
func (w *aviary) plantNewsletters() {
	w.t.Helper()
	ctx, author, cora := context.Background(), w.people["author"], w.people["curator"]
	press := newsletter.New(w.store)
	begin := func(place string, may []string, must ...string) int64 {
		id, err := press.Begin(ctx, cora, newsletter.IssueDraft{Subject: w.put(place+" issue", may, must...)})
		w.must(err)
		w.must(press.AddBlock(ctx, cora, id, newsletter.BlockDraft{Kind: "text", Heading: w.put(place+" block", may, must...), Body: w.put(place+" words", may, must...)}))
		return id
	}
	begin("unsent", nil, "curator")
	everybody := []string{"unjoined"} // who has not joined reads the feed
	sent := begin("sent", everybody, public...)
	lead := func(title, why string) int64 {
		thread := forumtest.Ask(w.t, w.store, author, forum.AskDraft{Title: title, Suppliers: true})
		w.must(press.AddBlock(ctx, cora, sent, newsletter.BlockDraft{Kind: "questions", Threads: fmt.Sprintf("%d %s", thread, why)}))
		return thread
	}
	lead("Shown in a newsletter", w.put("why of an issue", everybody, public...))
	hidden := lead("Hidden from a newsletter", w.put("why of what is hidden from an issue", nil, "curator"))
	w.must(w.care.Hide(ctx, w.people["moderator"], hidden, true, "It names a resident"))
	forCouncils := lead("No longer for all", w.put("why of what is for councils in an issue", nil, "curator"))
	w.exec(`update threads set visibility = 'councils' where id = $1`, forCouncils)
	w.exec(`insert into newsletter_subscribers (address, asked_at, asks_since, confirmed_at) values ($1, now(), now(), now())`, w.put("subscriber", nil)+"@example.org")
	w.must(press.Schedule(ctx, cora, sent, "", newsletter.Shown{}))
	w.must(press.Dispatch(ctx))
}
