package app_test

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
	"moothall/forum/letters"
	"moothall/forum/projects"
)

// canary is a word that stands in one place alone. Those who may come upon it are
// named, and those who must: else the crawl would prove nothing.
type canary struct {
	word      string
	may, must []string
}

// aviary is a world with a canary in each place that is not for everybody.
type aviary struct {
	*world
	canaries []canary
}

var (
	team       = []string{"curator", "moderator", "administrator"}
	colleagues = []string{"colleague", "author", "lead", "lead-elsewhere", "curator", "moderator", "administrator"}
	public     = []string{"visitor", "newcomer", "colleague", "author", "supplier", "lead", "lead-elsewhere", "curator", "moderator",
		"administrator", "suspended", "suspended-moderator", "ended", "erased", "turned", "barred", "falling", "leaving"}
)

// put makes the canary of a place: who may see it, and who must.
func (w *aviary) put(place string, may []string, must ...string) string {
	word := "zz" + strings.ReplaceAll(place, " ", "") + "zz"
	if slices.ContainsFunc(w.canaries, func(c canary) bool { return c.word == word }) {
		w.t.Fatalf("two canaries are called %s", word)
	}
	w.canaries = append(w.canaries, canary{word, append(slices.Clone(may), must...), must})
	return word
}

// openAviary starts a site with everybody on it and a canary everywhere.
func openAviary(t *testing.T) *aviary {
	t.Helper()
	w := &aviary{world: openCast(t)}
	w.plantThreads()
	w.plantPosts()
	w.plantPeople()
	w.plantDrafts()
	w.plantMarks()
	w.plantEdits()
	w.plantProjects()
	w.plantHighlights()
	w.plantBanners()
	w.plantDesk()
	w.plantCollections()
	w.plantNewsletters()
	w.plantNotices()
	return w
}

// plantThreads puts canaries into threads as a whole.
func (w *aviary) plantThreads() {
	w.t.Helper()
	ctx := context.Background()
	author, moderator, newcomer := w.people["author"], w.people["moderator"], w.people["newcomer"]
	teamAndAuthor := append([]string{"author"}, team...)
	ask := func(who forum.Person, draft forum.AskDraft) int64 {
		draft.Suppliers = true
		return forumtest.Ask(w.t, w.store, who, draft)
	}
	hidden := ask(author, forum.AskDraft{Title: w.put("hidden title", nil, teamAndAuthor...), Body: w.put("hidden body", nil, teamAndAuthor...)})
	w.sum(hidden, w.put("hidden gist", nil, teamAndAuthor...))
	w.must(w.care.Report(ctx, w.people["colleague"], hidden, 0, w.put("reason of a decided report", nil)))
	w.must(w.care.Hide(ctx, moderator, hidden, true, w.put("reason of hiding", nil, teamAndAuthor...)))

	councils := ask(author, forum.AskDraft{Title: w.put("councils title", nil, colleagues...), Body: w.put("councils body", nil, colleagues...), Visibility: "councils"})
	forumtest.Reply(w.t, w.store, w.people["colleague"], councils, w.put("councils reply", nil, colleagues...))

	w.sum(councils, w.put("old gist", nil))
	w.sum(councils, w.put("councils gist", nil, colleagues...))
	w.must(w.curation.Pin(ctx, w.people["curator"], councils, curation.PinDraft{Topic: "waste-management", Until: time.Now().AddDate(0, 1, 0), Reason: w.put("reason of pinning", nil, colleagues...)}))

	waiting := append([]string{"newcomer", "lead"}, team...)
	ask(newcomer, forum.AskDraft{Title: w.put("held title", nil, waiting...), Body: w.put("held body", nil, waiting...)})
	drifter := forumtest.NewcomerOf(w.t, w.store, w.put("unplaced name", nil, team...), forum.NotListed)
	ask(drifter, forum.AskDraft{Title: w.put("unplaced title", nil, team...), Body: w.put("unplaced body", nil, team...)})

	taken := ask(author, forum.AskDraft{Title: w.put("deleted title", nil), Body: w.put("deleted body", nil)})
	_, err := w.store.Delete(ctx, author, w.opening(taken))
	w.must(err)

	edited := ask(author, forum.AskDraft{Title: w.put("old title", nil), Body: w.put("old body", nil)})
	_, err = w.store.Edit(ctx, author, w.opening(edited), forum.EditDraft{Title: "A title that says less", Body: "And less of a body",
		Topics: []string{"waste-management"}, Version: 1})
	w.must(err)
	_, err = w.store.Edit(ctx, moderator, w.opening(edited), forum.EditDraft{Title: "A title that says less", Body: "And even less of a body",
		Topics: []string{"waste-management"}, Version: 2, Reason: w.put("reason of an edit", nil, public...)})
	w.must(err)
}

