package curation

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"moothall/forum"
	"moothall/forum/markup"
)

// CollectionDraft is what was typed at the head of a collection.
type CollectionDraft struct {
	Title   string
	Intro   string
	Lang    string
	Version int // that the form was made from; of a new one 0
}

// Clean puts what was typed into the form that is stored.
func (c *CollectionDraft) Clean() {
	c.Title = forum.CleanTitle(c.Title)
	c.Intro = strings.TrimSpace(markup.Clean(c.Intro))
	if c.Lang == "" {
		c.Lang = "en"
	}
}

// check says what keeps the draft from being kept.
func (c CollectionDraft) check() (bad forum.Invalid) {
	bad = checkLength(bad, "title", c.Title, collectionTitle)
	bad = checkLength(bad, "intro", c.Intro, collectionIntro)
	if bad == nil {
		if _, err := markup.Post(c.Intro, markup.Refs{}); err != nil {
			bad.Add("intro", "collections.intro_heavy")
		}
	}
	if !slices.Contains([]string{"en", "cy"}, c.Lang) {
		bad.Add("lang", "post.lang_choose")
	}
	return bad
}

// checkLength adds to bad what is wrong with a text that is neither empty nor too long.
func checkLength(bad forum.Invalid, field, text string, most int) forum.Invalid {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		bad.Add(field, "collections."+field+"_empty")
	case n > most:
		bad.Add(field, "collections."+field+"_long", "Max", most, "Over", n-most)
	}
	return bad
}

// BeginCollection begins a collection, which nobody but curators sees until it is shown,
// and returns its address.
func (s *Store) BeginCollection(ctx context.Context, who forum.Person, draft CollectionDraft) (slug string, err error) {
	draft.Clean()
	bad := draft.check()
	err = s.DoOnce(ctx, who, &slug, func(d *forum.Deed) error {
		switch {
		case !forum.CanTend(who):
			return forum.ErrForbidden
		case bad != nil:
			return bad
		}
		if slug, err = freeSlug(ctx, d, slugOf(draft.Title), 0); err != nil {
			return err
		}
		entry, err := d.Record(ctx, forum.Entry{Deed: forum.MadeCollection, Reason: draft.Title})
		if err != nil {
			return err
		}
		_, err = d.Exec(ctx, `
			insert into collections (slug, title, intro, lang, reviewed_at, curator_id, made_at, changed_at, stands_at) values ($1, $2, $3, $4, $5, $6, $5, $5, $7)`,
			slug, draft.Title, draft.Intro, draft.Lang, d.At, who.ID, entry)
		return err
	})
	return slug, err
}

// slugOf is a title as it stands in an address. It is never empty, nor the word of another
// address.
func slugOf(title string) string {
	switch slug := forum.Slug(title); slug {
	case "":
		return "collection"
	case "new":
		return "new-collection"
	default:
		return slug
	}
}

// ChangeCollection writes anew what stands at the head of a collection, and returns its
// address, which goes with its title; the one before leads there. Where somebody else has
// changed it since the form was made it is ErrConflict.
func (s *Store) ChangeCollection(ctx context.Context, who forum.Person, slug string, draft CollectionDraft) (now string, err error) {
	draft.Clean()
	bad := draft.check()
	now = slug
	err = s.changeCollection(ctx, who, slug, func(d *forum.Deed, k *lockedCollection) (forum.Entry, error) {
		switch {
		case draft.Version != k.Version:
			return forum.Entry{}, forum.ErrConflict
		case bad != nil:
			return forum.Entry{}, bad
		}
		if draft.Title != k.Title {
			if k.Slug, err = freeSlug(ctx, d, slugOf(draft.Title), k.ID); err != nil {
				return forum.Entry{}, err
			}
		}
		k.Title, k.Intro, k.Lang = draft.Title, draft.Intro, draft.Lang
		now = k.Slug
		return forum.Entry{Deed: forum.ChangedCollection}, nil
	})
	return now, err
}

