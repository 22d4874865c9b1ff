package app_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"moothall/app"
)

// whole is a production file with nothing wrong in it.
func whole() map[string]string {
	return map[string]string{
		"MOOTHALL_ENV":               "production",
		"MOOTHALL_BASE_URL":          "https://moothall.example",
		"DATABASE_URL":               "postgres://moothall:pass@db/moothall",
		"MOOTHALL_SECRETS":           testSecret,
		"MOOTHALL_SMTP_URL":          "smtps://moothall:pass@mail.example:465",
		"MOOTHALL_MAIL_FROM":         "Moothall <hello@moothall.example>",
		"OAUTH_GOOGLE_CLIENT_ID":     "id",
		"OAUTH_GOOGLE_CLIENT_SECRET": "secret",
	}
}

// Without any setting the program runs, for development.
func TestNothingNeedsToBeSet(t *testing.T) {
	t.Parallel()
	c, err := app.LoadConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Production() || !c.WithDemo() || c.Addr != "127.0.0.1:8080" || c.Data != ".data" {
		t.Errorf("got %+v", c)
	}
	if _, err := app.LoadConfig(map[string]string{"MOOTHALL_ENV": "", "MOOTHALL_ADDR": " "}); err != nil {
		t.Errorf("a setting that is empty counts as not set: %v", err)
	}
}

// A file with everything that production demands is taken.
func TestProductionTakesAWholeFile(t *testing.T) {
	t.Parallel()
	c, err := app.LoadConfig(whole())
	if err != nil {
		t.Fatal(err)
	}
	if !c.Production() || c.WithDemo() || !c.Secure() {
		t.Errorf("got %+v", c)
	}
}

// Each setting that production demands or refuses is named.
func TestProductionRefusesWhatIsForDevelopment(t *testing.T) {
	t.Parallel()
	for setting, value := range map[string]string{
		"MOOTHALL_BASE_URL":          "http://moothall.example",
		"DATABASE_URL":               "",
		"MOOTHALL_SECRETS":           "short",
		"MOOTHALL_SMTP_URL":          "",
		"MOOTHALL_MAIL_FROM":         "",
		"MOOTHALL_DEMO":              "on",
		"MOOTHALL_RATE_LIMITS":       "off",
		"OAUTH_GOOGLE_CLIENT_SECRET": "",
	} {
		env := whole()
		env[setting] = value
		_, err := app.LoadConfig(env)
		if err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("%s=%q: got %v, want it named", setting, value, err)
		}
	}
	env := whole()
	delete(env, "OAUTH_GOOGLE_CLIENT_ID")
	delete(env, "OAUTH_GOOGLE_CLIENT_SECRET")
	if _, err := app.LoadConfig(env); err == nil || !strings.Contains(err.Error(), "nobody could sign in") {
		t.Errorf("without a provider: got %v", err)
	}
}

// Whoever wrote the file learns of all that is wrong with it at once, and no value
// of theirs is repeated: some are secret.
func TestWrongSettingsAreAllNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := app.LoadConfig(map[string]string{
		"MOOTHALL_ENV":             "staging",
		"MOOTHALL_ADDR":            "nowhere",
		"MOOTHALL_BASE_URL":        "https://moothall.example/forum",
		"DATABASE_URL":             "mysql://hunter2@db",
		"MOOTHALL_SECRETS":         "hunter2",
		"MOOTHALL_SMTP_URL":        "http://hunter2@mail",
		"MOOTHALL_MAIL_FROM":       "nobody",
		"MOOTHALL_MAIL_HOLD":       "hunter2",
		"MOOTHALL_DKIM_KEY":        "/nowhere/hunter2.pem",
		"MOOTHALL_DKIM_SELECTOR":   "hunter2 hunter2",
		"MOOTHALL_TRUSTED_PROXIES": "10.0.0.0/8, everybody",
		"MOOTHALL_OPS_ADDR":        "1",
		"MOOTHALL_RATE_LIMITS":     "perhaps",
		"MOOTHALL_DEMO":            "no",
		"OAUTH_OIDC_CLIENT_ID":     "id\nother",
		"OAUTH_GOOGLE_ISSUER":      "banana",
		"DATABASE_REPLICA_URLS":    "postgres://hunter2@db/moothall, banana",
		"MOOTHALL_BASEURL":         "https://hunter2.example",
	})
	if err == nil {
		t.Fatal("all of it is taken")
	}
	for _, want := range []string{"MOOTHALL_ENV", "MOOTHALL_ADDR", "MOOTHALL_BASE_URL", "DATABASE_URL", "MOOTHALL_SECRETS", "MOOTHALL_SMTP_URL",
		"MOOTHALL_MAIL_FROM", "MOOTHALL_MAIL_HOLD", "MOOTHALL_DKIM_KEY must be", "MOOTHALL_DKIM_SELECTOR must be", "MOOTHALL_TRUSTED_PROXIES", "MOOTHALL_OPS_ADDR", "MOOTHALL_RATE_LIMITS", "MOOTHALL_DEMO",
		"OAUTH_OIDC_CLIENT_SECRET", "OAUTH_OIDC_ISSUER", "OAUTH_OIDC_CLIENT_ID has a line end",
		"OAUTH_GOOGLE_ISSUER", "DATABASE_REPLICA_URLS", "MOOTHALL_BASEURL is not a setting"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named in:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a value is repeated:\n%v", err)
	}
	lines := strings.Split(err.Error(), "\n")
	if !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Errorf("the lines are not each there once, in order:\n%v", err)
	}
}

