package newsletter

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// State is how far an issue is.
type State string

// The states. What has begun to be sent shows to everybody, and is not changed any more.
const (
	Draft     State = "draft"
	Scheduled State = "scheduled"
	Sending   State = "sending"
	Paused    State = "paused"
	Stopped   State = "stopped"
	Done      State = "sent"
)

// Kinds are the kinds of blocks, in the order in which they are offered.
var Kinds = []string{"text", "highlights", "lessons", "questions", "projects", "dates", "news", "figures"}

// Issue is one newsletter.
type Issue struct {
	ID         int64
	Subject    string
	Lang       string
	State      State
	Version    int
	MadeAt     time.Time
	ChangedAt  time.Time
	ChangedBy  int64
	Since      time.Time
	AskedAt    *time.Time // another curator was asked to look at it
	ApprovedBy int64      // 0 for nobody
	Approver   string
	DueAt      *time.Time
	BegunAt    *time.Time
	EndedAt    *time.Time
	Blocks     []Block `db:"-"`
}

// Open reports whether what is in it can be changed.
func (i Issue) Open() bool { return i.State == Draft }

// Empty reports whether there is nothing to read in it.
func (i Issue) Empty() bool {
	for _, b := range i.Blocks {
		if !b.Empty() {
			return false
		}
	}
	return true
}

// Block is a part of an issue.
type Block struct {
	ID      int64
	Kind    string
	Heading string
	Body    string      // Markdown
	HTML    markup.HTML `db:"-"`
	Items   []Item      `db:"-"` // what a visitor may see of what it leads to
}

// Empty reports whether there is nothing to read in it: then it is left out.
func (b Block) Empty() bool { return b.Body == "" && len(b.Items) == 0 }

// Item is something that a block leads to, as it is called now.
type Item struct {
	ID       int64
	BlockID  int64
	ThreadID int64
	Kind     string
	Slug     string
	Title    string
	Lang     string
	Council  string
	Why      string
}

const issueColumns = `
	n.id, n.subject, n.lang, n.state, n.version, n.made_at, n.changed_at, coalesce(n.changed_by, n.curator_id) as changed_by, n.since, n.asked_at,
	coalesce(n.approved_by, 0) as approved_by, coalesce((select p.name from people p where p.id = n.approved_by), '') as approver, n.due_at, n.begun_at, n.ended_at`

const (
	blocksQuery = `select b.id, b.kind, b.heading, b.body from newsletter_blocks b where b.newsletter_id = @issue order by b.place, b.id`

	// itemTables are items i with the threads t to which they lead, and the highlights h
	// by which they came in; what was merged is where it is now.
	itemTables = `newsletter_blocks b join newsletter_items i on i.block_id = b.id
		join threads m on m.id = i.thread_id join threads t on t.id = coalesce(m.merged_into, m.id)
		left join councils c on c.id = m.council_id
		left join highlights h on h.id = i.highlight_id left join posts p on p.id = h.post_id`

	// itemColumns are those of an Item.
	itemColumns = `i.id, i.block_id, t.id as thread_id, t.kind, t.slug, t.title, t.lang, coalesce(c.shown_name, '') as council, ` + why + ` as why`

	itemsQuery = `select ` + itemColumns + ` from ` + itemTables + ` where b.newsletter_id = @issue and ` + shows + ` and (@page or ` + kept + ` or (select n.state from newsletters n where n.id = @issue) = 'draft') order by i.place, i.id`
)

// queueContent has a batch read what is in an issue, for visitors: in its mails or, of one
// that goes out or went, on its page.
func queueContent(b *pgx.Batch, id int64, page bool, into *Issue, items *[]Item) {
	args := asVisitor(pgx.NamedArgs{"issue": id, "page": page})
	b.Queue(blocksQuery, args).Query(forum.Into(&into.Blocks))
	b.Queue(itemsQuery, args).Query(forum.Into(items))
}

// fill puts items into their blocks, and renders the words of these.
func (i *Issue) fill(items []Item) {
	for n := range i.Blocks {
		block := &i.Blocks[n]
		for _, item := range items {
			if item.BlockID == block.ID {
				block.Items = append(block.Items, item)
			}
		}
		html, err := markup.Post(block.Body, markup.Refs{})
		if err != nil {
			html = markup.Plain(block.Body) // its words are there to read all the same
		}
		block.HTML = html
	}
}

// Issue reads one for whoever may see it: what has not begun to be sent is curators'
// alone. Else ErrNotFound. Its titles are those that the threads have now.
func (s *Store) Issue(ctx context.Context, who forum.Person, id int64) (Issue, error) {
	return s.issue(ctx, CanCompose(who), true, id)
}

