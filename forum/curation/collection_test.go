package curation_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// begin begins a collection with one heading, and returns its address.
func (h *hall) begin(title string) string {
	h.t.Helper()
	slug, err := h.BeginCollection(h.t.Context(), h.cora, curation.CollectionDraft{Title: title, Intro: "Read it **in order**."})
	h.must(err)
	h.must(h.AddSection(h.t.Context(), h.cora, slug, "Before day one"))
	return slug
}

// as is a collection as somebody finds it.
func (h *hall) as(who forum.Person, slug string) curation.CollectionPage {
	h.t.Helper()
	p, err := h.CollectionPage(h.t.Context(), who, slug)
	h.must(err)
	return p
}

// put puts a thread under the nth heading.
func (h *hall) put(slug string, section int, target string, id int64) {
	h.t.Helper()
	h.must(h.AddItem(h.t.Context(), h.cora, slug, h.piece(slug, section, fmt.Sprintf("%s:%d", target, id))))
}

func (h *hall) piece(slug string, section int, target string) curation.ItemDraft {
	h.t.Helper()
	return curation.ItemDraft{Target: target, Why: "Make tea first", Section: h.as(h.cora, slug).Sections[section].ID}
}

// show shows a collection to everybody.
func (h *hall) show(slug string) {
	h.t.Helper()
	h.must(h.ShowCollection(h.t.Context(), h.cora, slug, true))
}

// titles are what somebody finds in a collection, in order, with the headings.
func (h *hall) titles(who forum.Person, slug string) string {
	h.t.Helper()
	var all []string
	for _, s := range h.as(who, slug).Sections {
		all = append(all, s.Heading+":")
		for _, i := range s.Items {
			title := i.Title
			if i.PostID != 0 {
				title += fmt.Sprintf(" #%d", i.PostNumber)
			}
			all = append(all, title)
		}
	}
	return strings.Join(all, " ")
}

// fill puts so many posts into a collection, of a thread of their own.
func (h *hall) fill(slug string, n int) {
	h.t.Helper()
	thread := h.ask(h.ada, "A long one")
	_, err := h.db.Exec(h.t.Context(), `
		with posted as (
			insert into posts (thread_id, number, author_id, job_title, lang, body, html, html_version, excerpt, posted_at)
			select $1, 1 + g, $2, '', 'en', 'x', '<p>x</p>', 1, 'x', $4 from generate_series(1, $3::int) g returning id, number
		)
		insert into collection_items (collection_id, section_id, thread_id, post_id, why, place, added_by, added_at)
		select s.collection_id, s.id, $1, p.id, 'x', 10 + p.number, $2, $4
		from posted p cross join collection_sections s join collections k on k.id = s.collection_id and k.slug = $5`, thread, h.ada.ID, n, h.Now(), slug)
	h.must(err)
}

