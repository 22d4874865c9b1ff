package curation

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// CollectionDesk is what curators work from to put a collection together. Parts of it are
// pages of their own.
type CollectionDesk struct {
	CollectionPage
	Draft   CollectionDraft // as it is
	Gone    []Item          // what nobody sees any more; of them only the numbers are known
	Waiting []Suggestion
	Changes []CollectionChange // the newest first
	Clash   bool               // somebody has changed it since the form was made
}

// CollectionChange is what a curator did to a collection.
type CollectionChange struct {
	EntryID  int64
	Deed     forum.DeedName
	At       time.Time
	DoerName string
	Stands   bool // it is the one to be undone next
	Undone   bool
}

// What one page shows of these at most.
const waitingMost, changesMost = 100, 5

// CollectionDesk reads it in one round trip: ErrForbidden for who is no curator, and
// ErrNotFound where there is no collection that they may see. Without an address there is nothing of
// it yet.
func (s *Store) CollectionDesk(ctx context.Context, who forum.Person, slug string) (p CollectionDesk, err error) {
	if slug == "" {
		if !forum.CanTend(who) {
			return p, forum.ErrForbidden
		}
		p.Draft.Lang = "en"
		return p, nil
	}
	var rows []suggestionRow
	args := who.Rights(pgx.NamedArgs{"now": s.Now(), "slug": slug, "waiting": waitingMost, "changes": changesMost})
	const of = `(select id from collections where slug = @slug)`
	var b pgx.Batch
	show := s.queueCollection(&b, who, slug, &p.CollectionPage)
	if forum.CanTend(who) {
		b.Queue(`select i.id, i.section_id from collection_items i join threads m on m.id = i.thread_id left join posts p on p.id = i.post_id
			join threads t on t.id = coalesce(p.thread_id, m.merged_into, m.id) where i.collection_id = `+of+` and not coalesce(`+itemShows+`, false) order by i.place`, args).Query(forum.Into(&p.Gone))
		b.Queue(`select `+suggestionColumns+` from `+suggestionTables+` where s.collection_id = `+of+` and s.decided_at is null order by s.id limit @waiting`, args).Query(forum.Into(&rows))
		b.Queue(`
			select e.id as entry_id, e.deed, e.at, coalesce(a.name, '') as doer_name, k.stands_at = e.id as stands, exists (select from entries u where u.undoes = e.id) as undone
			from collection_changes c join entries e on e.id = c.entry_id join collections k on k.id = c.collection_id left join people a on a.id = e.doer_id
			where c.collection_id = `+of+` order by e.id desc limit @changes`, args).Query(forum.Into(&p.Changes))
	}
	if err := s.Send(ctx, &b); err != nil {
		return CollectionDesk{}, err
	}
	if !forum.CanTend(who) {
		return CollectionDesk{}, forum.ErrForbidden
	}
	show()
	p.Waiting = suggestions(rows)
	c := p.Collection
	p.Draft = CollectionDraft{Title: c.Title, Intro: c.Intro, Lang: c.Lang, Version: c.Version}
	return p, nil
}

// ItemOf is the item of the desk that has a number, and its section; nil where none has.
func (p CollectionDesk) ItemOf(id int64) *Item {
	for _, s := range p.Sections {
		if i := slices.IndexFunc(s.Items, func(x Item) bool { return x.ID == id }); i >= 0 {
			return &s.Items[i]
		}
	}
	return nil
}

// SectionOf is the section of the desk that has a number; nil where none has.
func (p CollectionDesk) SectionOf(id int64) *Section {
	if i := slices.IndexFunc(p.Sections, func(x Section) bool { return x.ID == id }); i >= 0 {
		return &p.Sections[i]
	}
	return nil
}

// SuggestionOf is the suggestion of the desk that has a number; nil where none has.
func (p CollectionDesk) SuggestionOf(id int64) *Suggestion {
	if i := slices.IndexFunc(p.Waiting, func(x Suggestion) bool { return x.ID == id }); i >= 0 {
		return &p.Waiting[i]
	}
	return nil
}
