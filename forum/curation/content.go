package curation

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// content is all that a collection says, in its order. A curator's deed changes it as a
// whole, and what it was before is kept with the entry, so that each deed can be undone.
// Its form is stored: fields are added and never renamed.
type content struct {
	Slug        string
	Title       string
	Intro       string
	Lang        string
	Shown       bool
	PublishedAt *time.Time
	ReviewedAt  time.Time
	Sections    []contentSection
}

type contentSection struct {
	ID      int64
	Heading string
	Items   []contentItem
}

type contentItem struct {
	ID          int64
	ThreadID    int64
	PostID      int64 // 0: the thread as a whole
	Why         string
	AddedBy     int64
	SuggestedBy int64
	AddedAt     time.Time
	Told        bool
}

// items counts what is in it.
func (c *content) items() (n int) {
	for _, s := range c.Sections {
		n += len(s.Items)
	}
	return n
}

// section finds a section by its number; -1 where there is none.
func (c *content) section(id int64) int {
	return slices.IndexFunc(c.Sections, func(s contentSection) bool { return s.ID == id })
}

// item finds an item by its number, and in which section it is; -1 where there is none.
func (c *content) item(id int64) (section, at int) {
	for i, s := range c.Sections {
		if at := slices.IndexFunc(s.Items, func(x contentItem) bool { return x.ID == id }); at >= 0 {
			return i, at
		}
	}
	return -1, -1
}

// has reports whether a thread or post is in it.
func (c *content) has(thread, post int64) bool {
	for _, s := range c.Sections {
		if slices.ContainsFunc(s.Items, func(x contentItem) bool { return x.ThreadID == thread && x.PostID == post }) {
			return true
		}
	}
	return false
}

// lockedCollection is a collection that a deed has locked.
type lockedCollection struct {
	content
	ID       int64
	Version  int
	StandsAt int64

	agreed bool // a second curator has
	waits  bool // what was to be done waits for one
}

// lockCollection reads and locks the collection at an address, as a curator's deed may
// change it: ErrNotFound where there is none that the doer may see, ErrForbidden for who
// is no curator.
func lockCollection(ctx context.Context, d *forum.Deed, slug string) (k lockedCollection, err error) {
	var id int64
	err = d.QueryRow(ctx, `select k.id from collections k where k.slug = @slug and `+forum.CollectionShows+` for update`, d.Who.Rights(pgx.NamedArgs{"slug": slug})).Scan(&id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return k, forum.ErrNotFound
	case err != nil:
		return k, err
	case !forum.CanTend(d.Who):
		return k, forum.ErrForbidden
	}
	return readContent(ctx, d, id)
}

// readContent reads a locked collection.
func readContent(ctx context.Context, d *forum.Deed, id int64) (k lockedCollection, err error) {
	k.ID = id
	type itemOf struct {
		contentItem
		SectionID int64
	}
	var items []itemOf
	var row struct {
		Slug, Title, Intro, Lang string
		Shown                    bool
		PublishedAt              *time.Time
		ReviewedAt               time.Time
		Version                  int
		StandsAt                 int64
	}
	var b pgx.Batch
	b.Queue(`select slug, title, intro, lang, shown, published_at, reviewed_at, version, coalesce(stands_at, 0) as stands_at from collections where id = $1`, id).Query(forum.IntoOne(&row))
	b.Queue(`select id, heading from collection_sections where collection_id = $1 order by place, id`, id).Query(forum.Into(&k.Sections))
	b.Queue(`
		select id, section_id, thread_id, coalesce(post_id, 0) as post_id, why, added_by, coalesce(suggested_by, 0) as suggested_by, added_at, told
		from collection_items where collection_id = $1 order by place, id`, id).Query(forum.Into(&items))
	if err := d.SendBatch(ctx, &b).Close(); err != nil {
		return k, err
	}
	k.Slug, k.Title, k.Intro, k.Lang, k.Shown, k.PublishedAt, k.ReviewedAt = row.Slug, row.Title, row.Intro, row.Lang, row.Shown, row.PublishedAt, row.ReviewedAt
	k.Version, k.StandsAt = row.Version, row.StandsAt
	for _, i := range items {
		if at := k.section(i.SectionID); at >= 0 {
			k.Sections[at].Items = append(k.Sections[at].Items, i.contentItem)
		}
	}
	return k, nil
}

// changing is what a curator does to a collection: it changes the content, and says what
// its entry tells.
type changing func(*forum.Deed, *lockedCollection) (forum.Entry, error)

// changeCollection opens a deed on a collection as a curator, who alone may change one. A
// deed that changes nothing leaves no entry; what needs a second curator waits for one, and
// is ErrSecond.
func (s *Store) changeCollection(ctx context.Context, who forum.Person, slug string, fn changing) error {
	var waits bool
	err := s.DoOnce(ctx, who, &waits, func(d *forum.Deed) error {
		k, err := lockCollection(ctx, d, slug)
		if err != nil {
			return err
		}
		_, err = k.change(ctx, d, fn)
		waits = k.waits
		return err
	})
	return orWaits(waits, err)
}

