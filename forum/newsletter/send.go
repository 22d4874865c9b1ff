package newsletter

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// aheadMost is how many days ahead an issue can be scheduled.
const aheadMost = 366

// when reads a time as a form has it, in London; nothing is at once. It is Invalid where
// it is none, or none that can be kept.
func when(at string, now time.Time) (time.Time, forum.Invalid) {
	if at == "" {
		return now, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		due, err := time.ParseInLocation(layout, at, forum.London)
		switch {
		case err != nil:
			continue
		case due.Before(now.Add(-time.Minute)):
			return now, forum.Invalid{{Field: "at", Key: "newsletters.at_past"}}
		case due.After(now.AddDate(0, 0, aheadMost)):
			return now, forum.Invalid{{Field: "at", Key: "newsletters.at_far"}}
		}
		return due.UTC(), nil
	}
	return now, forum.Invalid{{Field: "at", Key: "newsletters.at_wrong"}}
}

// Schedule says when an issue goes out, or says it anew: at once where no time is given.
// An issue without anything to read in it cannot, nor one that another curator was asked
// to look at and has not approved as it is. An approval that fell and that nobody had asked
// for goes: it goes out as who schedules it saw it. A form whose page showed another
// version, or other lines than are to go out, is ErrConflict, also where somebody else has
// scheduled it meanwhile; of version 0 it is any.
func (s *Store) Schedule(ctx context.Context, who forum.Person, id int64, at string, shown Shown) error {
	return s.tend(ctx, who, id, func(d *forum.Deed, l locked) error {
		d.Unseen()
		if l.State != Draft && l.State != Scheduled || shown.Version != 0 && shown.Version != l.Version {
			return forum.ErrConflict
		}
		due, err := ready(ctx, d, l, at)
		if err != nil {
			return err
		}
		if err := keep(ctx, d, l, shown); err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `
			update newsletters set state = 'scheduled', due_at = $2, version = version + 1,
				approved_by = case when $3 then approved_by end, approved_at = case when $3 then approved_at end
			where id = $1`, l.ID, due, l.Approved); err != nil {
			return err
		}
		if err := record(ctx, d, forum.ScheduledNewsletter, l); err != nil {
			return err
		}
		return d.Queue(ctx, Dispatch{})
	})
}

// keep keeps what goes out: what was approved or, where nothing was, what the page showed on
// which it was scheduled; ErrConflict where it says something else by now.
func keep(ctx context.Context, d *forum.Deed, l locked, shown Shown) error {
	if l.Approved {
		return seeRest(ctx, d, l.ID)
	}
	lines, err := see(ctx, d, l.ID)
	if err == nil && shown.Version != 0 && lines != shown.Lines {
		err = forum.ErrConflict
	}
	return err
}

// ready reads when an issue is to go out; Invalid where it cannot then, or not as it is.
func ready(ctx context.Context, d *forum.Deed, l locked, at string) (time.Time, error) {
	due, bad := when(at, d.At)
	switch {
	case bad != nil:
		return due, bad
	case l.Asked && !l.Approved:
		return due, forum.Invalid{{Field: "at", Key: "newsletters.needs_eyes"}}
	}
	readable, err := somethingIn(ctx, d, l.ID)
	if err == nil && !readable {
		err = forum.Invalid{{Field: "at", Key: "newsletters.empty"}}
	}
	return due, err
}

// record leaves an entry of what was done with an issue: mail to all who get it is on record.
func record(ctx context.Context, d *forum.Deed, deed forum.DeedName, l locked) error {
	_, err := d.Record(ctx, forum.Entry{Deed: deed, Reason: l.Subject})
	return err
}

// somethingIn reports whether there is anything to read in an issue, for a visitor.
func somethingIn(ctx context.Context, d *forum.Deed, id int64) (there bool, err error) {
	err = d.QueryRow(ctx, `
		select exists (select from newsletter_blocks b where b.newsletter_id = @issue and b.body <> '')
			or exists (select from `+itemTables+` where b.newsletter_id = @issue and `+shows+`)`, asVisitor(pgx.NamedArgs{"issue": id})).Scan(&there)
	return there, err
}

// Pause holds up an issue that goes out: no more mails of it leave until Resume, but those
// that are under way. One that is only scheduled is a draft again. The same again changes
// nothing; of what has not come so far, or has ended, it is ErrConflict.
func (s *Store) Pause(ctx context.Context, who forum.Person, id int64) error {
	return s.tend(ctx, who, id, func(d *forum.Deed, l locked) error {
		d.Unseen()
		switch l.State {
		case Paused:
			return nil
		case Scheduled, Sending:
			if _, err := d.Exec(ctx, `update newsletters set state = case when begun_at is null then 'draft' else 'paused' end where id = $1`, l.ID); err != nil {
				return err
			}
			if !l.Begun && !l.Signed { // else it is held against what was approved
				if err := unsee(ctx, d, l.ID); err != nil {
					return err
				}
			}
			return record(ctx, d, forum.PausedNewsletter, l)
		}
		return forum.ErrConflict
	})
}

