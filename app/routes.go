package app

import (
	"github.com/gofiber/fiber/v2"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/search"
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
	gapped   bool // and, with gaps, for colleagues
	unjoined bool // also for who has signed in and not yet joined
	plain    bool // for machines: neither counted as a visit nor asked who it is
	unsigned bool // a form without _csrf: it rests on the origin rule
	foreign  bool // and not even on that
	visitors bool // a form of visitors too, whose page has no session to make a _csrf for
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
