package app

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/search"
	"moothall/views"
)

// wordsDesk answers GET /desk/words.
func (a *App) wordsDesk(c *fiber.Ctx) error {
	p, err := a.search.WordsPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.WordsDesk(a.frame(c), p, nil))
}

// addSynonym answers POST /desk/words.
func (a *App) addSynonym(c *fiber.Ctx) error {
	draft := search.SynonymDraft{Word: formValue(c, "word"), Means: formValue(c, "means"), Capitals: formValue(c, "capitals") == "1"}
	err := a.search.AddSynonym(c.UserContext(), who(c), draft)
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		p, err := a.search.WordsPage(c.UserContext(), who(c))
		if err != nil {
			return err
		}
		p.Draft = draft
		return a.show(c, fiber.StatusUnprocessableEntity, views.WordsDesk(a.frame(c), p, bad))
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.synonym_added")
	return see(c, "/desk/words")
}

// removeSynonym answers POST /desk/words/{id}/remove.
func (a *App) removeSynonym(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.search.RemoveSynonym(c.UserContext(), who(c), id); err != nil {
		return err
	}
	a.tell(c, "done.synonym_removed")
	return see(c, "/desk/words")
}

// openSearch answers GET /opensearch.xml: how a browser searches here from its own box.
func (a *App) openSearch(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/opensearchdescription+xml; charset=utf-8")
	return c.SendString(`<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>Moothall</ShortName>
<Description>` + views.SearchSaid() + `</Description>
<InputEncoding>UTF-8</InputEncoding>
<Url type="text/html" method="get" template="` + a.baseURL + `/search?q={searchTerms}"/>
</OpenSearchDescription>
`)
}
