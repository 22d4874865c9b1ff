package email

import (
	"time"

	"moothall/forum"
	"moothall/forum/letters"
)

var (
	noon  = time.Date(2025, 1, 17, 10, 10, 0, 0, time.UTC)
	reach = Links{Base: "https://moothall.example", Unsubscribe: "https://moothall.example/unsubscribe/abc", Confirm: "https://moothall.example/mailboxes/abc"}
)

// bins is a thread.
func bins() letters.Thread {
	return letters.Thread{ID: 7, Slug: "missed-bins", Title: "How do you stop five missed bin reports for the same street?", Kind: "question", Lang: "en",
		Topic: "Waste and recycling", TopicSlug: "waste", FirstPost: 20}
}

const longBody = `It was in the contract but **switched off**. Worth reading the schedule before asking for a quote, as [our page](https://bins.example/schedule) says.

What changed for us, eight weeks either side:

| Measure | Before | After |
|---|---:|---:|
| Missed bin reports a month | 2,310 | 1,363 |
| Duplicates for one street | 744 | 52 |

1. Ask the supplier
2. Read [post 3](#post-3)
   - and its files

> We paid.

` + "```\nselect count(*) from bins where missed;\n```"

const longHTML = `<p>It was in the contract but <strong>switched off</strong>. Worth reading the schedule before asking for a quote, as <a href="https://bins.example/schedule" rel="nofollow ugc noopener">our page</a> says.</p>
<p>What changed for us, eight weeks either side:</p>
<div class="table-scroll" tabindex="0" role="group" aria-label="Table"><table><thead><tr><th>Measure</th><th align="right">Before</th><th align="right">After</th></tr></thead><tbody><tr><td>Missed bin reports a month</td><td align="right">2,310</td><td align="right">1,363</td></tr><tr><td>Duplicates for one street</td><td align="right">744</td><td align="right">52</td></tr></tbody></table></div>
<ol><li>Ask the supplier</li><li>Read <a href="#post-3">post 3</a><ul><li>and its files</li></ul></li></ol>
<blockquote><p>We paid.</p></blockquote>
<pre tabindex="0" role="group" aria-label="Code"><code>select count(*) from bins where missed;
</code></pre>`

// reply is a letter about a post of Efua's in bins, to somebody who follows the topic.
func reply() letters.Letter {
	return letters.Letter{ID: 1, Kind: letters.Instant, To: letters.Reader{ID: 2, Name: "Ben", Lang: "en", Address: "ben@southmoor.gov.example"},
		EventID: 9, Event: forum.PostAdded, Reason: "chose", Via: letters.Via{Kind: forum.ToTopic, ID: 3, Slug: "waste", Name: "Waste and recycling", Lang: "en"},
		Thread: bins(), CreatedAt: noon,
		Post: letters.Post{ID: 66, Number: 6, Body: longBody, HTML: longHTML, Excerpt: "It was in the contract but switched off.", Lang: "en", At: noon,
			AuthorID: 4, Author: "Efua Brackenridge", JobTitle: "Product manager, waste and streets", Council: "Harbourgate City Council"}}
}

func with(l letters.Letter, change func(*letters.Letter)) letters.Letter {
	change(&l)
	return l
}

func linksOnly(l *letters.Letter) { l.To.LinksOnly = true }

// quoting answers the reader, in a thread for councils, by a supplier and in Welsh.
func quoting() letters.Letter {
	return with(reply(), func(l *letters.Letter) {
		l.Reason, l.Via, l.Thread.CouncilsOnly = "quoted", letters.Via{}, true
		l.Post.Quoted, l.Post.QuotedNo, l.Post.QuotedYou, l.Post.Quote = 61, 1, true, "Did you have to pay your supplier for the push, or was it in the contract?"
		l.Post.Council, l.Post.JobTitle, l.Post.Company, l.Post.Lang, l.Post.Body, l.Post.HTML = "", "", "Binsoft Ltd", "cy", "Mae’n rhan o’r contract.", "<p>Mae’n rhan o’r contract.</p>"
		l.Post.Excerpt = "Mae’n rhan o’r contract."
	})
}

