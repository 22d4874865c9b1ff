package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// Settings that will not do are told at start, and nothing is asked of the network.
func TestProviderSettings(t *testing.T) {
	t.Parallel()
	good := ProviderConfig{Name: "oidc", ClientID: "id", ClientSecret: "secret", Issuer: "https://id.gov.example",
		RedirectURL: "https://forum.test/auth/oidc/callback"}
	with := func(change func(*ProviderConfig)) ProviderConfig { c := good; change(&c); return c }
	issuer := func(s string) ProviderConfig { return with(func(c *ProviderConfig) { c.Issuer = s }) }
	entra := func(s string) ProviderConfig {
		return with(func(c *ProviderConfig) { c.Name, c.Issuer = "microsoft", s })
	}
	const login = "https://login.microsoftonline.com/"
	for _, c := range []struct {
		name   string
		config ProviderConfig
		ok     bool
	}{
		{"good", good, true},
		{"unknown", with(func(c *ProviderConfig) { c.Name = "facebook" }), false},
		{"no id", with(func(c *ProviderConfig) { c.ClientID = "" }), false},
		{"no secret", with(func(c *ProviderConfig) { c.ClientSecret = "" }), false},
		{"no redirect", with(func(c *ProviderConfig) { c.RedirectURL = "" }), false},
		{"no issuer", issuer(""), false},
		{"google by default", with(func(c *ProviderConfig) { c.Name, c.Issuer = "google", "" }), true},
		{"github by default", with(func(c *ProviderConfig) { c.Name, c.Issuer = "github", "" }), true},
		{"microsoft by default", entra(""), true},
		{"one tenant", entra(login + tenantA + "/v2.0"), true},
		{"private accounts too", entra(login + "common/v2.0"), false},
		{"private accounts only", entra(login + personalTenant + "/v2.0"), false},
		{"tenant by name", entra(login + "northmoor.gov.example/v2.0"), false},
		{"version 1", entra(login + "organizations"), false},
		{"http", issuer("http://id.gov.example"), false},
		{"loopback", issuer("https://127.0.0.1"), false},
		{"localhost", issuer("https://localhost:8443"), false},
		{"a name of the inner network", issuer("https://intranet"), false},
		{"private", issuer("https://10.1.2.3"), false},
		{"metadata service", issuer("https://169.254.169.254"), false},
		{"private, IPv6", issuer("https://[fd00::1]"), false},
		{"private in disguise", issuer("https://[::ffff:10.0.0.1]"), false},
		{"user", issuer("https://a@id.gov.example"), false},
		{"query", issuer("https://id.gov.example?x"), false},
		{"fragment", issuer("https://id.gov.example#x"), false},
		{"no web address", issuer("id.gov.example"), false},
		{"development", with(func(c *ProviderConfig) {
			c.Name, c.Issuer, c.AllowPrivate, c.ClientSecret = "dev", "http://localhost:8080/dev/oidc", true, ""
		}), true},
	} {
		p, err := NewProvider(c.config, nil, nil)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v, want success %v", c.name, err, c.ok)
		}
		if err == nil && (p.Name != c.config.Name || p.Label == "") {
			t.Errorf("%s: provider %+v lacks a name or label", c.name, p)
		}
		if err != nil && strings.Contains(err.Error(), "secret\"") {
			t.Errorf("%s: the error tells the secret", c.name)
		}
	}
}

// diverted answers for public names from a provider on this machine.
type diverted struct{ to string }

func (d diverted) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = "http", strings.TrimPrefix(d.to, "http://")
	return http.DefaultTransport.RoundTrip(req)
}

