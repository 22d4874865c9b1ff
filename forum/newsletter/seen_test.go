package newsletter

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// highlighted is a thread that a highlight shows, with words of its own.
func (p *press) highlighted(title, words string) (thread, highlight int64) {
	p.t.Helper()
	thread = forumtest.Thread(p.t, p.Store.Store, p.ada, title)
	p.must(p.db.QueryRow(p.t.Context(), `
		insert into highlights (thread_id, curator_id, title, note, grade, from_on, until_on, place, made_at, changed_at)
		values ($1, $2, $3, 'It works', 'said', $4::timestamptz::date, $4::timestamptz::date + 30, 1, $4, $4) returning id`,
		thread, p.cora.ID, words, p.Now()).Scan(&highlight))
	return thread, highlight
}

// said is all that an issue says: on its page, in its mails, and to who works on it.
func (p *press) said(id int64) string {
	p.t.Helper()
	page, err := p.Issue(p.t.Context(), p.cora, id)
	p.must(err)
	mail, err := p.Content(p.t.Context(), id)
	p.must(err)
	desk, err := p.ComposePage(p.t.Context(), p.cora, id)
	p.must(err)
	rows, err := p.db.Query(p.t.Context(), `select reason from entries`)
	p.must(err)
	reasons, err := pgx.CollectRows(rows, pgx.RowTo[string])
	p.must(err)
	return fmt.Sprintf("%+v %+v %+v %v", page, mail, desk, reasons)
}

