package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// looks are the browsers in which the main journeys are made.
var looks = map[string]look{
	"wide":               {width: 1280},
	"narrow":             {width: 375},
	"without JavaScript": {width: 1280, noScript: true},
}

// inEachLook makes a journey in each kind of browser.
func inEachLook(t *testing.T, journey func(*testing.T, look)) {
	for name, l := range looks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			journey(t, l)
		})
	}
}

// ask asks a question in a topic and ends on its page.
func (b *tab) ask(title, body string) {
	b.t.Helper()
	b.goTo("/threads/new")
	b.fill("title", title)
	b.fill("body", body)
	b.choose("topic", "waste-management")
	b.press(say("ask.ask"))
}

// A council officer signs in, asks a question in a topic, a colleague of another
// council replies in markdown, and both see it well set and harmless.
func TestAskAndReply(t *testing.T) {
	t.Parallel()
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		title := "Who has moved planning notices online? " + t.Name()
		asker := open(t, base, l)
		asker.goTo("/")
		asker.accessible()
		who := somebody()
		asker.signIn(who.Slug, "/threads/new")
		asker.accessible()
		asker.picture("ask-" + fmt.Sprint(l.width))

		// An empty form says what is missing, beside each field.
		asker.press(say("ask.ask"))
		asker.sees(say("forms.problem"), say("ask.title_empty"), say("ask.body_empty"), say("ask.topic_choose"))
		asker.accessible()
		asker.picture("ask-problems-" + fmt.Sprint(l.width))

		asker.fill("title", title)
		asker.fill("body", "We **start** in May.\n\n- one\n- two")
		asker.choose("topic", "waste-management")
		asker.press(say("forms.preview"))
		if n := asker.has("#preview .prose strong"); n != 1 {
			t.Errorf("the preview shows %d bold words, want 1", n)
		}
		asker.accessible()
		if got := asker.value("title"); got != title {
			t.Errorf("after the preview the title is %q", got)
		}
		asker.press(say("ask.ask"))
		asker.sees(title, "start", who.Name)
		thread := asker.path()

		helper := open(t, base, l)
		helper.signIn("efua-brackenridge", thread)
		helper.accessible()
		helper.pressIn("#post-1", say("post.quote"))
		helper.fill("body", "Yes, see [our page](https://example.org/x).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script> <img src=x onerror=alert(2)>")
		helper.press(say("reply.post"))
		helper.sees("see our page", "<script>alert(1)</script>", "Efua Brackenridge")
		if n := helper.has("#post-2 .prose script, #post-2 .prose img"); n != 0 {
			t.Errorf("the reply holds %d scripts or images", n)
		}
		if helper.has("#post-2 .table-scroll table") != 1 || helper.has("#post-2 .mh-quote") != 1 {
			t.Errorf("the reply has no table or no quote")
		}
		helper.accessible()
		helper.picture("thread-" + fmt.Sprint(l.width))
		asker.goTo(thread)
		asker.sees("see our page")
	})
}

// Somebody whom nobody knows joins, asks, and waits; the lead of the council lets
// them in, and what they asked is there for all.
func TestANewcomerIsLetIn(t *testing.T) {
	t.Parallel()
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		name := "Nell " + strings.ReplaceAll(t.Name(), "/", " ")
		title := "Where do I begin? " + t.Name()
		nell := open(t, base, l)
		nell.signInNew(name, fmt.Sprintf("nell-%d-%v@example.net", l.width, l.noScript), "/threads")
		if !strings.HasPrefix(nell.path(), "/account/join") {
			t.Fatalf("after the first sign-in she is at %s", nell.path())
		}
		nell.accessible()
		nell.picture("join-" + fmt.Sprint(l.width))
		nell.press(say("join.join"))
		nell.sees(say("forms.problem"))
		nell.fill("job_title", "Digital officer")
		nell.fill("council_search", "Harbourgate")
		nell.press(say("join.find_button"))
		nell.accessible()
		nell.choose("council", "bristol")
		nell.choose("rules", "1")
		nell.press(say("join.join"))
		nell.ask(title, "Everything is new to me.")
		nell.sees(title, say("state.held"))
		nell.accessible()
		thread := nell.path()

		visitor := open(t, base, l)
		visitor.goTo(thread)
		visitor.seesNot("Everything is new to me.")
		visitor.accessible()

		lead := open(t, base, l)
		lead.signIn("efua-brackenridge", "/desk/newcomers")
		lead.sees(name, title)
		lead.accessible()
		lead.picture("newcomers-" + fmt.Sprint(l.width))
		id := eval[string](lead, fmt.Sprintf(`[...document.querySelectorAll('form[action$="/let-in"]')].find(f => f.closest("li, article, section, tr").innerText.includes(%q)).getAttribute("action")`, name))
		lead.do("let her in", pressed(fmt.Sprintf(`form[action=%q] button`, id)))
		lead.settle()

		visitor.goTo(thread)
		visitor.sees("Everything is new to me.", name)
	})
}

