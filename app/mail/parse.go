package mail

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // what is not UTF-8 becomes so
	gomail "github.com/emersion/go-message/mail"
	"github.com/emersion/go-message/textproto"
)

// What is read of one mail at most.
const (
	partsMost    = 100
	depthMost    = 10
	attachedMost = 20
	textMost     = 1 << 20
	subjectMost  = 1000 // no title is as long
)

// Received is a mail as it was read: who it says it is from, and its words.
type Received struct {
	MessageID string
	From      string // the one address in From, in small letters; empty where there is not just one
	FromName  string
	To, Cc    string // all that stands in each, in lower case
	Subject   string
	Answers   bool     // another mail, or sends one on
	Answered  string   // the Message-ID of the mail that it answers, where it says so
	Auto      bool     // a machine has sent it: it gets no answer
	Daemon    bool     // a mail server has sent it, of a mail that did not arrive
	Results   []string // of Authentication-Results, the topmost first
	Marked    bool     // as one that is not for everybody
	Text      string   // its words as plain text, those of others among them
	Attached  []string // the names of files
	Report    *Report  // what a mail server tells of a mail that was sent; nil of others
}

// Parse reads a mail. Whatever a sender may have done wrong in it, what can be read is.
func Parse(raw []byte) (Received, error) {
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return Received{}, err
	}
	var r Received
	h := gomail.Header{Header: entity.Header}
	r.MessageID = strings.Trim(strings.TrimSpace(h.Get("Message-Id")), "<>")
	if from, err := h.AddressList("From"); err == nil && len(from) == 1 && len(entity.Header.Values("From")) == 1 {
		r.From, r.FromName = small(from[0].Address), from[0].Name
	}
	r.To, r.Cc = strings.ToLower(strings.Join(h.Values("To"), ", ")), strings.ToLower(strings.Join(h.Values("Cc"), ", "))
	r.Subject = subject(h)
	_, r.Answers = titled(r.Subject)
	r.Answers = r.Answers || h.Get("In-Reply-To") != "" || h.Get("References") != ""
	r.Answered = strings.Trim(strings.TrimSpace(h.Get("In-Reply-To")), "<>")
	r.Auto = automatic(entity.Header) || awayNote(h, r.Subject)
	r.Daemon = daemon(entity.Header, r.From)
	r.Results = entity.Header.Values("Authentication-Results")
	reading := reading{into: &r}
	reading.part(entity, 0)
	r.Text = reading.text.String()
	if strings.TrimSpace(r.Text) == "" {
		r.Text = HTMLText(reading.html.String())
	}
	r.Text = tidy(r.Text)
	r.Marked = marked(r.Subject, h.Get("Msip_labels"), r.Text)
	return r, nil
}

// small is an address in small letters, as its domain's servers take it. A letter outside
// of ASCII stays as it is: in lower case the Kelvin sign is a k, and a dotted capital I an
// i, but they stand in a domain of their own.
func small(address string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, address)
}

// subject is a mail's, as far as it can be read, and not more of it than titles need.
func subject(h gomail.Header) string {
	text, err := h.Subject()
	if err != nil {
		text = h.Get("Subject")
	}
	if runes := []rune(text); len(runes) > subjectMost {
		return string(runes[:subjectMost])
	}
	return text
}

// daemon reports whether a mail tells of another that did not arrive: a report of that, or
// of a mail server by its name. An answer for who is away is none, whoever sent it.
func daemon(h message.Header, from string) bool {
	auto := strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted")))
	if strings.HasPrefix(auto, "auto-replied") && !isStatusReport(h) {
		return false
	}
	local, _, _ := strings.Cut(from, "@")
	return isStatusReport(h) || local == "mailer-daemon" || local == "postmaster"
}

// isStatusReport reports whether a mail is one of RFC 3464.
func isStatusReport(h message.Header) bool {
	kind, params, _ := h.ContentType()
	return kind == "multipart/report" && (params["report-type"] == "" || strings.EqualFold(params["report-type"], "delivery-status"))
}

// reading goes through the parts of a mail.
type reading struct {
	into       *Received
	parts      int
	text, html strings.Builder
}

// part reads a part, and the parts in it.
func (r *reading) part(e *message.Entity, depth int) {
	if r.parts++; r.parts > partsMost || depth > depthMost {
		return
	}
	kind, params, _ := e.Header.ContentType()
	if many := e.MultipartReader(); many != nil {
		r.many(many, depth)
		return
	}
	name, file := fileName(e.Header, kind, params)
	switch {
	case kind == "text/vnd.google.email-reaction+json":
		r.into.Auto = true // a thumb up, which Gmail sends in words too
	case kind == "message/delivery-status" || kind == "message/global-delivery-status": // RFC 3464, and RFC 6533 where an address is not ASCII
		r.into.Report = readReport(e.Body)
	case file:
		r.attached(name)
	case kind == "text/plain" || kind == "":
		r.plain(e.Body, params)
	case kind == "text/html":
		_, _ = io.Copy(&r.html, io.LimitReader(e.Body, textMost-int64(r.html.Len()))) // what can be read
	}
}

