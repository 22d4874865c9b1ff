package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// online takes the network away from a tab, or gives it back.
func (b *tab) online(on bool) {
	b.t.Helper()
	b.do("switch the network", func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}}})
		return chromedp.Void{}, err
	})
}

// said waits until the line under the field says something that begins so.
func (b *tab) said(words string) {
	b.t.Helper()
	for until := time.Now().Add(40 * time.Second); time.Now().Before(until); {
		if eval[bool](b, fmt.Sprintf(`(document.querySelector(".mh-saved")?.textContent ?? "").startsWith(%q)`, words)) {
			return
		}
	}
	b.t.Fatalf("at %s it never said %q, but %q", b.path(), words, eval[string](b, `document.querySelector(".mh-saved")?.textContent ?? "nothing"`))
}

const copies = `Object.keys(localStorage).filter(k => k.startsWith("moothall ")).length`

// What is typed is saved by itself, is there on another device, stays in the browser
// while there is no connection and no longer, and is gone once it is posted.
func TestTypingIsSaved(t *testing.T) {
	t.Parallel()
	base := site(t)
	b := open(t, base, look{width: 1280})
	seen := b.violations()
	b.signIn("harriet-udeze", "/threads/new")
	b.ask("Saved while typing "+t.Name(), "Is it?")
	thread := b.path()
	b.fill("body", "Half a reply")
	b.said("Saved at ")
	b.accessible()

	phone := open(t, base, look{width: 375})
	phone.signIn("harriet-udeze", thread)
	if got := phone.value("body"); got != "Half a reply" {
		t.Errorf("on the phone there is %q", got)
	}
	phone.goTo("/drafts")
	phone.sees("Half a reply")
	phone.accessible()
	phone.picture("drafts-375")

	b.online(false)
	b.fill("body", "Half a reply, and more without a connection")
	b.said(say("drafts.not_saved"))
	if n := eval[int](b, copies); n != 1 {
		t.Errorf("%d copies are in the browser, want 1", n)
	}
	b.online(true)
	b.said("Saved at ")
	if n := eval[int](b, copies); n != 0 {
		t.Errorf("%d copies are in the browser, want none", n)
	}

	// The other device is older now: it says so, and shows both.
	phone.goTo(thread)
	b.fill("body", "Newer at the desk")
	b.said("Saved at ")
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); { // the desk is saved
		if eval[bool](b, `document.querySelector("form[data-draft]").elements.draft.value >= 3`) {
			break
		}
	}
	phone.fill("body", "Other words on the train")
	phone.said(say("drafts.changed"))
	phone.press(say("drafts.button"))
	phone.sees(say("drafts.conflict"), "Newer at the desk")
	if got := phone.value("body"); got != "Other words on the train" {
		t.Errorf("beside it there is %q", got)
	}
	phone.accessible()
	phone.picture("draft-conflict-375")
	phone.press(say("drafts.keep_yours"))
	if got := phone.value("body"); got != "Other words on the train" {
		t.Errorf("having chosen, the form holds %q", got)
	}
	phone.press(say("reply.post"))
	phone.sees("Other words on the train")
	phone.goTo("/drafts")
	phone.seesNot("Other words on the train")
	for _, v := range seen() {
		t.Errorf("the policy was broken: %s", v)
	}
}

// Without JavaScript a button saves, two tabs are shown both texts, and what is
// thrown away comes back.
func TestDraftsByButton(t *testing.T) {
	t.Parallel()
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		b := open(t, base, l)
		b.signIn(somebody().Slug, "/threads/new")
		b.ask("Saved by a button "+t.Name(), "Is it?")
		thread := b.path()
		second := b.another()
		second.goTo(thread)
		b.fill("body", "From the first tab "+t.Name())
		b.press(say("drafts.button"))
		b.sees(say("forms.kept"))
		second.fill("body", "From the second tab "+t.Name())
		second.press(say("drafts.button"))
		second.sees(say("drafts.conflict"), "From the first tab "+t.Name())
		second.accessible()
		second.picture("draft-conflict-" + fmt.Sprint(l.width))
		second.press(say("drafts.keep_theirs"))
		if got := second.value("body"); got != "From the first tab "+t.Name() {
			t.Errorf("having chosen, the form holds %q", got)
		}
		second.goTo("/drafts")
		second.sees("From the second tab "+t.Name(), say("drafts.strays"))
		second.accessible()
		second.picture("drafts-" + fmt.Sprint(l.width))
		second.do("throw it away", pressed(`form[action="/drafts/discard"] button`))
		second.settle()
		second.sees(say("drafts.gone"))
		second.accessible()
		second.do("put it back", pressed(`.mh-banner form[action="/drafts/undo"] button`))
		second.settle()
		second.sees("From the first tab " + t.Name())
	})
}

// What looks like a resident's data is asked about, in every browser.
func TestResidentsDataIsAskedAbout(t *testing.T) {
	t.Parallel()
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		b := open(t, base, l)
		who := somebody()
		b.signIn(who.Slug, "/threads/new")
		b.ask("A test number "+t.Name(), "She is 943 476 5919.")
		b.sees(say("forms.problem"), "943 ••• ••••")
		b.accessible()
		b.picture("residents-" + fmt.Sprint(l.width))
		b.choose("residents", b.value("residents"))
		b.fill("residents_why", "It is a test number")
		b.press(say("ask.ask"))
		b.sees("She is 943 476 5919.", who.Name)
	})
}
