package letters

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// hall is a forum with its letters, and the clock to move.
type hall struct {
	*Store
	t     *testing.T
	db    *pgxpool.Pool
	clock *forumtest.Clock
}

func open(t *testing.T) *hall {
	t.Helper()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	return &hall{New(store), t, db, clock}
}

func (h *hall) person(name, council string) forum.Person {
	h.t.Helper()
	return forumtest.Person(h.t, h.Store.Store, name, council)
}

func (h *hall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// reply posts, a minute later than what was before.
func (h *hall) reply(who forum.Person, thread int64, draft forum.PostDraft) forum.Posted {
	h.t.Helper()
	h.clock.Advance(time.Minute)
	posted, err := h.Reply(h.t.Context(), who, thread, draft)
	h.must(err)
	return posted
}

// tellAll does what the job does, for every event.
func (h *hall) tellAll() {
	h.t.Helper()
	rows, err := h.db.Query(h.t.Context(), `select id from events order by id`)
	h.must(err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	h.must(err)
	for _, id := range ids {
		h.must(h.FanOut(h.t.Context(), id))
	}
}

// told is how many of somebody's notices there are for each reason.
func (h *hall) told(who forum.Person) map[string]int {
	h.t.Helper()
	rows, err := h.db.Query(h.t.Context(), `select reason, count(*) from notices where person_id = $1 group by reason`, who.ID)
	h.must(err)
	all := map[string]int{}
	var reason string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&reason, &n}, func() error { all[reason] = n; return nil })
	h.must(err)
	return all
}

func (h *hall) wantTold(who forum.Person, want map[string]int) {
	h.t.Helper()
	if got := h.told(who); !maps.Equal(got, want) {
		h.t.Errorf("%s was told %v, want %v", who.Name, got, want)
	}
}

// unread is how many unread notices somebody's header tells of, and their page.
func (h *hall) unread(who forum.Person) (header, page int) {
	h.t.Helper()
	hash := []byte(fmt.Sprint("session of ", who.ID))
	_, err := h.db.Exec(h.t.Context(), `insert into sessions (hash, person_id, provider, device, started_at, seen_at, fresh_at)
		values ($1, $2, 'dev', 'Test', $3, $3, $3) on conflict do nothing`, hash, who.ID, h.Now())
	h.must(err)
	now, _, err := h.PersonOf(h.t.Context(), hash, `true`, `true`)
	h.must(err)
	p, err := h.NoticesPage(h.t.Context(), now, "")
	h.must(err)
	return now.Notices, p.Unread
}

func (h *hall) wantUnread(who forum.Person, want int) {
	h.t.Helper()
	if header, page := h.unread(who); header != want || page != want {
		h.t.Errorf("%s: the header tells of %d unread, the page of %d, want %d", who.Name, header, page, want)
	}
}

// mute has somebody hear no more of a thread.
func (h *hall) mute(who forum.Person, thread int64) {
	h.t.Helper()
	_, err := h.db.Exec(h.t.Context(), `
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since) values ($1, 'thread', $2, 'mute', 'chose', $3)
		on conflict (person_id, subject_kind, subject_id, thread_kind) do update set cadence = 'mute'`, who.ID, thread, h.Now())
	h.must(err)
}

// Of each event everybody whom it concerns is told once, for the strongest reason,
// and its author not at all.
func TestEachIsToldOnceForTheStrongestReason(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben, cai := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Cai", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Who has moved bins online?")
	h.reply(ben, thread, forum.PostDraft{Body: "We have."})
	h.reply(cai, thread, forum.PostDraft{Body: "So have we, @ada, see @ben and @cai.", Quote: 2})
	h.reply(ada, thread, forum.PostDraft{Body: "Thank you.", Quote: 2})
	for range 2 {
		h.tellAll()
	}
	h.wantTold(ada, map[string]int{"asked": 1, "mentioned": 1})
	h.wantTold(ben, map[string]int{"mentioned": 1, "quoted": 1})
	h.wantTold(cai, map[string]int{"replied": 1})
	h.wantUnread(ben, 2)
}

