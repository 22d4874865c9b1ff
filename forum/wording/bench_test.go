package wording

import (
	"strings"
	"testing"
)

// What it takes to look through a long text.
func BenchmarkOut56KB(b *testing.B) {
	for name, line := range map[string]string{
		"plain":       "Nobody rang about this, and nobody wrote, they say. ",
		"links":       "Nobody rang about [this](/threads/1), and *nobody* wrote, they say. ",
		"every word":  "mrs *canary* rang, [mrs](https://x.example/1) canary wrote. ",
		"no capitals": "Тут никто не звонил о том, и никто не писал, говорят они. ",
		"dear":        "[a](b://c",
	} {
		s := strings.Repeat(line, 56<<10/len(line))
		b.Run(name, func(b *testing.B) {
			p := PassageOf("Mrs Canary")
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				p.OutOfMarkdown(s, "[removed]")
			}
		})
		b.Run(name+", found", func(b *testing.B) {
			p := PassageOf("Mrs Canary")
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				p.OutOfMarkdown(s+" Mrs&nbsp;Canary", "[removed]")
			}
		})
	}
}
