package projects

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// Draft is what was typed to share a project: what it is, and how far it has come.
// All else is asked for afterwards, one thing at a time.
type Draft struct {
	Title, Summary, Phase, Visibility, Lang string
	Parent                                  int64 // the project that it reuses; 0 for none
	Resident                                forum.ResidentDraft
	Topics                                  []string
	Demo                                    string // the name of a project of the demo; empty of others
}

// Bounds of the facts, in code points.
const (
	summaryLength = 300
	proseLength   = 10000
	lineLength    = 100
)

// oneLine puts single spaces in the place of all others.
func oneLine(s string) string { return strings.Join(strings.Fields(markup.Clean(s)), " ") }

// Clean puts what was typed into the form that is stored.
func (n *Draft) Clean() {
	n.Title, n.Summary = oneLine(n.Title), oneLine(n.Summary)
	if n.Visibility == "" {
		n.Visibility = "public"
	}
	if n.Lang == "" {
		n.Lang = "en"
	}
}

// check says what keeps the draft from being shared, beside what its thread asks for.
func (n Draft) check() (bad forum.Invalid) {
	switch count := utf8.RuneCountInString(n.Summary); {
	case count == 0:
		bad.Add("summary", "projects.summary_empty")
	case count > summaryLength:
		bad.Add("summary", "projects.summary_long", "Max", summaryLength, "Over", count-summaryLength)
	}
	if !slices.Contains(Phases, n.Phase) {
		bad.Add("phase", "projects.phase_choose")
	}
	return bad
}

// ask is the thread that the draft begins.
func (n Draft) ask() forum.AskDraft {
	return forum.AskDraft{Kind: forum.Project, Title: n.Title, Body: n.Summary, Visibility: n.Visibility, Lang: n.Lang, Topics: n.Topics,
		Suppliers: true, Resident: n.Resident, Demo: n.Demo}
}

// Residents looks for residents' data in what is about to be shared.
func (n Draft) Residents() forum.ResidentCheck { return n.ask().Residents() }

// Start shares a project: a thread that opens with the summary, and its first facts.
func (s *Store) Start(ctx context.Context, who forum.Person, draft Draft) (forum.Asked, error) {
	draft.Clean()
	bad := draft.check()
	ask := draft.ask()
	ask.Also = func(ctx context.Context, d *forum.Deed, t forum.Thread) error {
		if bad != nil {
			return bad
		}
		return start(ctx, d, t, draft)
	}
	asked, err := s.Ask(ctx, who, ask)
	if more := (forum.Invalid)(nil); errors.As(err, &more) {
		return asked, inOrder(more, bad, "title", "summary", "phase")
	}
	return asked, err
}

// inOrder puts the problems of the thread and of the facts in the order of the form:
// what the thread calls its body is its second field.
func inOrder(thread, own forum.Invalid, order ...string) (all forum.Invalid) {
	for _, p := range thread {
		if p.Field == "body" && slices.ContainsFunc(own, func(o forum.Problem) bool { return o.Field == order[1] }) {
			continue // said in its own words
		}
		if p.Field == "body" {
			p.Field = order[1]
		}
		if p.Key == "ask.title_empty" {
			p.Key = "projects.title_empty" // it is no question
		}
		all = append(all, p)
	}
	for _, o := range own {
		if !slices.ContainsFunc(all, func(p forum.Problem) bool { return p.Field == o.Field && p.Key == o.Key }) {
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b forum.Problem) int { return place(order, a.Field) - place(order, b.Field) })
	return all
}

func place(order []string, field string) int {
	if i := slices.Index(order, field); i >= 0 {
		return i
	}
	return len(order)
}

// start writes the first facts of a new project.
func start(ctx context.Context, d *forum.Deed, t forum.Thread, draft Draft) error {
	if draft.Parent != 0 {
		switch _, parent, err := project(ctx, d, draft.Parent); {
		case errors.Is(err, forum.ErrNotFound), errors.Is(err, forum.ErrGone), err == nil && (parent.Held || parent.Hidden):
			return forum.Invalid{{Field: "title", Key: "projects.parent_gone"}} // meanwhile; the form comes back without it
		case err != nil:
			return err
		}
	}
	args := pgx.NamedArgs{"thread": t.ID, "council": d.Who.CouncilID, "summary": draft.Summary, "phase": draft.Phase,
		"parent": draft.Parent, "who": d.Who.ID, "at": d.At, "today": forum.DayOf(d.At)}
	_, err := d.Exec(ctx, `
		with made as (
			insert into projects (thread_id, council_id, summary, phase, parent_id, confirmed_at)
			values (@thread, nullif(@council::bigint, 0), @summary, @phase, nullif(@parent::bigint, 0), @at) returning thread_id
		)
		insert into project_phases (thread_id, phase, on_date, person_id, at) select thread_id, @phase, @today, @who, @at from made`, args)
	if err != nil {
		return err
	}
	d.DropDraft(ctx, forum.DraftProject, 0)
	if err := enrol(ctx, d, t, pgx.NamedArgs{"phase": draft.Phase}); err != nil || draft.Parent == 0 {
		return err
	}
	return becomes(ctx, d, draft.Parent, t.ID)
}
