package projects

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// Facts are what is asked for after a project was shared, in the order of its list.
var Facts = []string{"summary", "problem", "tried", "outcome", "evidence_url", "topic", "cost_band", "paid_by", "funding", "partner", "product",
	"standard", "code_url", "offer", "contact", "council", "visibility"}

// FactDraft is what was typed about one fact.
type FactDraft struct {
	Field    string
	Text     string   // what it says
	Beside   string   // what stands beside it: the licence of code, the contact's role
	Many     []string // of topics and offers
	Version  int      // of the facts, when the page was made
	Resident forum.ResidentDraft
}

// prose are the facts in which people write at length, and how long they can be.
var prose = map[string]int{"summary": summaryLength, "problem": proseLength, "tried": proseLength, "outcome": proseLength, "standard": 1000}

// choices are the facts that are one of a few; each may be taken back, but for who reads it.
var choices = map[string][]string{"cost_band": CostBands, "paid_by": PaidBy, "funding": Fundings, "visibility": {"public", "councils"}}

// Clean puts what was typed into the form that is stored.
func (f *FactDraft) Clean() {
	f.Beside = oneLine(f.Beside)
	if f.Field != "code_url" && f.Field != "contact" {
		f.Beside = "" // nothing stands beside the others
	}
	switch f.Field {
	case "problem", "tried", "outcome", "standard":
		f.Text = strings.TrimSpace(markup.Clean(f.Text))
	default:
		f.Text = oneLine(f.Text)
	}
	if f.Field == "code_url" || f.Field == "evidence_url" {
		f.Text = asLink(f.Text)
	}
	if f.Field == "topic" || f.Field == "offer" {
		f.Text = strings.Join(f.Many, " ")
	}
}

// Check says what keeps the fact from being kept, as far as it tells by itself.
func (f FactDraft) Check() (bad forum.Invalid) {
	count := utf8.RuneCountInString(f.Text)
	if most, written := prose[f.Field]; written && count > most {
		bad.Add(f.Field, "projects.fact_long", "Max", most, "Over", count-most)
	}
	if !f.isChoice() {
		bad.Add(f.Field, "projects.fact_choose")
	}
	switch f.Field {
	case "summary":
		if count == 0 {
			bad.Add(f.Field, "projects.summary_empty")
		}
	case "topic":
		if len(f.Many) == 0 {
			bad.Add(f.Field, "projects.topic_choose")
		}
	case "code_url", "evidence_url":
		if !isLink(f.Text) {
			bad.Add(f.Field, "projects.link_not_web")
		}
	}
	if utf8.RuneCountInString(f.Beside) > lineLength {
		bad.Add(map[string]string{"code_url": "licence", "contact": "contact_role"}[f.Field], "projects.line_long", "Max", lineLength)
	}
	return bad
}

// isChoice reports whether a fact that is chosen is one of those there are.
func (f FactDraft) isChoice() bool {
	if f.Field == "offer" {
		return !slices.ContainsFunc(f.Many, func(o string) bool { return !slices.Contains(Offers, o) })
	}
	of, chosen := choices[f.Field]
	return !chosen || slices.Contains(of, f.Text) || f.Text == "" && f.Field != "visibility"
}

// several reports whether a fact is a list, to which one adds: see Invite, UseProduct.
func (f FactDraft) several() bool { return f.Field == "partner" || f.Field == "product" }

// asLink is an address on the web as it is stored, HTTPS: as https:; another text stays.
func asLink(text string) string {
	if at, err := url.Parse(text); err == nil && isLink(text) {
		return at.String()
	}
	return text
}

// isLink reports whether a text is nothing, or an address on the web that can be
// followed: not of a script, nor of a file.
func isLink(text string) bool {
	if text == "" {
		return true
	}
	at, err := url.Parse(text)
	return err == nil && (at.Scheme == "http" || at.Scheme == "https") && at.Host != "" && at.User == nil && len(text) <= 2000
}

