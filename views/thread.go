package views

import (
	"strconv"
	"strings"

	"moothall/forum"
	"moothall/forum/markup"
	"moothall/views/words"
)

// threadHead tells of a thread what its readers may know: where not everybody
// may read it, an address that is shared shows nothing.
func threadHead(f Frame, p *forum.ThreadPage, bad forum.Invalid) pageHead {
	head := pageHead{Title: p.Thread.Title, Refused: len(bad) > 0}
	if p.Page > 1 {
		head.Title = f.W.T("thread.title_page", "Title", p.Thread.Title, "Page", p.Page)
	}
	if p.Previewed || p.NewerCount > 0 {
		head.Title = f.W.T("reply.unposted_title", "Title", p.Thread.Title)
	}
	if p.Thread.Visibility != "public" || p.Thread.Held || p.Thread.Hidden {
		return head
	}
	head.Canonical, head.Feed, head.OfThread = PagePath(p.Thread.Kind, p.Thread.ID, p.Thread.Slug, p.Page), threadFeedOf(f, p), true
	if opening := openingOf(p); opening != nil && !f.SignedIn {
		head.Description, head.Schema = markup.Text(opening.HTML, previewLength), threadSchema(f, p, opening)
	}
	if head.Description != "" {
		return head
	}
	head.Description = f.W.N("thread.summary", p.Thread.Replies, "Kind", kind(f, p.Thread), "By", authorOf(f, p.Thread))
	return head
}

// previewLength is how much of a post shows where its thread's address is shared.
const previewLength = 200

// openingOf is the opening post, if it stands on this page and its words show.
func openingOf(p *forum.ThreadPage) *forum.Post {
	if len(p.Posts) > 0 && p.Posts[0].Number == 1 && isPublic(&p.Posts[0]) {
		return &p.Posts[0]
	}
	return nil
}

// isPublic reports whether everybody may read a post, of a thread that everybody may.
func isPublic(post *forum.Post) bool {
	return post.Shows && !post.Hidden && !post.Held && !post.Deleted
}

// threadFeedOf is the address of a thread's feed: there is one of what is for everybody.
func threadFeedOf(f Frame, p *forum.ThreadPage) string {
	if t := p.Thread; t.Visibility != "public" || t.Held || t.Hidden || !roomy(f, p) {
		return ""
	}
	return ThreadFeed(p.Thread.ID)
}

// roomy reports whether a page has room for what leads away from its thread. Full of
// posts, with all that somebody signed in may do with each, it weighs what it may.
func roomy(f Frame, p *forum.ThreadPage) bool {
	return !f.SignedIn || len(p.Posts) < forum.PostsPerPage
}

// threadCrumbs lead from all threads over the home topic and what it is part of.
func threadCrumbs(f Frame, p *forum.ThreadPage) []crumb {
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
func postLabel(f Frame, post *forum.Post) string {
	if post.Number == 0 {
		return f.W.T("post.this")
	}
	return f.W.T("post.number", "Number", post.Number)
}

// postHeld says what a post waits for: to its author, who alone may take it back,
// as to somebody who waits.
func postHeld(f Frame, p *forum.ThreadPage, post *forum.Post) string {
	if p.Can[post.ID].Delete {
		return f.W.T("post.held_yours")
	}
	return f.W.T("post.held")
}

// postHidden says why a post was removed, and who sees it still.
func postHidden(f Frame, p *forum.ThreadPage, post *forum.Post) string {
	date := f.W.Date(*post.HiddenAt)
	if p.Can[post.ID].Delete {
		return f.W.T("post.hidden_yours", "Date", date, "Why", post.HiddenWhy)
	}
	return f.W.T("post.hidden", "Date", date, "Why", post.HiddenWhy)
}

// articleID is the place of a post on its page.
func articleID(post *forum.Post) string {
	if post.Number == 0 {
		return heldID(post.ID)
	}
	return postID(post.Number)
}

// quotePath leads to the reply form that answers a post.
func quotePath(f Frame, p *forum.ThreadPage, post *forum.Post) string {
	path := PagePath(p.Thread.Kind, p.Thread.ID, p.Thread.Slug, p.Page)
	mark := "?"
	if p.Page > 1 {
		mark = "&"
	}
	if !f.Posted { // the page is at this address already
		path = strings.TrimPrefix(path, PathOf(p.Thread.Kind, p.Thread.ID, p.Thread.Slug))
	}
	return path + mark + "quote=" + strconv.Itoa(post.Number) + "#reply"
}

// lastShown is the last number that the writer of a reply knows of: the newest there
// is, unless the form has come back since it was begun.
func lastShown(p *forum.ThreadPage, draft forum.PostDraft) int {
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
	case "providers.taken", "erase.suspended":
		return "/about/help"
	case "providers.enough", "providers.last":
		return "/account/providers"
	case "again.not_you":
		return "/account/again"
	}
	return "/threads/new"
}

// readersOf says who can read a thread, or will once its author has been let in.
func readersOf(f Frame, t forum.Thread) string {
	key := "thread.councils"
	if t.Visibility == "public" {
		key = "thread.public"
	}
	if t.Held {
		key += "_held"
	}
	return f.W.T(key)
}

// heldText says what a thread waits for: to its author as to somebody who waits.
func heldText(f Frame, p *forum.ThreadPage) string {
	if p.Mine {
		return f.W.T("thread.held_yours")
	}
	return f.W.T("thread.held_text")
}

// hiddenWhy says why a thread was removed, and who sees it still.
func hiddenWhy(f Frame, p *forum.ThreadPage) string {
	if p.Mine {
		return f.W.T("thread.hidden_yours", "Why", p.Thread.HiddenWhy)
	}
	return f.W.T("thread.hidden_why", "Why", p.Thread.HiddenWhy)
}

