package dev

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// What a grant is for.
const (
	forCode   = "code"
	forAccess = "access"
)

// grant is what a code or an access token stands for. It is sealed into the code
// itself, so that any node can redeem it.
type grant struct {
	Use, ID, Issuer      string
	Challenge, Nonce     string
	Subject, Name, Email string
	Verified             bool
	At                   int64 // when the person was chosen, in seconds
}

var errGrant = errors.New("not a grant of ours, or too old")

func (p *Provider) sealed(g grant) (string, error) {
	text, err := json.Marshal(g)
	if err != nil {
		return "", err
	}
	box, err := p.sealer.Encrypt(text)
	if err != nil {
		return "", err
	}
	return box.CompactSerialize()
}

// open is the grant in a code or token, for one use and for so long.
func (p *Provider) open(text, use string, life time.Duration) (g grant, err error) {
	box, err := jose.ParseEncryptedCompact(text, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return grant{}, errGrant
	}
	inside, err := box.Decrypt(p.seal)
	if err != nil || json.Unmarshal(inside, &g) != nil {
		return grant{}, errGrant
	}
	if g.Use != use || g.Issuer != p.o.Issuer || p.o.Now().After(time.Unix(g.At, 0).Add(life)) {
		return grant{}, errGrant
	}
	return g, nil
}

// redeem opens a code and uses it up, whether or not its bringer may have it.
func (p *Provider) redeem(code string) (grant, error) {
	g, err := p.open(code, forCode, codeLife)
	if err != nil {
		return grant{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.o.Now()
	for id, until := range p.used {
		if now.After(until) {
			delete(p.used, id)
		}
	}
	if _, used := p.used[g.ID]; used {
		return grant{}, errGrant
	}
	p.used[g.ID] = time.Unix(g.At, 0).Add(codeLife)
	return g, nil
}

// token answers POST /token: it redeems a code for who brings the verifier of its
// challenge (RFC 7636 §4.6).
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if !p.fromClient(r) {
		w.Header().Set("WWW-Authenticate", "Basic") // RFC 6749 §5.2
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	if r.PostFormValue("grant_type") != "authorization_code" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
		return
	}
	g, err := p.redeem(r.PostFormValue("code"))
	verifier := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if err != nil || r.PostFormValue("redirect_uri") != p.o.RedirectURI ||
		base64.RawURLEncoding.EncodeToString(verifier[:]) != g.Challenge {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	said, err := p.tokens(g)
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	answer(w, http.StatusOK, said)
}

// fromClient reports whether a request brings the site's name and secret, in either
// of the ways of RFC 6749 §2.3.1.
func (p *Provider) fromClient(r *http.Request) bool {
	id, secret, basic := r.BasicAuth()
	if basic {
		var badID, badSecret error
		id, badID = url.QueryUnescape(id)
		secret, badSecret = url.QueryUnescape(secret)
		if badID != nil || badSecret != nil {
			return false
		}
	} else {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	return id == p.o.ClientID && subtle.ConstantTimeCompare([]byte(secret), []byte(p.o.ClientSecret)) == 1
}

func (p *Provider) tokens(g grant) (map[string]any, error) {
	now := p.o.Now()
	claims := g.claims()
	claims["iss"], claims["aud"], claims["nonce"] = p.o.Issuer, p.o.ClientID, g.Nonce
	claims["iat"], claims["exp"], claims["auth_time"] = now.Unix(), now.Add(tokenLife).Unix(), g.At
	idToken, err := jwt.Signed(p.signer).Claims(claims).Serialize()
	if err != nil {
		return nil, err
	}
	g.Use, g.At = forAccess, now.Unix()
	access, err := p.sealed(g)
	if err != nil {
		return nil, err
	}
	return map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()), "id_token": idToken}, nil
}

func (g grant) claims() map[string]any {
	return map[string]any{"sub": g.Subject, "name": g.Name, "email": g.Email, "email_verified": g.Verified}
}

// userinfo answers /userinfo: OpenID Connect Core 1.0 §5.3.
func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g, err := p.open(bearer, forAccess, tokenLife)
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`) // RFC 6750 §3
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
		return
	}
	answer(w, http.StatusOK, g.claims())
}
