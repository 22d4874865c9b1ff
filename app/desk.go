package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"moothall/app/jobs"
	"moothall/app/links"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/views"
)

// newcomers answers GET /desk/newcomers.
func (a *App) newcomers(c *fiber.Ctx) error {
	p, err := a.care.NewcomersPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	var councils []forum.Council
	if slices.ContainsFunc(append(p.TurnedAway, p.Waiting...), func(n care.Newcomer) bool { return n.CouncilID == 0 && n.Company == "" }) {
		if councils, err = a.joinable(c); err != nil {
			return err
		}
	}
	return a.show(c, fiber.StatusOK, views.Newcomers(a.frame(c), p, councils))
}

// joinable are the councils that somebody without one can be let in to.
func (a *App) joinable(c *fiber.Ctx) ([]forum.Council, error) {
	p, err := a.forum.CouncilsPage(c.UserContext(), who(c), forum.CouncilFilter{})
	return slices.DeleteFunc(p.Councils, func(c forum.Council) bool { return c.Status != "current" }), err
}

// linkCheck looks at an address out on the web, and tells how it does not answer.
func linkCheck(site string) jobs.LinkCheck {
	checker := links.New(site)
	return func(ctx context.Context, address string) string {
		if answer := checker.Check(ctx, address); answer != links.There {
			return string(answer)
		}
		return ""
	}
}

// desk answers GET /desk.
func (a *App) desk(c *fiber.Ctx) error { return a.showDesk(c, fiber.StatusOK, nil) }

// showDesk shows what waits, and what kept a desk from being handed over.
func (a *App) showDesk(c *fiber.Ctx, status int, bad forum.Invalid) error {
	p, err := a.curation.DeskPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, status, views.Desk(a.frame(c), who(c), p, bad))
}

// deskItem answers GET /desk/items/{item}.
func (a *App) deskItem(c *fiber.Ctx) error {
	return a.showItem(c, fiber.StatusOK, curation.DeskDraft{}, nil, nil)
}

// showItem shows one thing of the desk, and the form as it was left.
func (a *App) showItem(c *fiber.Ctx, status int, draft curation.DeskDraft, chosen []int64, bad forum.Invalid) error {
	ref, err := curation.ParseRef(c.Params("slug"))
	if err != nil {
		return err
	}
	p, err := a.curation.ItemPage(c.UserContext(), who(c), ref)
	if err != nil {
		return err
	}
	p.Draft, p.Chosen = draft, chosen
	return a.show(c, status, views.DeskItem(a.frame(c), who(c), p, bad))
}

// tendItem answers POST /desk/items/{item}.
func (a *App) tendItem(c *fiber.Ctx) error {
	ref, err := curation.ParseRef(c.Params("slug"))
	if err != nil {
		return err
	}
	draft := curation.DeskDraft{Deed: formValue(c, "deed"), To: int64(max(0, picked(c, "to"))), Until: formValue(c, "until"), Words: formValue(c, "words")}
	err = a.curation.LookAfter(c.UserContext(), who(c), ref, draft)
	bad := forum.Invalid(nil)
	switch {
	case errors.Is(err, curation.ErrSettled):
		a.tell(c, "done.desk_settled")
		return see(c, "/desk")
	case errors.As(err, &bad):
		status := fiber.StatusUnprocessableEntity
		if bad[0].Field == "taken" {
			status = fiber.StatusConflict
		}
		return a.showItem(c, status, draft, nil, bad)
	case err != nil:
		return err
	}
	a.tell(c, "done.desk_"+draft.Deed)
	return see(c, whereTo(c, views.ItemPath(ref)))
}

