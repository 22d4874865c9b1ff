package views

import (
	"strconv"
	"strings"

	"moothall/forum"
)

// threadHead tells of a thread what its readers may know: where not everybody
// may read it, an address that is shared shows nothing.
func threadHead(f Frame, p forum.ThreadPage, bad forum.Invalid) pageHead {
	head := pageHead{Title: p.Thread.Title, Refused: len(bad) > 0}
	if p.Page > 1 {
		head.Title = f.W.T("thread.title_page", "Title", p.Thread.Title, "Page", p.Page)
	}
	if p.Thread.Visibility != "public" || p.Thread.Held || p.Thread.Hidden {
		return head
	}
	head.Canonical = ThreadPagePath(p.Thread.ID, p.Thread.Slug, p.Page)
	head.Description = f.W.N("thread.summary", p.Thread.Replies, "Kind", kind(f, p.Thread), "By", authorOf(p.Thread))
	return head
}

// threadCrumbs lead from all threads over the home topic and what it is part of.
func threadCrumbs(f Frame, p forum.ThreadPage) []crumb {
	steps := []crumb{{f.W.T("nav.threads"), "/threads"}}
	if len(p.Topics) == 0 {
		return steps
	}
	home := p.Topics[0]
	if home.ParentSlug != "" {
		steps = append(steps, crumb{home.ParentName, TopicPath(home.ParentSlug)})
	}
	return append(steps, crumb{home.Name, TopicPath(home.Slug)})
}

// postLabel says, for those who hear the page, which post a button is about.
func postLabel(f Frame, post forum.Post) string {
	if post.Number == 0 {
		return f.W.T("post.this")
	}
	return f.W.T("post.number", "Number", post.Number)
}

// articleID is the place of a post on its page.
func articleID(post forum.Post) string {
	if post.Number == 0 {
		return heldID(post.ID)
	}
	return postID(post.Number)
}

// quotePath leads to the reply form that answers a post.
func quotePath(p forum.ThreadPage, post forum.Post) string {
	path := ThreadPagePath(p.Thread.ID, p.Thread.Slug, p.Page)
	mark := "?"
	if p.Page > 1 {
		mark = "&"
	}
	return path + mark + "quote=" + strconv.Itoa(post.Number) + "#reply"
}

// lastShown is the last number that the writer of a reply knows of: the newest there
// is, unless the form has come back since it was begun.
func lastShown(p forum.ThreadPage, draft forum.PostDraft) int {
	if draft.Last > 0 {
		return draft.Last
	}
	return p.Thread.PostCount
}

// whyNotPath is where the sentence leads that says why somebody cannot reply.
func whyNotPath(f Frame, whyNot string) string {
	switch whyNot {
	case "thread.sign_in_to_reply":
		return f.signInPath()
	case "thread.join_to_reply":
		return "/account/join"
	}
	return "/threads/new"
}

// powerForm is a form for a deed that needs a reason, folded behind a quiet button.
type powerForm struct {
	Summary, About string // About says to those who hear the page what it is about
	Icon           string
	Action, On     string
	Hint, Button   string
	NoReason       bool // of a deed over what is one's own
	Optional       bool // the reason may be left out
}

// reasonID is the id of the reason's field, of which a page may have many.
func reasonID(w powerForm) string { return "reason" + strings.ReplaceAll(w.Action, "/", "-") }

// deleteHint says what goes with a post: with the question of a thread that
// nobody has answered, the thread.
func deleteHint(f Frame, p forum.ThreadPage, post forum.Post) string {
	if post.Opening && p.Thread.Others == 0 {
		return f.W.T("post.delete_thread")
	}
	return f.W.T("post.delete_hint")
}

// replyHint says what to mind in a reply, and who will read it.
func replyHint(f Frame, t forum.Thread) string {
	if t.Visibility != "public" {
		return f.W.T("reply.hint_councils")
	}
	return f.W.T("reply.hint")
}

// reasonLabel asks for a reason, or offers to take one.
func reasonLabel(f Frame, w powerForm) string {
	if w.Optional {
		return optional(f, f.W.T("deed.reason"))
	}
	return f.W.T("deed.reason")
}
