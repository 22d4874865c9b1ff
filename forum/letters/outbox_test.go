package letters

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// writable gives somebody an address that mail may go to.
func (h *hall) writable(people ...forum.Person) {
	h.t.Helper()
	for _, p := range people {
		_, err := h.db.Exec(h.t.Context(), `update people set proven_email = $2 where id = $1`, p.ID, fmt.Sprintf("person-%d@example.org", p.ID))
		h.must(err)
	}
}

// follow has somebody follow something.
func (h *hall) follow(who forum.Person, what forum.Subject, how forum.Cadence) {
	h.t.Helper()
	h.clock.Advance(time.Second)
	h.must(h.Follow(h.t.Context(), who, what, how))
}

// ask starts a thread in a topic, a minute later than what was before.
func (h *hall) ask(who forum.Person, title string, topics ...string) int64 {
	h.t.Helper()
	h.clock.Advance(time.Minute)
	return forumtest.Ask(h.t, h.Store.Store, who, forum.AskDraft{Title: title, Body: "Who has?", Topics: topics})
}

// post has every letter that is due go out, and tells what was written to whom.
func (h *hall) post() (sent []Letter) {
	h.t.Helper()
	for {
		claimed, err := h.Claim(h.t.Context(), 10)
		h.must(err)
		if len(claimed) == 0 {
			return sent
		}
		for _, c := range claimed {
			l, verdict, err := h.Read(h.t.Context(), c)
			h.must(err)
			if verdict.State != "" {
				h.must(h.NotSent(h.t.Context(), c, verdict.State, verdict.Why))
				continue
			}
			h.must(h.Sent(h.t.Context(), c, l.To.Address))
			sent = append(sent, l)
		}
	}
}

// letters counts somebody's letters by what became of them and why.
func (h *hall) letters(who forum.Person) map[string]int {
	h.t.Helper()
	rows, err := h.db.Query(h.t.Context(), `select kind || ' ' || state || ' ' || why, count(*) from letters where person_id = $1 group by 1`, who.ID)
	h.must(err)
	all := map[string]int{}
	var what string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&what, &n}, func() error { all[what] = n; return nil })
	h.must(err)
	return all
}

func (h *hall) wantLetters(who forum.Person, want map[string]int) {
	h.t.Helper()
	if got := h.letters(who); !maps.Equal(got, want) {
		h.t.Errorf("%s has the letters %v, want %v", who.Name, got, want)
	}
}

