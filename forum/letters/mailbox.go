package letters

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Mailbox is one that a team shares, and that follows topics for it. It hears what
// everybody may read and nothing for councils only: nobody can say who reads it, nor end
// that when somebody leaves.
type Mailbox struct {
	ID          int64
	Address     string
	Council     string
	AddedBy     string
	Topics      []string // names, as it was added
	Cadence     forum.Cadence
	Hears       []string // names of what it follows now: its readers change that from its mails
	HearsAs     []string // the cadence of each
	AddedAt     time.Time
	ConfirmedAt *time.Time
	StoppedAt   *time.Time
	StoppedBy   string // empty where who added it stands there no more
	Off         bool   // stopped from one of its mails
	Bouncing    bool   // mail to it comes back
}

// MailboxDraft is what was typed to add one.
type MailboxDraft struct {
	Address string
	Topics  []string // slugs
	Cadence forum.Cadence
}

// MailboxesPage is a council's mailboxes, and what a new one can follow.
type MailboxesPage struct {
	Mailboxes []Mailbox
	Topics    []forum.Topic
	Domains   []string // at which an address must be
	Draft     MailboxDraft
}

// Bounds of mailboxes: of a council, that one person adds in a day, and of the topics of one.
const (
	mailboxesMost  = 10
	mailboxesDaily = 3
	mailboxTopics  = 3
)

// How long a mailbox that was added waits to be confirmed, after which one that was
// stopped can be added again, and how long it is remembered.
const (
	confirmLife   = 7 * 24 * time.Hour
	stoppedAgain  = 24 * time.Hour
	stoppedMemory = 30 * 24 * time.Hour
)

// keyMailbox is the key of the one mail to a mailbox that nobody has confirmed.
const keyMailbox = "mailbox:confirm"

// mailboxStands is true of the mailboxes m whose council still has the colleague who added them.
const mailboxStands = `exists (select from people a where a.id = m.added_by and a.erased_at is null and a.joined_at is not null
	and a.standing = 'colleague' and a.council_id = m.council_id and (a.suspended_at <= @now and a.suspended_until > @now) is not true)`

// mailboxFollows are the topics o of which a mailbox m hears, by its follows f.
const mailboxFollows = `from follows f join topics o on o.id = f.subject_id
	where f.person_id = m.person_id and f.subject_kind = 'topic' and f.thread_kind = '' and f.cadence in ('instant', 'daily', 'weekly') order by array_position(m.topic_ids, o.id), o.id`

// mailboxQuery reads mailboxes m.
const mailboxQuery = `
	select m.person_id as id, m.address, c.shown_name as council, a.name as added_by, m.cadence, m.added_at, m.confirmed_at, m.stopped_at,
		coalesce(b.name, '') as stopped_by, s.stopped_at is not null as off, k.suppressed_at is not null and k.address = m.address as bouncing,
		array(select o.name from topics o where o.id = any(m.topic_ids) order by array_position(m.topic_ids, o.id)) as topics,
		array(select o.name ` + mailboxFollows + `) as hears, array(select f.cadence ` + mailboxFollows + `) as hears_as
	from mailboxes m
	join councils c on c.id = m.council_id
	join people a on a.id = m.added_by
	left join people b on b.id = m.stopped_by
	left join letter_settings s on s.person_id = m.person_id
	left join bounces k on k.person_id = m.person_id`

// Check says what keeps the draft from being taken, as far as its words tell.
func (m *MailboxDraft) Check() (bad forum.Invalid) {
	m.Address = strings.ToLower(strings.TrimSpace(m.Address))
	if m.Address == "" {
		bad.Add("address", "mailboxes.address_empty")
	} else if !isAddress(m.Address) {
		bad.Add("address", "mailboxes.address_wrong")
	}
	switch n := len(m.Topics); {
	case n == 0:
		bad.Add("topic", "mailboxes.topic_choose")
	case n > mailboxTopics:
		bad.Add("topic", "mailboxes.topic_too_many", "Max", mailboxTopics)
	}
	if m.Cadence != forum.Instant && m.Cadence != forum.Daily && m.Cadence != forum.Weekly {
		bad.Add("cadence", "mailboxes.cadence_choose")
	}
	return bad
}

// isAddress reports whether a text looks like an address. Whether it is one of the
// council's own domains is asked when it is added.
func isAddress(text string) bool {
	local, domain, _ := strings.Cut(text, "@")
	return local != "" && strings.Contains(domain, ".") && len(text) <= 254 && len(local) <= 64 && !strings.ContainsFunc(text, unaddressed)
}

// unaddressed reports whether a sign stands in no address that somebody has.
func unaddressed(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune(`"(),:;<>[\]`, r)
}

