package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// Constructors of defects, so that each case reads as what is wrong.
func claim(name string, value any) defect    { return defect{claims: func(c dict) { c[name] = value }} }
func without(name string) defect             { return defect{claims: func(c dict) { delete(c, name) }} }
func head(name string, value any) defect     { return defect{header: func(h dict) { h[name] = value }} }
func payload(f func(p string) string) defect { return defect{payload: f} }
func issued(f func(s string) any) defect     { return defect{token: f} }
func numeric(name, value string) defect      { return claim(name, json.RawMessage(value)) }
func at(name string, d time.Duration) defect {
	return claim(name, forumtest.Noon.Add(d).Unix())
}
func parts(f func(header, payload, signature string) string) defect {
	return issued(func(s string) any {
		p := strings.Split(s, ".")
		return f(p[0], p[1], p[2])
	})
}

// withHMAC takes a public key for a shared secret.
func withHMAC(secret []byte) defect {
	d := head("alg", "HS256")
	d.sign = func(signed string) []byte {
		h := hmac.New(sha256.New, secret)
		h.Write([]byte(signed))
		return h.Sum(nil)
	}
	return d
}

// twice puts a claim before the right one.
func twice(name, value string) defect {
	return payload(func(p string) string { return `{"` + name + `":"` + value + `",` + p[1:] })
}

// issuerVariants are addresses that a loose comparison takes for the issuer.
func issuerVariants(i *idp) map[string]string {
	host := strings.TrimPrefix(i.issuer, "http://")
	return map[string]string{"slash more": i.issuer + "/", "other case": strings.ToUpper(i.issuer),
		"https": "https://" + host, "no scheme": host, "user": "http://a@" + host,
		"port": i.issuer + "0", "query": i.issuer + "?", "another": "http://other.test"}
}

// elsewhere is a host that nothing of ours may go to.
func elsewhere(t *testing.T) (address string) {
	t.Helper()
	var hits atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(func() {
		s.Close()
		if n := hits.Load(); n != 0 {
			t.Errorf("%d requests went where the attacker wanted, want none", n)
		}
	})
	return s.URL
}

// Each defect of the list ends without a login and without a panic, and the next
// sign-in without it works.
func TestDefectiveAnswersDoNotSignIn(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	away := elsewhere(t)
	jku := defect{header: func(h dict) { h["jku"], h["x5u"], h["kid"] = away, away, "away" }, sign: signedBy(otherKey())}
	x5u := defect{header: func(h dict) { h["x5u"] = away }}
	cases := append(signatureCases(), answerCases(away)...)
	cases = append(cases, claimCases(newIDP(t, h.clock))...)
	cases = append(cases, tokenCase{"06 jku", jku}, tokenCase{"06 x5u, else right", x5u})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i := newIDP(t, h.clock)
			bad := c.bad
			if strings.HasPrefix(c.name, "15 ") {
				for name, issuer := range issuerVariants(i) {
					if strings.HasSuffix(c.name, " "+name) {
						bad = claim("iss", issuer)
					}
				}
			}
			p := i.provider(t, "oidc")
			if strings.HasSuffix(c.name, "slow") {
				p = i.providerOf(t, i.config("oidc"), &http.Client{Timeout: 500 * time.Millisecond})
			}
			if bad.discovery == nil && bad.userInfo == nil {
				bad.discovery = func(d dict) { delete(d, "userinfo_endpoint") } // the token alone must fail
			}
			i.become(bad)
			login, err := h.signIn(t, p, i)
			if !errors.Is(err, ErrAttempt) {
				t.Errorf("got %+v and error %v, want ErrAttempt", login, err)
			}
			most := 1
			if bad.callback != nil {
				most = 0 // an odd answer's code goes nowhere
			}
			if n := i.times("/token"); n > most {
				t.Errorf("the code was sent %d times, want %d at most", n, most)
			}
			if n := i.times("/keys"); n > 2 {
				t.Errorf("the keys were read %d times, want one reading anew at most", n)
			}
			i.become(defect{})
			if login, err = h.signIn(t, p, i); err != nil || login.Subject != "ada-1" {
				t.Errorf("the next sign-in: %+v, %v; want ada-1", login, err)
			}
		})
	}
}

