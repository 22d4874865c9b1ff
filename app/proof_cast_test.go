package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// standings are all who may come. Those of the team and the others stand in
// Southmoor, the author, the newcomer and the lead in Northmoor.
var standings = []string{"visitor", "unjoined", "newcomer", "colleague", "author", "supplier", "lead", "lead-elsewhere",
	"curator", "moderator", "administrator", "suspended", "suspended-moderator", "ended", "erased"}

// openCast starts a site with everybody on it, each signed in.
func openCast(t testing.TB, settings ...string) *world {
	t.Helper()
	w := openWorld(t, settings...)
	ctx := context.Background()
	granted := func(name, council string, role forum.Role) forum.Person {
		return forumtest.Granted(t, w.store, w.colleague(name, council), role)
	}
	w.add("unjoined", w.signIn("Una Unjoined", ""))
	w.add("newcomer", forumtest.NewcomerOf(t, w.store, "Nora New", "Northmoor"))
	w.add("colleague", w.colleague("Cole League", "Southmoor"))
	w.add("author", w.colleague("Ada Author", "Northmoor"))
	w.add("lead", granted("Lea Lead", "Northmoor", forum.Lead))
	w.add("lead-elsewhere", granted("Leo Elsewhere", "Southmoor", forum.Lead))
	w.add("curator", granted("Cora Curator", "Southmoor", forum.Curator))
	moderator := w.add("moderator", granted("Mo Derator", "Southmoor", forum.Moderator))
	w.add("administrator", granted("Adam Istrator", "Southmoor", forum.Administrator))

	// The supplier was a colleague once, and asked councils something then.
	supplier := w.colleague("Sue Plier", "Southmoor")
	forumtest.Ask(t, w.store, supplier, forum.AskDraft{Title: "Asked by who sells now", Visibility: "councils", Suppliers: true})
	w.exec(`update people set standing = 'supplier', company = 'Binsoft', council_id = null where id = $1`, supplier.ID)
	w.add("supplier", forumtest.Again(t, w.store, supplier))

	until := time.Now().Add(30 * 24 * time.Hour)
	suspended := w.colleague("Sid Suspended", "Southmoor")
	fallen := w.colleague("Max Fallen", "Southmoor")
	for as, p := range map[string]forum.Person{"suspended": suspended, "suspended-moderator": fallen} {
		w.add(as, p)
		w.must(w.care.Suspend(ctx, moderator, p.ID, until, "Rude to a resident"))
	}
	forumtest.Granted(t, w.store, fallen, forum.Moderator)

	ended := w.add("ended", w.colleague("Ed Ended", "Southmoor"))
	w.must(w.sessions.End(ctx, auth.Hash(w.cookies["ended"])))
	w.people["ended"] = ended
	erased := w.add("erased", w.colleague("Era Sed", "Southmoor"))
	w.exec(`update people set erased_at = now() where id = $1`, erased.ID)
	for as, p := range w.people {
		if as != "erased" {
			w.people[as] = forumtest.Again(t, w.store, p)
		}
	}
	return w
}

// thing is something that the standings meet.
type thing struct {
	id   int64
	word string // what stands in the address
	part string // what stands in it after that, of a part of a collection
}

// thingKey names a thing: "threads" and "held".
type thingKey struct{ kind, name string }

// rightsWorld is a cast among things of every sort.
type rightsWorld struct {
	*world
	known  map[thingKey]thing
	absent map[string]echo // what is not there, by who asked what
	serie  int
}

// title is a title that no other thread has.
func (w *rightsWorld) title(what string) string {
	w.serie++
	return fmt.Sprintf("About %s %d", strings.ReplaceAll(what, "-", " "), w.serie)
}

// thread makes a thread of the sort that name tells, with a reply by the author
// where others may reply.
func (w *rightsWorld) thread(name string) int64 {
	w.t.Helper()
	return w.begun(name, func(who forum.Person, draft forum.AskDraft) int64 { return forumtest.Ask(w.t, w.store, who, draft) })
}

// project makes a project of the sort that name tells.
func (w *rightsWorld) project(name string) int64 {
	w.t.Helper()
	if name == "question" {
		return w.thread("public")
	}
	id := w.begun(name, w.share)
	if name == "invited" {
		w.must(projects.New(w.store).Invite(context.Background(), w.people["author"], id, "southmoor"))
	}
	return id
}

// product is the address of a product that a project of everybody names, or of none.
func (w *rightsWorld) product(name string) string {
	w.t.Helper()
	if name != "known" {
		return "no-such-product"
	}
	w.must(projects.New(w.store).UseProduct(context.Background(), w.people["author"], w.project("public"), projects.ProductDraft{Name: "Binwatch", New: true}))
	return "binwatch"
}

// share shares a project by the draft of a thread.
func (w *world) share(who forum.Person, draft forum.AskDraft) int64 {
	w.t.Helper()
	asked, err := projects.New(w.store).Start(context.Background(), who, projects.Draft{Title: draft.Title, Summary: "In short, " + draft.Title,
		Phase: "alpha", Visibility: draft.Visibility})
	w.must(err)
	return asked.ID
}

