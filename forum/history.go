package forum

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum/wording"
)

// versionsPerPage is how many texts one page of a history compares, and versionsBytes
// how long they may be together: of long ones a page has fewer, but one.
const versionsPerPage, versionsBytes = 10, 150_000

// onOnePage is how many of the texts one page tells of.
func onOnePage(texts []versionRow) (n int) {
	for size := 0; n < min(len(texts), versionsPerPage); n++ {
		if size += len(texts[n].Body); n > 0 && size > versionsBytes {
			break
		}
	}
	return n
}

// Comparison is what differs between two versions of a post: each is nil where
// nothing does, and of a reply there are neither title nor topics.
type Comparison struct {
	Title  []wording.Change
	Topics []wording.Change // one for each topic
	Body   []wording.Change
}

// Same reports whether the two versions say the same.
func (c Comparison) Same() bool { return c.Title == nil && c.Topics == nil && c.Body == nil }

// said is what a version of a post says. Topics are names, nil where it is not
// known which they were.
type said struct {
	title, body string
	topics      []string
}

// compare tells two versions of a post apart.
func compare(before, after said) (c Comparison) {
	if before.title != after.title {
		c.Title = wording.Differences(before.title, after.title)
	}
	if before.topics != nil && after.topics != nil && !slices.Equal(before.topics, after.topics) {
		c.Topics = topicChanges(before.topics, after.topics)
	}
	if before.body != after.body {
		c.Body = wording.Differences(before.body, after.body)
	}
	return c
}

func topicChanges(before, after []string) (changes []wording.Change) {
	for _, name := range before {
		if !slices.Contains(after, name) {
			changes = append(changes, wording.Change{Kind: wording.Removed, Text: name})
		}
	}
	for _, name := range after {
		kind := wording.Same
		if !slices.Contains(before, name) {
			kind = wording.Added
		}
		changes = append(changes, wording.Change{Kind: kind, Text: name})
	}
	return changes
}

// Version is a text that a post had, or has now; or a redaction, which has no text
// of its own: it changed all of them.
type Version struct {
	Number       int // of the post, when this came
	At           time.Time
	EditorID     int64
	EditorName   string
	EditorHandle string
	JobTitle     string // as it was then, as are council and company
	CouncilSlug  string
	CouncilName  string
	Company      string
	ByTeam       bool // it changed somebody else's words
	Redaction    bool
	Now          bool // what the post says
	First        bool // the oldest that the reader may read: its words stand in Changes
	Closed       bool // when it was replaced, only its author and the team could read it
	Reason       string
	Changes      Comparison
}

// HistoryPage is one page of what a post has said, the newest first.
type HistoryPage struct {
	Thread    Thread
	Post      Post
	Versions  []Version
	Begun     bool // from an older page than the newest
	Older     int  // where the next page begins; 0 if there is none
	Earlier   bool // there are words that never were, or no longer are, the reader's to see
	CanRedact bool
	Draft     RedactDraft
}

// versionRow is a text of a post, and who replaced it, when and why: nobody what it
// says now.
type versionRow struct {
	Last         int // the last version of the post that said so
	Title        string
	Topics       []string
	Body         string
	Open         bool // whether the reader may read it
	Closed       bool
	ReplacedAt   *time.Time
	EditorID     int64
	EditorName   string
	EditorHandle string
	JobTitle     string
	CouncilSlug  string
	CouncilName  string
	Reason       string
}

func (v versionRow) said() said { return said{v.Title, v.Body, v.Topics} }

// HistoryPage reads a page of what a post has said, for whoever may read the post:
// else ErrNotFound, or ErrGone. The page begins below version before; 0 is the newest.
func (s *Store) HistoryPage(ctx context.Context, who Person, postID int64, before int) (p HistoryPage, err error) {
	p.Begun = before > 0
	if !p.Begun {
		before = math.MaxInt32
	}
	args := who.rights(pgx.NamedArgs{"post": postID, "before": before, "limit": versionsPerPage + 1})
	var texts []versionRow
	var redactions []Version
	var b pgx.Batch
	b.Queue(`select `+threadColumns+` from `+threadTables+` where t.id = (select thread_id from posts where id = @post) and `+maySee, args).Query(IntoOne(&p.Thread))
	b.Queue(`select `+postColumns+` from `+postTables+` where p.id = @post`, args).Query(IntoOne(&p.Post))
	b.Queue(versionsQuery, args).Query(Into(&texts))
	b.Queue(redactionsQuery, args).Query(Into(&redactions))
	if err := s.Send(ctx, &b); err != nil {
		return HistoryPage{}, err
	}
	switch {
	case p.Thread.Deleted || p.Post.Deleted:
		return HistoryPage{}, ErrGone
	case !p.Post.Shows || len(texts) == 0 || !texts[0].Open:
		return HistoryPage{}, ErrNotFound
	}
	p.CanRedact = CanRedact(who)
	p.tell(texts, redactions)
	return p, nil
}

