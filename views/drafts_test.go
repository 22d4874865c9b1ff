package views

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"moothall/forum"
)

// draftFields are what stood in a form, as they are stored.
func draftFields(body string, more ...string) json.RawMessage {
	form := map[string][]string{"body": {body}}
	for i := 0; i < len(more); i += 2 {
		form[more[i]] = []string{more[i+1]}
	}
	text, _ := json.Marshal(form) // always can be
	return text
}

// someDrafts are a draft of every sort: to be gone on with, and not; older ones,
// late ones, and one thrown away.
func someDrafts() forum.DraftsPage {
	place := forum.DraftPlace{ThreadID: 7, Title: "Missed bins & boxes", Slug: "missed-bins"}
	line := func(kind forum.DraftKind, target int64, body string) forum.DraftLine {
		return forum.DraftLine{Kind: kind, Target: target, Fields: draftFields(body, "lang", "en"), SavedAt: ago(day), DraftPlace: place, GoesOn: true}
	}
	ask := line(forum.DraftAsk, 0, "Half a question")
	ask.Fields, ask.ThreadID, ask.Title = draftFields("Half a question", "title", "Who has <moved> it?"), 0, ""
	reply, edit, report := line(forum.DraftReply, 7, "We did, in March."), line(forum.DraftEdit, 12, "Ask the crew."), line(forum.DraftReport, -7, "")
	reply.Older = []forum.DraftVersion{{ID: 4, Kind: forum.DraftReply, Target: 7, Fields: draftFields("We did."), SavedAt: ago(2 * day), Why: "replaced"}}
	edit.Number, edit.PostID = 2, 12
	report.Fields = draftFields("", "reason", "It names somebody.")
	closed := line(forum.DraftReply, 8, "Too late.")
	closed.GoesOn = false
	away := line(forum.DraftReply, 9, "Words only.")
	away.ThreadID, away.Title, away.GoesOn = 0, "", false
	return forum.DraftsPage{Drafts: []forum.DraftLine{ask, reply, edit, report, closed, away},
		Strays:    []forum.DraftVersion{{ID: 5, Kind: forum.DraftReply, Target: 7, Fields: draftFields("We did not."), SavedAt: ago(day), Why: "stray", DraftPlace: place}},
		Discarded: []forum.DraftVersion{{ID: 6, Kind: forum.DraftAsk, Fields: draftFields("Thrown away."), SavedAt: ago(day), Why: "discarded"}}}
}

func draftConflict() *forum.DraftConflict {
	return &forum.DraftConflict{
		Typed: forum.Typed{Kind: forum.DraftAsk, Page: "key-of-a-tab", Fields: map[string][]string{"title": {"Mine?"}, "body": {"Mine, with <more>."}, "kind": {"question"}, "topic": {"forms", "taxation"}, "version": {"2"}}},
		Now:   &forum.Draft{Fields: draftFields("Theirs.", "title", "Theirs?"), Version: 4, SavedAt: ago(day)}}
}

func askResident() forum.AskPage {
	p := typedAsk()
	p.Draft.Body = "She is 943 476 5919."
	p.Draft.Resident.Why = "It is a test number"
	p.Check = p.Draft.Residents()
	return p
}

func editPreviewed() forum.EditPage {
	p := editing()
	p.Preview = "<p>Mine.</p>"
	return p
}

// A draft of what its writer may not see any more shows their words, and neither a
// title nor a way there.
func TestDraftsOfWhatIsAway(t *testing.T) {
	t.Parallel()
	away := forum.DraftsPage{Drafts: someDrafts().Drafts[5:]}
	html := render(t, Drafts(ben(), away))
	if !strings.Contains(html, "Words only.") || strings.Contains(html, "/threads/9") || strings.Contains(html, "“") {
		t.Errorf("got %s", html)
	}
}

// Two texts stand side by side, and all of the form goes along with either choice.
func TestDraftConflictSendsTheFormAlong(t *testing.T) {
	t.Parallel()
	html := render(t, DraftConflict(ben(), forum.DraftPlace{}, draftConflict()))
	for _, want := range []string{"Theirs.", "Mine, with &lt;more&gt;.", `name="version" value="4"`, `name="thread_kind" value="question"`, `name="post_version" value="2"`,
		`name="topic" value="forms"`, `name="topic" value="taxation"`, `name="kind" value="ask"`, `name="page" value="key-of-a-tab"`, `value="theirs"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is not in the page", want)
		}
	}
}

// The script that saves calls the fields of a draft by the names that this program reads.
func TestTheScriptKnowsTheNamesOfADraft(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("assets/autosave.js")
	if err != nil {
		t.Fatal(err)
	}
	_, names, _ := strings.Cut(string(script), "const otherNames = { ")
	names, _, _ = strings.Cut(names, " }")
	var want []string
	for name, other := range DraftNames {
		want = append(want, fmt.Sprintf("%s: '%s'", name, other))
	}
	slices.Sort(want)
	if got := strings.Join(want, ", "); names != got {
		t.Errorf("autosave.js has %q, want %q", names, got)
	}
}
