package curation

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// Grades are the grounds on which something is highlighted, the weakest first: one
// council says so, it shows figures or a report, others have done it again, it is
// national guidance.
var Grades = []string{"said", "evidence", "repeated", "guidance"}

// Images are the patterns that a highlight can have at its head; empty is none.
var Images = []string{"", "arches", "hexes", "steps", "waves"}

// How long a highlight stays, in days: if nothing else is said, and at most.
const (
	highlightDays    = 180
	highlightMost    = 366
	highlightFirst   = 28 // so long it may stand on the front page
	highlightTitle   = 150
	highlightNote    = 2000
	highlightsAtHome = 3
)

// Highlight is something that the team shows to everybody, with why.
type Highlight struct {
	ID          int64
	ThreadID    int64
	Kind        string // of its thread
	Slug        string
	PostID      int64  // 0: the thread as a whole
	PostNumber  int    // of it, 0 for none
	ThreadTitle string // as its author gave it
	ThreadLang  string
	AuthorName  string
	CouncilName string // as it was when its author wrote
	CouncilSlug string
	Title       string
	Note        string // Markdown
	Lang        string
	Image       string
	Grade       string
	Principle   string // the topic's slug; empty for none
	About       string // the principle's name
	Version     int
	FromOn      time.Time
	UntilOn     time.Time
	CuratorID   int64
	CuratorName string
	Handle      string // the curator's
	Place       int64
	MadeAt      time.Time
	ChangedAt   time.Time
	EndedAt     *time.Time
	Objected    bool // whose words it is of took it down
	EndedWhy    string
	Own         bool // it is of the reader's words
	Live        bool
	Coming      bool
	Checks      bool // its thread did not work for somebody, was closed, or lost its answer
}

// HTML is the note as it shows.
func (h Highlight) HTML() markup.HTML {
	html, err := markup.Post(h.Note, markup.Refs{})
	if err != nil {
		return markup.Plain(h.Note) // its words are there to read all the same
	}
	return html
}

const (
	highlightColumns = `
		h.id, t.id as thread_id, t.kind, t.slug, coalesce(h.post_id, 0) as post_id, coalesce(p.number, 0) as post_number,
		case when p.id is null then m.title else t.title end as thread_title, t.lang as thread_lang, a.name as author_name, coalesce(c.shown_name, '') as council_name, coalesce(c.slug, '') as council_slug,
		h.title, h.note, h.lang, h.image, h.grade, coalesce(o.slug, '') as principle, coalesce(o.name, '') as about, h.version, h.from_on, h.until_on,
		h.made_at, h.changed_at, ` + objected + ` as objected, coalesce((select e.reason from entries e where e.id = h.ended_by), '') as ended_why, @who::bigint > 0 and a.id = @who::bigint as own,
		h.curator_id, k.name as curator_name, coalesce(k.handle, '') as handle, h.place, h.ended_at,
		h.ended_at is null and h.from_on <= ` + today + ` and h.until_on >= ` + today + ` as live,
		h.from_on > ` + today + ` as coming,
		t.closed_at is not null or exists (select from outcomes w where w.post_id = t.answer_id and w.answer = 'no') as checks`

	// highlightTables are the tables of highlightColumns. What was merged into another
	// thread, or moved to one, is where it is now.
	highlightTables = `highlights h join threads m on m.id = h.thread_id
		left join posts p on p.id = h.post_id
		join threads t on t.id = coalesce(p.thread_id, m.merged_into, m.id)
		join people a on a.id = coalesce(p.author_id, m.author_id)
		left join councils c on c.id = case when p.id is null then m.council_id else p.council_id end
		left join topics o on o.id = h.principle_id
		join people k on k.id = h.curator_id`

	// highlightShows is true of the highlights h whose threads m and t and post p stand in lists
	// for everybody: what is hidden or taken back is gone from here at once.
	highlightShows = `(` + forum.Listed + ` and t.visibility = 'public'
		and (h.post_id is null and ` + openingShows + ` or p.number is not null and p.hidden_at is null and p.deleted_at is null))`

	// objected is true where whoever wrote what is highlighted took it down: that is not
	// shown again, nor that it was.
	objected = `exists (select from entries e where e.id = h.ended_by and e.doer_id = a.id and a.id <> h.curator_id)`

	// begun is true of the highlights that have shown, if only for an hour.
	begun = `h.from_on <= ` + today + ` and (h.ended_at is null or (h.ended_at at time zone 'Europe/London')::date >= h.from_on)`

	// today is the day in London.
	today = `(@now::timestamptz at time zone 'Europe/London')::date`

	live = `h.ended_at is null and h.from_on <= ` + today + ` and h.until_on >= ` + today + ``
)

// HomePage is the front page, with what the team highlights on it.
type HomePage struct {
	forum.HomePage
	Highlights []Highlight
}

// HomePage reads the front page in one round trip.
func (s *Store) HomePage(ctx context.Context, who forum.Person) (p HomePage, err error) {
	p.HomePage, err = s.HomePageWith(ctx, who, func(b *pgx.Batch, args pgx.NamedArgs) {
		args["now"] = s.Now()
		b.Queue(atHome, args).Query(forum.Into(&p.Highlights))
	})
	return p, err
}

