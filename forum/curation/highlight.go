package curation

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
	FromOn      time.Time
	UntilOn     time.Time
	CuratorID   int64
	CuratorName string
	Handle      string // the curator's
	Place       int64
	EndedAt     *time.Time
	Live        bool
	Coming      bool
	Checks      bool // its thread did not work for somebody, was closed, or lost its answer
}

// london is where days begin.
var london = func() *time.Location {
	place, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // the program carries the zones with it
	}
	return place
}()

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
		t.title as thread_title, t.lang as thread_lang, a.name as author_name, coalesce(c.shown_name, '') as council_name, coalesce(c.slug, '') as council_slug,
		h.title, h.note, h.lang, h.image, h.grade, coalesce(o.slug, '') as principle, h.from_on, h.until_on,
		h.curator_id, k.name as curator_name, coalesce(k.handle, '') as handle, h.place, h.ended_at,
		h.ended_at is null and h.from_on <= ` + today + ` and h.until_on >= ` + today + ` as live,
		h.from_on > ` + today + ` as coming,
		t.closed_at is not null or exists (select from outcomes w where w.post_id = t.answer_id and w.answer = 'no') as checks`

	highlightTables = `highlights h join threads t on t.id = h.thread_id
		left join posts p on p.id = h.post_id
		join people a on a.id = coalesce(p.author_id, t.author_id)
		left join councils c on c.id = case when p.id is null then t.council_id else p.council_id end
		left join topics o on o.id = h.principle_id
		join people k on k.id = h.curator_id`

	// highlightShows is true of the highlights h whose thread t and post p stand in lists
	// for everybody: what is hidden or taken back is gone from here at once.
	highlightShows = `(` + forum.Listed + ` and t.visibility = 'public'
		and (h.post_id is null or p.number is not null and p.hidden_at is null and p.deleted_at is null))`

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
		args["now"], args["places"], args["first"] = s.Now(), highlightsAtHome, highlightFirst
		b.Queue(`select `+highlightColumns+` from `+highlightTables+` where `+live+` and h.from_on > `+today+` - @first::int and `+highlightShows+`
			order by h.place limit @places`, args).Query(forum.Into(&p.Highlights))
	})
	return p, err
}

// HighlightsPage is what is highlighted, and a page of what was.
type HighlightsPage struct {
	Now     []Highlight // in the order in which they stand
	Coming  []Highlight // for curators
	Past    []Highlight // the newest first
	Next    int64       // of the next page of these; 0 at the end
	Curates bool
}

// pastPerPage is how many highlights of the past one page shows.
const pastPerPage = 30

// HighlightsPage reads it in one round trip: of what was highlighted those that are older
// than one, 0 for all.
func (s *Store) HighlightsPage(ctx context.Context, who forum.Person, before int64) (p HighlightsPage, err error) {
	p.Curates = forum.CanTend(who)
	args := who.Rights(pgx.NamedArgs{"now": s.Now(), "before": before, "limit": pastPerPage + 1})
	rows := `select ` + highlightColumns + ` from ` + highlightTables + ` where ` + highlightShows + ` and `
	var b pgx.Batch
	b.Queue(rows+live+` order by h.place`, args).Query(forum.Into(&p.Now))
	b.Queue(rows+`(h.ended_at is not null or h.until_on < `+today+`) and h.from_on <= `+today+` and (@before::bigint = 0 or h.id < @before)
		order by h.id desc limit @limit`, args).Query(forum.Into(&p.Past))
	if p.Curates {
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

// Highlighted reads one highlight as a person may see it: what has yet to begin is
// curators' alone. Else ErrNotFound.
func (s *Store) Highlighted(ctx context.Context, who forum.Person, id int64) (h Highlight, err error) {
	var b pgx.Batch
	b.Queue(`select `+highlightColumns+` from `+highlightTables+` where h.id = @id and `+highlightShows+` and (@curates or h.from_on <= `+today+`)`,
		who.Rights(pgx.NamedArgs{"id": id, "now": s.Now(), "curates": forum.CanTend(who)})).Query(forum.IntoOne(&h))
	return h, s.Send(ctx, &b)
}

// HighlightFormPage is the form of a highlight, and what it is of.
type HighlightFormPage struct {
	ID     int64 // 0: a new one
	Ended  bool
	Thread forum.Thread
	Draft  HighlightDraft // as it is
	Topics []forum.Topic  // to choose a principle from
}

// HighlightFormPage reads it: ErrForbidden for who is no curator, ErrNotFound where there
// is no such highlight. Of a new one the thread is the draft's, if that is there to see.
func (s *Store) HighlightFormPage(ctx context.Context, who forum.Person, id int64, draft HighlightDraft) (p HighlightFormPage, err error) {
	if !forum.CanTend(who) {
		return HighlightFormPage{}, forum.ErrForbidden
	}
	p.ID = id
	thread, post := draft.target()
	args := who.Rights(pgx.NamedArgs{"id": id, "now": s.Now(), "asked": thread, "post": post})
	var h *Highlight
	var t *struct{ ID int64 }
	var b pgx.Batch
	s.QueueTopics(&b, &p.Topics)
	if id != 0 {
		b.Queue(`select `+highlightColumns+` from `+highlightTables+` where h.id = @id`, args).Query(forum.IntoMaybe(&h))
	} else {
		b.Queue(`select t.id from threads t where t.id = coalesce(nullif(@asked::bigint, 0), (select thread_id from posts where id = @post)) and `+forum.Visible, args).Query(forum.IntoMaybe(&t))
	}
	if err := s.Send(ctx, &b); err != nil {
		return HighlightFormPage{}, err
	}
	switch {
	case id != 0 && h == nil:
		return HighlightFormPage{}, forum.ErrNotFound
	case h != nil:
		p.Ended, thread = h.EndedAt != nil, h.ThreadID
		p.Draft = HighlightDraft{Title: h.Title, Note: h.Note, Lang: h.Lang, Image: h.Image, Grade: h.Grade, Principle: h.Principle,
			From: h.FromOn.Format(time.DateOnly), Until: h.UntilOn.Format(time.DateOnly)}
	case t != nil:
		thread = t.ID
	default:
		return p, nil
	}
	p.Thread, _, err = s.Seen(ctx, who, thread, 0)
	if errors.Is(err, forum.ErrGone) || errors.Is(err, forum.ErrNotFound) {
		err = nil // the form shows without it
	}
	return p, err
}

// HighlightDraft is what was typed to highlight something.
type HighlightDraft struct {
	Target    string // thread:ID, post:ID, project:ID or lesson:ID
	Title     string
	Note      string
	Lang      string
	Image     string
	Grade     string
	Principle string
	From      string // days, as 2026-03-28
	Until     string
}

// NewHighlight is the draft to begin with: from today, for so long as is usual.
func (s *Store) NewHighlight(target string) HighlightDraft {
	day := s.Now().In(london)
	return HighlightDraft{Target: target, Lang: "en", Grade: "said", From: day.Format(time.DateOnly), Until: day.AddDate(0, 0, highlightDays).Format(time.DateOnly)}
}

// Clean puts what was typed into the form that is stored.
func (h *HighlightDraft) Clean() {
	h.Title = forum.CleanTitle(h.Title)
	h.Note = strings.TrimSpace(markup.Clean(h.Note))
	h.From, h.Until = strings.TrimSpace(h.From), strings.TrimSpace(h.Until)
	if h.Lang == "" {
		h.Lang = "en"
	}
}

// check says what keeps the draft from being shown.
func (h HighlightDraft) check() (bad forum.Invalid) {
	switch n := utf8.RuneCountInString(h.Title); {
	case n == 0:
		bad.Add("title", "highlights.title_empty")
	case n > highlightTitle:
		bad.Add("title", "highlights.title_long", "Max", highlightTitle)
	}
	switch n := utf8.RuneCountInString(h.Note); {
	case n == 0:
		bad.Add("note", "highlights.note_empty")
	case n > highlightNote:
		bad.Add("note", "highlights.note_long", "Max", highlightNote, "Over", n-highlightNote)
	}
	if !slices.Contains([]string{"en", "cy"}, h.Lang) {
		bad.Add("lang", "forms.lang_choose")
	}
	if !slices.Contains(Images, h.Image) {
		bad.Add("image", "highlights.image_choose")
	}
	if !slices.Contains(Grades, h.Grade) {
		bad.Add("grade", "highlights.grade_choose")
	}
	return append(bad, h.checkDays()...)
}

// checkDays says what is wrong with how long it is to stay.
func (h HighlightDraft) checkDays() (bad forum.Invalid) {
	from, err := time.Parse(time.DateOnly, h.From)
	if err != nil {
		bad.Add("from", "highlights.day")
	}
	until, wrong := time.Parse(time.DateOnly, h.Until)
	switch {
	case wrong != nil:
		bad.Add("until", "highlights.day")
	case err == nil && until.Before(from):
		bad.Add("until", "highlights.until_before")
	case err == nil && until.Sub(from) > highlightMost*24*time.Hour:
		bad.Add("until", "highlights.until_long", "Max", highlightMost)
	}
	return bad
}

// target reads what is to be highlighted: the thread, or the post, by its number.
func (h HighlightDraft) target() (thread, post int64) {
	kind, number, _ := strings.Cut(h.Target, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	switch {
	case err != nil || id <= 0:
		return 0, 0
	case kind == "post":
		return 0, id
	case slices.Contains([]string{"thread", forum.Project, forum.Lesson}, kind):
		return id, 0
	}
	return 0, 0
}
