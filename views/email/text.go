package email

import (
	"strings"

	"moothall/forum"
	"moothall/forum/markup"
)

// columns is how wide plain text is.
const columns = 72

// text is a mail's plain form while it is written.
type text struct{ strings.Builder }

// para adds a paragraph; nothing for nothing.
func (t *text) para(words string) {
	if words = oneLine(words); words != "" {
		t.block(markup.Wrap(words, columns))
	}
}

// block adds lines as they are, apart from those before.
func (t *text) block(lines string) {
	if t.Len() > 0 {
		t.WriteString("\n")
	}
	t.WriteString(lines + "\n")
}

// lines adds what belongs together, each on its own line.
func (t *text) lines(all ...string) {
	var block []string
	for _, one := range all {
		if one = oneLine(one); one != "" {
			block = append(block, markup.Wrap(one, columns))
		}
	}
	if len(block) > 0 {
		t.block(strings.Join(block, "\n"))
	}
}

// link adds a link: its words, and on their own line its address, so that no program
// breaks it.
func (t *text) link(l link) { t.block(l.Text + ":\n" + oneLine(l.To)) }

// foot adds why this comes and how to change that, below the sign that mail programs
// know as the end of the words.
func (m mail) foot(t *text, why string) string {
	t.WriteString("\n-- \n" + markup.Wrap(why, columns) + "\n")
	if m.First && m.via() {
		t.para(m.first())
	}
	for _, way := range m.ways() {
		t.link(way)
	}
	t.para(m.w.T("email.no_trackers"))
	return t.String()
}

// first says in the first mail by a follow what will come.
func (m mail) first() string {
	switch m.Via.Kind {
	case forum.ToCollection:
		return m.w.T("email.first_collection")
	case forum.ToProduct, forum.ToSupplier:
		return m.w.T("email.first_product")
	}
	return m.w.T("email.first")
}

// via reports whether a follow brings this mail.
func (m mail) via() bool { return m.Via.Kind != "" }

// quoted is words behind "> ".
func quoted(words string) string {
	return "> " + strings.ReplaceAll(markup.Wrap(words, columns-2), "\n", "\n> ")
}

// instantText is the plain form of a mail about a post.
func (m mail) instantText() string {
	var t text
	if m.To.LinksOnly {
		t.lines(m.did(), m.where())
		t.para(m.w.T("email.links_only"))
		t.link(m.read())
		return m.foot(&t, m.why().String())
	}
	t.para(m.Thread.Title)
	if m.Collection.Why == "" {
		t.lines(m.did(), m.office(), m.where(), m.number())
	} else {
		t.para(m.did())
		t.block(quoted(oneLine(m.Collection.Why)))
		t.lines(m.office(), m.where(), m.number())
	}
	if to := m.inReply(); to != "" {
		t.para(to)
		if quote := m.quote(); quote != "" {
			t.block(quoted(quote))
		}
	}
	if body := markup.Letter(m.Post.Body, columns, m.place()); body != "" {
		t.block(body)
	}
	t.link(m.read())
	if m.Collection.Slug != "" {
		t.link(m.collectionLink())
	}
	if m.links.CanReply {
		t.para(m.w.T("email.can_reply"))
	}
	t.para(m.audience())
	return m.foot(&t, m.why().String())
}

// noticeText is the plain form of a mail about what happened to oneself.
func (m mail) noticeText() string {
	var t text
	n := m.notice()
	t.para(n.Title)
	if n.Thread != "" {
		t.para(n.Thread)
	}
	t.para(n.Text)
	if n.Quote != "" {
		t.block(quoted(n.Quote))
	}
	for _, said := range n.Facts {
		t.para(said)
	}
	for _, l := range n.Links {
		t.link(l)
	}
	return m.foot(&t, m.why().String())
}

// accountText is the plain form of a mail about an account.
func (m mail) accountText() string {
	var t text
	t.para(m.subject())
	t.para(m.w.T("email.account.text." + m.Account.Kind))
	t.lines(m.accountFacts()...)
	t.para(m.notYou())
	for _, l := range m.accountLinks() {
		t.link(l)
	}
	return m.foot(&t, m.w.T("email.why.account"))
}

// quotedLines is words behind "> ", each line where its writer ended it.
func quotedLines(words string) string {
	var all []string
	for line := range strings.SplitSeq(markup.Clean(words), "\n") {
		all = append(all, strings.TrimRight(quoted(line), " "))
	}
	return strings.Join(all, "\n")
}
