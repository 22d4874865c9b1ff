package app

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/markup"
	"moothall/views"
)

const (
	fieldsMost = 1000 // in one form
	keyLongest = 100
	keyRandom  = 10 // letters of 5 bits: enough to tell apart one person's pages of a day
)

// The fields that no form is without, and that nobody types.
const (
	csrfField = "_csrf"
	keyField  = "idempotency"
)

// draftField is the version of the draft that a form's page had seen.
const draftField = "draft"

// act answers a form. The checks come in PRODUCT's order: where it comes from,
// whose it is, whether they are still signed in, how fast, what they may, what
// they typed.
func (a *App) act(c *fiber.Ctx, v *visit) error {
	if !v.route.foreign && !a.fromHere(c) {
		return errOrigin
	}
	if err := v.readForm(c); err != nil {
		return err
	}
	if v.needsToken() && !a.keys.CSRFValid(v.hash, v.form.Get(csrfField)) {
		return errForm
	}
	switch {
	case !v.who.SignedIn() && v.route.least != anyone:
		return a.keepForLater(c, v)
	case v.who.SignedIn() && !v.who.Joined && !v.route.unjoined:
		return see(c, "/account/join?return="+url.QueryEscape(v.formPage(c)))
	}
	return a.carryOut(c, v)
}

// needsToken reports whether a form must carry the token of its session: not where the
// route says so, nor where visitors send it too, whose page has none to give.
func (v *visit) needsToken() bool {
	return !v.route.unsigned && (v.who.SignedIn() || !v.route.visitors)
}

// carryOut is the end of act, for who is signed in where that is needed.
func (a *App) carryOut(c *fiber.Ctx, v *visit) error {
	if !v.route.least.isMetBy(v.who) {
		return v.route.least.refusal()
	}
	if err := v.checkText(); err != nil {
		return err
	}
	c.SetUserContext(forum.WithKey(c.UserContext(), v.key(c)))
	if v.route.draft != "" {
		return a.takeWords(c, v)
	}
	return v.route.handler(a, c)
}

// fromHere reports whether a form was sent from a page of ours, by the rules of
// net/http's CrossOriginProtection. A client that says nothing is no browser, and
// is let in where no https promises one.
func (a *App) fromHere(c *fiber.Ctx) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	if origin := c.Get(fiber.HeaderOrigin); origin != "" {
		return origin == a.baseURL
	}
	return !a.config.Secure()
}

// keepForLater answers a form whose session has ended: what was typed waits for
// its writer behind sign-in. What has no place to wait is shown to be copied.
func (a *App) keepForLater(c *fiber.Ctx, v *visit) error {
	kept, back := "", v.formPage(c)
	if v.keepsDrafts() && v.ended.SignedIn() {
		kept = "&kept=1"
		t, err := v.draft(c)
		if err != nil {
			return err
		}
		if v.route.draft == "" {
			back = views.DraftPath(t.Kind, t.Target)
		}
		_, err = a.forum.SaveDraft(c.UserContext(), v.ended, t)
		switch {
		case errors.Is(err, forum.ErrTooMany) && !isPace(err):
			return errOver // no room: the words are given back
		case err != nil && !errors.Is(err, forum.ErrConflict): // then both texts are kept
			return err
		}
	} else if hasProse(typed(c)) {
		return errOver
	}
	return see(c, "/sign-in?return="+url.QueryEscape(back)+kept)
}

// prose are the fields in which people write.
var prose = append(slices.Clone(forum.Prose), "name", "job_title", "company")

// hasProse reports whether somebody wrote something, rather than chose or pressed.
func hasProse(form url.Values) bool {
	for name, values := range form {
		for _, value := range values {
			if slices.Contains(prose, name) && value != "" || strings.ContainsAny(strings.TrimSpace(value), " \n") {
				return true
			}
		}
	}
	return false
}

// target is the thread or post that a form's draft is for; 0 for a new thread.
func (v *visit) target(c *fiber.Ctx) (int64, error) {
	if c.Params("id") == "" {
		return 0, nil
	}
	n, err := id(c)
	if v.route.draftOf != nil {
		n = v.route.draftOf(n)
	}
	return n, err
}

// formPage is the page that a form stands on.
func (v *visit) formPage(c *fiber.Ctx) string {
	if v.route.page == "" {
		return "/"
	}
	page := v.route.page
	for _, part := range []string{"id", "slug", "token"} {
		page = strings.Replace(page, ":"+part, url.PathEscape(c.Params(part)), 1)
	}
	return page
}

