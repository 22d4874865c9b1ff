package views

import (
	"moothall/forum"
	"moothall/forum/search"
)

// hits are threads as they are found: by a reply in Welsh that was accepted, and by the
// opening post.
func hits() []search.Hit {
	threads := someThreads()
	return []search.Hit{
		{Thread: threads[0], PostID: 9, PostNumber: 22, PostedAt: ago(2 * day), PostLang: "cy", WriterName: "Ben", WriterHandle: "ben", WriterID: 2, Accepted: true,
			Snippet: []search.Passage{{Text: "a <b> & "}, {Text: "bins", Marked: true}, {Text: " … more"}}},
		{Thread: threads[1], PostID: 3, PostNumber: 1, PostedAt: ago(day), PostLang: "en", WriterName: "Ada", WriterID: 1, Snippet: []search.Passage{{Text: "Words."}}},
	}
}

func searched() search.Page {
	return search.Page{Query: search.Query{Text: `bins "not <them>"`, Topic: "waste-management", Nation: "Wales", Author: 2, Year: 2026, Sort: search.Newest, Before: "abc", Cut: true},
		Hits: hits(), Next: "def", Found: 2000, More: true, Meant: "bins", Topics: someTopics(), Askers: []forum.Council{northmoor()}, CanAsk: true,
		Councils: []forum.Council{northmoor()}, People: []search.Named{{ID: 1, Name: "Ada", Handle: "ada", JobTitle: "Head", Council: "Northmoor"}}, Collections: []search.Titled{{Slug: "biniau", Title: "Biniau", Lang: "cy"}}}
}

func searchedInVain() search.Page {
	return search.Page{Query: search.Query{Text: "unicorn bins", Kind: forum.Question}, Nearest: hits()[1:], CanAsk: true}
}

func someAlike() []forum.Alike {
	return []forum.Alike{
		{ID: 7, Title: "Missed bins?", Slug: "missed-bins", Lang: "en", Kind: forum.Question, Replies: 3, Answered: true, CouncilName: "Northmoor"},
		{ID: 8, Title: "Biniau", Slug: "biniau", Lang: "cy", Kind: forum.Discussion},
	}
}

func askingAlike() forum.AskPage {
	p := askPreviewed()
	p.Alike = someAlike()
	return p
}

func wordsToTend() search.WordsPage {
	return search.WordsPage{Synonyms: []search.Synonym{{ID: 1, Word: "LGR", Means: "local government reorganisation"}, {ID: 2, Word: "SEND", Means: "special <needs>", Capitals: true}},
		Misses: []search.Miss{{Words: "unicorns & more", Times: 3}}, Answered: 2}
}
