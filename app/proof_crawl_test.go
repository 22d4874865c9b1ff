package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/html"

	"moothall/app"
	"moothall/views/assets"
)

// crawled is one address that was asked for, and what came back.
type crawled struct {
	path string
	echo
}

// crawl asks, as somebody, for every GET address there is with every number, slug,
// page and filter that there may be, and for whatever those pages lead to.
func (w *world) crawl(as string) (all []crawled) {
	w.t.Helper()
	waiting, known := w.seeds(), map[string]bool{}
	for len(waiting) > 0 {
		path := waiting[0]
		waiting = waiting[1:]
		if known[path] {
			continue
		}
		known[path] = true
		a := w.get(as, path)
		all = append(all, crawled{path, a})
		if a.status >= 500 {
			w.t.Errorf("GET %s as %s: got %d", path, as, a.status)
		}
		if to := a.location(w); leadsOn(to) {
			waiting = append(waiting, to)
		}
		if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			waiting = append(waiting, links(a.body)...)
		}
		if len(all) > 5000 {
			w.t.Fatalf("as %s there is no end of pages: %s", as, path)
		}
	}
	return all
}

// leadsOn tells whether a crawl goes there: the addresses of sign-in make an attempt
// each, those of development are no pages, and the way back after sign-in is looked
// at as it is.
func leadsOn(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/auth/") && !strings.HasPrefix(path, "/dev") &&
		!strings.HasPrefix(path, "/assets/") && !strings.HasPrefix(path, "/sign-in?") && !strings.HasPrefix(path, "/account/join?")
}

// elsewhere tells whether a page is of a council or topic that nobody here belongs
// to or asks under, 600 pages that are all alike, or of a register by two filters at once.
func elsewhere(path string) bool {
	for _, list := range []string{"/councils/", "/topics/", "/threads?topic=", "/threads/new?topic="} {
		if word, found := strings.CutPrefix(path, list); found {
			return !strings.HasPrefix(word, "northmoor") && !strings.HasPrefix(word, "southmoor") && !strings.HasPrefix(word, "waste-management")
		}
	}
	for _, register := range []string{"/projects?", "/lessons?", "/products?"} {
		if filters, found := strings.CutPrefix(path, register); found && strings.Contains(filters, "&") {
			return true
		}
	}
	return false
}

