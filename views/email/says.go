package email

import (
	"strconv"

	"moothall/forum"
	"moothall/forum/letters"
	"moothall/forum/markup"
)

// did says who did what. To those who want links only it names nobody.
func (m mail) did() string {
	name := m.author()
	switch {
	case m.Reason == "mentioned":
		return m.w.T("email.did.named", "Name", name)
	case m.Reason == "quoted":
		return m.w.T("email.did.quoted", "Name", name)
	case m.Event == forum.CollectionAdded || m.Event == forum.ProductNamed:
		return m.came(name)
	case m.Event == forum.AnswerAccepted:
		return m.w.T("email.did.accepted", "Name", name)
	case m.Event == forum.ThreadAsked && m.Thread.Kind == "question":
		return m.w.T("email.did.asked", "Name", name)
	case m.Event == forum.ThreadAsked:
		return m.w.T("email.did.wrote", "Name", name)
	}
	return m.w.T("email.did.replied", "Name", name)
}

// came says that something went into a collection, or names a product.
func (m mail) came(name string) string {
	switch {
	case m.Event == forum.CollectionAdded && m.To.LinksOnly:
		return m.w.T("email.did.collected_bare")
	case m.Event == forum.CollectionAdded:
		return m.w.T("email.did.collected", "Name", name, "Collection", oneLine(m.Collection.Title))
	case m.To.LinksOnly:
		return m.w.T("email.did.product_bare")
	}
	return m.w.T("email.did.product", "Product", oneLine(m.Trade.Product))
}

// author is who wrote the post, as far as it is said.
func (m mail) author() string {
	if name := oneLine(m.Post.Author); name != "" && !m.To.LinksOnly {
		return name
	}
	return m.w.T("email.somebody")
}

// office is what the author does, and for whom.
func (m mail) office() string {
	office := oneLine(m.Post.JobTitle)
	employer := oneLine(m.Post.Council)
	if company := oneLine(m.Post.Company); company != "" {
		employer = m.w.T("email.supplier", "Name", company)
	}
	if office != "" && employer != "" {
		office += ", "
	}
	return office + employer
}

// where is the topic, which is said to everybody; the frame says the title.
func (m mail) where() string {
	if m.Thread.Topic == "" {
		return ""
	}
	return m.w.T("email.where", "Topic", oneLine(m.Thread.Topic))
}

// number says which post it is, and when it was written; empty where the mail is about a
// thread as a whole.
func (m mail) number() string {
	if m.Post.Number == 0 {
		return ""
	}
	return m.w.T("email.post", "Number", m.Post.Number, "When", m.w.DateTime(m.Post.At))
}

// audience says who can read what one might answer.
func (m mail) audience() string {
	if m.Thread.CouncilsOnly {
		return m.w.T("email.councils")
	}
	return m.w.T("email.anyone")
}

// inReply says whom the post answers; "" where it answers nobody.
func (m mail) inReply() string {
	name := oneLine(m.Post.QuotedBy)
	switch {
	case m.Post.Quoted == 0:
		return ""
	case m.Post.QuotedYou:
		return m.w.T("email.in_reply_you", "Number", m.Post.QuotedNo)
	case name == "":
		name = m.w.T("email.somebody")
	}
	return m.w.T("email.in_reply", "Name", name, "Number", m.Post.QuotedNo)
}

// quote is what the post answers, in short.
func (m mail) quote() string { return cut(oneLine(m.Post.Quote), 200) }

// why says why the reader gets this.
func (m mail) why() phrase {
	if m.To.IsMailbox() {
		return m.mailboxWhy()
	}
	switch m.Reason {
	case "mentioned", "quoted":
		return m.named("email.why."+m.Reason, m.author(), "")
	case "accepted", "let_in", "could_answer":
		return phrase{Before: m.w.T("email.why." + m.Reason)}
	case "tends":
		return phrase{Before: m.w.T("email.why." + string(m.Event))}
	case "suggested", "claimed", "role":
		return phrase{Before: m.w.T("email.why." + m.Reason)}
	}
	if m.Via.Kind != "" && m.Via.Kind != forum.ToThread {
		return m.whyFollowed()
	}
	switch m.Reason {
	case "asked", "replied":
		return phrase{Before: m.w.T("email.why." + m.Reason)}
	}
	return phrase{Before: m.w.T("email.why.thread")}
}