// A draft is there for curators alone; once it is shown everybody finds it, in order, with
// whose work it is, and each thread says that it is in it.
func TestACollectionIsSeenOnceItIsShown(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	thread := h.ask(h.ada, "Bins online", h.ben)
	post := h.reply(h.ben, thread, "We did, in a week.").ID
	other := h.ask(h.ben, "Phones")
	slug := h.begin("Moving to Teams: start here")
	if slug != "moving-to-teams-start-here" {
		t.Errorf("its address is %q", slug)
	}
	refusal := forum.Invalid{}
	if err := h.ShowCollection(ctx, h.cora, slug, true); !errors.As(err, &refusal) {
		t.Errorf("an empty one is shown: %v", err)
	}
	h.put(slug, 0, "thread", thread)
	h.must(h.AddSection(ctx, h.cora, slug, "Day one"))
	h.must(h.AddItem(ctx, h.cora, slug, h.piece(slug, 1, fmt.Sprintf("https://moothall.example/threads/%d-bins-online#post-3", thread))))
	if h.number(`select post_id from collection_items where post_id is not null`) != post {
		t.Error("a post by its address is another")
	}
	h.must(h.AddItem(ctx, h.cora, slug, h.piece(slug, 0, fmt.Sprintf("https://moothall.example/threads/%d-phones", other))))
	for _, who := range []forum.Person{visitor, h.ada} {
		_, err := h.CollectionPage(ctx, who, slug)
		h.is("a draft", err, forum.ErrNotFound)
		h.is("following a draft", h.Follow(ctx, h.ada, forum.Subject{Kind: forum.ToCollection, Slug: slug}, forum.Daily), forum.ErrNotFound)
		h.is("changing a draft", h.AddSection(ctx, h.ada, slug, "Mine"), forum.ErrNotFound)
		if p := h.page(who, thread); len(p.Collections) != 0 {
			t.Errorf("the thread tells of a draft: %v", p.Collections)
		}
		list, err := h.CollectionsPage(ctx, who, 0)
		if h.must(err); len(list.Collections)+len(list.Hidden) != 0 {
			t.Errorf("the list tells of a draft: %+v", list)
		}
	}
	h.show(slug)
	h.show(slug) // which changes nothing
	if got, want := h.titles(visitor, slug), "Before day one: Bins online Phones Day one: Bins online #3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p := h.as(visitor, slug)
	if p.Collection.Items != 3 || len(p.Contributors) != 1 || p.Contributors[0].Name != "Cora" || p.Collection.Stale || p.Curates || p.CanSuggest || !strings.Contains(string(p.Collection.HTML()), "<strong>") {
		t.Errorf("it is %+v", p.Collection)
	}
	if marks := h.page(visitor, thread).Collections; len(marks) != 1 || marks[0].Slug != slug {
		t.Errorf("the thread says %v", marks)
	}
	if n := h.number(`select count(*) from entries where deed = 'showed_collection'`); n != 1 {
		t.Errorf("%d entries tell that it was shown", n)
	}
	h.is("changing another's", h.AddSection(ctx, h.ada, slug, "Mine"), forum.ErrForbidden)
	told := func() (told string) {
		h.must(h.db.QueryRow(ctx, `select string_agg(p.name || ' ' || n, ', ' order by p.name) from (
			select person_id, count(*) as n from events where kind = 'collected' group by person_id) e join people p on p.id = e.person_id`).Scan(&told))
		return told
	}
	if got := told(); got != "Ada 1, Ben 1" {
		t.Errorf("were told, and how often: %s", got)
	}
	h.must(h.ShowCollection(ctx, h.cora, slug, false))
	for _, title := range []string{"One more", "And another"} {
		h.put(slug, 0, "thread", h.ask(h.ben, title))
	}
	h.show(slug)
	if got := told(); got != "Ada 1, Ben 2" {
		t.Errorf("once two more by one of them show, were told: %s", got)
	}
	h.must(h.ShowCollection(ctx, h.cora, slug, false))
	_, err := h.CollectionPage(ctx, visitor, slug)
	h.is("a withdrawn one", err, forum.ErrNotFound)
}

// What is hidden, taken back or for councils only is there for nobody who may not see it,
// and no count tells of it; what is moved is where it is now.
func TestACollectionHidesWhatIsHidden(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	open, hidden, gone := h.ask(h.ada, "Open", h.ben), h.ask(h.ada, "Hidden"), h.ask(h.ada, "Gone")
	councils := forumtest.Ask(t, h.Store.Store, h.ada, forum.AskDraft{Title: "Among councils", Visibility: "councils"})
	post := h.reply(h.ben, open, "It names a resident").ID
	slug := h.begin("Bins")
	h.put(slug, 0, "thread", open)
	h.must(h.AddSection(ctx, h.cora, slug, "Later"))
	for _, id := range []int64{hidden, gone, councils} {
		h.put(slug, 1, "thread", id)
	}
	h.put(slug, 1, "post", post)
	h.show(slug)
	mod := h.moderator()
	h.must(h.care.Hide(ctx, mod, hidden, true, "It names a resident"))
	h.must(h.care.HidePost(ctx, mod, post, true, "It names a resident"))
	_, err := h.Delete(ctx, h.ada, h.number(`select min(id) from posts where thread_id = $1`, gone))
	h.must(err)
	supplier := forumtest.SupplierOf(t, h.Store.Store, "Sue", "Binwatch")
	for _, c := range []struct {
		who  forum.Person
		want string
		n    int
	}{
		{visitor, "Before day one: Open", 1}, {supplier, "Before day one: Open", 1},
		{h.ada, "Before day one: Open Later: Among councils", 2}, {h.cora, "Before day one: Open Later: Among councils", 2},
	} {
		p := h.as(c.who, slug)
		list, err := h.CollectionsPage(ctx, c.who, 0)
		h.must(err)
		if got := h.titles(c.who, slug); got != c.want || p.Collection.Items != c.n || list.Collections[0].Items != c.n {
			t.Errorf("%s finds %q, %d and %d in it; want %q, %d", c.who.Name, got, p.Collection.Items, list.Collections[0].Items, c.want, c.n)
		}
	}
	desk, err := h.CollectionDesk(ctx, h.cora, slug)
	if h.must(err); len(desk.Gone) != 3 {
		t.Errorf("of what nobody sees the desk has %d", len(desk.Gone))
	}
	h.must(h.RemoveItem(ctx, h.cora, curation.Place{Slug: slug, ID: desk.Gone[0].ID}))
	_, feed, err := h.CollectionFeed(ctx, slug)
	if h.must(err); len(feed) != 1 || feed[0].Title != "Open" {
		t.Errorf("the feed has %+v", feed)
	}
	into := h.ask(h.ben, "Another")
	h.must(h.merge(open, into))
	if got := h.titles(visitor, slug); got != "Before day one: Another" {
		t.Errorf("once it is merged they find %q", got)
	}
}

