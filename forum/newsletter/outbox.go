package newsletter

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Bounds of trying.
const (
	lease     = 50 * time.Second // how long a node may work on what it claimed, on the database's clock
	longest   = time.Hour        // between two tries
	triesMost = 80               // after three days no more
	failsMost = 3                // refusals in a row after which an address gets no more
)

// The kinds of letters: an issue, the same as a test, and the question whether an address
// wants them.
const (
	KindIssue = "issue"
	KindTest  = "test"
	KindAsk   = "ask"
)

// Claimed is a letter that one node works on for a while.
type Claimed struct {
	ID           int64
	NewsletterID int64
	Kind         string
	Address      string
	Tries        int
}

// Claim takes up to n letters that are due, for this node alone: what somebody waits for
// before the issues that go out.
func (s *Store) Claim(ctx context.Context, n int) (claimed []Claimed, err error) {
	const claim = `
		update newsletter_letters l set claimed_until = clock_timestamp() + @lease::interval, tries = l.tries + 1
		from due where l.id = due.id
		returning l.id, coalesce(l.newsletter_id, 0) as newsletter_id, l.kind, l.address, l.tries`
	args := pgx.NamedArgs{"now": s.Now(), "n": n, "lease": lease}
	err = s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		for _, due := range []string{`
			with due as (
				select id from newsletter_letters
				where kind <> 'issue' and state in ('queued', 'deferred') and due_at <= @now and handed_at is null and (claimed_until is null or claimed_until < clock_timestamp())
				order by due_at, id limit @n for update skip locked
			)`, `
			with due as (
				select x.id from newsletters n cross join lateral (
					select l.id from newsletter_letters l
					where l.newsletter_id = n.id and l.kind = 'issue' and l.state in ('queued', 'deferred') and l.due_at <= @now
						and l.handed_at is null and (l.claimed_until is null or l.claimed_until < clock_timestamp())
					order by l.due_at, l.id limit @n for update skip locked
				) x where n.state = 'sending' limit @n
			)`} {
			rows, err := d.Query(ctx, due+claim, args)
			if err != nil {
				return err
			}
			if claimed, err = pgx.CollectRows(rows, pgx.RowToStructByName[Claimed]); err != nil || len(claimed) > 0 {
				return err
			}
		}
		return nil
	})
	return claimed, err
}

