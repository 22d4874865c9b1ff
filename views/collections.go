package views

import (
	"strconv"

	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views/govuk"
)

// CollectionTyped is what was typed into the forms of a collection's desk.
type CollectionTyped struct {
	Draft   curation.CollectionDraft
	Heading string
	Item    curation.ItemDraft
	At      string // the place of the page to go back to; may be empty
}

// Deciding is what was typed to decide on a suggestion.
type Deciding struct {
	Why     string
	Section int64
	Reason  string
}

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

// collectedKind is what sort of thing an item is.
func collectedKind(f Frame, i *curation.Item) string {
	if i.PostID != 0 {
		return f.W.T("collections.post", "Number", i.PostNumber)
	}
	return f.W.T("kind." + i.Kind)
}

// collectedBy says whose work an item is; empty where nobody wrote it any more.
func collectedBy(f Frame, i *curation.Item) string {
	name := named(f, i.AuthorName, i.CouncilName)
	if i.AuthorName == "" || i.CouncilName == "" {
		return f.W.T("highlights.by", "Name", name)
	}
	return f.W.T("highlights.by_of", "Name", name, "Council", i.CouncilName)
}

// collectionState is what a collection is that is not shown.
func collectionState(f Frame, c *curation.Collection) string {
	if c.PublishedAt == nil {
		return f.W.T("collections.draft")
	}
	return f.W.T("collections.withdrawn")
}

// sectionOptions are the headings under which something can stand.
func sectionOptions(p curation.CollectionDesk) []govuk.Option {
	options := make([]govuk.Option, len(p.Sections))
	for i, s := range p.Sections {
		options[i] = govuk.Option{Value: number(s.ID), Text: s.Heading}
	}
	return options
}

// sectionValue is the heading that stands chosen; of none the last.
func sectionValue(p curation.CollectionDesk, chosen int64) string {
	if chosen == 0 && len(p.Sections) > 0 {
		chosen = p.Sections[len(p.Sections)-1].ID
	}
	return number(chosen)
}

// collectedBefore is how many items stand before a section, so that they count on.
func collectedBefore(p *curation.CollectionPage, section int) (n int) {
	for _, s := range p.Sections[:section] {
		n += len(s.Items)
	}
	return n
}

// goneIn is what stands in a section that nobody sees any more.
func goneIn(p curation.CollectionDesk, section int64) (list []curation.Item) {
	for _, i := range p.Gone {
		if i.SectionID == section {
			list = append(list, i)
		}
	}
	return list
}

// ordinal is the number of an item as it stands before its title.
func ordinal(n int) string { return strconv.Itoa(n) + ". " }

// suggestionState says what became of a suggestion.
func suggestionState(f Frame, s *curation.Suggestion) string {
	switch {
	case s.DecidedAt == nil:
		return f.W.T("collections.waits")
	case s.Taken:
		return f.W.T("collections.taken", "Date", f.W.Date(*s.DecidedAt))
	}
	return f.W.T("collections.declined", "Date", f.W.Date(*s.DecidedAt))
}

// collectionHead is the head of a collection's page.
func collectionHead(f Frame, p *curation.CollectionPage) pageHead {
	head := pageHead{Title: p.Collection.Title, Description: f.W.N("collections.items", p.Collection.Items), Canonical: CollectionPath(p.Collection.Slug)}
	if p.Collection.Shown {
		head.Feed = CollectionFeedPath(p.Collection.Slug)
	}
	return head
}

// deskTitle is the title of the page where a collection is put together.
func deskTitle(f Frame, p curation.CollectionDesk) string {
	if p.Collection.ID == 0 {
		return f.W.T("collections.new")
	}
	return f.W.T("collections.edit_of", "Title", p.Collection.Title)
}

// collectedData says to programs which thing a row is.
func collectedData(i *curation.Item) templ.Attributes {
	data := templ.Attributes{"data-thread": number(i.ThreadID)}
	if i.PostID != 0 {
		data["data-post"] = number(i.PostID)
	}
	return data
}
