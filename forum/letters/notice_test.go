package letters

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// read is somebody opening a page of a thread on one of the nodes.
func (h *hall) read(node *Store, who forum.Person, thread int64, page int) {
	h.t.Helper()
	p, err := node.ThreadPage(h.t.Context(), who, thread, page, 0)
	h.must(err)
	node.HasRead(who, p.Outline())
}

// mark is how far somebody has read, as it is written down.
func (h *hall) mark(who forum.Person, thread int64) (n int) {
	h.t.Helper()
	h.must(h.db.QueryRow(h.t.Context(), `select coalesce(max(number), 0) from reads where person_id = $1 and thread_id = $2`, who.ID, thread).Scan(&n))
	return n
}

// What somebody has read is written a little later, by any node, and never moves
// backwards: not by an older page, and not by a node that comes last with less.
func TestReadingNeverMovesBackwards(t *testing.T) {
	t.Parallel()
	h := open(t)
	other := New(forum.New(forum.Options{Write: h.db, Read: h.db, Now: h.clock.Now}))
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	for range forum.PostsPerPage + 2 {
		h.reply(ada, thread, forum.PostDraft{Body: "One more."})
	}
	h.read(h.Store, ben, thread, 2)
	h.read(h.Store, ben, thread, 1)
	h.read(other, ben, thread, 1)
	if n := h.mark(ben, thread); n != 0 {
		t.Errorf("a GET has written %d", n)
	}
	h.must(h.Flush(t.Context()))
	h.must(other.Flush(t.Context()))
	if n := h.mark(ben, thread); n != 23 {
		t.Errorf("read up to %d, want 23", n)
	}
	h.clock.Advance(time.Hour)
	h.read(other, ben, thread, 1)
	h.must(other.Flush(t.Context()))
	if n := h.mark(ben, thread); n != 23 {
		t.Errorf("an older page moved it to %d", n)
	}
	h.reply(ada, thread, forum.PostDraft{Body: "And one."})
	h.reply(ben, thread, forum.PostDraft{Body: "And mine."})
	if n := h.mark(ben, thread); n != 25 {
		t.Errorf("after a reply read up to %d, want its own number 25", n)
	}
	h.read(h.Store, ben, thread, 1)
	h.must(h.Flush(t.Context()))
	if n := h.mark(ben, thread); n != 25 {
		t.Errorf("moved back to %d", n)
	}
}

// Two nodes that write the same places at once, in whatever order they gathered
// them, both succeed; what cannot be written is kept.
func TestTwoNodesWriteReadingsAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	nodes := []*Store{h.Store, New(forum.New(forum.Options{Write: h.db, Read: h.db, Now: h.clock.Now}))}
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	var threads []int64
	for n := range 30 {
		threads = append(threads, forumtest.Thread(t, h.Store.Store, ada, fmt.Sprint("Bins ", n)))
	}
	done := make(chan error, 2)
	for range 5 {
		for _, node := range nodes {
			for _, thread := range threads {
				h.read(node, ben, thread, 1)
			}
			go func() {
				defer func() {
					if p := recover(); p != nil {
						done <- fmt.Errorf("%v", p)
					}
				}()
				done <- node.Flush(t.Context())
			}()
		}
		for range nodes {
			h.must(<-done)
		}
		h.clock.Advance(2 * time.Minute)
	}
	var n int
	h.must(h.db.QueryRow(t.Context(), `select count(*) from reads where person_id = $1 and number = 1`, ben.ID).Scan(&n))
	if n != 30 {
		t.Errorf("%d places are written, want 30", n)
	}
	_, err := h.db.Exec(t.Context(), `alter table reads rename to reads_away`)
	h.must(err)
	h.Store.KeepReadings([]forum.Reading{{PersonID: ben.ID, ThreadID: threads[0], Number: 7, At: h.Now()}, {PersonID: 999, ThreadID: 999, Number: 1, At: h.Now()}})
	if err := h.Flush(t.Context()); err == nil {
		t.Error("it was written nowhere")
	}
	_, err = h.db.Exec(t.Context(), `alter table reads_away rename to reads`)
	h.must(err)
	h.must(h.Flush(t.Context())) // of whom there is not nothing is written, and nothing else is lost by it
	if n := h.mark(ben, threads[0]); n != 7 {
		t.Errorf("read up to %d, want 7", n)
	}
}

// Reading past a post marks its notice read, on whichever node; what comes after
// stays unread, also to an old post, and what was read before it was told of is
// read from the start.
func TestReadingMarksNoticesRead(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	first := h.reply(ben, thread, forum.PostDraft{Body: "We have."})
	h.tellAll()
	h.wantUnread(ada, 1)
	h.read(h.Store, ada, thread, 1)
	h.must(h.Flush(t.Context()))
	h.wantUnread(ada, 0)

	h.reply(ben, thread, forum.PostDraft{Body: "And more."})
	h.clock.Advance(time.Minute)
	h.read(h.Store, ada, thread, 1)
	h.must(h.Flush(t.Context()))
	h.tellAll() // the job was late
	h.wantUnread(ada, 0)

	h.read(h.Store, ada, thread, 1)
	h.clock.Advance(time.Minute)
	_, err := h.Edit(t.Context(), ben, first.ID, forum.EditDraft{Body: "We have, @ada.", Version: 1})
	h.must(err)
	h.tellAll()
	h.must(h.Flush(t.Context())) // she was there before that
	h.wantUnread(ada, 1)
}

