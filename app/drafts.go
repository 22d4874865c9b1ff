package app

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/views"
)

// besides are the fields of a form that are no part of what its draft says.
var besides = []string{"action", draftField, "residents"}

// keepsDrafts reports whether what was typed into the form can be kept.
func (v *visit) keepsDrafts() bool { return v.route.draft != "" || v.route.drafts }

// draft reads what was typed, and what its page knew of the draft.
func (v *visit) draft(c *fiber.Ctx) (t forum.Typed, err error) {
	t = forum.Typed{Kind: v.route.draft, Fields: typed(c), Page: v.form.Get(keyField)}
	if len(t.Page) > keyLongest {
		t.Page = ""
	}
	if v.route.drafts {
		return t, v.readDraft(&t)
	}
	t.Version = numberIn(v.form, draftField)
	t.Target, err = v.target(c)
	for _, name := range besides {
		t.Fields.Del(name)
	}
	return t, err
}

// readDraft reads the form of POST /drafts, which says itself what it is for.
func (v *visit) readDraft(t *forum.Typed) error {
	var bad forum.Invalid
	number := func(name, key string, nothing bool) int64 {
		n, err := strconv.ParseInt(v.form.Get(name), 10, 64)
		if err != nil && !(nothing && v.form.Get(name) == "") {
			bad.Add(name, key)
		}
		return n
	}
	t.Kind = forum.DraftKind(v.form.Get("kind"))
	t.Target = number("target", "drafts.target_unknown", t.Kind == forum.DraftAsk)
	t.Version = int(number("version", "drafts.version_unknown", true))
	if page := v.form.Get("page"); page != "" && len(page) <= keyLongest { // that both texts were shown of
		t.Page = page
	}
	for _, name := range append([]string{"kind", "target", "version", "keep", "page"}, besides...) {
		t.Fields.Del(name)
	}
	for name, other := range views.DraftNames {
		if t.Fields.Has(other) {
			t.Fields[name] = t.Fields[other]
			t.Fields.Del(other)
		}
	}
	if bad != nil {
		return bad
	}
	return nil
}

// takeWords answers a form in which people write. What cannot be posted is kept as a
// draft, whatever is wrong with it.
func (a *App) takeWords(c *fiber.Ctx, v *visit) error {
	if formValue(c, "action") == "draft" {
		t, err := v.draft(c)
		if err != nil {
			return err
		}
		return a.saveDraft(c, t)
	}
	err := v.route.handler(a, c)
	if errors.Is(err, forum.ErrForbidden) || errors.Is(err, forum.ErrNotFound) || errors.Is(err, forum.ErrGone) {
		a.keepWords(c) // it was closed, removed or hidden while they wrote
	}
	return err
}

// keepWords keeps what was typed into a form that comes back, without a word: where
// it cannot be kept, the page has it all the same. Nothing is kept of no words.
func (a *App) keepWords(c *fiber.Ctx) {
	v := visitOf(c)
	t, err := v.draft(c)
	if err != nil || !slices.ContainsFunc(forum.Prose, func(name string) bool { return strings.TrimSpace(t.Fields.Get(name)) != "" }) {
		return
	}
	v.saved = t.Version
	t.Over = true // what another page had saved is kept as what the draft said before
	if saved, err := a.forum.SaveDraft(c.UserContext(), v.who, t); err == nil {
		v.saved, v.kept = saved.Version, true
	}
}

// seen reads a draft for the form that it is shown in, which then knows its version.
func seen(c *fiber.Ctx, kept *forum.Draft) url.Values {
	if kept != nil {
		visitOf(c).saved = kept.Version
	}
	return kept.Values()
}

// unknownAction says what is wrong where something is to be done with a form that
// is none of what it knows beside being posted.
func unknownAction(c *fiber.Ctx, known ...string) (bad forum.Invalid) {
	if action := formValue(c, "action"); action != "" && action != "post" && !slices.Contains(known, action) {
		bad.Add("action", "forms.action_unknown")
	}
	return bad
}

