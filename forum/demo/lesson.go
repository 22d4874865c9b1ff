package demo

import (
	"context"
	"strconv"
	"time"

	"moothall/forum/projects"
)

// lesson is a lesson of the corpus. Of one that the corpus has as a thread, what that
// says is what happened.
type lesson struct {
	Slug        string    `json:"slug"`
	Title       string    `json:"title"`
	Author      string    `json:"author_slug"`
	CreatedAt   time.Time `json:"created_at"`
	Topics      []string  `json:"topic_slugs"`
	Lang        string    `json:"lang"`
	Wanted      string    `json:"wanted"`
	Did         string    `json:"did"`
	Happened    string    `json:"happened"`
	Differently string    `json:"differently"`
	Verdict     string    `json:"verdict"`
	Advice      string    `json:"advice"`
	CostBand    string    `json:"cost_band"`
	TimeBand    string    `json:"time_band"`
	Project     string    `json:"project"`
	Helped      []string  `json:"helped"` // people who said so for their councils
}

// heads stand above the texts of a lesson of the demo.
var heads = map[string][]string{
	"en": {"What we wanted", "What we did", "What happened", "What we would do differently", "Our advice"},
	"cy": {"Beth oeddem ei eisiau", "Beth wnaethom", "Beth ddigwyddodd", "Beth fyddem yn ei wneud yn wahanol", "Ein cyngor"},
}

// fillLessons takes from the threads of the corpus what the lessons leave out.
func (c corpus) fillLessons() {
	threads := map[string]thread{}
	for _, t := range c.Threads {
		threads[t.Slug] = t
	}
	for i, l := range c.Lessons {
		if t, there := threads[l.Slug]; there {
			c.Lessons[i].Title, c.Lessons[i].Author, c.Lessons[i].CreatedAt = t.Title, t.Author, t.CreatedAt
			c.Lessons[i].Topics, c.Lessons[i].Lang, c.Lessons[i].Happened = t.Topics, t.Lang, t.Body
		}
	}
}

// share shares the lesson.
func (n lesson) share(ctx context.Context, l *loader) error {
	draft := projects.LessonDraft{Title: n.Title, Wanted: n.Wanted, Did: n.Did, Happened: n.Happened, Differently: n.Differently, Verdict: n.Verdict,
		Advice: n.Advice, CostBand: n.CostBand, TimeBand: n.TimeBand, Topics: n.Topics, Lang: n.Lang, Heads: heads, Demo: n.Slug}
	if id, told := l.threads[n.Project]; told {
		draft.Project = strconv.FormatInt(id, 10)
	}
	asked, err := projects.New(l.forum.Past(n.CreatedAt)).ShareLesson(ctx, l.people[n.Author], draft)
	l.threads[n.Slug], l.posts[n.Slug] = asked.ID, 1
	return err
}

// tell tells whom it helped; said twice it changes nothing.
func (n lesson) tell(ctx context.Context, l *loader) error {
	then := projects.New(l.forum.Past(n.CreatedAt.Add(48 * time.Hour)))
	for _, slug := range n.Helped {
		who := l.people[slug]
		page, err := then.LessonPage(ctx, who, l.threads[n.Slug], 1, 0)
		if err != nil {
			return err
		}
		if !projects.CanSayHelped(who, page.Thread) || page.HasHelped {
			continue
		}
		if err := then.SayHelped(ctx, who, l.threads[n.Slug], true); err != nil {
			return err
		}
	}
	return nil
}