// atHome reads what stands on the front page: the first that show, none for more than
// four weeks.
var atHome = `select ` + highlightColumns + ` from ` + highlightTables + ` where ` + live + ` and h.from_on > ` + today + ` - ` + strconv.Itoa(highlightFirst) + ` and ` + highlightShows + `
	order by h.place limit ` + strconv.Itoa(highlightsAtHome)

// PreviewPage is what will stand on the front page on a day.
type PreviewPage struct {
	On         time.Time
	Highlights []Highlight
}

// PreviewPage reads it as a visitor will find it, as far as that can be known. What is no
// day is today.
func (s *Store) PreviewPage(ctx context.Context, who forum.Person, on string) (p PreviewPage, err error) {
	if !forum.CanTend(who) {
		return PreviewPage{}, forum.ErrForbidden
	}
	if day, ok := dayIn(on); ok {
		p.On = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, forum.London)
	} else {
		p.On = s.Now().In(forum.London)
	}
	var b pgx.Batch
	b.Queue(atHome, forum.Person{Standing: forum.Visitor}.Rights(pgx.NamedArgs{"now": p.On})).Query(forum.Into(&p.Highlights))
	return p, s.Send(ctx, &b)
}

// HighlightsPage is what is highlighted, and a page of what was.
type HighlightsPage struct {
	Now     []Highlight // in the order in which they stand
	Coming  []Highlight // for curators
	Past    []Highlight // the newest first
	Next    int64       // of the next page of these; 0 at the end
	Later   bool        // this is not the first page
	Curates bool
}

// pastPerPage is how many highlights of the past one page shows.
const pastPerPage = 30

// HighlightsPage reads it in one round trip: of what was highlighted those that are older
// than one, 0 for all.
func (s *Store) HighlightsPage(ctx context.Context, who forum.Person, before int64) (p HighlightsPage, err error) {
	p.Curates, p.Later = forum.CanTend(who), before > 0
	args := who.Rights(pgx.NamedArgs{"now": s.Now(), "before": before, "limit": pastPerPage + 1, "curates": p.Curates})
	rows := `select ` + highlightColumns + ` from ` + highlightTables + ` where ` + highlightShows + ` and `
	var b pgx.Batch
	if !p.Later {
		b.Queue(rows+live+` order by h.place`, args).Query(forum.Into(&p.Now))
	}
	b.Queue(rows+`(h.ended_at is not null or h.until_on < `+today+`) and `+begun+` and (@curates or not `+objected+`) and (@before::bigint = 0 or h.id < @before)
		order by h.id desc limit @limit`, args).Query(forum.Into(&p.Past))
	if p.Curates && !p.Later {
		b.Queue(rows+`h.ended_at is null and h.from_on > `+today+` order by h.from_on, h.place`, args).Query(forum.Into(&p.Coming))
	}
	if err := s.Send(ctx, &b); err != nil {
		return HighlightsPage{}, err
	}
	if len(p.Past) > pastPerPage {
		p.Past = p.Past[:pastPerPage]
		p.Next = p.Past[pastPerPage-1].ID
	}
	return p, nil
}

// Highlighted reads one highlight as a person may see it: what has yet to begin, or was
// taken down by its author, is curators' alone. Else ErrNotFound.
func (s *Store) Highlighted(ctx context.Context, who forum.Person, id int64) (h Highlight, err error) {
	var b pgx.Batch
	b.Queue(`select `+highlightColumns+` from `+highlightTables+` where h.id = @id and `+highlightShows+` and (@curates or `+begun+` and not `+objected+`)`,
		who.Rights(pgx.NamedArgs{"id": id, "now": s.Now(), "curates": forum.CanTend(who)})).Query(forum.IntoOne(&h))
	return h, s.Send(ctx, &b)
}

// feedLength is how many highlights the feed holds.
const feedLength = 30

// Feed reads the newest highlights, as a visitor finds them.
func (s *Store) Feed(ctx context.Context) (list []Highlight, err error) {
	var b pgx.Batch
	b.Queue(`select `+highlightColumns+` from `+highlightTables+` where `+highlightShows+` and `+begun+` and not `+objected+`
		order by h.from_on desc, h.id desc limit @limit`,
		forum.Person{Standing: forum.Visitor}.Rights(pgx.NamedArgs{"now": s.Now(), "limit": feedLength})).Query(forum.Into(&list))
	return list, s.Send(ctx, &b)
}

// EverHighlighted are those of some threads that were highlighted, as a whole, whatever
// became of that.
func (s *Store) EverHighlighted(ctx context.Context, threads []int64) (there []int64, err error) {
	var rows []struct{ ThreadID int64 }
	var b pgx.Batch
	b.Queue(`select distinct thread_id from highlights where post_id is null and thread_id = any($1)`, threads).Query(forum.Into(&rows))
	err = s.Send(ctx, &b)
	for _, r := range rows {
		there = append(there, r.ThreadID)
	}
	return there, err
}

// Since is when a highlight began to show.
func (h Highlight) Since() time.Time {
	y, m, d := h.FromOn.Date()
	if day := time.Date(y, m, d, 0, 0, 0, 0, forum.London); day.After(h.MadeAt) {
		return day
	}
	return h.MadeAt
}
