package words_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"moothall/views/words"
)

// said is one place in the program that says a sentence by a key written out.
type said struct {
	key    string
	places []string // named with it; nil where they cannot be told from the source
	at     token.Position
}

// source is what the program says, gathered from its Go and from the Go made of its templates.
type source struct {
	said     []said
	literals map[string]bool
	prefixes []string // "kind." where a key is joined from that and something else
}

// byNumber are keys whose last part is only known when the page is made.
var byNumber = []string{"errors."}

var (
	aKey    = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)
	aPrefix = regexp.MustCompile(`^[a-z][a-z0-9_.]*[._]$`)
)

// Every sentence that the program says is in the catalogue, and is given what its places need.
func TestEverySentenceSaidIsThere(t *testing.T) {
	t.Parallel()
	keys := words.Keys()
	src := read(t)
	if len(src.said) < 20 {
		t.Fatalf("found only %d sentences said: the search is broken", len(src.said))
	}
	for _, s := range src.said {
		if !slices.Contains(keys, s.key) {
			t.Errorf("%s: %s is not in the catalogue", s.at, s.key)
			continue
		}
		if want := words.Places(s.key); s.places != nil && !slices.Equal(s.places, want) {
			t.Errorf("%s: %s is given %v, its places are %v", s.at, s.key, s.places, want)
		}
	}
	for _, p := range src.prefixes {
		if !slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("keys are joined from %q, and none begins so", p)
		}
	}
}

// Nothing stands in the catalogue that nobody says.
func TestEverySentenceThereIsSaid(t *testing.T) {
	t.Parallel()
	src := read(t)
	for _, key := range words.Keys() {
		begins := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
		if !src.literals[key] && !src.stem(key) && !slices.ContainsFunc(append(src.prefixes, byNumber...), begins) {
			t.Errorf("%s is said nowhere", key)
		}
	}
}

// The site speaks plainly: what to do, without begging and without the words
// that mean something else in a council or nothing to a reader.
func TestSentencesAreInHouseStyle(t *testing.T) {
	t.Parallel()
	never := regexp.MustCompile(`(?i)\b(please|sorry|users?|members?|invalid|errors?|submit|failed|oops)\b|!|\.\.\.`)
	for _, key := range words.Keys() {
		for _, text := range words.Texts(key) {
			if found := never.FindString(text); found != "" {
				t.Errorf("%s says %q: %s", key, found, text)
			}
			if text != strings.TrimSpace(text) || strings.Contains(text, "  ") || strings.ContainsAny(text, "\"'") {
				t.Errorf("%s: spaces at an end, double spaces or straight quotes: %q", key, text)
			}
		}
	}
}

// stem reports whether the program holds the beginning of a key up to one of
// its underscores: the key is joined from that and an ending, join.name and _long.
func (src source) stem(key string) bool {
	for i, r := range key {
		if r == '_' && strings.Contains(key[:i], ".") && src.literals[key[:i]] {
			return true
		}
	}
	return false
}

func read(t *testing.T) source {
	t.Helper()
	src := source{literals: map[string]bool{}}
	for _, folder := range []string{"views", "forum", "app"} {
		err := filepath.WalkDir(filepath.Join("..", "..", folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return nil // a folder that is not there yet has nothing to say
			}
			return src.file(path)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return src
}

func (src *source) file(path string) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, ok := literal(n); ok {
				src.literals[text] = true
			}
		case *ast.BinaryExpr:
			if text, ok := literal(n.X); ok && n.Op == token.ADD && aPrefix.MatchString(text) && strings.Contains(text, ".") {
				src.prefixes = append(src.prefixes, text)
			}
		case *ast.CallExpr:
			src.call(n, set.Position(n.Pos()))
		}
		return true
	})
	return nil
}

// call notes what w.T, w.N and bad.Add are given.
func (src *source) call(call *ast.CallExpr, at token.Position) {
	to, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	first, pairs := map[string][2]int{"T": {0, 1}, "N": {0, 2}, "Add": {1, 2}}[to.Sel.Name], 0
	if pairs = first[1]; pairs == 0 || len(call.Args) <= first[0] {
		return
	}
	key, ok := literal(call.Args[first[0]])
	if !ok || !aKey.MatchString(key) {
		return
	}
	s := said{key: key, at: at}
	if !call.Ellipsis.IsValid() {
		s.places = []string{}
		for i := pairs; i < len(call.Args); i += 2 {
			if name, ok := literal(call.Args[i]); ok {
				s.places = append(s.places, name)
			}
		}
		if to.Sel.Name == "N" && slices.Contains(words.Places(key), "Count") {
			s.places = append(s.places, "Count")
		}
		slices.Sort(s.places)
	}
	src.said = append(src.said, s)
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}
