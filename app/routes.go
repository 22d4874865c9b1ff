package app

import (
	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/search"
	"moothall/views"
)

// standing is the least one must be to come to an address.
type standing string

// The standings, from the least. What somebody may do there is the forum's to say.
const (
	anyone        standing = "anyone"
	signedIn      standing = "signed in"
	newcomer      standing = "newcomer" // has joined
	colleague     standing = "colleague"
	desk          standing = "desk" // has newcomers to look after
	curator       standing = "curator"
	wordsmith     standing = "curator or administrator" // says which words mean the same
	moderator     standing = "moderator"
	administrator standing = "administrator"
	devOnly       standing = "development" // there is no such address in production
)

// isMetBy reports whether somebody is that much.
func (s standing) isMetBy(who forum.Person) bool {
	switch s {
	case anyone, devOnly:
		return true
	case signedIn:
		return who.SignedIn()
	case newcomer:
		return who.SignedIn() && who.Joined
	case colleague:
		return curation.CanSeeElections(who)
	case desk:
		return forum.CanSeeNewcomers(who)
	case curator:
		return forum.CanTend(who)
	case wordsmith:
		return search.CanTendWords(who)
	case moderator:
		return forum.CanHide(who)
	case administrator:
		return forum.CanSeeMail(who)
	}
	return false
}

// refusal says why somebody is not that much, and who is.
func (s standing) refusal() error {
	switch s {
	case colleague:
		return &forum.Forbidden{Why: "forbidden.colleague"}
	case desk:
		return &forum.Forbidden{Why: "forbidden.desk"}
	case curator:
		return &forum.Forbidden{Why: "forbidden.curator"}
	case wordsmith:
		return &forum.Forbidden{Why: "forbidden.words"}
	case moderator:
		return &forum.Forbidden{Why: "forbidden.moderator"}
	case administrator:
		return &forum.Forbidden{Why: "forbidden.administrator"}
	}
	return forum.ErrForbidden
}

// route is one address: what it takes to come there, and who answers.
type route struct {
	method, path string
	least        standing
	handler      func(*App, *fiber.Ctx) error

	// Of forms:
	page    string               // where the form stands; :id is the address's own
	draft   forum.DraftKind      // kept for the writer whose session has ended
	drafts  bool                 // takes the draft of any form, which says itself what it is for
	draftOf func(id int64) int64 // what the draft is kept under, where it is not the address's number
	many    []string             // fields that may come more than once

	kept     bool // its page is kept for a moment, for visitors: it is the same for all of them
	unjoined bool // also for who has signed in and not yet joined
	plain    bool // for machines: neither counted as a visit nor asked who it is
	unsigned bool // a form without _csrf: it rests on the origin rule
	foreign  bool // and not even on that
	visitors bool // a form of visitors too, whose page has no session to make a _csrf for
}

