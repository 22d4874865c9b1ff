package app

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/newsletter"
	"moothall/views"
	"moothall/views/words"
)

// beginNewsletter answers POST /newsletters.
func (a *App) beginNewsletter(c *fiber.Ctx) error {
	draft := newsletter.IssueDraft{Subject: formValue(c, "subject"), Lang: formValue(c, "lang")}
	id, err := a.newsletters.Begin(c.UserContext(), who(c), draft)
	if bad := asInvalid(err); bad != nil {
		return a.showNewsletters(c, fiber.StatusUnprocessableEntity, views.NewslettersTyped{Subject: draft.Subject, Lang: draft.Lang}, bad)
	}
	if err != nil {
		return err
	}
	return see(c, views.ComposePath(id))
}

// composeNewsletter answers GET /newsletters/{id}/edit.
func (a *App) composeNewsletter(c *fiber.Ctx) error {
	return a.showCompose(c, views.ComposeTyped{}, nil)
}

// showCompose shows an issue to be worked on, and its forms as they were left. What
// refused one is nil where none was, Invalid or ErrConflict.
func (a *App) showCompose(c *fiber.Ctx, typed views.ComposeTyped, refused error) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	p, err := a.newsletters.ComposePage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	status, bad := fiber.StatusOK, asInvalid(refused)
	switch {
	case bad != nil:
		status = fiber.StatusUnprocessableEntity
	case refused != nil:
		status, typed.Clash = fiber.StatusConflict, true
	}
	if typed.Issue == nil {
		typed.Issue = &newsletter.IssueDraft{Subject: p.Subject, Lang: p.Lang}
	}
	typed.Issue.Version = p.Version
	if typed.Findings == nil && p.Open() {
		typed.Findings = p.Findings() // what can be told without asking anybody
	}
	return a.show(c, status, views.Compose(a.frame(c), p, typed, bad))
}

// composed answers a deed on an issue: back to where it is worked on. A form that was
// refused is shown as it was typed.
func (a *App) composed(c *fiber.Ctx, err error, typed views.ComposeTyped, done string) error {
	if isRefused(err) {
		return a.showCompose(c, typed, err)
	}
	if err != nil {
		return err
	}
	if done != "" {
		a.tell(c, done)
	}
	id, err := id(c)
	if err != nil {
		return err
	}
	return see(c, views.ComposePath(id))
}

// onIssue carries a deed out on the issue that an address names.
func (a *App) onIssue(c *fiber.Ctx, done string, deed func(id int64) error) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.composed(c, deed(id), views.ComposeTyped{}, done)
}

// changeNewsletter answers POST /newsletters/{id}.
func (a *App) changeNewsletter(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := newsletter.IssueDraft{Subject: formValue(c, "subject"), Lang: formValue(c, "lang"), Version: numberIn(typed(c), "version")}
	err = a.newsletters.ChangeIssue(c.UserContext(), who(c), id, draft)
	return a.composed(c, err, views.ComposeTyped{Issue: &draft}, "done.newsletter_kept")
}

// throwNewsletterAway answers POST /newsletters/{id}/remove.
func (a *App) throwNewsletterAway(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	err = a.newsletters.ThrowAway(c.UserContext(), who(c), id, numberIn(typed(c), "version"))
	if err != nil {
		return a.composed(c, err, views.ComposeTyped{}, "")
	}
	a.tell(c, "done.newsletter_away")
	return see(c, "/newsletters")
}

// blockDraft is what was typed of a block.
func (a *App) blockDraft(c *fiber.Ctx) newsletter.BlockDraft {
	form := typed(c)
	threads := strings.ReplaceAll("\n"+form.Get("threads"), "\n"+a.baseURL+"/", "\n/")[1:] // as the bar of a browser has them
	return newsletter.BlockDraft{Kind: form.Get("kind"), Heading: form.Get("heading"), Body: form.Get("body"), Threads: threads, Version: numberIn(form, "version")}
}

// addBlock answers POST /newsletters/{id}/blocks.
func (a *App) addBlock(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := a.blockDraft(c)
	err = a.newsletters.AddBlock(c.UserContext(), who(c), id, draft)
	return a.composed(c, err, views.ComposeTyped{Block: draft}, "done.newsletter_block")
}

// blockForm answers GET /newsletters/blocks/{id}.
func (a *App) blockForm(c *fiber.Ctx) error { return a.showBlock(c, nil, nil) }

// showBlock shows the form of a block: as it was left or, where nothing was typed, as the
// block is.
func (a *App) showBlock(c *fiber.Ctx, draft *newsletter.BlockDraft, refused error) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	issue, err := a.newsletters.IssueOf(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	p, err := a.newsletters.ComposePage(c.UserContext(), who(c), issue)
	if err != nil {
		return err
	}
	status, bad, clash := fiber.StatusOK, asInvalid(refused), false
	switch {
	case bad != nil:
		status = fiber.StatusUnprocessableEntity
	case refused != nil:
		status, clash = fiber.StatusConflict, true
	}
	for _, block := range p.Blocks {
		if block.ID != id {
			continue
		}
		now := p.Draft(block)
		if draft == nil {
			draft = &now
		}
		draft.Kind, draft.Version = block.Kind, p.Version
		return a.show(c, status, views.NewsletterBlock(a.frame(c), p, views.BlockForm{Block: block, Draft: *draft, Now: now, Clash: clash}, bad))
	}
	return forum.ErrNotFound
}

