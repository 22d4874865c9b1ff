package app_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"moothall/app"
	"moothall/auth"
	"moothall/forum/forumtest"
)

// deeds are the addresses that take a form for somebody signed in, filled in so
// that only where the form comes from could be wrong with it.
func (w *world) deeds(thread, post, person int64) (all []knock) {
	w.t.Helper()
	form := fieldsOf("title", "A title", "body", "Some words", "topic", "waste-management", "reason", "A reason", "version", "1",
		"until", "2100-01-01", "name", "Ada", "job_title", "Officer", "council", "northmoor", "rules", "1")
	ids := strings.NewReplacer("/threads/:id", threadAt(thread), "/posts/:id", postAt(post), "/people/:id", personAt(person),
		"/entries/:id", "/entries/1", "/reports/:id", "/reports/1", "/sessions/:id", "/sessions/none")
	for _, r := range app.Routes() {
		if r.Method == http.MethodPost && !strings.HasPrefix(r.Path, "/dev") && !strings.HasPrefix(r.Path, "/unsubscribe") { // which rests on its token alone
			all = append(all, knock{method: "POST", path: ids.Replace(r.Path), form: form})
		}
	}
	return all
}

// Every form needs both: to come from a page of ours, and the token of the session
// that it is sent with. Whatever is wrong, nothing is changed.
func TestFormsFromElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	moderator := w.cookies["moderator"]
	author := w.people["author"]
	thread := forumtest.Thread(t, w.store, author, "A question to be forged at")
	post := w.number(`select id from posts where thread_id = $1`, thread)
	second := w.session(w.people["moderator"].ID)
	token := func(cookie string) string { return w.keys.CSRF(auth.Hash(cookie)) }
	before := w.state()

	for _, deed := range w.deeds(thread, post, w.people["colleague"].ID) {
		for name, wrong := range map[string]struct {
			csrf   string
			header http.Header
			kind   string
			want   int
		}{
			"no token":                      {"", nil, "", 403},
			"another person's token":        {token(w.cookies["author"]), nil, "", 403},
			"another session's token":       {token(second), nil, "", 403},
			"a token from before":           {token(""), nil, "", 403},
			"a foreign origin":              {token(moderator), http.Header{"Origin": {"https://evil.example"}}, "", 403},
			"an opaque origin":              {token(moderator), http.Header{"Origin": {"null"}}, "", 403},
			"a subdomain":                   {token(moderator), http.Header{"Origin": {strings.Replace(w.url, "://", "://forum.", 1)}}, "", 403},
			"another port":                  {token(moderator), http.Header{"Origin": {w.url + "0"}}, "", 403},
			"cross-site":                    {token(moderator), http.Header{"Sec-Fetch-Site": {"cross-site"}}, "", 403},
			"same-site, cross-origin":       {token(moderator), http.Header{"Sec-Fetch-Site": {"same-site"}}, "", 403},
			"plain text":                    {token(moderator), nil, "text/plain", 415},
			"plain text from another place": {token(moderator), http.Header{"Origin": {"https://evil.example"}}, "text/plain", 403},
		} {
			q := deed
			q.cookie, q.header, q.unsigned = moderator, wrong.header, true
			q.form = url.Values{}
			for field, values := range deed.form {
				q.form[field] = values
			}
			q.form.Set("_csrf", wrong.csrf)
			if wrong.kind != "" {
				q.body, q.kind, q.form = q.form.Encode(), wrong.kind, nil
			}
			got := w.send(q)
			if got.status != wrong.want {
				t.Errorf("POST %s with %s: got %d, want %d", q.path, name, got.status, wrong.want)
			}
			if q.form != nil && strings.HasSuffix(q.path, "/posts") && !strings.Contains(got.body, "Some words") {
				t.Errorf("POST %s with %s: what was typed is not there", q.path, name)
			}
		}
	}
	if tables := changed(before, w.state()); tables != nil {
		t.Errorf("refused forms changed %v", tables)
	}
}

// A form that was open while the site was stopped and started again works.
func TestAFormOutlivesARestart(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	thread := forumtest.Thread(t, w.store, w.people["author"], "A question that outlives us")
	page := w.get("colleague", threadAt(thread))
	if page.status == 301 {
		page = w.get("colleague", page.location(w))
	}
	_, rest, _ := strings.Cut(page.body, `name="_csrf" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	w.stop()
	w.start()
	got := w.post("colleague", threadAt(thread)+"/posts", "_csrf", token, "body", "Written before, sent after.")
	if got.status != 303 {
		t.Errorf("got %d, want 303: %s", got.status, short(got.body))
	}
}

// Fifty people who press the button at once get fifty numbers, and every answer
// leads to the post it is about; also when the thread is held up for longer than a
// page would wait.
func TestFiftyPeopleReplyAtOnce(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	thread := forumtest.Thread(t, w.store, w.colleague("Ada", "Northmoor"), "A question for fifty")
	const people = 50
	answers := make(chan echo, people)
	var names, cookies []string
	for n := range people { // all are there before the first presses
		name := "Ben " + string(rune('A'+n/26)) + string(rune('A'+n%26))
		names, cookies = append(names, name), append(cookies, w.session(w.colleague(name, "Southmoor").ID))
	}
	release := w.hold(thread)
	for n, name := range names {
		go func() {
			defer func() { _ = recover() }() // a failed send has told the test
			got, err := w.try(knock{method: "POST", path: threadAt(thread) + "/posts", cookie: cookies[n], form: fieldsOf("body", "We did, says "+name)})
			if err != nil {
				got.status = -1
			}
			answers <- got
		}()
	}
	time.Sleep(1500 * time.Millisecond)
	release()
	places := map[string]bool{}
	for range people {
		got := <-answers
		if got.status != 303 {
			t.Errorf("a reply: got %d: %s", got.status, short(got.body))
		}
		places[got.location(w)] = true
	}
	if len(places) != people {
		t.Errorf("the answers lead to %d places, want %d", len(places), people)
	}
	if n := w.number(`select count(distinct number) from posts where thread_id = $1 and number between 2 and 51`, thread); n != people {
		t.Errorf("there are %d numbers, want %d", n, people)
	}
}

// hold keeps everybody from writing to a thread until it is released.
func (w *world) hold(thread int64) (release func()) {
	w.t.Helper()
	tx, err := w.db.Begin(w.t.Context())
	if err == nil {
		_, err = tx.Exec(w.t.Context(), `select from threads where id = $1 for update`, thread)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return func() { _ = tx.Rollback(context.Background()) }
}
