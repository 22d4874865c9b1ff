package views

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/letters"
)

// NewerID is where a page of a thread tells of what came since.
const NewerID = "newer"

// noticesMost is the highest number of unread notices that is told.
const noticesMost = forum.NoticesMost - 1

// noticesCount is how many notices are unread, as the header shows it.
func noticesCount(f Frame) string {
	if f.Notices > noticesMost {
		return strconv.Itoa(noticesMost) + "+"
	}
	return strconv.Itoa(f.Notices)
}

// noticesUnread is the same in words.
func noticesUnread(f Frame) string {
	if f.Notices > noticesMost {
		return f.W.N("notices.many", noticesMost)
	}
	return f.W.N("notices.unread", f.Notices)
}

// bellName is what the link to the notices is called.
func bellName(f Frame) string {
	if f.Notices == 0 {
		return f.W.T("notices.title")
	}
	return f.W.T("notices.title") + ", " + noticesUnread(f)
}

// groupTitle is what a group of notices is about.
func groupTitle(f Frame, g letters.Group) string {
	switch {
	case g.ThreadID != 0:
		return g.Title
	case g.Kind == forum.ProductUsed:
		return g.Product
	case g.SupplierSlug != "":
		return g.Supplier
	}
	return f.W.T("notices.yours")
}

// groupPath leads to what a group is about: in a thread to its first post that is unread.
func groupPath(g letters.Group) string {
	switch {
	case g.Kind == forum.DeskGiven || g.Kind == forum.SecondAgreed || g.Kind == forum.SecondDeclined:
		return groupDesk(g)
	case g.ThreadID == 0 && g.Kind == forum.ProductUsed:
		return ProductPath(g.ProductSlug)
	case g.ThreadID == 0 && g.SupplierSlug != "":
		return SupplierPath(g.SupplierSlug)
	case g.ThreadID == 0:
		return "/account"
	case g.Kind == forum.ProjectDue:
		return ConfirmPath(g.ThreadID)
	case g.Kind == forum.CouldAnswer:
		return AsksPath(g.ThreadID)
	}
	return groupPost(g)
}

// groupPost leads into the thread of a group.
func groupPost(g letters.Group) string {
	switch {
	case g.Kind == forum.SuggestionDeclined && g.CollectionSlug != "":
		return CollectionDeed(g.CollectionSlug, "suggest") // which says why
	case g.Number == 0:
		return ThreadPath(g.ThreadID, g.Slug)
	}
	return PostPath(forum.PostPlace{ThreadID: g.ThreadID, Slug: g.Slug, Number: g.Number})
}

// groupDesk leads to what a group tells of on the desk.
func groupDesk(g letters.Group) string {
	switch {
	case g.Kind != forum.DeskGiven:
		return "/desk/second"
	case g.DeskItem != "":
		return "/desk/items/" + g.DeskItem
	}
	return "/desk"
}

// groupLang is the language of a group's title where it differs from the page's.
func groupLang(f Frame, g letters.Group) string {
	if g.ThreadID == 0 {
		return ""
	}
	return foreign(f, g.Lang)
}

// did says what happened last.
func did(f Frame, g letters.Group) string {
	what := string(g.Kind)
	switch g.Reason {
	case "mentioned", "accepted", "quoted":
		what = g.Reason
	case "let_in":
		return f.W.T("notices.did.person_let_in")
	}
	name := g.ByName
	if name == "" {
		name = f.W.T("notices.somebody")
	}
	if g.Role != "" {
		return f.W.T("notices.did."+what, "Name", name, "Role", roleOf(f, g.Role, g.RoleCouncil))
	}
	return f.W.T("notices.did."+what, "Name", name, "Collection", g.Collection, "Product", g.Product, "Council", g.Council, "Supplier", g.Supplier)
}

// roleOf names a role, a lead's with the council.
func roleOf(f Frame, role, council string) string {
	if council == "" {
		return f.W.T("role." + role)
	}
	return f.W.T("role."+role) + ", " + council
}

