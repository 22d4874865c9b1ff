package app_test

import (
	"fmt"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/letters"
)

// Some mail programs answer the address that a mail came from, whatever it says of where
// answers go. Such an answer is posted where the relay vouches for its sender, and that is
// who was told of what it answers; else it is as any mail to that address.
func TestAnAnswerToTheAddressThatWritesIsPosted(t *testing.T) {
	t.Parallel()
	w := openCast(t, "MOOTHALL_INBOUND_AUTHSERV", "mx.example")
	who, author, other := w.people["colleague"], w.people["author"], w.people["lead"]
	from, elsewhere := w.address(who, "ada@northmoor.gov.example"), w.address(other, "lee@northmoor.gov.example")
	thread := forumtest.Thread(t, w.store, author, "Who has moved bins online?")
	w.must(w.store.Follow(t.Context(), who, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant))
	post := forumtest.Reply(t, w.store, author, thread, "We have not.")
	w.must(letters.New(w.store).FanOut(t.Context(), w.number(`select id from events where post_id = $1`, post.ID)))
	const passed = "Authentication-Results: mx.example; dmarc=pass header.from=northmoor.gov.example"
	ours := fmt.Sprintf("In-Reply-To: <post-%d@moothall.example>", post.ID)
	for _, c := range []struct {
		id, from string
		headers  []string
		posts    int64
	}{
		{"unasked", from, []string{ours}, 0},
		{"failed", from, []string{ours, "Authentication-Results: mx.example; dmarc=fail header.from=northmoor.gov.example"}, 0},
		{"untold", elsewhere, []string{ours, passed}, 0},
		{"alone", from, []string{passed}, 0},
		{"theirs", from, []string{fmt.Sprintf("In-Reply-To: <post-%d@elsewhere.example>", post.ID), passed}, 0},
		{"machine", from, []string{ours, passed, "Auto-Submitted: auto-replied"}, 0},
		{"answer", from, []string{ours, passed}, 1},
		{"answer", from, []string{ours, passed}, 1}, // the same again
	} {
		if err := w.mailIn(c.from, "hello@moothall.example", written(c.from, c.id, "We did, in May, and "+c.id+".", c.headers...)); err != nil {
			t.Errorf("%s: %v", c.id, err)
		}
		if n := w.number(repliesQuery, thread); n != c.posts {
			t.Errorf("%s: %d posts, want %d", c.id, n, c.posts)
		}
	}
	for _, to := range []string{"postmaster@moothall.example", "unsubscribe@moothall.example"} { // no mail comes from there
		if err := w.mailIn(from, to, written(from, "to "+to, "To "+to, ours, passed)); err != nil {
			t.Errorf("%s: %v", to, err)
		}
		if n := w.number(repliesQuery, thread); n != 1 {
			t.Errorf("to %s: %d posts, want 1", to, n)
		}
	}
	reply := w.replyTo(who.ID, thread)
	for i, both := range []string{"To: " + reply + ", hello@moothall.example", "To: hello@moothall.example\nCc: Ben <ben@x.example>, " + strings.ToUpper(reply)} {
		id := fmt.Sprint("both", i)
		for _, to := range []string{"hello@moothall.example", reply} { // one mail to both
			if err := w.mailIn(from, to, written(from, id, id, ours, passed, both)); err != nil {
				t.Error(err)
			}
		}
		if n := w.number(`select count(*) from posts where thread_id = $1 and by_email and author_id = $2`, thread, who.ID); n != int64(2+i) {
			t.Errorf("%s: %d posts by them, want %d", both, n, 2+i)
		}
	}
}
