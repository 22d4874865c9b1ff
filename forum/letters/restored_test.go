package letters

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// What people chose to hear less of since a backup they do not hear again, whether by a
// page or by a mail; what they wanted again after that they hear, and nobody is silenced
// by what was chosen under their number before they came.
func TestABackupBringsBackNoMailThatWasStopped(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben, cy := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Cy", "Southmoor")
	thread := h.ask(cy, "Bins?", "waste-management")
	topic, council := forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Subject{Kind: forum.ToCouncil, Slug: "northmoor"}
	number := int64(h.count(`select id from topics where slug = 'waste-management'`))
	asInTheBackup := func() {
		h.follow(ada, topic, forum.Instant)
		h.follow(ada, council, forum.Daily)
		h.follow(ben, topic, forum.Weekly)
		h.must(h.StopAll(t.Context(), ben, false))
		h.exec(`delete from follows where subject_kind = 'thread' and person_id = $1`, ada.ID)
		h.exec(`update follows set since = $1`, h.Now().AddDate(0, 0, -1)) // before what is chosen here
		h.exec(`update letter_settings set no_asks = false`)
		h.exec(`delete from stops`)
	}
	asInTheBackup()
	h.must(h.Stop(t.Context(), Mailed{PersonID: ada.ID, Via: Via{Kind: forum.ToTopic, ID: number}}, StopTopic, ""))
	h.must(h.Stop(t.Context(), Mailed{PersonID: ada.ID, ThreadID: thread}, StopThread, ""))
	h.follow(ada, council, forum.OnSite)
	h.must(h.Settle(t.Context(), ada, SettingsDraft{DigestDay: 1, NoAsks: true}))
	h.must(h.Settle(t.Context(), cy, SettingsDraft{DigestDay: 1, NoAsks: true}))
	h.clock.Advance(time.Minute)
	h.must(h.Settle(t.Context(), cy, SettingsDraft{DigestDay: 1}))
	for range 3 {
		h.must(h.Stop(t.Context(), Mailed{PersonID: ben.ID}, StopAll, ""))
	}
	h.follow(ben, topic, forum.Off)
	h.clock.Advance(time.Minute)
	h.follow(ben, topic, forum.Weekly)
	kept, err := h.Stops(t.Context(), time.Time{}, 0)
	h.must(err)
	if len(kept) != 9 {
		t.Fatalf("%d choices are kept, want 9: %+v", len(kept), kept)
	}
	after, err := h.Stops(t.Context(), kept[0].At, kept[0].ID)
	h.must(err)
	if len(after) != 8 || after[0].ID != kept[1].ID {
		t.Errorf("%d come after the first", len(after))
	}
	for i := range kept {
		kept[i].At = kept[i].At.Truncate(time.Second) // as a file has them
	}
	kept = append(kept, Stop{At: h.Now().AddDate(-1, 0, 0), PersonID: cy.ID, Cadence: forum.Off}, // who had their number before
		Stop{At: h.Now(), PersonID: 999999, Cadence: forum.Off}, Stop{At: h.Now(), PersonID: ada.ID, SubjectKind: forum.ToThread, SubjectID: 999999, Cadence: forum.Muted})

	asInTheBackup()
	for i, want := range []int64{8, 0} {
		n, err := h.StopAgain(t.Context(), kept)
		h.must(err)
		if n != want {
			t.Errorf("time %d: %d choices hold again, want %d", i+1, n, want)
		}
	}
	for sql, want := range map[string]int{
		`select count(*) from follows where person_id = $1 and subject_kind = 'topic'`:                        0,
		`select count(*) from follows where person_id = $1 and subject_kind = 'thread' and cadence = 'mute'`:  1,
		`select count(*) from follows where person_id = $1 and subject_kind = 'council' and cadence = 'site'`: 1,
		`select count(*) from letter_settings where stopped_at is not null and person_id = $1`:                0,
		`select count(*) from letter_settings where no_asks and person_id = $1`:                               1,
	} {
		if n := h.count(sql, ada.ID); n != want {
			t.Errorf("Ada: %d of %s, want %d", n, sql, want)
		}
	}
	if n := h.count(`select count(*) from follows where person_id = $1 and subject_kind = 'topic' and cadence = 'weekly'`, ben.ID); n != 1 {
		t.Error("Ben does not follow what he wanted again")
	}
	if n := h.count(`select count(*) from letter_settings where stopped_at is not null`); n != 1 {
		t.Errorf("%d hear nothing, want Ben alone", n)
	}
	if n := h.count(`select count(*) from letter_settings where no_asks`); n != 1 {
		t.Errorf("%d are asked no more, want Ada alone", n)
	}
}