// versionsQuery reads the texts of a post, the newest first. What was replaced while
// the post was held or hidden, and all before it, is only its author's and the team's:
// it says what others never read, or what was taken from their sight.
const versionsQuery = `
	with closed as (
		select coalesce(max(r.version), 0) as version
		from revisions r join posts p on p.id = r.post_id
		where r.post_id = @post and not r.quiet and (r.closed or r.at < p.posted_at) and not (p.author_id = @own or @team)
	), texts as (
		select p.version as last, t.title,
			array(select o.slug from thread_topics tt join topics o on o.id = tt.topic_id where tt.thread_id = t.id order by tt.place) as topics,
			p.body, false as closed, null::timestamptz as replaced_at, null::bigint as editor_id, '' as job_title, null::bigint as council_id, '' as reason
		from posts p join threads t on t.id = p.thread_id
		where p.id = @post and ` + shows + `
		union all
		select r.version, coalesce(r.title, ''), r.topics, r.body, r.closed, r.at, r.editor_id, coalesce(r.job_title, ''), r.council_id, r.reason
		from revisions r join posts p on p.id = r.post_id
		where r.post_id = @post and not r.quiet and ` + shows + `
	)
	select x.last, x.last > closed.version as open, x.closed,
		case when x.last > closed.version then x.title else '' end as title,
		case when x.last > closed.version then x.body else '' end as body,
		case when x.last > closed.version and x.topics is not null then array(
			select coalesce(o.name, chosen.slug) from unnest(x.topics) with ordinality as chosen (slug, place)
			left join topics o on o.slug = chosen.slug order by chosen.place) end as topics,
		x.replaced_at, coalesce(x.editor_id, 0) as editor_id, coalesce(e.name, '') as editor_name, coalesce(e.handle, '') as editor_handle,
		x.job_title, coalesce(c.slug, '') as council_slug, coalesce(c.shown_name, '') as council_name, x.reason
	from closed, texts x
	left join people e on e.id = x.editor_id
	left join councils c on c.id = x.council_id
	where x.last < @before
	order by x.last desc limit @limit`

// redactionsQuery reads what was taken out of a post, the last first; of so many that
// nobody would read them, no more.
const redactionsQuery = `
	select r.version as number, r.at, r.moderator_id as editor_id, m.name as editor_name, coalesce(m.handle, '') as editor_handle,
		true as redaction, true as by_team, r.reason
	from redactions r join people m on m.id = r.moderator_id
	join posts p on p.id = r.post_id
	where r.post_id = @post and r.version < @before and ` + shows + `
	order by r.version desc limit 100`

// tell puts the texts of a post, each with who wrote it and what they changed, and its
// redactions into one row. The text after the last of a page is only compared with.
func (p *HistoryPage) tell(texts []versionRow, redactions []Version) {
	most := onOnePage(texts)
	for i, text := range texts {
		if i == most || !text.Open {
			p.Earlier = !text.Open
			break
		}
		v := Version{Number: 1, At: p.Post.PostedAt, EditorID: p.Post.AuthorID, EditorName: p.Post.AuthorName, EditorHandle: p.Post.AuthorHandle,
			First: true, Now: text.ReplacedAt == nil, Closed: text.Closed}
		if i+1 < len(texts) {
			v.made(texts[i+1], *p)
			v.First = !texts[i+1].Open
		}
		if v.EditorID == p.Post.AuthorID { // as it stands on the post
			v.JobTitle, v.CouncilSlug, v.CouncilName, v.Company = p.Post.JobTitle, p.Post.CouncilSlug, p.Post.CouncilName, p.Post.Company
		}
		if v.First {
			v.Changes = p.whole(text)
		} else {
			v.Changes = p.changes(texts[i+1], text)
		}
		for len(redactions) > 0 && redactions[0].Number > v.Number {
			if redactions[0].Number <= text.Last {
				p.Versions = append(p.Versions, redactions[0])
			}
			redactions = redactions[1:]
		}
		p.Versions = append(p.Versions, v)
	}
	if len(texts) > most && texts[most].Open {
		p.Older = texts[most-1].Last
	}
}

// made says who made a version out of the one before.
func (v *Version) made(before versionRow, p HistoryPage) {
	v.Number, v.Reason = before.Last+1, before.Reason
	v.EditorID, v.EditorName, v.EditorHandle = before.EditorID, before.EditorName, before.EditorHandle
	v.JobTitle, v.CouncilSlug, v.CouncilName = before.JobTitle, before.CouncilSlug, before.CouncilName
	v.ByTeam = before.EditorID != p.Post.AuthorID
	if before.ReplacedAt != nil {
		v.At = *before.ReplacedAt
	}
}

// changes are those of a version, without what others have no need to read again.
func (p *HistoryPage) changes(before, after versionRow) Comparison {
	if !p.Post.Opening {
		before.Title, after.Title, before.Topics, after.Topics = "", "", nil, nil
	}
	c := compare(before.said(), after.said())
	c.Body = wording.Fold(c.Body)
	return c
}

// whole is all that a version says, as words that stay.
func (p *HistoryPage) whole(text versionRow) (c Comparison) {
	c.Body = []wording.Change{{Kind: wording.Same, Text: text.Body}}
	if p.Post.Opening {
		c.Title = []wording.Change{{Kind: wording.Same, Text: text.Title}}
		for _, name := range text.Topics {
			c.Topics = append(c.Topics, wording.Change{Kind: wording.Same, Text: name})
		}
	}
	return c
}
