package views

import (
	"moothall/forum"
	"moothall/views/govuk"
)

// MarkForm is a short form about a thread that was refused, as it was typed.
type MarkForm struct {
	Name                             string // which: solved, outcome, save
	Action                           string // where it is sent
	Body, Answer, Note, Remind, List string
	Back                             string // where it came from
}

// title is what the form asks.
func (m MarkForm) title(f Frame) string {
	switch m.Name {
	case "solved":
		return f.W.T("answer.solve")
	case "outcome":
		return f.W.T("outcome.ask")
	}
	return f.W.T("saved.keep")
}

// bit is a switch as a form sends it.
func bit(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// pressed is a switch as aria-pressed tells it.
func pressed(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

// tally is how many are in one state or of one answer, and in which words.
type tally struct {
	state string
	count int
	words string
}

// usTooTallies count the councils in each state that somebody is in.
func usTooTallies(f Frame, list []forum.UsToo) (all []tally) {
	for _, state := range forum.UsTooStates {
		n := 0
		for _, u := range list {
			if u.State == state {
				n++
			}
		}
		if n > 0 {
			all = append(all, tally{state, n, f.W.T("ustoo_state." + state)})
		}
	}
	return all
}

func usTooOptions(f Frame) (options []govuk.Option) {
	for _, state := range forum.UsTooStates {
		options = append(options, govuk.Option{Value: state, Text: f.W.T("ustoo_option." + state)})
	}
	return options
}

// outcomeTallies count what was told of the answer.
func outcomeTallies(f Frame, list []forum.Outcome) (all []tally) {
	for _, answer := range forum.Outcomes {
		if n := len(outcomesOf(list, answer)); n > 0 {
			all = append(all, tally{answer, n, f.W.T("outcome_tally." + answer)})
		}
	}
	return all
}

// outcomesOf are those who gave one answer.
func outcomesOf(list []forum.Outcome, answer string) (some []forum.Outcome) {
	for _, o := range list {
		if o.Answer == answer {
			some = append(some, o)
		}
	}
	return some
}

func outcomeOptions(f Frame) (options []govuk.Option) {
	for _, answer := range forum.Outcomes {
		options = append(options, govuk.Option{Value: answer, Text: f.W.T("outcome_answer." + answer)})
	}
	return options
}

// toldBy is whose word an outcome is.
func toldBy(f Frame, o forum.Outcome) string {
	if o.CouncilName == "" {
		return named(f, o.PersonName, "")
	}
	return f.W.T("outcome.said_by", "Council", o.CouncilName, "Name", named(f, o.PersonName, o.CouncilName))
}

// acceptedBy says who accepted an answer, and when.
func acceptedBy(f Frame, a *forum.Answer) string {
	if a.Own {
		return f.W.T("answer.accepted_own", "Name", named(f, a.ByName, ""), "Date", f.W.Date(a.At))
	}
	return f.W.T("answer.accepted_by", "Name", named(f, a.ByName, ""), "Date", f.W.Date(a.At))
}

// answerAuthor is whose the answer is, and of which council or company.
func answerAuthor(f Frame, a *forum.Answer) string {
	switch {
	case a.AuthorName == "":
		return named(f, "", a.CouncilName)
	case a.Company != "":
		return a.AuthorName + ", " + a.Company
	case a.CouncilName != "":
		return a.AuthorName + ", " + a.CouncilName
	}
	return a.AuthorName
}

// remindValue is a reminder as a date field holds it.
func remindValue(f Frame, s *forum.Saved) string {
	if s == nil || s.RemindAt == nil {
		return ""
	}
	return f.W.DayValue(*s.RemindAt)
}

// button is what sends the form.
func (m MarkForm) button(f Frame) string {
	switch m.Name {
	case "solved":
		return f.W.T("answer.solve_yes")
	case "outcome":
		return f.W.T("outcome.tell")
	}
	return f.W.T("saved.save")
}
