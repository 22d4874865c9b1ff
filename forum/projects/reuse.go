package projects

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// ReuseKinds are what a council can do with the project of another: reuse it, have the
// problem too, want to join.
var ReuseKinds = []string{"reuse", "problem", "join"}

// noteLength is how much a council can say beside it.
const noteLength = 500

// Reuse is what a council does with a project, and the project that it became there.
type Reuse struct {
	Kind        string
	CouncilID   int64
	CouncilSlug string
	CouncilName string
	Note        string
	Visibility  string
	At          time.Time
	ProjectID   int64 // 0 where it became none, or none that the reader may see
	Slug        string
	Title       string
	Lang        string
}

// ReuseDraft is what was typed about it.
type ReuseDraft struct {
	Kind, Note, Visibility string
	Resident               forum.ResidentDraft
}

// Clean puts what was typed into the form that is stored.
func (r *ReuseDraft) Clean() {
	r.Note = strings.TrimSpace(markup.Clean(r.Note))
	if r.Visibility == "" {
		r.Visibility = "public"
	}
}

// Check says what keeps it from being said.
func (r ReuseDraft) Check() (bad forum.Invalid) {
	if !slices.Contains(ReuseKinds, r.Kind) {
		bad.Add("kind", "reuse.kind_choose")
	}
	if n := utf8.RuneCountInString(r.Note); n > noteLength {
		bad.Add("note", "projects.fact_long", "Max", noteLength, "Over", n-noteLength)
	}
	if r.Visibility != "public" && r.Visibility != "councils" {
		bad.Add("visibility", "projects.fact_choose")
	}
	return bad
}

// Residents looks for residents' data in what is about to be said.
func (r ReuseDraft) Residents() forum.ResidentCheck { return forum.CheckResidents(r.Note, "", 0) }

const reusesQuery = `
	select u.kind, u.council_id, k.slug as council_slug, k.shown_name as council_name, u.note, u.visibility, u.at,
		coalesce(t.id, 0) as project_id, coalesce(t.slug, '') as slug, coalesce(t.title, '') as title, coalesce(t.lang, 'en') as lang
	from reuses u join councils k on k.id = u.council_id
	left join threads t on t.id = u.project_id and ` + forum.Listed + `
	where u.thread_id = @thread and (u.visibility = 'public' or @colleague) and (u.project_id is null or t.id is not null)
	order by array_position(array['reuse', 'join', 'problem'], u.kind), u.at, u.council_id limit 300`

// Reuse says for the doer's council what it does with a project of another; its owner is
// told. Said again it changes the note and who can read it; the same again changes nothing.
func (s *Store) Reuse(ctx context.Context, who forum.Person, threadID int64, draft ReuseDraft) error {
	draft.Clean()
	bad := draft.Check()
	return s.Do(ctx, who, func(d *forum.Deed) error {
		t, err := reusable(ctx, d, threadID)
		if err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		if err := d.LookForResidents(ctx, forum.Looked{ThreadID: t.ID, Field: "note", Now: draft.Note, Said: draft.Resident}); err != nil {
			return err
		}
		fresh := false
		err = d.QueryRow(ctx, `
			with said as (
				insert into reuses (thread_id, council_id, kind, note, visibility, person_id, at) values (@thread, @council, @kind, @note, @visibility, @who, @at)
				on conflict (thread_id, council_id, kind) do update set note = @note, visibility = @visibility, person_id = @who
				where (reuses.note, reuses.visibility) is distinct from (@note, @visibility) returning xmax = 0 as fresh
			)
			select coalesce((select fresh from said), false)`,
			pgx.NamedArgs{"thread": t.ID, "council": d.Who.CouncilID, "kind": draft.Kind, "note": draft.Note, "visibility": draft.Visibility,
				"who": d.Who.ID, "at": d.At}).Scan(&fresh)
		if err != nil {
			return err
		}
		if fresh {
			if err := d.Tell(ctx, forum.Event{Kind: forum.ProjectReused, ThreadID: t.ID}); err != nil {
				return err
			}
		}
		return counted(ctx, d, t.ID)
	})
}

