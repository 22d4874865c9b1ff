package app

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/search"
	"moothall/views"
)

// find answers GET /search.
func (a *App) find(c *fiber.Ctx) error {
	q := search.Query{Text: c.Query("q"), Kind: c.Query("kind"), Topic: c.Query("topic"), Council: c.Query("council"),
		Nation: c.Query("nation"), State: c.Query("state"), Phase: c.Query("phase"), Sort: c.Query("sort"), Before: c.Query("before")}
	var known bool
	if q.Year, known = filterNumber(c, "year"); !known || q.Year > 9999 {
		return forum.ErrNotFound
	}
	author, known := filterNumber(c, "author")
	if !known {
		return forum.ErrNotFound
	}
	q.Author = int64(author)
	p, err := a.search.Page(c.UserContext(), who(c), q)
	if err != nil {
		return err
	}
	status := fiber.StatusOK
	if p.Slow {
		status = fiber.StatusServiceUnavailable
	}
	return a.show(c, status, views.Search(a.frame(c), p))
}

// filterNumber reads a filter that is a number, of a person perhaps with their name
// behind it; 0 where there is none.
func filterNumber(c *fiber.Ctx, name string) (n int, ok bool) {
	digits, _, _ := strings.Cut(c.Query(name), "-")
	if c.Query(name) == "" {
		return 0, true
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n > 0
}

// similar answers GET /search/similar: threads like the one that is being typed, as a page
// or, for the script, as JSON.
func (a *App) similar(c *fiber.Ctx) error {
	found, err := a.search.Similar(c.UserContext(), who(c), c.Query("title"), c.Query("topic"))
	if err != nil {
		return err
	}
	c.Vary(fiber.HeaderAccept)
	if !strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMEApplicationJSON) {
		return a.show(c, fiber.StatusOK, views.Similar(a.frame(c), c.Query("title"), found))
	}
	list := make([]fiber.Map, len(found))
	for i, t := range found {
		list[i] = fiber.Map{"id": t.ID, "title": t.Title, "url": views.PathOf(t.Kind, t.ID, t.Slug), "state": t.State()}
	}
	return c.JSON(list)
}

// noTarget keeps a draft for no thing in particular, whatever the address names.
func noTarget(int64) int64 { return 0 }

// answersMe answers POST /threads/{id}/answers-me: somebody who was about to ask need not.
// What they had typed is kept.
func (a *App) answersMe(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	// The form's key is for asking: it is still good if they ask all the same.
	ctx := forum.WithKey(c.UserContext(), forum.Key{})
	if err := a.search.Answers(ctx, who(c), id); err != nil {
		return err
	}
	if hasProse(typed(c)) {
		t, err := visitOf(c).draft(c)
		if err != nil {
			return err
		}
		if _, err := a.forum.SaveDraft(ctx, who(c), t); err != nil && !errors.Is(err, forum.ErrConflict) { // then both texts are kept
			return err
		}
	}
	return see(c, threadPath(id))
}
