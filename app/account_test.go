package app_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"moothall/auth"
	"moothall/forum"
)

// jar is a browser that keeps its cookies, and signs in at the development provider.
type jar struct {
	t      testing.TB
	site   string
	client http.Client
}

func (h *house) jar() *jar {
	h.t.Helper()
	cookies, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &jar{t: h.t, site: h.URL(), client: http.Client{Jar: cookies,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (j *jar) send(method, path string, form url.Values) returned {
	j.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = j.site + path
	}
	r, err := http.NewRequestWithContext(j.t.Context(), method, path, strings.NewReader(form.Encode()))
	if err != nil {
		j.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	got, err := j.client.Do(r)
	if err != nil {
		j.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		j.t.Fatal(err)
	}
	return returned{got, string(text)}
}

func (j *jar) get(path string) returned { j.t.Helper(); return j.send("GET", path, nil) }

var token = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

// post sends a form with the token of the page that it stands on.
func (j *jar) post(page, action string, fields ...string) returned {
	j.t.Helper()
	form := fieldsOf(fields...)
	if found := token.FindStringSubmatch(j.get(page).text); found != nil {
		form.Set("_csrf", found[1])
	}
	return j.send("POST", action, form)
}

var asking = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)"`)

// chosen goes where an attempt leads and chooses somebody there: the address of the
// callback that the provider sends them on to.
func (j *jar) chosen(begun returned, email string, verified bool) string {
	j.t.Helper()
	begun.wantStatus(j.t, http.StatusSeeOther)
	form := url.Values{"name": {strings.Split(email, "@")[0]}, "email": {email}}
	if verified {
		form.Set("email_verified", "1")
	}
	page := j.get(begun.Header.Get("Location"))
	page.wantStatus(j.t, http.StatusOK)
	for _, found := range asking.FindAllStringSubmatch(page.text, -1) {
		form.Set(found[1], html.UnescapeString(found[2]))
	}
	return j.send("POST", "/dev/oidc/authorize", form).Header.Get("Location")
}

// signIn signs in as somebody at the development provider, and joins the first time.
func (j *jar) signIn(email string, verified bool) returned {
	j.t.Helper()
	got := j.get(j.chosen(j.get("/auth/dev?return=/account"), email, verified))
	got.wantStatus(j.t, http.StatusSeeOther)
	if j.get("/account").StatusCode == http.StatusSeeOther {
		j.post("/account/join", "/account/join", "name", strings.Split(email, "@")[0], "job_title", "Officer", "council", "northmoor", "rules", "1").
			wantStatus(j.t, http.StatusSeeOther)
	}
	return got
}

// cookie is the session's cookie.
func (j *jar) cookie() string {
	u, _ := url.Parse(j.site)
	for _, c := range j.client.Jar.Cookies(u) {
		if c.Name == "moothall" {
			return c.Value
		}
	}
	return ""
}

// person is who is signed in.
func (h *house) person(j *jar) forum.Person {
	h.t.Helper()
	p, _, err := h.store.PersonOf(h.t.Context(), auth.Hash(j.cookie()), auth.LiveSQL, auth.KeptSQL)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// grow makes a session old: who it is was proven long ago.
func (h *house) grow(j *jar) {
	h.t.Helper()
	if _, err := h.db.Exec(h.t.Context(), `update sessions set fresh_at = fresh_at - interval '11 minutes' where hash = $1`, auth.Hash(j.cookie())); err != nil {
		h.t.Fatal(err)
	}
}

const adds, providers = "/account/providers/add", "/account/providers"

// Another account is added by who has proved who they are, in one session and once.
// It then opens the same person, who is told nothing of anybody else's.
func TestAnotherAccountOpensTheSamePerson(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := h.jar(), h.jar()
	ada.signIn("ada@northmoor.gov.example", true)
	ben.signIn("ben@southmoor.gov.example", true)
	ada.get(providers).has(t, "ada@northmoor.gov.example", "Your only one, so it stays.")

	callback := ada.chosen(ada.post(providers, adds, "provider", "dev"), "ada@home.example", true)
	ada.get(callback).wantLocation(t, http.StatusSeeOther, providers)
	ada.get(callback).wantStatus(t, http.StatusBadRequest)
	ada.get(providers).has(t, "ada@home.example", "/remove")
	second := h.jar()
	second.signIn("ada@home.example", true)
	if got, want := h.person(second).ID, h.person(ada).ID; got != want {
		t.Errorf("the added account opens person %d, want %d", got, want)
	}
	if got := h.person(second); got.CouncilSlug != "northmoor" || got.Standing != forum.Colleague {
		t.Errorf("through the added account they are %s of %q", got.Standing, got.CouncilSlug)
	}

	taken := ada.get(ada.chosen(ada.post(providers, adds, "provider", "dev"), "ben@southmoor.gov.example", true))
	taken.wantStatus(t, http.StatusForbidden)
	taken.has(t, "already opens another account here")
	if strings.Contains(taken.text, "ben@") || strings.Contains(ada.get(providers).text, "ben@") {
		t.Error("it tells whose it is")
	}
	if ben.get("/account").StatusCode != http.StatusOK || h.person(ben).ID == h.person(ada).ID {
		t.Error("two people became one")
	}

	// The same attempt, brought by another session of the same person, or by nobody.
	for name, other := range map[string]*jar{"another session": second, "nobody": h.jar()} {
		callback := ada.chosen(ada.post(providers, adds, "provider", "dev"), "mallory@evil.example", true)
		site, _ := url.Parse(h.URL())
		for _, c := range ada.client.Jar.Cookies(site) {
			if strings.HasPrefix(c.Name, "attempt-") {
				other.client.Jar.SetCookies(site, []*http.Cookie{c})
			}
		}
		other.get(callback).wantStatus(t, http.StatusBadRequest)
		if strings.Contains(ada.get(providers).text, "mallory@") {
			t.Errorf("%s finished an attempt that was not theirs", name)
		}
	}
}

// Who proved long ago who they are does so again before they change how they sign in:
// as themselves, and in a session with a new cookie.
func TestWhoChangesHowTheySignInProvesAgainWhoTheyAre(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := h.jar(), h.jar()
	ada.signIn("ada@northmoor.gov.example", true)
	ben.signIn("ben@southmoor.gov.example", true)
	h.grow(ada)
	for _, deed := range [][]string{{adds, "provider", "dev"}, {"/account/address", "email", "ada@northmoor.gov.example"},
		{"/account/providers/0000000000000000/remove"}} {
		ada.post(providers, deed[0], deed[1:]...).wantLocation(t, 303, "/account/again?return="+url.QueryEscape(providers))
	}
	ada.post("/account/data", "/account/data/erase", "confirm", "ada").wantLocation(t, 303, "/account/again?return=%2Faccount%2Fdata")

	before := ada.cookie()
	again := func(email string) returned {
		begun := ada.post("/account/again?return="+providers, "/account/again", "provider", "dev", "return", providers)
		if !strings.Contains(begun.Header.Get("Location"), "prompt=login") {
			t.Errorf("the provider is not told to ask again: %s", begun.Header.Get("Location"))
		}
		return ada.get(ada.chosen(begun, email, true))
	}
	for _, email := range []string{"ben@southmoor.gov.example", "nobody@evil.example"} {
		other := again(email)
		other.wantStatus(t, http.StatusForbidden)
		other.has(t, "as somebody else")
	}
	if ada.cookie() != before || h.person(ada).Handle != "ada" {
		t.Error("a proof by somebody else changed the session")
	}
	var people int
	if err := h.db.QueryRow(t.Context(), `select count(*) from people`).Scan(&people); err != nil || people != 2 {
		t.Errorf("there are %d people (%v): a proof by a stranger made one", people, err)
	}
	again("ada@northmoor.gov.example").wantLocation(t, 303, providers)
	if ada.cookie() == before {
		t.Error("the session has its old cookie")
	}
	old := h.guest()
	old.cookie = before
	old.get("/account").wantStatus(t, 303)
	ada.get(ada.chosen(ada.post(providers, adds, "provider", "dev"), "ada@home.example", false)).wantLocation(t, 303, providers)
}

// Who removes an account is signed out everywhere else, on every node, and is no
// longer opened by it; the last one stays.
func TestARemovedAccountOpensNobody(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	other := openHouse(t, map[string]string{"DATABASE_URL": h.DatabaseURL()})
	ada := h.jar()
	ada.signIn("ada@northmoor.gov.example", true)
	ada.get(ada.chosen(ada.post(providers, adds, "provider", "dev"), "ada@home.example", true)).wantStatus(t, 303)
	elsewhere := other.jar()
	elsewhere.signIn("ada@home.example", true)
	elsewhere.get("/account").wantStatus(t, 200)

	known, err := h.store.ProvidersPage(t.Context(), h.person(ada))
	if err != nil || len(known.Linked) != 2 || known.Address != "ada@northmoor.gov.example" {
		t.Fatalf("%+v (%v)", known, err)
	}
	ada.post(providers, "/account/address", "email", "ada@home.example").wantLocation(t, 303, providers)
	begun := elsewhere.post(providers, adds, "provider", "dev") // which the removal brings to nothing
	ada.post(providers, "/account/providers/"+known.Linked[1].ID+"/remove").wantLocation(t, 303, providers)
	elsewhere.get("/account").wantStatus(t, 303)
	elsewhere.get(elsewhere.chosen(begun, "mallory@evil.example", true)).wantStatus(t, 400)
	ada.get("/account").wantStatus(t, 200)
	if known, err = h.store.ProvidersPage(t.Context(), h.person(ada)); err != nil || len(known.Linked) != 1 || known.Address != "ada@northmoor.gov.example" {
		t.Errorf("left are %+v (%v): the address that is no longer vouched for is in use", known, err)
	}
	last := ada.post(providers, "/account/providers/"+known.Linked[0].ID+"/remove")
	last.wantStatus(t, http.StatusForbidden)
	last.has(t, "only way you sign in")
	stranger := other.jar()
	stranger.signIn("ada@home.example", true)
	if h.person(stranger).ID == h.person(ada).ID {
		t.Error("the removed account still opens the person")
	}
	var deeds string
	if err := h.db.QueryRow(t.Context(), `select string_agg(deed, ' ' order by id) from entries where person_id = $1`, h.person(ada).ID).Scan(&deeds); err != nil ||
		deeds != "added_identity changed_address removed_identity" {
		t.Errorf("on record are %q (%v)", deeds, err)
	}
	if err := h.db.QueryRow(t.Context(), `select string_agg(kind || ' ' || address, ', ' order by id) from account_changes where person_id = $1`, h.person(ada).ID).Scan(&deeds); err != nil ||
		deeds != "identity_added ada@northmoor.gov.example, address_changed ada@northmoor.gov.example, identity_removed ada@home.example" {
		t.Errorf("to be told are %q (%v)", deeds, err)
	}
}

// Only an address that a provider confirms is anybody's, and one at a time.
func TestOnlyAProvenAddressIsUsed(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := h.jar()
	ada.signIn("ada@northmoor.gov.example", true)
	ada.get(ada.chosen(ada.post(providers, adds, "provider", "dev"), "chief@southmoor.gov.example", false)).wantStatus(t, 303)
	ada.get(providers).has(t, "The provider does not confirm it")
	for _, fields := range [][]string{{"email", "chief@southmoor.gov.example"}, {"email", "ben@southmoor.gov.example"}, {"email", ""}, {},
		{"email[]", "ada@northmoor.gov.example"}, {"email", "ada@northmoor.gov.example,ben@southmoor.gov.example"}} {
		ada.post(providers, "/account/address", fields...).wantStatus(t, 422)
	}
	ada.post(providers, "/account/address", "email", "ada@northmoor.gov.example", "email", "ben@southmoor.gov.example").wantStatus(t, 422)
	known, err := h.store.ProvidersPage(t.Context(), h.person(ada))
	if err != nil || known.Address != "ada@northmoor.gov.example" || len(known.Addresses) != 1 {
		t.Errorf("%+v (%v)", known, err)
	}
	proven, err := h.store.CouncilsProven(t.Context(), h.person(ada))
	if err != nil || len(proven) != 1 || proven[0].Slug != "northmoor" {
		t.Errorf("proven are %+v (%v)", proven, err)
	}
}

// Sudhodanan and Paverd, “Pre-hijacked accounts” (USENIX Security 2022): nothing that
// somebody sets up beforehand under another’s address is there when its owner comes.
func TestNobodyCanPrepareAnAccountForAnother(t *testing.T) {
	t.Parallel()
	const victims = "victim@northmoor.gov.example"
	for name, prepare := range map[string]func(h *house, mallory *jar){
		// An account under the address, which the owner’s first sign-in is merged into.
		"classic-federated merge": func(_ *house, mallory *jar) { mallory.signIn(victims, false) },
		// A session that is kept open until the owner has come.
		"unexpired session": func(_ *house, mallory *jar) { mallory.signIn(victims, false) },
		// Another way in, left behind in the account.
		"trojan identifier": func(_ *house, mallory *jar) {
			mallory.signIn(victims, false)
			mallory.get(mallory.chosen(mallory.post(providers, adds, "provider", "dev"), "mallory@evil.example", true)).wantStatus(t, 303)
		},
		// A change to the owner’s address that was begun and not finished.
		"unexpired email change": func(_ *house, mallory *jar) {
			mallory.signIn("mallory@evil.example", true)
			mallory.post(providers, "/account/address", "email", victims).wantStatus(t, 422)
		},
		// A provider that confirms nothing.
		"non-verifying provider": func(_ *house, mallory *jar) {
			mallory.signIn("mallory@evil.example", true)
			mallory.get(mallory.chosen(mallory.post(providers, adds, "provider", "dev"), victims, false)).wantStatus(t, 303)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := openHouse(t, nil)
			mallory, victim := h.jar(), h.jar()
			prepare(h, mallory)
			// The development provider knows people by their address: the owner’s real
			// account is another one, which confirms it.
			if _, err := h.db.Exec(t.Context(), `update identities set subject = 'another provider ' || subject where email = $1`, victims); err != nil {
				t.Fatal(err)
			}
			victim.signIn(victims, true)
			own, evil := h.person(victim), h.person(mallory)
			if own.ID == evil.ID || own.Standing != forum.Colleague {
				t.Fatalf("the owner is person %d, a %s; who came first is %d", own.ID, own.Standing, evil.ID)
			}
			if evil.Standing == forum.Colleague {
				t.Error("who came first is a colleague by an address that nobody confirmed")
			}
			victim.post("/threads/new", "/threads", "title", "For councils alone", "body", "Words.", "topic", "waste-management", "visibility", "councils").wantStatus(t, 303)
			if strings.Contains(mallory.get("/threads").text, "For councils alone") {
				t.Error("who came first reads what the owner writes for councils")
			}
			for page, who := range map[string]*jar{"the owner's": victim, "who came first's": mallory} {
				n := strings.Count(who.get("/account/sessions").text, "/end\"")
				if n < 1 || page == "the owner's" && n != 1 {
					t.Errorf("on %s page stand %d sessions", page, n)
				}
			}
			known, err := h.store.ProvidersPage(t.Context(), own)
			if err != nil || len(known.Linked) != 1 || known.Address != victims {
				t.Errorf("the owner's account is %+v (%v)", known, err)
			}
			again := h.jar()
			again.signIn("mallory@evil.example", true)
			if h.person(again).ID == own.ID {
				t.Error("there is another way in to the owner's account")
			}
			if known, err = h.store.ProvidersPage(t.Context(), evil); err != nil || known.Address == victims {
				t.Errorf("who came first is written to at the owner's address: %+v (%v)", known, err)
			}
		})
	}
}

// Who leaves is signed out on every node, and told so; who names nobody or somebody
// from elsewhere as the next lead is asked again with what they chose.
func TestWhoLeavesIsSignedOutEverywhere(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	other := openHouse(t, map[string]string{"DATABASE_URL": h.DatabaseURL()})
	ada, elsewhere := h.jar(), other.jar()
	ada.signIn("ada@northmoor.gov.example", true)
	elsewhere.signIn("ada@northmoor.gov.example", true)
	id := h.person(ada).ID
	ada.get("/account").has(t, `href="/account/leave"`)
	refused := ada.post("/account/leave", "/account/leave", "person", "x")
	refused.wantStatus(t, 422)
	refused.has(t, `<a href="#sure">`, `<a href="#person">`)
	ada.post("/account/leave", "/account/leave", "sure", "1").wantLocation(t, 303, "/sign-in?gone=leave")
	ada.get("/sign-in?gone=leave").has(t, "You have left your council")
	for _, j := range []*jar{ada, elsewhere} {
		j.get("/account").wantStatus(t, 303)
	}
	ada.signIn("ada@northmoor.gov.example", true)
	if got := h.person(ada); got.ID != id || got.Standing != forum.Newcomer || got.CouncilID != 0 {
		t.Errorf("who comes back is %+v", got)
	}
	ada.post("/account/council", "/account/council", "council", "northmoor").wantLocation(t, 303, "/account")
	if got := h.person(ada); got.Standing != forum.Colleague {
		t.Errorf("who comes back to the council of their address is a %s", got.Standing)
	}
	ada.post("/account/council", "/account/council", "council", "southmoor").wantLocation(t, 303, "/account")
	if got := h.person(ada); got.Standing != forum.Newcomer || got.CouncilSlug != "southmoor" {
		t.Errorf("who goes where their address shows nothing is a %s of %s", got.Standing, got.CouncilSlug)
	}
	found := ada.post("/account/council", "/account/council", "action", "find", "council_search", "north")
	found.wantStatus(t, 200)
	found.has(t, "Northmoor District Council", "You can post straight away")
}
