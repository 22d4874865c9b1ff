package curation_test

import (
	"fmt"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
)

// A banner that names a supplier, or a council in its period, in either language, waits for
// a second curator, as a change of one does; what is down does not come up again alone.
func TestABannerWaitsForASecondCurator(t *testing.T) {
	t.Parallel()
	h := open(t)
	dan := h.dan()
	h.election("northmoor", "")
	if _, err := h.db.Exec(t.Context(), `insert into suppliers (slug, name) values ('binwatch', 'Binwatch')`); err != nil {
		t.Fatal(err)
	}
	up := func() (all []string) {
		list, err := h.Banners(t.Context())
		h.must(err)
		for _, b := range curation.BannersShown(list, h.Now()) {
			all = append(all, b.Body)
		}
		return all
	}
	draft := h.NewBanner()
	draft.Body = "Moothall is down on Friday"
	free, err := h.PutBanner(t.Context(), h.cora, draft)
	h.must(err)
	for _, c := range [][2]string{{"Northmoor leads the way", ""}, {"Somebody does", "Mae North**moor** yn arwain"}, {"Try Binwatch", ""}} {
		draft.Body, draft.BodyCy = c[0], c[1]
		_, err := h.PutBanner(t.Context(), h.cora, draft)
		h.is(c[0], err, curation.ErrSecond)
		_, err = h.PutBanner(t.Context(), h.cora, draft)
		if fmt.Sprint(refused(err)) != "[body]" {
			t.Errorf("%s again: got %v", c[0], err)
		}
	}
	change := h.NewBanner()
	change.Body, change.Version = "Northmoor is down on Friday", 1
	h.is("a change", h.ChangeBanner(t.Context(), h.cora, free, change), curation.ErrSecond)
	if got := up(); len(got) != 1 || got[0] != "Moothall is down on Friday" {
		t.Errorf("alone she has up %v", got)
	}
	p, err := h.SecondsPage(t.Context(), dan, 0, 0)
	if h.must(err); len(p.Waiting) != 4 || p.Waiting[0].Banner == nil || p.Waiting[0].Banner.Body != "Northmoor leads the way" || p.Waiting[3].BannerID != free {
		t.Fatalf("what waits is %+v", p.Waiting)
	}
	h.is("her own", h.agree(h.cora, p.Waiting[0].ID), forum.ErrForbidden)
	h.must(h.agree(dan, p.Waiting[0].ID))
	h.must(h.agree(dan, p.Waiting[3].ID))
	if got := up(); len(got) != 2 || got[0] != "Northmoor is down on Friday" || got[1] != "Northmoor leads the way" {
		t.Errorf("with him up are %v", got)
	}
	if p, err = h.SecondsPage(t.Context(), dan, 0, 0); err != nil || p.Decided[1].Banner != nil || p.Decided[1].BannerBody != "Northmoor leads the way" {
		t.Errorf("what was decided is %+v, %v", p.Decided, err)
	}
	if n := h.number(`select count(*) from banners where curator_id = $1`, h.cora.ID); n != 2 {
		t.Error("they are not in the name of who asked")
	}
	first := h.number(`select max(id) from banners`)
	h.must(h.EndBanner(t.Context(), h.cora, first))
	h.is("putting it up again", h.undo(h.cora, h.last()), forum.ErrForbidden)
	h.must(h.undo(h.cora, h.entry(forum.ChangedBanner, 0)))
	if got := up(); len(got) != 1 || got[0] != "Moothall is down on Friday" {
		t.Errorf("undone up are %v", got)
	}
	draft.Version = 2
	h.is("changing what is down", h.ChangeBanner(t.Context(), h.cora, first, draft), curation.ErrSecond)
	h.clock.Advance(40 * 24 * time.Hour)
	draft = h.NewBanner()
	draft.Body = "Northmoor leads the way"
	_, err = h.PutBanner(t.Context(), h.cora, draft)
	h.is("after the period", err, nil)
}

// What would stand on every page in a period that has yet to begin waits as well.
func TestABannerOnTheEveOfAPeriod(t *testing.T) {
	t.Parallel()
	h := open(t)
	day := func(n int) string { return h.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	h.must(h.SetElection(t.Context(), h.cora, curation.ElectionDraft{Name: "Local elections", Council: "northmoor", From: day(3), Until: day(20)}))
	for until, want := range map[int]error{2: nil, 3: curation.ErrSecond, 40: curation.ErrSecond} {
		_, err := h.PutBanner(t.Context(), h.cora, curation.BannerDraft{Kind: "news", Body: "Northmoor leads the way", From: day(0), Until: day(until)})
		h.is(fmt.Sprint("for ", until, " days"), err, want)
	}
	_, err := h.PutBanner(t.Context(), h.cora, curation.BannerDraft{Kind: "news", Body: "Northmoor led the way", From: day(21), Until: day(30)})
	h.is("after it", err, nil)
}

// A banner is of words, and of days that anybody means.
func TestWhatIsNoBanner(t *testing.T) {
	t.Parallel()
	h := open(t)
	for field, change := range map[string]func(*curation.BannerDraft){
		"body":       func(d *curation.BannerDraft) { d.Body = "***" },
		"from":       func(d *curation.BannerDraft) { d.From = "2026-02-30" },
		"from until": func(d *curation.BannerDraft) { d.From, d.Until = "9999-12-30", "9999-12-31" },
	} {
		draft := h.NewBanner()
		draft.Body = "Down on Friday"
		change(&draft)
		if _, err := h.PutBanner(t.Context(), h.cora, draft); fmt.Sprint(refused(err)) != "["+field+"]" {
			t.Errorf("%+v: got %v", draft, err)
		}
	}
}
