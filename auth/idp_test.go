package auth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"

	"moothall/forum/forumtest"
)

const ourClient, ourSecret = "moothall-test", "a secret known to the provider"

// Keys are slow to make, so all providers share these.
var (
	rightKey = sync.OnceValue(func() *rsa.PrivateKey { return mustRSA(2048) })
	otherKey = sync.OnceValue(func() *rsa.PrivateKey { return mustRSA(2048) })
	curveKey = sync.OnceValue(func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		return k
	})
)

func mustRSA(bits int) *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return k
}

type dict = map[string]any

// defect is what is wrong with a provider; the zero defect is nothing.
type defect struct {
	discovery func(doc dict)
	keys      func() any
	header    func(h dict)
	claims    func(c dict)
	payload   func(payload string) string                  // of the token, before it is signed
	sign      func(signed string) []byte                   // the signature over header.payload
	token     func(token string) any                       // what is given out as id_token
	answer    func(w http.ResponseWriter, r *http.Request) // instead of the token answer
	fields    func(answer dict)                            // of the token answer
	userInfo  func(info dict)
	grant     func(g *grant)
	callback  func(query url.Values)
}

// idp is an OpenID provider that signs correct tokens but for its defect.
type idp struct {
	*httptest.Server
	clock  *forumtest.Clock
	prefix string // of its issuer, after the host
	issuer string // as its discovery says

	mu     sync.Mutex
	bad    defect
	grants map[string]*grant
	asked  map[string]int
	forms  []url.Values // that came to the token endpoint
}

// grant is a code that was given out.
type grant struct{ nonce, challenge, redirect, accessToken string }

func newIDP(t *testing.T, clock *forumtest.Clock) *idp {
	t.Helper()
	i := &idp{clock: clock, grants: map[string]*grant{}, asked: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/", i.discover)
	mux.HandleFunc("/keys", i.keys)
	mux.HandleFunc("POST /token", i.exchange)
	mux.HandleFunc("/userinfo", i.userInfo)
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	i.issuer = i.URL
	return i
}

// entra makes it call itself as Microsoft's does for any organisation.
func (i *idp) entra() *idp {
	i.prefix, i.issuer = "/organizations/v2.0", i.URL+"/{tenantid}/v2.0"
	return i
}

func (i *idp) config(name string) ProviderConfig {
	return ProviderConfig{Name: name, ClientID: ourClient, ClientSecret: ourSecret, Issuer: i.URL + i.prefix,
		RedirectURL: "http://localhost:8080/auth/" + name + "/callback", AllowPrivate: true}
}

func (i *idp) provider(t *testing.T, name string) *Provider {
	t.Helper()
	return i.providerOf(t, i.config(name), nil)
}

func (i *idp) providerOf(t *testing.T, c ProviderConfig, client *http.Client) *Provider {
	t.Helper()
	p, err := NewProvider(c, client, i.clock.Now)
	if err != nil {
		t.Fatalf("NewProvider: %v", err)
	}
	return p
}

func (i *idp) become(bad defect) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.bad = bad
}

func (i *idp) defect(r *http.Request) defect {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked[r.URL.Path]++
	return i.bad
}

func (i *idp) times(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[path]
}

func (i *idp) discover(w http.ResponseWriter, r *http.Request) {
	bad := i.defect(r)
	if r.URL.Path != i.prefix+"/.well-known/openid-configuration" {
		http.NotFound(w, r)
		return
	}
	doc := dict{"issuer": i.issuer, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token",
		"jwks_uri": i.URL + "/keys", "userinfo_endpoint": i.URL + "/userinfo",
		"authorization_response_iss_parameter_supported": i.prefix == ""}
	if bad.discovery != nil {
		bad.discovery(doc)
	}
	writeJSON(w, doc)
}

func publicKey(id string, key any) jose.JSONWebKey {
	return jose.JSONWebKey{Key: key, KeyID: id, Use: "sig"}
}

func (i *idp) keys(w http.ResponseWriter, r *http.Request) {
	if bad := i.defect(r); bad.keys != nil {
		writeJSON(w, bad.keys())
		return
	}
	writeJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		publicKey("right", &rightKey().PublicKey), publicKey("curve", &curveKey().PublicKey)}})
}

