package app

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views"
	"moothall/views/words"
)

// fromNumber is the number of the post from which a page of posts begins; 0 where what
// an address has there is none.
func fromNumber(text string) int { return numberIn(url.Values{"from": {text}}, "from") }

// tendForm answers GET /threads/{id}/tend.
func (a *App) tendForm(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	p, err := a.curation.TendPage(c.UserContext(), who(c), id, c.Query("find"), fromNumber(c.Query("from")))
	if err != nil {
		return err
	}
	if moved, err := canonical(c, fmt.Sprintf("/threads/%d/tend", p.Thread.ID)); moved {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Tend(a.frame(c), p, views.TendForm{}, nil))
}

// tendDraft is what was typed into one of the forms of that page.
func tendDraft(name string, form url.Values) views.TendForm {
	return views.TendForm{Only: name, Topics: chosen(form["topic"]), Kind: form.Get("kind"), Title: form.Get("title"), Was: form.Get("was"), Reason: form.Get("reason"),
		Into: form.Get("into"), Posts: form["post"], Body: form.Get("body"), Version: numberIn(form, "version"), Until: form.Get("until")}
}

// tended answers a form that tidies a thread: on to the thread, or the form again.
func (a *App) tended(c *fiber.Ctx, name string, tend func(id int64, w views.TendForm) error) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	w := tendDraft(name, typed(c))
	err = tend(id, w)
	now, bad := (*forum.Conflict)(nil), (forum.Invalid)(nil)
	switch {
	case errors.As(err, &now):
		w.Version, w.Now = now.Version, now
		return a.showTend(c, id, fiber.StatusConflict, w, nil)
	case errors.As(err, &bad):
		return a.showTend(c, id, fiber.StatusUnprocessableEntity, w, bad)
	case err != nil:
		return err
	}
	a.tell(c, "done."+name)
	return see(c, fmt.Sprintf("/threads/%d", id))
}

// showTend shows one of the forms that tidy a thread again, as it was typed.
func (a *App) showTend(c *fiber.Ctx, id int64, status int, w views.TendForm, bad forum.Invalid) error {
	p, err := a.curation.TendPage(c.UserContext(), who(c), id, "", numberIn(typed(c), "from"))
	if err != nil {
		return err
	}
	return a.show(c, status, views.Tend(a.frame(c), p, w, bad))
}

// summarise answers POST /threads/{id}/summary.
func (a *App) summarise(c *fiber.Ctx) error {
	if previews(c) {
		return a.previewSummary(c)
	}
	return a.tended(c, "summary", func(id int64, w views.TendForm) error {
		return a.curation.Summarise(c.UserContext(), who(c), id, curation.SummaryDraft{Body: w.Body, Version: w.Version, Reason: w.Reason})
	})
}

// previewSummary shows how it will look, and the form again.
func (a *App) previewSummary(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	w := tendDraft("summary", typed(c))
	html, bad, err := curation.SummaryHTML(w.Body)
	if err != nil {
		return err
	}
	status := fiber.StatusOK
	if bad != nil {
		status = fiber.StatusUnprocessableEntity
	}
	w.Preview, w.Previewed = html, bad == nil
	return a.showTend(c, id, status, w, bad)
}

// pinThread answers POST /threads/{id}/pin.
func (a *App) pinThread(c *fiber.Ctx) error {
	return a.tended(c, "pin", func(id int64, w views.TendForm) error {
		draft := curation.PinDraft{Topic: home(w.Topics), Typed: w.Until, Reason: w.Reason}
		if until := words.Day(w.Until); !until.IsZero() {
			draft.Until = until.AddDate(0, 0, 1) // the last day counts
		}
		return a.curation.Pin(c.UserContext(), who(c), id, draft)
	})
}

// moveThread answers POST /threads/{id}/move.
func (a *App) moveThread(c *fiber.Ctx) error {
	return a.tended(c, "move", func(id int64, w views.TendForm) error {
		return a.curation.Move(c.UserContext(), who(c), id, curation.MoveDraft{Topics: w.Topics, Kind: w.Kind, Reason: w.Reason})
	})
}

// retitleThread answers POST /threads/{id}/retitle.
func (a *App) retitleThread(c *fiber.Ctx) error {
	return a.tended(c, "retitle", func(id int64, w views.TendForm) error {
		return a.curation.Retitle(c.UserContext(), who(c), id, curation.RetitleDraft{Title: w.Title, Reason: w.Reason, Was: w.Was})
	})
}

// mergeThread answers POST /threads/{id}/merge.
func (a *App) mergeThread(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	w := tendDraft("merge", typed(c))
	draft := curation.MergeDraft{Into: w.Into, Reason: w.Reason}
	var into int64
	if !previews(c) {
		into, err = a.curation.Merge(c.UserContext(), who(c), id, draft)
	}
	bad := (forum.Invalid)(nil)
	switch {
	case errors.As(err, &bad):
	case err != nil:
		return err
	case into != 0:
		a.tell(c, "done.merge")
		return see(c, fmt.Sprintf("/threads/%d", into))
	}
	p, why, err := a.curation.MergePage(c.UserContext(), who(c), id, draft)
	if err != nil {
		return err
	}
	if bad == nil {
		bad = why
	}
	status := fiber.StatusOK
	if bad != nil {
		status = fiber.StatusUnprocessableEntity
	}
	return a.show(c, status, views.Tend(a.frame(c), p, w, bad))
}

// splitThread answers POST /threads/{id}/split.
func (a *App) splitThread(c *fiber.Ctx) error {
	if previews(c) {
		return a.previewSplit(c)
	}
	var made forum.Asked
	err := a.tended(c, "split", func(id int64, w views.TendForm) (err error) {
		made, err = a.curation.Split(c.UserContext(), who(c), id, splitDraft(w))
		return err
	})
	if err != nil || made.ID == 0 {
		return err
	}
	return see(c, views.ThreadPath(made.ID, made.Slug))
}

func splitDraft(w views.TendForm) curation.SplitDraft {
	draft := curation.SplitDraft{Title: w.Title, Reason: w.Reason}
	for _, post := range w.Posts {
		n, _ := strconv.ParseInt(post, 10, 64) // what is no number is no post
		draft.Posts = append(draft.Posts, n)
	}
	return draft
}

// previewSplit shows both threads as they would be, and the form again.
func (a *App) previewSplit(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	w := tendDraft("split", typed(c))
	p, bad, err := a.curation.SplitPage(c.UserContext(), who(c), id, numberIn(typed(c), "from"), splitDraft(w))
	if err != nil {
		return err
	}
	status := fiber.StatusOK
	if bad != nil {
		status = fiber.StatusUnprocessableEntity
	}
	return a.show(c, status, views.Tend(a.frame(c), p, w, bad))
}
