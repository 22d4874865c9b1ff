package email

import (
	"slices"
	"strconv"
	"strings"

	"moothall/forum"
	"moothall/forum/letters"
	"moothall/forum/markup"
)

// digestName says which digest it is.
func (m mail) digestName() string {
	if m.Digest.Weekly {
		return m.w.T("email.digest.weekly", "Date", m.w.Date(m.Digest.Day))
	}
	return m.w.T("email.digest.daily", "Date", m.w.Date(m.Digest.Day))
}

// digestTitle says how much is new; where that is not in threads, which digest it is.
func (m mail) digestTitle() string {
	if m.Digest.Threads == 0 {
		return m.digestName()
	}
	return m.w.N("email.digest.title", m.Digest.Threads)
}

// digestNotes are what is to be said of the whole, before what is new.
func (m mail) digestNotes() (notes []string) {
	if m.Digest.Threads > 0 {
		notes = append(notes, m.digestName())
	}
	if m.Digest.Over > 0 {
		notes = append(notes, m.w.N("email.digest.over", m.Digest.Over))
	}
	if m.Digest.Besides > 0 {
		notes = append(notes, m.w.N("email.digest.besides", m.Digest.Besides))
	}
	if m.To.LinksOnly {
		notes = append(notes, m.w.T("email.links_only"))
	}
	return notes
}

// digestPreview is what mail programs show beside the subject, which says what stands first:
// what stands after it. To those who want links only it is how much.
func (m mail) digestPreview() string {
	var titles []string
	for _, s := range m.Digest.Sections {
		for _, t := range s.Topics {
			for _, i := range t.Items {
				titles = append(titles, cut(oneLine(i.Title), 80))
			}
		}
	}
	if m.To.LinksOnly || len(titles) < 2 {
		return m.digestTitle()
	}
	return cut(strings.Join(titles[1:], " · "), 140)
}

// digestWhy says why it comes.
func (m mail) digestWhy() string {
	if m.To.IsMailbox() {
		return m.mailboxWhy().String()
	}
	switch {
	case m.allOffered():
		return m.w.T("email.why.offered")
	case m.Digest.Weekly:
		return m.w.T("email.why.weekly")
	}
	return m.w.T("email.why.daily")
}

// allOffered reports whether a digest brings nothing but questions that the reader may be
// able to answer: they may well follow nothing.
func (m mail) allOffered() bool {
	for _, s := range m.Digest.Sections {
		for _, t := range s.Topics {
			if slices.ContainsFunc(t.Items, func(i letters.Item) bool { return !offered(i) }) {
				return false
			}
		}
	}
	return m.Digest.Threads > 0 && m.Digest.More <= 0 && m.Digest.Besides == 0 && len(m.Digest.Uses) == 0
}

// offered reports whether a thread is there because the reader may be able to answer it.
func offered(i letters.Item) bool { return i.Reason == "offered" }

// firstItem is what stands first.
func (m mail) firstItem() (letters.Item, string, bool) {
	for _, s := range m.Digest.Sections {
		for _, t := range s.Topics {
			for _, i := range t.Items {
				return i, m.topicName(t), true
			}
		}
	}
	return letters.Item{}, "", false
}

// topicsInDigest is how many topics it has news of.
func (m mail) topicsInDigest() int {
	topics := map[string]bool{}
	for _, s := range m.Digest.Sections {
		for _, t := range s.Topics {
			topics[t.Slug] = true
		}
	}
	return len(topics)
}

// topicName is what a group of threads is called.
func (m mail) topicName(t letters.TopicItems) string {
	if name := oneLine(t.Topic); name != "" {
		return name
	}
	return m.w.T("email.digest.elsewhere")
}

// topicLang is the language of a topic's name: topics have one name.
func (m mail) topicLang(t letters.TopicItems) string {
	if oneLine(t.Topic) == "" {
		return ""
	}
	return m.foreign("en")
}