// Content reads an issue as its mails say it now: what changed since it was looked at last
// is not in them.
func (s *Store) Content(ctx context.Context, id int64) (Issue, error) {
	return s.issue(ctx, true, false, id)
}

func (s *Store) issue(ctx context.Context, unsent, page bool, id int64) (one Issue, err error) {
	var items []Item
	var in Issue
	var b pgx.Batch
	b.Queue(`select `+issueColumns+` from newsletters n where n.id = $1 and ($2 or n.begun_at is not null)`, id, unsent).Query(forum.IntoOne(&one))
	queueContent(&b, id, page, &in, &items)
	if err := s.Send(ctx, &b); err != nil {
		return Issue{}, err
	}
	one.Blocks = in.Blocks
	one.fill(items)
	return one, nil
}

// ArchivePage is the issues that were sent, the newest first, and to curators those that
// are not yet.
type ArchivePage struct {
	Issues  []Issue
	Next    int64 // of the next page; 0 at the end
	Later   bool  // this is not the first page
	Drafts  []Issue
	Curates bool

	Subscribers int // for curators
}

// archiveRows is how many issues one page of the archive lists, and feedRows the feed.
const archiveRows, feedRows = 30, 20

// ArchivePage reads it in one round trip: the issues with a lower number than one, 0 for
// all.
func (s *Store) ArchivePage(ctx context.Context, who forum.Person, before int64) (p ArchivePage, err error) {
	p.Curates, p.Later = CanCompose(who), before > 0
	var b pgx.Batch
	b.Queue(`
		select `+issueColumns+` from newsletters n
		where n.begun_at is not null and ($1::bigint = 0 or (n.begun_at, n.id) < (select x.begun_at, x.id from newsletters x where x.id = $1))
		order by n.begun_at desc, n.id desc limit $2`, before, archiveRows+1).Query(forum.Into(&p.Issues))
	var count struct{ N int }
	if p.Curates && !p.Later {
		b.Queue(`select ` + issueColumns + ` from newsletters n where n.begun_at is null order by n.id desc limit 100`).Query(forum.Into(&p.Drafts))
		b.Queue(countQuery).Query(forum.IntoOne(&count))
	}
	if err := s.Send(ctx, &b); err != nil {
		return ArchivePage{}, err
	}
	p.Subscribers = count.N
	if len(p.Issues) > archiveRows {
		p.Issues = p.Issues[:archiveRows]
		p.Next = p.Issues[archiveRows-1].ID
	}
	return p, nil
}

// countQuery counts who gets the newsletter.
const countQuery = `select count(*)::int as n from newsletter_subscribers where confirmed_at is not null and left_at is null and suppressed_at is null`

// WaitingMost is how many letters Waiting counts: whoever asks how much is left asks often.
const WaitingMost = 10_000

// Waiting counts the letters of the issues that go out, which have not gone yet, up to
// WaitingMost.
func (s *Store) Waiting(ctx context.Context) (int64, error) {
	var count struct{ N int64 }
	var b pgx.Batch
	b.Queue(`
		select count(*) as n from (select from newsletters n cross join lateral (
			select from newsletter_letters l where l.newsletter_id = n.id and l.kind = 'issue' and l.state in ('queued', 'deferred') order by l.due_at, l.id limit $1) l -- in the order of its index
		where n.state in ('sending', 'paused') limit $1) waits`, WaitingMost).Query(forum.IntoOne(&count))
	return count.N, s.Send(ctx, &b)
}

// Feed reads the newest issues whole, as a visitor may see them.
func (s *Store) Feed(ctx context.Context) (list []Issue, err error) {
	var items []Item
	var blocks []struct {
		Block
		NewsletterID int64
	}
	const newest = `(select n.id from newsletters n where n.begun_at is not null order by n.begun_at desc, n.id desc limit @limit)`
	args := asVisitor(pgx.NamedArgs{"limit": feedRows})
	var b pgx.Batch
	b.Queue(`select `+issueColumns+` from newsletters n where n.id in `+newest+` order by n.begun_at desc, n.id desc`, args).Query(forum.Into(&list))
	b.Queue(`select b.newsletter_id, b.id, b.kind, b.heading, b.body from newsletter_blocks b where b.newsletter_id in `+newest+` order by b.place, b.id`, args).Query(forum.Into(&blocks))
	b.Queue(`select `+itemColumns+` from `+itemTables+` where b.newsletter_id in `+newest+` and `+shows+` order by i.place, i.id`, args).Query(forum.Into(&items))
	if err := s.Send(ctx, &b); err != nil {
		return nil, err
	}
	for n := range list {
		for _, block := range blocks {
			if block.NewsletterID == list[n].ID {
				list[n].Blocks = append(list[n].Blocks, block.Block)
			}
		}
		list[n].fill(items)
	}
	return list, nil
}