// Mute beats everything but a direct mention.
func TestTheMutedAreToldOfNothingButTheirName(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben, cai := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Cai", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	h.reply(ben, thread, forum.PostDraft{Body: "We have."})
	h.tellAll()
	h.mute(ada, thread)
	h.mute(ben, thread)
	h.reply(cai, thread, forum.PostDraft{Body: "So have we.", Quote: 2})
	h.reply(cai, thread, forum.PostDraft{Body: "And they, @ada.", Quote: 2})
	h.tellAll()
	h.wantTold(ada, map[string]int{"asked": 1, "mentioned": 1}) // the first reply came before she muted the thread
	h.wantTold(ben, map[string]int{})
}

// A name is told of once a post, also when an edit adds it; not before a held post
// is let in; and not of a past that is told as a demo.
func TestANameIsToldOfOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	eve := forumtest.NewcomerOf(t, h.Store.Store, "Eve", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	edit := func(who forum.Person, post int64, body string) {
		t.Helper()
		var version int
		h.must(h.db.QueryRow(t.Context(), `select version from posts where id = $1`, post).Scan(&version))
		_, err := h.Edit(t.Context(), who, post, forum.EditDraft{Body: body, Version: version})
		h.must(err)
	}
	mine := h.reply(ada, thread, forum.PostDraft{Body: "I mean this."})
	edit(ada, mine.ID, "I mean this, @ben.")
	edit(ada, mine.ID, "I mean this.")
	edit(ada, mine.ID, "I mean this, @ben and `@eve`.")
	h.tellAll()
	h.wantTold(ben, map[string]int{"mentioned": 1})

	held := h.reply(eve, thread, forum.PostDraft{Body: "Hello @ada and @ben."})
	edit(eve, held.ID, "Hello @ada.")
	h.tellAll()
	h.wantTold(ada, map[string]int{})
	h.must(h.Do(t.Context(), forum.Operator, func(d *forum.Deed) error { return d.Release(t.Context(), eve) }))
	h.tellAll()
	h.wantTold(ada, map[string]int{"mentioned": 1})
	h.wantTold(ben, map[string]int{"mentioned": 1})

	past := New(h.Past(forumtest.Noon.Add(-time.Hour)))
	_, err := past.Reply(t.Context(), ben, thread, forum.PostDraft{Body: "Long ago, @ada."})
	h.must(err)
	h.tellAll()
	h.wantTold(ada, map[string]int{"mentioned": 1})
}

// Who may not see a thread for councils only is not told of it, and who could and no
// longer may has it neither on the page nor in the count.
func TestNoticesOfWhatIsNotTheirsAreNotThere(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	dot := forumtest.SupplierOf(t, h.Store.Store, "Dot", "Roundsman")
	thread := forumtest.Ask(t, h.Store.Store, ada, forum.AskDraft{Title: "Prices?", Body: "Ask @ben, not @dot.", Visibility: "councils"})
	open := forumtest.Ask(t, h.Store.Store, ada, forum.AskDraft{Title: "Bins?", Body: "Ask @ben and @dot."})
	h.tellAll()
	h.wantTold(dot, map[string]int{"mentioned": 1})
	h.wantUnread(ben, 2)
	for what, sql := range map[string]string{
		"hidden":       `update threads set hidden_at = $1 where id = $2`,
		"deleted":      `update threads set deleted_at = $1 where id = $2`,
		"post hidden":  `update posts set hidden_at = $1 where thread_id = $2`,
		"post deleted": `update posts set deleted_at = $1 where thread_id = $2`,
	} {
		_, err := h.db.Exec(t.Context(), sql, h.Now(), open)
		h.must(err)
		if header, page := h.unread(ben); header != 1 || page != 1 {
			t.Errorf("%s: the header tells of %d and the page of %d, want the other thread alone", what, header, page)
		}
		_, err = h.db.Exec(t.Context(), `with t as (update threads set hidden_at = null, deleted_at = null where id = $1)
			update posts set hidden_at = null, deleted_at = null where thread_id = $1`, open)
		h.must(err)
	}
	_, err := h.db.Exec(t.Context(), `update people set suspended_at = $1, suspended_until = $2 where id = $3`, h.Now(), h.Now().Add(time.Hour), ben.ID)
	h.must(err)
	h.wantUnread(ben, 1)
	h.clock.Advance(2 * time.Hour)
	h.wantUnread(ben, 2)
	_, err = h.db.Exec(t.Context(), `update people set standing = 'newcomer' where id = $1`, ben.ID)
	h.must(err)
	h.wantUnread(ben, 1)
	p, err := h.NoticesPage(t.Context(), ben, "")
	if err != nil || len(p.Groups) != 1 || p.Groups[0].ThreadID != open || p.Groups[0].ThreadID == thread {
		t.Errorf("the page shows %+v (%v), want the open thread alone", p.Groups, err)
	}
}

