package curation

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// ItemDraft is what was typed to put something into a collection.
type ItemDraft struct {
	Target  string // thread:ID, post:ID, project:ID or lesson:ID, or the address of one, or a number
	Why     string
	Section int64
	Version int // of the collection that the form was made from, of what is there or suggested already
}

// Clean puts what was typed into the form that is stored.
func (i *ItemDraft) Clean() {
	i.Why = strings.Join(strings.Fields(markup.Clean(i.Why)), " ")
	i.Target = strings.TrimSpace(i.Target)
}

// check says what keeps the draft from being kept.
func (i ItemDraft) check() forum.Invalid { return checkLength(nil, "why", i.Why, itemWhy) }

// target reads what is meant: the thread, or the post, by its number.
func (i ItemDraft) target() (thread, post int64) {
	if strings.Trim(i.Target, "0123456789") == "" && i.Target != "" {
		return HighlightDraft{Target: "thread:" + i.Target}.target()
	}
	return HighlightDraft{Target: i.Target}.target()
}

// anchors are where the address of a thread names one post of it.
var anchors = regexp.MustCompile(`#post-([0-9]{1,9})$`)

// postOf finds the post that an address names within a thread, by its number there; 0 for
// the first, or where it names none.
func postOf(ctx context.Context, d *forum.Deed, thread int64, target string) (post int64, err error) {
	found := anchors.FindStringSubmatch(target)
	if found == nil {
		return 0, nil
	}
	number, err := strconv.Atoi(found[1])
	if err != nil || number == 1 {
		return 0, err
	}
	err = d.QueryRow(ctx, `select id from posts where thread_id = $1 and number = $2`, thread, number).Scan(&post)
	if errors.Is(err, pgx.ErrNoRows) {
		err = forum.ErrNotFound
	}
	return post, err
}

// collectable finds what is to go into a collection: Invalid where it is not there for
// the doer to see, waits, or was removed.
func collectable(ctx context.Context, d *forum.Deed, draft ItemDraft) (t forum.Thread, post int64, err error) {
	thread, post := draft.target()
	if thread != 0 {
		post, err = postOf(ctx, d, thread, draft.Target)
	}
	var bad forum.Invalid
	var p forum.Post
	switch {
	case err != nil:
	case post != 0:
		p, t, err = d.Post(ctx, post)
	case thread != 0:
		t, err = d.ThreadNow(ctx, thread)
	default:
		bad.Add("target", "collections.target_choose")
		return t, 0, bad
	}
	if p.Opening {
		post = 0 // which is the thread as a whole
	}
	switch {
	case errors.Is(err, forum.ErrNotFound), errors.Is(err, forum.ErrGone), err == nil && (p.Held || p.Hidden || p.Deleted || t.Held || t.Hidden):
		bad.Add("target", "collections.not_there")
		return t, 0, bad
	}
	return t, post, err
}

// AddItem puts a thread or a post at the end of a section. Where the collection is shown
// its author and the followers are told.
func (s *Store) AddItem(ctx context.Context, who forum.Person, slug string, draft ItemDraft) error {
	draft.Clean()
	bad := draft.check()
	var waits bool
	err := s.DoOnce(ctx, who, &waits, func(d *forum.Deed) error {
		t, post, wrong := collectable(ctx, d, draft) // the thread is locked before the collection
		if wrong != nil && !errors.As(wrong, new(forum.Invalid)) {
			return wrong
		}
		k, err := lockCollection(ctx, d, slug)
		if err != nil {
			return err
		}
		_, err = k.change(ctx, d, func(d *forum.Deed, k *lockedCollection) (forum.Entry, error) {
			refused := slices.Clone(bad)
			if problems := (forum.Invalid)(nil); errors.As(wrong, &problems) {
				refused = append(slices.Clone(problems), bad...)
			}
			if refused != nil {
				return forum.Entry{}, refused
			}
			return k.add(ctx, d, contentItem{ThreadID: t.ID, PostID: post, Why: draft.Why, AddedBy: who.ID, AddedAt: d.At}, draft.Section)
		})
		waits = k.waits
		return err
	})
	return orWaits(waits, err)
}

