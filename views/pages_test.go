package views

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/letters"
	"moothall/forum/places"
	"moothall/forum/search"
)

// everyPage is each page in the states that differ much, by a name for its picture.
func everyPage() map[string]templ.Component {
	title := forum.Invalid{{Field: "title", Key: "ask.title_empty"}, {Field: "topic", Key: "ask.topic_too_many", Args: []any{"Max", 5}}}
	body := forum.Invalid{{Field: "body", Key: "reply.body_empty"}}
	reason := forum.Invalid{{Field: "reason", Key: "deed.reason_empty"}}
	draft := forum.PostDraft{Body: "We **did**.", Lang: "en"}
	edit := forum.EditDraft{Title: "New", Body: "Mine.", Version: 2, Topics: []string{"forms"}, Reason: "A name."}
	home := curation.HomePage{Highlights: someHighlights(), HomePage: forum.HomePage{Unanswered: someThreads()[1:2], Latest: someThreads(), Yours: someThreads()[:1], Topics: someThreads()[1:2], Council: someThreads()[2:], Busy: someTopics(), ToTell: someThreads()[:1]}}
	teaser := places.Teaser{Hexes: []places.Shade{{Q: 1, R: 2}, {Q: 2, R: 1, Total: 4}, {Q: 1, R: 0, Total: 12}}, Councils: 2}
	reportedPost := post(2, 1, "Ada", "<p>Buy ours.</p>")
	join := forum.JoinPage{Draft: forum.JoinDraft{Name: "Eve"}, Proposed: []forum.Council{northmoor()}, Found: []forum.Council{northmoor(), {Slug: "southmoor", Name: "Southmoor"}}, Searched: "moor", Topics: someTopics()}
	all := map[string]templ.Component{
		"thread": Thread(visitor(), thread(), draft, nil), "thread_colleague": Thread(ben(), threadFor(), draft, nil), "thread_team": Thread(ada(), threadForTeam(), draft, nil),
		"thread_held": Thread(newFrame(), threadHeld(), draft, nil), "thread_quote": Thread(ben(), quoting(), draft, nil), "thread_preview": Thread(ben(), previewing(), draft, nil),
		"thread_refused": Thread(ben(), threadFor(), forum.PostDraft{Lang: "en"}, body),
		"threads":        Threads(visitor(), list()), "threads_narrowed": Threads(visitor(), narrowed()), "threads_none": Threads(visitor(), forum.ThreadList{Filter: forum.Filter{State: "closed"}}),
		"ask": Ask(ben(), asking(), nil), "ask_refused": Ask(ben(), typedAsk(), title), "ask_preview": Ask(ben(), askPreviewed(), nil),
		"edit": Edit(ada(), editing(), edit, nil, nil), "edit_conflict": Edit(ada(), editing(), edit, clash(edit), nil), "edit_over": Edit(ada(), changedOver(edit), forum.EditDraft{Title: "Theirs", Body: "Theirs.", Topics: []string{"waste-management"}, Version: 3}, nil, nil),
		"history": History(visitor(), history(), nil), "history_alone": History(ben(), historyAlone(), nil), "history_refused": History(ada(), historyToRedact(), forum.Invalid{{Field: "passage", Key: "redact.passage_missing"}}),
		"ask_waits": Ask(newFrame(), asking(), nil),
		"home":      Home(visitor(), forum.Person{}, home, teaser), "home_colleague": Home(ben(), person2(), home, places.Teaser{}), "home_new": Home(newFrame(), eve(), curation.HomePage{}, places.Teaser{}), "home_supplier": Home(newFrame(), dotPerson(), curation.HomePage{}, places.Teaser{}),
		"highlights": Highlights(visitor(), curation.HighlightsPage{Now: someHighlights(), Past: someHighlights()[:1], Next: 3}), "highlights_team": Highlights(ada(), curation.HighlightsPage{Now: someHighlights(), Coming: someHighlights()[1:], Curates: true}),
		"highlight": Highlight(visitor(), someHighlights()[0], false), "highlight_own": Highlight(ben(), someHighlights()[1], false),
		"highlight_form": HighlightForm(ada(), curation.HighlightFormPage{Topics: someTopics()}, curation.HighlightDraft{Lang: "en", From: "2026-03-28"}, forum.Invalid{{Field: "target", Key: "highlights.target_choose"}}), "highlight_clash": HighlightForm(ada(), clashing(), curation.HighlightDraft{Title: "Mine", Note: "Mine.", Lang: "en", Version: 2}, nil),
		"highlights_preview": HighlightsPreview(ada(), curation.PreviewPage{On: *since(-day), Highlights: someHighlights()[:1]}),
		"thread_highlighted": Thread(ben(), threadHighlighted(), draft, nil),
		"topics":             Topics(visitor(), someTopics()), "topic": Topic(visitor(), search.TopicPage{ThreadList: topicList(), Helpers: someHelpers()}, ""),
		"collections": Collections(visitor(), curation.CollectionsPage{Collections: someCollections()[:1], Next: 3}), "collections_team": Collections(ada(), curation.CollectionsPage{Collections: someCollections()[:1], Hidden: someCollections()[1:], Curates: true}),
		"collection": Collection(visitor(), someCollection(false)), "collection_colleague": Collection(ben(), someCollection(false)), "collection_draft": Collection(ada(), someCollection(true)),
		"collection_new":    CollectionDesk(ada(), curation.CollectionDesk{}, CollectionTyped{Draft: curation.CollectionDraft{Lang: "en"}}, forum.Invalid{{Field: "title", Key: "collections.title_empty"}, {Field: "intro", Key: "collections.intro_long", Args: []any{"Max", 5000, "Over", 7}}}),
		"collection_desk":   CollectionDesk(ada(), collectionDesk(), CollectionTyped{Draft: collectionDesk().Draft}, nil),
		"collection_clash":  CollectionItem(ada(), clashingDesk(), someCollection(true).Sections[0].Items[0], curation.ItemDraft{Why: "Mine", Section: 1, Version: 4}, nil),
		"collection_part":   CollectionSection(ada(), collectionDesk(), someCollection(true).Sections[0], curation.SectionDraft{Version: 3}, forum.Invalid{{Field: "heading", Key: "collections.heading_empty"}}),
		"collection_decide": CollectionDecide(ada(), collectionDesk(), collectionDesk().Waiting[0], Deciding{Why: "Theirs, better", Version: 3}, forum.Invalid{{Field: "reason", Key: "collections.reason_empty"}}),
		"suggest":           CollectionSuggest(ben(), curation.SuggestPage{Collection: someCollections()[0], Yours: someSuggestions()}, curation.ItemDraft{Target: "bins"}, forum.Invalid{{Field: "target", Key: "collections.target_choose"}, {Field: "why", Key: "collections.why_empty"}}),
		"thread_collected":  Thread(visitor(), threadCollected(), draft, nil),
		"councils_map":      CouncilMap(visitor(), mapPage("")), "councils_map_topic": CouncilMap(visitor(), mapPage("waste-management")),
		"councils": Councils(visitor(), councilsPage()), "councils_none": Councils(visitor(), forum.CouncilsPage{CouncilFilter: forum.CouncilFilter{Nation: "Wales", Query: "zz"}}),
		"council":         Council(visitor(), forum.CouncilPage{Council: northmoor(), Before: []forum.Council{oldmoor()}, Leads: []forum.PersonLine{{ID: 1, Handle: "ada", Name: "Ada", JobTitle: "Head"}}, People: []forum.PersonLine{{ID: 1, Handle: "ada", Name: "Ada", JobTitle: "Head"}}, Threads: someThreads()}),
		"council_work":    Council(visitor(), forum.CouncilPage{Council: northmoor(), Projects: []forum.ProjectLine{{ID: 7, Slug: "bins", Title: "Bins online", Lang: "en", Phase: "beta"}}, Products: []forum.ProductLine{{Slug: "binwatch", Name: "Binwatch", Says: true}, {Slug: "lidless", Name: "Lidless"}}}),
		"council_ended":   Council(visitor(), forum.CouncilPage{Council: oldmoor(), Successors: []forum.Council{northmoor()}}),
		"council_planned": Council(visitor(), forum.CouncilPage{Council: northmoor(), Successors: []forum.Council{{Slug: "newmoor", Name: "Newmoor Council", Status: "planned", OnDate: since(-100 * day)}}}),
		"person":          Person(visitor(), search.PersonPage{PersonPage: forum.PersonPage{Person: person2(), Since: since(300 * day), Threads: someThreads()}, Offer: search.Offer{ShowThreads: true}}),
		"person_offers":   Person(visitor(), offering()),
		"person_team":     Person(ada(), search.PersonPage{PersonPage: forum.PersonPage{Person: eve(), Since: since(day), CanSuspend: true, CanLetIn: true, Suspension: 5}, Offer: search.Offer{ShowThreads: true}}),
		"sign_in":         SignIn(visitor(), SignInPage{Ways: []SignInWay{{"google", "Google"}, {"github", "GitHub"}}, Return: "/threads/new?kind=question", Failed: true}),
		"join":            Join(ben(), forum.Person{ID: 5}, join, "/threads", nil), "join_again": Join(ben(), eve(), forum.JoinPage{Searched: "zz"}, "", forum.Invalid{{Field: "council", Key: "join.council_choose"}, {Field: "rules", Key: "join.rules_accept"}}),
		"account": Account(ben(), accountOf(person2()), nil), "account_new": Account(newFrame(), accountOf(eve()), nil), "account_supplier": Account(newFrame(), accountOf(dotPerson()), nil), "account_refused": Account(ben(), accountTyped(), forum.Invalid{{Field: "about", Key: "offer.about_long", Args: []any{"Max", 300}}, {Field: "topic", Key: "ask.topic_unknown"}}),
		"emails": Emails(ben(), emails(), nil), "emails_none": Emails(ben(), EmailsPage{}, nil), "emails_refused": Emails(ben(), emailsStopped(), forum.Invalid{{Field: "digest_day", Key: "emails.day_choose"}, {Field: "pause_until", Key: "emails.pause_ahead"}}),
		"thread_followed": Thread(ben(), threadFollowed(), draft, nil), "topic_followed": Topic(ben(), search.TopicPage{ThreadList: topicFollowed()}, "ask+mfzwizltoqqgc3dmebzw6@moothall.example"),
		"stopping": Stopping(visitor(), stopping(), "abc", nil), "stopping_done": Stopping(visitor(), stopped(), "abc", forum.Invalid{{Field: "scope", Key: "stop.choose"}}), "stopping_digest": Stopping(visitor(), letters.Stopping{Mailed: letters.Mailed{PersonID: 1, Digest: true}, Daily: 2, Weekly: 1}, "abc", nil), "stopping_digest_mailbox": Stopping(visitor(), letters.Stopping{Mailed: letters.Mailed{PersonID: 1, Digest: true}, Daily: 1, Mailbox: true}, "abc", nil), "stopping_digest_done": Stopping(visitor(), letters.Stopping{Mailed: letters.Mailed{PersonID: 1, Digest: true}, DigestEnded: true}, "abc", nil), "stopping_digest_offered": Stopping(visitor(), letters.Stopping{Mailed: letters.Mailed{PersonID: 1, Digest: true}, Offered: true}, "abc", nil), "stopping_digest_none": Stopping(visitor(), letters.Stopping{Mailed: letters.Mailed{PersonID: 1, Digest: true}}, "abc", nil),
		"stopping_all":   Stopping(visitor(), letters.Stopping{Stopped: true}, "abc", nil),
		"mailboxes":      Mailboxes(ben(), teamMailboxes(), forum.Invalid{{Field: "address", Key: "mailboxes.address_elsewhere", Args: []any{"Domain", "elsewhere.example"}}}),
		"mailboxes_none": Mailboxes(ben(), letters.MailboxesPage{}, nil),
		"mailbox":        Mailbox(visitor(), teamMailboxes().Mailboxes[0], "abc"), "mailbox_done": Mailbox(visitor(), teamMailboxes().Mailboxes[1], "abc"),
		"thread_summed": Thread(ada(), threadSummed(), draft, nil), "topic_pinned": Topic(visitor(), search.TopicPage{ThreadList: topicPinned()}, ""), "tend": Tend(ada(), tended(), TendForm{}, nil),
		"tend_retitled":  Tend(ada(), tended(), TendForm{Only: "retitle", Title: "Mine <b>", Now: &forum.Conflict{}}, nil),
		"tend_overtaken": Tend(ada(), tended(), TendForm{Only: "summary", Body: "Mine <b>", Version: 3, Now: &forum.Conflict{Body: "Theirs", Version: 3, EditorName: "Ben"}}, nil),
		"mail":           Mail(ada(), mailDesk()), "roles": Roles(ada(), rolesHeld(), nil), "roles_refused": Roles(ada(), rolesRefused(), forum.Invalid{{Field: "until", Key: "roles.until_future"}, {Field: "reason", Key: "deed.reason_empty"}}), "mail_none": Mail(ada(), letters.MailPage{}),
		"notices": Notices(ben(), told()), "notices_none": Notices(ben(), letters.Page{}),
		"thread_since": Thread(withNotices(), threadSince(), draft, nil), "thread_overtaken": Thread(ben(), overtakenReply(), draft, nil), "thread_closed": Thread(visitor(), threadClosed(), draft, nil),
		"ask_related": Ask(ben(), askingRelated(), nil),
		"sessions":    Sessions(ben(), []Session{{"a1", "Chrome on Windows", ago(day), ago(0), true}, {"b2", "Safari on iPhone", ago(2 * day), ago(day), false}}),
		"newcomers":   Newcomers(ada(), waiting(), []forum.Council{northmoor()}), "newcomers_none": Newcomers(ada(), care.NewcomersPage{}, nil),
		"thread_marked": Thread(ben(), marked(), draft, nil), "thread_asker": Thread(ben(), markedForAsker(), draft, nil), "thread_solved": Thread(ben(), solvedThread(), draft, nil),
		"saved": Saved(ben(), saved()), "saved_none": Saved(ben(), nil),
		"mark_solved":  MarkAgain(ben(), MarkForm{Name: "solved", Action: "/threads/7/solved", Body: "We <found> it.", Back: "/threads/7"}, forum.Invalid{{Field: "body", Key: "answer.words_long", Args: []any{"Max", 500}}}),
		"mark_outcome": MarkAgain(ben(), MarkForm{Name: "outcome", Action: "/threads/7/outcome", Note: "Our own feed.", Back: "/threads/7"}, forum.Invalid{{Field: "answer", Key: "outcome.choose"}}),
		"mark_save":    MarkAgain(ben(), MarkForm{Name: "save", Action: "/threads/7/save", Remind: "2020-01-01", List: "1", Back: "/account/saved"}, forum.Invalid{{Field: "remind", Key: "saved.remind_ahead", Args: []any{"Years", 5}}}),
		"moderation":   Moderation(ada(), reports()), "moderation_none": Moderation(ada(), care.ModerationPage{}),
		"providers": Providers(ben(), linked(), nil), "providers_refused": Providers(ben(), ProvidersPage{Linked: linked().Linked[:1], Ways: linked().Ways, Addresses: linked().Addresses}, forum.Invalid{{Field: "email", Key: "providers.address_choose"}}),
		"again":  ProveAgain(ben(), linked().Ways, "/account/providers"),
		"move":   Move(ben(), forum.CouncilChoice{Proposed: []forum.Council{northmoor()}, Found: []forum.Council{{Slug: "southmoor", Name: "Southmoor"}}, Chosen: "southmoor", Searched: "moor", IsLead: true}, nil),
		"leave":  Leave(ben(), person2(), inHand(), forum.LeaveDraft{HandTo: 1}, forum.Invalid{{Field: "sure", Key: "leave.sure_tick"}}),
		"mydata": MyData(ben(), person2(), inHand(), care.EraseDraft{}, nil), "mydata_refused": MyData(ben(), person2(), forum.LeavePage{}, care.EraseDraft{Name: "Bne"}, forum.Invalid{{Field: "confirm", Key: "erase.confirm_name"}}),
		"sign_in_gone": SignIn(visitor(), SignInPage{Gone: "erase"}), "thread_erased": Thread(visitor(), threadErased(), draft, nil),
		"report": Report(ben(), care.ReportPage{Thread: bins(), Post: &reportedPost, Kept: &forum.Draft{}}, "Sells", nil), "report_thread": Report(ben(), care.ReportPage{Thread: bins()}, "", reason), "reported": Reported(ben(), care.ReportPage{Thread: bins()}),
		"again_suspend":  Again(ada(), DeedForm{Name: "suspend", Action: "/people/5/suspend", Until: "2020-01-01", Back: "/people/5"}, append(forum.Invalid{{Field: "until", Key: "suspend.until_future"}}, reason...)),
		"again_found":    Again(ada(), DeedForm{Name: "let_in", About: "Fay", Action: "/people/5/let-in", Council: "moor", Found: []forum.Council{northmoor(), oldmoor()}, Councils: []forum.Council{northmoor()}, Back: "/desk/newcomers"}, forum.Invalid{{Field: "council", Key: "newcomers.council_unknown", Args: []any{"Name", "moor"}}}),
		"person_granted": Person(ada(), search.PersonPage{PersonPage: forum.PersonPage{Person: person2(), Grants: []forum.RoleGrant{{EntryID: 4, Role: "lead", Council: "Southmoor Borough Council", Until: since(-30 * day)}}}, Offer: search.Offer{ShowThreads: true}}),
		"again_let_in":   Again(ada(), DeedForm{Name: "let_in", Action: "/people/5/let-in", Council: "x", Councils: []forum.Council{northmoor()}, Back: "/desk/newcomers"}, forum.Invalid{{Field: "council", Key: "newcomers.council_choose"}}),
		"again_hide":     Again(ada(), DeedForm{Name: "hide", Action: "/posts/5/hide", On: "1", Reason: strings.Repeat("long ", 500), Back: "/threads/7"}, reason),
		"about":          About(visitor()), "rules": Rules(visitor()), "accessibility": Accessibility(visitor(), "team@moothall.example"), "privacy": Privacy(visitor(), "team@moothall.example"), "help": Help(visitor(), "team@moothall.example"), "data": Data(visitor()),
		"drafts": Drafts(ben(), someDrafts()), "drafts_none": Drafts(ben(), forum.DraftsPage{}), "draft_conflict": DraftConflict(ben(), forum.DraftPlace{}, draftConflict()),
		"ask_resident": Ask(ben(), askResident(), forum.Invalid{{Field: "body", Key: "residents.found_nhs", Args: []any{"Shown", "943 ••• ••••", "Line", 1}}, {Field: "residents_why", Key: "residents.why_empty"}}), "edit_preview": Edit(ada(), editPreviewed(), edit, nil, nil),
		"writing": Writing(visitor()), "thread_similar": Thread(ben(), threadSimilar(), draft, nil),
		"whats_new": WhatsNew(ben(), whatsNew()), "whats_new_none": WhatsNew(newFrame(), NewsPage{News: forum.News{Since: now.Add(-3 * day)}, AllRead: true}),
		"search": Search(ben(), searched(), nil), "search_none": Search(visitor(), searchedInVain(), nil), "search_help": Search(visitor(), search.Page{}, nil), "search_refused": Search(ben(), searchRefused(), forum.Invalid{{Field: "q", Key: "sought.needs_word"}}), "search_slow": Search(visitor(), search.Page{Query: search.Query{Text: "the council"}, Slow: true}, nil),
		"words_desk": WordsDesk(ada(), wordsToTend(), nil), "words_desk_refused": WordsDesk(ada(), search.WordsPage{Draft: search.SynonymDraft{Word: "<b>", Capitals: true}}, forum.Invalid{{Field: "means", Key: "words_desk.means_empty"}}),
		"similar": Similar(visitor(), "Missed bins", someAlike()), "ask_alike": Ask(ben(), askingAlike(), nil),
	}
	maps.Copy(all, deskPages())
	maps.Copy(all, newsletterPages())
	maps.Copy(all, supplierPagesCast())
	maps.Copy(all, boardPages())
	return all
}

