package letters

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// How much one page of somebody's emails shows.
const (
	followsPerPage = 50
	recordsPerPage = 30
	recordDays     = 30
)

// Followed is something that somebody follows, with its name as they may see it.
type Followed struct {
	Kind       forum.SubjectKind
	ID         int64
	Slug       string // of a topic, council, collection, product or supplier, the words of a thread, the handle of a person
	Name       string
	Lang       string
	ThreadKind string
	Cadence    forum.Cadence
	Reason     string
	Since      time.Time

	Narrowed
}

// Narrowed is by what a saved search is narrowed; what is empty narrows nothing.
type Narrowed struct {
	ForKind        string
	ForTopic       string // slug
	ForTopicName   string
	ForCouncil     string // slug
	ForCouncilName string
	ForNation      string
	ForState       string
	ForPhase       string
	ForVerdict     string
	ForYear        int
	ForAuthor      int64
	ForAuthorName  string
}

// Record is what became of a letter.
type Record struct {
	ID         int64
	Kind       Kind
	State      State
	Why        string
	At         time.Time
	Event      forum.EventKind
	Reason     string
	ThreadID   int64 // 0 of what is about no thread, or of none that they may see
	Slug       string
	Title      string
	Lang       string
	Number     int
	ViaKind    forum.SubjectKind
	ViaName    string
	ViaLang    string
	Deliveries int // that were tried
}

// Emails is what somebody hears of by mail, how, and what was sent lately.
type Emails struct {
	Settings
	Address    string // the proven one; empty where there is none
	Bouncing   bool   // mail to it comes back
	NextAt     *time.Time
	Everything forum.Cadence
	Can        bool // they may choose to hear more
	Follows    []Followed
	Later      bool   // this is not the first page of follows
	Next       string // the cursor of its next page; empty at the end
	Records    []Record
	Before     int64 // the cursor of older records; 0 at the end
	Since      int64 // the records of this page are older than this; 0 on the first
	Asked      *Asked
	Newsletter bool // it comes to them, by their account or at their address
}

// EmailsView is which part of it is shown.
type EmailsView struct {
	After  string // a cursor of follows
	Before int64  // a cursor of records
	About  *About
}

const settingsQuery = `
	select coalesce(s.digest_day, 1)::int as digest_day, coalesce(s.digest_hour, 7)::int as digest_hour, coalesce(s.weekdays, false) as weekdays, s.pause_until, s.stopped_at,
		coalesce(s.auto_follow, true) as auto_follow, coalesce(s.links_only, false) as links_only, coalesce(s.no_asks, false) as no_asks,
		coalesce(p.proven_email, '') as address, b.suppressed_at is not null as bouncing, d.due_at as next_at,
		coalesce((select f.cadence from follows f where f.person_id = p.id and f.subject_kind = 'everything'), 'off') as everything,
		exists (select from newsletter_subscribers n where (n.person_id = p.id or n.address = lower(p.proven_email)) and n.confirmed_at is not null and n.left_at is null) as newsletter
	from people p
	left join letter_settings s on s.person_id = p.id
	left join bounces b on b.person_id = p.id and b.address = p.proven_email
	left join digests_due d on d.person_id = p.id
	where p.id = @who`

// named joins what is followed, as f has its kind and number, to what it is called:
// threads as they show to @who, topics, councils, collections, products and suppliers that
// are there for them (under the name that stays, where they were merged), people who show to them, and the words of their searches.
const named = `
	left join threads t on f.subject_kind = 'thread' and t.id = f.subject_id and ` + forum.Visible + `
	left join topics o on f.subject_kind = 'topic' and o.id = f.subject_id
	left join councils c on f.subject_kind = 'council' and c.id = f.subject_id
	left join collections k on f.subject_kind = 'collection' and k.id = f.subject_id and k.shown
	left join products pf on f.subject_kind = 'product' and pf.id = f.subject_id
	left join products pd on pd.id = coalesce(pf.merged_into, pf.id) and exists (select from products o where o.id = pd.id and ` + forum.ProductShows + `)
	left join suppliers sf on f.subject_kind = 'supplier' and sf.id = f.subject_id
	left join suppliers sp on sp.id = coalesce(sf.merged_into, sf.id) and exists (select from suppliers s where s.id = sp.id and ` + forum.SupplierShows + `)
	left join people h on f.subject_kind = 'person' and h.id = f.subject_id and h.erased_at is null and h.joined_at is not null
		and (h.standing <> 'newcomer' or @team or h.council_id = any(@leads))
	left join saved_searches ss on f.subject_kind = 'search' and ss.id = f.subject_id`

