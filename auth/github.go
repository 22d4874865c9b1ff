package auth

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/markbates/goth/providers/github"
	"golang.org/x/oauth2"
)

// gitHub speaks to GitHub, which has OAuth but no OpenID Connect: who somebody is
// comes from its API, under the token that the code was exchanged for.
type gitHub struct {
	issuer string
	api    string
	begin  *github.Provider
	oauth  oauth2.Config
	client *http.Client
}

func newGitHub(c ProviderConfig, client *http.Client) *gitHub {
	g := &gitHub{issuer: strings.TrimSuffix(c.Issuer, "/"), client: client}
	g.api = g.issuer + "/api/v3" // GitHub Enterprise
	if g.issuer == issuers["github"] {
		g.api = "https://api.github.com"
	}
	auth, token := g.issuer+"/login/oauth/authorize", g.issuer+"/login/oauth/access_token"
	g.begin = github.NewCustomisedURL(c.ClientID, c.ClientSecret, c.RedirectURL, auth, token, g.api+"/user", g.api+"/user/emails", "user:email")
	g.oauth = oauth2.Config{ClientID: c.ClientID, ClientSecret: c.ClientSecret, RedirectURL: c.RedirectURL,
		Endpoint: oauth2.Endpoint{TokenURL: token, AuthStyle: oauth2.AuthStyleInParams}}
	return g
}

func (g *gitHub) address(_ context.Context, state string) (string, error) {
	session, err := g.begin.BeginAuth(state)
	if err != nil {
		return "", err
	}
	return session.GetAuthURL()
}

func (g *gitHub) login(ctx context.Context, a answer) (Login, error) {
	if a.hasIssuer && a.issuer != g.issuer && a.issuer != g.issuer+"/login/oauth" {
		return Login{}, failed(Mixed, "the answer is another issuer's")
	}
	token, err := exchange(ctx, g.client, g.oauth, a)
	if err != nil {
		return Login{}, err
	}
	user, err := ask(ctx, g.client, g.api+"/user", token.AccessToken)
	if err != nil {
		return Login{}, unanswered("reading the account", err)
	}
	// The number stays when the account is renamed, and is never given to another.
	id, ok := user.whole("id")
	if !ok {
		return Login{}, failed(Unproven, "the account has no number")
	}
	email, err := g.email(ctx, token.AccessToken)
	if err != nil {
		return Login{}, err
	}
	l := Login{Issuer: g.issuer, Subject: strconv.FormatInt(id, 10), Name: user.text("name"), Email: email, EmailVerified: email != ""}
	if l.Name == "" {
		l.Name = user.text("login")
	}
	return l, nil
}

// email is the account's primary address if it is verified, else "".
func (g *gitHub) email(ctx context.Context, accessToken string) (string, error) {
	raw, err := askRaw(ctx, g.client, g.api+"/user/emails", accessToken)
	if err != nil {
		return "", unanswered("reading the addresses", err)
	}
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return "", unanswered("reading the addresses", errNotJSON)
	}
	for _, one := range all {
		c, err := parseObject(one)
		if err == nil && c.truth("primary") && c.truth("verified") {
			return address(c), nil
		}
	}
	return "", nil
}