// linked is how Ben signs in: with an account that confirms his address, and one that does not.
func linked() ProvidersPage {
	return ProvidersPage{Linked: []LinkedWay{{"a1", SignInWay{"google", "Google"}, "ben@southmoor.gov.example", true, ago(day), true},
		{"b2", SignInWay{"oidc", "id.southmoor.gov.example"}, "ben@elsewhere.example", false, ago(9 * day), false}, {"c3", SignInWay{"github", "GitHub"}, "", false, ago(9 * day), false}},
		Ways: []SignInWay{{"google", "Google"}, {"github", "GitHub"}}, Addresses: []string{"ben@southmoor.gov.example"}, Address: "ben@southmoor.gov.example"}
}

// inHand is what a lead who goes has in hand.
func inHand() forum.LeavePage {
	return forum.LeavePage{Threads: someThreads()[:1], Leads: []forum.Council{northmoor()}, Colleagues: []forum.PersonLine{{ID: 1, Handle: "ada", Name: "Ada", JobTitle: "Head"}}}
}

// threadErased is a thread by somebody who was erased, and an answer to them.
func threadErased() forum.ThreadPage {
	p := thread()
	p.Thread.AuthorName, p.Thread.AuthorHandle = "", ""
	p.Posts = p.Posts[:2]
	p.Posts[0].AuthorName, p.Posts[0].JobTitle = "", ""
	p.Posts[1].ReplyTo = 1
	return p
}

