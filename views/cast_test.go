package views

import (
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/markup"
	"moothall/views/words"
)

// The cast of these tests: Ada and Cai of Northmoor, Ben of Southmoor, Dot who
// sells to both, Eve who is new.

// visitor is somebody who is not signed in.
func visitor() Frame {
	return Frame{W: words.In("en"), Path: "/threads/7-missed-bins", Section: "threads", Now: now, BaseURL: "https://moothall.example"}
}

// ben is a colleague without a role.
func ben() Frame {
	f := visitor()
	f.SignedIn, f.PersonName, f.PersonPath, f.CSRF, f.Key = true, "Ben", "/people/2-ben", "masked", "key"
	return f
}

// newFrame is Eve, who is still to be let in.
func newFrame() Frame {
	f := ben()
	f.PersonName, f.PersonPath, f.Waits = "Eve", "/people/5", true
	return f
}

// dotPerson is who sells, before the team has let her in.
func dotPerson() forum.Person {
	return forum.Person{ID: 4, Name: "Dot", JobTitle: "Sales", Standing: forum.Newcomer, Company: "Roundsman", Joined: true, Lang: "en"}
}

func ago(d time.Duration) time.Time { return now.Add(-d) }

func since(d time.Duration) *time.Time {
	t := ago(d)
	return &t
}

const day = 24 * time.Hour

func bins() forum.Thread {
	return forum.Thread{ID: 7, Kind: forum.Question, Title: "How do you stop missed bin reports & calls for the same street?", Slug: "missed-bins", Lang: "en", Visibility: "public",
		Suppliers: true, AuthorID: 2, AuthorName: "Ben", AuthorHandle: "ben", CouncilID: 2, CouncilSlug: "southmoor", CouncilName: "Southmoor Borough Council",
		TopicSlug: "waste-management", TopicName: "Waste management", AskedAt: ago(20 * day), LastPostAt: ago(3 * time.Hour), PostCount: 5, Replies: 3, Others: 2}
}

// post is a post of the cast; its text is what markup would have made.
func post(number int, who int64, name, html string) forum.Post {
	p := forum.Post{ID: int64(10 + number), ThreadID: 7, Number: number, Opening: number == 1, AuthorID: who, AuthorName: name, JobTitle: "Digital officer",
		CouncilSlug: "southmoor", CouncilName: "Southmoor Borough Council", Lang: "en", HTML: markup.HTML(html), Version: 1, PostedAt: ago(time.Duration(20-number) * day), Shows: true}
	return p
}

// thread is a page with a post of every sort: edited, answering another, taken
// back, removed, of a supplier, in Welsh, of a council that has ended.
func thread() forum.ThreadPage {
	asked, ada, gone, removed := post(1, 2, "Ben", "<p>We get <strong>1,900</strong> a month.</p>"), post(2, 1, "Ada", "<p>Ask the crew first.</p>"), post(3, 1, "Ada", ""), post(4, 4, "Dot", "")
	dot, cai := post(5, 4, "Dot", "<p>Ours can push a message.</p>"), post(6, 3, "Cai", "<p>Gofynnwch i’r criw.</p>")
	ada.EditedAt = since(day)
	gone.Shows, gone.Deleted, gone.DeletedAt = false, true, since(2*day)
	removed.Shows, removed.Hidden, removed.HiddenAt = false, true, since(3*day)
	dot.CouncilSlug, dot.CouncilName, dot.Company = "", "", "Roundsman and Daughters"
	dot.ReplyTo, dot.ReplyToName, dot.Quote = 2, "Ada", "Ask the crew first."
	cai.Lang, cai.CouncilSlug, cai.CouncilName, cai.CouncilNow = "cy", "oldmoor", "Oldmoor Council", "Northmoor"
	return forum.ThreadPage{Thread: bins(), Topics: []forum.Topic{{Slug: "waste-management", Name: "Waste management", Facet: "service"}, {Slug: "forms", Name: "Forms", Facet: "practice"}},
		Posts: []forum.Post{asked, ada, gone, removed, dot, cai}, Page: 1, Pages: 1, WhyNot: "thread.sign_in_to_reply", Can: map[int64]forum.PostRights{}}
}

// threadFor is the same page for a colleague who may reply.
func threadFor() forum.ThreadPage {
	p := thread()
	p.WhyNot, p.CanReply, p.CanReport = "", true, true
	p.Can[11], p.Can[12] = forum.PostRights{Edit: true, Delete: true}, forum.PostRights{}
	return p
}