// lesson makes a lesson of the sort that name tells.
func (w *rightsWorld) lesson(name string) int64 {
	w.t.Helper()
	if name == "question" {
		return w.thread("public")
	}
	return w.begun(name, w.learn)
}

// learn shares a lesson by the draft of a thread.
func (w *world) learn(who forum.Person, draft forum.AskDraft) int64 {
	w.t.Helper()
	asked, err := projects.New(w.store).ShareLesson(context.Background(), who, projects.LessonDraft{Title: draft.Title, Happened: "In short, " + draft.Title,
		Verdict: "no", Topics: []string{"waste-management"}, Visibility: draft.Visibility})
	w.must(err)
	return asked.ID
}

// begun makes a thread, or what has one beside it, of the sort that name tells.
func (w *rightsWorld) begun(name string, begin func(forum.Person, forum.AskDraft) int64) int64 {
	w.t.Helper()
	ctx := context.Background()
	author, moderator, newcomer := w.people["author"], w.people["moderator"], w.people["newcomer"]
	draft := forum.AskDraft{Title: w.title(name), Suppliers: name != "no-suppliers"}
	if strings.HasSuffix(name, "councils") {
		draft.Visibility = "councils"
	}
	who := author
	switch name {
	case "held", "deleted-held", "hidden-held":
		who = newcomer
	case "held-unplaced":
		who = forumtest.NewcomerOf(w.t, w.store, w.title("somebody"), forum.NotListed)
	case "councils-supplier":
		return w.number(`select id from threads where author_id = $1`, w.people["supplier"].ID)
	}
	id := begin(who, draft)
	opening := w.opening(id)
	if strings.HasPrefix(name, "hidden") || name == "deleted-hidden" {
		w.must(w.care.Hide(ctx, moderator, id, true, "It names a resident"))
	}
	switch {
	case name == "deleted-hidden": // not by its author any more; before there was a rule it was
		w.exec(`update threads set deleted_at = now() where id = $1`, id)
	case strings.HasPrefix(name, "deleted"):
		_, err := w.store.Delete(ctx, who, opening)
		w.must(err)
	case name == "asked":
		w.exec(`insert into asks (thread_id, person_id, council_id, why, asked_by, asked_at) select $1, id, council_id, 'chosen', $3, now() from people where id = $2`,
			id, w.people["colleague"].ID, w.people["curator"].ID)
	case name == "due":
		w.accepted(id, forumtest.Reply(w.t, w.store, w.people["colleague"], id, "We did.").ID)
	case name == "closed":
		w.must(w.store.Close(ctx, moderator, id, true, "It is answered"))
	}
	return id
}

// accepted makes a post the answer of the author's thread so long ago that they are
// asked whether it worked, and Southmoor too, which has the problem as well.
func (w *world) accepted(thread, post int64) {
	w.t.Helper()
	ctx, then := context.Background(), w.store.Past(time.Now().Add(-31*24*time.Hour))
	w.must(then.Accept(ctx, w.people["author"], post, true))
	w.must(w.store.UsToo(ctx, w.people["colleague"], thread, true, "have"))
}

// opening is the number of a thread's first post.
func (w *world) opening(thread int64) int64 {
	return w.number(`select min(id) from posts where thread_id = $1`, thread)
}

// words are what a post says; of none, words that stand nowhere.
func (w *world) words(post int64) (body string) {
	w.t.Helper()
	w.must(w.db.QueryRow(context.Background(), `select coalesce(max(body), 'Nothing of the kind') from posts where id = $1`, post).Scan(&body))
	return body
}

// post makes a post of the sort that name tells; of "own", by the one who comes.
func (w *rightsWorld) post(name, as string) int64 {
	w.t.Helper()
	ctx := context.Background()
	author, moderator, newcomer := w.people["author"], w.people["moderator"], w.people["newcomer"]
	reply := func(who forum.Person, thread string) int64 {
		return forumtest.Reply(w.t, w.store, who, w.of("threads", thread, as).id, "We did, "+w.title("this")).ID
	}
	gone := func(who forum.Person, id int64) int64 {
		_, err := w.store.Delete(ctx, who, id)
		w.must(err)
		return id
	}
	hide := func(id int64) int64 {
		w.must(w.care.HidePost(ctx, moderator, id, true, "It names a resident"))
		return id
	}
	switch name {
	case "opening":
		return w.opening(w.thread("public"))
	case "councils":
		return reply(author, "councils")
	case "held":
		return reply(newcomer, "public")
	case "held-unplaced":
		return reply(forumtest.NewcomerOf(w.t, w.store, w.title("somebody"), forum.NotListed), "public")
	case "held-hidden":
		return hide(reply(newcomer, "public"))
	case "held-opening":
		return w.opening(w.thread("held"))
	case "held-deleted":
		return w.opening(w.of("threads", "deleted-held", as).id)
	case "held-reply-deleted":
		return gone(newcomer, reply(newcomer, "public"))
	case "hidden":
		return hide(reply(author, "public"))
	case "hidden-deleted":
		id := hide(reply(author, "public"))
		w.exec(`update posts set deleted_at = now() where id = $1`, id)
		return id
	case "in-hidden":
		return w.inThread(author, func(id int64) { w.must(w.care.Hide(ctx, moderator, id, true, "It names a resident")) })
	case "deleted":
		return gone(author, reply(author, "public"))
	case "in-deleted":
		return w.inThread(author, func(id int64) { gone(author, w.opening(id)) })
	case "in-closed":
		return w.inThread(author, func(id int64) { w.must(w.store.Close(ctx, moderator, id, true, "Answered")) })
	case "own":
		return w.own(as)
	}
	return reply(author, "public")
}

