package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/app/dev"
	"moothall/app/mail"
	"moothall/forum"
	"moothall/views/assets"
)

// openMail makes what mails are handed to. In development, where nothing is said, that
// is an inbox of this process.
func (a *App) openMail(context.Context) (err error) {
	url := a.config.SMTPURL
	if url == "" {
		if a.inbox, err = dev.OpenInbox(filepath.Join(a.config.Data, "inbox")); err != nil {
			return err
		}
		a.openedFile("development inbox", a.inbox)
		a.log.Info("mails stay here", "inbox", a.baseURL+"/dev/inbox")
		url = a.inbox.URL()
	}
	a.mail, err = mail.Open(mail.Config{URL: url, Domain: a.config.MailDomain(), Production: a.config.Production(),
		DKIMKey: a.config.DKIMKey, DKIMSelector: a.config.DKIMSelector, Now: time.Now})
	if err != nil {
		return fmt.Errorf("mails cannot be sent: %w", err)
	}
	a.openedFile("mail", a.mail)
	return nil
}

// Mail is what the node hands mails to.
func (a *App) Mail() mail.Sender { return a.mail }

// caught is the inbox, where there is one: with a server of one's own there is none.
func (a *App) caught() (*dev.Inbox, error) {
	if a.inbox == nil {
		return nil, forum.ErrNotFound
	}
	return a.inbox, nil
}

// inboxList answers GET /dev/inbox.
func (a *App) inboxList(c *fiber.Ctx) error {
	inbox, err := a.caught()
	if err != nil {
		return err
	}
	before, err := strconv.ParseInt(c.Query("before", "0"), 10, 64)
	if err != nil {
		return errAddress
	}
	var page bytes.Buffer
	if err := inbox.WriteList(&page, assets.Path("moothall.css"), c.Query("to"), before); err != nil {
		return err
	}
	return a.sendInbox(c, page.Bytes())
}

// sendInbox sends a page that shows mails: the one page with frames in it.
func (a *App) sendInbox(c *fiber.Ctx, page []byte) error {
	c.Set(fiber.HeaderContentSecurityPolicy, a.policy+"; frame-src 'self'")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(page)
}

// inboxJSON answers GET /dev/inbox.json: since is a time, or the number of a mail that
// those wanted came after.
func (a *App) inboxJSON(c *fiber.Ctx) error {
	inbox, err := a.caught()
	if err != nil {
		return err
	}
	wanted := dev.Wanted{To: c.Query("to")}
	if since := c.Query("since"); since != "" {
		number, notNumber := strconv.ParseInt(since, 10, 64)
		at, notTime := time.Parse(time.RFC3339Nano, since)
		if notNumber != nil && notTime != nil {
			return errAddress
		}
		wanted.After, wanted.Since = number, at
	}
	list, err := inbox.List(wanted)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

// caughtMail is what one mail's addresses share: it, or that it is not there.
func (a *App) caughtMail(c *fiber.Ctx, answer func(*dev.Inbox, int64) error) error {
	inbox, err := a.caught()
	if err != nil {
		return err
	}
	number, err := id(c)
	if err != nil {
		return err
	}
	if err = answer(inbox, number); errors.Is(err, dev.ErrNoMail) {
		return forum.ErrNotFound
	}
	return err
}

// inboxMail answers GET /dev/inbox/{id}.
func (a *App) inboxMail(c *fiber.Ctx) error {
	return a.caughtMail(c, func(inbox *dev.Inbox, number int64) error {
		var page bytes.Buffer
		if err := inbox.WriteMail(&page, assets.Path("moothall.css"), number); err != nil {
			return err
		}
		return a.sendInbox(c, page.Bytes())
	})
}

// inboxSource answers GET /dev/inbox/{id}.eml.
func (a *App) inboxSource(c *fiber.Ctx) error {
	return a.caughtMail(c, func(inbox *dev.Inbox, number int64) error {
		source, err := inbox.Source(number)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8) // so that a browser shows it
		return c.Send(source)
	})
}

// mailPolicy is for a mail's own document: it has styles of its own, and can do nothing.
const mailPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

// inboxHTML answers GET /dev/inbox/{id}.html.
func (a *App) inboxHTML(c *fiber.Ctx) error {
	return a.caughtMail(c, func(inbox *dev.Inbox, number int64) error {
		m, err := inbox.Mail(number)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentSecurityPolicy, mailPolicy)
		c.Set(fiber.HeaderXFrameOptions, "SAMEORIGIN")
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		return c.SendString(m.HTML)
	})
}

// emptyInbox answers POST /dev/inbox/empty.
func (a *App) emptyInbox(c *fiber.Ctx) error {
	inbox, err := a.caught()
	if err != nil {
		return err
	}
	if err := inbox.Empty(); err != nil {
		return err
	}
	return see(c, "/dev/inbox")
}
