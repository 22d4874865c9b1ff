package app

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/projects"
	"moothall/views"
)

// lessonList answers GET /lessons.
func (a *App) lessonList(c *fiber.Ctx) error { return a.register(c, forum.Lesson) }

// lessonSheet answers GET /lessons.csv.
func (a *App) lessonSheet(c *fiber.Ctx) error { return a.registerSheet(c, forum.Lesson) }

// lesson answers GET /lessons/{id}.
func (a *App) lesson(c *fiber.Ctx) error {
	if c.Query("page") == "unread" {
		return a.seeUnread(c)
	}
	of, last, err := pageOf(c)
	if err != nil {
		return err
	}
	p, err := a.projects.LessonPage(c.UserContext(), who(c), of.ID, of.Page, of.Quote)
	if err != nil {
		return err
	}
	if moved, err := elsewhere(c, p.ThreadPage, last); moved {
		return err
	}
	draft := a.replyBegun(c, p.ThreadPage, of.Quote) // before the frame, which says what it was
	return a.show(c, fiber.StatusOK, views.Lesson(a.frame(c), p, draft))
}

// lessonDraft reads the form to share a lesson, or to change one.
func lessonDraft(form url.Values) projects.LessonDraft {
	draft := projects.LessonDraft{Title: form.Get("title"), Wanted: form.Get("wanted"), Did: form.Get("did"), Happened: form.Get("happened"),
		Differently: form.Get("differently"), Verdict: form.Get("verdict"), Advice: form.Get("advice"), Project: form.Get("project"),
		Topics: chosen(form["topic"]), CostBand: form.Get("cost_band"), TimeBand: form.Get("time_band"), Visibility: form.Get("visibility"),
		Lang: form.Get("lang"), Version: numberIn(form, "version"), Reason: form.Get("reason"), Resident: residentDraft(form), Heads: views.LessonHeads()}
	draft.Clean()
	return draft
}

// lessonForm answers GET /lessons/new. Of a project that is named, the lesson comes from that.
func (a *App) lessonForm(c *fiber.Ctx) error {
	draft := projects.LessonDraft{Lang: a.frame(c).W.Lang(), Visibility: "public", Project: c.Query("project"), Topics: chosen([]string{c.Query("topic")})}
	p, err := a.projects.NewLesson(c.UserContext(), who(c), draft)
	if err != nil {
		return err
	}
	frame := a.frame(c)
	if p.Project == nil {
		p.Draft.Project = ""
	} else {
		p.Draft.Title = views.LessonTitle(frame, p.Project.Title)
	}
	if p.Kept != nil {
		kept := lessonDraft(seen(c, p.Kept))
		if c.Query("project") == "" || kept.Project == p.Draft.Project {
			p.Draft = kept
		} else {
			p.Kept = nil // it is of another: it waits among the drafts
		}
	}
	return a.show(c, fiber.StatusOK, views.LessonForm(a.frame(c), p, nil))
}

// shareLesson answers POST /lessons.
func (a *App) shareLesson(c *fiber.Ctx) error {
	draft := lessonDraft(typed(c))
	if bad := unknownAction(c); bad != nil {
		return a.showNewLesson(c, draft, bad)
	}
	asked, err := a.projects.ShareLesson(c.UserContext(), who(c), draft)
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showNewLesson(c, draft, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.lesson_shared")
	return see(c, views.PathOf(forum.Lesson, asked.ID, asked.Slug))
}

// showNewLesson shows the form to share a lesson again, as it was typed.
func (a *App) showNewLesson(c *fiber.Ctx, draft projects.LessonDraft, bad forum.Invalid) error {
	p, err := a.projects.NewLesson(c.UserContext(), who(c), draft)
	if err != nil {
		return err
	}
	a.keepWords(c)
	p.Draft, p.Kept, p.Check = draft, nil, draft.Residents()
	return a.show(c, fiber.StatusUnprocessableEntity, views.LessonForm(a.frame(c), p, bad))
}

// changeForm answers GET /lessons/{id}/edit.
func (a *App) changeForm(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	p, err := a.projects.LessonForm(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	if p.Kept != nil {
		p.Draft = lessonDraft(seen(c, p.Kept))
	}
	return a.show(c, fiber.StatusOK, views.LessonForm(a.frame(c), p, nil))
}

// changeLesson answers POST /lessons/{id}.
func (a *App) changeLesson(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := lessonDraft(typed(c))
	bad := unknownAction(c)
	if bad == nil {
		err = a.projects.ChangeLesson(c.UserContext(), who(c), id, draft)
	}
	clash := (*projects.LessonConflict)(nil)
	switch {
	case errors.As(err, &clash):
		draft.Version = clash.Version
		return a.showLesson(c, id, lessonLeft{draft: draft, clash: clash})
	case bad != nil || errors.As(err, &bad):
		return a.showLesson(c, id, lessonLeft{draft: draft, bad: bad})
	case err != nil:
		return err
	}
	a.tell(c, "done.lesson_changed")
	return see(c, fmt.Sprintf("/lessons/%d", id))
}

// lessonLeft is the form to change a lesson as it was left, and why it comes back.
type lessonLeft struct {
	draft projects.LessonDraft
	clash *projects.LessonConflict
	bad   forum.Invalid
}

// showLesson shows the form to change a lesson again.
func (a *App) showLesson(c *fiber.Ctx, id int64, left lessonLeft) error {
	p, err := a.projects.LessonForm(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	a.keepWords(c)
	left.draft.Lang = p.Draft.Lang
	p.Draft, p.Kept, p.Clash, p.Check = left.draft, nil, left.clash, left.draft.Residents()
	status := fiber.StatusUnprocessableEntity
	if left.clash != nil {
		status = fiber.StatusConflict
	}
	return a.show(c, status, views.LessonForm(a.frame(c), p, left.bad))
}

// sayHelped answers POST /lessons/{id}/helped.
func (a *App) sayHelped(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.projects.SayHelped(c.UserContext(), who(c), id, on(c)); err != nil {
		return err
	}
	a.tell(c, "done.helped")
	return see(c, fmt.Sprintf("/lessons/%d", id))
}
