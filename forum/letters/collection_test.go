package letters

import (
	"testing"
	"time"

	"moothall/forum"
)

// Who follows a collection hears of what is added to it at their own pace, unless they
// have muted the thread; and not of what was taken out again meanwhile, nor of a
// collection that was withdrawn.
func TestACollectionIsHeardOfAtOnesPace(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	ada, ben, cat, dan, eve := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor"), h.person("Cat", "Southmoor"), h.person("Dan", "Southmoor"), h.person("Eve", "Northmoor")
	h.writable(ben, cat, dan, eve)
	_, err := h.db.Exec(ctx, `
		insert into collections (slug, title, intro, shown, published_at, reviewed_at, curator_id, made_at, changed_at) values ('bins', 'Bins', 'Read on', true, $2, $2, $1, $2, $2)`, ada.ID, h.Now())
	h.must(err)
	_, err = h.db.Exec(ctx, `insert into collection_sections (collection_id, heading, place) select id, 'First', 0 from collections`)
	h.must(err)
	bins := forum.Subject{Kind: forum.ToCollection, Slug: "bins"}
	h.follow(ben, bins, forum.Instant)
	h.follow(cat, bins, forum.Daily)
	h.follow(dan, bins, forum.Instant)
	h.follow(eve, bins, forum.OnSite)
	add := func(thread int64) {
		t.Helper()
		_, err := h.db.Exec(ctx, `insert into collection_items (collection_id, section_id, thread_id, why, place, added_by, added_at)
			select s.collection_id, s.id, $1, 'Begin here', 0, $2, $3 from collection_sections s`, thread, ada.ID, h.Now())
		h.must(err)
		h.must(h.Do(ctx, ada, func(d *forum.Deed) error {
			var post, collection int64
			if err := d.QueryRow(ctx, `select p.id, (select id from collections) from posts p where p.thread_id = $1 and p.number = 1`, thread).Scan(&post, &collection); err != nil {
				return err
			}
			return d.Tell(ctx, forum.Event{Kind: forum.CollectionAdded, ThreadID: thread, PostID: post, CollectionID: collection})
		}))
	}
	first, second := h.ask(ada, "Missed bins"), h.ask(ada, "Missed bags")
	h.mute(dan, first)
	add(first)
	h.tellAll()
	h.clock.Advance(time.Hour)
	sent := h.post()
	if len(sent) != 1 || sent[0].To.ID != ben.ID || sent[0].Via.Name != "Bins" || sent[0].Via.Slug != "bins" || sent[0].Collection.Why != "Begin here" || sent[0].Collection.Title != "Bins" || !sent[0].First {
		t.Fatalf("at once went out %+v", sent)
	}
	h.wantTold(eve, map[string]int{"chose": 1})
	h.wantTold(dan, map[string]int{})
	add(second)
	_, err = h.db.Exec(ctx, `delete from collection_items where thread_id = $1`, second)
	h.must(err)
	h.tellAll()
	h.clock.Advance(48 * time.Hour)
	_, err = h.MakeDigests(ctx)
	h.must(err)
	sent = h.post()
	if len(sent) != 1 || sent[0].To.ID != cat.ID || sent[0].Digest.Threads != 1 || sent[0].Digest.Sections[0].Topics[0].Items[0].Title != "Missed bins" {
		t.Fatalf("later went out %+v", sent)
	}
	h.wantUnread(eve, 1)
	_, err = h.db.Exec(ctx, `update collections set shown = false`)
	h.must(err)
	h.wantUnread(eve, 0)
	p, err := h.EmailsPage(ctx, eve, EmailsView{})
	if h.must(err); len(p.Follows) != 0 {
		t.Errorf("they follow %+v", p.Follows)
	}
	if s, err := h.StoppingPage(ctx, Mailed{PersonID: ben.ID, Via: Via{Kind: forum.ToCollection, ID: 1}}); err != nil || s.ViaCadence != forum.Instant || s.ViaName != "" {
		t.Errorf("the link in the mail stops %+v (%v)", s, err)
	}
	h.must(h.Stop(ctx, Mailed{PersonID: ben.ID, Via: Via{Kind: forum.ToCollection, ID: 1}}, StopTopic, ""))
	if s, err := h.StoppingPage(ctx, Mailed{PersonID: ben.ID, Via: Via{Kind: forum.ToCollection, ID: 1}}); err != nil || s.ViaCadence != "" {
		t.Errorf("stopped it is %+v (%v)", s, err)
	}
}
