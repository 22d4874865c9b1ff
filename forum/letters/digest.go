package letters

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

const (
	digestBatch = 200 // people whose digests one deed makes
	digestItems = 30  // threads in a digest
)

// MakeDigests makes the digests whose time has come: each person's once a day, of all
// that they were told of before their last hour and that was in none. Run by many nodes
// at once, killed, or late by days, each thing stands in one digest and nobody has two
// of a day. Where there is nothing to say there is none.
func (s *Store) MakeDigests(ctx context.Context) (made int, err error) {
	for {
		var people, letters int
		err := s.outside(ctx, func(d *forum.Deed) (err error) {
			people, letters, err = makeDigests(ctx, d)
			return err
		})
		made += letters
		if err != nil || people < digestBatch {
			return made, err
		}
	}
}

// reader is somebody to whom a digest may go, with their last hours, and the letter that
// was made.
type reader struct {
	PersonID int64
	Daily    time.Time
	Weekly   time.Time
	ID       int64
}

// makeDigests makes those of a batch: who is due; a letter for each who has something to
// hear; what stands in it; and when the next one is due. Lists go from one statement to
// the next, so that each finds its notices by person, however many there are.
func makeDigests(ctx context.Context, d *forum.Deed) (people, made int, err error) {
	args := pgx.NamedArgs{"now": d.At, "size": digestBatch}
	rows, err := d.Query(ctx, `select person_id from digests_due where due_at <= @now order by due_at, person_id limit @size for update skip locked`, args)
	if err != nil {
		return 0, 0, err
	}
	due, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(due) == 0 {
		return 0, 0, err
	}
	args["people"] = due
	readers, err := readersOf(ctx, d, `
		select v.person_id, last_digest(@now, 'daily', coalesce(s.digest_day, 1), coalesce(s.digest_hour, 7), coalesce(s.weekdays, false)) as daily,
			last_digest(@now, 'weekly', coalesce(s.digest_day, 1), coalesce(s.digest_hour, 7)) as weekly
		from unnest(@people::bigint[]) v (person_id) left join letter_settings s on s.person_id = v.person_id
		where s.stopped_at is null and (s.pause_until > @now) is not true`, args)
	if err != nil {
		return 0, 0, err
	}
	readers, err = readersOf(ctx, d, `
		with made as (
			insert into letters (person_id, kind, key, created_at, due_at)
			select r.person_id, 'digest', 'digest:' || to_char(@now::timestamptz at time zone 'Europe/London', 'YYYY-MM-DD'), @now::timestamptz, @now::timestamptz
			from `+theirHours+` where exists (select from notices n where `+ripe+`)
			on conflict do nothing returning id, person_id
		)
		select made.id, r.person_id, r.daily, r.weekly from made join `+theirHours+` on r.person_id = made.person_id`, hours(args, readers))
	if err != nil {
		return 0, 0, err
	}
	_, err = d.Exec(ctx, `update notices n set letter_id = r.letter from `+theirHours+` where `+ripe, hours(args, readers))
	if err != nil {
		return 0, 0, err
	}
	args["people"] = due
	_, err = d.Exec(ctx, digestsDueAgain, args)
	return len(due), len(readers), err
}

// readersOf reads readers.
func readersOf(ctx context.Context, d *forum.Deed, query string, args pgx.NamedArgs) ([]reader, error) {
	rows, err := d.Query(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByNameLax[reader])
}

// theirHours are readers as a table r.
const theirHours = `unnest(@ids::bigint[], @people::bigint[], @daily::timestamptz[], @weekly::timestamptz[]) r (letter, person_id, daily, weekly)`

// hours are the arguments that theirHours asks for.
func hours(args pgx.NamedArgs, readers []reader) pgx.NamedArgs {
	var ids, people []int64
	var daily, weekly []time.Time
	for _, r := range readers {
		ids, people = append(ids, r.ID), append(people, r.PersonID)
		daily, weekly = append(daily, r.Daily), append(weekly, r.Weekly)
	}
	args["ids"], args["people"], args["daily"], args["weekly"] = ids, people, daily, weekly
	return args
}

