package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"moothall/views/words"
)

// reach goes on by Tab until an expression is true of e, which has the focus.
func (b *tab) reach(what, is string) {
	b.t.Helper()
	for n := 0; !eval[bool](b, `(e => `+is+`)(document.activeElement)`); n++ {
		if n > 200 {
			b.t.Fatalf("at %s %s is not reached by Tab", b.path(), what)
		}
		b.keys(kb.Tab)
	}
}

// typeInto types into a field that is reached by Tab, in place of what is there.
func (b *tab) typeInto(id, text string) {
	b.t.Helper()
	b.reach(id, fmt.Sprintf(`e.id === %q`, id))
	eval[bool](b, `document.activeElement.value = "", true`)
	b.keys(text)
}

// send reaches the button that begins with these words by Tab, and presses Enter.
func (b *tab) send(words string) {
	b.t.Helper()
	b.reach(words, fmt.Sprintf(`e.tagName === "BUTTON" && e.innerText.trim().startsWith(%q)`, words))
	eval[bool](b, `document.documentElement.dataset.old = "1", true`)
	b.do("press Enter on "+words, enter)
	b.settle()
}

// Somebody of a company asks to speak for it, a curator agrees, they correct a fact, a
// colleague sees who did and when, and the curator takes it back and its text away: each
// form by the keyboard alone.
func TestACompanyCorrectsAFact(t *testing.T) {
	t.Parallel()
	base := site(t)
	for _, c := range []struct {
		width                       int64
		slug, name, supplier, title string
	}{
		{375, "tomasz-bellingham", "Tomasz Bellingham", "/suppliers/pagewarden", "Pagewarden"},
		{1280, "saskia-merriweather", "Saskia Merriweather", "/suppliers/casemoor", "Casemoor"},
	} {
		t.Run(fmt.Sprint(c.width), func(t *testing.T) {
			t.Parallel()
			l := look{width: c.width}
			picture := func(b *tab, name string) {
				b.accessible()
				b.picture(fmt.Sprintf("supplier-%s-%d", name, c.width))
			}
			seller, curator, reader := open(t, base, l), open(t, base, l), open(t, base, l)

			seller.signIn(c.slug, c.supplier)
			seller.sees(c.title, say("suppliers.claim_text"))
			seller.typeInto("note", "I look after our council customers.")
			seller.send(say("suppliers.claim"))
			seller.sees(say("done.claim_asked"))
			picture(seller, "asked")

			curator.signIn("brannoc-elphick", c.supplier)
			curator.sees("I look after our council customers.", say("suppliers.claim_asked"))
			picture(curator, "waits")
			curator.send(say("suppliers.agree"))
			curator.sees(say("done.claim_agreed"), say("suppliers.speaks"))

			seller.goTo(c.supplier + "/tend")
			picture(seller, "form")
			seller.typeInto("url", "javascript:alert(1)")
			seller.typeInto("about", "Software for the case work of councils.")
			seller.typeInto("contact", "0161 496 0123")
			seller.send(say("projects.save"))
			seller.sees(say("projects.link_not_web"))
			if got := seller.value("about"); got != "Software for the case work of councils." {
				t.Errorf("what was typed came back as %q", got)
			}
			picture(seller, "refused")
			seller.typeInto("url", "")
			seller.send(say("projects.save"))
			seller.sees(say("done.supplier_saved"), "0161 496 0123")

			reader.signIn(somebody().Slug, c.supplier)
			today := words.In("en").Date(time.Now())
			reader.sees("Software for the case work of councils.", "0161 496 0123",
				say("suppliers.field_contact")+": "+say("suppliers.by_supplier", "Name", c.name, "Company", c.title, "Date", today))
			reader.seesNot(say("suppliers.undo"), say("suppliers.take"))
			picture(reader, "corrected")

			curator.goTo(c.supplier)
			curator.send(say("suppliers.undo")) // the newest, which is how to reach it
			curator.sees(say("done.correction_undone"))
			reader.goTo(c.supplier)
			reader.sees("Software for the case work of councils.")
			reader.seesNot("0161 496 0123", say("suppliers.field_contact")+":")

			curator.goTo(c.supplier)
			curator.reach("what was undone", `e.tagName === "SUMMARY" && e.closest("[data-correction]") && e.innerText.includes("`+say("suppliers.field_contact")+`")`)
			curator.do("unfold it", enter)
			curator.sees(say("suppliers.then"), "0161 496 0123")
			picture(curator, "undone")
			curator.send(say("suppliers.take"))
			curator.sees(say("done.correction_taken"))
			curator.seesNot("0161 496 0123")
			picture(curator, "taken")
		})
	}
}
