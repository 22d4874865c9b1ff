package curation_test

import (
	"errors"
	"fmt"
	"testing"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/forum/forumtest"
)

// A council is named by its Welsh name, by a nickname or an earlier name, by that of a
// council that went into it, in capitals, without its accents, and by what a page shows of
// marks within a word; and a supplier or council whose name is no word names nothing.
func TestByWhichNamesACouncilIsNamed(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, sql := range []string{
		`update councils set name = 'Llanmôr County Council', short_name = 'Llanmôr', name_cy = 'Cyngor Sir y Môr' where slug = 'northmoor'`,
		`insert into council_names (council_id, name) select id, 'Old Moor' from councils where slug = 'northmoor'`,
		`insert into councils (slug, name, short_name, kind, nation, region, status) values ('eastmoor', 'Eastmoor District Council', 'Eastmoor', 'district', 'England', 'x', 'former')`,
		`insert into successions (old_id, new_id, kind, on_date) select o.id, n.id, 'merged', '2020-04-01' from councils o, councils n where o.slug = 'eastmoor' and n.slug = 'northmoor'`,
		`insert into suppliers (slug, name) values ('dash', '-'), ('star', '***')`,
	} {
		if _, err := h.db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	h.election("northmoor", "")
	for i, c := range []struct {
		said  string
		needs bool
	}{
		{"At Llanmôr they do.", true},
		{"At LLANMÔR they do.", true},
		{"At Llanmor they do.", true},
		{"The llanmôr county council does.", true},
		{"Yng Nghyngor Sir y Môr.", false},
		{"Mae Cyngor Sir y Môr yn ei wneud.", true},
		{"At Old Moor they do.", true},
		{"On an old moor.", false},
		{"At Eastmoor they did.", true},
		{"At Llan**môr** they do.", true},
		{"At Llan\u00admôr they do.", true},
		{"At Llan&#109;ôr they do.", true},
		{"At Llan[môr](https://a.example) they do.", true},
		{"**Bins** — with -, and *** at their ends!", false},
	} {
		draft := h.draft("thread", forumtest.Ask(t, h.Store.Store, h.ben, forum.AskDraft{Title: fmt.Sprint("Bins ", i), Body: "We did."}))
		draft.Note = c.said
		if _, err := h.Highlight(t.Context(), h.cora, draft); errors.Is(err, curation.ErrSecond) != c.needs || err != nil && !c.needs {
			t.Errorf("%q: got %v", c.said, err)
		}
	}
}
