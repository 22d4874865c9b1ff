package curation

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// What a collection has at most.
const (
	SectionsMost = 20
	ItemsMost    = 100
)

// How long its texts may be, in code points.
const (
	collectionTitle = 150
	collectionIntro = 5000
	itemWhy         = 500
)

// Collection is a set of threads and posts on a theme, put together by curators.
type Collection struct {
	ID          int64
	Slug        string
	Title       string
	Intro       string // Markdown
	Lang        string
	Shown       bool
	PublishedAt *time.Time // when it was first shown; nil of a draft
	ReviewedAt  time.Time
	Stale       bool // nobody has said for a year that it is still right
	CuratorID   int64
	CuratorName string
	Handle      string // the curator's
	ChangedAt   time.Time
	Version     int
	Items       int // that the reader may see
	Waiting     int // suggestions, for curators
}

// HTML is the introduction as it shows.
func (c Collection) HTML() markup.HTML {
	html, err := markup.Post(c.Intro, markup.Refs{})
	if err != nil {
		return markup.Plain(c.Intro) // its words are there to read all the same
	}
	return html
}

// Item is a thread or a post in a collection, with why it is there.
type Item struct {
	ID           int64
	SectionID    int64
	ThreadID     int64
	Kind         string // of its thread
	Slug         string
	Title        string
	Lang         string // of the thread
	CouncilsOnly bool
	PostID       int64 // 0: the thread as a whole
	PostNumber   int
	AuthorName   string
	CouncilName  string
	Why          string
	AddedBy      Contributor
	SuggestedBy  Contributor // the zero one: nobody
	AddedAt      time.Time
	Own          bool // the reader wrote it
}

// Section is a part of a collection under a heading.
type Section struct {
	ID      int64
	Heading string
	Items   []Item
}

// Contributor is somebody whose work a collection is.
type Contributor struct {
	ID     int64
	Name   string
	Handle string
}

const (
	collectionColumns = `
		k.id, k.slug, k.title, k.intro, k.lang, k.shown, k.published_at, k.reviewed_at, k.reviewed_at < @now::timestamptz - interval '1 year' as stale,
		k.curator_id, a.name as curator_name, coalesce(a.handle, '') as handle, k.changed_at, k.version,
		(select count(*) from collection_items i join threads m on m.id = i.thread_id left join posts p on p.id = i.post_id
			join threads t on t.id = coalesce(p.thread_id, m.merged_into, m.id) where i.collection_id = k.id and ` + itemShows + `)::int as items,
		case when @curator then (select count(*) from collection_suggestions s where s.collection_id = k.id and s.decided_at is null) else 0 end::int as waiting`

	collectionTables = `collections k join people a on a.id = k.curator_id`

	// itemColumns and itemTables read items where they are now: what was merged into
	// another thread, or moved to one, is there.
	itemColumns = `
		i.id, i.section_id, t.id as thread_id, t.kind, t.slug, t.title, t.lang,
		t.visibility = 'councils' as councils_only, coalesce(p.id, 0) as post_id, coalesce(p.number, 0) as post_number,
		a.name as author_name, coalesce(c.shown_name, '') as council_name, i.why, i.added_at, @who::bigint > 0 and coalesce(p.author_id, m.author_id) = @who::bigint as own,
		i.added_by as by_id, b.name as by_name, coalesce(b.handle, '') as by_handle,
		coalesce(i.suggested_by, 0) as from_id, coalesce(s.name, '') as from_name, coalesce(s.handle, '') as from_handle`

	itemTables = `collection_items i join threads m on m.id = i.thread_id
		left join posts p on p.id = i.post_id
		join threads t on t.id = coalesce(p.thread_id, m.merged_into, m.id)
		join people a on a.id = coalesce(p.author_id, t.author_id)
		left join councils c on c.id = case when p.id is null then t.council_id else p.council_id end
		join people b on b.id = i.added_by
		left join people s on s.id = i.suggested_by`
)

// itemRow is what itemColumns read.
type itemRow struct {
	Item
	ByID       int64
	ByName     string
	ByHandle   string
	FromID     int64
	FromName   string
	FromHandle string
}

// item is the row as it shows.
func (r itemRow) item() Item {
	r.AddedBy, r.SuggestedBy = Contributor{r.ByID, r.ByName, r.ByHandle}, Contributor{r.FromID, r.FromName, r.FromHandle}
	return r.Item
}

// CollectionsPage is a page of the list of collections, the newest first.
type CollectionsPage struct {
	Collections []Collection
	Hidden      []Collection // drafts and what was withdrawn, for curators
	Next        int64        // of the next page; 0 at the end
	Later       bool         // this is not the first page
	Curates     bool
}

// collectionsPerPage is how many one page shows, and of the hidden at most.
const collectionsPerPage, hiddenMost = 30, 100

