package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/search"
	"moothall/views"
	"moothall/views/words"
)

var pages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// pageMost is the largest buffer that is kept for the next page.
const pageMost = 1 << 20

// show answers with a page.
func (a *App) show(c *fiber.Ctx, status int, page templ.Component) error {
	return send(c, status, func(b *bytes.Buffer) error { return page.Render(context.WithoutCancel(c.UserContext()), b) })
}

// send answers with a page. Only one that is written to its end is sent.
func send(c *fiber.Ctx, status int, write func(*bytes.Buffer) error) error {
	buffer, _ := pages.Get().(*bytes.Buffer) // nothing else is put there
	defer func() {
		if buffer.Cap() <= pageMost {
			pages.Put(buffer)
		}
	}()
	buffer.Reset()
	if err := write(buffer); err != nil {
		return err
	}
	c.Status(status)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Response().SetBody(buffer.Bytes()) // copies: the buffer is used again
	return nil
}

// frame is what every page needs beside its own content.
func (a *App) frame(c *fiber.Ctx) views.Frame {
	v := visitOf(c)
	f := views.Frame{
		W:         words.In(a.lang(c, v.who)),
		Path:      here(c),
		Posted:    !isRead(c),
		Section:   section(c.Path()),
		Now:       a.now(),
		BaseURL:   a.baseURL,
		RequestID: v.id,
		Demo:      a.config.WithDemo(),
	}
	known := a.board.Load()
	f.Banners = known.bannersIn(f.W.Lang(), f.Now)
	if v.making != nil {
		return f.WithGaps(v.making.mark)
	}
	if !v.who.SignedIn() {
		return f
	}
	f.Flash, f.Key = a.told(c), rand.Text()[:keyRandom]
	f.SignedIn, f.PersonName, f.PersonPath = true, v.who.Name, views.PersonPath(v.who.ID, v.who.Handle)
	if v.trips.Owes() { // the page asked for nothing else
		_ = a.forum.Send(c.UserContext(), &pgx.Batch{})
	}
	f.Notices = max(v.who.Notices, v.trips.Unread())
	f.CannotAsk = v.who.Joined && !forum.CanAsk(v.who)
	f.Ended = v.who.CouncilEnded && forum.CanMove(v.who)
	f.Election = views.ElectionReminder(f, known.election(v.who.CouncilID))
	f.Waits, f.Unjoined = forum.IsHeld(v.who), !v.who.Joined
	f.CanModerate, f.CanLetIn = forum.CanHide(v.who), forum.CanSeeNewcomers(v.who)
	f.CanTend, f.CanSeeMail = forum.CanTend(v.who), forum.CanSeeMail(v.who)
	if f.CanTend && (strings.HasPrefix(c.Path(), "/desk/") || isPartOf(c.Path(), "/banners", "/elections")) {
		f.Section = "desk" // of which all of these are parts
	}
	f.CanTendWords = search.CanTendWords(v.who)
	if v.who.SuspendedUntil != nil {
		f.Suspended, f.SuspendedWhy = f.W.Date(*v.who.SuspendedUntil), v.who.SuspendedWhy
	}
	f.CSRF, f.Draft = a.keys.CSRF(v.hash), v.saved
	return f
}

// isPartOf reports whether a path is one of these, or below it.
func isPartOf(path string, roots ...string) bool {
	for _, root := range roots {
		if path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}

// here is the address of the page that is shown: of a refused form the page that
// it stands on, as its own takes no GET.
func here(c *fiber.Ctx) string {
	if v := visitOf(c); !isRead(c) && v.route.page != "" {
		return v.formPage(c)
	}
	return withQuery(c, c.Path())
}

// section is the part of the navigation that an address belongs to.
func section(path string) string {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "desk":
		if rest == "" {
			return first
		}
		return rest
	case "threads", "projects", "lessons", "councils", "topics", "moderation", "drafts", "search":
		return first
	case "posts":
		return "threads"
	case "admin":
		return rest
	}
	return ""
}

// flashLife is how long the page after a deed may take to come.
const flashLife = time.Minute

// flashHash is how much of the session's hash a flash is bound to.
const flashHash = 8

// flashName is what the cookie is called that tells the next page of a deed done.
func (a *App) flashName() string { return a.cookieName() + "-done" }

// giveFlash gives the browser the flash, or with an age below zero takes it away.
func (a *App) giveFlash(c *fiber.Ctx, value string, age int) {
	c.Cookie(&fiber.Cookie{Name: a.flashName(), Value: value, Path: "/", MaxAge: age,
		Secure: a.config.Secure(), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
}

// tell has the next page that this session is shown say what has been done: key
// is the sentence's in the catalogue. The cookie holds nothing of people, and is
// signed, so that nobody puts a sentence there that was not true.
func (a *App) tell(c *fiber.Ctx, key string) {
	hash := session(c)
	if len(hash) < flashHash {
		return
	}
	payload := binary.BigEndian.AppendUint64(bytes.Clone(hash[:flashHash]), uint64(a.now().Unix()))
	a.giveFlash(c, a.keys.Sign("done", append(payload, key...)), int(flashLife.Seconds()))
}

// told is the key of what was done just before this page, once; "" for nothing.
func (a *App) told(c *fiber.Ctx) string {
	value := c.Cookies(a.flashName())
	if value == "" || c.Method() != fiber.MethodGet {
		return ""
	}
	a.giveFlash(c, "", -1)
	payload, ok := a.keys.Open("done", value)
	if !ok || len(payload) < flashHash+8 || !bytes.HasPrefix(session(c), payload[:flashHash]) {
		return ""
	}
	at := time.Unix(int64(binary.BigEndian.Uint64(payload[flashHash:])), 0)
	if age := a.now().Sub(at); age < -time.Second || age > flashLife {
		return ""
	}
	return string(payload[flashHash+8:])
}
