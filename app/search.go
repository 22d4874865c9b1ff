package app

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/search"
	"moothall/views"
)

// find answers GET /search.
func (a *App) find(c *fiber.Ctx) error {
	q, err := queryOf(func(name string) string { return c.Query(name) })
	if err != nil {
		return err
	}
	return a.showSearch(c, fiber.StatusOK, q, nil)
}

// followSearch answers POST /search/follow.
func (a *App) followSearch(c *fiber.Ctx) error {
	q, err := queryOf(func(name string) string { return formValue(c, name) })
	if err != nil {
		return err
	}
	q.Sort, q.Before = "", "" // it is followed in whatever order, and from now on
	how := forum.Cadence(formValue(c, "cadence"))
	err = a.search.Follow(c.UserContext(), who(c), q, how)
	if bad := asInvalid(err); bad != nil {
		return a.showSearch(c, fiber.StatusUnprocessableEntity, q, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.follow_"+string(how))
	if back := formValue(c, "return"); back != "" {
		return see(c, auth.ReturnTo(back))
	}
	return see(c, views.SearchPath(q))
}

// How many search at once on one node, of guests and of those who are signed in, and how many
// wait for their turn. Words can be chosen so that each search costs a second of the
// database: these many, and no more, leave all other pages room among the requests at work,
// and guests cannot keep colleagues from searching.
const seekersMost, seekersWaiting = 3, 12

// seekers are those who search.
type seekers struct{ guests, known *crowd }

func newSeekers() seekers {
	some := func() *crowd {
		return &crowd{inside: make(chan struct{}, seekersMost), waiting: make(chan struct{}, seekersWaiting), guests: seekersWaiting}
	}
	return seekers{guests: some(), known: some()}
}

// enter waits until one more can search.
func (s seekers) enter(c *fiber.Ctx) (leave func(), err error) {
	if who(c).SignedIn() {
		return s.known.enter(c.UserContext(), false, readPatience)
	}
	return s.guests.enter(c.UserContext(), true, readPatience)
}

// showSearch shows what a search finds, and why it could not be followed.
func (a *App) showSearch(c *fiber.Ctx, status int, q search.Query, bad forum.Invalid) error {
	if q.Text != "" { // else there is nothing to look for
		leave, err := a.seekers.enter(c)
		if err != nil {
			return err
		}
		defer leave()
	}
	p, err := a.search.Page(c.UserContext(), who(c), q)
	if err != nil {
		return err
	}
	if p.Slow {
		status = fiber.StatusServiceUnavailable
	}
	return a.show(c, status, views.Search(a.frame(c), p, bad))
}

// queryOf reads a search, from an address or a form; ErrNotFound for what is no number
// where one belongs.
func queryOf(value func(name string) string) (search.Query, error) {
	q := search.Query{Text: value("q"), Kind: value("kind"), Topic: value("topic"), Council: value("council"),
		Nation: value("nation"), State: value("state"), Phase: value("phase"), Verdict: value("verdict"), Sort: value("sort"), Before: value("before")}
	year, err := numberSaid(value("year"))
	if err != nil || year > 9999 {
		return q, forum.ErrNotFound
	}
	q.Year = int(year)
	q.Author, err = numberNamed(value("author"))
	return q, err
}

// similar answers GET /search/similar: threads like the one that is being typed, as a page
// or, for the script, as JSON.
func (a *App) similar(c *fiber.Ctx) error {
	found, err := a.alikeTo(c, c.Query("title"), c.Query("topic"))
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

// alike are threads like one that is about to be asked; none while too many search.
func (a *App) alike(c *fiber.Ctx, draft forum.AskDraft) ([]forum.Alike, error) {
	found, err := a.alikeTo(c, draft.Title, home(draft.Topics))
	if errors.Is(err, errBusy) {
		return nil, nil // it can be asked all the same
	}
	return found, err
}

// alikeTo are threads like one that would have a title. Where there is nothing to look for,
// as while the first words of it are typed, nobody who searches waits for that.
func (a *App) alikeTo(c *fiber.Ctx, title, topic string) ([]forum.Alike, error) {
	if !search.SaysEnough(title) {
		return nil, nil
	}
	leave, err := a.seekers.enter(c)
	if err != nil {
		return nil, err
	}
	defer leave()
	return a.search.Similar(c.UserContext(), who(c), title, topic)
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
