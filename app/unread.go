package app

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/views"
)

// numberMost bounds the number of a post in an address or a form.
const numberMost = 1 << 20

// seeUnread answers GET /threads/{id}?page=unread, and that of a lesson or a project: it leads to the first post that is
// new to the reader or, with n, that is newer than that number. Where nothing is, it
// leads to the end of the thread.
func (a *App) seeUnread(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	after := 0
	if q := c.Query("n"); q != "" {
		n, err := strconv.Atoi(q)
		if err != nil || n < 0 || n > numberMost {
			return forum.ErrNotFound
		}
		after = n
	}
	place, fresh, err := a.forum.UnreadPlace(c.UserContext(), who(c), id, after)
	switch {
	case err != nil:
		return err
	case fresh:
		return see(c, views.PostPath(place))
	}
	return see(c, views.PagePath(place.Kind, place.ThreadID, place.Slug, place.Page())+"#"+views.NewerID)
}

// lastNumber is the last post that was on the page when a reply was begun; 0 where
// the form does not say.
func lastNumber(form url.Values) int {
	if n := numberIn(form, "last"); n <= numberMost {
		return n
	}
	return 0
}

// showOvertaken shows a reply once more before it is posted, with what others wrote
// while it was being written. It is held up once: sent again it is posted, whatever
// has come since. Nothing went wrong, so it is 200, like a preview.
func (a *App) showOvertaken(c *fiber.Ctx, id int64, draft forum.PostDraft, count int) error {
	p, err := a.lastPage(c, id, draft)
	if err != nil {
		return err
	}
	if p.Newer, err = a.forum.NewerPosts(c.UserContext(), who(c), id, draft.Last); err != nil {
		return err
	}
	a.keepWords(c)
	p.NewerCount, draft.Knows, draft.Last = count, true, p.Thread.PostCount
	return a.show(c, fiber.StatusOK, views.Thread(a.frame(c), p, draft, nil))
}

// relatedID is the number of the thread that a question asks anew; 0 of anything else.
func relatedID(said string) int64 {
	n, err := strconv.ParseInt(said, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// related reads the thread that a kept question asks anew, as far as it shows.
func (a *App) related(c *fiber.Ctx, id int64) (*forum.Related, error) {
	p, err := a.forum.AskPage(c.UserContext(), who(c), id)
	return p.Related, err
}