// change is the part of a deed that changes a locked collection, keeps what it was, and
// tells whom it concerns. It returns the entry; 0 where nothing changed, or it waits for a
// second curator.
func (k *lockedCollection) change(ctx context.Context, d *forum.Deed, fn changing) (entry int64, err error) {
	was, err := json.Marshal(k.content)
	if err != nil {
		return 0, err
	}
	e, err := fn(d, k)
	if err != nil {
		return 0, err
	}
	if now, err := json.Marshal(k.content); err != nil || string(now) == string(was) {
		return 0, err
	}
	if e.Reason == "" {
		e.Reason = k.Title
	}
	if k.waits, err = k.second(ctx, d, was, e); err != nil || k.waits {
		return 0, err
	}
	if entry, err = d.Record(ctx, e); err != nil {
		return 0, err
	}
	if err := k.tell(ctx, d); err != nil {
		return 0, err
	}
	if _, err = d.Exec(ctx, `insert into collection_changes (entry_id, collection_id, stood_at, was) values ($1, $2, nullif($3::bigint, 0), $4)`, entry, k.ID, k.StandsAt, was); err != nil {
		return 0, err
	}
	k.StandsAt = entry
	return entry, k.write(ctx, d)
}

// write puts what it says now into the tables.
func (k *lockedCollection) write(ctx context.Context, d *forum.Deed) error {
	var sections, items, in, threads, posts, addedBy, suggestedBy []int64
	var headings, whys []string
	var places []int
	var added []time.Time
	var told []bool
	for _, s := range k.Sections {
		sections, headings = append(sections, s.ID), append(headings, s.Heading)
		for at, i := range s.Items {
			items, in, threads, posts = append(items, i.ID), append(in, s.ID), append(threads, i.ThreadID), append(posts, i.PostID)
			addedBy, suggestedBy = append(addedBy, i.AddedBy), append(suggestedBy, i.SuggestedBy)
			whys, places, added, told = append(whys, i.Why), append(places, at), append(added, i.AddedAt), append(told, i.Told)
		}
	}
	args := pgx.NamedArgs{"id": k.ID, "slug": k.Slug, "title": k.Title, "intro": k.Intro, "lang": k.Lang, "shown": k.Shown, "published": k.PublishedAt, "reviewed": k.ReviewedAt,
		"stands": k.StandsAt, "at": d.At, "sections": sections, "headings": headings, "items": items, "in": in, "threads": threads, "posts": posts, "whys": whys,
		"places": places, "by": addedBy, "from": suggestedBy, "added": added, "told": told}
	var b pgx.Batch
	b.Queue(`insert into collection_slugs (slug, collection_id) select slug, id from collections where id = @id and slug <> @slug
		on conflict (slug) do update set collection_id = excluded.collection_id`, args)
	b.Queue(`delete from collection_slugs where slug = @slug`, args)
	b.Queue(`
		update collections set slug = @slug, title = @title, intro = @intro, lang = @lang, shown = @shown, published_at = @published, reviewed_at = @reviewed,
			stands_at = @stands, changed_at = @at, version = version + 1 where id = @id`, args)
	b.Queue(`
		insert into collection_sections (id, collection_id, heading, place) overriding system value
		select n.id, @id, n.heading, n.place from unnest(@sections::bigint[], @headings::text[]) with ordinality n (id, heading, place)
		on conflict (id) do update set heading = excluded.heading, place = excluded.place`, args)
	b.Queue(`delete from collection_items where collection_id = @id and id <> all(coalesce(@items::bigint[], '{}'))`, args)
	b.Queue(`
		insert into collection_items (id, collection_id, section_id, thread_id, post_id, why, place, added_by, suggested_by, added_at, told) overriding system value
		select n.id, @id, n.section, n.thread, nullif(n.post, 0), n.why, n.place, n.by, nullif(n.suggested, 0), n.added, n.told
		from unnest(@items::bigint[], @in::bigint[], @threads::bigint[], @posts::bigint[], @whys::text[], @places::int[], @by::bigint[], @from::bigint[], @added::timestamptz[], @told::boolean[])
			n (id, section, thread, post, why, place, by, suggested, added, told)
		on conflict (id) do update set section_id = excluded.section_id, why = excluded.why, place = excluded.place, told = excluded.told`, args)
	b.Queue(`delete from collection_sections where collection_id = @id and id <> all(coalesce(@sections::bigint[], '{}'))`, args)
	return d.SendBatch(ctx, &b).Close()
}

