package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// What is new since a day is what others wrote in what one follows, of which the
// closest follow decides: a muted thread is not there although its topic is followed.
func TestWhatIsNewIsWhatOneFollows(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	follow := func(what forum.Subject, how forum.Cadence) {
		t.Helper()
		if err := h.store.Follow(t.Context(), ben, what, how); err != nil {
			t.Fatal(err)
		}
	}
	followed := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Followed by itself", Topics: []string{"forms"}})
	forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Under its topic"})
	muted := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Muted under its topic"})
	forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Followed by nobody", Topics: []string{"forms"}})
	forumtest.Ask(t, h.store, ben, forum.AskDraft{Title: "His own"})
	hidden := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Hidden under its topic"})
	old := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "From before"})
	quiet := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Quiet since"})
	if _, err := h.db.Exec(t.Context(), `update threads set asked_at = asked_at - interval '20 days', last_post_at = case id when $2 then last_post_at - interval '20 days' else last_post_at end
		where id in ($1, $2)`, old, quiet); err != nil {
		t.Fatal(err)
	}
	if _, err := h.db.Exec(t.Context(), `update posts set posted_at = posted_at - interval '20 days' where thread_id in ($1, $2)`, old, quiet); err != nil {
		t.Fatal(err)
	}
	forumtest.Reply(t, h.store, ada, old, "And now this.")
	follow(forum.Subject{Kind: forum.ToThread, ID: followed}, forum.Daily)
	follow(forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Weekly)
	follow(forum.Subject{Kind: forum.ToThread, ID: muted}, forum.Muted)
	mod := forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Mo", "Northmoor"), forum.Moderator)
	if err := care.New(h.store).Hide(t.Context(), mod, hidden, true, "Why not"); err != nil {
		t.Fatal(err)
	}
	b := h.as(ben)
	page := b.get("/whats-new")
	page.wantStatus(t, 200)
	page.has(t, "Followed by itself", "Under its topic", "From before", "New threads", "New in threads that were there before")
	for _, no := range []string{"Muted under", "Followed by nobody", "His own", "Hidden under", "Quiet since"} {
		if strings.Contains(page.text, no) {
			t.Errorf("it has %q", no)
		}
	}
	b.get("/whats-new?since="+time.Now().Add(-30*24*time.Hour).Format(time.DateOnly)).has(t, "Quiet since")
	for _, odd := range []string{"/whats-new?since=never", "/whats-new?since=0001-01-01", "/whats-new?since=9999-12-31"} {
		b.get(odd).wantStatus(t, 200)
	}
	b.get("/whats-new?before=x").wantStatus(t, 404)
}

// From each thread one comes to the next with something new, round and round until all
// is read; then one is told so.
func TestOnToTheNextWithSomethingNew(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	var ids []int64
	for n := range 3 {
		id, _ := h.threadOf(ada, fmt.Sprintf("Question %d?", n))
		ids = append(ids, id)
		if err := h.store.Follow(t.Context(), ben, forum.Subject{Kind: forum.ToThread, ID: id}, forum.OnSite); err != nil {
			t.Fatal(err)
		}
	}
	b := h.as(ben)
	path := func(n int) string { return fmt.Sprintf("/threads/%d-question-%d", ids[n], n) }
	next := func(after int64) string { return fmt.Sprintf("/whats-new/next?after=%d", after) }
	b.get(next(0)).wantLocation(t, 303, path(2)+"?page=unread")
	b.get(next(ids[2])).wantLocation(t, 303, path(1)+"?page=unread")
	b.get(next(ids[0])).wantLocation(t, 303, path(2)+"?page=unread")
	b.get(path(2)).has(t, `href="`+next(ids[2])+`"`)
	b.get(next(ids[0])).wantLocation(t, 303, path(1)+"?page=unread") // what was just read is known to this node
	b.get(path(1))
	b.get(path(0))
	b.get(next(ids[0])).wantLocation(t, 303, "/whats-new?read=all")
	b.get("/whats-new?read=all").has(t, "You have read all there is")
	if strings.Contains(h.guest().get(path(0)).text, "/whats-new") {
		t.Error("a visitor is led to what is only for who is signed in")
	}
}