// nameColumns are what named finds.
const nameColumns = `coalesce(t.slug, o.slug, c.slug, k.slug, h.handle, pd.slug, sp.slug, '') as slug, coalesce(t.title, o.name, c.shown_name, k.title, h.name, ss.words, pd.name, sp.name, '') as name, coalesce(t.lang, k.lang, '') as lang`

// narrowedBy joins a saved search ss to what it is narrowed by, and narrowedColumns are that.
const (
	narrowedBy = `
	left join topics so on so.id = ss.topic_id
	left join councils sc on sc.id = ss.council_id
	left join people sa on sa.id = ss.author_id and sa.erased_at is null and sa.standing <> 'newcomer'`
	narrowedColumns = `coalesce(ss.kind, '') as for_kind, coalesce(so.slug, '') as for_topic, coalesce(so.name, '') as for_topic_name,
		coalesce(sc.slug, '') as for_council, coalesce(sc.shown_name, '') as for_council_name, coalesce(ss.nation, '') as for_nation,
		coalesce(ss.state, '') as for_state, coalesce(ss.phase, '') as for_phase, coalesce(ss.verdict, '') as for_verdict, coalesce(ss.year, 0) as for_year,
		coalesce(ss.author_id, 0) as for_author, coalesce(sa.name, '') as for_author_name`
)

// followsQuery reads the follows whose subjects show, what is not a thread first, then
// the newest first.
const followsQuery = `
	select f.subject_kind as kind, f.subject_id as id, f.thread_kind, f.cadence, f.reason, f.since, ` + nameColumns + `, ` + narrowedColumns + `
	from follows f` + named + narrowedBy + `
	where f.person_id = @who and coalesce(t.id, o.id, c.id, k.id, h.id, ss.id, pd.id, sp.id) is not null
		and not exists (select from follows k where coalesce(pf.merged_into, sf.merged_into) is not null and k.person_id = f.person_id and k.subject_kind = f.subject_kind and k.subject_id = coalesce(pf.merged_into, sf.merged_into))
		and (@kind = '' or (f.subject_kind = 'thread', -(extract(epoch from f.since) * 1000000)::bigint, f.subject_kind, f.subject_id, f.thread_kind)
			> (@kind = 'thread', -@micro::bigint, @kind, @id::bigint, @of))
	order by f.subject_kind = 'thread', f.since desc, f.subject_kind, f.subject_id, f.thread_kind limit @follows`

// recordsQuery reads what became of the letters of thirty days, with what each was
// about as far as they may still see it.
const recordsQuery = `
	select l.id, l.kind, l.state, l.why, coalesce(l.done_at, l.created_at) as at, l.tries as deliveries, coalesce(e.kind, '') as event, coalesce(n.reason, '') as reason,
		coalesce(t.id, 0) as thread_id, coalesce(t.slug, '') as slug, coalesce(t.title, '') as title, coalesce(t.lang, '') as lang,
		case when t.id is null then 0 else coalesce(x.number, 0) end as number,
		coalesce(n.via_kind, '') as via_kind, coalesce(o.name, c.shown_name, k.title, h.name, ss.words, pd.name, sp.name, '') as via_name
	from letters l
	join people p on p.id = l.person_id
	left join events e on e.id = l.event_id
	left join posts x on x.id = e.post_id
	left join threads t on t.id = e.thread_id and ` + forum.Hears + `
	left join notices n on n.person_id = l.person_id and n.event_id = l.event_id
	left join topics o on n.via_kind = 'topic' and o.id = n.via_id
	left join councils c on n.via_kind = 'council' and c.id = n.via_id
	left join collections k on n.via_kind = 'collection' and k.id = n.via_id and k.shown
	left join products pd on n.via_kind = 'product' and pd.id = n.via_id
	left join suppliers sp on n.via_kind = 'supplier' and sp.id = n.via_id
	left join people h on n.via_kind = 'person' and h.id = n.via_id and h.erased_at is null and h.standing <> 'newcomer'
	left join saved_searches ss on n.via_kind = 'search' and ss.id = n.via_id
	where l.person_id = @who and l.created_at > @since and (@before::bigint = 0 or l.id < @before)
	order by l.id desc limit @records`

