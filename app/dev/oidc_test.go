package dev

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const callback = "http://moothall.example/auth/dev/callback"

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// site is what signs people in at a provider, with the libraries that the site uses.
type site struct {
	t       *testing.T
	options ProviderOptions
	server  *httptest.Server
	moved   *atomic.Int64
	oauth   oauth2.Config
	oidc    *oidc.Provider
}

func (s *site) now() time.Time { return noon.Add(time.Duration(s.moved.Load())) }

// newSite starts a provider under /dev/oidc.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, moved: new(atomic.Int64)}
	var provider atomic.Pointer[Provider]
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.Load().ServeHTTP(w, r) }))
	t.Cleanup(s.server.Close)
	s.options = ProviderOptions{
		Issuer: s.server.URL + "/dev/oidc", ClientID: "moothall", ClientSecret: "a secret: with + and %", RedirectURI: callback,
		Secret: []byte("the nodes' own"), StyleHref: "/assets/moothall.css", Now: s.now,
		People: []Person{
			{Slug: "ada", Name: "Ada <Lovelace>", JobTitle: "Planner", Council: "Northmoor", Note: "curator", Email: "ada@example.org"},
			{Slug: "ben", Name: "Ben", JobTitle: "Digital officer", Council: "Southmoor", Email: "ben@example.org"},
		}}
	provider.Store(s.provider())
	var err error
	if s.oidc, err = oidc.NewProvider(t.Context(), s.options.Issuer); err != nil {
		t.Fatal(err)
	}
	s.oauth = oauth2.Config{ClientID: "moothall", ClientSecret: s.options.ClientSecret, RedirectURL: callback,
		Endpoint: s.oidc.Endpoint(), Scopes: []string{"openid", "email", "profile"}}
	return s
}

func (s *site) provider() *Provider {
	s.t.Helper()
	p, err := NewProvider(s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// visit goes to an address, or posts a form to it, and does not follow.
func (s *site) visit(at string, form url.Values) (*http.Response, string) {
	s.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func() (*http.Response, error) { return client.Get(at) }
	if form != nil {
		get = func() (*http.Response, error) { return client.PostForm(at, form) }
	}
	r, err := get()
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return r, string(body)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// choose opens the page and posts one of its forms, as a browser without a script does.
func (s *site) choose(verifier string, fields url.Values) url.Values {
	s.t.Helper()
	at := s.oauth.AuthCodeURL("the state", oidc.Nonce("the nonce"), oauth2.S256ChallengeOption(verifier))
	r, page := s.visit(at, nil)
	if r.StatusCode != http.StatusOK {
		s.t.Fatalf("the page is %d: %s", r.StatusCode, page)
	}
	form := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(strings.SplitN(page, "</form>", 2)[0], -1) {
		form.Set(field[1], strings.NewReplacer("&#43;", "+", "&amp;", "&").Replace(field[2]))
	}
	for name, values := range fields {
		form[name] = values
	}
	r, body := s.visit(s.options.Issuer+"/authorize", form)
	if r.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("choosing %v is %d: %s", fields, r.StatusCode, body)
	}
	back, query, _ := strings.Cut(r.Header.Get("Location"), "?")
	if back != callback {
		s.t.Fatalf("sent to %s, want %s", back, callback)
	}
	said, err := url.ParseQuery(query)
	if err != nil {
		s.t.Fatal(err)
	}
	return said
}

type claims struct {
	Sub, Name, Email, Nonce string
	EmailVerified           bool `json:"email_verified"`
}

// signIn goes all the way and returns what the ID token says.
func (s *site) signIn(fields url.Values) (c claims, access *oauth2.Token) {
	s.t.Helper()
	verifier := oauth2.GenerateVerifier()
	said := s.choose(verifier, fields)
	if said.Get("state") != "the state" || said.Get("iss") != s.options.Issuer {
		s.t.Errorf("sent back with state %q and iss %q", said.Get("state"), said.Get("iss"))
	}
	token, err := s.oauth.Exchange(s.t.Context(), said.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		s.t.Fatal(err)
	}
	id, err := s.verify(token)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := id.Claims(&c); err != nil {
		s.t.Fatal(err)
	}
	return c, token
}

func (s *site) verify(token *oauth2.Token) (*oidc.IDToken, error) {
	raw, _ := token.Extra("id_token").(string)
	return s.oidc.Verifier(&oidc.Config{ClientID: "moothall", SupportedSigningAlgs: []string{oidc.ES256, oidc.RS256}, Now: s.now}).
		Verify(context.Background(), raw)
}

func TestASignInFromBeginningToEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got, token := s.signIn(url.Values{"person": {"ada"}})
	want := claims{Sub: "demo:ada", Name: "Ada <Lovelace>", Email: "ada@example.org", Nonce: "the nonce", EmailVerified: true}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	info, err := s.oidc.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
	if err != nil {
		t.Fatal(err)
	}
	if info.Subject != want.Sub || info.Email != want.Email || !info.EmailVerified {
		t.Errorf("userinfo says %+v", info)
	}
	if token.Extra("id_token") == token.AccessToken {
		t.Error("the access token is an ID token")
	}
	s.moved.Add(int64(tokenLife + 2*time.Second))
	if _, err := s.verify(token); err == nil {
		t.Error("the ID token never ends")
	}
	if _, err := s.oidc.UserInfo(t.Context(), oauth2.StaticTokenSource(token)); err == nil {
		t.Error("the access token never ends")
	}
}

// The same address, however it is written, is the same person; a demo person's address is not that person.
func TestSomebodyNewIsTheSameTheNextTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first, _ := s.signIn(url.Values{"name": {" Cai "}, "email": {"Cai@Example.org"}, "email_verified": {"1"}})
	if first.Name != "Cai" || first.Email != "Cai@Example.org" || !first.EmailVerified {
		t.Errorf("the first time: %+v", first)
	}
	second, _ := newSite(t).signIn(url.Values{"name": {"Cai Jones"}, "email": {"cai@example.org"}})
	if second.Sub != first.Sub || second.EmailVerified {
		t.Errorf("the second time, at another node: %+v, want %s and no proven address", second, first.Sub)
	}
	other, _ := s.signIn(url.Values{"email": {"ada@example.org"}, "email_verified": {"1"}})
	if other.Sub == first.Sub || other.Sub == "demo:ada" {
		t.Errorf("another address is %s", other.Sub)
	}
}

