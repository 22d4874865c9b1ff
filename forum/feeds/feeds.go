// Package feeds is what programs read of Moothall: feeds and the sitemap. Whoever
// asks, they hold what a visitor may see and nothing else, so that an address which
// one person subscribes to may be handed to anybody.
package feeds

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// PerPage is how many entries one page of a feed has.
const PerPage = 20

// Store reads for programs.
type Store struct{ *forum.Store }

// New makes a Store.
func New(s *forum.Store) *Store { return &Store{s} }

// asVisitor are the arguments of a visitor's rights, and with them those of a statement.
func asVisitor(args pgx.NamedArgs) pgx.NamedArgs {
	return forum.Person{Standing: forum.Visitor}.Rights(args)
}

// Post is what somebody wrote. Of words that do not show nothing is told but whose
// they were.
type Post struct {
	ID           int64
	Number       int
	AuthorID     int64
	AuthorName   string
	AuthorHandle string
	CouncilName  string // as it was when this was written
	Company      string
	Lang         string
	HTML         markup.HTML
	Excerpt      string
	PostedAt     time.Time
	EditedAt     *time.Time // when its words were last changed
	ReplyToID    int64      // the post that it answers; 0 for the thread as a whole
}

// Updated is when a post was written or, if that was later, changed.
func (p Post) Updated() time.Time {
	if p.EditedAt != nil && p.EditedAt.After(p.PostedAt) {
		return *p.EditedAt
	}
	return p.PostedAt
}

// Thread is a thread in a feed, with what its opening post says.
type Thread struct {
	ThreadID   int64
	Kind       string
	Title      string
	Slug       string
	Topics     []string // names
	AskedAt    time.Time
	LastPostAt time.Time
	Replies    int
	Post
}

// Updated is when its question was asked or, if that was later, changed. Replies have
// a feed of their own.
func (t Thread) Updated() time.Time {
	if at := t.Post.Updated(); at.After(t.AskedAt) {
		return at
	}
	return t.AskedAt
}

// ThreadFeed is one page of a feed of threads, the liveliest first.
type ThreadFeed struct {
	Topic   *forum.Topic   // of which it is, if of one
	Council *forum.Council // of which it is, if of one
	Threads []Thread
	Next    string // the cursor of the next page; empty at the end
}

// PostFeed is one page of the posts of a thread, the newest first.
type PostFeed struct {
	Thread Thread
	Posts  []Post
	Next   int // the next page begins before this number; 0 at the end
}

// Filter is which threads a feed has; an empty field is all.
type Filter struct{ Topic, Council, Before string }

const (
	// postColumns are those of a Post x by the person a, in a thread that shows.
	postColumns = `
	coalesce(x.id, 0) as id, coalesce(x.number, 0) as number, a.id as author_id, a.name as author_name, coalesce(a.handle, '') as author_handle,
	coalesce(c.shown_name, '') as council_name, coalesce(x.company, '') as company, coalesce(x.lang, t.lang) as lang,
	coalesce(x.html, '') as html, coalesce(x.excerpt, '') as excerpt, coalesce(x.posted_at, t.asked_at) as posted_at, greatest(x.edited_at, x.redacted_at) as edited_at,
	coalesce(x.in_reply_to, 0) as reply_to_id`

	threadColumns = `
	t.id as thread_id, t.kind, t.title, t.slug, t.asked_at, t.last_post_at, t.replies,
	array(select o.name from thread_topics tt join topics o on o.id = tt.topic_id where tt.thread_id = t.id order by tt.place) as topics,` + postColumns

	threadTables = `
	threads t join people a on a.id = t.author_id left join councils c on c.id = t.council_id
	left join posts x on x.thread_id = t.id and x.number = 1 and x.hidden_at is null and x.deleted_at is null`

	ofCouncil = ` and t.council_id = (select id from councils where slug = @council)`
	before    = ` and (t.last_post_at, t.id) < (@before, @id)`
)

// limit is a page and one more. It stands in statements as a number, for else Postgres
// takes it for a tenth of all there is and plans to read that.
var limit = strconv.Itoa(PerPage + 1)