// sum says above a thread what it has come to.
func (w *aviary) sum(thread int64, body string) {
	w.t.Helper()
	version := w.number(`select coalesce(max(version), 0) from summaries where thread_id = $1`, thread)
	w.must(w.curation.Summarise(context.Background(), w.people["curator"], thread, curation.SummaryDraft{Body: body, Version: int(version)}))
}

// plantPosts puts canaries into the posts of a thread that everybody sees.
func (w *aviary) plantPosts() {
	w.t.Helper()
	ctx := context.Background()
	author, moderator, newcomer, colleague := w.people["author"], w.people["moderator"], w.people["newcomer"], w.people["colleague"]
	teamAndAuthor := append([]string{"author"}, team...)
	thread := forumtest.Ask(w.t, w.store, author, forum.AskDraft{Title: "Seen by " + w.put("everybody", []string{"unjoined"}, public...), Suppliers: true})
	quoted := func(body string) {
		number := w.number(`select post_count from threads where id = $1`, thread)
		_, err := w.store.Reply(ctx, colleague, thread, forum.PostDraft{Body: body, Quote: int(number)})
		w.must(err)
	}
	hidden := forumtest.Reply(w.t, w.store, author, thread, w.put("hidden post", nil, teamAndAuthor...))
	quoted("I do not agree with that")
	w.must(w.care.Report(ctx, colleague, 0, hidden.ID, w.put("reason of a report decided by hiding", nil)))
	w.must(w.care.HidePost(ctx, moderator, hidden.ID, true, w.put("reason of hiding a post", nil, teamAndAuthor...)))

	gone := forumtest.Reply(w.t, w.store, author, thread, w.put("deleted post", nil))
	quoted("Nor with this")
	_, err := w.store.Delete(ctx, author, gone.ID)
	w.must(err)

	forumtest.Reply(w.t, w.store, newcomer, thread, w.put("held post", nil, append([]string{"newcomer", "lead"}, team...)...))
	heldAndHidden := forumtest.Reply(w.t, w.store, newcomer, thread, w.put("held and hidden post", nil, append([]string{"newcomer"}, team...)...))
	w.must(w.care.HidePost(ctx, moderator, heldAndHidden.ID, true, w.put("reason of hiding a held post", team, "newcomer", "moderator")))

	plain := forumtest.Reply(w.t, w.store, author, thread, "Nothing wrong here")
	w.must(w.care.Report(ctx, colleague, 0, plain.ID, w.put("reason of a report", nil, "moderator")))
	kept := forumtest.Reply(w.t, w.store, author, thread, "Nor here")
	w.must(w.care.Report(ctx, colleague, 0, kept.ID, w.put("reason of a report that was kept", nil)))
	report := w.number(`select max(id) from reports`)
	w.must(w.care.Keep(ctx, moderator, report, w.put("reason of keeping", []string{"curator", "administrator"}, "moderator")))
}

