package e2e

import (
	"fmt"
	"slices"
	"sync/atomic"

	"moothall/forum/demo"
)

// known are the people of the demo whom journeys call by name, and who read Welsh.
var known = []string{"beatrix-oyelaran", "delphine-hathersage", "florence-quarmby", "gideon-aspinall", "harriet-udeze",
	"rupinder-waldegrave", "stellan-whitcombe", "anwen-prydderch", "gwilym-tarrant"}

var met atomic.Int64

// somebody is a colleague of the demo whom no other journey of a run is. Journeys go
// on side by side, and what one writes stands as a draft in each form of that person.
func somebody() demo.Person {
	people := slices.DeleteFunc(demo.People(), func(p demo.Person) bool { return p.Note != "" || slices.Contains(known, p.Slug) })
	return people[int(met.Add(1)-1)%len(people)]
}

// signIn goes through the development provider as somebody of the demo.
func (b *tab) signIn(slug, back string) {
	b.t.Helper()
	b.goTo("/sign-in?return=" + back)
	b.press(say("signin.with", "Provider", "Development"))
	b.do("choose "+slug, pressed(fmt.Sprintf(`button[name=person][value="%s"]`, slug)))
	b.settle()
}

// signInNew goes through the development provider as somebody new.
func (b *tab) signInNew(name, email, back string) {
	b.t.Helper()
	b.goTo("/auth/dev?return=" + back)
	b.fill("name", name)
	b.fill("email", email)
	b.choose("email_verified", "1")
	b.do("go on", pressed("form:has(#email) button"))
	b.settle()
}