// MailboxesPage reads the mailboxes of somebody's council, in one round trip; ErrForbidden
// for who is no colleague of one.
func (s *Store) MailboxesPage(ctx context.Context, who forum.Person) (p MailboxesPage, err error) {
	if !forum.CanAddMailbox(who) {
		return MailboxesPage{}, forum.ErrForbidden
	}
	var domains []struct{ Domain string }
	args := pgx.NamedArgs{"council": who.CouncilID, "now": s.Now()}
	var b pgx.Batch
	b.Queue(mailboxQuery+`
		where m.council_id = @council and (m.stopped_at is not null or `+mailboxStands+`) order by m.stopped_at is not null, m.address`, args).Query(forum.Into(&p.Mailboxes))
	b.Queue(`select d.domain from council_domains d where d.council_id = @council and `+forum.ProvingDomain+` order by d.domain`, args).Query(forum.Into(&domains))
	b.Queue(forum.TopicsQuery, pgx.NamedArgs{}).Query(forum.Into(&p.Topics))
	if err := s.Send(ctx, &b); err != nil {
		return MailboxesPage{}, err
	}
	for _, d := range domains {
		p.Domains = append(p.Domains, d.Domain)
	}
	return p, nil
}

// AddMailbox has a mail go to a shared address of somebody's council that asks whether it
// is to follow topics. Nothing else goes there before its reader has said so.
func (s *Store) AddMailbox(ctx context.Context, who forum.Person, draft MailboxDraft) error {
	bad := draft.Check()
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		who, err := d.Person(ctx, who.ID)
		switch {
		case err != nil:
			return err
		case !forum.CanAddMailbox(who):
			return forum.ErrForbidden
		}
		bad := append(forum.Invalid(nil), bad...)
		topics, err := d.TopicIDs(ctx, draft.Topics, &bad)
		if err != nil {
			return err
		}
		if bad == nil {
			err = draft.fits(ctx, d, who, &bad)
		}
		switch {
		case err != nil:
			return err
		case bad != nil:
			return bad
		}
		return draft.add(ctx, d, who, topics)
	})
}

// fits says what keeps an address from being added now.
func (m MailboxDraft) fits(ctx context.Context, d *forum.Deed, who forum.Person, bad *forum.Invalid) error {
	_, domain, _ := strings.Cut(m.Address, "@")
	var theirs, there, lately, refused bool
	var before *int64
	var all, today int
	err := d.QueryRow(ctx, `
		select exists (select from council_domains d where d.council_id = @council and `+forum.ProvingDomain+` and d.domain = @domain),
			m.person_id is not null and m.stopped_at is null or exists (select from mailboxes o
				where o.council_id = @council and o.stopped_at is null and o.confirmed_at is null and o.added_at > @since and inbox_of(o.address) = inbox_of(@address)),
			coalesce(m.stopped_at > @lately, false), m.person_id,
			exists (select from refused_mailboxes where address in (sha256(convert_to(@address, 'UTF8')), sha256(convert_to(inbox_of(@address), 'UTF8')))),
			(select count(*) from mailboxes where council_id = @council and stopped_at is null),
			(select count(*) from mailboxes where added_by = @who and added_at > @day)
		from (select) one left join mailboxes m on m.council_id = @council and m.address = @address`,
		pgx.NamedArgs{"council": who.CouncilID, "domain": domain, "address": m.Address, "who": who.ID,
			"lately": d.At.Add(-stoppedAgain), "since": d.At.Add(-confirmLife), "day": d.At.Add(-24 * time.Hour)}).Scan(&theirs, &there, &lately, &before, &refused, &all, &today)
	switch {
	case err != nil:
		return err
	case !theirs:
		bad.Add("address", "mailboxes.address_elsewhere", "Domain", domain)
	case there:
		bad.Add("address", "mailboxes.address_there")
	case refused:
		bad.Add("address", "mailboxes.address_refused")
	case lately:
		bad.Add("address", "mailboxes.address_stopped")
	case all >= mailboxesMost:
		bad.Add("address", "mailboxes.too_many", "Max", mailboxesMost)
	case today >= mailboxesDaily:
		bad.Add("address", "mailboxes.too_many_today", "Max", mailboxesDaily)
	case before != nil:
		return d.DropRecipients(ctx, []int64{*before})
	}
	return nil
}

// add writes a mailbox down, and has it asked.
func (m MailboxDraft) add(ctx context.Context, d *forum.Deed, who forum.Person, topics []int64) error {
	id, err := d.AddRecipient(ctx, m.Address, who.Lang)
	if err != nil {
		return err
	}
	tag, err := d.Exec(ctx, `
		insert into mailboxes (person_id, council_id, added_by, address, topic_ids, cadence, added_at)
		values (@id, @council, @who, @address, @topics, @how, @at) on conflict do nothing`,
		pgx.NamedArgs{"id": id, "council": who.CouncilID, "who": who.ID, "address": m.Address, "topics": topics, "how": m.Cadence, "at": d.At})
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 { // somebody else was first
		return forum.Invalid{{Field: "address", Key: "mailboxes.address_there"}}
	}
	_, err = d.Exec(ctx, `insert into letters (person_id, kind, key, created_at, due_at) values ($1, 'notice', $2, $3, $3)`, id, keyMailbox, d.At)
	return err
}

