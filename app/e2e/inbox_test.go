package e2e

import (
	"fmt"
	"testing"
	"time"

	"moothall/app/mail"
)

// Whoever develops finds the mails to one person and reads them, as text and as HTML; a
// mail's own script does not run. At each width and without JavaScript.
func TestMailsAreReadInDevelopment(t *testing.T) {
	base := site(t)
	inEachLook(t, func(t *testing.T, l look) {
		b := open(t, base, l)
		to := fmt.Sprintf("ada%d@northmoor.gov.example", time.Now().UnixNano())
		err := program.app.Mail().Send(t.Context(), mail.Message{ID: "post-1@moothall.example", From: "Moothall <hello@moothall.example>", To: to,
			Subject: "Missed bins", Text: "Read it at https://moothall.example/threads/" + fmt.Sprintf("%0200d", 1),
			HTML: `<p style="color:red">Read it</p><script>parent.document.title = "bent"; document.title = "bent"</script>`, At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		b.goTo("/dev/inbox?to=" + to)
		b.sees("Missed bins", to)
		b.accessible()
		b.picture("inbox-" + fmt.Sprint(l.width))
		b.press("Missed bins")
		b.sees("Delivered-To: " + to)
		b.accessible()
		b.picture("inbox-mail-" + fmt.Sprint(l.width))
		if title := eval[string](b, `document.title`); title == "bent" {
			t.Error("the mail's script has run")
		}
		b.goTo("/dev/inbox?to=nobody")
		b.sees("There is no mail to nobody.")
		b.accessible()
	})
}
