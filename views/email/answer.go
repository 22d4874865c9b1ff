package email

import "moothall/forum/markup"

// answerWhy is why a mail was not posted.
func (m mail) answerWhy() string { return m.w.T("email_in.why." + m.Answer.Why) }

// answerWords are what its writer wrote, as they wrote it.
func (m mail) answerWords() markup.HTML { return markup.Plain(m.Answer.Words) }

// answerLink leads to where it can be said.
func (m mail) answerLink() link {
	if m.Thread.ID == 0 {
		return link{m.w.T("email_in.home"), m.at("/")}
	}
	if m.To.LinksOnly {
		return link{m.w.T("email_in.go"), m.at("/threads/" + id(m.Thread.ID))} // the rest of it says the title
	}
	return link{m.w.T("email_in.go"), m.threadAt()}
}

// answerTitle is the thread's; none for who wants no words of others.
func (m mail) answerTitle() string {
	if m.To.LinksOnly {
		return ""
	}
	return oneLine(m.Thread.Title)
}

// answerSubject names the thread, where there is one to name.
func (m mail) answerSubject() string {
	if m.answerTitle() == "" {
		return m.w.T("email_in.subject_bare")
	}
	return m.around("email_in.subject", m.Thread.Title)
}

// answerText is the plain form of a mail that tells why another was not posted.
func (m mail) answerText() string {
	var t text
	t.para(m.answerTitle())
	t.para(m.answerWhy())
	t.link(m.answerLink())
	if m.Answer.Words != "" {
		t.para(m.w.T("email_in.yours"))
		t.block(quotedLines(m.Answer.Words))
	}
	return m.foot(&t, m.w.T("email_in.why_you"))
}