// At a thread's foot stand others like it, the likest first, and only those that its
// reader may see.
func TestThreadsLikeItStandAtItsFoot(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	id := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Missed bins on Fridays", Topics: []string{"waste-management", "forms"}})
	for _, d := range []forum.AskDraft{{Title: "Missed bins on Mondays"}, {Title: "Something else"}, {Title: "Elsewhere missed bins on Fridays", Topics: []string{"housing"}},
		{Title: "Missed bins on Fridays too", Visibility: "councils"}} {
		forumtest.Ask(t, h.store, ada, d)
	}
	titles := func(who forum.Person) (list []string) {
		p, err := h.store.ThreadPage(t.Context(), who, id, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Similar {
			list = append(list, r.Title)
		}
		return list
	}
	if got := fmt.Sprint(titles(forum.Person{Standing: forum.Visitor})); got != "[Missed bins on Mondays Something else]" {
		t.Errorf("a visitor sees %s", got)
	}
	if got := fmt.Sprint(titles(ada)); got != "[Missed bins on Fridays too Missed bins on Mondays Something else]" {
		t.Errorf("a colleague sees %s", got)
	}
}

var linked = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

// told is what a page tells search engines; nil where it is nothing.
func (a returned) told(t *testing.T) (data map[string]any) {
	t.Helper()
	found := linked.FindStringSubmatch(a.text)
	if found == nil {
		return nil
	}
	if err := json.Unmarshal([]byte(found[1]), &data); err != nil {
		t.Errorf("%v in %s", err, found[1])
	}
	return data
}

// A public thread tells search engines and whoever it is shared with what it asks and
// what answered it, whatever words stand in it; nothing else is told of anything.
func TestPublicThreadsTellWhatTheyAsk(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	mod := forumtest.Granted(t, h.store, forumtest.Person(t, h.store, "Mo", "Northmoor"), forum.Moderator)
	const nasty = "</script><script>alert(1)</script><!-- \u2028 \"'"
	id := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Bins " + nasty, Body: "We have a *bin* " + nasty})
	answer := forumtest.Reply(t, h.store, ben, id, "Ask the crew.")
	hidden := forumtest.Reply(t, h.store, ben, id, "Words to be removed.")
	if err := h.store.Accept(t.Context(), ada, answer.ID, true); err != nil {
		t.Fatal(err)
	}
	if err := care.New(h.store).HidePost(t.Context(), mod, hidden.ID, true, "It names a resident"); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/threads/%d-%s", id, forum.Slug("Bins "+nasty))
	page := h.guest().get(path)
	data := page.told(t)
	main, _ := data["mainEntity"].(map[string]any)
	accepted, _ := main["acceptedAnswer"].(map[string]any)
	if data["@type"] != "QAPage" || main["@type"] != "Question" || !strings.HasPrefix(fmt.Sprint(main["name"]), "Bins </script>") ||
		!strings.HasPrefix(fmt.Sprint(main["text"]), "We have a bin </script>") || accepted["text"] != "Ask the crew." || main["suggestedAnswer"] != nil {
		t.Errorf("it tells %v", data)
	}
	if strings.Contains(page.text, "Words to be removed") || strings.Contains(page.text, "<script>alert") {
		t.Error("it tells what was removed, or as more than data")
	}
	page.has(t, `<link rel="canonical" href="`+h.URL()+path+`"`, `property="og:description" content="We have a bin`, `property="og:type" content="article"`,
		fmt.Sprintf(`<link rel="alternate" type="application/atom+xml" href="/feeds/threads/%d.atom"`, id))
	talk := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Talk", Kind: forum.Discussion})
	for range forum.PostsPerPage {
		forumtest.Reply(t, h.store, ben, talk, "So it is.")
	}
	data = h.guest().get(fmt.Sprintf("/threads/%d-talk", talk)).told(t)
	if comments, _ := data["comment"].([]any); data["@type"] != "DiscussionForumPosting" || data["headline"] != "Talk" || len(comments) != forum.PostsPerPage-1 {
		t.Errorf("a discussion tells %v", data)
	}
	far := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Far"})
	for range forum.PostsPerPage {
		answer = forumtest.Reply(t, h.store, ben, far, "So it is.")
	}
	if err := errors.Join(h.store.Accept(t.Context(), ada, answer.ID, true), h.store.Useful(t.Context(), ada, answer.ID, true)); err != nil {
		t.Fatal(err)
	}
	main, _ = h.guest().get(fmt.Sprintf("/threads/%d-far", far)).told(t)["mainEntity"].(map[string]any)
	accepted, _ = main["acceptedAnswer"].(map[string]any)
	if accepted["upvoteCount"] != 1.0 || accepted["datePublished"] == nil || accepted["url"] != h.URL()+fmt.Sprintf("/threads/%d-far?page=2#post-21", far) {
		t.Errorf("an answer on another page tells %v", accepted)
	}
	project, err := projects.New(h.store).Start(t.Context(), ada, projects.Draft{Title: "Weasels", Summary: "They carry notices.", Phase: "alpha"})
	if err != nil {
		t.Fatal(err)
	}
	place := fmt.Sprintf("/projects/%d-weasels", project.ID)
	if data = h.guest().get(place).told(t); data["@type"] != "DiscussionForumPosting" || data["headline"] != "Weasels" || data["url"] != h.URL()+place {
		t.Errorf("a project tells %v", data)
	}
	second := h.guest().get(fmt.Sprintf("/threads/%d-talk?page=2", talk))
	second.has(t, `<link rel="canonical" href="`+h.URL()+fmt.Sprintf("/threads/%d-talk?page=2", talk)+`"`)
	councils := forumtest.Ask(t, h.store, ada, forum.AskDraft{Title: "Among councils", Visibility: "councils"})
	among := h.as(ben).get(fmt.Sprintf("/threads/%d-among-councils", councils))
	for name, a := range map[string]returned{"page 2": second, "a page for who is signed in": h.as(ben).get(path), "a thread for councils": among} {
		if a.told(t) != nil {
			t.Errorf("%s tells search engines something", name)
		}
	}
	if strings.Contains(among.text, ".atom") || strings.Contains(among.text, "og:") {
		t.Error("a thread for councils has a feed or a preview")
	}
	if u, err := url.Parse(path); err != nil || u.Path != path {
		t.Errorf("its address is %s", path)
	}
}