// unstopped is true of the mailboxes m that may be confirmed, or were.
const unstopped = `m.stopped_at is null and (m.confirmed_at is not null or m.added_at > @since) and ` + mailboxStands

func (s *Store) mailboxArgs(id int64) pgx.NamedArgs {
	return pgx.NamedArgs{"id": id, "now": s.Now(), "since": s.Now().Add(-confirmLife)}
}

// Mailbox reads one that a mail to it names; ErrNotFound where that is over.
func (s *Store) Mailbox(ctx context.Context, id int64) (m Mailbox, err error) {
	var b pgx.Batch
	b.Queue(mailboxQuery+` where m.person_id = @id and `+unstopped, s.mailboxArgs(id)).Query(forum.IntoOne(&m))
	return m, s.Send(ctx, &b)
}

// ConfirmMailbox has a mailbox follow what it was asked about, as who reads it says. The
// same again changes nothing; ErrNotFound where that is over.
func (s *Store) ConfirmMailbox(ctx context.Context, id int64) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		var topics []int64
		var how forum.Cadence
		var address string
		var fresh bool
		rows, err := d.Query(ctx, `
			select m.topic_ids, m.cadence, m.address, m.confirmed_at is null from mailboxes m where m.person_id = @id and `+unstopped+` for update`, s.mailboxArgs(id))
		if err != nil {
			return err
		}
		if _, err = pgx.ForEachRow(rows, []any{&topics, &how, &address, &fresh}, func() error { return nil }); err != nil {
			return err
		}
		switch {
		case address == "":
			return forum.ErrNotFound
		case !fresh:
			return nil
		}
		if _, err := d.Exec(ctx, `update mailboxes set confirmed_at = $2 where person_id = $1`, id, d.At); err != nil {
			return err
		}
		if err := d.Reaches(ctx, id, address); err != nil {
			return err
		}
		return d.FollowAsRecipient(ctx, id, topics, how)
	})
}

// StopMailbox ends what goes to a mailbox, as any colleague of its council may. The same
// again changes nothing; ErrNotFound of one of another council.
func (s *Store) StopMailbox(ctx context.Context, who forum.Person, id int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if !forum.CanAddMailbox(who) {
			return forum.ErrForbidden
		}
		var stopped bool
		err := d.QueryRow(ctx, `
			select stopped_at is not null from mailboxes where person_id = $1 and council_id = $2 for update`, id, who.CouncilID).Scan(&stopped)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return forum.ErrNotFound
		case err != nil || stopped:
			return err
		}
		return endMailbox(ctx, d, id)
	})
}

// endMailbox is the part of a deed that ends what goes to a mailbox.
func endMailbox(ctx context.Context, d *forum.Deed, id int64) error {
	if _, err := d.Exec(ctx, `update mailboxes set stopped_at = $2, stopped_by = nullif($3::bigint, 0) where person_id = $1`, id, d.At, d.Who.ID); err != nil {
		return err
	}
	if err := d.FollowAsRecipient(ctx, id, nil, forum.Daily); err != nil {
		return err
	}
	return d.Reaches(ctx, id, "")
}

// sweepMailboxes ends those whose council has who added them no more, and forgets what
// was stopped long ago or never confirmed.
func sweepMailboxes(ctx context.Context, d *forum.Deed) error {
	ended, err := mailboxIDs(ctx, d, `m.stopped_at is null and m.confirmed_at is not null and not `+mailboxStands)
	if err != nil {
		return err
	}
	for _, id := range ended {
		if err := endMailbox(ctx, d, id); err != nil {
			return err
		}
	}
	over, err := mailboxIDs(ctx, d, `m.stopped_at < @memory or m.confirmed_at is null and m.added_at < @since`)
	if err != nil || len(over) == 0 {
		return err
	}
	return d.DropRecipients(ctx, over)
}

// mailboxIDs are the mailboxes m of which something is true.
func mailboxIDs(ctx context.Context, d *forum.Deed, where string) ([]int64, error) {
	rows, err := d.Query(ctx, `select m.person_id from mailboxes m where `+where+` limit 1000`,
		pgx.NamedArgs{"now": d.At, "memory": d.At.Add(-stoppedMemory), "since": d.At.Add(-confirmLife), "who": d.Who.ID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// forgetMailboxes has the mailboxes be gone that somebody added who is erased.
func forgetMailboxes(ctx context.Context, d *forum.Deed, personID int64) error {
	rows, err := d.Query(ctx, `select person_id from mailboxes where added_by = $1`, personID)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ids) == 0 {
		return err
	}
	return d.DropRecipients(ctx, ids)
}

// readMailbox reads what a mailbox is asked.
func (s *Store) readMailbox(b *pgx.Batch, l *Letter, c Claimed) {
	b.Queue(mailboxQuery+` where m.person_id = @id and m.confirmed_at is null and `+unstopped, s.mailboxArgs(c.PersonID)).Query(forum.IntoOne(&l.Mailbox))
}