// askCouncils answers POST /desk/items/{item}/ask.
func (a *App) askCouncils(c *fiber.Ctx) error {
	ref, err := curation.ParseRef(c.Params("slug"))
	if err != nil {
		return err
	}
	if ref.Sort != curation.Questions {
		return forum.ErrNotFound
	}
	var people []int64
	for _, word := range typed(c)["person"] {
		if id, err := strconv.ParseInt(word, 10, 64); err == nil {
			people = append(people, id)
		}
	}
	_, err = a.curation.AskCouncils(c.UserContext(), who(c), ref.ID, people)
	if bad := asInvalid(err); bad != nil {
		return a.showItem(c, fiber.StatusUnprocessableEntity, curation.DeskDraft{}, people, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.desk_asked")
	return see(c, views.ItemPath(ref))
}

// coverDesk answers POST /desk/today.
func (a *App) coverDesk(c *fiber.Ctx) error {
	if err := a.curation.Cover(c.UserContext(), who(c), on(c)); err != nil {
		return err
	}
	return see(c, "/desk")
}

// handOverDesk answers POST /desk/hand-over.
func (a *App) handOverDesk(c *fiber.Ctx) error {
	_, err := a.curation.HandOver(c.UserContext(), who(c), int64(max(0, picked(c, "to"))))
	if bad := asInvalid(err); bad != nil {
		return a.showDesk(c, fiber.StatusUnprocessableEntity, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.desk_handed_over")
	return see(c, "/desk")
}

// seconds answers GET /desk/second.
func (a *App) seconds(c *fiber.Ctx) error {
	after, err := numberSaid(c.Query("after"))
	if err != nil {
		return err
	}
	before, err := beforeOf(c)
	if err != nil {
		return err
	}
	p, err := a.curation.SecondsPage(c.UserContext(), who(c), after, before)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Seconds(a.frame(c), p, views.SecondTyped{}, nil))
}

// secondsAgain shows what waits for a second curator, and of one what kept it from being
// decided: on the first page, or on the one that it begins.
func (a *App) secondsAgain(c *fiber.Ctx, status int, typed views.SecondTyped, bad forum.Invalid) error {
	p, err := a.curation.SecondsPage(c.UserContext(), who(c), 0, 0)
	if err == nil && !slices.ContainsFunc(p.Waiting, func(s curation.Second) bool { return s.ID == typed.ID }) {
		p, err = a.curation.SecondsPage(c.UserContext(), who(c), typed.ID-1, 0)
	}
	if err != nil {
		return err
	}
	return a.show(c, status, views.Seconds(a.frame(c), p, typed, bad))
}

// agreeSecond answers POST /desk/second/{id}/agree.
func (a *App) agreeSecond(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err = a.curation.Agree(c.UserContext(), who(c), id, formValue(c, "seen")); err == nil {
		err = a.lookAtBoard(c.UserContext()) // it may have been of a banner
	}
	return a.secondDecided(c, id, err, "done.second_agreed")
}

// declineSecond answers POST /desk/second/{id}/decline.
func (a *App) declineSecond(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.secondDecided(c, id, a.curation.DeclineSecond(c.UserContext(), who(c), id, formValue(c, "reason")), "done.second_declined")
}

// takeBackSecond answers POST /desk/second/{id}/take-back.
func (a *App) takeBackSecond(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.secondDecided(c, id, a.curation.TakeBackSecond(c.UserContext(), who(c), id), "done.second_taken_back")
}

// secondDecided answers a decision; one that another curator decided otherwise meanwhile,
// or that fits no more, is told of over the list.
func (a *App) secondDecided(c *fiber.Ctx, id int64, err error, done string) error {
	bad := forum.Invalid(nil)
	switch {
	case errors.Is(err, forum.ErrConflict):
		done = "done.second_overtaken"
	case errors.As(err, &bad):
		status := fiber.StatusUnprocessableEntity
		switch bad[0].Field {
		case "reason":
		case "seen":
			status = fiber.StatusConflict
			fallthrough
		default: // what kept it is nothing that is typed here
			bad = forum.Invalid{{Field: "second", Key: bad[0].Key, Args: bad[0].Args}}
		}
		return a.secondsAgain(c, status, views.SecondTyped{ID: id, Reason: formValue(c, "reason")}, bad)
	case err != nil:
		return err
	}
	a.tell(c, done)
	return see(c, "/desk/second")
}

// second answers a deed that waits for a second curator.
func (a *App) second(c *fiber.Ctx) error {
	a.tell(c, "done.second_asked")
	return see(c, "/desk/second")
}

// threadAsks answers GET /threads/{id}/asks.
func (a *App) threadAsks(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	p, err := a.curation.AsksPage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Asks(a.frame(c), p))
}

// decline answers POST /threads/{id}/decline.
func (a *App) decline(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.curation.Decline(c.UserContext(), who(c), id); err != nil {
		return err
	}
	a.tell(c, "done.declined")
	return see(c, views.AsksPath(id))
}

// deskFigures answers GET /desk/figures.
func (a *App) deskFigures(c *fiber.Ctx) error {
	p, err := a.curation.HealthPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.DeskFigures(a.frame(c), p))
}

// deskSheet answers GET /desk/figures.csv.
func (a *App) deskSheet(c *fiber.Ctx) error {
	p, err := a.curation.HealthPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	rows := [][]string{{"week_from", "questions", "median_hours_to_first_answer", "percent_answered_in_7_days", "councils_active", "projects_confirmed"}}
	for _, w := range p.Weeks {
		hours, share := "", ""
		if w.Hours != nil {
			hours = strconv.FormatFloat(*w.Hours, 'f', 1, 64)
		}
		if w.Share() >= 0 {
			share = strconv.Itoa(w.Share())
		}
		rows = append(rows, []string{w.Span, strconv.Itoa(w.Questions), hours, share, strconv.Itoa(w.Councils), strconv.Itoa(w.Confirmed)})
	}
	var text bytes.Buffer
	err = csv.NewWriter(&text).WriteAll(rows)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="figures.csv"`)
	return a.answerWith(c, "text/csv; charset=utf-8; header=present", text.Bytes(), err)
}
