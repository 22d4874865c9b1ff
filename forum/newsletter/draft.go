package newsletter

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"moothall/forum"
	"moothall/forum/markup"
)

// How much an issue holds: signs of a heading, of a block's words and of why a line is in
// it, lines of a block, and blocks.
const (
	headingMost = 150
	bodyMost    = 20000
	whyMost     = 500
	itemsMost   = 30
	blocksMost  = 40
)

// IssueDraft is what was typed of an issue as a whole.
type IssueDraft struct {
	Subject string
	Lang    string
	Version int // that the form was made from; of a new one 0
}

// Check says what keeps the draft from being taken.
func (i *IssueDraft) Check() (bad forum.Invalid) {
	i.Subject = forum.CleanTitle(i.Subject)
	if i.Lang != "cy" {
		i.Lang = "en"
	}
	switch n := utf8.RuneCountInString(i.Subject); {
	case n == 0:
		bad.Add("subject", "newsletters.subject_empty")
	case n > headingMost:
		bad.Add("subject", "newsletters.subject_long", "Max", headingMost)
	}
	return bad
}

// BlockDraft is what was typed of a block.
type BlockDraft struct {
	Kind    string
	Heading string
	Body    string // Markdown
	Threads string // a line for each: its address or number, and why it is worth reading
	Version int    // of the issue that the form was made from
}

// line is a line of a block as it was typed.
type line struct {
	Thread int64
	Why    string
}

// aThread finds the number in the address of a thread, project or lesson, without the name
// of our site, or alone.
var aThread = regexp.MustCompile(`^(?:/(?:threads|projects|lessons)/)?(\d{1,18})(?:[-/?#]\S*)?$`)

// Check says what keeps the draft from being taken, as far as its words tell.
func (b *BlockDraft) Check() (lines []line, bad forum.Invalid) {
	b.Heading = forum.CleanTitle(b.Heading)
	b.Body = strings.TrimSpace(strings.ReplaceAll(markup.Clean(b.Body), "\r\n", "\n"))
	if !slices.Contains(Kinds, b.Kind) {
		bad.Add("kind", "newsletters.kind_choose")
	}
	if utf8.RuneCountInString(b.Heading) > headingMost {
		bad.Add("heading", "newsletters.heading_long", "Max", headingMost)
	}
	if utf8.RuneCountInString(b.Body) > bodyMost {
		bad.Add("body", "newsletters.body_long", "Max", bodyMost)
	} else if _, err := markup.Post(b.Body, markup.Refs{}); err != nil {
		bad.Add("body", "newsletters.body_much")
	}
	for typed := range strings.Lines(markup.Clean(b.Threads)) {
		address, why, _ := strings.Cut(strings.TrimSpace(typed), " ")
		if address == "" {
			continue
		}
		found := aThread.FindStringSubmatch(address)
		why = strings.TrimSpace(why)
		if found == nil {
			bad.Add("threads", "newsletters.thread_wrong", "Line", cut(address, 60))
			return nil, bad
		}
		if utf8.RuneCountInString(why) > whyMost {
			bad.Add("threads", "newsletters.why_long", "Max", whyMost, "Line", cut(address, 60))
			return nil, bad
		}
		id, _ := strconv.ParseInt(found[1], 10, 64)
		if !slices.ContainsFunc(lines, func(l line) bool { return l.Thread == id }) {
			lines = append(lines, line{id, why})
		}
	}
	if len(lines) > itemsMost {
		bad.Add("threads", "newsletters.threads_many", "Max", itemsMost)
	}
	return lines, bad
}

// cut is text without what is beyond so many code points.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// typed is how lines stand in the form.
func typed(items []RawItem) string {
	var b strings.Builder
	for _, i := range items {
		fmt.Fprintln(&b, strings.TrimSpace(fmt.Sprintf("/threads/%d %s", i.ThreadID, i.Why)))
	}
	return b.String()
}
