package forum

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// ThreadsPerPage is how many threads one page of a listing shows.
const ThreadsPerPage = 30

// Filter is which threads a listing shows; an empty field is all.
type Filter struct {
	Kind    string
	Topic   string // slug; its subtopics count too
	Council string // slug
	State   string
	Beside  bool   // of a topic, what stands beside it is read too
	Before  string // a cursor: the threads after the last one of the page before
}

// States that a listing can be narrowed to.
var States = []string{"unanswered", "replied", "answered", "open", "closed"}

// kinds that a listing can be narrowed to.
var kinds = []string{Question, Discussion, Announcement}

// ThreadList is one page of a listing.
type ThreadList struct {
	Filter    Filter
	Threads   []Thread
	Next      string // the cursor of the next page; empty at the end
	Topic     *Topic
	Following Following    // of the topic
	Pinned    []Thread     // that curators put before the others of the topic; they do not come again among these
	Lessons   []LessonLine // of the topic
	Council   *Council
	Topics    []Topic   // to choose from
	Councils  []Council // to choose from: those that have started threads
}

// ThreadList reads a page of threads by last activity, in one round trip.
// ErrNotFound for a filter that means nothing.
func (s *Store) ThreadList(ctx context.Context, who Person, f Filter) (l ThreadList, err error) {
	return s.ThreadListWith(ctx, who, f, func(*pgx.Batch, pgx.NamedArgs) {})
}

// ThreadListWith is ThreadList with what another package shows beside it: also has the
// same round trip read that.
func (s *Store) ThreadListWith(ctx context.Context, who Person, f Filter, also func(b *pgx.Batch, args pgx.NamedArgs)) (l ThreadList, err error) {
	if f.Kind != "" && !slices.Contains(kinds, f.Kind) || f.State != "" && !slices.Contains(States, f.State) {
		return ThreadList{}, ErrNotFound
	}
	at, id, ok := readCursor(f.Before)
	if !ok {
		return ThreadList{}, ErrNotFound
	}
	l.Filter = f
	args := who.rights(pgx.NamedArgs{"kind": f.Kind, "topic": f.Topic, "council": f.Council, "state": f.State,
		"before": at, "id": id, "now": s.Now()})
	var b pgx.Batch
	b.Queue(listQuery(f), args).Query(Into(&l.Threads))
	keep := s.choose(who, &b, &l)
	var topic struct {
		Topic
		Follows []string
	}
	if f.Topic != "" {
		b.Queue(topicQuery, args).Query(IntoOne(&topic))
		l.Topic = &topic.Topic
	}
	if f.Topic != "" && f.Beside {
		b.Queue(topicLessonsQuery, args).Query(Into(&l.Lessons))
		b.Queue(pinnedQuery, args).Query(Into(&l.Pinned))
	}
	if f.Council != "" {
		b.Queue(councilQuery, args).Query(intoOneOf(&l.Council))
	}
	also(&b, args)
	if err := s.Send(ctx, &b); err != nil {
		return ThreadList{}, err
	}
	keep()
	l.Following = following(who, topic.Follows)
	s.freshen(who, l.Threads)
	s.freshen(who, l.Pinned)
	if len(l.Threads) > ThreadsPerPage {
		l.Threads = l.Threads[:ThreadsPerPage]
		last := l.Threads[ThreadsPerPage-1]
		l.Next = cursor(last.LastPostAt, last.ID)
	}
	l.pin()
	return l, nil
}

// pin takes what is pinned out of the list: above the first page it stands by itself.
func (l *ThreadList) pin() {
	l.Threads = slices.DeleteFunc(l.Threads, func(t Thread) bool {
		return slices.ContainsFunc(l.Pinned, func(p Thread) bool { return p.ID == t.ID })
	})
	if l.Filter.Before != "" {
		l.Pinned = nil
	}
}

// choose fills in what the filters choose among, or queues it to be read; what it
// returns keeps that when the batch was sent.
func (s *Store) choose(who Person, b *pgx.Batch, l *ThreadList) (keep func()) {
	keep = func() {}
	if s.choices != nil {
		now := s.Now()
		c, deeds, ok := s.choices.get(who, now)
		if ok {
			l.Topics, l.Councils = c.topics, c.councils
			return keep
		}
		keep = func() { s.choices.put(who, choice{l.Topics, l.Councils, now}, deeds) }
	}
	b.Queue(topicsQuery).Query(Into(&l.Topics))
	b.Queue(askersQuery, who.rights(nil)).Query(Into(&l.Councils))
	return keep
}

