package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Somebody asks, another replies and names them: the asker is told, is led to what is
// new, and has read it by that. With and without JavaScript.
func TestTheAskerIsToldAndLedToWhatIsNew(t *testing.T) {
	t.Parallel()
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		asker := open(t, base, l)
		who := somebody()
		asker.signIn(who.Slug, "/threads")
		asker.ask("Who is told of what? "+t.Name(), "I wonder.")
		thread := asker.path()

		helper := open(t, base, l)
		helper.signIn("efua-brackenridge", thread)
		helper.fill("body", "We found out, @"+who.Slug+".")
		helper.press(say("reply.post"))
		helper.sees("We found out")

		// The asker's page was made before that: the reply is held up once.
		asker.fill("body", "Nobody knows?")
		asker.press(say("reply.post"))
		asker.sees("We found out", say("overtaken.text"))
		if got := asker.value("body"); got != "Nobody knows?" {
			t.Errorf("the reply that came back holds %q", got)
		}
		asker.accessible()
		asker.picture("overtaken-" + fmt.Sprint(l.width))

		for n := 0; ; n++ {
			if asker.goTo("/account/notices"); asker.has("li.mh-row--new") > 0 || n > 100 {
				break
			}
		}
		asker.sees("Efua Brackenridge named you")
		asker.accessible()
		asker.picture("notices-" + fmt.Sprint(l.width))
		asker.goTo(thread)
		asker.sees(say("since.post"))
		asker.accessible()
		asker.picture("since-" + fmt.Sprint(l.width))
		asker.press(say("since.none"))
	})
}

// A page that stays open says by itself that somebody has replied, also to a visitor,
// and leads there. It asks when somebody comes back to it.
func TestAnOpenPageTellsOfAReply(t *testing.T) {
	t.Parallel()
	base := site(t)
	asker := open(t, base, look{width: 1280})
	asker.signIn(somebody().Slug, "/threads")
	asker.ask("Who stays for the answer?", "I do.")
	visitor := open(t, base, look{width: 375})
	visitor.goTo(asker.path())

	helper := open(t, base, look{width: 1280})
	helper.signIn("efua-brackenridge", asker.path())
	helper.fill("body", "Here it is.")
	helper.press(say("reply.post"))
	for visitor.has("[data-since] a[href*='page=unread']") == 0 && visitor.ctx.Err() == nil {
		eval[bool](visitor, `document.dispatchEvent(new Event("visibilitychange"))`)
		time.Sleep(10 * glance)
	}
	visitor.seesNot("Here it is.")
	visitor.accessible()
	visitor.do("go there", pressed("[data-since] a[href*='page=unread']"))
	visitor.settle()
	visitor.sees("Here it is.")
}

// Somebody is named by what is offered while one types, with the keyboard alone.
func TestAColleagueIsNamedByKeyboard(t *testing.T) {
	t.Parallel()
	b := open(t, site(t), look{width: 1280})
	b.signIn("beatrix-oyelaran", "/threads/1")
	b.fill("body", "As @efu")
	b.waitFor("@efua-brackenridge")
	b.accessible()
	b.picture("suggest-1280")
	b.keys(kb.ArrowDown)
	b.do("press Enter", enter)
	if got := b.value("body"); got != "As @efua-brackenridge " {
		t.Errorf("the field holds %q", got)
	}
}

// enter is one press of the key as a keyboard makes it: what the page keeps from
// the key down types nothing.
func enter(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
	_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kb.KeyDown, Key: "Enter", Code: "Enter",
		Text: "\r", WindowsVirtualKeyCode: 13})
	return chromedp.Void{}, err
}