// powerForm is a form for a deed that needs a reason, folded behind a quiet button.
type powerForm struct {
	Summary, About string // About says to those who hear the page what it is about
	Icon           string
	Action, On     string
	Hint, Button   string
	NoReason       bool   // of a deed over what is one's own
	Optional       bool   // the reason may be left out
	Return         string // where it leads when it is done, if not where such deeds lead
}

// reasonID is the id of the reason's field, of which a page may have many.
func reasonID(w powerForm) string { return "reason" + strings.ReplaceAll(w.Action, "/", "-") }

// deleteHint says what goes with a post: with the question of a thread that
// nobody has answered, the thread.
func deleteHint(f Frame, p *forum.ThreadPage, post *forum.Post) string {
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

// schema is a public thread as search engines read it (https://schema.org). It stands in
// the page as JSON, in which the encoder leaves no "<" as it is.
type schema struct {
	Context string      `json:"@context"`
	Type    string      `json:"@type"`
	Entity  *schemaPost `json:"mainEntity,omitempty"`
	*schemaPost
}

// schemaPost is one post of it: what is asked, an answer, a comment.
type schemaPost struct {
	Type          string        `json:"@type,omitempty"`
	Name          string        `json:"name,omitempty"`
	Headline      string        `json:"headline,omitempty"`
	Text          string        `json:"text,omitempty"`
	URL           string        `json:"url,omitempty"`
	Lang          string        `json:"inLanguage,omitempty"`
	Published     string        `json:"datePublished,omitempty"`
	Modified      string        `json:"dateModified,omitempty"`
	Author        *schemaPerson `json:"author,omitempty"`
	Useful        int           `json:"upvoteCount"`
	Answers       *int          `json:"answerCount,omitempty"`
	Comments      *int          `json:"commentCount,omitempty"`
	Accepted      *schemaPost   `json:"acceptedAnswer,omitempty"`
	Suggested     []*schemaPost `json:"suggestedAnswer,omitempty"`
	CommentsBelow []*schemaPost `json:"comment,omitempty"`
}

type schemaPerson struct {
	Type string `json:"@type"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// How much of a post it has, in code points: of what is asked and what answered it, and of
// what else was said, so that a page of twenty stays light.
const schemaText, schemaReply = 1000, 160

// threadSchema is the first page of a thread: a question with its answers, or what is
// talked about with what others said. The accepted answer is there wherever it stands.
func threadSchema(f Frame, p *forum.ThreadPage, opening *forum.Post) *schema {
	t, count := p.Thread, p.Thread.Replies
	main := schemaOf(f, t, opening, schemaText)
	main.URL = f.BaseURL + PathOf(t.Kind, t.ID, t.Slug)
	var replies []*schemaPost
	for i := range p.Posts {
		if post := &p.Posts[i]; post.Number > 1 && isPublic(post) && !p.Accepted(post) {
			replies = append(replies, schemaOf(f, t, post, schemaReply))
		}
	}
	if t.Kind != forum.Question {
		main.Headline, main.Comments, main.CommentsBelow = t.Title, &count, ofType(replies, "Comment")
		return &schema{Context: "https://schema.org", Type: "DiscussionForumPosting", schemaPost: main}
	}
	main.Type, main.Name, main.Answers, main.Suggested = "Question", t.Title, &count, ofType(replies, "Answer")
	main.Accepted = acceptedSchema(f, p)
	return &schema{Context: "https://schema.org", Type: "QAPage", Entity: main}
}

// acceptedSchema is the accepted answer, in full if it stands on this page.
func acceptedSchema(f Frame, p *forum.ThreadPage) *schemaPost {
	if p.Answer == nil {
		return nil
	}
	for i := range p.Posts {
		if post := &p.Posts[i]; p.Accepted(post) && isPublic(post) {
			return ofType([]*schemaPost{schemaOf(f, p.Thread, post, schemaText)}, "Answer")[0]
		}
	}
	return &schemaPost{Type: "Answer", Text: p.Answer.Excerpt, Lang: p.Answer.Lang, URL: f.BaseURL + numberPath(p.Thread, p.Answer.Number),
		Published: words.ISO(p.Answer.PostedAt), Useful: p.Answer.Useful,
		Author: schemaAuthor(f, p.Answer.AuthorName, p.Answer.CouncilName, PersonPath(p.Answer.AuthorID, p.Answer.AuthorHandle))}
}

// schemaOf is one post with as many code points of its text as there is room for.
func schemaOf(f Frame, t forum.Thread, post *forum.Post, room int) *schemaPost {
	s := &schemaPost{Text: markup.Text(post.HTML, room), URL: f.BaseURL + numberPath(t, post.Number), Lang: post.Lang, Published: words.ISO(post.PostedAt),
		Useful: post.Useful, Author: schemaAuthor(f, post.AuthorName, post.CouncilName, PersonPath(post.AuthorID, post.AuthorHandle))}
	if post.EditedAt != nil {
		s.Modified = words.ISO(*post.EditedAt)
	}
	return s
}

// schemaAuthor is who wrote a post; whoever was erased has no page.
func schemaAuthor(f Frame, name, council, path string) *schemaPerson {
	if name == "" {
		return &schemaPerson{Type: "Person", Name: named(f, name, council)}
	}
	return &schemaPerson{Type: "Person", Name: name, URL: f.BaseURL + path}
}

func ofType(posts []*schemaPost, kind string) []*schemaPost {
	for _, p := range posts {
		p.Type = kind
	}
	return posts
}

// ogType is what sort of page is shared (https://ogp.me).
func ogType(h pageHead) string {
	if h.OfThread {
		return "article"
	}
	return "website"
}
