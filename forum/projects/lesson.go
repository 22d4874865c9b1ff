package projects

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// Verdicts are how a lesson can say that it went.
var Verdicts = []string{"worked", "partly", "no", "early"}

// TimeBands are how long it can have taken, the shortest first.
var TimeBands = []string{"days", "weeks", "months", "year", "years"}

// LessonTexts are the facts of a lesson that are written at length, in the order in
// which they are read.
var LessonTexts = []string{"wanted", "did", "happened", "differently"}

// Bounds of a lesson's facts, in code points.
const (
	lessonLength = 5000
	adviceLength = 200
)

// Lesson is the facts of a lesson. What is written at length stands in its opening post
// too, which is made from them.
type Lesson struct {
	ThreadID    int64
	Wanted      string
	Did         string
	Happened    string
	Differently string
	Verdict     string
	Advice      string // in one sentence
	ProjectID   int64  // 0 for none
	CostBand    string
	TimeBand    string
	Version     int
	Withdrawn   bool // of a page: its words went with the post that opens it
}

const lessonColumns = `l.thread_id, l.wanted, l.did, l.happened, l.differently, l.verdict, l.advice,
	coalesce(l.project_id, 0) as project_id, l.cost_band, l.time_band, l.version`

// LessonDraft is what was typed to share a lesson, or to change one.
type LessonDraft struct {
	Title, Wanted, Did, Happened, Differently string
	Verdict, Advice, CostBand, TimeBand       string
	Project                                   string // the number or the address of the project that it comes from
	Topics                                    []string
	Visibility, Lang                          string

	Heads    map[string][]string // what stands above each of the texts and the advice, by the language of a lesson
	Resident forum.ResidentDraft
	Demo     string // the name of a lesson of the demo; empty of others

	Version int    // of the facts, when the page to change them was made
	Reason  string // of a change of somebody else's lesson
}

// Clean puts what was typed into the form that is stored.
func (n *LessonDraft) Clean() {
	n.Title, n.Advice, n.Project = oneLine(n.Title), oneLine(n.Advice), strings.TrimSpace(n.Project)
	for _, text := range []*string{&n.Wanted, &n.Did, &n.Happened, &n.Differently, &n.Reason} {
		*text = strings.TrimSpace(markup.Clean(*text))
	}
	if n.Visibility == "" {
		n.Visibility = "public"
	}
	if n.Lang == "" {
		n.Lang = "en"
	}
}

var projectNumber = regexp.MustCompile(`^(?:(?:https?://[^/]+)?/(?:projects|threads)/|#)?([1-9][0-9]{0,17})(?:[-/?#].*)?$`)

// projectID is the number in what was typed; 0 for nothing, and for what has none.
func (n LessonDraft) projectID() int64 {
	found := projectNumber.FindStringSubmatch(n.Project)
	if found == nil {
		return 0
	}
	id, _ := strconv.ParseInt(found[1], 10, 64) // short enough
	return id
}

// check says what keeps the draft from being shared, beside what its thread asks for.
func (n LessonDraft) check() (bad forum.Invalid) {
	if n.Happened == "" {
		bad.Add("happened", "lessons.happened_empty")
	}
	for _, field := range LessonTexts {
		if over := utf8.RuneCountInString(n.says(field)) - lessonLength; over > 0 {
			bad.Add(field, "projects.fact_long", "Max", lessonLength, "Over", over)
		}
	}
	if !slices.Contains(Verdicts, n.Verdict) {
		bad.Add("verdict", "lessons.verdict_choose")
	}
	if over := utf8.RuneCountInString(n.Advice) - adviceLength; over > 0 {
		bad.Add("advice", "projects.fact_long", "Max", adviceLength, "Over", over)
	}
	if n.Project != "" && n.projectID() == 0 {
		bad.Add("project", "lessons.project_unknown")
	}
	if n.CostBand != "" && !slices.Contains(CostBands, n.CostBand) {
		bad.Add("cost_band", "projects.fact_choose")
	}
	if n.TimeBand != "" && !slices.Contains(TimeBands, n.TimeBand) {
		bad.Add("time_band", "projects.fact_choose")
	}
	return bad
}

// lessonOrder is the order of the form.
var lessonOrder = []string{"title", "happened", "differently", "verdict", "wanted", "did", "advice", "topic", "project", "cost_band", "time_band", "visibility", "lang"}

// says is what the draft says of a fact.
func (n LessonDraft) says(field string) string { return *n.field(field) }

// field is where the draft keeps a fact; nil of topics, of which there are many.
func (n *LessonDraft) field(name string) *string {
	return map[string]*string{"title": &n.Title, "wanted": &n.Wanted, "did": &n.Did, "happened": &n.Happened, "differently": &n.Differently,
		"verdict": &n.Verdict, "advice": &n.Advice, "project": &n.Project, "cost_band": &n.CostBand, "time_band": &n.TimeBand}[name]
}

