package letters

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// MailPage is how mail goes out, for who looks after that. It holds nothing that a mail
// says.
type MailPage struct {
	Day, Month map[State]int
	Due        int        // that should have gone by now
	Oldest     *time.Time // since when the first of them should have
	Digests    int        // whose time has come
	Failures   []Failure
	Incoming   []Came
	Suppressed []Suppression
	Trials     Trials // zero where it is not tried whether answers arrive
}

// Failure is a letter that did not go, or not yet.
type Failure struct {
	ID       int64
	Kind     Kind
	State    State
	At       time.Time
	Tries    int
	Error    string
	PersonID int64
	Handle   string
	Name     string
	Again    bool // it can be put in the queue once more
	Blocked  bool // but for its address, which is to be released first
}

// Came is a mail that came in for somebody, and what has become of it. What a machine
// sent, and what was refused at the door, is counted and not written down.
type Came struct {
	ID       int64
	At       time.Time
	Why      string // it was not posted; empty of what was
	Kept     bool   // as a draft
	Question bool   // to a topic's address
	Auth     string // what the relay says of the sender
	PersonID int64
	Handle   string
	Name     string
}

// Suppression is an address that mail does not go to, because it came back.
type Suppression struct {
	PersonID     int64
	Handle       string
	Name         string
	Address      string
	Failures     int
	SuppressedAt time.Time
	Said         string
}

// blocked is true of a person p from whose address so much came back that no mail goes there.
const blocked = `exists (select from bounces b where b.person_id = p.id and b.address = p.proven_email and b.suppressed_at is not null)`

// rowsOfMail is how many failures and addresses the page lists.
const rowsOfMail = 50

// MailPage reads how mail goes out, in one round trip; ErrForbidden for who does not
// look after it.
func (s *Store) MailPage(ctx context.Context, who forum.Person) (p MailPage, err error) {
	if !forum.CanSeeMail(who) {
		return MailPage{}, forum.ErrForbidden
	}
	now := s.Now()
	args := pgx.NamedArgs{"now": now, "day": now.Add(-24 * time.Hour), "month": now.AddDate(0, 0, -recordDays), "limit": rowsOfMail}
	var counts []struct {
		State      State
		Day, Month int
	}
	var due struct {
		Due, Digests int
		Oldest       *time.Time
	}
	var b pgx.Batch
	b.Queue(`
		select state, (count(*) filter (where at > @day))::int as day, count(*)::int as month
		from (select state, coalesce(done_at, created_at) as at from letters) l where at > @month group by state`, args).Query(forum.Into(&counts))
	b.Queue(`
		select count(*)::int as due, min(due_at) as oldest, (select count(*)::int from digests_due where due_at <= @now) as digests
		from letters where state in ('queued', 'deferred') and due_at <= @now`, args).Query(forum.IntoOne(&due))
	b.Queue(`
		select l.id, l.kind, l.state, coalesce(l.done_at, l.created_at) as at, l.tries, l.error, p.id as person_id, coalesce(p.handle, '') as handle, p.name,
			l.state in ('bounced', 'suppressed') and not `+blocked+` as again, l.state in ('bounced', 'suppressed') and `+blocked+` as blocked
		from letters l join people p on p.id = l.person_id
		where (l.state in ('bounced', 'suppressed') or l.state = 'deferred' and l.error <> '') and coalesce(l.done_at, l.created_at) > @month
		order by at desc, l.id desc limit @limit`, args).Query(forum.Into(&p.Failures))
	b.Queue(`
		select p.id as person_id, coalesce(p.handle, '') as handle, p.name, b.address, b.failures, b.suppressed_at, b.said
		from bounces b join people p on p.id = b.person_id
		where b.suppressed_at is not null order by b.suppressed_at desc, p.id limit @limit`, args).Query(forum.Into(&p.Suppressed))
	b.Queue(`
		select i.id, i.at, i.why, i.kept, i.topic_id is not null or coalesce(x.number = 1, false) as question, i.auth,
			p.id as person_id, coalesce(p.handle, '') as handle, p.name
		from inbound i join people p on p.id = i.person_id left join posts x on x.id = i.post_id
		where i.at > @month order by i.at desc, i.id desc limit @limit`, args).Query(forum.Into(&p.Incoming))
	b.Queue(trialsQuery, trials).Query(forum.IntoOne(&p.Trials))
	if err := s.Send(ctx, &b); err != nil {
		return MailPage{}, err
	}
	p.Day, p.Month = map[State]int{}, map[State]int{}
	for _, c := range counts {
		p.Day[c.State], p.Month[c.State] = c.Day, c.Month
	}
	p.Due, p.Digests, p.Oldest = due.Due, due.Digests, due.Oldest
	return p, nil
}

// Release has mail go again to somebody's address that it came back from, and puts that
// on record. One that is released already is a success that changes nothing.
func (s *Store) Release(ctx context.Context, who forum.Person, personID int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if !forum.CanSeeMail(who) {
			return forum.ErrForbidden
		}
		if _, err := d.Person(ctx, personID); err != nil {
			return err
		}
		tag, err := d.Exec(ctx, `delete from bounces where person_id = $1 and suppressed_at is not null`, personID)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return record(ctx, d, forum.ReleasedAddress, personID)
	})
}

// SendAgain puts a letter that came back, or that was not tried, into the queue once
// more, as if it were new: it is tried for as long as one. It puts that on record. One that
// is there already is a success that changes nothing; ErrNotFound for what is no letter,
// ErrConflict for one that has gone, or whose address is still to be released.
func (s *Store) SendAgain(ctx context.Context, who forum.Person, letterID int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if !forum.CanSeeMail(who) {
			return forum.ErrForbidden
		}
		var state State
		var personID int64
		var kept bool
		err := d.QueryRow(ctx, `select l.state, l.person_id, `+blocked+` from letters l join people p on p.id = l.person_id where l.id = $1 for update of l`, letterID).
			Scan(&state, &personID, &kept)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return forum.ErrNotFound
		case err != nil || state == Queued || state == Deferred:
			return err
		case kept || state != Bounced && state != Suppressed:
			return forum.ErrConflict
		}
		_, err = d.Exec(ctx, `
			update letters set state = 'queued', created_at = $2, due_at = $2, done_at = null, tries = 0, why = '', error = '', claimed_until = null where id = $1`, letterID, d.At)
		if err != nil {
			return err
		}
		return record(ctx, d, forum.SentAgain, personID)
	})
}

// record puts on record what was done about somebody's mail. Of a mailbox it names the
// council: what is on record stays, and a mailbox goes with all that was for it.
func record(ctx context.Context, d *forum.Deed, deed forum.DeedName, personID int64) error {
	e := forum.Entry{Deed: deed, PersonID: personID}
	err := d.QueryRow(ctx, `select coalesce(max(council_id), 0) from mailboxes where person_id = $1`, personID).Scan(&e.CouncilID)
	if err != nil {
		return err
	}
	if e.CouncilID != 0 {
		e.PersonID = 0
	}
	_, err = d.Record(ctx, e)
	return err
}
