package views

import (
	"strconv"

	"moothall/forum/newsletter"
	"moothall/views/govuk"
	"moothall/views/words"
)

// NewslettersFeed is the path of the feed of what was sent.
const NewslettersFeed = "/feeds/newsletters.atom"

// NewsletterPath is the address of an issue, for good.
func NewsletterPath(id int64) string { return numbered("/newsletters/", id, "") }

// ComposePath is where curators work on an issue.
func ComposePath(id int64) string { return newsletterDeed(id, "edit") }

// newsletterDeed is the address to which a form about an issue is sent.
func newsletterDeed(id int64, deed string) string { return NewsletterPath(id) + "/" + deed }

// blockPath is the form of a block, and where it is sent.
func blockPath(id int64) string { return numbered("/newsletters/blocks/", id, "") }

// ConfirmNewsPath is where the reader of an address says that it wants newsletters.
func ConfirmNewsPath(token string) string { return "/newsletters/confirm/" + token }

// NewslettersTyped is what was typed into the forms of the archive.
type NewslettersTyped struct{ Email, Subject, Lang string }

// ComposeTyped is what was typed of an issue, and what was found when it was looked at.
type ComposeTyped struct {
	Issue    *newsletter.IssueDraft // nil: as it is
	Block    newsletter.BlockDraft  // to be added
	At       string
	Findings []newsletter.Finding
	Clash    bool // it is no draft any more, or somebody changed it meanwhile
}

// BlockForm is a block as it was typed, and as it is.
type BlockForm struct {
	Block newsletter.Block
	Draft newsletter.BlockDraft
	Now   newsletter.BlockDraft
	Clash bool
}

// BlockHeading is what stands above a part of an issue: its own heading or, but of text,
// the usual one of its kind.
func BlockHeading(w words.Words, b newsletter.Block) string {
	if b.Heading == "" && b.Kind != "text" {
		return w.T("newsletters.kind_" + b.Kind)
	}
	return b.Heading
}

// leads reports whether blocks of a kind lead to threads.
func leads(kind string) bool { return kind != "text" && kind != "dates" && kind != "figures" }

// newsletterHead is the head of an issue's page.
func newsletterHead(f Frame, i *newsletter.Issue) pageHead {
	head := pageHead{Title: i.Subject, Feed: NewslettersFeed}
	if i.BegunAt != nil {
		head.Description, head.Canonical = f.W.T("newsletters.sent_on", "Date", f.W.Date(*i.BegunAt)), NewsletterPath(i.ID)
	}
	return head
}

// issueState says how far an issue is.
func issueState(f Frame, i *newsletter.Issue) string {
	if i.State == newsletter.Scheduled && i.DueAt != nil {
		return f.W.T("newsletters.state_scheduled", "When", f.W.DateTime(*i.DueAt))
	}
	return f.W.T("newsletters.state_" + string(i.State))
}

// newsFacts say what a line leads to, and whose it is.
func newsFacts(f Frame, i *newsletter.Item) string {
	if i.Council == "" {
		return f.W.T("kind." + i.Kind)
	}
	return f.W.T("kind."+i.Kind) + ", " + i.Council
}

func blockKinds(f Frame) (options []govuk.Option) {
	for _, kind := range newsletter.Kinds {
		options = append(options, govuk.Option{Value: kind, Text: f.W.T("newsletters.kind_" + kind)})
	}
	return options
}

// blockName is what a block is called where it is worked on.
func blockName(f Frame, b newsletter.Block) string {
	if heading := BlockHeading(f.W, b); heading != "" {
		return heading
	}
	return f.W.T("newsletters.kind_" + b.Kind)
}

// leaveText and leftText say what a mail's link stops. Where an account gets its mail now is
// not for whoever has an old one: that may lie in an inbox that others read.
func leaveText(f Frame, p newsletter.Subscription) string {
	if p.Account {
		return f.W.T("newsletters.leave_account")
	}
	return f.W.T("newsletters.leave_text", "Address", p.Address)
}

func leftText(f Frame, p newsletter.Subscription) string {
	if p.Account {
		return f.W.T("newsletters.left_account")
	}
	return f.W.T("newsletters.left", "Address", p.Address)
}

// sendHeading is what stands above the ways of letting an issue go out, or of holding it up.
func sendHeading(f Frame, p *newsletter.ComposePage) string {
	if p.Open() {
		return f.W.T("newsletters.send")
	}
	return f.W.T("newsletters.stands")
}

// figure is one of the counts of an issue.
type figure struct {
	Name string
	N    int
}

func newsletterFigures(f Frame, p *newsletter.ComposePage) []figure {
	return []figure{{f.W.T("newsletters.count_recipients"), p.Counts.Recipients}, {f.W.T("newsletters.count_sent"), p.Counts.Sent}, {f.W.T("newsletters.count_waiting"), p.Counts.Waiting},
		{f.W.T("newsletters.count_bounced"), p.Counts.Bounced}, {f.W.T("newsletters.count_unsent"), p.Counts.Unsent}, {f.W.T("newsletters.count_went"), p.Counts.Went}}
}

// issueVersion is the version of an issue as its forms send it.
func issueVersion(p *newsletter.ComposePage) string { return strconv.Itoa(p.Version) }
