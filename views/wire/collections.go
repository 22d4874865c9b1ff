package wire

import (
	"strconv"

	"moothall/forum/curation"
	"moothall/views"
)

// Collection writes the feed of a collection: what was put into it last, with the
// sentence that says why, and where to read it.
func Collection(s Site, c curation.Collection, list []curation.Item) ([]byte, error) {
	f := s.feed("feed/collections/"+strconv.FormatInt(c.ID, 10), s.W.T("feeds.of", "Name", c.Title), views.CollectionFeedPath(c.Slug))
	f.lead(s.BaseURL+views.CollectionPath(c.Slug), "", "")
	for _, i := range list {
		f.add(s.collected(c, i), i.AddedAt)
	}
	return write(f)
}

// collected is one thing of a collection as an entry, by who put it there.
func (s Site) collected(c curation.Collection, i curation.Item) entry {
	e := entry{ID: s.tag("collected/" + strconv.FormatInt(i.ID, 10)), Title: text{Lang: i.Lang, Text: i.Title}, Published: moment(i.AddedAt), Updated: moment(i.AddedAt),
		Author: author{Name: s.W.T("erased.somebody")}, Links: []link{{Rel: "alternate", Type: htmlType, Href: s.BaseURL + views.CollectedPath(&i)}},
		Content: &text{Type: "text", Lang: c.Lang, Text: i.Why}}
	if i.AddedBy.Name != "" {
		e.Author = author{Name: i.AddedBy.Name, URI: s.BaseURL + views.PersonPath(i.AddedBy.ID, i.AddedBy.Handle)}
	}
	return e
}
