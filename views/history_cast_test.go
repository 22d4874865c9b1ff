package views

import (
	"strings"

	"moothall/forum"
	"moothall/forum/wording"
)

// clash is an edit of a post that somebody else changed meanwhile.
func clash(draft forum.EditDraft) *forum.Conflict {
	now := forum.Conflict{Title: "Theirs", Body: "Theirs.\n\nAll of <it>.", Topics: []string{"waste-management"}, Version: 3, EditorName: "Ben", At: ago(day), Redacted: true}
	now.Differences = editing().Compare(now, draft)
	return &now
}

// changedOver is the form with the other text in it.
func changedOver(own forum.EditDraft) forum.EditPage {
	p := editing()
	p.Own = &own
	return p
}

// history is that of an opening post: written, edited by its author, by a curator, and
// with words taken out.
func history() forum.HistoryPage {
	bare := func(text string) []wording.Change { return []wording.Change{{Kind: wording.Same, Text: text}} }
	ben := forum.Version{EditorID: 2, EditorName: "Ben", EditorHandle: "ben", JobTitle: "Digital officer", CouncilSlug: "southmoor", CouncilName: "Southmoor Borough Council"}
	first, second, third := ben, ben, ben
	first.Number, first.At, first.First = 1, ago(5*day), true
	first.Changes = forum.Comparison{Title: bare("Bins?"), Topics: bare("Waste management"), Body: bare("We **get** 1,900 <a> month.\n\nWhy?")}
	second.Number, second.At = 3, ago(4*day)
	second.Changes = forum.Comparison{Title: []wording.Change{{Kind: wording.Removed, Text: "Bins?"}, {Kind: wording.Added, Text: "How do you stop missed bins?"}},
		Topics: []wording.Change{{Kind: wording.Same, Text: "Waste management"}, {Kind: wording.Added, Text: "Forms"}},
		Body:   []wording.Change{{Kind: wording.Folded, Text: strings.Repeat("word ", 50)}, {Kind: wording.Same, Text: "We get "}, {Kind: wording.Removed, Text: "1,900"}, {Kind: wording.Added, Text: "<2,000>\n\nor so"}, {Kind: wording.Same, Text: " a month."}}}
	third.Number, third.At, third.ByTeam, third.Now, third.Reason = 4, ago(2*day), true, true, "It named a street."
	third.EditorID, third.EditorName, third.EditorHandle, third.Company, third.CouncilName, third.Closed = 1, "Ada", "ada", "", "", true
	taken := forum.Version{Number: 5, At: ago(day), EditorID: 1, EditorName: "Ada", EditorHandle: "ada", ByTeam: true, Redaction: true, Reason: "It named a resident."}
	asked := post(1, 2, "Ben", "<p>We get [removed] a month.</p>")
	return forum.HistoryPage{Thread: bins(), Post: asked, Versions: []forum.Version{taken, third, second, first}, Begun: true, Older: 1, Earlier: true}
}

// historyAlone is that of a reply in Welsh that was never edited.
func historyAlone() forum.HistoryPage {
	p := history()
	p.Post = post(2, 3, "Cai", "<p>Ie.</p>")
	p.Post.Lang = "cy"
	only := p.Versions[3]
	only.Now, only.Changes = true, forum.Comparison{Body: []wording.Change{{Kind: wording.Same, Text: "Ie."}}}
	p.Versions, p.Begun, p.Older, p.Earlier = []forum.Version{only}, false, 0, false
	return p
}

// historyToRedact is for a moderator, whose form was refused.
func historyToRedact() forum.HistoryPage {
	p := historyAlone()
	p.Post.Number, p.Post.Held = 0, true
	p.CanRedact, p.Draft = true, forum.RedactDraft{Passage: "Mrs <Example>", Reason: "It names her."}
	return p
}
