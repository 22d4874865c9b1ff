package e2e

import (
	"fmt"
	"testing"
	"time"
)

// A curator puts a pre-election period into the calendar; what they would highlight names
// the council, and waits; they cannot agree themselves. Another curator sees it, agrees,
// and it stands on the front page, until it is undone from the record. By keyboard, at both
// widths.
func TestAHighlightNeedsASecondCurator(t *testing.T) {
	base := site(t)
	for _, width := range []int64{375, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			l := look{width: width}
			visitor, author, curator, other := open(t, base, l), open(t, base, l), open(t, base, l), open(t, base, l)
			picture := func(b *tab, name string) {
				t.Helper()
				b.accessible()
				b.picture(fmt.Sprintf("second-%s-%d", name, width))
			}
			at := time.Now().UnixNano()
			title, period := fmt.Sprintf("Fewer missed bins, %d", at), fmt.Sprintf("By-election %d", at)
			author.signIn("hettie-vanterpool", "/threads/new")
			author.ask(fmt.Sprintf("Who has fewer missed bins than in %d?", at), "We have, and would tell you how.")
			thread := author.path()

			curator.signIn("agnes-holderness", "/elections/new")
			picture(curator, "period-form")
			curator.typeInto("name", period)
			curator.typeInto("council", "Westerwick Council")
			days := fmt.Sprintf(`document.getElementById("from").value = %q, document.getElementById("until").value = %q, true`,
				time.Now().Format(time.DateOnly), time.Now().AddDate(0, 0, 20).Format(time.DateOnly))
			eval[bool](curator, days)
			curator.send(say("elections.save"))
			curator.sees(say("done.election_set"), period, say("elections.curates"))
			picture(curator, "calendar")

			curator.goTo("/highlights/new?target=" + thread)
			curator.typeInto("title", title)
			curator.typeInto("note", "Ask those of Westerwick Council how.")
			curator.send(say("highlights.save"))
			curator.sees(say("done.second_asked"), title, say("seconds.own"))
			picture(curator, "asked")
			visitor.goTo(fmt.Sprintf("/?shown=%d", at)) // a page that nobody has kept
			visitor.seesNot(title)

			other.signIn("brannoc-elphick", "/desk/second")
			other.sees(title, say("seconds.councils", "Names", "Westerwick Council"))
			picture(other, "waits")
			id := eval[string](other, fmt.Sprintf(`[...document.querySelectorAll("li[data-second]")].find(e => e.innerText.includes(%q)).dataset.second`, title))
			sends := func(b *tab, action string) {
				t.Helper()
				b.reach(action, fmt.Sprintf(`e.tagName === "BUTTON" && e.form.getAttribute("action").endsWith(%q)`, action))
				eval[bool](b, `document.documentElement.dataset.old = "1", true`)
				b.do(action, enter)
				b.settle()
			}
			sends(other, "/desk/second/"+id+"/agree")
			other.sees(say("done.second_agreed"))
			picture(other, "agreed")
			visitor.goTo(fmt.Sprintf("/?shown=%d", at+1))
			visitor.sees(title)
			picture(visitor, "home")

			curator.goTo("/moderation")
			curator.reach("the way back", fmt.Sprintf(`e.tagName === "SUMMARY" && e.closest("li, tr, article").innerText.includes(%q) && e.closest("li, tr, article").innerText.includes(%q)`, title, say("entry.highlighted")))
			curator.do("open it", enter)
			sends(curator, "/undo")
			visitor.goTo(fmt.Sprintf("/?shown=%d", at+2))
			visitor.seesNot(title)

			curator.goTo("/elections")
			curator.reach("calling it off", fmt.Sprintf(`e.tagName === "BUTTON" && e.form.getAttribute("action").endsWith("/end") && e.innerText.includes(%q)`, period))
			eval[bool](curator, `document.documentElement.dataset.old = "1", true`)
			curator.do("call it off", enter)
			curator.settle()
			curator.sees(say("done.second_asked"), period)
			other.goTo("/desk/second")
			other.sees(say("seconds.deed_end_election"))
			id = eval[string](other, fmt.Sprintf(`[...document.querySelectorAll("li[data-second]")].find(e => e.innerText.includes(%q)).dataset.second`, period))
			sends(other, "/desk/second/"+id+"/agree")
			other.sees(say("done.second_agreed"))
		})
	}
}