// plantPeople puts canaries into what is known of people.
func (w *aviary) plantPeople() {
	w.t.Helper()
	ctx := context.Background()
	waiting := append([]string{"lead"}, team...)
	w.join(w.put("newcomers address", nil, "lead", "curator")+"@elsewhere.example",
		forum.JoinDraft{Name: w.put("newcomers name", nil, waiting...), JobTitle: w.put("newcomers job", nil, waiting...), Council: "northmoor"})
	w.join("", forum.JoinDraft{Name: w.put("hopefuls name", nil, team...), JobTitle: "Sales", Company: w.put("hopefuls company", nil, team...)})

	turned := w.add("turned", forumtest.NewcomerOf(w.t, w.store, "Ted Turned", "Northmoor"))
	w.must(w.care.TurnAway(ctx, w.people["curator"], turned.ID, w.put("reason of turning away", waiting, "turned", "lead", "curator", "moderator")))

	barred := w.add("barred", w.colleague("Bea Barred", "Southmoor"))
	w.must(w.care.Suspend(ctx, w.people["moderator"], barred.ID, time.Now().Add(99*time.Hour),
		w.put("reason of suspending", []string{"curator", "administrator"}, "barred", "moderator")))

	w.exec(`update people set proven_email = $2 where id = $1`, w.people["colleague"].ID, w.put("colleagues address", []string{"colleague"})+"@southmoor.example")
	w.exec(`update people set name = $2 where id = $1`, w.people["unjoined"].ID, w.put("name of who has not joined", nil, "unjoined"))
	w.exec(`update people set name = $2, handle = $2 where id = $1`, w.people["erased"].ID, w.put("name of who is erased", nil))
	_, err := w.sessions.Start(ctx, w.people["colleague"].ID, "dev", w.put("device", nil, "colleague"))
	w.must(err)
	w.exec(`update identities set subject = $2 where person_id = $1`, w.people["colleague"].ID, w.put("subject", nil))
}

// plantDrafts puts canaries into what people have typed and not posted.
func (w *aviary) plantDrafts() {
	w.t.Helper()
	ctx := context.Background()
	colleague, author := w.people["colleague"], w.people["author"]
	keep := func(who forum.Person, kind forum.DraftKind, target int64, fields ...string) {
		w.must(w.store.KeepDraft(ctx, who, kind, target, fieldsOf(fields...)))
	}
	post := w.number(`select p.id from posts p join threads t on t.id = p.thread_id
		where p.author_id = $1 and p.number > 1 and p.hidden_at is null and p.deleted_at is null order by p.id limit 1`, author.ID)
	thread := w.number(`select thread_id from posts where id = $1`, post)
	keep(colleague, forum.DraftAsk, 0, "title", w.put("draft title", nil, "colleague"), "body", w.put("draft body", nil, "colleague"))
	keep(colleague, forum.DraftReply, thread, "body", w.put("draft of a reply", nil, "colleague"))
	keep(author, forum.DraftEdit, post, "body", w.put("draft of an edit", nil, "author"), "version", "1")
	keep(colleague, forum.DraftReport, post, "reason", w.put("draft of a report", nil, "colleague"))
}

// plantMarks puts canaries into what is said by a press, and into what it quotes.
func (w *aviary) plantMarks() {
	w.t.Helper()
	ctx := context.Background()
	author, colleague := w.people["author"], w.people["colleague"]
	ask := func(title, visibility string) int64 {
		return forumtest.Ask(w.t, w.store, author, forum.AskDraft{Title: title, Visibility: visibility, Suppliers: true})
	}
	councils := ask("Accepted among councils", "councils")
	w.accepted(councils, forumtest.Reply(w.t, w.store, colleague, councils, w.put("councils accepted answer", nil, colleagues...)).ID)
	w.must(w.store.TellOutcome(ctx, author, councils, forum.OutcomeDraft{Answer: "partly", Note: w.put("councils note on an answer", nil, colleagues...)}))
	w.must(w.store.Solve(ctx, author, ask("Solved among councils", "councils"), true, w.put("councils way of solving", nil, colleagues...)))

	public := ask("Accepted and hidden", "public")
	hidden := forumtest.Reply(w.t, w.store, author, public, w.put("hidden answer", nil, append([]string{"author"}, team...)...)).ID
	w.accepted(public, hidden)
	w.must(w.store.TellOutcome(ctx, author, public, forum.OutcomeDraft{Answer: "worked", Note: w.put("note on a hidden answer", nil)}))
	w.must(w.care.HidePost(ctx, w.people["moderator"], hidden, true, "It names a resident"))
}

