package views

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/places"
)

// says fails the test where a page lacks what it should say, or says what is not so.
func says(t *testing.T, name string, page templ.Component, want, never []string) {
	t.Helper()
	html := render(t, page)
	for _, words := range want {
		if !strings.Contains(html, words) {
			t.Errorf("%s does not say %q", name, words)
		}
	}
	for _, words := range never {
		if strings.Contains(html, words) {
			t.Errorf("%s says %q", name, words)
		}
	}
}

// Whoever is still to be let in is told so before they write, and nothing that holds
// for others only.
func TestNewcomersAreToldTheTruth(t *testing.T) {
	t.Parallel()
	const before = "What you write waits until you are let in"
	says(t, "ask", Ask(newFrame(), asking(), nil), []string{before, "Your question is kept, and waits with you."}, []string{"Your question stands at the top of the list."})
	preview := asking()
	preview.Preview, preview.Previewed = "<p>Words.</p>", true
	says(t, "preview", Ask(newFrame(), preview, nil), []string{before}, nil)
	says(t, "reply", Thread(newFrame(), threadFor(), forum.PostDraft{}, nil), []string{before}, nil)
	says(t, "reply of a colleague", Thread(ben(), threadFor(), forum.PostDraft{}, nil), nil, []string{before})
	says(t, "home of a supplier", Home(newFrame(), dotPerson(), curation.HomePage{}, places.Teaser{}), []string{"The team looks at each company"}, []string{"A lead of your council"})
	says(t, "account of a supplier", Account(newFrame(), accountOf(dotPerson()), nil), []string{"The team looks at each company", "reply where suppliers may"}, []string{"A lead of your council", "You can ask and reply"})
	says(t, "home of somebody turned away", Home(newFrame(), eve(), curation.HomePage{}, places.Teaser{}), []string{"You were not let in"}, []string{"Ask your first question"})
	says(t, "account of somebody turned away", Account(newFrame(), accountOf(eve()), nil), []string{"You were not let in"}, []string{"once you are let in"})
	unknown := eve()
	unknown.TurnedAwayWhy = ""
	says(t, "home of somebody of no known council", Home(newFrame(), unknown, curation.HomePage{}, places.Teaser{}), []string{"The team finds out where you belong"}, []string{"A lead of your council"})
}

// What waits says who sees it now and who will, and its author is spoken to.
func TestAHeldThreadDoesNotContradictItself(t *testing.T) {
	t.Parallel()
	yours := threadHeld()
	says(t, "to its author", Thread(newFrame(), yours, forum.PostDraft{}, nil),
		[]string{"only you and those who let people in", "Once it is let in, anyone can read this thread", "once you have been let in"},
		[]string{">Anyone can read this thread", "What you write waits", "Whoever wrote it", "Report this thread", "once its author"})
	theirs := threadHeld()
	theirs.Mine, theirs.Can = false, nil
	says(t, "to a lead", Thread(ben(), theirs, forum.PostDraft{}, nil), []string{"Whoever wrote it is new here", "Report this thread"}, nil)
	theirs.Thread.Visibility = "councils"
	says(t, "for councils", Thread(ben(), theirs, forum.PostDraft{}, nil), []string{"Once it is let in, people signed in from a council"}, nil)
	hidden := threadForTeam()
	hidden.Mine = true
	says(t, "removed, to its author", Thread(ben(), hidden, forum.PostDraft{}, nil), []string{"Only you and the team can see it"}, nil)
}

// Who has signed in and not joined can leave again, on a phone too, and is led
// nowhere that leads back to joining.
func TestSomebodyWhoHasNotJoinedCanSignOut(t *testing.T) {
	t.Parallel()
	f := ben()
	f.Unjoined = true
	says(t, "joining", Join(f, forum.Person{ID: 5}, forum.JoinPage{}, "", nil), []string{`<form class="mh-quick" action="/sign-out"`, `<form class="mh-form" action="/sign-out"`}, []string{`href="/account"`, "mh-you__leave"})
	says(t, "a colleague's page", Join(ben(), person2(), forum.JoinPage{}, "", nil), []string{`href="/account"`, "mh-you__leave"}, []string{`<form class="mh-form" action="/sign-out"`})
}