// Of all that somebody follows the most specific says how they hear of a post; what is
// muted is not heard of; and each hears once.
func TestTheMostSpecificFollowDecides(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.person("Ada", "Northmoor")
	h.writable(ada)
	topic := func(kind string) forum.Subject {
		return forum.Subject{Kind: forum.ToTopic, Slug: "waste-management", ThreadKind: kind}
	}
	area := forum.Subject{Kind: forum.ToTopic, Slug: "environmental-protection"}
	other := forum.Subject{Kind: forum.ToTopic, Slug: "content-design"}
	council := forum.Subject{Kind: forum.ToCouncil, Slug: "northmoor"}
	all := forum.Subject{Kind: forum.ToEverything}
	person := forum.Subject{Kind: forum.ToPerson, ID: ada.ID}
	type choice struct {
		what forum.Subject
		how  forum.Cadence
	}
	for n, test := range []struct {
		follows []choice
		want    string // the cadence; empty: not told
	}{
		{nil, ""},
		{[]choice{{all, forum.Weekly}}, "weekly"},
		{[]choice{{all, forum.Instant}, {council, forum.Weekly}}, "weekly"},
		{[]choice{{council, forum.Instant}, {topic(""), forum.Daily}}, "daily"},
		{[]choice{{area, forum.Daily}}, "daily"},
		{[]choice{{area, forum.Daily}, {topic(""), forum.Instant}}, "instant"},
		{[]choice{{other, forum.Weekly}, {topic(""), forum.OnSite}}, "weekly"},
		{[]choice{{other, forum.Muted}, {topic(""), forum.Instant}}, ""},
		{[]choice{{topic(""), forum.Instant}, {topic("question"), forum.Daily}}, "daily"},
		{[]choice{{topic("lesson"), forum.Instant}}, ""},
		{[]choice{{topic("question"), forum.Muted}, {person, forum.Weekly}}, "weekly"},
		{[]choice{{all, forum.Daily}, {topic(""), forum.Muted}}, ""},
		{[]choice{{all, forum.Daily}, {other, forum.Off}}, "daily"},
	} {
		ben := h.person(fmt.Sprint("Ben ", n), "Southmoor")
		h.writable(ben)
		for _, c := range test.follows {
			h.follow(ben, c.what, c.how)
		}
		thread := h.ask(ada, fmt.Sprint("Bins ", n), "waste-management", "content-design")
		h.tellAll()
		var got string
		h.must(h.db.QueryRow(t.Context(), `select coalesce((select cadence from notices where person_id = $1 and thread_id = $2), '')`, ben.ID, thread).Scan(&got))
		if got != test.want {
			t.Errorf("%d: who follows %v hears %q, want %q", n, test.follows, got, test.want)
		}
		h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.OnSite)
		h.reply(ada, thread, forum.PostDraft{Body: "And this."})
		h.tellAll()
		h.must(h.db.QueryRow(t.Context(), `select coalesce((select max(cadence) from notices n join events e on e.id = n.event_id
			where n.person_id = $1 and e.thread_id = $2 and e.kind = 'post_added'), '')`, ben.ID, thread).Scan(&got))
		if got != "site" {
			t.Errorf("%d: who follows the thread on the site hears %q", n, got)
		}
	}
}

// A letter says all that is to be written, and why.
func TestALetterTellsAll(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ada, ben)
	h.follow(ben, forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Instant)
	thread := h.ask(ada, "Who has moved bins online?", "waste-management")
	h.tellAll()
	sent := h.post()
	if len(sent) != 1 {
		t.Fatalf("%d letters went out, want 1", len(sent))
	}
	l := sent[0]
	if l.To.ID != ben.ID || l.To.Address == "" || l.Kind != Instant || l.Reason != "chose" || l.Via.Kind != forum.ToTopic || l.Via.Slug != "waste-management" || !l.First ||
		l.Thread.ID != thread || l.Thread.Topic == "" || l.Post.Body != "Who has?" || l.Post.Author != "Ada" || l.Post.Council == "" || l.Post.Number != 1 || l.Thread.FirstPost != l.Post.ID {
		t.Errorf("the letter is %+v", l)
	}
	h.reply(ben, thread, forum.PostDraft{Body: "We have, @ada.", Quote: 1})
	h.tellAll()
	sent = h.post()
	if len(sent) != 1 || sent[0].To.ID != ada.ID || sent[0].Kind != Mention || sent[0].Reason != "mentioned" || sent[0].Post.Quoted == 0 || !sent[0].Post.QuotedYou || sent[0].Post.Quote == "" {
		t.Errorf("the letters are %+v", sent)
	}
	h.reply(ada, thread, forum.PostDraft{Body: "Thank you."})
	h.tellAll()
	if sent = h.post(); len(sent) != 1 || sent[0].To.ID != ben.ID || sent[0].Reason != "replied" || sent[0].Via.Kind != forum.ToThread || !sent[0].First {
		t.Errorf("the letters are %+v", sent)
	}
}

