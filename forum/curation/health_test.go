package curation_test

import (
	"testing"
	"time"

	"moothall/forum"
)

// The figures of health are those of what was asked and answered in a week, and of the
// last four weeks beside the four before.
func TestFiguresOfHealth(t *testing.T) {
	t.Parallel()
	h := open(t)
	ctx := t.Context()
	day := 24 * time.Hour
	old := h.ask(h.ada, "Asked long ago") // before the last four weeks, answered on the fifth day
	h.clock.Advance(5 * day)
	h.reply(h.ben, old, "We did.")
	h.clock.Advance(28 * day)
	first, second, third := h.ask(h.ada, "Answered in two hours"), h.ask(h.ada, "Answered in six"), h.ask(h.ada, "Answered after nine days")
	h.ask(h.ada, "Never answered")
	h.reply(h.ada, first, "Her own word is no answer")
	h.clock.Advance(2 * time.Hour)
	h.reply(h.ben, first, "We did.")
	h.clock.Advance(4 * time.Hour)
	h.reply(h.ben, second, "We did.")
	h.clock.Advance(9 * day)
	h.reply(h.ben, third, "We did.")
	h.ask(h.ada, "Asked today, and not counted yet")
	p, err := h.HealthPage(ctx, h.cora)
	h.must(err)
	if p.Now.Questions != 5 || p.Now.Counted != 4 || p.Now.InSeven != 2 || p.Now.Share() != 50 || p.Now.Hours == nil || *p.Now.Hours != 6 || p.Now.Councils != 2 {
		t.Errorf("of the last four weeks: %+v", p.Now)
	}
	if p.Before.Questions != 1 || p.Before.Share() != 100 || p.Before.Hours == nil || *p.Before.Hours != 120 {
		t.Errorf("of those before: %+v", p.Before)
	}
	asked := 0
	for _, w := range p.Weeks {
		asked += w.Questions
	}
	if last := p.Weeks[len(p.Weeks)-1]; len(p.Weeks) != 13 || asked != 6 || last.Share() != -1 || last.Hours != nil || last.Monday().Weekday() != time.Monday {
		t.Errorf("week by week: %+v", p.Weeks)
	}
	_, err = h.HealthPage(ctx, h.ada)
	h.is("who is no curator reads them", err, forum.ErrForbidden)
}
