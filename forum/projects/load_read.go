package projects

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"moothall/forum"
)

// Column is one of a file of projects: what it is called, and what stands in it.
type Column struct{ Name, Means string }

// Columns are those of a file of projects, in any order; the first four must be there.
var Columns = []Column{
	{"external_id", "the project's name where it comes from; a row whose name was loaded before is left as it is here"},
	{"title", "1 to 150 characters"},
	{"summary", "one sentence, up to 300 characters"},
	{"phase", strings.Join(Phases, ", ")},
	{"council", "who leads it: the last part of its address, or its name as it is shown"},
	{"begun", "the day it began, YYYY-MM-DD; left out, today"},
	{"confirmed", "the day somebody last said that all of this is true; left out, the day it began"},
	{"problem", "Markdown"}, {"tried", "Markdown"}, {"outcome", "Markdown"},
	{"evidence_url", "an address on the web"},
	{"topics", "one to five, by the last part of their addresses, with ; between"},
	{"cost_band", strings.Join(CostBands, ", ")},
	{"paid_by", strings.Join(PaidBy, ", ")},
	{"funding", strings.Join(Fundings, ", ")},
	{"products", "names, with ; between"},
	{"standards", "with ; between"},
	{"code_url", "an address on the web"}, {"code_licence", "of the code"},
	{"offers", strings.Join(Offers, ", ") + ", with ; between"},
	{"visibility", "public or councils; left out, public"},
	{"lang", "en or cy; left out, en"},
}

// Loaded is a row of a file of projects.
type Loaded struct {
	Line             int // of the file, where it begins
	ExternalID       string
	Draft            Draft
	Council          string
	Begun, Confirmed time.Time
	Facts            []FactDraft
	Products         []string
}

// Fault is what keeps a line of a file from being loaded.
type Fault struct {
	Line int
	Says string
}

// Known is what a file of projects can name.
type Known struct {
	Councils map[string]int64 // by address and by name in small letters
	Topics   map[string]bool
	Today    time.Time
}

// ReadProjects reads a file of projects, and says of each line what is wrong with it: of
// a file that is no such file at all, that alone.
func ReadProjects(file io.Reader, known Known) (rows []Loaded, faults []Fault) {
	r := csv.NewReader(file)
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	head, err := r.Read()
	if err != nil {
		return nil, []Fault{{1, "this is no CSV with a line of column names on top"}}
	}
	columns := slices.Clone(head)
	columns[0] = strings.TrimPrefix(columns[0], "\ufeff")
	if fault := checkColumns(columns); fault != "" {
		return nil, []Fault{{1, fault}}
	}
	seen := map[string]int{}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, faults
		}
		if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
			return nil, append(faults, Fault{bad.StartLine, "a quotation mark is open or out of place, so the rest cannot be read"})
		}
		if err != nil {
			return nil, append(faults, Fault{0, err.Error()})
		}
		line, _ := r.FieldPos(0)
		row, wrong := readRow(columns, fields, known)
		if first := seen[row.ExternalID]; first != 0 && row.ExternalID != "" {
			wrong = append(wrong, fmt.Sprintf("external_id %.60q stands in line %d too", row.ExternalID, first))
		}
		seen[row.ExternalID], row.Line = line, line
		for _, says := range wrong {
			faults = append(faults, Fault{line, says})
		}
		rows = append(rows, row)
	}
}

// checkColumns says what is wrong with the names of the columns.
func checkColumns(columns []string) string {
	for i, name := range columns {
		if !slices.ContainsFunc(Columns, func(c Column) bool { return c.Name == name }) {
			return fmt.Sprintf("no column is called %.40q; there are %s", name, strings.Join(columnNames(), ", "))
		}
		if slices.Contains(columns[:i], name) {
			return "column " + name + " is there twice"
		}
	}
	for _, c := range Columns[:4] {
		if !slices.Contains(columns, c.Name) {
			return "column " + c.Name + " is missing; it is " + c.Means
		}
	}
	return ""
}

func columnNames() (names []string) {
	for _, c := range Columns {
		names = append(names, c.Name)
	}
	return names
}