// 42: a description that leads elsewhere is not followed.
func TestDiscoveryThatLeadsElsewhere(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	const public = "https://id.gov.example"
	set := func(name string, value any) func(dict) { return func(d dict) { d[name] = value } }
	for _, c := range []struct {
		name string
		bad  func(dict)
		ok   bool
	}{
		{"none", func(dict) {}, true},
		{"other issuer", set("issuer", "https://other.example"), false},
		{"issuer with a slash", set("issuer", public+"/"), false},
		{"issuer missing", func(d dict) { delete(d, "issuer") }, false},
		{"issuer in capitals", func(d dict) { d["ISSUER"] = public; delete(d, "issuer") }, false},
		{"keys on another host", set("jwks_uri", "https://keys.example/keys"), false},
		{"keys by http", set("jwks_uri", "http://id.gov.example/keys"), false},
		{"keys on another port", set("jwks_uri", public+":8443/keys"), false},
		{"keys missing", func(d dict) { delete(d, "jwks_uri") }, false},
		{"token by http", set("token_endpoint", "http://id.gov.example/token"), false},
		{"token on a private address", set("token_endpoint", "https://10.0.0.1/token"), false},
		{"token on this machine", set("token_endpoint", "https://localhost/token"), false},
		{"token on the metadata service", set("token_endpoint", "https://169.254.169.254/token"), false},
		{"token a number", set("token_endpoint", 1), false},
		{"authorization on a private address", set("authorization_endpoint", "https://[::1]/authorize"), false},
		{"authorization by script", set("authorization_endpoint", "javascript:alert(1)//a.b"), false},
		{"userinfo on a private address", set("userinfo_endpoint", "https://192.168.0.1/userinfo"), false},
		{"userinfo empty", set("userinfo_endpoint", ""), false},
	} {
		i := newIDP(t, h.clock)
		i.issuer = public
		i.become(defect{discovery: func(d dict) {
			for _, name := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"} {
				d[name] = strings.Replace(d[name].(string), i.URL, public, 1)
			}
			c.bad(d)
		}})
		config := i.config("oidc")
		config.Issuer, config.AllowPrivate = public, false
		p := i.providerOf(t, config, &http.Client{Transport: diverted{i.URL}})
		_, _, err := h.Begin(t.Context(), p, "/")
		if c.ok && err != nil || !c.ok && failure(err) != Unanswered {
			t.Errorf("42 %s: %v, want success %v", c.name, err, c.ok)
		}
		if n := i.times("/keys") + i.times("/token"); n != 0 {
			t.Errorf("42 %s: %d requests beyond discovery, want none", c.name, n)
		}
	}
	if n := h.count(t, "sign_in_attempts"); n != 1 {
		t.Errorf("%d attempts were kept, want the one that began", n)
	}
}

// 42: a public name that resolves to a private address is not connected to.
func TestPrivateAddressesAreNotConnectedTo(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was connected to") }))
	defer s.Close()
	for _, base := range []*http.Client{nil, http.DefaultClient} {
		_, err := ask(t.Context(), newClient(base, false), s.URL, "")
		if !errors.Is(err, errPrivate) {
			t.Errorf("connecting to %s: %v, want refused as private", s.URL, err)
		}
	}
	for address, want := range map[string]bool{"8.8.8.8": false, "2606:4700::1111": false, "51.140.1.1": false,
		"127.0.0.1": true, "0.0.0.0": true, "10.0.0.1": true, "172.16.0.1": true, "192.168.1.1": true, "169.254.169.254": true,
		"100.64.0.1": true, "224.0.0.1": true, "255.255.255.255": true, "::1": true, "::": true, "fe80::1": true, "fd00::1": true,
		"::ffff:127.0.0.1": true, "64:ff9b::7f00:1": true, "2002:7f00:1::": true, "198.18.0.1": true} {
		if got := private(netip.MustParseAddr(address)); got != want {
			t.Errorf("private(%s) is %v, want %v", address, got, want)
		}
	}
}

// A provider that is down stops neither the start nor the others, and is asked
// again the next time.
func TestDiscoveryIsAskedForWhenNeeded(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	config := i.config("oidc")
	config.Issuer += "/absent"
	p := i.providerOf(t, config, nil)
	if n := i.times("/absent/.well-known/openid-configuration"); n != 0 {
		t.Errorf("discovery at start: %d, want 0", n)
	}
	if _, _, err := h.Begin(t.Context(), p, "/"); failure(err) != Unanswered {
		t.Errorf("a provider that is absent: %v, want unanswered", err)
	}
	i.prefix, i.issuer = "/absent", i.URL+"/absent"
	for range 3 {
		h.begin(t, p, "/")
	}
	if n := i.times("/absent/.well-known/openid-configuration"); n != 2 {
		t.Errorf("discovery: %d times, want 2", n)
	}
	// Down again, a day later: what is known goes on.
	i.prefix = "/gone"
	h.clock.Advance(discoveryHolds)
	h.begin(t, p, "/")
}

const (
	tenantA = "11111111-2222-3333-4444-555555555555"
	tenantB = "99999999-2222-3333-4444-555555555555"
	oidAda  = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
)

// of makes a token Entra's of a tenant.
func (i *idp) of(tenant string, more func(c dict)) defect {
	return defect{claims: func(c dict) {
		c["iss"], c["tid"], c["oid"] = i.URL+"/"+tenant+"/v2.0", tenant, oidAda
		more(c)
	}}
}