// An address of the council's domain makes a colleague at once.
func TestAColleagueByAddress(t *testing.T) {
	t.Parallel()
	b := open(t, site(t), look{width: 1280})
	b.signInNew("Olive Northcott", "olive@bristol.gov.uk", "/account")
	b.sees("Harbourgate City Council")
	b.fill("job_title", "Web officer")
	b.choose("council", "bristol")
	b.choose("rules", "1")
	b.press(say("join.join"))
	b.sees(say("standing.colleague"))
	b.accessible()
}

// What is wrong is reported; a moderator hides it, with a reason; its number
// stays; and it can be undone.
func TestReportAndHide(t *testing.T) {
	t.Parallel()
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		words := "Mrs Example of 1 High Street rang again. " + t.Name()
		author := open(t, base, l)
		author.signIn(somebody().Slug, "/threads")
		author.ask("A question to reply to "+t.Name(), "What do you do?")
		thread := author.path()
		author.fill("body", words)
		author.press(say("reply.post"))

		reporter := open(t, base, l)
		reporter.signIn("delphine-hathersage", thread)
		reporter.pressIn("#post-2", say("post.report"))
		reporter.accessible()
		reporter.picture("report-" + fmt.Sprint(l.width))
		reporter.press(say("report.send"))
		reporter.sees(say("deed.reason_empty"))
		reporter.fill("reason", "It names a resident "+t.Name()+" "+strings.Repeat("x", 60))
		reporter.press(say("report.send"))

		moderator := open(t, base, l)
		moderator.signIn("agnes-holderness", "/moderation")
		moderator.sees("It names a resident " + t.Name())
		moderator.accessible()
		moderator.picture("moderation-" + fmt.Sprint(l.width))
		moderator.goTo(thread)
		moderator.pressIn("#post-2", say("post.hide"))
		moderator.do("give a reason", filled(`#post-2 form[action$="/hide"] textarea`, "It names a resident."))
		moderator.do("hide", pressed(`#post-2 form[action$="/hide"] button`))
		moderator.settle()

		reporter.goTo(thread)
		reporter.seesNot(words)
		if reporter.has("#post-2.tombstone") != 1 {
			t.Errorf("there is no tombstone under number 2")
		}
		reporter.accessible()
		author.goTo(thread)
		author.sees(words, "It names a resident.")
		author.accessible()
	})
}

// Two tabs edit one post: the second is shown both texts and loses none.
func TestEditInTwoTabs(t *testing.T) {
	t.Parallel()
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		b := open(t, base, l)
		b.signIn(somebody().Slug, "/threads")
		b.ask("Edited twice "+t.Name(), "As it was.")
		b.pressIn("#post-1", say("post.edit"))
		edit := b.path()
		b.accessible()
		b.picture("edit-" + fmt.Sprint(l.width))
		second := b.another()
		second.goTo(edit)
		b.fill("body", "As the first tab has it.")
		b.press(say("edit.save"))
		b.sees("As the first tab has it.")
		second.fill("body", "As the second tab has it.")
		second.press(say("edit.save"))
		second.sees(say("edit.conflict"), "As the", "first", "second", "tab has it.") // what differs is marked word by word
		second.accessible()
		second.picture("conflict-" + fmt.Sprint(l.width))
		second.press(say("edit.save"))
		second.sees("As the second tab has it.")
	})
}

// Signed out on another device while typing: after signing in again the words
// are in the form.
func TestWordsOutliveTheSession(t *testing.T) {
	t.Parallel()
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		b := open(t, base, l)
		who := somebody().Slug
		b.signIn(who, "/threads")
		b.ask("Words that stay "+t.Name(), "Do they?")
		thread := b.path()
		words := "A long answer that took an hour " + t.Name()
		b.fill("body", words)
		other := b.another()
		other.goTo("/account/sessions")
		other.accessible()
		other.goTo("/account")
		other.pressIn("main", say("frame.sign_out"))
		b.press(say("reply.post"))
		if !strings.HasPrefix(b.path(), "/sign-in") {
			t.Fatalf("after the session ended the reply led to %s", b.path())
		}
		b.press(say("signin.with", "Provider", "Development"))
		b.do("sign in again", pressed(fmt.Sprintf(`button[name=person][value="%s"]`, who)))
		b.settle()
		if got := b.value("body"); got != words {
			t.Errorf("at %s the form holds %q, want %q\n%s", b.path(), got, words, thread)
		}
		b.sees(say("forms.kept"))
		b.press(say("reply.post"))
		b.sees(words)
	})
}

