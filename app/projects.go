package app

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/projects"
	"moothall/views"
)

// startForm answers GET /projects/new.
func (a *App) startForm(c *fiber.Ctx) error {
	draft := projects.Draft{Lang: a.frame(c).W.Lang(), Visibility: "public", Parent: relatedID(c.Query("parent"))}
	p, err := a.projects.StartPage(c.UserContext(), who(c), draft)
	if err != nil {
		return err
	}
	if p.Kept != nil {
		switch kept := startDraft(seen(c, p.Kept)); {
		case kept.Parent == p.Draft.Parent:
			p.Draft = kept
		case draft.Parent == 0:
			if p, err = a.projects.StartPage(c.UserContext(), who(c), kept); err != nil {
				return err
			}
		default:
			p.Kept = nil // it reuses another: it waits among the drafts
		}
	}
	return a.show(c, fiber.StatusOK, views.StartProject(a.frame(c), p, nil))
}

// startDraft reads the form to share a project.
func startDraft(form url.Values) projects.Draft {
	draft := projects.Draft{Title: form.Get("title"), Summary: form.Get("summary"), Phase: form.Get("phase"), Visibility: form.Get("visibility"),
		Lang: form.Get("lang"), Parent: relatedID(form.Get("parent")), Resident: residentDraft(form)}
	draft.Clean()
	return draft
}

// showStart shows the form to share a project again, as it was typed.
func (a *App) showStart(c *fiber.Ctx, draft projects.Draft, bad forum.Invalid) error {
	p, err := a.projects.StartPage(c.UserContext(), who(c), draft)
	if err != nil {
		return err
	}
	a.keepWords(c)
	p.Kept, p.Check = nil, draft.Residents()
	return a.show(c, fiber.StatusUnprocessableEntity, views.StartProject(a.frame(c), p, bad))
}

