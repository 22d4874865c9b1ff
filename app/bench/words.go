package main

import (
	"fmt"
	"html"
	"math"
	"math/rand/v2"
	"sort"
	"strings"
)

// writer writes texts of words that are as common and as rare as those of a language
// (by Zipf's law), the commonest of them real English, so that Postgres's search has
// stop words, common words and rare ones.
type writer struct {
	*rand.Rand
	known []string
	reach []float64 // how likely a word is, added up
}

var heads = strings.Fields(`the of and to a in is that for it on with as was be at by this are not
from or have an they which you we were their has would been will there more if can all about when
council street bin library park road bus cycle school planning flood housing market tree light
consultation budget parking crossing pavement recycling playground allotment station bridge river
meeting report notice permit survey drain hedge footpath signal roundabout estate ward clerk mayor`)

// What made-up words are put together from.
var (
	onsets = strings.Fields("b br c ch cl d dr f fl g gr h k l m n p pl pr r s sh st t th tr v w")
	vowels = strings.Fields("a e i o u ai ea ee oo ou")
	codas  = append([]string{""}, strings.Fields("n r l t s m ck nd st rn ll")...)
)

const vocabulary = 12000

func newWriter(seed uint64) *writer {
	w := &writer{Rand: rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15))}
	seen := map[string]bool{}
	add := func(word string) {
		if !seen[word] {
			seen[word] = true
			w.known = append(w.known, word)
		}
	}
	for _, word := range heads {
		add(word)
	}
	for len(w.known) < vocabulary {
		word := ""
		for range 1 + w.IntN(3) {
			word += onsets[w.IntN(len(onsets))] + vowels[w.IntN(len(vowels))] + codas[w.IntN(len(codas))]
		}
		if len(word) > 2 {
			add(word)
		}
	}
	sum := 0.0
	for i := range w.known {
		sum += 1 / math.Pow(float64(i)+2.7, 1.05)
		w.reach = append(w.reach, sum)
	}
	return w
}

func (w *writer) word() string {
	return w.known[sort.SearchFloat64s(w.reach, w.Float64()*w.reach[len(w.reach)-1])]
}

// rareWord is one that is no English word, for names.
func (w *writer) rareWord() string { return w.known[200+w.IntN(4000)] }

func (w *writer) words(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = w.word()
	}
	return strings.Join(all, " ")
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// text is a post of about so many bytes, as Markdown and as HTML.
func (w *writer) text(mean int) (markdown, out string) {
	target := int(float64(mean) * 0.69 * math.Exp(w.NormFloat64()*0.55))
	target = min(max(target, 60), 8*mean)
	var m, h strings.Builder
	for m.Len() < target {
		begun := m.Len() > 0
		if begun {
			m.WriteString("\n\n")
			h.WriteString("\n")
		}
		switch kind := w.IntN(20); {
		case kind == 0 && begun:
			w.list(&m, &h)
		case kind == 1 && begun:
			t := w.words(8 + w.IntN(10))
			m.WriteString("> " + t)
			h.WriteString("<blockquote>\n<p>" + t + "</p>\n</blockquote>")
		default:
			w.paragraph(&m, &h)
		}
	}
	return m.String(), h.String()
}

func (w *writer) list(m, h *strings.Builder) {
	h.WriteString("<ul>\n")
	for i := range 2 + w.IntN(3) {
		t := w.words(4 + w.IntN(6))
		if i > 0 {
			m.WriteString("\n")
		}
		m.WriteString("- " + t)
		h.WriteString("<li>" + t + "</li>\n")
	}
	h.WriteString("</ul>")
}

func (w *writer) paragraph(m, h *strings.Builder) {
	h.WriteString("<p>")
	for i := range 1 + w.IntN(4) {
		if i > 0 {
			m.WriteString(" ")
			h.WriteString(" ")
		}
		t := capital(w.words(7 + w.IntN(12)))
		m.WriteString(t)
		h.WriteString(html.EscapeString(t))
		switch w.IntN(14) {
		case 0:
			t := w.words(2)
			m.WriteString(" **" + t + "**")
			h.WriteString(" <strong>" + t + "</strong>")
		case 1:
			t := w.words(2)
			link := fmt.Sprintf("https://council.example/%s/%d", w.word(), w.IntN(9999))
			m.WriteString(" [" + t + "](" + link + ")")
			h.WriteString(` <a href="` + link + `" rel="nofollow ugc">` + t + `</a>`)
		}
		m.WriteString(".")
		h.WriteString(".")
	}
	h.WriteString("</p>")
}