// However large the crowd: in batches, cut off, run again and by two at once,
// everybody is told once.
func TestACrowdIsToldOnceInBatches(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	_, err := h.db.Exec(t.Context(), `
		with crowd as (
			insert into people (name, standing, rules_version, joined_at, created_at)
			select 'Person ' || n, 'colleague', 1, $2, $2 from generate_series(1, 500) n returning id
		)
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select id, 'thread', $1, 'site', 'chose', $2 from crowd`, thread, h.Now())
	h.must(err)
	h.reply(ben, thread, forum.PostDraft{Body: "We have."})
	var event int64
	h.must(h.db.QueryRow(t.Context(), `select max(id) from events`).Scan(&event))
	if _, err := h.tell(t.Context(), h.event(event), audiences[forum.PostAdded], &share{of: 1, size: 70}); err != nil { // and then it was killed
		t.Fatal(err)
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			defer func() { _ = recover() }()
			if err := h.fanOut(context.Background(), event, 70); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	var n, people int
	h.must(h.db.QueryRow(t.Context(), `select count(*), count(distinct person_id) from notices where event_id = $1`, event).Scan(&n, &people))
	if n != 501 || people != 501 {
		t.Errorf("%d notices for %d people, want 501 for 501", n, people)
	}
}

func (h *hall) event(id int64) (e event) {
	h.t.Helper()
	e.ID = id
	h.must(h.db.QueryRow(h.t.Context(), `select kind, doer_id, thread_id, post_id, at from events where id = $1`, id).Scan(&e.Kind, &e.DoerID, &e.ThreadID, &e.PostID, &e.At))
	return e
}

// Of an event of a kind that nobody hears of, of one that is gone, and of one that
// is quiet nobody is told; who is let in is.
func TestEventsOfOtherKinds(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.person("Ada", "Northmoor")
	h.must(h.FanOut(t.Context(), 999))
	insert := func(quiet bool) (id int64) {
		h.must(h.db.QueryRow(t.Context(), `insert into events (kind, at, person_id, quiet) values ('person_let_in', $1, $2, $3) returning id`, h.Now(), ada.ID, quiet).Scan(&id))
		return id
	}
	h.must(h.FanOut(t.Context(), insert(true)))
	h.wantTold(ada, map[string]int{})
	h.must(h.FanOut(t.Context(), insert(false)))
	h.wantTold(ada, map[string]int{"let_in": 1})
	h.wantUnread(ada, 1)
	_, err := h.db.Exec(t.Context(), `alter table events drop constraint events_kind_check; update events set kind = 'nothing_known'; delete from notices`)
	h.must(err)
	h.tellAll()
	h.wantTold(ada, map[string]int{})
}

// An accepted answer is told to its author and to who follows, not to who accepted it.
func TestAnAcceptedAnswerIsToldToItsAuthor(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben, cai := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Cai", "Southmoor")
	thread := forumtest.Thread(t, h.Store.Store, ada, "Bins?")
	answer := h.reply(ben, thread, forum.PostDraft{Body: "We have."})
	h.reply(cai, thread, forum.PostDraft{Body: "So have we."})
	_, err := h.db.Exec(t.Context(), `alter table events drop constraint events_kind_check`)
	h.must(err)
	h.must(h.Do(t.Context(), ada, func(d *forum.Deed) error {
		return d.Tell(t.Context(), forum.Event{Kind: forum.AnswerAccepted, ThreadID: thread, PostID: answer.ID})
	}))
	h.tellAll()
	h.wantTold(ada, map[string]int{"asked": 2})
	h.wantTold(ben, map[string]int{"accepted": 1, "replied": 1})
	h.wantTold(cai, map[string]int{"replied": 1})
}
