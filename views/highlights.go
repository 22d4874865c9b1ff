package views

import (
	"slices"
	"strconv"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views/govuk"
)

// HighlightPath is the address of a highlight.
func HighlightPath(id int64) string { return numbered("/highlights/", id, "") }

// HighlightFormPath is where a thread, project or lesson is highlighted.
func HighlightFormPath(t forum.Thread) string { return "/highlights/new?target=thread:" + number(t.ID) }

// HighlightPostPath is where one post is highlighted.
func HighlightPostPath(postID int64) string { return "/highlights/new?target=post:" + number(postID) }

// HighlightsFeed is the address of the feed of highlights.
const HighlightsFeed = "/feeds/highlights.atom"

// highlightsHead is the head of the list: of the newest of the past, and of older ones.
func highlightsHead(f Frame, p curation.HighlightsPage) pageHead {
	return pageHead{Title: f.W.T("highlights.title"), Description: f.W.T("highlights.lede"), Canonical: "/highlights", Feed: HighlightsFeed}
}

// highlightMonth is the month in which something was first highlighted.
func highlightMonth(f Frame, m forum.HighlightMark) string {
	day, err := time.Parse(time.DateOnly, m.From)
	if err != nil {
		return m.From
	}
	return f.W.Month(day)
}

// highlightKind is what sort of thing is highlighted.
func highlightKind(f Frame, h *curation.Highlight) string {
	if h.PostID != 0 {
		return f.W.T("highlights.post")
	}
	return f.W.T("kind." + h.Kind)
}

// highlightBy says whose work a highlight is of.
func highlightBy(f Frame, h *curation.Highlight) string {
	name := named(f, h.AuthorName, h.CouncilName)
	if h.AuthorName == "" || h.CouncilName == "" {
		return f.W.T("highlights.by", "Name", name)
	}
	return f.W.T("highlights.by_of", "Name", name, "Council", h.CouncilName)
}

// refusedAt reports whether a field of a form was refused.
func refusedAt(bad forum.Invalid, field string) bool {
	return slices.ContainsFunc(bad, func(p forum.Problem) bool { return p.Field == field })
}

// highlightTools are what a curator may do with a card where it stands.
type highlightTools struct{ Move, First, Last bool }

// highlightAction is where the form of a highlight goes; 0 is a new one.
func highlightAction(id int64) string {
	if id == 0 {
		return "/highlights"
	}
	return HighlightPath(id)
}

// HighlightSource is where what is highlighted stands.
func HighlightSource(h *curation.Highlight) string {
	if h.PostID != 0 {
		return PostPath(forum.PostPlace{ThreadID: h.ThreadID, Kind: h.Kind, Slug: h.Slug, PostID: h.PostID, Number: h.PostNumber})
	}
	return PathOf(h.Kind, h.ThreadID, h.Slug)
}

// highlightImage is the class of the pattern at a card's head.
func highlightImage(image string) string {
	if image == "" {
		return ""
	}
	return "mh-card--" + image
}

// highlightTime says when something was, is or will be highlighted.
func highlightTime(f Frame, h *curation.Highlight) string {
	until := h.UntilOn
	if h.EndedAt != nil {
		until = *h.EndedAt
	}
	key := "highlights.was"
	if h.Live {
		key = "highlights.is"
	} else if h.EndedAt == nil && h.Coming {
		key = "highlights.will"
	}
	return f.W.T(key, "From", f.W.Date(h.FromOn), "Until", f.W.Date(until), "Name", named(f, h.CuratorName, ""))
}

// gradeSquares are the four squares of a grade, filled as far as it reaches.
func gradeSquares(grade string) [4]bool {
	var on [4]bool
	for i := range slices.Index(curation.Grades, grade) + 1 {
		on[i] = true
	}
	return on
}

// squareAt is where a square begins.
func squareAt(i int) string { return strconv.Itoa(1 + 12*i) }

func gradeWord(f Frame, grade string) string { return f.W.T("grade." + grade) }

// principleOptions are the principles of the Declaration to choose from.
func principleOptions(f Frame, topics []forum.Topic) []govuk.Option {
	options := []govuk.Option{{Text: f.W.T("highlights.principle_none")}}
	for _, t := range topics {
		if t.Facet == "principle" {
			options = append(options, govuk.Option{Value: t.Slug, Text: t.Name})
		}
	}
	return options
}

func imageOptions(f Frame) []govuk.Option {
	options := make([]govuk.Option, len(curation.Images))
	for i, image := range curation.Images {
		options[i] = govuk.Option{Value: image, Text: f.W.T("highlights.image_none")}
		if image != "" {
			options[i].Text = f.W.T("highlight_image." + image)
		}
	}
	return options
}
