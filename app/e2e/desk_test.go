package e2e

import (
	"fmt"
	"regexp"
	"testing"
	"time"
)

// mail opens the newest mail to an address that has these words in its subject, and returns
// the first path in it that an expression finds.
func (b *tab) mail(to, subject string, path *regexp.Regexp) string {
	b.t.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(glance) {
		b.goTo("/dev/inbox?to=" + to)
		if at := eval[string](b, fmt.Sprintf(`([...document.querySelectorAll("a")].find(e => e.innerText.includes(%q)) || document.createElement("a")).getAttribute("href") || ""`, subject)); at != "" {
			b.goTo(at)
			if found := path.FindString(eval[string](b, `document.body.textContent`)); found != "" {
				return found
			}
			b.t.Fatalf("the mail at %s leads nowhere:\n%s", b.path(), b.text())
		}
	}
	b.t.Fatalf("there is no mail to %s about %s:\n%s", to, subject, b.text())
	return ""
}

// Somebody without an account asks for the newsletter and says so once more from a mail; a
// curator fills an issue, another looks at it, it goes out, is read on the site, and is
// stopped from the mail. By keyboard where something is typed, at both widths.
func TestANewsletterGoesOut(t *testing.T) {
	base := site(t)
	for _, width := range []int64{375, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			l := look{width: width}
			reader, curator, other := open(t, base, l), open(t, base, l), open(t, base, l)
			picture := func(b *tab, name string) {
				t.Helper()
				b.accessible()
				b.picture(fmt.Sprintf("newsletter-%s-%d", name, width))
			}
			address := fmt.Sprintf("reader%d@northmoor.gov.example", time.Now().UnixNano())
			reader.goTo("/newsletters")
			reader.typeInto("email", "nobody")
			reader.send(say("newsletters.subscribe_button"))
			reader.sees(say("newsletters.email_wrong"))
			picture(reader, "refused")
			reader.typeInto("email", address)
			reader.send(say("newsletters.subscribe_button"))
			reader.sees(say("newsletters.look"))
			reader.goTo(reader.mail(address, "newsletter", regexp.MustCompile(`/newsletters/confirm/[\w.~-]+`)))
			picture(reader, "confirm")
			reader.send(say("newsletters.confirm_button"))
			reader.sees(say("newsletters.confirmed_text"))

			subject := fmt.Sprintf("What councils learned, %d", time.Now().UnixNano())
			curator.signIn("agnes-holderness", "/newsletters")
			curator.typeInto("subject", subject)
			curator.send(say("newsletters.begin"))
			curator.send(say("newsletters.fill_button"))
			curator.send(say("newsletters.check_button"))
			picture(curator, "checked")
			curator.press(say("newsletters.eyes_ask"))
			page := curator.path()
			curator.seesNot(say("newsletters.eyes_approve")) // nobody is their own second pair of eyes
			other.signIn("brannoc-elphick", page)
			other.send(say("newsletters.eyes_approve"))
			other.seesNot(say("newsletters.eyes_approve")) // once is enough
			curator.goTo(page)
			curator.send(say("newsletters.now"))
			picture(curator, "sent")

			stop := reader.mail(address, subject, regexp.MustCompile(`/unsubscribe/[\w.~-]+`))
			picture(reader, "mail")
			reader.goTo("/newsletters")
			reader.press(subject)
			reader.sees(subject)
			picture(reader, "web")
			reader.goTo(stop)
			reader.send(say("newsletters.leave_button"))
			reader.sees(say("newsletters.left", "Address", address))
		})
	}
}

// A curator puts up a banner, which a visitor sees on every page until it is taken down;
// looks before posts are split off; and takes the split back from the record.
func TestACuratorTellsAndTends(t *testing.T) {
	base := site(t)
	for _, width := range []int64{375, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			l := look{width: width}
			visitor, curator := open(t, base, l), open(t, base, l)
			picture := func(b *tab, name string) {
				t.Helper()
				b.accessible()
				b.picture(fmt.Sprintf("desk-%s-%d", name, width))
			}
			text := fmt.Sprintf("Moothall is read only tonight, notice %d", time.Now().UnixNano())
			curator.signIn("agnes-holderness", "/banners/new")
			picture(curator, "banner")
			curator.typeInto("body", text)
			day := time.Now()
			eval[bool](curator, fmt.Sprintf(`document.getElementById("from").value = %q, document.getElementById("until").value = %q, true`,
				day.Format(time.DateOnly), day.AddDate(0, 0, 1).Format(time.DateOnly)))
			curator.send(say("banners.save"))
			curator.sees(say("done.banner_put"), text)
			picture(curator, "banners")
			visitor.goTo("/about?shown=" + fmt.Sprint(day.UnixNano())) // a page that nobody has kept
			visitor.sees(text)
			picture(visitor, "shown")

			curator.goTo("/threads?state=replied")
			thread := eval[string](curator, `[...document.querySelectorAll("li[data-thread]")].find(e => /[2-9] replies/.test(e.innerText)).dataset.thread`)
			curator.goTo("/threads/" + thread + "/tend")
			curator.reach("a post", `e.type === "checkbox" && e.name === "post"`)
			curator.keys(" ")
			curator.typeInto("split-title", "What of the second post?")
			curator.typeInto("split-reason", "It is another matter.")
			curator.send(say("tending.look"))
			curator.sees(say("tending.not_done"), "What of the second post?")
			picture(curator, "split")
			curator.reach("the deed", fmt.Sprintf(`e.tagName === "BUTTON" && e.innerText.trim() === %q && e.form.getAttribute("action").endsWith("/split")`, say("tending.split_do")))
			eval[bool](curator, `document.documentElement.dataset.old = "1", true`)
			curator.do("split", enter)
			curator.settle()
			curator.sees("What of the second post?")
			picture(curator, "made")
		})
	}
}
