package demo

import (
	"context"
	"fmt"
	"slices"

	"moothall/forum/search"
)

// offers has colleagues say what the corpus says of them: what they like to talk about,
// which topics they know, and whether they may be asked. Who has chosen once is left as
// they are.
func (l *loader) offers(ctx context.Context, people []person) error {
	var ids []int64
	for _, p := range people {
		ids = append(ids, l.people[p.Slug].ID)
	}
	chosen, err := search.New(l.forum).Chosen(ctx, ids)
	if err != nil {
		return err
	}
	for _, p := range people {
		who := l.people[p.Slug]
		if p.Standing != "colleague" || slices.Contains(chosen, who.ID) {
			continue
		}
		draft := search.OfferDraft{Skills: p.Topics[:min(len(p.Topics), search.SkillsMost)],
			Offer: search.Offer{Askable: p.AcceptsContact, About: p.Bio, ShowThreads: true, ShowAnswers: true, ShowProjects: true}}
		if err := search.New(l.forum.Past(p.JoinedAt)).Offer(ctx, who, draft); err != nil {
			return fmt.Errorf("offer of %s: %w", p.Slug, err)
		}
	}
	return nil
}
