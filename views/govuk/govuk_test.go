package govuk

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

var bad = Problems{Title: "There is a problem", Prefix: "Problem:", List: []Problem{
	{"title", "Write your question in one line"}, {"title", "A second message"}, {"kind", "Choose what kind it is"},
	{"rules", "Tick the box"}, {"topic", "Choose a topic"}, {"body", "Write more about it"}, {"facets", "Choose one"},
}}

// Each control that needs work has the id that the summary leads to, and is described by its hint and its message.
func TestSummaryFieldAndMessageBelongTogether(t *testing.T) {
	t.Parallel()
	options := []Option{{Value: "a", Text: "A", Hint: "More of A"}, {Value: "b", Text: "B"}}
	for name, part := range map[string]templ.Component{
		"title":  Input(Field{Name: "title", Label: "Title", Hint: "Short"}, bad),
		"body":   Textarea(Field{Name: "body", Label: "Text", Hint: "Long"}, bad),
		"topic":  Select(Field{Name: "topic", Label: "Topic", Hint: "One", Options: options}, bad),
		"kind":   Radios(Choice{Name: "kind", Legend: "Kind", Hint: "One", Options: options}, bad),
		"facets": Checkboxes(Choice{Name: "facets", Legend: "Facets", Hint: "Any", Options: options}, bad),
		"rules":  Checkbox("rules", "1", "I accept", false, bad),
	} {
		html := render(t, part)
		for _, want := range []string{`id="` + name + `"`, `<p id="` + name + `-error"`, `name="` + name + `"`, bad.For(name), "govuk-form-group--error"} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: no %s in %s", name, want, html)
			}
		}
		if !strings.Contains(render(t, Summary(bad)), `href="#`+name+`"`) {
			t.Errorf("%s: the summary does not lead there", name)
		}
		ids := regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(html, -1)
		for _, described := range regexp.MustCompile(`aria-describedby="([^"]+)"`).FindAllStringSubmatch(html, -1) {
			for id := range strings.FieldsSeq(described[1]) {
				if n := count(ids, id); n != 1 {
					t.Errorf("%s: described by %s, which is there %d times", name, id, n)
				}
			}
		}
		if name != "rules" && !strings.Contains(html, `aria-describedby="`+name+"-hint "+name+`-error"`) {
			t.Errorf("%s: hint and message do not both describe it: %s", name, html)
		}
	}
}

// Of several messages about a field the first stands beside it; a field without one looks as usual.
func TestMessagesAreFoundByField(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{"title": "Write your question in one line", "kind": "Choose what kind it is", "name": "", "": ""} {
		if got := bad.For(field); got != want {
			t.Errorf("%q: got %q, want %q", field, got, want)
		}
	}
	html := render(t, Input(Field{Name: "name", Label: "Name"}, bad))
	for _, not := range []string{"error", "aria-describedby", "hint"} {
		if strings.Contains(html, not) {
			t.Errorf("a field without a message: %s in %s", not, html)
		}
	}
	if html := render(t, Summary(Problems{Title: "There is a problem"})); html != "" {
		t.Errorf("a summary of nothing: %s", html)
	}
}

// What was chosen stays chosen, and a repeated name has ids of its own.
func TestWhatWasChosenStaysChosen(t *testing.T) {
	t.Parallel()
	options := []Option{{Value: "a", Text: "A"}, {Value: "b", Text: "B"}, {Value: "c", Text: "C"}}
	for _, c := range []struct {
		part templ.Component
		want []string
	}{
		{Select(Field{Name: "topic", ID: "topic-2", Label: "Topic", Value: "b", Options: options}, Problems{}), []string{`id="topic-2"`, `for="topic-2"`, `name="topic"`, `value="b" selected`}},
		{Radios(Choice{Name: "kind", Legend: "Kind", Values: []string{"c"}, Options: options}, Problems{}), []string{`id="kind"`, `id="kind-2"`, `id="kind-3" name="kind" type="radio" value="c" checked`}},
		{Checkboxes(Choice{Name: "x", Legend: "X", Values: []string{"a", "c"}, Options: options}, Problems{}), []string{`value="a" checked`, `value="c" checked`}},
		{Checkbox("rules", "2", "I accept", true, Problems{}), []string{`value="2" checked`}},
	} {
		html := render(t, c.part)
		for _, want := range c.want {
			if !strings.Contains(html, want) {
				t.Errorf("no %s in %s", want, html)
			}
		}
		if strings.Contains(html, `value="a" checked`) != strings.Contains(strings.Join(c.want, ""), `value="a"`) {
			t.Errorf("a is ticked: %s", html)
		}
	}
}

func count(found [][]string, id string) (n int) {
	for _, f := range found {
		if f[1] == id {
			n++
		}
	}
	return n
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
