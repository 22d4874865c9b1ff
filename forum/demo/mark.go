package demo

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"moothall/forum"
)

// mark tells what the corpus says of posts beside their words, an hour after each
// was written: to how many people it was useful, and which were accepted as answers.
func (l *loader) mark(ctx context.Context, c corpus, told map[string]forum.DemoPlace) error {
	c.People = slices.Clone(c.People) // the corpus is read once for all
	slices.SortFunc(c.People, func(a, b person) int { return strings.Compare(a.Slug, b.Slug) })
	for _, t := range c.Threads {
		at := forum.DemoPlace{ThreadID: l.threads[t.Slug], Number: 1}
		if err := l.thank(ctx, c.People, at, thanks{t.Author, t.CreatedAt, t.Thanks}); err != nil {
			return err
		}
	}
	if err := l.haveToo(ctx, c); err != nil {
		return err
	}
	asker := map[string]string{}
	for _, t := range c.Threads {
		asker[t.Slug] = t.Author
	}
	for _, r := range c.Replies {
		at := forum.DemoPlace{ThreadID: l.threads[r.Thread], Number: l.posts[r.ID]}
		if err := l.thank(ctx, c.People, at, thanks{r.Author, r.CreatedAt, r.Thanks}); err != nil {
			return err
		}
		if !r.Accepted || at.Number == 0 || told[r.Thread].Answered {
			continue
		}
		if err := l.forum.Past(r.CreatedAt.Add(time.Hour)).DemoAccept(ctx, l.people[asker[r.Thread]], at); err != nil {
			return err
		}
	}
	return nil
}

// haveToo has councils say that they have a problem too: as many as half of those who found
// the question useful, beginning where the thread before ended.
func (l *loader) haveToo(ctx context.Context, c corpus) error {
	next := 0
	for _, t := range c.Threads {
		id := l.threads[t.Slug]
		said := map[int64]bool{0: true, l.people[t.Author].CouncilID: true}
		for range c.People {
			if id == 0 || t.Kind != forum.Question || len(said)-2 >= min(t.Thanks/2, 14) {
				break
			}
			next++
			who := l.people[c.People[next%len(c.People)].Slug]
			if said[who.CouncilID] || who.Standing != forum.Colleague {
				continue
			}
			said[who.CouncilID] = true
			state := forum.UsTooStates[len(said)%len(forum.UsTooStates)]
			err := l.forum.Past(t.CreatedAt.AddDate(0, 0, len(said))).UsToo(ctx, who, id, true, state)
			if err != nil && !errors.Is(err, forum.ErrForbidden) && !errors.Is(err, forum.ErrNotFound) {
				return err
			}
		}
	}
	return nil
}

// thanks are so many people who found what somebody wrote useful.
type thanks struct {
	author string
	at     time.Time
	number int
}

// thank marks a post as useful to the first others by slug. What was not told, or
// waits with its author, has no marks.
func (l *loader) thank(ctx context.Context, people []person, at forum.DemoPlace, n thanks) error {
	if at.ThreadID == 0 || at.Number == 0 || n.number == 0 {
		return nil
	}
	var others []forum.Person
	for _, p := range people {
		if p.Slug != n.author && len(others) < n.number {
			others = append(others, l.people[p.Slug])
		}
	}
	return l.forum.Past(n.at.Add(time.Hour)).DemoUseful(ctx, at, others)
}
