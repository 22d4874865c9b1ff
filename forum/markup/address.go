package markup

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/util"
)

// postAnchor is the one kind of anchor that a post may lead to.
var postAnchor = regexp.MustCompile(`^#post-[1-9][0-9]{0,9}$`)

// resolved is a link's target with its escapes and references resolved, as CommonMark
// reads it: what a scheme is must not be hidden behind "&colon;".
func resolved(target []byte) string {
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(target))))
}

// address is what a link to the target says in its href: escaped for an address,
// though not yet for HTML. It is "" for a target that nobody is led to: another scheme
// than https, http and mailto; a name or password before the host, which is there to
// deceive; what a browser would read as another address than it seems.
func address(target string) string {
	if strings.ContainsFunc(target, unstorable) || strings.ContainsAny(target, "\\\n\t") {
		return ""
	}
	escaped := string(util.URLEscape(bytes.TrimSpace([]byte(target)), false))
	if inside(escaped) || postAnchor.MatchString(escaped) {
		return escaped
	}
	u, err := url.Parse(escaped)
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "https", "http":
		// "https:a@b" and "https:///a@b" have no host here, but one in a browser.
		if u.User == nil && u.Opaque == "" && u.Hostname() != "" {
			return escaped
		}
	case "mailto":
		if strings.Contains(u.Opaque, "@") {
			return escaped
		}
	}
	return ""
}

// inside reports whether an address is a path of our own: "//host" is not.
func inside(address string) bool {
	return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
}

// outside reports whether an address leads to somebody else.
func outside(address string) bool { return !inside(address) && !strings.HasPrefix(address, "#") }
