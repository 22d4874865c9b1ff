package views

import (
	"fmt"
	"iter"
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
var keptAboutPeople = []string{"details", "email", "identity", "posts", "drafts", "marks", "offers", "reads", "notices", "letters", "sessions", "reports", "entries"}

// copyPart is a list in the copy of somebody's data.
type copyPart struct {
	title string
	lines iter.Seq[string]
}

// partOf is a list whose lines are made while they are written, one by one; where
// there are none, one says so.
func partOf[T any](f Frame, title string, all iter.Seq[T], line func(T) []string) copyPart {
	return copyPart{f.W.T(title), func(yield func(string) bool) {
		none := true
		for one := range all {
			if none = false; !yield(together(line(one))) {
				return
			}
		}
		if none {
			yield(f.W.T("copy.none"))
		}
	}}
}

// together is what is there of a line.
func together(values []string) string {
	return strings.Join(slices.DeleteFunc(values, func(v string) bool { return v == "" }), " · ")
}

// copyParts are the lists in the copy of somebody's data, in the words of the site
// where it has them and else as they are stored.
func copyParts(f Frame, e care.Export, sessions []Session) []copyPart {
	at := func(t time.Time) string { return f.W.DateTime(t) }
	entry := func(e care.ExportEntry) []string { return []string{at(e.At), f.W.T("entry." + e.Deed), e.Reason} }
	parts := []copyPart{
		partOf(f, "copy.identities", e.Identities, func(i care.ExportIdentity) []string {
			return []string{i.Issuer, i.Subject, i.Email, at(i.LastUsedAt)}
		}),
		partOf(f, "copy.sessions", slices.Values(sessions), func(s Session) []string {
			return []string{s.Device, at(s.StartedAt), at(s.SeenAt)}
		}),
		partOf(f, "copy.changes", e.Changes, func(c care.ExportChange) []string {
			return []string{at(c.At), c.Kind, c.Issuer, c.Address}
		}),
		partOf(f, "copy.roles", e.Roles, func(r care.ExportRole) []string {
			return []string{f.W.T("role." + r.Role), r.Council, at(r.GrantedAt)}
		}),
		partOf(f, "copy.follows", e.Follows, func(w care.ExportFollow) []string {
			return []string{fmt.Sprintf("%s %d", w.SubjectKind, w.SubjectID), w.Searched, w.Narrowed, w.Cadence, at(w.Since)}
		}),
		partOf(f, "copy.mail", e.Mail, func(m care.ExportMail) []string {
			return []string{f.W.T("emails.day_" + fmt.Sprint(m.DigestDay)), fmt.Sprintf("%02d:00", m.DigestHour), m.Said}
		}),
		partOf(f, "copy.letters", e.Letters, func(l care.ExportLetter) []string {
			return []string{f.W.T("mail.kind_" + l.Kind), f.W.T("record.is_" + l.State), l.Address, at(l.CreatedAt)}
		}),
		partOf(f, "copy.inbound", e.Inbound, func(i care.ExportInbound) []string {
			return []string{at(i.At), i.Words}
		}),
		partOf(f, "copy.drafts", e.Drafts, func(d care.ExportDraft) []string {
			return []string{fmt.Sprintf("%s %d", d.Kind, d.Target), fmt.Sprint((&forum.Draft{Fields: d.Fields}).Values()), at(d.SavedAt)}
		}),
		partOf(f, "copy.reports", e.Reports, func(r care.ExportReport) []string { return []string{at(r.At), r.Reason} }),
	}
	return append(append(parts, markParts(f, e)...), partOf(f, "copy.entries", e.Entries, entry), partOf(f, "copy.did", e.Did, entry))
}

// markParts are what somebody said by a press, keeps for later, has read and was told.
func markParts(f Frame, e care.Export) []copyPart {
	at := func(t time.Time) string { return f.W.DateTime(t) }
	thread := func(id int64) string { return f.W.T("copy.thread", "Thread", id) }
	return []copyPart{
		partOf(f, "copy.useful", e.Useful, func(u care.ExportUseful) []string {
			return []string{numbered("/posts/", u.PostID, ""), at(u.At)}
		}),
		partOf(f, "copy.spoke", e.Spoke, func(s care.ExportSpoke) []string {
			return []string{thread(s.ThreadID), s.What, s.State, s.Note, at(s.At)}
		}),
		partOf(f, "copy.facts", e.Facts, func(o care.ExportFact) []string {
			return []string{thread(o.ThreadID), o.Field, o.Said, at(o.At)}
		}),
		partOf(f, "copy.saved", e.Saved, func(s care.ExportSaved) []string {
			return []string{thread(s.ThreadID), at(s.SavedAt)}
		}),
		partOf(f, "copy.read", e.Read, func(r care.ExportRead) []string {
			return []string{f.W.T("copy.post", "Number", r.Number, "Thread", r.ThreadID), at(r.At)}
		}),
		partOf(f, "copy.told", e.Told, func(n care.ExportTold) []string {
			where := ""
			if n.ThreadID != nil {
				where = thread(*n.ThreadID)
			}
			return []string{where, n.Reason, at(n.At)}
		}),
	}
}

// copyTitle says where a post stands.
func copyTitle(f Frame, p care.ExportPost) string {
	if p.Number == nil {
		return f.W.T("copy.post_held", "Thread", p.ThreadID)
	}
	return f.W.T("copy.post", "Number", *p.Number, "Thread", p.ThreadID)
}
