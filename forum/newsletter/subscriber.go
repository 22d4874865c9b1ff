package newsletter

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// How often a link is sent to one inbox, whoever asks for it, and whatever is written
// behind a plus in its address: one in a while, and so many in a day.
const (
	askEvery = 10 * time.Minute
	asksMost = 3
)

// SubscribeDraft is what was typed to get the newsletter.
type SubscribeDraft struct {
	Email string
	Lang  string
}

// Check says what keeps the draft from being taken.
func (s *SubscribeDraft) Check() (bad forum.Invalid) {
	s.Email = strings.ToLower(strings.TrimSpace(s.Email))
	switch {
	case s.Email == "":
		bad.Add("email", "newsletters.email_empty")
	case !isAddress(s.Email):
		bad.Add("email", "newsletters.email_wrong")
	}
	if s.Lang != "cy" {
		s.Lang = "en"
	}
	return bad
}

// anAddress is what mail can be sent to that somebody may type: a name without what old
// mail servers read as a way through another one, at a host that has a name.
var anAddress = regexp.MustCompile(`^[a-z0-9#$&'*+/=?^_{}~-]+(?:\.[a-z0-9#$&'*+/=?^_{}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$`)

// isAddress reports whether a text looks like an address that somebody has.
func isAddress(text string) bool {
	return len(text) <= 254 && strings.IndexByte(text, '@') <= 64 && anAddress.MatchString(text)
}

