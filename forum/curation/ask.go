package curation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// AsksMost is how many councils are asked to answer one question.
const AsksMost = 5

// Ask is that a colleague was asked whether they can answer a question.
type Ask struct {
	PersonID    int64
	PersonName  string
	Handle      string
	CouncilName string
	CouncilSlug string
	Why         string
	AskedAt     time.Time
	DeclinedAt  *time.Time
	ByName      string
}

// asksQuery reads who was asked to answer question @id.
const asksQuery = `
	select a.person_id, p.name as person_name, coalesce(p.handle, '') as handle, c.shown_name as council_name, c.slug as council_slug, a.why, a.asked_at, a.declined_at, b.name as by_name
	from asks a join people p on p.id = a.person_id join councils c on c.id = a.council_id join people b on b.id = a.asked_by
	where a.thread_id = @id order by a.asked_at, c.shown_name, a.person_id`

// AskCouncils asks colleagues of other councils whether they can answer a question: no
// more than five councils, nobody twice in a week, and nobody who wants to be asked
// nothing. It returns how many were asked. Nobody is asked where one cannot be, and the
// refusal names them.
func (s *Store) AskCouncils(ctx context.Context, who forum.Person, threadID int64, people []int64) (n int, err error) {
	slices.Sort(people)
	people = slices.Compact(people)
	err = s.DoOnce(ctx, who, &n, func(d *forum.Deed) error {
		d.Unseen()
		t, err := d.Thread(ctx, threadID)
		switch {
		case err != nil:
			return err
		case !forum.CanTend(who):
			return forum.ErrForbidden
		case !waitsForAnswer(t):
			return forum.Invalid{{Field: "person", Key: "desk.ask_settled"}}
		case len(people) == 0:
			return forum.Invalid{{Field: "person", Key: "desk.ask_choose"}}
		}
		// One deed asks at a time, so that nobody is asked of two questions at once.
		if _, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('asks', 0))`); err != nil {
			return err
		}
		if err := canAsk(ctx, d, t.ID, people); err != nil {
			return err
		}
		n = len(people)
		return ask(ctx, d, t.ID, people)
	})
	return n, err
}

// waitsForAnswer reports whether nobody has answered a question that everybody finds.
func waitsForAnswer(t forum.Thread) bool {
	return t.Kind == forum.Question && t.Others == 0 && t.AnswerID == 0 && !t.Solved && !t.Closed && !t.Held && !t.Hidden
}

// canAsk is Invalid where one of the people cannot be asked to answer a question, or
// too many councils would be.
func canAsk(ctx context.Context, d *forum.Deed, threadID int64, people []int64) error {
	rows, err := d.Query(ctx, `
		select coalesce(p.name, '') as name, coalesce(p.council_id, 0) as council_id, coalesce(`+askable+`, false) as can, t.asked
		from unnest(@people::bigint[]) v (id) join threads t on t.id = @id left join people p on p.id = v.id`,
		pgx.NamedArgs{"people": people, "id": threadID, "now": d.At, "week": d.At.AddDate(0, 0, -7)})
	if err != nil {
		return err
	}
	type candidate struct {
		Name      string
		CouncilID int64
		Can       bool
		Asked     int
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[candidate])
	if err != nil {
		return err
	}
	councils := map[int64]bool{}
	var not []string
	for _, c := range list {
		if !c.Can || councils[c.CouncilID] {
			not = append(not, c.Name)
		}
		councils[c.CouncilID] = true
	}
	var bad forum.Invalid
	switch {
	case len(not) > 0:
		bad.Add("person", "desk.ask_not", "Names", strings.Join(not, ", "))
	case list[0].Asked+len(people) > AsksMost:
		bad.Add("person", "desk.ask_many", "Max", AsksMost)
	}
	if bad != nil {
		return bad
	}
	return nil
}

// ask writes down who is asked and why, counts it for the asker, and tells each.
func ask(ctx context.Context, d *forum.Deed, threadID int64, people []int64) error {
	_, err := d.Exec(ctx, `
		insert into asks (thread_id, person_id, council_id, why, asked_by, asked_at)
		select @id, p.id, p.council_id, coalesce((@strongest::text[])[(
			select min(x.place)::int from (`+grounds+`) g join unnest(@strongest::text[]) with ordinality x (why, place) on x.why = g.why where g.person_id = p.id)], 'chosen'), @who, @at
		from people p where p.id = any(@people)`,
		pgx.NamedArgs{"id": threadID, "people": people, "strongest": strongest, "who": d.Who.ID, "at": d.At})
	if err != nil {
		return err
	}
	for _, person := range people {
		if err := d.Tell(ctx, forum.Event{Kind: forum.CouldAnswer, ThreadID: threadID, PersonID: person}); err != nil {
			return err
		}
	}
	_, err = d.Exec(ctx, `update threads set asked = asked + $2 where id = $1`, threadID, len(people))
	return err
}

// Decline says that whoever was asked cannot answer, which asks for no reason. The same
// again changes nothing. Whoever was not asked is refused.
func (s *Store) Decline(ctx context.Context, who forum.Person, threadID int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if _, err := d.Thread(ctx, threadID); err != nil {
			return err
		}
		var declined *time.Time
		err := d.QueryRow(ctx, `select declined_at from asks where thread_id = $1 and person_id = $2`, threadID, who.ID).Scan(&declined)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return forum.ErrForbidden
		case err != nil || declined != nil:
			return err
		}
		if _, err := d.Exec(ctx, `update asks set declined_at = $3 where thread_id = $1 and person_id = $2`, threadID, who.ID, d.At); err != nil {
			return err
		}
		_, err = d.Exec(ctx, `update threads set declined = declined + 1 where id = $1`, threadID)
		return err
	})
}

// AsksPage is whom the team has asked to answer a question: for its asker, for the team,
// and for whoever was asked.
type AsksPage struct {
	Thread forum.Thread
	Asks   []Ask
	Names  bool // of the people, for the team alone
	Mine   *Ask // that the reader was asked
}

// AsksPage reads it in one round trip; ErrForbidden for others than those.
func (s *Store) AsksPage(ctx context.Context, who forum.Person, threadID int64) (p AsksPage, err error) {
	args := who.Rights(pgx.NamedArgs{"thread": threadID, "id": threadID})
	var b pgx.Batch
	s.QueueThread(&b, args, &p.Thread)
	b.Queue(asksQuery, args).Query(forum.Into(&p.Asks))
	if err := s.Send(ctx, &b); err != nil {
		return AsksPage{}, err
	}
	if p.Thread.Deleted {
		return AsksPage{}, forum.ErrGone
	}
	for i := range p.Asks {
		if p.Asks[i].PersonID == who.ID {
			p.Mine = &p.Asks[i]
		}
	}
	p.Names = forum.CanTend(who)
	if !p.Names && p.Mine == nil && (who.ID == 0 || p.Thread.AuthorID != who.ID) {
		return AsksPage{}, forum.ErrForbidden
	}
	return p, nil
}

// notesOf are what curators told each other of a person: of them as a newcomer, of what
// they wrote, and of what they reported.
const notesOf = `
	delete from desk_notes n where n.sort = 'newcomer' and n.subject_id = $1
		or n.sort = 'held' and n.subject_id in (select id from posts where author_id = $1)
		or n.sort = 'report' and n.subject_id in (
			select r.id from reports r join threads t on t.id = r.thread_id left join posts p on p.id = r.post_id where r.reporter_id = $1 or coalesce(p.author_id, t.author_id) = $1)
		or n.sort = 'link' and n.subject_id in (select k.id from links k join threads t on t.id = k.thread_id where t.author_id = $1)
		or n.sort = 'claim' and n.subject_id in (select id from supplier_claims where person_id = $1)
		or n.sort not in ('newcomer', 'held', 'report', 'link', 'claim') and n.subject_id in (select id from threads where author_id = $1)`

// Forget is what this package does when somebody is erased: what they told the other
// curators goes, and what those told each other of them, their days at the desk, that they
// were asked, and what they suggested. What was taken of that stays, and names nobody.
func (s *Store) Forget(ctx context.Context, d *forum.Deed, personID int64) error {
	var b pgx.Batch
	for _, query := range []string{
		`delete from desk_notes where person_id = $1`, notesOf,
		`delete from desk_days where person_id = $1`,
		`delete from asks where person_id = $1`,
		`delete from offers where person_id = $1`,
		`delete from collection_suggestions where person_id = $1`,
		`update desk_items set taker_id = null, taken_at = null where taker_id = $1`,
	} {
		b.Queue(query, personID)
	}
	return d.SendBatch(ctx, &b).Close()
}
