package mail

import (
	"errors"
	"net/url"
	"regexp"
	"strconv"
)

// How TLS is asked for of a server by smtp://.
const (
	tlsMust = "must" // no mail without it
	tlsTry  = "try"  // where it is offered; a password is not sent without it
	tlsOff  = "off"  // neither for mails nor for a password
)

// destination is what a URL says.
type destination struct {
	host, port     string
	user, password string
	tls            string
	wrapped        bool    // TLS from the first byte: smtps
	pace           float64 // mails a second to one domain; 0: no limit

	service, template string // GOV.UK Notify; the password is the secret
	plain             bool   // by http, for tests
}

var (
	errURL = errors.New("must be smtp://user:password@host:port, smtps://… or notify://SERVICE:SECRET@host?template=ID, " +
		"with a port up to 65535 if any")
	errTLS   = errors.New("takes tls=must, tls=try or tls=off after a ?, and that after smtp:// alone")
	errPace  = errors.New("takes pace=N after a ?: so many mails a second to one domain, 0 for no limit")
	errHTTP  = errors.New("takes http=on in development only")
	errQuery = errors.New("has something after the ? that Moothall does not know")
	uuid     = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// usualPace is of mails a second to one domain: what large providers take from a
// sender that they do not know yet.
const usualPace = 10

// CheckURL says what is wrong with the address of a server. It repeats nothing of it,
// for there may be a password in it, and asks nobody.
func CheckURL(raw string, production bool) error {
	_, err := parseURL(raw, production)
	return err
}

func parseURL(raw string, production bool) (d destination, err error) {
	u, err := url.Parse(raw)
	if err != nil || !isServer(u) {
		return d, errURL
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return d, errQuery
	}
	d = destination{host: u.Hostname(), port: u.Port(), user: u.User.Username(), pace: usualPace}
	d.password, _ = u.User.Password()
	switch u.Scheme {
	case "smtp", "smtps":
		d.wrapped = u.Scheme == "smtps"
		err = d.readSMTP(query, production)
	case "notify":
		err = d.readNotify(query, production)
	default:
		err = errURL
	}
	if err == nil && len(query) > 0 {
		err = errQuery
	}
	return d, err
}

// isServer reports whether an address is a host, a port if any, and no place on it.
func isServer(u *url.URL) bool {
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return false
		}
	}
	return u.Hostname() != "" && u.Opaque == "" && (u.Path == "" || u.Path == "/") && u.Fragment == ""
}

func (d *destination) readSMTP(query url.Values, production bool) error {
	d.tls = tlsTry
	if production {
		d.tls = tlsMust
	}
	if query.Has("tls") {
		d.tls = query.Get("tls")
		if d.wrapped || d.tls != tlsMust && d.tls != tlsTry && d.tls != tlsOff {
			return errTLS
		}
	}
	if query.Has("pace") {
		pace, err := strconv.ParseFloat(query.Get("pace"), 64)
		if err != nil || !(pace >= 0 && pace <= 1e6) {
			return errPace
		}
		d.pace = pace
	}
	if d.port == "" {
		d.port = map[bool]string{false: "587", true: "465"}[d.wrapped] // RFC 6409, RFC 8314
	}
	query.Del("tls")
	query.Del("pace")
	return nil
}

func (d *destination) readNotify(query url.Values, production bool) error {
	d.service, d.template = d.user, query.Get("template")
	if !uuid.MatchString(d.service) || !uuid.MatchString(d.password) || !uuid.MatchString(d.template) {
		return errURL
	}
	if query.Has("http") && (production || query.Get("http") != "on") {
		return errHTTP
	}
	d.plain = query.Has("http")
	query.Del("template")
	query.Del("http")
	return nil
}
