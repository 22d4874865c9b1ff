package letters

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Verdict is why a letter is not sent now: the state that it comes to, and the key of
// the reason. The zero Verdict is that it is.
type Verdict struct {
	State State
	Why   string
}

// addressee is to whom a letter would go, as things stand now.
type addressee struct {
	Name        string
	Lang        string
	Address     string
	Away        bool // erased or suspended
	Paused      bool
	Stopped     bool
	LinksOnly   bool
	Unreachable bool
	Today       int    // instant letters that went out today, or are on the way before this one
	AddedBy     string // of a mailbox
	Council     string
}

const addresseeQuery = `
	select p.name, p.lang, coalesce(p.proven_email, '') as address,
		p.erased_at is not null or p.joined_at is null and (m.confirmed_at is not null and m.stopped_at is null and ` + mailboxStands + `) is not true or (p.suspended_at <= @now and p.suspended_until > @now) is true as away,
		coalesce(s.pause_until > @now, false) as paused, s.stopped_at is not null as stopped, coalesce(s.links_only, false) as links_only,
		b.suppressed_at is not null and b.address = p.proven_email as unreachable,
		(select count(*) from letters l where l.person_id = p.id and l.kind = 'instant'
			and (l.state = 'sent' and l.done_at >= date_trunc('day', @now::timestamptz, 'Europe/London')
				or l.id < @letter and l.state in ('queued', 'deferred') and l.claimed_until > clock_timestamp()))::int as today,
		coalesce(ma.name, '') as added_by, coalesce(mc.shown_name, '') as council
	from people p left join mailboxes m on m.person_id = p.id left join people ma on ma.id = m.added_by left join councils mc on mc.id = m.council_id
		left join letter_settings s on s.person_id = p.id left join bounces b on b.person_id = p.id
	where p.id = @who`

// Read looks again at whether a claimed letter is still wanted, theirs to see and to be
// sent, and reads all that is to be written in it.
func (s *Store) Read(ctx context.Context, c Claimed) (Letter, Verdict, error) {
	now := s.Now()
	if now.Sub(c.CreatedAt) > lastTry {
		return Letter{}, Verdict{Dropped, "late"}, nil
	}
	l := Letter{ID: c.ID, Kind: c.Kind, CreatedAt: c.CreatedAt}
	e, err := s.event(ctx, c)
	if errors.Is(err, forum.ErrNotFound) {
		return l, Verdict{Dropped, "gone"}, nil
	}
	if err != nil {
		return l, Verdict{}, err
	}
	var to addressee
	var row eventRow
	var b pgx.Batch
	b.Queue(addresseeQuery, pgx.NamedArgs{"who": c.PersonID, "letter": c.ID, "now": now}).Query(forum.IntoOne(&to))
	switch {
	case c.Kind == Digest:
		s.readDigest(&b, &l, c, now)
	case c.EventID != 0:
		args := e.args(now, share{after: c.PersonID - 1, size: 1, of: 1})
		args["who"], args["asof"] = c.PersonID, now
		b.Queue(audiences[e.Kind].heardQuery()+eventLetterQuery, args).Query(forum.IntoOne(&row))
		readProject(&b, &l, e)
		readCollection(&b, &l, e)
		readTrade(&b, &l, e)
		if e.RoleID != 0 {
			b.Queue(`select r.role as name, coalesce(c.shown_name, '') as council, r.until from roles r left join councils c on c.id = r.council_id where r.id = $1`, e.RoleID).Query(forum.IntoOne(&l.Role))
		}
	case c.Key == keyMailbox:
		s.readMailbox(&b, &l, c)
	case strings.HasPrefix(c.Key, keyAnswer):
		s.readAnswer(&b, &l, c, now)
	default:
		s.readAccount(&b, &l, c)
	}
	err = s.Send(ctx, &b)
	if errors.Is(err, forum.ErrNotFound) {
		return l, Verdict{Dropped, "gone"}, nil // unfollowed, taken back, or theirs no longer to see
	}
	if err != nil {
		return l, Verdict{}, err
	}
	to.fill(&l, c)
	if c.EventID != 0 {
		l.EventID = e.ID
		row.fill(&l, e)
	}
	return l, judge(l, to, row), nil
}

