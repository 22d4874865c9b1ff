package curation

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// How far back questions are looked at: who comes to an old one by the ladder comes too
// late. How many at once; to how many people one is offered.
const (
	climbDays  = 90
	climbBatch = 40
	offersMost = 5
)

// rung is a question that waits, and what has been done about it.
type rung struct {
	ID      int64
	Opening int64 // the post that asks it
	AskedAt time.Time
	Nation  string
	Offered bool
	Named   bool // a curator has it, or has put it off, or said that it needs no answer
}

// rungsQuery reads those of which something may be due, the oldest first.
var rungsQuery = `
	select t.id, (select p.id from posts p where p.thread_id = t.id and p.number = 1) as opening, t.asked_at, coalesce(c.nation, '') as nation,
		t.offered_at is not null as offered, k.id is not null or not (` + waitsOf("t.asked_at") + `) as named
	from threads t left join councils c on c.id = t.council_id
	left join desk_items i on i.sort = 'question' and i.subject_id = t.id
	left join people k on k.id = i.taker_id and i.taken_at >= t.asked_at and ` + curates("k.id") + `
	where t.kind = 'question' and t.others = 0 and t.closed_at is null and t.answer_id is null and t.solved_at is null
		and t.asked_at > @oldest and t.asked_at <= @early and ` + forum.Listed + `
		and (t.offered_at is null or t.asked_at <= @late and k.id is null and ` + waitsOf("t.asked_at") + `)
	order by t.asked_at, t.id limit @size for no key update of t skip locked`

// Climb does what the ladder says of questions that nobody has answered: after two
// working days they are offered, in digests, to who answered others like it; after ten
// one of the curators has it by name: who is on today, else who has least. Each is done
// once, however many nodes look. It returns how many questions were offered and named.
func (s *Store) Climb(ctx context.Context) (offered, named int, err error) {
	err = s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		d.Unseen()
		offered, named = 0, 0 // where Do tries again
		if _, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('asks', 0))`); err != nil {
			return err
		}
		args := deskArgs(forum.Operator, d.At, 0)
		args["oldest"], args["late"], args["size"] = d.At.AddDate(0, 0, -climbDays), d.At.AddDate(0, 0, -steps[2]), climbBatch
		rows, err := d.Query(ctx, rungsQuery, args)
		if err != nil {
			return err
		}
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[rung])
		if err != nil {
			return err
		}
		for _, r := range list {
			step := ladder(r.Nation, r.AskedAt).Step(d.At)
			if step >= 1 && !r.Offered {
				if err := offer(ctx, d, r); err != nil {
					return err
				}
				offered++
			}
			if step == len(steps) && !r.Named {
				n, err := name(ctx, d, r)
				if err != nil {
					return err
				}
				named += n
			}
		}
		return nil
	})
	return offered, named, err
}

// offer tells those of a question who answered others like it, in their digests.
func offer(ctx context.Context, d *forum.Deed, r rung) error {
	args := deskArgs(forum.Operator, d.At, r.ID)
	args["answerers"] = offersMost
	rows, err := d.Query(ctx, offerQuery, args)
	if err != nil {
		return err
	}
	people, err := pgx.CollectRows(rows, pgx.RowToStructByName[Answerer])
	if err != nil {
		return err
	}
	for _, p := range people {
		if _, err := d.Exec(ctx, `insert into offers (thread_id, person_id, offered_at) values ($1, $2, $3)`, r.ID, p.ID, d.At); err != nil {
			return err
		}
		if err := d.Tell(ctx, forum.Event{Kind: forum.Offered, ThreadID: r.ID, PostID: r.Opening, PersonID: p.ID}); err != nil {
			return err
		}
	}
	_, err = d.Exec(ctx, `update threads set offered_at = $2 where id = $1`, r.ID, d.At)
	return err
}

// name gives a question to a curator by name; to none where there is none.
func name(ctx context.Context, d *forum.Deed, r rung) (n int, err error) {
	tag, err := d.Exec(ctx, `
		insert into desk_items (sort, subject_id, taker_id, taken_at)
		select 'question', @thread, p.id, @now from people p
		where p.erased_at is null and `+curates("p.id")+`
		order by exists (select from desk_days y where y.person_id = p.id and y.on_date = `+today+`) desc,
			(select count(*) from desk_items x where x.taker_id = p.id and x.done_at is null), p.id
		limit 1
		on conflict (sort, subject_id) do update set taker_id = excluded.taker_id, taken_at = excluded.taken_at`,
		pgx.NamedArgs{"thread": r.ID, "now": d.At})
	return int(tag.RowsAffected()), err
}
