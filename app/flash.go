package app

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/gofiber/fiber/v2"
)

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