// waits is true of the notices n of somebody that are for a digest and were in none; ripe
// of those whose time has come for reader r.
const (
	waits = `n.letter_id is null and n.read_at is null and n.cadence in ('daily', 'weekly')`
	ripe  = `n.person_id = r.person_id and ` + waits + ` and n.at < case n.cadence when 'daily' then r.daily else r.weekly end`
)

// digestsDueAgain says when those of @people are due next, of whom something waits still.
const digestsDueAgain = `
	with next as (
		select v.person_id, (
			select min(next_digest(greatest(@now::timestamptz, s.pause_until), c.cadence, coalesce(s.digest_day, 1), coalesce(s.digest_hour, 7), coalesce(s.weekdays, false)))
			from (select distinct n.cadence from notices n where n.person_id = v.person_id and ` + waits + `) c
			where s.stopped_at is null) as due_at
		from unnest(@people::bigint[]) v (person_id) left join letter_settings s on s.person_id = v.person_id
	),
	moved as (
		update digests_due d set due_at = x.due_at from next x where d.person_id = x.person_id and x.due_at is not null
	)
	delete from digests_due d using next x where d.person_id = x.person_id and x.due_at is null`

// digestRow is what digestQuery reads of a thread.
type digestRow struct {
	Section, New, Number, Others               int
	ThreadID                                   int64
	Slug, Title, Kind, Lang                    string
	CouncilsOnly, Closed, Answered             bool
	Topic, TopicSlug                           string
	Reason, ByName, Council, Excerpt, PostLang string
	ViaKind                                    forum.SubjectKind
	ViaID                                      int64
	At                                         time.Time
	Threads, Over                              int
	Weekly                                     bool
}

// stillFollowed is true of the notices n that came by a follow by which mail still comes; of
// the follows of some kinds of thread the narrowest decides. What is wanted on the site alone
// stands there, and in no digest.
func stillFollowed(kinds string) string {
	return `(select f.cadence from follows f
	where f.person_id = n.person_id and f.subject_kind = n.via_kind and f.subject_id = n.via_id and f.thread_kind in (` + kinds + `)
	order by f.thread_kind desc limit 1) not in ('mute', 'site')`
}

// digestQuery reads the threads of a digest, of what is still theirs to see, still
// followed by mail and not yet read, and of what is muted where they are named: what is about the reader first, then what waits for an
// answer, then what others have learned, then what goes on.
var digestQuery = `
	with mine as (
		select n.event_id, n.thread_id, n.post_id, n.reason, n.via_kind, n.via_id, n.at, n.cadence, e.kind, x.number,
			n.reason in ('mentioned', 'quoted', 'accepted') as personal,
			exists (select from letters m where m.person_id = n.person_id and m.event_id = n.event_id and m.state = 'merged' and m.why = 'cap') as over
		from notices n
		join people p on p.id = n.person_id
		join events e on e.id = n.event_id
		join threads t on t.id = n.thread_id
		left join posts x on x.id = n.post_id
		where n.person_id = @who and n.letter_id = @letter and n.read_at is null and ` + forum.Hears + ` and ` + forum.StillSo + `
			and (n.reason = 'mentioned' or not exists (select from follows f
				where f.person_id = n.person_id and f.subject_kind = 'thread' and f.subject_id = n.thread_id and f.cadence in ('mute', 'site')))
			and (n.via_kind = '' or ` + stillFollowed(`'', t.kind`) + `)
	),
	together as (
		select thread_id, (count(*) filter (where kind in ('thread_asked', 'post_added', 'question_offered')))::int as new, coalesce(min(number), 1)::int as number,
			max(event_id) as newest, max(at) as at, bool_or(personal) as personal, bool_or(kind = 'thread_asked') as asked
		from mine group by thread_id
	)
	select case when g.personal then 1 when t.kind = 'question' and t.others = 0 and t.answer_id is null and t.solved_at is null and t.closed_at is null then 2
			when t.kind in ('project', 'lesson') then 3 else 4 end as section,
		g.new, g.number, t.others, t.id as thread_id, t.slug, t.title, t.kind, t.lang, t.visibility = 'councils' as councils_only, t.closed_at is not null as closed,
		t.answer_id is not null as answered, coalesce(o.name, '') as topic, coalesce(o.slug, '') as topic_slug,
		m.reason, m.via_kind, m.via_id, coalesce(a.name, '') as by_name, coalesce(c.shown_name, '') as council,
		case when x.number = 1 and l.advice <> '' then l.advice else coalesce(x.excerpt, '') end as excerpt, coalesce(x.lang, 'en') as post_lang, g.at,
		(count(*) over ())::int as threads, (select count(*) from mine where over)::int as over, (select bool_and(cadence = 'weekly') from mine) as weekly
	from together g
	join mine m on m.event_id = g.newest
	join threads t on t.id = g.thread_id
	left join topics o on o.id = t.home_topic_id
	left join posts x on x.id = m.post_id
	left join people a on a.id = x.author_id and a.erased_at is null
	left join councils c on c.id = x.council_id
	left join lessons l on l.thread_id = t.id
	order by section, coalesce(o.name, ''), g.at desc, t.id desc
	limit @limit`