// inThread makes a reply in a thread of its own, to which then something is done.
func (w *rightsWorld) inThread(who forum.Person, then func(thread int64)) int64 {
	w.t.Helper()
	thread := w.thread("public")
	id := forumtest.Reply(w.t, w.store, who, thread, "We did.").ID
	then(thread)
	return id
}

// own is a post by whoever comes. Who may not post now wrote it when they might;
// of who never could, it is somebody else's.
func (w *rightsWorld) own(as string) int64 {
	w.t.Helper()
	who, there := w.people[as]
	if !there || !who.Joined {
		return w.post("public", as)
	}
	switch as {
	case "suspended", "suspended-moderator":
		w.exec(`update people set suspended_until = suspended_until - interval '100 years' where id = $1`, who.ID)
		defer w.exec(`update people set suspended_until = suspended_until + interval '100 years' where id = $1`, who.ID)
	case "erased":
		w.exec(`update people set erased_at = null where id = $1`, who.ID)
		defer w.exec(`update people set erased_at = now() where id = $1`, who.ID)
	}
	return forumtest.Reply(w.t, w.store, who, w.of("threads", "public", as).id, "Mine, "+w.title("this")).ID
}

// person makes somebody of the sort that name tells.
func (w *rightsWorld) person(name, as string) int64 {
	w.t.Helper()
	switch name {
	case "newcomer":
		if as == "newcomer" {
			return w.people[as].ID
		}
		return forumtest.NewcomerOf(w.t, w.store, w.title("newcomer"), "Northmoor").ID
	case "unplaced":
		return forumtest.NewcomerOf(w.t, w.store, w.title("unplaced"), forum.NotListed).ID
	case "hopeful":
		return w.join("", forum.JoinDraft{Name: w.title("hopeful"), JobTitle: "Sales", Company: "Hopeful Ltd"}).ID
	case "colleague":
		return w.colleague(w.title("colleague"), "Southmoor").ID
	case "teammate":
		return forumtest.Granted(w.t, w.store, w.colleague(w.title("teammate"), "Southmoor"), forum.Moderator).ID
	case "barred":
		return w.people["suspended"].ID
	case "unjoined":
		return w.people["unjoined"].ID
	case "erased":
		return w.people["erased"].ID
	}
	if who, there := w.people[as]; there && who.Joined && as != "erased" { // self
		return who.ID
	}
	return w.people["colleague"].ID
}

// entry does a deed of power and returns the line it left.
func (w *rightsWorld) entry(name string) int64 {
	w.t.Helper()
	ctx := context.Background()
	curator, moderator := w.people["curator"], w.people["moderator"]
	letIn := func(council string) {
		p := forumtest.NewcomerOf(w.t, w.store, w.title("let in"), council)
		w.must(w.care.LetIn(ctx, curator, p.ID, care.LetInDraft{}))
	}
	last := func() int64 { return w.number(`select max(id) from entries`) }
	undo := func(id int64) { w.must(w.care.Undo(ctx, moderator, id, "A slip")) }
	switch name {
	case "let-in":
		letIn("Northmoor")
	case "let-in-elsewhere":
		letIn("Southmoor")
	case "turned-away":
		p := forumtest.NewcomerOf(w.t, w.store, w.title("turned away"), "Northmoor")
		w.must(w.care.TurnAway(ctx, curator, p.ID, "Nobody there knows you"))
	case "suspended":
		p := w.colleague(w.title("colleague"), "Southmoor")
		w.must(w.care.Suspend(ctx, moderator, p.ID, time.Now().Add(48*time.Hour), "Rude"))
	case "hid":
		w.thread("hidden")
	case "hid-post":
		w.post("hidden", "visitor")
	case "closed":
		w.thread("closed")
	case "moved":
		id := w.thread("public")
		w.must(w.curation.Move(ctx, curator, id, curation.MoveDraft{Topics: []string{"procurement", "waste-management"}}))
	case "granted":
		w.person("teammate", "visitor")
	case "undone":
		w.thread("hidden")
		id := last()
		undo(id)
		return id
	case "undoing":
		w.thread("hidden")
		undo(last())
	}
	return last()
}

// report reports a post of its own; of "decided" it is settled.
func (w *rightsWorld) report(name string) int64 {
	w.t.Helper()
	post := w.post("public", "visitor")
	w.must(w.care.Report(context.Background(), w.people["colleague"], 0, post, "It names a resident"))
	id := w.number(`select max(id) from reports`)
	if name == "decided" {
		w.must(w.care.Keep(context.Background(), w.people["moderator"], id, "It does not"))
	}
	return id
}