// links are the pages of ours that a page leads to.
func links(page string) (paths []string) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if a.Key != "href" {
				continue
			}
			path, _, _ := strings.Cut(a.Val, "#")
			if leadsOn(path) && !elsewhere(path) {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// seeds are the addresses where a crawl begins: each GET of the table of addresses,
// with all that may stand in it.
func (w *world) seeds() (paths []string) {
	w.t.Helper()
	for _, r := range app.Routes() {
		if r.Method == http.MethodGet && !strings.HasPrefix(r.Path, "/dev") {
			paths = append(paths, w.spelled(r.Path)...)
		}
	}
	for _, kind := range []string{"", "question", "discussion", "announcement", "project"} {
		for _, state := range []string{"", "unanswered", "replied", "answered", "open", "closed", "nonsense"} {
			paths = append(paths, "/threads?kind="+kind+"&state="+state)
		}
	}
	for id := range w.number(`select coalesce(max(id), 0) from threads`) + 1 {
		paths = append(paths, fmt.Sprintf("/people/suggest?thread=%d&q=z", id+1), fmt.Sprintf("/threads/new?related=%d", id+1))
	}
	for post := range w.number(`select coalesce(max(id), 0) from posts`) {
		paths = append(paths, fmt.Sprintf("/account/emails?about=%s", url.QueryEscape(postAt(post+1))))
	}
	paths = append(paths, "/account/emails?before=3", "/account/emails?after=AAAA", "/account/emails?about=%2Fthreads%2F1%23post-1")
	paths = append(paths, w.stopLinks()...)
	paths = append(paths, "/whats-new?since=2020-01-01", "/whats-new?since=x&before=AAAA", "/whats-new?read=all", "/whats-new/next?after=2",
		"/feeds/threads.atom?before=AAAA", "/feeds/lessons.atom?before=AAAA", "/lessons?before=AAAA", "/lessons/new?project=1", "/lessons/new?project=7&topic=waste-management", "/people/suggest?q=zz", "/account/notices?before=AAAA")
	for _, more := range []string{"topic=waste-management", "topic=none", "council=northmoor", "council=southmoor", "council=none",
		"before=AAAA", "topic=waste-management&council=northmoor&kind=question&state=open"} {
		paths = append(paths, "/threads?"+more)
	}
	for _, more := range []string{"topic=waste-management", "principle=none", "phase=alpha&nation=England", "sort=reused", "fresh=not", "product=zzcontractzz", "before=AAAA"} {
		for _, of := range []string{"projects", "lessons"} {
			paths = append(paths, "/"+of+"?"+more, "/"+of+".csv?"+more, "/feeds/"+of+".atom?"+more)
		}
	}
	paths = append(paths, "/collections?before=3", "/collections?before=x", "/newsletters?before=3", "/newsletters?before=x", "/newsletters/1/mail?as=text", "/newsletters/2/mail?as=text")
	for id := range w.number(`select coalesce(max(id), 0) from newsletter_blocks`) + 1 {
		paths = append(paths, fmt.Sprintf("/newsletters/blocks/%d", id+1))
	}
	paths = append(paths, "/highlights?before=3", "/highlights?before=x", "/highlights/preview?on=2099-01-01", "/highlights/preview?on="+time.Now().AddDate(0, 0, 10).Format(time.DateOnly), "/highlights/new?target=post:1", "/highlights/new?target=x")
	for id := range w.number(`select coalesce(max(id), 0) from threads`) + 1 {
		paths = append(paths, fmt.Sprintf("/highlights/new?target=thread:%d", id+1))
	}
	return append(paths, "/products?q=zz", "/suppliers?q=zz", "/products/suggest?q=zz", "/councils?q=moor", "/councils?q=zz", "/councils?nation=England", "/councils?nation=Wales&q=a",
		"/councils?region=London&type=london-borough", "/councils/map?topic=waste-management&sort=replied", "/councils/map?topic=none", "/councils/map?sort=name", "/councils/map?phase=alpha", "/councils/map?product=zzcontractzz", "/councils/map?product=zzcouncilsproductzz", "/councils/map?product=zzhiddenproductzz",
		"/topics/waste-management?before=AAAA", "/threads/new?topic=waste-management&kind=discussion",
		"/sign-in?return=/threads/1", "/account/join?return=/threads/1", "/no/such/page", "/threads/", "/THREADS", "/Threads/1/",
		"/threads/1.json", "/threads/1/x.css", "/threads/1;.css", "/threads/1%2f.css", "/people", "/posts", "/search?q=zz", "/search?q=public", "/search?q=who&kind=question&state=open&sort=newest", "/search?before=AAAA&q=a",
		"/search/similar?title=who+has+done+this", "/threads/new?title=zz")
}

// spelled is an address with every number or word that may stand in it.
func (w *world) spelled(path string) (paths []string) {
	w.t.Helper()
	last := func(table string) int64 { return w.number(`select coalesce(max(id), 0) from ` + table) }
	kind, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if path == "/sitemaps/:name.xml" {
		return []string{"/sitemaps/pages.xml", "/sitemaps/1.xml", "/sitemaps/2.xml"}
	}
	if kind == "feeds" {
		kind = "threads"
	}
	switch {
	case strings.Contains(path, "/collections/:slug"):
		return w.collectionPaths(path)
	case strings.Contains(path, ":slug"):
		words := []string{"waste-management", "northmoor", "southmoor", "none"}
		if kind == "products" {
			words = []string{"zzcontractzz", "zzpublicproductzz", "zzcouncilsproductzz", "zzhiddenproductzz", "none"}
		}
		if kind == "suppliers" {
			words = []string{"zzpublicsupplierzz", "zzcouncilssupplierzz", "zzhiddensupplierzz", "none"}
		}
		if kind == "desk" {
			words = []string{"none"}
			for sort, table := range map[string]string{"newcomer": "people", "held": "posts", "report": "reports", "question": "threads", "lesson": "threads"} {
				for id := range last(table) + 1 {
					words = append(words, fmt.Sprintf("%s-%d", sort, id+1))
				}
			}
		}
		for _, word := range words {
			paths = append(paths, strings.Replace(path, ":slug", word, 1))
		}
	case strings.Contains(path, ":name"):
		return []string{assets.Path("moothall.css"), "/assets/none.css"}
	case strings.Contains(path, ":provider"):
		return []string{strings.Replace(path, ":provider", "none", 1)}
	case !strings.Contains(path, ":id"):
		return []string{path}
	default:
		if kind == "projects" || kind == "lessons" { // they have their threads' numbers
			kind = "threads"
		}
		for id := range last(kind) + 1 {
			paths = append(paths, strings.Replace(path, ":id", fmt.Sprint(id+1), 1))
		}
		for _, p := range slices.Clone(paths) {
			paths = append(paths, w.variants(kind, path, p)...)
		}
	}
	return paths
}

// variants are the other ways to ask for one thing.
func (w *world) variants(kind, path, p string) []string {
	switch {
	case path == "/feeds/threads/:id.atom":
		return []string{p + "?before=1", p + "?before=2", p + "?before=3", p + "?before=9"}
	case strings.HasSuffix(path, "/facts"):
		return []string{p + "?field=problem", p + "?field=product&q=zz", p + "?field=contact", p + "?field=none"}
	case path == "/projects/:id", path == "/lessons/:id":
		return []string{p + "-wrong-words", p + "?page=last", p + "?quote=1"}
	case path == "/threads/:id":
		return []string{p + "-wrong-words", p + "?page=last", p + "?page=unread", p + "?page=unread&n=1", p + "?quote=1", p + "?quote=2", p + "/"}
	case strings.HasSuffix(path, "/since"):
		return []string{p + "?n=0", p + "?n=1", p + "?n=99"}
	case strings.HasSuffix(path, "/history"):
		return []string{p + "?before=1", p + "?before=2", p + "?before=3", p + "?before=x"}
	case strings.HasSuffix(path, "/report"):
		return []string{p + "?done=1"}
	case kind == "people":
		return []string{p + "-wrong-words"}
	}
	return nil
}

// pushes sends, as somebody, forms to every address with every number, all of them
// with something missing: what comes back are refusals, and previews.
func (w *world) pushes(as string) (all []crawled) {
	w.t.Helper()
	reports := w.number(`select coalesce(max(id), 0) from reports`)
	threads, posts := w.number(`select max(id) from threads`), w.number(`select max(id) from posts`)
	push := func(path string, form url.Values) {
		a := w.send(knock{method: "POST", path: path, cookie: w.cookies[as], form: form})
		all = append(all, crawled{"POST " + path, a})
		if a.status >= 500 {
			w.t.Errorf("POST %s as %s: got %d", path, as, a.status)
		}
	}
	for id := range threads + 1 {
		push(threadAt(id+1)+"/posts", fieldsOf("body", ""))
		push(threadAt(id+1)+"/posts", fieldsOf("body", "Look", "action", "preview", "quote", "2"))
		for _, deed := range []string{"/report", "/hide", "/close"} {
			push(threadAt(id+1)+deed, fieldsOf("reason", ""))
		}
		push(threadAt(id+1)+"/solved", fieldsOf("on", "1", "body", ""))
		push(threadAt(id+1)+"/outcome", fieldsOf("answer", ""))
		push(threadAt(id+1)+"/us-too", fieldsOf("on", "1", "state", "none"))
		push(fmt.Sprintf("/lessons/%d", id+1), fieldsOf("version", "0", "title", "New", "verdict", "none"))
		push(threadAt(id+1)+"/save", fieldsOf("on", "1", "remind", "no day"))
	}
	for id := range posts + 1 {
		push(postAt(id+1), fieldsOf("version", "0", "body", "New", "title", "New", "topic", "waste-management"))
		push(postAt(id+1), fieldsOf("version", "0", "body", "New", "action", "other"))
		for _, deed := range []string{"/report", "/hide"} {
			push(postAt(id+1)+deed, fieldsOf("reason", ""))
		}
		push(postAt(id+1)+"/redact", fieldsOf("passage", "stands nowhere", "reason", "Why not"))
	}
	for id := range threads + 1 {
		push(threadAt(id+1)+"/follow", fieldsOf("cadence", "never"))
	}
	for id := range w.number(`select coalesce(max(id), 0) from highlights`) + 1 {
		push(fmt.Sprintf("/highlights/%d", id+1), fieldsOf("title", "", "version", "9"))
		push(fmt.Sprintf("/highlights/%d/move", id+1), fieldsOf("to", "aside"))
	}
	for id := range threads + 1 {
		push("/highlights", fieldsOf("target", fmt.Sprintf("thread:%d", id+1), "title", ""))
	}
	for _, path := range w.collectionPaths("/collections/:slug") {
		push(path, fieldsOf("title", ""))
		push(path+"/items", fieldsOf("target", "thread:1", "why", ""))
		push(path+"/suggestions", fieldsOf("target", "thread:1", "why", ""))
		push(path+"/follow", fieldsOf("cadence", "never"))
	}
	for _, path := range w.collectionPaths("/collections/:slug/suggestions/:id") {
		push(path+"/decline", fieldsOf("reason", ""))
	}
	for id := range w.number(`select coalesce(max(id), 0) from newsletters`) + 1 {
		for _, deed := range []string{"", "/blocks", "/schedule", "/check", "/remove"} {
			push(fmt.Sprintf("/newsletters/%d%s", id+1, deed), fieldsOf("version", "99", "subject", "", "kind", "none", "threads", fmt.Sprint(id+1), "at", "no time"))
		}
	}
	push("/newsletters", fieldsOf("subject", ""))
	push("/newsletters/subscribe", fieldsOf("email", "nobody"))
	push("/lessons", fieldsOf("title", "New", "project", "1"))
	push("/account/emails", fieldsOf("digest_day", "9"))
	push("/topics/waste-management/follow", fieldsOf("cadence", "never"))
	for id := range w.number(`select max(id) from people`) + 1 {
		push(personAt(id+1)+"/follow", fieldsOf("cadence", "never"))
		push(personAt(id+1)+"/turn-away", fieldsOf("reason", ""))
		push(personAt(id+1)+"/suspend", fieldsOf("reason", ""))
	}
	push("/account/council", fieldsOf("action", "find", "council_search", "moor"))
	for _, path := range []string{"/account/council", "/account/leave", "/account/address", "/account/data/erase"} {
		push(path, fieldsOf("person", "1", "email", "x@y.example", "confirm", "Nobody"))
	}
	for id := range reports + 1 {
		push(fmt.Sprintf("/reports/%d/keep", id+1), fieldsOf("reason", ""))
	}
	return all
}

// everywhere crawls as each of them, two at a time, and calls look with what came.
func (w *world) everywhere(as []string, pushToo bool, look func(as string, all []crawled)) {
	w.t.Helper()
	var all sync.WaitGroup
	turn := make(chan struct{}, 2)
	var looking sync.Mutex
	for _, one := range as {
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			pages := w.crawl(one)
			if pushToo {
				pages = append(pages, w.pushes(one)...)
			}
			looking.Lock()
			defer looking.Unlock()
			look(one, pages)
		})
	}
	all.Wait()
}
