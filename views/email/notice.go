package email

import "moothall/forum"

// noticed is what a mail about oneself says.
type noticed struct {
	Title  string
	Thread string
	Text   string
	Quote  string // the reader's own words
	Facts  []string
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
	switch m.Reason {
	case "tends":
		return m.projectNotice()
	case "could_answer":
		return m.askNotice()
	case "role":
		return m.roleNotice()
	}
	if m.tended() {
		return m.tendedNotice()
	}
	if m.ofCollection() {
		return m.collectionNotice()
	}
	if m.ofTrade() {
		return m.tradeNotice()
	}
	n := noticed{Title: m.w.T("email.accepted.title"), Text: m.w.T("email.accepted.text"), Links: []link{m.read()}}
	if !m.To.LinksOnly {
		n.Thread, n.Quote = oneLine(m.Thread.Title), cut(oneLine(m.Post.Excerpt), 200)
	}
	return n
}

// roleNotice says that an administrator gave the reader a role, or ended it, or that its
// time is over or soon will be.
func (m mail) roleNotice() noticed {
	what := m.w.T("role." + m.Role.Name)
	if m.Role.Council != "" {
		what += ", " + oneLine(m.Role.Council)
	}
	n := noticed{Title: m.w.T("email.role.title." + string(m.Event)), Text: m.w.T("email.role.text."+string(m.Event), "Role", what),
		Links: []link{{m.w.T("email.role.account"), m.at("/account")}}}
	if (m.Event == forum.RoleGiven || m.Event == forum.RoleEnding) && m.Role.Until != nil {
		n.Facts = []string{m.w.T("email.role.until", "Date", m.w.Date(m.Role.Until.Add(-1)))}
	}
	return n
}

// askNotice asks somebody whether they can answer a question. To those who want links
// only it does not name it.
func (m mail) askNotice() noticed {
	n := noticed{Title: m.w.T("email.could_answer.title"), Text: m.w.T("email.could_answer.text"),
		Links: []link{{m.w.T("email.could_answer.answer"), m.at("/threads/" + id(m.Thread.ID) + "/asks")}}}
	if !m.To.LinksOnly {
		n.Thread = oneLine(m.Thread.Title)
	}
	return n
}

