package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// Who says on their account that they may be asked stands on the topic's page with why;
// asking them is a question in public that begins with their name, and they are told.
func TestAskingSomebodyInPublic(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	author := w.people["author"]
	thread := forumtest.Ask(t, w.store, w.people["colleague"], forum.AskDraft{Title: "Missed bins?", Body: "Who has?", Topics: []string{"waste-management"}})
	answer := forumtest.Reply(t, w.store, author, thread, "We have.")
	w.must(w.store.Accept(t.Context(), w.people["colleague"], answer.ID, true))
	const topic = "/topics/waste-management"
	if got := w.get("colleague", topic).body; strings.Contains(got, "People to ask") {
		t.Error("somebody is named who never said that they may be")
	}
	if got := w.get("author", "/account").body; !strings.Contains(got, `action="/account/offer"`) || strings.Contains(got, `name="askable" type="checkbox" value="1" checked`) {
		t.Error("the account does not ask, or answers itself")
	}
	for _, as := range []string{"newcomer", "supplier"} {
		if got := w.get(as, "/account").body; strings.Contains(got, `action="/account/offer"`) {
			t.Errorf("%s is asked", as)
		}
	}
	refused := w.post("author", "/account/offer", "askable", "1", "about", strings.Repeat("Bins & ", 60), "topic", "none", "show", "answers")
	for _, said := range []string{`href="#about"`, `id="about-error"`, `href="#topic"`, `id="topic-error"`, "Bins &amp; Bins", `value="answers" checked`} {
		if !strings.Contains(refused.body, said) {
			t.Errorf("refused, the page does not say %s", said)
		}
	}
	if refused.status != 422 {
		t.Errorf("got %d", refused.status)
	}
	if got := w.post("author", "/account/offer", "askable", "1", "about", "Bins & more", "topic", "waste-management", "topic", "", "show", "answers"); got.status != 303 || got.location(w) != "/account" {
		t.Fatalf("got %d %s", got.status, short(got.body))
	}
	ask := "/threads/new?" + url.Values{"mention": {author.Handle}, "topic": {"waste-management"}}.Encode()
	for as, says := range map[string][]string{
		"visitor":   {"1 accepted answer in Waste", "offers to talk about it", strings.ReplaceAll(ask, "&", "&amp;")},
		"colleague": {"1 accepted answer in Waste", strings.ReplaceAll(ask, "&", "&amp;")},
		"supplier":  {"1 accepted answer in Waste"},
	} {
		body := w.get(as, topic).body
		for _, said := range says {
			if !strings.Contains(body, said) {
				t.Errorf("%s does not read %q", as, said)
			}
		}
		if as == "supplier" && strings.Contains(body, "mention=") {
			t.Error("a supplier is led to where they may not ask")
		}
	}
	page := w.get("visitor", fmt.Sprintf("/people/%d-%s", author.ID, author.Handle)).body
	for _, said := range []string{"Bins &amp; more", "Missed bins?", "Accepted answers", "mention=" + author.Handle} {
		if !strings.Contains(page, said) {
			t.Errorf("the page of a person does not say %q", said)
		}
	}
	if strings.Contains(page, "Threads they started") {
		t.Error("it shows what was not chosen")
	}
	form := w.get("colleague", ask).body
	if !strings.Contains(form, "@"+author.Handle+" ") || !strings.Contains(form, `value="waste-management" selected`) {
		t.Errorf("the form does not begin with whom to ask: %s", short(form))
	}
	w.must(w.store.KeepDraft(t.Context(), w.people["curator"], forum.DraftAsk, 0, url.Values{"title": {"Begun before"}, "body": {"Words of mine."}}))
	for range 2 {
		if got := w.get("curator", ask).body; !strings.Contains(got, "@"+author.Handle+"\n\nWords of mine.") || !strings.Contains(got, "Begun before") {
			t.Error("what was kept is lost, or whom they ask")
		}
	}
	for _, odd := range []string{"<b>", "a b", "@eve", "%00", strings.Repeat("a", 3000)} {
		if got := w.get("colleague", "/threads/new?mention="+url.QueryEscape(odd)); got.status != 200 && got.status != 422 || strings.Contains(got.body, "@<b>") {
			t.Errorf("%q: got %d", odd[:2], got.status)
		}
	}
	if got := w.post("colleague", "/threads", "title", "How did you do it?", "body", "@"+author.Handle+" how?", "topic", "waste-management"); got.status != 303 {
		t.Fatalf("asking: got %d", got.status)
	}
	w.settled()
	if n := w.number(`select count(*) from notices where person_id = $1 and reason = 'mentioned'`, author.ID); n != 1 {
		t.Errorf("they were told %d times", n)
	}
	if got := w.post("author", "/account/offer", "topic", "waste-management"); got.status != 303 {
		t.Fatalf("got %d", got.status)
	}
	if got := w.get("colleague", topic).body; strings.Contains(got, "People to ask") {
		t.Error("they are named who took it back")
	}
}
