package app_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

// The map is 361 links with names, and less than 40 KB on its way.
func TestTheMapIsLinksAndLight(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	for _, path := range []string{"/councils/map", "/councils/map?topic=waste-management&sort=name", "/councils/map?topic=waste-management&phase=beta"} {
		got := h.guest().get(path)
		got.wantStatus(t, 200)
		var small bytes.Buffer
		z := gzip.NewWriter(&small)
		_, _ = z.Write([]byte(got.text))
		_ = z.Close()
		if small.Len() > 40<<10 {
			t.Errorf("%s: %d bytes compressed", path, small.Len())
		}
		t.Logf("%s: %d bytes, %d compressed", path, len(got.text), small.Len())
		if n := strings.Count(got.text, "<title>") - 1; n != 361 {
			t.Errorf("%s: %d hexagons with a name", path, n)
		}
		if strings.Contains(got.text, "style=") {
			t.Errorf("%s: a style stands in the page", path)
		}
	}
}
