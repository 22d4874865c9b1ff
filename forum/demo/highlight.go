package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
)

// highlight is what a curator of the corpus put before everybody.
type highlight struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Note      string    `json:"note_md"`
	Kind      string    `json:"target_kind"`
	Target    string    `json:"target_slug"`
	Curator   string    `json:"curator_slug"`
	CreatedAt time.Time `json:"created_at"`
}

// grounds are on what each highlight rests, which the corpus leaves out.
var grounds = map[string]string{"h01": "said", "h02": "repeated", "h03": "evidence", "h04": "repeated", "h05": "evidence", "h06": "said", "h07": "said", "h08": "evidence"}

// newest is how many of the highlights stand on the front page of the demo. They begin on
// the day it is told, whenever that is: a front page shows nothing for longer than a month.
const newest = 3

// highlights puts what the corpus highlights before everybody, the oldest first. What was
// highlighted once is left as it is.
func (l *loader) highlights(ctx context.Context, all []highlight) error {
	all = slices.Clone(all) // the corpus is read once for all
	slices.SortFunc(all, func(a, b highlight) int { return a.CreatedAt.Compare(b.CreatedAt) })
	var threads []int64
	for _, h := range all {
		threads = append(threads, l.threads[h.Target])
	}
	told, err := curation.New(l.forum).EverHighlighted(ctx, threads)
	if err != nil {
		return err
	}
	for i, h := range all {
		if threads[i] == 0 || slices.Contains(told, threads[i]) {
			continue
		}
		begin := h.CreatedAt
		if i >= len(all)-newest {
			begin = l.forum.Now()
		}
		if err := h.put(ctx, l, begin, i); err != nil {
			return fmt.Errorf("highlight %s: %w", h.ID, err)
		}
	}
	return nil
}

// put highlights the nth of them, from the day on which it begins.
func (h highlight) put(ctx context.Context, l *loader, begin time.Time, n int) error {
	house := curation.New(l.forum.Past(h.CreatedAt))
	draft := curation.New(l.forum.Past(begin)).NewHighlight(fmt.Sprintf("thread:%d", l.threads[h.Target]))
	draft.Title, draft.Note, draft.Grade = h.Title, h.Note, grounds[h.ID]
	if h.ID == "h04" {
		draft.Lang = "cy"
	}
	if h.Kind == forum.Project {
		draft.Image = curation.Images[1+n%(len(curation.Images)-1)]
	}
	_, err := house.Highlight(ctx, l.people[h.Curator], draft)
	return err
}