func askPreviewed() forum.AskPage {
	p := typedAsk()
	p.Draft.Title, p.Preview, p.Previewed = "Ffurflenni?", "<p>We <strong>tried</strong>.</p>", true
	return p
}

// What stands between header and footer of each page is as it was.
func TestPages(t *testing.T) {
	t.Parallel()
	for name, c := range everyPage() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, main, _ := strings.Cut(render(t, c), `<main id="main" tabindex="-1">`)
			main, _, _ = strings.Cut(main, "</main>")
			golden(t, name, main)
		})
	}
}

var (
	anID    = regexp.MustCompile(`\sid="([^"]*)"`)
	aLabel  = regexp.MustCompile(`\s(?:for|aria-labelledby|aria-describedby|aria-controls|list)="([^"]*)"`)
	inPage  = regexp.MustCompile(`href="#([^"]+)"`)
	aTitle  = regexp.MustCompile(`<title>([^<]*)</title>`)
	heading = regexp.MustCompile(`<h([1-6])[ >]`)
)

// On every page one heading of the first level, none skipped, ids once, and each
// label, message and link within the page leads to something that is there.
func TestEveryPageHangsTogether(t *testing.T) {
	t.Parallel()
	for name, c := range everyPage() {
		html := render(t, c)
		if n := strings.Count(html, "<h1"); n != 1 {
			t.Errorf("%s has %d headings of the first level", name, n)
		}
		last := 1
		for _, h := range heading.FindAllStringSubmatch(html, -1) {
			level := int(h[1][0] - '0')
			if level > last+1 {
				t.Errorf("%s: h%d comes after h%d", name, level, last)
			}
			last = level
		}
		var ids []string
		for _, id := range anID.FindAllStringSubmatch(html, -1) {
			if slices.Contains(ids, id[1]) {
				t.Errorf("%s: id %q stands twice", name, id[1])
			}
			ids = append(ids, id[1])
		}
		for _, uses := range [][][]string{aLabel.FindAllStringSubmatch(html, -1), inPage.FindAllStringSubmatch(html, -1)} {
			for _, use := range uses {
				for id := range strings.FieldsSeq(use[1]) {
					if !slices.Contains(ids, id) {
						t.Errorf("%s: nothing has the id %q", name, id)
					}
				}
			}
		}
		if strings.Contains(html, "«") {
			t.Errorf("%s: a sentence or a value in it is missing", name)
		}
	}
}

