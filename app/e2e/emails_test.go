package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// linkOf is the link in a mail to somebody about a thread that they follow.
func linkOf(t *testing.T, person, thread int64) string {
	t.Helper()
	secrets, err := os.ReadFile(filepath.Join(program.dir, "secrets"))
	if err != nil {
		t.Fatal(err)
	}
	secret, _, _ := strings.Cut(strings.TrimSpace(string(secrets)), ",")
	mac := func(purpose string, data []byte) []byte {
		own := hmac.New(sha256.New, []byte(secret))
		own.Write([]byte("moothall/" + purpose))
		h := hmac.New(sha256.New, own.Sum(nil))
		h.Write(data)
		return h.Sum(nil)
	}
	body := binary.AppendUvarint(binary.AppendUvarint([]byte{mac("number", nil)[0], 1}, uint64(person)), uint64(thread))
	signed := append(body, mac("sign/stop", body)[:16]...)
	return "/unsubscribe/" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(signed))
}

// Somebody follows a topic from its page, sees on one page all that they follow and how
// their mail comes, asks why they heard of something, and stops a thread by the link in
// a mail, without being signed in. With and without JavaScript.
func TestChooseWhatToHearOf(t *testing.T) {
	t.Parallel()
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		width := fmt.Sprint(l.width)
		b := open(t, base, l)
		b.signIn(somebody().Slug, "/threads/new")
		title := "Who hears of this? " + t.Name()
		b.ask(title, "I do.")
		thread := b.path()
		b.sees(say("follow.now_instant"))

		b.goTo("/topics/waste-management")
		b.press(say("follow.do_topic"))
		b.accessible()
		b.picture("follow-" + width)
		b.choose("kind", "question")
		b.choose("cadence", "weekly")
		b.press(say("follow.follow"))
		b.sees(say("done.follow_weekly"), say("follow.some"))
		b.accessible()

		b.goTo("/account/emails")
		b.sees(title, say("follow.in_question"), say("emails.rule"))
		b.accessible()
		b.choose("digest_hour", "16")
		b.press(say("emails.save"))
		b.sees(say("done.emails"))
		b.fill("about", base+thread)
		b.press(say("why.ask"))
		b.sees(say("why.own"))
		b.accessible()
		b.picture("emails-" + width)

		number, _, _ := strings.Cut(strings.TrimPrefix(thread, "/threads/"), "-")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		b.goTo(thread)
		person := eval[string](b, `document.getElementById("post-1").dataset.author`)
		author, err := strconv.ParseInt(person, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		reader := open(t, base, l)
		reader.goTo(linkOf(t, author, id))
		reader.sees(title, say("stop.thread_text"), say("stop.account"))
		reader.accessible()
		reader.picture("stop-" + width)
		reader.press(say("stop.thread"))
		reader.sees(say("stop.thread_done"))
		reader.accessible()
		b.goTo(thread)
		b.sees(say("follow.now_mute"))
	})
}

// The form to follow is opened and sent with the keyboard alone.
func TestAThreadIsFollowedByKeyboard(t *testing.T) {
	t.Parallel()
	b := open(t, site(t), look{width: 1280})
	b.signIn(somebody().Slug, "/threads/1")
	eval[bool](b, `document.querySelector("#follow summary").focus(), true`)
	b.do("unfold", enter)
	b.keys(kb.Tab)
	if focus := eval[string](b, `document.activeElement.id`); focus != "cadence" {
		t.Errorf("after the summary comes %q", focus)
	}
	b.accessible()
	b.keys(kb.Tab)
	eval[bool](b, `document.documentElement.dataset.old = "1", true`)
	b.do("send", enter)
	b.settle()
	b.sees(say("follow.now_instant"))
}
