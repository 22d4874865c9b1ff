package email

import "strings"

// mailboxWhy says who had a team's mailbox follow, and who can stop it.
func (m mail) mailboxWhy() phrase {
	return phrase{Before: m.w.T("mailbox.why", "Name", oneLine(m.To.AddedBy), "Council", oneLine(m.To.Council))}
}

// mailboxAsks says what a mailbox is asked.
func (m mail) mailboxAsks() string {
	return m.w.T("mailbox.asks", "Name", oneLine(m.Mailbox.AddedBy), "Council", oneLine(m.Mailbox.Council), "Address", m.Mailbox.Address)
}

// mailboxFacts are what it would follow, and how soon it would hear.
func (m mail) mailboxFacts() []string {
	return []string{m.w.T("mailbox.topics", "Topics", oneLine(strings.Join(m.Mailbox.Topics, ", "))),
		m.w.T("mailbox.cadence", "Cadence", m.w.T("cadence."+string(m.Mailbox.Cadence)))}
}

// mailboxLink leads to where its reader says so.
func (m mail) mailboxLink() link { return link{m.w.T("mailbox.look"), m.links.Confirm} }

// mailboxText is the plain form of the mail that asks a mailbox.
func (m mail) mailboxText() string {
	var t text
	t.para(m.w.T("mailbox.title"))
	t.para(m.mailboxAsks())
	t.lines(m.mailboxFacts()...)
	t.link(m.mailboxLink())
	t.para(m.w.T("mailbox.nothing"))
	return m.foot(&t, m.mailboxWhy().String())
}
