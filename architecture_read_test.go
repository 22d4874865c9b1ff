package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// file is one Go file of ours.
type file struct {
	name, dir         string // with slashes, from the root
	isTest, generated bool
	set               *token.FileSet
	ast               *ast.File
}

func (f file) at(n ast.Node) string   { return fmt.Sprintf("%s:%d", f.name, f.line(n.Pos())) }
func (f file) line(pos token.Pos) int { return f.set.Position(pos).Line }
func (f file) byHand() bool           { return !f.isTest && !f.generated }

// words is a name as it is written, such as "time.Now" or "a.store.Do".
func words(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return words(e.X) + "." + e.Sel.Name
	}
	return ""
}

// written are the files that a person wrote, tests aside.
func written(t *testing.T) (files []file) {
	t.Helper()
	for _, f := range ours(t) {
		if f.byHand() {
			files = append(files, f)
		}
	}
	return files
}

// ours are all Go files of the module.
func ours(t *testing.T) []file {
	t.Helper()
	files, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var parsed = sync.OnceValues(func() (files []file, err error) {
	all, err := read()
	if err != nil {
		return nil, err
	}
	for name, text := range all {
		if path.Ext(name) != ".go" {
			continue
		}
		f := file{name: name, dir: path.Dir(name), set: token.NewFileSet(),
			isTest: strings.HasSuffix(name, "_test.go"), generated: strings.HasSuffix(name, "_templ.go")}
		if f.ast, err = parser.ParseFile(f.set, name, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
})

// texts are the files of ours that people read, by name; generated ones, data and
// golden pages are not among them.
func texts(t *testing.T) map[string]string {
	t.Helper()
	all, err := read()
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]string{}
	for name, text := range all {
		if !strings.HasSuffix(name, "_templ.go") {
			own[name] = text
		}
	}
	return own
}

var read = sync.OnceValues(func() (map[string]string, error) {
	all := map[string]string{}
	kinds := []string{".go", ".templ", ".sql", ".toml", ".md", ".scss", ".js", ".mjs", ".yml", ".example", ".txt"}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if entry.IsDir() {
			hidden := len(name) > 1 && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".ci"
			if hidden || slices.Contains([]string{"node_modules", "testdata", "built", "data"}, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains(kinds, path.Ext(name)) {
			return nil
		}
		text, err := os.ReadFile(name)
		all[name] = string(text)
		return err
	})
	return all, err
})