// Everything a visitor can come to is there, is accessible and fits a small screen.
func TestAVisitorLooksAround(t *testing.T) {
	t.Parallel()
	base := site(t)
	shelves := map[string][]string{
		"threads": {"/", "/threads", "/threads?kind=question&state=unanswered", "/threads?topic=waste-management", "/threads/1", "/search", "/search?q=bins", "/projects"},
		"places":  {"/topics", "/topics/waste-management", "/councils", "/councils?q=harbour", "/councils?q=zzzz", "/councils/somerset", "/councils/bristol", "/people/1"},
		"maps":    {"/councils/map", "/councils/map?topic=waste-management&sort=name"},
		"pages": {"/sign-in", "/about", "/about/rules", "/about/accessibility", "/about/privacy", "/about/help", "/about/writing", "/about/data", "/no-such-page",
			"/threads/99999999"},
	}
	for _, width := range []int64{1280, 375, 320} {
		for shelf, paths := range shelves {
			t.Run(fmt.Sprint(shelf, " at ", width), func(t *testing.T) {
				t.Parallel()
				b := open(t, base, look{width: width})
				for _, path := range paths {
					b.goTo(path)
					b.accessible()
					b.picture(strings.Trim(strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "_").Replace(path), "_") + "-" + fmt.Sprint(width))
				}
			})
		}
		t.Run(fmt.Sprint("older threads at ", width), func(t *testing.T) {
			t.Parallel()
			b := open(t, base, look{width: width})
			b.goTo("/threads")
			b.press(say("nav.older"))
			if b.has("li[data-thread]") == 0 {
				t.Errorf("there is nothing on the second page")
			}
			b.accessible()
		})
	}
}

// By keyboard alone: past the header, into a question, to its reply form.
func TestByKeyboard(t *testing.T) {
	t.Parallel()
	b := open(t, site(t), look{width: 1280})
	b.signIn("beatrix-oyelaran", "/threads")
	b.goTo("/threads/1")
	b.keys(kb.Tab)
	if got := eval[string](b, `document.activeElement.innerText`); got != say("frame.skip") {
		t.Errorf("the first stop is %q, want the skip link", got)
	}
	b.keys(kb.Enter)
	for n := 0; eval[string](b, `document.activeElement.id`) != "body"; n++ {
		if n > 200 {
			t.Fatal("the reply form is not reached by Tab")
		}
		if eval[bool](b, `document.activeElement !== document.body && getComputedStyle(document.activeElement).outlineStyle === "none" && getComputedStyle(document.activeElement).boxShadow === "none" && getComputedStyle(document.activeElement).backgroundColor === "rgba(0, 0, 0, 0)"`) {
			t.Errorf("the focus cannot be seen on %s", eval[string](b, `document.activeElement.outerHTML.slice(0, 120)`))
		}
		b.keys(kb.Tab)
	}
	words := "Typed without a mouse."
	b.keys(words)
	for n := 0; eval[string](b, `document.activeElement.innerText`) != say("reply.post"); n++ {
		if n > 20 {
			t.Fatal("the button is not reached by Tab")
		}
		b.keys(kb.Tab)
	}
	eval[bool](b, `document.documentElement.dataset.old = "1", true`)
	b.keys(kb.Enter)
	b.waitFor(words)
}

// Signing out everywhere ends the session on the other device at its next step.
func TestSignOutEverywhere(t *testing.T) {
	t.Parallel()
	base := site(t)
	here, there := open(t, base, look{width: 1280}), open(t, base, look{width: 375})
	here.signIn("rupinder-waldegrave", "/account/sessions")
	there.signIn("rupinder-waldegrave", "/account/sessions")
	here.goTo("/account/sessions")
	here.picture("sessions-1280")
	here.press(say("sessions.end_all"))
	there.goTo("/account")
	if !strings.HasPrefix(there.path(), "/sign-in") {
		t.Errorf("the other device is at %s, want sign-in", there.path())
	}
}

// A suspended person reads, is told why they cannot write, and finds no form.
func TestSuspended(t *testing.T) {
	t.Parallel()
	b := open(t, site(t), look{width: 375})
	b.signIn("ulric-stanhope-vane", "/threads/1")
	if b.has(`form[action$="/posts"]`) != 0 {
		t.Error("there is a reply form")
	}
	b.sees("Posted the same advertisement")
	b.accessible()
	b.picture("suspended-375")
}

// No page breaks the content security policy.
func TestNothingInline(t *testing.T) {
	t.Parallel()
	b := open(t, site(t), look{width: 1280})
	seen := b.violations()
	b.signIn("agnes-holderness", "/threads/1")
	for _, path := range []string{"/", "/threads", "/threads/new", "/account", "/drafts", "/whats-new", "/desk/newcomers", "/sign-in", "/no-such-page"} {
		b.goTo(path)
		b.accessible()
	}
	visitor := open(t, site(t), look{width: 1280})
	visitors := visitor.violations()
	visitor.goTo("/threads/1") // what it tells search engines stands in it, as data
	if visitor.has(`script[type="application/ld+json"]`) != 1 {
		t.Error("a visitor's page tells search engines nothing")
	}
	for _, v := range visitors() {
		t.Errorf("to a visitor, the policy was broken: %s", v)
	}
	for _, v := range seen() {
		t.Errorf("the policy was broken: %s", v)
	}
}
