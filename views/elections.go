package views

import (
	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views/govuk"
)

// ElectionTyped is the form of a pre-election period, as it was left.
type ElectionTyped struct {
	Now      curation.Election // as it is; without a number a new one
	Draft    curation.ElectionDraft
	Clash    bool // somebody has changed it since the form was made
	Councils []forum.Council
}

// electionAction is where the form of a period goes; 0 is a new one.
func electionAction(id int64) string {
	if id == 0 {
		return "/elections"
	}
	return numbered("/elections/", id, "")
}

// electionHeads are the heads of the calendar.
func electionHeads(f Frame, curates bool) []string {
	heads := []string{f.W.T("elections.name"), f.W.T("elections.who"), f.W.T("elections.from"), f.W.T("elections.until")}
	if curates {
		heads = append(heads, f.W.T("moderation.do"))
	}
	return heads
}

// electionOf says whose period it is, where it is no one council's.
func electionOf(f Frame, e curation.Election) string {
	if e.Kind == "" {
		return f.W.T("elections.all", "Nation", nation(f, e.Nation))
	}
	return f.W.T("elections.all_kind", "Nation", nation(f, e.Nation), "Kind", f.W.T("council.kind."+e.Kind))
}

func electionNations(f Frame) []govuk.Option {
	options := []govuk.Option{{Text: f.W.T("elections.one_council")}}
	for _, n := range curation.Nations {
		options = append(options, govuk.Option{Value: n, Text: nation(f, n)})
	}
	return options
}

func electionKinds(f Frame) []govuk.Option {
	options := []govuk.Option{{Text: f.W.T("elections.kind_all")}}
	for _, k := range curation.CouncilKinds {
		options = append(options, govuk.Option{Value: k, Text: f.W.T("council.kind." + k)})
	}
	return options
}

// ElectionReminder is what somebody of a council is reminded of while they write.
func ElectionReminder(f Frame, e *curation.InElection) string {
	if e == nil {
		return ""
	}
	return f.W.T("elections.reminder", "Until", f.W.Date(e.UntilOn))
}