// GiveBack lets others work on what was claimed and not begun.
func (s *Store) GiveBack(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			update newsletter_letters set claimed_until = null, tries = tries - 1 where id = any($1) and state in ('queued', 'deferred')`, ids)
		return err
	})
}

// Reader is who gets a letter.
type Reader struct {
	LetterID     int64
	SubscriberID int64 // 0 of a test
	Address      string
	Lang         string
	AskedAt      time.Time
}

// Verdict is what becomes of a letter that is not sent now: its state, and the key of the
// reason. The zero Verdict is that it is sent; Held, that it is for later.
type Verdict struct {
	State string
	Why   string
}

// Held is the state of what is neither sent nor ended: its issue was paused.
const Held = "held"

// standing is how it stands with a letter when it is about to be sent.
type standing struct {
	Issue        State
	SubscriberID int64
	NowAt        string
	Lang         string
	AskedAt      time.Time
	Wants        bool
	Unreachable  bool
	Away         bool
	Stopped      bool
	Waits        bool
}

// standingQuery reads it. Who has stopped all mail, or pauses it, gets no newsletter.
const standingQuery = `
	select coalesce(n.state, '') as issue, coalesce(s.id, 0) as subscriber_id, coalesce(s.address, lower(p.proven_email), '') as now_at,
		coalesce(case when s.person_id is null then s.lang end, p.lang, 'en') as lang, coalesce(s.asked_at, l.created_at) as asked_at,
		coalesce(s.confirmed_at is not null and s.left_at is null, false) as wants,
		coalesce(s.suppressed_at is not null, false) or coalesce(b.suppressed_at is not null, false) as unreachable,
		p.id is not null and (p.erased_at is not null or p.joined_at is null or (p.suspended_at <= @now and p.suspended_until > @now) is true) as away,
		t.stopped_at is not null as stopped, coalesce(t.pause_until > @now, false) as waits
	from newsletter_letters l
	left join newsletters n on n.id = l.newsletter_id
	left join newsletter_subscribers s on s.id = l.subscriber_id
	left join people p on p.id = coalesce(s.person_id, l.tester_id)
	left join letter_settings t on t.person_id = s.person_id
	left join bounces b on b.person_id = s.person_id and b.address = p.proven_email
	where l.id = @letter and l.state in ('queued', 'deferred')`

// Reader looks again at whether a claimed letter is still to be sent, and to whom.
func (s *Store) Reader(ctx context.Context, c Claimed) (r Reader, v Verdict, err error) {
	var now standing
	var b pgx.Batch
	b.Queue(standingQuery, pgx.NamedArgs{"letter": c.ID, "now": s.Now()}).Query(forum.IntoOne(&now))
	if err := s.Send(ctx, &b); err != nil {
		return Reader{}, Verdict{}, err
	}
	r = Reader{LetterID: c.ID, SubscriberID: now.SubscriberID, Address: c.Address, Lang: now.Lang, AskedAt: now.AskedAt}
	return r, now.judge(c), nil
}

// judge says what becomes of a letter.
func (now standing) judge(c Claimed) Verdict {
	issue := c.Kind == KindIssue
	for _, reason := range []struct {
		holds bool
		Verdict
	}{
		{issue && now.Issue == Stopped, Verdict{"dropped", "stopped"}},
		{issue && now.Issue != Sending, Verdict{Held, ""}},
		{now.Away || now.NowAt == "", Verdict{"dropped", "away"}},
		{now.NowAt != c.Address, Verdict{"dropped", "moved"}},
		{!isAddress(c.Address), Verdict{"bounced", "malformed"}},
		{issue && !now.Wants, Verdict{"dropped", "left"}},
		{issue && now.Unreachable, Verdict{"suppressed", "unreachable"}},
		{issue && now.Stopped, Verdict{"dropped", "stopped_all"}},
		{issue && now.Waits, Verdict{"dropped", "paused"}},
	} {
		if reason.holds {
			return reason.Verdict
		}
	}
	return Verdict{}
}

// ErrTaken is a letter that another node has in hand, or that is over.
var ErrTaken = errors.New("newsletter: another node has this letter")

// Handing writes down that a letter is about to be handed over for good: if the node dies
// now, nobody knows whether the mail server has it, and it is not sent a second time. It is
// ErrTaken where it is not this node's any more.
func (s *Store) Handing(ctx context.Context, c Claimed) error {
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		tag, err := d.Exec(ctx, `
			update newsletter_letters set handed_at = $2, claimed_until = clock_timestamp() + $3::interval
			where id = $1 and state in ('queued', 'deferred') and handed_at is null`, c.ID, d.At, lease)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrTaken
		}
		return err
	})
}

// settle ends the letters that a node had handed over when it died: they have gone, as far
// as anybody knows.
func (s *Store) settle(ctx context.Context) error {
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			update newsletter_letters set state = 'sent', why = 'unsure', done_at = handed_at, claimed_until = null
			where handed_at is not null and state in ('queued', 'deferred') and claimed_until < clock_timestamp()`)
		return err
	})
}

// Sent writes down that the mail server has taken a letter.
func (s *Store) Sent(ctx context.Context, c Claimed) error {
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			with sent as (
				update newsletter_letters set state = 'sent', done_at = $2, why = '', error = '', claimed_until = null
				where id = $1 and state in ('queued', 'deferred') returning subscriber_id
			)
			update newsletter_subscribers s set failures = 0 from sent where s.id = sent.subscriber_id and s.failures > 0`, c.ID, d.At)
		return err
	})
}

// NotSent writes down that a letter is not to be sent, and why. What could not go to an
// address because it is none ends that address.
func (s *Store) NotSent(ctx context.Context, c Claimed, v Verdict) error {
	if v.State == Held {
		return s.GiveBack(ctx, []int64{c.ID})
	}
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			with ended as (
				update newsletter_letters set state = @state, why = @why, done_at = @now, claimed_until = null
				where id = @id and state in ('queued', 'deferred') returning subscriber_id
			)
			update newsletter_subscribers s set suppressed_at = @now from ended where @why = 'malformed' and s.id = ended.subscriber_id`,
			pgx.NamedArgs{"id": c.ID, "state": v.State, "why": v.Why, "now": d.At})
		return err
	})
}

