package forum

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

// DraftPlace is what a draft is for, as far as its writer may still see that.
type DraftPlace struct {
	ThreadID int64 // 0: they may not see it, or there is none
	Title    string
	Slug     string
	PostID   int64
	Number   int
}

// DraftVersion is a text that is kept beside a draft.
type DraftVersion struct {
	ID      int64
	Kind    DraftKind
	Target  int64
	Fields  json.RawMessage
	SavedAt time.Time
	Why     string // replaced, stray or discarded
	DraftPlace
}

// Values are the fields as the form had them.
func (v DraftVersion) Values() url.Values { return fieldsOf(v.Fields) }

// DraftLine is a draft and what it is for.
type DraftLine struct {
	Kind    DraftKind
	Target  int64
	Fields  json.RawMessage
	SavedAt time.Time
	DraftPlace
	GoesOn bool // its form is there to be gone on with
	Older  []DraftVersion
}

// Values are the draft's fields as the form had them.
func (l DraftLine) Values() url.Values { return fieldsOf(l.Fields) }

// DraftsPage is all that a person has typed and not posted.
type DraftsPage struct {
	Drafts    []DraftLine
	Strays    []DraftVersion // from pages that came too late with them
	Discarded []DraftVersion // that can be put back for a moment yet
}

// draftsPageBytes bounds the texts beside drafts on one page. Older ones are there once
// newer ones have gone.
const draftsPageBytes = 2 << 20

// draftRow is a draft, with what says whether its writer can go on with it.
type draftRow struct {
	DraftLine
	Closed, Hidden, Held, Suppliers bool
	AuthorID, PostAuthor            int64
	PostHidden                      bool
}

// goesOn reports whether the form of the draft is there to be gone on with.
func (r draftRow) goesOn(who Person) bool {
	there := r.ThreadID != 0
	switch r.Kind {
	case DraftAsk, DraftProject:
		return CanAsk(who)
	case DraftLesson:
		return CanAsk(who) && r.isOwnLesson(who)
	case DraftReply:
		return there && CanReply(who, Thread{Closed: r.Closed, Hidden: r.Hidden, Held: r.Held, Suppliers: r.Suppliers, AuthorID: r.AuthorID})
	case DraftEdit:
		return there && CanEdit(who, Thread{Hidden: r.Hidden}, Post{AuthorID: r.PostAuthor, Hidden: r.PostHidden})
	case DraftReport:
		return there && CanReport(who)
	}
	return false
}

// isOwnLesson reports whether a draft is of a new lesson, or of one that is its writer's to change.
func (r draftRow) isOwnLesson(who Person) bool {
	return r.Target == 0 || r.ThreadID != 0 && (r.AuthorID == who.ID || who.Is(Curator))
}

// DraftsPage reads a person's drafts, the newest first, in one round trip.
func (s *Store) DraftsPage(ctx context.Context, who Person) (p DraftsPage, err error) {
	args := who.rights(pgx.NamedArgs{"undo": s.Now().Add(-undoDiscard), "most": draftsPageBytes})
	var rows []draftRow
	var versions []DraftVersion
	var b pgx.Batch
	b.Queue(draftsQuery, args).Query(Into(&rows))
	b.Queue(draftVersionsQuery, args).Query(Into(&versions))
	if err := s.Send(ctx, &b); err != nil {
		return DraftsPage{}, err
	}
	for _, row := range rows {
		line := row.DraftLine
		line.GoesOn = row.goesOn(who)
		p.Drafts = append(p.Drafts, line)
	}
	p.place(versions)
	return p, nil
}

// DraftPlace is what a form that somebody types into is for; nothing if they may not
// see that, or there is none.
func (s *Store) DraftPlace(ctx context.Context, who Person, kind DraftKind, target int64) (place DraftPlace, err error) {
	var b pgx.Batch
	b.Queue(`select `+draftPlace+` from (select @kind::text as kind, @target::bigint as target) d `+draftTables,
		who.rights(pgx.NamedArgs{"kind": kind, "target": target})).Query(IntoOne(&place))
	return place, s.Send(ctx, &b)
}

// place puts older texts where they belong.
func (p *DraftsPage) place(versions []DraftVersion) {
	for _, v := range versions {
		switch v.Why {
		case "stray":
			p.Strays = append(p.Strays, v)
		case "discarded":
			p.Discarded = append(p.Discarded, v)
		default:
			for i, line := range p.Drafts {
				if line.Kind == v.Kind && line.Target == v.Target {
					p.Drafts[i].Older = append(p.Drafts[i].Older, v)
				}
			}
		}
	}
}

// draftPlace is a DraftPlace of the draft or older text d, draftTables where it stands.
const (
	draftPlace = `
	coalesce(t.id, 0) as thread_id, coalesce(t.title, '') as title, coalesce(t.slug, '') as slug,
	case when t.id is null then 0 else coalesce(p.id, 0) end as post_id, coalesce(p.number, 0) as number`
	draftTables = `
	left join posts p on d.kind in ('edit', 'report') and p.id = d.target and ` + shows + `
	left join threads t on t.id = case when d.kind in ('reply', 'lesson') then d.target when d.target < 0 then -d.target else p.thread_id end and ` + visible
)

// draftsQuery reads drafts, each with its thread where that shows to its writer.
const draftsQuery = `
	select d.kind, d.target, d.fields, d.saved_at, ` + draftPlace + `,
		t.closed_at is not null as closed, t.hidden_at is not null as hidden, t.held_at is not null as held,
		coalesce(t.suppliers, false) as suppliers, coalesce(t.author_id, 0) as author_id,
		coalesce(p.author_id, 0) as post_author, p.hidden_at is not null as post_hidden
	from drafts d ` + draftTables + `
	where d.person_id = @who
	order by d.saved_at desc, d.kind, d.target limit 100`

// draftVersionsQuery reads the texts beside drafts that can be brought back, the newest
// first: as many as a page can hold.
const draftVersionsQuery = `
	select d.id, d.kind, d.target, d.fields, d.saved_at, d.why, ` + draftPlace + `
	from (
		select *, sum(octet_length(fields::text)) over (order by id desc) as bytes from draft_versions
		where person_id = @who and (why <> 'discarded' or at > @undo)
	) d ` + draftTables + `
	where d.bytes <= @most
	order by d.id desc`