// previews reports whether a form asks how its words will look.
func previews(c *fiber.Ctx) bool { return formValue(c, "action") == "preview" }

// residentDraft reads what a writer says of what looks like a resident's data.
func residentDraft(form url.Values) forum.ResidentDraft {
	return forum.ResidentDraft{Mark: form.Get("residents"), Why: form.Get("residents_why")}
}

// drafts answers GET /drafts.
func (a *App) drafts(c *fiber.Ctx) error {
	p, err := a.forum.DraftsPage(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Drafts(a.frame(c), p))
}

// keepDraft answers POST /drafts.
func (a *App) keepDraft(c *fiber.Ctx) error {
	t, err := visitOf(c).draft(c)
	if err != nil {
		return err
	}
	if formValue(c, "keep") == "theirs" { // the other of two texts is gone on with: this one waits beside it
		t.Version = 0
		if _, err := a.forum.SaveDraft(c.UserContext(), who(c), t); err != nil && !errors.Is(err, forum.ErrConflict) {
			return noRoom(err)
		}
		return see(c, views.DraftPath(t.Kind, t.Target))
	}
	return a.saveDraft(c, t)
}

// saveDraft keeps a draft, and leads back to the form that it was typed into; to a
// script it tells the version.
func (a *App) saveDraft(c *fiber.Ctx, t forum.Typed) error {
	t.Auto = strings.Contains(c.Get(fiber.HeaderAccept), fiber.MIMEApplicationJSON)
	saved, err := a.forum.SaveDraft(c.UserContext(), who(c), t)
	now := (*forum.DraftConflict)(nil)
	switch {
	case errors.As(err, &now) && t.Auto:
		version := 0
		if now.Now != nil {
			version = now.Now.Version
		}
		return c.Status(fiber.StatusConflict).JSON(fiber.Map{"version": version})
	case errors.As(err, &now):
		return a.twoTexts(c, now)
	case err != nil:
		return noRoom(err)
	case t.Auto:
		return c.JSON(fiber.Map{"version": saved.Version, "saved_at": saved.SavedAt})
	}
	return see(c, views.DraftPath(t.Kind, t.Target))
}

// twoTexts shows both texts of a draft, and says what it is for.
func (a *App) twoTexts(c *fiber.Ctx, now *forum.DraftConflict) error {
	place, err := a.forum.DraftPlace(c.UserContext(), who(c), now.Typed.Kind, now.Typed.Target)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusConflict, views.DraftConflict(a.frame(c), place, now))
}

// noRoom has a limit of how much there may be say so.
func noRoom(err error) error {
	if errors.Is(err, forum.ErrTooMany) && !isPace(err) {
		return errNoRoom
	}
	return err
}

// isPace tells a limit by the minute from one of how much there may be.
func isPace(err error) bool {
	many := (*forum.TooMany)(nil)
	return errors.As(err, &many) && !many.Until.IsZero()
}

// discardDraft answers POST /drafts/discard.
func (a *App) discardDraft(c *fiber.Ctx) error {
	var t forum.Typed
	if err := visitOf(c).readDraft(&t); err != nil {
		return err
	}
	if err := a.forum.Discard(c.UserContext(), who(c), t.Kind, t.Target); err != nil {
		return err
	}
	return see(c, "/drafts")
}

// putDraftBack answers POST /drafts/undo.
func (a *App) putDraftBack(c *fiber.Ctx) error {
	id, err := strconv.ParseInt(formValue(c, "id"), 10, 64)
	if err != nil {
		return forum.ErrNotFound
	}
	if _, _, err := a.forum.PutBack(c.UserContext(), who(c), id); err != nil {
		return noRoom(err)
	}
	return see(c, "/drafts")
}

// tellsKept reports whether a refusal says that what was typed is in a draft. Of what
// is absent it says nothing: that looks alike, whatever its number.
func (v *visit) tellsKept(r *refusal) bool { return v.kept && r.status != fiber.StatusNotFound }
