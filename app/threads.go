package app

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/views"
)

// threads answers GET /threads.
func (a *App) threads(c *fiber.Ctx) error {
	l, err := a.readThreads(c, forum.Filter{Kind: c.Query("kind"), Topic: c.Query("topic"),
		Council: c.Query("council"), State: c.Query("state"), Before: c.Query("before")})
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Threads(a.frame(c), l))
}

// askForm answers GET /threads/new.
func (a *App) askForm(c *fiber.Ctx) error {
	related := relatedID(c.Query("related"))
	p, err := a.forum.AskPage(c.UserContext(), who(c), related)
	if err != nil {
		return err
	}
	p.Draft = forum.AskDraft{Title: c.Query("title"), Kind: c.Query("kind"), Suppliers: true, Related: related, Lang: a.frame(c).W.Lang()}
	if topic := c.Query("topic"); topic != "" {
		p.Draft.Topics = []string{topic}
	}
	if p.Kept != nil {
		p.Draft = askDraft(seen(c, p.Kept))
		if p.Draft.Related != related { // what was kept is about its own
			if p.Related, err = a.related(c, p.Draft.Related); err != nil {
				return err
			}
		}
	}
	p.Draft.Clean()
	p.Draft.Body = addressed(p.Draft.Body, c.Query("mention"))
	return a.show(c, fiber.StatusOK, views.Ask(a.frame(c), p, nil))
}

// addressed is a text with the handle of whom it asks in front, unless it names them
// already; what is no handle is left out.
func addressed(body, handle string) string {
	name := "@" + handle
	if handle == "" || forum.Slug(handle) != handle || strings.Contains(body, name) {
		return body
	}
	if body == "" {
		return name + " "
	}
	return name + "\n\n" + body
}

// askDraft reads the form to start a thread.
func askDraft(form url.Values) forum.AskDraft {
	return forum.AskDraft{Title: form.Get("title"), Body: form.Get("body"), Kind: form.Get("kind"),
		Visibility: form.Get("visibility"), Lang: form.Get("lang"), Suppliers: form.Get("suppliers") != "0",
		Topics: chosen(form["topic"]), Different: form.Get("different"), Related: relatedID(form.Get("related")), Resident: residentDraft(form)}
}

// chosen leaves out the option that stands for none.
func chosen(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

// ask answers POST /threads.
func (a *App) ask(c *fiber.Ctx) error {
	draft := askDraft(typed(c))
	draft.Clean()
	if bad := unknownAction(c, "preview"); bad != nil {
		return a.showAsk(c, draft, bad)
	}
	if previews(c) {
		return a.previewAsk(c, draft)
	}
	asked, err := a.forum.Ask(c.UserContext(), who(c), draft)
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showAsk(c, draft, bad)
	}
	if err != nil {
		return err
	}
	return see(c, views.ThreadPath(asked.ID, asked.Slug))
}

// showAsk shows the form to start a thread again, as it was typed.
func (a *App) showAsk(c *fiber.Ctx, draft forum.AskDraft, bad forum.Invalid) error {
	p, err := a.forum.AskPage(c.UserContext(), who(c), draft.Related)
	if err != nil {
		return err
	}
	a.keepWords(c)
	p.Draft, p.Kept, p.Check = draft, nil, draft.Residents()
	return a.show(c, fiber.StatusUnprocessableEntity, views.Ask(a.frame(c), p, bad))
}

// previewAsk shows how a thread will look, and the form again.
func (a *App) previewAsk(c *fiber.Ctx, draft forum.AskDraft) error {
	p, err := a.forum.AskPage(c.UserContext(), who(c), draft.Related)
	if err != nil {
		return err
	}
	html, bad, err := a.forum.Preview(c.UserContext(), draft.Body)
	if err != nil {
		return err
	}
	if bad != nil { // it cannot be shown; all else is said when it is posted
		return a.showAsk(c, draft, bad)
	}
	if p.Alike, err = a.alike(c, draft); err != nil {
		return err
	}
	a.keepWords(c)
	p.Draft, p.Kept, p.Preview, p.Previewed, p.Check = draft, nil, html, true, draft.Residents()
	return a.show(c, fiber.StatusOK, views.Ask(a.frame(c), p, nil))
}

// thread answers GET /threads/{id}.
func (a *App) thread(c *fiber.Ctx) error {
	if c.Query("page") == "unread" {
		return a.seeUnread(c)
	}
	of, last, err := pageOf(c)
	if err != nil {
		return err
	}
	p, err := a.readThread(c, of)
	if err != nil {
		return err
	}
	if p.Thread.ID != of.ID {
		return a.seeMerged(c, of.ID, of.Page, p.Thread)
	}
	if moved, err := elsewhere(c, p, last); moved {
		return err
	}
	draft := a.replyBegun(c, p, of.Quote) // before the frame, which says what it was
	return a.show(c, fiber.StatusOK, views.Thread(a.frame(c), p, draft, nil))
}

// pageOf reads which page of which thread an address asks for, and what a reply there is to
// answer; last is that it is the last page, whichever that is.
func pageOf(c *fiber.Ctx) (of forum.PageOf, last bool, err error) {
	if of.ID, err = id(c); err != nil {
		return of, false, err
	}
	of.Page, last, err = pageNumber(c)
	of.Quote = quoteAsked(c)
	return of, last, err
}