// Deferred writes down that a letter could not be handed over: it is tried again, soon at
// first, then each hour, for three days.
func (s *Store) Deferred(ctx context.Context, c Claimed, said string) error {
	wait := min(5*time.Second<<min(c.Tries, 10), longest)
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			update newsletter_letters set claimed_until = null, handed_at = null, error = @said, due_at = @again,
				state = case when @over then 'bounced' else 'deferred' end, why = case when @over then 'gave_up' else '' end,
				done_at = case when @over then @now::timestamptz end
			where id = @id and state in ('queued', 'deferred')`,
			pgx.NamedArgs{"id": c.ID, "said": cut(said, 300), "now": d.At, "again": d.At.Add(wait), "over": c.Tries >= triesMost})
		return err
	})
}

// Later writes down that a letter was not tried, and is to be in a while.
func (s *Store) Later(ctx context.Context, c Claimed, in time.Duration) error {
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			update newsletter_letters set claimed_until = null, handed_at = null, tries = tries - 1, due_at = $2 where id = $1 and state in ('queued', 'deferred')`, c.ID, d.At.Add(in))
		return err
	})
}

// Refused writes down that the mail server has refused a letter for good. The third time
// in a row that it says there is nobody at the address, that gets no more.
func (s *Store) Refused(ctx context.Context, c Claimed, said string, nobody bool) error {
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			with refused as (
				update newsletter_letters set state = 'bounced', why = 'refused', error = @said, done_at = @now, claimed_until = null
				where id = @id and state in ('queued', 'deferred') returning subscriber_id
			)
			`+failed+` from refused r where @nobody and s.id = r.subscriber_id`,
			pgx.NamedArgs{"id": c.ID, "said": cut(said, 300), "now": d.At, "nobody": nobody, "most": failsMost})
		return err
	})
}

// failed counts that a mail to a subscriber s came to nothing.
const failed = `
	update newsletter_subscribers s set failures = s.failures + 1, said = @said,
		suppressed_at = case when s.failures + 1 >= @most then coalesce(s.suppressed_at, @now) end`

// Returned is what a mail server says of a newsletter that came back.
type Returned struct {
	LetterID int64
	Of       []string // the addresses that it says it is of; none where it does not say
	Said     string
	Theirs   bool // it is the address's fault, not ours
	Nobody   bool // there is nobody at it
}

// Bounced writes down that a letter came back after it was sent, once for each. An address
// at which there is nobody gets no more; another whose fault it is after three in a row.
// ErrTooMany where the letter is in somebody's hands still: it is to come again.
func (s *Store) Bounced(ctx context.Context, r Returned) error {
	most := failsMost
	if r.Nobody {
		most = 1
	}
	return s.outside(ctx, forum.Person{}, func(d *forum.Deed) error {
		var inHand bool
		var address string
		err := d.QueryRow(ctx, `
			select coalesce(bool_or(state in ('queued', 'deferred') and claimed_until > clock_timestamp()), false), coalesce(max(address), '')
			from newsletter_letters where id = $1`, r.LetterID).Scan(&inHand, &address)
		switch {
		case err != nil:
			return err
		case inHand:
			return &forum.TooMany{Until: d.At.Add(lease)}
		}
		_, err = d.Exec(ctx, `
			with back as (
				update newsletter_letters set state = 'bounced', why = 'came_back', error = @said where id = @id and state = 'sent' returning subscriber_id, newsletter_id, kind
			),
			counted as (
				update newsletters n set sent = n.sent - 1, bounced = n.bounced + 1 from back b where b.kind = 'issue' and n.id = b.newsletter_id and n.ended_at is not null
			)
			`+failed+` from back b where @theirs and s.id = b.subscriber_id`,
			pgx.NamedArgs{"id": r.LetterID, "said": cut(r.Said, 300), "now": d.At, "most": most, "theirs": (r.Theirs || r.Nobody) && forum.IsOfInbox(address, r.Of)})
		return err
	})
}

// Due counts the letters that are due within a time from now.
func (s *Store) Due(ctx context.Context, within time.Duration) (n int, err error) {
	var due struct{ N int }
	var b pgx.Batch
	b.Queue(`
		select (select count(*) from newsletter_letters where kind <> 'issue' and state in ('queued', 'deferred') and due_at <= $1 and handed_at is null)::int
			+ (select count(*) from newsletters n join newsletter_letters l on l.newsletter_id = n.id and l.kind = 'issue' and l.state in ('queued', 'deferred') and l.due_at <= $1 and l.handed_at is null
				where n.state = 'sending')::int as n`, s.Now().Add(within)).Query(forum.IntoOne(&due))
	err = s.Send(ctx, &b)
	return due.N, err
}
