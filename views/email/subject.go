package email

import (
	"strings"
	"unicode"

	"moothall/forum"
	"moothall/forum/letters"
)

// maxSubject is how many signs a subject has at most: the longest title and its topic are
// whole, and Exchange keeps no more than 255.
const maxSubject = 250

// subject says what is in the mail. Mails about one thread have the same, so that mail
// programs keep them together.
func (m mail) subject() string {
	switch {
	case m.news != nil:
		return m.newsSubject()
	case m.Kind == letters.Digest:
		return m.digestSubject()
	case m.Account.Kind != "":
		return m.w.T("email.account.title." + m.Account.Kind)
	case m.Mailbox.Address != "":
		return oneLine(m.w.T("mailbox.subject", "Council", m.Mailbox.Council))
	case m.Answer.Why != "":
		return m.answerSubject()
	case m.ofTrade():
		return m.tradeSubject()
	}
	return m.toldSubject()
}

// toldSubject says what a notice by mail tells.
func (m mail) toldSubject() string {
	switch {
	case m.Reason == "let_in":
		return m.w.T("email.let_in.title")
	case m.Reason == "role":
		return m.w.T("email.role.title." + string(m.Event))
	case m.Reason == "tends":
		return m.w.T("email.tends.title." + string(m.Event))
	case m.Reason == "could_answer":
		return m.w.T("email.could_answer.title")
	case m.Reason == "accepted" && m.To.LinksOnly:
		return m.w.T("email.subject.accepted_bare")
	case m.Reason == "accepted":
		return m.around("email.subject.accepted", m.Thread.Title)
	case m.tended() || m.ofCollection():
		return m.whatSubject(m.notice().Title)
	}
	return m.threadSubject(cut(oneLine(m.Thread.Topic), maxSubject/2))
}

// whatSubject says what was done with something of the reader's, and with what.
func (m mail) whatSubject(what string) string {
	if m.To.LinksOnly || oneLine(m.Thread.Title) == "" {
		return what
	}
	return m.around("email.subject.what", m.Thread.Title, "What", what)
}

// tradeSubject says which council uses what, or what was decided.
func (m mail) tradeSubject() string {
	if m.Event == forum.ProductUsed && !m.To.LinksOnly {
		return cut(m.used(m.Trade.Council, m.Trade.Product), maxSubject)
	}
	return m.w.T("email.trade.title." + string(m.Event))
}

// threadSubject is that of every mail about a thread.
func (m mail) threadSubject(topic string) string {
	switch {
	case topic == "" && (m.To.LinksOnly || oneLine(m.Thread.Title) == ""):
		return m.w.T("email.subject.links_only_bare")
	case m.To.LinksOnly:
		return m.w.T("email.subject.links_only", "Topic", topic)
	case topic == "":
		return m.around("email.subject.no_topic", m.Thread.Title)
	}
	return m.around("email.subject.thread", m.Thread.Title, "Topic", topic)
}

// around says a subject with as much of a title as there is room for.
func (m mail) around(key, title string, args ...any) string {
	room := maxSubject - len([]rune(m.w.T(key, append([]any{"Title", ""}, args...)...)))
	return oneLine(m.w.T(key, append([]any{"Title", cut(oneLine(title), room)}, args...)...))
}

// digestSubject says what stands first in a digest, and how much more there is.
func (m mail) digestSubject() string {
	first, topic, ok := m.firstItem()
	if !ok {
		return m.digestName()
	}
	if m.To.LinksOnly {
		subject, more := cut(m.w.T("email.subject.topic", "Topic", topic), maxSubject-40), m.topicsInDigest()-1
		if more < 1 {
			return oneLine(subject)
		}
		return oneLine(m.w.N("email.subject.topics", more, "Subject", subject))
	}
	subject, more := m.itemSubject(first), m.Digest.Threads-1
	if more < 1 {
		return oneLine(subject)
	}
	return oneLine(m.w.N("email.subject.more", more, "Subject", subject))
}

// itemSubject says of one thread what is new in it.
func (m mail) itemSubject(i letters.Item) string {
	title := cut(oneLine(i.Title), 80)
	switch {
	case i.New == 0 && i.Answered:
		return m.w.T("email.subject.answer", "Title", title)
	case i.New == 0:
		return m.w.T("email.subject.no_topic", "Title", title)
	case i.Number > 1:
		return m.w.N("email.subject.new", i.New, "Title", title)
	}
	switch i.Kind {
	case "project", "lesson", "announcement", "discussion":
		return m.w.T("email.subject."+i.Kind, "Title", title)
	}
	return m.w.T("email.subject.question", "Title", title)
}

// oneLine is text that may stand in a header and in a line: single spaces, and nothing
// in it that is not seen.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.C):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))), " ")
}

// cut shortens text to n signs, behind a word where there is one.
func cut(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	if n < 2 {
		return ""
	}
	short := string(runes[:n-1])
	if i := strings.LastIndex(short, " "); i > len(short)/2 {
		short = short[:i]
	}
	return strings.TrimRight(short, " ,.;:–-") + "…"
}
