package words

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed en/*.toml cy/*.toml
var files embed.FS

// mustLoad reads both catalogues. They are part of the program, so a fault in
// one is a fault of the build and stops it at once.
func mustLoad() (en, cy *catalogue) {
	en, err := load("en", language.BritishEnglish)
	if err != nil {
		panic(err)
	}
	if cy, err = load("cy", language.MustParse("cy")); err != nil {
		panic(err)
	}
	cy.fill(en)
	return en, cy
}

// fill takes from another language what is missing in this one. No sentence
// is missing in Welsh; should one be, a page still says it.
func (c *catalogue) fill(from *catalogue) {
	for key, s := range from.sentences {
		if _, ok := c.sentences[key]; !ok {
			c.sentences[key] = s
		}
	}
}

func load(lang string, tag language.Tag) (*catalogue, error) {
	c := &catalogue{lang: lang, tag: tag, sentences: map[string]sentence{}}
	names, err := fs.Glob(files, lang+"/*.toml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := c.read(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return c, nil
}

// read adds one file. Its name becomes frame.en.toml, the way go-i18n learns
// of the language.
func (c *catalogue) read(name string) error {
	text, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	return c.add(text, strings.TrimSuffix(path.Base(name), ".toml")+"."+c.lang+".toml")
}

func (c *catalogue) add(text []byte, name string) error {
	file, err := i18n.ParseMessageFileBytes(text, name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return err
	}
	for _, m := range file.Messages {
		if _, twice := c.sentences[m.ID]; twice {
			return fmt.Errorf("%s stands in another file too", m.ID)
		}
		if c.sentences[m.ID], err = c.sentence(m); err != nil {
			return fmt.Errorf("%s: %w", m.ID, err)
		}
	}
	return nil
}

func (c *catalogue) sentence(m *i18n.Message) (s sentence, err error) {
	s.lang = c.tag
	if s.other, err = cut(m.Other); err != nil {
		return s, err
	}
	for form, text := range map[plural.Form]string{
		plural.Zero: m.Zero, plural.One: m.One, plural.Two: m.Two, plural.Few: m.Few, plural.Many: m.Many,
	} {
		if text == "" {
			continue
		}
		if s.forms == nil {
			s.forms = map[plural.Form]phrase{}
		}
		if s.forms[form], err = cut(text); err != nil {
			return s, err
		}
	}
	return s, nil
}

// cut divides a sentence at its places. A place is {{.Name}} and nothing
// cleverer: what a sentence says is decided by the page, not by the catalogue.
func cut(text string) (phrase, error) {
	if text == "" {
		return nil, fmt.Errorf("has no words")
	}
	var p phrase
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{{")
		if before != "" {
			p = append(p, part{text: before})
		}
		if !found {
			break
		}
		inner, tail, closed := strings.Cut(after, "}}")
		name, dotted := strings.CutPrefix(strings.TrimSpace(inner), ".")
		if !closed || !dotted || name == "" {
			return nil, fmt.Errorf("has a place that is not {{.Name}}: %q", text)
		}
		p = append(p, part{place: name})
		rest = tail
	}
	return p, nil
}