// tends is a letter to whoever looks after a project.
func tends(kind forum.EventKind) letters.Letter {
	return letters.Letter{ID: 3, Kind: letters.Notice, Event: kind, Reason: "tends", To: letters.Reader{ID: 2, Lang: "en"},
		Thread:  letters.Thread{ID: 9, Slug: "bins-that-speak", Title: "Bins that speak", Kind: "project", Lang: "en"},
		Project: letters.Project{Summary: "Sensors in two hundred bins.", Phase: "alpha", ConfirmedAt: noon, Asks: 1, Council: "Harbourgate City Council", State: "confirmed"}}
}

// about is a letter about a change to an account.
func about(kind string) letters.Letter {
	return letters.Letter{ID: 3, Kind: letters.Notice, To: letters.Reader{ID: 2, Name: "Ben", Lang: "en"}, CreatedAt: noon, Account: letters.Account{Kind: kind, At: noon}}
}

// daily is a digest.
func daily() letters.Letter {
	other := letters.Thread{ID: 8, Slug: "refunds", Title: "Part-year garden waste refunds", Kind: "question", Lang: "en", Topic: "Waste and recycling", TopicSlug: "waste"}
	lesson := letters.Thread{ID: 9, Slug: "gwers", Title: "Un ffurflen i bawb", Kind: "lesson", Lang: "cy", Topic: "Forms", TopicSlug: "forms", CouncilsOnly: true}
	return letters.Letter{ID: 4, Kind: letters.Digest, To: letters.Reader{ID: 2, Name: "Ben", Lang: "en"}, CreatedAt: noon, Digest: letters.Contents{Day: noon, Threads: 18, More: 14, Over: 50,
		Sections: []letters.Section{
			{Key: "digest.to_you", Topics: []letters.TopicItems{{Topic: "Waste and recycling", Slug: "waste", Items: []letters.Item{
				{Thread: bins(), New: 4, Number: 52, Answered: true, Others: 9, By: "Zachary Pemble", Council: "Thornminster Council", Excerpt: "Would anyone share the wording of the “we know” page? Ours sounds like a parking fine.", PostLang: "en", At: noon, Reason: "quoted"}}}}},
			{Key: "digest.can_you_help", Topics: []letters.TopicItems{{Topic: "Waste and recycling", Slug: "waste", Items: []letters.Item{
				{Thread: other, New: 1, Number: 1, By: "Ann Davies", Council: "Orchardshire Council", Excerpt: "We charge from April. What do you give back in October?", PostLang: "en", At: noon}}}}},
			{Key: "digest.learned", Topics: []letters.TopicItems{{Topic: "Forms", Slug: "forms", Items: []letters.Item{
				{Thread: lesson, New: 1, Number: 1, Others: 2, By: "", Council: "", Excerpt: "Dysgon ni lawer.", PostLang: "cy", At: noon}}}}},
			{Key: "digest.active", Topics: []letters.TopicItems{{Items: []letters.Item{
				{Thread: letters.Thread{ID: 10, Slug: "talk", Title: "Friday talk", Kind: "discussion", Lang: "en"}, New: 2, Number: 3, Others: 4, By: "Carys Owen", Excerpt: "See you there.", PostLang: "en", At: noon}}}}},
		}}}
}

// couldAnswer asks somebody whether they can answer a question.
func couldAnswer() letters.Letter {
	return with(reply(), func(l *letters.Letter) {
		l.Kind, l.Event, l.Reason, l.Via = letters.Notice, forum.CouldAnswer, "could_answer", letters.Via{}
	})
}

// tidied is a mail about what somebody did with a thread of the reader's.
func tidied(kind forum.EventKind) letters.Letter {
	return with(reply(), func(l *letters.Letter) {
		l.Kind, l.Event, l.Reason, l.Via = letters.Notice, kind, "asked", letters.Via{}
	})
}

// collecting is a mail about something that went into a collection, or did not.
func collecting(kind forum.EventKind, reason string) letters.Letter {
	return with(reply(), func(l *letters.Letter) {
		l.Kind, l.Event, l.Reason, l.Via = letters.Notice, kind, reason, letters.Via{}
		l.Collection = letters.Collection{Slug: "bins", Title: "Bins: start here", Lang: "en", Why: "Read the end\nfirst."}
		switch kind {
		case forum.CollectionAdded:
			l.Via = letters.Via{Kind: forum.ToCollection, ID: 4, Slug: "bins", Name: "Bins: start here", Lang: "en"}
		case forum.Collected:
			l.Reason = "asked"
		}
	})
}

