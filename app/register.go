package app

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/projects"
	"moothall/views"
	"moothall/views/wire"
)

// registerFilter reads what a register is narrowed to.
func registerFilter(c *fiber.Ctx) projects.Filter {
	return projects.Filter{Topic: c.Query("topic"), Principle: c.Query("principle"), Phase: c.Query("phase"), Verdict: c.Query("verdict"), Nation: c.Query("nation"),
		Type: c.Query("type"), Product: c.Query("product"), CostBand: c.Query("cost_band"), Offer: c.Query("offer"), Fresh: c.Query("fresh"), Sort: c.Query("sort"),
		Before: c.Query("before")}
}

// projectList answers GET /projects.
func (a *App) projectList(c *fiber.Ctx) error { return a.register(c, forum.Project) }

// register shows a page of a register.
func (a *App) register(c *fiber.Ctx, kind string) error {
	l, err := a.projects.Register(c.UserContext(), who(c), kind, registerFilter(c))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Register(a.frame(c), l))
}

// projectFeed answers GET /feeds/projects.atom.
func (a *App) projectFeed(c *fiber.Ctx) error { return a.registerFeed(c, forum.Project) }

// registerFeed answers with a register as a feed: what everybody may read, whoever asks.
func (a *App) registerFeed(c *fiber.Ctx, kind string) error {
	l, err := a.projects.Register(c.UserContext(), forum.Person{Standing: forum.Visitor}, kind, registerFilter(c))
	if err != nil {
		return err
	}
	text, err := wire.Register(a.site(c), l)
	return a.answerWith(c, "application/atom+xml; charset=utf-8", text, err)
}

// projectSheet answers GET /projects.csv.
func (a *App) projectSheet(c *fiber.Ctx) error { return a.registerSheet(c, forum.Project) }

// registerSheet answers with a register as a spreadsheet. One that is too long for a file
// says where the rest is (RFC 8288). Few are made at once.
func (a *App) registerSheet(c *fiber.Ctx, kind string) error {
	leave, err := a.sheets.enter(c.UserContext(), false, readPatience)
	if err != nil {
		return err
	}
	defer leave()
	f := registerFilter(c)
	p, err := a.projects.Sheet(c.UserContext(), kind, f)
	if err != nil {
		return err
	}
	text, err := wire.Sheet(a.site(c), p)
	links := []string{`<https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/>; rel="license"`}
	if p.Next != "" {
		links = append(links, "<"+a.baseURL+views.SheetPath(kind, f.After(p.Next))+`>; rel="next"`)
	}
	c.Set(fiber.HeaderLink, strings.Join(links, ", "))
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+kind+`s.csv"`)
	return a.answerWith(c, "text/csv; charset=utf-8; header=present", text, err)
}
