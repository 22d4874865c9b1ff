package app

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views"
	"moothall/views/words"
)

// emails answers GET /account/emails.
func (a *App) emails(c *fiber.Ctx) error { return a.showEmails(c, fiber.StatusOK, nil, nil) }

// settleEmails answers POST /account/emails.
func (a *App) settleEmails(c *fiber.Ctx) error {
	draft := letters.SettingsDraft{DigestDay: picked(c, "digest_day"), DigestHour: picked(c, "digest_hour"), Weekdays: formValue(c, "digest_weekdays") == "1",
		AutoFollow: formValue(c, "auto_follow") == "1", LinksOnly: formValue(c, "links_only") == "1", NoAsks: formValue(c, "no_asks") == "1"}
	if day := formValue(c, "pause_until"); day != "" {
		at := words.Day(day) // what is no day has gone by, and the settings say so
		draft.PauseUntil = &at
	}
	err := a.letters.Settle(c.UserContext(), who(c), draft)
	if bad := asInvalid(err); bad != nil {
		return a.showEmails(c, fiber.StatusUnprocessableEntity, &draft, bad)
	}
	if err != nil {
		return err
	}
	a.tell(c, "done.emails")
	return see(c, "/account/emails")
}

// picked is a number that was chosen in a form; -1 of what is none.
func picked(c *fiber.Ctx, name string) int {
	n, err := strconv.Atoi(formValue(c, name))
	if err != nil {
		return -1
	}
	return n
}

// showEmails shows somebody's emails, and the settings as they were typed.
func (a *App) showEmails(c *fiber.Ctx, status int, draft *letters.SettingsDraft, bad forum.Invalid) error {
	before, ok := letters.RecordCursor(c.Query("before"))
	if !ok {
		return forum.ErrNotFound
	}
	v := letters.EmailsView{After: c.Query("after"), Before: before}
	about := strings.TrimSpace(c.Query("about"))
	if about != "" && isRead(c) {
		v.About = a.about(about)
	}
	p, err := a.letters.EmailsPage(c.UserContext(), who(c), v)
	if err != nil {
		return err
	}
	if about != "" && p.Asked == nil {
		p.Asked = &letters.Asked{}
	}
	pause := formValue(c, "pause_until")
	if draft != nil {
		p.DigestDay, p.DigestHour, p.Weekdays, p.AutoFollow, p.LinksOnly, p.NoAsks = draft.DigestDay, draft.DigestHour, draft.Weekdays, draft.AutoFollow, draft.LinksOnly, draft.NoAsks
	} else if p.PauseUntil != nil && p.PauseUntil.After(a.now()) {
		pause = a.frame(c).W.DayValue(*p.PauseUntil)
	}
	return a.show(c, status, views.Emails(a.frame(c), views.EmailsPage{Emails: p, Pause: pause, About: about, AskBy: a.asksBy(c, p.Follows), Mailboxes: forum.CanAddMailbox(who(c))}, bad))
}

// about reads which post a pasted link is of; nil of what is no such link. It may be
// one of ours as it stands in the address bar, or a path.
func (a *App) about(link string) *letters.About {
	u, err := url.Parse(strings.TrimPrefix(link, a.baseURL))
	if err != nil || u.Host != "" {
		return nil
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) != 2 {
		return nil
	}
	number, _, _ := strings.Cut(parts[1], "-")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 {
		return nil
	}
	switch parts[0] {
	case "posts":
		return &letters.About{PostID: n}
	case "threads":
		post, _ := strconv.Atoi(strings.TrimPrefix(u.Fragment, "post-")) // without one it is the newest
		if post < 0 || post > numberMost {
			return nil
		}
		return &letters.About{ThreadID: n, Number: post}
	}
	return nil
}

// stopEmails answers POST /account/emails/stop: all mail, or with on=0 none is stopped
// any more.
func (a *App) stopEmails(c *fiber.Ctx) error {
	if err := a.letters.StopAll(c.UserContext(), who(c), on(c)); err != nil {
		return err
	}
	if on(c) {
		a.tell(c, "done.emails_stopped")
	} else {
		a.tell(c, "done.emails_started")
	}
	return see(c, "/account/emails")
}

// tryEmails answers POST /account/emails/try: mail goes once more to an address that it
// came back from.
func (a *App) tryEmails(c *fiber.Ctx) error {
	if err := a.letters.TryAgain(c.UserContext(), who(c)); err != nil {
		return err
	}
	a.tell(c, "done.emails_try")
	return see(c, "/account/emails")
}
