package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
	"moothall/forum/letters"
)

// begunCollection begins a collection with a heading, as the curator of the cast.
func (w *world) begunCollection(title string) (slug string) {
	w.t.Helper()
	slug, err := w.curation.BeginCollection(context.Background(), w.people["curator"], curation.CollectionDraft{Title: title, Intro: "Read it in order"})
	w.must(err)
	w.must(w.curation.AddSection(context.Background(), w.people["curator"], slug, "Before day one"))
	return slug
}

// collect puts a thread or post at the end of a collection.
func (w *world) collect(slug, target, why string) {
	w.t.Helper()
	ctx, curator := context.Background(), w.people["curator"]
	w.must(w.curation.AddItem(ctx, curator, slug, curation.ItemDraft{Target: target, Why: why, Section: w.lastSection(slug)}))
}

// collected makes a collection of one thread, which everybody sees.
func collected(t *testing.T, store *forum.Store, title string, thread int64) {
	t.Helper()
	ctx, house := t.Context(), curation.New(store)
	curator := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Southmoor"), forum.Curator)
	slug, err := house.BeginCollection(ctx, curator, curation.CollectionDraft{Title: title, Intro: "Read on"})
	if err == nil {
		err = house.AddSection(ctx, curator, slug, "First")
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err := house.CollectionPage(ctx, curator, slug)
	if err == nil {
		err = house.AddItem(ctx, curator, slug, curation.ItemDraft{Target: fmt.Sprint(thread), Why: "Begin here", Section: p.Sections[0].ID})
	}
	if err == nil {
		err = house.ShowCollection(ctx, curator, slug, true)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) lastSection(slug string) int64 {
	w.t.Helper()
	return w.number(`select coalesce(max(s.id), 0) from collection_sections s join collections k on k.id = s.collection_id where k.slug = $1`, slug)
}

// showCollection shows a collection, or withdraws it.
func (w *world) showCollection(slug string, on bool) {
	w.t.Helper()
	w.must(w.curation.ShowCollection(context.Background(), w.people["curator"], slug, on))
}

// collection makes a collection of the sort that name tells: one of its parts by its own
// name, else shown, renamed, draft or withdrawn.
func (w *rightsWorld) collection(name string) (made thing) {
	w.t.Helper()
	kind, state, part := strings.Cut(name, "-")
	slug := w.begunCollection(w.title("set"))
	w.collect(slug, fmt.Sprint(w.thread("public")), "Make tea first")
	made.word = slug
	if name != "draft" && name != "unseen" {
		w.showCollection(slug, true)
	}
	if kind == "suggestion" {
		w.must(w.curation.Suggest(context.Background(), w.people["colleague"], slug, curation.ItemDraft{Target: fmt.Sprint(w.thread("public")), Why: "Read the end"}))
		w.exec(`update collection_suggestions set person_id = $1`, w.people["administrator"].ID) // or the colleague has too many that wait
	}
	switch {
	case name == "renamed":
		_, err := w.curation.ChangeCollection(context.Background(), w.people["curator"], slug, curation.CollectionDraft{Title: w.title("other"), Intro: "Anew", Version: w.version(slug)})
		w.must(err)
	case name == "withdrawn" || state == "withdrawn":
		w.showCollection(slug, false)
	}
	if tables := map[string]string{"section": "collection_sections", "item": "collection_items", "suggestion": "collection_suggestions"}; tables[kind] != "" {
		made.part = strconv.FormatInt(w.number(`select max(id) from `+tables[kind]), 10)
	}
	if part && state == "absent" {
		made.part = "999999"
	}
	return made
}

func (w *world) version(slug string) int {
	w.t.Helper()
	return int(w.number(`select coalesce(max(version), 0) from collections where slug = $1`, slug))
}

// collectionForm is a form of a collection, filled in.
func (w *rightsWorld) collectionForm(c cell) url.Values {
	w.t.Helper()
	slug := c.thing.word
	section := fmt.Sprint(w.lastSection(slug))
	switch deed := strings.TrimPrefix(strings.TrimPrefix(c.e.path, "/collections"), "/:slug"); deed {
	case "":
		title := w.title("set")
		for _, now := range w.column(`select title from collections where slug = $1`, slug) {
			title = now // or its address goes with it
		}
		return fieldsOf("title", title, "intro", "Read it in order", "lang", "en", "version", fmt.Sprint(w.version(slug)))
	case "/show":
		return fieldsOf("on", "1")
	case "/sections", "/sections/:id":
		return fieldsOf("heading", "Day one", "version", fmt.Sprint(w.version(slug)))
	case "/items", "/suggestions":
		return fieldsOf("target", fmt.Sprint(w.thread("public")), "why", "Make tea first", "section", section)
	case "/items/:id", "/suggestions/:id/take":
		return fieldsOf("why", "Make tea first", "section", section, "version", fmt.Sprint(w.version(slug)))
	case "/suggestions/:id/decline":
		return fieldsOf("reason", "It is older than the law")
	case "/sections/:id/move", "/items/:id/move":
		return fieldsOf("to", "up")
	}
	return url.Values{}
}

// plantCollections puts canaries into collections: what is in them is there for nobody
// who may not see the thing itself, and what is not shown is the curators' alone.
func (w *aviary) plantCollections() {
	w.t.Helper()
	ctx, author, moderator, colleague := context.Background(), w.people["author"], w.people["moderator"], w.people["colleague"]
	curators, everybody := []string{"moderator", "administrator"}, []string{"unjoined"} // who read the log; who has not joined reads no page
	asked := func(title, visibility string) string {
		return fmt.Sprintf("thread:%d", forumtest.Ask(w.t, w.store, author, forum.AskDraft{Title: title, Visibility: visibility, Suppliers: true}))
	}
	head := func(place string, may []string, must ...string) string {
		slug, err := w.curation.BeginCollection(ctx, w.people["curator"], curation.CollectionDraft{Title: w.put(place+" collection", may, must...), Intro: w.put(place+" intro", may, must...)})
		w.must(err)
		w.must(w.curation.AddSection(ctx, w.people["curator"], slug, w.put(place+" heading", may, must...)))
		w.collect(slug, asked("In "+place, "public"), w.put(place+" why", may, must...))
		return slug
	}
	head("draft", curators, "curator")
	withdrawn := head("withdrawn", curators, "curator")
	w.showCollection(withdrawn, true)
	w.showCollection(withdrawn, false)
	shown := head("shown", everybody, public...)
	w.showCollection(shown, true)
	w.must(w.curation.AddSection(ctx, w.people["curator"], shown, w.put("heading over councils", nil, colleagues...)))
	w.collect(shown, asked("For councils only", "councils"), w.put("why of councils", nil, colleagues...))
	hidden := forumtest.Ask(w.t, w.store, author, forum.AskDraft{Title: "Hidden from a collection"})
	reply := forumtest.Reply(w.t, w.store, colleague, forumtest.Ask(w.t, w.store, author, forum.AskDraft{Title: "Of which a post is hidden"}), "It names a resident").ID
	w.collect(shown, fmt.Sprintf("thread:%d", hidden), w.put("why of a hidden thread", nil))
	w.collect(shown, fmt.Sprintf("post:%d", reply), w.put("why of a hidden reply", nil))
	w.must(w.care.Hide(ctx, moderator, hidden, true, "It names a resident"))
	w.must(w.care.HidePost(ctx, moderator, reply, true, "It names a resident"))

	suggest := func(why string) {
		w.must(w.curation.Suggest(ctx, colleague, shown, curation.ItemDraft{Target: asked("Suggested", "public"), Why: why}))
	}
	suggest(w.put("declined suggestion", nil, "colleague"))
	id := w.number(`select max(id) from collection_suggestions`)
	w.must(w.curation.DeclineSuggestion(ctx, w.people["curator"], curation.Place{Slug: shown, ID: id}, w.put("reason of declining", team, "colleague")))
	suggest(w.put("suggestion", nil, "colleague", "curator"))
	w.exec(`update collections set slug = 'set-' || id`) // so that who asks for an address does not say a title
	w.exec(`
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select p.id, 'collection', k.id, 'weekly', 'chose', now() from people p cross join collections k where p.joined_at is not null
		on conflict do nothing`)
}

// collectionPaths are the addresses of collections and of all their parts.
func (w *world) collectionPaths(path string) (paths []string) {
	w.t.Helper()
	table := map[string]string{"sections": "collection_sections", "items": "collection_items", "suggestions": "collection_suggestions"}
	for _, slug := range w.column(`select slug from collections union all select slug from collection_slugs union all select 'none'`) {
		one := strings.Replace(path, ":slug", slug, 1)
		if !strings.Contains(path, ":id") {
			paths = append(paths, one)
			continue
		}
		what := strings.Split(path, "/")[3]
		for _, id := range w.column(`select x.id::text from `+table[what]+` x join collections k on k.id = x.collection_id where k.slug = $1 union all select '999999'`, slug) {
			paths = append(paths, strings.Replace(one, ":id", id, 1))
		}
	}
	return paths
}

// column reads one column of words.
func (w *world) column(sql string, args ...any) (all []string) {
	w.t.Helper()
	rows, err := w.db.Query(context.Background(), sql, args...)
	w.must(err)
	defer rows.Close()
	for rows.Next() {
		var word string
		w.must(rows.Scan(&word))
		all = append(all, word)
	}
	return all
}

// A curator puts a collection together by its forms, refused once with all that was typed;
// everybody reads it, a colleague suggests, and hears what came of it.
func TestCollectingByTheForms(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	bins := forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: "Who has moved bins online?"})
	phones := forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: "Which phones?"})
	has := func(a echo, status int, words ...string) {
		t.Helper()
		if a.status != status {
			t.Errorf("got %d, want %d: %s", a.status, status, short(a.body))
		}
		for _, word := range words {
			if !strings.Contains(a.body, word) {
				t.Errorf("it does not say %q", word)
			}
		}
	}
	has(w.post("curator", "/collections", "title", "", "intro", "For new people"), 422, "Give it a title", "For new people")
	made := w.post("curator", "/collections", "title", "Moving bins: start here", "intro", "For **new** people")
	desk := made.location(w)
	if made.status != 303 || desk != "/collections/moving-bins-start-here/edit" {
		t.Fatalf("begun: got %d, %s", made.status, desk)
	}
	at := strings.TrimSuffix(desk, "/edit")
	has(w.get("visitor", at), 404)
	has(w.post("curator", at+"/show", "on", "1"), 422, "Add something before you show it")
	has(w.post("curator", at+"/sections", "heading", "Before day one"), 303)
	section := fmt.Sprint(w.number(`select max(id) from collection_sections`))
	has(w.post("curator", at+"/items", "target", "bins", "why", "Read the end", "section", section), 422, "Say what to add", "Read the end")
	has(w.post("curator", at+"/items", "target", fmt.Sprintf("%s/threads/%d-x", w.url, bins), "why", "Read the end", "section", section), 303)
	has(w.post("curator", at+"/show", "on", "1"), 303)
	for _, path := range []string{"/collections", "/collections/moving-bins-start-here", "/feeds/collections/moving-bins-start-here.atom"} {
		has(w.get("visitor", path), 200, "Moving bins: start here")
	}
	has(w.get("visitor", "/search?q=start+here"), 200, `href="/collections/moving-bins-start-here"`)
	has(w.get("visitor", at), 200, "<strong>new</strong>", "Who has moved bins online?", "Read the end", "1 piece", "Cora Curator")
	has(w.get("visitor", fmt.Sprintf("/threads/%d-who-has-moved-bins-online", bins)), 200, "In the collection", `href="/collections/moving-bins-start-here"`)
	has(w.get("colleague", at+"/suggest"), 200, "Suggest a piece")
	has(w.post("colleague", at+"/suggestions", "target", fmt.Sprint(phones), "why", ""), 422, "Write in one sentence")
	has(w.post("colleague", at+"/suggestions", "target", fmt.Sprint(phones), "why", "Phones too"), 303)
	has(w.get("curator", "/collections"), 200, "1 suggestion waits")
	suggestion := fmt.Sprintf("%s/suggestions/%d", at, w.number(`select max(id) from collection_suggestions`))
	has(w.get("curator", suggestion), 200, "Phones too", "Which phones?")
	has(w.post("curator", suggestion+"/decline", "reason", ""), 422, "Write why not", `name="version" value="`+fmt.Sprint(w.version("moving-bins-start-here"))+`"`)
	has(w.post("curator", suggestion+"/take", "why", "Their phones", "section", section, "version", "1"), 409, "Somebody else has changed this collection", "Phones too", "Their phones")
	has(w.post("curator", suggestion+"/decline", "reason", "Another collection has it"), 303)
	has(w.get("colleague", at+"/suggest"), 200, "Another collection has it")
	part := fmt.Sprintf("%s/sections/%s", at, section)
	has(w.get("curator", part), 200, `name="version" value="`+fmt.Sprint(w.version("moving-bins-start-here"))+`"`)
	has(w.post("curator", part, "heading", "Day two", "version", "1"), 409, "Somebody else has changed this collection", "Day two")
	has(w.post("curator", part, "heading", "", "version", fmt.Sprint(w.version("moving-bins-start-here"))), 422, "Write the heading")
	item := fmt.Sprintf("%s/items/%d", at, w.number(`select max(id) from collection_items`))
	version := fmt.Sprint(w.number(`select max(version) from collections`))
	has(w.get("curator", item), 200, `name="version" value="`+version+`"`)
	has(w.post("curator", item, "why", "As one says", "section", section, "version", version), 303)
	has(w.post("curator", item, "why", "As another says", "section", section, "version", version), 409, "As one says", "As another says")
	has(w.post("curator", at, "title", "Bins", "intro", "Anew", "version", "1"), 409, "For **new** people", "Anew")
	has(w.post("curator", at, "title", "Bins", "intro", "Anew", "version", fmt.Sprint(w.number(`select max(version) from collections`))), 303)
	if a := w.get("visitor", at); a.status != 301 || a.location(w) != "/collections/bins" {
		t.Errorf("the address before: got %d, %s", a.status, a.location(w))
	}
	undo := fmt.Sprintf("/entries/%d/undo", w.number(`select max(id) from entries`))
	has(w.post("curator", undo, "return", "/collections/bins/edit"), 303)
	has(w.get("visitor", at), 200, "Moving bins: start here")
}

