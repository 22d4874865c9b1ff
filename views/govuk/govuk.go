// Package govuk holds the components of the GOV.UK Design System that Moothall
// uses, with typed arguments. Their classes and structure are
// govuk-frontend's; the words come from the page.
package govuk

import (
	"strconv"
	"strings"
)

// Problem is one thing to put right in a form: the name of the field, empty
// when it concerns the whole form, and what to do.
type Problem struct{ Field, Text string }

// Problems is what came back with a refused form, in the order of the form.
// The zero Problems are none.
type Problems struct {
	Title  string // over the summary
	Prefix string // said before each message, for those who do not see its colour
	List   []Problem
}

// Any reports whether there is something to put right.
func (p Problems) Any() bool { return len(p.List) > 0 }

// For returns the first message about a field, or nothing.
func (p Problems) For(field string) string {
	for _, problem := range p.List {
		if problem.Field == field {
			return problem.Text
		}
	}
	return ""
}

// Field is one labelled control: an input, a textarea or a select.
type Field struct {
	Name         string
	ID           string // Name where empty; to be given when a name repeats
	Label        string
	Hint         string
	Value        string
	HideLabel    bool // for those who see, the place says what it is
	Type         string
	Autocomplete string // a token of WCAG 2.2 §1.3.5 for what is about the person
	Width        int    // in characters, 0 for all there is: 2 3 4 5 10 20 or 30
	List         string // id of a datalist
	Rows         int
	Lang         string // of what is typed, where it differs from the page
	Options      []Option
	Bar          *Bar // over a textarea
}

// Option is one of several answers. In a select, neighbours of the same Group
// stand under its name.
type Option struct{ Value, Text, Hint, Group string }

// Choice is a question with several answers to tick: radios or checkboxes.
type Choice struct {
	Name, Legend, Hint string
	ID                 string   // of the first answer; Name where empty; to be given when a name repeats
	Values             []string // those ticked
	Options            []Option
	Inline             bool
}

// Bar is what the buttons over a textarea say. It shows once the script has
// made them work.
type Bar struct{ Label, Bold, Link, List, Quote, Code string }

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) rows() string {
	if f.Rows == 0 {
		return "8"
	}
	return strconv.Itoa(f.Rows)
}

func (f Field) width() string { return "govuk-input--width-" + strconv.Itoa(f.Width) }

// ticked reports whether an option of the choice is among those chosen.
func (c Choice) ticked(o Option) bool {
	for _, v := range c.Values {
		if v == o.Value {
			return true
		}
	}
	return false
}

// optionID is the field's name for the first option, where the error summary
// leads, and the name with a number for the others.
func (c Choice) optionID(i int) string {
	if i == 0 {
		return c.id()
	}
	return c.id() + "-" + strconv.Itoa(i+1)
}

func (c Choice) id() string {
	if c.ID != "" {
		return c.ID
	}
	return c.Name
}

// grouped are options under one name.
type grouped struct {
	name    string
	options []Option
}

// groups puts neighbours of the same group together.
func (f Field) groups() (list []grouped) {
	for _, o := range f.Options {
		if n := len(list); n == 0 || list[n-1].name != o.Group {
			list = append(list, grouped{name: o.Group})
		}
		last := &list[len(list)-1]
		last.options = append(last.options, o)
	}
	return list
}

// describedBy joins the ids of what describes a control: its hint and its message.
func describedBy(id, hint, problem string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, id+"-hint")
	}
	if problem != "" {
		ids = append(ids, id+"-error")
	}
	return strings.Join(ids, " ")
}
