package views

import (
	"moothall/forum"
	"moothall/views/govuk"
)

// DeedForm is a short form that was refused, as it was typed.
type DeedForm struct {
	Name                       string // which: close, reopen, hide, show, suspend, turn_away, let_in, keep, undo
	Action                     string // where it is sent
	On, Reason, Until, Council string
	Seen                       string          // of what is held, when somebody is let in
	About                      string          // whom or what it is about, where that has a name
	Number                     int             // of the post that it is about
	Councils                   []forum.Council // to choose from, where one is asked for
	Found                      []forum.Council // that the name typed may mean
	Return                     string          // where it leads, if it was said
	Back                       string          // where it came from
}

// title says what the form does, and to whom or what.
func (w DeedForm) title(f Frame) string {
	about := w.About
	if w.Number > 0 {
		about = f.W.T("moderation.post", "Number", w.Number, "Title", about)
	}
	if about == "" {
		return f.W.T("deed.do_" + w.Name)
	}
	return f.W.T("deed.about_"+w.Name, "About", about)
}

// takesAway reports whether the deed takes something from somebody.
func (w DeedForm) takesAway() bool {
	switch w.Name {
	case "hide", "close", "suspend", "turn_away", "role_end":
		return true
	}
	return false
}

// councilOptions are councils to choose from.
func councilOptions(councils []forum.Council) []govuk.Option {
	options := make([]govuk.Option, len(councils))
	for i, c := range councils {
		options[i] = govuk.Option{Value: c.Slug, Text: c.Name}
	}
	return options
}

// only is the one there is to choose, ticked; of several none is.
func only(options []govuk.Option) []string {
	if len(options) == 1 {
		return []string{options[0].Value}
	}
	return nil
}