// changeBlock answers POST /newsletters/blocks/{id}.
func (a *App) changeBlock(c *fiber.Ctx) error {
	draft := a.blockDraft(c)
	return a.onBlock(c, &draft, "done.newsletter_kept", func(id int64) error {
		return a.newsletters.ChangeBlock(c.UserContext(), who(c), id, draft)
	})
}

// moveBlock answers POST /newsletters/blocks/{id}/move.
func (a *App) moveBlock(c *fiber.Ctx) error {
	return a.onBlock(c, nil, "", func(id int64) error {
		return a.newsletters.MoveBlock(c.UserContext(), who(c), id, formValue(c, "to") == "up")
	})
}

// removeBlock answers POST /newsletters/blocks/{id}/remove.
func (a *App) removeBlock(c *fiber.Ctx) error {
	return a.onBlock(c, nil, "done.newsletter_block_out", func(id int64) error {
		return a.newsletters.RemoveBlock(c.UserContext(), who(c), id)
	})
}

// onBlock carries a deed out on the block that an address names, and leads back to its
// issue.
func (a *App) onBlock(c *fiber.Ctx, draft *newsletter.BlockDraft, done string, deed func(id int64) error) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	issue, err := a.newsletters.IssueOf(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	if err := deed(id); isRefused(err) {
		return a.showBlock(c, draft, err)
	} else if err != nil {
		return err
	}
	if done != "" {
		a.tell(c, done)
	}
	return see(c, views.ComposePath(issue))
}

// fillNewsletter answers POST /newsletters/{id}/fill.
func (a *App) fillNewsletter(c *fiber.Ctx) error {
	return a.onIssue(c, "done.newsletter_filled", func(id int64) error {
		return a.newsletters.Fill(c.UserContext(), who(c), id, figuresIn)
	})
}

// figuresIn says figures as a list in Markdown.
func figuresIn(lang string, f newsletter.Figures) string {
	w := words.In(lang)
	var lines []string
	for _, figure := range []struct {
		key string
		n   int
	}{
		{"newsletters.figure_questions", f.Questions}, {"newsletters.figure_answered", f.Answered}, {"newsletters.figure_replies", f.Replies},
		{"newsletters.figure_lessons", f.Lessons}, {"newsletters.figure_projects", f.Projects}, {"newsletters.figure_councils", f.Councils},
	} {
		if figure.n > 0 {
			lines = append(lines, "- "+w.N(figure.key, figure.n))
		}
	}
	return strings.Join(lines, "\n")
}

// testNewsletter answers POST /newsletters/{id}/test.
func (a *App) testNewsletter(c *fiber.Ctx) error {
	return a.onIssue(c, "done.newsletter_test", func(id int64) error { return a.newsletters.Try(c.UserContext(), who(c), id) })
}

// shownIn is what a form says that the page of its issue showed.
func shownIn(form url.Values) newsletter.Shown {
	return newsletter.Shown{Version: numberIn(form, "version"), Lines: form.Get("seen")}
}

// scheduleNewsletter answers POST /newsletters/{id}/schedule.
func (a *App) scheduleNewsletter(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	at := strings.TrimSpace(formValue(c, "at"))
	switch when := formValue(c, "when"); {
	case when == "now":
		at = ""
	case when == "later" && at == "": // whoever forgets the time does not send it at once
		return a.composed(c, forum.Invalid{{Field: "at", Key: "newsletters.at_empty"}}, views.ComposeTyped{}, "")
	}
	err = a.newsletters.Schedule(c.UserContext(), who(c), id, at, shownIn(typed(c)))
	done := "done.newsletter_scheduled"
	if at == "" {
		done = "done.newsletter_now"
	}
	return a.composed(c, err, views.ComposeTyped{At: at}, done)
}

// pauseNewsletter answers POST /newsletters/{id}/pause.
func (a *App) pauseNewsletter(c *fiber.Ctx) error {
	return a.onIssue(c, "done.newsletter_paused", func(id int64) error { return a.newsletters.Pause(c.UserContext(), who(c), id) })
}

// resumeNewsletter answers POST /newsletters/{id}/resume.
func (a *App) resumeNewsletter(c *fiber.Ctx) error {
	return a.onIssue(c, "done.newsletter_resumed", func(id int64) error { return a.newsletters.Resume(c.UserContext(), who(c), id) })
}

// stopNewsletter answers POST /newsletters/{id}/stop.
func (a *App) stopNewsletter(c *fiber.Ctx) error {
	return a.onIssue(c, "done.newsletter_stopped", func(id int64) error { return a.newsletters.Stop(c.UserContext(), who(c), id) })
}

// askEyes answers POST /newsletters/{id}/review.
func (a *App) askEyes(c *fiber.Ctx) error {
	return a.onIssue(c, "done.newsletter_kept", func(id int64) error {
		return a.newsletters.AskEyes(c.UserContext(), who(c), id, on(c))
	})
}

// approveNewsletter answers POST /newsletters/{id}/approve.
func (a *App) approveNewsletter(c *fiber.Ctx) error {
	return a.onIssue(c, "done.newsletter_approved", func(id int64) error {
		return a.newsletters.Approve(c.UserContext(), who(c), id, shownIn(typed(c)))
	})
}
