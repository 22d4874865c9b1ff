// Package links finds out whether an address on the web still answers, politely, and
// never within private networks. It knows nothing of the forum.
package links

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Answer is what came of looking at an address.
type Answer string

// What can come of it. Whoever refuses us, or wants a password, is there all the same.
const (
	There   Answer = "there"
	Gone    Answer = "gone"    // it says that there is no such page
	Broken  Answer = "broken"  // it says that it is out of order
	Nowhere Answer = "nowhere" // there is no such place, or it takes no connection
	Silent  Answer = "silent"  // it did not answer in time
	Private Answer = "private" // it leads into a private network
)

// patience is how long one address may take, redirects and all.
const patience = 6 * time.Second

// hops is how many redirects are followed.
const hops = 5

// errPrivate is that an address leads where nobody but its own network may.
var errPrivate = errors.New("links: within a private network")

// Checker looks at addresses.
type Checker struct {
	client *http.Client
	agent  string
	allow  func(netip.AddrPort) bool // tests allow their own server
}

// New makes a Checker that says where it comes from.
func New(site string) *Checker {
	c := &Checker{agent: "Moothall link check (" + site + "/about)", allow: public}
	c.client = c.over(net.DefaultResolver)
	return c
}

// over makes the client. Where a name leads is judged at the connection itself, after it
// was looked up: whatever a name meant a moment ago, and whoever redirects to it.
func (c *Checker) over(names *net.Resolver) *http.Client {
	dialer := &net.Dialer{Timeout: patience / 2, Resolver: names, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !c.allow(to) {
			return errPrivate
		}
		return nil
	}}
	return &http.Client{
		Timeout: patience,
		Transport: &http.Transport{Proxy: nil, DialContext: dialer.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: patience / 2,
			ResponseHeaderTimeout: patience, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > hops || !plain(r.URL) {
				return http.ErrUseLastResponse // it is there, wherever else it wants to lead
			}
			r.Header.Del("Referer")
			return nil
		},
	}
}

// plain reports whether an address is one of the web, with nobody's name in it.
func plain(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// Check looks at an address: first at what it says of itself, then, where it does not
// take that question, at the page, of which nothing is read.
func (c *Checker) Check(ctx context.Context, address string) Answer {
	u, err := url.Parse(address)
	if err != nil || !plain(u) {
		return Nowhere
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	status, err := c.ask(ctx, http.MethodHead, address)
	if err == nil && status >= 400 {
		status, err = c.ask(ctx, http.MethodGet, address)
	}
	switch {
	case errors.Is(err, errPrivate):
		return Private
	case err != nil && timedOut(err):
		return Silent
	case err != nil:
		return Nowhere
	case status == http.StatusNotFound || status == http.StatusGone:
		return Gone
	case status >= 500:
		return Broken
	}
	return There
}

func (c *Checker) ask(ctx context.Context, method, address string) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("User-Agent", c.agent)
	got, err := c.client.Do(r)
	if err != nil {
		return 0, err
	}
	return got.StatusCode, got.Body.Close()
}

func timedOut(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout()
}

// closed are the networks that are nobody's on the web, beside those that netip knows:
// RFC 6890, and those through which one comes to an IPv4 address by another name.
var closed = func() (all []netip.Prefix) {
	for _, p := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10"} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}()

// public reports whether a connection goes to the web: to a public address, by the ports
// of the web.
func public(to netip.AddrPort) bool {
	ip := to.Addr().Unmap()
	if to.Port() != 80 && to.Port() != 443 || ip.Zone() != "" || !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range closed {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}