// What a passage is taken out of says it in no newsletter either, sent or not: neither in
// what curators wrote of it there, nor in the record of what was done with the issue.
func TestARedactionReachesNewsletters(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	ctx := t.Context()
	mod := forumtest.Granted(t, p.Store.Store, forumtest.Person(t, p.Store.Store, "Mo", "Northmoor"), forum.Moderator)
	thread, highlight := p.highlighted("Who has moved bins online?", "What Canary Smith did")
	posted := forumtest.Reply(t, p.Store.Store, p.ada, thread, "Canary Smith lives here.")
	var ids []int64
	for _, send := range []bool{true, false} {
		id, err := p.Begin(ctx, p.cora, IssueDraft{Subject: "News of Canary Smith"})
		p.must(err)
		p.must(p.AddBlock(ctx, p.cora, id, BlockDraft{Kind: "questions", Heading: "Ask Canary Smith", Body: "Look at **Canary Smith**.", Threads: number(thread) + " Canary Smith told us"}))
		p.filled(id)
		forumtest.Fill(t, p.db, `update newsletter_items set highlight_id = $1, why = 'What Canary Smith did', told = false where why = '' and thread_id = $2`, highlight, thread) // as the version before kept them
		if send {
			p.must(p.Schedule(ctx, p.cora, id, "", Shown{}))
			p.must(p.Dispatch(ctx))
		}
		if said := p.said(id); !strings.Contains(said, "Canary Smith told us") || !strings.Contains(said, "News of Canary Smith") {
			t.Fatalf("it says %s", said)
		}
		ids = append(ids, id)
	}
	linked, err := p.Begin(ctx, p.cora, IssueDraft{Subject: "Words alone"})
	p.must(err)
	p.must(p.AddBlock(ctx, p.cora, linked, BlockDraft{Kind: "text", Body: fmt.Sprintf("[Canary Smith](/threads/%d-bins) asks.", thread)}))
	if _, err := p.Redact(ctx, mod, posted.ID, forum.RedactDraft{Passage: "Canary Smith", Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range append(ids, linked) {
		if said := p.said(id); strings.Contains(said, "Canary") {
			t.Errorf("issue %d still says %s", id, said)
		}
	}
}

// The record of another issue keeps its subject when a passage is taken out, as that issue
// does; of one that leads to what was said it goes, also if the issue is called something
// else by now, or another has the same subject.
func TestARedactionLeavesTheRecordOfOtherNewsletters(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	ctx := t.Context()
	mod := forumtest.Granted(t, p.Store.Store, forumtest.Person(t, p.Store.Store, "Mo", "Northmoor"), forum.Moderator)
	thread := forumtest.Thread(t, p.Store.Store, p.ada, "Who has moved bins online?")
	posted := forumtest.Reply(t, p.Store.Store, p.ada, thread, "Canary Smith lives here.")
	begin := func(subject string, block BlockDraft, schedule bool) (id int64) {
		t.Helper()
		id, err := p.Begin(ctx, p.cora, IssueDraft{Subject: subject})
		p.must(err)
		p.must(p.AddBlock(ctx, p.cora, id, block))
		if schedule {
			p.must(p.Schedule(ctx, p.cora, id, p.Now().Add(time.Hour).Format(time.RFC3339), Shown{}))
		}
		return id
	}
	other, leads := BlockDraft{Kind: "text", Body: "Words."}, BlockDraft{Kind: "questions", Threads: number(thread)}
	begin("Canary Smith sings", other, true)
	begin("Canary Smith asks", other, false)
	begin("Canary Smith asks", leads, true)
	renamed := begin("Canary Smith answers", leads, true)
	forumtest.Fill(t, p.db, `update newsletters set subject = 'Something else' where id = $1`, renamed)
	if _, err := p.Redact(ctx, mod, posted.ID, forum.RedactDraft{Passage: "Canary Smith", Reason: "It names a resident", Removed: map[string]string{"en": "[removed]"}}); err != nil {
		t.Fatal(err)
	}
	rows, err := p.db.Query(ctx, `select reason from entries where deed = 'scheduled_newsletter' order by id`)
	p.must(err)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	p.must(err)
	if want := []string{"Canary Smith sings", "[removed] asks", "[removed] answers"}; !slices.Equal(got, want) {
		t.Errorf("the record says %q, want %q", got, want)
	}
}

// What somebody approved is what goes out. A title that its author changes later takes the
// approval away; of what is to go out already, the thing is left out of the mails, until
// it says again what was approved, and the curators are told.
func TestNothingGoesOutThatNobodyLookedAt(t *testing.T) {
	t.Parallel()
	for name, approved := range map[string]bool{"approved": true, "approved before a version that keeps what it said": true, "scheduled": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := openPress(t)
			ctx := t.Context()
			p.readers(2)
			other := forumtest.Granted(t, p.Store.Store, forumtest.Person(t, p.Store.Store, "Cleo", "Southmoor"), forum.Curator)
			thread := forumtest.Thread(t, p.Store.Store, p.ada, "Who has moved bins online?")
			hidden := forumtest.Thread(t, p.Store.Store, p.ada, "It is hidden for a while")
			id := p.issue()
			p.must(p.AddBlock(ctx, p.cora, id, BlockDraft{Kind: "questions", Threads: number(thread) + " they ask well\n" + number(hidden)}))
			retitle := func(title string) {
				forumtest.Fill(t, p.db, `update threads set title = $2 where id = $1`, thread, title)
			}
			hide := func(on bool) {
				forumtest.Fill(t, p.db, `update threads set hidden_at = case when $2 then now() end where id = $1`, hidden, on)
			}
			hide(true)
			page := func() ComposePage {
				t.Helper()
				page, err := p.ComposePage(ctx, p.cora, id)
				p.must(err)
				return page
			}
			mailed := func() string {
				t.Helper()
				i, err := p.Content(ctx, id)
				p.must(err)
				return strings.Join(titles(i), ", ")
			}
			if approved {
				p.must(p.AskEyes(ctx, p.cora, id, true))
				p.must(p.Approve(ctx, other, id, page().Shown()))
				retitle("BUY MY PILLS")
				if got := page(); !got.Fell || got.ApprovedBy != 0 || !strings.Contains(mailed(), "PILLS") {
					t.Errorf("the approval stands: %+v, and a draft says %q", got, mailed())
				}
				if bad := (forum.Invalid)(nil); !errors.As(p.Schedule(ctx, p.cora, id, "", Shown{}), &bad) || bad[0].Key != "newsletters.needs_eyes" {
					t.Fatalf("scheduled without an approval of what it says now: %v", bad)
				}
				retitle("Who has moved bins online?")
				if got := page(); got.Fell || got.ApprovedBy != other.ID {
					t.Errorf("said again as approved: %+v", got)
				}
			}
			if strings.Contains(name, "before") {
				forumtest.Fill(t, p.db, `update newsletter_items set seen = null`)
			}
			for again := range 2 {
				p.must(p.Schedule(ctx, p.cora, id, p.Now().Add(time.Hour).Format(time.RFC3339), Shown{}))
				retitle("BUY MY PILLS")
				hide(false)
				if got := page(); got.LeftOut() != 2 || mailed() != "" {
					t.Errorf("%d are said to be left out, the mails say %q", got.LeftOut(), mailed())
				}
				if again == 1 {
					break
				}
				p.must(p.Pause(ctx, p.cora, id))
				if got := page(); got.Fell != approved {
					t.Errorf("held up, its approval fell: %v", got.Fell)
				}
				if bad := (forum.Invalid)(nil); approved && (!errors.As(p.Schedule(ctx, p.cora, id, "", Shown{}), &bad) || bad[0].Key != "newsletters.needs_eyes") {
					t.Fatalf("held up, it goes out without an approval of what it says now: %v", bad)
				}
				retitle("Who has moved bins online?")
				hide(true)
			}
			p.clock.Advance(2 * time.Hour)
			p.must(p.Dispatch(ctx))
			if got := page(); got.State != Sending || got.LeftOut() != 2 || mailed() != "" {
				t.Errorf("%s: %d are left out, the mails say %q", got.State, got.LeftOut(), mailed())
			}
			if i, err := p.Issue(ctx, forum.Person{}, id); err != nil || len(titles(i)) != 2 {
				t.Errorf("the page says %v (%v)", titles(i), err)
			}
			retitle("Who has moved bins online?")
			if got := mailed(); got != "Who has moved bins online?" {
				t.Errorf("the mails say %q", got)
			}
		})
	}
}

