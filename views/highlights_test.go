package views

import (
	"moothall/forum"
	"moothall/forum/curation"
)

// someHighlights are one of a project, and one of a post by a colleague who was erased.
func someHighlights() []curation.Highlight {
	return []curation.Highlight{
		{ID: 4, ThreadID: 7, Kind: "project", Slug: "bins", ThreadTitle: "Bins online", ThreadLang: "en", AuthorName: "Ada", CouncilName: "Northmoor", Title: "A form with no button", Note: "Ask **how**.",
			Lang: "en", Image: "waves", Grade: "repeated", Principle: "open", About: "Open by default", FromOn: *since(9 * day), UntilOn: *since(-90 * day), CuratorID: 2, CuratorName: "Cora", Live: true},
		{ID: 3, ThreadID: 8, Kind: "question", Slug: "ffurflenni", ThreadTitle: "Ffurflenni", ThreadLang: "cy", PostID: 31, PostNumber: 3, CouncilName: "Southmoor", Title: "Un ffurflen", Note: "Dwy iaith.",
			Lang: "cy", Grade: "said", FromOn: *since(-9 * day), UntilOn: *since(-90 * day), CuratorID: 2, Coming: true, Checks: true, Own: true},
	}
}

// clashing is the form of a highlight that somebody else has changed.
func clashing() curation.HighlightFormPage {
	t := thread()
	return curation.HighlightFormPage{ID: 4, Clash: true, Thread: t.Thread, Post: &t.Posts[len(t.Posts)-1],
		Draft: curation.HighlightDraft{Title: "Theirs", Note: "Theirs.", Lang: "en", From: "2026-03-28", Until: "2026-09-28", Version: 2}}
}

// threadHighlighted is a thread that is highlighted as a whole, and in one post.
func threadHighlighted() forum.ThreadPage {
	p := threadFor()
	p.Highlights = []forum.HighlightMark{{ID: 4, From: "2026-03-02"}, {ID: 5, PostID: p.Posts[len(p.Posts)-1].ID, From: "2026-04-02"}}
	return p
}
