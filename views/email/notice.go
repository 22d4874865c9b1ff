package email

import "moothall/forum"

// noticed is what a mail about oneself says.
type noticed struct {
	Title  string
	Thread string
	Text   string
	Quote  string // the reader's own words
	Links  []link
}

// notice says that an answer was accepted, or that somebody was let in.
func (m mail) notice() noticed {
	if m.Reason == "let_in" {
		return noticed{Title: m.w.T("email.let_in.title"), Text: m.w.T("email.let_in.text"), Links: []link{
			{m.w.T("email.let_in.ask"), m.at("/threads/new")},
			{m.w.T("email.let_in.help"), m.at("/threads?state=unanswered")},
		}}
	}
	if m.tended() {
		return m.tendedNotice()
	}
	n := noticed{Title: m.w.T("email.accepted.title"), Text: m.w.T("email.accepted.text"), Links: []link{m.read()}}
	if !m.To.LinksOnly {
		n.Thread, n.Quote = oneLine(m.Thread.Title), cut(oneLine(m.Post.Excerpt), 200)
	}
	return n
}

// tended reports whether a curator has tidied a thread of the reader's.
func (m mail) tended() bool {
	switch m.Event {
	case forum.ThreadMoved, forum.ThreadRetitled, forum.ThreadMerged, forum.ThreadSplit, forum.WasHighlighted:
		return true
	}
	return false
}

// tendedNotice says what was done to the thread. To those who want links only it does
// not name it.
func (m mail) tendedNotice() noticed {
	n := noticed{Title: m.w.T("email.tended.title." + string(m.Event)), Text: m.w.T("email.tended.text." + string(m.Event)),
		Links: []link{{m.w.T("email.read"), m.threadAt()}}}
	if m.To.LinksOnly {
		n.Links[0].To = m.at("/threads/" + id(m.Thread.ID))
	} else {
		n.Thread = oneLine(m.Thread.Title)
	}
	return n
}

// accountFacts are what is known of what happened to an account.
func (m mail) accountFacts() []string {
	a := m.Account
	facts := []string{m.w.T("email.account.at", "When", m.w.DateTime(a.At))}
	if device := oneLine(a.Device); device != "" {
		facts = append(facts, m.w.T("email.account.device", "Device", device))
	}
	if issuer := oneLine(a.Issuer); issuer != "" {
		facts = append(facts, m.w.T("email.account.issuer", "Issuer", issuer))
	}
	if address := oneLine(a.Address); address != "" && a.Kind == "address_changed" {
		facts = append(facts, m.w.T("email.account.address", "Address", address))
	}
	return facts
}

// notYou says what to do if it was somebody else.
func (m mail) notYou() string {
	if m.Account.Kind == "left" {
		return m.w.T("email.account.not_you_left")
	}
	return m.w.T("email.account.not_you")
}

// accountLinks are where it is done: who has left cannot sign in.
func (m mail) accountLinks() []link {
	help := link{m.w.T("email.account.help"), m.at("/help")}
	if m.Account.Kind == "left" {
		return []link{help}
	}
	return []link{
		{m.w.T("email.account.sessions"), m.at("/account/sessions")},
		{m.w.T("email.account.providers"), m.at("/account/providers")},
		help,
	}
}
