package app_test

import (
	"bufio"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"moothall/app"
	"moothall/auth"
	"moothall/views/assets"
)

// expectation is one address of the table in testdata/rights.txt.
type expectation struct {
	method, path, door string
	keeps              bool // drafts
	things             []string
	answers            map[string][]verdict // by the thing
}

// verdict is an answer and to whom; to everybody where nobody is named.
type verdict struct {
	status int
	to     []string
}

// readRights reads the table. What it does not understand fails the test.
func readRights(t *testing.T) (table []*expectation) {
	t.Helper()
	file, err := os.Open("testdata/rights.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	sets := map[string][]string{}
	for _, as := range standings {
		sets[as] = []string{as}
	}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#" || strings.HasPrefix(line, "#"):
		case words[0] == "set":
			sets[words[1]] = named(t, sets, words[3:])
		case line[0] != ' ':
			e := &expectation{method: words[0], path: words[1], door: words[2], answers: map[string][]verdict{}}
			e.keeps = len(words) == 4 && words[3] == "keeps"
			if !slices.Contains([]string{"machine", "visitors", "everybody", "anyone", "signed-in", "joined"}, e.door) || len(words) == 4 && !e.keeps {
				t.Fatalf("rights.txt: %q", line)
			}
			table = append(table, e)
		default:
			e := table[len(table)-1]
			e.things = append(e.things, words[0])
			for choice := range strings.SplitSeq(strings.Join(words[1:], " "), "/") {
				said := strings.Fields(choice)
				status, err := strconv.Atoi(said[0])
				if err != nil {
					t.Fatalf("rights.txt: %q: %v", line, err)
				}
				e.answers[words[0]] = append(e.answers[words[0]], verdict{status, named(t, sets, said[1:])})
			}
		}
	}
	return table
}

func named(t *testing.T, sets map[string][]string, words []string) (all []string) {
	t.Helper()
	for _, word := range words {
		set, there := sets[word]
		if !there {
			t.Fatalf("rights.txt: nobody is called %q", word)
		}
		all = append(all, set...)
	}
	return all
}

// The answers that doors give.
const (
	toSignIn = -1
	toJoin   = -2
)

// want is what somebody gets for a thing, with whether they send prose along.
func (e *expectation) want(as, thing string, prose bool) int {
	out := as == "visitor" || as == "ended" || as == "erased"
	switch {
	case e.door == "machine" || e.door == "visitors" || e.door == "everybody" && !out:
	case out && e.method == "POST":
		switch {
		case e.keeps && as == "ended" && thing == "endless":
			return http.StatusNotFound // there is no such place to keep it for
		case as == "visitor":
			return http.StatusForbidden // no session, no token
		case prose && !(e.keeps && as == "ended"):
			return http.StatusForbidden // given back to be copied
		}
		return toSignIn
	case out && (e.door == "joined" || e.door == "signed-in"):
		return toSignIn
	case as == "unjoined" && e.door != "signed-in":
		return toJoin
	}
	for _, v := range e.answers[thing] {
		if v.to == nil || slices.Contains(v.to, as) {
			return v.status
		}
	}
	return 0
}

// Every address is in the table, and every line of the table is an address.
func TestRightsTableHasEveryAddress(t *testing.T) {
	t.Parallel()
	var listed, there []string
	for _, e := range readRights(t) {
		if e.path != "/nowhere" {
			listed = append(listed, e.method+" "+e.path)
		}
		for name, verdicts := range e.answers {
			if last := verdicts[len(verdicts)-1]; last.to != nil {
				t.Errorf("%s %s %s: nothing is said of everybody else", e.method, e.path, name)
			}
		}
	}
	for _, r := range app.Routes() {
		there = append(there, r.Method+" "+r.Path)
	}
	for _, address := range there {
		if !slices.Contains(listed, address) {
			t.Errorf("%s: nothing in testdata/rights.txt says who may come here", address)
		}
	}
	for _, address := range listed {
		if !slices.Contains(there, address) {
			t.Errorf("%s: testdata/rights.txt speaks of it, but it is no address", address)
		}
	}
	if slices.Sort(listed); len(slices.Compact(listed)) != len(there) {
		t.Errorf("an address is twice in testdata/rights.txt")
	}
}

// of is a thing by its name, made when it is first asked for. Those of "own" and
// "self" are of whoever comes.
func (w *rightsWorld) of(kind, name, as string) thing {
	w.t.Helper()
	key := thingKey{kind, name}
	if name == "own" || name == "self" || name == "foreign" || name == "last" || kind == "people" && name == "newcomer" {
		key.name += " " + as
	}
	if made, there := w.known[key]; there {
		return made
	}
	w.known[key] = w.fresh(kind, name, as)
	return w.known[key]
}

