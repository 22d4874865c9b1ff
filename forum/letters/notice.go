package letters

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// groupsPerPage is how many threads one page of notices shows.
const groupsPerPage = 20

// Group is what somebody was told of one thread; ThreadID is 0 of what is about
// themselves.
type Group struct {
	ThreadID int64
	Slug     string
	Title    string
	Lang     string
	Count    int
	Unread   int
	Newest   int64 // the newest event
	At       time.Time
	Kind     forum.EventKind // of the newest, and why they were told of it
	Reason   string
	Sought   bool   // they were told by a saved search
	Search   string // its words; empty where it is followed no more
	Number   int    // of the post to open: the first that is unread, else the newest
	ByName   string
	Excerpt  string
	PostLang string // of the excerpt
	Named    bool   // an unread one names them

	Collection     string // that the newest tells of, and its address
	CollectionSlug string

	Product      string // the same of a product, with the council that uses it, and of a supplier
	ProductSlug  string
	Council      string
	Supplier     string
	SupplierSlug string
	ViaKind      forum.SubjectKind
	Role         string // that somebody was given, or that has ended, and a lead's council
	RoleCouncil  string
	DeskItem     string // that they were given
}

// Page is one page of somebody's notices.
type Page struct {
	Groups   []Group
	Unread   int    // on all pages, as far as they are counted
	Newest   int64  // the newest event that is on any page: up to there all can be marked read
	Later    bool   // this is not the first page
	Next     string // the cursor of the next page; empty at the end
	Bouncing string // the address of theirs from which mail comes back
}

// mine are the notices of @who that they may still hear of.
const mine = `
	select n.event_id, coalesce(n.thread_id, 0) as thread_id, n.reason, n.read_at is null as unread, coalesce(x.number, 0) as number
	from notices n
	join people p on p.id = n.person_id
	join events e on e.id = n.event_id
	left join threads t on t.id = n.thread_id
	left join posts x on x.id = n.post_id
	where n.person_id = @who and ` + forum.Hears + ` and ` + forum.StillSo

// groupsQuery reads them by thread, those with something unread first, each sort
// newest first. What they are about is read of one page alone.
const groupsQuery = `
	with mine as (` + mine + `),
	groups as (
		select thread_id, count(*)::int as count, (count(*) filter (where unread))::int as unread, max(event_id) as newest,
			coalesce(min(number) filter (where unread), 0) as first, coalesce(bool_or(unread and reason = 'mentioned'), false) as named
		from mine group by thread_id
	),
	page as (
		select g.* from groups g
		where @newest::bigint = 0 or (g.unread > 0, g.newest) < (@fresh, @newest)
		order by g.unread > 0 desc, g.newest desc limit @limit
	)
	select g.thread_id, coalesce(t.slug, '') as slug, coalesce(t.title, '') as title, coalesce(t.lang, '') as lang, g.count, g.unread, g.newest, g.named,
		n.at, e.kind, n.reason, n.via_kind = 'search' as sought, coalesce(ss.words, '') as search, coalesce(d.name, '') as by_name, coalesce(x.excerpt, '') as excerpt, coalesce(x.lang, '') as post_lang,
		n.via_kind, coalesce(o.name, '') as product, coalesce(o.slug, '') as product_slug, coalesce(c.shown_name, '') as council,
		coalesce(m.name, s.name, '') as supplier, coalesce(m.slug, s.slug, '') as supplier_slug,
		coalesce(k.title, '') as collection, coalesce(k.slug, '') as collection_slug,
		coalesce(r.role, '') as role, coalesce(rc.shown_name, '') as role_council, e.desk_item,
		case when g.first > 0 then g.first else coalesce(x.number, 0) end as number
	from page g
	join notices n on n.person_id = @who and n.event_id = g.newest
	join events e on e.id = n.event_id
	left join people d on d.id = e.doer_id and d.erased_at is null
	left join threads t on t.id = g.thread_id
	left join posts x on x.id = n.post_id
	left join saved_searches ss on n.via_kind = 'search' and ss.id = n.via_id
	left join collections k on k.id = e.collection_id and k.shown
	left join products o on o.id = e.product_id
	left join councils c on e.kind = 'product_used' and c.id = d.council_id
	left join supplier_claims q on q.id = e.claim_id
	left join suppliers s on s.id = q.supplier_id
	left join suppliers m on m.id = s.merged_into
	left join roles r on r.id = e.role_id
	left join councils rc on rc.id = r.council_id
	order by g.unread > 0 desc, g.newest desc`

// NoticesPage reads one page of somebody's notices in one round trip; ErrNotFound
// for a cursor that means nothing.
func (s *Store) NoticesPage(ctx context.Context, who forum.Person, before string) (p Page, err error) {
	fresh, newest, ok := readCursor(before)
	if !ok {
		return Page{}, forum.ErrNotFound
	}
	args := pgx.NamedArgs{"who": who.ID, "now": s.Now(), "fresh": fresh, "newest": newest, "limit": groupsPerPage + 1}
	var last struct {
		Newest   int64
		Unread   int
		Bouncing string
	}
	var b pgx.Batch
	b.Queue(groupsQuery, args).Query(forum.Into(&p.Groups))
	b.Queue(`
		select coalesce(max(event_id), 0) as newest, (count(*) filter (where unread))::int as unread,
			coalesce((select b.address from bounces b join people p on p.id = b.person_id and p.proven_email = b.address
				where b.person_id = @who and b.suppressed_at is not null), '') as bouncing
		from (`+mine+`) mine`, args).Query(forum.IntoOne(&last))
	if err := s.Send(ctx, &b); err != nil {
		return Page{}, err
	}
	p.Unread, p.Newest, p.Later, p.Bouncing = last.Unread, last.Newest, newest > 0, last.Bouncing
	if len(p.Groups) > groupsPerPage {
		p.Groups = p.Groups[:groupsPerPage]
		g := p.Groups[groupsPerPage-1]
		p.Next = cursor(g.Unread > 0, g.Newest)
	}
	return p, nil
}

// cursor points behind one group. It is opaque outside.
func cursor(fresh bool, newest int64) string {
	var b [9]byte
	if fresh {
		b[0] = 1
	}
	binary.BigEndian.PutUint64(b[1:], uint64(newest))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// readCursor reads what cursor wrote; nothing is the beginning.
func readCursor(s string) (fresh bool, newest int64, ok bool) {
	if s == "" {
		return false, 0, true
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 9 || b[0] > 1 {
		return false, 0, false
	}
	newest = int64(binary.BigEndian.Uint64(b[1:]))
	return b[0] == 1, newest, newest > 0
}

// Everywhere says that notices are marked read whatever they are about.
const Everywhere = -1

// MarkRead marks somebody's notices read up to an event: those of one thread, those
// about themselves (0), or Everywhere. What came since stays unread, and what is
// read already as it is.
func (s *Store) MarkRead(ctx context.Context, who forum.Person, threadID, upto int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		_, err := d.Exec(ctx, `
			with these as (
				select n.person_id, n.event_id from notices n
				where n.person_id = @who and n.read_at is null and n.event_id <= @upto
					and (@thread::bigint = -1 or coalesce(n.thread_id, 0) = @thread)
				order by n.event_id for no key update
			)
			update notices n set read_at = @at from these where n.person_id = these.person_id and n.event_id = these.event_id`,
			pgx.NamedArgs{"who": who.ID, "thread": threadID, "upto": upto, "at": d.At})
		return err
	})
}
