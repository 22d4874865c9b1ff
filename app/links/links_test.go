package links

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// near is a checker that may come to one server of the test, and to no other.
func near(t *testing.T, answer http.HandlerFunc) (*Checker, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	c := New("https://moothall.example")
	there := netip.MustParseAddrPort(server.Listener.Addr().String())
	c.allow = func(to netip.AddrPort) bool { return to == there || public(to) }
	return c, server
}

// No address of a private network is gone to, however it is written, nor another port
// than those of the web.
func TestPrivateNetworksAreNotGoneTo(t *testing.T) {
	t.Parallel()
	met := atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { met.Add(1) }))
	defer server.Close()
	c := New("https://moothall.example")
	for _, address := range []string{server.URL, "http://127.0.0.1/", "http://127.1/", "http://localhost/", "http://0.0.0.0/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
		"http://[::ffff:7f00:1]/", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/",
		"http://100.64.0.1/", "http://[fe80::1]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:7f00:1::]/", "https://198.18.0.1/", "http://224.0.0.1/", "http://255.255.255.255/"} {
		if got := c.Check(t.Context(), address); got != Private && got != Nowhere {
			t.Errorf("%s: %s", address, got)
		}
	}
	for _, address := range []string{"ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://a@b/", "://", "gopher://127.0.0.1/"} {
		if got := c.Check(t.Context(), address); got != Nowhere {
			t.Errorf("%s: %s", address, got)
		}
	}
	if n := met.Load(); n != 0 {
		t.Errorf("a server on the loopback was met %d times", n)
	}
	for address, want := range map[string]bool{"93.184.216.34:443": true, "93.184.216.34:80": true, "93.184.216.34:22": false, "[2606:2800:220:1::1]:443": true, "[2001:db8::1]:443": false,
		"127.0.0.1:80": false, "169.254.169.254:80": false, "[::ffff:10.0.0.1]:80": false, "100.127.255.254:443": false, "0.0.0.0:80": false} {
		if got := public(netip.MustParseAddrPort(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
}

// What an address says of itself is what is told, by HEAD, else by GET.
func TestWhatAnAddressSays(t *testing.T) {
	t.Parallel()
	c, server := near(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.UserAgent(), "Moothall link check") {
			t.Errorf("it says %q", r.UserAgent())
		}
		switch r.URL.Path {
		case "/no-head":
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/none":
			w.WriteHeader(http.StatusNotFound)
		case "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case "/password":
			w.WriteHeader(http.StatusUnauthorized)
		case "/busy":
			w.WriteHeader(http.StatusTooManyRequests)
		case "/moved":
			http.Redirect(w, r, "/there", http.StatusMovedPermanently)
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest/", http.StatusFound)
		case "/inside":
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		case "/slow":
			<-r.Context().Done()
		}
	})
	for path, want := range map[string]Answer{"/there": There, "/no-head": There, "/gone": Gone, "/none": Gone, "/broken": Broken, "/password": There, "/busy": There, "/moved": There,
		"/circle": There, "/metadata": Private, "/inside": Private} {
		if got := c.Check(t.Context(), server.URL+path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	soon, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if got := c.Check(soon, server.URL+"/slow"); got != Silent {
		t.Errorf("what never answers: %s", got)
	}
}

// A name that means one place when it is looked at first, and another within a private
// network a moment later, is not gone to: it is judged where the connection goes.
func TestANameThatIsBoundAnewIsNotGoneTo(t *testing.T) {
	t.Parallel()
	asked := atomic.Int64{}
	c, server := near(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusMethodNotAllowed) // so that it is asked once more
	})
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	looked := atomic.Int64{}
	c.client = c.over(rebinding(t, func() [4]byte {
		if looked.Add(1) == 1 {
			return [4]byte{127, 0, 0, 1} // which this test allows
		}
		return [4]byte{127, 0, 0, 2}
	}))
	if got := c.Check(t.Context(), "http://rebound.example:"+port+"/"); got != Private || asked.Load() != 1 {
		t.Errorf("got %s, and the server was met %d times", got, asked.Load())
	}
}

// rebinding is a resolver whose names mean what the test says, each time anew.
func rebinding(t *testing.T, means func() [4]byte) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		defer func() { _ = recover() }()
		packet := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(packet[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			m.Response, m.Additionals = true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: means()}}}
			}
			if answer, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}