// statements write a fact that is a column, $2, with what stands beside it, $3.
var statements = map[string]string{
	"summary":      `update projects set summary = $2 where thread_id = $1 and $3 = ''`,
	"problem":      `update projects set problem = $2 where thread_id = $1 and $3 = ''`,
	"tried":        `update projects set tried = $2 where thread_id = $1 and $3 = ''`,
	"outcome":      `update projects set outcome = $2 where thread_id = $1 and $3 = ''`,
	"evidence_url": `update projects set evidence_url = $2 where thread_id = $1 and $3 = ''`,
	"cost_band":    `update projects set cost_band = $2 where thread_id = $1 and $3 = ''`,
	"paid_by":      `update projects set paid_by = $2 where thread_id = $1 and $3 = ''`,
	"funding":      `update projects set funding = $2 where thread_id = $1 and $3 = ''`,
	"standard":     `update projects set standards = $2 where thread_id = $1 and $3 = ''`,
	"code_url":     `update projects set code_url = $2, licence = $3 where thread_id = $1`,
	"offer":        `update projects set offers = array_remove(string_to_array($2, ' '), '') where thread_id = $1 and $3 = ''`,
	"visibility":   `update threads set visibility = $2 where id = $1 and $3 = ''`,
}

// SetFact changes one fact of a project. Whoever changes it after somebody else did,
// from a page that did not know, is shown both: a *forum.Conflict. Other facts may have
// changed meanwhile. The same again changes nothing.
func (s *Store) SetFact(ctx context.Context, who forum.Person, threadID int64, draft FactDraft) error {
	draft.Clean()
	bad := draft.Check()
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, t, err := tended(ctx, d, threadID)
		if err != nil {
			return err
		}
		if !slices.Contains(Facts, draft.Field) || draft.several() {
			return forum.ErrNotFound
		}
		before, beside := p.says(draft.Field, t)
		if bad != nil {
			return bad
		}
		if before == draft.Text && beside == draft.Beside && draft.Field != "topic" {
			return nil
		}
		return setFact(ctx, d, p, t, draft)
	})
}

// setFact is the part of it that comes after the rights.
func setFact(ctx context.Context, d *forum.Deed, p Project, t forum.Thread, draft FactDraft) error {
	if err := overtaken(ctx, d, p, draft); err != nil {
		return err
	}
	if prose[draft.Field] > 0 {
		before, _ := p.says(draft.Field, t)
		if err := d.LookForResidents(ctx, forum.Looked{ThreadID: t.ID, Field: draft.Field, Now: draft.Text, Before: before, Said: draft.Resident}); err != nil {
			return err
		}
	}
	if err := write(ctx, d, p, t, draft); err != nil {
		return err
	}
	return noted(ctx, d, p, draft.Field, joined(draft.Text, draft.Beside))
}

// tended is project for a deed of those who tend it: else ErrForbidden.
func tended(ctx context.Context, d *forum.Deed, threadID int64) (Project, forum.Thread, error) {
	p, t, err := project(ctx, d, threadID)
	if err == nil && !CanTend(d.Who, p, t) {
		err = &forum.Forbidden{Why: "projects.not_yours"}
	}
	return p, t, err
}

// overtaken is the conflict of a fact that was changed since the page was made.
func overtaken(ctx context.Context, d *forum.Deed, p Project, draft FactDraft) error {
	now := forum.Conflict{Version: p.Version}
	var editor int64
	err := d.QueryRow(ctx, `
		select g.said, g.at, g.person_id, e.name from project_changes g join people e on e.id = g.person_id
		where g.thread_id = $1 and g.field = $2 and g.version > $3 order by g.version desc limit 1`,
		p.ThreadID, draft.Field, draft.Version).Scan(&now.Body, &now.At, &editor, &now.EditorName)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	now.Own = editor == d.Who.ID
	return &now
}

// noted writes down what a fact says now, under the next version, and that the project
// has moved.
func noted(ctx context.Context, d *forum.Deed, p Project, field, said string) error {
	_, err := d.Exec(ctx, `
		with next as (update projects set version = version + 1 where thread_id = @thread returning version)
		insert into project_changes (thread_id, version, field, said, person_id, at) select @thread, version, @field, @said, @who, @at from next`,
		pgx.NamedArgs{"thread": p.ThreadID, "field": field, "said": said, "who": d.Who.ID, "at": d.At})
	if err != nil {
		return err
	}
	return moved(ctx, d, p.ThreadID)
}