// tended reports whether a curator has tidied a thread of the reader's, or changed a lesson, or a council said
// what it does with their project.
func (m mail) tended() bool {
	switch m.Event {
	case forum.ThreadMoved, forum.ThreadRetitled, forum.ThreadMerged, forum.ThreadSplit, forum.ThreadSummarised, forum.ThreadPinned, forum.LessonChanged, forum.ProjectReused, forum.WasHighlighted:
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

// ofCollection reports whether something of the reader's went into a collection, or not.
func (m mail) ofCollection() bool { return m.Reason == "suggested" || m.Event == forum.Collected }

// collectionNotice says that something of the reader's went into a collection, or what
// became of what they suggested. To those who want links only it names nothing.
func (m mail) collectionNotice() noticed {
	n := noticed{Title: m.w.T("email.collection.title." + string(m.Event)), Text: m.w.T("email.collection.text." + string(m.Event))}
	if m.To.LinksOnly {
		n.Text, n.Links = m.w.T("email.links_only"), []link{{m.w.T("email.read"), m.at("/account/notices")}}
		return n
	}
	n.Thread, n.Quote = oneLine(m.Thread.Title), cut(oneLine(m.Collection.Why), 500)
	n.Facts = []string{m.w.T("email.collection.which", "Title", oneLine(m.Collection.Title))}
	n.Links = []link{m.collectionLink()}
	return n
}

// ofTrade reports whether a council has come to use a product, or what became of the
// reader's wish to speak for a supplier.
func (m mail) ofTrade() bool {
	return m.Event == forum.ProductUsed || m.Event == forum.ClaimAgreed || m.Event == forum.ClaimDeclined
}

// tradeNotice says so. To those who want links only it names nothing.
func (m mail) tradeNotice() noticed {
	n := noticed{Title: m.w.T("email.trade.title." + string(m.Event)), Text: m.w.T("email.trade.text." + string(m.Event)), Quote: cut(oneLine(m.Trade.Reason), 500)}
	if m.To.LinksOnly {
		return noticed{Title: n.Title, Text: m.w.T("email.links_only"), Links: []link{{m.w.T("email.read"), m.at("/account/notices")}}}
	}
	if m.Event == forum.ProductUsed {
		n.Facts = []string{m.used(m.Trade.Council, m.Trade.Product)}
		n.Links = []link{{m.w.T("email.trade.see_product"), m.at("/products/" + m.Trade.ProductSlug)}}
		return n
	}
	n.Facts = []string{m.w.T("email.trade.supplier", "Supplier", oneLine(m.Trade.Supplier))}
	n.Links = []link{{m.w.T("email.trade.see_supplier"), m.at("/suppliers/" + m.Trade.SupplierSlug)}}
	return n
}

// used says that a council uses a product.
func (m mail) used(council, product string) string {
	return m.w.T("email.trade.used", "Council", oneLine(council), "Product", oneLine(product))
}

// collectionLink leads to the collection; of what was declined to where it says why.
func (m mail) collectionLink() link {
	path := "/collections/" + m.Collection.Slug
	if m.Event == forum.SuggestionDeclined {
		path += "/suggest"
	}
	return link{m.w.T("email.collection.see"), m.at(path)}
}

// projectNotice is what whoever looks after a project hears of it: what its page says,
// and the page where they answer. To those who want links only it says neither.
func (m mail) projectNotice() noticed {
	n := noticed{Title: m.w.T("email.tends.title." + string(m.Event)), Text: m.w.T("email.tends.text." + string(m.Event)), Links: []link{m.projectLink()}}
	if m.To.LinksOnly {
		return n
	}
	n.Thread, n.Quote = oneLine(m.Thread.Title), oneLine(m.Project.Summary)
	switch m.Event {
	case forum.ProjectDue:
		n.Facts = []string{m.w.T("email.tends.phase", "Phase", m.w.T("phase."+m.Project.Phase)), m.w.T("email.tends.confirmed", "Date", m.w.Date(m.Project.ConfirmedAt))}
	case forum.PartnerAnswered:
		n.Facts = []string{m.answered()}
	}
	return n
}

// projectLink leads to where the reader answers, or to what others said.
func (m mail) projectLink() link {
	path := "/projects/" + id(m.Thread.ID)
	switch m.Event {
	case forum.ProjectDue:
		return link{m.w.T("email.tends.confirm"), m.at(path + "/confirm")}
	case forum.PartnerInvited:
		return link{m.w.T("email.tends.see"), m.at(path)}
	}
	return link{m.w.T("email.tends.read"), m.at(path)}
}

// answered is what a council said that was asked to take part.
func (m mail) answered() string {
	council := oneLine(m.Project.Council)
	switch {
	case council == "":
		return m.w.T("email.tends.somebody")
	case m.Project.State == "confirmed":
		return m.w.T("email.tends.takes_part", "Council", council)
	}
	return m.w.T("email.tends.takes_no_part", "Council", council)
}

// quoteLang is the language of what a notice quotes: a post, or what a project says of itself.
func (m mail) quoteLang() string {
	switch {
	case m.Reason == "tends":
		return m.Thread.Lang
	case m.Event == forum.Collected || m.Event == forum.SuggestionTaken:
		return m.Collection.Lang
	case m.Event == forum.SuggestionDeclined || m.ofTrade():
		return ""
	}
	return m.Post.Lang
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
	help := link{m.w.T("email.account.help"), m.at("/about/help")}
	if m.Account.Kind == "left" {
		return []link{help}
	}
	return []link{
		{m.w.T("email.account.sessions"), m.at("/account/sessions")},
		{m.w.T("email.account.providers"), m.at("/account/providers")},
		help,
	}
}
