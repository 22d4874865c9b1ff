package app

import (
	"encoding/binary"
	"slices"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views"
)

// stopPurpose binds the tokens of links that stop mail.
const stopPurpose = "stop"

// stopMost is how many bytes a payload may have for its token to fit into a mail address.
const stopMost = 15

// stopKind is what a mail came by, as a token has it.
type stopKind struct {
	kind       forum.SubjectKind
	threadKind string
}

// inDigest stands in a token for the follow by which a mail came, where it brought what is
// new of a day or a week.
const inDigest forum.SubjectKind = "digest"

// stopKinds are known by their place, for good: new ones stand at the end. The first is
// no follow.
var stopKinds = []stopKind{{}, {forum.ToThread, ""}, {forum.ToTopic, ""}, {forum.ToCouncil, ""}, {forum.ToPerson, ""}, {forum.ToEverything, ""},
	{forum.ToTopic, "question"}, {forum.ToTopic, "discussion"}, {forum.ToTopic, "announcement"}, {forum.ToTopic, "project"}, {forum.ToTopic, "lesson"},
	{forum.ToSearch, ""}, {forum.ToCollection, ""}, {forum.ToProduct, ""}, {forum.ToSupplier, ""}, {inDigest, ""}}

// stopToken is the token of a link that stops mail to a person: what came by a follow,
// and what comes of a thread. It names no more than it must to fit into an address.
func stopToken(keys auth.Keys, person int64, via letters.Via, threadID int64) string {
	kind := max(0, slices.Index(stopKinds, stopKind{via.Kind, via.ThreadKind}))
	subject := via.ID
	if kind == 0 {
		subject = 0
	}
	payload := binary.AppendUvarint([]byte{byte(kind)}, uint64(person))
	payload = binary.AppendUvarint(payload, uint64(subject))
	if whole := binary.AppendUvarint(slices.Clone(payload), uint64(threadID)); len(whole) <= stopMost {
		payload = whole
	}
	return keys.Sign(stopPurpose, payload)
}

// openStop reads what stopToken made; ErrNotFound for anything else.
func openStop(keys auth.Keys, token string) (m letters.Mailed, err error) {
	payload, ok := keys.Open(stopPurpose, token)
	if !ok || len(payload) == 0 || int(payload[0]) >= len(stopKinds) {
		return m, forum.ErrNotFound
	}
	numbers, ok := readNumbers(payload[1:])
	if !ok || len(numbers) < 2 || len(numbers) > 3 {
		return m, forum.ErrNotFound
	}
	kind := stopKinds[payload[0]]
	m = letters.Mailed{PersonID: numbers[0], Via: letters.Via{Kind: kind.kind, ID: numbers[1], ThreadKind: kind.threadKind}}
	if kind.kind == inDigest {
		m.Via, m.Digest = letters.Via{}, true
	}
	if len(numbers) == 3 {
		m.ThreadID = numbers[2]
	}
	if m.ThreadID == 0 && kind.kind == forum.ToThread {
		m.ThreadID = m.Via.ID
	}
	return m, nil
}

// unkept is what every answer to a mail's link begins with: it is known to nobody but
// who has the mail, and kept nowhere.
func (a *App) unkept(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Set("X-Robots-Tag", "noindex")
	return a.rates.stops.pass(a.address(c))
}

// stopPage answers GET /unsubscribe/{token}. It stops nothing: mail scanners open every
// link.
func (a *App) stopPage(c *fiber.Ctx) error {
	if err := a.unkept(c); err != nil {
		return err
	}
	if id, _, ok := leaver(a.keys, c.Params("token")); ok {
		return a.showLeaving(c, id)
	}
	mailed, err := openStop(a.keys, c.Params("token"))
	if err != nil {
		return err
	}
	return a.showStop(c, fiber.StatusOK, mailed, nil)
}

// stopMail answers POST /unsubscribe/{token}: from the page, and in one press from a mail
// program (RFC 8058 §3.2), which is told in a word.
func (a *App) stopMail(c *fiber.Ctx) error {
	if err := a.unkept(c); err != nil {
		return err
	}
	if id, issue, ok := leaver(a.keys, c.Params("token")); ok {
		return a.leaveNewsletter(c, id, issue)
	}
	mailed, err := openStop(a.keys, c.Params("token"))
	if err != nil {
		return err
	}
	if formValue(c, "List-Unsubscribe") == "One-Click" {
		if err := a.letters.Stop(c.UserContext(), mailed, mailed.OneClick(), ""); err != nil {
			return err
		}
		return c.SendString(a.frame(c).W.T("stop.one_click"))
	}
	err = a.letters.Stop(c.UserContext(), mailed, letters.Scope(formValue(c, "scope")), forum.Cadence(formValue(c, "cadence")))
	if bad := asInvalid(err); bad != nil {
		return a.showStop(c, fiber.StatusUnprocessableEntity, mailed, bad)
	}
	if err != nil {
		return err
	}
	return see(c, views.StopPath(c.Params("token")))
}

// showStop shows what a mail's link can stop, and what has stopped.
func (a *App) showStop(c *fiber.Ctx, status int, mailed letters.Mailed, bad forum.Invalid) error {
	p, err := a.letters.StoppingPage(c.UserContext(), mailed)
	if err != nil {
		return err
	}
	return a.show(c, status, views.Stopping(a.frameIn(c, p.Lang), p, c.Params("token"), bad))
}
