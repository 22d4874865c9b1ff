package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/auth"
)

// check says what is wrong with the settings wherever the program runs. No value
// is repeated: some are secret.
func (c Config) check(bad *problems, environ map[string]string) {
	if c.Env != "development" && c.Env != production {
		bad.add("MOOTHALL_ENV must be development or production")
	}
	c.checkAddresses(bad)
	c.checkMail(bad)
	for name, s := range map[string]Switch{"MOOTHALL_RATE_LIMITS": c.RateLimits, "MOOTHALL_PAGE_CACHE": c.PageCache, "MOOTHALL_DEMO": c.Demo, "MOOTHALL_CHECK_LINKS": c.CheckLinks, "MOOTHALL_MAIL_TRIALS": c.MailTrials} {
		if s != "" && s != On && s != Off {
			bad.add("%s must be on or off", name)
		}
	}
	if c.MailTrials == On && !c.receives() {
		bad.add("MOOTHALL_MAIL_TRIALS=on needs MOOTHALL_INBOUND_ADDR, where answers come in")
	}
	c.checkSecrets(bad)
	c.checkProviders(bad)
	checkOneWord(bad, environ)
}

// fewest is of how many different characters a secret must be: of 32 that were thrown
// with sixteen different ones there are hardly ever less than ten.
const fewest = 8

// checkSecrets says which key will not do.
func (c Config) checkSecrets(bad *problems) {
	if len(c.Secrets) == 0 {
		return
	}
	if _, err := auth.NewKeys(c.Secrets); err != nil {
		bad.add("MOOTHALL_SECRETS: %s", err)
	}
	for i, secret := range c.Secrets {
		different := map[rune]bool{}
		for _, r := range secret {
			different[r] = true
		}
		if len(different) < fewest {
			bad.add("MOOTHALL_SECRETS: secret %d can be guessed: openssl rand -hex 32 prints one that cannot", i+1)
		}
	}
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
	if c.DatabaseURL != "" && !isPostgres(c.DatabaseURL) {
		bad.add("DATABASE_URL must be %s", postgresURL)
	}
	if slices.ContainsFunc(c.Replicas, func(replica string) bool { return !isPostgres(replica) }) {
		bad.add("DATABASE_REPLICA_URLS must each be %s", postgresURL)
	}
}

// checkProviders says which provider is switched on by half, or cannot be one.
func (c Config) checkProviders(bad *problems) {
	for name, p := range map[string]Credentials{"GOOGLE": c.Google, "MICROSOFT": c.Microsoft, "GITHUB": c.GitHub, "OIDC": c.OIDC} {
		if !p.given() {
			continue
		}
		if p.ClientID == "" || p.ClientSecret == "" {
			bad.add("OAUTH_%s_CLIENT_ID and OAUTH_%s_CLIENT_SECRET belong together", name, name)
		}
		if name == "OIDC" && p.Issuer == "" || p.Issuer != "" && !c.isIssuer(name, p.Issuer) {
			bad.add("OAUTH_%s_ISSUER must be the address of the provider, such as https://id.example.org: in production with https:// and a public host", name)
		}
	}
}

// isIssuer reports whether a provider could be at an address. Nobody is asked.
func (c Config) isIssuer(name, issuer string) bool {
	_, err := auth.NewProvider(auth.ProviderConfig{Name: strings.ToLower(name), ClientID: "id", ClientSecret: "secret", Issuer: issuer,
		RedirectURL: "https://moothall.example/callback", AllowPrivate: !c.Production()}, nil, time.Now)
	return err == nil
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
	if !c.Google.given() && !c.Microsoft.given() && !c.GitHub.given() && !c.OIDC.given() {
		bad.add("nobody could sign in: set CLIENT_ID and CLIENT_SECRET of OAUTH_GOOGLE_, OAUTH_MICROSOFT_, OAUTH_GITHUB_ or OAUTH_OIDC_")
	}
}

// checkOneWord refuses control characters: a line end in a setting is a slip of
// whoever wrote the file, and would end up in headers and logs.
func checkOneWord(bad *problems, environ map[string]string) {
	for name, value := range environ {
		ours := strings.HasPrefix(name, "MOOTHALL_") || strings.HasPrefix(name, "OAUTH_") || strings.HasPrefix(name, "DATABASE_")
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

const postgresURL = "postgres://user:password@host:port/database, after a ? only what Postgres knows, and files that are there"

// isPostgres reports whether the driver takes an address. It connects to nothing.
func isPostgres(raw string) bool {
	if !strings.HasPrefix(raw, "postgres://") && !strings.HasPrefix(raw, "postgresql://") {
		return false
	}
	_, err := pgxpool.ParseConfig(raw)
	return err == nil
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
