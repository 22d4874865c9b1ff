package app

import (
	"context"
	"net/url"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/demo"
)

// devProvider is the provider that this process is itself, in development.
const devProvider = "dev"

// openProviders makes the ways to sign in that the settings switch on; in
// development without any, the development provider.
func (a *App) openProviders(context.Context) error {
	all := []struct {
		name string
		Credentials
	}{{"google", a.config.Google}, {"microsoft", a.config.Microsoft}, {"github", a.config.GitHub}, {"oidc", a.config.OIDC}}
	if !a.config.Production() {
		if err := a.openDevProvider(); err != nil {
			return err
		}
		all = append(all, struct {
			name string
			Credentials
		}{devProvider, Credentials{ClientID: devClient, ClientSecret: devSecret, Issuer: a.baseURL + devIssuer}})
	}
	for _, given := range all {
		if !given.given() {
			continue
		}
		provider, err := auth.NewProvider(auth.ProviderConfig{
			Name: given.name, ClientID: given.ClientID, ClientSecret: given.ClientSecret, Issuer: given.Issuer,
			RedirectURL: a.callback(given.name), AllowPrivate: !a.config.Production()}, nil, a.now)
		if err != nil {
			return err
		}
		a.providers = append(a.providers, provider)
	}
	return nil
}

// callback is where a provider sends people back to.
func (a *App) callback(name string) string { return a.baseURL + "/auth/" + name + "/callback" }

// provider finds a way to sign in by its name; nil if there is none.
func (a *App) provider(name string) *auth.Provider {
	for _, p := range a.providers {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// identity is who has signed in, as the forum keeps it. The development provider
// answers under another address on each node, and is the same one on all.
func identity(p *auth.Provider, login auth.Login) forum.Identity {
	who := forum.Identity{Issuer: login.Issuer, Subject: login.Subject, Name: login.Name,
		Email: login.Email, EmailVerified: login.EmailVerified}
	if p.Name == devProvider {
		who.Issuer = demo.Issuer
	}
	return who
}

// providerOrigins are where forms may lead: CSP's form-action also governs the
// redirects after one.
func (a *App) providerOrigins() (origins []string) {
	for _, known := range []struct{ name, address string }{
		{"google", "https://accounts.google.com"},
		{"microsoft", "https://login.microsoftonline.com"},
		{"github", "https://github.com"},
		{"oidc", a.config.OIDC.Issuer},
	} {
		u, err := url.Parse(known.address)
		if err == nil && u.Host != "" && a.provider(known.name) != nil {
			origins = append(origins, u.Scheme+"://"+u.Host)
		}
	}
	return origins
}
