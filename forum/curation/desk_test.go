package curation_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// desk reads the desk as a curator has it, by queue.
func (h *hall) desk(who forum.Person) map[curation.Sort][]curation.DeskItem {
	h.t.Helper()
	p, err := h.DeskPage(h.t.Context(), who)
	h.must(err)
	all := map[curation.Sort][]curation.DeskItem{}
	for _, q := range p.Queues {
		all[q.Sort] = q.Items
	}
	return all
}

// waiting are the numbers in a queue.
func (h *hall) waiting(sort curation.Sort) (ids []int64) {
	h.t.Helper()
	for _, i := range h.desk(h.cora)[sort] {
		ids = append(ids, i.ID)
	}
	return ids
}

func (h *hall) tend(who forum.Person, sort curation.Sort, id int64, draft curation.DeskDraft) error {
	return h.LookAfter(h.t.Context(), who, curation.Ref{Sort: sort, ID: id}, draft)
}

func (h *hall) curator(name, council string) forum.Person {
	return forumtest.Granted(h.t, h.Store.Store, forumtest.Person(h.t, h.Store.Store, name, council), forum.Curator)
}

// moved sets the nation of a council of the tests.
func (h *hall) nation(council, nation string) {
	h.t.Helper()
	_, err := h.db.Exec(h.t.Context(), `update councils set nation = $2 where slug = $1`, council, nation)
	h.must(err)
}

// A question that nobody answers comes upon the desk when two working days of its
// council's nation have gone by, with the exact hour of each step, and leaves it with
// the first answer.
func TestAQuestionClimbsTheLadderOfItsNation(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.nation("northmoor", "Scotland")
	h.nation("southmoor", "England")
	asked := time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)
	h.clock.Advance(asked.Sub(h.Now()))
	scots, english := h.ask(h.ada, "Who has moved bins online?"), h.ask(h.ben, "Who has moved bins back?")
	// 1 January is a Friday; of Scotland's 2 January, a Saturday, the Monday after is the day.
	at := func(day, hour int) { h.clock.Advance(time.Date(2027, 1, day, hour, 0, 0, 0, time.UTC).Sub(h.Now())) }
	for _, c := range []struct {
		day, hour int
		want      []int64
	}{{4, 17, nil}, {5, 15, nil}, {5, 16, []int64{english}}, {6, 15, []int64{english}}, {6, 16, []int64{scots, english}}} {
		at(c.day, c.hour)
		if got := h.waiting(curation.Questions); !slices.Equal(got, c.want) {
			t.Errorf("on %d January at %d: got %v, want %v", c.day, c.hour, got, c.want)
		}
	}
	first := h.desk(h.cora)[curation.Questions][0]
	want := [3]time.Time{time.Date(2027, 1, 6, 16, 0, 0, 0, time.UTC), time.Date(2027, 1, 11, 16, 0, 0, 0, time.UTC), time.Date(2027, 1, 18, 16, 0, 0, 0, time.UTC)}
	for i, due := range first.Due {
		if !due.Equal(want[i]) {
			t.Errorf("step %d of Scotland's fell due %s, want %s", i+1, due, want[i])
		}
	}
	h.reply(h.ben, scots, "We have.")
	if got := h.waiting(curation.Questions); !slices.Equal(got, []int64{english}) {
		t.Errorf("once it is answered there wait %v", got)
	}
}