// tell tells of what shows for the first time: the authors, each once, however much of it
// is theirs, and whoever follows the collection of what came since it was first shown.
func (k *lockedCollection) tell(ctx context.Context, d *forum.Deed) error {
	if !k.Shown {
		return nil
	}
	first := k.PublishedAt == nil
	if first {
		k.PublishedAt = &d.At
	}
	authors := map[int64]bool{}
	for s := range k.Sections {
		for i := range k.Sections[s].Items {
			item := &k.Sections[s].Items[i]
			if item.Told {
				continue
			}
			item.Told = true
			if err := k.tellOf(ctx, d, *item, first, authors); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellOf tells of one thing. Of a thread it is the opening post that the followers hear
// of; its author hears by themselves, unless they are among those who were told.
func (k *lockedCollection) tellOf(ctx context.Context, d *forum.Deed, i contentItem, first bool, told map[int64]bool) error {
	var author, post int64
	err := d.QueryRow(ctx, `
		select p.author_id, p.id from posts p where p.id = case when @post::bigint <> 0 then @post else (select o.id from posts o where o.thread_id = @thread and o.number = 1) end`,
		pgx.NamedArgs{"post": i.PostID, "thread": i.ThreadID}).Scan(&author, &post)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // it went meanwhile
	}
	if err != nil {
		return err
	}
	if !told[author] {
		told[author] = true
		if err := d.Tell(ctx, forum.Event{Kind: forum.Collected, PersonID: author, ThreadID: i.ThreadID, PostID: i.PostID, CollectionID: k.ID}); err != nil {
			return err
		}
	}
	if first {
		return nil
	}
	return d.Tell(ctx, forum.Event{Kind: forum.CollectionAdded, ThreadID: i.ThreadID, PostID: post, CollectionID: k.ID})
}

// restore gives a collection back what it was before the change that an entry tells of:
// ErrConflict if it has been changed since, which is undone first.
func restore(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	var id, stood int64
	var was []byte
	// What it was is read once it is locked: meanwhile words may have been taken out of it.
	err := d.QueryRow(ctx, `select id from collections where stands_at = $1 for update`, e.Undoes).Scan(&id)
	if err == nil {
		err = d.QueryRow(ctx, `select coalesce(stood_at, 0), was from collection_changes where entry_id = $1`, e.Undoes).Scan(&stood, &was)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return forum.ErrConflict
	}
	if err != nil {
		return err
	}
	k, err := readContent(ctx, d, id)
	if err != nil {
		return err
	}
	before, now := k.content, []byte(nil)
	if now, err = json.Marshal(before); err != nil {
		return err
	}
	k.content = content{}
	if err := json.Unmarshal(was, &k.content); err != nil {
		return err
	}
	k.remember(before)
	if err := k.mayStandAgain(ctx, d, now); err != nil {
		return err
	}
	if k.Slug, err = freeSlug(ctx, d, k.Slug, k.ID); err != nil {
		return err
	}
	e.Deed = forum.UndidCollection
	if _, err := d.Record(ctx, e); err != nil {
		return err
	}
	k.StandsAt = stood
	if err := reopen(ctx, d, e); err != nil {
		return err
	}
	return k.write(ctx, d)
}

// mayStandAgain is ErrConflict where something would come back that whoever wrote it took
// out, and ErrForbidden where that needs a second curator; now is what the collection says.
func (k *lockedCollection) mayStandAgain(ctx context.Context, d *forum.Deed, now []byte) error {
	there, err := k.unwanted(ctx, d)
	switch {
	case err != nil:
		return err
	case there:
		return forum.ErrConflict
	}
	step, err := k.deltaFrom(now)
	if err != nil {
		return err
	}
	need, err := needs(ctx, d, step.looksAt(d.At))
	if err == nil && need.Any() {
		return &forum.Forbidden{Why: "forbidden.second"}
	}
	return err
}

// remember keeps of what was told since that it was, so that nobody is told twice.
func (k *lockedCollection) remember(now content) {
	if k.PublishedAt == nil {
		k.PublishedAt = now.PublishedAt
	}
	for s := range k.Sections {
		for i, item := range k.Sections[s].Items {
			if at, n := now.item(item.ID); at >= 0 {
				k.Sections[s].Items[i].Told = item.Told || now.Sections[at].Items[n].Told
			}
		}
	}
}

// freeSlug is an address that no other collection has, nor had: the one asked for, or the
// same with a number.
func freeSlug(ctx context.Context, d *forum.Deed, want string, id int64) (string, error) {
	if _, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('collections', 0))`); err != nil {
		return "", err
	}
	slug := want
	for n := 2; ; n++ {
		var taken bool
		err := d.QueryRow(ctx, `
			select exists (select from collections where slug = $1 and id <> $2) or exists (select from collection_slugs where slug = $1 and collection_id <> $2)`, slug, id).Scan(&taken)
		if err != nil || !taken {
			return slug, err
		}
		slug = want + "-" + strconv.Itoa(n)
	}
}

// nextNumber is the number of a section or an item that is yet to be.
func nextNumber(ctx context.Context, d *forum.Deed, table string) (id int64, err error) {
	err = d.QueryRow(ctx, `select nextval(pg_get_serial_sequence($1, 'id'))`, table).Scan(&id)
	return id, err
}
