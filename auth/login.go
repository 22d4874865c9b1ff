package auth

import (
	"errors"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
)

// anyOrganisation stands in Entra's issuer where a tenant would, and lets in every
// organisation. "common" and "consumers" would let in private accounts, whose
// tenant is personalTenant.
const (
	anyOrganisation = "organizations"
	personalTenant  = "9188040d-6c67-4c5b-b112-36a304b66dad"
)

// guid is how Entra writes the ids of tenants and of people in them.
var guid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

var errTenant = errors.New(`microsoft: issuer: it ends in /organizations/v2.0 or /TENANT/v2.0 with a tenant's id; ` +
	`private accounts ("common", "consumers") are not let in`)

// tenantOf is the tenant in an Entra issuer.
func tenantOf(issuer string) (string, error) {
	u, err := url.Parse(issuer)
	if err != nil {
		return "", err
	}
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if rest != "v2.0" || tenant != anyOrganisation && !guid.MatchString(tenant) || tenant == personalTenant {
		return "", errTenant
	}
	return tenant, nil
}

// tenantIssuer is an Entra issuer with another tenant in it.
func tenantIssuer(issuer, tenant string) string {
	before := strings.TrimSuffix(issuer, "/v2.0")
	return before[:strings.LastIndexByte(before, '/')+1] + tenant + "/v2.0"
}

// anyTenant reports whether the issuer differs from token to token.
func (o *openID) anyTenant() bool { return o.issuer != o.config.Issuer }

// issuedBy compares the issuer exactly. Entra's holds the tenant, which must be
// the one that the token names, and the person's id in it must be there.
func (o *openID) issuedBy(c claims) bool {
	if o.config.Name != "microsoft" {
		return c.text("iss") == o.issuer
	}
	tenant := c.text("tid")
	if !guid.MatchString(tenant) || tenant == personalTenant || !guid.MatchString(c.text("oid")) {
		return false
	}
	issuer := tenantIssuer(o.config.Issuer, tenant)
	return c.text("iss") == issuer && (o.anyTenant() || issuer == o.config.Issuer)
}

// loginFrom makes a login of proven claims. What userinfo adds is only what the
// token does not speak of at all; it never overrules.
func (o *openID) loginFrom(c, info claims) Login {
	l := Login{Issuer: c.text("iss"), Subject: c.text("sub"), Name: c.text("name")}
	if l.Name == "" {
		l.Name = info.text("name")
	}
	switch o.config.Name {
	case "microsoft":
		// Entra's sub differs for each client; tid, which is in the issuer, and oid
		// are the person. The address is what a tenant's administrator typed, unless
		// Entra vouches that the tenant owns its domain ("nOAuth").
		l.Subject = c.text("oid")
		if c.truth("xms_edov") {
			l.Email, l.EmailVerified = address(c), true
		}
	case "google":
		l.Email, l.HostedDomain = address(c), strings.ToLower(c.text("hd"))
		l.EmailVerified = c.truth("email_verified") && googleOwns(l.Email, l.HostedDomain)
	default:
		if !c.has("email") && !c.has("email_verified") {
			c = info
		}
		l.Email, l.EmailVerified = address(c), c.truth("email_verified")
	}
	l.EmailVerified = l.EmailVerified && l.Email != ""
	return l
}

// googleOwns reports whether Google speaks for an address today: its own, and those
// of an organisation that it runs the accounts of. Of others it only knows that
// somebody proved it once, and they may have left that council since.
func googleOwns(email, hosted string) bool {
	domain := strings.ToLower(email[strings.LastIndexByte(email, '@')+1:])
	return domain == "gmail.com" || domain == "googlemail.com" || hosted != "" && domain == hosted
}

// address is the email claim if it is one plain address, else "".
func address(c claims) string {
	email := c.text("email")
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 || strings.ContainsAny(email, `" <>(),;:\[]`) {
		return ""
	}
	return email
}
