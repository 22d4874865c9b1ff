package forum

import (
	"strings"
	"testing"
	"time"
)

// A cursor reads back what it was made of, and nothing else reads as one.
func FuzzCursor(f *testing.F) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 123456000, time.UTC)
	f.Add(cursor(at, 7))
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("%00")
	f.Fuzz(func(t *testing.T, s string) {
		at, id, ok := readCursor(s)
		if !ok || s == "" {
			return
		}
		if id <= 0 || at.Year() < 1970 || at.Year() > 9999 {
			t.Errorf("%q reads as %v, %d", s, at, id)
		}
		if got := cursor(at, id); got != s {
			t.Errorf("%q was read, and is written %q", s, got)
		}
	})
}

// A slug is lower-case letters and digits with single hyphens, cut at a word.
func TestSlug(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Who has moved planning notices online?": "who-has-moved-planning-notices-online",
		"  Tŷ  a Ŵyr – ffurflenni ":              "ty-a-wyr-ffurflenni",
		"Residents’ photos":                      "residents-photos",
		"???":                                    "",
		"../../etc":                              "etc",
		strings.Repeat("word ", 20):              "word-word-word-word-word-word-word-word-word-word-word-word",
		strings.Repeat("x", 99):                  strings.Repeat("x", 60),
	} {
		if got := Slug(title); got != want {
			t.Errorf("%q: got %q, want %q", title, got, want)
		}
	}
}
