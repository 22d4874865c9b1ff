package forum

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// CouncilChoice is what the form to move to another council starts from.
type CouncilChoice struct {
	Proposed []Council // that a proven address shows
	Found    []Council // by the search
	Chosen   string    // the slug that was chosen
	Searched string
	IsLead   bool // of the council they would leave
}

// CouncilChoice reads the councils that somebody may mean who moves: ErrForbidden if
// they cannot.
func (s *Store) CouncilChoice(ctx context.Context, who Person, search, chosen string) (p CouncilChoice, err error) {
	if !CanMove(who) {
		return CouncilChoice{}, ErrForbidden
	}
	j, err := s.JoinPage(ctx, who, search, chosen)
	if err == nil && who.CouncilEnded && who.Standing == Colleague {
		j.Proposed, err = s.successors(ctx, who)
	}
	p = CouncilChoice{Proposed: j.Proposed, Found: j.Found, Chosen: chosen, Searched: j.Searched, IsLead: len(who.Leads) > 0}
	if j.Chosen != nil {
		p.Found = append([]Council{*j.Chosen}, p.Found...)
	}
	return p, err
}

// successors are what somebody's council has become.
func (s *Store) successors(ctx context.Context, who Person) (list []Council, err error) {
	var b pgx.Batch
	b.Queue(`select `+councilColumns+` from successions s join councils c on c.id = s.new_id
		where s.old_id = $1 and c.status = 'current' order by c.shown_name`, who.CouncilID).Query(Into(&list))
	return list, s.Send(ctx, &b)
}

// Move makes somebody one of another council: a colleague if a proven address shows
// that they are, else a newcomer, whose words wait. What they wrote keeps the council
// of its day. The lead of the old council ends, and who is no colleague has no roles.
// The council that they are in already changes nothing.
func (s *Store) Move(ctx context.Context, who Person, council string) error {
	return s.Do(ctx, who, func(d *Deed) error {
		if err := d.meetOwner(ctx); err != nil {
			return err
		}
		if !CanMove(d.Who) {
			return ErrForbidden
		}
		var bad Invalid
		if council == "" {
			bad.Add("council", "join.council_choose")
		}
		id, err := d.joinable(ctx, council, &bad)
		switch {
		case err != nil:
			return err
		case bad != nil:
			return bad
		case id == d.Who.CouncilID:
			return nil
		}
		standing, err := d.standing(ctx, id, "")
		if err != nil {
			return err
		}
		if err := d.goTo(ctx, id, standing); err != nil {
			return err
		}
		_, err = d.Exec(ctx, `
			update people set council_id = nullif($2, 0), standing = $3, turned_away_at = null, turned_away_why = null where id = $1`,
			d.Who.ID, id, standing)
		if err != nil {
			return err
		}
		return d.arrive(ctx, standing, id, "")
	})
}

// tellMove writes down that the doer goes from one council to another, if they do.
func (d *Deed) tellMove(ctx context.Context, councilID int64) error {
	if !d.Who.Joined || d.Who.CouncilID == councilID || d.Who.CouncilID == 0 {
		return nil
	}
	if err := d.note(ctx, change{kind: "council_changed"}); err != nil {
		return err
	}
	_, err := d.Record(ctx, Entry{Deed: MovedCouncil, PersonID: d.Who.ID, CouncilID: councilID})
	return err
}

// LeaveDraft is what was chosen to leave a council: who could lead it next, and that
// it is meant.
type LeaveDraft struct {
	Sure   bool
	HandTo int64 // a colleague of the council; 0 for nobody
}

// LeavePage is what somebody has in hand who leaves their council.
type LeavePage struct {
	Threads    []Thread     // that they asked and that are open
	Leads      []Council    // that they lead
	Colleagues []PersonLine // of whom they can name one, if they lead
}

// LeavePage reads what somebody has in hand, in one round trip: ErrForbidden if there
// is no council that they could leave.
func (s *Store) LeavePage(ctx context.Context, who Person) (p LeavePage, err error) {
	if !CanLeave(who) {
		return LeavePage{}, ErrForbidden
	}
	return s.inHand(ctx, who)
}

// inHand reads what somebody has in hand.
func (s *Store) inHand(ctx context.Context, who Person) (p LeavePage, err error) {
	args := who.rights(pgx.NamedArgs{"limit": ThreadsPerPage, "council": who.CouncilID})
	var b pgx.Batch
	b.Queue(`select `+threadColumns+` from `+threadTables+` where t.author_id = @who and t.closed_at is null and `+visible+`
		order by t.last_post_at desc, t.id desc limit @limit`, args).Query(Into(&p.Threads))
	if len(who.Leads) > 0 {
		b.Queue(`select `+councilColumns+` from councils c where c.id = any(@leads) order by c.shown_name`, args).Query(Into(&p.Leads))
		b.Queue(`select p.id, coalesce(p.handle, '') as handle, p.name, p.job_title from people p
			where p.council_id = @council and p.id <> @who and `+known+` order by p.name limit 200`, args).Query(Into(&p.Colleagues))
	}
	return p, s.Send(ctx, &b)
}

// InHand is what somebody has in hand who goes for good.
func (s *Store) InHand(ctx context.Context, who Person) (LeavePage, error) { return s.inHand(ctx, who) }

// Leave makes somebody who has left their council a newcomer without one. Whom they
// name to lead it next is put on record for the team; nobody becomes a lead by it.
// then ends what is signed in.
func (s *Store) Leave(ctx context.Context, who Person, draft LeaveDraft, then ...Part) error {
	return s.Do(ctx, who, func(d *Deed) error {
		if err := d.meetOwner(ctx); err != nil {
			return err
		}
		if !CanLeave(d.Who) {
			return ErrForbidden
		}
		var bad Invalid
		if err := d.HandOver(ctx, draft.HandTo, &bad); err != nil {
			return err
		}
		if !draft.Sure {
			bad.Add("sure", "leave.sure_tick")
		}
		if bad != nil {
			return bad
		}
		if err := d.mayGo(ctx, Newcomer, "sure"); err != nil {
			return err
		}
		if err := d.leave(ctx, 0, Newcomer); err != nil {
			return err
		}
		if err := d.note(ctx, change{kind: "left"}); err != nil {
			return err
		}
		_, err := d.Exec(ctx, `
			update people set council_id = null, standing = 'newcomer', turned_away_at = null, turned_away_why = null where id = $1`, d.Who.ID)
		if err != nil {
			return err
		}
		if _, err := d.Record(ctx, Entry{Deed: LeftCouncil, PersonID: d.Who.ID, CouncilID: d.Who.CouncilID}); err != nil {
			return err
		}
		return d.run(ctx, then)
	})
}

// HandOver puts on record whom the doer, who leads their council and goes, names to
// lead it next: a colleague of it, else that is added to bad. 0 names nobody.
func (d *Deed) HandOver(ctx context.Context, to int64, bad *Invalid) error {
	if to == 0 {
		return nil
	}
	var id int64
	err := d.QueryRow(ctx, `select p.id from people p where p.id = $1 and p.id <> $2 and p.council_id = $3 and `+known,
		to, d.Who.ID, d.Who.CouncilID).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && len(d.Who.Leads) == 0 {
		bad.Add("person", "leave.person_choose")
		return nil
	}
	if err != nil {
		return err
	}
	_, err = d.Record(ctx, Entry{Deed: ProposedLead, PersonID: id, CouncilID: d.Who.CouncilID})
	return err
}
