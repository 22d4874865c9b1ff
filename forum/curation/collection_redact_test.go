package curation_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
)

// A thing that is taken out of a collection, or comes back, while words are taken out of it
// leaves them nowhere, whichever is first.
func TestACollectionIsChangedWhileItIsRedacted(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	mod := h.moderator()
	for n := range 8 {
		slug := h.begin("Advice from Joe Bloggs")
		h.must(h.AddSection(ctx, h.cora, slug, "Joe Bloggs explains"))
		thread := h.ask(h.ada, "Bins", h.ben)
		post := h.reply(h.ben, thread, "Ask Joe Bloggs.").ID
		h.put(slug, 0, "thread", h.ask(h.ada, "Another"))
		h.put(slug, 1, "post", post)
		put := h.last()
		if n%2 == 1 {
			h.must(h.RemoveSection(ctx, h.cora, curation.Place{Slug: slug, ID: h.as(h.cora, slug).Sections[1].ID}))
			put = h.last()
		}
		var undone, redacted error
		var both sync.WaitGroup
		both.Go(func() { undone = h.undo(h.cora, put) })
		both.Go(func() {
			_, redacted = h.Redact(ctx, mod, post, forum.RedactDraft{Passage: "Joe Bloggs", Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}})
		})
		both.Wait()
		if undone != nil || redacted != nil {
			t.Fatalf("undone: %v; redacted: %v", undone, redacted)
		}
	}
	if n := h.number(`select (select count(*) from collections k where k::text ~* 'bloggs') + (select count(*) from collection_slugs k where k::text ~* 'bloggs')
		+ (select count(*) from collection_sections k where k::text ~* 'bloggs') + (select count(*) from collection_changes k where k::text ~* 'bloggs') + (select count(*) from entries k where k::text ~* 'bloggs')`); n != 0 {
		t.Errorf("%d rows tell of it", n)
	}
}

// Who has a post, with its thread, may wait for a collection that it is in. So who has the
// collection waits for neither: two that waited for each other would both be long.
func TestACollectionIsChangedWhileSomebodyHasWhatIsInIt(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	slug := h.begin("Bins")
	thread := h.ask(h.ada, "Who has moved bins online?")
	post := h.reply(h.ben, thread, "We did.").ID
	h.put(slug, 0, "post", post)
	h.must(h.RemoveItem(ctx, h.cora, curation.Place{Slug: slug, ID: h.as(h.cora, slug).Sections[0].Items[0].ID}))
	took := h.last()
	h.must(h.Do(ctx, h.ada, func(d *forum.Deed) error {
		if _, _, err := d.Post(ctx, post); err != nil {
			return err
		}
		return h.care.Undo(ctx, h.cora, took, "")
	}))
	if n := h.number(`select count(*) from collection_items`); n != 1 {
		t.Errorf("%d things are in it", n)
	}
}

// A form that was open while words were taken out does not write them back: of a heading,
// or of what somebody suggested.
func TestAnOpenFormDoesNotBringWordsBack(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	const name = "Joe Bloggs"
	redact := func(post int64) {
		t.Helper()
		_, err := h.Redact(ctx, h.moderator(), post, forum.RedactDraft{Passage: name, Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}})
		h.must(err)
	}
	slug := h.begin("Bins")
	thread := h.ask(h.ada, "Who has moved bins online?")
	h.put(slug, 0, "thread", thread)
	h.show(slug)
	h.must(h.AddSection(ctx, h.cora, slug, name+" explains"))
	heading := h.as(h.cora, slug)
	redact(h.reply(h.ben, thread, "Ask "+name).ID)
	at := curation.Place{Slug: slug, ID: heading.Sections[1].ID}
	h.is("a heading", h.NameSection(ctx, h.cora, at, curation.SectionDraft{Heading: name + " explains", Version: heading.Collection.Version}), forum.ErrConflict)

	other := h.ask(h.ada, "Another?")
	post := h.reply(h.ben, other, "Ask "+name).ID
	h.must(h.Suggest(ctx, h.ada, slug, curation.ItemDraft{Target: fmt.Sprintf("post:%d", post), Why: name + " knows"}))
	desk, err := h.CollectionDesk(ctx, h.cora, slug)
	h.must(err)
	redact(post)
	w := desk.Waiting[0]
	take := curation.ItemDraft{Why: w.Why, Section: at.ID, Version: desk.Collection.Version}
	h.is("a suggestion", h.TakeSuggestion(ctx, h.cora, curation.Place{Slug: slug, ID: w.ID}, take), forum.ErrConflict)
	if n := h.number(`select (select count(*) from collection_items i where i.why like '%Bloggs%') + (select count(*) from collection_sections s where s.heading like '%Bloggs%')`); n != 0 {
		t.Error("it is back")
	}
	take.Why, take.Version = "They know", h.as(h.cora, slug).Collection.Version
	h.must(h.TakeSuggestion(ctx, h.cora, curation.Place{Slug: slug, ID: w.ID}, take))
	h.must(h.NameSection(ctx, h.cora, at, curation.SectionDraft{Heading: "Somebody explains", Version: h.as(h.cora, slug).Collection.Version}))
}