// CollectionsPage reads it in one round trip: those that are older than one, 0 for all.
func (s *Store) CollectionsPage(ctx context.Context, who forum.Person, before int64) (p CollectionsPage, err error) {
	p.Curates, p.Later = forum.CanTend(who), before > 0
	args := who.Rights(pgx.NamedArgs{"now": s.Now(), "before": before, "limit": collectionsPerPage + 1, "most": hiddenMost})
	var b pgx.Batch
	b.Queue(`select `+collectionColumns+` from `+collectionTables+` where k.shown and (@before::bigint = 0 or k.id < @before) order by k.id desc limit @limit`, args).
		Query(forum.Into(&p.Collections))
	if p.Curates && !p.Later {
		b.Queue(`select `+collectionColumns+` from `+collectionTables+` where not k.shown order by k.id desc limit @most`, args).Query(forum.Into(&p.Hidden))
	}
	if err := s.Send(ctx, &b); err != nil {
		return CollectionsPage{}, err
	}
	if len(p.Collections) > collectionsPerPage {
		p.Collections = p.Collections[:collectionsPerPage]
		p.Next = p.Collections[collectionsPerPage-1].ID
	}
	return p, nil
}

// CollectionPage is one collection, as its reader may see it.
type CollectionPage struct {
	Collection   Collection
	Sections     []Section // those with something in them; for curators all
	Contributors []Contributor
	Following    forum.Following
	CanSuggest   bool
	Curates      bool
	Moved        string // where it is now, of an address that it had before
}

// collectionRow is a collection, and how its reader follows it.
type collectionRow struct {
	Collection
	Follows []string
}

// collectionQuery reads the collection that has an address, or had it.
const collectionQuery = `select ` + collectionColumns + `, ` + forum.CollectionFollows + ` from ` + collectionTables + `
	where k.id = coalesce((select id from collections where slug = @slug), (select collection_id from collection_slugs where slug = @slug)) and ` + forum.CollectionShows

// itemsQuery and sectionsQuery read what is in it, in order.
const (
	itemsQuery = `select ` + itemColumns + ` from ` + itemTables + `
		where i.collection_id = coalesce((select id from collections where slug = @slug), (select collection_id from collection_slugs where slug = @slug)) and ` + itemShows + `
		order by i.section_id, i.place`
	sectionsQuery = `select x.id, x.heading from collection_sections x
		where x.collection_id = coalesce((select id from collections where slug = @slug), (select collection_id from collection_slugs where slug = @slug)) order by x.place`
)

// CollectionPage reads a collection in one round trip: ErrNotFound where there is none, or
// it is not theirs to see.
func (s *Store) CollectionPage(ctx context.Context, who forum.Person, slug string) (p CollectionPage, err error) {
	var b pgx.Batch
	show := s.queueCollection(&b, who, slug, &p)
	if err := s.Send(ctx, &b); err != nil {
		return CollectionPage{}, err
	}
	show()
	return p, nil
}

// queueCollection has a batch read a collection; what it returns puts the page together
// when that is done.
func (s *Store) queueCollection(b *pgx.Batch, who forum.Person, slug string, p *CollectionPage) (show func()) {
	var row collectionRow
	var items []itemRow
	args := who.Rights(pgx.NamedArgs{"now": s.Now(), "slug": slug})
	b.Queue(collectionQuery, args).Query(forum.IntoOne(&row))
	b.Queue(sectionsQuery, args).Query(forum.Into(&p.Sections))
	b.Queue(itemsQuery, args).Query(forum.Into(&items))
	return func() {
		p.Collection, p.Following = row.Collection, forum.FollowingOf(who, row.Follows)
		p.Curates, p.CanSuggest = forum.CanTend(who), CanSuggest(who) && row.Shown
		if row.Slug != slug {
			p.Moved = row.Slug
		}
		p.fill(items)
	}
}

// fill puts the items under their headings, and finds whose work it is. A heading with
// nothing under it is for curators.
func (p *CollectionPage) fill(items []itemRow) {
	p.credit(Contributor{p.Collection.CuratorID, p.Collection.CuratorName, p.Collection.Handle})
	for i := range p.Sections {
		for _, row := range items {
			if row.SectionID == p.Sections[i].ID {
				p.Sections[i].Items = append(p.Sections[i].Items, row.item())
			}
		}
	}
	if !p.Curates {
		p.Sections = slices.DeleteFunc(p.Sections, func(x Section) bool { return len(x.Items) == 0 })
	}
	for _, x := range p.Sections {
		for _, i := range x.Items {
			p.credit(i.AddedBy)
			p.credit(i.SuggestedBy)
		}
	}
}

// credit adds somebody to those whose work it is, once; who was erased is not named.
func (p *CollectionPage) credit(c Contributor) {
	if c.Name != "" && !slices.Contains(p.Contributors, c) {
		p.Contributors = append(p.Contributors, c)
	}
}

// collectionFeedLength is how many items the feed of a collection holds.
const collectionFeedLength = 30

// CollectionFeed reads a collection with what was put into it last, as a visitor finds it.
func (s *Store) CollectionFeed(ctx context.Context, slug string) (c Collection, list []Item, err error) {
	args := forum.Person{Standing: forum.Visitor}.Rights(pgx.NamedArgs{"now": s.Now(), "slug": slug, "limit": collectionFeedLength})
	var row collectionRow
	var rows []itemRow
	var b pgx.Batch
	b.Queue(collectionQuery, args).Query(forum.IntoOne(&row))
	b.Queue(`select `+itemColumns+` from `+itemTables+` join collections k on k.id = i.collection_id
		where k.slug = @slug and `+itemShows+` order by i.added_at desc, i.id desc limit @limit`, args).Query(forum.Into(&rows))
	if err := s.Send(ctx, &b); err != nil {
		return Collection{}, nil, err
	}
	for _, r := range rows {
		list = append(list, r.item())
	}
	return row.Collection, list, nil
}