// readRow reads a line, and says what is wrong with it.
func readRow(columns, fields []string, known Known) (row Loaded, wrong []string) {
	if len(fields) != len(columns) {
		return row, []string{fmt.Sprintf("it has %d fields, and there are %d columns", len(fields), len(columns))}
	}
	of := map[string]string{}
	for i, name := range columns {
		if !utf8.ValidString(fields[i]) {
			return row, []string{"column " + name + " is not in UTF-8"}
		}
		of[name] = strings.TrimSpace(fields[i])
	}
	row = Loaded{ExternalID: of["external_id"], Council: of["council"], Products: parts(of["products"])}
	row.Draft = Draft{Title: of["title"], Summary: of["summary"], Phase: strings.ToLower(of["phase"]), Visibility: of["visibility"], Lang: of["lang"], Topics: parts(of["topics"])}
	row.Draft.Clean()
	row.Facts = factsOf(of)
	return row, append(row.wrong(known), row.dates(of, known.Today)...)
}

// factsOf are the facts that a line tells beside what begins a project.
func factsOf(of map[string]string) (facts []FactDraft) {
	for _, f := range []FactDraft{
		{Field: "problem", Text: of["problem"]}, {Field: "tried", Text: of["tried"]}, {Field: "outcome", Text: of["outcome"]},
		{Field: "evidence_url", Text: of["evidence_url"]}, {Field: "cost_band", Text: of["cost_band"]}, {Field: "paid_by", Text: of["paid_by"]},
		{Field: "funding", Text: of["funding"]},
		{Field: "standard", Text: strings.Join(parts(of["standards"]), "\n")}, {Field: "code_url", Text: of["code_url"], Beside: of["code_licence"]},
		{Field: "offer", Many: parts(of["offers"])},
	} {
		if f.Clean(); f.Text != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// wrong says what the words of a line have wrong.
func (l *Loaded) wrong(known Known) (wrong []string) {
	says := func(column, what string) { wrong = append(wrong, column+": "+what) }
	if n := utf8.RuneCountInString(l.ExternalID); n == 0 || n > 200 {
		says("external_id", "1 to 200 characters are needed")
	}
	for _, p := range append(l.Draft.ask().CheckLoaded(), l.Draft.check()...) {
		if text := columnMeans(p.Field); text != "" {
			says(p.Field, text)
		}
	}
	if l.Council != "" && known.Councils[strings.ToLower(l.Council)] == 0 {
		says("council", fmt.Sprintf("no council here is called %.60q", l.Council))
	}
	for _, topic := range l.Draft.Topics {
		if !known.Topics[topic] {
			says("topics", fmt.Sprintf("there is no topic %.60q", topic))
		}
	}
	return slices.Compact(append(wrong, l.wrongFacts()...))
}

// wrongFacts says what its facts and products have wrong.
func (l *Loaded) wrongFacts() (wrong []string) {
	for _, f := range l.Facts {
		if f.Check() != nil {
			column := map[string]string{"standard": "standards", "offer": "offers"}[f.Field]
			if column == "" {
				column = f.Field
			}
			wrong = append(wrong, column+": "+columnMeans(column))
		}
	}
	for _, product := range l.Products {
		if utf8.RuneCountInString(product) > lineLength || forum.Slug(product) == "" {
			wrong = append(wrong, fmt.Sprintf("products: %.60q is no name of a product", product))
		}
	}
	return wrong
}

func columnMeans(name string) string {
	for _, c := range Columns {
		if c.Name == name || name == "topic" && c.Name == "topics" {
			return c.Means
		}
	}
	return ""
}

// dates reads the days of a line, which are neither to come nor the wrong way round.
func (l *Loaded) dates(of map[string]string, today time.Time) (wrong []string) {
	l.Begun = today
	for _, one := range []struct {
		column string
		to     *time.Time
	}{{"begun", &l.Begun}, {"confirmed", &l.Confirmed}} {
		text := of[one.column]
		if text == "" {
			continue
		}
		at, err := time.Parse(time.DateOnly, text)
		switch {
		case err != nil || at.Year() < 1990:
			wrong = append(wrong, fmt.Sprintf("%s: %.40q is no day such as 2026-03-28", one.column, text))
		case at.After(today):
			wrong = append(wrong, fmt.Sprintf("%s: %s is still to come", one.column, text))
		}
		*one.to = at
	}
	if l.Confirmed.IsZero() {
		l.Confirmed = l.Begun
	}
	if wrong == nil && l.Confirmed.Before(l.Begun) {
		wrong = append(wrong, "confirmed: it is before the day on which the project began")
	}
	return wrong
}

// parts are what stands between the semicolons.
func parts(text string) (list []string) {
	for part := range strings.SplitSeq(text, ";") {
		if part = oneLine(part); part != "" && !slices.Contains(list, part) {
			list = append(list, part)
		}
	}
	return list
}
