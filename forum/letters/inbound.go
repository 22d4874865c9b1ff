package letters

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// Inbound is a mail that answers one of ours, or asks: whom and which thread or topic its
// address names, who it says it is from, and what they wrote themselves.
type Inbound struct {
	Hash     []byte // alike for the same mail
	PersonID int64
	ThreadID int64
	PostID   int64 // that it answers, where that is known
	TopicID  int64
	Title    string // of what asks
	Late     bool   // its address is one of long ago: that is no proof that it did not come before
	Aside    bool   // it answers another mail, sends one on, or was written to others: what asks is written to its address
	Marked   bool   // as one that is not for everybody
	From     string
	Auth     string // what the relay says of the sender
	Trusted  bool   // that is enough to post it
	Words    string
	Below    func(lang string) string // what is to be said below the words; empty for nothing

	topic string // its slug
	lang  string // that they write in
	kept  bool   // the words are a draft
	alone bool   // the words are kept nowhere but in the answer
}

// Answer is what somebody is told whose mail could not be posted, or has started a thread.
type Answer struct {
	Why      string // a key of the reason; AskedNow and AskedHeld where it was posted
	Words    string // what they wrote
	Kept     bool   // as a draft too
	Topic    string // under which they asked; empty of a reply
	ThreadID int64  // 0 where they may not see it, as are slug and title empty
	Slug     string
	Title    string
	Lang     string
}

// What somebody is told who has asked by mail; of a newcomer it waits.
const (
	AskedNow  = "asked"
	AskedHeld = "asked_held"
)

// Posted reports whether what they wrote was.
func (a Answer) Posted() bool { return a.Why == AskedNow || a.Why == AskedHeld }

// What the keys of letters begin with that answer a mail; then its number here.
const keyAnswer = "answer:"

// How often somebody is told, at most, that a mail could not be posted, and how many such
// mails are written down of one person in a day.
const (
	answersEvery = time.Hour
	refusedDaily = 50
)

// refusals are the reasons why a mail was not posted, by the sentence that the site has
// for it.
var refusals = map[string]string{
	"thread.suspended": "suspended", "thread.join_to_reply": "join", "thread.hidden_no_reply": "hidden", "thread.held_no_reply": "held",
	"thread.closed_no_reply": "closed", "thread.no_suppliers": "suppliers",
	"forbidden.suspended": "suspended", "forbidden.supplier": "ask_supplier",
}

// sender is who may have written a mail.
type sender struct {
	Address string
	Lang    string // of the thread, else theirs
	Topic   string // the slug of the one that they ask under
	Known   bool   // the mail was here before
}

// theirs is true of a mail that is known to be of person p.
const theirs = `(@trusted::bool and lower(coalesce(p.proven_email, '')) = @from)`

// sender reads who it is; ErrNotFound where there is nobody. A mail that is not known to be
// theirs is another than one of the same Message-ID that is: whoever has read that could
// else send one before it, and it would come to nothing.
func (s *Store) sender(ctx context.Context, m *Inbound) (from sender, err error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%x\n%v %s", m.Hash, m.Trusted, m.From))
	var b pgx.Batch
	b.Queue(`
		select lower(coalesce(p.proven_email, '')) as address, coalesce(t.lang, p.lang) as lang, coalesce(o.slug, '') as topic,
			exists (select from inbound i where i.hash = case when `+theirs+` then @hash::bytea else @other::bytea end) as known
		from people p left join threads t on t.id = @thread left join topics o on o.id = @topic
		where p.id = @who and p.erased_at is null`,
		pgx.NamedArgs{"who": m.PersonID, "thread": m.ThreadID, "topic": m.TopicID, "hash": m.Hash,
			"other": sum[:], "from": m.From, "trusted": m.Trusted}).Query(forum.IntoOne(&from))
	if err = s.Send(ctx, &b); !m.Trusted || m.From != from.Address {
		m.Hash = sum[:]
	}
	return from, err
}

// TakeReply posts what somebody answered by mail, once; or has them told by mail why it
// was not posted. ErrNotFound where its address names nobody who is there; ErrTooMany
// where it is to be tried again later.
func (s *Store) TakeReply(ctx context.Context, m Inbound) error {
	from, err := s.sender(ctx, &m)
	if err != nil || from.Known {
		return err
	}
	empty := m.complete(from.Lang)
	switch {
	case from.Address == "" || m.From != from.Address:
		m.Words = "" // they are somebody else's
		return s.refuse(ctx, m, "other_address")
	case empty:
		return s.refuse(ctx, m, "empty")
	case !m.Trusted:
		return s.keepBack(ctx, m, "unproven")
	case m.Marked:
		return s.keepBack(ctx, m, "marked")
	}
	if again, err := s.repeats(ctx, m); again || err != nil {
		return err
	}
	_, err = s.Reply(ctx, forum.Person{ID: m.PersonID}, m.ThreadID,
		forum.PostDraft{Body: m.Words, Lang: from.Lang, Mail: &forum.Mail{Hash: m.Hash, Auth: m.Auth}})
	if err == nil && m.PostID != 0 {
		return s.HasAnswered(ctx, m.PersonID, m.ThreadID, m.PostID)
	}
	return s.replied(ctx, m, err)
}

