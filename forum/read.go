package forum

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// ReadMark is how far a person has read a thread, and what is new to them.
type ReadMark struct {
	Number int       // the highest number that they have had before them
	At     time.Time // when they were last there
	Unread int       // posts above it by others, that show, up to UnreadMost
	First  int       // the number of the first of these; 0 if there is none
}

// UnreadMost is how far what is new in a thread is counted: beyond it there is much.
const (
	UnreadMost = 100
	unreadMost = "100" // as statements have it
)

// Reading is that somebody has had a thread before them, up to a number.
type Reading struct {
	PersonID, ThreadID int64
	Number             int
	At                 time.Time
}

// readingsMost bounds what is gathered; beyond it new readings are let go, which
// costs nothing but that some posts look new once more.
const readingsMost = 100_000

// place is a thread with somebody in front of it.
type place struct{ person, thread int64 }

// readings are what was read on this node since it was last written down.
type readings struct {
	mu sync.Mutex
	at map[place]Reading
}

func newReadings() *readings { return &readings{at: map[place]Reading{}} }

func (r *readings) add(one Reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := place{one.PersonID, one.ThreadID}
	before, known := r.at[key]
	if !known && len(r.at) >= readingsMost {
		return
	}
	one.Number = max(one.Number, before.Number)
	if before.At.After(one.At) {
		one.At = before.At
	}
	r.at[key] = one
}

// of is what was gathered of one person and thread; nothing is the zero Reading.
func (r *readings) of(person, thread int64) Reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at[place{person, thread}]
}

func (r *readings) take() (all []Reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.at {
		all = append(all, one)
	}
	r.at = map[place]Reading{}
	return all
}

// HasRead remembers that somebody has had a page of a thread before them. It asks
// nothing of the database, so that a GET changes nothing: what is gathered is
// written every few seconds.
func (s *Store) HasRead(who Person, o Outline) {
	if who.ID > 0 && o.last > 0 { // a StandIn reads nothing
		s.reads.add(Reading{PersonID: who.ID, ThreadID: o.ThreadID, Number: o.last, At: s.Now()})
	}
}

// HasAnswered remembers that somebody has had a thread before them up to a post, which they
// have answered by mail. What came after it they may not have seen.
func (s *Store) HasAnswered(ctx context.Context, personID, threadID, postID int64) error {
	var row struct{ Number int }
	var b pgx.Batch
	b.Queue(`select coalesce(min(number), 0) as number from posts where id = @post and thread_id = @thread`,
		pgx.NamedArgs{"post": postID, "thread": threadID}).Query(IntoOne(&row))
	if err := s.Send(ctx, &b); err != nil || row.Number == 0 {
		return err
	}
	s.reads.add(Reading{PersonID: personID, ThreadID: threadID, Number: row.Number, At: s.Now()})
	return nil
}

// last is the highest number on a page.
func (p ThreadPage) last() int {
	if len(p.Posts) == 0 {
		return 0
	}
	return p.Posts[len(p.Posts)-1].Number
}

// TakeReadings hands over what was gathered. What cannot be written is given back
// by KeepReadings.
func (s *Store) TakeReadings() []Reading { return s.reads.take() }

// KeepReadings keeps for the next time what could not be written.
func (s *Store) KeepReadings(all []Reading) {
	for _, one := range all {
		s.reads.add(one)
	}
}

// readGrain is how far the time of a reading may lag behind: a thread that is
// opened again and again is not written each time.
const readGrain = time.Minute

// SaveReadings writes down how far people have read, as a part of a deed. A number
// never falls, whichever node comes last. The threads are locked first, as a reply
// locks them before it writes how far its author is, and a merge before it carries that
// along for everybody.
func (d *Deed) SaveReadings(ctx context.Context, all []Reading) error {
	args := readingArgs(all)
	if _, err := d.Exec(ctx, `select from threads t where t.id = any(@threads) order by t.id for share`, args); err != nil {
		return err
	}
	args["grain"] = readGrain.Seconds()
	_, err := d.Exec(ctx, `
		insert into reads (person_id, thread_id, number, at)
		select v.person, v.thread, v.number, v.at
		from unnest(@people::bigint[], @threads::bigint[], @numbers::int[], @times::timestamptz[]) as v (person, thread, number, at)
		join threads t on t.id = v.thread
		join people p on p.id = v.person and p.erased_at is null
		left join reads r on r.person_id = v.person and r.thread_id = v.thread
		where r.number is null or r.number < v.number or v.at >= r.at + make_interval(secs => @grain)
		order by v.person, v.thread
		on conflict (person_id, thread_id) do update
		set number = greatest(reads.number, excluded.number), at = greatest(reads.at, excluded.at)`, args)
	return err
}

