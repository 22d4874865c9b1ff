package app_test

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// hasProse reports whether somebody has written something, rather than chosen.
func hasProse(form url.Values) bool {
	for name, values := range form {
		if slices.Contains([]string{"title", "body", "reason", "name", "job_title", "company"}, name) && form.Get(name) != "" || slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, " ") }) {
			return true
		}
	}
	return false
}

// form is a form that the address takes. Where it can be, it asks for what is so
// already, so that one cell does not change what the next one meets.
func (w *rightsWorld) form(c cell) url.Values {
	if c.e.method != "POST" {
		return nil
	}
	const reason = "A reason in words"
	if strings.HasPrefix(c.e.path, "/collections") && !strings.HasSuffix(c.e.path, "/follow") {
		return w.collectionForm(c)
	}
	if strings.HasPrefix(c.e.path, "/newsletters") {
		return w.newsletterForm(c)
	}
	switch c.e.path {
	case "/threads":
		form := fieldsOf("title", w.title("asking"), "body", "Who has done it?", "topic", "waste-management")
		switch c.name {
		case "councils":
			form.Set("visibility", "councils")
		case "announcement":
			form.Set("kind", "announcement")
		}
		return form
	case "/projects":
		return fieldsOf("title", w.title("sharing"), "summary", "In short", "phase", "alpha")
	case "/projects/:id/facts":
		return fieldsOf("field", "cost_band", "cost_band", "under-10k")
	case "/projects/:id/phase":
		return fieldsOf("phase", "alpha", "date", time.Now().UTC().Format(time.DateOnly))
	case "/projects/:id/updates":
		return fieldsOf("body", "It goes on, "+w.title("so"))
	case "/projects/:id/confirm":
		return fieldsOf("answer", "true")
	case "/products/:slug":
		return fieldsOf("name", "Binwatch", "supplier", "Binwatch Ltd", "standards", "")
	case "/products/:slug/use":
		return fieldsOf("on", "1", "end", "")
	case "/products/:slug/merge": // into itself, which only curators are told cannot be
		return fieldsOf("into", c.thing.word)
	case "/products/:slug/part", "/suppliers/:slug/part":
		return fieldsOf("out", "none")
	case "/products/:slug/follow", "/suppliers/:slug/follow":
		return fieldsOf("cadence", "daily")
	case "/products/:slug/undo", "/suppliers/:slug/undo", "/products/:slug/take", "/suppliers/:slug/take":
		return fieldsOf("change", "999999")
	case "/suppliers/:slug", "/suppliers/:slug/merge", "/suppliers/:slug/claim", "/suppliers/:slug/claims/:id/agree", "/suppliers/:slug/claims/:id/decline":
		return w.supplierForm(c)
	case "/projects/:id/reuse":
		return fieldsOf("kind", "reuse", "note", "Its words")
	case "/projects/:id/partner":
		return fieldsOf("on", "1")
	case "/lessons":
		return fieldsOf("title", w.title("learning"), "happened", "It went well", "verdict", "worked", "topic", "waste-management")
	case "/lessons/:id": // always the same, so that it is so already
		return fieldsOf("title", "What we learned", "happened", "It went well", "verdict", "worked", "topic", "waste-management", "reason", reason)
	case "/lessons/:id/helped":
		return fieldsOf("on", "1")
	case "/highlights":
		return w.highlightForm(w.thread("public"))
	case "/highlights/:id":
		form := w.highlightForm(0)
		form.Set("version", strconv.FormatInt(w.number(`select coalesce(max(version), 1) from highlights where id = $1`, c.thing.id), 10))
		if c.name == "coming" { // so it stays
			form.Set("from", time.Now().AddDate(0, 0, 9).Format(time.DateOnly))
		}
		return form
	case "/highlights/:id/move":
		return fieldsOf("to", "up")
	case "/desk/second/:id/agree":
		return fieldsOf("seen", w.secondSeen(c.thing.id))
	case "/desk/second/:id/decline":
		return fieldsOf("reason", reason)
	case "/banners", "/banners/:id", "/elections", "/elections/:id":
		return w.boardForm(c)
	case "/collections/:slug/follow":
		return fieldsOf("cadence", "daily")
	case "/threads/:id/posts":
		return fieldsOf("body", "We did, "+w.title("so"))
	case "/posts/:id":
		return fieldsOf("body", "We did it again", "title", w.title("again"), "topic", "waste-management", "reason", reason,
			"version", "") // put in when it is sent
	case "/threads/:id/hide", "/posts/:id/hide":
		return fieldsOf("on", bit(strings.Contains(c.name, "hidden")), "reason", reason)
	case "/threads/:id/move":
		return fieldsOf("topic", "waste-management", "kind", "")
	case "/threads/:id/retitle":
		return fieldsOf("title", "What a curator calls it")
	case "/threads/:id/summary":
		return fieldsOf("body", "What is known, "+w.title("so far"), "version", strconv.FormatInt(w.number(`select coalesce(max(version), 0) from summaries where thread_id = $1`, c.thing.id), 10))
	case "/threads/:id/pin":
		w.exec(`update pins set ended_at = now() where ended_at is null`)
		return fieldsOf("topic", "waste-management", "until", time.Now().AddDate(0, 0, 30).Format(time.DateOnly))
	case "/threads/:id/merge": // into itself, which only curators are told cannot be
		return fieldsOf("into", c.thing.word)
	case "/threads/:id/split": // of a post that is not there, which only curators are told
		return fieldsOf("post", "999999", "title", "What else was said")
	case "/threads/:id/close":
		return fieldsOf("on", bit(c.name == "closed"), "reason", reason)
	case "/people/:id/suspend":
		return fieldsOf("until", "2100-01-01", "reason", reason)
	case "/people/:id/let-in":
		return fieldsOf("council", "southmoor")
	case "/account/join":
		if c.name == "find" {
			return fieldsOf("action", "find", "council_search", "moor")
		}
		return fieldsOf("name", "Ada", "job_title", "Officer", "council", "northmoor")
	case "/threads/:id/follow", "/topics/:slug/follow", "/councils/:slug/follow", "/people/:id/follow":
		return fieldsOf("cadence", "daily")
	case "/search/follow":
		return fieldsOf("q", "bins", "cadence", strings.TrimPrefix(c.name, "unnamed"))
	case "/everything/follow":
		return fieldsOf("cadence", strings.TrimPrefix(c.name, "unnamed"))
	case "/account/emails":
		return fieldsOf("digest_day", map[string]string{"chosen": "2", "wrong": "8"}[c.name], "digest_hour", "9", "auto_follow", "1")
	case "/account/offer":
		return fieldsOf("askable", "1", "topic", map[string]string{"chosen": "waste-management", "wrong": "none"}[c.name])
	case "/account/emails/stop":
		return fieldsOf("on", "0")
	case "/account/emails/newsletter":
		return fieldsOf("on", bit(c.name == "on"))
	case "/account/mailboxes":
		domain := strings.ToLower(w.people[c.as].CouncilSlug)
		return fieldsOf("address", strings.ReplaceAll(w.title("team"), " ", "-")+"@"+domain+".gov.example", "topic", "waste-management", "cadence", map[string]string{"chosen": "daily"}[c.name])
	case "/account/mailboxes/:id/stop", "/mailboxes/:token":
		return url.Values{}
	case "/account/emails/try", "/admin/mail/:id/release", "/admin/mail/letters/:id/again":
		return url.Values{}
	case "/admin/roles":
		return fieldsOf("person", strconv.FormatInt(w.person("colleague", "visitor"), 10), "role", "curator", "reason", reason)
	case "/admin/roles/:id/end":
		return fieldsOf("reason", reason)
	case "/unsubscribe/:token":
		return fieldsOf("scope", map[string]string{"known": "thread"}[c.name])
	case "/posts/:id/answer", "/posts/:id/worked", "/posts/:id/useful", "/threads/:id/save":
		return fieldsOf("on", "1")
	case "/desk/items/:slug":
		return fieldsOf("deed", "again")
	case "/desk/items/:slug/ask":
		return fieldsOf("person", "999999")
	case "/desk/today":
		return fieldsOf("on", "1")
	case "/desk/hand-over":
		return fieldsOf("to", "0")
	case "/threads/:id/decline":
		return url.Values{}
	case "/desk/words":
		return fieldsOf("word", "LGR", "means", "local government reorganisation")
	case "/desk/words/:id/remove":
		return url.Values{}
	case "/threads/:id/answers-me":
		return fieldsOf("title", "What they were about to ask")
	case "/threads/:id/us-too":
		return fieldsOf("on", "1", "state", "have")
	case "/threads/:id/solved":
		return fieldsOf("on", "1", "body", "We solved it")
	case "/threads/:id/outcome":
		return fieldsOf("answer", "not_tried", "note", "later")
	case "/account/providers/add", "/account/again":
		return fieldsOf("provider", map[string]string{"known": "dev", "unknown": "nobody"}[c.name])
	case "/account/address":
		return fieldsOf("email", "somebody@northmoor.gov.example")
	case "/account/council":
		return fieldsOf("action", map[string]string{"find": "find"}[c.name], "council_search", "moor")
	case "/account/leave", "/account/providers/:id/remove", "/account/data/export":
		return url.Values{}
	case "/account/data/erase":
		return fieldsOf("confirm", "Nobody")
	case "/language":
		return fieldsOf("lang", "en", "return", "/threads")
	case "/account/notices/read":
		return map[string]url.Values{"all": fieldsOf("upto", "5"), "one": fieldsOf("upto", "5", "thread", "1"), "nothing": fieldsOf("upto", "")}[c.name]
	case "/drafts":
		return fieldsOf("kind", "reply", "target", "999999", "body", "Words to be kept")
	case "/drafts/discard":
		return fieldsOf("kind", "reply", "target", "999999")
	case "/drafts/undo":
		return fieldsOf("id", "999999")
	case "/dev/clock":
		return fieldsOf("advance", "0s")
	case "/posts/:id/redact":
		return fieldsOf("passage", w.words(c.thing.id), "reason", reason)
	case "/posts/:id/delete", "/sign-out", "/account/sessions/end-all", "/account/sessions/:id/end":
		return url.Values{}
	}
	return fieldsOf("reason", reason)
}

func bit(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