// body is the opening post: the texts that are there, each below what it is about.
func (n LessonDraft) body() string {
	var parts []string
	for i, text := range []string{n.Wanted, n.Did, n.Happened, n.Differently, n.Advice} {
		if text == "" {
			continue
		}
		if i < len(n.Heads[n.Lang]) {
			parts = append(parts, "## "+n.Heads[n.Lang][i])
		}
		parts = append(parts, closed(text))
	}
	return strings.Join(parts, "\n\n")
}

var fence = regexp.MustCompile("(?m)^ {0,3}```")

// closed is a text whose last block of code, if its writer forgot to end it, does not go
// on into the next.
func closed(text string) string {
	if len(fence.FindAllString(text, -1))%2 == 1 {
		return text + "\n```"
	}
	return text
}

// ask is the thread that the draft begins.
func (n LessonDraft) ask() forum.AskDraft {
	return forum.AskDraft{Kind: forum.Lesson, Title: n.Title, Body: n.body(), Visibility: n.Visibility, Lang: n.Lang, Topics: n.Topics,
		Suppliers: true, Resident: n.Resident, Demo: n.Demo}
}

// Residents looks for residents' data in what is about to be shared.
func (n LessonDraft) Residents() forum.ResidentCheck { return n.ask().Residents() }

// ShareLesson shares a lesson: a thread that opens with its texts, and its facts.
func (s *Store) ShareLesson(ctx context.Context, who forum.Person, draft LessonDraft) (forum.Asked, error) {
	draft.Clean()
	bad := draft.check()
	ask := draft.ask()
	ask.Also = func(ctx context.Context, d *forum.Deed, t forum.Thread) error {
		if bad != nil {
			return bad
		}
		return share(ctx, d, t, draft)
	}
	asked, err := s.Ask(ctx, who, ask)
	if more := (forum.Invalid)(nil); errors.As(err, &more) {
		return asked, inOrder(more, bad, lessonOrder...)
	}
	return asked, err
}

// share writes the facts of a new lesson.
func share(ctx context.Context, d *forum.Deed, t forum.Thread, draft LessonDraft) error {
	if err := comesFrom(ctx, d, draft.projectID()); err != nil {
		return err
	}
	_, err := d.Exec(ctx, `
		insert into lessons (thread_id, wanted, did, happened, differently, verdict, advice, project_id, cost_band, time_band)
		values (@thread, @wanted, @did, @happened, @differently, @verdict, @advice, nullif(@project::bigint, 0), @cost, @time)`, draft.args(t.ID))
	if err != nil {
		return err
	}
	d.DropDraft(ctx, forum.DraftLesson, 0)
	return enrol(ctx, d, t, pgx.NamedArgs{"verdict": draft.Verdict, "cost": draft.CostBand})
}

// args are the facts as arguments of a statement.
func (n LessonDraft) args(threadID int64) pgx.NamedArgs {
	return pgx.NamedArgs{"thread": threadID, "wanted": n.Wanted, "did": n.Did, "happened": n.Happened, "differently": n.Differently,
		"verdict": n.Verdict, "advice": n.Advice, "project": n.projectID(), "cost": n.CostBand, "time": n.TimeBand}
}

// comesFrom is Invalid unless the doer can find the project that a lesson comes from, if it comes from one.
func comesFrom(ctx context.Context, d *forum.Deed, projectID int64) error {
	if projectID == 0 {
		return nil
	}
	_, t, err := project(ctx, d, projectID)
	if errors.Is(err, forum.ErrNotFound) || errors.Is(err, forum.ErrGone) || err == nil && t.Hidden {
		return forum.Invalid{{Field: "project", Key: "lessons.project_unknown"}}
	}
	return err
}

// theLesson reads the facts of a thread that the deed has locked; ErrNotFound if it has none.
func theLesson(ctx context.Context, d *forum.Deed, threadID int64) (l Lesson, t forum.Thread, err error) {
	if t, err = d.Thread(ctx, threadID); err != nil {
		return Lesson{}, forum.Thread{}, err
	}
	rows, err := d.Query(ctx, `select `+lessonColumns+` from lessons l where l.thread_id = $1`, threadID)
	if err != nil {
		return Lesson{}, forum.Thread{}, err
	}
	err = forum.IntoOne(&l)(rows)
	return l, t, err
}

// SayHelped says that a lesson helped the doer's council, or takes that back. It counts
// once for each council, whoever of it says so; the same again changes nothing.
func (s *Store) SayHelped(ctx context.Context, who forum.Person, threadID int64, on bool) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		_, t, err := theLesson(ctx, d, threadID)
		if err != nil {
			return err
		}
		if !CanSayHelped(d.Who, t) {
			return forum.ErrForbidden
		}
		statement := `delete from helped where thread_id = @thread and council_id = @council`
		if on {
			statement = `insert into helped (thread_id, council_id, person_id, at) values (@thread, @council, @who, @at) on conflict do nothing`
		}
		_, err = d.Exec(ctx, statement, pgx.NamedArgs{"thread": t.ID, "council": d.Who.CouncilID, "who": d.Who.ID, "at": d.At})
		if err != nil {
			return err
		}
		_, err = d.Exec(ctx, `update register set reuses = (select count(*) from helped where thread_id = $1) where thread_id = $1`, t.ID)
		return err
	})
}