// ShowCollection shows a collection to everybody, and tells the authors of what is in it;
// or withdraws it, so that it is there for curators alone. The same again changes nothing.
// What is empty is not shown.
func (s *Store) ShowCollection(ctx context.Context, who forum.Person, slug string, on bool) error {
	return s.changeCollection(ctx, who, slug, func(d *forum.Deed, k *lockedCollection) (forum.Entry, error) {
		if on && !k.Shown && k.items() == 0 {
			return forum.Entry{}, forum.Invalid{{Field: "on", Key: "collections.show_empty"}}
		}
		deed := forum.WithdrewCollection
		if on {
			deed = forum.ShowedCollection
			if k.PublishedAt == nil {
				k.ReviewedAt = d.At // who shows it has looked at it
			}
		}
		k.Shown = on
		return forum.Entry{Deed: deed}, nil
	})
}

// ReviewCollection says that a collection is still right, today.
func (s *Store) ReviewCollection(ctx context.Context, who forum.Person, slug string) error {
	return s.changeCollection(ctx, who, slug, func(d *forum.Deed, k *lockedCollection) (forum.Entry, error) {
		k.ReviewedAt = d.At
		return forum.Entry{Deed: forum.ReviewedCollection}, nil
	})
}

// AddSection puts a heading at the end of a collection.
func (s *Store) AddSection(ctx context.Context, who forum.Person, slug, heading string) error {
	heading = forum.CleanTitle(heading)
	bad := checkLength(nil, "heading", heading, collectionTitle)
	return s.changeCollection(ctx, who, slug, func(d *forum.Deed, k *lockedCollection) (forum.Entry, error) {
		switch {
		case bad != nil:
			return forum.Entry{}, bad
		case len(k.Sections) >= SectionsMost:
			return forum.Entry{}, forum.Invalid{{Field: "heading", Key: "collections.sections_most", Args: []any{"Max", SectionsMost}}}
		}
		id, err := nextNumber(ctx, d, "collection_sections")
		k.Sections = append(k.Sections, contentSection{ID: id, Heading: heading})
		return forum.Entry{Deed: forum.ChangedCollection}, err
	})
}

// SectionDraft is what was typed to change a section.
type SectionDraft struct {
	Heading string
	Version int // of the collection that the form was made from
}

// NameSection changes the heading of a section. Where somebody else has changed the
// collection since the form was made it is ErrConflict.
func (s *Store) NameSection(ctx context.Context, who forum.Person, at Place, draft SectionDraft) error {
	draft.Heading = forum.CleanTitle(draft.Heading)
	bad := checkLength(nil, "heading", draft.Heading, collectionTitle)
	return s.changeSection(ctx, who, at, func(k *lockedCollection, i int) (forum.DeedName, error) {
		switch {
		case draft.Version != k.Version:
			return "", forum.ErrConflict
		case bad != nil:
			return "", bad
		}
		k.Sections[i].Heading = draft.Heading
		return forum.ChangedCollection, nil
	})
}

// MoveSection puts a section one place up or down, or to a place, counted from 1.
func (s *Store) MoveSection(ctx context.Context, who forum.Person, at Place, to string) error {
	return s.changeSection(ctx, who, at, func(k *lockedCollection, i int) (forum.DeedName, error) {
		then, bad := placeOf(to, i, len(k.Sections))
		if bad != nil {
			return "", bad
		}
		one := k.Sections[i]
		k.Sections = slices.Insert(slices.Delete(k.Sections, i, i+1), then, one)
		return forum.OrderedCollection, nil
	})
}

// RemoveSection takes a section out of a collection, with all that is in it.
func (s *Store) RemoveSection(ctx context.Context, who forum.Person, at Place) error {
	return s.changeSection(ctx, who, at, func(k *lockedCollection, i int) (forum.DeedName, error) {
		k.Sections = slices.Delete(k.Sections, i, i+1)
		return forum.ChangedCollection, nil
	})
}

// Place is a section or an item of a collection, by their address and number.
type Place struct {
	Slug string
	ID   int64
}

// changeSection changes the section at a place: ErrNotFound where there is none.
func (s *Store) changeSection(ctx context.Context, who forum.Person, at Place, fn func(k *lockedCollection, i int) (forum.DeedName, error)) error {
	return s.changeCollection(ctx, who, at.Slug, func(_ *forum.Deed, k *lockedCollection) (forum.Entry, error) {
		i := k.section(at.ID)
		if i < 0 {
			return forum.Entry{}, forum.ErrNotFound
		}
		deed, err := fn(k, i)
		return forum.Entry{Deed: deed}, err
	})
}
