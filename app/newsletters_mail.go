package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"moothall/app/mail"
	"moothall/forum/letters"
	"moothall/forum/newsletter"
	"moothall/views"
	"moothall/views/email"
)

// WriteNewsletter makes the mail of an issue, of a test of one, or of the question whether
// an address wants them.
func (p post) WriteNewsletter(i newsletter.Issue, c newsletter.Claimed, to newsletter.Reader) (mail.Message, error) {
	domain := p.config.MailDomain()
	links, stopBy := email.Links{Base: p.baseURL}, ""
	id := fmt.Sprintf("newsletter-%s-%d", c.Kind, c.ID)
	switch c.Kind {
	case newsletter.KindIssue:
		id = fmt.Sprintf("newsletter-%d", i.ID)
		token := leaveToken(p.keys, to.SubscriberID, i.ID)
		links.Unsubscribe = p.baseURL + views.StopPath(token)
		if p.config.receives() {
			stopBy = fmt.Sprintf("unsubscribe+%s@%s", token, domain)
		}
	case newsletter.KindAsk:
		links.Confirm = p.baseURL + views.ConfirmNewsPath(confirmToken(p.keys, to.SubscriberID, to.AskedAt))
	}
	written, err := email.WriteNewsletter(i, c.Kind, to, links)
	if err != nil {
		return mail.Message{}, err
	}
	m := mail.Message{
		ID: id + "@" + domain, From: p.config.MailFrom, To: to.Address, Subject: written.Subject, Text: written.Text, HTML: written.HTML, At: p.now(),
		Envelope: "bounce+" + p.keys.Sign(newsBouncePurpose, binary.AppendUvarint(nil, uint64(c.ID))) + "@" + domain,
		Headers: []mail.Header{
			{Name: "Moothall-Kind", Value: "newsletter"},
			{Name: "Auto-Submitted", Value: "auto-generated"},
			{Name: "X-Auto-Response-Suppress", Value: "All"},
			{Name: "List-Id", Value: "<newsletter." + domain + ">"},
		},
	}
	if links.Unsubscribe != "" {
		m.Headers = append(m.Headers, mail.Header{Name: "List-Unsubscribe", Value: stopWays(links.Unsubscribe, stopBy)},
			mail.Header{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"})
	}
	return m, nil
}

// newsBounce reads which newsletter came back; not ok of what is none.
func (t taker) newsBounce(token string) (letter int64, ok bool) {
	numbers, ok := openNumbers(t.keys, newsBouncePurpose, token, 1)
	if !ok {
		return 0, false
	}
	return numbers[0], true
}

// takeNewsBounce notes that a newsletter came back, unless it is only late.
func (t taker) takeNewsBounce(ctx context.Context, m mail.Incoming, letter int64) error {
	status, said, of := mail.Status(""), "", []string(nil)
	switch {
	case m.Report != nil && m.Report.Failed:
		status, said, of = mail.Status(m.Report.Status), m.Report.Said, m.Report.Of
	case m.Report == nil && m.Envelope == "" && m.Daemon:
		status = mail.StatusIn(m.Text)
	}
	if status == "" {
		return errDropped // late, or an answer of another sort
	}
	if said == "" {
		said = string(status)
	}
	return t.newsletters.Bounced(ctx, newsletter.Returned{LetterID: letter, Of: of, Said: said, Theirs: letters.TheirFault(string(status)), Nobody: status.Nobody()})
}

// previewNewsletter answers GET /newsletters/{id}/mail with the mail as it would go out,
// as a document of its own, or as plain text.
func (a *App) previewNewsletter(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	i, err := a.newsletters.Content(c.UserContext(), id)
	if err != nil {
		return err
	}
	written, err := email.WriteNewsletter(i, newsletter.KindIssue, newsletter.Reader{}, email.Links{Base: a.baseURL, Unsubscribe: a.baseURL + "/newsletters"})
	if err != nil {
		return err
	}
	if c.Query("as") == "text" {
		c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
		return c.SendString(written.Subject + "\n\n" + written.Text)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.SendString(outside(written.HTML))
}

var (
	styleIn   = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	hiddenIn  = regexp.MustCompile(`<div style="display:none[^"]*">`)
	styleAttr = regexp.MustCompile(` style="[^"]*"`)
)

// outside is a mail as a page of ours: no page has styles in it, so that those of the mail
// come from their own address.
func outside(html string) string {
	html = hiddenIn.ReplaceAllString(html, `<div hidden>`)
	html = styleAttr.ReplaceAllString(html, "")
	return styleIn.ReplaceAllLiteralString(html, `<link rel="stylesheet" href="/newsletters/mail.css"/>`)
}

// mailStyle is what a mail's own block of styles says, with the room around its parts
// that stands in attributes there.
var mailStyle = sync.OnceValue(func() []byte {
	written, err := email.WriteNewsletter(newsletter.Issue{}, newsletter.KindIssue, newsletter.Reader{}, email.Links{})
	found := styleIn.FindStringSubmatch(written.HTML)
	if err != nil || found == nil {
		return nil
	}
	return bytes.TrimSpace([]byte(found[1] + "\n.w{width:100%;max-width:600px;table-layout:fixed}.top{padding:18px 24px 14px}.p{padding:20px 24px 12px}.foot{padding:16px 24px 24px}"))
})

// mailStyles answers GET /newsletters/mail.css.
func (a *App) mailStyles(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
	return c.Send(mailStyle())
}

// How many links of an issue are looked at, and for how long.
const (
	linksMost  = 20
	linksLimit = 8 * time.Second
)

// anAddress finds addresses of the web in Markdown.
var anAddress = regexp.MustCompile(`https?://[^\s<>()\[\]{}"'|\\^` + "`" + `]+`)

// checkNewsletter answers POST /newsletters/{id}/check: what is to be looked at before it
// goes out. It changes nothing.
func (a *App) checkNewsletter(c *fiber.Ctx) error {
	id, err := id(c)
	if err != nil {
		return err
	}
	p, err := a.newsletters.ComposePage(c.UserContext(), who(c), id)
	if err != nil {
		return err
	}
	found := p.Findings()
	written, err := email.WriteNewsletter(p.Issue, newsletter.KindIssue, newsletter.Reader{}, email.Links{Base: a.baseURL})
	if err != nil {
		return err
	}
	if missing := missingWords(mail.HTMLText(written.HTML), written.Text); len(missing) > 0 {
		found = append(found, newsletter.Finding{Key: "newsletters.check_plain", Args: []any{"Words", strings.Join(missing, ", ")}})
	} else {
		found = append(found, newsletter.Finding{Key: "newsletters.check_plain_good", Good: true})
	}
	links, err := a.checkLinks(c.UserContext(), p)
	if err != nil {
		return err
	}
	return a.showCompose(c, views.ComposeTyped{Findings: append(found, links...)}, nil)
}

// missingWords are the first words of one text that are not in another, however these
// break their lines.
func missingWords(all, there string) (missing []string) {
	known := map[string]bool{}
	for _, word := range wordsIn(there) {
		known[word] = true
	}
	for _, word := range wordsIn(all) {
		if !known[word] && len(missing) < 5 {
			known[word] = true
			missing = append(missing, word)
		}
	}
	return missing
}

// aWord finds words of letters and digits.
var aWord = regexp.MustCompile(`[\p{L}\p{N}]{2,}`)

func wordsIn(text string) []string { return aWord.FindAllString(strings.ToLower(text), -1) }

// checkLinks looks whether the addresses in an issue's words answer: ours as a visitor,
// others out on the web.
func (a *App) checkLinks(ctx context.Context, p newsletter.ComposePage) (found []newsletter.Finding, err error) {
	ours, theirs := addressesIn(p, a.baseURL)
	hidden, err := a.newsletters.Unseen(ctx, ours)
	if err != nil {
		return nil, err
	}
	for _, id := range hidden {
		found = append(found, newsletter.Finding{Key: "newsletters.check_link_hidden", Args: []any{"Number", id}})
	}
	if !a.config.WithLinks() && len(theirs) > 0 {
		return append(found, newsletter.Finding{Key: "newsletters.check_links_off"}), nil
	}
	found = append(found, askLinks(ctx, theirs, linkCheck(a.baseURL))...)
	if len(found) == 0 {
		found = append(found, newsletter.Finding{Key: "newsletters.check_links_good", Good: true})
	}
	return found, nil
}

// ourThread finds the number of a thread in one of our addresses.
var ourThread = regexp.MustCompile(`(?:^|[(\s<])/(?:threads|projects|lessons)/(\d{1,18})`)

// addressesIn are what the words of an issue lead to: threads of ours, and addresses
// elsewhere, each once.
func addressesIn(p newsletter.ComposePage, base string) (ours []string, theirs []string) {
	seen := map[string]bool{}
	for _, b := range p.Blocks {
		body := strings.ReplaceAll(b.Body, base+"/", "/")
		for _, number := range ourThread.FindAllStringSubmatch(body, -1) {
			ours = append(ours, number[1])
		}
		for _, address := range anAddress.FindAllString(body, -1) {
			address = strings.TrimRight(address, ".,;:!?*_~")
			if !seen[address] && len(theirs) < linksMost {
				theirs = append(theirs, address)
			}
			seen[address] = true
		}
	}
	return ours, theirs
}

// askLinks asks addresses all at once, for a while.
func askLinks(ctx context.Context, addresses []string, check func(ctx context.Context, address string) string) (found []newsletter.Finding) {
	ctx, cancel := context.WithTimeout(ctx, linksLimit)
	defer cancel()
	answers := make([]string, len(addresses))
	var all sync.WaitGroup
	for n, address := range addresses {
		all.Add(1)
		go func() {
			defer func() {
				if recover() != nil {
					answers[n] = "silent"
				}
			}()
			defer all.Done()
			answers[n] = check(ctx, address)
		}()
	}
	all.Wait()
	for n, address := range addresses {
		if answers[n] != "" {
			found = append(found, newsletter.Finding{Key: "newsletters.check_link_" + answers[n], Args: []any{"Address", address}})
		}
	}
	return found
}