// For how long nobody has to say the same again in a thread, if it is of so many letters: a
// person may well thank two others, and machines write sentences.
const (
	saidFor   = 24 * time.Hour
	saidLeast = 40
)

// repeats reports whether the same words of the same person stand in the thread already, by
// mail too. They are of a machine that nobody knows for one, or of a mail program that has
// sent them twice; two such machines would else go on for ever.
func (s *Store) repeats(ctx context.Context, m Inbound) (bool, error) {
	if utf8.RuneCountInString(m.Words) < saidLeast {
		return false, nil
	}
	var there struct{ Said bool }
	var b pgx.Batch
	b.Queue(`
		select exists (select from posts x where x.author_id = $1 and x.posted_at > $2 and x.by_email and x.deleted_at is null
			and x.thread_id = $3 and x.body = $4) as said`,
		m.PersonID, s.Now().Add(-saidFor), m.ThreadID, markup.Clean(m.Words)).Query(forum.IntoOne(&there))
	err := s.Send(ctx, &b)
	return there.Said, err
}

// complete puts below somebody's words what is to be said there, and reports whether
// there are none.
func (m *Inbound) complete(lang string) (empty bool) {
	if strings.TrimSpace(m.Words) == "" {
		return true
	}
	if below := m.Below(lang); below != "" {
		m.Words += "\n\n" + below
	}
	return false
}

// replied makes of what came of a reply what its writer is told.
func (s *Store) replied(ctx context.Context, m Inbound, err error) error {
	var no *forum.Forbidden
	var bad forum.Invalid
	switch {
	case err == nil || errors.Is(err, forum.ErrTwice):
		return nil
	case errors.As(err, &no) && refusals[no.Why] != "":
		return s.keepBack(ctx, m, refusals[no.Why])
	case errors.Is(err, forum.ErrForbidden):
		return s.keepBack(ctx, m, "forbidden")
	case errors.Is(err, forum.ErrNotFound) || errors.Is(err, forum.ErrGone):
		return s.keepBack(ctx, m, "gone")
	case errors.As(err, &bad):
		return s.keepBack(ctx, m, "check")
	}
	return err
}

// asideByMail is the page of what lies beside drafts because a mail brought it that may be
// anybody's.
const asideByMail = "mail"

// keepBack keeps what somebody wrote as their draft, and tells them. What anybody may have
// written takes the place of nothing that they have typed; nor does what is to come again
// later. Where there is no room for drafts, the words are in the answer alone, which then
// waits for none before it.
func (s *Store) keepBack(ctx context.Context, m Inbound, why string) error {
	err := s.outside(ctx, func(d *forum.Deed) error {
		full, err := tooMany(ctx, d, m.refusal(d, why))
		if err == nil && full {
			err = &forum.TooMany{Until: d.At.Add(answersEvery)}
		}
		return err
	})
	if err != nil {
		return err
	}
	kind, target, fields := m.draft()
	if m.Trusted {
		err = s.KeepDraft(ctx, forum.Person{ID: m.PersonID}, kind, target, fields)
	} else {
		err = s.SetAside(ctx, forum.Person{ID: m.PersonID}, forum.Typed{Kind: kind, Target: target, Fields: fields, Page: asideByMail})
	}
	if err != nil && !errors.Is(err, forum.ErrTooMany) {
		return err
	}
	m.kept, m.alone = err == nil, err != nil && m.Trusted
	return s.refuse(ctx, m, why)
}

// draft is what was written as the form has it that it belongs in.
func (m Inbound) draft() (kind forum.DraftKind, target int64, fields url.Values) {
	if m.TopicID == 0 {
		return forum.DraftReply, m.ThreadID, url.Values{"body": {m.Words}}
	}
	fields = url.Values{"title": {m.Title}, "body": {m.Words}, "lang": {m.lang}}
	if m.topic != "" {
		fields.Set("topic", m.topic)
	}
	return forum.DraftAsk, 0, fields
}

// wordsMost is how much of what somebody wrote is sent back to them.
const wordsMost = 20000

