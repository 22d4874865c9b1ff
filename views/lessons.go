package views

import (
	"strings"

	"moothall/forum"
	"moothall/forum/projects"
	"moothall/views/govuk"
	"moothall/views/words"
)

// LessonEditPath is the page to change a lesson.
func LessonEditPath(id int64) string { return numbered("/lessons/", id, "") + "/edit" }

// lessonDeed is the address to which a form about a lesson is sent.
func lessonDeed(id int64, deed string) string { return numbered("/lessons/", id, "") + "/" + deed }

// NewLessonPath is the form to share a lesson of a project.
func NewLessonPath(project int64) string { return "/lessons/new?project=" + number64(project) }

// LessonHeads are what stands above the texts of a lesson in its opening post, and above
// its advice, in each language that one can be in.
func LessonHeads() map[string][]string {
	heads := map[string][]string{}
	for _, lang := range []string{"en", "cy"} {
		w := words.In(lang)
		for _, part := range append(projects.LessonTexts, "advice") {
			heads[lang] = append(heads[lang], w.T("lesson_head."+part))
		}
	}
	return heads
}

// LessonTitle is what a lesson of a project is called, until its writer says otherwise.
func LessonTitle(f Frame, project string) string {
	const most = 150
	title := []rune(f.W.T("lessons.from", "Title", project))
	return string(title[:min(len(title), most)])
}

// lessonCrumbs lead from all lessons over the home topic.
func lessonCrumbs(f Frame, t *forum.ThreadPage) []crumb {
	steps := []crumb{{f.W.T("nav.lessons"), "/lessons"}}
	if len(t.Topics) > 0 {
		steps = append(steps, crumb{t.Topics[0].Name, TopicPath(t.Topics[0].Slug)})
	}
	return steps
}

// lessonFormCrumbs lead from all lessons to the form, of one that is there over its page.
func lessonFormCrumbs(f Frame, p projects.LessonForm) []crumb {
	steps := []crumb{{f.W.T("nav.lessons"), "/lessons"}}
	if p.ID != 0 {
		steps = append(steps, crumb{p.Draft.Title, PathOf(forum.Lesson, p.ID, p.Slug)})
	}
	return steps
}

func lessonFormTitle(f Frame, p projects.LessonForm) string {
	if p.ID != 0 {
		return f.W.T("lessons.change")
	}
	return f.W.T("lessons.share")
}

// lessonAction is where the form goes.
func lessonAction(p projects.LessonForm) string {
	if p.ID != 0 {
		return numbered("/lessons/", p.ID, "")
	}
	return "/lessons"
}

// usedWord says how many councils a project is reused by, or a lesson has helped.
func usedWord(c projects.Card) string {
	if c.Kind == forum.Lesson {
		return "lessons.helped"
	}
	return "projects.reused"
}

func verdictWord(f Frame, v string) string { return f.W.T("verdict." + v) }
func timeWord(f Frame, v string) string    { return f.W.T("time_band." + v) }

// verdictMark is the tag of a verdict: failure is as welcome as success, so none is red.
func verdictMark(v string) mark {
	switch v {
	case "worked":
		return markGood
	case "no":
		return mark{"mh-state--closed", "cross"}
	case "early":
		return markWaiting
	}
	return mark{"mh-state--info", "ring"}
}

// lessonAsk is the question about a text of a lesson; only what happened must be told.
func lessonAsk(f Frame, field string) string {
	if field == "happened" {
		return f.W.T("lesson_ask.happened")
	}
	return optional(f, f.W.T("lesson_ask."+field))
}

// lessonSays is what the form says of one of its texts.
func lessonSays(p projects.LessonForm, field string) string {
	return map[string]string{"wanted": p.Draft.Wanted, "did": p.Draft.Did, "happened": p.Draft.Happened, "differently": p.Draft.Differently}[field]
}

// bandOptions are bands to choose from, and none.
func bandOptions(f Frame, list []string, word func(Frame, string) string) []govuk.Option {
	return append([]govuk.Option{{Text: f.W.T("lessons.not_said")}}, wordOptions(f, list, word)...)
}

// projectHint names the project of a lesson, where there is one.
func projectHint(f Frame, p projects.LessonForm) string {
	if p.Project != nil {
		return f.W.T("lessons.project_is", "Title", p.Project.Title)
	}
	return f.W.T("lessons.project_hint")
}

// lessonTellsMore reports whether there is something to see in what the form folds away.
func lessonTellsMore(p projects.LessonForm, bad govuk.Problems) bool {
	for _, field := range []string{"wanted", "did", "project", "cost_band", "time_band", "visibility", "lang"} {
		if bad.For(field) != "" {
			return true
		}
	}
	d := p.Draft
	return d.Wanted+d.Did+d.CostBand+d.TimeBand != "" || d.Visibility == "councils" || p.ID != 0 || p.Project == nil
}

// lessonFact is what a fact of a lesson is called.
func lessonFact(f Frame, field string) string {
	switch field {
	case "wanted", "did", "happened", "differently", "advice":
		return f.W.T("lesson_head." + field)
	case "topic", "cost_band":
		return f.W.T("fact." + field)
	case "time_band":
		return f.W.T("lessons.time")
	case "title":
		return f.W.T("drafts.field_title")
	}
	return f.W.T("lessons." + field)
}

// clashWho says who changed facts meanwhile.
func clashWho(f Frame, c *projects.LessonConflict) string {
	if c.Own {
		return f.W.T("projects.conflict_own", "When", f.W.DateTime(c.At))
	}
	return f.W.T("projects.conflict_other", "Name", c.Name, "When", f.W.DateTime(c.At))
}

// clashNow is what a fact says now, in words.
func clashNow(f Frame, p projects.LessonForm, c projects.FactConflict) string {
	switch {
	case c.Now == "":
		return f.W.T("projects.nothing")
	case c.Field == "cost_band":
		return costWord(f, c.Now)
	case c.Field == "time_band":
		return timeWord(f, c.Now)
	case c.Field == "verdict":
		return verdictWord(f, c.Now)
	case c.Field == "topic":
		var names []string
		for _, o := range p.Topics {
			if strings.Contains(" "+c.Now+" ", " "+o.Slug+" ") {
				names = append(names, o.Name)
			}
		}
		return strings.Join(names, ", ")
	}
	return c.Now
}