// unanswered is true of the threads t that wait for a first word by somebody else.
const unanswered = ` and t.others = 0 and t.kind = 'question' and t.closed_at is null and t.answer_id is null and t.solved_at is null`

// pinnedQuery reads the threads that stand before the others of a topic, the latest first.
const pinnedQuery = `select ` + threadColumns + unreadColumn + ` from pins n join thread_topics k on k.thread_id = n.thread_id and k.topic_id = n.topic_id
	join ` + threadTables + ` on true
	where n.topic_id = (select id from topics where slug = @topic) and n.ended_at is null and n.until > @now and t.id = n.thread_id and ` + listed + `
	order by n.pinned_at desc, n.id desc`

// askersQuery reads the councils from which there are threads in lists.
const askersQuery = `
	select c.slug, c.shown_name as name from councils c
	where c.threads_public > 0 or @colleague and c.threads_councils > 0 order by c.shown_name`

// listQuery is the statement of a listing: only the conditions that are asked
// for, so that each finds its index.
func listQuery(f Filter) string {
	q := listConditions(f)
	if f.Topic != "" {
		return ofTopic(f, q)
	}
	if f.Before != "" {
		q += ` and (t.last_post_at, t.id) < (@before, @id)`
	}
	if f.Council != "" {
		return ofCouncil(q)
	}
	return `select ` + threadColumns + unreadColumn + ` from ` + threadTables + ` where ` + q + `
		order by t.last_post_at desc, t.id desc limit ` + listLimit
}

// ofTopic is the statement of a listing of a topic, narrowed by conditions. Each topic
// and subtopic gives its newest, by an index of its own, and of these the newest make
// the page: it costs the page, however many threads there are under the topic or beside
// it.
func ofTopic(f Filter, conditions string) string {
	after := ``
	if f.Before != "" {
		after = ` and (tt.last_post_at, tt.thread_id) < (@before, @id)`
	}
	return `select ` + threadColumns + unreadColumn + ` from ` + threadTables + ` where t.id in (
			select newest.id from topics x left join topics y on y.id = x.parent_id
			cross join lateral (
				select t.id, tt.last_post_at from thread_topics tt join threads t on t.id = tt.thread_id
				where tt.topic_id = x.id and tt.listed is not null` + after + ` and ` + conditions + `
				order by tt.last_post_at desc, tt.thread_id desc limit ` + listLimit + `
			) newest
			where @topic in (x.slug, y.slug)
			group by newest.id, newest.last_post_at
			order by newest.last_post_at desc, newest.id desc limit ` + listLimit + `
		)
		order by t.last_post_at desc, t.id desc`
}

// ofCouncil is the statement of a listing of a council, narrowed by conditions: the
// newest of it and of each council that became it.
func ofCouncil(conditions string) string {
	return `select ` + threadColumns + unreadColumn + ` from ` + threadTables + ` where t.id in (
			select newest.id from unnest(council_line((select id from councils where slug = @council))) x (id)
			cross join lateral (
				select t.id, t.last_post_at from threads t where t.council_id = x.id and ` + conditions + `
				order by t.last_post_at desc, t.id desc limit ` + listLimit + `
			) newest
			order by newest.last_post_at desc, newest.id desc limit ` + listLimit + `
		)
		order by t.last_post_at desc, t.id desc`
}

// listLimit is a page of a listing and one more. It stands in the statement as a number,
// for else Postgres takes it for a tenth of all there is and plans to read that.
var listLimit = strconv.Itoa(ThreadsPerPage + 1)

// listConditions are those that a listing asks for, of threads t.
func listConditions(f Filter) string {
	q := listed
	if f.Kind != "" {
		q += ` and t.kind = @kind`
	}
	if f.Council != "" && f.Topic != "" {
		q += ` and ` + ofLine
	}
	switch f.State {
	case "unanswered":
		q += unanswered
	case "replied":
		q += ` and t.others > 0 and t.kind = 'question' and t.closed_at is null and t.answer_id is null and t.solved_at is null`
	case "answered":
		q += ` and t.answer_id is not null`
	case "open":
		q += ` and t.closed_at is null`
	case "closed":
		q += ` and t.closed_at is not null`
	}
	return q
}

// Cursor points behind a thread of a listing by last activity, for other packages.
func (t Thread) Cursor() string { return cursor(t.LastPostAt, t.ID) }

