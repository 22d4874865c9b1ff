package views

import (
	"strings"

	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views/govuk"
)

// MailboxPath is where a mailbox's reader says that it is to follow.
func MailboxPath(token string) string { return "/mailboxes/" + token }

// mailboxTopicNames are the names of the three fields for topics, by the words beside them.
var mailboxTopicNames = []string{"mailboxes.topic", "mailboxes.topic_second", "mailboxes.topic_third"}

// mailboxTopic is the field for one of the topics.
func mailboxTopic(f Frame, p letters.MailboxesPage, n int) govuk.Field {
	field := govuk.Field{Name: "topic", Label: f.W.T(mailboxTopicNames[n]), Options: append([]govuk.Option{{Text: f.W.T("mailboxes.topic_none")}}, topicOptions(f, p.Topics)...)}
	if n > 0 {
		field.ID = "topic-" + number(int64(n+1))
	}
	if n < len(p.Draft.Topics) {
		field.Value = p.Draft.Topics[n]
	}
	return field
}

// mailboxCadences are how soon a mailbox can hear.
func mailboxCadences(f Frame) (options []govuk.Option) {
	for _, how := range []forum.Cadence{forum.Daily, forum.Weekly, forum.Instant} {
		options = append(options, govuk.Option{Value: string(how), Text: f.W.T("cadence." + string(how))})
	}
	return options
}

// mailboxState says how a mailbox is.
func mailboxState(f Frame, m letters.Mailbox) string {
	switch {
	case m.StoppedAt != nil && m.StoppedBy != "":
		return f.W.T("mailboxes.stopped_by", "Name", m.StoppedBy, "Date", f.W.Date(*m.StoppedAt))
	case m.StoppedAt != nil:
		return f.W.T("mailboxes.stopped_left", "Name", m.AddedBy, "Date", f.W.Date(*m.StoppedAt))
	case m.ConfirmedAt == nil:
		return f.W.T("mailboxes.waits", "Date", f.W.Date(m.AddedAt))
	case m.Off:
		return f.W.T("mailboxes.off")
	case m.Bouncing:
		return f.W.T("mailboxes.bouncing")
	}
	return f.W.T("mailboxes.on", "Date", f.W.Date(*m.ConfirmedAt))
}

// mailboxTopics are the names of what it follows.
func mailboxTopics(m letters.Mailbox) string { return strings.Join(m.Topics, ", ") }