// fill puts into the letter to whom and where it goes.
func (to *addressee) fill(l *Letter, c Claimed) {
	l.To = Reader{ID: c.PersonID, Name: to.Name, Lang: to.Lang, Address: to.Address, LinksOnly: to.LinksOnly, AddedBy: to.AddedBy, Council: to.Council}
	if l.Account.Address != "" {
		l.To.Address = l.Account.Address // who is told of a change is told where they were before it
	}
	if l.Mailbox.Address != "" {
		to.Address, l.To.Address = l.Mailbox.Address, l.Mailbox.Address // which is proven by the answer
	}
	if a := l.Answer; a.ThreadID != 0 {
		l.Thread = Thread{ID: a.ThreadID, Slug: a.Slug, Title: a.Title, Lang: a.Lang}
	}
}

// event reads the event that a letter is about, if it is about one.
func (s *Store) event(ctx context.Context, c Claimed) (e event, err error) {
	if c.EventID == 0 {
		return event{}, nil
	}
	return s.readEvent(ctx, c.EventID, c.PersonID)
}

// judge says whether a letter is sent, of what is known of it and its reader.
func judge(l Letter, to addressee, row eventRow) Verdict {
	account := l.Account.Kind != "" || l.Answer.Why != "" || l.Mailbox.Address != "" // is told of whatever somebody wants
	for _, reason := range []struct {
		holds bool
		Verdict
	}{
		{to.Address == "" || to.Away && !account, Verdict{Dropped, "away"}},
		{to.Unreachable, Verdict{Suppressed, "unreachable"}},
		{to.Stopped && !account, Verdict{Dropped, "stopped"}},
		{l.Kind == Digest && l.Digest.empty(), Verdict{Dropped, "empty"}},
		{row.Read, Verdict{Dropped, "read"}},
		{row.Cadence == forum.Daily || row.Cadence == forum.Weekly, Verdict{Merged, "slower"}},
		{row.Cadence == forum.OnSite, Verdict{Dropped, "slower"}},
		{to.Paused && !account, Verdict{Merged, "paused"}},
		{l.Kind == Instant && to.Today >= atOnce, Verdict{Merged, "cap"}},
	} {
		if reason.holds {
			return reason.Verdict
		}
	}
	return Verdict{}
}

