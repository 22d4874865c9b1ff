// Package assets holds the stylesheet, the script and the pictures of the
// site, built by npm run assets and carried in the program, each under an
// address that changes with its content, so that browsers may keep it for ever.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// Prefix begins the address of every asset.
const Prefix = "/assets/"

//go:embed built
var built embed.FS

// asset is one file in the forms that browsers can take it in.
type asset struct {
	contentType        string
	plain, br, gzipped []byte
}

var paths, byPath = mustRead()

// types are the kinds of file that a page may ask for.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
}

// Path returns the address of a file by its plain name: moothall.css is at
// /assets/moothall.0123456789.css. It panics on a name that was never built.
func Path(name string) string {
	p, ok := paths[name]
	if !ok {
		panic(fmt.Sprintf("assets: %s was not built", name))
	}
	return p
}

// Open returns the file at an address in the smallest form that acceptEncoding
// (RFC 9110 §12.5.3) allows; encoding is empty where it is plain. ok is false
// where there is no such file. The body is shared: do not change it.
func Open(path, acceptEncoding string) (body []byte, contentType, encoding string, ok bool) {
	a, ok := byPath[path]
	if !ok {
		return nil, "", "", false
	}
	switch {
	case a.br != nil && accepts(acceptEncoding, "br"):
		return a.br, a.contentType, "br", true
	case a.gzipped != nil && accepts(acceptEncoding, "gzip"):
		return a.gzipped, a.contentType, "gzip", true
	}
	return a.plain, a.contentType, "", true
}

// accepts reports whether a coding is named and not ruled out by q=0. The
// star is not taken as leave: plain is always right.
func accepts(header, coding string) bool {
	for offer := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(offer, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, given := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q=")
		weight, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return !given || err == nil && weight > 0
	}
	return false
}

func mustRead() (map[string]string, map[string]asset) {
	paths, byPath := map[string]string{}, map[string]asset{}
	entries, err := built.ReadDir("built")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		name := e.Name()
		kind, served := types[path.Ext(name)]
		if !served {
			continue // a .br or .gz, which goes with its plain file
		}
		a := asset{contentType: kind, plain: file(name), br: file(name + ".br"), gzipped: file(name + ".gz")}
		sum := sha256.Sum256(a.plain)
		stem := strings.TrimSuffix(name, path.Ext(name))
		paths[name] = Prefix + stem + "." + hex.EncodeToString(sum[:5]) + path.Ext(name)
		byPath[paths[name]] = a
	}
	return paths, byPath
}

// file returns a built file, or nil where it was not built.
func file(name string) []byte {
	body, err := built.ReadFile("built/" + name)
	if err != nil {
		return nil
	}
	return body
}