// Pages with different things on them have different titles.
func TestTitlesDiffer(t *testing.T) {
	t.Parallel()
	titles := map[string]string{}
	for name, c := range everyPage() {
		title := aTitle.FindStringSubmatch(render(t, c))[1]
		page, _, _ := strings.Cut(name, "_") // the states of one page may share its title
		if other, there := titles[title]; there && other != page {
			t.Errorf("%s and %s are both called %q", page, other, title)
		}
		titles[title] = page
	}
}

// A refused form holds what was typed, says what to do at the field, and the
// summary leads there.
func TestRefusedFormsLeadToTheirFields(t *testing.T) {
	t.Parallel()
	html := render(t, everyPage()["ask_refused"])
	for _, want := range []string{
		`<title>Problem: Ask other councils – Moothall</title>`, `<a href="#title">Write your question in one line</a>`, `id="title-error"`, `<a href="#topic">Choose 5 topics at most</a>`, `id="topic-error"`,
		"We **tried** &lt;this&gt;.\n\nTwice.", `value="discussion" checked`, `value="councils" checked`, `value="cy" checked`, `value="0" checked`,
		`<option value="forms" selected`, `value="taxation" checked`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is not in the page", want)
		}
	}
	if n := strings.Count(html, `id="topic-error"`); n != 1 {
		t.Errorf("the message about the topic stands %d times", n)
	}
}

