package app

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/newsletter"
	"moothall/views"
	"moothall/views/wire"
)

// What binds the tokens of newsletters: of the link by which an address says that it wants
// them, of the one by which it leaves, and of where what comes back comes to.
const (
	confirmPurpose    = "newsletter-confirm"
	leavePurpose      = "newsletter"
	newsBouncePurpose = "newsletter-bounce"
)

// confirmToken names the address that a mail asks, and when it was asked.
func confirmToken(keys auth.Keys, id int64, asked time.Time) string {
	return keys.Sign(confirmPurpose, binary.AppendUvarint(binary.AppendUvarint(nil, uint64(id)), uint64(asked.Unix())))
}

// leaveToken names who leaves, and by which issue.
func leaveToken(keys auth.Keys, id, issue int64) string {
	return keys.Sign(leavePurpose, binary.AppendUvarint(binary.AppendUvarint(nil, uint64(id)), uint64(issue)))
}

// leaver reads what leaveToken made; not ok for anything else.
func leaver(keys auth.Keys, token string) (id, issue int64, ok bool) {
	numbers, ok := openNumbers(keys, leavePurpose, token, 2)
	if !ok {
		return 0, 0, false
	}
	return numbers[0], numbers[1], true
}

// newsletterList answers GET /newsletters.
func (a *App) newsletterList(c *fiber.Ctx) error {
	return a.showNewsletters(c, fiber.StatusOK, views.NewslettersTyped{}, nil)
}

// showNewsletters shows the archive, and its forms as they were typed.
func (a *App) showNewsletters(c *fiber.Ctx, status int, typed views.NewslettersTyped, bad forum.Invalid) error {
	before := int64(0)
	if isRead(c) {
		var err error
		if before, err = beforeOf(c); err != nil {
			return err
		}
	}
	p, err := a.newsletters.ArchivePage(c.UserContext(), who(c), before)
	if err != nil {
		return err
	}
	return a.show(c, status, views.Newsletters(a.frame(c), p, typed, bad))
}

// newsletter answers GET /newsletters/{id}.
func (a *App) newsletter(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	i, err := a.newsletters.Issue(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	if moved, err := canonical(c, views.NewsletterPath(id)); moved {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Newsletter(a.frame(c), i, newsletter.CanCompose(who(c))))
}

// newslettersFeed answers GET /feeds/newsletters.atom.
func (a *App) newslettersFeed(c *fiber.Ctx) error {
	list, err := a.newsletters.Feed(c.UserContext())
	if err != nil {
		return err
	}
	text, err := wire.Newsletters(a.site(c), list)
	return a.answerWith(c, "application/atom+xml; charset=utf-8", text, err)
}

// subscribe answers POST /newsletters/subscribe: the same, whatever is known of the
// address.
func (a *App) subscribe(c *fiber.Ctx) error {
	draft := newsletter.SubscribeDraft{Email: formValue(c, "email"), Lang: a.frame(c).W.Lang()}
	if bad := draft.Check(); bad != nil {
		return a.showNewsletters(c, fiber.StatusUnprocessableEntity, views.NewslettersTyped{Email: formValue(c, "email")}, bad)
	}
	if err := a.rates.asks.pass(a.address(c)); err != nil {
		return err
	}
	if err := a.newsletters.Subscribe(c.UserContext(), draft); err != nil {
		return err
	}
	return see(c, "/newsletters/subscribed")
}

// subscribed answers GET /newsletters/subscribed.
func (a *App) subscribed(c *fiber.Ctx) error {
	return a.show(c, fiber.StatusOK, views.Subscribed(a.frame(c)))
}

// asking reads what a link asks: it is known to nobody but who has the mail, and kept
// nowhere.
func (a *App) asking(c *fiber.Ctx) (p newsletter.Subscription, asked time.Time, err error) {
	if err := a.unkept(c); err != nil {
		return p, asked, err
	}
	numbers, ok := openNumbers(a.keys, confirmPurpose, c.Params("token"), 2)
	if !ok {
		return p, asked, forum.ErrNotFound
	}
	asked = time.Unix(numbers[1], 0)
	p, err = a.newsletters.Asking(c.UserContext(), numbers[0], asked)
	if errors.Is(err, forum.ErrNotFound) { // it is ours, and over: whoever comes late is told what to do
		err = &refusal{status: fiber.StatusNotFound, words: "newsletter_over", always: true}
	}
	return p, asked, err
}

// confirmPage answers GET /newsletters/confirm/{token}. It confirms nothing: mail scanners
// open every link.
func (a *App) confirmPage(c *fiber.Ctx) error {
	p, _, err := a.asking(c)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.ConfirmNewsletter(a.frame(c), p, c.Params("token")))
}

// confirmNewsletter answers POST /newsletters/confirm/{token}.
func (a *App) confirmNewsletter(c *fiber.Ctx) error {
	p, asked, err := a.asking(c)
	if err != nil {
		return err
	}
	if err := a.newsletters.Confirm(c.UserContext(), p.ID, asked); err != nil {
		return err
	}
	return see(c, views.ConfirmNewsPath(c.Params("token")))
}

// showLeaving shows whose newsletter a link stops, and whether it has.
func (a *App) showLeaving(c *fiber.Ctx, id int64) error {
	p, err := a.newsletters.Leaving(c.UserContext(), id)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.LeaveNewsletter(a.frame(c), p, c.Params("token")))
}

// leaveNewsletter stops newsletters: from the page, or in one press from a mail program.
func (a *App) leaveNewsletter(c *fiber.Ctx, id, issue int64) error {
	if err := a.newsletters.Leave(c.UserContext(), id, issue); err != nil {
		return err
	}
	if formValue(c, "List-Unsubscribe") == "One-Click" {
		return c.SendString(a.frame(c).W.T("stop.one_click"))
	}
	return see(c, views.StopPath(c.Params("token")))
}

// switchNewsletter answers POST /account/emails/newsletter.
func (a *App) switchNewsletter(c *fiber.Ctx) error {
	if err := a.newsletters.Switch(c.UserContext(), who(c), on(c)); err != nil {
		return err
	}
	if on(c) {
		a.tell(c, "done.newsletter_on")
	} else {
		a.tell(c, "done.newsletter_off")
	}
	return see(c, "/account/emails")
}
