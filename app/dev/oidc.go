package dev

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Person is somebody as whom one can sign in without a password, in development.
type Person struct {
	Slug, Name, JobTitle, Council, Note, Email string
}

// ProviderOptions is what a Provider is made of.
type ProviderOptions struct {
	Issuer       string // its address, such as http://localhost:8080/dev/oidc
	ClientID     string
	ClientSecret string
	RedirectURI  string // the one address that it sends browsers back to
	Secret       []byte // the keys are made from it: they are the same on each node and after a restart
	People       []Person
	StyleHref    string
	Now          func() time.Time
}

// Provider is an OpenID provider (OpenID Connect Core 1.0) for development: it
// asks nobody for a password. It serves its endpoints under the issuer's path.
type Provider struct {
	o      ProviderOptions
	path   string // the issuer's
	mux    *http.ServeMux
	key    *ecdsa.PrivateKey
	signer jose.Signer
	sealer jose.Encrypter
	seal   []byte

	mu   sync.Mutex
	used map[string]time.Time // codes that were redeemed here, and until when they would hold
}

const (
	codeLife  = time.Minute
	tokenLife = 10 * time.Minute
	keyID     = "development"
)

// NewProvider makes a provider. It fails without a secret, or for an issuer or a
// redirect address that is not a full one.
func NewProvider(o ProviderOptions) (*Provider, error) {
	issuer, err := url.Parse(o.Issuer)
	if err != nil || issuer.Host == "" {
		return nil, errors.New("the development provider needs an address")
	}
	if back, err := url.Parse(o.RedirectURI); err != nil || back.Host == "" || back.RawQuery != "" || back.Fragment != "" {
		return nil, errors.New("the development provider needs an address to send browsers back to")
	}
	if len(o.Secret) == 0 {
		return nil, errors.New("the development provider needs a secret")
	}
	p := &Provider{o: o, path: issuer.Path, used: map[string]time.Time{}}
	if err := p.makeKeys(); err != nil {
		return nil, err
	}
	p.mux = http.NewServeMux()
	for pattern, handler := range map[string]http.HandlerFunc{
		"GET " + p.path + "/.well-known/openid-configuration": p.discovery,
		"GET " + p.path + "/jwks":                             p.jwks,
		"GET " + p.path + "/authorize":                        p.authorize,
		"POST " + p.path + "/authorize":                       p.choose,
		"POST " + p.path + "/token":                           p.token,
		"GET " + p.path + "/userinfo":                         p.userinfo,
		"POST " + p.path + "/userinfo":                        p.userinfo,
	} {
		p.mux.HandleFunc(pattern, handler)
	}
	return p, nil
}

// ServeHTTP answers under the issuer's path.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store") // RFC 6749 §5.1
	p.mux.ServeHTTP(w, r)
}

// makeKeys derives the signing key and the one that seals codes. An RSA key cannot
// be derived in a line, a number on a curve can: hence ES256.
func (p *Provider) makeKeys() (err error) {
	if p.seal, err = hkdf.Key(sha256.New, p.o.Secret, nil, "moothall development codes", 32); err != nil {
		return err
	}
	wide, err := hkdf.Key(sha256.New, p.o.Secret, nil, "moothall development tokens", 48)
	if err != nil {
		return err
	}
	curve := elliptic.P256()
	d := new(big.Int).SetBytes(wide) // 1 to N-1, evenly: FIPS 186-5, appendix A.2.1
	d.Mod(d, new(big.Int).Sub(curve.Params().N, big.NewInt(1))).Add(d, big.NewInt(1))
	if p.key, err = ecdsa.ParseRawPrivateKey(curve, d.FillBytes(make([]byte, 32))); err != nil {
		return err
	}
	p.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.key, KeyID: keyID}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return err
	}
	p.sealer, err = jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.DIRECT, Key: p.seal}, nil)
	return err
}

// discovery is OpenID Connect Discovery 1.0 §3.
func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                         p.o.Issuer,
		"authorization_endpoint":                         p.o.Issuer + "/authorize",
		"token_endpoint":                                 p.o.Issuer + "/token",
		"userinfo_endpoint":                              p.o.Issuer + "/userinfo",
		"jwks_uri":                                       p.o.Issuer + "/jwks",
		"scopes_supported":                               []string{"openid", "email", "profile"},
		"claims_supported":                               []string{"sub", "name", "email", "email_verified"},
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{"authorization_code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"ES256"},
		"code_challenge_methods_supported":               []string{"S256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post"},
		"authorization_response_iss_parameter_supported": true, // RFC 9207 §3
	})
}

func (p *Provider) jwks(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: p.key.Public(), KeyID: keyID, Algorithm: string(jose.ES256), Use: "sig"}}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that has gone needs no answer
}