// The search for a council says what it found, where the answer to it leads, and
// what choosing each comes to.
func TestFindingACouncilSaysWhatItFound(t *testing.T) {
	t.Parallel()
	two := forum.JoinPage{Searched: "moor", Found: []forum.Council{northmoor(), {Slug: "southmoor", Name: "Southmoor"}}, Proposed: []forum.Council{northmoor(), oldmoor()}}
	says(t, "two", Join(ben(), forum.Person{ID: 5}, two, "", nil), []string{`id="found" tabindex="-1">2 councils and public bodies found for “moor”`, `formaction="/account/join#found"`,
		"A lead of this council or the team lets you in first", "belongs to the first 2"}, []string{"says that the first is likely"})
	says(t, "none", Join(ben(), forum.Person{ID: 5}, forum.JoinPage{Searched: "zz"}, "", nil), []string{`id="found" tabindex="-1">No council or public body matches`}, nil)
}

// A short form that comes back says whom or what it is about, in red only where
// something is taken from somebody, and offers the councils that a name may mean.
func TestAFormThatComesBackNamesWhatItIsAbout(t *testing.T) {
	t.Parallel()
	says(t, "let in", everyPage()["again_found"], []string{"<h1 class=\"mh-h1\">Let Fay in</h1>", "No council is called “moor”", `id="council" name="council" type="radio" value="northmoor"`, `id="another" name="council"`},
		[]string{"govuk-button--warning"})
	post := DeedForm{Name: "hide", About: "Missed bins?", Number: 3, Action: "/posts/5/hide"}
	says(t, "remove", Again(ada(), post, nil), []string{"Remove: Post 3 in: Missed bins?", "govuk-button--warning"}, nil)
	says(t, "undo", Again(ada(), DeedForm{Name: "undo", Action: "/entries/5/undo", Return: "/people/5"}, nil), []string{"Undo it", `name="return" value="/people/5"`}, []string{"govuk-button--warning"})
}

// Who was turned away is not among those who wait, and every late decision has its
// way back on the desk.
func TestTheDeskShowsWhatWasDecided(t *testing.T) {
	t.Parallel()
	html := render(t, Newcomers(ada(), waiting(), nil))
	wait, decided, ok := strings.Cut(html, `id="decided"`)
	_, away, more := strings.Cut(decided, "Turned away lately")
	if !ok || !more || strings.Contains(wait, "Fay") || !strings.Contains(away, "Fay") || strings.Contains(away, "/turn-away") || !strings.Contains(away, "/people/6/let-in") {
		t.Errorf("who was turned away does not stand by themselves:\n%s", html)
	}
	for _, want := range []string{`action="/entries/9/undo"`, `action="/entries/8/undo"`, `name="return" value="/desk/newcomers"`} {
		if !strings.Contains(decided, want) {
			t.Errorf("there is no %s among the decisions", want)
		}
	}
}

// Nobody is invited to join a council that has ended or is only planned, and one
// that will end says when, and what comes after.
func TestACouncilSaysWhetherOneCanJoinIt(t *testing.T) {
	t.Parallel()
	pages := everyPage()
	says(t, "ended", pages["council_ended"], []string{"Nobody from here has joined."}, []string{"Do you work here?", "Vacant"})
	says(t, "to end", pages["council_planned"], []string{"This council is planned to end on 4 March 2027", `<a href="/councils/newmoor">`, "Do you work here?", "Vacant"}, nil)
	planned := northmoor()
	planned.Status = "planned"
	says(t, "planned", Council(visitor(), forum.CouncilPage{Council: planned, Before: []forum.Council{oldmoor()}}), []string{"Will come from", "Starts"}, []string{"Do you work here?", "Vacant"})
}

// The record says which role was given and where a post stands, not as what they
// are stored.
func TestTheRecordIsInWords(t *testing.T) {
	t.Parallel()
	says(t, "record", Moderation(ada(), reports()), []string{"Gave a role: Moderator", "Post 2 in: Missed bins", `class="mh-table__none"`}, []string{"<span>moderator</span>", "post with id"})
	says(t, "one reply", Thread(visitor(), func() forum.ThreadPage { p := thread(); p.Thread.Replies = 1; return p }(), forum.PostDraft{}, nil), []string{"1 reply, "}, []string{"1 reply, last"})
}
