package wire

import (
	"strconv"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/markup"
	"moothall/views"
)

// Highlights writes the feed of what the team highlights: the curators' words, which say
// why, and where to read the rest.
func Highlights(s Site, list []curation.Highlight) ([]byte, error) {
	f := s.feed("feed/highlights", s.W.T("feeds.highlights"), views.HighlightsFeed)
	f.lead(s.BaseURL+"/highlights", "", "")
	for _, h := range list {
		f.add(s.highlight(h), latest(h.Since(), h.ChangedAt))
	}
	return write(f)
}

// highlight is one as an entry, by who chose it.
func (s Site) highlight(h curation.Highlight) entry {
	page := s.BaseURL + views.HighlightPath(h.ID)
	e := entry{ID: s.tag("highlight/" + strconv.FormatInt(h.ID, 10)), Title: text{Lang: h.Lang, Text: h.Title}, Published: moment(h.Since()), Updated: moment(latest(h.Since(), h.ChangedAt)),
		Author: author{Name: s.W.T("erased.somebody")}, Links: []link{{Rel: "alternate", Type: htmlType, Href: page}, {Rel: "via", Type: htmlType, Href: s.BaseURL + views.HighlightSource(&h)}},
		Content: &text{Type: "html", Lang: h.Lang, Text: string(markup.Mail(string(h.HTML()), markup.Place{Thread: page, PerPage: forum.PostsPerPage}))}}
	if h.CuratorName != "" {
		e.Author = author{Name: h.CuratorName, URI: s.BaseURL + views.PersonPath(h.CuratorID, h.Handle)}
	}
	if h.About != "" {
		e.Categories = append(e.Categories, category{h.About})
	}
	return e
}