// refuse writes down that a mail was not posted, and has its writer told by mail: once
// for each mail, and not more often than each hour. What anybody can write in their name
// takes nothing from what they hear of their own mails.
func (s *Store) refuse(ctx context.Context, m Inbound, why string) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		if _, err := d.Person(ctx, m.PersonID); err != nil { // whose lock has them counted one after another
			return err
		}
		args := m.refusal(d, why)
		if full, err := tooMany(ctx, d, args); err != nil || full && m.Words == "" {
			return err
		} else if full {
			return &forum.TooMany{Until: d.At.Add(answersEvery)}
		}
		if r := []rune(m.Words); len(r) > wordsMost {
			m.Words = string(r[:wordsMost])
		}
		maps.Copy(args, pgx.NamedArgs{"hash": m.Hash, "thread": m.ThreadID, "topic": m.TopicID, "words": m.Words, "kept": m.kept,
			"now": d.At, "since": d.At.Add(-answersEvery), "key": keyAnswer, "alone": m.alone})
		_, err := d.Exec(ctx, `
			with noted as (
				insert into inbound (hash, person_id, thread_id, topic_id, why, words, kept, auth, at)
				values (@hash, @who, (select id from threads where id = @thread), (select id from topics where id = @topic), @why, @words, @kept, @auth, @now)
				on conflict (hash) do nothing returning id
			)
			insert into letters (person_id, kind, key, created_at, due_at)
			select @who, 'notice', @key || noted.id, @now, @now from noted
			where @alone or not exists (
				select from letters l join inbound i on l.key = @key || i.id
				where l.person_id = @who and l.key like @key || '%' and l.created_at > @since and `+alike+`)`, args)
		return err
	})
}

// refusal is what a mail that was not posted is counted by.
func (m Inbound) refusal(d *forum.Deed, why string) pgx.NamedArgs {
	return pgx.NamedArgs{"who": m.PersonID, "why": why, "auth": m.Auth, "day": d.At.Add(-24 * time.Hour), "most": refusedDaily,
		"loose": []string{"nobody", "other_address"}, "proven": []string{"pass", "unasked"}}
}

// alike is true of the mails i that were not posted for a reason of the same sort, and whose
// writer was known as well.
const alike = `i.post_id is null and (i.why = any(@loose)) = (@why = any(@loose)) and (i.auth = any(@proven)) = (@auth = any(@proven))`

// tooMany reports whether as many such mails of somebody came within a day as are written
// down.
func tooMany(ctx context.Context, d *forum.Deed, args pgx.NamedArgs) (full bool, err error) {
	err = d.QueryRow(ctx, `
		select count(*) >= @most::int from (select from inbound i where i.person_id = @who and i.at > @day and `+alike+` limit @most) i`, args).Scan(&full)
	return full, err
}

// ToldOf is who was told of a post at an address, and its thread; zeros where nobody was.
func (s *Store) ToldOf(ctx context.Context, address string, postID int64) (personID, threadID int64, err error) {
	var told *struct{ PersonID, ThreadID int64 }
	var b pgx.Batch
	b.Queue(`
		select p.id as person_id, x.thread_id from people p join notices n on n.person_id = p.id join posts x on x.id = n.post_id
		where lower(p.proven_email) = $1 and p.erased_at is null and n.post_id = $2 order by p.id limit 1`, address, postID).Query(forum.IntoMaybe(&told))
	if err := s.Send(ctx, &b); err != nil || told == nil {
		return 0, 0, err
	}
	return told.PersonID, told.ThreadID, nil
}

// TakeLost tells somebody who has written to the site's own address that nobody reads
// it, where the address they wrote from is known to be theirs. Others hear nothing. What
// they wrote is not sent back: anybody can write in another's name, and no token proves
// here that it was they.
func (s *Store) TakeLost(ctx context.Context, m Inbound) error {
	if !m.Trusted {
		return nil
	}
	m.Words = ""
	var who struct{ ID int64 }
	var b pgx.Batch
	b.Queue(`select coalesce(min(id), 0) as id from people where lower(proven_email) = $1 and erased_at is null`, m.From).Query(forum.IntoOne(&who))
	if err := s.Send(ctx, &b); err != nil || who.ID == 0 {
		return err
	}
	m.PersonID = who.ID
	return s.refuse(ctx, m, "nobody")
}

// readAnswer reads what became of a mail, which its letter's key names.
func (s *Store) readAnswer(b *pgx.Batch, l *Letter, c Claimed, now time.Time) {
	b.Queue(`
		select case when i.post_id is null then i.why when t.held_at is null then @asked else @held end as why,
			i.words, i.kept, coalesce(o.name, '') as topic,
			coalesce(t.id, 0) as thread_id, coalesce(t.slug, '') as slug, coalesce(t.title, '') as title, coalesce(t.lang, 'en') as lang
		from inbound i join people p on p.id = i.person_id
		left join posts x on false
		left join threads t on t.id = i.thread_id and (`+forum.Hears+` or i.post_id is not null and `+forum.OwnHeld+`)
		left join topics o on o.id = coalesce(i.topic_id, case when i.post_id is not null then t.home_topic_id end)
		where i.id::text = @id and i.person_id = @who and (i.post_id is null or t.id is not null)`,
		pgx.NamedArgs{"id": strings.TrimPrefix(c.Key, keyAnswer), "who": c.PersonID, "now": now, "asked": AskedNow, "held": AskedHeld}).Query(forum.IntoOne(&l.Answer))
}
