package views

import (
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views/words"
)

// withNotices is ben with more unread notices than are counted.
func withNotices() Frame {
	f := ben()
	f.Notices = forum.NoticesMost
	return f
}

func told() letters.Page {
	group := letters.Group{ThreadID: 7, Slug: "missed-bins", Title: "Missed bins?", Lang: "en", Count: 3, Unread: 2, Newest: 9, At: ago(time.Hour),
		Kind: forum.PostAdded, Reason: "asked", Number: 21, ByName: "Ada", Excerpt: "Ask the crew first.", PostLang: "en", Named: true}
	quoted, named, accepted, old, letIn := group, group, group, group, group
	quoted.ThreadID, quoted.Reason, quoted.ByName, quoted.Named = 8, "quoted", "", false
	named.ThreadID, named.Kind, named.Reason, named.Lang, named.PostLang = 9, forum.PostEdited, "mentioned", "cy", "cy"
	accepted.ThreadID, accepted.Kind, accepted.Reason, accepted.Named = 10, forum.AnswerAccepted, "accepted", false
	old.ThreadID, old.Kind, old.Reason, old.Unread, old.Number, old.Excerpt, old.Named = 11, forum.AnswerAccepted, "chose", 0, 0, "", false
	sought, ended := old, old
	sought.ThreadID, sought.Kind, sought.Sought, sought.Search = 12, forum.PostAdded, true, "back <office>"
	ended.ThreadID, ended.Kind, ended.Sought = 13, forum.PostAdded, true
	letIn = letters.Group{Count: 1, Newest: 1, At: ago(day), Kind: forum.PersonLetIn, Reason: "let_in"}
	return letters.Page{Groups: []letters.Group{group, quoted, named, accepted, old, sought, ended, letIn}, Unread: 8, Newest: 9, Later: true, Next: "abc", Bouncing: "ben@southmoor.gov.example"}
}

// threadSince is the page for somebody who has read the first two posts, long ago;
// it is related to two others.
func threadSince() forum.ThreadPage {
	p := threadFor()
	p.Read = &forum.ReadMark{Number: 2, At: ago(300 * day), Unread: 2, First: 5}
	p.Posts[4].New, p.Posts[5].New = true, true
	p.Old, p.CanAsk = true, true
	p.Related = []forum.Related{{ID: 3, Slug: "bins", Title: "Bins?", Lang: "en"}, {ID: 9, Slug: "biniau", Title: "Biniau?", Lang: "cy", Anew: true}}
	return p
}

// overtakenReply is a reply that is shown again because others were first, more of
// them than are listed.
func overtakenReply() forum.ThreadPage {
	p := threadFor()
	p.NewerCount, p.Newer = 7, []forum.Post{{Number: 5, AuthorName: "Dot", Quote: "Ours can.", Lang: "en"}, {Number: 26, AuthorName: "Cai", Quote: "Gofynnwch.", Lang: "cy"}}
	return p
}

func threadClosed() forum.ThreadPage {
	p := thread()
	p.Thread.Closed, p.Thread.ClosedAt, p.Thread.ClosedWhy = true, since(day), "The guide has replaced it."
	return p
}

func askingRelated() forum.AskPage {
	p := asking()
	p.Related = &forum.Related{ID: 3, Slug: "bins", Title: "Bins?", Lang: "en"}
	return p
}

// The header tells how many notices are unread, in figures and in words, and of very
// many only that.
func TestTheHeaderCountsNotices(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "", 1: "1 unread", 99: "99 unread", forum.NoticesMost: "more than 99 unread"} {
		f := ben()
		f.Notices = n
		html := render(t, Notices(f, letters.Page{}))
		if want != "" && !strings.Contains(html, ", "+want) || want == "" && strings.Contains(html, "mh-you__count") {
			t.Errorf("of %d it does not say %q", n, want)
		}
	}
	if html := render(t, Threads(visitor(), list())); strings.Contains(html, "/account/notices") {
		t.Error("a visitor is led to notices")
	}
}

// What is new begins at a marker on its own page; from another page a link leads there.
func TestWhatIsNewIsMarked(t *testing.T) {
	t.Parallel()
	p := threadSince()
	html := render(t, Thread(ben(), p, forum.PostDraft{}, nil))
	for _, want := range []string{`<a href="#since">2 new since you were here</a>`, `<p class="mh-since" id="since">`, `data-since="/threads/7/since?n=5"`, `href="/threads/new?related=7"`} {
		if !strings.Contains(html, want) {
			t.Errorf("there is no %s", want)
		}
	}
	if n := strings.Count(html, `class="mh-post__new"`); n != 2 {
		t.Errorf("%d posts are marked new, want 2", n)
	}
	p.Read.First = 41
	if html := render(t, Thread(ben(), p, forum.PostDraft{}, nil)); !strings.Contains(html, `<a href="/threads/7-missed-bins?page=3#post-41">2 new since you were here</a>`) {
		t.Error("no link leads to the page on which what is new begins")
	}
	if html := render(t, Thread(visitor(), threadClosed(), forum.PostDraft{}, nil)); strings.Contains(html, "data-since") || !strings.Contains(html, `href="/threads/new?related=7"`) {
		t.Error("a closed thread is asked for replies, or not asked anew")
	}
}

// threadSimilar is a thread with others like it at its foot.
func threadSimilar() forum.ThreadPage {
	p := threadFor()
	p.Similar = []forum.Related{{ID: 8, Slug: "bins-and-bags", Title: "Bins & bags on one round?", Lang: "en", Answered: true},
		{ID: 11, Slug: "ffurflenni", Title: "Un ffurflen neu ddwy?", Lang: "cy"}}
	return p
}

// whatsNew is what is new for Ben since Tuesday.
func whatsNew() NewsPage {
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	threads := someThreads()
	threads[0].Unread, threads[1].Unread = 3, 1
	return NewsPage{News: forum.News{Since: midnight, Asked: threads[1:2], Older: threads[:1], Next: "b"}, Days: []time.Time{midnight, midnight.Add(-day)}}
}

// Whatever somebody can be told of has its words, in both languages.
func TestEachKindOfNoticeHasItsWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "cy"} {
		f := ben()
		f.W = words.In(lang)
		for _, kind := range letters.Told() {
			reason := "chose"
			if kind == forum.PostEdited { // those alone whom it names
				reason = "mentioned"
			}
			if said := did(f, letters.Group{ThreadID: 7, Kind: kind, Reason: reason, ByName: "Ada", Role: "curator"}); strings.Contains(said, "«notices.") {
				t.Errorf("of %s somebody is told %q", kind, said)
			}
		}
	}
}