// 35, 36: at Entra a person is tenant and object; an address counts only where
// Entra says that the tenant owns its domain.
func TestEntra(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	nothing := func(dict) {}
	const ada = "ada@northmoor.gov.example"
	for _, c := range []struct {
		name   string
		tenant string // of the issuer in the settings; any if empty
		of     string
		more   func(c dict)
		ok     bool
		email  string
	}{
		{"any organisation", "", tenantA, nothing, true, ""},
		{"another organisation", "", tenantB, nothing, true, ""},
		{"our tenant", tenantA, tenantA, nothing, true, ""},
		{"35 another tenant than ours", tenantA, tenantB, nothing, false, ""},
		{"35 private accounts", "", personalTenant, nothing, false, ""},
		{"35 tid missing", "", tenantA, func(c dict) { delete(c, "tid") }, false, ""},
		{"35 tid of another", "", tenantA, func(c dict) { c["tid"] = tenantB }, false, ""},
		{"35 tid no id", "", "organizations", nothing, false, ""},
		{"35 tid a template", "", "{tenantid}", nothing, false, ""},
		{"35 tid a path", "", tenantA + "/..", nothing, false, ""},
		{"35 iss of another", "", tenantA, func(c dict) { c["iss"] = strings.Replace(c["iss"].(string), tenantA, tenantB, 1) }, false, ""},
		{"35 iss elsewhere", "", tenantA, func(c dict) { c["iss"] = "https://sts.windows.net/" + tenantA + "/" }, false, ""},
		{"35 oid missing", "", tenantA, func(c dict) { delete(c, "oid") }, false, ""},
		{"35 oid no id", "", tenantA, func(c dict) { c["oid"] = "ada" }, false, ""},
		{"36 address unproven", "", tenantB, func(c dict) { c["upn"], c["preferred_username"] = ada, ada }, true, ""},
		{"36 xms_edov false", "", tenantB, func(c dict) { c["xms_edov"] = false }, true, ""},
		{"36 xms_edov as text", "", tenantB, func(c dict) { c["xms_edov"] = "true" }, true, ""},
		{"36 xms_edov without email", "", tenantB, func(c dict) {
			c["xms_edov"], c["upn"], c["preferred_username"] = true, ada, ada
			delete(c, "email")
		}, true, ""},
		{"xms_edov", "", tenantA, func(c dict) { c["xms_edov"] = true }, true, ada},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i := newIDP(t, h.clock).entra()
			if c.tenant != "" {
				i.prefix = "/" + c.tenant + "/v2.0"
				i.issuer = i.URL + i.prefix
			}
			i.become(i.of(c.of, c.more))
			login, err := h.signIn(t, i.provider(t, "microsoft"), i)
			if !c.ok {
				if failure(err) != Unproven {
					t.Errorf("got %+v, %v; want unproven", login, err)
				}
				return
			}
			want := Login{Issuer: i.URL + "/" + c.of + "/v2.0", Subject: oidAda, Name: "Ada", Email: c.email, EmailVerified: c.email != "", ReturnTo: "/threads/1"}
			if err != nil || login != want {
				t.Errorf("got %+v, %v; want %+v", login, err, want)
			}
			if n := i.times("/userinfo"); n != 0 {
				t.Errorf("userinfo was asked %d times, want 0", n)
			}
		})
	}
}

// 48: Entra may name its issuer in the answer, and then it is the token's.
func TestEntraNamesItsIssuer(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	for tenant, ok := range map[string]bool{tenantA: true, tenantB: false} {
		i := newIDP(t, h.clock).entra()
		bad := i.of(tenantA, func(dict) {})
		bad.callback = func(q url.Values) { q.Set("iss", i.URL+"/"+tenant+"/v2.0") }
		i.become(bad)
		if _, err := h.signIn(t, i.provider(t, "microsoft"), i); (err == nil) != ok {
			t.Errorf("48 iss of tenant %s: %v, want success %v", tenant, err, ok)
		}
	}
}

// 37: at Google the organisation is hd and never the text of the address, and of an
// address outside it Google vouches for the past only.
func TestGoogle(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	for _, c := range []struct {
		name, email string
		hd          any
		hosted      string
		verified    bool
	}{
		{"hosted", "ada@northmoor.gov.example", "northmoor.gov.example", "northmoor.gov.example", true},
		{"37 hd missing", "ada@northmoor.gov.example", nil, "", false},
		{"37 hd of another", "ada@northmoor.gov.example", "mallory.example", "mallory.example", false},
		{"37 hd a list", "ada@northmoor.gov.example", []string{"northmoor.gov.example"}, "", false},
		{"37 hd above", "ada@northmoor.gov.example", "gov.example", "gov.example", false},
		{"Google's own", "ada@gmail.com", nil, "", true},
		{"no address", "", nil, "", false},
	} {
		i := newIDP(t, h.clock)
		i.become(defect{claims: func(claims dict) {
			claims["email"] = c.email
			if c.hd != nil {
				claims["hd"] = c.hd
			}
		}})
		login, err := h.signIn(t, i.provider(t, "google"), i)
		if err != nil || login.HostedDomain != c.hosted || login.EmailVerified != c.verified || login.Email != c.email {
			t.Errorf("%s: %+v, %v; want hosted %q, verified %v", c.name, login, err, c.hosted, c.verified)
		}
	}
}

