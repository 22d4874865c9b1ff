// Package words holds every sentence that pages, messages and mails say, in
// English and Welsh, and finds them by key.
//
// The sentences stand in en/*.toml and cy/*.toml, in the message format of
// go-i18n, so that translators can use its tools. They are cut up once at
// start: saying one is a map look-up and a joining of strings, because a
// thread page says some hundreds.
package words

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Words is the sentences in one language. The zero Words are English.
type Words struct{ in *catalogue }

// catalogue is one language's sentences, with English where it has none.
type catalogue struct {
	lang      string
	tag       language.Tag
	sentences map[string]sentence
}

// sentence is what stands under one key: one form, or one for each plural
// form that the language has (Welsh has six).
type sentence struct {
	lang  language.Tag // whose plural rules hold: English where Welsh is missing
	other phrase
	forms map[plural.Form]phrase
}

var english, welsh = mustLoad()

// In returns the sentences in a language, "en" or "cy"; anything else is English.
func In(lang string) Words {
	if lang == welsh.lang {
		return Words{welsh}
	}
	return Words{english}
}

// Lang returns the language for a page's lang attribute.
func (w Words) Lang() string { return w.catalogue().lang }

// T says the sentence of a key. The args are pairs of a name and a value, for
// the places in it: w.T("thread.asked_by", "Name", name). A key that is not
// there comes back in brackets, «thread.askd_by», so that it is seen. A value is
// a string, an int, which is a count and gets its commas, or an int64, which is
// somebody's number and gets none.
func (w Words) T(key string, args ...any) string {
	s, ok := w.catalogue().sentences[key]
	if !ok {
		return "«" + key + "»"
	}
	return s.other.say("", args)
}

// N says the sentence of a key in the plural form that n asks for. {{.Count}}
// in it is n, with commas at the thousands.
func (w Words) N(key string, n int, args ...any) string {
	s, ok := w.catalogue().sentences[key]
	if !ok {
		return "«" + key + "»"
	}
	return s.form(n).say(Number(n), args)
}

// Number writes a number as people read it, with commas at the thousands.
func Number(n int) string {
	digits, sign := strconv.Itoa(n), ""
	if n < 0 {
		digits, sign = digits[1:], "−"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Keys returns every key of the English catalogue, sorted.
func Keys() []string { return slices.Sorted(maps.Keys(english.sentences)) }

// Places returns the names of the places in a key's sentence, sorted; Count is
// among them where the sentence says a number.
func Places(key string) []string { return english.sentences[key].places() }

// Texts returns a key's English sentence in each of its plural forms, with its
// places as they stand in the file, for those who look the wording over.
func Texts(key string) []string { return english.sentences[key].texts() }

func (w Words) catalogue() *catalogue {
	if w.in == nil {
		return english
	}
	return w.in
}

// form returns the plural form for n, by the rules of the Unicode CLDR.
func (s sentence) form(n int) phrase {
	if p, ok := s.forms[plural.Cardinal.MatchPlural(s.lang, max(n, -n), 0, 0, 0, 0)]; ok {
		return p
	}
	return s.other
}

// phrases are the sentence in each of its plural forms.
func (s sentence) phrases() []phrase { return append(slices.Collect(maps.Values(s.forms)), s.other) }

func (s sentence) places() []string {
	var names []string
	for _, p := range s.phrases() {
		names = append(names, p.places()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s sentence) texts() []string {
	var texts []string
	for _, p := range s.phrases() {
		texts = append(texts, p.text())
	}
	return texts
}

// phrase is a sentence cut up at its places.
type phrase []part

// places are the names of the places, sorted, each once.
func (p phrase) places() []string {
	var names []string
	for _, part := range p {
		if part.place != "" {
			names = append(names, part.place)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// text is the phrase as it stands in the file.
func (p phrase) text() string {
	var b strings.Builder
	for _, part := range p {
		b.WriteString(part.text)
		if part.place != "" {
			b.WriteString("{{." + part.place + "}}")
		}
	}
	return b.String()
}

// part is words as they stand, or the name of a place.
type part struct{ text, place string }

func (p phrase) say(count string, args []any) string {
	if len(p) == 1 && p[0].place == "" {
		return p[0].text
	}
	var b strings.Builder
	for _, part := range p {
		switch {
		case part.place == "":
			b.WriteString(part.text)
		case part.place == "Count" && count != "":
			b.WriteString(count)
		default:
			b.WriteString(value(part.place, args))
		}
	}
	return b.String()
}

// value finds what belongs in a place; a forgotten one is shown by name.
func value(place string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != any(place) {
			continue
		}
		switch v := args[i+1].(type) {
		case string:
			return v
		case int:
			return Number(v)
		case int64:
			return strconv.FormatInt(v, 10)
		}
	}
	return "«" + place + "»"
}
