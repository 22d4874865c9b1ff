package forum

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/net/idna"
)

// Cadence is how soon somebody hears of what they follow.
type Cadence string

// The cadences, the soonest first. Site is a notice on the site and no mail. Muted is
// what one hears nothing of, but for a direct mention. Off follows nothing.
const (
	Instant Cadence = "instant"
	Daily   Cadence = "daily"
	Weekly  Cadence = "weekly"
	OnSite  Cadence = "site"
	Muted   Cadence = "mute"
	Off     Cadence = "off"
)

// Cadences are those that a form offers, in its order.
var Cadences = []Cadence{Instant, Daily, Weekly, OnSite, Muted, Off}

// SubjectKind is what sort of thing is followed.
type SubjectKind string

// What can be followed. Everything has no id. A search is somebody's own, saved before.
const (
	ToThread     SubjectKind = "thread"
	ToTopic      SubjectKind = "topic"
	ToCouncil    SubjectKind = "council"
	ToPerson     SubjectKind = "person"
	ToSearch     SubjectKind = "search"
	ToCollection SubjectKind = "collection"
	ToProduct    SubjectKind = "product"
	ToSupplier   SubjectKind = "supplier"
	ToEverything SubjectKind = "everything"
)

// Subject is what somebody follows: a topic, council, collection, product or supplier by its slug, a thread,
// person or saved search by its number, and of a topic, where ThreadKind says so, one kind of
// thread only.
type Subject struct {
	Kind       SubjectKind
	ID         int64
	Slug       string
	ThreadKind string
}

// followKinds are the kinds of thread that can be followed within a topic.
var followKinds = []string{"", string(Question), string(Discussion), string(Announcement), "project", "lesson"}

// followsMost is how many follows one person can have, and quietMost how many with those
// by which no mail comes: whoever follows much may still hear less of something.
const followsMost, quietMost = 1000, 20 * 1000

// Follow makes somebody hear of a subject at a cadence, from now on; Off ends that. The
// same again changes nothing. ErrNotFound for what is not there or not theirs to see.
func (s *Store) Follow(ctx context.Context, who Person, what Subject, how Cadence) error {
	return s.Do(ctx, who, func(d *Deed) error {
		d.Unseen()
		return d.Follow(ctx, what, how)
	})
}

// Follow is the part of a deed that Store.Follow is.
func (d *Deed) Follow(ctx context.Context, what Subject, how Cadence) error {
	id, err := d.subject(ctx, what)
	switch {
	case err != nil:
		return err
	case !CanHear(d.Who, how):
		return ErrForbidden
	case !slices.Contains(Cadences, how):
		return Invalid{{Field: "cadence", Key: "follow.cadence_choose"}}
	case !slices.Contains(followKinds, what.ThreadKind) || what.ThreadKind != "" && what.Kind != ToTopic:
		return Invalid{{Field: "kind", Key: "follow.kind_choose"}}
	}
	return d.hearOf(ctx, id, what, how)
}

// hearOf is the part of it that comes after the rights.
func (d *Deed) hearOf(ctx context.Context, id int64, what Subject, how Cadence) error {
	args := pgx.NamedArgs{"who": d.Who.ID, "kind": what.Kind, "id": id, "of": what.ThreadKind, "how": how, "at": d.At, "most": followsMost}
	d.Chose(d.Who.ID, Subject{Kind: what.Kind, ID: id, ThreadKind: what.ThreadKind}, how)
	counted := `cadence not in ('mute', 'site')`
	if how == Muted || how == OnSite {
		args["most"], counted = quietMost, `true`
	}
	if how == Off {
		_, err := d.Exec(ctx, `delete from follows where person_id = @who and subject_kind = @kind and subject_id in `+NamesOf+` and thread_kind = @of`, args)
		return err
	}
	tag, err := d.Exec(ctx, `
		insert into follows (person_id, subject_kind, subject_id, thread_kind, cadence, reason, since)
		select @who, @kind, @id, @of, @how, 'chose', @at
		where (select count(*) from follows where person_id = @who and `+counted+`) < @most
			or exists (select from follows where person_id = @who and subject_kind = @kind and subject_id = @id and thread_kind = @of and `+counted+`)
		on conflict (person_id, subject_kind, subject_id, thread_kind) do update set cadence = @how`, args)
	if err == nil && tag.RowsAffected() == 0 {
		return &Forbidden{Why: "follow.full"}
	}
	if err == nil && (what.Kind == ToProduct || what.Kind == ToSupplier) {
		_, err = d.Exec(ctx, `update follows set cadence = @how where person_id = @who and subject_kind = @kind and subject_id in `+NamesOf+` and cadence <> @how`, args)
	}
	return err
}