// readingArgs are readings as columns.
func readingArgs(all []Reading) pgx.NamedArgs {
	people, threads := make([]int64, len(all)), make([]int64, len(all))
	numbers, times := make([]int, len(all)), make([]time.Time, len(all))
	for i, one := range all {
		people[i], threads[i], numbers[i], times[i] = one.PersonID, one.ThreadID, one.Number, one.At
	}
	return pgx.NamedArgs{"people": people, "threads": threads, "numbers": numbers, "times": times}
}

// ReadingArgs are readings as the columns @people, @threads, @numbers and @times,
// for what else hangs on them.
func ReadingArgs(all []Reading) pgx.NamedArgs { return readingArgs(all) }

// hasWritten moves the doer's own place in a thread to what they have just written.
func (d *Deed) hasWritten(threadID int64, number int) {
	if number == 0 || !d.Who.SignedIn() {
		return
	}
	d.Also(`
		insert into reads (person_id, thread_id, number, at) values (@who, @thread, @number, @at)
		on conflict (person_id, thread_id) do update
		set number = greatest(reads.number, excluded.number), at = greatest(reads.at, excluded.at)`,
		pgx.NamedArgs{"who": d.Who.ID, "thread": threadID, "number": number, "at": d.At})
}

// isNew is true of the posts x that show and that somebody else than @who wrote.
const isNew = `(x.hidden_at is null and x.deleted_at is null and x.author_id <> @who)`

// newPosts are the posts of a thread that are new to @who, who has read it up to r: the
// first UnreadMost of them, so that it costs no more in a thread of thousands.
const newPosts = `(select x.number from posts x where x.thread_id = r.thread_id and x.number > r.number and ` + isNew + `
		order by x.number limit ` + unreadMost + `)`

// readQuery reads how far @who has read a thread: what is written down, or what
// this node has gathered since (@seen, @seen_at).
const readQuery = `
	select r.number, r.at, n.unread, n.first
	from (
		select max(number) as number, max(at) as at, @thread::bigint as thread_id from (
			select number, at from reads where person_id = @who and thread_id = @thread
			union all
			select @seen::int, @seen_at::timestamptz where @seen::int > 0
		) both_sides
	) r
	cross join lateral (
		select count(*)::int as unread, coalesce(min(x.number), 0) as first
		from ` + newPosts + ` x
	) n
	where r.number is not null`

// readArgs adds what readQuery wants of this node.
func (s *Store) readArgs(who Person, threadID int64, args pgx.NamedArgs) pgx.NamedArgs {
	seen := s.reads.of(who.ID, threadID)
	args["seen"], args["seen_at"] = seen.Number, seen.At
	return args
}

// unreadColumn is, of a thread t in a list, how many posts are new to @who, who has
// read it before.
const unreadColumn = `,
	coalesce((select n.unread from reads r
		cross join lateral (select count(*)::int as unread from ` + newPosts + ` x) n
		where r.person_id = @who and r.thread_id = t.id), 0) as unread`

// freshen takes from a list what this node knows to be read since it was written.
func (s *Store) freshen(who Person, threads []Thread) {
	for i := range threads {
		if seen := s.reads.of(who.ID, threads[i].ID); seen.Number >= threads[i].PostCount && seen.Number > 0 {
			threads[i].Unread = 0
		}
	}
}

// UnreadPlace finds where what is new in a thread begins for a reader: after post
// number after, or where that is 0 after what they have read. Where nothing is new
// it is the last post. ErrNotFound and ErrGone are as of ThreadPage.
func (s *Store) UnreadPlace(ctx context.Context, who Person, threadID int64, after int) (p PostPlace, fresh bool, err error) {
	args := s.readArgs(who, threadID, who.rights(pgx.NamedArgs{"thread": threadID, "after": after}))
	var row struct {
		PostPlace
		Deleted bool
		Into    int64
		First   *int
		Last    int
	}
	var b pgx.Batch
	b.Queue(`
		select t.id as thread_id, t.kind, t.slug, t.deleted_at is not null as deleted, coalesce(t.merged_into, 0) as "into", t.post_count as last,
			(select min(x.number) from posts x where x.thread_id = t.id and `+isNew+` and x.number > case when @after::bigint > 0 then @after
				else greatest(@seen::int, coalesce((select r.number from reads r where r.person_id = @who and r.thread_id = t.id), 0)) end) as first
		from threads t where t.id = @thread and `+maySee, args).Query(IntoOne(&row))
	if err := s.Send(ctx, &b); err != nil {
		return PostPlace{}, false, err
	}
	switch {
	case row.Into != 0:
		return s.UnreadPlace(ctx, who, row.Into, 0)
	case row.Deleted:
		return PostPlace{}, false, ErrGone
	}
	row.Number, row.Pages = row.Last, max(1, (row.Last+PostsPerPage-1)/PostsPerPage)
	if row.First != nil {
		row.Number = *row.First
	}
	return row.PostPlace, row.First != nil, nil
}