// threadForTeam is the second of three pages for a moderator, hidden and closed.
func threadForTeam() forum.ThreadPage {
	p := threadFor()
	p.Page, p.Pages, p.CanClose, p.CanHide, p.CanRedact = 2, 3, true, true, true
	p.Posts[1].TeamEditedAt, p.Posts[1].TeamEditedWhy, p.Posts[1].RedactedAt = since(day), "Took out a phone number.", since(day)
	p.Thread.Hidden, p.Thread.HiddenWhy, p.Thread.Closed, p.Thread.ClosedAt, p.Thread.ClosedWhy = true, "Names a resident.", true, since(day), "The guide has replaced it."
	p.Thread.Visibility, p.Thread.Suppliers = "councils", false
	p.Posts[3].Shows, p.Posts[3].HiddenWhy, p.Posts[3].HTML = true, "Sells something.", "<p>Buy ours.</p>"
	return p
}

// threadHeld is what a newcomer sees of what they asked.
func threadHeld() forum.ThreadPage {
	p := threadFor()
	p.Thread.Held, p.Thread.Others, p.Thread.Replies, p.Thread.PostCount = true, 0, 0, 0
	held := post(0, 5, "Eve", "<p>May I ask?</p>")
	held.Opening, held.Held, held.CouncilSlug, held.CouncilName = true, true, "", ""
	p.Posts, p.Held, p.Mine = nil, []forum.Post{held}, true
	p.Can[held.ID] = forum.PostRights{Edit: true, Delete: true}
	return p
}

// quoting is the page with the reply form answering post 2.
func quoting() forum.ThreadPage {
	p := threadFor()
	p.Quoted = &forum.Post{ID: 12, Number: 2, AuthorName: "Ada", Quote: "Ask the crew first."}
	p.Kept = &forum.Draft{}
	return p
}

func previewing() forum.ThreadPage {
	p := threadFor()
	p.Preview, p.Previewed = "<p>We <em>did</em>.</p>", true
	return p
}

func someThreads() []forum.Thread {
	open, closed, talk, welsh, bensOwn := bins(), bins(), bins(), bins(), bins()
	open.ID, open.Others, open.Replies, open.LastPostAt = 8, 0, 0, ago(time.Minute)
	closed.ID, closed.Closed, closed.Visibility = 9, true, "councils"
	talk.ID, talk.Kind, talk.TopicSlug, talk.CouncilName, talk.Replies = 10, forum.Discussion, "", "", 1
	closed.AnswerID, closed.UsToo, talk.UsToo, bensOwn.Solved, bensOwn.ID = 12, 12, 1, true, 12
	welsh.ID, welsh.Lang, welsh.Title, welsh.Kind = 11, "cy", "Ffurflenni dwyieithog: un ffurflen neu ddwy?", forum.Announcement
	talk.Unread = 3
	return []forum.Thread{bins(), open, closed, talk, welsh, bensOwn}
}

func someTopics() []forum.Topic {
	return []forum.Topic{
		{ID: 1, Slug: "environment", Name: "Environment", Facet: "service", Threads: 1, Description: "Streets, parks, waste."},
		{ID: 2, Slug: "waste-management", Name: "Waste management", Facet: "service", ParentSlug: "environment", ParentName: "Environment", Threads: 1200, Description: "Bins and tips."},
		{ID: 3, Slug: "taxation", Name: "Taxation", Facet: "service", Description: "Council tax."},
		{ID: 4, Slug: "forms", Name: "Forms", Facet: "practice", Description: "Forms that people can fill in."},
		{ID: 5, Slug: "open-culture", Name: "Open culture", Facet: "principle", Description: "Sharing."},
	}
}

func list() forum.ThreadList {
	return forum.ThreadList{Threads: someThreads(), Topics: someTopics(), Councils: []forum.Council{northmoor()}, Next: "abc"}
}

func narrowed() forum.ThreadList {
	l := list()
	l.Filter = forum.Filter{Kind: forum.Question, Topic: "waste-management", Council: "southmoor", State: "unanswered", Before: "xyz"}
	l.Topic, l.Council, l.Next = &l.Topics[1], &forum.Council{Slug: "southmoor", Name: "Southmoor Borough Council"}, ""
	return l
}

func topicList() forum.ThreadList {
	l := list()
	l.Filter, l.Topic = forum.Filter{Topic: "environment"}, &l.Topics[0]
	return l
}