// The contract of a thread's markup, on which checks from outside rely.
func TestThreadMarkup(t *testing.T) {
	t.Parallel()
	html := render(t, Thread(ben(), quoting(), forum.PostDraft{Lang: "en"}, nil))
	for _, want := range []string{
		`<article id="post-1" data-post="11" data-author="2"`, `<div class="prose"><p>Ask the crew first.</p></div>`, `<div class="prose" lang="cy">`,
		`<article class="mh-tomb tombstone" id="post-3" data-post="13" data-author="1">`, `action="/threads/7/posts"`, `name="quote" value="2"`, `Supplier: Roundsman and Daughters`, `(now Northmoor)`,
		`<blockquote class="mh-quote">`, `href="?quote=2#reply"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is not in the page", want)
		}
	}
	if n := strings.Count(html, `/posts" method="post"`); n != 1 {
		t.Errorf("%d forms end in /posts, want 1", n)
	}
	held := render(t, Thread(ben(), threadHeld(), forum.PostDraft{}, nil))
	if !strings.Contains(held, `id="held-10"`) || !strings.Contains(held, "Waiting to be let in") {
		t.Error("what is held does not say so under its own id")
	}
	if plain := render(t, Thread(visitor(), threadForTeam(), forum.PostDraft{}, nil)); strings.Contains(plain, "og:title") {
		t.Error("a thread that not everybody may read is previewed where it is shared")
	}
}
