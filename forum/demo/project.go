package demo

import (
	"context"
	"slices"
	"strings"
	"time"

	"moothall/forum"
	"moothall/forum/projects"
)

// project is a project of the corpus.
type project struct {
	Slug        string   `json:"slug"`
	Title       string   `json:"title"`
	Phase       string   `json:"phase"`
	Lead        string   `json:"lead_council_slug"`
	Partners    []string `json:"partner_council_slugs"`
	Topics      []string `json:"topic_slugs"`
	Summary     string   `json:"summary"`
	Problem     string   `json:"problem"`
	Tried       string   `json:"what_we_tried"`
	Outcome     string   `json:"outcome"`
	CostBand    string   `json:"cost_band"`
	Products    []string `json:"products"`
	Contact     string   `json:"contact_person_slug"`
	ContactRole string   `json:"contact_role"`
	Reuse       []struct {
		Council string `json:"council_slug"`
		Date    string `json:"date"`
		Note    string `json:"note"`
	} `json:"reuse"`
	StartDate string `json:"start_date"`
	EndDate   string `json:"end_date"`
	Links     []struct {
		Label string `json:"label"`
		URL   string `json:"url"`
	} `json:"links"`
	Lang      string    `json:"lang"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Thanks    int       `json:"thanks"`
}

// start shares the project, as far as three things go.
func (p project) start(ctx context.Context, l *loader) error {
	asked, err := projects.New(l.forum.Past(p.CreatedAt)).Start(ctx, l.people[p.Contact], projects.Draft{Title: p.Title, Summary: p.Summary,
		Phase: p.Phase, Lang: p.Lang, Topics: p.Topics, Demo: p.Slug})
	l.threads[p.Slug] = asked.ID
	return err
}

// tell tells the rest of it, once: its facts, its way, who takes part.
func (p project) tell(ctx context.Context, l *loader) error {
	id, contact := l.threads[p.Slug], l.people[p.Contact]
	then, later := projects.New(l.forum.Past(p.CreatedAt.Add(time.Hour))), projects.New(l.forum.Past(p.UpdatedAt))
	page, err := then.TendPage(ctx, contact, id)
	if err != nil || page.Project.Version > 1 {
		return err
	}
	if err := p.tellWay(ctx, then, l); err != nil {
		return err
	}
	for _, f := range p.facts() {
		f.Version = 1
		if err := then.SetFact(ctx, contact, id, f); err != nil {
			return err
		}
	}
	for _, name := range p.Products {
		if err := then.UseProduct(ctx, contact, id, projects.ProductDraft{Name: name, New: true}); err != nil {
			return err
		}
	}
	for _, slug := range p.Partners {
		if err := p.ask(ctx, then, l, slug); err != nil {
			return err
		}
	}
	if err := later.Confirm(ctx, contact, id, projects.ConfirmDraft{Answer: "true"}); err != nil {
		return err
	}
	return p.reused(ctx, l)
}

// reused has somebody of each council that reuses the project say so, on the day that the
// corpus tells.
func (p project) reused(ctx context.Context, l *loader) error {
	for _, u := range p.Reuse {
		on, err := time.Parse(time.DateOnly, u.Date)
		if err != nil {
			return err
		}
		then := projects.New(l.forum.Past(on.Add(9 * time.Hour)))
		for _, one := range read().People {
			if who := l.people[one.Slug]; one.Council == u.Council && u.Council != p.Lead && forum.SpeaksFor(who) {
				if err := then.Reuse(ctx, who, l.threads[p.Slug], projects.ReuseDraft{Kind: "reuse", Note: u.Note}); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// facts are those that the corpus has.
func (p project) facts() []projects.FactDraft {
	facts := []projects.FactDraft{
		{Field: "problem", Text: p.Problem}, {Field: "tried", Text: p.Tried}, {Field: "outcome", Text: p.Outcome},
		{Field: "cost_band", Text: p.CostBand}, {Field: "offer", Many: []string{"call", "documents"}},
	}
	for _, link := range p.Links {
		switch label := strings.ToLower(link.Label); {
		case strings.Contains(label, "code"):
			facts = append(facts, projects.FactDraft{Field: "code_url", Text: link.URL, Beside: "MIT"})
		case strings.Contains(label, "write"):
			facts = append(facts, projects.FactDraft{Field: "evidence_url", Text: link.URL})
		}
	}
	return facts
}

// tellWay tells when the project began and when it came to where it is.
func (p project) tellWay(ctx context.Context, then *projects.Store, l *loader) error {
	id, contact := l.threads[p.Slug], l.people[p.Contact]
	began, err := time.Parse(time.DateOnly, p.StartDate)
	if err != nil {
		return nil //nolint:nilerr // the corpus does not say
	}
	ended, err := time.Parse(time.DateOnly, p.EndDate)
	if err != nil {
		ended = p.CreatedAt.Truncate(24 * time.Hour)
	}
	way := []string{"idea", "discovery", "alpha", "beta", "live"}
	if i := slices.Index(way, p.Phase); i >= 0 {
		way = way[:i+1]
	} else {
		way = append(way, p.Phase)
	}
	return then.TellWay(ctx, contact, id, way, [2]time.Time{began, ended})
}

// ask has a council take part, and somebody of it say so.
func (p project) ask(ctx context.Context, then *projects.Store, l *loader, slug string) error {
	if err := then.Invite(ctx, l.people[p.Contact], l.threads[p.Slug], slug); err != nil {
		return err
	}
	for _, one := range read().People {
		if who := l.people[one.Slug]; one.Council == slug && forum.SpeaksFor(who) {
			return then.AnswerInvitation(ctx, who, l.threads[p.Slug], true)
		}
	}
	return nil // nobody of it is here to say so
}
