package wire

import (
	"encoding/xml"
	"strconv"
	"time"

	"moothall/forum/feeds"
	"moothall/views"
)

const sitemapSpace = "http://www.sitemaps.org/schemas/sitemap/0.9"

type urlSet struct {
	XMLName xml.Name   `xml:"urlset"`
	Space   string     `xml:"xmlns,attr"`
	URLs    []location `xml:"url"`
}

type sitemapIndex struct {
	XMLName xml.Name   `xml:"sitemapindex"`
	Space   string     `xml:"xmlns,attr"`
	Parts   []location `xml:"sitemap"`
}

type location struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

// MapPages is the part of the sitemap that has all but the threads.
const MapPages = "pages"

// Sitemap writes what search engines may know: all of it or, where there is too much
// for one answer, where its parts are.
func Sitemap(s Site, m feeds.Sitemap) ([]byte, error) {
	if len(m.Parts) == 0 || len(m.Parts) == 1 && m.Parts[0] == 1 {
		return write(urlSet{Space: sitemapSpace, URLs: append(s.pages(m), s.threads(m.Threads)...)})
	}
	index := sitemapIndex{Space: sitemapSpace, Parts: []location{{Loc: s.BaseURL + views.SitemapPart(MapPages)}}}
	for _, part := range m.Parts {
		index.Parts = append(index.Parts, location{Loc: s.BaseURL + views.SitemapPart(strconv.Itoa(part))})
	}
	return write(index)
}

// SitemapPages writes the part that has all but the threads.
func SitemapPages(s Site, m feeds.Sitemap) ([]byte, error) {
	return write(urlSet{Space: sitemapSpace, URLs: s.pages(m)})
}

// SitemapThreads writes a part that has threads.
func SitemapThreads(s Site, threads []feeds.Place) ([]byte, error) {
	return write(urlSet{Space: sitemapSpace, URLs: s.threads(threads)})
}

// Robots says to programs that follow links where there is nothing for them: forms,
// what is somebody's own, what posts said before, and searches, for whose words whoever
// links to them answers.
func Robots(s Site) string {
	return `User-agent: *
Disallow: /account
Disallow: /admin
Disallow: /auth/
Disallow: /collections/*/
Disallow: /desk
Disallow: /drafts
Disallow: /moderation
Disallow: /people/suggest
Disallow: /posts/*/
Disallow: /products/*/
Disallow: /search
Disallow: /sign-in
Disallow: /suppliers/*/
Disallow: /threads/new
Disallow: /threads/*/
Disallow: /threads/*?quote=
Disallow: /threads/*&quote=
Disallow: /unsubscribe/
Disallow: /whats-new

Sitemap: ` + s.BaseURL + views.Sitemap + "\n"
}

func (s Site) pages(m feeds.Sitemap) (list []location) {
	for _, path := range []string{"/", "/threads", "/topics", "/councils", "/projects", "/lessons", "/products", "/suppliers", "/collections", "/highlights", "/newsletters", "/about", "/about/rules", "/about/help", "/about/writing",
		"/about/data", "/about/privacy", "/about/accessibility"} {
		list = append(list, location{Loc: s.BaseURL + path})
	}
	for _, t := range m.Topics {
		list = append(list, location{Loc: s.BaseURL + views.TopicPath(t.Slug)})
	}
	for _, c := range m.Councils {
		list = append(list, location{Loc: s.BaseURL + views.CouncilPath(c.Slug)})
	}
	for _, o := range m.Products {
		list = append(list, location{Loc: s.BaseURL + views.ProductPath(o.Slug)})
	}
	for _, k := range m.Suppliers {
		list = append(list, location{Loc: s.BaseURL + views.SupplierPath(k.Slug)})
	}
	for _, n := range m.Newsletters {
		list = append(list, location{Loc: s.BaseURL + views.NewsletterPath(n.ID), LastMod: n.At.UTC().Format(time.RFC3339)})
	}
	for _, k := range m.Collections {
		list = append(list, location{Loc: s.BaseURL + views.CollectionPath(k.Slug), LastMod: k.At.UTC().Format(time.RFC3339)})
	}
	return list
}

func (s Site) threads(threads []feeds.Place) []location {
	list := make([]location, len(threads))
	for i, t := range threads {
		list[i] = location{Loc: s.BaseURL + views.PathOf(t.Kind, t.ID, t.Slug), LastMod: t.At.UTC().Format(time.RFC3339)}
	}
	return list
}
