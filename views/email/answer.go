package email

import "moothall/forum/markup"

// answerWhy is why a mail was not posted, or what it has become.
func (m mail) answerWhy() string {
	return m.w.T("email_in.why."+m.Answer.Why, "Topic", oneLine(m.Answer.Topic))
}

// answerWords are what its writer wrote, as they wrote it.
func (m mail) answerWords() markup.HTML { return markup.Plain(m.Answer.Words) }

// answerHead says whether it was posted.
func (m mail) answerHead() string { return m.w.T(m.answerKey() + "_bare") }

// answerKey is that of the subject.
func (m mail) answerKey() string {
	if m.Answer.Posted() {
		return "email_in." + m.Answer.Why
	}
	return "email_in.subject"
}

// answerLink leads to where it stands or can be said: to the draft, where there is one.
func (m mail) answerLink() link {
	switch {
	case m.Answer.Posted():
		return link{m.w.T("email_in.open"), m.threadLink()}
	case m.Answer.Kept && m.Answer.Topic != "":
		return link{m.w.T("email_in.go_draft"), m.at("/threads/new")}
	case m.Answer.Kept && m.Thread.ID != 0 && (m.Answer.Why == "check" || m.Answer.Why == "unproven" || m.Answer.Why == "marked"):
		return link{m.w.T("email_in.go_draft"), m.threadLink() + "#reply"}
	case m.Answer.Kept:
		return link{m.w.T("email_in.go_draft"), m.at("/drafts")}
	case m.Thread.ID == 0:
		return link{m.w.T("email_in.home"), m.at("/")}
	}
	return link{m.w.T("email_in.go"), m.threadLink()}
}

// threadLink leads to the thread: without its title, for who wants no words of others.
func (m mail) threadLink() string {
	if m.To.LinksOnly {
		return m.at("/threads/" + id(m.Thread.ID)) // the rest of it says the title
	}
	return m.threadAt()
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
		return m.answerHead()
	}
	return m.around(m.answerKey(), m.Thread.Title)
}

// answerText is the plain form of a mail that tells why another was not posted.
func (m mail) answerText() string {
	var t text
	t.para(m.answerHead())
	t.para(m.answerTitle())
	t.para(m.answerWhy())
	if m.Answer.Kept {
		t.para(m.w.T("email_in.kept"))
	}
	t.link(m.answerLink())
	if m.Answer.Words != "" {
		t.para(m.w.T("email_in.yours"))
		t.block(quotedLines(m.Answer.Words))
	}
	return m.foot(&t, m.w.T("email_in.why_you"))
}
