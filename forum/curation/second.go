package curation

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// ErrSecond is that a deed is not done yet: it waits for a second curator.
var ErrSecond = errors.New("it waits for a second curator")

// orWaits is ErrSecond of a deed that was not done, but waits.
func orWaits(waits bool, err error) error {
	if err == nil && waits {
		return ErrSecond
	}
	return err
}

// What can wait for a second curator.
const (
	secondHighlight = "highlight"
	secondChange    = "change_highlight"
	secondCollect   = "collect"
	secondShow      = "show_collection"
)

// proposal is what a curator would do, as it is kept until another has agreed.
type proposal struct {
	ID           int64
	Deed         string
	ThreadID     int64
	PostID       int64
	HighlightID  int64
	CollectionID int64
	Draft        any
	Title        string // for the record
	Needs        Needs
}

// propose keeps a proposal; Invalid at a field of the form where the same waits already.
func propose(ctx context.Context, d *forum.Deed, p proposal, field string) error {
	draft, err := json.Marshal(p.Draft)
	if err != nil {
		return err
	}
	args := pgx.NamedArgs{"deed": p.Deed, "thread": p.ThreadID, "post": p.PostID, "highlight": p.HighlightID, "collection": p.CollectionID, "draft": draft,
		"councils": named(p.Needs.Councils), "suppliers": named(p.Needs.Suppliers), "who": d.Who.ID, "at": d.At}
	var there bool
	err = d.QueryRow(ctx, `
		select exists (select from seconds where decided_at is null and deed = @deed and coalesce(thread_id, 0) = @thread and coalesce(post_id, 0) = @post
			and coalesce(highlight_id, 0) = @highlight and coalesce(collection_id, 0) = @collection)`, args).Scan(&there)
	if err != nil {
		return err
	}
	if there {
		return forum.Invalid{{Field: field, Key: "seconds.already"}}
	}
	_, err = d.Exec(ctx, `
		insert into seconds (deed, thread_id, post_id, highlight_id, collection_id, draft, councils, suppliers, curator_id, asked_at)
		values (@deed, nullif(@thread::bigint, 0), nullif(@post::bigint, 0), nullif(@highlight::bigint, 0), nullif(@collection::bigint, 0), @draft, @councils, @suppliers, @who, @at)`, args)
	if err != nil {
		return err
	}
	d.Unseen() // it shows only when another has agreed
	_, err = d.Record(ctx, forum.Entry{Deed: forum.AskedSecond, ThreadID: p.ThreadID, PostID: p.PostID, Reason: p.Title})
	return err
}