// Who schedules an issue whose approval fell says so of what it says then: the approval,
// which was of something else, does not rise again.
func TestAFallenApprovalStaysDown(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	ctx := t.Context()
	other := forumtest.Granted(t, p.Store.Store, forumtest.Person(t, p.Store.Store, "Cleo", "Southmoor"), forum.Curator)
	thread := forumtest.Thread(t, p.Store.Store, p.ada, "Who has moved bins online?")
	id := p.issue()
	p.must(p.AddBlock(ctx, p.cora, id, BlockDraft{Kind: "questions", Threads: number(thread)}))
	page := func() ComposePage {
		t.Helper()
		page, err := p.ComposePage(ctx, p.cora, id)
		p.must(err)
		return page
	}
	p.must(p.Approve(ctx, other, id, page().Shown()))
	forumtest.Fill(t, p.db, `update threads set title = 'BUY MY PILLS' where id = $1`, thread)
	p.must(p.Schedule(ctx, p.cora, id, p.Now().Add(time.Hour).Format(time.RFC3339), Shown{}))
	if got := page(); got.ApprovedBy != 0 || got.LeftOut() != 0 {
		t.Errorf("approved by %d, %d left out", got.ApprovedBy, got.LeftOut())
	}
}

// Of two curators with the same page before them, the second does not send what the first
// has changed, nor at once what the first has set for Monday.
func TestASecondCuratorSendsWhatTheySee(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	ctx, id := t.Context(), p.issue()
	other := forumtest.Granted(t, p.Store.Store, forumtest.Person(t, p.Store.Store, "Cleo", "Southmoor"), forum.Curator)
	shown := func() Shown {
		t.Helper()
		page, err := p.ComposePage(ctx, other, id)
		p.must(err)
		return page.Shown()
	}
	seen := shown()
	p.must(p.AddBlock(ctx, p.cora, id, BlockDraft{Kind: "text", Body: "Half a sent"}))
	if err := p.Schedule(ctx, other, id, "", seen); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("what was changed meanwhile: %v", err)
	}
	seen = shown()
	p.must(p.Schedule(ctx, p.cora, id, p.Now().AddDate(0, 0, 3).Format(time.RFC3339), seen))
	if err := p.Schedule(ctx, other, id, "", seen); !errors.Is(err, forum.ErrConflict) {
		t.Errorf("what was scheduled meanwhile: %v", err)
	}
	p.must(p.Dispatch(ctx))
	if n := p.count(`select count(*) from newsletters where state = 'scheduled' and due_at > $1`, p.Now()); n != 1 {
		t.Error("it goes out at once")
	}
}

