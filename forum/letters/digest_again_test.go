package letters

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// What somebody chose between what happened and their digest counts as it does for a mail
// at once: what they follow no more, or want on the site alone, is not in it, and neither
// is what they may not see any more.
func TestFollowsAndRightsAreLookedAtAgainInADigest(t *testing.T) {
	t.Parallel()
	waste := forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}
	questions := forum.Subject{Kind: forum.ToTopic, Slug: "waste-management", ThreadKind: "question"}
	discussions := forum.Subject{Kind: forum.ToTopic, Slug: "waste-management", ThreadKind: "discussion"}
	follow := func(what forum.Subject, how forum.Cadence) func(h *hall, ben forum.Person, thread int64) {
		return func(h *hall, ben forum.Person, _ int64) { h.follow(ben, what, how) }
	}
	thread := func(how forum.Cadence) func(h *hall, ben forum.Person, thread int64) {
		return func(h *hall, ben forum.Person, thread int64) {
			h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, how)
		}
	}
	sql := func(text string) func(h *hall, ben forum.Person, thread int64) {
		return func(h *hall, ben forum.Person, thread int64) {
			_, err := h.db.Exec(h.t.Context(), text, pgx.NamedArgs{"ben": ben.ID, "thread": thread, "now": h.Now()})
			h.must(err)
		}
	}
	for name, test := range map[string]struct {
		by, also  forum.Subject
		meanwhile func(h *hall, ben forum.Person, thread int64)
		want      bool
	}{
		"nothing":                   {by: waste, meanwhile: sql(`select 1`), want: true},
		"at once":                   {by: waste, meanwhile: follow(waste, forum.Instant), want: true},
		"on the site":               {by: waste, meanwhile: follow(waste, forum.OnSite)},
		"unfollowed":                {by: waste, meanwhile: follow(waste, forum.Off)},
		"that kind unfollowed":      {by: questions, also: discussions, meanwhile: follow(questions, forum.Off)},
		"another kind unfollowed":   {by: questions, also: discussions, meanwhile: follow(discussions, forum.Off), want: true},
		"that kind on the site":     {by: waste, meanwhile: follow(questions, forum.OnSite)},
		"that kind muted":           {by: waste, meanwhile: follow(questions, forum.Muted)},
		"another kind on the site":  {by: waste, meanwhile: follow(discussions, forum.OnSite), want: true},
		"other kinds on the site":   {by: questions, also: waste, meanwhile: follow(waste, forum.OnSite), want: true},
		"the thread muted":          {by: waste, meanwhile: thread(forum.Muted)},
		"the thread on the site":    {by: waste, meanwhile: thread(forum.OnSite)},
		"the thread followed daily": {by: waste, meanwhile: thread(forum.Daily), want: true},
		"hidden":                    {by: waste, meanwhile: sql(`update threads set hidden_at = @now where id = @thread`)},
		"deleted":                   {by: waste, meanwhile: sql(`update posts set deleted_at = @now where thread_id = @thread`)},
		"not theirs": {by: waste, meanwhile: sql(`with a as (update people set standing = 'newcomer' where id = @ben)
			update threads set visibility = 'councils' where id = @thread`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
			h.writable(ben)
			h.follow(ben, test.by, forum.Daily)
			if test.also.Kind != "" {
				h.follow(ben, test.also, forum.Daily)
			}
			id := h.ask(ada, "Bins?", "waste-management")
			h.tellAll()
			test.meanwhile(h, ben, id)
			h.clock.Advance(48 * time.Hour)
			_, err := h.MakeDigests(t.Context())
			h.must(err)
			if sent := h.post(); (len(sent) == 1) != test.want {
				t.Errorf("%d mails, want one: %v", len(sent), test.want)
			}
		})
	}
}