// trading is a mail about a product that a council has come to use, or a wish to speak for
// a supplier.
func trading(kind forum.EventKind, reason string) letters.Letter {
	return with(reply(), func(l *letters.Letter) {
		l.Kind, l.Event, l.Reason, l.Via, l.Thread, l.Post = letters.Notice, kind, reason, letters.Via{}, letters.Thread{}, letters.Post{}
		switch kind {
		case forum.ProductUsed:
			l.Kind, l.Via = letters.Instant, letters.Via{Kind: forum.ToProduct, ID: 2, Slug: "binwatch", Name: "Binwatch"}
			l.Trade = letters.Trade{Product: "Binwatch", ProductSlug: "binwatch", Council: "Northmoor Council"}
		case forum.ClaimAgreed:
			l.Trade = letters.Trade{Supplier: "Binwatch Ltd", SupplierSlug: "binwatch-ltd"}
		default:
			l.Trade = letters.Trade{Supplier: "Binwatch Ltd", SupplierSlug: "binwatch-ltd", Reason: "We know nobody\nof that name."}
		}
	})
}

// everyMail is each mail in the states that differ much.
func everyMail() map[string]letters.Letter {
	until := time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	all := map[string]letters.Letter{
		"instant": reply(), "instant_first": with(reply(), func(l *letters.Letter) { l.First = true }), "instant_links": with(reply(), linksOnly),
		"asked": with(reply(), func(l *letters.Letter) {
			l.Event, l.Via, l.Post.Number = forum.ThreadAsked, letters.Via{Kind: forum.ToTopic, Name: "Waste and recycling", ThreadKind: "question"}, 1
		}),
		"searched": with(reply(), func(l *letters.Letter) {
			l.Via = letters.Via{Kind: forum.ToSearch, ID: 3, Name: `planning "back <office>"`, Lang: "en"}
		}),
		"mentioned": with(reply(), func(l *letters.Letter) {
			l.Kind, l.Reason, l.Via = letters.Mention, "mentioned", letters.Via{}
			l.Post.Quoted, l.Post.QuotedNo, l.Post.QuotedBy, l.Post.Quote = 61, 2, "Ann Davies", "Who has done it?"
		}),
		"quoted": quoting(),
		"accepted": with(reply(), func(l *letters.Letter) {
			l.Kind, l.Event, l.Reason, l.Via = letters.Notice, forum.AnswerAccepted, "accepted", letters.Via{}
		}),
		"an_answer": with(reply(), func(l *letters.Letter) {
			l.Event, l.Reason, l.Via = forum.AnswerAccepted, "asked", letters.Via{Kind: forum.ToThread, ID: 7, Name: bins().Title}
		}),
		"collected": collecting(forum.Collected, ""), "suggestion_taken": collecting(forum.SuggestionTaken, "suggested"), "suggestion_declined": collecting(forum.SuggestionDeclined, "suggested"),
		"suggestion_links": with(collecting(forum.SuggestionDeclined, "suggested"), linksOnly),
		"collection_added": with(collecting(forum.CollectionAdded, "chose"), func(l *letters.Letter) { l.Kind, l.First = letters.Instant, true }),
		"collection_links": with(with(collecting(forum.CollectionAdded, "chose"), func(l *letters.Letter) { l.Kind = letters.Instant }), linksOnly),
		"product_used":     trading(forum.ProductUsed, "chose"), "product_used_links": with(trading(forum.ProductUsed, "chose"), linksOnly),
		"claim_agreed": trading(forum.ClaimAgreed, "claimed"), "claim_declined": trading(forum.ClaimDeclined, "claimed"), "claim_links": with(trading(forum.ClaimDeclined, "claimed"), linksOnly),
		"product_named": with(reply(), func(l *letters.Letter) {
			l.Event, l.Via, l.Trade, l.First = forum.ProductNamed, letters.Via{Kind: forum.ToSupplier, ID: 3, Slug: "binwatch-ltd", Name: "Binwatch Ltd"}, letters.Trade{Product: "Binwatch"}, true
		}),
		"project_due": tends(forum.ProjectDue), "project_due_links": with(tends(forum.ProjectDue), linksOnly),
		"moved": tidied(forum.ThreadMoved), "moved_links": with(tidied(forum.ThreadMoved), linksOnly), "highlighted": tidied(forum.WasHighlighted), "reused": tidied(forum.ProjectReused),
		"could_answer": couldAnswer(), "could_answer_links": with(couldAnswer(), linksOnly),
		"role_given":      {ID: 2, Kind: letters.Notice, Event: forum.RoleGiven, Reason: "role", To: letters.Reader{ID: 2, Lang: "en"}, Role: letters.RoleTold{Name: "lead", Council: "Northmoor", Until: &until}},
		"role_ending":     {ID: 2, Kind: letters.Notice, Event: forum.RoleEnding, Reason: "role", To: letters.Reader{ID: 2, Lang: "en"}, Role: letters.RoleTold{Name: "curator", Until: &until}},
		"role_over":       {ID: 2, Kind: letters.Notice, Event: forum.RoleOver, Reason: "role", To: letters.Reader{ID: 2, Lang: "en"}, Role: letters.RoleTold{Name: "curator", Until: &until}},
		"role_ended":      {ID: 2, Kind: letters.Notice, Event: forum.RoleEnded, Reason: "role", To: letters.Reader{ID: 2, Lang: "en"}, Role: letters.RoleTold{Name: "curator"}},
		"partner_invited": tends(forum.PartnerInvited), "partner_answered": tends(forum.PartnerAnswered),
		"came_kept":   {ID: 2, Kind: letters.Notice, To: letters.Reader{ID: 2, Lang: "en"}, Answer: letters.Answer{Why: "check", Words: "We did,\nin May.", Kept: true, ThreadID: 7}, Thread: bins()},
		"came_marked": {ID: 2, Kind: letters.Notice, To: letters.Reader{ID: 2, Lang: "en"}, Answer: letters.Answer{Why: "marked", Words: "We did.", Kept: true, ThreadID: 7}, Thread: bins()},
		"came_asked":  {ID: 2, Kind: letters.Notice, To: letters.Reader{ID: 2, Lang: "en"}, Answer: letters.Answer{Why: letters.AskedNow, Topic: "Waste and recycling", ThreadID: 7}, Thread: bins()},
		"came_held":   {ID: 2, Kind: letters.Notice, To: letters.Reader{ID: 2, Lang: "en"}, Answer: letters.Answer{Why: letters.AskedHeld, Topic: "Waste and recycling", ThreadID: 7}, Thread: bins()},
		"mailbox_asked": {ID: 2, Kind: letters.Notice, To: letters.Reader{ID: 2, Lang: "en", AddedBy: "Ada Lovelace", Council: "Northmoor"},
			Mailbox: letters.Mailbox{Address: "digital@northmoor.gov.example", Council: "Northmoor", AddedBy: "Ada Lovelace", Topics: []string{"Waste and recycling"}, Cadence: forum.Daily}},
		"mailbox_instant": with(reply(), func(l *letters.Letter) { l.To.AddedBy, l.To.Council = "Ada Lovelace", "Northmoor" }),
		"let_in":          {ID: 2, Kind: letters.Notice, Event: forum.PersonLetIn, Reason: "let_in", To: letters.Reader{ID: 2, Lang: "en"}},
		"sign_in":         with(about("sign_in"), func(l *letters.Letter) { l.Account.Device = "Chrome on Windows" }),
		"digest":          daily(), "digest_links": with(daily(), linksOnly),
		"digest_besides": {ID: 4, Kind: letters.Digest, To: letters.Reader{ID: 2, Lang: "en"}, Digest: letters.Contents{Day: noon, Besides: 2}},
		"digest_weekly": with(daily(), func(l *letters.Letter) {
			l.Digest.Weekly, l.Digest.More, l.Digest.Over, l.Digest.Threads = true, 0, 0, 4
		}),
	}
	for _, kind := range []string{"identity_added", "identity_removed", "address_changed", "council_changed", "left"} {
		all[kind] = with(about(kind), func(l *letters.Letter) {
			l.Account.Issuer, l.Account.Address = "login.southmoor.gov.example", "ben@old.gov.example"
		})
	}
	return all
}
