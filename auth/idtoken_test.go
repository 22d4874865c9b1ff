package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

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

type tokenCase struct {
	name string
	bad  defect
}

// keySetOf publishes these keys only.
func keySetOf(keys ...jose.JSONWebKey) func() any {
	return func() any { return jose.JSONWebKeySet{Keys: keys} }
}

func signatureCases() []tokenCase {
	public := &rightKey().PublicKey
	der, _ := x509.MarshalPKIXPublicKey(public)
	jwk := mustJSON(publicKey("right", public))
	embedded := head("jwk", publicKey("right", &otherKey().PublicKey))
	embedded.sign = signedBy(otherKey())
	unsigned := func(alg string) defect {
		d := head("alg", alg)
		d.token = func(s string) any { return s[:strings.LastIndex(s, ".")+1] }
		return d
	}
	cases := []tokenCase{
		{"01 alg none", unsigned("none")},
		{"01 alg none, signed", head("alg", "none")},
		{"02 None", unsigned("None")}, {"02 NONE", unsigned("NONE")}, {"02 nOnE", unsigned("nOnE")},
		{"03 random signature", defect{sign: func(string) []byte { b := make([]byte, 256); _, _ = rand.Read(b); return b }}},
		{"03 no signature", parts(func(h, p, _ string) string { return h + "." + p + "." })},
		{"04 other key, right kid", defect{sign: signedBy(otherKey())}},
		{"05 key in the header", embedded},
		{"07 HS256 with PEM", withHMAC(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))},
		{"07 HS256 with DER", withHMAC(der)},
		{"07 HS256 with JWK", withHMAC(jwk)},
		{"07 HS256 with the client secret", withHMAC([]byte(ourSecret))},
		{"07 PS256", head("alg", "PS256")}, {"07 RS512", head("alg", "RS512")}, {"07 no alg", head("alg", nil)},
		{"07 ES256 with the RSA key's name", head("alg", "ES256")},
		{"08 kid missing, two keys", defect{header: func(h dict) { delete(h, "kid") }}},
		{"08 kid as number", head("kid", 1)},
		{"08 kid empty", head("kid", "")},
		{"26 two parts", parts(func(h, p, _ string) string { return h + "." + p })},
		{"26 four parts", issued(func(s string) any { return s + ".x" })},
		{"26 trailing dot", issued(func(s string) any { return s + "." })},
		{"26 five parts", issued(func(string) any { return base64url([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM"}`)) + ".eA.eA.eA.eA" })},
		{"26 JSON serialisation", parts(func(h, p, s string) string {
			return fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, h, p, s)
		})},
		{"29 padding", parts(func(h, p, s string) string { return h + "." + p + "." + s + "==" })},
		{"29 plus and slash", parts(func(h, p, s string) string {
			return h + "." + p + "." + strings.NewReplacer("-", "+", "_", "/").Replace(s) + "+"
		})},
		{"29 line end", parts(func(h, p, s string) string { return h + "." + p + "." + s[:9] + "\n" + s[9:] })},
		{"29 trailing bits", parts(func(h, p, s string) string { return h + "." + p + "." + s[:len(s)-1] + nextLetter(s[len(s)-1]) })},
		{"30 crit", defect{header: func(h dict) { h["crit"], h["moothall"] = []string{"moothall"}, 1 }}},
		{"30 crit empty", head("crit", []string{})},
		{"30 b64 false", defect{header: func(h dict) { h["crit"], h["b64"] = []string{"b64"}, false }}},
		{"30 b64 false, not critical", head("b64", false)},
		{"25 access token", head("typ", "at+jwt")}, {"25 logout token by type", head("typ", "logout+jwt")},
		{"25 type a number", head("typ", 1)},
	}
	for _, kid := range []string{"unknown", "../../etc/passwd", "' or 1=1 --", "RIGHT", "right ", "right\x00"} {
		cases = append(cases, tokenCase{fmt.Sprintf("08 kid %q", kid), head("kid", kid)})
	}
	return cases
}

// nextLetter changes the lowest bit of a base64url letter: with 256 bytes of
// signature the last letter has spare bits, and strict decoding must look at them.
func nextLetter(c byte) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(letters[strings.IndexByte(letters, c)^1])
}

func claimCases(i *idp) []tokenCase {
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	cases := []tokenCase{
		{"09 exp missing", without("exp")},
		{"11 exp an hour ago", at("exp", -time.Hour)}, {"11 exp 61 seconds ago", at("exp", -61*time.Second)}, {"11 exp now", at("exp", 0)},
		{"12 iat missing", without("iat")}, {"12 iat in the future", at("iat", 2*time.Minute)},
		{"12 iat 11 minutes ago", at("iat", -11*time.Minute)}, {"12 iat a string", claim("iat", "1795521600")},
		{"13 nbf in the future", at("nbf", 2*time.Minute)}, {"13 nbf a string", claim("nbf", "x")},
		{"16 iss missing", without("iss")}, {"16 iss empty", claim("iss", "")}, {"16 iss array", claim("iss", []string{i.issuer})},
		{"17 aud other", claim("aud", "other")}, {"17 aud missing", without("aud")}, {"17 aud empty", claim("aud", "")},
		{"17 aud []", claim("aud", []string{})}, {"17 aud number", claim("aud", 1)}, {"17 aud other case", claim("aud", strings.ToUpper(ourClient))},
		{"18 aud two, azp missing", claim("aud", []string{ourClient, "other"})},
		{"18 aud two, azp other", defect{claims: func(c dict) { c["aud"], c["azp"] = []string{ourClient, "other"}, "other" }}},
		{"19 azp other", claim("azp", "other")}, {"19 azp number", claim("azp", 1)}, {"19 azp null", claim("azp", nil)},
		{"20 sub missing", without("sub")}, {"20 sub empty", claim("sub", "")}, {"20 sub number", claim("sub", 1)},
		{"20 sub array", claim("sub", []string{"ada-1"})}, {"20 sub object", claim("sub", dict{"sub": "ada-1"})},
		{"20 sub of 300 bytes", claim("sub", strings.Repeat("a", 300))}, {"20 sub with NUL", claim("sub", "ada-1\x00")},
		{"20 sub with half a surrogate", payload(func(p string) string { return strings.Replace(p, `"ada-1"`, `"ada-1\ud800"`, 1) })},
		{"22 nonce missing", without("nonce")}, {"22 nonce empty", claim("nonce", "")}, {"22 nonce wrong", claim("nonce", secret())},
		{"22 nonce an array", defect{claims: func(c dict) { c["nonce"] = []any{c["nonce"]} }}},
		{"23 at_hash wrong", claim("at_hash", halfHash("other"))}, {"23 at_hash number", claim("at_hash", 1)}, {"23 at_hash empty", claim("at_hash", "")},
		{"24 c_hash wrong", claim("c_hash", halfHash("other"))},
		{"25 logout token", claim("events", dict{"http://schemas.openid.net/event/backchannel-logout": dict{}})},
		{"25 for access, by Cognito", claim("token_use", "access")}, {"25 for access, by Keycloak", claim("typ", "Bearer")},
		{"27 sub twice", twice("sub", "ben-1")}, {"27 iss twice", twice("iss", "http://other.test")},
		{"27 aud twice", twice("aud", "other")}, {"27 nonce twice", twice("nonce", "other")},
		{"27 sub in capitals beside it", twice("SUB", "ben-1")}, {"27 sub twice, escaped", twice(`s\u0075b`, "ben-1")},
		{"27 sub in capitals alone", payload(func(p string) string { return strings.Replace(p, `"sub"`, `"SUB"`, 1) })},
		{"27 twice inside", claim("address", json.RawMessage(`{"a":1,"a":2}`))},
		{"28 array", payload(func(p string) string { return "[" + p + "]" })}, {"28 string", payload(func(string) string { return `"ada-1"` })},
		{"28 null", payload(func(string) string { return "null" })}, {"28 two objects", payload(func(p string) string { return p + p })},
		{"28 not UTF-8", payload(func(p string) string { return strings.Replace(p, "Ada", "Ad\xff", 1) })},
		{"28 1 MB", claim("name", strings.Repeat("a", 1<<20))}, {"28 10,000 arrays", claim("deep", json.RawMessage(deep))},
		{"28 1,000 arrays", claim("deep", json.RawMessage(deep[9_000:11_000]))},
		{"28 10,000 open arrays", payload(func(string) string { return `{"a":` + strings.Repeat("[", 10_000) })},
	}
	for _, exp := range []string{`"1795521600"`, "-1", "0", "1e400", "1e10", "null", "true", "1795525200.5", "17955252000000000000000", "[]"} {
		cases = append(cases, tokenCase{"10 exp " + exp, numeric("exp", exp)})
	}
	for name, issuer := range issuerVariants(i) {
		cases = append(cases, tokenCase{"15 iss with " + name, claim("iss", issuer)})
	}
	return cases
}

func answerCases(elsewhere string) []tokenCase {
	says := func(kind string, body []byte) defect {
		return defect{answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(body)
		}}
	}
	field := func(name string, value any) defect { return defect{fields: func(a dict) { a[name] = value }} }
	drop := func(name string) defect { return defect{fields: func(a dict) { delete(a, name) }} }
	query := func(f func(q url.Values)) defect { return defect{callback: f} }
	return []tokenCase{
		{"31 userinfo of another", defect{userInfo: func(u dict) { u["sub"] = "ben-1" }}},
		{"31 userinfo of nobody", defect{userInfo: func(u dict) { delete(u, "sub") }}},
		{"31 userinfo in another case", defect{userInfo: func(u dict) { u["sub"] = "Ada-1" }}},
		{"40 wrong verifier", defect{grant: func(g *grant) { g.challenge = "other" }}},
		{"41 not JSON", says("application/json", []byte("<html>"))},
		{"41 a form", says("application/x-www-form-urlencoded", []byte("access_token=a&token_type=bearer&id_token=a.b.c"))},
		{"41 plain text", says("text/plain", []byte("access_token=a&token_type=bearer"))},
		{"41 10 MB", says("application/json", []byte(`{"access_token":"`+strings.Repeat("a", 10<<20)+`"}`))},
		{"41 empty", says("application/json", nil)}, {"41 null", says("application/json", []byte("null"))},
		{"41 slow", defect{answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }}},
		{"41 redirect elsewhere", defect{answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
		}}},
		{"41 redirect to itself", defect{answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/token", http.StatusTemporaryRedirect)
		}}},
		{"41 error 500", defect{answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }}},
		{"41 not Bearer", field("token_type", "mac")}, {"41 no type", drop("token_type")},
		{"41 id_token a number", field("id_token", 1)}, {"41 no id_token", drop("id_token")},
		{"41 id_token an object", field("id_token", dict{})}, {"41 no access token", drop("access_token")},
		{"45 error and code", query(func(q url.Values) { q.Set("error", "access_denied") })},
		{"45 error alone", query(func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") })},
		{"45 two codes", query(func(q url.Values) { q.Add("code", "x") })},
		{"45 two states", query(func(q url.Values) { q.Add("state", q.Get("state")) })},
		{"45 no code", query(func(q url.Values) { q.Del("code") })}, {"45 no state", query(func(q url.Values) { q.Del("state") })},
		{"46 redirect_uri", query(func(q url.Values) { q.Set("redirect_uri", elsewhere) })},
		{"46 code_verifier", query(func(q url.Values) { q.Set("code_verifier", "x") })},
		{"48 iss wrong", query(func(q url.Values) { q.Set("iss", "http://other.test") })},
		{"48 iss missing", query(func(q url.Values) { q.Del("iss") })},
		{"48 iss empty", query(func(q url.Values) { q.Set("iss", "") })},
	}
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

// 43: keys too weak to trust, too heavy to check with, or too many.
func TestKeysThatWillNotDo(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	one := *rightKey()
	one.E = 1
	heavy := rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 16383), E: 65537}
	heavy.N.SetBit(heavy.N, 0, 1)
	many := make([]jose.JSONWebKey, 10_000)
	for i := range many {
		many[i] = publicKey(fmt.Sprint("k", i), &curveKey().PublicKey)
	}
	many[5].KeyID, many[5].Key = "right", &rightKey().PublicKey
	some := append([]jose.JSONWebKey{publicKey("right", &rightKey().PublicKey)}, many[100:100+mostKeys]...)
	right := &rightKey().PublicKey
	for _, c := range []tokenCase{
		{"43 10,000 keys", defect{keys: keySetOf(many...)}},
		{"43 101 keys", defect{keys: keySetOf(some...)}},
		{"43 RSA of 16384 bits", defect{keys: keySetOf(publicKey("right", &heavy))}},
		{"43 exponent 1", defect{keys: func() any { // its signature is the message itself
			return dict{"keys": []dict{{"kty": "RSA", "kid": "right", "n": base64url(right.N.Bytes()), "e": "AQ"}}}
		}, sign: func(signed string) []byte { return make([]byte, 256) }}},
		{"43 no keys", defect{keys: keySetOf()}},
		{"43 two keys of one name", defect{keys: keySetOf(publicKey("right", right), publicKey("right", &otherKey().PublicKey))}},
		{"43 for encryption", defect{keys: keySetOf(jose.JSONWebKey{Key: right, KeyID: "right", Use: "enc"})}},
		{"43 for another algorithm", defect{keys: keySetOf(jose.JSONWebKey{Key: right, KeyID: "right", Algorithm: "RS512"})}},
		{"43 private", defect{keys: keySetOf(publicKey("right", rightKey()))}},
		{"43 not a key set", defect{keys: func() any { return []string{"x"} }}},
		{"43 shared secret", defect{keys: keySetOf(publicKey("right", []byte("secret")))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i := newIDP(t, h.clock)
			p := i.provider(t, "oidc")
			i.become(c.bad)
			if login, err := h.signIn(t, p, i); !errors.Is(err, ErrAttempt) {
				t.Errorf("got %+v, %v; want ErrAttempt", login, err)
			}
			i.become(defect{})
			if _, err := h.signIn(t, p, i); err != nil {
				t.Errorf("the next sign-in: %v", err)
			}
		})
	}
}