// RFC 6749 §4.1.2 and RFC 7636 §4.6.
func TestACodeIsForOneSignInAndOneTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	verifier := oauth2.GenerateVerifier()
	redeem := func(code, verifier string, change func(*oauth2.Config)) error {
		c := s.oauth
		if change != nil {
			change(&c)
		}
		_, err := c.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
		return err
	}
	code := func() string { return s.choose(verifier, url.Values{"person": {"ben"}}).Get("code") }

	once := code()
	if err := redeem(once, verifier, nil); err != nil {
		t.Fatal(err)
	}
	wrongTried := code()
	_ = redeem(wrongTried, oauth2.GenerateVerifier(), nil)
	late := code()
	lasting := s.provider()
	for _, c := range []struct {
		what, want string
		err        error
	}{
		{"twice", "invalid_grant", redeem(once, verifier, nil)},
		{"with another's verifier", "invalid_grant", redeem(code(), oauth2.GenerateVerifier(), nil)},
		{"without a verifier", "invalid_grant", redeem(code(), "", nil)},
		{"after a wrong verifier", "invalid_grant", redeem(wrongTried, verifier, nil)},
		{"for another address", "invalid_grant", redeem(code(), verifier, func(c *oauth2.Config) { c.RedirectURL += "/x" })},
		{"by another client", "invalid_client", redeem(code(), verifier, func(c *oauth2.Config) { c.ClientID = "other" })},
		{"with a wrong secret", "invalid_client", redeem(code(), verifier, func(c *oauth2.Config) { c.ClientSecret = "guess" })},
		{"made up", "invalid_grant", redeem("abc.def.ghi", verifier, nil)},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.what, c.err, c.want)
		}
	}
	if _, err := lasting.redeem(late); err != nil {
		t.Errorf("another node of the same secret does not take the code: %v", err)
	}
	s.moved.Add(int64(codeLife + time.Second))
	if err := redeem(late, verifier, nil); err == nil {
		t.Error("a code never ends")
	}
}

func TestAnAccessTokenIsNoCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, token := s.signIn(url.Values{"person": {"ben"}})
	if _, err := s.provider().redeem(token.AccessToken); err == nil {
		t.Error("it was redeemed")
	}
	other := s.options
	other.Secret = []byte("another")
	p, err := NewProvider(other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.open(token.AccessToken, forAccess, tokenLife); err == nil {
		t.Error("a provider of another secret takes it")
	}
}