// whyFollowed names what is followed, where that is more than the thread.
func (m mail) whyFollowed() phrase {
	switch m.Via.Kind {
	case forum.ToTopic:
		return m.whyTopic()
	case forum.ToEverything:
		return phrase{Before: m.w.T("email.why.everything")}
	case forum.ToPerson:
		if m.To.LinksOnly {
			return phrase{Before: m.w.T("email.why.person")}
		}
		return m.named("email.why.named", oneLine(m.Via.Name), "")
	case forum.ToProduct, forum.ToSupplier:
		if m.To.LinksOnly {
			return phrase{Before: m.w.T("email.why." + string(m.Via.Kind))}
		}
		return m.named("email.why.named", oneLine(m.Via.Name), "")
	case forum.ToCouncil, forum.ToSearch:
		return m.whyNamed()
	case forum.ToCollection:
		if m.To.LinksOnly {
			return phrase{Before: m.w.T("email.why.collection_bare")}
		}
		return m.named("email.why.collection", oneLine(m.Via.Name), m.Via.Lang)
	}
	switch m.Reason {
	case "asked", "replied":
		return phrase{Before: m.w.T("email.why." + m.Reason)}
	}
	return phrase{Before: m.w.T("email.why.thread")}
}

// whyNamed names the council that is followed, or the search by the reader's own words.
func (m mail) whyNamed() phrase {
	name := oneLine(m.Via.Name)
	if m.Via.Kind == forum.ToSearch {
		return m.named("email.why.search", name, "")
	}
	return m.named("email.why.named", name, "en")
}

// whyTopic names the topic that is followed, or the one kind of thread in it.
func (m mail) whyTopic() phrase {
	name := oneLine(m.Via.Name)
	if m.Via.ThreadKind == "" {
		return m.named("email.why.named", name, "en")
	}
	return m.named("email.why.kind", name, "en", "Kind", m.w.T("email.kinds."+m.Via.ThreadKind))
}

// read leads to the post, or to the thread where there is none.
func (m mail) read() link {
	if m.Post.ID == 0 {
		return link{m.w.T("email.read"), m.threadLink()}
	}
	return link{m.w.T("email.read"), m.at("/posts/" + id(m.Post.ID))}
}

// ways are where the reader changes what comes: links to pages with a button. What is
// about an account cannot be stopped.
func (m mail) ways() (all []link) {
	switch {
	case m.news != nil:
		return m.newsWays()
	case m.Account.Kind != "" || m.Mailbox.Address != "":
		return nil
	case m.To.IsMailbox():
		return append(all, link{m.w.T("mailbox.stop"), m.links.Unsubscribe}, link{m.w.T("mailbox.site"), m.at("/account/mailboxes")})
	case m.links.Unsubscribe == "":
	case m.Thread.ID != 0:
		all = append(all, link{m.w.T("email.mute"), m.links.Unsubscribe})
	case m.Kind == letters.Digest || m.via():
		all = append(all, link{m.w.T("email.stop"), m.links.Unsubscribe})
	}
	return append(all, link{m.w.T("email.change"), m.at("/account/emails")})
}

// body is the post's own words as HTML.
func (m mail) body() markup.HTML {
	if m.Post.HTML == "" {
		return markup.Plain(m.Post.Body)
	}
	return markup.Mail(m.Post.HTML, m.place())
}

// threadAt is the address of the thread.
func (m mail) threadAt() string { return m.at(threadPath(m.Thread)) }

// place is where the post stands.
func (m mail) place() markup.Place {
	return markup.Place{Thread: m.threadAt(), PerPage: forum.PostsPerPage}
}

func threadPath(t letters.Thread) string {
	path := "/threads/" + id(t.ID)
	if t.Slug != "" {
		path += "-" + t.Slug
	}
	return path
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

// preview is the hidden first line, which mail programs show beside the subject.
func (m mail) preview() string {
	if m.To.LinksOnly {
		return m.w.T("email.links_only")
	}
	return cut(m.did()+": "+oneLine(m.Post.Excerpt), 140)
}
