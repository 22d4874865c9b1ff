package app

import (
	"strings"
	"unicode/utf8"

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

// compareProjects answers GET /projects/compare?id=1&id=2.
func (a *App) compareProjects(c *fiber.Ctx) error {
	var ids []int64
	for _, said := range c.Context().QueryArgs().PeekMulti("id") {
		if id := relatedID(string(said)); id != 0 {
			ids = append(ids, id)
		}
	}
	p, err := a.projects.Compare(c.UserContext(), who(c), ids)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.CompareProjects(a.frame(c), p))
}

// compareProducts answers GET /products/compare?product=a&product=b.
func (a *App) compareProducts(c *fiber.Ctx) error {
	var slugs []string
	for _, said := range c.Context().QueryArgs().PeekMulti("product") {
		if slug := string(said); utf8.ValidString(slug) && !strings.ContainsRune(slug, 0) {
			slugs = append(slugs, slug)
		}
	}
	p, err := a.projects.CompareProducts(c.UserContext(), who(c), slugs)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.CompareProducts(a.frame(c), p))
}