// Chose keeps that somebody hears of a subject, or of a zero one by mail at all, no more by
// mail from now on, and when that is over: a backup that is put back may know nothing of
// it. A cadence at which mail comes is kept only after one at which none does. The same
// again is kept once.
func (d *Deed) Chose(personID int64, what Subject, how Cadence) {
	d.Also(`
		insert into stops (person_id, subject_kind, subject_id, thread_kind, cadence, at)
		select @who, @kind, @id, @of, @how, @at
		from (select (select s.cadence from stops s
			where s.person_id = @who and s.subject_kind = @kind and s.subject_id = @id and s.thread_kind = @of order by s.id desc limit 1) as how) last
		where @how is distinct from last.how and (@how in ('off', 'mute', 'site') or last.how is not null)`,
		pgx.NamedArgs{"who": personID, "kind": what.Kind, "id": what.ID, "of": what.ThreadKind, "how": how, "at": d.At})
}

// subjects find what is followed by its slug or number, as the doer may see it.
var subjects = map[SubjectKind]string{
	ToTopic:      `select id from topics where slug = @slug`,
	ToCouncil:    `select council_now(id) from councils where slug = @slug`,
	ToSearch:     `select id from saved_searches where id = @id and person_id = @who`,
	ToCollection: `select k.id from collections k where k.slug = @slug and ` + CollectionShows,
	ToProduct: `select o.id from products x join products o on o.id = coalesce(x.merged_into, x.id)
		where x.slug = @slug and (x.merged_into is null or x.public_before or @colleague) and ` + ProductShows,
	ToSupplier: `select s.id from suppliers x join suppliers s on s.id = coalesce(x.merged_into, x.id)
		where x.slug = @slug and (x.merged_into is null or x.public_before or @colleague) and ` + SupplierShows,
}

// NamesOf are all numbers under which @id of @kind stands where curators merged it with
// others: who followed one of them hears of it, and so chooses for all.
const NamesOf = `(select @id::bigint
	union select m.id from products m join products n on coalesce(n.merged_into, n.id) in (m.id, m.merged_into) where @kind = 'product' and n.id = @id
	union select m.id from suppliers m join suppliers n on coalesce(n.merged_into, n.id) in (m.id, m.merged_into) where @kind = 'supplier' and n.id = @id)`

// subject finds what is to be followed as the deed's doer may see it.
func (d *Deed) subject(ctx context.Context, what Subject) (id int64, err error) {
	switch what.Kind {
	case ToThread:
		t, err := d.thread(ctx, what.ID)
		return t.ID, err
	case ToPerson:
		p, err := d.Person(ctx, what.ID)
		if err == nil && !CanSeePerson(d.Who, p) {
			err = ErrNotFound
		}
		return p.ID, err
	case ToEverything:
		return 0, nil
	}
	query, there := subjects[what.Kind]
	if !there {
		return 0, ErrNotFound
	}
	err = d.QueryRow(ctx, query, d.Who.rights(pgx.NamedArgs{"slug": what.Slug, "id": what.ID})).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	return id, err
}

// followsThread makes the deed's doer follow a thread because they asked or replied,
// unless they said that they do not want that. A choice made earlier stands: mute
// stays mute.
func (d *Deed) followsThread(threadID int64, reason string) {
	d.Also(`
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select @who, 'thread', @thread, 'instant', @reason, @at
		where not exists (select from letter_settings l where l.person_id = @who and not l.auto_follow)
		on conflict do nothing`,
		pgx.NamedArgs{"who": d.Who.ID, "thread": threadID, "reason": reason, "at": d.At})
}

// CarryFollows has whoever follows one thread follow another, at the sooner cadence of
// the two; who has muted that one hears no more of it. It keeps what it changed under
// an entry. Their follows of the first stay, and mean nothing while it is merged.
func (d *Deed) CarryFollows(ctx context.Context, from, to, entry int64) error {
	_, err := d.Exec(ctx, `
		with theirs as (
			select s.person_id, s.cadence, s.reason, s.since, t.cadence as before
			from follows s
			left join follows t on t.person_id = s.person_id and t.subject_kind = 'thread' and t.subject_id = @to and t.thread_kind = ''
			where s.subject_kind = 'thread' and s.subject_id = @from and s.thread_kind = ''
		), wanted as (
			select *, case when before is null then cadence when before = 'mute' or cadence = 'mute' then before
				when array_position(@soonest, cadence) < array_position(@soonest, before) then cadence else before end as after
			from theirs
		), given as (
			insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
			select person_id, 'thread', @to, after, reason, since from wanted where before is distinct from after order by person_id
			on conflict (person_id, subject_kind, subject_id, thread_kind) do update set cadence = excluded.cadence
		)
		insert into merged_follows (entry_id, person_id, before, after)
		select @entry, person_id, before, after from wanted where before is distinct from after`,
		pgx.NamedArgs{"from": from, "to": to, "entry": entry, "soonest": []string{string(Instant), string(Daily), string(Weekly), string(OnSite)}})
	return err
}

