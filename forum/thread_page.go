package forum

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// PostsPerPage is how many posts one page of a thread shows.
const PostsPerPage = 20

// ThreadPage is one page of a thread.
type ThreadPage struct {
	Thread     Thread
	Topics     []Topic
	Posts      []Post
	Held       []Post // of the reader, or for the reader to judge; on the last page
	Page       int
	Pages      int
	Quoted     *Post     // the post that the reply form answers
	Kept       *Draft    // what the reader had typed before
	Read       *ReadMark // how far the reader had come before this visit; nil for who never was here
	Related    []Related // threads that this one was asked anew from or as
	Similar    []Related // threads like this one
	Old        bool      // nobody has written for long: the case of today may be another
	CanAsk     bool
	Following  Following
	Newer      []Post // of a reply that came back: the first of what others wrote meanwhile
	NewerCount int    // how many these are in all
	CanReply   bool
	WhyNot     string // the key of why not
	CanReport  bool
	Mine       bool // the reader began it
	CanClose   bool
	CanHide    bool
	CanRedact  bool
	CanTend    bool
	Lines      []Line               // what the team did, below the posts of this page
	Highlights []HighlightMark      // what it shows to everybody of this page
	Summary    *Summary             // what the team says it has come to; nil if nothing
	Can        map[int64]PostRights // by the post's id

	Collections []CollectionMark // in which it stands
	Preview     markup.HTML
	Previewed   bool          // how a reply will look was asked for
	Check       ResidentCheck // what looks like residents' data in the reply

	Marks

	gone    []Post // those of the page that went to other threads
	version int64  // of the thread's row
}

// PostRights is what the reader of a page may do with one of its posts.
type PostRights struct{ Edit, Delete, Accept, Useful, Worked bool }

// QuoteKept stands for whichever post the reader's draft of a reply answers.
const QuoteKept = -1

// ThreadPage reads one page of a thread in one round trip: ErrNotFound if the
// reader may not see it or it has no such page, ErrGone if its author deleted it.
// quote is the number of the post that a reply would answer, 0 for none, QuoteKept for
// the one that the reader's draft answers. Of a thread that was merged it is the first
// page of the one where its posts are now.
func (s *Store) ThreadPage(ctx context.Context, who Person, id int64, page, quote int) (p ThreadPage, err error) {
	return s.ThreadPageWith(ctx, who, PageOf{ID: id, Page: page, Quote: quote})
}

// PageOf is which page of a thread is read: as ThreadPage says it.
type PageOf struct {
	ID          int64
	Page, Quote int
	Also        func(b *pgx.Batch, args pgx.NamedArgs) // reads what stands beside it in the same round trip; may be nil
}

// ThreadPageWith is ThreadPage with what another package shows beside a thread.
func (s *Store) ThreadPageWith(ctx context.Context, who Person, of PageOf) (p ThreadPage, err error) {
	var row threadRow
	var b pgx.Batch
	s.queueThreadPage(&b, who, of, &row, &p)
	if err := s.Send(ctx, &b); err != nil {
		return ThreadPage{}, err
	}
	p.Thread, p.Following, p.Highlights = row.Thread, following(who, row.Follows), row.Highlights
	p.Summary, p.Collections, p.version = row.Summary, row.Collections, row.Version
	switch {
	case p.Thread.MergedInto != 0:
		of.ID, of.Page, of.Quote = p.Thread.MergedInto, 1, 0
		return s.ThreadPageWith(ctx, who, of)
	case p.Thread.Deleted:
		return ThreadPage{}, ErrGone
	}
	p.Page, p.Pages = of.Page, max(1, (p.Thread.PostCount+PostsPerPage-1)/PostsPerPage)
	if p.Page < 1 || p.Page > p.Pages {
		return ThreadPage{}, ErrNotFound
	}
	if p.Page < p.Pages {
		p.Held = nil
	}
	p.markNew(who)
	p.Old = !p.Thread.Closed && p.Thread.Kind != Project && p.Thread.Kind != Lesson && s.Now().Sub(p.Thread.LastPostAt) > oldAfter
	p.judge(who)
	p.judgeMarks(who, s.Now())
	p.Posts = append(p.Posts, p.gone...)
	slices.SortFunc(p.Posts, func(a, b Post) int { return a.Number - b.Number })
	return p, nil
}