// Who follows a collection hears of what is added to it, and no more than they may see;
// whose work it is hears that once, and who suggested it what came of that.
func TestACollectionTellsWhatIsAdded(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	ctx := t.Context()
	w.exec(`update people set proven_email = 'p' || id || '@example.org' where joined_at is not null and erased_at is null`)
	ask := func(title, visibility string) string {
		return fmt.Sprint(forumtest.Ask(t, w.store, w.people["author"], forum.AskDraft{Title: title, Visibility: visibility, Suppliers: true}))
	}
	slug := w.begunCollection("Bins")
	w.collect(slug, ask("First of all", "public"), "Begin here")
	w.showCollection(slug, true)
	for _, as := range []string{"colleague", "supplier", "author"} {
		if a := w.post(as, "/collections/bins/follow", "cadence", "instant"); a.status != 303 {
			t.Errorf("%s follows: got %d", as, a.status)
		}
	}
	if a := w.get("colleague", "/account/emails"); !strings.Contains(a.body, `href="/collections/bins"`) || !strings.Contains(a.body, `action="/collections/bins/follow"`) {
		t.Error("what they follow does not name it")
	}
	w.exec(`update follows set since = since - interval '1 minute'`)
	w.collect(slug, ask("Open to all", "public"), "Then this")
	w.collect(slug, ask("Among councils", "councils"), "And this")
	w.must(w.curation.Suggest(ctx, w.people["lead"], slug, curation.ItemDraft{Target: ask("As the lead would", "public"), Why: "And mine"}))
	id := w.number(`select max(id) from collection_suggestions`)
	w.must(w.curation.TakeSuggestion(ctx, w.people["curator"], curation.Place{Slug: slug, ID: id}, curation.ItemDraft{Why: "And theirs", Section: w.lastSection(slug), Version: w.version(slug)}))
	tell := func() {
		for id := range w.number(`select max(id) from events`) {
			w.must(letters.New(w.store).FanOut(ctx, id+1))
		}
	}
	tell()
	tell() // which tells nobody twice
	count := func(as, kind string) int64 {
		return w.number(`select count(*) from letters l join events e on e.id = l.event_id where l.person_id = $1 and e.kind = $2`, w.people[as].ID, kind)
	}
	for _, c := range []struct {
		as, kind string
		want     int64
	}{{"colleague", "collection_added", 3}, {"supplier", "collection_added", 2}, {"author", "collection_added", 0}, {"lead", "collection_added", 0},
		{"author", "collected", 4}, {"colleague", "collected", 0}, {"lead", "suggestion_taken", 1}, {"colleague", "suggestion_taken", 0}} {
		if got := count(c.as, c.kind); got != c.want {
			t.Errorf("the %s has %d letters of %s, want %d", c.as, got, c.kind, c.want)
		}
	}
	for as, words := range map[string]string{"colleague": "added this to the collection “Bins”", "author": "put what you wrote in the collection “Bins”", "lead": "added what you suggested to the collection “Bins”"} {
		if a := w.get(as, "/account/notices"); !strings.Contains(a.body, words) {
			t.Errorf("the notices of the %s do not say %q", as, words)
		}
	}
	before := w.number(`select count(*) from events`)
	w.showCollection(slug, false)
	w.showCollection(slug, true)
	if after := w.number(`select count(*) from events`); after != before {
		t.Errorf("shown again it tells %d things anew", after-before)
	}
	w.showCollection(slug, false)
	if a := w.get("colleague", "/account/notices"); strings.Contains(a.body, "the collection") {
		t.Error("the notices tell of one that was withdrawn")
	}
	if a := w.get("colleague", "/account/emails"); strings.Contains(a.body, "/collections/bins") {
		t.Error("what they follow names one that was withdrawn")
	}
}