// FollowAsAuthors has the authors of a thread follow it as they follow another, out of
// which it was made.
func (d *Deed) FollowAsAuthors(ctx context.Context, from, to int64) error {
	_, err := d.Exec(ctx, `
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select f.person_id, 'thread', $2, f.cadence, f.reason, f.since from follows f
		where f.subject_kind = 'thread' and f.subject_id = $1 and exists (select from posts p where p.thread_id = $2 and p.author_id = f.person_id)
		on conflict do nothing`, from, to)
	return err
}

// ReturnFollows takes back what CarryFollows gave, but from those who have chosen anew
// since.
func (d *Deed) ReturnFollows(ctx context.Context, to, entry int64) error {
	_, err := d.Exec(ctx, `
		with given as (
			delete from merged_follows where entry_id = @entry returning person_id, before, after
		), ended as (
			delete from follows f using given g
			where f.person_id = g.person_id and f.subject_kind = 'thread' and f.subject_id = @to and f.thread_kind = '' and g.before is null and f.cadence = g.after
		)
		update follows f set cadence = g.before from given g
		where f.person_id = g.person_id and f.subject_kind = 'thread' and f.subject_id = @to and f.thread_kind = '' and g.before is not null and f.cadence = g.after`,
		pgx.NamedArgs{"to": to, "entry": entry})
	return err
}

// AddRecipient makes a person who is none: who gets mail, and has not joined and signs
// in nowhere, so that they have no right but to read what everybody may. Mail goes
// nowhere before Reaches says where.
func (d *Deed) AddRecipient(ctx context.Context, name, lang string) (id int64, err error) {
	err = d.QueryRow(ctx, `insert into people (name, lang, created_at) values ($1, $2, $3) returning id`, name, lang, d.At).Scan(&id)
	return id, err
}

// Reaches has the mail of a recipient go to an address; to none where it is empty.
func (d *Deed) Reaches(ctx context.Context, id int64, address string) error {
	_, err := d.Exec(ctx, `update people set proven_email = nullif($2, '') where id = $1 and `+recipient, id, address)
	return err
}

// DropRecipients has recipients be gone, with all that was for them.
func (d *Deed) DropRecipients(ctx context.Context, ids []int64) error {
	_, err := d.Exec(ctx, `delete from people where id = any($1) and `+recipient, ids)
	return err
}

// recipient is true of people who are none.
const recipient = `joined_at is null and erased_at is null and not exists (select from identities i where i.person_id = people.id)`

// FollowAsRecipient has a recipient follow topics, all that they followed before aside.
func (d *Deed) FollowAsRecipient(ctx context.Context, id int64, topics []int64, how Cadence) error {
	if _, err := d.Exec(ctx, `delete from follows where person_id = $1`, id); err != nil {
		return err
	}
	_, err := d.Exec(ctx, `
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select @who, 'topic', o.id, @how, 'chose', @at from topics o where o.id = any(@topics)`,
		pgx.NamedArgs{"who": id, "how": how, "topics": topics, "at": d.At})
	return err
}

// IsOfInbox reports whether what a mail server says of these addresses is of the inbox at
// one: true where it says of none. An inbox has names behind a plus, and another domain where
// Microsoft or Google keep it; any other address is one to which mail is sent on.
func IsOfInbox(address string, said []string) bool {
	name, domain := inboxOf(address)
	return len(said) == 0 || slices.ContainsFunc(said, func(other string) bool {
		its, at := inboxOf(other)
		return its == name && (at == domain || strings.HasSuffix(at, ".onmicrosoft.com") || strings.HasSuffix(at, ".test-google-a.com"))
	})
}

// inboxOf is an address's name without what is behind a plus, and its domain as mail
// servers write it.
func inboxOf(address string) (name, domain string) {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	name, _, _ = strings.Cut(local, "+")
	if ascii, err := idna.ToASCII(domain); err == nil {
		domain = ascii
	}
	return name, domain
}

