package markup

import (
	"os"
	"strings"
	"testing"
)

// ordinary is an ordinary post of about so many bytes.
func ordinary(b *testing.B, size int) string {
	b.Helper()
	source, err := os.ReadFile("testdata/post.md")
	if err != nil {
		b.Fatal(err)
	}
	paragraph := "[Here](/threads/3) it is. " + strings.Repeat("We moved **planning notices** online, and *nobody* rang, they say; see `a_b`. ", 9)
	s := string(source)
	for len(s) < size {
		s += "\n\n" + paragraph
	}
	return strings.ToValidUTF8(s[:size], "")
}

func benchmark(b *testing.B, size int) {
	source := ordinary(b, size)
	b.SetBytes(int64(len(source)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Post(source, cast); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPost1KB(b *testing.B)  { benchmark(b, 1<<10) }
func BenchmarkPost10KB(b *testing.B) { benchmark(b, 10<<10) }

func BenchmarkMentions10KB(b *testing.B) {
	source := ordinary(b, 10<<10)
	for b.Loop() {
		Mentions(source)
	}
}

func BenchmarkExcerpt10KB(b *testing.B) {
	source := ordinary(b, 10<<10)
	for b.Loop() {
		Excerpt(source, 220)
	}
}