// A passage that is taken out of a post is gone from what curators say of it, and from
// what was suggested; what is undone does not bring it back.
func TestACollectionIsRedactedWithItsPost(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	const name = "Joe Bloggs of 4 Elm Road"
	thread := h.ask(h.ada, "Bins")
	post := h.reply(h.ben, thread, "It was "+name+" who said so").ID
	slug := h.begin("Bins")
	draft := h.piece(slug, 0, fmt.Sprintf("post:%d", post))
	draft.Why = "See what " + name + " says"
	h.must(h.AddItem(ctx, h.cora, slug, draft))
	h.put(slug, 0, "thread", thread)
	h.show(slug)
	other := h.begin("Waste")
	h.put(other, 0, "thread", thread)
	h.show(other)
	h.must(h.Suggest(ctx, h.ada, other, curation.ItemDraft{Target: fmt.Sprintf("post:%d", post), Why: name + " knows"}))
	_, err := h.db.Exec(ctx, `with k as (update collections set intro = 'As ' || $2 || ' said.' where slug = $1 returning id)
		update collection_sections set heading = $2 where collection_id = (select id from k)`, slug, name) // what nobody looked at before
	h.must(err)
	_, err = h.Redact(ctx, h.moderator(), post, forum.RedactDraft{Passage: name, Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}})
	h.must(err)
	p := h.as(visitor, slug)
	if n := h.number(`select count(*) from collections k join collection_sections s on s.collection_id = k.id where k.intro || s.heading like '%Bloggs%'`); n != 0 {
		t.Error("introduction and heading say it still")
	}
	if got := p.Sections[0].Items[0].Why; got != "See what [removed] says" {
		t.Errorf("a curator says %q", got)
	}
	desk, err := h.CollectionDesk(ctx, h.cora, other)
	if h.must(err); desk.Waiting[0].Why != "[removed] knows" {
		t.Errorf("the suggestion says %q", desk.Waiting[0].Why)
	}
	if n := h.number(`select count(*) from collection_changes where was::text like '%Bloggs%'`); n != 0 {
		t.Errorf("%d changes would bring it back", n)
	}
	for h.undo(h.cora, h.number(`select stands_at from collections where slug = $1`, slug)) == nil { // as far back as it goes
		if n := h.number(`select count(*) from collection_items i join collection_sections s on s.id = i.section_id where i.why || s.heading like '%Bloggs%'`); n != 0 {
			t.Fatal("what is undone says it again")
		}
	}
	if n := h.number(`select count(*) from collection_items i join collections k on k.id = i.collection_id where k.slug = $1`, slug); n != 0 {
		t.Errorf("undone, %d things are left in it", n)
	}
}

// What a collection is called may be what was taken out of something in it: then no title,
// heading, address or line of the record says it, nor do they when the thing is taken out
// again, by whichever way.
func TestACollectionLosesTheNameOfWhatWasRedacted(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	const name = "Zebulon Quartz"
	slug := h.begin("Mr " + name + " explains")
	renamed := func(title string) {
		t.Helper()
		var err error
		slug, err = h.ChangeCollection(ctx, h.cora, slug, curation.CollectionDraft{Title: title, Intro: "By **" + name + "**", Version: h.as(h.cora, slug).Collection.Version})
		h.must(err)
	}
	renamed("Advice from " + name)
	h.must(h.AddSection(ctx, h.cora, slug, name+" in person"))
	h.put(slug, 1, "thread", h.ask(h.ada, "Another"))
	h.show(slug)
	thread := h.ask(h.ada, "Bins", h.ben)
	post := h.reply(h.ben, thread, "It was "+name+" who said so").ID
	h.put(slug, 0, "thread", thread)
	put := h.last()
	taken, err := h.BeginCollection(ctx, h.cora, curation.CollectionDraft{Title: "Advice from [removed]", Intro: "Another"})
	h.must(err)
	_, err = h.Redact(ctx, h.moderator(), post, forum.RedactDraft{Passage: name, Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}})
	h.must(err)
	says := func(when string) {
		t.Helper()
		n := h.number(`select (select count(*) from collections k where k::text ~* 'quartz') + (select count(*) from collection_slugs k where k::text ~* 'quartz')
			+ (select count(*) from collection_sections k where k::text ~* 'quartz') + (select count(*) from collection_changes k where k::text ~* 'zebulon.quartz') + (select count(*) from entries k where k::text ~* 'zebulon quartz')`)
		if n != 0 {
			t.Errorf("%s, %d rows tell of it", when, n)
		}
	}
	says("redacted")
	p := h.as(visitor, "advice-from-removed-2")
	if p.Collection.Title != "Advice from [removed]" || p.Collection.Intro != "By **[removed]**" || p.Sections[1].Heading != "[removed] in person" || taken != "advice-from-removed" {
		t.Errorf("it says %+v, and %q has its address", p, taken)
	}
	_, err = h.CollectionPage(ctx, visitor, slug)
	h.is("at the address before", err, forum.ErrNotFound)
	h.must(h.undo(h.cora, put))
	says("taken out again")
	if got := h.titles(visitor, "advice-from-removed-2"); got != "[removed] in person: Another" {
		t.Errorf("undone they find %q", got)
	}
}
