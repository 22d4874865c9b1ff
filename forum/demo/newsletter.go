package demo

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"moothall/forum/newsletter"
)

// issue is a newsletter that a curator of the corpus has sent.
type issue struct {
	Subject  string    `json:"subject"`
	SentAt   time.Time `json:"sent_at"`
	Body     string    `json:"body_md"`
	Threads  []string  `json:"thread_slugs"`
	Projects []string  `json:"project_slugs"`
	Editor   string    `json:"editor_slug"`
}

// subscribers are who gets the next issue.
var subscribers = []string{"stellan-whitcombe", "hettie-vanterpool", "quentin-dalrymple-shah", "efua-brackenridge"}

// newsletters sends the issues that were sent: nobody got them yet. What is there is left
// as it is.
func (l *loader) newsletters(ctx context.Context, all []issue) error {
	there, err := newsletter.New(l.forum).ArchivePage(ctx, l.people["agnes-holderness"], 0)
	if err != nil {
		return err
	}
	for _, i := range all {
		told := slices.ContainsFunc(slices.Concat(there.Issues, there.Drafts), func(t newsletter.Issue) bool { return t.Subject == i.Subject })
		if told {
			continue
		}
		if err := i.send(ctx, l); err != nil {
			return fmt.Errorf("newsletter %q: %w", i.Subject, err)
		}
	}
	for _, name := range subscribers {
		who := l.people[name]
		p, err := newsletter.New(l.forum).OfPerson(ctx, who.ID)
		if err == nil && p == nil { // they have not chosen themselves
			err = newsletter.New(l.forum).Switch(ctx, who, true)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// namedThread finds what a link of the corpus leads to.
var namedThread = regexp.MustCompile(`\((?:thread|project):([a-z0-9-]+)\)`)

// send puts an issue together, a block for each heading, and sends it on its day.
func (i issue) send(ctx context.Context, l *loader) error {
	press := newsletter.New(l.forum.Past(i.SentAt))
	who := l.people[i.Editor]
	id, err := press.Begin(ctx, who, newsletter.IssueDraft{Subject: i.Subject})
	if err != nil {
		return err
	}
	body := namedThread.ReplaceAllStringFunc(i.Body, func(link string) string {
		return fmt.Sprintf("(/threads/%d)", l.threads[namedThread.FindStringSubmatch(link)[1]])
	})
	for part := range strings.SplitSeq("\n"+body, "\n### ") {
		heading, words, _ := strings.Cut(part, "\n")
		if err := press.AddBlock(ctx, who, id, newsletter.BlockDraft{Kind: "text", Heading: heading, Body: words}); err != nil {
			return err
		}
	}
	var lines strings.Builder
	for _, name := range slices.Concat(i.Threads, i.Projects) {
		fmt.Fprintf(&lines, "/threads/%d\n", l.threads[name])
	}
	if err := press.AddBlock(ctx, who, id, newsletter.BlockDraft{Kind: "highlights", Heading: "In this issue", Threads: lines.String()}); err != nil {
		return err
	}
	if err := press.Schedule(ctx, who, id, "", newsletter.Shown{}); err != nil {
		return err
	}
	return press.Dispatch(ctx)
}