// EmailsPage reads, in one round trip, what somebody follows, how they want their mail
// and what was sent; ErrNotFound for a cursor that means nothing.
func (s *Store) EmailsPage(ctx context.Context, who forum.Person, v EmailsView) (p Emails, err error) {
	place, ok := readPlace(v.After)
	if !ok || v.Before < 0 {
		return Emails{}, forum.ErrNotFound
	}
	args := who.Rights(pgx.NamedArgs{"now": s.Now(), "since": s.Now().AddDate(0, 0, -recordDays), "before": v.Before,
		"kind": place.Kind, "micro": place.Micro, "id": place.ID, "of": place.Of, "follows": followsPerPage + 1, "records": recordsPerPage + 1})
	var b pgx.Batch
	b.Queue(settingsQuery, args).Query(forum.IntoOne(&p))
	b.Queue(followsQuery, args).Query(forum.Into(&p.Follows))
	b.Queue(recordsQuery, args).Query(forum.Into(&p.Records))
	var asked *Asked
	if v.About != nil {
		b.Queue(askedQuery, v.About.args(who, s.Now())).Query(forum.IntoMaybe(&asked))
	}
	if err := s.Send(ctx, &b); err != nil {
		return Emails{}, err
	}
	p.Can, p.Later, p.Since, p.Asked = forum.CanFollow(who), v.After != "", v.Before, asked
	if len(p.Follows) > followsPerPage {
		p.Follows = p.Follows[:followsPerPage]
		p.Next = placeOf(p.Follows[followsPerPage-1]).cursor()
	}
	if len(p.Records) > recordsPerPage {
		p.Records = p.Records[:recordsPerPage]
		p.Before = p.Records[recordsPerPage-1].ID
	}
	if v.About != nil && p.Asked == nil {
		p.Asked = &Asked{}
	}
	return p, nil
}

// place is where a follow stands among somebody's follows.
type place struct {
	Kind  string `json:"k"`
	Micro int64  `json:"m"`
	ID    int64  `json:"i"`
	Of    string `json:"o,omitempty"`
}

func placeOf(f Followed) place {
	return place{string(f.Kind), f.Since.UnixMicro(), f.ID, f.ThreadKind}
}

// cursor points behind the place. It is opaque outside.
func (p place) cursor() string {
	text, _ := json.Marshal(p) // never fails: numbers and words
	return base64.RawURLEncoding.EncodeToString(text)
}

// readPlace reads what cursor wrote; nothing is the beginning.
func readPlace(s string) (p place, ok bool) {
	if s == "" {
		return place{}, true
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || json.Unmarshal(text, &p) != nil || p.Kind == "" || p.ID < 0 || p.Micro < 0 || len(p.Kind)+len(p.Of) > 40 {
		return place{}, false
	}
	return p, p.cursor() == s
}

// RecordCursor reads the cursor of older records; nothing is the newest.
func RecordCursor(s string) (before int64, ok bool) {
	if s == "" {
		return 0, true
	}
	before, err := strconv.ParseInt(s, 10, 64)
	return before, err == nil && before > 0
}
