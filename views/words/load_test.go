package words

import (
	"slices"
	"testing"

	"golang.org/x/text/language"
)

// Welsh has six plural forms (CLDR); each number takes its own, and other serves for the rest.
func TestWelshHasSixPluralForms(t *testing.T) {
	t.Parallel()
	c := &catalogue{lang: "cy", tag: language.MustParse("cy"), sentences: map[string]sentence{}}
	err := c.add([]byte("[cats]\nzero='0 z'\none='1 o'\ntwo='2 t'\nfew='3 f'\nmany='6 m'\nother='{{.Count}} x'\n"), "cats.cy.toml")
	if err != nil {
		t.Fatal(err)
	}
	w := Words{c}
	for n, want := range map[int]string{0: "0 z", 1: "1 o", 2: "2 t", 3: "3 f", 4: "4 x", 5: "5 x", 6: "6 m", 7: "7 x", 1000: "1,000 x"} {
		if got := w.N("cats", n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

// A catalogue that cannot be right stops the program, and says where.
func TestFaultyCataloguesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"a = '{{.Name'",
		"a = '{{Name}}'",
		"a = '{{.}}'",
		"a = '{{if .Name}}x{{end}}'",
		"[a]\none = 'x'",
		"known = 'twice'",
		"a = [1]",
	} {
		c := &catalogue{lang: "en", tag: language.BritishEnglish, sentences: map[string]sentence{"known": {}}}
		if err := c.add([]byte(text), "x.en.toml"); err == nil {
			t.Errorf("%s: accepted", text)
		}
	}
}

// The places of a sentence are known, so that a test can compare them with what a page gives.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for key, want := range map[string][]string{
		"time.at":          {"Date", "Time"},
		"time.minutes_ago": {"Count"},
		"frame.sign_in":    nil,
	} {
		if got := Places(key); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
}

// A Welsh sentence stands for an English one and has no place that the English one lacks.
func TestWelshFitsTheEnglish(t *testing.T) {
	t.Parallel()
	own, err := load("cy", language.MustParse("cy"))
	if err != nil {
		t.Fatal(err)
	}
	for key, s := range own.sentences {
		if _, ok := english.sentences[key]; !ok {
			t.Errorf("%s is not in the English catalogue", key)
		}
		for _, place := range s.places() {
			if !slices.Contains(Places(key), place) {
				t.Errorf("%s: {{.%s}} is not in the English sentence", key, place)
			}
		}
	}
}
