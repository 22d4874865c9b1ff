package views

import (
	"strings"

	"moothall/forum"
	"moothall/forum/curation"
	"moothall/views/govuk"
)

// SecondTyped is a decision that was refused, as it was left.
type SecondTyped struct {
	ID     int64
	Reason string
}

// reasonOf is what was typed of one.
func (t SecondTyped) reasonOf(id int64) string {
	if t.ID == id {
		return t.Reason
	}
	return ""
}

// secondNames are names in a row.
func secondNames(names []string) string { return strings.Join(names, ", ") }

func secondDeed(id int64, deed string) string { return numbered("/desk/second/", id, "") + "/" + deed }

// secondReason is the id of the field for why not, which stands on the page more than once.
func secondReason(id int64) string { return "reason-" + number(id) }

// secondPath leads to what is to be shown.
func secondPath(s curation.Second) string {
	if s.PostID != 0 {
		return numbered("/posts/", s.PostID, "")
	}
	return PathOf(s.Kind, s.ThreadID, s.Slug)
}

// secondAbout tells the buttons apart for those who hear the page.
func secondAbout(f Frame, s curation.Second) string {
	switch {
	case s.ThreadTitle != "":
		return s.ThreadTitle
	case s.Banner != nil:
		return bannerAbout(*s.Banner)
	case s.ElectionID != 0:
		return s.ElectionName
	}
	return s.Collection
}

// secondSpan is a period in a line: its name, whose it is, its days.
func secondSpan(f Frame, s curation.Second) string {
	whose := s.ElectionCouncil
	if whose == "" {
		whose = electionOf(f, curation.Election{Nation: s.ElectionNation, Kind: s.ElectionKind})
	}
	return s.ElectionName + ", " + whose + ", " + f.W.T("banners.span", "From", f.W.Date(*s.ElectionFrom), "Until", f.W.Date(*s.ElectionUntil))
}

// secondSpanThen is the same of what a curator typed.
func secondSpanThen(f Frame, to curation.ElectionDraft) string {
	whose := to.Council
	if whose == "" {
		whose = electionOf(f, curation.Election{Nation: to.Nation, Kind: to.Kind})
	}
	from, until := to.Days()
	return to.Name + ", " + whose + ", " + f.W.T("banners.span", "From", f.W.Date(from), "Until", f.W.Date(until))
}

func secondOutcome(s curation.Second) string {
	if s.Agreed {
		return "seconds.was_agreed"
	}
	return "seconds.was_declined"
}

// secondRefusals lead to the row of what was refused, or to its field.
func secondRefusals(f Frame, typed SecondTyped, bad forum.Invalid) govuk.Problems {
	p := refusals(f, bad)
	for i := range p.List {
		if p.List[i].Field == "reason" {
			p.List[i].Field = secondReason(typed.ID)
		} else {
			p.List[i].Field = "second-" + number(typed.ID)
		}
	}
	return p
}

// secondProblems are those of one row's field, which Field.Name finds.
func secondProblems(f Frame, id int64, typed SecondTyped, bad forum.Invalid) govuk.Problems {
	if typed.ID != id || !refusedAt(bad, "reason") {
		return govuk.Problems{}
	}
	return refusals(f, bad)
}