// readForm reads what was posted, once.
func (v *visit) readForm(c *fiber.Ctx) error {
	if v.read {
		return nil
	}
	v.read, v.form = true, url.Values{}
	body := c.Request().Body() // not c.Body, which would decompress
	kind, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	switch {
	case len(body) == 0:
		return nil
	case len(body) > bodyLimit:
		return errTooLarge
	case err == nil && kind == fiber.MIMEApplicationForm:
		return v.readEncoded(string(body))
	case err == nil && kind == fiber.MIMEMultipartForm:
		return v.readParts(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	}
	return errFormat
}

func (v *visit) readEncoded(body string) error {
	fields := strings.SplitN(body, "&", fieldsMost+1)
	form, err := url.ParseQuery(strings.Join(fields[:min(len(fields), fieldsMost)], "&"))
	v.form = form // what could be read of it
	switch {
	case len(fields) > fieldsMost:
		return errTooLarge
	case err != nil:
		return errFraming
	}
	return nil
}

// readParts reads a form of parts; a file among them is nothing we take, but what
// was typed beside it is read to be given back.
func (v *visit) readParts(r *multipart.Reader) (refused error) {
	for n := 0; ; n++ {
		part, err := r.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return refused
		case err != nil:
			return errFraming
		case n == fieldsMost:
			return errTooLarge
		case part.FileName() != "":
			refused = errFormat
			continue
		}
		value, err := io.ReadAll(part) // the whole body is in memory and bounded
		if err != nil {
			return errFraming
		}
		v.form.Add(part.FormName(), string(value))
	}
}

// checkText refuses what no form of ours sends: bytes that are no text, and a
// second answer to what is asked once, of which either could be meant.
func (v *visit) checkText() error {
	for name, values := range v.form {
		if len(values) > 1 && !slices.Contains(v.route.many, name) {
			return errRepeated
		}
		if !isText(name) || slices.ContainsFunc(values, func(value string) bool { return !isText(value) }) {
			return errText
		}
	}
	return nil
}

// isText reports whether Postgres takes it as text.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// isAddress reports whether the query of an address is text once it is decoded.
func isAddress(query string) bool {
	decoded, err := url.QueryUnescape(query)
	return isText(query) && (err != nil || isText(decoded))
}

// typed is what somebody typed or chose: the form without what the page put in.
func typed(c *fiber.Ctx) url.Values {
	form := url.Values{}
	for name, values := range visitOf(c).form {
		if name != csrfField && name != keyField && name != "" {
			form[name] = slices.Clone(values)
		}
	}
	return form
}

// key names the form: its own random value, and a digest of where it went and
// what was in it, but not which of its buttons sent it.
func (v *visit) key(c *fiber.Ctx) forum.Key {
	value := v.form.Get(keyField)
	if value == "" || len(value) > keyLongest {
		return forum.Key{} // counts as new
	}
	content := typed(c)
	content.Del("action")
	content.Del(draftField) // changes while a script saves
	sum := sha256.Sum256([]byte(c.Path() + "\n" + content.Encode()))
	if v.form.Has(workedField) {
		value += " " + workedField // the other button of its form
	}
	key := forum.Key{Value: value, Content: sum[:]}
	if v.form.Has(draftField) {
		version := numberIn(v.form, draftField)
		key.Draft = &version
	}
	return key
}

// formValue is a field of the posted form, "" where it is not there.
func formValue(c *fiber.Ctx, name string) string { return visitOf(c).form.Get(name) }

// cleanForm is what was typed, fit to be shown again.
func cleanForm(form url.Values) url.Values {
	clean := url.Values{}
	for name, values := range form {
		for _, value := range values {
			clean.Add(markup.Clean(name), markup.Clean(value))
		}
	}
	return clean
}

// id is the number in an address such as /threads/123-missed-bins. A word where a
// number belongs is a page that does not exist, not a mistake to explain.
func id(c *fiber.Ctx) (int64, error) {
	n, err := numberNamed(c.Params("id"))
	if err == nil && n == 0 {
		return 0, forum.ErrNotFound
	}
	return n, err
}

// numberNamed is a number, perhaps with what it is called behind it; 0 where nothing is said.
func numberNamed(said string) (int64, error) {
	number, _, named := strings.Cut(said, "-")
	if named && number == "" {
		return 0, forum.ErrNotFound
	}
	return numberSaid(number)
}

// numberSaid is a number that may be named, as we would write it; 0 where nothing is said.
func numberSaid(said string) (int64, error) {
	if said == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(said, 10, 64)
	if err != nil || n < 1 || said[0] == '+' || said[0] == '0' {
		return 0, forum.ErrNotFound
	}
	return n, nil
}

// beforeOf is the number that a page of a list begins after; 0 for the first page.
func beforeOf(c *fiber.Ctx) (int64, error) { return numberSaid(c.Query("before")) }

// numberBefore is beforeOf among the posts of a thread, or the versions of a post.
func numberBefore(c *fiber.Ctx) (int, error) {
	before, err := beforeOf(c)
	if err != nil || before > numberMost {
		return 0, forum.ErrNotFound
	}
	return int(before), nil
}

// numberIn is a version or the number of a post, as a field of a form has it; 0, which
// nothing has, where it holds no such number.
func numberIn(form url.Values, field string) int {
	n, err := strconv.ParseInt(form.Get(field), 10, 32)
	if err != nil {
		return 0
	}
	return max(0, int(n))
}
