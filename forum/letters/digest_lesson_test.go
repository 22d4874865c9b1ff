package letters

import (
	"testing"
	"time"

	"moothall/forum"
)

// A digest says of a lesson what it advises, in one sentence.
func TestADigestSaysWhatALessonAdvises(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	h.follow(ben, forum.Subject{Kind: forum.ToTopic, Slug: "waste-management"}, forum.Daily)
	thread := h.ask(ada, "Sensors in bins", "waste-management")
	_, err := h.db.Exec(t.Context(), `
		with told as (update threads set kind = 'lesson' where id = $1)
		insert into lessons (thread_id, happened, verdict, advice) values ($1, 'They went flat.', 'no', 'Ask how long the battery lasts.')`, thread)
	h.must(err)
	h.tellAll()
	h.clock.Advance(48 * time.Hour)
	_, err = h.MakeDigests(t.Context())
	h.must(err)
	sent := h.post()
	if len(sent) != 1 || len(sent[0].Digest.Sections) != 1 || sent[0].Digest.Sections[0].Key != "digest.learned" {
		t.Fatalf("got %+v", sent)
	}
	if item := sent[0].Digest.Sections[0].Topics[0].Items[0]; item.Excerpt != "Ask how long the battery lasts." {
		t.Errorf("it says %q", item.Excerpt)
	}
}