// What changed between the event and the mail counts: nothing goes to who unfollowed,
// muted, stopped, read it, was suspended or erased, or may not see it any more; and
// nothing of what was taken back.
func TestRightsAndFollowsAreLookedAtAgain(t *testing.T) {
	t.Parallel()
	sql := func(text string) func(h *hall, ben forum.Person, thread int64) {
		return func(h *hall, ben forum.Person, thread int64) {
			_, err := h.db.Exec(h.t.Context(), text, pgx.NamedArgs{"ben": ben.ID, "thread": thread, "now": h.Now()})
			h.must(err)
		}
	}
	for name, test := range map[string]struct {
		meanwhile func(h *hall, ben forum.Person, thread int64)
		want      string
	}{
		"nothing":    {sql(`select 1`), "instant sent "},
		"unfollowed": {sql(`delete from follows where person_id = @ben`), "instant dropped gone"},
		"muted": {func(h *hall, ben forum.Person, thread int64) {
			h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Muted)
		}, "instant dropped gone"},
		"slower":       {sql(`update follows set cadence = 'daily' where person_id = @ben`), "instant merged slower"},
		"on the site":  {sql(`update follows set cadence = 'site' where person_id = @ben`), "instant dropped slower"},
		"stopped":      {sql(`insert into letter_settings (person_id, stopped_at) values (@ben, @now)`), "instant dropped stopped"},
		"paused":       {sql(`insert into letter_settings (person_id, pause_until) values (@ben, @now::timestamptz + interval '3 days')`), "instant merged paused"},
		"read":         {sql(`insert into reads (person_id, thread_id, number, at) values (@ben, @thread, 2, @now)`), "instant dropped read"},
		"suspended":    {sql(`update people set suspended_at = @now, suspended_until = @now::timestamptz + interval '1 day' where id = @ben`), "instant dropped away"},
		"no address":   {sql(`update people set proven_email = null where id = @ben`), "instant dropped away"},
		"hidden post":  {sql(`update posts set hidden_at = @now, hidden_why = 'x' where thread_id = @thread and number = 2`), "instant dropped gone"},
		"deleted post": {sql(`update posts set deleted_at = @now where thread_id = @thread and number = 2`), "instant dropped gone"},
		"not theirs": {sql(`with a as (update people set standing = 'newcomer' where id = @ben)
			update threads set visibility = 'councils' where id = @thread`), "instant dropped gone"},
		"unreachable": {sql(`insert into bounces (person_id, address, suppressed_at) select id, proven_email, @now from people where id = @ben`), "instant suppressed unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
			h.writable(ben)
			thread := h.ask(ada, "Bins?", "waste-management")
			h.follow(ben, forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Instant)
			h.reply(ada, thread, forum.PostDraft{Body: "I mean this."})
			h.tellAll()
			h.clock.Advance(time.Second)
			test.meanwhile(h, ben, thread)
			h.post()
			h.wantLetters(ben, map[string]int{test.want: 1})
		})
	}
}

// A letter about a post waits for a while: an edit goes along with it, and what is said
// before it goes is not sent.
func TestALetterIsHeld(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.Hold = 5 * time.Minute
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	thread := h.ask(ada, "Bins?", "waste-management")
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
	posted := h.reply(ada, thread, forum.PostDraft{Body: "I mean tihs."})
	h.tellAll()
	if sent := h.post(); len(sent) != 0 {
		t.Errorf("%d letters went at once", len(sent))
	}
	_, err := h.Edit(t.Context(), ada, posted.ID, forum.EditDraft{Body: "I mean this.", Version: 1})
	h.must(err)
	h.clock.Advance(5 * time.Minute)
	if sent := h.post(); len(sent) != 1 || sent[0].Post.Body != "I mean this." {
		t.Errorf("the letters are %+v", sent)
	}
}

