package letters

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Scope is how much stops by a link in a mail.
type Scope string

// The scopes: the thread that the mail was about, the follow by which it came, what comes
// in one mail a day or a week, all mail.
const (
	StopThread Scope = "thread"
	StopTopic  Scope = "topic"
	StopDigest Scope = "digest"
	StopAll    Scope = "all"
)

// Slower are the cadences that can be chosen by a link in a mail, the soonest first.
var Slower = []forum.Cadence{forum.Daily, forum.Weekly, forum.OnSite}

// Mailed is to whom a mail went, by which follow, and about which thread; a zero
// ThreadID is none, and an empty Via no follow. It is what a link in a mail names.
type Mailed struct {
	PersonID int64
	Via      Via
	ThreadID int64
	Digest   bool // it brought what is new of a day or a week
}

// OneClick is how much stops where the mail program asks for it in one press: the follow
// by which the mail came, else the thread, else digests where it was one, else all.
func (m Mailed) OneClick() Scope {
	switch {
	case m.Via.Kind != "" && m.Via.Kind != forum.ToThread:
		return StopTopic
	case m.ThreadID != 0:
		return StopThread
	case m.Digest:
		return StopDigest
	}
	return StopAll
}

// Stopping is what a link in a mail can stop, and what has stopped.
type Stopping struct {
	Mailed        Mailed
	Lang          string // of the person
	ThreadTitle   string // empty where they may not see the thread any more
	ThreadLang    string
	ThreadCadence forum.Cadence // of its own follow; empty for none
	ViaName       string
	ViaCadence    forum.Cadence // empty where that follow has ended
	Daily, Weekly int           // how much they follow that comes in one mail a day, or a week
	DigestEnded   bool          // they stopped that mail, and none has come since
	Offered       bool          // the last brought nothing but questions that they may be able to answer
	Stopped       bool          // all mail is off
	Mailbox       bool          // it is a team's, not a person's
}

// stoppingQuery reads it as things stand for the person.
const stoppingQuery = `
	select p.lang, coalesce(t.title, '') as thread_title, coalesce(t.lang, '') as thread_lang,
		coalesce(ft.cadence, '') as thread_cadence, coalesce(o.name, c.shown_name, k.title, h.name, ss.words, pd.name, sp.name, '') as via_name,
		coalesce(fv.cadence, '') as via_cadence,
		(select count(*) from follows f where f.person_id = p.id and f.cadence = 'daily')::int as daily, (select count(*) from follows f where f.person_id = p.id and f.cadence = 'weekly')::int as weekly,
		` + digestEnded + ` as digest_ended, ` + onlyOffered + ` as offered, s.stopped_at is not null as stopped, exists (select from mailboxes m where m.person_id = p.id) as mailbox
	from people p
	left join posts x on false
	left join threads t on t.id = @thread and ` + forum.Hears + `
	left join topics o on @kind = 'topic' and o.id = @id
	left join councils c on @kind = 'council' and c.id = @id
	left join collections k on @kind = 'collection' and k.id = @id and k.shown
	left join products pd on @kind = 'product' and pd.id = @id
	left join suppliers sp on @kind = 'supplier' and sp.id = @id
	left join people h on @kind = 'person' and h.id = @id and h.erased_at is null and h.standing <> 'newcomer'
	left join saved_searches ss on @kind = 'search' and ss.id = @id and ss.person_id = p.id
	left join follows ft on ft.person_id = p.id and ft.subject_kind = 'thread' and ft.subject_id = @thread
	left join follows fv on fv.person_id = p.id and fv.subject_kind = @kind and fv.subject_id = @id and fv.thread_kind = @of
	left join letter_settings s on s.person_id = p.id
	where p.id = @person and p.erased_at is null and (p.joined_at is not null or exists (select from mailboxes m where m.person_id = p.id))`

// StoppingPage reads what a mail's link can stop, in one round trip; ErrNotFound where
// its person is gone.
func (s *Store) StoppingPage(ctx context.Context, m Mailed) (p Stopping, err error) {
	var b pgx.Batch
	args := m.args()
	args["now"], args["at"] = s.Now(), s.Now()
	b.Queue(stoppingQuery, args).Query(forum.IntoOne(&p))
	err = s.Send(ctx, &b)
	p.Mailed = m
	return p, err
}

