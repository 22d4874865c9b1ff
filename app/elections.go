package app

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views"
)

// elections answers GET /elections.
func (a *App) elections(c *fiber.Ctx) error {
	before, err := beforeOf(c)
	if err != nil {
		return err
	}
	p, err := a.curation.ElectionsPage(c.UserContext(), who(c), before)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Elections(a.frame(c), p))
}

// electionForm answers GET /elections/new and /elections/{id}/edit.
func (a *App) electionForm(c *fiber.Ctx) error {
	if c.Params("id") == "" {
		return a.showElectionForm(c, fiber.StatusOK, views.ElectionTyped{}, nil)
	}
	id, err := id(c)
	if err != nil {
		return err
	}
	one, draft, err := a.curation.Election(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	return a.showElectionForm(c, fiber.StatusOK, views.ElectionTyped{Now: one, Draft: draft}, nil)
}

// showElectionForm shows the form, and which councils there are to choose from.
func (a *App) showElectionForm(c *fiber.Ctx, status int, p views.ElectionTyped, bad forum.Invalid) error {
	councils, err := a.joinable(c)
	if err != nil {
		return err
	}
	p.Councils = councils
	return a.show(c, status, views.ElectionForm(a.frame(c), p, bad))
}

// electionAgain shows a form that was refused, as it was typed.
func (a *App) electionAgain(c *fiber.Ctx, id int64, draft curation.ElectionDraft, refused error) error {
	p := views.ElectionTyped{Draft: draft}
	if id != 0 {
		one, _, err := a.curation.Election(c.UserContext(), who(c), id)
		if err != nil {
			return err
		}
		p.Now = one
	}
	if bad := asInvalid(refused); bad != nil {
		return a.showElectionForm(c, fiber.StatusUnprocessableEntity, p, bad)
	}
	p.Clash, p.Draft.Version = true, p.Now.Version
	return a.showElectionForm(c, fiber.StatusConflict, p, nil)
}

// electionDraft is what was typed.
func electionDraft(c *fiber.Ctx) curation.ElectionDraft {
	form := typed(c)
	return curation.ElectionDraft{Name: form.Get("name"), Council: form.Get("council"), Nation: form.Get("nation"), Kind: form.Get("kind"), From: form.Get("from"), Until: form.Get("until"), Version: numberIn(form, "version")}
}

// setElection answers POST /elections.
func (a *App) setElection(c *fiber.Ctx) error {
	draft := electionDraft(c)
	if err := a.curation.SetElection(c.UserContext(), who(c), draft); isRefused(err) {
		return a.electionAgain(c, 0, draft, err)
	} else if err != nil {
		return err
	}
	return a.boardChanged(c, "done.election_set", "/elections")
}

// changeElection answers POST /elections/{id}.
func (a *App) changeElection(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := electionDraft(c)
	err = a.curation.ChangeElection(c.UserContext(), who(c), id, draft)
	switch {
	case errors.Is(err, curation.ErrSecond):
		return a.second(c)
	case isRefused(err):
		return a.electionAgain(c, id, draft, err)
	case err != nil:
		return err
	}
	return a.boardChanged(c, "done.election_changed", "/elections")
}

// endElection answers POST /elections/{id}/end.
func (a *App) endElection(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	err = a.curation.EndElection(c.UserContext(), who(c), id)
	switch {
	case errors.Is(err, curation.ErrSecond):
		return a.second(c)
	case errors.As(err, new(forum.Invalid)):
		a.tell(c, "done.second_waits")
		return see(c, "/desk/second")
	case err != nil:
		return err
	}
	return a.boardChanged(c, "done.election_ended", "/elections")
}