// Buttons move what is in it up and down, over headings too; what is undone is as it was,
// step by step, and what somebody else has changed since is not.
func TestACollectionIsOrderedAndUndone(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	a, b, c := h.ask(h.ada, "A"), h.ask(h.ada, "B"), h.ask(h.ada, "C")
	slug := h.begin("Bins")
	h.must(h.AddSection(ctx, h.cora, slug, "Two"))
	h.put(slug, 0, "thread", a)
	h.put(slug, 0, "thread", b)
	h.put(slug, 1, "thread", c)
	h.show(slug)
	item := func(title string) curation.Place {
		for _, s := range h.as(h.cora, slug).Sections {
			for _, i := range s.Items {
				if i.Title == title {
					return curation.Place{Slug: slug, ID: i.ID}
				}
			}
		}
		return curation.Place{Slug: slug, ID: 999999}
	}
	said := func(want string) {
		t.Helper()
		if got := h.titles(visitor, slug); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	h.must(h.MoveItem(ctx, h.cora, item("B"), "up"))
	said("Before day one: B A Two: C")
	h.must(h.MoveItem(ctx, h.cora, item("A"), "down"))
	said("Before day one: B Two: A C")
	moved := h.last()
	h.must(h.MoveItem(ctx, h.cora, item("C"), "1"))
	said("Before day one: B Two: C A")
	h.must(h.MoveSection(ctx, h.cora, curation.Place{Slug: slug, ID: h.as(h.cora, slug).Sections[1].ID}, "up"))
	said("Two: C A Before day one: B")
	sections := h.last()
	h.must(h.RemoveSection(ctx, h.cora, curation.Place{Slug: slug, ID: h.as(h.cora, slug).Sections[0].ID}))
	said("Before day one: B")
	if got := refused(h.MoveItem(ctx, h.cora, item("B"), "aside")); !slices.Equal(got, []string{"to"}) {
		t.Errorf("no place at all: %v", got)
	}
	h.is("what is not there", h.MoveItem(ctx, h.cora, item("A"), "up"), forum.ErrNotFound)
	h.is("an older change first", h.undo(h.cora, moved), forum.ErrConflict)
	removed := h.last()
	h.must(h.undo(h.cora, removed))
	h.must(h.undo(h.cora, removed)) // which changes nothing
	said("Two: C A Before day one: B")
	h.must(h.undo(h.cora, sections))
	said("Before day one: B Two: C A")
	desk, err := h.CollectionDesk(ctx, h.cora, slug)
	if h.must(err); !desk.Changes[0].Undone || !slices.ContainsFunc(desk.Changes, func(c curation.CollectionChange) bool { return c.Stands && !c.Undone }) {
		t.Errorf("the desk says %+v", desk.Changes)
	}
	if n := h.number(`select count(*) from events where kind = 'collected'`); n != 1 { // all three are hers
		t.Errorf("their author was told %d times", n)
	}
}

// A new title gives a new address, and the one before leads there. Two curators at once
// do not write over each other.
func TestACollectionIsRenamed(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	slug := h.begin("Bins")
	h.put(slug, 0, "thread", h.ask(h.ada, "A"))
	h.show(slug)
	draft := curation.CollectionDraft{Title: "Waste", Intro: "Read on", Version: h.as(h.cora, slug).Collection.Version}
	now, err := h.ChangeCollection(ctx, h.cora, slug, draft)
	if h.must(err); now != "waste" {
		t.Errorf("it is at %q now", now)
	}
	if p := h.as(visitor, "bins"); p.Moved != "waste" {
		t.Errorf("the address before leads to %q", p.Moved)
	}
	_, err = h.ChangeCollection(ctx, h.cora, "waste", draft)
	h.is("what somebody else changed", err, forum.ErrConflict)
	if again, err := h.BeginCollection(ctx, h.cora, curation.CollectionDraft{Title: "Bins", Intro: "Anew"}); err != nil || again != "bins-2" {
		t.Errorf("another of that name is at %q (%v)", again, err)
	}
	if made, err := h.BeginCollection(ctx, h.cora, curation.CollectionDraft{Title: "New", Intro: "Anew"}); err != nil || made == "new" {
		t.Errorf("one takes the address of a form: %q (%v)", made, err)
	}
	h.must(h.undo(h.cora, h.number(`select max(id) from entries where deed = 'changed_collection'`)))
	if p := h.as(visitor, "waste"); p.Moved != "bins" || p.Collection.Title != "Bins" {
		t.Errorf("undone it is %+v", p.Collection)
	}
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() { _ = h.AddSection(ctx, h.cora, "bins", fmt.Sprint("Heading ", n)) })
	}
	all.Wait()
	if n := len(h.as(h.cora, "bins").Sections); n != 5 {
		t.Errorf("of headings added at once %d are there", n)
	}
}