// add puts an item at the end of a section, and says what the entry tells.
func (k *lockedCollection) add(ctx context.Context, d *forum.Deed, item contentItem, section int64) (forum.Entry, error) {
	var bad forum.Invalid
	at := k.section(section)
	switch {
	case k.has(item.ThreadID, item.PostID):
		bad.Add("target", "collections.already")
	case k.items() >= ItemsMost:
		bad.Add("target", "collections.items_most", "Max", ItemsMost)
	case at < 0:
		bad.Add("section", "collections.section_choose")
	}
	if bad != nil {
		return forum.Entry{}, bad
	}
	id, err := nextNumber(ctx, d, "collection_items")
	item.ID = id
	if err != nil {
		return forum.Entry{}, err
	}
	k.Sections[at].Items = append(k.Sections[at].Items, item)
	there, err := k.unwanted(ctx, d)
	if err == nil && there {
		err = forum.Invalid{{Field: "target", Key: "collections.unwanted"}}
	}
	return forum.Entry{Deed: forum.PutIn, ThreadID: item.ThreadID, PostID: item.PostID}, err
}

// changeItem changes the item at a place, of which fn gets the section and where in it it
// stands: ErrNotFound where there is none.
func (s *Store) changeItem(ctx context.Context, who forum.Person, at Place, fn func(k *lockedCollection, section, i int) (forum.DeedName, error)) error {
	return s.changeCollection(ctx, who, at.Slug, func(_ *forum.Deed, k *lockedCollection) (forum.Entry, error) {
		section, i := k.item(at.ID)
		if i < 0 {
			return forum.Entry{}, forum.ErrNotFound
		}
		item := k.Sections[section].Items[i]
		deed, err := fn(k, section, i)
		return forum.Entry{Deed: deed, ThreadID: item.ThreadID, PostID: item.PostID}, err
	})
}

// ChangeItem writes anew why an item is there, or puts it into another section. Where
// somebody else has changed the collection since the form was made it is ErrConflict.
func (s *Store) ChangeItem(ctx context.Context, who forum.Person, at Place, draft ItemDraft) error {
	draft.Clean()
	bad := draft.check()
	return s.changeItem(ctx, who, at, func(k *lockedCollection, section, i int) (forum.DeedName, error) {
		to := k.section(draft.Section)
		switch {
		case draft.Version != k.Version:
			return "", forum.ErrConflict
		case bad == nil && to < 0:
			return "", forum.Invalid{{Field: "section", Key: "collections.section_choose"}}
		case bad != nil:
			return "", bad
		}
		k.Sections[section].Items[i].Why = draft.Why
		if to != section {
			k.put(section, i, to, len(k.Sections[to].Items))
		}
		return forum.ChangedCollection, nil
	})
}

// put takes an item from where it stands to where it shall.
func (k *lockedCollection) put(section, i, to, at int) {
	item := k.Sections[section].Items[i]
	k.Sections[section].Items = slices.Delete(k.Sections[section].Items, i, i+1)
	k.Sections[to].Items = slices.Insert(k.Sections[to].Items, at, item)
}

// MoveItem puts an item one place up or down, over the heading into the next section where
// it stands at an end; or to a place in its section, counted from 1.
func (s *Store) MoveItem(ctx context.Context, who forum.Person, at Place, to string) error {
	return s.changeItem(ctx, who, at, func(k *lockedCollection, section, i int) (forum.DeedName, error) {
		n := len(k.Sections[section].Items)
		switch {
		case to == "up" && i == 0 && section > 0:
			k.put(section, i, section-1, len(k.Sections[section-1].Items))
		case to == "down" && i == n-1 && section < len(k.Sections)-1:
			k.put(section, i, section+1, 0)
		default:
			then, bad := placeOf(to, i, n)
			if bad != nil {
				return "", bad
			}
			k.put(section, i, section, then)
		}
		return forum.OrderedCollection, nil
	})
}

// RemoveItem takes an item out of a collection.
func (s *Store) RemoveItem(ctx context.Context, who forum.Person, at Place) error {
	return s.changeItem(ctx, who, at, func(k *lockedCollection, section, i int) (forum.DeedName, error) {
		k.Sections[section].Items = slices.Delete(k.Sections[section].Items, i, i+1)
		return forum.TookOut, nil
	})
}
