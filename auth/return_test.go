package auth

import (
	"bufio"
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"
)

// Every line of the corpus: what is plainly ours is kept, the rest leads home.
func TestReturnToStaysWithUs(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/redirects.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	n := 0
	for lines.Scan() {
		var c struct {
			ID, Value, Why string
			Accept         bool
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		n++
		want := "/"
		if c.Accept {
			want = c.Value
		}
		if got := ReturnTo(c.Value); got != want {
			t.Errorf("%s: ReturnTo(%.80q) is %.80q, want %.80q (%s)", c.ID, c.Value, got, want, c.Why)
		}
	}
	if err := lines.Err(); err != nil || n < 180 {
		t.Errorf("%d lines (%v), want the whole corpus", n, err)
	}
}

func TestReturnToMore(t *testing.T) {
	t.Parallel()
	for value, keep := range map[string]bool{
		"/threads/12-t%C5%B7?page=2#post-25": true,
		"/search?q=a+b&council=x;y":          true,
		"/signing":                           true,
		"/authors":                           true,
		"/sign-in":                           false,
		"/sign-in?return=/":                  false,
		"/SIGN-OUT":                          false,
		"/%61uth/dev":                        false,
		"/auth":                              false,
		"/dev/oidc/authorize":                false,
		"/threads/../auth/dev":               false,
		"/threads/%2e%2e/x":                  false,
		"/threads/tŷ":                        false,
		"/threads/%ff":                       false,
		"/threads?q=%zz":                     false,
		"/threads#%zz":                       false,
		"/threads/1\\2":                      false,
		"/threads/1\u2028":                   false,
		"/" + strings.Repeat("a", 1999):      true,
		"/" + strings.Repeat("a", 2000):      false,
	} {
		want := "/"
		if keep {
			want = value
		}
		if got := ReturnTo(value); got != want {
			t.Errorf("ReturnTo(%.60q) is %.60q, want %.60q", value, got, want)
		}
	}
}

func FuzzReturnTo(f *testing.F) {
	for _, s := range []string{"/", "/threads/1?page=2#post-3", "//e.test", "/\\e.test", "/%2fe.test"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://forum.test/sign-in")
	f.Fuzz(func(t *testing.T, s string) {
		got := ReturnTo(s)
		to, err := base.Parse(got)
		if err != nil || to.Host != "forum.test" || to.Scheme != "https" || ReturnTo(got) != got {
			t.Errorf("ReturnTo(%q) is %q, which leads to %v (%v)", s, got, to, err)
		}
	})
}

func TestDevice(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36":                  "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0":    "Edge on Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0":                                                           "Firefox on Linux",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15":            "Safari on Mac",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36":                  "Chrome on Android",
		"curl/8.14.1":               "curl",
		"":                          "",
		"<script>alert(1)</script>": "",
	} {
		if got := Device(agent); got != want {
			t.Errorf("Device(%q) is %q, want %q", agent, got, want)
		}
	}
}
