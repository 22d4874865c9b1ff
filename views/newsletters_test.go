package views

import (
	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/newsletter"
)

// someIssue is an issue with something of each sort in it.
func someIssue(state newsletter.State) newsletter.Issue {
	i := newsletter.Issue{ID: 3, Subject: "News & <more>", Lang: "en", State: state, Version: 4, MadeAt: *since(3 * day), ChangedAt: *since(day), ChangedBy: 2, Since: *since(30 * day), DueAt: since(-day),
		Blocks: []newsletter.Block{
			{ID: 31, Kind: "text", Body: "Hello **all**.", HTML: "<p>Hello <strong>all</strong>.</p>\n"},
			{ID: 32, Kind: "questions", Heading: "Help these", Items: []newsletter.Item{{ID: 1, BlockID: 32, ThreadID: 7, Kind: "question", Slug: "bins", Title: "Missed bins", Lang: "en", Council: "Northmoor", Why: "They ask <well>."},
				{ID: 2, BlockID: 32, ThreadID: 8, Kind: "project", Slug: "ffurflenni", Title: "Ffurflenni", Lang: "cy"}}},
			{ID: 33, Kind: "dates"},
		}}
	if state != newsletter.Draft && state != newsletter.Scheduled {
		i.BegunAt = since(day)
	}
	return i
}

// someCompose is the same to be worked on.
func someCompose(state newsletter.State) newsletter.ComposePage {
	return newsletter.ComposePage{Issue: someIssue(state), Raw: []newsletter.RawItem{{BlockID: 32, ThreadID: 7, Why: "They ask <well>."}, {BlockID: 32, ThreadID: 8}, {BlockID: 32, ThreadID: 9, Gone: true}},
		Subscribers: 1204, Counts: newsletter.Counts{Recipients: 1200, Sent: 800, Waiting: 390, Bounced: 7, Unsent: 3, Went: 2}, Editor: "Cora", CanApprove: true}
}

// newsletterPages are those of newsletters, in the states that differ much.
func newsletterPages() map[string]templ.Component {
	waits := someCompose(newsletter.Draft)
	waits.AskedAt = since(day)
	waits.Elections = []string{"Northmoor"}
	fell := someCompose(newsletter.Draft)
	fell.Approver, fell.Fell = "Cleo", true
	left := someCompose(newsletter.Scheduled)
	left.Raw[0].Changed = true
	block := waits.Blocks[1]
	typed := newsletter.BlockDraft{Kind: "news", Heading: "Mine", Body: "My words", Threads: "bins"}
	threads := forum.Invalid{{Field: "threads", Key: "newsletters.thread_wrong", Args: []any{"Line", "bins"}}}
	draft := &newsletter.IssueDraft{Subject: "News & <more>", Lang: "en"}
	return map[string]templ.Component{
		"newsletters":          Newsletters(visitor(), newsletter.ArchivePage{Issues: []newsletter.Issue{someIssue(newsletter.Done)}, Next: 3}, NewslettersTyped{}, nil),
		"newsletters_team":     Newsletters(ada(), newsletter.ArchivePage{Drafts: []newsletter.Issue{someIssue(newsletter.Scheduled), someIssue(newsletter.Draft)}, Curates: true, Subscribers: 1}, NewslettersTyped{}, forum.Invalid{{Field: "subject", Key: "newsletters.subject_empty"}}),
		"newsletters_refused":  Newsletters(visitor(), newsletter.ArchivePage{}, NewslettersTyped{Email: "eve"}, forum.Invalid{{Field: "email", Key: "newsletters.email_wrong"}}),
		"newsletter":           Newsletter(visitor(), someIssue(newsletter.Done), false),
		"newsletter_draft":     Newsletter(ada(), someIssue(newsletter.Draft), true),
		"subscribed":           Subscribed(visitor()),
		"newsletter_confirm":   ConfirmNewsletter(visitor(), newsletter.Subscription{Address: "eve@example.org"}, "abc"),
		"newsletter_confirmed": ConfirmNewsletter(visitor(), newsletter.Subscription{Address: "eve@example.org", Confirmed: true}, "abc"),
		"newsletter_leave":     LeaveNewsletter(visitor(), newsletter.Subscription{Address: "eve@example.org", Confirmed: true}, "abc"),
		"newsletter_left":      LeaveNewsletter(visitor(), newsletter.Subscription{Address: "eve@example.org", Left: true}, "abc"),
		"newsletter_account":   LeaveNewsletter(visitor(), newsletter.Subscription{Address: "eve@example.org", Account: true, Confirmed: true}, "abc"),
		"compose":              Compose(ada(), someCompose(newsletter.Draft), ComposeTyped{Issue: draft, Findings: waits.Findings()}, nil),
		"compose_refused":      Compose(ada(), waits, ComposeTyped{Issue: draft, Block: typed, At: "2020-01-01T10:00"}, append(threads, forum.Problem{Field: "at", Key: "newsletters.at_past"}, forum.Problem{Field: "test", Key: "newsletters.test_nowhere"})),
		"compose_clash":        Compose(ada(), someCompose(newsletter.Sending), ComposeTyped{Issue: draft, Clash: true}, nil),
		"compose_fell":         Compose(ada(), fell, ComposeTyped{Issue: draft}, nil),
		"compose_scheduled":    Compose(ada(), left, ComposeTyped{Issue: draft}, nil),
		"compose_paused":       Compose(ada(), someCompose(newsletter.Paused), ComposeTyped{Issue: draft}, nil),
		"compose_sent":         Compose(ada(), someCompose(newsletter.Done), ComposeTyped{Issue: draft}, nil),
		"newsletter_block":     NewsletterBlock(ada(), waits, BlockForm{Block: block, Draft: waits.Draft(block), Now: waits.Draft(block)}, nil),
		"newsletter_clash":     NewsletterBlock(ada(), waits, BlockForm{Block: block, Draft: typed, Now: waits.Draft(block), Clash: true}, threads),
	}
}
