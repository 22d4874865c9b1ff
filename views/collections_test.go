package views

import (
	"moothall/forum"
	"moothall/forum/curation"
)

// someCollections are one that everybody sees, one in Welsh that was withdrawn.
func someCollections() []curation.Collection {
	return []curation.Collection{
		{ID: 4, Slug: "bins-start-here", Title: "Bins: start here", Intro: "For **new** people.", Lang: "en", Shown: true, PublishedAt: since(99 * day), ReviewedAt: *since(400 * day), Stale: true,
			CuratorID: 2, CuratorName: "Cora", Handle: "cora", Items: 3, Version: 4, Waiting: 1},
		{ID: 3, Slug: "biniau", Title: "Biniau", Intro: "Dwy iaith.", Lang: "cy", PublishedAt: since(9 * day), ReviewedAt: *since(9 * day), Items: 1, Version: 2},
	}
}

// someCollection is one as it is read; a draft as a curator sees it.
func someCollection(draft bool) curation.CollectionPage {
	p := curation.CollectionPage{Collection: someCollections()[0], Sections: []curation.Section{
		{ID: 1, Heading: "Before day one", Items: []curation.Item{
			{ID: 11, SectionID: 1, ThreadID: 7, Kind: "project", Slug: "bins", Title: "Bins online", Lang: "en", AuthorName: "Ada", CouncilName: "Northmoor", Why: "Make tea <first>.",
				SuggestedBy: curation.Contributor{ID: 3, Name: "Ben", Handle: "ben"}},
			{ID: 12, SectionID: 1, ThreadID: 8, Kind: "question", Slug: "ffurflenni", Title: "Ffurflenni", Lang: "cy", PostID: 31, PostNumber: 3, CouncilName: "Southmoor", Why: "Two languages.", CouncilsOnly: true}}},
		{ID: 2, Heading: "Day one", Items: []curation.Item{{ID: 13, SectionID: 2, ThreadID: 9, Kind: "lesson", Slug: "robot", Title: "We retired our robot", Lang: "en", AuthorName: "Ben", Why: "Read the end."}}}},
		Contributors: []curation.Contributor{{ID: 2, Name: "Cora", Handle: "cora"}, {ID: 3, Name: "Ben", Handle: "ben"}},
		Following:    forum.Following{Cadence: forum.Off, Can: true}, CanSuggest: true}
	if draft {
		p.Collection.Shown, p.Collection.PublishedAt, p.Collection.Stale, p.Curates, p.CanSuggest = false, nil, false, true, false
	}
	return p
}

// someSuggestions are one that waits, one that was declined, one of what is gone since.
func someSuggestions() []curation.Suggestion {
	thing := curation.Item{ThreadID: 7, Kind: "question", Slug: "bins", Title: "Missed bins", Lang: "en", PostID: 31, PostNumber: 3}
	return []curation.Suggestion{
		{ID: 21, Person: curation.Contributor{ID: 3, Name: "Ben", Handle: "ben"}, CouncilName: "Southmoor", Why: "Mine <too>.", At: *since(day), There: true, Item: thing},
		{ID: 20, Why: "And this.", At: *since(3 * day), DecidedAt: since(2 * day), Reason: "Another collection has it.", There: true, Item: thing},
		{ID: 19, Why: "And that.", At: *since(5 * day), DecidedAt: since(4 * day), Taken: true},
	}
}

// collectionDesk is a collection to be worked on.
func collectionDesk() curation.CollectionDesk {
	return curation.CollectionDesk{CollectionPage: someCollection(true), Draft: curation.CollectionDraft{Title: "Bins: start here", Intro: "For **new** people.", Lang: "en", Version: 4},
		Gone: []curation.Item{{ID: 14, SectionID: 2}}, Waiting: someSuggestions()[:1], Changes: []curation.CollectionChange{
			{EntryID: 9, Deed: forum.TookOut, At: *since(day), DoerName: "Cora", Undone: true}, {EntryID: 8, Deed: forum.PutIn, At: *since(2 * day), DoerName: "Cora", Stands: true}}}
}

func clashingDesk() curation.CollectionDesk {
	p := collectionDesk()
	p.Clash = true
	return p
}

// threadCollected is a thread that is in a collection.
func threadCollected() forum.ThreadPage {
	p := thread()
	p.Collections = []forum.CollectionMark{{Slug: "biniau", Title: "Biniau", Lang: "cy"}}
	return p
}
