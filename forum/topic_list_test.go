package forum_test

import (
	"fmt"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// The pages of a topic show every thread that is under it or under one of its
// subtopics, each once, in the order of their last words.
func TestPagesOfATopicShowEachThreadOnceInOrder(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	under := [][]string{{"advice-and-benefits"}, {"benefits", "advice-and-benefits"}, {"welfare-rights", "benefits"}, {"waste-management"}}
	want := map[string]bool{}
	var first int64
	for i := range 2 * forum.ThreadsPerPage {
		clock.Advance(time.Minute)
		draft := forum.AskDraft{Title: fmt.Sprint("Thread ", i), Topics: under[i%len(under)]}
		if i%8 == 1 {
			draft.Visibility = "councils"
		}
		if id := forumtest.Ask(t, store, ada, draft); i == 0 {
			first = id
		}
		if i%len(under) != 3 && i%8 != 1 {
			want[draft.Title] = true
		}
	}
	clock.Advance(time.Minute)
	forumtest.Reply(t, store, ada, first, "One more word")
	var got []forum.Thread
	for f := (forum.Filter{Topic: "advice-and-benefits"}); ; {
		l, err := store.ThreadList(t.Context(), forum.Person{Standing: forum.Visitor}, f)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l.Threads...)
		if f.Before = l.Next; l.Next == "" {
			break
		}
	}
	if got[0].ID != first {
		t.Errorf("what was answered last stands not first: %s", got[0].Title)
	}
	for i, thread := range got {
		if i > 0 && !got[i-1].LastPostAt.After(thread.LastPostAt) {
			t.Errorf("%s stands before %s", got[i-1].Title, thread.Title)
		}
		if !want[thread.Title] {
			t.Errorf("%s is shown twice, or is not to be shown", thread.Title)
		}
		delete(want, thread.Title)
	}
	if len(want) > 0 {
		t.Errorf("not shown: %v", want)
	}
}