// authorise is the person saying yes: the query with which their browser is sent
// to our callback.
func (i *idp) authorise(t *testing.T, authURL string) url.Values {
	t.Helper()
	u, err := url.Parse(authURL)
	if err != nil {
		t.Fatalf("address: %v", err)
	}
	q := u.Query()
	for name, want := range map[string]string{"client_id": ourClient, "response_type": "code", "code_challenge_method": "S256"} {
		if got := q.Get(name); got != want {
			t.Errorf("the address has %s=%q, want %q", name, got, want)
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	code := secret()
	g := &grant{nonce: q.Get("nonce"), challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri"), accessToken: secret()}
	if i.bad.grant != nil {
		i.bad.grant(g)
	}
	i.grants[code] = g
	back := url.Values{"code": {code}, "state": {q.Get("state")}}
	if i.prefix == "" { // Entra does not name itself
		back.Set("iss", i.issuer)
	}
	if i.bad.callback != nil {
		i.bad.callback(back)
	}
	return back
}

func (i *idp) exchange(w http.ResponseWriter, r *http.Request) {
	bad := i.defect(r)
	_ = r.ParseForm()
	i.mu.Lock()
	i.forms = append(i.forms, r.PostForm)
	g, ok := i.grants[r.PostForm.Get("code")]
	delete(i.grants, r.PostForm.Get("code"))
	i.mu.Unlock()
	if bad.answer != nil {
		bad.answer(w, r)
		return
	}
	id, secret, _ := r.BasicAuth()
	if id != ourClient || secret != url.QueryEscape(ourSecret) || !ok ||
		oauth2.S256ChallengeFromVerifier(r.PostForm.Get("code_verifier")) != g.challenge || r.PostForm.Get("redirect_uri") != g.redirect {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		writeJSON(w, dict{"error": "invalid_grant", "error_description": "of ada@northmoor.gov.example"})
		return
	}
	answer := dict{"access_token": g.accessToken, "token_type": "Bearer", "expires_in": 3600, "id_token": i.idToken(bad, g)}
	if bad.fields != nil {
		bad.fields(answer)
	}
	writeJSON(w, answer)
}

func (i *idp) idToken(bad defect, g *grant) any {
	now := i.clock.Now()
	header := dict{"alg": "RS256", "kid": "right", "typ": "JWT"}
	c := dict{"iss": i.issuer, "aud": ourClient, "sub": "ada-1", "nonce": g.nonce, "at_hash": halfHash(g.accessToken),
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "name": "Ada", "email": "ada@northmoor.gov.example", "email_verified": true}
	if bad.header != nil {
		bad.header(header)
	}
	if bad.claims != nil {
		bad.claims(c)
	}
	payload := string(mustJSON(c))
	if bad.payload != nil {
		payload = bad.payload(payload)
	}
	signed := base64url(mustJSON(header)) + "." + base64url([]byte(payload))
	sign := bad.sign
	if sign == nil {
		sign = signedBy(rightKey())
	}
	token := signed + "." + base64url(sign(signed))
	if bad.token != nil {
		return bad.token(token)
	}
	return token
}

func (i *idp) userInfo(w http.ResponseWriter, r *http.Request) {
	bad := i.defect(r)
	info := dict{"sub": "ada-1", "name": "Ada"}
	if bad.userInfo != nil {
		bad.userInfo(info)
	}
	writeJSON(w, info)
}

// signedBy signs with RS256.
func signedBy(key *rsa.PrivateKey) func(string) []byte {
	return func(signed string) []byte {
		sum := sha256.Sum256([]byte(signed))
		signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		if err != nil {
			panic(err)
		}
		return signature
	}
}

// signedByCurve signs with ES256 (RFC 7518 §3.4).
func signedByCurve(signed string) []byte {
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, curveKey(), sum[:])
	if err != nil {
		panic(err)
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func writeJSON(w http.ResponseWriter, v any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	_, _ = w.Write(mustJSON(v)) // the asker may have gone
}

// begin starts an attempt, which must work.
func (h *house) begin(t *testing.T, p *Provider, returnTo string) (authURL, cookie string) {
	t.Helper()
	authURL, cookie, err := h.Begin(t.Context(), p, returnTo)
	if err != nil {
		t.Fatalf("Begin: %v", err)
	}
	if u, err := url.Parse(authURL); err != nil || AttemptCookie(u.Query().Get("state")) != AttemptCookie(cookie) || AttemptCookie(cookie) == "" {
		t.Fatalf("the cookie %q is not found from the address %q (%v)", cookie, authURL, err)
	}
	return authURL, cookie
}

// signIn goes the whole way.
func (h *house) signIn(t *testing.T, p *Provider, i *idp) (Login, error) {
	t.Helper()
	authURL, cookie, err := h.Begin(t.Context(), p, "/threads/1")
	if err != nil {
		return Login{}, err
	}
	return h.finish(t, p, i.authorise(t, authURL), cookie)
}

func (h *house) finish(t *testing.T, p *Provider, query url.Values, cookie string) (Login, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	login, err := h.Finish(ctx, p, query, cookie)
	if err != nil && login != (Login{}) {
		t.Errorf("an error and yet a login: %+v", login)
	}
	if err != nil && strings.Contains(err.Error(), "ada") {
		t.Errorf("the error %q tells who it was about", err)
	}
	return login, err
}