// Notices are grouped by thread, what is unread first, and paged without a gap or a
// double; a group and all of them can be marked read, up to what was shown.
func TestNoticesAreGroupedAndPaged(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	var threads []int64
	for n := range groupsPerPage + 3 {
		threads = append(threads, forumtest.Thread(t, h.Store.Store, ada, fmt.Sprint("Bins ", n)))
		h.reply(ben, threads[n], forum.PostDraft{Body: "We have."})
		h.reply(ben, threads[n], forum.PostDraft{Body: "And more."})
	}
	h.tellAll()
	last := len(threads) - 1
	first, err := h.NoticesPage(t.Context(), ada, "")
	h.must(err)
	g := first.Groups[0]
	if g.ThreadID != threads[last] || g.Count != 2 || g.Unread != 2 || g.Number != 2 || g.ByName != "Ben" || g.Reason != "asked" || first.Unread != 2*len(threads) {
		t.Errorf("the first group is %+v", g)
	}
	h.must(h.MarkRead(t.Context(), ada, threads[last], g.Newest-1)) // one of the two came later than the page
	h.must(h.MarkRead(t.Context(), ben, Everywhere, g.Newest))
	h.wantUnread(ada, 2*len(threads)-1)
	h.must(h.MarkRead(t.Context(), ada, threads[last], g.Newest))
	seen := map[int64]int{}
	order, before := []int64{}, ""
	for page := 0; page == 0 || before != ""; page++ {
		p, err := h.NoticesPage(t.Context(), ada, before)
		h.must(err)
		for _, g := range p.Groups {
			seen[g.ThreadID]++
			order = append(order, g.ThreadID)
		}
		before = p.Next
	}
	if len(seen) != len(threads) || len(order) != len(threads) || order[0] != threads[last-1] || order[last] != threads[last] {
		t.Errorf("%d groups of %d threads in the order %v", len(order), len(seen), order)
	}
	h.must(h.MarkRead(t.Context(), ada, Everywhere, g.Newest))
	h.wantUnread(ada, 0)
	for _, bad := range []string{"AAAA", "!", "AgAAAAAAAAAB", "AAAAAAAAAAAA"} {
		if _, err := h.NoticesPage(t.Context(), ada, bad); !errors.Is(err, forum.ErrNotFound) {
			t.Errorf("cursor %q: got %v", bad, err)
		}
	}
}

// Read notices go after ninety days, unread ones after a year.
func TestOldNoticesGo(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	h.reply(ben, thread, forum.PostDraft{Body: "We have."})
	h.reply(ben, thread, forum.PostDraft{Body: "And more, @ada."})
	h.tellAll()
	var event int64
	h.must(h.db.QueryRow(t.Context(), `select min(event_id) from notices`).Scan(&event))
	h.must(h.MarkRead(t.Context(), ada, Everywhere, event))
	for _, step := range []struct {
		days int
		gone int64
	}{{89, 0}, {2, 1}, {270, 0}, {5, 1}} {
		h.clock.Advance(time.Duration(step.days) * 24 * time.Hour)
		if gone, err := h.Sweep(t.Context()); gone != step.gone || err != nil {
			t.Errorf("after %d days more %d went (%v), want %d", step.days, gone, err, step.gone)
		}
	}
}

// An answer that is accepted and taken back again and again tells its author once, and
// nothing while it is not accepted.
func TestAnAnswerAcceptedAgainAndAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	reply := h.reply(ben, thread, forum.PostDraft{Body: "Green ones."})
	told := func() (n int) {
		t.Helper()
		h.tellAll()
		page, err := h.NoticesPage(t.Context(), ben, "")
		h.must(err)
		for _, g := range page.Groups {
			n += g.Count
		}
		if page.Unread != n {
			t.Errorf("%d of %d are unread", page.Unread, n)
		}
		return n
	}
	for range 5 {
		h.must(h.Accept(t.Context(), ada, reply.ID, true))
		if n := told(); n != 1 {
			t.Fatalf("accepted, he has %d notices, want 1", n)
		}
		h.must(h.Accept(t.Context(), ada, reply.ID, false))
		if n := told(); n != 0 {
			t.Fatalf("taken back, he has %d notices, want none", n)
		}
		h.clock.Advance(time.Hour)
	}
	h.clock.Advance(24 * time.Hour)
	h.must(h.Accept(t.Context(), ada, reply.ID, true))
	if n := told(); n != 2 {
		t.Errorf("accepted anew a day later, he has %d notices, want 2", n)
	}
}
