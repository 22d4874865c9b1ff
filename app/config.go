package app

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Config is every setting, each with what it is called outside.
type Config struct {
	Env             string   `env:"MOOTHALL_ENV" envDefault:"development"`
	Addr            string   `env:"MOOTHALL_ADDR" envDefault:"127.0.0.1:8080"`
	BaseURL         string   `env:"MOOTHALL_BASE_URL"` // empty: follows the address it listens on
	Data            string   `env:"MOOTHALL_DATA" envDefault:".data"`
	DatabaseURL     string   `env:"DATABASE_URL"`          // empty: a private Postgres
	Replicas        Words    `env:"DATABASE_REPLICA_URLS"` // not used yet
	PostgresBin     string   `env:"MOOTHALL_POSTGRES_BIN"`
	Secrets         Words    `env:"MOOTHALL_SECRETS"`
	SMTPURL         string   `env:"MOOTHALL_SMTP_URL"`
	MailFrom        string   `env:"MOOTHALL_MAIL_FROM" envDefault:"Moothall <hello@moothall.example>"`
	MailHold        Span     `env:"MOOTHALL_MAIL_HOLD"`    // in production five minutes, unless said
	InboundAddr     string   `env:"MOOTHALL_INBOUND_ADDR"` // in development a free port, unless said; in production off
	InboundAuthserv string   `env:"MOOTHALL_INBOUND_AUTHSERV"`
	DKIMKey         string   `env:"MOOTHALL_DKIM_KEY"`
	DKIMSelector    string   `env:"MOOTHALL_DKIM_SELECTOR"`
	TrustedProxies  Networks `env:"MOOTHALL_TRUSTED_PROXIES"`
	OpsAddr         string   `env:"MOOTHALL_OPS_ADDR"`
	RateLimits      Switch   `env:"MOOTHALL_RATE_LIMITS"` // on unless said
	PageCache       Switch   `env:"MOOTHALL_PAGE_CACHE"`  // the same
	MailTrials      Switch   `env:"MOOTHALL_MAIL_TRIALS"` // on in production where mails go and come by SMTP, unless said; it writes to the site itself
	CheckLinks      Switch   `env:"MOOTHALL_CHECK_LINKS"` // on in production, unless said; it goes out to the web
	Demo            Switch   `env:"MOOTHALL_DEMO"`        // on in development, unless said

	Google    Credentials `envPrefix:"OAUTH_GOOGLE_"`
	Microsoft Credentials `envPrefix:"OAUTH_MICROSOFT_"`
	GitHub    Credentials `envPrefix:"OAUTH_GITHUB_"`
	OIDC      Credentials `envPrefix:"OAUTH_OIDC_"`

	Unknown []string // what is set, looks like one of these and is none
}

// Credentials are what a provider of sign-in knows this site by.
type Credentials struct {
	ClientID     string `env:"CLIENT_ID"`
	ClientSecret string `env:"CLIENT_SECRET"`
	Issuer       string `env:"ISSUER"`
}

// given reports whether the provider is switched on.
func (c Credentials) given() bool { return c != (Credentials{}) }

// Switch is a setting that is on or off; empty where nothing was said.
type Switch string

// The two ways of a Switch.
const (
	On  Switch = "on"
	Off Switch = "off"
)

// production is the environment that refuses whatever is for development only.
const production = "production"

// Production reports whether the program runs for real people.
func (c Config) Production() bool { return c.Env == production }

// WithDemo reports whether the demo is to be loaded.
func (c Config) WithDemo() bool { return !c.Production() && c.Demo != Off }

// WithLinks reports whether the links of projects and lessons are looked at, out on the web.
func (c Config) WithLinks() bool {
	return c.CheckLinks == On || c.Production() && c.CheckLinks != Off
}

// WithTrials reports whether it is tried that answers by mail arrive. What GOV.UK Notify sends
// would tell nothing of it.
func (c Config) WithTrials() bool {
	return c.receives() && !strings.HasPrefix(c.SMTPURL, "notify:") && (c.MailTrials == On || c.Production() && c.MailTrials != Off)
}

// Secure reports whether people come by https.
func (c Config) Secure() bool { return strings.HasPrefix(c.BaseURL, "https://") }

// LoadConfig reads the settings from environ; its error names every problem, one
// a line, not the first.
func LoadConfig(environ map[string]string) (Config, error) {
	var c Config
	bad := problems{}
	environ = said(environ)
	err := env.ParseWithOptions(&c, env.Options{Environment: environ})
	if wrong := (env.AggregateError{}); errors.As(err, &wrong) {
		for _, e := range wrong.Errors {
			bad.add("%s", readable(e))
		}
	} else if err != nil {
		bad.add("%s", err)
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	if environ["MOOTHALL_MAIL_HOLD"] == "" && c.Production() {
		c.MailHold = usualHold
	}
	if c.InboundAddr == "" && !c.Production() {
		c.InboundAddr = "127.0.0.1:0"
	}
	c.check(&bad, environ)
	if c.Production() {
		c.checkProduction(&bad, environ)
	}
	// A name that is not ours may be somebody else's, so by itself it stops nobody; but
	// where something is wrong it may well be why.
	c.Unknown = unknown(environ)
	if len(bad.lines) > 0 {
		for _, name := range c.Unknown {
			bad.add("%s is not a setting that Moothall knows", name)
		}
	}
	return c, bad.err()
}

// unknown are the names in environ that look like settings and are none, in order.
func unknown(environ map[string]string) (names []string) {
	known := map[string]bool{}
	fields, _ := env.GetFieldParams(&Config{}) // fails on what ParseWithOptions has taken
	for _, field := range fields {
		known[field.Key] = true
	}
	for name := range environ {
		ours := strings.HasPrefix(name, "MOOTHALL_") || strings.HasPrefix(name, "OAUTH_")
		if ours && !known[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// readable is a parser's complaint under the name that the setting has outside.
func readable(err error) string {
	wrong := env.ParseError{}
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	switch wrong.Name {
	case "TrustedProxies":
		return "MOOTHALL_TRUSTED_PROXIES must be networks such as 10.0.0.0/8, with commas between them"
	case "MailHold":
		return "MOOTHALL_MAIL_HOLD must be a time such as 5m, from 0s to 24h"
	}
	return err.Error()
}

// said leaves out what is set to nothing: a compose file passes such names on.
func said(environ map[string]string) map[string]string {
	said := map[string]string{}
	for name, value := range environ {
		if value = strings.TrimSpace(value); value != "" {
			said[name] = value
		}
	}
	return said
}

// Words are several values with commas between them.
type Words []string

// UnmarshalText reads them.
func (w *Words) UnmarshalText(text []byte) error {
	for word := range strings.SplitSeq(string(text), ",") {
		if word = strings.TrimSpace(word); word != "" {
			*w = append(*w, word)
		}
	}
	return nil
}

// Networks are ranges of addresses; an address alone is a range of one.
type Networks []netip.Prefix

// UnmarshalText reads them, with commas between them.
func (n *Networks) UnmarshalText(text []byte) error {
	var words Words
	_ = words.UnmarshalText(text) // never fails
	for _, word := range words {
		network, err := netip.ParsePrefix(word)
		if addr, addrErr := netip.ParseAddr(word); addrErr == nil {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return err
		}
		*n = append(*n, network.Masked())
	}
	return nil
}

// have reports whether an address is in one of the networks.
func (n Networks) have(addr netip.Addr) bool {
	return slices.ContainsFunc(n, func(p netip.Prefix) bool { return p.Contains(addr) })
}
