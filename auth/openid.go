package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/markbates/goth/providers/openidConnect"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// discoveryHolds is how long a provider's own description is believed.
const discoveryHolds = 24 * time.Hour

// openID speaks OpenID Connect, to Google, Microsoft and all others alike.
type openID struct {
	config ProviderConfig
	client *http.Client
	now    func() time.Time
	// issuer is what the provider must call itself: of Entra for any organisation
	// an address with {tenantid} in it.
	issuer string
	asking singleflight.Group

	mu    sync.Mutex
	known *discovery
}

// discovery is how a provider describes itself (OpenID Connect Discovery 1.0 §3).
type discovery struct {
	readAt      time.Time
	begin       *openidConnect.Provider
	oauth       oauth2.Config
	userInfo    string
	namesIssuer bool // in its answers, RFC 9207
	verifier    *oidc.IDTokenVerifier
}

func newOpenID(c ProviderConfig, client *http.Client, now func() time.Time) (*openID, error) {
	o := &openID{config: c, client: client, now: now, issuer: c.Issuer}
	if c.Name == "microsoft" {
		tenant, err := tenantOf(c.Issuer)
		if err != nil {
			return nil, err
		}
		if tenant == anyOrganisation {
			o.issuer = tenantIssuer(c.Issuer, "{tenantid}")
		}
	}
	return o, nil
}

func (o *openID) address(ctx context.Context, state string) (string, error) {
	d, err := o.discover(ctx)
	if err != nil {
		return "", err
	}
	session, err := d.begin.BeginAuth(state)
	if err != nil {
		return "", err
	}
	return session.GetAuthURL()
}

func (o *openID) login(ctx context.Context, a answer) (Login, error) {
	d, err := o.discover(ctx)
	if err != nil {
		return Login{}, err
	}
	// Before the code goes anywhere: an answer that names another issuer is a
	// mix-up (RFC 9207 §2.4). Entra's is compared once the tenant is known.
	if d.namesIssuer && !a.hasIssuer || a.hasIssuer && a.issuer != o.issuer && !o.anyTenant() {
		return Login{}, failed(Mixed, "the answer is another issuer's")
	}
	token, err := exchange(ctx, o.client, d.oauth, a)
	if err != nil {
		return Login{}, err
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Login{}, failed(Unproven, "there is no ID token")
	}
	c, err := o.prove(ctx, d, raw, evidence{answer: a, accessToken: token.AccessToken})
	if err != nil {
		return Login{}, err
	}
	info, err := o.userInfo(ctx, d, c, token.AccessToken)
	if err != nil {
		return Login{}, err
	}
	return o.loginFrom(c, info), nil
}

// userInfo reads what the provider says of the person beside the token. It must
// be about the same person (OpenID Connect Core §5.3.2). Entra is not asked: of
// its answer nothing would be used.
func (o *openID) userInfo(ctx context.Context, d *discovery, token claims, accessToken string) (claims, error) {
	if d.userInfo == "" || o.config.Name == "microsoft" {
		return nil, nil
	}
	info, err := ask(ctx, o.client, d.userInfo, accessToken)
	if err != nil {
		return nil, unanswered("reading userinfo", err)
	}
	if info.text("sub") != token.text("sub") {
		return nil, failed(Unproven, "userinfo is about somebody else")
	}
	return info, nil
}

// discover is the provider's description, read when first needed and again after
// a day. When it cannot be read again the old one goes on.
func (o *openID) discover(ctx context.Context) (*discovery, error) {
	o.mu.Lock()
	known := o.known
	o.mu.Unlock()
	if known != nil && o.now().Sub(known.readAt) < discoveryHolds {
		return known, nil
	}
	read, err, _ := o.asking.Do("", func() (any, error) {
		// Many may wait for this one answer: nobody's leaving cuts it short.
		return o.readDiscovery(context.WithoutCancel(ctx))
	})
	if err != nil {
		if known != nil {
			return known, nil
		}
		return nil, unanswered("discovery", err)
	}
	d, _ := read.(*discovery)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known = d
	return d, nil
}

func (o *openID) readDiscovery(ctx context.Context) (*discovery, error) {
	c, err := ask(ctx, o.client, strings.TrimSuffix(o.config.Issuer, "/")+"/.well-known/openid-configuration", "")
	if err != nil {
		return nil, err
	}
	if c.text("issuer") != o.issuer {
		return nil, errors.New("the provider calls itself by another name than the settings do")
	}
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"} {
		if name == "userinfo_endpoint" && !c.has(name) {
			continue
		}
		if _, err := checkEndpoint(c.text(name), o.config.AllowPrivate); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if !o.publishesAt(c.text("jwks_uri")) {
		return nil, errors.New("jwks_uri: the keys are kept by another host")
	}
	return o.describe(c), nil
}

func (o *openID) describe(c claims) *discovery {
	auth, token, info := c.text("authorization_endpoint"), c.text("token_endpoint"), c.text("userinfo_endpoint")
	// goth returns an error for form's sake; it asks nothing of the network here.
	begin, _ := openidConnect.NewCustomisedURL(o.config.ClientID, o.config.ClientSecret, o.config.RedirectURL,
		auth, token, o.issuer, info, "", "openid", "profile", "email")
	keys := &keySet{address: c.text("jwks_uri"), client: o.client, now: o.now}
	return &discovery{
		readAt: o.now(), begin: begin, userInfo: info,
		namesIssuer: c.truth("authorization_response_iss_parameter_supported"),
		oauth: oauth2.Config{ClientID: o.config.ClientID, ClientSecret: o.config.ClientSecret, RedirectURL: o.config.RedirectURL,
			Endpoint: oauth2.Endpoint{TokenURL: token, AuthStyle: authStyle(c)}},
		verifier: oidc.NewVerifier(o.issuer, keys, &oidc.Config{ClientID: o.config.ClientID,
			SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256}, SkipIssuerCheck: o.anyTenant(), Now: o.now}),
	}
}

// publishesAt reports whether the issuer is known to keep its keys at an address:
// its own host, but for Google.
func (o *openID) publishesAt(address string) bool {
	keys, _ := url.Parse(address) // checked already
	issuer, _ := url.Parse(o.config.Issuer)
	if issuer.Host == "accounts.google.com" {
		return keys.Host == "www.googleapis.com" || keys.Host == issuer.Host
	}
	return keys.Host == issuer.Host && keys.Scheme == issuer.Scheme
}

// authStyle is how the provider wants our secret: told once, so that a code is
// not burned on trying. Unsaid, it is the header (OpenID Connect Discovery §3).
func authStyle(c claims) oauth2.AuthStyle {
	var ways []string
	if json.Unmarshal(c["token_endpoint_auth_methods_supported"], &ways) != nil ||
		slices.Contains(ways, "client_secret_basic") || !slices.Contains(ways, "client_secret_post") {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}