// TopicIDs finds topics by their slugs; one that is not there is added to bad.
func (d *Deed) TopicIDs(ctx context.Context, slugs []string, bad *Invalid) ([]int64, error) {
	return d.topics(ctx, slugs, bad)
}

// Following is how the reader of a page follows what it shows.
type Following struct {
	Cadence Cadence            // Off where they do not
	Kinds   map[string]Cadence // of a topic: how they follow each kind of thread in it
	Can     bool               // they may choose
	Stop    bool               // they may at least hear less of it
}

// The columns of how @who follows a subject, each the kind of thread and the cadence.
// They stand in statements that a page needs anyway, and cost no other.
const (
	howFollowed    = `array(select f.thread_kind || ' ' || f.cadence from follows f where f.person_id = @who and f.subject_kind = `
	threadFollows  = howFollowed + `'thread' and f.subject_id = t.id) as follows`
	topicFollows   = howFollowed + `'topic' and f.subject_id = o.id) as follows`
	councilFollows = howFollowed + `'council' and f.subject_id = c.id) as follows`
	personFollows  = howFollowed + `'person' and f.subject_id = p.id) as follows`
)

// CollectionFollows, ProductFollows and SupplierFollows are the same of a collection k, a
// product o and a supplier s, for the packages that read them, and FollowingOf reads it.
const (
	CollectionFollows = howFollowed + `'collection' and f.subject_id = k.id) as follows`
	ProductFollows    = howFollowed + `'product' and f.subject_id in (select m.id from products m where o.id in (m.id, m.merged_into))` + inForce
	SupplierFollows   = howFollowed + `'supplier' and f.subject_id in (select m.id from suppliers m where s.id in (m.id, m.merged_into))` + inForce

	// Of several follows of what was merged the last holds: mute, else the sooner, as it is told.
	inForce = ` order by f.cadence = 'mute', array_position(array['site', 'weekly', 'daily', 'instant'], f.cadence)) as follows`
)

// FollowingOf is how a person follows a subject, of the column that says so.
func FollowingOf(who Person, follows []string) Following { return following(who, follows) }

// following reads one of these columns.
func following(who Person, follows []string) Following {
	w := Following{Cadence: Off, Can: CanFollow(who)}
	for _, f := range follows {
		kind, cadence, _ := strings.Cut(f, " ")
		w.Stop = CanStop(who)
		if kind == "" {
			w.Cadence = Cadence(cadence)
			continue
		}
		if w.Kinds == nil {
			w.Kinds = map[string]Cadence{}
		}
		w.Kinds[kind] = Cadence(cadence)
	}
	return w
}

// FollowingSearch is how somebody follows a search; an empty cadence is not at all.
func FollowingSearch(who Person, how Cadence) Following {
	if how == "" {
		return following(who, nil)
	}
	return following(who, []string{" " + string(how)})
}

// areasQuery reads what somebody who joins may choose to follow: the service areas at the
// top of the tree, and of the ways of working those that are talked of most. Both lists are
// short; all topics are a hundred and fifty.
const areasQuery = `select ` + topicColumns + ` from topics o left join topics u on u.id = o.parent_id
	where o.facet = 'service' and o.parent_id is null
		or o.id = any(array(select id from topics where facet = 'practice' order by threads_public desc, position limit 12))` + topicOrder

// firstMost is how many topics somebody can follow by joining.
const firstMost = 50

// FirstCadences are those that the form to join offers, the suggested one first.
var FirstCadences = []Cadence{Daily, Weekly, Instant, OnSite}

// followFirst follows what somebody chose on the form to join. Who changes their details
// later has their follows elsewhere.
func (d *Deed) followFirst(ctx context.Context, draft JoinDraft) error {
	if d.Who.Joined || len(draft.Topics) == 0 {
		return nil
	}
	cadence := draft.Cadence
	if cadence == "" {
		cadence = FirstCadences[0]
	}
	if len(draft.Topics) > firstMost {
		return Invalid{{Field: "topic", Key: "ask.topic_unknown"}}
	}
	if !slices.Contains(FirstCadences, cadence) {
		return Invalid{{Field: "topics_cadence", Key: "follow.cadence_choose"}}
	}
	d.Who.Joined = true // by now
	defer func() { d.Who.Joined = false }()
	for _, slug := range draft.Topics {
		err := d.Follow(ctx, Subject{Kind: ToTopic, Slug: slug}, cadence)
		if errors.Is(err, ErrNotFound) {
			return Invalid{{Field: "topic", Key: "ask.topic_unknown"}}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