// What newcomers wrote waits until somebody lets them in, what is reported until it is
// decided, and reports are for who is a moderator as well.
func TestQueuesEmpty(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	eve := forumtest.NewcomerOf(t, h.Store.Store, "Eve", "northmoor")
	held := forumtest.Thread(t, h.Store.Store, eve, "May I ask?")
	thread := h.ask(h.ada, "Who has moved bins online?", h.ben)
	h.must(h.care.Report(ctx, h.ben, thread, 0, "It sells"))
	both := forumtest.Granted(t, h.Store.Store, h.curator("Bo", "Southmoor"), forum.Moderator)
	desk := h.desk(h.cora)
	if len(desk[curation.Newcomers]) != 1 || desk[curation.Newcomers][0].Many != 1 || len(desk[curation.Held]) != 1 || desk[curation.Held][0].ThreadID != held {
		t.Errorf("got %+v", desk)
	}
	if _, there := desk[curation.Reports]; there {
		t.Error("who is no moderator has reports before them")
	}
	reports := h.desk(both)[curation.Reports]
	if len(reports) != 1 || reports[0].Excerpt != "It sells" || reports[0].ThreadID != thread {
		t.Fatalf("reports are %+v", reports)
	}
	h.is("who is no moderator tends a report", h.tend(h.cora, curation.Reports, reports[0].ID, curation.DeskDraft{Deed: "take"}), forum.ErrForbidden)
	_, err := h.ItemPage(ctx, h.cora, reports[0].Ref())
	h.is("and reads it", err, forum.ErrForbidden)
	h.must(h.care.LetIn(ctx, h.cora, eve.ID, care.LetInDraft{Seen: desk[curation.Newcomers][0].Seen}))
	h.must(h.care.Keep(ctx, both, reports[0].ID, "It does not"))
	desk = h.desk(both)
	if len(desk[curation.Newcomers])+len(desk[curation.Held])+len(desk[curation.Reports]) != 0 {
		t.Errorf("there still wait %+v", desk)
	}
	for _, who := range []forum.Person{{}, h.ada, forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Mo", "Southmoor"), forum.Moderator)} {
		_, err := h.DeskPage(ctx, who)
		h.is("the desk of "+who.Name, err, forum.ErrForbidden)
		h.is("a deed of "+who.Name, h.tend(who, curation.Questions, thread, curation.DeskDraft{Deed: "take"}), forum.ErrForbidden)
	}
}

// Of two who take the same thing at once one has it, and the other is told who.
func TestOneCuratorTakesAThing(t *testing.T) {
	t.Parallel()
	h := open(t)
	cleo := h.curator("Cleo", "Northmoor")
	thread := h.ask(h.ada, "Who has moved bins online?")
	h.clock.Advance(14 * 24 * time.Hour)
	var wg sync.WaitGroup
	var failed [2]error
	for i, who := range []forum.Person{h.cora, cleo} {
		wg.Go(func() { failed[i] = h.tend(who, curation.Questions, thread, curation.DeskDraft{Deed: "take"}) })
	}
	wg.Wait()
	winner, loser := h.cora, cleo
	if failed[0] != nil {
		winner, loser = cleo, h.cora
		failed[0], failed[1] = failed[1], failed[0]
	}
	bad := (forum.Invalid)(nil)
	if failed[0] != nil || !errors.As(failed[1], &bad) || bad[0].Field != "taken" || !slices.Contains(bad[0].Args, any(winner.Name)) {
		t.Fatalf("got %v", failed)
	}
	h.must(h.tend(winner, curation.Questions, thread, curation.DeskDraft{Deed: "take"}))
	if got := refused(h.tend(loser, curation.Questions, thread, curation.DeskDraft{Deed: "drop"})); !slices.Equal(got, []string{"taken"}) {
		t.Errorf("the other drops it: %v", got)
	}
	h.must(h.tend(loser, curation.Questions, thread, curation.DeskDraft{Deed: "give", To: loser.ID}))
	p, err := h.DeskPage(t.Context(), loser)
	h.must(err)
	if len(p.Mine) != 1 || p.Mine[0].TakerName != loser.Name {
		t.Errorf("handed over, they have %+v", p.Mine)
	}
	if n, err := h.HandOver(t.Context(), loser, winner.ID); err != nil || n != 1 {
		t.Errorf("a desk is handed over: %d (%v)", n, err)
	}
	for _, to := range []int64{0, loser.ID, h.ada.ID} {
		if _, err := h.HandOver(t.Context(), loser, to); !slices.Equal(refused(err), []string{"to"}) {
			t.Errorf("to %d: %v", to, err)
		}
	}
	h.must(h.Revoke(t.Context(), forum.Operator, forum.GrantDraft{PersonID: winner.ID, Role: forum.Curator}))
	if i := h.desk(loser)[curation.Questions][0]; i.TakerID != 0 {
		t.Errorf("who is no curator any more still has it: %+v", i)
	}
}

