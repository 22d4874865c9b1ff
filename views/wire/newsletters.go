package wire

import (
	"html"
	"strconv"
	"strings"

	"moothall/forum"
	"moothall/forum/markup"
	"moothall/forum/newsletter"
	"moothall/views"
	"moothall/views/words"
)

// Newsletters writes the feed of the issues that went out, each whole.
func Newsletters(s Site, list []newsletter.Issue) ([]byte, error) {
	f := s.feed("feed/newsletters", s.W.T("feeds.newsletters"), views.NewslettersFeed)
	f.lead(s.BaseURL+"/newsletters", "", "")
	for _, i := range list {
		if i.BegunAt != nil {
			f.add(s.issue(i), *i.BegunAt)
		}
	}
	return write(f)
}

// issue is one as an entry, in its own language.
func (s Site) issue(i newsletter.Issue) entry {
	page := s.BaseURL + views.NewsletterPath(i.ID)
	return entry{ID: s.tag("newsletter/" + strconv.FormatInt(i.ID, 10)), Title: text{Lang: i.Lang, Text: i.Subject}, Published: moment(*i.BegunAt), Updated: moment(*i.BegunAt),
		Author: author{Name: s.W.T("newsletters.author")}, Links: []link{{Rel: "alternate", Type: htmlType, Href: page}},
		Content: &text{Type: "html", Lang: i.Lang, Text: s.issueHTML(i, page)}}
}

// issueHTML is what is in an issue.
func (s Site) issueHTML(i newsletter.Issue, page string) string {
	w := words.In(i.Lang)
	var b strings.Builder
	for _, block := range i.Blocks {
		if block.Empty() {
			continue
		}
		if heading := views.BlockHeading(w, block); heading != "" {
			b.WriteString("<h2>" + html.EscapeString(heading) + "</h2>")
		}
		b.WriteString(string(markup.Mail(string(block.HTML), markup.Place{Thread: page, PerPage: forum.PostsPerPage})))
		for _, item := range block.Items {
			b.WriteString(`<p><a href="` + html.EscapeString(s.BaseURL+views.PathOf(item.Kind, item.ThreadID, item.Slug)) + `">` + html.EscapeString(item.Title) + "</a> " + html.EscapeString(item.Why) + "</p>")
		}
	}
	return b.String()
}