// named is a list that is there, if empty.
func named(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// Second is what waits for a second curator, or waited.
type Second struct {
	ID             int64
	Deed           string
	ThreadID       int64
	Kind           string // of the thread, as are the next
	Slug           string
	ThreadTitle    string
	ThreadLang     string
	PostID         int64
	HighlightID    int64
	Collection     string // its title
	CollectionSlug string
	Councils       []string
	Suppliers      []string
	CuratorID      int64
	CuratorName    string
	AskedAt        time.Time
	DecidedAt      *time.Time
	DeciderName    string
	Agreed         bool
	Reason         string
	EntryID        int64 // that tells of the decision
	Undone         bool
	Draft          []byte
	Own            bool // the reader is who asked

	Title, Note string // what the curator would say of it
}

// SecondsPage is what waits for a second curator, the oldest first, and what was decided
// lately.
type SecondsPage struct {
	Waiting []Second
	Decided []Second
}

// secondsMost is how many of each a page shows.
const secondsMost = 100

const secondColumns = `
	select s.id, s.deed, coalesce(t.id, 0) as thread_id, coalesce(t.kind, '') as kind, coalesce(t.slug, '') as slug, coalesce(t.title, '') as thread_title, coalesce(t.lang, '') as thread_lang,
		case when t.id is null then 0 else coalesce(s.post_id, 0) end as post_id, coalesce(s.highlight_id, 0) as highlight_id, coalesce(k.title, '') as collection, coalesce(k.slug, '') as collection_slug,
		s.councils, s.suppliers, s.curator_id, c.name as curator_name, s.asked_at, s.decided_at, coalesce(z.name, '') as decider_name, coalesce(s.agreed, false) as agreed,
		s.reason, coalesce(s.decision, 0) as entry_id, exists (select from entries u where u.undoes = s.decision) as undone, s.draft, s.curator_id = @who as own
	from seconds s join people c on c.id = s.curator_id left join people z on z.id = s.decider_id left join collections k on k.id = s.collection_id
	left join posts p on p.id = s.post_id left join threads m on m.id = s.thread_id
	left join threads t on t.id = coalesce(p.thread_id, m.merged_into, m.id) and ` + forum.Visible + ` `

// SecondsPage reads it in one round trip; ErrForbidden for who is no curator.
func (s *Store) SecondsPage(ctx context.Context, who forum.Person) (p SecondsPage, err error) {
	if !forum.CanTend(who) {
		return p, forum.ErrForbidden
	}
	args := who.Rights(pgx.NamedArgs{"limit": secondsMost})
	var b pgx.Batch
	b.Queue(secondColumns+`where s.decided_at is null order by s.id limit @limit`, args).Query(forum.Into(&p.Waiting))
	b.Queue(secondColumns+`where s.decided_at is not null order by s.decided_at desc, s.id desc limit 20`, args).Query(forum.Into(&p.Decided))
	if err := s.Send(ctx, &b); err != nil {
		return SecondsPage{}, err
	}
	for i := range p.Waiting {
		p.Waiting[i].read()
	}
	return p, nil
}

// read takes from the draft what is said in it.
func (s *Second) read() {
	var said struct {
		Title, Note string
		Items       []struct{ Why string }
	}
	if json.Unmarshal(s.Draft, &said) != nil {
		return // it is shown without
	}
	s.Title, s.Note = said.Title, said.Note
	if len(said.Items) == 1 {
		s.Note = said.Items[0].Why
	}
}

// lockedSecond is a row that a deed has locked.
type lockedSecond struct {
	ID           int64
	Deed         string
	ThreadID     int64
	PostID       int64
	HighlightID  int64
	CollectionID int64
	Draft        []byte
	CuratorID    int64
	Decided      bool
	Agreed       bool
	Curates      bool // who asked still is a curator
}

// errDecided ends a deed that somebody has done already, the same way.
var errDecided = errors.New("decided already")

// lockSecond reads and locks what waits, as another curator decides on it: ErrNotFound
// where there is none, ErrForbidden for who asked, ErrConflict where it was decided the
// other way.
func lockSecond(ctx context.Context, d *forum.Deed, id int64, agree bool) (s lockedSecond, err error) {
	if !forum.CanTend(d.Who) {
		return s, forum.ErrForbidden
	}
	rows, err := d.Query(ctx, `
		select id, deed, coalesce(thread_id, 0) as thread_id, coalesce(post_id, 0) as post_id, coalesce(highlight_id, 0) as highlight_id, coalesce(collection_id, 0) as collection_id,
			draft, curator_id, decided_at is not null as decided, coalesce(agreed, false) as agreed, `+curates("curator_id")+` as curates
		from seconds where id = @id for update`, pgx.NamedArgs{"id": id, "now": d.At})
	if err != nil {
		return s, err
	}
	if err := forum.IntoOne(&s)(rows); err != nil {
		return s, err
	}
	switch {
	case s.Decided && s.Agreed == agree:
		return s, errDecided
	case s.Decided:
		return s, forum.ErrConflict
	case s.CuratorID == d.Who.ID:
		return s, &forum.Forbidden{Why: "forbidden.second_own"}
	}
	return s, nil
}

// Agree does what another curator asked to do, in their name and the doer's: ErrForbidden
// for who asked. The same again changes nothing; what cannot be done any more is Invalid or
// ErrConflict, and goes on waiting.
func (s *Store) Agree(ctx context.Context, who forum.Person, id int64) error {
	return unlessDecided(s.Do(ctx, who, func(d *forum.Deed) error {
		one, err := lockSecond(ctx, d, id, true)
		switch {
		case err != nil:
			return err
		case !one.Curates:
			return forum.Invalid{{Field: "second", Key: "seconds.no_curator"}}
		}
		entry, err := one.carryOut(ctx, d)
		if err != nil {
			return err
		}
		return one.decide(ctx, d, true, "", entry)
	}))
}

// unlessDecided makes a success of what was done before.
func unlessDecided(err error) error {
	if errors.Is(err, errDecided) {
		return nil
	}
	return err
}

// carryOut does what was asked, and returns its entry.
func (s lockedSecond) carryOut(ctx context.Context, d *forum.Deed) (entry int64, err error) {
	switch s.Deed {
	case secondHighlight, secondChange:
		var draft HighlightDraft
		if err := json.Unmarshal(s.Draft, &draft); err != nil {
			return 0, err
		}
		if s.Deed == secondChange {
			h, err := lock(ctx, d, s.HighlightID)
			if err != nil {
				return 0, err
			}
			return changeTo(ctx, d, h, draft, true)
		}
		_, entry, err = highlight(ctx, d, draft, by{Curator: s.CuratorID, Agreed: true})
		return entry, err
	}
	var draft delta
	if err := json.Unmarshal(s.Draft, &draft); err != nil {
		return 0, err
	}
	return draft.carryOut(ctx, d, s.CollectionID)
}

// decide writes down what was decided, forgets the words that waited, and tells who asked.
func (s lockedSecond) decide(ctx context.Context, d *forum.Deed, agreed bool, reason string, entry int64) error {
	draft := s.Draft
	if agreed {
		draft = []byte(`{}`) // its words stand where they show
	}
	_, err := d.Exec(ctx, `
		update seconds set decided_at = @at, decider_id = @who, agreed = @agreed, reason = @reason, decision = @entry, draft = @draft where id = @id`,
		pgx.NamedArgs{"id": s.ID, "at": d.At, "who": d.Who.ID, "agreed": agreed, "reason": reason, "entry": entry, "draft": draft})
	if err != nil {
		return err
	}
	kind := forum.SecondDeclined
	if agreed {
		kind = forum.SecondAgreed
	}
	return d.Tell(ctx, forum.Event{Kind: kind, PersonID: s.CuratorID, ThreadID: s.ThreadID, PostID: s.PostID})
}

// DeclineSecond says no to what another curator asked to do, and why. That can be undone.
func (s *Store) DeclineSecond(ctx context.Context, who forum.Person, id int64, reason string) error {
	reason = forum.CleanReason(reason)
	return unlessDecided(s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		one, err := lockSecond(ctx, d, id, false)
		if err != nil {
			return err
		}
		if bad := forum.CheckReason(reason); bad != nil {
			return bad
		}
		entry, err := d.Record(ctx, forum.Entry{Deed: forum.DeclinedSecond, PersonID: one.CuratorID, ThreadID: one.ThreadID, PostID: one.PostID, Reason: reason})
		if err != nil {
			return err
		}
		return one.decide(ctx, d, false, reason, entry)
	}))
}

// undeclineSecond has wait again what was declined.
func undeclineSecond(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	tag, err := d.Exec(ctx, `update seconds set decided_at = null, decider_id = null, agreed = null, decision = null, reason = '' where decision = $1`, e.Undoes)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return forum.ErrConflict
	}
	e.Deed = forum.UndidTending
	_, err = d.Record(ctx, e)
	return err
}