// Of what was chosen since, it holds also where the backup knows nothing of the follow; and
// not where that was so long ago that the site does not know any more what came after it.
func TestABackupHoldsWhatItLacks(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.exec(`update people set created_at = $1`, h.Now().AddDate(-3, 0, 0))
	topic := int64(h.count(`select id from topics where slug = 'waste-management'`))
	council := int64(h.count(`select id from councils where slug = 'northmoor'`))
	h.writable(ada)
	h.follow(ada, forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Instant) // chosen anew, after it was ended
	h.follow(ada, forum.Subject{Kind: forum.ToPerson, ID: ben.ID}, forum.Daily)
	box := h.mailbox(ada, "team@northmoor.gov.example")
	old, ended := h.Now().AddDate(-1, -6, 0), h.Now().Add(-time.Hour)
	n, err := h.StopAgain(t.Context(), []Stop{
		{At: old, PersonID: ada.ID, SubjectKind: forum.ToPerson, SubjectID: ben.ID, Cadence: forum.Off},
		{At: old, PersonID: ada.ID, Cadence: forum.Off},
		{At: ended, PersonID: ada.ID, SubjectKind: forum.ToTopic, SubjectID: topic, Cadence: forum.Off},
		{At: h.Now(), PersonID: ada.ID, SubjectKind: forum.ToTopic, SubjectID: topic, ThreadKind: "question", Cadence: forum.Muted},
		{At: h.Now(), PersonID: ada.ID, SubjectKind: forum.ToCouncil, SubjectID: council, Cadence: forum.OnSite},
		{At: h.Now(), PersonID: ben.ID, SubjectKind: forum.ToPerson, SubjectID: ada.ID, Cadence: forum.Muted},
		{At: h.Now(), PersonID: ben.ID, SubjectKind: forum.ToTopic, SubjectID: 999999, Cadence: forum.Muted},
		{At: h.Now(), PersonID: ben.ID, SubjectKind: forum.ToCouncil, SubjectID: 999999, Cadence: forum.OnSite},
		{At: h.Now(), PersonID: ben.ID, SubjectKind: forum.ToCouncil, SubjectID: council, Cadence: forum.Weekly},
		{At: h.Now(), PersonID: box, Cadence: forum.Off},
	})
	h.must(err)
	if n != 8 {
		t.Errorf("%d choices hold again, want 8", n)
	}
	rows, err := h.db.Query(t.Context(), `select concat_ws(' ', p.name, f.subject_kind, f.thread_kind, f.cadence) from follows f join people p on p.id = f.person_id where p.id = any($1) order by 1`, []int64{ada.ID, ben.ID})
	h.must(err)
	follows, err := pgx.CollectRows(rows, pgx.RowTo[string])
	h.must(err)
	if want := []string{"Ada council  site", "Ada person  daily", "Ada topic  instant", "Ada topic question mute", "Ben person  mute"}; !slices.Equal(follows, want) {
		t.Errorf("they follow %q, want %q", follows, want)
	}
	if n := h.count(`select count(*) from letter_settings where stopped_at is not null`); n != 1 {
		t.Errorf("%d hear nothing, want the mailbox alone", n)
	}
	if n := h.count(`select count(*) from refused_mailboxes`); n == 0 {
		t.Error("the mailbox can be asked again")
	}
}