// gitHubOf is a GitHub whose account and addresses these are.
func gitHubOf(t *testing.T, account, addresses string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	says := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if r.Method != http.MethodPost && r.Header.Get("Authorization") != "Bearer the-token" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_, _ = w.Write([]byte(body))
		}
	}
	mux.HandleFunc("POST /login/oauth/access_token", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "application/json" || r.PostFormValue("client_secret") != ourSecret || r.PostFormValue("code_verifier") == "" {
			says(`{"error":"bad_verification_code"}`)(w, r)
			return
		}
		says(`{"access_token":"the-token","token_type":"bearer","scope":"user:email"}`)(w, r)
	})
	mux.HandleFunc("GET /api/v3/user", says(account))
	mux.HandleFunc("GET /api/v3/user/emails", says(addresses))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// GitHub has no ID token: a person is the account's number, the address its
// primary one if verified.
func TestGitHub(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	const account = `{"id":583231,"login":"ada","name":"Ada","email":"public@b.test"}`
	const unproven = `{"email":"x@b.test","primary":false,"verified":true},{"email":"ada@a.test","primary":true,"verified":false}`
	for _, c := range []struct {
		name, account, addresses string
		failure                  AttemptFailure
		want                     Login
	}{
		{"verified", account, `[{"email":"x@b.test","primary":false,"verified":true},{"email":"ada@a.test","primary":true,"verified":true}]`, "",
			Login{Subject: "583231", Name: "Ada", Email: "ada@a.test", EmailVerified: true}},
		{"primary not verified", account, "[" + unproven + "]", "", Login{Subject: "583231", Name: "Ada"}},
		{"verified as text", account, `[{"email":"ada@a.test","primary":true,"verified":"true"}]`, "", Login{Subject: "583231", Name: "Ada"}},
		{"no name", `{"id":1,"login":"ada","name":null}`, "[]", "", Login{Subject: "1", Name: "ada"}},
		{"number as text", `{"id":"583231"}`, "[]", Unproven, Login{}},
		{"no number", `{"login":"ada"}`, "[]", Unproven, Login{}},
		{"two numbers", `{"id":1,"id":2}`, "[]", Unanswered, Login{}},
		{"not JSON", `<html>`, "[]", Unanswered, Login{}},
		{"addresses no list", account, `{}`, Unanswered, Login{}},
	} {
		s := gitHubOf(t, c.account, c.addresses)
		p, err := NewProvider(ProviderConfig{Name: "github", ClientID: ourClient, ClientSecret: ourSecret, Issuer: s.URL,
			RedirectURL: "http://localhost/auth/github/callback", AllowPrivate: true}, nil, h.clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		address, cookie := h.begin(t, p, "/threads/3")
		u, _ := url.Parse(address)
		q := u.Query()
		if u.Path != "/login/oauth/authorize" || q.Get("code_challenge_method") != "S256" || q.Get("scope") != "user:email" {
			t.Errorf("%s: the address is %s", c.name, address)
		}
		login, err := h.finish(t, p, url.Values{"state": {q.Get("state")}, "code": {"x"}}, cookie)
		if c.failure != "" {
			if failure(err) != c.failure {
				t.Errorf("%s: %+v, %v; want %s", c.name, login, err, c.failure)
			}
			continue
		}
		c.want.Issuer, c.want.ReturnTo = s.URL, "/threads/3"
		if err != nil || login != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, login, err, c.want)
		}
	}
}

// The secret goes as the provider wants it, at the first try.
func TestTheSecretIsSentAsAskedFor(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	i.become(defect{discovery: func(d dict) { d["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"} }})
	if _, err := h.signIn(t, i.provider(t, "oidc"), i); failure(err) != Declined { // this one wants the header
		t.Errorf("%v, want declined", err)
	}
	if len(i.forms) != 1 || i.forms[0].Get("client_secret") != ourSecret {
		t.Errorf("the forms were %v, want one with the secret", i.forms)
	}
}

// Somebody who leaves does not take the provider's description from those who wait.
func TestDiscoveryOutlivesWhoeverAskedFirst(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	gone, leave := context.WithCancel(t.Context())
	leave()
	o, err := newOpenID(i.config("oidc"), newClient(nil, true), h.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.discover(gone); err != nil {
		t.Errorf("discover: %v", err)
	}
}
