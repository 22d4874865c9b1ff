package app

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/views"
)

// moderation answers GET /moderation.
func (a *App) moderation(c *fiber.Ctx) error {
	p, err := a.care.ModerationPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Moderation(a.frame(c), p))
}

// on reports whether a form says to do rather than to undo.
func on(c *fiber.Ctx) bool { return formValue(c, "on") != "0" }

// done answers a deed of power: on to where it shows. A form that was refused
// comes back by itself, as typed: the page it came from has many like it.
func (a *App) done(c *fiber.Ctx, err error, name, back string) error {
	bad := (forum.Invalid)(nil)
	if !errors.As(err, &bad) {
		if err != nil {
			return err
		}
		a.tell(c, "done."+name)
		return see(c, back)
	}
	form := views.DeedForm{Name: name, Action: c.Path(), On: formValue(c, "on"), Reason: formValue(c, "reason"),
		Until: formValue(c, "until"), Council: formValue(c, "council"), Seen: formValue(c, "seen"), Return: formValue(c, "return"), Back: back}
	if name == "let_in" {
		if form.Councils, err = a.joinable(c); err != nil {
			return err
		}
		if form.Found, err = a.forum.FindCouncils(c.UserContext(), form.Council); err != nil {
			return err
		}
	}
	if form.About, form.Number, err = a.subject(c); err != nil {
		return err
	}
	return a.show(c, fiber.StatusUnprocessableEntity, views.Again(a.frame(c), form, bad))
}

// subject is what a deed is about, as its doer may see it: somebody's name, or a
// thread's title with the number of the post; "" of what has neither.
func (a *App) subject(c *fiber.Ctx) (name string, number int, err error) {
	place, _, _ := strings.Cut(strings.TrimPrefix(c.Path(), "/"), "/")
	id, err := id(c)
	switch place {
	case "people":
		p, err := a.forum.Person(c.UserContext(), id)
		return p.Name, 0, err
	case "threads":
		t, _, err := a.forum.Seen(c.UserContext(), who(c), id, 0)
		return t.Title, 0, err
	case "posts":
		t, p, err := a.forum.Seen(c.UserContext(), who(c), 0, id)
		if err == nil && !p.Opening {
			number = p.Number
		}
		return t.Title, number, err
	}
	return "", 0, err
}

// hideName is what a form to hide something does.
func hideName(c *fiber.Ctx) string {
	if on(c) {
		return "hide"
	}
	return "show"
}

// hideThread answers POST /threads/{id}/hide.
func (a *App) hideThread(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	err = a.care.Hide(c.UserContext(), who(c), id, on(c), formValue(c, "reason"))
	return a.done(c, err, hideName(c), fmt.Sprintf("/threads/%d", id))
}

// hidePost answers POST /posts/{id}/hide.
func (a *App) hidePost(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	err = a.care.HidePost(c.UserContext(), who(c), id, on(c), formValue(c, "reason"))
	return a.done(c, err, hideName(c), fmt.Sprintf("/posts/%d", id))
}

// keep answers POST /reports/{id}/keep.
func (a *App) keep(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.done(c, a.care.Keep(c.UserContext(), who(c), id, formValue(c, "reason")), "keep", whereTo(c, "/moderation"))
}

// undo answers POST /entries/{id}/undo.
func (a *App) undo(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	back := "/desk/newcomers"
	switch {
	case formValue(c, "return") != "":
		back = auth.ReturnTo(formValue(c, "return"))
	case forum.CanHide(who(c)):
		back = "/moderation"
	}
	if err = a.care.Undo(c.UserContext(), who(c), id, formValue(c, "reason")); err == nil {
		err = a.lookAtBoard(c.UserContext()) // it may have been of a banner
	}
	return a.done(c, err, "undo", back)
}

// reported names what a report's address is about: a post, or a thread as a whole.
func reported(c *fiber.Ctx) (threadID, postID int64, err error) {
	n, err := id(c)
	if strings.HasPrefix(c.Path(), "/posts/") {
		return 0, n, err
	}
	return n, 0, err
}

// reportForm answers GET /threads/{id}/report and /posts/{id}/report; with done,
// it says that a report has been taken.
func (a *App) reportForm(c *fiber.Ctx) error {
	threadID, postID, err := reported(c)
	if err != nil {
		return err
	}
	p, err := a.care.ReportPage(c.UserContext(), who(c), threadID, postID)
	if err != nil {
		return err
	}
	if c.Query("done") != "" {
		return a.show(c, fiber.StatusOK, views.Reported(a.frame(c), p))
	}
	reason := seen(c, p.Kept).Get("reason")
	return a.show(c, fiber.StatusOK, views.Report(a.frame(c), p, reason, nil))
}

// report answers POST /threads/{id}/report and /posts/{id}/report.
func (a *App) report(c *fiber.Ctx) error {
	threadID, postID, err := reported(c)
	if err != nil {
		return err
	}
	bad := unknownAction(c)
	if bad == nil {
		err = a.care.Report(c.UserContext(), who(c), threadID, postID, formValue(c, "reason"))
	}
	if bad == nil && !errors.As(err, &bad) {
		if err != nil {
			return err
		}
		return see(c, c.Path()+"?done=1")
	}
	p, err := a.care.ReportPage(c.UserContext(), who(c), threadID, postID)
	if err != nil {
		return err
	}
	a.keepWords(c)
	p.Kept = nil
	return a.show(c, fiber.StatusUnprocessableEntity, views.Report(a.frame(c), p, formValue(c, "reason"), bad))
}
