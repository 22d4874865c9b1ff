package letters

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// What came back: how often mail may be refused for good, and how often in all, within
// the time for which letters are kept, before an address gets no more.
const (
	hardMost = 3
	backMost = 4
)

// Returned is what a mail server says of one of our letters that came back.
type Returned struct {
	LetterID int64
	Status   string   // 5.1.1 (RFC 3463)
	Of       []string // the addresses that it says it is of; none where it does not say
	Said     string
}

// backClass is whose fault it is that a letter came back.
type backClass int

const (
	ourFault    backClass = iota // what they think of us, of our mail, or of what is between us
	nobodyThere                  // there is nobody at the address
	noMail                       // it takes no mail, for good
	notNow                       // it takes none for now, or was not reached
)

// classOf reads it from a status (RFC 3463, RFC 7505): class, subject, detail.
func classOf(status string) backClass {
	switch {
	case slices.Contains([]string{"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}, status):
		return nobodyThere
	case status == "5.2.1":
		return noMail
	case strings.HasPrefix(status, "4.1.") && status != "4.1.7" && status != "4.1.8", slices.ContainsFunc([]string{"4.2.", "4.4.", "5.2.", "5.4."},
		func(subject string) bool { return strings.HasPrefix(status, subject) }):
		return notNow
	}
	return ourFault
}

// TheirFault reports whether a status says that it is an address's own fault that a mail
// to it came back.
func TheirFault(status string) bool { return classOf(status) != ourFault }

// judge says why a letter to an address came back, and whose fault that is. Of somebody else
// to whom the address sends its mail on, it is not the address's.
func (r Returned) judge(address string) (why string, class backClass) {
	class = classOf(r.Status)
	if !forum.IsOfInbox(address, r.Of) {
		class = ourFault
	}
	switch class {
	case ourFault:
		return "came_back_ours", class
	case notNow:
		return "came_back_later", class
	}
	return "came_back", class
}

// Bounced writes down that a letter came back, once for each: only of one that was sent.
// Its address gets no more mail when there is nobody at it, or when too much came back;
// what came back for a fault of ours does not count. ErrTooMany where the letter is in
// somebody's hands still: that it went is written down a moment after, and what came back
// is to come again.
func (s *Store) Bounced(ctx context.Context, r Returned) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		var inHand bool
		var address string
		err := d.QueryRow(ctx, `
			select coalesce(bool_or(state in ('queued', 'deferred') and claimed_until > clock_timestamp()), false), coalesce(max(address), '')
			from letters where id = $1`, r.LetterID).Scan(&inHand, &address)
		switch {
		case err != nil:
			return err
		case inHand:
			return &forum.TooMany{Until: d.At.Add(lease)}
		}
		why, class := r.judge(address)
		_, err = d.Exec(ctx, `
			with back as (
				update letters set state = 'bounced', why = @why, error = @said
				where id = @id and state = 'sent' and address <> '' returning id, person_id, address
			),
			counted as (
				select back.person_id, back.address,
					(select count(*) from letters l where l.person_id = back.person_id and l.address = back.address and l.id <> back.id
						and l.why = 'came_back' and l.done_at > @since) + case when @why = 'came_back' then 1 else 0 end as hard,
					(select count(*) from letters l where l.person_id = back.person_id and l.address = back.address and l.id <> back.id
						and l.why in ('came_back', 'came_back_later') and l.done_at > @since) + 1 as n
				from back join people p on p.id = back.person_id and p.proven_email = back.address
			)
			insert into bounces as b (person_id, address, failures, said, suppressed_at)
			select person_id, address, n, @said, @now::timestamptz from counted where @nobody or @why <> 'came_back_ours' and (hard >= @hard or n >= @most)
			on conflict (person_id) do update set address = excluded.address, said = excluded.said, failures = excluded.failures,
				suppressed_at = case when b.address = excluded.address then coalesce(b.suppressed_at, @now) else @now end`,
			pgx.NamedArgs{"id": r.LetterID, "why": why, "said": short(r.Said), "now": d.At, "since": d.At.Add(-letterLife),
				"nobody": class == nobodyThere, "hard": hardMost, "most": backMost})
		return err
	})
}