const anID = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"

// Where mails go is taken as operators write it; a mail waits in production, and in
// development does not.
func TestWhereMailsGoIsTaken(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"smtp://mail:1025?tls=off", "smtp://mail?tls=try&pace=0", "smtps://hello%40example.org:p%2Fw@mail.example",
		"notify://" + anID + ":" + anID + "@api.notifications.service.gov.uk?template=" + anID} {
		env := whole()
		env["MOOTHALL_SMTP_URL"] = url
		c, err := app.LoadConfig(env)
		if err != nil || time.Duration(c.MailHold) != 5*time.Minute || c.MailDomain() != "moothall.example" {
			t.Errorf("%s: got %v, hold %s, domain %s", url, err, time.Duration(c.MailHold), c.MailDomain())
		}
	}
	env := whole()
	env["MOOTHALL_MAIL_HOLD"] = "0s"
	if c, err := app.LoadConfig(env); err != nil || c.MailHold != 0 {
		t.Errorf("got %v, %v, want no hold where none is wanted", c.MailHold, err)
	}
	if c, err := app.LoadConfig(nil); err != nil || c.MailHold != 0 {
		t.Errorf("got %v, %v, want no hold in development", c.MailHold, err)
	}
}

// Networks may be written with spaces, and as single addresses.
func TestTrustedProxiesAreNetworks(t *testing.T) {
	t.Parallel()
	c, err := app.LoadConfig(map[string]string{"MOOTHALL_TRUSTED_PROXIES": "10.1.2.3/8, 192.0.2.7,2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	want := app.Networks{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8::/32")}
	if !slices.Equal(c.TrustedProxies, want) {
		t.Errorf("got %v, want %v", c.TrustedProxies, want)
	}
}

// What could only fail later is refused by the setting's own name before anything starts.
func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ setting, value string }{
		{"DATABASE_URL", "postgres://hunter2:p@h:99999/db"},
		{"DATABASE_URL", "postgres://hunter2:p@h/db?sslmode=perhaps"},
		{"DATABASE_REPLICA_URLS", "banana"},
		{"MOOTHALL_SMTP_URL", "smtp://h:99999"},
		{"MOOTHALL_SMTP_URL", "smtp://h:0"},
		{"MOOTHALL_SMTP_URL", "smtp://hunter2:hunter2@h?tls=perhaps"},
		{"MOOTHALL_SMTP_URL", "smtps://hunter2:hunter2@h?tls=off"},
		{"MOOTHALL_SMTP_URL", "smtp://hunter2:hunter2@h?tlss=off"},
		{"MOOTHALL_SMTP_URL", "smtp://hunter2:hunter2@h?pace=fast"},
		{"MOOTHALL_SMTP_URL", "notify://hunter2:hunter2@api.notifications.service.gov.uk?template=hunter2"},
		{"MOOTHALL_SMTP_URL", "notify://" + anID + ":" + anID + "@h?template=" + anID + "&http=on"},
		{"MOOTHALL_MAIL_FROM", "Ada <a@hunter2.example>, Ben <b@hunter2.example>"},
		{"MOOTHALL_MAIL_FROM", "Moothall <hello@localhost>"},
		{"MOOTHALL_MAIL_HOLD", "-5m"},
		{"MOOTHALL_MAIL_HOLD", "25h"},
		{"MOOTHALL_DKIM_SELECTOR", "moothall"},
		{"MOOTHALL_SECRETS", testSecret + "," + strings.Repeat("a", 34)},
		{"OAUTH_GOOGLE_ISSUER", "banana"},
		{"OAUTH_MICROSOFT_ISSUER", "ftp://login.example.org"},
		{"OAUTH_OIDC_ISSUER", "https://"},
		{"OAUTH_OIDC_ISSUER", "http://id.example.org"},
	} {
		env := whole()
		env[c.setting] = c.value
		if p, found := strings.CutSuffix(c.setting, "ISSUER"); found {
			env[p+"CLIENT_ID"], env[p+"CLIENT_SECRET"] = "id", "secret"
		}
		_, err := app.LoadConfig(env)
		if err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), "MOOTHALL_DKIM_KEY and "), c.setting) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%q: got %v, want it alone", c.setting, c.value, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a value is repeated: %v", err)
		}
	}
}

// A name that is nearly a setting is told of, and by itself stops nobody: it may be
// another program's.
func TestUnknownSettingsAreTold(t *testing.T) {
	t.Parallel()
	env := whole()
	env["MOOTHALL_TRUSTED_PROXY"], env["OAUTH_GOOGLE_ID"], env["HOME"] = "10.0.0.0/8", "id", "/"
	c, err := app.LoadConfig(env)
	if want := []string{"MOOTHALL_TRUSTED_PROXY", "OAUTH_GOOGLE_ID"}; err != nil || !slices.Equal(c.Unknown, want) {
		t.Errorf("got %v, %v, want %v", c.Unknown, err, want)
	}
	h := openHouse(t, map[string]string{"MOOTHALL_BASEURL": "http://hunter2.example"})
	if log := h.log.String(); !strings.Contains(log, "name=MOOTHALL_BASEURL") || strings.Contains(log, "hunter2") {
		t.Errorf("the log says\n%s", log)
	}
}
