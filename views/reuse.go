package views

import (
	"strconv"
	"strings"

	"moothall/forum"
	"moothall/forum/projects"
	"moothall/views/govuk"
)

// reusesOf are those of one kind.
func reusesOf(all []projects.Reuse, kind string) (list []projects.Reuse) {
	for _, u := range all {
		if u.Kind == kind {
			list = append(list, u)
		}
	}
	return list
}

// councilsIn is how many councils said so: each says each thing once.
func councilsIn(list []projects.Reuse) int { return len(list) }

func reuseOptions(f Frame) []govuk.Option {
	return wordOptions(f, projects.ReuseKinds, func(f Frame, kind string) string { return f.W.T("reuse.kind." + kind) })
}

// startOf is the form to share a project that is made of another.
func startOf(parent int64) string { return "/projects/new?parent=" + number(parent) }

// The measures of the family tree: each of the family is a box in a line of its own,
// further in than the one that it was made of.
const (
	treeLine, treeBoxHeight, treeBoxWidth, treeIn = 60, 48, 400, 36
)

var treeWidth, treeHeight = strconv.Itoa(treeBoxWidth), strconv.Itoa(treeBoxHeight)

func treeBox(p *projects.Page) string {
	deep := 0
	for _, k := range p.Family {
		deep = max(deep, k.Depth)
	}
	return "0 0 " + strconv.Itoa(max(600, treeBoxWidth+deep*treeIn+4)) + " " + strconv.Itoa(len(p.Family)*treeLine)
}

func treeX(k projects.Kin) string { return strconv.Itoa(k.Depth*treeIn + 2) }

func treeY(i int) string { return strconv.Itoa(i*treeLine + 4) }

func treeTextX(k projects.Kin) string { return strconv.Itoa(k.Depth*treeIn + 14) }

func treeTextY(i, line int) string { return strconv.Itoa(i*treeLine + 5 + 19*line) }

// treeEdges are the lines from each box to the one that it was made of.
func treeEdges(p *projects.Page) string {
	var d strings.Builder
	last := map[int]int{} // the line of the last box at each depth
	for i, k := range p.Family {
		last[k.Depth] = i
		if k.Depth == 0 {
			continue
		}
		x, top := (k.Depth-1)*treeIn+20, last[k.Depth-1]*treeLine+4+treeBoxHeight
		d.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(top) + "V" + strconv.Itoa(i*treeLine+4+treeBoxHeight/2) + "H" + strconv.Itoa(k.Depth*treeIn+2))
	}
	return d.String()
}

// kinPath is where one of the family has its page.
func kinPath(k projects.Kin) string {
	if k.ID == 0 {
		return CouncilPath(k.CouncilSlug)
	}
	return PathOf(forum.Project, k.ID, k.Slug)
}

// kinSays is what one of the family is, under its council's name.
func kinSays(f Frame, k projects.Kin) string {
	switch {
	case k.ID != 0:
		return k.Title
	case k.Note != "":
		return k.Note
	}
	return f.W.T("reuse.kind.reuse")
}

// kinName is one of the family in words, as it is read out.
func kinName(f Frame, k projects.Kin) string {
	name := k.CouncilName + ": " + kinSays(f, k)
	if k.ParentTitle != "" {
		name += ". " + f.W.T("reuse.made_of", "Title", k.ParentTitle)
	}
	return name
}

// inLine is a text that fits into a line of so many letters.
func inLine(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	short := string(letters[:most-1])
	if i := strings.LastIndexByte(short, ' '); i > 0 {
		short = short[:i] // what is read out has whole words, and so has what is seen
	}
	return short + "…"
}