// strange are the words that are no number of anything.
var strange = map[string]string{"absent": "999999", "word": "abc", "nought": "0", "negative": "-1", "endless": "99999999999999999999"}

// fresh makes a thing.
func (w *rightsWorld) fresh(kind, name, as string) (made thing) {
	w.t.Helper()
	if word, there := strange[name]; there {
		return thing{word: word}
	}
	switch kind {
	case "feeds":
		return w.fed(name, as)
	case "sitemaps":
		w.of("threads", "public", as) // or there is nothing to tell of
		return thing{word: map[string]string{"pages": "pages", "first": "1", "later": "9"}[name]}
	case "threads":
		made.id = w.thread(name)
	case "projects":
		made.id = w.project(name)
	case "lessons":
		made.id = w.lesson(name)
	case "highlights":
		made.id = w.highlight(name)
	case "banners":
		made.id = w.banner(name)
	case "elections":
		made.id = w.election(name)
	case "collections":
		return w.collection(name)
	case "posts":
		made.id = w.post(name, as)
	case "people":
		made.id = w.person(name, as)
	case "entries":
		made.id = w.entry(name)
	case "reports":
		made.id = w.report(name)
	case "desk":
		if name == "others" || name == "own own" || name == "own" {
			made.id = w.second(name == "others")
			break
		}
		if name != "known" {
			return thing{word: w.deskItem(name)}
		}
		made.id = w.number(`select min(id) from synonyms`)
	case "topics":
		return thing{word: map[string]string{"known": "waste-management", "unknown": "no-such-topic"}[name]}
	case "products":
		return thing{word: w.product(name)}
	case "suppliers":
		return w.supplier(name)
	case "councils":
		return thing{word: map[string]string{"known": "northmoor", "unknown": "no-such-council"}[name]}
	case "unsubscribe":
		return thing{word: w.stopLink(name)}
	case "admin":
		if name == "held" {
			made.id = w.number(`select max(id) from roles where person_id = $1`, w.person("teammate", "visitor"))
			break
		}
		made.id = w.mail(name)
	case "auth":
		return thing{word: map[string]string{"known": "dev", "unknown": "nobody"}[name]}
	case "assets":
		return thing{word: map[string]string{"known": strings.TrimPrefix(assets.Path("moothall.css"), "/assets/"), "unknown": "none.css"}[name]}
	case "dev":
		return thing{word: w.caught(name)}
	case "mailboxes":
		return thing{word: w.mailboxLink(name)}
	case "newsletters":
		return thing{word: w.newsletter(name)}
	case "account":
		if name == "shared" {
			return thing{word: strconv.FormatInt(w.mailbox("shared@northmoor.gov.example", "author"), 10)}
		}
		if name == "last" {
			return thing{word: w.identity(as)}
		}
		return thing{word: w.otherSession(name, as)}
	default:
		return thing{}
	}
	made.word = strconv.FormatInt(made.id, 10)
	return made
}

// deskItem names something that waits on the desk, or might.
func (w *rightsWorld) deskItem(name string) string {
	w.t.Helper()
	switch name {
	case "newcomer":
		return fmt.Sprintf("newcomer-%d", w.people["newcomer"].ID)
	case "question":
		return fmt.Sprintf("question-%d", w.thread("public"))
	}
	return name + "-1"
}

// fed is what a feed is of: a topic or council by its name, else a thread.
func (w *rightsWorld) fed(name, as string) thing {
	w.t.Helper()
	if kind, word, found := strings.Cut(name, "-"); found && (kind == "topic" || kind == "council" || kind == "collection") {
		return w.fresh(kind+"s", word, as)
	}
	return w.fresh("threads", name, as)
}

// caught is the number of a mail in the development inbox, or of none.
func (w *rightsWorld) caught(name string) string {
	w.t.Helper()
	if name == "known" {
		w.must(os.WriteFile(filepath.Join(w.settings["MOOTHALL_DATA"], "inbox", "00000007.eml"), []byte("Subject: Bins\r\n\r\nBins.\r\n"), 0o600))
		return "7"
	}
	return "999"
}

// otherSession is the public number of another session: one's own, or the author's.
func (w *rightsWorld) otherSession(name, as string) string {
	who, there := w.people[as]
	if name == "foreign" || !there {
		who = w.people["author"]
		if as == "author" {
			who = w.people["colleague"]
		}
	}
	w.session(who.ID)
	all, err := w.sessions.Sessions(w.t.Context(), who.ID)
	w.must(err)
	if len(all) == 0 {
		return "0000000000000000"
	}
	newest := slices.MaxFunc(all, func(a, b auth.Session) int { return a.StartedAt.Compare(b.StartedAt) })
	return newest.ID
}

