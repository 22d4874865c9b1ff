package views

import (
	"slices"

	"moothall/forum"
	"moothall/views/govuk"
)

func joinTitle(f Frame, who forum.Person) string {
	if who.Joined {
		return f.W.T("join.title_again")
	}
	return f.W.T("join.title")
}

func joinHint(f Frame, p forum.JoinPage) string {
	if n := len(p.Proposed); n > 0 {
		return f.W.N("join.council_proposed", n)
	}
	return f.W.T("join.council_hint")
}

// joinFound says what a search for a council came to.
func joinFound(f Frame, p forum.JoinPage) string {
	if len(p.Found) == 0 {
		return f.W.T("join.not_found", "Query", p.Searched)
	}
	return f.W.N("join.found", len(p.Found), "Query", p.Searched)
}

// joinValues is which answer stands ticked. The empty answer is a supplier's.
func joinValues(p forum.JoinPage) []string {
	switch {
	case p.Draft.Council != "":
		return []string{p.Draft.Council}
	case p.Draft.Company != "" || p.Draft.Supplies:
		return []string{""}
	case len(p.Proposed) == 1:
		return []string{p.Proposed[0].Slug}
	}
	return nil
}

// joinOptions are the councils that somebody may well mean, and the ways out for
// those of none of them.
func joinOptions(f Frame, who forum.Person, p forum.JoinPage) (options []govuk.Option) {
	add := func(slug, name, hint string) {
		if slug != "" && !slices.ContainsFunc(options, func(o govuk.Option) bool { return o.Value == slug }) {
			options = append(options, govuk.Option{Value: slug, Text: name, Hint: hint})
		}
	}
	for _, c := range p.Proposed {
		add(c.Slug, c.Name, f.W.T("join.at_once"))
	}
	if who.Joined {
		add(who.CouncilSlug, who.CouncilName, f.W.T("join.as_now"))
	}
	if p.Chosen != nil {
		add(p.Chosen.Slug, p.Chosen.Name, f.W.T("join.let_in_first"))
	}
	for _, c := range p.Found {
		add(c.Slug, c.Name, f.W.T("join.let_in_first"))
	}
	return append(options,
		govuk.Option{Value: forum.NotListed, Text: f.W.T("join.not_listed"), Hint: f.W.T("join.not_listed_hint")},
		govuk.Option{Value: "", Text: f.W.T("join.supplier"), Hint: f.W.T("join.supplier_hint")})
}

// joinTopics are the services that somebody can follow from the start, or the ways of working.
func joinTopics(p forum.JoinPage, ways bool) (options []govuk.Option) {
	for _, t := range p.Topics {
		if (t.Facet == "practice") != ways {
			continue
		}
		options = append(options, govuk.Option{Value: t.Slug, Text: t.Name})
	}
	return options
}

// firstOptions are how soon they hear of them, the suggested first.
func firstOptions(f Frame) (options []govuk.Option) {
	for _, c := range forum.FirstCadences {
		options = append(options, govuk.Option{Value: string(c), Text: f.W.T("cadence." + string(c))})
	}
	return options
}
