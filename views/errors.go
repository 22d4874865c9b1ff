package views

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// problem says what is wrong with a field, in the plural that its count asks for.
func problem(f Frame, key string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if n, ok := args[i+1].(int); ok && args[i] == "Count" {
			return f.W.N(key, n, args...)
		}
	}
	return f.W.T(key, args...)
}

// Refusal is a request that was not done: why, and what was typed into its form.
type Refusal struct {
	Status   int
	Words    string // the page's words are under "errors." and this
	Wait     int    // seconds until it may be tried again; 0 where waiting does not help
	SignIn   bool   // signing in may show it
	Problems []RefusedField
	Why      string // key of the sentence that tells why, where there is one

	Typed  url.Values // without what the page put in
	Kept   bool       // it is in the writer's drafts
	Action string     // where the form can be sent again as it is; empty where it cannot
	CSRF   string     // for that
	Key    string     // of the form that came, where it may have been done: sent again it is not done twice
}

// title is the page's heading. That a thread is closed is nobody's to change, so it is
// not for somebody else to do.
func (r Refusal) title(f Frame) string {
	if strings.HasPrefix(r.Why, "thread.closed_") {
		return f.W.T("errors.closed.title")
	}
	return f.W.T("errors." + r.Words + ".title")
}

// leads is where the link in what the page says leads, if there is one.
func (r Refusal) leads() string {
	if r.Words == "newsletter_over" {
		return "/newsletters#subscribe"
	}
	return "/"
}

// RefusedField is what is wrong with one field, as the forum says it.
type RefusedField struct {
	Name, Key string
	Args      []any
}

// givenBack is one field of a refused form.
type givenBack struct {
	Name, Label, Value, ID string
	Prose                  bool // somebody's words, to be read and copied
	Long                   bool
}

// proseFields are those that people write in; the others hold what they chose.
var proseFields = map[string]string{
	"title": "errors.field_title", "body": "errors.field_body", "reason": "errors.field_reason", "name": "errors.field_name",
	"job_title": "errors.field_job_title", "company": "errors.field_company", "passage": "errors.field_passage",
}

// fields are what was typed: first what people wrote, then what they chose.
func (r Refusal) fields(f Frame) (all []givenBack) {
	for _, name := range slices.Sorted(maps.Keys(r.Typed)) {
		for i, value := range r.Typed[name] {
			key, prose := proseFields[name]
			k := givenBack{Name: name, Label: name, Value: value, Prose: prose || strings.ContainsAny(value, " \n"), Long: len(value) > 100 || strings.Contains(value, "\n")}
			if prose {
				k.Label = f.W.T(key)
			}
			k.ID = fmt.Sprintf("typed-%d-%d", len(all), i)
			all = append(all, k)
		}
	}
	slices.SortStableFunc(all, func(a, b givenBack) int {
		switch {
		case a.Prose == b.Prose:
			return 0
		case a.Prose:
			return -1
		}
		return 1
	})
	return all
}

// hasProse reports whether there are words to give back.
func (r Refusal) hasProse(f Frame) bool {
	return slices.ContainsFunc(r.fields(f), func(k givenBack) bool { return k.Prose })
}

// wait says when to try again, in the largest unit that fits.
func (r Refusal) wait(f Frame) string {
	switch {
	case r.Wait > 5400:
		return f.W.N("errors.429.wait_hours", (r.Wait+3599)/3600)
	case r.Wait > 90:
		return f.W.N("errors.429.wait_minutes", (r.Wait+59)/60)
	}
	return f.W.N("errors.429.wait_seconds", r.Wait)
}
