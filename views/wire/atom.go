// Package wire writes what programs read: Atom feeds (RFC 4287) and the sitemap. It
// shows what forum/feeds has read, and nothing beside it.
package wire

import (
	"bytes"
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"
	"time"

	"moothall/forum"
	"moothall/forum/feeds"
	"moothall/forum/markup"
	"moothall/views"
	"moothall/views/words"
)

// Site is what every feed needs beside its own content: in which words, and what
// people see in front of an address, without a slash at its end.
type Site struct {
	W       words.Words
	BaseURL string
}

// feed is an Atom feed. RFC 4685 adds how threads and replies hang together.
type feed struct {
	XMLName  xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Thr      string   `xml:"xmlns:thr,attr"`
	Lang     string   `xml:"xml:lang,attr"`
	ID       string   `xml:"id"`
	Title    string   `xml:"title"`
	Subtitle string   `xml:"subtitle,omitempty"`
	Updated  string   `xml:"updated"`
	Links    []link   `xml:"link"`
	Entries  []entry  `xml:"entry"`
}

type link struct {
	Rel     string `xml:"rel,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Href    string `xml:"href,attr"`
	Count   string `xml:"thr:count,attr,omitempty"`
	Updated string `xml:"thr:updated,attr,omitempty"`
}

type entry struct {
	ID         string     `xml:"id"`
	Title      text       `xml:"title"`
	Published  string     `xml:"published"`
	Updated    string     `xml:"updated"`
	Author     author     `xml:"author"`
	Links      []link     `xml:"link"`
	Categories []category `xml:"category"`
	Answers    *answers   `xml:"thr:in-reply-to"`
	Summary    *text      `xml:"summary"`
	Content    *text      `xml:"content"`
}

type text struct {
	Type string `xml:"type,attr,omitempty"`
	Lang string `xml:"xml:lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

type author struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type category struct {
	Term string `xml:"term,attr"`
}

type answers struct {
	Ref string `xml:"ref,attr"`
}

const (
	atomType = "application/atom+xml"
	htmlType = "text/html"
	thrSpace = "http://purl.org/syndication/thread/1.0"
)

// Threads writes one page of a feed of threads.
func Threads(s Site, p feeds.ThreadFeed, before string) ([]byte, error) {
	f := s.feed("feed/threads", s.W.T("feeds.threads"), views.ThreadsFeed)
	page := "/threads"
	switch {
	case p.Topic != nil:
		f = s.feed("feed/topic/"+strconv.FormatInt(p.Topic.ID, 10), s.W.T("feeds.of", "Name", p.Topic.Name), views.TopicFeed(p.Topic.Slug))
		f.Subtitle, page = p.Topic.Description, views.TopicPath(p.Topic.Slug)
	case p.Council != nil:
		f = s.feed("feed/council/"+strconv.FormatInt(p.Council.ID, 10), s.W.T("feeds.of", "Name", p.Council.Name), views.CouncilFeed(p.Council.Slug))
		page = views.CouncilPath(p.Council.Slug)
	}
	f.lead(s.BaseURL+page, before, p.Next)
	for _, t := range p.Threads {
		f.add(s.thread(t), latest(t.Updated(), t.LastPostAt))
	}
	return write(f)
}

// Posts writes one page of the feed of a thread.
func Posts(s Site, p feeds.PostFeed, before int) ([]byte, error) {
	t := p.Thread
	f := s.feed("feed/thread/"+strconv.FormatInt(t.ThreadID, 10), s.W.T("feeds.of", "Name", t.Title), views.ThreadFeed(t.ThreadID))
	f.lead(s.BaseURL+views.PathOf(t.Kind, t.ThreadID, t.Slug), number(before), number(p.Next))
	f.Updated = moment(t.LastPostAt)
	for _, post := range p.Posts {
		f.add(s.post(t, post), post.Updated())
	}
	return write(f)
}

// feed begins a feed. When nothing is in it, it is as old as can be.
func (s Site) feed(id, title, path string) *feed {
	return &feed{Thr: thrSpace, Lang: s.W.Lang(), ID: s.tag(id), Title: title, Updated: moment(time.Unix(0, 0)),
		Links: []link{{Rel: "self", Type: atomType, Href: s.BaseURL + path}}}
}

// lead puts in where the page for people is, and the other pages of the feed
// (RFC 5005 §3); here and next are their cursors.
func (f *feed) lead(page, here, next string) {
	first := f.Links[0].Href
	if here != "" {
		f.Links[0].Href = first + "?before=" + here
	}
	f.Links = append(f.Links, link{Rel: "alternate", Type: htmlType, Href: page}, link{Rel: "first", Type: atomType, Href: first})
	if next != "" {
		f.Links = append(f.Links, link{Rel: "next", Type: atomType, Href: first + "?before=" + next})
	}
}

// add puts an entry in, and lets the feed be no older than it.
func (f *feed) add(e entry, at time.Time) {
	f.Entries = append(f.Entries, e)
	f.Updated = max(f.Updated, moment(at)) // all are as long, in UTC
}

// thread is a thread as an entry: its question, and where its replies are.
func (s Site) thread(t feeds.Thread) entry {
	path := s.BaseURL + views.PathOf(t.Kind, t.ThreadID, t.Slug)
	e := s.entry("thread/"+strconv.FormatInt(t.ThreadID, 10), t.Title, path, t.Post)
	e.Published, e.Updated = moment(t.AskedAt), moment(t.Updated())
	e.Links = append(e.Links, link{Rel: "replies", Type: atomType, Href: s.BaseURL + views.ThreadFeed(t.ThreadID),
		Count: strconv.Itoa(t.Replies), Updated: moment(t.LastPostAt)})
	e.Categories = append(e.Categories, category{s.W.T("kind." + t.Kind)})
	for _, topic := range t.Topics {
		e.Categories = append(e.Categories, category{topic})
	}
	return e
}

// post is a post of a thread as an entry.
func (s Site) post(t feeds.Thread, p feeds.Post) entry {
	place := forum.PostPlace{ThreadID: t.ThreadID, Slug: t.Slug, PostID: p.ID, Number: p.Number}
	e := s.entry("post/"+strconv.FormatInt(p.ID, 10), s.W.T("feeds.post", "Number", p.Number, "Title", t.Title), s.BaseURL+views.PostPath(place), p)
	switch {
	case p.ReplyToID != 0:
		e.Answers = &answers{s.tag("post/" + strconv.FormatInt(p.ReplyToID, 10))}
	case p.Number > 1:
		e.Answers = &answers{s.tag("thread/" + strconv.FormatInt(t.ThreadID, 10))}
	}
	return e
}

// entry is what somebody wrote. Words that do not show are not there.
func (s Site) entry(id, title, page string, p feeds.Post) entry {
	e := entry{ID: s.tag(id), Title: text{Lang: p.Lang, Text: title}, Published: moment(p.PostedAt), Updated: moment(p.Updated()),
		Author: s.author(p), Links: []link{{Rel: "alternate", Type: htmlType, Href: page}}}
	if p.ID != 0 {
		e.Summary = &text{Type: "text", Lang: p.Lang, Text: p.Excerpt}
		place := markup.Place{Thread: page[:strings.IndexAny(page+"#", "?#")], PerPage: forum.PostsPerPage}
		e.Content = &text{Type: "html", Lang: p.Lang, Text: string(markup.Mail(string(p.HTML), place))}
	}
	return e
}

// author is who wrote something, with their council or company as it was then.
// Whoever was erased is called by the council that they wrote for.
func (s Site) author(p feeds.Post) author {
	switch {
	case p.AuthorName == "" && p.CouncilName == "":
		return author{Name: s.W.T("erased.somebody")}
	case p.AuthorName == "":
		return author{Name: s.W.T("erased.former", "Council", p.CouncilName)}
	}
	a := author{Name: p.AuthorName, URI: s.BaseURL + views.PersonPath(p.AuthorID, p.AuthorHandle)}
	switch {
	case p.Company != "":
		a.Name += ", " + s.W.T("post.supplier", "Company", p.Company)
	case p.CouncilName != "":
		a.Name += ", " + p.CouncilName
	}
	return a
}

// tag is a name that a thing keeps for ever (RFC 4151): in it is no title, no place
// and no number that could change with them.
func (s Site) tag(thing string) string {
	host := "moothall"
	if u, err := url.Parse(s.BaseURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return "tag:" + host + ",2026:" + thing
}

// latest is the later of two moments.
func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// moment is a time as RFC 3339 writes it, in UTC and to the microsecond: of two changes
// in one second programs learn of both.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z07:00") }

// number is a number's digits; of 0 there are none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// write is a document as XML. Signs that XML does not know are replaced in it.
func write(document any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	err := xml.NewEncoder(&b).Encode(document)
	return b.Bytes(), err
}
