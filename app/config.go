package app

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"moothall/auth"
)

// Config is every setting, each with what it is called outside.
type Config struct {
	Env            string   `env:"MOOTHALL_ENV" envDefault:"development"`
	Addr           string   `env:"MOOTHALL_ADDR" envDefault:"127.0.0.1:8080"`
	BaseURL        string   `env:"MOOTHALL_BASE_URL"` // empty: follows the address it listens on
	Data           string   `env:"MOOTHALL_DATA" envDefault:".data"`
	DatabaseURL    string   `env:"DATABASE_URL"` // empty: a private Postgres
	PostgresBin    string   `env:"MOOTHALL_POSTGRES_BIN"`
	Secrets        Words    `env:"MOOTHALL_SECRETS"`
	SMTPURL        string   `env:"MOOTHALL_SMTP_URL"`
	MailFrom       string   `env:"MOOTHALL_MAIL_FROM" envDefault:"Moothall <hello@moothall.example>"`
	TrustedProxies Networks `env:"MOOTHALL_TRUSTED_PROXIES"`
	OpsAddr        string   `env:"MOOTHALL_OPS_ADDR"`
	RateLimits     Switch   `env:"MOOTHALL_RATE_LIMITS"` // on unless said
	Demo           Switch   `env:"MOOTHALL_DEMO"`        // on in development, unless said

	Google    Credentials `envPrefix:"OAUTH_GOOGLE_"`
	Microsoft Credentials `envPrefix:"OAUTH_MICROSOFT_"`
	GitHub    Credentials `envPrefix:"OAUTH_GITHUB_"`
	OIDC      Credentials `envPrefix:"OAUTH_OIDC_"`
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
	c.check(&bad, environ)
	if c.Production() {
		c.checkProduction(&bad, environ)
	}
	return c, bad.err()
}

// readable is a parser's complaint under the name that the setting has outside.
func readable(err error) string {
	if wrong := (env.ParseError{}); errors.As(err, &wrong) && wrong.Name == "TrustedProxies" {
		return "MOOTHALL_TRUSTED_PROXIES must be networks such as 10.0.0.0/8, with commas between them"
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

// check says what is wrong with the settings wherever the program runs. No value
// is repeated: some are secret.
func (c Config) check(bad *problems, environ map[string]string) {
	if c.Env != "development" && c.Env != production {
		bad.add("MOOTHALL_ENV must be development or production")
	}
	c.checkAddresses(bad)
	for name, s := range map[string]Switch{"MOOTHALL_RATE_LIMITS": c.RateLimits, "MOOTHALL_DEMO": c.Demo} {
		if s != "" && s != On && s != Off {
			bad.add("%s must be on or off", name)
		}
	}
	if len(c.Secrets) > 0 {
		if _, err := auth.NewKeys(c.Secrets); err != nil {
			bad.add("MOOTHALL_SECRETS: %s", err)
		}
	}
	c.checkProviders(bad)
	checkOneWord(bad, environ)
}

// checkAddresses says what is wrong with where the program listens, and with where
// it finds what it needs.
func (c Config) checkAddresses(bad *problems) {
	checkAddr(bad, "MOOTHALL_ADDR", c.Addr)
	if c.OpsAddr != "" {
		checkAddr(bad, "MOOTHALL_OPS_ADDR", c.OpsAddr)
	}
	if c.BaseURL != "" && !isOrigin(c.BaseURL) {
		bad.add("MOOTHALL_BASE_URL must be http:// or https:// and a host, with nothing after it")
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		bad.add("DATABASE_URL must begin with postgres://")
	}
	if c.SMTPURL != "" && !isSMTP(c.SMTPURL) {
		bad.add("MOOTHALL_SMTP_URL must be smtp:// or smtps:// and a host")
	}
	if _, err := mail.ParseAddress(c.MailFrom); err != nil {
		bad.add("MOOTHALL_MAIL_FROM must be an address such as Moothall <hello@example.org>")
	}
}

// checkProviders says which provider is switched on by half.
func (c Config) checkProviders(bad *problems) {
	for name, p := range map[string]Credentials{"GOOGLE": c.Google, "MICROSOFT": c.Microsoft, "GITHUB": c.GitHub, "OIDC": c.OIDC} {
		if !p.given() {
			continue
		}
		if p.ClientID == "" || p.ClientSecret == "" {
			bad.add("OAUTH_%s_CLIENT_ID and OAUTH_%s_CLIENT_SECRET belong together", name, name)
		}
		if name == "OIDC" && p.Issuer == "" {
			bad.add("OAUTH_OIDC_ISSUER must be the address of the provider")
		}
	}
}

// checkProduction says what is missing, or for development only.
func (c Config) checkProduction(bad *problems, environ map[string]string) {
	for _, name := range []string{"MOOTHALL_BASE_URL", "DATABASE_URL", "MOOTHALL_SECRETS", "MOOTHALL_SMTP_URL", "MOOTHALL_MAIL_FROM"} {
		if environ[name] == "" {
			bad.add("%s must be set in production", name)
		}
	}
	if strings.HasPrefix(c.BaseURL, "http://") {
		bad.add("MOOTHALL_BASE_URL must be https:// in production")
	}
	if c.Demo == On {
		bad.add("MOOTHALL_DEMO is for development only")
	}
	if c.RateLimits == Off {
		bad.add("MOOTHALL_RATE_LIMITS can be off in development only")
	}
	if c.OIDC.given() && !strings.HasPrefix(c.OIDC.Issuer, "https://") {
		bad.add("OAUTH_OIDC_ISSUER must be https:// in production")
	}
	if !c.Google.given() && !c.Microsoft.given() && !c.GitHub.given() && !c.OIDC.given() {
		bad.add("nobody could sign in: set CLIENT_ID and CLIENT_SECRET of OAUTH_GOOGLE_, OAUTH_MICROSOFT_, OAUTH_GITHUB_ or OAUTH_OIDC_")
	}
}

// checkOneWord refuses control characters: a line end in a setting is a slip of
// whoever wrote the file, and would end up in headers and logs.
func checkOneWord(bad *problems, environ map[string]string) {
	for name, value := range environ {
		ours := strings.HasPrefix(name, "MOOTHALL_") || strings.HasPrefix(name, "OAUTH_") || name == "DATABASE_URL"
		if ours && strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			bad.add("%s has a line end or another control character in it", name)
		}
	}
}

func checkAddr(bad *problems, name, addr string) {
	host, port, err := net.SplitHostPort(addr)
	n, portErr := net.LookupPort("tcp", port)
	if err != nil || portErr != nil || n > 65535 {
		bad.add("%s must be an address and a port such as 127.0.0.1:8080", name)
		return
	}
	if _, err := netip.ParseAddr(host); host != "" && host != "localhost" && err != nil {
		bad.add("%s must begin with an IP address, localhost or nothing", name)
	}
}

// isOrigin reports whether an address is a scheme, a host and nothing else.
func isOrigin(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Host == strings.ToLower(u.Host) &&
		u.User == nil && u.Path == "" && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
}

func isSMTP(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "smtp" || u.Scheme == "smtps") && u.Hostname() != ""
}

// problems are what is wrong with the settings.
type problems struct{ lines []string }

func (p *problems) add(format string, args ...any) {
	p.lines = append(p.lines, fmt.Sprintf(format, args...))
}

func (p *problems) err() error {
	if len(p.lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(slices.Compact(slices.Sorted(slices.Values(p.lines))), "\n"))
}