// plantProjects puts canaries into the facts of projects, which are a side door of the
// threads that they belong to.
func (w *aviary) plantProjects() {
	w.t.Helper()
	ctx, author, built := context.Background(), w.people["author"], projects.New(w.store)
	plant := func(place, visibility string, may []string, must ...string) int64 {
		asked, err := built.Start(ctx, author, projects.Draft{Title: w.put(place+" project", may, must...), Summary: w.put(place+" summary", may, must...),
			Phase: "alpha", Visibility: visibility, Topics: []string{"waste-management"}})
		w.must(err)
		for i, field := range []string{"problem", "standard"} {
			w.must(built.SetFact(ctx, author, asked.ID, projects.FactDraft{Field: field, Text: w.put(place+" "+field, may, must...), Version: i + 1}))
		}
		_, err = built.ShareLesson(ctx, author, projects.LessonDraft{Title: w.put(place+" lesson", may, must...), Happened: w.put(place+" end", may, must...),
			Did: w.put(place+" did", may, must...), Advice: w.put(place+" advice", may, must...), Verdict: "no", Visibility: visibility,
			Project: fmt.Sprint(asked.ID), Topics: []string{"waste-management"}})
		w.must(err)
		w.must(built.UseProduct(ctx, author, asked.ID, projects.ProductDraft{Name: w.put(place+" product", may, must...), New: true}))
		seen := must
		if place == "hidden" {
			may, seen = must, nil // its own page does not say who sells what it names
		}
		w.exec(`update products set supplier = $1 where id = (select max(id) from products)`, w.put(place+" supplier", may, seen...))
		w.exec(`update suppliers set about = $1 where id = (select max(id) from suppliers)`, w.put(place+" about a supplier", may, seen...))
		return asked.ID
	}
	open := plant("public", "public", []string{"unjoined"}, public...)
	w.must(built.AskToSpeak(ctx, w.people["supplier"], "zzpublicsupplierzz", w.put("note of a claim", []string{"supplier"}, "curator")))
	plant("councils", "councils", nil, colleagues...)
	w.must(built.Reuse(ctx, w.people["colleague"], open, projects.ReuseDraft{Kind: "reuse", Note: w.put("note of a reuse", []string{"unjoined"}, public...)}))
	w.must(built.Reuse(ctx, w.people["colleague"], open, projects.ReuseDraft{Kind: "join", Visibility: "councils", Note: w.put("councils note of a reuse", nil, colleagues...)}))
	hidden := plant("hidden", "public", nil, append([]string{"author"}, team...)...)
	for _, id := range []int64{hidden, w.number(`select max(thread_id) from lessons`)} {
		w.must(w.care.Hide(ctx, w.people["moderator"], id, true, "It names a resident"))
	}
	end := fieldsOf("field", "product", "product", "zzcontractzz", "product_new", "1", "product_end", "2031-07")
	if a := w.send(knock{method: "POST", path: fmt.Sprintf("/projects/%d/facts", open), cookie: w.cookies["author"], form: end}); a.status != 303 {
		w.t.Fatalf("naming a product: got %d", a.status)
	}
	w.canaries = append(w.canaries, canary{"july 2031", colleagues, colleagues}) // when a contract ends
}