// threadRow is a thread, which of what its reader follows holds it, and what the team
// highlights of the page.
type threadRow struct {
	Thread
	Follows     []string
	Highlights  []HighlightMark
	Summary     *Summary
	Collections []CollectionMark
	Version     int64
}

// Summary is what stands above a thread of what it has come to.
type Summary struct {
	HTML    markup.HTML // on the first page alone
	At      time.Time
	Authors []string // whoever wrote at it, and has an account still
}

// HighlightMark tells that the team highlighted a thread, or one post of it, and since when.
type HighlightMark struct {
	ID     int64
	PostID int64  // 0: the thread as a whole
	From   string // a day
}

// CollectionMark tells that a thread stands in a collection.
type CollectionMark struct{ Slug, Title, Lang string }

// queueThreadPage has a batch read all that one page of a thread shows.
func (s *Store) queueThreadPage(b *pgx.Batch, who Person, of PageOf, row *threadRow, p *ThreadPage) {
	args := who.rights(pgx.NamedArgs{"thread": of.ID, "first": (of.Page-1)*PostsPerPage + 1, "last": of.Page * PostsPerPage,
		"quote": of.Quote, "draft": DraftReply, "target": of.ID, "undone": false, "now": s.Now()})
	b.Queue(threadQuery, args).Query(IntoOne(row))
	b.Queue(threadTopicsQuery, args).Query(Into(&p.Topics))
	b.Queue(postsQuery, args).Query(Into(&p.Posts))
	p.queue(b, who, args)
	if who.SignedIn() {
		b.Queue(heldQuery, args).Query(Into(&p.Held))
		b.Queue(draftQuery, args).Query(IntoMaybe(&p.Kept))
		b.Queue(readQuery, s.readArgs(who, of.ID, args)).Query(IntoMaybe(&p.Read))
	}
	b.Queue(relatedQuery, args).Query(Into(&p.Related))
	b.Queue(linesQuery, args).Query(Into(&p.Lines))
	b.Queue(goneQuery, args).Query(Into(&p.gone))
	b.Queue(similarQuery, args).Query(Into(&p.Similar))
	if of.Quote > 0 || of.Quote == QuoteKept && who.SignedIn() {
		b.Queue(quotedQuery, args).Query(IntoMaybe(&p.Quoted))
	}
	if of.Also != nil {
		of.Also(b, args)
	}
}

// markNew marks what others wrote since the reader was last here.
func (p *ThreadPage) markNew(who Person) {
	for i, post := range p.Posts {
		p.Posts[i].New = p.Read != nil && post.Number > p.Read.Number && post.AuthorID != who.ID && post.Shows && !post.Hidden
	}
}

// judge says what the reader may do on the page.
func (p *ThreadPage) judge(who Person) {
	p.WhyNot = WhyNotReply(who, p.Thread)
	p.CanReply = p.WhyNot == ""
	p.CanReport, p.CanAsk = CanReport(who), CanAsk(who)
	p.Mine = who.SignedIn() && who.ID == p.Thread.AuthorID
	p.CanClose, p.CanHide = CanClose(who), CanHide(who)
	p.CanRedact = CanRedact(who)
	p.CanTend = CanTend(who)
	p.Can = map[int64]PostRights{}
	for _, posts := range [][]Post{p.Posts, p.Held} {
		for _, post := range posts {
			if rights := (PostRights{Edit: CanEdit(who, p.Thread, post), Delete: CanDelete(who, p.Thread, post)}); rights != (PostRights{}) {
				p.Can[post.ID] = rights
			}
		}
	}
}

