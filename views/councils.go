package views

import (
	"net/url"
	"strconv"
	"strings"

	"moothall/forum"
)

func councilsHead(f Frame, p forum.CouncilsPage) pageHead {
	head := pageHead{Title: f.W.T("councils.title"), Description: f.W.T("councils.lede"), Canonical: councilsPath(p.Nation, "")}
	if p.Nation != "" {
		head.Title = f.W.T("councils.in_nation", "Nation", nation(f, p.Nation))
	}
	if p.Query != "" {
		head.Title, head.Canonical = f.W.T("councils.title_found", "Query", p.Query), ""
	}
	return head
}

// councilsPath is the address of the directory, narrowed to a nation and to a search.
func councilsPath(nation, query string) string {
	values := url.Values{}
	if nation != "" {
		values.Set("nation", nation)
	}
	if query != "" {
		values.Set("q", query)
	}
	if len(values) == 0 {
		return "/councils"
	}
	return "/councils?" + values.Encode()
}

// nation is its name in the words of the page.
func nation(f Frame, name string) string {
	return f.W.T("nation." + strings.ReplaceAll(strings.ToLower(name), " ", "_"))
}

// nationTabs lead to the directory of one nation, with the search kept.
func nationTabs(f Frame, p forum.CouncilsPage) []tab {
	list := []tab{{Text: f.W.T("councils.all"), Path: councilsPath("", p.Query), Count: -1, Current: p.Nation == ""}}
	for _, name := range forum.Nations {
		list = append(list, tab{Text: nation(f, name), Path: councilsPath(name, p.Query), Count: -1, Current: p.Nation == name})
	}
	return list
}

func nationCrumb(f Frame, c forum.Council) crumb {
	return crumb{nation(f, c.Nation), councilsPath(c.Nation, "")}
}

// letter is the councils whose names begin alike.
type letter struct {
	Letter   string
	Councils []forum.Council
}

// alphabet puts councils, which come by name, under their first letters.
func alphabet(councils []forum.Council) (list []letter) {
	for _, c := range councils {
		first := strings.ToUpper(initial(c.Name))
		if n := len(list); n == 0 || list[n-1].Letter != first {
			list = append(list, letter{Letter: first})
		}
		last := &list[len(list)-1]
		last.Councils = append(last.Councils, c)
	}
	return list
}

func letterID(i int) string { return "letter-" + strconv.Itoa(i+1) }

func councilHead(f Frame, p forum.CouncilPage) pageHead {
	return pageHead{Title: p.Council.Name, Canonical: CouncilPath(p.Council.Slug), Feed: CouncilFeed(p.Council.Slug),
		Description: f.W.T("council.summary", "Council", p.Council.Name)}
}

// councilTense says of a council that is only planned what will be.
func councilTense(f Frame, c forum.Council, what string) string {
	if c.Status == "planned" {
		what += "_planned"
	}
	return f.W.T("council." + what)
}

// place is where a council is; a nation that is a region of its own is said once.
func place(c forum.Council) string {
	if c.Region == c.Nation || c.Region == "" {
		return c.Nation
	}
	return c.Region + ", " + c.Nation
}