// Resume lets a paused issue go on. The same again changes nothing.
func (s *Store) Resume(ctx context.Context, who forum.Person, id int64) error {
	return s.tend(ctx, who, id, func(d *forum.Deed, l locked) error {
		d.Unseen()
		switch l.State {
		case Sending:
			return nil
		case Paused:
			if _, err := d.Exec(ctx, `update newsletters set state = 'sending' where id = $1`, l.ID); err != nil {
				return err
			}
			if err := record(ctx, d, forum.ResumedNewsletter, l); err != nil {
				return err
			}
			return d.Queue(ctx, Dispatch{})
		}
		return forum.ErrConflict
	})
}

// Stop ends a paused issue for good: who has not had it does not get it. Its page stays.
func (s *Store) Stop(ctx context.Context, who forum.Person, id int64) error {
	return s.tend(ctx, who, id, func(d *forum.Deed, l locked) error {
		d.Unseen()
		switch l.State {
		case Stopped:
			return nil
		case Paused:
			if _, err := d.Exec(ctx, `update newsletters set state = 'stopped' where id = $1`, l.ID); err != nil {
				return err
			}
			if err := record(ctx, d, forum.StoppedNewsletter, l); err != nil {
				return err
			}
			return d.Queue(ctx, Dispatch{})
		}
		return forum.ErrConflict
	})
}

// AskEyes has an issue wait for another curator to say that it is right, or no more.
func (s *Store) AskEyes(ctx context.Context, who forum.Person, id int64, on bool) error {
	return s.tend(ctx, who, id, func(d *forum.Deed, l locked) error {
		d.Unseen()
		if l.State != Draft {
			return forum.ErrConflict
		}
		if _, err := d.Exec(ctx, `update newsletters set asked_at = case when $2 then coalesce(asked_at, $3::timestamptz) end, approved_by = null, approved_at = null where id = $1`, l.ID, on, d.At); err != nil {
			return err
		}
		return unsee(ctx, d, l.ID)
	})
}

// Approve says that an issue is right as its page showed it, else ErrConflict: as another
// curator than who said last what is in it.
func (s *Store) Approve(ctx context.Context, who forum.Person, id int64, shown Shown) error {
	return s.tend(ctx, who, id, func(d *forum.Deed, l locked) error {
		d.Unseen()
		switch {
		case l.State != Draft || shown.Version != l.Version:
			return forum.ErrConflict
		case !CanApprove(who, Issue{ChangedBy: l.ChangedBy}):
			return &forum.Forbidden{Why: "forbidden.eyes"}
		}
		if _, err := d.Exec(ctx, `update newsletters set approved_by = $2, approved_at = $3 where id = $1`, l.ID, who.ID, d.At); err != nil {
			return err
		}
		lines, err := see(ctx, d, l.ID)
		if err == nil && lines != shown.Lines {
			err = forum.ErrConflict
		}
		if err != nil {
			return err
		}
		return record(ctx, d, forum.ApprovedNewsletter, l)
	})
}

// Try has the issue go as a test to the proven address of who asks for it, and to nobody
// else. Invalid where they have none.
func (s *Store) Try(ctx context.Context, who forum.Person, id int64) error {
	return s.tend(ctx, who, id, func(d *forum.Deed, l locked) error {
		d.Unseen()
		tag, err := d.Exec(ctx, `
			insert into newsletter_letters (newsletter_id, kind, tester_id, address, created_at, due_at)
			select $1, 'test', id, lower(proven_email), $3, $3 from people where id = $2 and proven_email <> ''`, l.ID, who.ID, d.At)
		if err == nil && tag.RowsAffected() == 0 {
			err = forum.Invalid{{Field: "test", Key: "newsletters.test_nowhere"}}
		}
		return err
	})
}

// batch is for how many subscribers one deed puts letters in, and batchesMost how many of
// them one run does, so that a job ends in time; the next is queued with the last.
const batch, batchesMost = 5000, 10

// Dispatch begins the issues whose time has come, puts in a letter for everybody who gets
// them, a batch at a time, each its own deed, and ends those of which none is left. Run
// again, or by two at once, it puts none in twice, and goes on where it was cut off.
func (s *Store) Dispatch(ctx context.Context) error { return s.dispatch(ctx, batch) }