// many reads the parts of a part, as far as they can be read.
func (r *reading) many(parts message.MultipartReader, depth int) {
	for {
		inner, err := parts.NextPart()
		if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) || inner == nil {
			return
		}
		r.part(inner, depth+1)
	}
}

// fileName is the name of a part, and whether it is a file rather than a part of what is
// to be read.
func fileName(h message.Header, kind string, params map[string]string) (name string, file bool) {
	disposition, more, _ := h.ContentDisposition()
	if name = more["filename"]; name == "" {
		name = params["name"]
	}
	shown := strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "text/")
	return name, disposition == "attachment" || name != "" && !shown
}

// ofPrograms are files that mail programs add by themselves: proofs of who wrote, and how it
// looks in Outlook.
var ofPrograms = []string{"smime.p7s", "smime.p7m", "signature.asc", "winmail.dat", "att00001.txt", "att00001.htm"}

// attached notes a file by its name.
func (r *reading) attached(name string) {
	name = oneLine(path.Base(strings.ReplaceAll(printed(oneLine(name)), `\`, "/")))
	if name == "" || name == "." || name == "/" || slices.Contains(ofPrograms, strings.ToLower(name)) || len(r.into.Attached) >= attachedMost {
		return
	}
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:80])
	}
	r.into.Attached = append(r.into.Attached, name)
}

// printed is what is printed of a name.
func printed(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
}

// plain reads a part of plain text.
func (r *reading) plain(body io.Reader, params map[string]string) {
	text, _ := io.ReadAll(io.LimitReader(body, textMost-int64(r.text.Len()))) // what can be read
	words := string(text)
	if strings.EqualFold(params["format"], "flowed") {
		words = unflow(words, strings.EqualFold(params["delsp"], "yes"))
	}
	if r.text.Len() > 0 {
		r.text.WriteString("\n\n")
	}
	r.text.WriteString(words)
}

// unflow puts together the lines of format=flowed (RFC 3676 §4.2).
func unflow(text string, delsp bool) string {
	var b strings.Builder
	flowing, depth := false, 0
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		words := strings.TrimLeft(line, ">")
		quotes := len(line) - len(words)
		words = strings.TrimPrefix(words, " ")
		soft := strings.HasSuffix(words, " ") && words != "-- "
		if (!flowing || quotes != depth || words == "-- ") && b.Len() > 0 {
			b.WriteString("\n")
			flowing = false
		}
		if !flowing && quotes > 0 {
			b.WriteString(strings.Repeat(">", quotes) + " ")
		}
		if soft && delsp {
			words = words[:len(words)-1]
		}
		b.WriteString(words)
		if b.Len() == 0 {
			b.WriteString("\n")
		}
		flowing, depth = soft, quotes
	}
	return b.String()
}

// tidy is text with plain line ends and spaces, and without what does not show.
func tidy(text string) string {
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u2028", "\n", "\u2029", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\u200d' {
			return r
		}
		if unicode.IsControl(r) || r == '\u200b' || r == '\ufeff' || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, text)
	return text
}

// Report is what a mail server tells of one mail (RFC 3464).
type Report struct {
	Failed bool     // not only late
	Status string   // 5.1.1
	Of     []string // the addresses that it says it is of, in small letters: where it went in the end, and what was written on it
	Said   string
}

// readReport reads the blocks of a report; that of the first recipient counts: each of
// our mails has one.
func readReport(body io.Reader) *Report {
	lines := bufio.NewReader(io.LimitReader(body, 64<<10))
	for range 10 {
		block, err := textproto.ReadHeader(lines)
		if err != nil && block.Len() == 0 {
			return &Report{}
		}
		if action := strings.ToLower(strings.TrimSpace(block.Get("Action"))); action != "" {
			status, _, _ := strings.Cut(strings.TrimSpace(block.Get("Status")), " ")
			return &Report{Failed: action == "failed", Status: oneLine(status), Of: reportedOf(block), Said: oneLine(block.Get("Diagnostic-Code"))}
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	return &Report{}
}

// reportedOf are the addresses that a block of a report is of.
func reportedOf(block textproto.Header) (all []string) {
	for _, name := range []string{"Final-Recipient", "Original-Recipient"} {
		_, address, _ := strings.Cut(block.Get(name), ";")
		if address = small(strings.Trim(strings.TrimSpace(address), "<>")); strings.Contains(address, "@") {
			all = append(all, address)
		}
	}
	return all
}
