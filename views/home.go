package views

import "moothall/forum"

// homePart is what stands around the threads of one part of the front page.
type homePart struct {
	ID, Title, Why string
	All, AllPath   string // the way to the whole list, where there is one
	None, NonePath string // said where there are no threads
}

// newcomerWaits says who lets somebody in, and what they can do meanwhile.
func newcomerWaits(f Frame, who forum.Person) string {
	switch {
	case who.Company != "":
		return f.W.T("newcomer.waiting_company")
	case who.CouncilID == 0:
		return f.W.T("newcomer.waiting_unknown")
	}
	return f.W.T("newcomer.waiting_text")
}

func homeHead(f Frame) pageHead {
	head := pageHead{Title: f.W.T("home.yours_title"), Wide: true}
	if !f.SignedIn {
		head.Title, head.Description, head.Canonical = f.W.T("home.title"), f.W.T("home.lede"), "/"
	}
	return head
}