// inTopic is true of the newest threads t under a topic and its subtopics, of each by an
// index of its own.
func inTopic(before string) string {
	if before != "" {
		before = ` and (tt.last_post_at, tt.thread_id) < (@before, @id)`
	}
	return ` and t.id in (
		select newest.id from topics k left join topics y on y.id = k.parent_id cross join lateral (
			select tt.thread_id as id, tt.last_post_at from thread_topics tt
			where tt.topic_id = k.id and tt.listed is not null and tt.listed = 'public'` + before + `
			order by tt.last_post_at desc, tt.thread_id desc limit ` + limit + `) newest
		where @topic in (k.slug, y.slug)
		group by newest.id, newest.last_post_at
		order by newest.last_post_at desc, newest.id desc limit ` + limit + `)`
}

// Threads reads a page of a feed of threads in one round trip: ErrNotFound for a topic
// or council that there is not, and for a cursor that means nothing.
func (s *Store) Threads(ctx context.Context, f Filter) (p ThreadFeed, err error) {
	at, id, ok := forum.ReadCursor(f.Before)
	if !ok {
		return ThreadFeed{}, forum.ErrNotFound
	}
	args := asVisitor(pgx.NamedArgs{"topic": f.Topic, "council": f.Council, "before": at, "id": id})
	query := `select ` + threadColumns + ` from ` + threadTables + ` where ` + forum.Listed
	var b pgx.Batch
	if f.Topic != "" {
		query += inTopic(f.Before)
		b.Queue(`select id, slug, name, description from topics where slug = @topic`, args).Query(one(&p.Topic))
	}
	if f.Council != "" {
		query += ofCouncil
		b.Queue(`select id, slug, shown_name as name from councils where slug = @council`, args).Query(one(&p.Council))
	}
	if f.Before != "" && f.Topic == "" {
		query += before
	}
	b.Queue(query+` order by t.last_post_at desc, t.id desc limit `+limit, args).Query(forum.Into(&p.Threads))
	if err := s.Send(ctx, &b); err != nil {
		return ThreadFeed{}, err
	}
	if len(p.Threads) > PerPage {
		p.Threads = p.Threads[:PerPage]
		last := p.Threads[PerPage-1]
		p.Next = forum.Thread{ID: last.ThreadID, LastPostAt: last.LastPostAt}.Cursor()
	}
	return p, nil
}

// Posts reads a page of a thread's posts in one round trip, those before a number, 0
// for the newest: ErrNotFound if not everybody may see the thread, ErrGone if its
// author deleted it.
func (s *Store) Posts(ctx context.Context, threadID int64, before int) (p PostFeed, err error) {
	var row struct {
		Thread
		Deleted bool
	}
	args := asVisitor(pgx.NamedArgs{"thread": threadID, "before": before})
	var b pgx.Batch
	b.Queue(`select `+threadColumns+`, t.deleted_at is not null as deleted from `+threadTables+`
		where t.id = @thread and `+forum.MaySee, args).Query(forum.IntoOne(&row))
	b.Queue(`select `+postColumns+` from posts x join threads t on t.id = x.thread_id
		join people a on a.id = x.author_id left join councils c on c.id = x.council_id
		where x.thread_id = @thread and x.number is not null and x.hidden_at is null and x.deleted_at is null
			and (@before::bigint = 0 or x.number < @before::bigint)
		order by x.number desc limit `+limit, args).Query(forum.Into(&p.Posts))
	switch err := s.Send(ctx, &b); {
	case err != nil:
		return PostFeed{}, err
	case row.Deleted:
		return PostFeed{}, forum.ErrGone
	}
	p.Thread = row.Thread
	if len(p.Posts) > PerPage {
		p.Posts = p.Posts[:PerPage]
		p.Next = p.Posts[PerPage-1].Number
	}
	return p, nil
}

// one is forum.IntoOne for what stands behind a pointer.
func one[T any](to **T) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		*to = new(T)
		return forum.IntoOne(*to)(rows)
	}
}