func joined(text, beside string) string {
	if beside == "" {
		return text
	}
	return text + " (" + beside + ")"
}

// says is what a fact says now, and what stands beside it.
func (p Project) says(field string, t forum.Thread) (text, beside string) {
	switch field {
	case "code_url":
		return p.CodeURL, p.Licence
	case "offer":
		return strings.Join(p.Offers, " "), ""
	case "contact":
		return number(p.ContactID), p.ContactRole
	case "council":
		return p.CouncilSlug, ""
	case "visibility":
		return t.Visibility, ""
	}
	return map[string]string{"summary": p.Summary, "problem": p.Problem, "tried": p.Tried, "outcome": p.Outcome, "evidence_url": p.EvidenceURL,
		"cost_band": p.CostBand, "paid_by": p.PaidBy, "funding": p.Funding, "standard": p.Standards}[field], ""
}

// write changes the fact itself.
func write(ctx context.Context, d *forum.Deed, p Project, t forum.Thread, draft FactDraft) error {
	switch draft.Field {
	case "topic":
		var bad forum.Invalid
		if err := d.SetTopics(ctx, t.ID, draft.Many, &bad); err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		return nil
	case "contact":
		return setContact(ctx, d, p, draft)
	case "council":
		return setCouncil(ctx, d, p, draft)
	case "visibility":
		if draft.Text == "public" {
			if err := alone(ctx, d, t); err != nil {
				return err
			}
		}
	}
	tag, err := d.Exec(ctx, statements[draft.Field], p.ThreadID, draft.Text, draft.Beside)
	if err == nil && tag.RowsAffected() == 0 {
		return forum.ErrConflict // what was not kept is not told as done
	}
	return err
}

// alone is Invalid where anybody else has ever written in a thread: they wrote for
// councils only, also where it does not show, was deleted or went to another thread, for
// all of that may come back.
func alone(ctx context.Context, d *forum.Deed, t forum.Thread) error {
	var others bool
	err := d.QueryRow(ctx, `
		select exists (select from posts p where p.thread_id = $1 and p.author_id <> $2)
			or exists (select from moved_posts m join posts p on p.id = m.post_id where m.thread_id = $1 and p.author_id <> $2)`,
		t.ID, t.AuthorID).Scan(&others)
	if err == nil && others {
		return forum.Invalid{{Field: "visibility", Key: "projects.stays_councils"}}
	}
	return err
}

// setContact names who answers for the project: a colleague of its council, or nobody.
func setContact(ctx context.Context, d *forum.Deed, p Project, draft FactDraft) error {
	id := numberIn(draft.Text)
	tag, err := d.Exec(ctx, `
		update projects j set contact_id = nullif(@contact::bigint, 0), contact_role = @role, asks = 0, asked_at = null
		where j.thread_id = @thread and (@contact = 0 or exists (select from people p where p.id = @contact and `+ofCouncil+`))`,
		pgx.NamedArgs{"thread": p.ThreadID, "contact": id, "role": draft.Beside})
	if err == nil && (tag.RowsAffected() == 0 || id == 0 && draft.Text != "" && draft.Text != "0") {
		return forum.Invalid{{Field: "contact", Key: "projects.contact_unknown"}}
	}
	return err
}

// ofCouncil is true of the people p who can answer for the project j.
const ofCouncil = `(p.council_id = j.council_id and p.standing = 'colleague' and p.joined_at is not null and p.erased_at is null)`