func (m Mailed) args() pgx.NamedArgs {
	return pgx.NamedArgs{"person": m.PersonID, "thread": m.ThreadID, "kind": m.Via.Kind, "id": m.Via.ID, "of": m.Via.ThreadKind}
}

// Stop stops what a mail's link names, as its person, who need not be signed in. With a
// cadence it comes more slowly instead, and what is slower already stays so. The same
// again changes nothing. Invalid for what the mail has not; ErrNotFound where its person
// is gone.
func (s *Store) Stop(ctx context.Context, m Mailed, scope Scope, cadence forum.Cadence) error {
	return s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		d.Unseen()
		who, err := d.Person(ctx, m.PersonID)
		if err == nil && !who.Joined {
			err = d.QueryRow(ctx, `select person_id from mailboxes where person_id = $1`, m.PersonID).Scan(&who.ID)
			if scope == StopDigest && cadence == "" {
				scope = StopAll // a mailbox has no notices to read it in
			}
		}
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return forum.ErrNotFound
		case err != nil:
			return err
		case cadence != "" && (!slices.Contains(Slower, cadence) || scope == StopAll):
			return forum.Invalid{{Field: "scope", Key: "stop.choose"}}
		}
		if m.ThreadID, err = d.Standing(ctx, m.ThreadID); err != nil {
			return err
		}
		if m.Via.Kind == forum.ToThread {
			m.Via.ID = m.ThreadID
		}
		return m.stop(ctx, d, scope, cadence)
	})
}

// stop is the part of the deed that is about one scope.
func (m Mailed) stop(ctx context.Context, d *forum.Deed, scope Scope, cadence forum.Cadence) error {
	if scope == StopTopic && m.Via.Kind == forum.ToThread {
		scope = StopThread
	}
	switch {
	case scope == StopAll:
		return stopAll(ctx, d, m.PersonID)
	case scope == StopThread && m.ThreadID != 0:
		if cadence != "" {
			return m.slowThread(ctx, d, cadence)
		}
		return m.mute(ctx, d)
	case scope == StopTopic && m.Via.Kind != "":
		if cadence != "" {
			return m.slow(ctx, d, cadence)
		}
		return m.unfollow(ctx, d)
	case scope == StopDigest:
		return m.slowDigest(ctx, d, cadence)
	}
	return forum.Invalid{{Field: "scope", Key: "stop.choose"}}
}

// slowDigest has what comes in one mail a day come once a week; or stops that mail. What
// comes at once goes on.
func (m Mailed) slowDigest(ctx context.Context, d *forum.Deed, cadence forum.Cadence) error {
	switch {
	case !m.Digest || cadence == forum.Daily:
		return forum.Invalid{{Field: "scope", Key: "stop.choose"}}
	case cadence == forum.Weekly:
		return m.slowGathered(ctx, d, cadence)
	}
	return m.stopDigest(ctx, d)
}

// stopDigest has what comes once a day or once a week come on the site alone, and no more
// questions be offered, which come once a day whatever one follows. Who follows nothing that
// comes so had a digest for another reason: where that was such a question, no more come; the
// others, such as many mails in a day or a pause, end with all mail alone, unless no digest has
// come since they stopped it.
func (m Mailed) stopDigest(ctx context.Context, d *forum.Deed) error {
	var none, ended, offered bool
	err := d.QueryRow(ctx, `
		select not exists (select from follows f where f.person_id = p.id and f.cadence in ('daily', 'weekly')), `+digestEnded+`, `+onlyOffered+` from people p where p.id = @person`,
		m.at(d)).Scan(&none, &ended, &offered)
	switch {
	case err != nil || none && ended:
		return err
	case none && !offered:
		return stopAll(ctx, d, m.PersonID)
	}
	d.Chose(m.PersonID, forum.Subject{Kind: toOffers}, forum.Off)
	d.Also(`insert into letter_settings (person_id, no_asks) values ($1, true) on conflict (person_id) do update set no_asks = true`, m.PersonID)
	return m.slowGathered(ctx, d, forum.OnSite)
}

// digestEnded is true of a person p who has stopped their digest, and had none since. That
// they want no more offers ends one that brought nothing else.
const digestEnded = `exists (select from letter_settings w where w.person_id = p.id and w.no_asks) and exists (select from stops c where c.person_id = p.id
	and (c.cadence = 'site' or c.subject_kind = 'offers' and c.cadence = 'off' and ` + onlyOffered + `) and c.at >= coalesce(
	(select max(l.done_at) from letters l where l.person_id = p.id and l.kind = 'digest' and l.state = 'sent'), @at::timestamptz - interval '30 days'))`

