package curation

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// delta is what a curator's deed would show of a collection that did not show before. It
// waits for a second curator as this, and not as the whole collection: others go on
// changing that meanwhile. Its form is stored.
type delta struct {
	Show  bool   // the collection as a whole, which did not
	Title string // of the collection; empty where it did not change, as is the next
	Intro string
	Heads []deltaHead // of sections
	Items []deltaItem // that were not there, or of which something else is said
	Deed  forum.DeedName
}

type deltaHead struct {
	ID      int64 // of the section; 0: a new one
	Heading string
}

type deltaItem struct {
	contentItem
	Section int64
}

// deltaFrom is what a collection shows that it did not show as it was.
func (k *lockedCollection) deltaFrom(was []byte) (step delta, err error) {
	var before content
	if !k.Shown {
		return delta{}, nil // to curators alone
	}
	if err := json.Unmarshal(was, &before); err != nil {
		return delta{}, err
	}
	if step.Show = !before.Shown; step.Show || k.Title != before.Title || k.Intro != before.Intro {
		step.Title, step.Intro = k.Title, k.Intro
	}
	for _, one := range k.Sections {
		step.shows(one, &before)
	}
	return step, nil
}

// shows adds to the step what a section shows that it did not show before.
func (s *delta) shows(one contentSection, before *content) {
	switch at := before.section(one.ID); {
	case at < 0 && !s.Show:
		s.Heads = append(s.Heads, deltaHead{Heading: one.Heading})
	case s.Show || before.Sections[at].Heading != one.Heading:
		s.Heads = append(s.Heads, deltaHead{ID: one.ID, Heading: one.Heading})
	}
	for _, i := range one.Items {
		if at, n := before.item(i.ID); s.Show || at < 0 || before.Sections[at].Items[n].Why != i.Why {
			s.Items = append(s.Items, deltaItem{contentItem: i, Section: one.ID})
		}
	}
}

// looksAt is what the step shows, and says.
func (s delta) looksAt(at time.Time) looked {
	of := looked{Words: []string{s.Title, s.Intro}, Days: []time.Time{forum.DayOf(at)}}
	for _, h := range s.Heads {
		of.Words = append(of.Words, h.Heading)
	}
	for _, i := range s.Items {
		of.Words = append(of.Words, i.Why)
		if i.PostID != 0 {
			of.Posts = append(of.Posts, i.PostID)
		} else {
			of.Threads = append(of.Threads, i.ThreadID)
		}
	}
	return of
}

// second reports whether what was changed waits for a second curator, and then has it wait.
func (k *lockedCollection) second(ctx context.Context, d *forum.Deed, was []byte, e forum.Entry) (waits bool, err error) {
	step, err := k.deltaFrom(was)
	if err != nil || k.agreed || step.isNothing() {
		return false, err
	}
	need, err := needs(ctx, d, step.looksAt(d.At))
	if err != nil || !need.Any() {
		return false, err
	}
	step.Deed = e.Deed
	p := proposal{Deed: secondCollect, CollectionID: k.ID, ThreadID: e.ThreadID, PostID: e.PostID, Title: k.Title, Needs: need}
	field := "target"
	switch {
	case step.Show:
		p.Deed, field, step = secondShow, "on", delta{Show: true, Deed: e.Deed} // it shows as it is then
	case len(step.Heads) > 0:
		field = "heading"
	case step.Title != "":
		field = "title"
	}
	p.Draft = step
	return true, propose(ctx, d, p, field)
}

// isNothing reports whether nothing would show that did not.
func (s delta) isNothing() bool {
	return !s.Show && s.Title == "" && len(s.Heads) == 0 && len(s.Items) == 0
}

// carryOut does what waited, on the collection as it is now.
func (s delta) carryOut(ctx context.Context, d *forum.Deed, id int64) (entry int64, err error) {
	if _, err := d.Exec(ctx, `select from collections where id = $1 for update`, id); err != nil {
		return 0, err
	}
	k, err := readContent(ctx, d, id)
	if err != nil {
		return 0, err
	}
	k.agreed = true
	entry, err = k.change(ctx, d, func(d *forum.Deed, k *lockedCollection) (forum.Entry, error) { return s.onto(ctx, d, k) })
	if err != nil {
		return 0, err
	}
	if entry == 0 {
		return 0, forum.ErrConflict // somebody has done it otherwise
	}
	for _, i := range s.Items {
		if i.SuggestedBy == 0 {
			continue
		}
		taken, err := suggested(ctx, d, k.ID, i.contentItem)
		if err != nil {
			return 0, err
		}
		for _, w := range taken {
			if err := w.decide(ctx, d, k.ID, entry, true); err != nil {
				return 0, err
			}
		}
	}
	return entry, nil
}

// onto puts the step onto a collection as it is.
func (s delta) onto(ctx context.Context, d *forum.Deed, k *lockedCollection) (e forum.Entry, err error) {
	e.Deed = s.Deed
	if s.Show {
		if k.items() == 0 {
			return e, forum.Invalid{{Field: "second", Key: "collections.show_empty"}}
		}
		if k.Shown = true; k.PublishedAt == nil {
			k.ReviewedAt = d.At
		}
	}
	if s.Title != "" {
		k.Title, k.Intro = s.Title, s.Intro
	}
	for _, h := range s.Heads {
		if err := s.head(ctx, d, k, h); err != nil {
			return e, err
		}
	}
	for _, i := range s.Items {
		if err := s.put(ctx, d, k, i); err != nil {
			return e, err
		}
		e.ThreadID, e.PostID = i.ThreadID, i.PostID
	}
	return e, nil
}

// head has one section say what it shall, or puts it at the end. One that went meanwhile
// stays away.
func (s delta) head(ctx context.Context, d *forum.Deed, k *lockedCollection, h deltaHead) error {
	if at := k.section(h.ID); at >= 0 {
		k.Sections[at].Heading = h.Heading
		return nil
	}
	if h.ID != 0 {
		return nil
	}
	if len(k.Sections) >= SectionsMost {
		return forum.Invalid{{Field: "second", Key: "collections.sections_most", Args: []any{"Max", SectionsMost}}}
	}
	id, err := nextNumber(ctx, d, "collection_sections")
	k.Sections = append(k.Sections, contentSection{ID: id, Heading: h.Heading})
	return err
}

// put has one item say what it shall, or puts it where it was to be.
func (s delta) put(ctx context.Context, d *forum.Deed, k *lockedCollection, i deltaItem) error {
	if at, n := k.item(i.ID); at >= 0 {
		k.Sections[at].Items[n].Why = i.Why
		return nil
	}
	var shows bool
	err := d.QueryRow(ctx, `
		select exists (select from threads m left join posts p on p.id = nullif(@post::bigint, 0) join threads t on t.id = coalesce(p.thread_id, m.merged_into, m.id)
			where m.id = @thread and `+forum.Listed+` and (p.id is null or p.hidden_at is null and p.deleted_at is null))`,
		d.Who.Rights(pgx.NamedArgs{"thread": i.ThreadID, "post": i.PostID})).Scan(&shows)
	if err != nil {
		return err
	}
	if !shows {
		return forum.Invalid{{Field: "second", Key: "collections.gone_since"}}
	}
	section := i.Section
	if k.section(section) < 0 && len(k.Sections) > 0 {
		section = k.Sections[len(k.Sections)-1].ID // its own went meanwhile
	}
	_, err = k.add(ctx, d, i.contentItem, section)
	return err
}