// setCouncil gives the lead to another of the councils that take part, or to the
// doer's own.
func setCouncil(ctx context.Context, d *forum.Deed, p Project, draft FactDraft) error {
	tag, err := d.Exec(ctx, `
		update projects j set council_id = c.id, contact_id = null, contact_role = ''
		from councils c where j.thread_id = @thread and c.slug = @slug and c.status = 'current' and (c.id = @own
			or exists (select from project_councils k where k.thread_id = j.thread_id and k.council_id = c.id and k.state = 'confirmed'))`,
		pgx.NamedArgs{"thread": p.ThreadID, "slug": draft.Text, "own": d.Who.CouncilID})
	if err == nil && tag.RowsAffected() == 0 {
		return forum.Invalid{{Field: "council", Key: "projects.council_not_partner"}}
	}
	if err != nil {
		return err
	}
	// Whoever led it before goes on as a partner, who has said yes.
	_, err = d.Exec(ctx, `
		with gone as (delete from project_councils k using councils c where k.thread_id = @thread and k.council_id = c.id and c.slug = @slug)
		insert into project_councils (thread_id, council_id, state, invited_by, invited_at, answered_by, answered_at)
		select @thread, b.id, 'confirmed', @who, @at, @who, @at from councils b where b.id = @before and b.status = 'current' on conflict do nothing`,
		pgx.NamedArgs{"thread": p.ThreadID, "slug": draft.Text, "before": p.CouncilID, "who": d.Who.ID, "at": d.At})
	return err
}

// ChangePhase says how far a project has come, from a day on. It may go back, which
// the page says; the day is neither to come nor before the last change.
func (s *Store) ChangePhase(ctx context.Context, who forum.Person, threadID int64, phase string, on time.Time) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, _, err := tended(ctx, d, threadID)
		if err != nil {
			return err
		}
		var last time.Time
		if err := d.QueryRow(ctx, `select max(on_date) from project_phases where thread_id = $1`, threadID).Scan(&last); err != nil {
			return err
		}
		var bad forum.Invalid
		switch {
		case !slices.Contains(Phases, phase):
			bad.Add("phase", "projects.phase_choose")
		case on.IsZero():
			bad.Add("date", "projects.date_choose")
		case on.After(forum.DayOf(d.At)):
			bad.Add("date", "projects.date_future")
		case on.Before(last) && !d.InPast():
			bad.Add("date", "projects.date_reversed")
		}
		if bad != nil {
			return bad
		}
		if phase == p.Phase {
			return nil
		}
		return setPhase(ctx, d, p, phase, on)
	})
}

// setPhase is the part of ChangePhase that other deeds have too.
func setPhase(ctx context.Context, d *forum.Deed, p Project, phase string, on time.Time) error {
	_, err := d.Exec(ctx, `
		with turned as (update projects set phase = @phase where thread_id = @thread)
		insert into project_phases (thread_id, phase, on_date, person_id, at) values (@thread, @phase, @on, @who, @at)`,
		pgx.NamedArgs{"thread": p.ThreadID, "phase": phase, "on": on, "who": d.Who.ID, "at": d.At})
	if err != nil {
		return err
	}
	return noted(ctx, d, p, "phase", phase)
}

// PostUpdate tells how a project goes: a post, marked as an update.
func (s *Store) PostUpdate(ctx context.Context, who forum.Person, threadID int64, draft forum.PostDraft) (forum.Posted, error) {
	draft.Also = func(ctx context.Context, d *forum.Deed, t forum.Thread, post forum.Post) error {
		if _, _, err := tended(ctx, d, t.ID); err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `insert into project_updates (post_id, thread_id) values ($1, $2)`, post.ID, t.ID); err != nil {
			return err
		}
		return moved(ctx, d, t.ID)
	}
	return s.Reply(ctx, who, threadID, draft)
}

// TellWay tells the phases by which a project came to where it is, spread over the time
// from when it began until it was there: it is how the demo's past is written.
func (s *Store) TellWay(ctx context.Context, who forum.Person, threadID int64, way []string, from [2]time.Time) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		p, _, err := tended(ctx, d, threadID)
		if err != nil || !d.InPast() || len(way) == 0 {
			return err
		}
		_, err = d.Exec(ctx, `
			with before as (delete from project_phases where thread_id = @thread)
			insert into project_phases (thread_id, phase, on_date, person_id, at)
			select @thread, w.phase, @from::date + ((@to::date - @from::date) * (w.nth - 1) / greatest(@steps - 1, 1))::int, @who, @at
			from unnest(@way::text[]) with ordinality as w (phase, nth) order by w.nth`,
			pgx.NamedArgs{"thread": p.ThreadID, "from": from[0], "to": from[1], "way": way, "steps": len(way), "who": d.Who.ID, "at": d.At})
		return err
	})
}
