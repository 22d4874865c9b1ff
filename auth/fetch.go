package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

const (
	answerTime = 5 * time.Second
	answerSize = 1 << 20
)

var (
	errTooLarge  = errors.New("the answer is over 1 MB")
	errElsewhere = errors.New("the answer sends us elsewhere")
	errNotJSON   = errors.New("the answer is not JSON")
	errPrivate   = errors.New("the address is a private one")
)

// newClient is how we speak to a provider: 5 seconds and 1 MB for each answer,
// never led to another host. With a base of nil it refuses to connect to private
// addresses, whatever a name resolves to; a base is trusted to know its network.
func newClient(base *http.Client, allowPrivate bool) *http.Client {
	c := &http.Client{CheckRedirect: stayThere, Timeout: answerTime}
	if base != nil {
		c.Transport = base.Transport
		if base.Timeout > 0 && base.Timeout < answerTime {
			c.Timeout = base.Timeout
		}
	}
	if c.Transport == nil {
		c.Transport = publicTransport(allowPrivate)
	}
	c.Transport = bounded{c.Transport}
	return c
}

func publicTransport(allowPrivate bool) http.RoundTripper {
	dialer := &net.Dialer{Timeout: answerTime}
	if !allowPrivate {
		// Judged when connecting, after the name was resolved: a name that is
		// public now and private a moment later gains nothing.
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			if to, err := netip.ParseAddrPort(address); err != nil || private(to.Addr()) {
				return errPrivate
			}
			return nil
		}
	}
	return &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: answerTime, MaxIdleConnsPerHost: 2,
		IdleConnTimeout: time.Minute, DisableCompression: true, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10}
}

// stayThere lets a GET be led on within its host. A form with our secret in it is
// led nowhere.
func stayThere(req *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet || req.URL.Scheme != first.URL.Scheme || req.URL.Host != first.URL.Host || len(via) > 3 {
		return errElsewhere
	}
	return nil
}

// bounded asks for JSON and reads no more than answerSize of it.
type bounded struct{ base http.RoundTripper }

// RoundTrip is what http.Client asks of a transport.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Moothall")
	resp, err := b.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	// x/oauth2 would read a token from a form or plain text too (RFC 6749 §5.1 says JSON).
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if req.Method == http.MethodPost && kind != "application/json" && resp.StatusCode/100 == 2 {
		_ = resp.Body.Close()
		return nil, errNotJSON
	}
	resp.Body = &boundedBody{ReadCloser: resp.Body, left: answerSize}
	return resp, nil
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if len(p) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// ask reads a JSON object from an address, with an access token unless it is empty.
func ask(ctx context.Context, client *http.Client, address, accessToken string) (claims, error) {
	raw, err := askRaw(ctx, client, address, accessToken)
	if err != nil {
		return nil, err
	}
	return parseObject(raw)
}

func askRaw(ctx context.Context, client *http.Client, address, accessToken string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if accessToken != "" {
		req.Header.Set("Authorization", "Bearer "+accessToken)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d", req.URL.Host, resp.StatusCode)
	}
	return io.ReadAll(resp.Body)
}

// checkEndpoint says why an address is none that we would send a secret to or
// believe a key from: it must be https at a public host, unless private ones are
// allowed, as they are for development.
func checkEndpoint(raw string, allowPrivate bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return nil, fmt.Errorf("%q is not a web address", raw)
	case u.User != nil || u.Fragment != "":
		return nil, fmt.Errorf("%q has a user or a fragment in it", raw)
	case u.Scheme != "https" && (u.Scheme != "http" || !allowPrivate):
		return nil, fmt.Errorf("%q is not https", raw)
	case !allowPrivate && privateName(u.Hostname()):
		return nil, fmt.Errorf("%q: %w", raw, errPrivate)
	}
	return u, nil
}

func privateName(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return private(ip)
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return host == "localhost" || !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost") ||
		strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal")
}

// reserved are the networks beyond those that netip knows from which nothing public answers
// (RFC 6890; NAT64 and 6to4 could lead to any of the others).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}

func private(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Zone() != "" {
		return true
	}
	for _, network := range reserved {
		if network.Contains(ip) {
			return true
		}
	}
	return false
}
