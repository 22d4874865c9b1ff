package app

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/feeds"
	"moothall/views"
	"moothall/views/wire"
	"moothall/views/words"
)

// site is what a feed needs beside its content.
func (a *App) site(c *fiber.Ctx) wire.Site {
	return wire.Site{W: words.In(a.lang(c, who(c))), BaseURL: a.baseURL}
}

// threadsFeed answers GET /feeds/threads.atom.
func (a *App) threadsFeed(c *fiber.Ctx) error { return a.feed(c, feeds.Filter{}) }

// topicFeed answers GET /feeds/topics/{slug}.atom.
func (a *App) topicFeed(c *fiber.Ctx) error { return a.feed(c, feeds.Filter{Topic: c.Params("slug")}) }

// councilFeed answers GET /feeds/councils/{slug}.atom.
func (a *App) councilFeed(c *fiber.Ctx) error {
	return a.feed(c, feeds.Filter{Council: c.Params("slug")})
}

// lessonsFeed answers GET /feeds/lessons.atom.
func (a *App) lessonsFeed(c *fiber.Ctx) error { return a.registerFeed(c, forum.Lesson) }

// feed answers with a feed of threads.
func (a *App) feed(c *fiber.Ctx, f feeds.Filter) error {
	f.Before = c.Query("before")
	p, err := a.feeds.Threads(c.UserContext(), f)
	if err != nil {
		return err
	}
	text, err := wire.Threads(a.site(c), p, f.Before)
	return a.answerWith(c, "application/atom+xml; charset=utf-8", text, err)
}

// threadFeed answers GET /feeds/threads/{id}.atom.
func (a *App) threadFeed(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	before, err := numberBefore(c)
	if err != nil {
		return err
	}
	p, err := a.feeds.Posts(c.UserContext(), id, before)
	if err != nil {
		return err
	}
	if moved, err := canonical(c, views.ThreadFeed(id)); moved {
		return err
	}
	text, err := wire.Posts(a.site(c), p, before)
	return a.answerWith(c, "application/atom+xml; charset=utf-8", text, err)
}

// answerWith answers a program. Whoever has the same already is told so, also where no page
// is kept: what programs read is the same for everybody.
func (a *App) answerWith(c *fiber.Ctx, kind string, text []byte, err error) error {
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Response().SetBody(text)
	if a.cacheKey(c, visitOf(c)) == "" {
		p := new(keptPage)
		if p.fill(c); p.there {
			p.give(c)
		}
	}
	return nil
}

// sitemap answers GET /sitemap.xml.
func (a *App) sitemap(c *fiber.Ctx) error {
	m, err := a.feeds.Sitemap(c.UserContext())
	if err != nil {
		return err
	}
	text, err := wire.Sitemap(a.site(c), m)
	return a.answerWith(c, "application/xml; charset=utf-8", text, err)
}

// sitemapPart answers GET /sitemaps/{name}.xml: a number is of threads.
func (a *App) sitemapPart(c *fiber.Ctx) error {
	name := strings.Clone(c.Params("name"))
	if name == wire.MapPages {
		m, err := a.feeds.Sitemap(c.UserContext())
		if err != nil {
			return err
		}
		text, err := wire.SitemapPages(a.site(c), m)
		return a.answerWith(c, "application/xml; charset=utf-8", text, err)
	}
	part, err := strconv.Atoi(name)
	if err != nil || part < 1 || part > numberMost || strconv.Itoa(part) != name {
		return forum.ErrNotFound
	}
	threads, err := a.feeds.Part(c.UserContext(), part)
	if err != nil {
		return err
	}
	text, err := wire.SitemapThreads(a.site(c), threads)
	return a.answerWith(c, "application/xml; charset=utf-8", text, err)
}

// robots answers GET /robots.txt.
func (a *App) robots(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return c.SendString(wire.Robots(wire.Site{BaseURL: a.baseURL}))
}
