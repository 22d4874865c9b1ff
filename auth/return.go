package auth

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// ownAddress holds only what an address may hold unescaped (RFC 3986 §2), so
// neither control, space nor backslash, which browsers read in ways of their own.
var ownAddress = regexp.MustCompile(`^/[A-Za-z0-9\-._~!$&'()*+,;=:@/?#%\[\]]*$`)

// longestReturn is in bytes.
const longestReturn = 2000

// notPages are the addresses nobody means to come back to: to return to the
// sign-in itself would go round in circles, the rest are not for reading.
var notPages = []string{"auth", "api", "dev", "sign-in", "sign-out"}

// ReturnTo is where to go after signing in: raw if it is plainly a page of our
// own, else "/". Whatever two programs could read differently is not plain.
func ReturnTo(raw string) string {
	if len(raw) > longestReturn || !ownAddress.MatchString(raw) {
		return "/"
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host != "" || u.Scheme != "" {
		return "/"
	}
	if _, err := url.ParseQuery(strings.ReplaceAll(u.RawQuery, ";", "&")); err != nil {
		return "/"
	}
	if !plainPath(u.Path) {
		return "/"
	}
	return raw
}

// plainPath judges a path after its escapes are resolved.
func plainPath(path string) bool {
	odd := func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' || r == '\uFFFD' }
	if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") || strings.ContainsFunc(path, odd) {
		return false
	}
	parts := strings.Split(path[1:], "/")
	if slices.Contains(parts, ".") || slices.Contains(parts, "..") {
		return false
	}
	return !slices.Contains(notPages, strings.ToLower(parts[0]))
}
