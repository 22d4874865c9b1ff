package views

import (
	"strings"

	"moothall/forum"
)

func personHead(f Frame, p forum.PersonPage) pageHead {
	where := p.Person.CouncilName
	if p.Person.Company != "" {
		where = p.Person.Company
	}
	if where == "" {
		return pageHead{Title: p.Person.Name}
	}
	return pageHead{Title: f.W.T("person.title", "Name", p.Person.Name, "Place", where)}
}

func personCrumbs(f Frame, p forum.PersonPage) []crumb {
	if p.Person.CouncilSlug == "" {
		return []crumb{{f.W.T("nav.councils"), "/councils"}}
	}
	return []crumb{{f.W.T("nav.councils"), "/councils"}, {p.Person.CouncilName, CouncilPath(p.Person.CouncilSlug)}}
}

// roles are what a person does besides being a colleague, in words.
func roles(f Frame, p forum.Person) string {
	var list []string
	for _, role := range [...]forum.Role{forum.Lead, forum.Curator, forum.Moderator, forum.Administrator} {
		if p.Is(role) {
			list = append(list, f.W.T("role."+role.String()))
		}
	}
	return strings.Join(list, ", ")
}

// grant is a role that somebody has, of which council and until when.
func grant(f Frame, g forum.RoleGrant) string {
	text := f.W.T("role." + g.Role)
	if g.Council != "" {
		text += ", " + g.Council
	}
	if g.Until != nil {
		text += ", " + f.W.T("person.role_until", "Date", f.W.Date(*g.Until))
	}
	return text
}

// personDeed is the address to which a form about a person is sent.
func personDeed(id int64, deed string) string { return numbered("/people/", id, "") + "/" + deed }

// undoPath is the address that undoes an entry.
func undoPath(entry int64) string { return numbered("/entries/", entry, "") + "/undo" }