// identity is the public number of the one way in which somebody signs in.
func (w *rightsWorld) identity(as string) string {
	w.t.Helper()
	p, err := w.store.ProvidersPage(w.t.Context(), w.people[as])
	if err != nil || len(p.Linked) != 1 {
		return "0000000000000000" // of a visitor, or of who was erased
	}
	return p.Linked[0].ID
}

// cell is one question of the matrix.
type cell struct {
	e     *expectation
	as    string
	name  string
	thing thing
	form  url.Values
	want  int
}

func (c cell) String() string {
	return fmt.Sprintf("%s %s as %s, %s", c.e.method, c.path(), c.as, c.name)
}

func (c cell) path() string {
	if c.e.path == "/dev/idle" {
		return c.e.path + "?within=15s" // or it is a matter of luck
	}
	path := c.e.path
	if c.thing.part != "" {
		path = strings.Replace(path, ":id", c.thing.part, 1)
	}
	return wordIn.ReplaceAllString(path, c.thing.word)
}

var wordIn = regexp.MustCompile(`:[a-z]+`)

// cell asks one question. Of a deed that is wanted and cannot be done twice, the
// thing is made for it alone.
func (w *rightsWorld) cell(e *expectation, as, name string) cell {
	w.t.Helper()
	kind, _, _ := strings.Cut(strings.TrimPrefix(e.path, "/"), "/")
	c := cell{e: e, as: as, name: name, thing: w.of(kind, name, as)}
	c.form = w.form(c)
	c.want = e.want(as, name, hasProse(c.form))
	done := c.want == http.StatusSeeOther && e.method == "POST"
	if once := regexp.MustCompile(`/(delete|redact|let-in|turn-away|suspend|undo|end|take|take-back|decline)$|^/(collections|newsletters)/.*/remove$|^/newsletters/.*/(schedule|pause|resume|stop|approve)$`); done && once.MatchString(e.path) && !w.about(c) {
		c.thing = w.fresh(kind, name, as)
		c.form = w.form(c)
	}
	return c
}

// about tells of a cell whose thing is one of the cast, which there is once.
func (w *rightsWorld) about(c cell) bool { return c.name == "self" || c.name == "barred" }

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

// ask puts a cell's question, and fails the test where the answer is another.
func (w *rightsWorld) ask(c cell) echo {
	w.t.Helper()
	q := knock{method: c.e.method, path: c.path(), cookie: w.cookies[c.as], form: c.form}
	switch c.e.path {
	case "/sign-out", "/account/sessions/end-all": // in a session of their own, or the cast is signed out
		if c.want == http.StatusSeeOther {
			q.cookie = w.session(w.people[c.as].ID)
		}
	}
	if c.e.path == "/account/sessions/end-all" && c.want == http.StatusSeeOther {
		defer func() { w.cookies[c.as] = w.session(w.people[c.as].ID) }()
	}
	if c.form.Has("version") && c.form.Get("version") == "" && !strings.HasPrefix(c.e.path, "/collections") {
		q.form.Set("version", fmt.Sprint(w.number(`select coalesce(max(version), 1) from posts where id = $1`, c.thing.id)))
	}
	a := w.send(q)
	got := a.status
	if got == http.StatusMovedPermanently && c.e.method == "GET" { // to where the thing's words stand in its address
		q.path = a.location(w.world)
		a = w.send(q)
		got = a.status
	}
	if got == http.StatusSeeOther {
		switch to := a.location(w.world); {
		case strings.HasPrefix(to, "/sign-in"):
			got = toSignIn
		case strings.HasPrefix(to, "/account/join?return="):
			got = toJoin
		}
	}
	if got != c.want {
		w.t.Errorf("%s: got %d (%s), want %d", c, got, a.header.Get("Location"), c.want)
	}
	return a
}

// Every standing gets at every address, for every thing that may stand there, what
// the contract says: neither more nor less. What is refused changes nothing.
func TestRightsMatrix(t *testing.T) {
	t.Parallel()
	w := &rightsWorld{world: openCast(t), known: map[thingKey]thing{}, absent: map[string]echo{}}
	cells := 0
	for _, e := range readRights(t) {
		things := e.things
		if raced {
			things = things[:1]
		}
		for _, name := range things {
			var refused, done []cell
			for _, as := range standings {
				c := w.cell(e, as, name)
				if deed := e.method == "POST" && (c.want == http.StatusSeeOther || as == "ended" && e.keeps); deed {
					done = append(done, c)
				} else {
					refused = append(refused, c)
				}
			}
			cells += len(refused) + len(done)
			w.refuse(refused)
			for _, c := range done {
				w.exec(`delete from drafts`) // of the cell before, which no other words may replace
				w.ask(c)
				clear(w.absent) // the deed may show on every page
			}
		}
	}
	if cells < 1000 {
		t.Errorf("only %d cells", cells)
	}
	t.Logf("%d cells", cells)
}

