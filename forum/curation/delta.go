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
	Items []deltaItem // that were not there, or of which something else is said
	Deed  forum.DeedName
}

type deltaItem struct {
	contentItem
	Section int64
}

// deltaFrom is what a collection shows that it did not show as it was.
func (k *keptCollection) deltaFrom(was []byte) (step delta, err error) {
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
	for _, s := range k.Sections {
		for _, i := range s.Items {
			if at, n := before.item(i.ID); step.Show || at < 0 || before.Sections[at].Items[n].Why != i.Why {
				step.Items = append(step.Items, deltaItem{contentItem: i, Section: s.ID})
			}
		}
	}
	return step, nil
}

// looksAt is what the step shows, and says.
func (s delta) looksAt(at time.Time) looked {
	of := looked{Words: []string{s.Title, s.Intro}, Days: []time.Time{dayOf(at)}}
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
func (k *keptCollection) second(ctx context.Context, d *forum.Deed, was []byte, e forum.Entry) (waits bool, err error) {
	step, err := k.deltaFrom(was)
	if err != nil || k.agreed || !step.Show && step.Title == "" && len(step.Items) == 0 {
		return false, err
	}
	need, err := needs(ctx, d, step.looksAt(d.At))
	if err != nil || !need.Any() {
		return false, err
	}
	step.Deed = e.Deed
	p := proposal{Deed: secondCollect, CollectionID: k.ID, ThreadID: e.ThreadID, PostID: e.PostID, Title: k.Title, Needs: need}
	field := "target"
	if step.Show {
		p.Deed, step.Title, step.Intro, step.Items, field = secondShow, "", "", nil, "on" // it shows as it is then
	}
	p.Draft = step
	return true, propose(ctx, d, p, field)
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
	entry, err = k.change(ctx, d, func(d *forum.Deed, k *keptCollection) (forum.Entry, error) { return s.onto(ctx, d, k) })
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
func (s delta) onto(ctx context.Context, d *forum.Deed, k *keptCollection) (e forum.Entry, err error) {
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
	for _, i := range s.Items {
		if err := s.put(ctx, d, k, i); err != nil {
			return e, err
		}
		e.ThreadID, e.PostID = i.ThreadID, i.PostID
	}
	return e, nil
}

// put has one item say what it shall, or puts it where it was to be.
func (s delta) put(ctx context.Context, d *forum.Deed, k *keptCollection, i deltaItem) error {
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
