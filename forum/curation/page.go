package curation

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// TendPage is what curators work from to tidy one thread.
type TendPage struct {
	Thread forum.Thread
	Topics []forum.Topic // its own, the home first
	Tree   []forum.Topic // to choose from
	Lines  []forum.Line  // what was done, the newest last
	Can    map[int64]bool
	Kinds  []string // that it can be changed to
}

// TendPage reads the page on which curators tidy a thread, in one round trip:
// ErrForbidden for who is no curator, ErrNotFound and ErrGone as of ThreadPage. Of one
// that was merged it is the page of the thread where its posts are now.
func (s *Store) TendPage(ctx context.Context, who forum.Person, id int64) (p TendPage, err error) {
	var b pgx.Batch
	s.QueueThread(&b, who, id, &p.Thread, &p.Topics)
	s.QueueTopics(&b, &p.Tree)
	s.QueueLines(&b, who, id, &p.Lines)
	if err := s.Send(ctx, &b); err != nil {
		return TendPage{}, err
	}
	switch {
	case p.Thread.MergedInto != 0:
		return s.TendPage(ctx, who, p.Thread.MergedInto)
	case p.Thread.Deleted:
		return TendPage{}, forum.ErrGone
	case !forum.CanTend(who):
		return TendPage{}, forum.ErrForbidden
	}
	p.judge()
	return p, nil
}

// judge says what can be done on the page.
func (p *TendPage) judge() {
	ways := Undoings()
	p.Can = map[int64]bool{}
	for _, line := range p.Lines {
		p.Can[line.EntryID] = !line.Undone && (ways[line.Deed].Undo != nil || line.Deed == forum.Closed || line.Deed == forum.Reopened)
	}
	for _, kind := range kinds {
		bad := MoveDraft{Kind: kind}.check(p.Thread)
		if bad == nil {
			p.Kinds = append(p.Kinds, kind)
		}
	}
}