// elsewhere sends on from an address of a thread that is not its own, and from that of its
// last page to the one that it has.
func elsewhere(c *fiber.Ctx, p forum.ThreadPage, last bool) (moved bool, err error) {
	t := p.Thread
	if moved, err := canonical(c, views.PathOf(t.Kind, t.ID, t.Slug)); moved || !last {
		return moved, err
	}
	return true, see(c, views.PagePath(t.Kind, t.ID, t.Slug, p.Pages))
}

// seeMerged sends on from the address of a thread that was merged to where its posts
// are now, which its reader may see.
func (a *App) seeMerged(c *fiber.Ctx, id int64, page int, now forum.Thread) error {
	place, err := a.forum.MergedPlace(c.UserContext(), who(c), id, page)
	if errors.Is(err, forum.ErrNotFound) || errors.Is(err, forum.ErrGone) {
		return c.Redirect(views.PathOf(now.Kind, now.ID, now.Slug), fiber.StatusMovedPermanently)
	}
	if err != nil {
		return err
	}
	return c.Redirect(views.PostPath(place), fiber.StatusMovedPermanently)
}

// pageNumber reads ?page=; "last" is the last page, whichever that is.
func pageNumber(c *fiber.Ctx) (page int, last bool, err error) {
	switch q := c.Query("page"); q {
	case "":
		return 1, false, nil
	case "last":
		return 1, true, nil
	default:
		n, err := numberSaid(q)
		if err != nil || n > numberMost {
			return 0, false, forum.ErrNotFound
		}
		return int(n), false, nil
	}
}

// since answers GET /threads/{id}/since.
func (a *App) since(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return c.SendStatus(fiber.StatusNoContent)
	}
	n, err := strconv.Atoi(c.Query("n", "0"))
	if err != nil || n < 0 {
		return errAddress
	}
	count, err := a.forum.Newer(c.UserContext(), who(c), id, n)
	if err != nil {
		return err
	}
	if count == 0 {
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.JSON(fiber.Map{"count": count})
}

// replyDraft reads the form to reply.
func replyDraft(form url.Values) forum.PostDraft {
	draft := forum.PostDraft{Body: form.Get("body"), Lang: form.Get("lang"), Quote: numberIn(form, "quote"), // a quote of nothing quotes nothing
		Last: lastNumber(form), Knows: form.Get("knows") != "", Resident: residentDraft(form)}
	draft.Clean()
	return draft
}

// keptReply is the reply that somebody had begun, with what they quote now: an
// address that names a post, or none (0), was chosen later.
func keptReply(c *fiber.Ctx, kept *forum.Draft, quote int) forum.PostDraft {
	draft := replyDraft(seen(c, kept))
	if quote != forum.QuoteKept {
		draft.Quote = quote
	}
	return draft
}

// reply answers POST /threads/{id}/posts.
func (a *App) reply(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := replyDraft(typed(c))
	if bad := unknownAction(c, "preview"); bad != nil {
		return a.showReply(c, id, draft, bad)
	}
	if previews(c) {
		return a.previewReply(c, id, draft)
	}
	posted, err := a.forum.Reply(c.UserContext(), who(c), id, draft)
	if after := (*forum.Overtaken)(nil); errors.As(err, &after) {
		return a.showOvertaken(c, id, draft, after.Count)
	}
	if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
		return a.showReply(c, id, draft, bad)
	}
	if err != nil {
		return err
	}
	return a.seePost(c, posted.ID)
}

// showReply shows the form to reply again, as it was typed.
func (a *App) showReply(c *fiber.Ctx, id int64, draft forum.PostDraft, bad forum.Invalid) error {
	p, err := a.lastPage(c, id, draft)
	if err != nil {
		return err
	}
	if !p.CanReply {
		return &forum.Forbidden{Why: p.WhyNot}
	}
	a.keepWords(c)
	return a.show(c, fiber.StatusUnprocessableEntity, views.Thread(a.frame(c), p, draft, bad))
}

// previewReply shows how a reply will look, and the form again.
func (a *App) previewReply(c *fiber.Ctx, id int64, draft forum.PostDraft) error {
	p, err := a.lastPage(c, id, draft)
	if err != nil {
		return err
	}
	if !p.CanReply {
		return &forum.Forbidden{Why: p.WhyNot}
	}
	html, bad, err := a.forum.Preview(c.UserContext(), draft.Body)
	if err != nil {
		return err
	}
	status := fiber.StatusOK
	if bad != nil {
		status = fiber.StatusUnprocessableEntity
	}
	p.Preview, p.Previewed = html, bad == nil
	a.keepWords(c)
	return a.show(c, status, views.Thread(a.frame(c), p, draft, bad))
}

// lastPage reads the end of a thread, for its reply form to be shown again.
func (a *App) lastPage(c *fiber.Ctx, id int64, draft forum.PostDraft) (forum.ThreadPage, error) {
	p, err := a.forum.ThreadPage(c.UserContext(), who(c), id, 1, draft.Quote)
	if err == nil && p.Pages > 1 {
		p, err = a.forum.ThreadPage(c.UserContext(), who(c), p.Thread.ID, p.Pages, draft.Quote)
	}
	p.Kept, p.Check = nil, draft.Residents()
	return p, err
}

// closeThread answers POST /threads/{id}/close.
func (a *App) closeThread(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	name := "close"
	if !on(c) {
		name = "reopen"
	}
	err = a.forum.Close(c.UserContext(), who(c), id, on(c), formValue(c, "reason"))
	return a.done(c, err, name, fmt.Sprintf("/threads/%d", id))
}

// home is the first of the topics that were chosen, if any was.
func home(topics []string) string {
	if len(topics) == 0 {
		return ""
	}
	return topics[0]
}
