package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/views/govuk"
)

// moveOptions are the councils that somebody may mean who moves.
func moveOptions(f Frame, p forum.CouncilChoice) (options []govuk.Option) {
	add := func(c forum.Council, hint string) {
		if !slices.ContainsFunc(options, func(o govuk.Option) bool { return o.Value == c.Slug }) {
			options = append(options, govuk.Option{Value: c.Slug, Text: c.Name, Hint: hint})
		}
	}
	for _, c := range p.Proposed {
		add(c, f.W.T("join.at_once"))
	}
	for _, c := range p.Found {
		add(c, f.W.T("move.waits"))
	}
	return append(options, govuk.Option{Value: forum.NotListed, Text: f.W.T("join.not_listed"), Hint: f.W.T("join.not_listed_hint")})
}

// successors are the colleagues who could lead a council next.
func successors(f Frame, p forum.LeavePage) []govuk.Option {
	options := []govuk.Option{{Value: "", Text: f.W.T("leave.person_nobody")}}
	for _, c := range p.Colleagues {
		options = append(options, govuk.Option{Value: number(c.ID), Text: c.Name + ", " + c.JobTitle})
	}
	return options
}

// chosen is the number of somebody who was chosen, as a form has it.
func chosen(id int64) string {
	if id == 0 {
		return ""
	}
	return number(id)
}

// keptAboutPeople are the rows of the privacy page that are about a person.
var keptAboutPeople = []string{"details", "email", "identity", "posts", "drafts", "marks", "reads", "notices", "sessions", "reports", "entries"}

// copyPart is a list in the copy of somebody's data.
type copyPart struct {
	title string
	lines []string
}

// copyParts are the lists in the copy of somebody's data, in the words of the site
// where it has them and else as they are stored.
func copyParts(f Frame, e care.Export, sessions []Session) []copyPart {
	at := func(t time.Time) string { return f.W.DateTime(t) }
	identities := copyPart{title: f.W.T("copy.identities")}
	for _, i := range e.Identities {
		identities.add(i.Issuer, i.Subject, i.Email, at(i.LastUsedAt))
	}
	places := copyPart{title: f.W.T("copy.sessions")}
	for _, s := range sessions {
		places.add(s.Device, at(s.StartedAt), at(s.SeenAt))
	}
	changes := copyPart{title: f.W.T("copy.changes")}
	for _, c := range e.Changes {
		changes.add(at(c.At), c.Kind, c.Issuer, c.Address)
	}
	roles := copyPart{title: f.W.T("copy.roles")}
	for _, r := range e.Roles {
		roles.add(f.W.T("role."+r.Role), r.Council, at(r.GrantedAt))
	}
	follows := copyPart{title: f.W.T("copy.follows")}
	for _, w := range e.Follows {
		follows.add(fmt.Sprintf("%s %d", w.SubjectKind, w.SubjectID), w.Cadence, at(w.Since))
	}
	drafts := copyPart{title: f.W.T("copy.drafts")}
	for _, d := range e.Drafts {
		drafts.add(fmt.Sprintf("%s %d", d.Kind, d.Target), fmt.Sprint(d.Fields), at(d.SavedAt))
	}
	reports := copyPart{title: f.W.T("copy.reports")}
	for _, r := range e.Reports {
		reports.add(at(r.At), r.Reason)
	}
	return append([]copyPart{identities, places, changes, roles, follows, drafts, reports}, append(markParts(f, e),
		entryPart(f, f.W.T("copy.entries"), e.Entries), entryPart(f, f.W.T("copy.did"), e.Did))...)
}

// markParts are what somebody said by a press, keeps for later, has read and was told.
func markParts(f Frame, e care.Export) []copyPart {
	at := func(t time.Time) string { return f.W.DateTime(t) }
	thread := func(id int64) string { return f.W.T("copy.thread", "Thread", id) }
	useful, spoke, saved := copyPart{title: f.W.T("copy.useful")}, copyPart{title: f.W.T("copy.spoke")}, copyPart{title: f.W.T("copy.saved")}
	for _, u := range e.Useful {
		useful.add(numbered("/posts/", u.PostID, ""), at(u.At))
	}
	for _, s := range e.Spoke {
		spoke.add(thread(s.ThreadID), s.What, s.State, s.Note, at(s.At))
	}
	for _, s := range e.Saved {
		saved.add(thread(s.ThreadID), at(s.SavedAt))
	}
	read, told := copyPart{title: f.W.T("copy.read")}, copyPart{title: f.W.T("copy.told")}
	for _, r := range e.Read {
		read.add(f.W.T("copy.post", "Number", r.Number, "Thread", r.ThreadID), at(r.At))
	}
	for _, n := range e.Told {
		where := ""
		if n.ThreadID != nil {
			where = thread(*n.ThreadID)
		}
		told.add(where, n.Reason, at(n.At))
	}
	return []copyPart{useful, spoke, saved, read, told}
}

func entryPart(f Frame, title string, entries []care.ExportEntry) copyPart {
	part := copyPart{title: title}
	for _, e := range entries {
		part.add(f.W.DateTime(e.At), f.W.T("entry."+e.Deed), e.Reason)
	}
	return part
}

// add puts together what is there of a line.
func (p *copyPart) add(values ...string) {
	var there []string
	for _, v := range values {
		if v != "" {
			there = append(there, v)
		}
	}
	p.lines = append(p.lines, strings.Join(there, " · "))
}

// copyTitle says where a post stands.
func copyTitle(f Frame, p care.ExportPost) string {
	if p.Number == nil {
		return f.W.T("copy.post_held", "Thread", p.ThreadID)
	}
	return f.W.T("copy.post", "Number", *p.Number, "Thread", p.ThreadID)
}