// site is every address of the site for people, in the order of PRODUCT's table.
var site = []route{
	{method: "GET", path: "/", least: anyone, handler: (*App).home, kept: true},
	{method: "GET", path: "/threads", least: anyone, handler: (*App).threads, kept: true},
	{method: "GET", path: "/threads/new", least: newcomer, handler: (*App).askForm},
	{method: "POST", path: "/threads", least: newcomer, handler: (*App).ask, page: "/threads/new", draft: forum.DraftAsk, many: []string{"topic"}},
	{method: "GET", path: "/threads/:id", least: anyone, handler: (*App).thread, kept: true},
	{method: "POST", path: "/threads/:id/posts", least: newcomer, handler: (*App).reply, page: "/threads/:id", draft: forum.DraftReply},
	{method: "GET", path: "/threads/:id/since", least: anyone, handler: (*App).since, kept: true},
	{method: "GET", path: "/threads/:id/report", least: newcomer, handler: (*App).reportForm},
	{method: "POST", path: "/threads/:id/report", least: newcomer, handler: (*App).report, page: "/threads/:id/report", draft: forum.DraftReport, draftOf: care.ThreadTarget},
	{method: "POST", path: "/threads/:id/hide", least: newcomer, handler: (*App).hideThread, page: "/threads/:id"},
	{method: "POST", path: "/threads/:id/close", least: newcomer, handler: (*App).closeThread, page: "/threads/:id"},
	{method: "GET", path: "/threads/:id/tend", least: newcomer, handler: (*App).tendForm},
	{method: "POST", path: "/threads/:id/move", least: newcomer, handler: (*App).moveThread, page: "/threads/:id/tend", many: []string{"topic"}},
	{method: "POST", path: "/threads/:id/retitle", least: newcomer, handler: (*App).retitleThread, page: "/threads/:id/tend"},
	{method: "POST", path: "/threads/:id/summary", least: newcomer, handler: (*App).summarise, page: "/threads/:id/tend"},
	{method: "POST", path: "/threads/:id/pin", least: newcomer, handler: (*App).pinThread, page: "/threads/:id/tend"},
	{method: "POST", path: "/threads/:id/merge", least: newcomer, handler: (*App).mergeThread, page: "/threads/:id/tend"},
	{method: "POST", path: "/threads/:id/split", least: newcomer, handler: (*App).splitThread, page: "/threads/:id/tend", many: []string{"post"}},
	{method: "GET", path: "/threads/:id/asks", least: newcomer, handler: (*App).threadAsks},
	{method: "POST", path: "/threads/:id/decline", least: newcomer, handler: (*App).decline, page: "/threads/:id/asks"},
	{method: "POST", path: "/threads/:id/solved", least: newcomer, handler: (*App).solved, page: "/threads/:id"},
	{method: "POST", path: "/threads/:id/outcome", least: newcomer, handler: (*App).outcome, page: "/threads/:id"},
	{method: "POST", path: "/threads/:id/us-too", least: newcomer, handler: (*App).usToo, page: "/threads/:id"},
	{method: "POST", path: "/threads/:id/follow", least: newcomer, handler: (*App).followThread, page: "/threads/:id"},
	{method: "POST", path: "/threads/:id/answers-me", least: newcomer, handler: (*App).answersMe, page: "/threads/new", draft: forum.DraftAsk, draftOf: noTarget, many: []string{"topic"}},
	{method: "POST", path: "/threads/:id/save", least: newcomer, handler: (*App).save, page: "/threads/:id"},
	{method: "GET", path: "/posts/:id", least: anyone, handler: (*App).post},
	{method: "GET", path: "/posts/:id/edit", least: newcomer, handler: (*App).editForm},
	{method: "POST", path: "/posts/:id", least: newcomer, handler: (*App).edit, page: "/posts/:id/edit", draft: forum.DraftEdit, many: []string{"topic", "own_topic"}},
	{method: "GET", path: "/posts/:id/history", least: anyone, handler: (*App).history, kept: true},
	{method: "POST", path: "/posts/:id/redact", least: newcomer, handler: (*App).redact, page: "/posts/:id/history"},
	{method: "POST", path: "/posts/:id/delete", least: newcomer, handler: (*App).deletePost, page: "/posts/:id"},
	{method: "GET", path: "/posts/:id/report", least: newcomer, handler: (*App).reportForm},
	{method: "POST", path: "/posts/:id/report", least: newcomer, handler: (*App).report, page: "/posts/:id/report", draft: forum.DraftReport},
	{method: "POST", path: "/posts/:id/hide", least: newcomer, handler: (*App).hidePost, page: "/posts/:id"},
	{method: "POST", path: "/posts/:id/answer", least: newcomer, handler: (*App).accept, page: "/posts/:id"},
	{method: "POST", path: "/posts/:id/worked", least: newcomer, handler: (*App).worked, page: "/posts/:id"},
	{method: "POST", path: "/posts/:id/useful", least: newcomer, handler: (*App).useful, page: "/posts/:id"},
	{method: "GET", path: "/projects", least: anyone, handler: (*App).projectList, kept: true},
	{method: "GET", path: "/projects.csv", least: anyone, handler: (*App).projectSheet, unjoined: true, kept: true},
	{method: "GET", path: "/projects/compare", least: anyone, handler: (*App).compareProjects, kept: true},
	{method: "GET", path: "/projects/new", least: newcomer, handler: (*App).startForm},
	{method: "POST", path: "/projects", least: newcomer, handler: (*App).start, page: "/projects/new"},
	{method: "GET", path: "/projects/:id", least: anyone, handler: (*App).project, kept: true},
	{method: "GET", path: "/projects/:id/facts", least: newcomer, handler: (*App).facts},
	{method: "POST", path: "/projects/:id/facts", least: newcomer, handler: (*App).setFact, page: "/projects/:id/facts", many: []string{"topic", "offer"}},
	{method: "POST", path: "/projects/:id/phase", least: newcomer, handler: (*App).changePhase, page: "/projects/:id/facts"},
	{method: "POST", path: "/projects/:id/updates", least: newcomer, handler: (*App).postUpdate, page: "/projects/:id/facts"},
	{method: "GET", path: "/projects/:id/confirm", least: newcomer, handler: (*App).confirmForm},
	{method: "POST", path: "/projects/:id/confirm", least: newcomer, handler: (*App).confirmProject, page: "/projects/:id/confirm"},
	{method: "GET", path: "/projects/:id/reuse", least: newcomer, handler: (*App).reuseForm},
	{method: "POST", path: "/projects/:id/reuse", least: newcomer, handler: (*App).reuse, page: "/projects/:id/reuse"},
	{method: "POST", path: "/projects/:id/partner", least: newcomer, handler: (*App).answerInvitation, page: "/projects/:id"},
	{method: "GET", path: "/lessons", least: anyone, handler: (*App).lessonList, kept: true},
	{method: "GET", path: "/lessons.csv", least: anyone, handler: (*App).lessonSheet, unjoined: true, kept: true},
	{method: "GET", path: "/lessons/new", least: newcomer, handler: (*App).lessonForm},
	{method: "POST", path: "/lessons", least: newcomer, handler: (*App).shareLesson, page: "/lessons/new", draft: forum.DraftLesson, many: []string{"topic"}},
	{method: "GET", path: "/lessons/:id", least: anyone, handler: (*App).lesson, kept: true},
	{method: "GET", path: "/lessons/:id/edit", least: newcomer, handler: (*App).changeForm},
	{method: "POST", path: "/lessons/:id", least: newcomer, handler: (*App).changeLesson, page: "/lessons/:id/edit", draft: forum.DraftLesson, many: []string{"topic"}},
	{method: "POST", path: "/lessons/:id/helped", least: newcomer, handler: (*App).sayHelped, page: "/lessons/:id"},
	{method: "GET", path: "/drafts", least: newcomer, handler: (*App).drafts},
	{method: "POST", path: "/drafts", least: newcomer, handler: (*App).keepDraft, page: "/drafts", drafts: true, many: []string{"topic"}},
	{method: "POST", path: "/drafts/discard", least: newcomer, handler: (*App).discardDraft, page: "/drafts"},
	{method: "POST", path: "/drafts/undo", least: newcomer, handler: (*App).putDraftBack, page: "/drafts"},
	{method: "GET", path: "/highlights", least: anyone, handler: (*App).highlights, kept: true},
	{method: "GET", path: "/highlights/preview", least: newcomer, handler: (*App).previewHighlights},
	{method: "GET", path: "/highlights/new", least: newcomer, handler: (*App).highlightForm},
	{method: "POST", path: "/highlights", least: newcomer, handler: (*App).putHighlight, page: "/highlights/new"},
	{method: "GET", path: "/highlights/:id", least: anyone, handler: (*App).highlight, kept: true},
	{method: "GET", path: "/highlights/:id/edit", least: newcomer, handler: (*App).highlightForm},
	{method: "POST", path: "/highlights/:id", least: newcomer, handler: (*App).changeHighlight, page: "/highlights/:id/edit"},
	{method: "POST", path: "/highlights/:id/move", least: newcomer, handler: (*App).moveHighlight, page: "/highlights"},
	{method: "POST", path: "/highlights/:id/end", least: newcomer, handler: (*App).endHighlight, page: "/highlights/:id"},
	{method: "GET", path: "/collections", least: anyone, handler: (*App).collections, kept: true},
	{method: "GET", path: "/collections/new", least: newcomer, handler: (*App).collectionForm},
	{method: "POST", path: "/collections", least: newcomer, handler: (*App).beginCollection, page: "/collections/new"},
	{method: "GET", path: "/collections/:slug", least: anyone, handler: (*App).collection, kept: true},
	{method: "GET", path: "/collections/:slug/edit", least: newcomer, handler: (*App).collectionForm},
	{method: "POST", path: "/collections/:slug", least: newcomer, handler: (*App).changeCollection, page: "/collections/:slug/edit"},
	{method: "POST", path: "/collections/:slug/show", least: newcomer, handler: (*App).showCollection, page: "/collections/:slug/edit"},
	{method: "POST", path: "/collections/:slug/review", least: newcomer, handler: (*App).reviewCollection, page: "/collections/:slug"},
	{method: "POST", path: "/collections/:slug/follow", least: newcomer, handler: (*App).followCollection, page: "/collections/:slug"},
	{method: "POST", path: "/collections/:slug/sections", least: newcomer, handler: (*App).addSection, page: "/collections/:slug/edit"},
	{method: "GET", path: "/collections/:slug/sections/:id", least: newcomer, handler: (*App).sectionForm},
	{method: "POST", path: "/collections/:slug/sections/:id", least: newcomer, handler: (*App).nameSection, page: "/collections/:slug/sections/:id"},
	{method: "POST", path: "/collections/:slug/sections/:id/move", least: newcomer, handler: (*App).moveSection, page: "/collections/:slug/edit"},
	{method: "POST", path: "/collections/:slug/sections/:id/remove", least: newcomer, handler: (*App).removeSection, page: "/collections/:slug/edit"},
	{method: "POST", path: "/collections/:slug/items", least: newcomer, handler: (*App).addItem, page: "/collections/:slug/edit"},
	{method: "GET", path: "/collections/:slug/items/:id", least: newcomer, handler: (*App).itemForm},
	{method: "POST", path: "/collections/:slug/items/:id", least: newcomer, handler: (*App).changeItem, page: "/collections/:slug/items/:id"},
	{method: "POST", path: "/collections/:slug/items/:id/move", least: newcomer, handler: (*App).moveItem, page: "/collections/:slug/edit"},
	{method: "POST", path: "/collections/:slug/items/:id/object", least: newcomer, handler: (*App).objectToItem, page: "/collections/:slug"},
	{method: "POST", path: "/collections/:slug/items/:id/remove", least: newcomer, handler: (*App).removeItem, page: "/collections/:slug/edit"},
	{method: "GET", path: "/collections/:slug/suggest", least: newcomer, handler: (*App).suggestForm},
	{method: "POST", path: "/collections/:slug/suggestions", least: newcomer, handler: (*App).suggestItem, page: "/collections/:slug/suggest"},
	{method: "GET", path: "/collections/:slug/suggestions/:id", least: newcomer, handler: (*App).decideForm},
	{method: "POST", path: "/collections/:slug/suggestions/:id/take-back", least: newcomer, handler: (*App).takeBackSuggestion, page: "/collections/:slug/suggest"},
	{method: "POST", path: "/collections/:slug/suggestions/:id/take", least: newcomer, handler: (*App).takeSuggestion, page: "/collections/:slug/suggestions/:id"},
	{method: "POST", path: "/collections/:slug/suggestions/:id/decline", least: newcomer, handler: (*App).declineSuggestion, page: "/collections/:slug/suggestions/:id"},
	{method: "GET", path: "/search", least: anyone, handler: (*App).find, kept: true},
	{method: "POST", path: "/search/follow", least: newcomer, handler: (*App).followSearch, page: "/search"},
	{method: "GET", path: "/search/similar", least: anyone, handler: (*App).similar},
	{method: "GET", path: "/topics", least: anyone, handler: (*App).topics, kept: true},
	{method: "GET", path: "/topics/:slug", least: anyone, handler: (*App).topic, kept: true},
	{method: "POST", path: "/topics/:slug/follow", least: newcomer, handler: (*App).followTopic, page: "/topics/:slug"},
	{method: "GET", path: "/councils", least: anyone, handler: (*App).councils, kept: true},
	{method: "GET", path: "/councils/map", least: anyone, handler: (*App).councilMap, kept: true},
	{method: "GET", path: "/councils/:slug", least: anyone, handler: (*App).council, kept: true},
	{method: "POST", path: "/councils/:slug/follow", least: newcomer, handler: (*App).followCouncil, page: "/councils/:slug"},
	{method: "POST", path: "/everything/follow", least: newcomer, handler: (*App).followEverything, page: "/account/emails"},
	{method: "GET", path: "/people/suggest", least: newcomer, handler: (*App).suggest},
	{method: "GET", path: "/people/:id", least: anyone, handler: (*App).person, kept: true},
	{method: "POST", path: "/people/:id/follow", least: newcomer, handler: (*App).followPerson, page: "/people/:id"},
	{method: "POST", path: "/people/:id/let-in", least: newcomer, handler: (*App).letIn, page: "/desk/newcomers"},
	{method: "POST", path: "/people/:id/turn-away", least: newcomer, handler: (*App).turnAway, page: "/desk/newcomers"},
	{method: "POST", path: "/people/:id/suspend", least: newcomer, handler: (*App).suspend, page: "/people/:id"},
	{method: "GET", path: "/whats-new", least: newcomer, handler: (*App).whatsNew},
	{method: "GET", path: "/whats-new/next", least: newcomer, handler: (*App).nextUnread},
	{method: "GET", path: "/products", least: anyone, handler: (*App).products, kept: true},
	{method: "GET", path: "/products/suggest", least: anyone, handler: (*App).suggestProducts},
	{method: "GET", path: "/products/compare", least: anyone, handler: (*App).compareProducts, kept: true},
	{method: "GET", path: "/products/:slug", least: anyone, handler: (*App).product, kept: true},
	{method: "GET", path: "/products/:slug/tend", least: newcomer, handler: (*App).productForm},
	{method: "POST", path: "/products/:slug", least: newcomer, handler: (*App).changeProduct, page: "/products/:slug/tend"},
	{method: "POST", path: "/products/:slug/use", least: newcomer, handler: (*App).sayUse, page: "/products/:slug"},
	{method: "POST", path: "/products/:slug/merge", least: newcomer, handler: (*App).mergeProduct, page: "/products/:slug/tend"},
	{method: "POST", path: "/products/:slug/part", least: newcomer, handler: (*App).partProduct, page: "/products/:slug/tend"},
	{method: "GET", path: "/feeds/threads.atom", least: anyone, handler: (*App).threadsFeed, unjoined: true, kept: true},
	{method: "GET", path: "/feeds/threads/:id.atom", least: anyone, handler: (*App).threadFeed, unjoined: true, kept: true},
	{method: "GET", path: "/feeds/topics/:slug.atom", least: anyone, handler: (*App).topicFeed, unjoined: true, kept: true},
	{method: "GET", path: "/feeds/projects.atom", least: anyone, handler: (*App).projectFeed, unjoined: true, kept: true},
	{method: "GET", path: "/feeds/councils/:slug.atom", least: anyone, handler: (*App).councilFeed, unjoined: true, kept: true},
	{method: "GET", path: "/feeds/highlights.atom", least: anyone, handler: (*App).highlightsFeed, unjoined: true, kept: true},
	{method: "GET", path: "/feeds/collections/:slug.atom", least: anyone, handler: (*App).collectionFeed, unjoined: true, kept: true},
	{method: "GET", path: "/feeds/lessons.atom", least: anyone, handler: (*App).lessonsFeed, unjoined: true, kept: true},
	{method: "GET", path: "/sitemap.xml", least: anyone, handler: (*App).sitemap, unjoined: true, kept: true},
	{method: "GET", path: "/sitemaps/:name.xml", least: anyone, handler: (*App).sitemapPart, unjoined: true, kept: true},
	{method: "GET", path: "/sign-in", least: anyone, handler: (*App).signInPage, unjoined: true},
	{method: "GET", path: "/auth/:provider", least: anyone, handler: (*App).beginSignIn, unjoined: true},
	{method: "GET", path: "/auth/:provider/callback", least: anyone, handler: (*App).finishSignIn, unjoined: true},
	{method: "POST", path: "/sign-out", least: signedIn, handler: (*App).signOut, unjoined: true},
	{method: "GET", path: "/account/join", least: signedIn, handler: (*App).joinForm, unjoined: true},
	{method: "POST", path: "/account/join", least: signedIn, handler: (*App).join, page: "/account/join", unjoined: true, many: []string{"topic"}},
	{method: "GET", path: "/account", least: newcomer, handler: (*App).account},
	{method: "POST", path: "/account/offer", least: newcomer, handler: (*App).offer, page: "/account", many: []string{"topic", "show"}},
	{method: "GET", path: "/account/saved", least: newcomer, handler: (*App).savedList},
	{method: "GET", path: "/account/sessions", least: newcomer, handler: (*App).accountSessions},
	{method: "GET", path: "/account/notices", least: newcomer, handler: (*App).notices},
	{method: "POST", path: "/account/notices/read", least: newcomer, handler: (*App).readNotices, page: "/account/notices"},
	{method: "GET", path: "/account/emails", least: newcomer, handler: (*App).emails},
	{method: "POST", path: "/account/emails", least: newcomer, handler: (*App).settleEmails, page: "/account/emails"},
	{method: "GET", path: "/account/mailboxes", least: newcomer, handler: (*App).mailboxes},
	{method: "POST", path: "/account/mailboxes", least: newcomer, handler: (*App).addMailbox, page: "/account/mailboxes", many: []string{"topic"}},
	{method: "POST", path: "/account/mailboxes/:id/stop", least: newcomer, handler: (*App).stopMailbox, page: "/account/mailboxes"},
	{method: "POST", path: "/account/emails/stop", least: newcomer, handler: (*App).stopEmails, page: "/account/emails"},
	{method: "POST", path: "/account/emails/try", least: newcomer, handler: (*App).tryEmails, page: "/account/emails"},
	{method: "POST", path: "/account/sessions/end-all", least: newcomer, handler: (*App).endSessions, page: "/account/sessions"},
	{method: "POST", path: "/account/sessions/:id/end", least: newcomer, handler: (*App).endSession, page: "/account/sessions"},
	{method: "GET", path: "/account/providers", least: newcomer, handler: (*App).accountProviders},
	{method: "POST", path: "/account/providers/add", least: newcomer, handler: (*App).addProvider, page: "/account/providers"},
	{method: "POST", path: "/account/providers/:id/remove", least: newcomer, handler: (*App).removeProvider, page: "/account/providers"},
	{method: "POST", path: "/account/address", least: newcomer, handler: (*App).useAddress, page: "/account/providers"},
	{method: "GET", path: "/account/again", least: newcomer, handler: (*App).againForm},
	{method: "POST", path: "/account/again", least: newcomer, handler: (*App).again, page: "/account/again"},
	{method: "GET", path: "/account/council", least: newcomer, handler: (*App).moveForm},
	{method: "POST", path: "/account/council", least: newcomer, handler: (*App).move, page: "/account/council"},
	{method: "GET", path: "/account/leave", least: newcomer, handler: (*App).leaveForm},
	{method: "POST", path: "/account/leave", least: newcomer, handler: (*App).leave, page: "/account/leave"},
	{method: "GET", path: "/account/data", least: newcomer, handler: (*App).myData},
	{method: "POST", path: "/account/data/export", least: newcomer, handler: (*App).exportData, page: "/account/data"},
	{method: "POST", path: "/account/data/erase", least: newcomer, handler: (*App).eraseData, page: "/account/data"},
	{method: "GET", path: "/mailboxes/:token", least: anyone, handler: (*App).mailboxPage, unjoined: true},
	{method: "POST", path: "/mailboxes/:token", least: anyone, handler: (*App).confirmMailbox, page: "/mailboxes/:token", unjoined: true, visitors: true},
	{method: "GET", path: "/unsubscribe/:token", least: anyone, handler: (*App).stopPage, unjoined: true},
	{method: "POST", path: "/unsubscribe/:token", least: anyone, handler: (*App).stopMail, page: "/unsubscribe/:token", unjoined: true, unsigned: true, foreign: true},
	{method: "POST", path: "/language", least: anyone, handler: (*App).speak, page: "/", unjoined: true, visitors: true},
	{method: "GET", path: "/desk", least: curator, handler: (*App).desk},
	{method: "GET", path: "/desk/figures", least: curator, handler: (*App).deskFigures},
	{method: "GET", path: "/desk/figures.csv", least: curator, handler: (*App).deskSheet},
	{method: "GET", path: "/desk/items/:slug", least: curator, handler: (*App).deskItem},
	{method: "POST", path: "/desk/items/:slug", least: curator, handler: (*App).tendItem, page: "/desk/items/:slug"},
	{method: "POST", path: "/desk/items/:slug/ask", least: curator, handler: (*App).askCouncils, page: "/desk/items/:slug", many: []string{"person"}},
	{method: "POST", path: "/desk/today", least: curator, handler: (*App).coverDesk, page: "/desk"},
	{method: "POST", path: "/desk/hand-over", least: curator, handler: (*App).handOverDesk, page: "/desk"},
	{method: "GET", path: "/desk/newcomers", least: desk, handler: (*App).newcomers},
	{method: "GET", path: "/desk/second", least: curator, handler: (*App).seconds},
	{method: "POST", path: "/desk/second/:id/agree", least: curator, handler: (*App).agreeSecond, page: "/desk/second"},
	{method: "POST", path: "/desk/second/:id/decline", least: curator, handler: (*App).declineSecond, page: "/desk/second"},
	{method: "GET", path: "/desk/words", least: wordsmith, handler: (*App).wordsDesk},
	{method: "POST", path: "/desk/words", least: wordsmith, handler: (*App).addSynonym, page: "/desk/words"},
	{method: "POST", path: "/desk/words/:id/remove", least: wordsmith, handler: (*App).removeSynonym, page: "/desk/words"},
	{method: "GET", path: "/banners", least: curator, handler: (*App).banners},
	{method: "POST", path: "/banners", least: curator, handler: (*App).putBanner, page: "/banners/new"},
	{method: "GET", path: "/banners/new", least: curator, handler: (*App).bannerForm},
	{method: "GET", path: "/banners/:id/edit", least: curator, handler: (*App).bannerForm},
	{method: "POST", path: "/banners/:id", least: curator, handler: (*App).changeBanner, page: "/banners/:id/edit"},
	{method: "POST", path: "/banners/:id/end", least: curator, handler: (*App).endBanner, page: "/banners"},
	{method: "GET", path: "/elections", least: colleague, handler: (*App).elections},
	{method: "POST", path: "/elections", least: curator, handler: (*App).setElection, page: "/elections/new"},
	{method: "GET", path: "/elections/new", least: curator, handler: (*App).electionForm},
	{method: "GET", path: "/elections/:id/edit", least: curator, handler: (*App).electionForm},
	{method: "POST", path: "/elections/:id", least: curator, handler: (*App).changeElection, page: "/elections/:id/edit"},
	{method: "POST", path: "/elections/:id/end", least: curator, handler: (*App).endElection, page: "/elections"},
	{method: "GET", path: "/moderation", least: moderator, handler: (*App).moderation},
	{method: "GET", path: "/admin/mail", least: administrator, handler: (*App).mailDesk},
	{method: "POST", path: "/admin/mail/:id/release", least: administrator, handler: (*App).releaseAddress, page: "/admin/mail"},
	{method: "POST", path: "/admin/mail/letters/:id/again", least: administrator, handler: (*App).sendAgain, page: "/admin/mail"},
	{method: "GET", path: "/admin/roles", least: administrator, handler: (*App).roles},
	{method: "POST", path: "/admin/roles", least: administrator, handler: (*App).giveRole, page: "/admin/roles"},
	{method: "POST", path: "/admin/roles/:id/end", least: administrator, handler: (*App).endRole, page: "/admin/roles"},
	{method: "POST", path: "/reports/:id/keep", least: moderator, handler: (*App).keep, page: "/moderation"},
	{method: "POST", path: "/entries/:id/undo", least: newcomer, handler: (*App).undo, page: "/moderation"},
	{method: "GET", path: "/about", least: anyone, handler: about(plainly(views.About)), unjoined: true, kept: true},
	{method: "GET", path: "/about/rules", least: anyone, handler: about(plainly(views.Rules)), unjoined: true, kept: true},
	{method: "GET", path: "/about/data", least: anyone, handler: about(plainly(views.Data)), unjoined: true, kept: true},
	{method: "GET", path: "/about/help", least: anyone, handler: about(views.Help), unjoined: true, kept: true},
	{method: "GET", path: "/about/writing", least: anyone, handler: about(plainly(views.Writing)), unjoined: true, kept: true},
	{method: "GET", path: "/about/privacy", least: anyone, handler: about(views.Privacy), unjoined: true, kept: true},
	{method: "GET", path: "/about/accessibility", least: anyone, handler: about(views.Accessibility), unjoined: true, kept: true},
}