const (
	threadQuery = `select ` + threadColumns + `, t.asked, t.declined, ` + threadFollows + `, ` + highlightMarks + `, ` + summaryColumn + `, ` + collectionMarks + `, ` + rowVersion + ` from ` + threadTables + ` where t.id = @thread and ` + maySee

	// rowVersion is another whenever something was written to a thread t: a post came, its
	// answer was chosen, it was closed or retitled.
	rowVersion = `t.xmin::text::bigint as version`

	// highlightMarks are the highlights of a thread t that everybody may read, and of its
	// posts from @first to @last: those that show, or have shown until their time was over.
	highlightMarks = `case when t.visibility = 'public' and t.held_at is null and t.hidden_at is null then (
		select json_agg(json_build_object('ID', m.id, 'PostID', m.post_id, 'From', m.from_on) order by m.id) from (
			select h.id, 0 as post_id, h.from_on, h.ended_at from highlights h where h.thread_id = t.id and h.post_id is null
			union all
			select h.id, h.post_id, h.from_on, h.ended_at from posts p join highlights h on h.post_id = p.id
			where p.thread_id = t.id and p.number between @first and @last
		) m where m.ended_at is null and m.from_on <= (@now::timestamptz at time zone 'Europe/London')::date) end as highlights`

	// summaryColumn is the Summary of a thread t. The first page has its words, of which
	// the newest stand, unless they are none.
	summaryColumn = `(
		select json_build_object('HTML', case when @first = 1 then s.html else '' end, 'At', s.at, 'Authors', (
			select json_agg(distinct a.name) from summaries b join people a on a.id = b.editor_id
			where b.thread_id = t.id and b.body <> '' and a.erased_at is null))
		from (select html, body, at from summaries where thread_id = t.id order by version desc limit 1) s
		where s.body <> '') as summary`

	// collectionMarks are the collections in which a thread t that stands in lists is.
	collectionMarks = `case when t.held_at is null and t.hidden_at is null then (
		select json_agg(json_build_object('Slug', m.slug, 'Title', m.title, 'Lang', m.lang)) from (
			select k.slug, k.title, k.lang from collection_items i join collections k on k.id = i.collection_id and k.shown
			where i.thread_id = t.id and i.post_id is null order by k.id limit 5
		) m) end as collections`

	threadTopicsQuery = `
		select ` + topicColumns + ` from thread_topics tt join topics o on o.id = tt.topic_id left join topics u on u.id = o.parent_id
		where tt.thread_id = @thread order by tt.place`

	postsQuery = `select ` + postColumns + ` from ` + postTables + `
		where p.thread_id = @thread and p.number between @first and @last order by p.number`

	// goneQuery reads the numbers that posts left behind when they went to other threads.
	goneQuery = `
		select p.id, m.number, p.author_id, true as gone, coalesce(other.title, '') as gone_title, coalesce(other.lang, '') as gone_lang
		from moved_posts m join posts p on p.id = m.post_id
		left join lateral (select t.title, t.lang from threads t where t.id = p.thread_id and ` + visible + `) other on true
		where m.thread_id = @thread and m.number between @first and @last`

	heldQuery = `select ` + postColumns + ` from ` + postTables + `
		where p.thread_id = @thread and p.number is null and p.deleted_at is null and ` + shows + ` order by p.id`

	quotedQuery = `
		select p.id, p.number, a.name as author_name, p.excerpt as quote from posts p join people a on a.id = p.author_id
		where p.thread_id = @thread and p.number = case when @quote::bigint >= 0 then @quote else (
				select (d.fields #>> '{quote,0}')::bigint from drafts d
				where d.person_id = @who and d.kind = @draft and d.target = @target and d.fields #>> '{quote,0}' ~ '^[0-9]{1,9}$')
			end
			and p.hidden_at is null and p.deleted_at is null`
)

// LinesBelow are the lines that stand below a post.
func (p ThreadPage) LinesBelow(post Post) (lines []Line) {
	for _, line := range p.Lines {
		if line.After == post.Number {
			lines = append(lines, line)
		}
	}
	return lines
}

// HighlightsOf are the highlights of a post of the page; of 0 those of the thread.
func (p ThreadPage) HighlightsOf(postID int64) (marks []HighlightMark) {
	for _, m := range p.Highlights {
		if m.PostID == postID {
			marks = append(marks, m)
		}
	}
	return marks
}

