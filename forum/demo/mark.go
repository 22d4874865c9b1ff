package demo

import (
	"context"
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
