package email

import (
	"context"
	"strings"

	"moothall/forum"
	"moothall/forum/markup"
	"moothall/forum/newsletter"
	"moothall/views/words"
)

// news is a newsletter, or the question whether an address wants it, that is written.
type news struct {
	newsletter.Issue
	kind    string
	address string // of who is asked
}

// WriteNewsletter writes an issue in its own language, or in the reader's the question
// whether their address wants them.
func WriteNewsletter(i newsletter.Issue, kind string, to newsletter.Reader, links Links) (Written, error) {
	lang := i.Lang
	if kind == newsletter.KindAsk {
		lang = to.Lang
	}
	m := mail{links: links, w: words.In(lang), news: &news{Issue: i, kind: kind, address: to.Address}}
	m.links.Base = strings.TrimRight(links.Base, "/")
	view, text := issue(m), m.issueText()
	if kind == newsletter.KindAsk {
		view, text = asked(m), m.askedText()
	}
	var b strings.Builder
	if err := view.Render(context.Background(), &b); err != nil {
		return Written{}, err
	}
	return Written{Subject: m.subject(), Text: text, HTML: markup.Clean(b.String())}, nil
}

// newsSubject says what is in it: a test says that it is one.
func (m mail) newsSubject() string {
	switch m.news.kind {
	case newsletter.KindAsk:
		return m.w.T("newsletters.mail_ask_subject")
	case newsletter.KindTest:
		return m.w.T("newsletters.mail_test") + " " + oneLine(m.news.Subject)
	}
	return oneLine(m.news.Subject)
}

// newsWays are where who gets a newsletter stops it.
func (m mail) newsWays() []link {
	if m.links.Unsubscribe == "" {
		return nil
	}
	return []link{{m.w.T("newsletters.mail_stop"), m.links.Unsubscribe}}
}

// newsWhy says why this comes.
func (m mail) newsWhy() string {
	switch m.news.kind {
	case newsletter.KindAsk:
		return m.w.T("newsletters.mail_ask_why")
	case newsletter.KindTest:
		return m.w.T("newsletters.mail_test_why")
	}
	return m.w.T("newsletters.mail_why")
}

// isTest reports whether it goes to who puts the issue together alone.
func (m mail) isTest() bool { return m.news.kind == newsletter.KindTest }

// blocks are the parts with something to read in them.
func (m mail) blocks() (all []newsletter.Block) {
	for _, b := range m.news.Blocks {
		if !b.Empty() {
			all = append(all, b)
		}
	}
	return all
}

// blockHeading is a part's own heading or, but of text, the usual one of its kind.
func (m mail) blockHeading(b newsletter.Block) string {
	if b.Heading == "" && b.Kind != "text" {
		return m.w.T("newsletters.kind_" + b.Kind)
	}
	return oneLine(b.Heading)
}

// issuePlace is what addresses in an issue's words are whole by.
func (m mail) issuePlace() markup.Place {
	return markup.Place{Thread: m.at("/newsletters"), PerPage: forum.PostsPerPage}
}

// blockBody is a part's words as HTML.
func (m mail) blockBody(b newsletter.Block) markup.HTML {
	return markup.Mail(string(b.HTML), m.issuePlace())
}

// newsAt is the address of what a line leads to.
func (m mail) newsAt(i newsletter.Item) string {
	path := "/threads/"
	switch i.Kind {
	case "project":
		path = "/projects/"
	case "lesson":
		path = "/lessons/"
	}
	path += id(i.ThreadID)
	if i.Slug != "" {
		path += "-" + i.Slug
	}
	return m.at(path)
}

// newsFacts say what a line leads to, and whose it is.
func (m mail) newsFacts(i newsletter.Item) string {
	kind := m.w.T("kind." + i.Kind)
	if i.Council == "" {
		return kind
	}
	return kind + ", " + oneLine(i.Council)
}

// onSite leads to the issue on the site.
func (m mail) onSite() link {
	return link{m.w.T("newsletters.mail_site"), m.at("/newsletters/" + id(m.news.ID))}
}

// confirm leads to where the reader of an address says yes.
func (m mail) confirm() link { return link{m.w.T("newsletters.mail_ask_link"), m.links.Confirm} }

// issueText is the plain form of an issue.
func (m mail) issueText() string {
	var t text
	if m.isTest() {
		t.para(m.w.T("newsletters.mail_test_note"))
	}
	t.para(m.news.Subject)
	t.link(m.onSite())
	for _, b := range m.blocks() {
		if h := m.blockHeading(b); h != "" {
			t.block(markup.Wrap(h, columns) + "\n" + strings.Repeat("-", min(len([]rune(h)), columns)))
		}
		if body := markup.Letter(b.Body, columns, m.issuePlace()); body != "" {
			t.block(body)
		}
		for _, i := range b.Items {
			t.block(markup.Wrap(oneLine(i.Title), columns) + "\n" + markup.Wrap(m.newsFacts(i), columns) + "\n" + m.newsAt(i))
			t.para(i.Why)
		}
	}
	return m.foot(&t, m.newsWhy())
}

// askedText is the plain form of the question whether an address wants newsletters.
func (m mail) askedText() string {
	var t text
	t.para(m.w.T("newsletters.mail_ask_title"))
	t.para(m.w.T("newsletters.mail_ask_text", "Address", m.news.address))
	t.link(m.confirm())
	t.para(m.w.T("newsletters.mail_ask_nothing"))
	return m.foot(&t, m.newsWhy())
}