// plantNotices has everybody told of everything, and of what is nobody’s: the job has
// run before something was hidden, and nobody looked since.
func (w *aviary) plantNotices() {
	w.t.Helper()
	w.exec(`
		insert into notices (person_id, event_id, thread_id, post_id, reason, at)
		select p.id, e.id, e.thread_id, e.post_id, case e.kind when 'post_edited' then 'mentioned' else 'chose' end, e.at from people p cross join events e -- of an edit nobody else is told
		where p.joined_at is not null and e.thread_id is not null and e.kind = any($1)
		on conflict do nothing`, letters.Told())
	w.exec(`insert into events (kind, at, doer_id, thread_id, post_id)
		select 'post_added', p.posted_at, p.author_id, p.thread_id, p.id from posts p where p.held_at is not null`)
	w.exec(`
		insert into notices (person_id, event_id, thread_id, post_id, reason, at)
		select p.id, e.id, e.thread_id, e.post_id, 'mentioned', e.at from people p join events e on e.id > (select max(event_id) from notices)
		where p.joined_at is not null`)
	w.exec(`
		insert into letters (person_id, kind, key, event_id, state, created_at, due_at, done_at)
		select n.person_id, 'instant', 'event:' || n.event_id, n.event_id, 'sent', now(), now(), now() from notices n
		on conflict do nothing`)
	w.exec(`
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select p.id, 'thread', t.id, 'weekly', 'chose', now() from people p cross join threads t where p.joined_at is not null
		on conflict do nothing`)
	w.exec(`
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select p.id, 'person', o.id, 'weekly', 'chose', now() from people p cross join people o where p.joined_at is not null
		on conflict do nothing`)
}

// without is a text without an address, as it stands in links and within others.
func without(text, path string) string {
	if !strings.Contains(path, "zz") {
		return text
	}
	return strings.NewReplacer(path, "", strings.ToLower(url.QueryEscape(path)), "").Replace(text)
}

// wordless is how a page shows that the catalogue lacks what it would say.
var wordless = regexp.MustCompile(`«[a-z0-9_.]+»`)

// look reports every canary that somebody came upon and may not, and those that
// they must have met and did not.
func (w *aviary) look(as string, all []crawled) {
	w.t.Helper()
	met := map[string]string{}
	for _, page := range all {
		if key := wordless.FindString(page.body); key != "" {
			w.t.Errorf("%s is shown %s at %s, which is no sentence", as, key, page.path)
		}
		// The address that was asked for is no news to who asked.
		text := without(strings.ToLower(fmt.Sprint(page.header)+page.body), strings.ToLower(page.path))
		if !strings.Contains(text, "zz") {
			continue
		}
		for _, c := range w.canaries {
			if met[c.word] == "" && strings.Contains(text, c.word) {
				met[c.word] = fmt.Sprintf("%s (%d)", page.path, page.status)
			}
		}
	}
	for _, c := range w.canaries {
		switch where := met[c.word]; {
		case where != "" && !slices.Contains(c.may, as):
			w.t.Errorf("%s comes upon %s at %s", as, c.word, where)
		case where == "" && slices.Contains(c.must, as):
			w.t.Errorf("%s comes upon %s nowhere in %d pages", as, c.word, len(all))
		}
	}
}

// What is hidden, held, deleted, for councils only or somebody's own is met in no
// page, header or refusal by who has no right to it. And none of that changes anything.
func TestCanariesAreMetByNobodyElse(t *testing.T) {
	t.Parallel()
	w := openAviary(t)
	before := w.state()
	pages := 0
	who := append(slices.Clone(standings), "turned", "barred")
	if raced {
		who = []string{"visitor", "author"}
	}
	w.everywhere(who, true, func(as string, all []crawled) {
		w.look(as, all)
		pages += len(all)
	})
	w.stop() // writes down when the sessions were last seen
	w.start()
	// A form sent by who is no longer signed in is kept for them: that is no page.
	tables := slices.DeleteFunc(changed(before, w.state()), isOfDrafts)
	if len(tables) > 0 {
		t.Errorf("looking at pages and sending forms with something missing changed %v", tables)
	}
	t.Logf("%d canaries, %d pages", len(w.canaries), pages)
}

