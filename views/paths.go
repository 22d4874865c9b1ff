package views

import (
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/curation"
)

// ThreadPath is the address of a thread. The number counts; the slug is for people.
func ThreadPath(id int64, slug string) string { return numbered("/threads/", id, slug) }

// PathOf is the address of a thread, or of the project or lesson that it is.
func PathOf(kind string, id int64, slug string) string {
	switch kind {
	case forum.Project:
		return numbered("/projects/", id, slug)
	case forum.Lesson:
		return numbered("/lessons/", id, slug)
	}
	return ThreadPath(id, slug)
}

// PagePath is the address of one page of it.
func PagePath(kind string, id int64, slug string, page int) string {
	if page <= 1 {
		return PathOf(kind, id, slug)
	}
	return PathOf(kind, id, slug) + "?page=" + strconv.Itoa(page)
}

// FactsPath is the list of a project's facts, or the page that asks for one of them.
func FactsPath(id int64, field string) string {
	path := numbered("/projects/", id, "") + "/facts"
	if field != "" {
		path += "?field=" + url.QueryEscape(field)
	}
	return path
}

// ConfirmPath is the page that asks whether the page of a project is still true.
func ConfirmPath(id int64) string { return projectDeed(id, "confirm") }

// projectDeed is the address to which a form about a project is sent.
func projectDeed(id int64, deed string) string { return numbered("/projects/", id, "") + "/" + deed }

// PostPath is where a post stands: its page of its thread, and its place on that.
func PostPath(p forum.PostPlace) string {
	path := PagePath(p.Kind, p.ThreadID, p.Slug, p.Page())
	if p.Number == 0 {
		return path + "#" + heldID(p.PostID)
	}
	return path + "#" + postID(p.Number)
}

// PersonPath is the address of a person's page.
func PersonPath(id int64, handle string) string { return numbered("/people/", id, handle) }

// CouncilPath is the address of a council's page.
func CouncilPath(slug string) string { return "/councils/" + slug }

// TopicPath is the address of a topic's page.
func TopicPath(slug string) string { return "/topics/" + slug }

// postDeed is the address to which a form about a post is sent.
func postDeed(id int64, deed string) string { return numbered("/posts/", id, "") + "/" + deed }

// threadDeed is the address to which a form about a thread is sent.
func threadDeed(id int64, deed string) string { return numbered("/threads/", id, "") + "/" + deed }

func numbered(place string, id int64, slug string) string {
	path := place + strconv.FormatInt(id, 10)
	if slug != "" {
		path += "-" + slug
	}
	return path
}

func postID(number int) string { return "post-" + strconv.Itoa(number) }

func heldID(id int64) string { return "held-" + strconv.FormatInt(id, 10) }

// numberPath is where post number n of a thread stands.
func numberPath(t forum.Thread, n int) string {
	return PostPath(forum.PostPlace{ThreadID: t.ID, Kind: t.Kind, Slug: t.Slug, Number: n})
}

// The addresses of what programs read.
const (
	ThreadsFeed = "/feeds/threads.atom"
	Sitemap     = "/sitemap.xml"
)

// NewsPath is the address of what is new for somebody.
const NewsPath = "/whats-new"

// newsPath is the same since a day, 2026-11-24, behind a cursor.
func newsPath(day, before string) string {
	if before != "" {
		return NewsPath + "?since=" + day + "&before=" + before
	}
	return NewsPath + "?since=" + day
}

// nextUnreadPath leads on from a thread to the next with something new.
func nextUnreadPath(id int64) templ.SafeURL {
	return templ.SafeURL(NewsPath + "/next?after=" + strconv.FormatInt(id, 10))
}

// ThreadFeed is the address of a thread's feed, which stays when its title changes.
func ThreadFeed(id int64) string { return numbered("/feeds/threads/", id, "") + ".atom" }

// TopicFeed is the address of a topic's feed.
func TopicFeed(slug string) string { return "/feeds/topics/" + slug + ".atom" }

// CouncilFeed is the address of a council's feed.
func CouncilFeed(slug string) string { return "/feeds/councils/" + slug + ".atom" }

// SitemapPart is the address of one part of the sitemap.
func SitemapPart(name string) string { return "/sitemaps/" + name + ".xml" }

// CollectionPath is the address of a collection.
func CollectionPath(slug string) string { return "/collections/" + slug }

// CollectionDeed is the address of a page of a collection, or of a deed on it.
func CollectionDeed(slug, deed string) string { return CollectionPath(slug) + "/" + deed }

// CollectionFeedPath is the address of a collection's feed.
func CollectionFeedPath(slug string) string { return "/feeds/collections/" + slug + ".atom" }

// SectionAt and ItemAt are where a section and an item stand on the desk.
func SectionAt(id int64) string { return "#section-" + number(id) }

// ItemAt is where an item stands on the desk.
func ItemAt(id int64) string { return "#item-" + number(id) }

// inCollection is the address of a section, an item or a suggestion, or of a deed on it.
func inCollection(slug, what string, id int64, deed string) string {
	path := CollectionDeed(slug, what) + "/" + number(id)
	if deed != "" {
		path += "/" + deed
	}
	return path
}

// collectionAction is where the form at the head of a collection goes; an empty address
// is that of a new one.
func collectionAction(slug string) string {
	if slug == "" {
		return "/collections"
	}
	return CollectionPath(slug)
}

// CollectedPath is where an item of a collection stands.
func CollectedPath(i *curation.Item) string {
	if i.PostID != 0 {
		return PostPath(forum.PostPlace{ThreadID: i.ThreadID, Kind: i.Kind, Slug: i.Slug, PostID: i.PostID, Number: i.PostNumber})
	}
	return PathOf(i.Kind, i.ThreadID, i.Slug)
}
