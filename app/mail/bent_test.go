package mail_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	netmail "net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/idna"

	"moothall/app/dev"
	"moothall/app/mail"
)

// openInbox is the catcher of development: a real server of SMTP.
func openInbox(t testing.TB) *dev.Inbox {
	t.Helper()
	inbox, err := dev.OpenInbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inbox.Close(); err != nil {
			t.Error(err)
		}
	})
	return inbox
}

// caught is the one mail that came.
func caught(t testing.TB, inbox *dev.Inbox) (dev.Caught, string) {
	t.Helper()
	all, err := inbox.List(dev.Wanted{})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d mails came, %v, want 1", len(all), err)
	}
	m, err := inbox.Mail(all[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	source, err := inbox.Source(m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := inbox.Empty(); err != nil {
		t.Fatal(err)
	}
	return m, string(source)
}

// vector is a line of headers.jsonl: a text that has bent mails elsewhere.
type vector struct{ ID, Target, Value string }

func vectors(t *testing.T) (all []vector) {
	t.Helper()
	file, err := os.ReadFile("testdata/headers.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(file))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if len(all) < 300 {
		t.Fatalf("only %d vectors", len(all))
	}
	return all
}

// put are the places of a mail that a text of somebody's may come to.
var put = map[string]func(m *mail.Message, value string){
	"subject": func(m *mail.Message, value string) { m.Subject = value },
	"text":    func(m *mail.Message, value string) { m.Text = value },
	"html":    func(m *mail.Message, value string) { m.HTML = value },
	"from name": func(m *mail.Message, value string) {
		m.From = (&netmail.Address{Name: value, Address: "hello@moothall.example"}).String()
	},
	"from name, as it is": func(m *mail.Message, value string) { m.From = value + " <hello@moothall.example>" },
	"to name": func(m *mail.Message, value string) {
		m.To = (&netmail.Address{Name: value, Address: "ada@northmoor.gov.example"}).String()
	},
	"to":       func(m *mail.Message, value string) { m.To = value },
	"reply":    func(m *mail.Message, value string) { m.ReplyTo = value },
	"envelope": func(m *mail.Message, value string) { m.Envelope = value },
	"id":       func(m *mail.Message, value string) { m.ID = value },
	"header":   func(m *mail.Message, value string) { m.Headers = []mail.Header{{Name: "List-Id", Value: value}} },
	"list": func(m *mail.Message, value string) {
		m.Headers = []mail.Header{{Name: "List-Id", Value: value + " <x.example>"}}
	},
	"header’s name": func(m *mail.Message, value string) { m.Headers = []mail.Header{{Name: value, Value: "x"}} },
}

// Whatever text comes to whatever place of a mail: it is refused for good, or the mail
// has the headers that it always has, one recipient, two parts, and the text can be read.
func TestNoTextBendsAMail(t *testing.T) {
	t.Parallel()
	inbox := openInbox(t)
	sender := openSender(t, mail.Config{URL: inbox.URL()})
	sent, refused := 0, 0
	for _, v := range vectors(t) {
		for place, put := range put {
			m := bins()
			m.Headers = nil
			put(&m, v.Value)
			err := sender.Send(t.Context(), m)
			if no := (*mail.Refused)(nil); errors.As(err, &no) {
				refused++
				if !no.Permanent || no.Code != 0 {
					t.Errorf("%s as %s: got %+v, want it refused by ourselves", v.ID, place, no)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s as %s: %v", v.ID, place, err)
			}
			sent++
			got, source := caught(t, inbox)
			checkUnbent(t, v.ID+" as "+place, m, got, source)
		}
	}
	t.Logf("%d sent, %d refused", sent, refused)
	if sent < 500 || refused < 500 {
		t.Errorf("%d sent, %d refused: too few of either", sent, refused)
	}
}

var longLine = regexp.MustCompile(`(?m)^.{999,}\r?$`)

func checkUnbent(t *testing.T, name string, sent mail.Message, got dev.Caught, source string) {
	t.Helper()
	var names []string
	for _, header := range got.Headers {
		key, _, _ := strings.Cut(header, ":")
		names = append(names, key)
	}
	slices.Sort(names)
	want := []string{"Content-Type", "Date", "Delivered-To", "From", "Message-Id", "Mime-Version", "Reply-To", "Return-Path", "Subject", "To"}
	for _, h := range sent.Headers {
		want = append(want, h.Name)
	}
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("%s: headers %q, want %q", name, names, want)
	}
	wanted, err := netmail.ParseAddress(sent.To)
	if err != nil {
		t.Fatal(err)
	}
	local, domain, _ := strings.Cut(wanted.Address, "@")
	if domain, err = idna.ToASCII(domain); err != nil || !strings.EqualFold(got.To, local+"@"+domain) {
		t.Errorf("%s: it went to %q, want %v", name, got.To, wanted)
	}
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	if words(got.Subject) != words(sent.Subject) {
		t.Errorf("%s: subject %q, want %q", name, got.Subject, sent.Subject)
	}
	for what, pair := range map[string][2]string{"text": {got.Text, sent.Text}, "HTML": {got.HTML, sent.HTML}} {
		if words(pair[0]) != words(pair[1]) {
			t.Errorf("%s: %s %q, want %q", name, what, pair[0], pair[1])
		}
	}
	if longLine.MatchString(source) || strings.Contains(strings.ReplaceAll(source, "\r\n", ""), "\r") {
		t.Errorf("%s: a line is too long, or ends in a way of its own", name)
	}
}

// Headers that Moothall or the servers on the way write are not for others to set, and
// none comes twice.
func TestHeadersAreEachThereOnce(t *testing.T) {
	t.Parallel()
	inbox := openInbox(t)
	sender := openSender(t, mail.Config{URL: inbox.URL()})
	for _, headers := range [][]mail.Header{
		{{Name: "Bcc", Value: "eve@evil.example"}}, {{Name: "from", Value: "eve@evil.example"}}, {{Name: "Content-Type", Value: "text/html"}},
		{{Name: "DKIM-Signature", Value: "v=1"}}, {{Name: "List-Id", Value: "<a.example>"}, {Name: "list-id", Value: "<b.example>"}},
		{{Name: "List-Id", Value: "Waste\r\n <waste.example>"}}, {{Name: "List-Id", Value: "Waste\u0085"}}, {{Name: "List-Id", Value: "\xff"}},
		{{Name: "Return-Path", Value: "<>"}}, {{Name: "", Value: "x"}}, {{Name: "X Y", Value: "x"}}, {{Name: "X:", Value: "x"}},
	} {
		m := bins()
		m.Headers = headers
		no := (*mail.Refused)(nil)
		if err := sender.Send(t.Context(), m); !errors.As(err, &no) || !no.Permanent {
			t.Errorf("%v: got %v", headers, err)
		}
	}
	if all, err := inbox.List(dev.Wanted{}); err != nil || len(all) > 0 {
		t.Errorf("%d were sent, %v", len(all), err)
	}
}

// An address is one that mail can be sent to, and nothing that some would read as another.
func TestAddressesAreOne(t *testing.T) {
	t.Parallel()
	inbox := openInbox(t)
	sender := openSender(t, mail.Config{URL: inbox.URL()})
	for _, to := range []string{"", "ada", "ada@", "@northmoor.gov.example", "ada@northmoor.gov.example, eve@evil.example", `"ada@northmoor"@evil.example`,
		"ada@northmoor.gov.example\r\nRCPT TO:<eve@evil.example>", "<ada@northmoor.gov.example> SIZE=1", "ada@[127.0.0.1]", "ad..a@northmoor.gov.example",
		"ŵyn@northmoor.gov.example", strings.Repeat("a", 65) + "@northmoor.gov.example", "ada@" + strings.Repeat("a.", 130) + "example", "=?utf-8?q?a=0D=0Ab?= <ada@northmoor.gov.example>"} {
		m := bins()
		m.To = to
		no := (*mail.Refused)(nil)
		if err := sender.Send(t.Context(), m); !errors.As(err, &no) || !no.Permanent {
			t.Errorf("%q: got %v", to, err)
		}
	}
	m := bins()
	m.To = "Siân <sian+bins@cyngor-ŵyl.example>"
	if err := sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got, _ := caught(t, inbox); got.To != "sian+bins@xn--cyngor-yl-7tb.example" && !strings.HasPrefix(got.To, "sian+bins@xn--cyngor-yl-") {
		t.Errorf("it went to %q", got.To)
	}
}

// Welsh, long lines, dots and trailing spaces come out as they were written.
func TestMailsComeOutReadable(t *testing.T) {
	t.Parallel()
	inbox := openInbox(t)
	sender := openSender(t, mail.Config{URL: inbox.URL()})
	m := bins()
	m.From = (&netmail.Address{Name: `Siân Ŵyn, "Bins" at Cyngor Tŷ-isaf`, Address: "hello@moothall.example"}).String()
	m.Subject = "[Gwastraff] Pwy sy’n casglu’r bagiau ar ddydd Gŵyl Dewi? =?utf-8?q?no?= " + strings.Repeat("ŷ", 100)
	m.Text = "Mae’r wŷn yn y tŷ.\n.\n..dots\nspace at the end \n" + strings.Repeat("hir ", 400) + "\nhttps://moothall.example/" + strings.Repeat("x", 1200) + "\n"
	m.HTML = "<p lang=\"cy\">Mae’r ŵyn yn y tŷ = £5.</p>\n" + strings.Repeat("<b>hir</b>", 300)
	if err := sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, source := caught(t, inbox)
	for what, pair := range map[string][2]string{"text": {got.Text, m.Text}, "HTML": {strings.ReplaceAll(got.HTML, "\r\n", "\n"), m.HTML}, "subject": {got.Subject, m.Subject},
		"kind": {got.Kind, "instant"}, "id": {got.MessageID, "<post-12@moothall.example>"}} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got\n%q, want\n%q", what, pair[0], pair[1])
		}
	}
	if !strings.Contains(got.From, "Siân Ŵyn, ") || !strings.Contains(got.From, "<hello@moothall.example>") {
		t.Errorf("from %q", got.From)
	}
	for line := range strings.Lines(source) {
		if len(line) > 180 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("on the wire: %q", line)
		}
	}
}