// Who approves an issue or has it go out says so of the lines that their page showed: what
// says something else by now they look at first, on the page anew.
func TestNobodyAnswersForLinesThatTheyDidNotSee(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	ctx, id := t.Context(), p.issue()
	other := forumtest.Granted(t, p.Store.Store, forumtest.Person(t, p.Store.Store, "Cleo", "Southmoor"), forum.Curator)
	thread := forumtest.Thread(t, p.Store.Store, p.ada, "Who has moved bins online?")
	p.must(p.AddBlock(ctx, p.cora, id, BlockDraft{Kind: "questions", Threads: number(thread)}))
	shown := func() Shown {
		t.Helper()
		page, err := p.ComposePage(ctx, other, id)
		p.must(err)
		return page.Shown()
	}
	deeds := []func(Shown) error{
		func(s Shown) error { return p.Schedule(ctx, other, id, p.Now().Add(time.Hour).Format(time.RFC3339), s) },
		func(s Shown) error { return p.Approve(ctx, other, id, s) },
	}
	for _, change := range []string{`update threads set title = 'BUY MY PILLS' where id = $1`, `update threads set hidden_at = now() where id = $1`, `update threads set hidden_at = null where id = $1`} {
		before := shown()
		forumtest.Fill(t, p.db, change, thread)
		for n, deed := range deeds {
			if err := deed(before); !errors.Is(err, forum.ErrConflict) {
				t.Errorf("%s: deed %d: %v", change, n, err)
			}
		}
	}
	if n := p.count(`select count(*) from newsletter_items where seen is not null`); n != 0 {
		t.Errorf("%d lines were looked at", n)
	}
	p.must(deeds[1](shown()))
	p.must(deeds[0](Shown{Version: shown().Version})) // whatever the page shows, it goes out as approved
	if page, err := p.ComposePage(ctx, other, id); err != nil || page.State != Scheduled || page.ApprovedBy != other.ID {
		t.Errorf("%+v (%v)", page.Issue, err)
	}
}

// The words of a highlight are its own: changed there they are changed in an issue that is
// not sent, and gone with it. A curator's own words in their place stay.
func TestAHighlightSaysInAnIssueWhatItSays(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	ctx := t.Context()
	thread, highlight := p.highlighted("Who has moved bins online?", "Bins, moved")
	id := p.issue()
	i := p.filled(id)
	block := i.Blocks[1]
	if block.Kind != "highlights" || block.Items[0].Why != "Bins, moved" {
		t.Fatalf("%+v", i.Blocks)
	}
	forumtest.Fill(t, p.db, `update highlights set title = 'Bins, put right' where id = $1`, highlight)
	again := func(change func(*BlockDraft)) string {
		t.Helper()
		page, err := p.ComposePage(ctx, p.cora, id)
		p.must(err)
		draft := page.Draft(page.Blocks[1])
		change(&draft)
		p.must(p.ChangeBlock(ctx, p.cora, block.ID, draft))
		mail, err := p.Content(ctx, id)
		p.must(err)
		return mail.Blocks[1].Items[0].Why
	}
	if got := again(func(b *BlockDraft) { b.Heading = "New" }); got != "Bins, put right" {
		t.Errorf("it says %q", got)
	}
	forumtest.Fill(t, p.db, `update highlights set title = 'Bins, at last' where id = $1`, highlight)
	for _, mine := range []string{"", " my words"} {
		if got := again(func(b *BlockDraft) { b.Threads = number(thread) + mine }); got != strings.TrimSpace(mine) {
			t.Errorf("over a curator's %q it says %q", mine, got)
		}
	}
	forumtest.Fill(t, p.db, `update highlights set ended_at = now() where id = $1`, highlight)
	if i, err := p.Content(ctx, id); err != nil || len(titles(i)) != 0 {
		t.Errorf("taken down, it is in it: %v (%v)", titles(i), err)
	}
}

// Of a council that is about to be elected, when an issue goes out, its curators are told,
// until another has looked at it.
func TestCouncilsBeforeAnElectionAreNamed(t *testing.T) {
	t.Parallel()
	p := openPress(t)
	ctx := t.Context()
	thread := forumtest.Thread(t, p.Store.Store, p.ada, "Who has moved bins online?")
	id := p.issue()
	p.must(p.AddBlock(ctx, p.cora, id, BlockDraft{Kind: "questions", Threads: number(thread)}))
	told := func() bool {
		t.Helper()
		page, err := p.ComposePage(ctx, p.cora, id)
		p.must(err)
		return slices.ContainsFunc(page.Findings(), func(f Finding) bool {
			return f.Key == "newsletters.check_election" && !f.Good && len(page.Elections) == 1
		})
	}
	if told() {
		t.Error("without an election")
	}
	forumtest.Fill(t, p.db, `
		insert into elections (name, council_id, from_on, until_on, curator_id, made_at)
		select 'By-election', council_id, $2::timestamptz::date, $2::timestamptz::date, $3, $2 from threads where id = $1`, thread, p.Now(), p.cora.ID)
	if !told() {
		t.Error("nobody is told")
	}
	other := forumtest.Granted(t, p.Store.Store, forumtest.Person(t, p.Store.Store, "Cleo", "Southmoor"), forum.Curator)
	page, err := p.ComposePage(ctx, other, id)
	p.must(err)
	p.must(p.Approve(ctx, other, id, page.Shown()))
	if told() {
		t.Error("after another curator looked at it")
	}
}