// Seen reads a thread, or a post with its thread, as a person may see them: else
// ErrNotFound, or ErrGone. Without a postID there is no post.
func (s *Store) Seen(ctx context.Context, who Person, threadID, postID int64) (t Thread, p *Post, err error) {
	args := who.rights(pgx.NamedArgs{"thread": threadID, "post": postID})
	var b pgx.Batch
	b.Queue(`select `+threadColumns+` from `+threadTables+`
		where t.id = case when @post::bigint = 0 then @thread else (select thread_id from posts where id = @post) end and `+maySee, args).Query(IntoOne(&t))
	if postID != 0 {
		b.Queue(`select `+postColumns+` from `+postTables+` where p.id = @post`, args).Query(intoOneOf(&p))
	}
	switch err := s.Send(ctx, &b); {
	case err != nil:
		return Thread{}, nil, err
	case t.MergedInto != 0 && p == nil:
		return s.Seen(ctx, who, t.MergedInto, 0)
	case t.Deleted || p != nil && p.Deleted:
		return Thread{}, nil, ErrGone
	case p != nil && !p.Shows:
		return Thread{}, nil, ErrNotFound
	}
	return t, p, nil
}

// Newer is how many posts of a thread are newer than number n; 0 also for a
// thread that is absent or not the reader's to see.
func (s *Store) Newer(ctx context.Context, who Person, threadID int64, n int) (count int, err error) {
	err = s.read.QueryRow(ctx, `
		select count(*) from threads t join posts x on x.thread_id = t.id and x.number > @n::bigint and x.hidden_at is null and x.deleted_at is null
		where t.id = @thread and t.post_count > @n::bigint and `+visible,
		who.rights(pgx.NamedArgs{"thread": threadID, "n": n})).Scan(&count)
	return count, err
}

// PostPlace is where a post stands.
type PostPlace struct {
	ThreadID int64
	Kind     string
	Slug     string
	PostID   int64
	Number   int // 0 while it is held
	Pages    int // of the thread
}

// MergedPlace finds where a page of a thread that was merged is now: the place of the
// first of its posts that moved.
func (s *Store) MergedPlace(ctx context.Context, who Person, threadID int64, page int) (PostPlace, error) {
	var post struct{ ID int64 }
	var b pgx.Batch
	b.Queue(`select m.post_id as id from moved_posts m where m.thread_id = @thread and m.number >= @first order by m.number limit 1`,
		pgx.NamedArgs{"thread": threadID, "first": (page-1)*PostsPerPage + 1}).Query(IntoOne(&post))
	if err := s.Send(ctx, &b); err != nil {
		return PostPlace{}, err
	}
	return s.PostPlace(ctx, who, post.ID)
}

// Page is the page of its thread that the post is on.
func (p PostPlace) Page() int {
	if p.Number == 0 {
		return p.Pages
	}
	return (p.Number-1)/PostsPerPage + 1
}

// PostPlace finds where a post stands: ErrNotFound if the reader may not see its
// thread, or if it is held and not theirs to see; ErrGone if the thread is gone.
func (s *Store) PostPlace(ctx context.Context, who Person, postID int64) (PostPlace, error) {
	var row struct {
		PostPlace
		PostCount int
		Deleted   bool
	}
	var b pgx.Batch
	b.Queue(`
		select t.id as thread_id, t.kind, t.slug, p.id as post_id, coalesce(p.number, 0) as number, t.post_count, t.deleted_at is not null as deleted
		from posts p join threads t on t.id = p.thread_id
		where p.id = @post and `+maySee+` and (p.number is not null or `+shows+`)`,
		who.rights(pgx.NamedArgs{"post": postID})).Query(IntoOne(&row))
	if err := s.Send(ctx, &b); err != nil {
		return PostPlace{}, err
	}
	if row.Deleted {
		return PostPlace{}, ErrGone
	}
	row.Pages = max(1, (row.PostCount+PostsPerPage-1)/PostsPerPage)
	return row.PostPlace, nil
}

// QueueThread has a batch read a thread, @thread, as the person of its args may see
// it; none is ErrNotFound.
func (s *Store) QueueThread(b *pgx.Batch, args pgx.NamedArgs, to *Thread) {
	b.Queue(`select `+threadColumns+`, t.asked, t.declined from `+threadTables+` where t.id = @thread and `+maySee, args).Query(IntoOne(to))
}

// QueueTopicsOf has a batch read the topics of a thread, @thread, the home first.
func (s *Store) QueueTopicsOf(b *pgx.Batch, args pgx.NamedArgs, to *[]Topic) {
	b.Queue(threadTopicsQuery, args).Query(Into(to))
}

// QueueTopics has a batch read all topics, to choose from.
func (s *Store) QueueTopics(b *pgx.Batch, to *[]Topic) { b.Queue(topicsQuery).Query(Into(to)) }
