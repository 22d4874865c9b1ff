package views

import (
	"fmt"
	"strings"
	"time"

	"moothall/forum/care"
)

// keptAboutPeople are the rows of the privacy page that are about a person.
var keptAboutPeople = []string{"details", "email", "identity", "posts", "drafts", "sessions", "reports", "entries"}

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
	return []copyPart{identities, places, changes, roles, follows, drafts, reports,
		entryPart(f, f.W.T("copy.entries"), e.Entries), entryPart(f, f.W.T("copy.did"), e.Did)}
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