// onlyOffered is true of a person p whose last digest brought nothing but questions that they
// may be able to answer.
const onlyOffered = `coalesce((select bool_and(n.reason = 'offered') from notices n
	where n.letter_id = (select l.id from letters l where l.person_id = p.id and l.kind = 'digest' and l.state = 'sent' order by l.id desc limit 1)), false)`

// slowGathered has what comes in one mail come more slowly, and keeps of what that was:
// a backup that is put back may know nothing of it.
func (m Mailed) slowGathered(ctx context.Context, d *forum.Deed, cadence forum.Cadence) error {
	args := m.at(d)
	args["cadence"] = cadence
	_, err := d.Exec(ctx, `
		with changed as (
			update follows set cadence = @cadence where person_id = @person and cadence in ('daily', 'weekly') and `+sooner+`
			returning subject_kind, subject_id, thread_kind
		)
		insert into stops (person_id, subject_kind, subject_id, thread_kind, cadence, at)
		select @person, subject_kind, subject_id, thread_kind, @cadence, @at from changed`, args)
	return err
}

// mute has the person hear no more of the thread.
func (m Mailed) mute(ctx context.Context, d *forum.Deed) error {
	d.Chose(m.PersonID, forum.Subject{Kind: forum.ToThread, ID: m.ThreadID}, forum.Muted)
	_, err := d.Exec(ctx, `
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select @person, 'thread', id, 'mute', 'chose', @at from threads where id = @thread
		on conflict (person_id, subject_kind, subject_id, thread_kind) do update set cadence = 'mute' where follows.cadence <> 'mute'`, m.at(d))
	return err
}

// unfollow ends the follow by which the mail came, and others of the same thing.
func (m Mailed) unfollow(ctx context.Context, d *forum.Deed) error {
	d.Chose(m.PersonID, m.via(), forum.Off)
	_, err := d.Exec(ctx, `delete from follows where person_id = @person and subject_kind = @kind and subject_id in `+forum.NamesOf+` and thread_kind = @of`, m.at(d))
	return err
}

// sooner is true where the cadence of f comes sooner than @cadence.
const sooner = `array_position(array['instant', 'daily', 'weekly', 'site', 'mute'], follows.cadence) < array_position(array['instant', 'daily', 'weekly', 'site', 'mute'], @cadence::text)`

// slow has what comes by that follow come more slowly.
func (m Mailed) slow(ctx context.Context, d *forum.Deed, cadence forum.Cadence) error {
	args := m.at(d)
	args["cadence"] = cadence
	tag, err := d.Exec(ctx, `
		update follows set cadence = @cadence
		where person_id = @person and subject_kind = @kind and subject_id in `+forum.NamesOf+` and thread_kind = @of and `+sooner, args)
	if err == nil && tag.RowsAffected() > 0 {
		d.Chose(m.PersonID, m.via(), cadence)
	}
	return err
}

// slowThread has what happens in the thread come more slowly. Where nothing of it comes
// any more, or what does is as slow, that stays so.
func (m Mailed) slowThread(ctx context.Context, d *forum.Deed, cadence forum.Cadence) error {
	args := m.at(d)
	args["cadence"] = cadence
	tag, err := d.Exec(ctx, `
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select @person, 'thread', t.id, @cadence, 'chose', @at from threads t
		where t.id = @thread and (@kind = ''
			or exists (select from follows where person_id = @person and subject_kind = @kind and subject_id in `+forum.NamesOf+` and thread_kind = @of and `+sooner+`)
			or exists (select from follows where person_id = @person and subject_kind = 'thread' and subject_id = @thread))
		on conflict (person_id, subject_kind, subject_id, thread_kind) do update set cadence = @cadence where `+sooner, args)
	if err == nil && tag.RowsAffected() > 0 {
		d.Chose(m.PersonID, forum.Subject{Kind: forum.ToThread, ID: m.ThreadID}, cadence)
	}
	return err
}

// via is what the follow is of by which the mail came.
func (m Mailed) via() forum.Subject {
	return forum.Subject{Kind: m.Via.Kind, ID: m.Via.ID, ThreadKind: m.Via.ThreadKind}
}

func (m Mailed) at(d *forum.Deed) pgx.NamedArgs {
	args := m.args()
	args["at"] = d.At
	return args
}