// Two nodes never work on one letter at once; what a node that died had claimed comes
// back; a letter that is done stays done.
func TestALetterIsClaimedByOne(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.person("Ada", "Northmoor")
	thread := h.ask(ada, "Bins?", "waste-management")
	_, err := h.db.Exec(t.Context(), `
		with crowd as (
			insert into people (name, standing, rules_version, joined_at, created_at, proven_email)
			select 'Person ' || n, 'colleague', 1, $2, $2, 'p' || n || '@example.org' from generate_series(1, 100) n returning id
		)
		insert into follows (person_id, subject_kind, subject_id, cadence, reason, since)
		select id, 'thread', $1, 'instant', 'chose', $2 from crowd`, thread, h.Now().Add(time.Second))
	h.must(err)
	h.reply(ada, thread, forum.PostDraft{Body: "This."})
	h.tellAll()
	var lock sync.Mutex
	seen := map[int64]int{}
	var nodes sync.WaitGroup
	for range 4 {
		nodes.Go(func() {
			defer func() { _ = recover() }()
			for {
				claimed, err := h.Claim(context.Background(), 7)
				if err != nil || len(claimed) == 0 {
					return
				}
				lock.Lock()
				for _, c := range claimed {
					seen[c.ID]++
				}
				lock.Unlock()
			}
		})
	}
	nodes.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("letter %d was claimed %d times", id, n)
		}
	}
	if len(seen) != 100 {
		t.Errorf("%d letters were claimed, want 100", len(seen))
	}
	_, err = h.db.Exec(t.Context(), `update letters set claimed_until = clock_timestamp() - interval '1 second' where id % 2 = 0`)
	h.must(err)
	again := h.post()
	if len(again) != 50 {
		t.Errorf("%d letters came back, want 50", len(again))
	}
	h.must(h.Sent(t.Context(), Claimed{ID: again[0].ID, PersonID: again[0].To.ID}, "elsewhere@example.org"))
	h.must(h.NotSent(t.Context(), Claimed{ID: again[0].ID}, Dropped, "gone"))
	var state, address string
	h.must(h.db.QueryRow(t.Context(), `select state, address from letters where id = $1`, again[0].ID).Scan(&state, &address))
	if state != "sent" || address == "elsewhere@example.org" {
		t.Errorf("a letter that was sent is %s to %s", state, address)
	}
}

// A server that is away or says "later" is asked again, soon and then less often, for
// three days; three refusals in a row end mail to an address, and one success between
// them begins anew.
func TestFailuresAreToldApart(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	thread := h.ask(ada, "Bins?", "waste-management")
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
	next := func() Claimed {
		t.Helper()
		h.reply(ada, thread, forum.PostDraft{Body: "This."})
		h.tellAll()
		claimed, err := h.Claim(t.Context(), 10)
		h.must(err)
		if len(claimed) != 1 {
			t.Fatalf("%d letters are due, want 1", len(claimed))
		}
		return claimed[0]
	}
	address := fmt.Sprintf("person-%d@example.org", ben.ID)
	c := next()
	tries := 0
	for began := h.Now(); h.Now().Sub(began) < 4*24*time.Hour; h.clock.Advance(time.Minute) {
		if c.ID == 0 {
			claimed, err := h.Claim(t.Context(), 1)
			h.must(err)
			if len(claimed) == 0 {
				continue
			}
			c = claimed[0]
		}
		tries++
		h.must(h.Deferred(t.Context(), c, "451 later"))
		c = Claimed{}
	}
	if tries < 700 || tries > 1000 { // each minute for an hour, then each five
		t.Errorf("it was tried %d times", tries)
	}
	h.wantLetters(ben, map[string]int{"instant bounced gave_up": 1})

	for range 2 {
		h.must(h.Refused(t.Context(), next(), address, "550 no such mailbox", true))
	}
	h.must(h.Sent(t.Context(), next(), address))
	for n := range 3 {
		var stopped bool
		err := h.db.QueryRow(t.Context(), `select suppressed_at is not null from bounces where person_id = $1`, ben.ID).Scan(&stopped)
		if stopped || n == 0 != errors.Is(err, pgx.ErrNoRows) {
			t.Errorf("after %d refusals it is stopped: %v, %v", n, stopped, err)
		}
		h.must(h.Refused(t.Context(), next(), address, "550 no such mailbox", true))
	}
	h.reply(ada, thread, forum.PostDraft{Body: "And this."})
	h.tellAll()
	h.post()
	h.wantLetters(ben, map[string]int{"instant bounced gave_up": 1, "instant bounced refused": 5, "instant sent ": 1, "instant suppressed unreachable": 1})
}