// start answers POST /projects.
func (a *App) start(c *fiber.Ctx) error {
	draft := startDraft(typed(c))
	if bad := unknownAction(c); bad != nil {
		return a.showStart(c, draft, bad)
	}
	asked, err := a.projects.Start(c.UserContext(), who(c), draft)
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showStart(c, draft, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.project_started")
	return see(c, views.FactsPath(asked.ID, ""))
}

// project answers GET /projects/{id}.
func (a *App) project(c *fiber.Ctx) error {
	if c.Query("page") == "unread" {
		return a.seeUnread(c)
	}
	of, last, err := pageOf(c)
	if err != nil {
		return err
	}
	p, err := a.projects.ProjectPage(c.UserContext(), who(c), of.ID, of.Page, of.Quote)
	if err != nil {
		return err
	}
	if moved, err := elsewhere(c, p.ThreadPage, last); moved {
		return err
	}
	draft := a.replyBegun(c, p.ThreadPage, of.Quote) // before the frame, which says what it was
	return a.show(c, fiber.StatusOK, views.Project(a.frame(c), p, draft))
}

// quoteAsked is the number of the post that a reply is to answer.
func quoteAsked(c *fiber.Ctx) int {
	q := c.Query("quote")
	if q == "" {
		return forum.QuoteKept
	}
	n, _ := strconv.Atoi(q) // a quote of nothing quotes nothing
	return max(0, n)
}

// replyBegun is the reply form of a page as its reader left it; that they read the page
// is noted.
func (a *App) replyBegun(c *fiber.Ctx, p forum.ThreadPage, quote int) forum.PostDraft {
	draft := forum.PostDraft{Lang: p.Thread.Lang, Quote: max(0, quote)}
	if p.Kept != nil {
		draft = keptReply(c, p.Kept, quote)
	}
	draft.Last = p.Thread.PostCount
	if c.Method() == fiber.MethodGet {
		a.forum.HasRead(who(c), p.Outline())
	}
	return draft
}

// facts answers GET /projects/{id}/facts: the list of what can be told, or the page
// that asks for one of it.
func (a *App) facts(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if field := c.Query("field"); field != "" {
		return a.showFact(c, fiber.StatusOK, factForm{id: id, field: field, query: c.Query("q")})
	}
	return a.showFacts(c, fiber.StatusOK, id, views.Tending{}, nil)
}

// showFacts shows the list of facts, with the forms for what happens to a project.
func (a *App) showFacts(c *fiber.Ctx, status int, id int64, draft views.Tending, bad forum.Invalid) error {
	p, err := a.projects.TendPage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	return a.show(c, status, views.Facts(a.frame(c), p, draft, bad))
}

// factForm is a question about one fact, as it was left.
type factForm struct {
	id           int64
	field, query string
	draft        *projects.FactDraft
	bad          forum.Invalid
	conflict     *forum.Conflict
}

// showFact shows the page that asks for one fact.
func (a *App) showFact(c *fiber.Ctx, status int, of factForm) error {
	p, err := a.projects.FactPage(c.UserContext(), who(c), of.id, of.field)
	if err != nil {
		return err
	}
	if of.draft != nil {
		p.Check = forum.CheckResidents(of.draft.Text, p.Draft.Text, 0)
		p.Draft, p.Conflict = *of.draft, of.conflict
	}
	if of.query != "" {
		if p, err = a.projects.Find(c.UserContext(), who(c), p, of.query); err != nil {
			return err
		}
	}
	return a.show(c, status, views.Fact(a.frame(c), p, of.bad))
}

// setFact answers POST /projects/{id}/facts.
func (a *App) setFact(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	form := typed(c)
	field := form.Get("field")
	draft := projects.FactDraft{Field: field, Text: form.Get(field), Beside: form.Get("licence") + form.Get("contact_role"), Many: chosen(form[field]),
		Version: numberIn(form, "version"), Resident: residentDraft(form)}
	err = a.tellFact(c, id, draft, form)
	now, bad := (*forum.Conflict)(nil), (forum.Invalid)(nil)
	switch {
	case errors.As(err, &now):
		draft.Version = now.Version
		return a.showFact(c, fiber.StatusConflict, factForm{id: id, field: field, draft: &draft, conflict: now})
	case errors.As(err, &bad):
		return a.showFact(c, fiber.StatusUnprocessableEntity, factForm{id: id, field: field, draft: &draft, bad: bad, query: form.Get(field)})
	case err != nil:
		return err
	}
	a.tell(c, "done.fact")
	return see(c, views.FactsPath(id, form.Get("next")))
}

// tellFact does what a page that asks for a fact is about.
func (a *App) tellFact(c *fiber.Ctx, id int64, draft projects.FactDraft, form url.Values) error {
	ctx, who, gone := c.UserContext(), who(c), form.Get("action") == "remove"
	switch {
	case draft.Field == "partner" && gone:
		return a.projects.Uninvite(ctx, who, id, draft.Text)
	case draft.Field == "partner":
		return a.projects.Invite(ctx, who, id, draft.Text)
	case draft.Field == "product" && gone:
		return a.projects.DropProduct(ctx, who, id, draft.Text)
	case draft.Field == "product":
		return a.projects.UseProduct(ctx, who, id, projects.ProductDraft{Name: draft.Text, New: form.Get("product_new") != "", End: form.Get("product_end")})
	}
	return a.projects.SetFact(ctx, who, id, draft)
}

// changePhase answers POST /projects/{id}/phase.
func (a *App) changePhase(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	form := typed(c)
	on, _ := time.Parse(time.DateOnly, form.Get("date")) // what is no day is asked for again
	err = a.projects.ChangePhase(c.UserContext(), who(c), id, form.Get("phase"), on)
	if err == nil && form.Get("phase") == "stopped" {
		return a.askLesson(c, id)
	}
	return a.projectTended(c, err, projectTending{id, views.Tending{Phase: form.Get("phase"), Date: form.Get("date")}, "done.phase"})
}

// postUpdate answers POST /projects/{id}/updates.
func (a *App) postUpdate(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := replyDraft(typed(c))
	draft.Last = 0
	_, err = a.projects.PostUpdate(c.UserContext(), who(c), id, draft)
	return a.projectTended(c, err, projectTending{id, views.Tending{Body: draft.Body, Check: draft.Residents(), Resident: draft.Resident}, "done.update"})
}

// confirmProject answers POST /projects/{id}/confirm.
func (a *App) confirmProject(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := projects.ConfirmDraft{Answer: formValue(c, "answer"), Person: relatedID(formValue(c, "person"))}
	err = a.projects.Confirm(c.UserContext(), who(c), id, draft)
	if err == nil && draft.Answer == "changed" {
		a.tell(c, "done.confirm_changed")
		return see(c, views.FactsPath(id, ""))
	}
	if err == nil && draft.Answer == "stopped" {
		return a.askLesson(c, id)
	}
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showConfirm(c, fiber.StatusUnprocessableEntity, id, views.Tending{Answer: draft.Answer, Person: draft.Person}, bad)
	}
	return a.projectTended(c, err, projectTending{id, views.Tending{Answer: draft.Answer, Person: draft.Person}, "done.confirm"})
}

// confirmForm answers GET /projects/{id}/confirm: what its page says, and whether that
// is still so.
func (a *App) confirmForm(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	return a.showConfirm(c, fiber.StatusOK, id, views.Tending{}, nil)
}

// showConfirm shows that form as it was left.
func (a *App) showConfirm(c *fiber.Ctx, status int, id int64, draft views.Tending, bad forum.Invalid) error {
	p, err := a.projects.TendPage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	return a.show(c, status, views.Confirm(a.frame(c), p, draft, bad))
}

// askLesson asks on the way what others can learn from a project that has stopped.
func (a *App) askLesson(c *fiber.Ctx, id int64) error {
	a.tell(c, "done.stopped")
	return see(c, views.NewLessonPath(id))
}

// answerInvitation answers POST /projects/{id}/partner.
func (a *App) answerInvitation(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.projects.AnswerInvitation(c.UserContext(), who(c), id, on(c)); err != nil {
		return err
	}
	a.tell(c, "done.partner")
	return see(c, fmt.Sprintf("/projects/%d", id))
}

// projectTending is what was done to a project, and as what it comes back.
type projectTending struct {
	id    int64
	draft views.Tending
	done  string
}

// projectTended answers a form of those who tend a project.
func (a *App) projectTended(c *fiber.Ctx, err error, of projectTending) error {
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showFacts(c, fiber.StatusUnprocessableEntity, of.id, of.draft, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, of.done)
	return see(c, fmt.Sprintf("/projects/%d", of.id))
}