// 0: with no defect everybody gets in, with either algorithm.
func TestCorrectAnswersSignIn(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	one := defect{header: func(h dict) { delete(h, "kid") }, keys: keySetOf(publicKey("", &rightKey().PublicKey))}
	for _, c := range []tokenCase{
		{"0 RS256", defect{}},
		{"0 ES256", defect{header: func(h dict) { h["alg"], h["kid"] = "ES256", "curve" }, sign: signedByCurve}},
		{"0 one key without a name", one},
		{"0 aud two, azp ours", defect{claims: func(c dict) { c["aud"], c["azp"] = []string{"other", ourClient}, ourClient }}},
		{"0 without at_hash, userinfo, typ", defect{claims: func(c dict) { delete(c, "at_hash") },
			header: func(h dict) { delete(h, "typ") }, discovery: func(d dict) { delete(d, "userinfo_endpoint") }}},
		{"0 clock half a minute ahead", at("iat", 30*time.Second)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i := newIDP(t, h.clock)
			i.become(c.bad)
			login, err := h.signIn(t, i.provider(t, "dev"), i)
			want := Login{Issuer: i.URL, Subject: "ada-1", Name: "Ada", Email: "ada@northmoor.gov.example", EmailVerified: true, ReturnTo: "/threads/1"}
			if err != nil || login != want {
				t.Errorf("got %+v, %v; want %+v", login, err, want)
			}
		})
	}
}

// Who is to prove once more who they are was asked by the provider just now: that
// they said so this morning is no proof. Who signs in may be known there already.
func TestAProofOfThisMorningIsNone(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ada := forumtest.Person(t, h.forum, "Ada", "Northmoor").ID
	for name, c := range map[string]struct {
		asked   defect
		purpose Purpose
		fails   bool
	}{
		"this morning, to sign in": {at("auth_time", -5*time.Hour), ToSignIn, false},
		"this morning":             {at("auth_time", -5*time.Hour), Again, true},
		"no number":                {claim("auth_time", "now"), Again, true},
		"just now":                 {at("auth_time", -2*time.Minute), Again, false},
		"not told, as by Google":   {defect{}, Again, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIDP(t, h.clock)
			i.become(c.asked)
			p := i.provider(t, "dev")
			authURL, cookie, err := h.BeginFor(t.Context(), p, For{Purpose: c.purpose, PersonID: ada, Session: "session"}, "/account")
			if err != nil {
				t.Fatal(err)
			}
			_, err = h.finish(t, p, i.authorise(t, authURL), cookie)
			if c.fails != (failure(err) == Unproven) || !c.fails && err != nil {
				t.Errorf("got %v; want it to fail: %t", err, c.fails)
			}
		})
	}
}

// 14, 47: what is one provider's is not taken from another.
func TestProvidersAreNotMixedUp(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	a, b := newIDP(t, h.clock), newIDP(t, h.clock)
	pa, pb := a.provider(t, "oidc"), b.provider(t, "dev")

	a.become(claim("iss", b.issuer))
	if _, err := h.signIn(t, pa, a); failure(err) != Unproven {
		t.Errorf("14: token of the other's issuer: %v, want unproven", err)
	}
	a.become(defect{})
	authURL, cookie := h.begin(t, pb, "/")
	query := b.authorise(t, authURL)
	if _, err := h.finish(t, pa, query, cookie); failure(err) != Mixed {
		t.Errorf("47: the other's state: %v, want mixed", err)
	}
	if n := a.times("/token"); n != 1 {
		t.Errorf("47: the code went to the wrong provider (%d exchanges, want the one of 14)", n)
	}
}

