package letters

import (
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// seeks has somebody follow a search, and tells its number.
func (h *hall) seeks(who forum.Person, words string, how forum.Cadence) (id int64) {
	h.t.Helper()
	h.must(h.db.QueryRow(h.t.Context(), `insert into saved_searches (person_id, words) values ($1, $2) returning id`, who.ID, words).Scan(&id))
	h.follow(who, forum.Subject{Kind: forum.ToSearch, ID: id}, how)
	return id
}

// Of a post that a search finds, who follows the search hears once, at the pace of the
// most specific of their follows, and is told why; of others nobody hears.
func TestWhoFollowsASearchIsToldOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben, cy, dot := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Cy", "Southmoor"), h.person("Dot", "Southmoor")
	h.writable(ada, ben, cy, dot)
	waste := forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}
	h.seeks(ben, "weasel reports", forum.Instant)
	h.seeks(ben, `"weasel reports"`, forum.Weekly) // the sooner counts
	h.follow(ben, waste, forum.Daily)
	h.seeks(cy, "weasels", forum.Muted)
	h.follow(cy, waste, forum.Instant)
	h.follow(cy, forum.Subject{Kind: forum.ToPerson, ID: dot.ID}, forum.Instant)
	h.seeks(dot, "stoats", forum.Instant)
	h.seeks(ada, "weasels", forum.Instant) // her own posts
	thread := h.ask(ada, "Weasel reports?", "waste-management")
	h.tellAll()
	h.tellAll()
	h.wantTold(ben, map[string]int{"chose": 1})
	for _, p := range []forum.Person{ada, cy, dot} {
		h.wantTold(p, map[string]int{})
	}
	sent := h.post()
	if len(sent) != 1 || sent[0].To.ID != ben.ID || sent[0].Via.Kind != forum.ToSearch || sent[0].Via.Name != "weasel reports" || !sent[0].First {
		t.Fatalf("sent are %+v", sent)
	}
	if p, err := h.NoticesPage(t.Context(), ben, ""); err != nil || len(p.Groups) != 1 || p.Groups[0].Search != "weasel reports" {
		t.Errorf("the notices say %+v (%v)", p, err)
	}
	if p := h.emails(ben, EmailsView{About: &About{ThreadID: thread}}); len(p.Follows) != 3 || p.Asked.ViaKind != forum.ToSearch || p.Asked.ViaName != "weasel reports" || p.Records[0].ViaName != "weasel reports" {
		t.Errorf("the emails say %+v", p)
	}
	h.reply(dot, thread, forum.PostDraft{Body: "A reply."})
	h.tellAll()
	h.wantTold(cy, map[string]int{"chose": 1}) // a person decides over a search
	h.wantTold(ben, map[string]int{"chose": 2})
}

// Somebody hears of what they may see, when it is there for all: not of what is held
// before it is let in, of what is for councils only where they are of none, nor of an
// edit.
func TestASearchBringsWhatItsReaderMaySee(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	eve := forumtest.NewcomerOf(t, h.Store.Store, "Eve", "Southmoor")
	h.seeks(ben, "weasels", forum.OnSite)
	h.seeks(eve, "weasels", forum.OnSite)
	forumtest.Ask(t, h.Store.Store, ada, forum.AskDraft{Title: "Weasels for councils", Body: "So.", Visibility: "councils"})
	h.tellAll()
	h.wantTold(ben, map[string]int{"chose": 1})
	h.wantTold(eve, map[string]int{})
	fay := forumtest.NewcomerOf(t, h.Store.Store, "Fay", "Northmoor")
	forumtest.Ask(t, h.Store.Store, fay, forum.AskDraft{Title: "Weasels that wait", Body: "So."})
	h.tellAll()
	h.wantTold(eve, map[string]int{})
	h.must(h.Do(t.Context(), forum.Operator, func(d *forum.Deed) error { return d.Release(t.Context(), fay) }))
	h.tellAll()
	h.wantTold(eve, map[string]int{"chose": 1})
	thread := forumtest.Thread(t, h.Store.Store, ada, "Stoats")
	first := forumtest.Reply(t, h.Store.Store, ada, thread, "Stoats.")
	h.tellAll()
	_, err := h.Edit(t.Context(), ada, first.ID, forum.EditDraft{Body: "Weasels.", Version: 1})
	h.must(err)
	var edited int64
	h.must(h.db.QueryRow(t.Context(), `select max(id) from events where kind = 'post_edited'`).Scan(&edited))
	h.must(h.FanOut(t.Context(), edited))
	h.wantTold(eve, map[string]int{"chose": 1})
}

// When a mail leaves it is looked again whether the search is followed and finds the
// post, and whether that is theirs to see; and a press on its link ends that search alone.
func TestASearchIsLookedAtAgainWhenMailLeaves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql  string // $1 is the reader
		want map[string]int
	}{
		"as it was":     {`select $1::bigint`, map[string]int{"instant sent ": 1}},
		"hidden":        {`update posts set hidden_at = posted_at where author_id <> $1`, map[string]int{"instant dropped gone": 1}},
		"councils only": {`with left_it as (update people set standing = 'newcomer' where id = $1) update threads set visibility = 'councils'`, map[string]int{"instant dropped gone": 1}},
		"ended":         {`delete from follows where person_id = $1`, map[string]int{"instant dropped gone": 1}},
		"other words":   {`update saved_searches set words = words || ' badgers' where person_id = $1`, map[string]int{"instant dropped gone": 1}},
		"muted":         {`update follows set cadence = 'mute' where person_id = $1`, map[string]int{"instant dropped gone": 1}},
		"slower":        {`update follows set cadence = 'daily' where person_id = $1`, map[string]int{"instant merged slower": 1}},
	} {
		h := open(t)
		ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
		h.writable(ben)
		id := h.seeks(ben, "weasels", forum.Instant)
		h.seeks(ben, "stoats or ferrets", forum.Instant)
		thread := h.ask(ada, "Weasels?")
		h.tellAll()
		h.exec(c.sql, ben.ID)
		h.post()
		if h.wantLetters(ben, c.want); t.Failed() {
			t.Fatal(name)
		}
		if name != "as it was" {
			continue
		}
		m := Mailed{PersonID: ben.ID, Via: Via{Kind: forum.ToSearch, ID: id}, ThreadID: thread}
		for _, want := range []string{"weasels", ""} {
			if p, err := h.StoppingPage(t.Context(), m); err != nil || p.ViaName != want || (p.ViaCadence == "") != (want == "") {
				t.Errorf("the page says %+v (%v)", p, err)
			}
			h.must(h.Stop(t.Context(), m, m.OneClick(), ""))
		}
		if p := h.emails(ben, EmailsView{}); len(p.Follows) != 1 || p.Follows[0].Name != "stoats or ferrets" {
			t.Errorf("followed are %+v", p.Follows)
		}
		other := Mailed{PersonID: ada.ID, Via: Via{Kind: forum.ToSearch, ID: id + 1}}
		if p, err := h.StoppingPage(t.Context(), other); err != nil || p.ViaName != "" {
			t.Errorf("another's search is called %q (%v)", p.ViaName, err)
		}
		h.must(h.Stop(t.Context(), other, StopTopic, ""))
		if p := h.emails(ben, EmailsView{}); len(p.Follows) != 1 {
			t.Error("somebody ended another's search")
		}
	}
}
