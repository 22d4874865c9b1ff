package e2e

import (
	"fmt"
	"testing"
)

// A colleague of another council finds an answer useful, and says that theirs has
// the problem too; the asker accepts it and keeps the thread for later; and each
// sees what the other did.
func TestAcceptAndMark(t *testing.T) {
	t.Parallel()
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		title := "Who has an answer for me? " + t.Name()
		asker := open(t, base, l)
		asker.signIn(somebody().Slug, "/threads/new")
		asker.ask(title, "We have none.")
		thread := asker.path()
		helper := open(t, base, l)
		helper.signIn("efua-brackenridge", thread)
		helper.fill("body", "We have one: ask the crew first.")
		helper.press(say("reply.post"))
		helper.choose("state", "working")
		helper.press(say("ustoo.say"))
		helper.sees(say("ustoo_state.working"))
		helper.pressIn("#post-1", say("useful.press"))
		if n := helper.has(`#post-1 button[aria-pressed="true"]`); n != 1 {
			t.Errorf("%d buttons are pressed, want 1", n)
		}
		helper.accessible()

		asker.goTo(thread)
		asker.accessible()
		asker.pressIn("#post-2", say("answer.accept"))
		asker.sees(say("answer.accepted"), say("answer.in_short"), say("ustoo.which"))
		if n := asker.has("article#post-2[data-accepted]"); n != 1 {
			t.Errorf("%d posts are the answer, want 1", n)
		}
		asker.accessible()
		asker.picture("answered-" + fmt.Sprint(l.width))
		asker.press(say("saved.save"))
		asker.goTo("/account/saved")
		asker.sees(title, say("state.answered"))
		asker.accessible()
		asker.pressIn(fmt.Sprintf(`li:has(a[href="%s"])`, thread), say("saved.off"))
		asker.seesNot(title)

		asker.goTo(thread)
		asker.pressIn("#post-2", say("answer.withdraw"))
		asker.seesNot(say("answer.in_short"))
	})
}

// An asker of the demo tells what came of an answer that was accepted long ago.
func TestTellWhetherItWorked(t *testing.T) {
	t.Parallel()
	base := site(t)
	asker := open(t, base, look{width: 375})
	asker.signIn("stellan-whitcombe", "/")
	asker.sees(say("outcome.ask"))
	asker.accessible()
	asker.pressIn("aside", "How do you stop five missed bin reports for the same street?")
	asker.accessible()
	asker.do("open the question", pressed("#outcome summary"))
	asker.fill("note", "Our own feed was too slow.")
	asker.press(say("outcome.tell"))
	asker.sees(say("outcome.choose"))
	asker.accessible()
	asker.choose("answer", "partly")
	asker.press(say("outcome.tell"))
	asker.sees(say("outcome.title"), "Our own feed was too slow.")
	asker.accessible()
}