// plumbing is what operations and browsers ask for.
var plumbing = []route{
	{method: "GET", path: "/healthz", least: anyone, handler: (*App).healthz, plain: true},
	{method: "GET", path: "/readyz", least: anyone, handler: (*App).readyz, plain: true},
	{method: "GET", path: "/assets/:name", least: anyone, handler: (*App).asset, plain: true},
	{method: "GET", path: "/robots.txt", least: anyone, handler: (*App).robots, plain: true},
	{method: "GET", path: "/favicon.ico", least: anyone, handler: (*App).favicon, plain: true},
	{method: "GET", path: "/opensearch.xml", least: anyone, handler: (*App).openSearch, plain: true},
}

// workshop is for development: none of it exists in production.
var workshop = []route{
	{method: "GET", path: "/dev/clock", least: devOnly, handler: (*App).clockNow, plain: true},
	{method: "POST", path: "/dev/clock", least: devOnly, handler: (*App).moveClock, plain: true},
	{method: "GET", path: "/dev/idle", least: devOnly, handler: (*App).idle, plain: true},
	{method: "GET", path: "/dev/inbox", least: devOnly, handler: (*App).inboxList, plain: true},
	{method: "GET", path: "/dev/inbox.json", least: devOnly, handler: (*App).inboxJSON, plain: true},
	{method: "GET", path: "/dev/inbox/:id.eml", least: devOnly, handler: (*App).inboxSource, plain: true},
	{method: "GET", path: "/dev/inbox/:id.html", least: devOnly, handler: (*App).inboxHTML, plain: true},
	{method: "GET", path: "/dev/inbox/:id", least: devOnly, handler: (*App).inboxMail, plain: true},
	{method: "POST", path: "/dev/inbox/empty", least: devOnly, handler: (*App).emptyInbox, plain: true},
	{method: "GET", path: "/dev/oidc/.well-known/openid-configuration", least: devOnly, handler: (*App).answerDevProvider, plain: true},
	{method: "GET", path: "/dev/oidc/jwks", least: devOnly, handler: (*App).answerDevProvider, plain: true},
	{method: "GET", path: "/dev/oidc/authorize", least: devOnly, handler: (*App).answerDevProvider, plain: true},
	{method: "POST", path: "/dev/oidc/authorize", least: devOnly, handler: (*App).answerDevProvider, plain: true},
	{method: "POST", path: "/dev/oidc/token", least: devOnly, handler: (*App).answerDevProvider, plain: true, foreign: true},
	{method: "GET", path: "/dev/oidc/userinfo", least: devOnly, handler: (*App).answerDevProvider, plain: true},
	{method: "POST", path: "/dev/oidc/userinfo", least: devOnly, handler: (*App).answerDevProvider, plain: true, foreign: true},
}

// routes are the addresses of this node.
func (a *App) routes() []route {
	all := append(append([]route{}, plumbing...), site...)
	if !a.config.Production() {
		all = append(all, workshop...)
	}
	return all
}

// RouteInfo is a line of the table of addresses, for the tests that walk it.
type RouteInfo struct{ Method, Path, Least string }

// Routes are all addresses there are, those of development among them. Where
// there is a GET there is also a HEAD.
func Routes() []RouteInfo {
	var all []RouteInfo
	for _, table := range [][]route{plumbing, site, workshop} {
		for _, r := range table {
			all = append(all, RouteInfo{Method: r.method, Path: r.path, Least: string(r.least)})
		}
	}
	return all
}