// bareTopic is all that is said of a topic to who wants links only.
func (m mail) bareTopic(t letters.TopicItems) string {
	posts := 0
	for _, i := range t.Items {
		posts += i.New
	}
	return m.w.T("email.digest.links_only_item", "New", m.w.N("email.digest.new", posts), "Threads", m.w.N("email.digest.threads", len(t.Items)))
}

// itemAt is the first post that is new.
func (m mail) itemAt(i letters.Item) string {
	place := forum.PostPlace{Number: max(i.Number, 1)}
	page := ""
	if n := place.Page(); n > 1 {
		page = "?page=" + strconv.Itoa(n)
	}
	return m.at(threadPath(i.Thread) + page + "#post-" + strconv.Itoa(place.Number))
}

// itemState says whether a question has its answer.
func (m mail) itemState(i letters.Item) string {
	switch {
	case i.Answered:
		return m.w.T("state.answered")
	case i.Closed:
		return m.w.T("state.closed")
	case i.Kind == "question" && i.Others == 0:
		return m.w.T("state.unanswered")
	}
	return ""
}

// itemFacts are how much is new, who wrote the newest, and who can read it.
func (m mail) itemFacts(i letters.Item) string {
	var facts []string
	if i.New > 0 {
		facts = append(facts, m.w.N("email.digest.new", i.New))
	}
	name, council := oneLine(i.By), oneLine(i.Council)
	switch {
	case name != "" && council != "":
		facts = append(facts, m.w.T("email.digest.somebody_council", "Name", name, "Council", council))
	case name != "":
		facts = append(facts, m.w.T("email.digest.somebody", "Name", name))
	}
	said := strings.Join(facts, ", ")
	if i.CouncilsOnly {
		said += ". " + m.w.T("state.councils")
	}
	if offered(i) {
		said += ". " + m.w.T("email.digest.offered")
	}
	return strings.TrimPrefix(said, ". ")
}

// itemWords are the first words of the newest post.
func (m mail) itemWords(i letters.Item) string { return cut(oneLine(i.Excerpt), 160) }

// more is the link to what found no room.
func (m mail) more() link {
	all := link{m.w.T("email.digest.all"), m.at("/account/notices")}
	if m.Digest.More > 0 {
		all.Text = m.w.N("email.digest.more", m.Digest.More)
	}
	return all
}

// digestText is the plain form of a digest.
func (m mail) digestText() string {
	var t text
	t.para(m.digestTitle())
	for _, note := range m.digestNotes() {
		t.para(note)
	}
	for _, s := range m.Digest.Sections {
		t.block("\n" + strings.ToUpper(m.w.T(s.Key)))
		for _, topic := range s.Topics {
			m.topicText(&t, topic)
		}
	}
	if len(m.Digest.Uses) > 0 && !m.To.LinksOnly {
		t.block("\n" + strings.ToUpper(m.w.T("email.trade.uses")))
		for _, use := range m.Digest.Uses {
			t.lines(m.used(use.Council, use.Product), m.at("/products/"+use.ProductSlug))
		}
	}
	t.WriteString("\n")
	t.link(m.more())
	return m.foot(&t, m.digestWhy())
}

// topicText writes one topic's threads.
func (m mail) topicText(t *text, topic letters.TopicItems) {
	name := m.topicName(topic)
	t.block(markup.Wrap(name, columns) + "\n" + strings.Repeat("-", min(len([]rune(name)), columns)))
	if m.To.LinksOnly {
		t.lines(m.bareTopic(topic), m.topicAt(topic))
		return
	}
	for _, i := range topic.Items {
		state := m.itemState(i)
		if state != "" {
			state += ". "
		}
		t.lines(i.Title, state+m.itemFacts(i), m.itemWords(i), m.itemAt(i))
	}
}

// topicAt is the page of a topic, or the notices where there is none.
func (m mail) topicAt(t letters.TopicItems) string {
	if t.Slug == "" {
		return m.at("/account/notices")
	}
	return m.at("/topics/" + t.Slug)
}