// ReadCursor reads what Cursor wrote; nothing is the beginning.
func ReadCursor(s string) (at time.Time, id int64, ok bool) { return readCursor(s) }

// cursor points behind one thread of a listing. It is opaque outside.
func cursor(at time.Time, id int64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(at.UnixMicro()))
	binary.BigEndian.PutUint64(b[8:], uint64(id))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// readCursor reads what cursor wrote; nothing is the beginning.
func readCursor(s string) (at time.Time, id int64, ok bool) {
	if s == "" {
		return time.Time{}, 0, true
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 16 {
		return time.Time{}, 0, false
	}
	micro := int64(binary.BigEndian.Uint64(b[:8]))
	id = int64(binary.BigEndian.Uint64(b[8:]))
	// Postgres keeps 4713 BC to AD 294276; no thread is older than the web.
	if micro < 0 || micro > 1<<52 || id <= 0 {
		return time.Time{}, 0, false
	}
	return time.UnixMicro(micro).UTC(), id, true
}

// News is what others wrote since a moment in what somebody follows.
type News struct {
	Since time.Time
	Asked []Thread // begun since then
	Older []Thread // begun before
	Next  string   // the cursor of the next page; empty at the end
}

// newsMost is how far back News looks.
const newsMost = 90 * 24 * time.Hour

// decides is how @who hears of a thread t, which the most specific of their follows
// decides, as it does of mails; null where they follow nothing of it. What a search that
// they follow finds is told of post by post, and known here by those notices alone.
const decides = `(
	select f.cadence from follows f where f.person_id = @who and case f.subject_kind
		when 'thread' then f.subject_id = t.id
		when 'person' then f.subject_id = t.author_id
		when 'topic' then f.thread_kind in ('', t.kind) and exists (select from thread_topics tt join topics k on k.id = tt.topic_id
			where tt.thread_id = t.id and f.subject_id in (k.id, k.parent_id))
		when 'council' then f.subject_id = t.council_id
		else f.subject_kind = 'everything' end
	order by array_position(array['thread', 'person', 'topic', 'council', 'everything'], f.subject_kind), f.thread_kind = '', f.cadence <> 'mute' limit 1)`

// sought is true of a thread t of which a search that @who follows has told them since
// @since, unless they have muted it.
const sought = `(t.id = any(array(select n.thread_id from notices n where n.person_id = @who and n.via_kind = 'search' and n.at >= @since))
	and not exists (select from follows f where f.person_id = @who and f.subject_kind = 'thread' and f.subject_id = t.id and f.cadence = 'mute'))`

// News reads a page of what is new since a moment, in one round trip; further back than
// 90 days it does not look. Unread is, of each thread, how many posts are new since
// then. ErrNotFound for a cursor that means nothing.
func (s *Store) News(ctx context.Context, who Person, since time.Time, before string) (n News, err error) {
	at, id, ok := readCursor(before)
	if !ok {
		return News{}, ErrNotFound
	}
	if earliest := s.Now().Add(-newsMost); since.Before(earliest) {
		since = earliest
	}
	const fresh = ` from posts x where x.thread_id = t.id and x.posted_at >= @since and ` + isNew
	query := `select ` + threadColumns + `, (select count(*)::int` + fresh + `) as unread from ` + threadTables + `
		where ` + listed + ` and t.last_post_at >= @since and (` + decides + ` <> 'mute' or ` + sought + `) and exists (select` + fresh + `)`
	if before != "" {
		query += ` and (t.last_post_at, t.id) < (@before, @id)`
	}
	var threads []Thread
	var b pgx.Batch
	b.Queue(query+` order by t.last_post_at desc, t.id desc limit `+listLimit, who.rights(pgx.NamedArgs{"since": since,
		"before": at, "id": id})).Query(Into(&threads))
	if err := s.Send(ctx, &b); err != nil {
		return News{}, err
	}
	if len(threads) > ThreadsPerPage {
		threads = threads[:ThreadsPerPage]
		n.Next = threads[ThreadsPerPage-1].Cursor()
	}
	n.Since = since
	for _, t := range threads {
		if t.AskedAt.Before(since) {
			n.Older = append(n.Older, t)
		} else {
			n.Asked = append(n.Asked, t)
		}
	}
	return n, nil
}

// intoOneOf is IntoOne for what stands behind a pointer.
func intoOneOf[T any](to **T) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		*to = new(T)
		return IntoOne(*to)(rows)
	}
}