func (s *Store) dispatch(ctx context.Context, size int) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	var live []struct{ ID int64 }
	var b pgx.Batch
	b.Queue(`select id from newsletters where state = 'sending' and queued_at is null order by due_at, id`).Query(forum.Into(&live))
	if err := s.Send(ctx, &b); err != nil {
		return err
	}
	left := batchesMost
	for _, issue := range live {
		for more := true; more; left-- {
			if left == 0 {
				return nil // the next run goes on
			}
			var err error
			if more, err = s.enqueue(ctx, issue.ID, size, left == 1); err != nil {
				return err
			}
		}
	}
	return errors.Join(s.drop(ctx), s.settle(ctx), s.end(ctx))
}

// begin lets those go out whose time has come: from now on they show.
func (s *Store) begin(ctx context.Context) error {
	var due struct{ N int }
	var b pgx.Batch
	b.Queue(`select count(*)::int as n from newsletters where state = 'scheduled' and due_at <= $1`, s.Now()).Query(forum.IntoOne(&due))
	if err := s.Send(ctx, &b); err != nil || due.N == 0 {
		return err // while none is, no page is made anew
	}
	return s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `update newsletters set state = 'sending', begun_at = $1 where state = 'scheduled' and due_at <= $1`, d.At)
		return err
	})
}

// enqueueQuery puts in a letter for each of the next subscribers by their numbers, at the
// address that they have now. Who has it by another way gets no second one.
const enqueueQuery = `
	with next as (
		select s.id, ` + addressOf + ` as address from newsletter_subscribers s left join people p on p.id = s.person_id
		where s.id > @after and s.confirmed_at is not null and s.left_at is null and s.suppressed_at is null
		order by s.id limit @size
	),
	put as (
		insert into newsletter_letters (newsletter_id, kind, subscriber_id, address, created_at, due_at)
		select @issue, 'issue', id, address, @at, @at from next where address <> '' order by id
		on conflict do nothing returning 1
	)
	select (select count(*) from next), (select coalesce(max(id), 0) from next), (select count(*) from put)`

// enqueue puts in the next batch; no more is there where all have theirs, the issue does
// not go out any more, or another node is at it. After the last of a run the next run is
// queued, if there is more.
func (s *Store) enqueue(ctx context.Context, id int64, size int, last bool) (more bool, err error) {
	err = s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		var after int64
		err := d.QueryRow(ctx, `select queued_to from newsletters where id = $1 and state = 'sending' and queued_at is null for update skip locked`, id).Scan(&after)
		if errors.Is(err, pgx.ErrNoRows) {
			more = false
			return nil
		}
		if err != nil {
			return err
		}
		var people, put int
		args := pgx.NamedArgs{"issue": id, "after": after, "size": size, "at": d.At}
		if err := d.QueryRow(ctx, enqueueQuery, args).Scan(&people, &after, &put); err != nil {
			return err
		}
		more = people == size
		_, err = d.Exec(ctx, `
			update newsletters set queued_to = greatest(queued_to, $2), recipients = recipients + $3, queued_at = case when $4 then null else $5::timestamptz end where id = $1`,
			id, after, put, more, d.At)
		if err != nil || !more || !last {
			return err
		}
		return d.Queue(ctx, Dispatch{})
	})
	return more, err
}

// drop drops what was left of issues that were stopped, a batch at a time.
func (s *Store) drop(ctx context.Context) error {
	for {
		var n int64
		err := s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
			tag, err := d.Exec(ctx, `
				update newsletter_letters l set state = 'dropped', why = 'stopped', done_at = $1, claimed_until = null
				where l.id in (select x.id from newsletters n join newsletter_letters x on x.newsletter_id = n.id and x.kind = 'issue' and x.state in ('queued', 'deferred') and x.handed_at is null
					where n.state = 'stopped' and n.ended_at is null limit $2)`, d.At, batch)
			n = tag.RowsAffected()
			return err
		})
		if err != nil || n < batch {
			return err
		}
	}
}

// end ends the issues of which nothing is left to send, and keeps how many there were.
func (s *Store) end(ctx context.Context) error {
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			update newsletters u set state = case when u.state = 'stopped' then 'stopped' else 'sent' end, ended_at = $1, sent = l.sent, bounced = l.bounced, unsent = l.unsent
			from newsletters n cross join lateral (`+lettersCount+`) l
			where u.id = n.id and n.ended_at is null and (n.state = 'sending' and n.queued_at is not null or n.state = 'stopped')
				and not exists (select from newsletter_letters x where x.newsletter_id = n.id and x.kind = 'issue' and x.state in ('queued', 'deferred'))`, d.At)
		return err
	})
}
