package app

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/forum/curation"
	"moothall/views"
)

// board is what a node knows by heart, for every page needs it: what the team tells
// everybody, and which councils are in a pre-election period. It is read anew every few
// seconds, and at once by whoever changes it here.
type board struct {
	banners   []curation.Banner // that show, or will
	said      map[int64]map[string]views.Banner
	elections map[int64]curation.InElection // by council
	shown     string                        // which of the banners showed when it was read
}

// lookAtBoard reads it, and makes visitors' pages old where they would say something else.
func (a *App) lookAtBoard(ctx context.Context) error {
	banners, err := a.curation.Banners(ctx)
	if err != nil {
		return err
	}
	elections, err := a.curation.InElection(ctx)
	if err != nil {
		return err
	}
	b := &board{banners: banners, said: map[int64]map[string]views.Banner{}, elections: map[int64]curation.InElection{}}
	for _, one := range banners {
		b.said[one.ID] = map[string]views.Banner{}
		for _, lang := range []string{"en", "cy"} {
			html, in := one.Said(lang)
			b.said[one.ID][lang] = views.Banner{ID: one.ID, Warning: one.Kind == "warning", HTML: html, Lang: in}
		}
	}
	for _, e := range elections {
		b.elections[e.CouncilID] = e
	}
	for _, one := range curation.BannersShown(banners, a.now()) {
		b.shown += " " + strconv.FormatInt(one.ID, 10) + "." + strconv.Itoa(one.Version)
	}
	if before := a.board.Swap(b); before != nil && before.shown != b.shown {
		a.cache.changed()
	}
	return nil
}

// bannersIn are what a page tells in a language at a moment.
func (b *board) bannersIn(lang string, at time.Time) (list []views.Banner) {
	if b == nil {
		return nil
	}
	for _, one := range curation.BannersShown(b.banners, at) {
		list = append(list, b.said[one.ID][lang])
	}
	return list
}

// election is the pre-election period that a council is in; nil for none.
func (b *board) election(council int64) *curation.InElection {
	if b == nil || council == 0 {
		return nil
	}
	if e, there := b.elections[council]; there {
		return &e
	}
	return nil
}

// banners answers GET /banners.
func (a *App) banners(c *fiber.Ctx) error {
	before, err := beforeOf(c)
	if err != nil {
		return err
	}
	p, err := a.curation.BannersPage(c.UserContext(), who(c), before)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.Banners(a.frame(c), p))
}

// bannerForm answers GET /banners/new and /banners/{id}/edit.
func (a *App) bannerForm(c *fiber.Ctx) error {
	if c.Params("id") == "" {
		return a.show(c, fiber.StatusOK, views.BannerForm(a.frame(c), curation.Banner{}, a.curation.NewBanner(), nil, false))
	}
	id, err := id(c)
	if err != nil {
		return err
	}
	one, draft, err := a.curation.Banner(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	return a.show(c, fiber.StatusOK, views.BannerForm(a.frame(c), one, draft, nil, false))
}

// bannerAgain shows a form that was refused, as it was typed.
func (a *App) bannerAgain(c *fiber.Ctx, id int64, draft curation.BannerDraft, refused error) error {
	var one curation.Banner
	if id != 0 {
		now, _, err := a.curation.Banner(c.UserContext(), who(c), id)
		if err != nil {
			return err
		}
		one = now
	}
	if bad := asInvalid(refused); bad != nil {
		return a.show(c, fiber.StatusUnprocessableEntity, views.BannerForm(a.frame(c), one, draft, bad, false))
	}
	draft.Version = one.Version
	return a.show(c, fiber.StatusConflict, views.BannerForm(a.frame(c), one, draft, nil, true))
}

// bannerDraft is what was typed.
func bannerDraft(c *fiber.Ctx) curation.BannerDraft {
	form := typed(c)
	return curation.BannerDraft{Kind: form.Get("kind"), Body: form.Get("body"), BodyCy: form.Get("body_cy"), From: form.Get("from"), Until: form.Get("until"), Version: numberIn(form, "version")}
}

// putBanner answers POST /banners.
func (a *App) putBanner(c *fiber.Ctx) error {
	draft := bannerDraft(c)
	_, err := a.curation.PutBanner(c.UserContext(), who(c), draft)
	switch {
	case errors.Is(err, curation.ErrSecond):
		return a.second(c)
	case isRefused(err):
		return a.bannerAgain(c, 0, draft, err)
	case err != nil:
		return err
	}
	return a.boardChanged(c, "done.banner_put", "/banners")
}

// changeBanner answers POST /banners/{id}.
func (a *App) changeBanner(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	draft := bannerDraft(c)
	err = a.curation.ChangeBanner(c.UserContext(), who(c), id, draft)
	switch {
	case errors.Is(err, curation.ErrSecond):
		return a.second(c)
	case isRefused(err):
		return a.bannerAgain(c, id, draft, err)
	case err != nil:
		return err
	}
	return a.boardChanged(c, "done.banner_changed", "/banners")
}

// endBanner answers POST /banners/{id}/end.
func (a *App) endBanner(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	if err := a.curation.EndBanner(c.UserContext(), who(c), id); err != nil {
		return err
	}
	return a.boardChanged(c, "done.banner_ended", "/banners")
}

// boardChanged answers a deed that changed what the node knows by heart.
func (a *App) boardChanged(c *fiber.Ctx, done, to string) error {
	if err := a.lookAtBoard(c.UserContext()); err != nil {
		return err
	}
	a.tell(c, done)
	return see(c, to)
}