// why says for what reason the reader was told; empty where what happened says it.
func why(f Frame, g letters.Group) string {
	switch {
	case g.Search != "":
		return f.W.T("sought.because", "Words", g.Search)
	case g.Sought: // and it is followed no more
		return ""
	case g.ViaKind == forum.ToProduct || g.ViaKind == forum.ToSupplier:
		return f.W.T("notices.why." + string(g.ViaKind))
	}
	switch g.Reason {
	case "asked", "replied", "chose":
		if g.Kind == forum.CollectionAdded {
			return f.W.T("notices.why.collection")
		}
		return f.W.T("notices.why." + g.Reason)
	}
	return ""
}

// noticesPages lead through the notices, and from a later page back to the first.
func noticesPages(f Frame, p letters.Page) paging {
	newest, older := "", ""
	if p.Later {
		newest = "/account/notices"
	}
	if p.Next != "" {
		older = "/account/notices?before=" + p.Next
	}
	list := newerOlder(f, newest, older)
	list.PrevText = f.W.T("threads.newest")
	return list
}

// newerPath leads to what has come to a thread since the page was made, or tells
// that nothing has: the address differs from the page's own, so that it is loaded.
func newerPath(t forum.Thread) string {
	return PathOf(t.Kind, t.ID, t.Slug) + "?page=unread&n=" + strconv.Itoa(t.PostCount)
}

// sinceHere tells how much is new in a thread, and sinceRow the same in a row of a list.
func sinceHere(f Frame, unread int) string {
	if unread >= forum.UnreadMost {
		return f.W.T("since.here_most", "Count", forum.UnreadMost-1)
	}
	return f.W.N("since.here", unread)
}

func sinceRow(f Frame, unread int) string {
	if unread >= forum.UnreadMost {
		return f.W.T("since.row_most", "Count", forum.UnreadMost-1)
	}
	return f.W.N("since.row", unread)
}

// firstUnread leads to the first post that is new: on this page, or on its own.
func firstUnread(p *forum.ThreadPage) string {
	if shown(p, p.Read.First) {
		return "#since"
	}
	return numberPath(p.Thread, p.Read.First)
}

// shown reports whether a post's number is on this page.
func shown(p *forum.ThreadPage, number int) bool {
	return (number-1)/forum.PostsPerPage+1 == p.Page
}

// isFirstNew reports whether what is new begins with this post.
func isFirstNew(p *forum.ThreadPage, post *forum.Post) bool {
	return p.Read != nil && post.New && post.Number == p.Read.First
}

// noReply is why there is no form to reply, and where its link leads. A closed
// thread is told of as that, whoever reads it.
func noReply(f Frame, p *forum.ThreadPage) (text, path string) {
	if p.Thread.Closed && !f.CannotAsk && (p.WhyNot == "thread.sign_in_to_reply" || p.WhyNot == "thread.closed_no_reply") {
		return f.W.T("thread.closed_no_reply"), relatedPath(p.Thread)
	}
	if p.WhyNot == "thread.closed_no_reply" {
		return f.W.T("thread.closed_plain"), ""
	}
	return f.W.T(p.WhyNot), whyNotPath(f, p.WhyNot)
}

// relatedPath leads to the form that asks a thread anew.
func relatedPath(t forum.Thread) string { return "/threads/new?related=" + number(t.ID) }

// relatedText tells of a thread that is related to this one.
func relatedText(f Frame, r forum.Related) string {
	if r.Anew {
		return f.W.T("related.anew")
	}
	return f.W.T("related.to")
}

// suggestPath is where people to be named in a thread are asked for; without a thread
// those who read what is public.
func suggestPath(thread int64) string {
	if thread == 0 {
		return "/people/suggest"
	}
	return "/people/suggest?thread=" + number(thread)
}

// counts are the forms of a sentence with a number in it, from which a script takes the
// one for its number. What is like the last of them but for the number is left out.
func counts(f Frame, key string) templ.OrderedAttributes {
	rest := f.W.N(key, 4)
	list := templ.OrderedAttributes{}
	for _, form := range []struct {
		name string
		n    int
	}{{"one", 1}, {"two", 2}, {"few", 3}, {"many", 6}} {
		if words := f.W.N(key, form.n); strings.ReplaceAll(words, strconv.Itoa(form.n), "4") != rest {
			list = append(list, templ.KeyValue[string, any]{Key: "data-" + form.name, Value: words})
		}
	}
	return append(list, templ.KeyValue[string, any]{Key: "data-other", Value: rest})
}
