package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// Every page's first visit stays small: limits of the design, in bytes after brotli.
func TestAssetsAreSmall(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]int{"moothall.css": 20_000, "moothall.js": 15_000} {
		body, _, encoding, ok := Open(Path(name), "br")
		if got := len(body); !ok || encoding != "br" || got > limit || got == 0 {
			t.Errorf("%s: got %d bytes in %q, want at most %d in br", name, got, encoding, limit)
		}
	}
}

// An asset asks nobody else for anything: no font, no other site, no picture but
// those of the icons and the logo, which have their addresses of this build. The
// script asks us alone (connect-src 'self'), at addresses that the page gives it.
func TestAssetsAskForNothingElse(t *testing.T) {
	t.Parallel()
	css, _, _, _ := Open(Path("moothall.css"), "")
	own := string(css)
	for _, picture := range []string{"icons.svg", "logo.svg"} {
		without := strings.ReplaceAll(own, "url("+Path(picture)+")", "")
		if without == own {
			t.Errorf("the stylesheet does not find %s", picture)
		}
		own = without
	}
	if found := regexp.MustCompile(`url\(|@import|@font-face|GDS Transport`).FindString(own); found != "" {
		t.Errorf("the stylesheet holds %q", found)
	}
	js, _, _, _ := Open(Path("moothall.js"), "")
	// https? as a pattern is how the toolbar knows a pasted address; what is fetched is ours.
	if found := regexp.MustCompile(`\bimport\b|fetch\(["'](?:[^/]|//)|XMLHttpRequest|eval\(|Function\(|https?://`).Find(js); found != nil {
		t.Errorf("the script holds %q", found)
	}
}

// An address holds ten digits of its content's hash, so that it may be kept for ever.
func TestAddressesChangeWithTheContent(t *testing.T) {
	t.Parallel()
	for name, shape := range map[string]string{
		"moothall.css":  `^/assets/moothall\.[0-9a-f]{10}\.css$`,
		"moothall.js":   `^/assets/moothall\.[0-9a-f]{10}\.js$`,
		"favicon.svg":   `^/assets/favicon\.[0-9a-f]{10}\.svg$`,
		"opengraph.png": `^/assets/opengraph\.[0-9a-f]{10}\.png$`,
	} {
		if got := Path(name); !regexp.MustCompile(shape).MatchString(got) {
			t.Errorf("got %s, want %s", got, shape)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a name that was never built: no panic")
		}
	}()
	Path("nothing.css")
}

// Each form of a file unpacks to the same bytes.
func TestPressedFormsHoldTheSame(t *testing.T) {
	t.Parallel()
	for name, a := range byPath {
		if a.br == nil && a.gzipped == nil {
			continue
		}
		br, err := io.ReadAll(brotli.NewReader(bytes.NewReader(a.br)))
		if err != nil || !bytes.Equal(br, a.plain) {
			t.Errorf("%s.br: %v, or other bytes", name, err)
		}
		unpack, err := gzip.NewReader(bytes.NewReader(a.gzipped))
		if err != nil {
			t.Fatal(err)
		}
		if gz, err := io.ReadAll(unpack); err != nil || !bytes.Equal(gz, a.plain) {
			t.Errorf("%s.gz: %v, or other bytes", name, err)
		}
	}
}

// The browser gets the smallest form that it says it takes (RFC 9110 §12.5.3).
func TestTheFormFollowsAcceptEncoding(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"":                                "",
		"gzip, deflate, br, zstd":         "br",
		"gzip":                            "gzip",
		"GZIP;q=0.5":                      "gzip",
		"br;q=0, gzip":                    "gzip",
		"br; q=0.000 , gzip ; q=0":        "",
		"br;q=1.0":                        "br",
		"br;q=often, gzip":                "gzip",
		"brotli":                          "",
		"*":                               "",
		"identity":                        "",
		strings.Repeat("x,", 1000) + "br": "br",
	} {
		_, kind, got, ok := Open(Path("moothall.css"), header)
		if !ok || got != want || kind != "text/css; charset=utf-8" {
			t.Errorf("%.40q: got %q (%s, %v), want %q", header, got, kind, ok, want)
		}
	}
}

// Only the exact address answers; a picture is not pressed again.
func TestOnlyTheExactAddressAnswers(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/", "/assets/", "/assets/moothall.css", "/assets/moothall.0000000000.css", Path("moothall.css") + ".br", "built/moothall.css", "/assets/../built/moothall.css"} {
		if _, _, _, ok := Open(path, "br"); ok {
			t.Errorf("%s answers", path)
		}
	}
	if _, kind, encoding, ok := Open(Path("opengraph.png"), "br, gzip"); !ok || encoding != "" || kind != "image/png" {
		t.Errorf("the picture: got %q in %q, %v", kind, encoding, ok)
	}
}
