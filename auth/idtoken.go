package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	longestIDToken = 32 << 10
	longestSubject = 255              // OpenID Connect Core §2
	oldestIssue    = 10 * time.Minute // no attempt lives longer
	clockSkew      = time.Minute      // for what lies in the future; lapsed is lapsed
)

// evidence is what an ID token is judged by.
type evidence struct {
	answer
	accessToken string
}

// prove gives back what an ID token claims once all of it holds: form, header,
// signature, and every claim that says for whom and for when it is.
func (o *openID) prove(ctx context.Context, d *discovery, raw string, e evidence) (claims, error) {
	c, err := openToken(raw)
	if err != nil {
		return nil, failed(Unproven, "ID token: "+err.Error())
	}
	if _, err := d.verifier.Verify(ctx, raw); err != nil {
		failure := Unproven
		if errors.Is(err, errKeys) {
			failure = Unanswered
		}
		return nil, failed(failure, "ID token: "+refusal(err))
	}
	if why := o.unfounded(c, e); why != "" {
		return nil, failed(Unproven, "ID token: "+why)
	}
	return c, nil
}

// refusal says why go-oidc refused a token, in words of ours: its own could quote
// the token.
func refusal(err error) string {
	if late := (*oidc.TokenExpiredError)(nil); errors.As(err, &late) {
		return "it has lapsed"
	}
	if errors.Is(err, errKeys) {
		return "its key could not be read"
	}
	return "its signature, issuer or audience does not hold"
}

var errToken = errors.New("not a signed token in its one right form")

// openToken reads a token's header and claims before its signature is known, as
// strictly as can be: what libraries read differently is refused here.
func openToken(raw string) (claims, error) {
	parts := strings.Split(raw, ".")
	if len(raw) > longestIDToken || len(parts) != 3 {
		return nil, errToken
	}
	var plain [3][]byte
	for i, part := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(part)
		// Go's decoder passes over line ends: encoded again it must be the same.
		if err != nil || len(b) == 0 || base64.RawURLEncoding.EncodeToString(b) != part {
			return nil, errToken
		}
		plain[i] = b
	}
	header, err := parseObject(plain[0])
	if err != nil {
		return nil, err
	}
	if err := checkHeader(header); err != nil {
		return nil, err
	}
	return parseObject(plain[1])
}

// checkHeader lets two algorithms through and nothing that would have us look for
// the key where the token says, or read the token in another way.
func checkHeader(header claims) error {
	if alg := header.text("alg"); alg != oidc.RS256 && alg != oidc.ES256 {
		return errors.New("signed in a way we do not take")
	}
	for _, name := range []string{"crit", "b64", "jwk", "jku", "x5u", "zip", "enc", "cty"} {
		if header.has(name) {
			return errors.New("a header we do not take: " + name)
		}
	}
	if header.has("typ") && !strings.EqualFold(header.text("typ"), "JWT") {
		return errors.New("a token of another type") // at+jwt, logout+jwt: RFC 8725 §3.11
	}
	if header.has("kid") && header.text("kid") == "" {
		return errors.New("a key id that is no word")
	}
	return nil
}

// askedLately reports whether the provider asked somebody who they are during this
// attempt, and did not answer from what it remembered, as far as it says (OpenID
// Connect Core §2).
func askedLately(c claims, now time.Time) bool {
	asked, known := c.whole("auth_time")
	return !c.has("auth_time") || known && !time.Unix(asked, 0).Before(now.Add(-oldestIssue-clockSkew))
}

// unfounded says what a token's claims lack to be about this sign-in; "" if nothing.
func (o *openID) unfounded(c claims, e evidence) string {
	now := o.now()
	expires, hasExpiry := c.whole("exp")
	issued, hasIssue := c.whole("iat")
	subject := c.text("sub")
	for _, claim := range []struct {
		holds bool
		why   string
	}{
		{o.issuedBy(c), "issuer"},
		{!e.hasIssuer || e.issuer == c.text("iss"), "the answer named another issuer"},
		{subject != "" && len(subject) <= longestSubject, "subject"},
		{o.forUs(c), "audience"},
		{hasExpiry && now.Before(time.Unix(expires, 0)), "expiry"},
		{hasIssue && !time.Unix(issued, 0).After(now.Add(clockSkew)), "issued in the future, or never"},
		{hasIssue && !time.Unix(issued, 0).Before(now.Add(-oldestIssue)), "issued too long ago"},
		{!c.has("nbf") || begun(c, now), "not valid yet"},
		{subtle.ConstantTimeCompare([]byte(c.text("nonce")), []byte(e.nonce)) == 1 && e.nonce != "", "nonce"},
		{c.absentOr("at_hash", halfHash(e.accessToken)), "hash of the access token"},
		{c.absentOr("c_hash", halfHash(e.code)), "hash of the code"},
		{!e.again || askedLately(c, now), "who it is was asked long ago"},
		{!c.has("events"), "a logout token"},
		{c.absentOr("token_use", "id"), "not for identity"},                              // Cognito's
		{!c.has("typ") || slices.Contains([]string{"ID", "JWT"}, c.text("typ")), "type"}, // Keycloak's
	} {
		if !claim.holds {
			return claim.why
		}
	}
	return ""
}

// absentOr reports whether a claim that may be left out says this, if it is there.
func (c claims) absentOr(name, want string) bool { return !c.has(name) || c.text(name) == want }

// forUs compares audience and authorised party (OpenID Connect Core §3.1.3.7, 3 to 5).
func (o *openID) forUs(c claims) bool {
	us, audience := o.config.ClientID, c.texts("aud")
	if !slices.Contains(audience, us) || c.has("azp") && c.text("azp") != us {
		return false
	}
	return len(audience) == 1 || c.has("azp")
}

func begun(c claims, now time.Time) bool {
	from, ok := c.whole("nbf")
	return ok && !time.Unix(from, 0).After(now.Add(clockSkew))
}

// halfHash is what OpenID Connect Core §3.1.3.6 makes of an access token or a
// code. Both algorithms that we take hash with SHA-256.
func halfHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
