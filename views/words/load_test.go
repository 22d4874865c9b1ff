package words

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
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

// What one language lacks is said in another, by that one's rules for plurals.
func TestWhatIsMissingIsSaidInEnglish(t *testing.T) {
	t.Parallel()
	en := &catalogue{lang: "en", tag: language.BritishEnglish, sentences: map[string]sentence{}}
	cy := &catalogue{lang: "cy", tag: language.MustParse("cy"), sentences: map[string]sentence{}}
	if err := en.add([]byte("bin = 'bin'\nday = 'day'\n[cats]\none='{{.Count}} cat'\nother='{{.Count}} cats'\n"), "x.en.toml"); err != nil {
		t.Fatal(err)
	}
	if err := cy.add([]byte("bin = 'bin sbwriel'\n"), "x.cy.toml"); err != nil {
		t.Fatal(err)
	}
	cy.fill(en)
	w := Words{cy}
	for _, c := range []struct{ got, want string }{
		{w.T("bin"), "bin sbwriel"}, {w.T("day"), "day"}, {w.N("cats", 1), "1 cat"}, {w.N("cats", 2), "2 cats"}, {w.Lang(), "cy"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Each English file has a Welsh one of its name with the same keys, so that the
// two are read and changed side by side, and nothing on a Welsh page is English.
func TestEverySentenceIsInWelsh(t *testing.T) {
	t.Parallel()
	byFile := func(lang string) map[string][]string {
		names, err := fs.Glob(files, lang+"/*.toml")
		if err != nil {
			t.Fatal(err)
		}
		keys := map[string][]string{}
		for _, name := range names {
			c := &catalogue{lang: lang, tag: language.MustParse(lang), sentences: map[string]sentence{}}
			if err := c.read(name); err != nil {
				t.Fatalf("%s: %s", name, err)
			}
			keys[path.Base(name)] = slices.Sorted(maps.Keys(c.sentences))
		}
		return keys
	}
	en, cy := byFile("en"), byFile("cy")
	if len(en) < 20 {
		t.Fatalf("found only %d English files: the search is broken", len(en))
	}
	for name, keys := range en {
		for _, key := range keys {
			if !slices.Contains(cy[name], key) {
				t.Errorf("cy/%s: %s is missing", name, key)
			}
		}
	}
	for name, keys := range cy {
		for _, key := range keys {
			if !slices.Contains(en[name], key) {
				t.Errorf("cy/%s: %s is not in en/%s", name, key, name)
			}
		}
	}
}

// A Welsh sentence can be said wherever its English one is: each of its plural
// forms has the same places and as many links.
func TestWelshFitsTheEnglish(t *testing.T) {
	t.Parallel()
	for key, s := range welshAlone(t).sentences {
		en := english.sentences[key]
		links := linkMarks(en.other.text())
		for _, p := range s.phrases() {
			if got, want := p.places(), en.places(); !slices.Equal(got, want) {
				t.Errorf("%s: the places are %v, in English %v: %s", key, got, want, p.text())
			}
			if got := linkMarks(p.text()); got != links {
				t.Errorf("%s: the marks of links are %q, in English %q: %s", key, got, links, p.text())
			}
		}
	}
}

// Where English counts, Welsh writes out all six forms: after a figure the noun
// stays singular and mutates, and a form left out would be a mutation forgotten.
func TestWelshCountsInSixForms(t *testing.T) {
	t.Parallel()
	own := welshAlone(t)
	counted := 0
	for key, en := range english.sentences {
		s := own.sentences[key]
		if en.forms == nil {
			if s.forms != nil {
				t.Errorf("%s: Welsh has plural forms, English has none", key)
			}
			continue
		}
		counted++
		for _, form := range []plural.Form{plural.Zero, plural.One, plural.Two, plural.Few, plural.Many} {
			if s.forms[form] == nil {
				t.Errorf("%s: the forms are zero, one, two, few, many and other; one is missing", key)
				break
			}
		}
	}
	if counted < 5 {
		t.Errorf("found only %d sentences with a plural: the search is broken", counted)
	}
	for _, c := range []struct {
		key  string
		n    int
		want string
	}{
		{"threads.replies", 0, "0 ateb"}, {"threads.replies", 1, "1 ateb"}, {"threads.replies", 3, "3 ateb"}, {"threads.replies", 1204, "1,204 ateb"},
		{"time.minutes_ago", 1, "1 munud yn ôl"}, {"time.minutes_ago", 2, "2 funud yn ôl"}, {"time.minutes_ago", 3, "3 munud yn ôl"},
		{"councils.count", 2, "2 gyngor neu gorff cyhoeddus"}, {"councils.count", 3, "3 chyngor neu gorff cyhoeddus"},
		{"councils.count", 6, "6 chyngor neu gorff cyhoeddus"}, {"councils.count", 420, "420 o gynghorau a chyrff cyhoeddus"},
		{"council.people_here", 1, "1 person yma"}, {"council.people_here", 2, "2 berson yma"}, {"council.people_here", 5, "5 o bobl yma"},
	} {
		if got := (Words{own}).N(c.key, c.n); got != c.want {
			t.Errorf("%s of %d: got %q, want %q", c.key, c.n, got, c.want)
		}
	}
}

// Welsh keeps the house style: nothing shouted, begged or blamed, the apostrophe
// that bends, and never aelod, which is an elected councillor.
func TestWelshIsInHouseStyle(t *testing.T) {
	t.Parallel()
	never := regexp.MustCompile(`(?i)os gwelwch|ddrwg gen|\b(h?aelod|dd?efnydd(iwr|wyr)|gwall|wall|annilys)|!|\.\.\.`)
	for key, s := range welshAlone(t).sentences {
		for _, text := range s.texts() {
			if found := never.FindString(text); found != "" {
				t.Errorf("%s says %q: %s", key, found, text)
			}
			if text != strings.TrimSpace(text) || strings.Contains(text, "  ") || strings.ContainsAny(text, "\"'`‘") {
				t.Errorf("%s: spaces at an end, double spaces or straight quotes: %q", key, text)
			}
		}
	}
}

// welshAlone is the Welsh catalogue as its files have it, with nothing from the English.
func welshAlone(t *testing.T) *catalogue {
	t.Helper()
	own, err := load("cy", language.MustParse("cy"))
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// linkMarks leaves of a sentence only the brackets around the words of its links.
func linkMarks(text string) string { return regexp.MustCompile(`[^][]`).ReplaceAllString(text, "") }