// What is taken from sight is gone from every page at once, wherever it was quoted,
// counted or listed before; and who loses a right sees no more by it.
func TestCanariesAreGoneOnceHidden(t *testing.T) {
	t.Parallel()
	w := &aviary{world: openCast(t)}
	ctx := context.Background()
	author, colleague := w.people["author"], w.people["colleague"]
	stay := forumtest.Ask(t, w.store, author, forum.AskDraft{Title: "It stays", Suppliers: true})
	later := func(word string, may ...string) { // after the deeds only those may see it
		for i := range w.canaries {
			if w.canaries[i].word == word {
				w.canaries[i].may, w.canaries[i].must = may, nil
			}
		}
	}
	title, body, post := w.put("shown title", nil, public...), w.put("shown body", nil, public...), w.put("shown post", nil, public...)
	name := w.put("name of who is let in", nil, public...)
	councils := w.put("councils title", nil, append([]string{"falling", "leaving"}, colleagues...)...)
	hidden := w.put("hidden title", nil, append([]string{"author", "leaving"}, team...)...)

	w.add("falling", w.colleague("Fay Falling", "Southmoor"))
	leaving := w.add("leaving", forumtest.Granted(t, w.store, w.colleague("Lee Leaving", "Southmoor"), forum.Curator))
	thread := forumtest.Ask(t, w.store, author, forum.AskDraft{Title: title, Body: body, Suppliers: true})
	shown := forumtest.Reply(t, w.store, author, stay, post)
	_, err := w.store.Reply(ctx, colleague, stay, forum.PostDraft{Body: "So it is", Quote: shown.Number})
	w.must(err)
	w.must(w.care.Hide(ctx, w.people["moderator"], forumtest.Ask(t, w.store, author, forum.AskDraft{Title: hidden}), true, "Why not"))
	forumtest.Ask(t, w.store, author, forum.AskDraft{Title: councils, Visibility: "councils"})
	w.must(w.store.Accept(ctx, author, shown.ID, true))
	for as, id := range map[string]int64{"falling": w.number(`select id from threads where title = $1`, councils), "leaving": w.number(`select id from threads where title = $1`, hidden)} {
		w.must(w.store.Save(ctx, w.people[as], id, true, nil))
	}
	newcomer := forumtest.NewcomerOf(t, w.store, name, "Northmoor")
	w.must(w.care.LetIn(ctx, w.people["lead"], newcomer.ID, care.LetInDraft{}))
	letIn := w.number(`select max(id) from entries`)

	who := []string{"visitor", "newcomer", "supplier", "colleague", "author", "lead-elsewhere", "moderator", "falling", "leaving"}
	if raced {
		who = []string{"visitor", "moderator", "falling"}
	}
	w.everywhere(who, false, w.look)

	for _, d := range []echo{
		w.post("moderator", threadAt(thread)+"/hide", "on", "1", "reason", "It names a resident"),
		w.post("moderator", postAt(shown.ID)+"/hide", "on", "1", "reason", "It names a resident"),
		w.post("lead", fmt.Sprintf("/entries/%d/undo", letIn), "reason", "A slip"),
		w.post("moderator", personAt(w.people["falling"].ID)+"/suspend", "until", "2100-01-01", "reason", "Rude"),
	} {
		if d.status != 303 {
			t.Fatalf("a deed of power: got %d: %s", d.status, short(d.body))
		}
	}
	w.must(w.store.Revoke(ctx, forum.Operator, forum.GrantDraft{PersonID: leaving.ID, Role: forum.Curator}))
	w.must(w.sessions.End(ctx, auth.Hash(w.cookies["author"])))
	for _, word := range []string{title, body, post} {
		later(word, "moderator", "curator", "administrator")
	}
	later(name, append([]string{"lead"}, team...)...)
	later(councils, "leaving", "colleague", "lead", "lead-elsewhere", "curator", "moderator", "administrator")
	later(hidden, team...)
	w.everywhere(append(who, "ended"), true, w.look)
}
