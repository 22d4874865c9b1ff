package views

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"moothall/forum"
	"moothall/forum/places"
	"moothall/forum/projects"
	"moothall/views/govuk"
)

func councilsHead(f Frame, p forum.CouncilsPage) pageHead {
	head := pageHead{Title: f.W.T("councils.title"), Description: f.W.T("councils.lede"), Canonical: councilsPath(p.CouncilFilter)}
	if p.Nation != "" {
		head.Title = f.W.T("councils.in_nation", "Nation", nation(f, p.Nation))
	}
	if p.Query != "" || p.Region != "" || p.Kind != "" {
		head.Canonical = ""
	}
	if p.Query != "" {
		head.Title = f.W.T("councils.title_found", "Query", p.Query)
	}
	return head
}

// councilsPath is the address of the directory, narrowed.
func councilsPath(c forum.CouncilFilter) string {
	return pathWith("/councils", "nation", c.Nation, "region", c.Region, "type", c.Kind, "q", c.Query)
}

// pathWith is an address with those of its parameters that say something.
func pathWith(path string, pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// nation is its name in the words of the page.
func nation(f Frame, name string) string {
	return f.W.T("nation." + strings.ReplaceAll(strings.ToLower(name), " ", "_"))
}

// nationTabs lead to the directory of one nation, with the search and the kind kept.
func nationTabs(f Frame, p forum.CouncilsPage) []tab {
	all, list := 0, []tab{}
	for _, name := range forum.Nations {
		n := facetCount(p.Nations, name)
		all += n
		list = append(list, tab{Text: nation(f, name), Path: councilsPath(forum.CouncilFilter{Nation: name, Kind: p.Kind, Query: p.Query}), Count: n, Current: p.Nation == name})
	}
	return append([]tab{{Text: f.W.T("councils.all"), Path: councilsPath(forum.CouncilFilter{Kind: p.Kind, Query: p.Query}), Count: all, Current: p.Nation == ""}}, list...)
}

func facetCount(list []forum.Facet, value string) int {
	for _, c := range list {
		if c.Value == value {
			return c.Count
		}
	}
	return 0
}

// regionOptions are the regions that are not a nation of their own.
func regionOptions(f Frame, p forum.CouncilsPage) []govuk.Option {
	list := []govuk.Option{{Text: f.W.T("councils.any_region")}}
	for _, r := range p.Regions {
		if r.Value == p.Region || r.Count > 0 && r.Value != "" && !slices.Contains(forum.Nations, r.Value) {
			list = append(list, govuk.Option{Value: r.Value, Text: f.W.T("councils.counted", "Name", r.Value, "Count", r.Count)})
		}
	}
	return list
}

// kindOptions are the kinds of council.
func kindOptions(f Frame, p forum.CouncilsPage) []govuk.Option {
	list := []govuk.Option{{Text: f.W.T("councils.any_kind")}}
	for _, k := range p.Kinds {
		if k.Value == p.Kind || k.Count > 0 {
			list = append(list, govuk.Option{Value: k.Value, Text: f.W.T("councils.counted", "Name", f.W.T("council.kind."+k.Value), "Count", k.Count)})
		}
	}
	return list
}

func nationCrumb(f Frame, c forum.Council) crumb {
	return crumb{nation(f, c.Nation), councilsPath(forum.CouncilFilter{Nation: c.Nation})}
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

// councilKinds lead to a council's threads of each kind.
func councilKinds(f Frame, p forum.CouncilPage) (list []tab) {
	for _, kind := range []string{forum.Question, forum.Discussion, forum.Announcement} {
		if n := facetCount(p.Kinds, kind); n > 0 {
			list = append(list, tab{Text: f.W.T("threads.of_kind." + kind), Path: listPath(forum.Filter{Council: p.Council.Slug, Kind: kind}), Count: n})
		}
	}
	return list
}

// beforePath leads to a council of before: to its threads where its own address leads
// back here.
func beforePath(c forum.Council) string {
	if c.Moved {
		return listPath(forum.Filter{Council: c.Slug})
	}
	return CouncilPath(c.Slug)
}

// hexPath is a hexagon around nothing, somewhat smaller than its place.
const hexPath = "M0-9.6 8.3-4.8V4.8L0 9.6-8.3 4.8V-4.8z"

// hexAt is the middle of a hexagon: odd rows stand half a place to the right, and north
// is up.
func hexAt(h places.Hex) (x, y int) {
	half := int(h.R & 1)
	return (2*int(h.Q) + half) * 866 / 100, -15 * int(h.R)
}

func hexX(h places.Hex) string {
	x, _ := hexAt(h)
	return strconv.Itoa(x)
}

func hexY(h places.Hex) string {
	_, y := hexAt(h)
	return strconv.Itoa(y)
}

// mapBox is around all hexagons.
func mapBox(p places.MapPage) string {
	if len(p.Hexes) == 0 {
		return "0 0 1 1"
	}
	left, top := hexAt(p.Hexes[0])
	right, bottom := left, top
	for _, h := range p.Hexes {
		x, y := hexAt(h)
		left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
	}
	const edge = 12
	box := ""
	for _, n := range []int{left - edge, top - edge, right - left + 2*edge, bottom - top + 2*edge} {
		box += strconv.Itoa(n) + " "
	}
	return box[:len(box)-1]
}

func hexesOf(p places.MapPage, level int) (n int) {
	for _, h := range p.Hexes {
		if h.Level() == level {
			n++
		}
	}
	return n
}

// hexName is a council and what it has to do with the topic, and its county likewise.
func hexName(f Frame, p places.MapPage, h places.Hex) string {
	name := placeName(f, p, *h.Council)
	if h.County != nil && h.County.Total() > 0 {
		name += "; " + placeName(f, p, *h.County)
	}
	return name
}

func placeName(f Frame, p places.MapPage, c places.Place) string {
	name := c.Name
	if f.W.Lang() == "cy" && c.NameCy != "" {
		name = c.NameCy
	}
	name += ": " + f.W.N("map."+mapCounts(p), c.Asked)
	switch {
	case p.Second() == "replied":
		name += ", " + f.W.N("map.replied", c.Replied)
	case p.Second() == "uses" && c.Replied > 0:
		name += ", " + f.W.T("map.uses")
	}
	return name
}

// mapCounts is what the map counts of each council, by the name of its words.
func mapCounts(p places.MapPage) string {
	if p.Filter.OfProjects() {
		return "projects"
	}
	return "asked"
}

// mapWord is the name of a column's words.
func mapWord(p places.MapPage, by string) string {
	switch by {
	case "asked":
		return mapCounts(p)
	case "replied":
		return p.Second()
	}
	return by
}

func sortOf(p places.MapPage) string {
	if p.Filter.Sort == "" {
		return places.Sorts[0]
	}
	return p.Filter.Sort
}

// mapSorts are the orders to choose from; the first is the usual one.
func mapSorts(f Frame, p places.MapPage) (list []govuk.Option) {
	for _, by := range places.Sorts {
		if by == "replied" && p.Second() == "" {
			continue
		}
		value := by
		if by == places.Sorts[0] {
			value = ""
		}
		list = append(list, govuk.Option{Value: value, Text: f.W.T("map.first." + mapWord(p, by))})
	}
	return list
}

// mapPath is the address of the map as it is narrowed, with its table in an order.
func mapPath(w places.MapFilter, by string) string {
	if by == places.Sorts[0] {
		by = ""
	}
	return pathWith("/councils/map", "topic", w.Topic, "phase", w.Phase, "product", w.Product, "sort", by)
}

// mapPhases are the phases that the map can be narrowed to.
func mapPhases(f Frame) []govuk.Option {
	options := []govuk.Option{{Text: f.W.T("register.any.phase")}}
	for _, phase := range projects.Phases {
		options = append(options, govuk.Option{Value: phase, Text: f.W.T("phase." + phase)})
	}
	return options
}

// mapProducts are the products that it can be narrowed to.
func mapProducts(f Frame, p places.MapPage) []govuk.Option {
	options := []govuk.Option{{Text: f.W.T("register.any.product")}}
	for _, o := range p.Products {
		options = append(options, govuk.Option{Value: o.Slug, Text: o.Name})
	}
	return options
}

// mapNames are what the map is narrowed to, in words.
func mapNames(f Frame, p places.MapPage) string {
	var names []string
	if p.Topic != nil {
		names = append(names, p.Topic.Name)
	}
	if p.Filter.Phase != "" {
		names = append(names, f.W.T("phase."+p.Filter.Phase))
	}
	if p.Product != nil {
		names = append(names, p.Product.Name)
	}
	return strings.Join(names, ", ")
}

func mapHead(f Frame, p places.MapPage) pageHead {
	head := pageHead{Title: f.W.T("map.title"), Description: f.W.T("map.lede"), Canonical: mapPath(p.Filter, "")}
	if names := mapNames(f, p); names != "" {
		head.Title = f.W.T("map.title_topic", "Topic", names)
	}
	return head
}

func mapLede(f Frame, p places.MapPage) string {
	if p.Filter.OfProjects() {
		return f.W.T("map.lede_projects", "Names", mapNames(f, p))
	}
	if p.Topic == nil {
		return f.W.T("map.lede")
	}
	return f.W.T("map.lede_topic", "Topic", p.Topic.Name)
}