// 43: a key of 512 bits, which Go itself makes no longer.
func TestShortKeysDoNotSign(t *testing.T) {
	t.Parallel()
	for bits, want := range map[int]bool{512: false, 1024: false, 2047: false, 2048: true, 8192: true, 8193: false, 16384: false} {
		key := publicKey("", &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), uint(bits-1)), E: 65537})
		if got := signs(key, "RS256"); got != want {
			t.Errorf("RSA of %d bits: %v, want %v", bits, got, want)
		}
		key.Key.(*rsa.PublicKey).E = 1
		if signs(key, "RS256") {
			t.Errorf("RSA of %d bits with exponent 1 signs", bits)
		}
	}
}

// 8, 44: a new key works at once, a withdrawn one no longer than the hour, and
// tokens with unknown keys cannot make us ask and ask.
func TestKeysAreRotated(t *testing.T) {
	t.Parallel()
	h, clock := openHouse(t), new(forumtest.Clock)
	i := newIDP(t, clock)
	p := i.provider(t, "oidc")
	h.Store = NewStore(h.db, clock.Now)
	must := func(what string, bad defect, want bool) {
		t.Helper()
		i.become(bad)
		if _, err := h.signIn(t, p, i); (err == nil) != want {
			t.Errorf("%s: %v, want success %v", what, err, want)
		}
	}
	onlyNew := keySetOf(publicKey("new", &otherKey().PublicKey))
	withNew := defect{header: func(h dict) { h["kid"] = "new" }, sign: signedBy(otherKey()), keys: onlyNew}
	withOld := defect{keys: onlyNew}

	must("the first key", defect{}, true)
	must("withdrawn a moment ago", withOld, true)
	must("the new key", withNew, true)
	if n := i.times("/keys"); n != 2 {
		t.Errorf("the keys were read %d times, want 2", n)
	}
	must("withdrawn and the new set read", withOld, false)

	before := i.times("/keys")
	for range 3 * mostAsks {
		must("an unknown key", defect{header: func(h dict) { h["kid"] = "unknown" }, keys: onlyNew}, false)
	}
	if n := i.times("/keys") - before; n > mostAsks {
		t.Errorf("unknown keys had the set read %d times in a minute, want at most %d", n, mostAsks)
	}

	must("the first key again", defect{keys: func() any {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{publicKey("right", &rightKey().PublicKey)}}
	}}, false) // the minute is not over
	clock.Advance(time.Minute)
	must("a minute later", defect{}, true)
	clock.Advance(keysHold)
	must("withdrawn over the cache time", withOld, false)
}
