package forum

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"moothall/forum/markup"
	"moothall/forum/resident"
)

// ResidentDraft is what a writer says of what looks like a resident's data: that
// they looked at it, and why it may be public.
type ResidentDraft struct{ Mark, Why string }

// clean puts what was typed into the form that is stored.
func (r *ResidentDraft) clean() { r.Why = strings.TrimSpace(markup.Clean(r.Why)) }

// ResidentCheck is what looks like residents' data in a text that is about to be
// public, and a mark of just these findings: another finding is asked about anew.
type ResidentCheck struct {
	Found []ResidentFound
	Mark  string
}

// ResidentFound is a finding, and the line of the post's words that it stands in: from
// 1; less than that in the title.
type ResidentFound struct {
	resident.Finding
	Line int
}

// titleLines are how many lines a title takes in the text of a form: its own, and the
// one between it and the words.
const titleLines = 2

// CheckResidents looks through a text that above lines stand on top of, for what did
// not stand in the one before.
func CheckResidents(now, before string, above int) (c ResidentCheck) {
	known := map[string]bool{}
	for _, f := range resident.Find(before) {
		known[sameAs(f, before)] = true
	}
	sum := sha256.New()
	line, counted := 1-above, 0
	for _, f := range resident.Find(now) {
		line, counted = line+strings.Count(now[counted:f.Start], "\n"), f.Start
		if same := sameAs(f, now); !known[same] {
			known[same] = true
			c.Found = append(c.Found, ResidentFound{f, line})
			sum.Write([]byte(same + "\n"))
		}
	}
	if c.Found != nil {
		c.Mark = hex.EncodeToString(sum.Sum(nil)[:8])
	}
	return c
}

// addTo says beside its field where a finding stands, and what it looks like.
func (f ResidentFound) addTo(bad *Invalid) {
	if f.Line < 1 {
		bad.Add("title", "residents.found_title", "Shown", f.Shown)
		return
	}
	bad.Add("body", "residents.found_"+string(f.Kind), "Shown", f.Shown, "Line", f.Line)
}

// sameAs is alike for the same thing in other spacing or capitals.
func sameAs(f resident.Finding, body string) string {
	return string(f.Kind) + " " + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, body[f.Start:f.End])
}

// findingsTold is how many findings are named one by one.
const findingsTold = 5

// problems are what keeps a text from being posted until its writer has looked at
// what was found in it, and said why it may be public.
func (c ResidentCheck) problems(said ResidentDraft) (bad Invalid) {
	switch n := utf8.RuneCountInString(said.Why); {
	case len(c.Found) == 0:
	case said.Mark != c.Mark:
		for i, f := range c.Found {
			if i < findingsTold {
				f.addTo(&bad)
			}
		}
	case n == 0:
		bad.Add("residents_why", "residents.why_empty")
	case n > reasonLength:
		bad.Add("residents_why", "deed.reason_long", "Max", reasonLength)
	case len(resident.Find(said.Why)) > 0:
		bad.Add("residents_why", "residents.why_found")
	}
	return bad
}

// Looked is a text of one field that is about to be public, beside what it said before.
type Looked struct {
	ThreadID    int64
	Field       string
	Now, Before string
	Said        ResidentDraft
}

// LookForResidents is for what is written beside posts: what its writer must look at
// comes back as Invalid; what they have looked at is recorded.
func (d *Deed) LookForResidents(ctx context.Context, l Looked) error {
	check := d.store.checkResidents(CheckResidents(l.Now, l.Before, 0))
	bad := check.problems(l.Said)
	for i, p := range bad {
		if p.Field == "body" {
			bad[i].Field = l.Field
		}
	}
	if bad != nil {
		return bad
	}
	return d.keepResidents(ctx, check, l.Said, Entry{ThreadID: l.ThreadID})
}

// kinds are what was found, each kind once, and never the words.
func (c ResidentCheck) kinds() (kinds []string) {
	for _, f := range c.Found {
		if !slices.Contains(kinds, string(f.Kind)) {
			kinds = append(kinds, string(f.Kind))
		}
	}
	return kinds
}

// checkResidents is a check of what is told now: the demo's past is as it is.
func (s *Store) checkResidents(c ResidentCheck) ResidentCheck {
	if s.past {
		return ResidentCheck{}
	}
	return c
}

// askOfResidents looks through an edit for what the post did not say before: what
// its writer must look at is added to bad; what they have looked at is recorded.
func (d *Deed) askOfResidents(ctx context.Context, p Post, t Thread, draft EditDraft, bad *Invalid) error {
	if d.store.checkResidents(CheckResidents(draft.text(), "", titleLines)).Found == nil {
		return nil
	}
	page := EditPage{Post: p, Thread: t, Opening: p.Opening}
	if err := d.QueryRow(ctx, `select body from posts where id = $1`, p.ID).Scan(&page.Body); err != nil {
		return err
	}
	check := draft.Residents(page)
	if *bad = append(*bad, check.problems(draft.Resident)...); *bad != nil {
		return nil
	}
	return d.keepResidents(ctx, check, draft.Resident, Entry{ThreadID: t.ID, PostID: p.ID})
}

// keepResidents records that something was posted although it looks like
// residents' data: by whom, why, and of which kinds.
func (d *Deed) keepResidents(ctx context.Context, c ResidentCheck, said ResidentDraft, where Entry) error {
	if c.Found == nil {
		return nil
	}
	where.Deed, where.Reason, where.Found = KeptResident, said.Why, c.kinds()
	_, err := d.Record(ctx, where)
	return err
}

// The text of each form that everybody may come to read.
func (a AskDraft) text() string  { return a.Title + "\n\n" + a.Body }
func (e EditDraft) text() string { return e.Title + "\n\n" + e.Body }

// Residents looks for residents' data in what is about to be asked.
func (a AskDraft) Residents() ResidentCheck { return CheckResidents(a.text(), "", titleLines) }

// Residents looks for residents' data in a reply.
func (p PostDraft) Residents() ResidentCheck { return CheckResidents(p.Body, "", 0) }

// Residents looks for residents' data in an edit of the post on a page.
func (e EditDraft) Residents(p EditPage) ResidentCheck {
	before := EditDraft{Body: p.Body}
	if p.Opening {
		before.Title = p.Thread.Title
	}
	return CheckResidents(e.text(), before.text(), titleLines)
}
