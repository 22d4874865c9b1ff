package main

import (
	"context"
	"fmt"

	"moothall/auth"
	"moothall/forum"
)

// hot is how many threads many visitors read at once.
const hot = 16

// The goals, on two cores: of pages that are made for one person, of those that are kept
// for visitors, of posting, and of the end of a long thread beside its beginning.
var (
	signedInGoal = goal{rate: 0.65, p99: 2}
	cachedGoal   = goal{rate: 0.5, cpu: 2}
	replyGoal    = goal{rate: 0.6, p99: 2.5}
	lastGoal     = goal{rate: 0.9}
)

// measureForum measures all there is, readers first: posting changes the corpus.
func (s *stage) measureForum(ctx context.Context) error {
	unchanged, err := s.unchanged()
	if err != nil {
		return err
	}
	for _, p := range []pair{
		{name: "home, visitor", ours: s.visitors("/"), floor: s.floorVisitors("/m/l/1")},
		{name: "home, signed in", ours: s.colleagues("/"), floor: s.floorVisitors(s.floorLists()...)},
		{name: "listing, visitor", ours: s.visitors("/threads"), floor: s.floorVisitors("/m/l/1")},
		{name: "listing, signed in", ours: s.colleagues("/threads"), floor: s.floorVisitors(s.floorLists()...), goal: signedInGoal},
		s.topicSignedIn(),
		{name: "thread page, visitor", ours: s.visitors(s.pages(1, hot)...), floor: s.floorVisitors(s.floorPages("/t/", hot)...), goal: cachedGoal},
		unchanged,
		{name: "thread page, visitor, every thread", ours: s.visitors(s.pages(1, 0)...), floor: s.floorVisitors(s.floorPages("/d/t/", 0)...)},
		s.threadSignedIn(hot),
		s.threadSignedIn(0),
		s.long("long thread, first page, visitor", 1, false),
		s.long("long thread, last page, visitor", s.lastPage(), false),
		s.long("long thread, first page, signed in", 1, true),
		s.long("long thread, last page, signed in", s.lastPage(), true),
		{name: "long thread, last page to first", ours: s.colleagues(s.page(1, s.lastPage())), floor: s.colleagues(s.page(1, 1)), goal: lastGoal},
	} {
		if err := s.compare(ctx, p); err != nil || ctx.Err() != nil {
			return err
		}
	}
	if s.only == "" {
		err = s.measurePolls(ctx)
	}
	if err != nil || ctx.Err() != nil {
		return err
	}
	if err := s.compare(ctx, s.replies()); err != nil || ctx.Err() != nil || s.only != "" {
		return err
	}
	return s.measureSizes()
}

// page is the address of one page of a thread.
func (s *stage) page(thread, page int) string {
	t := s.corpus.all[thread-1]
	path := fmt.Sprintf("/threads/%d", t.id)
	if slug := forum.Slug(t.title); slug != "" {
		path += "-" + slug
	}
	if page > 1 {
		path += fmt.Sprintf("?page=%d", page)
	}
	return path
}

// lastPage is the last of the long thread.
func (s *stage) lastPage() int {
	return (s.corpus.all[0].posts + forum.PostsPerPage - 1) / forum.PostsPerPage
}

// pages are the addresses of the first n threads but the long one; of all where n is 0.
func (s *stage) pages(page, n int) (all []string) {
	for _, t := range s.some(n) {
		all = append(all, s.page(t.id, page))
	}
	return all
}

func (s *stage) some(n int) []thread {
	if n == 0 {
		n = len(s.corpus.all) - 1
	}
	return s.corpus.all[1 : n+1]
}

func (s *stage) floorPages(under string, n int) (all []string) {
	for _, t := range s.some(n) {
		all = append(all, fmt.Sprintf("%s%d", under, t.id))
	}
	return all
}

func (s *stage) floorLists() (all []string) {
	for i := range s.corpus.topics {
		all = append(all, fmt.Sprintf("/l/%d", i+1))
	}
	return all
}

// ask is a target that reads pages.
func ask(server *server, paths []string, people [][]string) target {
	t := target{server: server, want: 200}
	for _, headers := range people {
		var list []request
		for _, path := range paths {
			list = append(list, get(server, path, headers...))
		}
		t.lists = append(t.lists, list)
	}
	return t
}

var nobody = [][]string{nil}