// NextUnread finds the thread with something new that somebody follows and that comes
// after another, by last activity; behind the last comes the first again. ErrNotFound
// where nothing is new to them. It looks at fifty, for this node may know of some that
// were read and are not yet written down.
func (s *Store) NextUnread(ctx context.Context, who Person, after int64) (p PostPlace, err error) {
	var rows []struct {
		PostPlace
		Last int
	}
	var b pgx.Batch
	b.Queue(`
		with here as (select t.last_post_at, t.id from threads t where t.id = @after and `+visible+`)
		select t.id as thread_id, t.slug, t.post_count as last
		from follows f join threads t on t.id = f.subject_id
		left join reads r on r.person_id = @who and r.thread_id = t.id
		where f.person_id = @who and f.subject_kind = 'thread' and f.cadence <> 'mute' and t.id <> @after and `+visible+`
			and exists (select from posts x where x.thread_id = t.id and x.number > coalesce(r.number, 0) and `+isNew+`)
		order by (t.last_post_at, t.id) < (select h.last_post_at, h.id from here h) desc nulls last, t.last_post_at desc, t.id desc
		limit 50`, who.rights(pgx.NamedArgs{"after": after})).Query(Into(&rows))
	if err := s.Send(ctx, &b); err != nil {
		return PostPlace{}, err
	}
	for _, row := range rows {
		if s.reads.of(who.ID, row.ThreadID).Number < row.Last {
			return row.PostPlace, nil
		}
	}
	return PostPlace{}, ErrNotFound
}

// overtaken is Overtaken for a reply whose writer does not know of others that came
// while they wrote. They are told once: what is sent again is posted.
func (d *Deed) overtaken(ctx context.Context, t Thread, draft PostDraft) error {
	if draft.Last == 0 || draft.Knows || t.PostCount <= draft.Last {
		return nil
	}
	var count int
	err := d.QueryRow(ctx, `select count(*) from posts x where x.thread_id = @thread and x.number > @last::bigint and `+isNew,
		pgx.NamedArgs{"thread": t.ID, "last": draft.Last, "who": d.Who.ID}).Scan(&count)
	if err != nil || count == 0 {
		return err
	}
	return &Overtaken{Count: count}
}

// newerMost is how many of these are listed above the form.
const newerMost = 5

// NewerPosts reads what others wrote in a thread after a number, in short: the first
// few of them; none of a thread that is not the reader’s to see.
func (s *Store) NewerPosts(ctx context.Context, who Person, threadID int64, after int) (posts []Post, err error) {
	var b pgx.Batch
	b.Queue(`
		select x.id, x.number, a.name as author_name, x.excerpt as quote, x.lang from threads t
		join posts x on x.thread_id = t.id and x.number > @after::bigint and `+isNew+`
		join people a on a.id = x.author_id
		where t.id = @thread and `+visible+` order by x.number limit @limit`,
		who.rights(pgx.NamedArgs{"thread": threadID, "after": after, "limit": newerMost})).Query(Into(&posts))
	return posts, s.Send(ctx, &b)
}

// QueueUnread has a batch read how many posts are new to a reader in each thread of a
// listing, by its id.
func (s *Store) QueueUnread(b *pgx.Batch, who Person, f Filter, to map[int64]int) {
	at, id, _ := readCursor(f.Before)
	args := who.rights(pgx.NamedArgs{"kind": f.Kind, "topic": f.Topic, "council": f.Council, "state": f.State, "before": at, "id": id, "now": s.Now()})
	b.Queue(`select l.id, l.post_count, l.unread from (`+listQuery(f)+`) l where l.unread > 0`, args).Query(s.intoUnread(who, to))
}

// QueueUnreadIn has a batch read the same of threads that are known.
func (s *Store) QueueUnreadIn(b *pgx.Batch, who Person, threads []Thread, to map[int64]int) {
	ids, counts := make([]int64, len(threads)), make([]int, len(threads))
	for i, t := range threads {
		ids[i], counts[i] = t.ID, t.PostCount
	}
	b.Queue(`
		select r.thread_id as id, v.posts as post_count, n.unread
		from reads r
		cross join lateral (select (@counts::int[])[array_position(@ids::bigint[], r.thread_id)] as posts) v
		cross join lateral (select count(*)::int as unread from `+newPosts+` x) n
		where r.person_id = @who and r.thread_id = any(@ids) and r.number < v.posts and n.unread > 0`,
		pgx.NamedArgs{"who": who.ID, "ids": ids, "counts": counts}).Query(s.intoUnread(who, to))
}

// intoUnread collects what is new to a reader, but for what this node knows they have read.
func (s *Store) intoUnread(who Person, to map[int64]int) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		var list []Thread
		if err := Into(&list)(rows); err != nil {
			return err
		}
		s.freshen(who, list)
		for _, t := range list {
			if t.Unread > 0 {
				to[t.ID] = t.Unread
			}
		}
		return nil
	}
}
