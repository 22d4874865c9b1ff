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
	return search.Page{Query: search.Query{Text: `bins "not <them>"`, Topic: "waste-management", Nation: "Wales", Author: 2, Year: 2026, Sort: search.Newest, Before: "abc", Cut: true}, Writer: &search.Named{ID: 2, Name: "Ben <Burnish>"},
		Hits: hits(), Next: "def", Found: 2000, More: true, Meant: "bins", Topics: someTopics(), Askers: []forum.Council{northmoor()}, CanAsk: true,
		Councils: []forum.Council{northmoor()}, People: []search.Named{{ID: 1, Name: "Ada", Handle: "ada", JobTitle: "Head", Council: "Northmoor"}}, Collections: []search.Titled{{Slug: "biniau", Title: "Biniau", Lang: "cy"}},
		Following: forum.Following{Cadence: forum.Daily, Can: true, Stop: true}}
}

func searchRefused() search.Page {
	return search.Page{Query: search.Query{Text: "-bins"}, Following: forum.Following{Cadence: forum.Off, Can: true}, CanAsk: true}
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

func someHelpers() []search.Helper {
	return []search.Helper{
		{ID: 1, Name: "Ada <b>", Handle: "ada", JobTitle: "Head", Council: "Northmoor", Answers: 3, Useful: 1, Projects: 2, Skilled: true},
		{ID: 2, Name: "Ben", Handle: "ben", Skilled: true},
	}
}

func offering() search.PersonPage {
	threads := someThreads()
	return search.PersonPage{PersonPage: forum.PersonPage{Person: person2(), Since: since(300 * day)}, CanAsk: true, Skills: someTopics()[:1],
		Offer:   search.Offer{Askable: true, About: "Bins & <more>", ShowAnswers: true, ShowProjects: true},
		Answers: []search.Answer{{Thread: threads[0], PostNumber: 22, PostID: 9}}, Projects: threads[1:2]}
}

func accountOf(who forum.Person) AccountPage {
	return AccountPage{Who: who, Offer: search.OfferPage{Draft: search.OfferDraft{Offer: search.Offer{ShowThreads: true}}, Topics: someTopics(), Can: search.CanOffer(who)}}
}

func accountTyped() AccountPage {
	p := accountOf(person2())
	p.Offer.Draft = search.OfferDraft{Offer: search.Offer{Askable: true, About: "Long & <longer>", ShowAnswers: true}, Skills: []string{"waste-management", "none"}}
	return p
}
