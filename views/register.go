package views

import (
	"net/url"
	"strings"

	"moothall/forum"
	"moothall/forum/projects"
	"moothall/views/govuk"
	"moothall/views/words"
)

// registerNames are the names that a register's filters have in its address.
var registerNames = [...]string{"topic", "principle", "phase", "verdict", "nation", "type", "product", "cost_band", "offer", "fresh"}

// registerPath is the address of a register without filters.
func registerPath(kind string) string {
	if kind == forum.Lesson {
		return "/lessons"
	}
	return "/projects"
}

// registerQuery is what an address says of a register's filters.
func registerQuery(f projects.Filter) string {
	query := url.Values{}
	for _, name := range registerNames {
		if value := f.Is(name); value != "" {
			query.Set(name, value)
		}
	}
	for name, value := range map[string]string{"sort": f.Sort, "before": f.Before} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

// registerURL is the address of a register as it is narrowed.
func registerURL(kind string, f projects.Filter) string { return registerPath(kind) + registerQuery(f) }

// RegisterPage is the address of a page of a register.
func RegisterPage(l projects.Register, f projects.Filter) string { return registerURL(l.Kind, f) }

// RegisterFeed is the address of what a register shows, for feed readers.
func RegisterFeed(l projects.Register, f projects.Filter) string {
	return "/feeds" + registerPath(l.Kind) + ".atom" + registerQuery(f)
}

// SheetPath is the address of a register as a spreadsheet.
func SheetPath(kind string, f projects.Filter) string {
	return registerPath(kind) + ".csv" + registerQuery(f)
}

// RegisterTitle is what a register is called, with what it is narrowed to.
func RegisterTitle(w words.Words, l projects.Register) string { return registerTitle(Frame{W: w}, l) }

// StageOf is how far a project has come, or what came of what a lesson tells.
func StageOf(w words.Words, c projects.Card) string {
	if c.Phase != "" {
		return w.T("phase." + c.Phase)
	}
	return w.T("register.verdict." + c.Verdict)
}

// registerHead names a register by what it is narrowed to, since every page has a title
// of its own.
func registerHead(f Frame, l projects.Register) pageHead {
	title := registerTitle(f, l)
	if l.Filter.Before != "" {
		title = f.W.T("threads.narrowed", "Title", title, "By", f.W.T("threads.older"))
	}
	return pageHead{Title: title, Description: f.W.T("register.lede." + l.Kind), Canonical: registerURL(l.Kind, l.Filter), Feed: RegisterFeed(l, l.Filter.First())}
}

func registerTitle(f Frame, l projects.Register) string {
	title := f.W.T("register.title." + l.Kind)
	by := make([]string, 0, len(l.Facets))
	for _, facet := range chosenFacets(l) {
		by = append(by, chosenName(f, facet))
	}
	if l.Filter.Sort != "" {
		by = append(by, sortName(f, l.Filter.Sort))
	}
	if len(by) == 0 {
		return title
	}
	return f.W.T("threads.narrowed", "Title", title, "By", strings.Join(by, ", "))
}

// chosenFacets are the filters of a register that are set.
func chosenFacets(l projects.Register) (list []projects.Facet) {
	for _, facet := range l.Facets {
		if facet.Chosen != "" {
			list = append(list, facet)
		}
	}
	return list
}

// chosenName is what a filter is set to.
func chosenName(f Frame, facet projects.Facet) string {
	for _, v := range facet.Values {
		if v.Value == facet.Chosen {
			return valueName(f, facet.Name, v)
		}
	}
	return facet.Chosen
}

// valueName is what a value of a filter is called.
func valueName(f Frame, facet string, v projects.Value) string {
	switch facet {
	case "topic", "principle", "product":
		return v.Name
	case "phase":
		return f.W.T("phase." + v.Value)
	case "nation":
		return nation(f, v.Value)
	case "type":
		return f.W.T("council.kind." + v.Value)
	case "cost_band":
		return costWord(f, v.Value)
	case "offer":
		return offerWord(f, v.Value)
	}
	return f.W.T("register." + facet + "." + v.Value)
}

// facetOptions are the values of a filter to choose from, each with how many there are.
func facetOptions(f Frame, facet projects.Facet) []govuk.Option {
	options := []govuk.Option{{Text: f.W.T("register.any." + facet.Name)}}
	for _, v := range facet.Values {
		o := govuk.Option{Value: v.Value, Text: f.W.T("register.value", "Name", valueName(f, facet.Name, v), "Count", counted(v.Count))}
		switch {
		case facet.Name == "topic" && v.Group == "practice":
			o.Group = f.W.T("facet.practice")
		case facet.Name == "topic":
			o.Group = v.Group
		}
		options = append(options, o)
	}
	return options
}

// registerSorts are the orders of a register.
func registerSorts(l projects.Register) []string {
	if l.Kind == forum.Lesson {
		return []string{"", "newest"}
	}
	return append([]string{""}, projects.Sorts...)
}

func sortName(f Frame, sort string) string {
	if sort == "" {
		sort = "moved"
	}
	return f.W.T("register.sort." + sort)
}

// registerSorted is the address of the same in another order.
func registerSorted(l projects.Register, sort string) string {
	to := l.Filter
	to.Sort, to.Before = sort, ""
	return registerURL(l.Kind, to)
}

// registerPages lead on, and from a later page back to the first: a cursor knows its way
// in one direction.
func registerPages(f Frame, l projects.Register) paging {
	filter := l.Filter
	var first, next string
	if l.Next != "" {
		filter.Before = l.Next
		next = registerURL(l.Kind, filter)
	}
	if l.Filter.Before != "" {
		filter.Before = ""
		first = registerURL(l.Kind, filter)
	}
	p := newerOlder(f, first, next)
	p.PrevText, p.NextText = f.W.T("register.first"), f.W.T("register.next")
	return p
}