// refuse asks what must change nothing. What is absent and what is not theirs to
// know look alike.
func (w *rightsWorld) refuse(cells []cell) {
	w.t.Helper()
	if len(cells) == 0 {
		return
	}
	before := w.state()
	headed := map[int]bool{}
	for _, c := range cells {
		a := w.ask(c)
		if c.e.method == "GET" && !headed[a.status] { // one of each kind of answer is enough
			headed[a.status] = true
			w.head(c)
		}
		if a.status == http.StatusNotFound && c.e.door != "machine" {
			w.alike(c, a)
		}
	}
	tables := changed(before, w.state())
	if cells[0].e.keeps { // what was typed is kept all the same
		tables = slices.DeleteFunc(tables, isOfDrafts)
	}
	if len(tables) > 0 {
		w.t.Errorf("%s %s, %s: what is refused changed %v", cells[0].e.method, cells[0].path(), cells[0].name, tables)
	}
}

// isOfDrafts tells the tables of what was typed and not posted.
func isOfDrafts(table string) bool { return table == "drafts" || table == "draft_versions" }

// head asks for the head of a page alone.
func (w *rightsWorld) head(c cell) {
	w.t.Helper()
	full := w.send(knock{method: "GET", path: c.path(), cookie: w.cookies[c.as]})
	a := w.send(knock{method: "HEAD", path: c.path(), cookie: w.cookies[c.as]})
	if a.status != full.status || a.body != "" || a.header.Get("Content-Type") != full.header.Get("Content-Type") {
		w.t.Errorf("HEAD of %s: got %d and %d bytes, GET is %d", c, a.status, len(a.body), full.status)
	}
}

// alike compares what is not there for somebody with what is not there at all.
func (w *rightsWorld) alike(c cell, a echo) {
	w.t.Helper()
	q := knock{method: c.e.method, path: wordIn.ReplaceAllString(c.e.path, "888888"), cookie: w.cookies[c.as], form: c.form}
	if c.e.path == "/nowhere" {
		q.path = "/elsewhere"
	}
	absent := w.absentFor(c.as, q)
	// Development's own: it tells how far a deed came, and whether what is kept for some
	// seconds was read anew.
	absent.header.Set("Server-Timing", a.header.Get("Server-Timing"))
	if got, want := plain(a, c.path()), plain(absent, q.path); got != want {
		w.t.Errorf("%s: does not look like what is absent:\n%s", c, firstDifference(got, want))
	}
}

// absentFor asks once for what is not there, and remembers the answer.
func (w *rightsWorld) absentFor(as string, q knock) echo {
	key := strings.Join([]string{as, q.method, q.path, q.form.Encode()}, " ")
	absent, known := w.absent[key]
	if !known {
		absent = w.send(q)
		w.absent[key] = absent
	}
	absent.header = maps.Clone(absent.header)
	return absent
}

// random is what differs from one page to the next by design, and the way back to it.
var random = regexp.MustCompile(`(name="(?:_csrf|idempotency|return)" value=")[^"]*"`)

// bell is how many notices somebody has not read: jobs tell them while the test goes on.
var bell = regexp.MustCompile(`(?s)<a [^>]*href="/account/notices".*?</a>`)

// plain is an answer without what differs by design: its number, the tokens in its
// forms and the address that was asked for.
func plain(a echo, path string) string {
	header := maps.Clone(a.header)
	for _, name := range []string{"Date", "X-Request-Id", "Content-Length"} {
		delete(header, name)
	}
	text := bell.ReplaceAllString(random.ReplaceAllString(a.body, `$1"`), "")
	for _, said := range []string{path, url.QueryEscape(path), html.EscapeString(path)} {
		text = strings.ReplaceAll(text, said, "PATH")
	}
	text = strings.ReplaceAll(text, a.header.Get("X-Request-Id"), "ID")
	return fmt.Sprint(a.status, " ", header, "\n", text)
}

// firstDifference shows where two texts part.
func firstDifference(got, want string) string {
	n := 0
	for n < len(got) && n < len(want) && got[n] == want[n] {
		n++
	}
	cut := func(s string) string { return s[max(0, min(n-60, len(s))):min(len(s), n+100)] }
	return fmt.Sprintf("got  …%q\nwant …%q", cut(got), cut(want))
}