// 21, 34: only issuer and subject, byte for byte, find a person; an address never does.
func TestNobodyIsSomebodyElse(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	p := i.provider(t, "oidc")
	people := map[int64]string{}
	for _, sub := range []string{"ada-1", "Ada-1", "ada-1 ", "ada‐1", "adé", "ade\u0301", "mallory"} {
		i.become(defect{claims: func(c dict) { c["sub"] = sub }, userInfo: func(u dict) { u["sub"] = sub }})
		login, err := h.signIn(t, p, i)
		if err != nil || login.Subject != sub {
			t.Fatalf("%q: %+v, %v", sub, login, err)
		}
		id, err := h.forum.SignIn(t.Context(), forum.Identity{Issuer: login.Issuer, Subject: login.Subject,
			Name: login.Name, Email: login.Email, EmailVerified: login.EmailVerified})
		if err != nil {
			t.Fatalf("SignIn: %v", err)
		}
		if other, taken := people[id]; taken {
			t.Errorf("%q signs in as %q", sub, other)
		}
		people[id] = sub
	}
}

// 22: a nonce is good for its own attempt only.
func TestNonceOfAnotherAttempt(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	i := newIDP(t, h.clock)
	p := i.provider(t, "oidc")
	first, _ := h.begin(t, p, "/")
	u, _ := url.Parse(first)
	i.become(claim("nonce", u.Query().Get("nonce")))
	if _, err := h.signIn(t, p, i); failure(err) != Unproven {
		t.Errorf("nonce of the other tab: %v, want unproven", err)
	}
}

// 32, 33: what userinfo says never overrules the token, and an address is proven
// by the word true alone.
func TestAddressesAreProvenByTheTokenAlone(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	overrule := func(u dict) {
		u["iss"], u["aud"], u["tid"], u["email_verified"], u["email"] = "http://other.test", "other", "x", true, "victim@northmoor.gov.example"
	}
	verified := func(v any) func(dict) { return func(c dict) { c["email_verified"] = v } }
	mail := func(v any) func(dict) { return func(c dict) { c["email"] = v } }
	none := func(c dict) { delete(c, "email"); delete(c, "email_verified") }
	const ada = "ada@northmoor.gov.example"
	for _, c := range []struct {
		name     string
		bad      defect
		email    string
		verified bool
	}{
		{"32 overruled", defect{userInfo: overrule, claims: verified(false)}, ada, false},
		{"32 half overruled", defect{userInfo: overrule, claims: func(c dict) { delete(c, "email_verified") }}, ada, false},
		{"32 overruled, address missing", defect{userInfo: overrule, claims: func(c dict) { delete(c, "email") }}, "", false},
		{"33 false", defect{claims: verified(false)}, ada, false},
		{"33 missing", defect{claims: func(c dict) { delete(c, "email_verified") }}, ada, false},
		{"33 true as text", defect{claims: verified("true")}, ada, false},
		{"33 false as text", defect{claims: verified("false")}, ada, false},
		{"33 one", defect{claims: verified(1)}, ada, false},
		{"33 null", defect{claims: verified(nil)}, ada, false},
		{"two addresses", defect{claims: mail([]string{ada, "b@b.test"})}, "", false},
		{"two in one", defect{claims: mail(ada + ",b@b.test")}, "", false},
		{"with a name", defect{claims: mail("Ada <" + ada + ">")}, "", false},
		{"with a line", defect{claims: mail(ada + "\r\nBcc: b@b.test")}, "", false},
		{"no address", defect{claims: mail("ada")}, "", false},
		{"the token is silent", defect{claims: none, userInfo: func(u dict) { u["email"], u["email_verified"] = ada, true }}, ada, true},
		{"the token is silent, unproven", defect{claims: none, userInfo: mail(ada)}, ada, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i := newIDP(t, h.clock)
			i.become(c.bad)
			login, err := h.signIn(t, i.provider(t, "oidc"), i)
			if err != nil || login.Email != c.email || login.EmailVerified != c.verified || login.Issuer != i.URL {
				t.Errorf("got %+v, %v; want %q, verified %v", login, err, c.email, c.verified)
			}
		})
	}
}
