package app

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/views"
)

// followThread answers POST /threads/{id}/follow.
func (a *App) followThread(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.follow(c, forum.Subject{Kind: forum.ToThread, ID: id}, threadPath(id))
}

// followPerson answers POST /people/{id}/follow.
func (a *App) followPerson(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.follow(c, forum.Subject{Kind: forum.ToPerson, ID: id}, views.PersonPath(id, ""))
}

// followTopic answers POST /topics/{slug}/follow: all of it, or one kind of thread.
func (a *App) followTopic(c *fiber.Ctx) error {
	slug := c.Params("slug")
	return a.follow(c, forum.Subject{Kind: forum.ToTopic, Slug: slug, ThreadKind: formValue(c, "kind")}, views.TopicPath(slug))
}

// followCouncil answers POST /councils/{slug}/follow.
func (a *App) followCouncil(c *fiber.Ctx) error {
	slug := c.Params("slug")
	return a.follow(c, forum.Subject{Kind: forum.ToCouncil, Slug: slug}, views.CouncilPath(slug))
}

// followEverything answers POST /everything/follow.
func (a *App) followEverything(c *fiber.Ctx) error {
	return a.follow(c, forum.Subject{Kind: forum.ToEverything}, "/account/emails")
}

// follow keeps at which cadence somebody follows a subject, and leads back to where
// they chose it, which says what will come.
func (a *App) follow(c *fiber.Ctx, what forum.Subject, page string) error {
	how := forum.Cadence(formValue(c, "cadence"))
	if err := a.forum.Follow(c.UserContext(), who(c), what, how); err != nil {
		return err
	}
	a.tell(c, "done.follow_"+string(how))
	if back := formValue(c, "return"); back != "" {
		page = auth.ReturnTo(back)
	}
	return see(c, page)
}

// asInvalid is what was wrong with a form, if that is what an error tells.
func asInvalid(err error) forum.Invalid {
	bad := (forum.Invalid)(nil)
	errors.As(err, &bad)
	return bad
}