// What is refused, and at which field.
func TestWhatNoCollectionTakes(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	slug := h.begin("Bins")
	thread, hidden := h.ask(h.ada, "A"), h.ask(h.ada, "B")
	h.put(slug, 0, "thread", thread)
	h.must(h.care.Hide(ctx, h.moderator(), hidden, true, "It names a resident"))
	fine := h.piece(slug, 0, fmt.Sprintf("thread:%d", h.ask(h.ada, "C")))
	for name, c := range map[string]struct {
		change func(*curation.ItemDraft)
		want   string
	}{
		"nothing":      {func(d *curation.ItemDraft) { d.Target = "bins" }, "target"},
		"no such post": {func(d *curation.ItemDraft) { d.Target = fmt.Sprintf("/threads/%d-a?page=9#post-99", thread) }, "target"},
		"its opening":  {func(d *curation.ItemDraft) { d.Target = fmt.Sprintf("/threads/%d-a#post-1", thread) }, "target"},
		"absent":       {func(d *curation.ItemDraft) { d.Target = "999999" }, "target"},
		"endless":      {func(d *curation.ItemDraft) { d.Target = strings.Repeat("9", 40) }, "target"},
		"hidden":       {func(d *curation.ItemDraft) { d.Target = fmt.Sprint(hidden) }, "target"},
		"already":      {func(d *curation.ItemDraft) { d.Target = fmt.Sprint(thread) }, "target"},
		"no reason":    {func(d *curation.ItemDraft) { d.Why = " \n " }, "why"},
		"too long":     {func(d *curation.ItemDraft) { d.Why = strings.Repeat("ŵ", 501) }, "why"},
		"no heading":   {func(d *curation.ItemDraft) { d.Section = 0 }, "section"},
		"another's":    {func(d *curation.ItemDraft) { d.Section = h.as(h.cora, h.begin("Other")).Sections[0].ID }, "section"},
		"its own post": {func(d *curation.ItemDraft) {
			d.Target = fmt.Sprintf("post:%d", h.number(`select min(id) from posts where thread_id = $1`, thread))
		}, "target"},
	} {
		draft := fine
		c.change(&draft)
		if got := refused(h.AddItem(ctx, h.cora, slug, draft)); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: got %v, want %s", name, got, c.want)
		}
	}
	h.fill(slug, curation.ItemsMost-1)
	if got := refused(h.AddItem(ctx, h.cora, slug, fine)); !slices.Equal(got, []string{"target"}) {
		t.Errorf("one thing too many: %v", got)
	}
	for n := range curation.SectionsMost - 1 {
		h.must(h.AddSection(ctx, h.cora, slug, fmt.Sprint("Heading ", n)))
	}
	if got := refused(h.AddSection(ctx, h.cora, slug, "One more")); !slices.Equal(got, []string{"heading"}) {
		t.Errorf("one heading too many: %v", got)
	}
	_, err := h.BeginCollection(ctx, h.cora, curation.CollectionDraft{Title: strings.Repeat("x", 151), Lang: "fr"})
	if got := refused(err); !slices.Equal(got, []string{"title", "intro", "lang"}) {
		t.Errorf("a head with nothing right: %v", got)
	}
	_, err = h.BeginCollection(ctx, h.ada, curation.CollectionDraft{Title: "Mine", Intro: "Mine"})
	h.is("no curator", err, forum.ErrForbidden)
}

// A page says so when nobody has looked at it for a year, until somebody does.
func TestACollectionIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	slug := h.begin("Bins")
	h.put(slug, 0, "thread", h.ask(h.ada, "A"))
	h.show(slug)
	h.clock.Advance(366 * 24 * time.Hour)
	if !h.as(visitor, slug).Collection.Stale {
		t.Error("it is not old after a year")
	}
	h.is("no curator", h.ReviewCollection(t.Context(), h.ada, slug), forum.ErrForbidden)
	h.must(h.ReviewCollection(t.Context(), h.cora, slug))
	if h.as(visitor, slug).Collection.Stale {
		t.Error("it is old although it was looked at")
	}
	h.must(h.undo(h.cora, h.last()))
	if !h.as(visitor, slug).Collection.Stale {
		t.Error("undone it is not old again")
	}
}
