package views

import (
	"slices"

	"moothall/forum"
	"moothall/views/govuk"
)

// moveOptions are the councils that somebody may mean who moves.
func moveOptions(f Frame, p forum.CouncilChoice) (options []govuk.Option) {
	add := func(c forum.Council, hint string) {
		if !slices.ContainsFunc(options, func(o govuk.Option) bool { return o.Value == c.Slug }) {
			options = append(options, govuk.Option{Value: c.Slug, Text: c.Name, Hint: hint})
		}
	}
	for _, c := range p.Proposed {
		add(c, f.W.T("join.at_once"))
	}
	for _, c := range p.Found {
		add(c, f.W.T("move.waits"))
	}
	return append(options, govuk.Option{Value: forum.NotListed, Text: f.W.T("join.not_listed"), Hint: f.W.T("join.not_listed_hint")})
}

// successors are the colleagues who could lead a council next.
func successors(f Frame, p forum.LeavePage) []govuk.Option {
	options := []govuk.Option{{Value: "", Text: f.W.T("leave.person_nobody")}}
	for _, c := range p.Colleagues {
		options = append(options, govuk.Option{Value: number(c.ID), Text: c.Name + ", " + c.JobTitle})
	}
	return options
}

// chosen is the number of somebody who was chosen, as a form has it.
func chosen(id int64) string {
	if id == 0 {
		return ""
	}
	return number(id)
}
