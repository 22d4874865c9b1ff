package app

import (
	"encoding/binary"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views"
)

// mailboxPurpose binds the tokens of links by which a mailbox's reader has it follow.
const mailboxPurpose = "mailbox"

// mailboxToken names the mailbox that a mail asks.
func mailboxToken(keys auth.Keys, id int64) string {
	return keys.Sign(mailboxPurpose, binary.AppendUvarint(nil, uint64(id)))
}

// mailboxes answers GET /account/mailboxes.
func (a *App) mailboxes(c *fiber.Ctx) error {
	return a.showMailboxes(c, fiber.StatusOK, letters.MailboxDraft{Cadence: forum.Daily}, nil)
}

// showMailboxes shows the mailboxes of somebody's council, and the form as it was typed.
func (a *App) showMailboxes(c *fiber.Ctx, status int, draft letters.MailboxDraft, bad forum.Invalid) error {
	p, err := a.letters.MailboxesPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	p.Draft = draft
	return a.show(c, status, views.Mailboxes(a.frame(c), p, bad))
}

// addMailbox answers POST /account/mailboxes.
func (a *App) addMailbox(c *fiber.Ctx) error {
	draft := letters.MailboxDraft{Address: formValue(c, "address"), Topics: chosen(typed(c)["topic"]), Cadence: forum.Cadence(formValue(c, "cadence"))}
	err := a.letters.AddMailbox(c.UserContext(), who(c), draft)
	if bad := asInvalid(err); bad != nil {
		return a.showMailboxes(c, fiber.StatusUnprocessableEntity, draft, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.mailbox_asked")
	return see(c, "/account/mailboxes")
}

// stopMailbox answers POST /account/mailboxes/{id}/stop.
func (a *App) stopMailbox(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.letters.StopMailbox(c.UserContext(), who(c), id); err != nil {
		return err
	}
	a.tell(c, "done.mailbox_stopped")
	return see(c, "/account/mailboxes")
}

// asked reads which mailbox a link is of: it is known to nobody but who has the mail,
// and kept nowhere.
func (a *App) asked(c *fiber.Ctx) (letters.Mailbox, error) {
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Set("X-Robots-Tag", "noindex")
	if err := a.rates.stops.pass(a.address(c)); err != nil {
		return letters.Mailbox{}, err
	}
	numbers, ok := openNumbers(a.keys, mailboxPurpose, c.Params("token"), 1)
	if !ok {
		return letters.Mailbox{}, forum.ErrNotFound
	}
	return a.letters.Mailbox(c.UserContext(), numbers[0])
}

// mailboxPage answers GET /mailboxes/{token}. It has nothing follow: mail scanners open
// every link.
func (a *App) mailboxPage(c *fiber.Ctx) error {
	m, err := a.asked(c)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Mailbox(a.frame(c), m, c.Params("token")))
}

// confirmMailbox answers POST /mailboxes/{token}.
func (a *App) confirmMailbox(c *fiber.Ctx) error {
	m, err := a.asked(c)
	if err != nil {
		return err
	}
	if err := a.letters.ConfirmMailbox(c.UserContext(), m.ID); err != nil {
		return err
	}
	return see(c, views.MailboxPath(c.Params("token")))
}
