package letters

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Restored is what this package does in a database that came from a backup: what was
// still to be sent then has been sent since, or is too late. Nobody is told twice.
func (s *Store) Restored(ctx context.Context) (let int64, err error) {
	err = s.outside(ctx, func(d *forum.Deed) error {
		tag, err := d.Exec(ctx, `
			update letters set state = 'dropped', why = 'late', done_at = $1, claimed_until = null where state in ('queued', 'deferred')`, d.At)
		if err != nil {
			return err
		}
		let = tag.RowsAffected()
		if _, err := d.Exec(ctx, `update notices set cadence = 'site' where letter_id is null and cadence in ('daily', 'weekly')`); err != nil {
			return err
		}
		_, err = d.Exec(ctx, `delete from digests_due`)
		return err
	})
	return let, err
}

// Stop is what somebody chose to hear less of, or more of again, by Deed.Chose.
type Stop struct {
	ID          int64
	At          time.Time
	PersonID    int64
	SubjectKind forum.SubjectKind // empty for all mail, or toOffers
	SubjectID   int64
	ThreadKind  string
	Cadence     forum.Cadence // how they hear of it since
}

// toOffers is what somebody chooses of, who wants to be asked no more whether they can answer
// a question.
const toOffers forum.SubjectKind = "offers"

// StopsMost is how many Stops reads at once.
const StopsMost = 5000

// Stops are what was chosen at a time and since, after one of them, the earliest first,
// and so many at most.
func (s *Store) Stops(ctx context.Context, at time.Time, after int64) (all []Stop, err error) {
	var b pgx.Batch
	b.Queue(`select id, at, person_id, subject_kind, subject_id, thread_kind, cadence from stops
		where at >= $1 and (at, id) > ($1, $2) order by at, id limit $3`, at, after, StopsMost).Query(forum.Into(&all))
	return all, s.Send(ctx, &b)
}

// stopAgainQuery does once more what a person chose, unless the database knows of that or
// of what they chose later, or they came after it and have the number of somebody else. A
// follow that began after it was chosen anew; one that the backup lacks is made, where
// what is followed is there.
const stopAgainQuery = `
	with fresh as (
		insert into stops (person_id, subject_kind, subject_id, thread_kind, cadence, at)
		select p.id, @kind, @id, @of, @how, @at from people p
		where p.id = @person and p.erased_at is null and p.created_at < @at::timestamptz + interval '1 second'
			and not exists (select from stops s where s.person_id = p.id and s.subject_kind = @kind and s.subject_id = @id and s.thread_kind = @of and s.at >= @at)
		returning person_id
	),
	ended as (
		delete from follows f using fresh
		where @how = 'off' and f.person_id = @person and f.subject_kind = @kind and f.subject_id in ` + forum.NamesOf + ` and f.thread_kind = @of
			and f.since <= @at::timestamptz + interval '1 second'
	),
	changed as (
		update follows f set cadence = @how from fresh
		where @how <> 'off' and f.person_id = @person and f.subject_kind = @kind and f.subject_id in ` + forum.NamesOf + ` and f.thread_kind = @of
	),
	quiet as (
		insert into follows (person_id, subject_kind, subject_id, thread_kind, cadence, reason, since)
		select person_id, @kind, @id, @of, @how, 'chose', @at from fresh where @how in ('mute', 'site') and ` + subjectThere + `
		on conflict do nothing
	),
	heard as (
		update letter_settings s set stopped_at = null from fresh where @kind = '' and @how <> 'off' and s.person_id = fresh.person_id
	),
	offered as (
		insert into letter_settings (person_id, no_asks) select person_id, @how = 'off' from fresh where @kind = 'offers'
		on conflict (person_id) do update set no_asks = excluded.no_asks
	)
	select person_id from fresh`

// subjectThere is true of what can be followed where that is there: the thread, topic, council
// or whatever else has the number @id.
const subjectThere = `case @kind when 'everything' then true
	when 'thread' then exists (select from threads where id = @id)
	when 'topic' then exists (select from topics where id = @id)
	when 'council' then exists (select from councils where id = @id)
	when 'person' then exists (select from people where id = @id and erased_at is null)
	when 'search' then exists (select from saved_searches where id = @id and person_id = @person)
	when 'collection' then exists (select from collections where id = @id)
	when 'product' then exists (select from products where id = @id)
	when 'supplier' then exists (select from suppliers where id = @id)
	else false end`

// StopAgain does, in a database that came from a backup, what people have chosen since to
// hear less of, in the order in which they did, and reports how many choices they were. It
// passes over what is older than the database remembers: what they chose after that may
// have been forgotten.
func (s *Store) StopAgain(ctx context.Context, all []Stop) (n int64, err error) {
	type subject struct {
		person, id int64
		kind       forum.SubjectKind
		of         string
	}
	of := func(c Stop) subject { return subject{c.PersonID, c.SubjectID, c.SubjectKind, c.ThreadKind} }
	last := map[subject]int{}
	for i, c := range all {
		last[of(c)] = i
	}
	oldest := s.Now().Add(-unreadLife)
	for i, c := range all {
		if last[of(c)] != i || c.At.Before(oldest) {
			continue
		}
		err := s.outside(ctx, func(d *forum.Deed) error {
			did, err := stopAgain(ctx, d, c)
			n += did
			return err
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// stopAgain is the deed for one choice; it reports 1 where that holds again.
func stopAgain(ctx context.Context, d *forum.Deed, c Stop) (int64, error) {
	tag, err := d.Exec(ctx, stopAgainQuery, pgx.NamedArgs{"person": c.PersonID, "kind": c.SubjectKind, "id": c.SubjectID, "of": c.ThreadKind, "how": c.Cadence, "at": c.At})
	if err == nil && tag.RowsAffected() > 0 && c.SubjectKind == "" && c.Cadence == forum.Off {
		err = silence(ctx, d, c.PersonID, c.At)
	}
	return tag.RowsAffected(), err
}