// eventLetterQuery goes on after heardQuery: what a letter about the event says to the
// one person who may be heard.
const eventLetterQuery = `
	select h.reason, h.cadence, h.via_kind, h.via_id, h.via_thread_kind,
		coalesce(vo.slug, vc.slug, vk.slug, vp.handle, vt.slug, vd.slug, ve.slug, '') as via_slug, coalesce(vo.name, vc.shown_name, vk.title, vp.name, vt.title, vs.words, vd.name, ve.name, '') as via_name, coalesce(vt.lang, vk.lang, 'en') as via_lang,
		e.kind = 'post_added' and exists (select from reads r where r.person_id = h.id and r.thread_id = e.thread_id and r.number >= x.number)
			or exists (select from notices n where n.person_id = h.id and n.event_id = e.id and n.read_at is not null) as read,
		h.via_kind <> '' and not exists (select from notices n join letters l on l.person_id = n.person_id and l.event_id = n.event_id and l.state = 'sent'
			where n.person_id = h.id and n.via_kind = h.via_kind and n.via_id = h.via_id) as first,
		coalesce(t.id, 0) as thread_id, coalesce(t.slug, '') as slug, coalesce(t.title, '') as title, coalesce(t.kind, '') as thread_kind, coalesce(t.lang, 'en') as thread_lang,
		coalesce(t.visibility = 'councils', false) as councils_only, t.closed_at is not null as closed,
		coalesce(o.name, '') as topic, coalesce(o.slug, '') as topic_slug,
		coalesce((select f.id from posts f where f.thread_id = t.id and f.number = 1), 0) as first_post,
		coalesce(x.id, 0) as post_id, coalesce(x.number, 0) as number, coalesce(x.body, '') as body, coalesce(x.html, '') as html, coalesce(x.excerpt, '') as excerpt,
		coalesce(x.lang, 'en') as post_lang, coalesce(x.posted_at, e.at) as posted_at, coalesce(x.author_id, 0) as author_id, coalesce(a.name, '') as author,
		coalesce(x.job_title, '') as job_title, coalesce(c.shown_name, '') as council, coalesce(x.company, '') as company,
		coalesce(q.id, 0) as quoted, coalesce(q.number, 0) as quoted_no, coalesce(qa.name, '') as quoted_by, coalesce(q.author_id = h.id, false) as quoted_you,
		case when q.thread_id = x.thread_id and q.hidden_at is null and q.deleted_at is null and q.held_at is null then coalesce(q.excerpt, '') else '' end as quote
	from heard h
	join events e on e.id = @event
	left join threads t on t.id = e.thread_id
	left join topics o on o.id = t.home_topic_id
	left join posts x on x.id = e.post_id
	left join people a on a.id = x.author_id
	left join councils c on c.id = x.council_id
	left join posts q on q.id = x.in_reply_to
	left join people qa on qa.id = q.author_id and qa.erased_at is null
	left join topics vo on h.via_kind = 'topic' and vo.id = h.via_id
	left join councils vc on h.via_kind = 'council' and vc.id = h.via_id
	left join collections vk on h.via_kind = 'collection' and vk.id = h.via_id
	left join people vp on h.via_kind = 'person' and vp.id = h.via_id
	left join threads vt on h.via_kind = 'thread' and vt.id = h.via_id
	left join products vd on h.via_kind = 'product' and vd.id = h.via_id
	left join suppliers ve on h.via_kind = 'supplier' and ve.id = h.via_id
	left join saved_searches vs on h.via_kind = 'search' and vs.id = h.via_id
	where h.id = @who and ` + forum.StillSo

// eventRow is what eventLetterQuery reads.
type eventRow struct {
	Reason                                   string
	Cadence                                  forum.Cadence
	ViaKind                                  forum.SubjectKind
	ViaID                                    int64
	ViaThreadKind, ViaSlug, ViaName, ViaLang string
	Read, First                              bool

	ThreadID                            int64
	Slug, Title, ThreadKind, ThreadLang string
	CouncilsOnly, Closed                bool
	Topic, TopicSlug                    string
	FirstPost                           int64

	PostID                             int64
	Number                             int
	Body, HTML, Excerpt, PostLang      string
	PostedAt                           time.Time
	AuthorID                           int64
	Author, JobTitle, Council, Company string
	Quoted                             int64
	QuotedNo                           int
	QuotedBy                           string
	QuotedYou                          bool
	Quote                              string
}

// fill puts what was read into the letter.
func (r eventRow) fill(l *Letter, e event) {
	l.Event, l.Reason, l.First = e.Kind, r.Reason, r.First
	l.Via = Via{Kind: r.ViaKind, ID: r.ViaID, Slug: r.ViaSlug, Name: r.ViaName, Lang: r.ViaLang, ThreadKind: r.ViaThreadKind}
	l.Thread = Thread{ID: r.ThreadID, Slug: r.Slug, Title: r.Title, Kind: r.ThreadKind, Lang: r.ThreadLang, CouncilsOnly: r.CouncilsOnly,
		Closed: r.Closed, Topic: r.Topic, TopicSlug: r.TopicSlug, FirstPost: r.FirstPost}
	l.Post = Post{ID: r.PostID, Number: r.Number, Body: r.Body, HTML: r.HTML, Excerpt: r.Excerpt, Lang: r.PostLang, At: r.PostedAt,
		AuthorID: r.AuthorID, Author: r.Author, JobTitle: r.JobTitle, Council: r.Council, Company: r.Company,
		Quoted: r.Quoted, QuotedNo: r.QuotedNo, QuotedBy: r.QuotedBy, QuotedYou: r.QuotedYou, Quote: r.Quote}
}