// What is put off comes back on its day; what is done stays away, and what is put back
// stands there again. Notes are for the team. What was wrong is said, and keeps nothing.
func TestAThingIsPutOffDoneAndSpokenOf(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	thread := h.ask(h.ada, "Who has moved bins online?")
	h.clock.Advance(14 * 24 * time.Hour)
	day := func(n int) string { return h.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	for name, c := range map[string]struct {
		draft curation.DeskDraft
		want  string
	}{
		"no deed":             {curation.DeskDraft{}, "deed"},
		"another":             {curation.DeskDraft{Deed: "burn"}, "deed"},
		"until today":         {curation.DeskDraft{Deed: "later", Until: day(0)}, "until"},
		"until no day":        {curation.DeskDraft{Deed: "later", Until: "soon"}, "until"},
		"for years":           {curation.DeskDraft{Deed: "later", Until: day(400)}, "until"},
		"given to nobody":     {curation.DeskDraft{Deed: "give"}, "to"},
		"given to no curator": {curation.DeskDraft{Deed: "give", To: h.ada.ID}, "to"},
		"an empty note":       {curation.DeskDraft{Deed: "note", Words: " \r\n"}, "words"},
		"a long note":         {curation.DeskDraft{Deed: "note", Words: fmt.Sprintf("%01001d", 1)}, "words"},
	} {
		if got := refused(h.tend(h.cora, curation.Questions, thread, c.draft)); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if n := h.number(`select count(*) from desk_items`); n != 0 {
		t.Errorf("refused deeds left %d rows", n)
	}
	h.must(h.tend(h.cora, curation.Questions, thread, curation.DeskDraft{Deed: "later", Until: day(3)}))
	if got := h.waiting(curation.Questions); len(got) != 0 {
		t.Errorf("put off, there wait %v", got)
	}
	h.clock.Advance(3 * 24 * time.Hour)
	if got := h.waiting(curation.Questions); len(got) != 1 {
		t.Errorf("on its day there wait %v", got)
	}
	h.must(h.tend(h.cora, curation.Questions, thread, curation.DeskDraft{Deed: "note", Words: "I asked around."}))
	h.must(h.tend(h.cora, curation.Questions, thread, curation.DeskDraft{Deed: "done"}))
	h.must(h.tend(h.cora, curation.Questions, thread, curation.DeskDraft{Deed: "done"}))
	p, err := h.DeskPage(ctx, h.cora)
	h.must(err)
	if len(h.waiting(curation.Questions)) != 0 || len(p.Asides) != 1 || p.Asides[0].ByName != "Cora" || p.Asides[0].Title == "" {
		t.Errorf("done, there are aside %+v", p.Asides)
	}
	h.must(h.tend(h.cora, curation.Questions, thread, curation.DeskDraft{Deed: "again"}))
	one, err := h.ItemPage(ctx, h.cora, curation.Ref{Sort: curation.Questions, ID: thread})
	if err != nil || len(h.waiting(curation.Questions)) != 1 || len(one.Notes) != 1 || one.Notes[0].Words != "I asked around." || one.IsDone() {
		t.Errorf("put back it is %+v (%v)", one, err)
	}
	h.reply(h.ben, thread, "We have.")
	if one, err = h.ItemPage(ctx, h.cora, one.Ref()); err != nil || !one.Settled || len(one.Notes) != 1 {
		t.Errorf("answered it is %+v (%v)", one, err)
	}
	h.is("a deed on what is settled", h.tend(h.cora, curation.Questions, thread, curation.DeskDraft{Deed: "take"}), curation.ErrSettled)
	for _, on := range []bool{true, true, false, false, true} {
		h.must(h.Cover(ctx, h.cora, on))
	}
	if p, err = h.DeskPage(ctx, h.cora); err != nil || len(p.Today) != 1 || !p.OnDuty {
		t.Errorf("on today are %+v (%v)", p.Today, err)
	}
	h.is("somebody else says they are on", h.Cover(ctx, h.ada, true), forum.ErrForbidden)
}

// A lesson that no curator has seen waits until one reads it; a project that nobody
// confirms until somebody does.
func TestLessonsAndProjectsWait(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	fill := func(sql string, args ...any) {
		t.Helper()
		_, err := h.db.Exec(ctx, sql, args...)
		h.must(err)
	}
	made := func(who forum.Person, kind, title string) int64 {
		thread := h.ask(who, title)
		fill(`update threads set kind = $2 where id = $1`, thread, kind)
		fill(`insert into register (thread_id, kind, listed, public, moved_at, begun_at, confirmed_at, phase, verdict)
			values ($1, $2, true, true, $3, $3, $3, case $2 when 'project' then 'alpha' else '' end, case $2 when 'lesson' then 'no' else '' end)`, thread, kind, h.Now())
		return thread
	}
	lesson, own, project := made(h.ada, "lesson", "Sensors"), made(h.cora, "lesson", "A curator's own"), made(h.ada, "project", "Bins that speak")
	fill(`insert into projects (thread_id, council_id, summary, phase, confirmed_at) values ($1, $2, 'Bins.', 'alpha', $3)`, project, h.ada.CouncilID, h.Now())
	if got := h.waiting(curation.Lessons); !slices.Equal(got, []int64{lesson}) {
		t.Errorf("lessons: got %v, want %d and not %d", got, lesson, own)
	}
	fill(`insert into reads (person_id, thread_id, number, at) values ($1, $2, 1, $3)`, h.cora.ID, lesson, h.Now())
	if got := h.waiting(curation.Lessons); len(got) != 0 {
		t.Errorf("read, there wait %v", got)
	}
	if got := h.waiting(curation.Projects); len(got) != 0 {
		t.Errorf("confirmed, there wait %v", got)
	}
	fill(`update projects set asks = 2, asked_at = $2 where thread_id = $1`, project, h.Now())
	fill(`update register set stale = true where thread_id = $1`, project)
	if got := h.waiting(curation.Projects); !slices.Equal(got, []int64{project}) {
		t.Errorf("projects: got %v", got)
	}
	h.must(h.tend(h.cora, curation.Projects, project, curation.DeskDraft{Deed: "done"}))
	if got := h.waiting(curation.Projects); len(got) != 0 {
		t.Errorf("left so, there wait %v", got)
	}
	h.clock.Advance(200 * 24 * time.Hour)
	fill(`update projects set asked_at = $2 where thread_id = $1`, project, h.Now())
	if got := h.waiting(curation.Projects); !slices.Equal(got, []int64{project}) {
		t.Errorf("asked in vain anew, there wait %v", got)
	}
}

// A thread with three times as many replies in a day as is usual in its topic is looked
// at; when a curator has, it comes back only another day.
func TestABusyThreadIsSeen(t *testing.T) {
	t.Parallel()
	h := open(t)
	day := 24 * time.Hour
	for i := range 3 { // usual are three a day
		h.ask(h.ada, fmt.Sprintf("Quiet talk %d", i), h.ben, h.ada, h.ben)
	}
	h.clock.Advance(3 * day)
	busy, usual := h.ask(h.ada, "Everybody talks"), h.ask(h.ada, "Some talk")
	for range 8 {
		h.reply(h.ben, busy, "And another thing.")
		h.reply(h.ben, usual, "Yes.")
	}
	if got := h.waiting(curation.Busy); len(got) != 0 {
		t.Errorf("with eight there wait %v", got)
	}
	for range 8 {
		h.reply(h.ada, busy, "And another thing.")
	}
	if got := h.waiting(curation.Busy); !slices.Equal(got, []int64{busy}) {
		t.Fatalf("there wait %v, want %d", got, busy)
	}
	if i := h.desk(h.cora)[curation.Busy][0]; i.Many != 16 || i.Usual < 3 || i.Usual > 6 {
		t.Errorf("it says %d, usual are %v", i.Many, i.Usual)
	}
	h.must(h.tend(h.cora, curation.Busy, busy, curation.DeskDraft{Deed: "done"}))
	h.reply(h.ada, busy, "And one more.")
	if got := h.waiting(curation.Busy); len(got) != 0 {
		t.Errorf("looked at, there wait %v", got)
	}
	h.clock.Advance(day)
	for range 20 {
		h.reply(h.ben, busy, "Again.")
	}
	if got := h.waiting(curation.Busy); !slices.Equal(got, []int64{busy}) {
		t.Errorf("the next day there wait %v", got)
	}
}

// What is asked much as something older was stands beside it, for who may read both; what
// is useful to many and not highlighted yet is proposed, with what speaks for it.
func TestWhatIsProposed(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	old := h.ask(h.ada, "Who has moved missed bin reports online?")
	secret := forumtest.Ask(t, h.Store.Store, h.ada, forum.AskDraft{Title: "Supplier prices for parking machines", Visibility: "councils"})
	h.clock.Advance(20 * 24 * time.Hour)
	again := h.ask(h.ben, "Who moved missed bin reports online?")
	h.ask(h.ben, "Supplier prices for parking machines?")
	h.ask(h.ben, "Something else altogether")
	h.ask(h.ben, "Missed deadlines: who reports them?")
	got := h.desk(h.cora)[curation.Alike]
	if len(got) != 1 || got[0].ID != again || got[0].OtherID != old {
		t.Errorf("alike are %+v (the councils' own is %d)", got, secret)
	}
	letters := h.ask(h.ada, "How do you tell residents about garden waste renewals?")
	h.clock.Advance(time.Hour)
	without := h.ask(h.ben, "Sending garden waste renewals without letters: what works?")
	got = h.desk(h.cora)[curation.Alike]
	if len(got) != 2 || !slices.ContainsFunc(got, func(i curation.DeskItem) bool { return i.ID == without && i.OtherID == letters }) {
		t.Errorf("alike by their words are %+v", got)
	}
	h.must(h.tend(h.cora, curation.Alike, without, curation.DeskDraft{Deed: "done"}))
	h.must(h.tend(h.cora, curation.Alike, again, curation.DeskDraft{Deed: "done"}))
	if got := h.waiting(curation.Alike); len(got) != 0 {
		t.Errorf("there still wait %v", got)
	}
	h.must(h.tend(h.cora, curation.Alike, again, curation.DeskDraft{Deed: "again"}))
	if got := h.waiting(curation.Alike); len(got) != 1 {
		t.Errorf("put back, there wait %v", got)
	}
	answer := h.reply(h.ada, again, "We did.").ID
	for _, p := range h.someCouncils(5) {
		h.must(h.Useful(ctx, p, answer, true))
	}
	worthy := h.desk(h.cora)[curation.Worthy]
	if len(worthy) != 1 || worthy[0].ID != again || worthy[0].Useful != 5 {
		t.Fatalf("proposed are %+v", worthy)
	}
	h.highlight(again)
	if got := h.waiting(curation.Worthy); len(got) != 0 {
		t.Errorf("highlighted, there wait %v", got)
	}
}

// What is asked in full stands beside what was asked in short.
func TestShortFormsAreAskedAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	short := h.ask(h.ada, "NDR reminders on the portal")
	h.ask(h.ada, "Reminders on the portal about parking")
	h.clock.Advance(time.Hour)
	long := h.ask(h.ben, "Reminders about business rates: which portal?")
	got := h.desk(h.cora)[curation.Alike]
	if len(got) != 1 || got[0].ID != long || got[0].OtherID != short {
		t.Errorf("alike are %+v, want %d beside %d", got, long, short)
	}
}

// Whatever a title is made of, the desk opens, and words that are joined count as one.
func TestTheDeskReadsAnyTitle(t *testing.T) {
	t.Parallel()
	h := open(t)
	older := h.ask(h.ada, "Face-to-face appointments for drop-in sign-in sessions")
	h.ask(h.ada, `What's in C:\Temp\x, 'quoted' & "so": 100% | <a> !(b)?`)
	h.ask(h.ada, "Co-op's e-mail at https://moothall.example/sign-in?x=1")
	h.clock.Advance(time.Hour)
	newer := h.ask(h.ben, "Who runs drop-in sessions, face-to-face, with a sign-in?")
	got := h.desk(h.cora)[curation.Alike]
	if len(got) != 1 || got[0].ID != newer || got[0].OtherID != older {
		t.Errorf("alike are %+v, want %d beside %d", got, newer, older)
	}
}

// What curators noted is not kept for ever.
func TestNotesOnTheDeskGo(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, age := range []string{"11 months", "13 months"} {
		_, err := h.db.Exec(t.Context(), `with i as (insert into desk_items (sort, subject_id) values ('question', 1) on conflict do nothing)
			insert into desk_notes (sort, subject_id, person_id, at, words) values ('question', 1, $1, $2::timestamptz - $3::text::interval, $3)`, h.cora.ID, h.Now(), age)
		h.must(err)
	}
	h.must(h.Sweep(t.Context()))
	if h.number(`select count(*) from desk_notes where words = '11 months'`) != 1 || h.number(`select count(*) from desk_notes`) != 1 {
		t.Errorf("%d notes are left, of them %d of the last year", h.number(`select count(*) from desk_notes`), h.number(`select count(*) from desk_notes where words = '11 months'`))
	}
}
