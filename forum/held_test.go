package forum_test

import (
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// A held reply shows to its author at the end of the thread, and does not pass for
// the opening post; to others it is not there.
func TestAHeldReplyShowsToItsAuthorAlone(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	ada, eve := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.NewcomerOf(t, store, "Eve", "Northmoor")
	thread := forumtest.Thread(t, store, ada, "Who has moved planning notices online?")
	posted := forumtest.Reply(t, store, eve, thread, "We did.")
	page, err := store.ThreadPage(t.Context(), eve, thread, 1, 0)
	if err != nil || len(page.Held) != 1 || page.Held[0].ID != posted.ID || page.Held[0].Opening || !page.Posts[0].Opening {
		t.Errorf("its author sees held %+v, %v", page.Held, err)
	}
	for _, who := range []forum.Person{{}, forumtest.Person(t, store, "Ben", "Southmoor")} {
		if page, err := store.ThreadPage(t.Context(), who, thread, 1, 0); err != nil || len(page.Held) != 0 || len(page.Posts) != 1 {
			t.Errorf("%q sees held %+v and %d posts, %v", who.Name, page.Held, len(page.Posts), err)
		}
	}
}
