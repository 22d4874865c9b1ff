package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// ProviderConfig is what the settings say of a provider.
type ProviderConfig struct {
	Name         string // google, microsoft, github, oidc or dev
	ClientID     string
	ClientSecret string
	Issuer       string // may be left out for google, microsoft and github
	RedirectURL  string // our callback, as registered with the provider
	AllowPrivate bool   // for development: an issuer on this machine, without TLS
}

// Provider is one way to sign in.
type Provider struct {
	Name  string // as in its addresses
	Label string // as on its button; of dev and oidc, the host to be trusted

	flow flow
}

// flow is how a provider is spoken to: OpenID Connect, or GitHub's own.
type flow interface {
	// address is where the browser goes, as goth writes it, with the state.
	address(ctx context.Context, state string) (string, error)
	// login proves who came back.
	login(ctx context.Context, a answer) (Login, error)
}

// answer is what came back, and what the attempt kept to judge it by.
type answer struct {
	code            string
	issuer          string // RFC 9207
	hasIssuer       bool
	nonce, verifier string
	again           bool // they were to be asked anew who they are
}

var labels = map[string]string{"google": "Google", "microsoft": "Microsoft", "github": "GitHub", "oidc": "", "dev": ""}

var issuers = map[string]string{
	"google":    "https://accounts.google.com",
	"microsoft": "https://login.microsoftonline.com/organizations/v2.0",
	"github":    "https://github.com",
}

// WayOf is the name of the provider that an issuer belongs to; of one that is named
// only in the settings, "oidc".
func WayOf(issuer string) string {
	if strings.HasPrefix(issuer, "https://login.microsoftonline.com/") {
		return "microsoft" // each of its tenants is an issuer
	}
	for name, known := range issuers {
		if issuer == known {
			return name
		}
	}
	return "oidc"
}

// NewProvider checks a provider's settings and asks nothing of the network: a
// provider that is down must not keep Moothall from starting. The client is nil,
// or one whose transport is to be used; answers are bounded either way. The error
// says which setting will not do.
func NewProvider(c ProviderConfig, client *http.Client, now func() time.Time) (*Provider, error) {
	label, known := labels[c.Name]
	if !known {
		return nil, fmt.Errorf("%q is not a provider", c.Name)
	}
	if c.Issuer == "" {
		c.Issuer = issuers[c.Name]
	}
	issuer, err := checkEndpoint(c.Issuer, c.AllowPrivate)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: issuer: %w", c.Name, err)
	case issuer.RawQuery != "":
		return nil, fmt.Errorf("%s: issuer: %q has a query in it", c.Name, c.Issuer)
	case c.ClientID == "":
		return nil, fmt.Errorf("%s: the client id is missing", c.Name)
	case c.ClientSecret == "" && c.Name != "dev":
		return nil, fmt.Errorf("%s: the client secret is missing", c.Name)
	}
	if _, err := checkEndpoint(c.RedirectURL, true); err != nil {
		return nil, fmt.Errorf("%s: redirect address: %w", c.Name, err)
	}
	if label == "" {
		label = issuer.Host
	}
	p := &Provider{Name: c.Name, Label: label}
	client = newClient(client, c.AllowPrivate)
	if c.Name == "github" {
		p.flow = newGitHub(c, client)
		return p, nil
	}
	p.flow, err = newOpenID(c, client, now)
	return p, err
}

// begin is the address to send a browser to. Nonce and challenge are added to
// goth's address, which has neither.
func (p *Provider) begin(ctx context.Context, state, nonce, verifier, prompt string) (string, error) {
	address, err := p.flow.address(ctx, state)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	query := u.Query()
	query.Set("nonce", nonce)
	query.Set("code_challenge", oauth2.S256ChallengeFromVerifier(verifier))
	query.Set("code_challenge_method", "S256")
	if prompt != "" {
		query.Set("prompt", prompt)
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// prompt is what the provider is told of how to ask (OpenID Connect Core §3.1.2.1):
// to ask again who it is, or which of several accounts to add, rather than to answer
// for whoever is signed in there. Google knows no other word for the first.
func (p *Provider) prompt(purpose Purpose) string {
	switch {
	case purpose == ToSignIn || p.Name == "github":
		return ""
	case purpose == ToAdd || p.Name == "google":
		return "select_account"
	}
	return "login"
}

// because completes what is known of a failed attempt; other errors stay as they are.
func (p *Provider) because(err error, returnTo string) error {
	if e := (*AttemptError)(nil); errors.As(err, &e) {
		e.Provider, e.ReturnTo = p.Name, returnTo
		return e
	}
	return err
}

// unanswered is a provider that could not be reached or understood.
func unanswered(what string, err error) error {
	// The address may be long, but what we send in a query is nothing personal.
	return failed(Unanswered, what+": "+err.Error())
}

// exchange turns a code into tokens, with the verifier that only we have.
func exchange(ctx context.Context, client *http.Client, config oauth2.Config, a answer) (*oauth2.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
	token, err := config.Exchange(ctx, a.code, oauth2.VerifierOption(a.verifier))
	if said := (*oauth2.RetrieveError)(nil); errors.As(err, &said) {
		// Its body is left out of the log: a provider may put anything there.
		if said.ErrorCode != "" {
			return nil, failed(Declined, "the code was refused: error "+oauthWord(said.ErrorCode))
		}
		return nil, failed(Unanswered, fmt.Sprintf("the code's exchange was answered with %d", said.Response.StatusCode))
	}
	if err != nil {
		return nil, unanswered("exchanging the code", err)
	}
	// RFC 6749 §7.1: a token of a kind one does not know must not be used.
	if token.Type() != "Bearer" || token.TokenType == "" {
		return nil, failed(Unproven, "the token is not a bearer token")
	}
	return token, nil
}