// Subscribe has a link go to an address by which its reader says that they want the
// newsletter. Nothing else goes there before. It does the same whether the address is
// known or not, and no link goes where enough of them went.
func (s *Store) Subscribe(ctx context.Context, draft SubscribeDraft) error {
	if bad := draft.Check(); bad != nil {
		return bad
	}
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		if _, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('newsletter ' || inbox_of($1), 0))`, draft.Email); err != nil {
			return err // of two at once the second sees that a link went
		}
		_, err := d.Exec(ctx, `
			with inbox as (
				select coalesce(sum(o.asks) filter (where o.asks_since > @day), 0) as asks, max(o.asked_at) as last
				from newsletter_subscribers o where inbox_of(o.address) = inbox_of(@address)
			),
			asked as (
				insert into newsletter_subscribers as s (address, lang, asked_at, asks_since)
				select @address, @lang, @at, @at from inbox where asks < @most and (last is null or last <= @lately)
				on conflict (address) do update set asked_at = @at, lang = @lang,
					asks = case when s.asks_since > @day then s.asks + 1 else 1 end,
					asks_since = case when s.asks_since > @day then s.asks_since else @at end
				returning id, address
			)
			insert into newsletter_letters (kind, subscriber_id, address, created_at, due_at)
			select 'ask', id, address, @at, @at from asked`,
			pgx.NamedArgs{"address": draft.Email, "lang": draft.Lang, "at": d.At, "lately": d.At.Add(-askEvery), "day": d.At.Add(-24 * time.Hour), "most": asksMost})
		return err
	})
}

// Subscription is how an address, or somebody's account, stands.
type Subscription struct {
	ID        int64
	Address   string
	Account   bool // it is of somebody with an account
	Confirmed bool
	Left      bool
}

// addressOf is where the newsletter goes for subscriber s of person p.
const addressOf = `coalesce(s.address, lower(p.proven_email), '')`

const subscriptionQuery = `
	select s.id, ` + addressOf + ` as address, s.person_id is not null as account, s.confirmed_at is not null and s.left_at is null as confirmed, s.left_at is not null as left
	from newsletter_subscribers s left join people p on p.id = s.person_id`

// asking is true of the subscribers s whom a link of @asked may have confirm.
const asking = `s.address is not null and @asked > @since::timestamptz and (s.left_at is null or s.left_at < @asked)`

func (s *Store) askingArgs(id int64, asked time.Time) pgx.NamedArgs {
	return pgx.NamedArgs{"id": id, "asked": asked, "since": s.Now().Add(-confirmLife)}
}

// Asking reads what a link asks that was sent for something asked at a time: ErrNotFound
// where that is over.
func (s *Store) Asking(ctx context.Context, id int64, asked time.Time) (p Subscription, err error) {
	var b pgx.Batch
	b.Queue(subscriptionQuery+` where s.id = @id and `+asking, s.askingArgs(id, asked)).Query(forum.IntoOne(&p))
	return p, s.Send(ctx, &b)
}

// Confirm has an address get the newsletter from now on, as its reader says. The same
// again changes nothing; ErrNotFound where the link is over.
func (s *Store) Confirm(ctx context.Context, id int64, asked time.Time) error {
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		args := s.askingArgs(id, asked)
		args["at"] = d.At
		tag, err := d.Exec(ctx, `
			update newsletter_subscribers s set confirmed_at = case when s.left_at is null then coalesce(s.confirmed_at, @at) else @at end,
				left_at = null, suppressed_at = null, failures = 0
			where s.id = @id and `+asking, args)
		if err == nil && tag.RowsAffected() == 0 {
			err = forum.ErrNotFound
		}
		return err
	})
}

// Leaving reads whose mail a link in it can stop, and whether it has; ErrNotFound where
// nothing of it is known any more.
func (s *Store) Leaving(ctx context.Context, id int64) (p Subscription, err error) {
	var b pgx.Batch
	b.Queue(subscriptionQuery+` where s.id = $1`, id).Query(forum.IntoOne(&p))
	return p, s.Send(ctx, &b)
}

// OfPerson reads how somebody's account stands; nil where they have never chosen.
func (s *Store) OfPerson(ctx context.Context, personID int64) (p *Subscription, err error) {
	var b pgx.Batch
	b.Queue(subscriptionQuery+` where s.person_id = $1`, personID).Query(forum.IntoMaybe(&p))
	return p, s.Send(ctx, &b)
}

// Leave has no newsletter go any more to the address of a subscriber, whichever way it
// came there; issue is the one whose link was pressed, 0 for none. The same again changes
// nothing; ErrNotFound where nothing is known of them.
func (s *Store) Leave(ctx context.Context, id, issue int64) error {
	return s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		d.Unseen()
		var there bool
		err := d.QueryRow(ctx, `
			with who as (
				select s.id, `+addressOf+` as address from newsletter_subscribers s left join people p on p.id = s.person_id where s.id = @id
			),
			gone as (
				update newsletter_subscribers s set left_at = @at from who
				where s.left_at is null and s.confirmed_at is not null and (s.id = who.id or s.address = who.address
					or s.person_id in (select p.id from people p where who.address <> '' and lower(p.proven_email) = who.address))
				returning s.id
			),
			counted as (
				update newsletters set went = went + 1 where id = @issue and begun_at is not null and exists (select from gone)
			)
			select exists (select from who)`, pgx.NamedArgs{"id": id, "issue": issue, "at": d.At}).Scan(&there)
		if err == nil && !there {
			err = forum.ErrNotFound
		}
		return err
	})
}

// Leaver is a subscriber who stopped the newsletter, and when.
type Leaver struct {
	ID int64
	At time.Time
}

// LeaversMost is how many Leavers reads at once.
const LeaversMost = 5000

// Leavers are those who stopped it after another has, the earliest first, by their numbers
// where many did at once, and so many at most. Of no number it is all who did at that time.
func (s *Store) Leavers(ctx context.Context, after Leaver) (all []Leaver, err error) {
	var b pgx.Batch
	b.Queue(`select id, left_at as at from newsletter_subscribers where left_at >= $1 and (left_at, id) > ($1, $2) order by left_at, id limit $3`, after.At, after.ID, LeaversMost).Query(forum.Into(&all))
	return all, s.Send(ctx, &b)
}

// LeaveAgain stops, in a database that came from a backup, the newsletter for those who
// have stopped it since, and reports how many they were. Who came after that, also under a
// number that was given anew, still gets it.
func (s *Store) LeaveAgain(ctx context.Context, all []Leaver) (n int64, err error) {
	var ids []int64
	var times []time.Time
	for _, l := range all {
		ids, times = append(ids, l.ID), append(times, l.At)
	}
	err = s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		tag, err := d.Exec(ctx, `
			update newsletter_subscribers s set left_at = v.at
			from (select id, max(at) as at from unnest($1::bigint[], $2::timestamptz[]) l (id, at) group by id) v
			where s.id = v.id and s.left_at is null and s.confirmed_at <= v.at + interval '1 second'`, ids, times) // the file has whole seconds
		n = tag.RowsAffected()
		return err
	})
	return n, err
}

// Switch has somebody with an account get the newsletter at their proven address,
// whichever that is when it goes out, or no more. The same again changes nothing.
func (s *Store) Switch(ctx context.Context, who forum.Person, on bool) error {
	return s.outside(ctx, who, func(d *forum.Deed) error {
		if on && !forum.CanFollow(who) || !forum.CanStop(who) {
			return forum.ErrForbidden
		}
		args := pgx.NamedArgs{"who": who.ID, "lang": who.Lang, "at": d.At}
		if !on {
			_, err := d.Exec(ctx, `
				update newsletter_subscribers set left_at = @at
				where left_at is null and confirmed_at is not null
					and (person_id = @who or address = (select lower(proven_email) from people where id = @who))`, args)
			return err
		}
		_, err := d.Exec(ctx, `
			insert into newsletter_subscribers as s (person_id, lang, asked_at, asks_since, confirmed_at)
			select id, case when @lang = 'cy' then 'cy' else 'en' end, @at, @at, @at from people where id = @who
			on conflict (person_id) do update set left_at = null, suppressed_at = null, failures = 0,
				confirmed_at = case when s.left_at is null then s.confirmed_at else @at end`, args)
		return err
	})
}
