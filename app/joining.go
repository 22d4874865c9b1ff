package app

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/views"
)

// joinForm answers GET /account/join.
func (a *App) joinForm(c *fiber.Ctx) error {
	p, err := a.forum.JoinPage(c.UserContext(), who(c), "", "")
	if err != nil {
		return err
	}
	back := auth.ReturnTo(c.Query("return"))
	if who(c).Joined { // they are here to change their details, and accepted the rules when they joined
		p.Draft.Rules = forum.RulesVersion
		back = auth.ReturnTo(c.Query("return", "/account"))
	}
	return a.show(c, fiber.StatusOK, views.Join(a.frame(c), who(c), p, back, nil))
}

// join answers POST /account/join. With action=find it looks for councils and
// changes nothing.
func (a *App) join(c *fiber.Ctx) error {
	draft := forum.JoinDraft{Name: formValue(c, "name"), JobTitle: formValue(c, "job_title"),
		Council: formValue(c, "council"), Company: formValue(c, "company"), Rules: numberIn(visitOf(c).form, "rules"), // no version is none accepted
		Topics: visitOf(c).form["topic"], Cadence: forum.Cadence(formValue(c, "topics_cadence")),
		Supplies: visitOf(c).form.Has("council") && formValue(c, "council") == ""}
	draft.Clean()
	if formValue(c, "action") == "find" {
		return a.showJoin(c, fiber.StatusOK, draft, nil)
	}
	err := a.forum.Join(c.UserContext(), who(c), draft)
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showJoin(c, fiber.StatusUnprocessableEntity, draft, bad)
	}
	if err != nil {
		return err
	}
	p, err := a.forum.Person(c.UserContext(), who(c).ID)
	if err != nil {
		return err
	}
	back := auth.ReturnTo(formValue(c, "return"))
	switch {
	case who(c).Joined:
		a.tell(c, "done.saved")
	case !forum.IsHeld(p):
		a.tell(c, "done.joined")
	case back != "/": // where they are told at length
		a.tell(c, "done.joined_waits")
	}
	return see(c, back)
}

// showJoin shows the form to join again, as it was typed, with what its search found.
func (a *App) showJoin(c *fiber.Ctx, status int, draft forum.JoinDraft, bad forum.Invalid) error {
	p, err := a.forum.JoinPage(c.UserContext(), who(c), formValue(c, "council_search"), draft.Council)
	if err != nil {
		return err
	}
	p.Draft = draft
	return a.show(c, status, views.Join(a.frame(c), who(c), p, auth.ReturnTo(formValue(c, "return")), bad))
}
