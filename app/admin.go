package app

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/letters"
	"moothall/views"
	"moothall/views/words"
)

// mailDesk answers GET /admin/mail.
func (a *App) mailDesk(c *fiber.Ctx) error {
	p, err := a.letters.MailPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	if !a.config.WithTrials() {
		p.Trials = letters.Trials{} // what is known from before tells nothing of today
	}
	return a.show(c, fiber.StatusOK, views.Mail(a.frame(c), p))
}

// releaseAddress answers POST /admin/mail/{person}/release.
func (a *App) releaseAddress(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.letters.Release(c.UserContext(), who(c), id); err != nil {
		return err
	}
	a.tell(c, "done.mail_released")
	return see(c, "/admin/mail")
}

// sendAgain answers POST /admin/mail/letters/{id}/again.
func (a *App) sendAgain(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.letters.SendAgain(c.UserContext(), who(c), id); err != nil {
		return err
	}
	a.tell(c, "done.mail_again")
	return see(c, "/admin/mail")
}

// roles answers GET /admin/roles.
func (a *App) roles(c *fiber.Ctx) error {
	return a.showRoles(c, fiber.StatusOK, care.RoleDraft{PersonID: relatedID(c.Query("person"))}, nil)
}

// showRoles shows who holds which role, and the form to give one as it was left.
func (a *App) showRoles(c *fiber.Ctx, status int, draft care.RoleDraft, bad forum.Invalid) error {
	find := c.Query("find")
	if !isRead(c) {
		find = formValue(c, "find")
	}
	p, err := a.care.RolesPage(c.UserContext(), who(c), find, draft)
	if err != nil {
		return err
	}
	return a.show(c, status, views.Roles(a.frame(c), p, bad))
}

// giveRole answers POST /admin/roles.
func (a *App) giveRole(c *fiber.Ctx) error {
	draft := care.RoleDraft{Role: formValue(c, "role"), Typed: formValue(c, "until"), Reason: formValue(c, "reason")}
	draft.PersonID, _ = strconv.ParseInt(formValue(c, "person"), 10, 64) // what is no number is nobody
	if draft.Typed != "" {
		end := words.Day(draft.Typed)
		if !end.IsZero() {
			end = end.AddDate(0, 0, 1) // the last day counts
		}
		draft.Until = &end
	}
	err := a.care.GiveRole(c.UserContext(), who(c), draft)
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showRoles(c, fiber.StatusUnprocessableEntity, draft, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.role_given")
	return see(c, "/admin/roles")
}

// endRole answers POST /admin/roles/{id}/end.
func (a *App) endRole(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.done(c, a.care.EndRole(c.UserContext(), who(c), id, formValue(c, "reason")), "role_end", "/admin/roles")
}
