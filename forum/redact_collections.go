package forum

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// gathered are the collections that have, or had, in them what may tell what @post says:
// the record has it of whatever was put in.
const gathered = `(select h.collection_id from collection_items h where ` + quotable + `
	union select c.collection_id from entries e join collection_changes c on c.entry_id = e.id
	where e.thread_id = any(array(select @thread::bigint union select m.thread_id from moved_posts m where m.post_id = @post)))`

// lockGathered finds the collections that have, or had, a post or its thread in them. They
// are locked first, with those for which it was suggested, so that all that is looked
// through is what the last curator left.
func (d *Deed) lockGathered(ctx context.Context, p Post, t Thread) (ids []int64, err error) {
	args := pgx.NamedArgs{"post": p.ID, "thread": t.ID}
	if _, err := d.Exec(ctx, `
		select from collections k where k.id in `+gathered+` or k.id in (select h.collection_id from collection_suggestions h where `+quotable+`)
		order by k.id for update`, args); err != nil {
		return nil, err
	}
	rows, err := d.Query(ctx, `select k.id from collections k where k.id in `+gathered+` order by k.id`, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// redactCollections takes the passage out of the head of the collections that have, or
// had, the post or its thread in them, out of their addresses, and out of what they were
// before each change; it reports whether it stood there.
func (d *Deed) redactCollections(ctx context.Context, _ Post, _ Thread, draft RedactDraft) (found bool, err error) {
	headed, err := d.redactHeads(ctx, draft)
	if err != nil {
		return false, err
	}
	kept, err := d.redactKept(ctx, draft)
	return headed || kept, err
}

// moveCollection gives a collection its title and introduction without a passage and,
// where the one that it has would tell, another address, which no other has nor had.
const moveCollection = `
	update collections k set title = left(@title, 150), intro = left(@intro, 5000), version = version + 1, slug = case when not @moves then slug else (
		select x.free from generate_series(1, 10000) n cross join lateral (select @slug || case when n = 1 then '' else '-' || n end as free) x
		where not exists (select from collections o where o.slug = x.free and o.id <> @id)
			and not exists (select from collection_slugs o where o.slug = x.free and o.collection_id <> @id)
		order by n limit 1) end
	where id = @id`

// redactHeads takes the passage out of titles and introductions, and gives a collection
// another address where it stands in the one that it has. Those that it had before lead to
// it no more where the passage stands in them.
func (d *Deed) redactHeads(ctx context.Context, draft RedactDraft) (found bool, err error) {
	type head struct {
		ID                       int64
		Slug, Title, Intro, Lang string
		Before                   []string
	}
	rows, err := d.Query(ctx, `
		select k.id, k.slug, k.title, k.intro, k.lang, array(select s.slug from collection_slugs s where s.collection_id = k.id) as before
		from collections k where k.id = any($1) order by k.id`, draft.gathered)
	if err != nil {
		return false, err
	}
	heads, err := pgx.CollectRows(rows, pgx.RowToStructByName[head])
	if err != nil {
		return false, err
	}
	var b pgx.Batch
	b.Queue(`select pg_advisory_xact_lock(hashtextextended('collections', 0))`) // of two at once the second finds another address
	for _, k := range heads {
		title, titled := draft.passage.Out(k.Title, draft.removed(k.Lang))
		intro, said := draft.passage.OutOfPage(k.Intro, draft.removed(k.Lang))
		moves := titled || draft.betrays(k.Slug, title)
		gone := slices.DeleteFunc(k.Before, func(slug string) bool { return !draft.inAddress(slug) })
		if !said && !moves && len(gone) == 0 {
			continue
		}
		found = true
		b.Queue(`delete from collection_slugs where slug = any($1)`, gone)
		b.Queue(moveCollection, pgx.NamedArgs{"id": k.ID, "title": title, "intro": intro, "moves": moves, "slug": collectionSlug(title)})
		b.Queue(`delete from collection_slugs s using collections k where k.id = $1 and s.slug = k.slug`, k.ID)
	}
	if !found {
		return false, nil
	}
	return true, d.SendBatch(ctx, &b).Close()
}

// inAddress reports whether the passage stands in the address of something, as it would if
// it stood in its title.
func (r RedactDraft) inAddress(slug string) bool {
	word := Slug(r.Passage)
	return word != "" && strings.Contains(slug, word)
}

// betrays reports whether an address tells the passage that a title tells no more.
func (r RedactDraft) betrays(slug, title string) bool {
	return r.inAddress(slug) && !r.inAddress(collectionSlug(title))
}

// collectionSlug is the address of a collection that has lost the one it had.
func collectionSlug(title string) string {
	if slug := Slug(title); slug != "" && slug != "new" {
		return slug
	}
	return "collection"
}

// keptTexts are what was written of a collection as it was before a change, by the names
// under which that is kept, with how long each may be.
var keptTexts = map[string]int{"Title": 150, "Intro": 5000, "Heading": 150, "Why": 500}

// redactKept takes the passage out of what collections were before each change: undone, it
// does not come back.
func (d *Deed) redactKept(ctx context.Context, draft RedactDraft) (found bool, err error) {
	type change struct {
		EntryID      int64
		CollectionID int64
		Slug, Lang   string
		Was          json.RawMessage
	}
	rows, err := d.Query(ctx, `
		select c.entry_id, c.collection_id, coalesce(c.was ->> 'Slug', '') as slug, coalesce(c.was ->> 'Lang', 'en') as lang, c.was
		from collection_changes c where c.collection_id = any($1) order by c.entry_id for update`, draft.gathered)
	if err != nil {
		return false, err
	}
	changes, err := pgx.CollectRows(rows, pgx.RowToStructByName[change])
	if err != nil {
		return false, err
	}
	var b pgx.Batch
	known := map[string]string{} // what one change left alone, the next has again
	for _, c := range changes {
		was := map[string]any{}
		numbers := json.NewDecoder(bytes.NewReader(c.Was))
		numbers.UseNumber() // as they are: they are those of rows
		if err := numbers.Decode(&was); err != nil {
			return false, err
		}
		before, stood := was["Title"], draft.outOfKept(was, known, draft.removed(c.Lang))
		title, _ := was["Title"].(string)
		if before != title || draft.betrays(c.Slug, title) {
			stood = true
			was["Slug"] = collectionSlug(title)
			b.Queue(`delete from collection_slugs where collection_id = $1 and slug = $2`, c.CollectionID, c.Slug)
		}
		if !stood {
			continue
		}
		found = true
		b.Queue(`update collection_changes set was = $2 where entry_id = $1`, c.EntryID, was)
	}
	return found, d.SendBatch(ctx, &b).Close()
}

// outOfKept takes the passage out of all that was written in a part of what is kept, and
// reports whether it stood there. What was looked through before is in known.
func (r RedactDraft) outOfKept(part any, known map[string]string, removed string) (stood bool) {
	switch part := part.(type) {
	case []any:
		for _, one := range part {
			stood = r.outOfKept(one, known, removed) || stood
		}
	case map[string]any:
		for name, one := range part {
			text, written := one.(string)
			if most := keptTexts[name]; written && most > 0 {
				part[name] = r.outOfText(text, most, known, removed)
				stood = stood || part[name] != text
			} else {
				stood = r.outOfKept(one, known, removed) || stood
			}
		}
	}
	return stood
}

// outOfText is a text without the passage, no longer than it may be.
func (r RedactDraft) outOfText(text string, most int, known map[string]string, removed string) string {
	if clean, done := known[removed+text]; done {
		return clean
	}
	clean, _ := r.passage.OutOfMarkdown(text, removed)
	if runes := []rune(clean); len(runes) > most {
		clean = string(runes[:most])
	}
	known[removed+text] = clean
	return clean
}

// quotes are what curators say of a thread or its posts, now and before, by its key, and
// what was suggested to them.
var quotes = []struct{ find, change string }{
	{`select h.id, h.title, h.note, h.lang from highlights h where ` + quotable + ` for update of h`,
		`update highlights set title = left($2, 150), note = left($3, 2000), version = version + 1 where id = $1`},
	{`select c.entry_id as id, c.title, c.note, c.lang from highlight_changes c join highlights h on h.id = c.highlight_id where ` + quotable,
		`update highlight_changes set title = left($2, 150), note = left($3, 2000) where entry_id = $1`},
	{`select h.id, '' as title, h.why as note, k.lang from collection_items h join collections k on k.id = h.collection_id where k.id = any(@gathered) for update of h`,
		`with k as (update collections set version = version + 1 where id = (select collection_id from collection_items where id = $1))
			update collection_items set why = left($2::text || $3::text, 500) where id = $1`},
	{`select h.id, h.reason as title, h.why as note, 'en' as lang from collection_suggestions h where ` + quotable + ` for update of h`,
		`with k as (update collections set version = version + 1 where id = (select collection_id from collection_suggestions where id = $1))
			update collection_suggestions set reason = left($2, 2000), why = left($3, 500) where id = $1`},
	{`select c.id, c.heading as title, '' as note, k.lang from collection_sections c join collections k on k.id = c.collection_id where k.id = any(@gathered) for update of c`,
		`with k as (update collections set version = version + 1 where id = (select collection_id from collection_sections where id = $1))
			update collection_sections set heading = left($2::text || $3::text, 150) where id = $1`},
	{`select h.id, coalesce(h.draft->>'Title', '') as title, concat_ws(' ', h.draft->>'Note', h.draft->>'Intro',
				(select string_agg(i->>'Why', ' ') from jsonb_array_elements(nullif(h.draft->'Items', 'null')) i),
				(select string_agg(i->>'Heading', ' ') from jsonb_array_elements(nullif(h.draft->'Heads', 'null')) i)) as note, 'en' as lang
			from seconds h where h.thread_id is not null and ` + quotable + ` or h.collection_id = any(@gathered) for update of h`,
		`delete from seconds where id = $1 and $2::text || $3::text is not null`}, // it is asked for anew, in other words
	{`select n.id, n.subject as title, '' as note, n.lang from newsletters n where n.id in ` + issues + ` order by n.id for update of n`,
		`update newsletters set subject = left($2::text || $3::text, 150), version = version + 1 where id = $1`},
	{`select b.id, b.heading as title, b.body as note, n.lang from newsletter_blocks b join newsletters n on n.id = b.newsletter_id where n.id in ` + issues + ` for update of b`,
		`with n as (update newsletters set version = version + 1 where id = (select newsletter_id from newsletter_blocks where id = $1))
			update newsletter_blocks set heading = left($2, 150), body = left($3, 20000) where id = $1`},
	{`select i.id, '' as title, i.why as note, n.lang from newsletter_items i join newsletter_blocks b on b.id = i.block_id join newsletters n on n.id = b.newsletter_id
			where i.why <> '' and n.id in ` + issues + ` for update of i`,
		`with n as (update newsletters set version = version + 1 where id = (select b.newsletter_id from newsletter_items i join newsletter_blocks b on b.id = i.block_id where i.id = $1))
			update newsletter_items set why = left($2::text || $3::text, 500) where id = $1`},
}

// issues are the newsletters, sent or not, whose words may tell what @post says: those that
// lead to the thread where it is or was, by a line or in their words.
const issues = `(select b.newsletter_id from newsletter_blocks b
	cross join (select array(select @thread::bigint union select m.thread_id from moved_posts m where m.post_id = @post) as ids) o
	where exists (select from newsletter_items h where h.block_id = b.id and h.thread_id = any(o.ids))
		or b.body ~ ('(/(threads|projects|lessons)/(' || array_to_string(o.ids, '|') || ')|/posts/' || @post::bigint || ')(?![0-9])'))`

// quotable is true of the highlights h, or of what stands in a collection, whose words may tell what @post says: those of the
// thread where it is or was, and of its posts.
const quotable = `(h.post_id = @post or h.thread_id = @thread or h.thread_id in (select m.thread_id from moved_posts m where m.post_id = @post))`

// redactHighlights takes the passage out of the words with which curators highlight the
// post or its thread, and reports whether it stood there.
func (d *Deed) redactHighlights(ctx context.Context, p Post, t Thread, draft RedactDraft) (found bool, err error) {
	type row struct {
		ID                int64
		Title, Note, Lang string
	}
	said := make([][]row, len(quotes))
	var reading, writing pgx.Batch
	for i, q := range quotes {
		reading.Queue(q.find, pgx.NamedArgs{"post": p.ID, "thread": t.ID, "gathered": draft.gathered}).Query(Into(&said[i]))
	}
	if err := d.SendBatch(ctx, &reading).Close(); err != nil {
		return false, err
	}
	for i, q := range quotes {
		for _, r := range said[i] {
			title, titled := draft.passage.Out(r.Title, draft.removed(r.Lang))
			note, noted := draft.passage.OutOfMarkdown(r.Note, draft.removed(r.Lang))
			if titled || noted {
				found = true
				writing.Queue(q.change, r.ID, title, note)
			}
		}
	}
	return found, d.SendBatch(ctx, &writing).Close()
}