// cookies are the headers of as many people as there are connections.
func cookies(format string) (all [][]string) {
	for i := range connections {
		all = append(all, []string{fmt.Sprintf("Cookie: "+format, i+1)})
	}
	return all
}

const (
	hallCookie  = "moothall=bench-session-%d"
	floorCookie = "sid=floor-session-%d"
)

func (s *stage) visitors(paths ...string) target      { return ask(s.hall, paths, nobody) }
func (s *stage) colleagues(paths ...string) target    { return ask(s.hall, paths, cookies(hallCookie)) }
func (s *stage) floorVisitors(paths ...string) target { return ask(s.floor, paths, nobody) }
func (s *stage) floorSessions(paths ...string) target {
	return ask(s.floor, paths, cookies(floorCookie))
}

// threadSignedIn has as many threads read as visitors read; all, one after the other, with
// no goal: then hardly any page is asked for twice in a second.
func (s *stage) threadSignedIn(threads int) pair {
	p := pair{name: "thread page, signed in", ours: s.colleagues(s.pages(1, threads)...), floor: s.floorSessions(s.floorPages("/s/t/", threads)...), goal: signedInGoal}
	if threads == 0 {
		p.name, p.goal = p.name+", every thread", goal{}
	}
	return p
}

func (s *stage) topicSignedIn() pair {
	return pair{name: "listing of a topic, signed in", ours: s.colleagues("/threads?topic=" + s.topic), floor: s.floorVisitors("/l/1"), goal: signedInGoal}
}

// long reads one page of the long thread.
func (s *stage) long(name string, page int, signedIn bool) pair {
	after := fmt.Sprintf("1?after=%d", (page-1)*forum.PostsPerPage)
	if signedIn {
		return pair{name: name, ours: s.colleagues(s.page(1, page)), floor: s.floorSessions("/s/t/" + after), goal: signedInGoal}
	}
	return pair{name: name, ours: s.visitors(s.page(1, page)), floor: s.floorVisitors("/t/" + after), goal: cachedGoal}
}

// unchanged asks for pages that the browser has already.
func (s *stage) unchanged() (pair, error) {
	p := pair{name: "thread page, visitor, unchanged (304)", goal: cachedGoal}
	var err error
	if p.ours, err = withTags(s.hall, s.pages(1, hot)); err != nil {
		return pair{}, err
	}
	p.floor, err = withTags(s.floor, s.floorPages("/t/", hot))
	return p, err
}

// withTags asks for each page once, and then again and again by its tag.
func withTags(server *server, paths []string) (target, error) {
	c := newClient(server.addr)
	defer c.close()
	var list []request
	for _, path := range paths {
		r := get(server, path)
		a, err := c.do(&r, true)
		if err != nil {
			return target{}, err
		}
		list = append(list, get(server, path, "If-None-Match: "+a.header["etag"]))
	}
	return target{server: server, lists: [][]request{list}, want: 304}, nil
}

// words are what is posted, as much as people write in a reply.
const words = "We have done this since spring, number {{n}}. Start with one street and write down what changes. " +
	"The depot was against it at first and asked for it after a month, because the crews had fewer calls.\n\n" +
	"Ask your neighbours for their figures before you buy anything."

// replies posts as many people at once, each to one thread after the other.
func (s *stage) replies() pair {
	keys, err := auth.NewKeys([]string{secret})
	if err != nil {
		panic(err) // it is written above and long enough
	}
	p := pair{name: "posting a reply", goal: replyGoal, rest: s.settle,
		ours: target{server: s.hall, want: 303}, floor: target{server: s.floor, want: 303}}
	for i := 1; i <= connections; i++ {
		var ours, floor []request
		token := keys.CSRF(auth.Hash(cookieOf(i)))
		for _, t := range s.some(0) {
			ours = append(ours, send(s.hall, fmt.Sprintf("/threads/%d/posts", t.id),
				form("_csrf", token, "idempotency", "bench-{{n}}", "body", words), fmt.Sprintf("Cookie: "+hallCookie, i)))
			floor = append(floor, send(s.floor, fmt.Sprintf("/t/%d/reply", t.id),
				form("csrf", fmt.Sprintf("csrf-%d", i), "body", words), fmt.Sprintf("Cookie: "+floorCookie, i)))
		}
		p.ours.lists, p.floor.lists = append(p.ours.lists, ours), append(p.floor.lists, floor)
	}
	return p
}