// What the site did not begin goes nowhere; what it began wrongly comes back with the reason.
func TestOnlyTheSitesOwnSignInIsAnswered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	with := func(change func(url.Values)) url.Values {
		at, err := url.Parse(s.oauth.AuthCodeURL("the state", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
		if err != nil {
			t.Fatal(err)
		}
		q := at.Query()
		change(q)
		return q
	}
	for what, q := range map[string]url.Values{
		"a foreign address":   with(func(q url.Values) { q.Set("redirect_uri", "https://evil.example/") }),
		"a longer address":    with(func(q url.Values) { q.Set("redirect_uri", callback+"/more") }),
		"a query of its own":  with(func(q url.Values) { q.Set("redirect_uri", callback+"?x=1") }),
		"two addresses":       with(func(q url.Values) { q.Add("redirect_uri", "https://evil.example/") }),
		"no address":          with(func(q url.Values) { q.Del("redirect_uri") }),
		"a client of its own": with(func(q url.Values) { q.Set("client_id", "other") }),
	} {
		for method, form := range map[string]url.Values{"GET": nil, "POST": q} {
			at := s.options.Issuer + "/authorize?" + q.Encode()
			if form != nil {
				at = s.options.Issuer + "/authorize"
				form.Set("person", "ada")
			}
			if r, _ := s.visit(at, form); r.StatusCode != http.StatusBadRequest || r.Header.Get("Location") != "" {
				t.Errorf("%s by %s: %d to %q", what, method, r.StatusCode, r.Header.Get("Location"))
			}
		}
	}
	for want, q := range map[string]url.Values{
		"unsupported_response_type": with(func(q url.Values) { q.Set("response_type", "token") }),
		"invalid_scope":             with(func(q url.Values) { q.Set("scope", "email") }),
		"invalid_request":           with(func(q url.Values) { q.Set("code_challenge_method", "plain") }),
	} {
		r, _ := s.visit(s.options.Issuer+"/authorize?"+q.Encode(), nil)
		back, err := url.Parse(r.Header.Get("Location"))
		if err != nil || r.StatusCode != http.StatusSeeOther || back.Query().Get("error") != want || back.Query().Get("state") != "the state" || back.Query().Has("code") {
			t.Errorf("%s: %d to %v, %v", want, r.StatusCode, back, err)
		}
	}
}

// The key is made from the secret, so a token signed before a restart holds after it.
func TestTheKeySurvivesARestart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if a, b := s.provider(), s.provider(); !a.key.Equal(b.key) {
		t.Error("the same secret made two keys")
	}
	other := s.options
	other.Secret = []byte("another")
	if p, err := NewProvider(other); err != nil || p.key.Equal(s.provider().key) {
		t.Errorf("another secret made the same key, %v", err)
	}
	for what, o := range map[string]ProviderOptions{
		"a secret":             {Issuer: "http://x/dev/oidc", RedirectURI: callback, Now: s.now},
		"an address":           {Issuer: "/dev/oidc", RedirectURI: callback, Secret: []byte("s"), Now: s.now},
		"an address to return": {Issuer: "http://x/dev/oidc", Secret: []byte("s"), Now: s.now},
	} {
		if _, err := NewProvider(o); err == nil {
			t.Errorf("a provider was made without %s", what)
		}
	}
}

// A refused form comes back with all that was typed, and says what to do.
func TestTheFormForSomebodyNewComesBackAsTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at, err := url.Parse(s.oauth.AuthCodeURL("the state", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
	if err != nil {
		t.Fatal(err)
	}
	form := at.Query()
	for _, email := range []string{"", "cai", "Cai <cai@example.org>", "a@b\r\nc: d", strings.Repeat("a", 250) + "@b.cd"} {
		form["name"], form["email"], form["email_verified"] = []string{`Cai "Jones"`}, []string{email}, []string{"1"}
		r, page := s.visit(s.options.Issuer+"/authorize", form)
		if r.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", email, r.StatusCode)
		}
		for _, want := range []string{"<title>Error: ", `href="#email"`, `id="email-error"`, `value="Cai &#34;Jones&#34;"`, `value="1" checked`, `value="the state"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%q: the page lacks %s", email, want)
			}
		}
	}
	form["email"], form["person"] = []string{"cai@example.org"}, []string{"nobody"}
	if r, _ := s.visit(s.options.Issuer+"/authorize", form); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("somebody who is not in the list: %d", r.StatusCode)
	}
}

// Nothing of the page stands in the way of the strict policy, and names are text.
func TestThePageHasNothingInline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, page := s.visit(s.oauth.AuthCodeURL("the state", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())), nil)
	if found := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|<Lovelace>`).FindString(page); found != "" {
		t.Errorf("the page has %q", found)
	}
	for _, want := range []string{`<html lang="en">`, `href="/assets/moothall.css"`, `action="/dev/oidc/authorize"`,
		`name="person" value="ada"`, "Planner, Northmoor (curator)", "Ada &lt;Lovelace&gt;", `name="email_verified"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}
