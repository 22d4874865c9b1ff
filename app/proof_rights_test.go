package app_test

import (
	"bufio"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"moothall/app"
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
	var got, want string
	for range 3 {
		absent := w.absentFor(c.as, q)
		// Development's own: it tells how far a deed came, and whether what is kept for some
		// seconds was read anew.
		absent.header.Set("Server-Timing", a.header.Get("Server-Timing"))
		if got, want = plain(a, c.path()), plain(absent, q.path); got == want {
			return
		}
		// What the test itself put up meanwhile, a banner say, pages show only some seconds
		// later, as what another node put up: both are asked anew.
		clear(w.absent)
		a = w.send(knock{method: c.e.method, path: c.path(), cookie: w.cookies[c.as], form: c.form})
	}
	w.t.Errorf("%s: does not look like what is absent:\n%s", c, firstDifference(got, want))
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