// TakeBackReuse says that the doer's council does not do that with a project, or no more.
func (s *Store) TakeBackReuse(ctx context.Context, who forum.Person, threadID int64, kind string) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		t, err := reusable(ctx, d, threadID)
		if err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `delete from reuses where thread_id = $1 and council_id = $2 and kind = $3`, t.ID, d.Who.CouncilID, kind); err != nil {
			return err
		}
		return counted(ctx, d, t.ID)
	})
}

// reusable is project for a deed of those who may say what their council does with it.
func reusable(ctx context.Context, d *forum.Deed, threadID int64) (forum.Thread, error) {
	p, t, err := project(ctx, d, threadID)
	if err == nil && !CanReuse(d.Who, p, t) {
		err = &forum.Forbidden{Why: whyNotReuse(d.Who, p)}
	}
	return t, err
}

// whyNotReuse is why somebody cannot say what their council does with a project.
func whyNotReuse(who forum.Person, p Project) string {
	if who.CouncilID != 0 && who.CouncilID == p.CouncilID {
		return "reuse.own"
	}
	return "reuse.not_yours"
}

// counted writes down by how many councils a project is reused, of those that say so to
// everybody: the number is the same for whoever reads it.
func counted(ctx context.Context, d *forum.Deed, threadID int64) error {
	_, err := d.Exec(ctx, `update register set reuses = reused_by($1) where thread_id = $1 and reuses <> reused_by($1)`, threadID)
	return err
}

// becomes notes that the doer's council reuses a project, and which one it makes of it.
func becomes(ctx context.Context, d *forum.Deed, parentID, threadID int64) error {
	if !forum.SpeaksFor(d.Who) {
		return nil // who waits to be let in counts for no council yet
	}
	tag, err := d.Exec(ctx, `
		insert into reuses (thread_id, council_id, kind, visibility, person_id, at, project_id)
		select @parent, @council, 'reuse', t.visibility, @who, @at, t.id from projects j join threads t on t.id = @thread
		where j.thread_id = @parent and j.council_id is distinct from @council
		on conflict (thread_id, council_id, kind) do update set project_id = coalesce(reuses.project_id, @thread)`,
		pgx.NamedArgs{"parent": parentID, "council": d.Who.CouncilID, "who": d.Who.ID, "at": d.At, "thread": threadID})
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	if err := d.Tell(ctx, forum.Event{Kind: forum.ProjectReused, ThreadID: parentID}); err != nil {
		return err
	}
	return counted(ctx, d, parentID)
}

// ReusePage is the page on which a council says what it does with a project.
type ReusePage struct {
	Project Project
	Thread  forum.Thread
	Mine    []Reuse // what the reader's council has said
	Draft   ReuseDraft
	Check   forum.ResidentCheck
}

// ReusePage reads it in one round trip: ErrForbidden for who may not.
func (s *Store) ReusePage(ctx context.Context, who forum.Person, id int64) (p ReusePage, err error) {
	args := who.Rights(pgx.NamedArgs{"thread": id})
	var all []Reuse
	var b pgx.Batch
	b.Queue(projectQuery, args).Query(forum.IntoOne(&p.Project))
	s.QueueThread(&b, args, &p.Thread)
	b.Queue(reusesQuery, args).Query(forum.Into(&all))
	switch err := s.Send(ctx, &b); {
	case err != nil:
		return ReusePage{}, err
	case p.Thread.Deleted:
		return ReusePage{}, forum.ErrGone
	case !CanReuse(who, p.Project, p.Thread):
		return ReusePage{}, &forum.Forbidden{Why: whyNotReuse(who, p.Project)}
	}
	p.Mine = of(who.CouncilID, all)
	p.Draft = ReuseDraft{Kind: "reuse", Visibility: "public"}
	return p, nil
}

// of are those of one council.
func of(councilID int64, all []Reuse) (mine []Reuse) {
	for _, u := range all {
		if u.CouncilID == councilID && councilID != 0 {
			mine = append(mine, u)
		}
	}
	return mine
}