func asking() forum.AskPage {
	return forum.AskPage{Topics: someTopics(), CanAnnounce: true, Draft: forum.AskDraft{Kind: forum.Question, Visibility: "public", Lang: "en", Suppliers: true}}
}

// typedAsk is the form as somebody left it who forgot the title and chose no council.
func typedAsk() forum.AskPage {
	p := asking()
	p.Draft = forum.AskDraft{Title: "  ", Body: "We **tried** <this>.\n\nTwice.", Kind: forum.Discussion, Visibility: "councils", Lang: "cy", Topics: []string{"forms", "taxation"}}
	return p
}

func editing() forum.EditPage {
	p := forum.EditPage{Thread: bins(), Post: post(1, 2, "Ben", "<p>Old.</p>"), Body: "Old.", Topics: []string{"waste-management"}, Tree: someTopics(), Opening: true, Others: true}
	return p
}

func northmoor() forum.Council {
	return forum.Council{ID: 1, Slug: "northmoor", Name: "Northmoor District Council", NameCy: "Cyngor Northmoor", Kind: "district",
		Nation: "England", Region: "North West", Status: "current", StartedOn: since(4000 * day), Threads: 3, People: 2}
}

func oldmoor() forum.Council {
	return forum.Council{ID: 3, Slug: "oldmoor", Name: "Oldmoor Council", Kind: "welsh", Nation: "Wales", Region: "Wales", Status: "former", EndedOn: since(400 * day)}
}

func person2() forum.Person {
	return forum.Person{ID: 2, Handle: "ben", Name: "Ben", JobTitle: "Digital officer", Standing: forum.Colleague, CouncilID: 2, CouncilSlug: "southmoor", CouncilName: "Southmoor Borough Council", Joined: true, Lang: "en"}
}

func eve() forum.Person {
	return forum.Person{ID: 5, Name: "Eve", Standing: forum.Newcomer, Joined: true, Lang: "en", TurnedAwayWhy: "We do not know this address."}
}

func reports() care.ModerationPage {
	return care.ModerationPage{
		Reported: []care.Reported{
			{ReportID: 1, ThreadID: 7, PostID: 12, Number: 2, Title: "Missed bins", Excerpt: "Ask the crew.", Author: "Ada", AuthorID: 1, Since: ago(day), Reasons: []string{"It sells.", "Spam"}, Names: []string{"Ben", "Cai"}},
			{ReportID: 2, ThreadID: 8, Title: "Buy ours", Excerpt: "Cheap.", Author: "Dot", AuthorID: 4, Since: ago(day), Hidden: true, Reasons: []string{"It sells."}, Names: []string{"Ben"}},
		},
		Entries: []forum.Entry{
			{ID: 3, At: ago(day), DoerID: 1, DoerName: "Ada", Deed: forum.HidPost, PersonID: 4, PersonName: "Dot", ThreadID: 7, PostID: 12, Title: "Missed bins", Number: 2, Reason: "It sells."},
			{ID: 2, At: ago(2 * day), Deed: forum.Granted, PersonID: 1, PersonName: "Ada", Reason: "moderator"},
			{ID: 1, At: ago(3 * day), DoerID: 1, DoerName: "Ada", Deed: forum.Closed, ThreadID: 7, Title: "Missed bins", Reason: "Done."},
		},
		Undone: map[int64]bool{1: true},
	}
}

func waiting() care.NewcomersPage {
	all := []care.Newcomer{
		{ID: 5, Name: "Eve", JobTitle: "Officer", ProvenEmail: "eve@mail.example", JoinedAt: ago(day), Held: []care.HeldPost{{PersonID: 5, PostID: 30, ThreadID: 9, Title: "May I ask?", Excerpt: "I am new.", At: ago(day)}}},
		{ID: 6, Name: "Fay", JobTitle: "Sales", Company: "Roundsman", JoinedAt: ago(day), TurnedAwayAt: since(time.Hour), TurnedAwayWhy: "Nobody knows you."},
	}
	return care.NewcomersPage{Waiting: all[:1], TurnedAway: all[1:], Decided: []forum.Entry{
		{ID: 9, At: ago(time.Minute), DoerID: 1, DoerName: "Ada", Deed: forum.LetIn, PersonID: 7, PersonName: "Una"},
		{ID: 8, At: ago(time.Hour), Deed: forum.TurnedAway, PersonID: 6, PersonName: "Fay", Reason: "Nobody knows you."},
	}}
}