// besidesQuery counts what is about the reader and in no thread: while mail was paused it
// came to nobody by itself.
const besidesQuery = `
	select count(*)::int as besides from notices n join people p on p.id = n.person_id join events e on e.id = n.event_id
	left join threads t on t.id = n.thread_id left join posts x on x.id = n.post_id
	where n.person_id = @who and n.letter_id = @letter and n.read_at is null and n.thread_id is null and n.via_kind = '' and ` + forum.Hears + ` and ` + forum.StillSo

// sections are the headings of a digest, in the order of digestQuery.
var sections = map[int]string{1: "digest.to_you", 2: "digest.can_you_help", 3: "digest.learned", 4: "digest.active"}

// readDigest reads what stands in a digest.
func (s *Store) readDigest(b *pgx.Batch, l *Letter, c Claimed, now time.Time) {
	l.Digest.Day = c.CreatedAt
	if day, err := time.Parse(time.DateOnly, strings.TrimPrefix(c.Key, "digest:")); err == nil {
		l.Digest.Day = day.Add(12 * time.Hour) // also of one that is sent again, days later
	}
	var rows []digestRow
	collect := forum.Into(&rows)
	args := pgx.NamedArgs{"who": c.PersonID, "letter": c.ID, "now": now, "limit": digestItems, "uses": usesMost}
	readUses(b, l, args)
	b.Queue(besidesQuery, args).QueryRow(func(r pgx.Row) error { return r.Scan(&l.Digest.Besides) })
	b.Queue(digestQuery, args).Query(func(r pgx.Rows) error {
		if err := collect(r); err != nil {
			return err
		}
		for _, row := range rows {
			l.Digest.add(row)
		}
		l.Digest.More = l.Digest.Threads - len(rows)
		if len(rows) == 0 {
			l.Digest.Weekly = !slices.ContainsFunc(l.Digest.Uses, func(u Use) bool { return !u.Weekly })
		}
		return nil
	})
}

// add puts a thread at the end of a digest: rows come in the order of its sections and
// their topics.
func (c *Contents) add(r digestRow) {
	c.Threads, c.Over, c.Weekly = r.Threads, r.Over, r.Weekly
	if n := len(c.Sections); n == 0 || c.Sections[n-1].Key != sections[r.Section] {
		c.Sections = append(c.Sections, Section{Key: sections[r.Section]})
	}
	s := &c.Sections[len(c.Sections)-1]
	if n := len(s.Topics); n == 0 || s.Topics[n-1].Slug != r.TopicSlug {
		s.Topics = append(s.Topics, TopicItems{Topic: r.Topic, Slug: r.TopicSlug})
	}
	t := &s.Topics[len(s.Topics)-1]
	t.Items = append(t.Items, Item{
		Thread: Thread{ID: r.ThreadID, Slug: r.Slug, Title: r.Title, Kind: r.Kind, Lang: r.Lang, CouncilsOnly: r.CouncilsOnly, Closed: r.Closed,
			Topic: r.Topic, TopicSlug: r.TopicSlug},
		New: r.New, Number: r.Number, Answered: r.Answered, Others: r.Others, By: r.ByName, Council: r.Council, Excerpt: r.Excerpt, PostLang: r.PostLang,
		At: r.At, Reason: r.Reason, Via: Via{Kind: r.ViaKind, ID: r.ViaID}})
}
