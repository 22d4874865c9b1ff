package letters

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Settings are how somebody wants their mail.
type Settings struct {
	DigestDay  int  // of the weekly one; Monday is 1
	DigestHour int  // in London
	Weekdays   bool // the daily one comes from Monday to Friday
	PauseUntil *time.Time
	StoppedAt  *time.Time
	AutoFollow bool // who asks or replies follows the thread
	LinksOnly  bool // mails carry a link and no words of others
	NoAsks     bool // nobody asks them whether they can answer a question
}

// SettingsDraft is what was chosen; what is no number is -1, and what is no day the
// zero time.
type SettingsDraft struct {
	DigestDay  int
	DigestHour int
	Weekdays   bool
	PauseUntil *time.Time
	AutoFollow bool
	LinksOnly  bool
	NoAsks     bool
}

// pauseMost is for how many days mail can be paused.
const pauseMost = 366

// Check says what keeps the draft from being taken at a moment.
func (s SettingsDraft) Check(at time.Time) (bad forum.Invalid) {
	if s.DigestDay < 1 || s.DigestDay > 7 {
		bad.Add("digest_day", "emails.day_choose")
	}
	if s.DigestHour < 0 || s.DigestHour > 23 {
		bad.Add("digest_hour", "emails.hour_choose")
	}
	if p := s.PauseUntil; p != nil && (!p.After(at) || p.After(at.AddDate(0, 0, pauseMost))) {
		bad.Add("pause_until", "emails.pause_ahead")
	}
	return bad
}

// Settle keeps how somebody wants their mail. What waits for their next digest goes
// out by the new day and hour.
func (s *Store) Settle(ctx context.Context, who forum.Person, draft SettingsDraft) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if !forum.CanStop(who) {
			return forum.ErrForbidden
		}
		if bad := draft.Check(d.At); bad != nil {
			return bad
		}
		_, err := d.Exec(ctx, `
			insert into letter_settings (person_id, digest_day, digest_hour, weekdays, pause_until, auto_follow, links_only, no_asks)
			values (@who, @day, @hour, @weekdays, @pause, @auto, @links, @no_asks)
			on conflict (person_id) do update set digest_day = @day, digest_hour = @hour, weekdays = @weekdays, pause_until = @pause, auto_follow = @auto, links_only = @links, no_asks = @no_asks`,
			pgx.NamedArgs{"who": who.ID, "day": draft.DigestDay, "hour": draft.DigestHour, "weekdays": draft.Weekdays, "pause": draft.PauseUntil,
				"auto": draft.AutoFollow, "links": draft.LinksOnly, "no_asks": draft.NoAsks})
		if err != nil {
			return err
		}
		offers := forum.Instant
		if draft.NoAsks {
			offers = forum.Off
		}
		d.Chose(who.ID, forum.Subject{Kind: toOffers}, offers)
		return dateAgain(ctx, d, who.ID)
	})
}

// dateAgain sets anew when somebody's digest is due, if anything waits for it.
func dateAgain(ctx context.Context, d *forum.Deed, personID int64) error {
	_, err := d.Exec(ctx, `
		with waiting as (
			select distinct n.cadence from notices n
			where n.person_id = @person and n.letter_id is null and n.read_at is null and n.cadence in ('daily', 'weekly')
			union select 'daily' where not exists (select from notices n
				where n.person_id = @person and n.letter_id is null and n.read_at is null and n.cadence in ('daily', 'weekly'))
		),
		next as (
			select min(next_digest(greatest(@at::timestamptz, s.pause_until), w.cadence, s.digest_day, s.digest_hour, s.weekdays)) as due_at
			from waiting w join letter_settings s on s.person_id = @person
		)
		update digests_due set due_at = next.due_at from next where person_id = @person and next.due_at is not null`,
		pgx.NamedArgs{"person": personID, "at": d.At})
	return err
}

// StopAll has no mail go to somebody but what is about their account, or lets it go
// out again. The same again changes nothing.
func (s *Store) StopAll(ctx context.Context, who forum.Person, on bool) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if !forum.CanStop(who) {
			return forum.ErrForbidden
		}
		if on {
			return stopAll(ctx, d, who.ID)
		}
		d.Chose(who.ID, forum.Subject{}, forum.Instant)
		_, err := d.Exec(ctx, `update letter_settings set stopped_at = null where person_id = $1`, who.ID)
		return err
	})
}

// stopAll is the part of a deed that ends all mail to somebody.
func stopAll(ctx context.Context, d *forum.Deed, personID int64) error {
	d.Chose(personID, forum.Subject{}, forum.Off)
	return silence(ctx, d, personID, d.At)
}

// silence ends all mail to somebody as of a time. Who reads a mailbox and wants none is not
// asked again, whoever adds it, and by whatever name of the inbox.
func silence(ctx context.Context, d *forum.Deed, personID int64, at time.Time) error {
	_, err := d.Exec(ctx, `
		with refused as (
			insert into refused_mailboxes (address, at)
			select distinct sha256(convert_to(v.address, 'UTF8')), $2::timestamptz from mailboxes m cross join lateral (values (m.address), (inbox_of(m.address))) v (address) where m.person_id = $1
			on conflict do nothing
		)
		insert into letter_settings (person_id, stopped_at) values ($1, $2)
		on conflict (person_id) do update set stopped_at = coalesce(letter_settings.stopped_at, $2)`, personID, at)
	return err
}

// TryAgain has mail go once more to somebody's own proven address that did not take it.
func (s *Store) TryAgain(ctx context.Context, who forum.Person) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if !forum.CanStop(who) {
			return forum.ErrForbidden
		}
		_, err := d.Exec(ctx, `
			delete from bounces b using people p
			where p.id = $1 and b.person_id = p.id and b.address = p.proven_email`, who.ID)
		return err
	})
}
