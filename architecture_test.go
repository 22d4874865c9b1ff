package main_test

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/a-h/templ/generator"
	templparser "github.com/a-h/templ/parser/v2"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// knows is ARCHITECTURE.md's "Who may know whom": each package of ours, and those
// that it may import. A package that is not a key here is not part of the design.
var knows = map[string][]string{
	".": {"app"},
	"app": {"app/dev", "app/jobs", "app/links", "app/mail", "auth", "forum", "forum/care", "forum/curation", "forum/demo", "forum/feeds", "forum/letters", "forum/markup", "forum/newsletter", "forum/places", "forum/projects", "forum/search", "migrations",
		"views", "views/assets", "views/email", "views/govuk", "views/wire", "views/words"},
	"app/bench":        {"app/dev", "auth", "forum", "forum/demo", "forum/letters", "forum/markup", "forum/newsletter", "forum/projects", "forum/search", "migrations"},
	"app/bench/floor":  {},
	"app/dev":          {},
	"app/e2e":          {},
	"app/links":        {},
	"app/jobs":         {"app/mail", "auth", "forum", "forum/care", "forum/curation", "forum/letters", "forum/newsletter", "forum/places", "forum/projects", "forum/search"},
	"app/mail":         {},
	"auth":             {},
	"forum":            {"forum/markup", "forum/resident", "forum/wording"},
	"forum/care":       {"forum", "forum/markup"},
	"forum/curation":   {"forum", "forum/markup"},
	"forum/demo":       {"forum", "forum/care", "forum/curation", "forum/newsletter", "forum/projects", "forum/search"},
	"forum/feeds":      {"forum", "forum/markup"},
	"forum/forumtest":  {"app/dev", "forum", "forum/demo", "migrations"},
	"forum/letters":    {"forum", "forum/markup"},
	"forum/markup":     {},
	"forum/newsletter": {"forum", "forum/markup"},
	"forum/places":     {"forum", "forum/markup"},
	"forum/projects":   {"forum", "forum/markup"},
	"forum/resident":   {},
	"forum/search":     {"forum", "forum/markup"},
	"forum/wording":    {"forum/markup"},
	"migrations":       {},
	"views": {"forum", "forum/care", "forum/curation", "forum/letters", "forum/markup", "forum/newsletter", "forum/places", "forum/projects", "forum/search", "forum/wording", "views/assets", "views/govuk",
		"views/words"},
	"views/assets": {},
	"views/email":  {"forum", "forum/letters", "forum/markup", "forum/newsletter", "views/words"},
	"views/govuk":  {},
	"views/wire":   {"forum", "forum/curation", "forum/feeds", "forum/markup", "forum/newsletter", "forum/projects", "views", "views/words"},
	"views/words":  {},
}

// testsKnow is what test files may import besides: all of them a database and what
// makes one, and the journeys in the browser the whole program.
var testsKnow = map[string][]string{
	"every":          {"app/dev", "forum", "forum/forumtest", "migrations"},
	"app":            {"app"},
	"forum/curation": {"forum/care"},
	"forum/places":   {"forum/projects"},
	"forum/search":   {"forum/care", "forum/demo"},
	"app/e2e":        {"app", "app/mail", "forum/care", "forum/demo", "views/assets", "views/words"},
}

// onlyThere says of an outside package, and of all below it, who alone may import it.
// Fiber's middleware in the list was found to be unsafe or to fail on the fasthttp
// that we need: nobody may.
var onlyThere = map[string][]string{
	"github.com/gofiber":                                {"app"},
	"github.com/gofiber/fiber/v2/middleware/cache":      {},
	"github.com/gofiber/fiber/v2/middleware/csrf":       {},
	"github.com/gofiber/fiber/v2/middleware/filesystem": {},
	"github.com/gofiber/fiber/v2/middleware/helmet":     {},
	"github.com/gofiber/fiber/v2/middleware/proxy":      {},
	"github.com/gofiber/fiber/v2/middleware/redirect":   {},
	"github.com/gofiber/fiber/v2/middleware/rewrite":    {},
	"github.com/gofiber/fiber/v2/middleware/session":    {},
	"github.com/valyala/fasthttp":                       {"app", "app/bench/floor"},
	"github.com/yuin/goldmark":                          {"forum/markup"},
	"github.com/microcosm-cc/bluemonday":                {"forum/markup"},
	"github.com/wneessen/go-mail":                       {"app/bench", "app/mail"},
	"github.com/emersion/go-msgauth":                    {"app/mail"},
	"github.com/emersion/go-smtp":                       {"app/dev", "app/mail"},
	"github.com/markbates/goth":                         {"auth"},
	"github.com/markbates/goth/gothic":                  {},
	"github.com/pressly/goose/v3":                       {"migrations"},
	"github.com/nicksnyder/go-i18n/v2":                  {"views/words"},
	"github.com/caarlos0/env/v11":                       {"app"},
	"github.com/alecthomas/kong":                        {".", "app"},
}

// calls says which calls are left to whom. The environment and the time come from
// main, the latter as a clock that development can move.
var calls = map[string][]string{
	"os.Environ":   {"."},
	"os.Getenv":    {".", "forum/forumtest"},
	"os.LookupEnv": {"."},
	"time.Now":     {".", "app", "app/bench", "app/dev", "forum/forumtest"},

	// Fiber takes these from the request's headers, which anybody can write.
	"c.BaseURL":      {},
	"c.Hostname":     {},
	"c.Protocol":     {},
	"c.RedirectBack": {},
	"c.SendFile":     {},
}

// floors are the oldest versions without a known hole that reaches us.
var floors = map[string]string{
	"github.com/gofiber/fiber/v2":        "v2.52.15", // CVE-2026-42554
	"github.com/jackc/pgx/v5":            "v5.9.2",   // CVE-2026-41889
	"github.com/microcosm-cc/bluemonday": "v1.0.27",
	"github.com/valyala/fasthttp":        "v1.77.0", // two answers to one ambiguous request
	"github.com/yuin/goldmark":           "v1.7.17", // CVE-2026-5160
}

const (
	maxFileLines  = 400
	maxFuncLines  = 50
	maxComplexity = 12
	maxParameters = 5
	maxFiles      = 45 // thirty is healthy
	maxFilesOfApp = 80 // app and views have one for each address
)

var noNames = []string{"base", "cmd", "common", "helper", "helpers", "internal", "manager", "models", "pkg", "services", "util", "utils"}

// The import map of ARCHITECTURE.md holds, and so do its exclusive libraries.
func TestPackagesKnowOnlyWhomTheyMay(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range ours(t) {
		allowed, listed := knows[f.dir]
		if !listed && !seen[f.dir] {
			t.Errorf("%s: this package is not in the design; say in ARCHITECTURE.md and here what it knows", f.dir)
		}
		seen[f.dir] = true
		if f.isTest {
			allowed = slices.Concat(allowed, testsKnow["every"], testsKnow[f.dir], []string{f.dir})
		}
		for _, spec := range f.ast.Imports {
			name := strings.Trim(spec.Path.Value, `"`)
			if own, ok := strings.CutPrefix(name, "moothall/"); ok && !slices.Contains(allowed, own) {
				t.Errorf("%s: %s may not import %s", f.at(spec), f.dir, own)
			}
			for outside, by := range onlyThere {
				if (name == outside || strings.HasPrefix(name, outside+"/")) && !slices.Contains(by, f.dir) {
					t.Errorf("%s: only %v may import %s", f.at(spec), by, outside)
				}
			}
		}
	}
}

// The environment, the time and what a request's headers claim are read where it is allowed.
func TestOnlyMainReadsTheWorld(t *testing.T) {
	t.Parallel()
	for _, f := range written(t) {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			name := ""
			switch n := n.(type) {
			case *ast.SelectorExpr: // a function may be handed on as well as called
				if name = words(n); strings.HasPrefix(name, "c.") {
					return true
				}
			case *ast.CallExpr:
				if name = words(n.Fun); !strings.HasPrefix(name, "c.") {
					return true
				}
			}
			if by, ruled := calls[name]; ruled && !slices.Contains(by, f.dir) {
				t.Errorf("%s: %s is not for %s", f.at(n), name, f.dir)
			}
			return true
		})
	}
}

// No file, function or package has grown past what one reads at a sitting.
func TestNothingIsTooLong(t *testing.T) {
	t.Parallel()
	inPackage, needs := map[string]int{}, map[string]bool{}
	for _, f := range written(t) {
		inPackage[f.dir]++
		needs[f.name] = true
		for _, decl := range f.ast.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
				checkSize(t, f, fn)
			}
		}
	}
	for name, text := range texts(t) {
		// A page is one thing to look for: how it looks, and in a file of that name what it needs.
		if page, is := strings.CutSuffix(name, ".templ"); is && !needs[page+".go"] {
			inPackage[path.Dir(name)]++
		}
		length := strings.Count(text, "\n")
		counted := slices.Contains([]string{".go", ".templ", ".sql", ".toml", ".scss"}, path.Ext(name))
		if counted && !strings.HasSuffix(name, "_test.go") && length > maxFileLines {
			t.Errorf("%s: %d lines, at most %d: what is it really two of?", name, length, maxFileLines)
		}
	}
	for dir, n := range inPackage {
		most := maxFiles
		if dir == "app" || dir == "views" {
			most = maxFilesOfApp
		}
		if n > most {
			t.Errorf("%s: %d files, at most %d: which subject should move out?", dir, n, most)
		}
		if slices.Contains(noNames, path.Base(dir)) {
			t.Errorf("%s: a package is named by its subject", dir)
		}
	}
}

func checkSize(t *testing.T, f file, fn *ast.FuncDecl) {
	t.Helper()
	over := func(what string, got, most int) {
		if got > most {
			t.Errorf("%s: %s has %s %d, at most %d", f.at(fn), fn.Name.Name, what, got, most)
		}
	}
	over("lines", f.line(fn.Body.Rbrace)-f.line(fn.Body.Lbrace)-1, maxFuncLines)
	over("complexity", complexity(fn), maxComplexity)
	over("parameters", fn.Type.Params.NumFields(), maxParameters)
}

// complexity counts the ways through a function as McCabe did: one, and one more
// for each place where it forks.
func complexity(fn *ast.FuncDecl) int {
	ways := 1
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
			ways++
		case *ast.CaseClause:
			if n.List != nil {
				ways++
			}
		case *ast.CommClause:
			if n.Comm != nil {
				ways++
			}
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				ways++
			}
		}
		return true
	})
	return ways
}

// Every package and every exported name says what it is, beginning with its name.
func TestEverythingExportedIsExplained(t *testing.T) {
	t.Parallel()
	explained := map[string]bool{}
	for _, f := range ours(t) {
		explained[f.dir] = explained[f.dir] || f.ast.Doc != nil
		if f.isTest {
			continue
		}
		for _, decl := range f.ast.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && ast.IsExported(receiver(d)) {
					checkDoc(t, f, d.Name, d.Doc)
				}
			case *ast.GenDecl:
				checkDocs(t, f, d)
			}
		}
	}
	for dir, ok := range explained {
		if !ok {
			t.Errorf("%s: no comment says what the package is for", dir)
		}
	}
}

func checkDocs(t *testing.T, f file, d *ast.GenDecl) {
	t.Helper()
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			doc := s.Doc
			if doc == nil {
				doc = d.Doc
			}
			if s.Name.IsExported() {
				checkDoc(t, f, s.Name, doc)
			}
		case *ast.ValueSpec: // one comment may stand over a whole group
			if s.Names[0].IsExported() && s.Doc == nil && s.Comment == nil && d.Doc == nil {
				t.Errorf("%s: %s has no comment", f.at(s), s.Names[0].Name)
			}
		}
	}
}

func checkDoc(t *testing.T, f file, name *ast.Ident, doc *ast.CommentGroup) {
	t.Helper()
	first, _, _ := strings.Cut(doc.Text()+" ", " ")
	if strings.Trim(first, ",:’'s\n") != strings.Trim(name.Name, "s") {
		t.Errorf("%s: the comment of %s begins with its name, got %q", f.at(name), name.Name, first)
	}
}

// receiver is the name of a method's type; of a function it is one that is exported.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return "Function"
	}
	kind := fn.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	if generic, ok := kind.(*ast.IndexExpr); ok {
		kind = generic.X
	}
	return kind.(*ast.Ident).Name
}

// A panic in a goroutine without recover ends the program for everybody.
func TestEveryGoroutineRecovers(t *testing.T) {
	t.Parallel()
	functions := map[string]*ast.FuncDecl{}
	for _, f := range written(t) {
		for _, decl := range f.ast.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				functions[f.dir+" "+fn.Name.Name] = fn
			}
		}
	}
	for _, f := range written(t) {
		named := func(call ast.Expr) *ast.FuncDecl {
			_, name, found := strings.Cut(words(call), ".")
			if !found {
				name = words(call)
			}
			return functions[f.dir+" "+name[strings.LastIndex(name, ".")+1:]]
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if begun := goroutine(n); begun != nil && !recovers(begun, named) {
				t.Errorf("%s: this goroutine does not recover", f.at(n))
			}
			return true
		})
	}
}

// goroutine is the function that n sets going beside its own, by go or by a group's Go.
func goroutine(n ast.Node) ast.Expr {
	switch n := n.(type) {
	case *ast.GoStmt:
		return n.Call.Fun
	case *ast.CallExpr:
		if fun, ok := n.Fun.(*ast.SelectorExpr); ok && fun.Sel.Name == "Go" && len(n.Args) > 0 {
			return n.Args[len(n.Args)-1]
		}
	}
	return nil
}

// recovers reports whether fun defers something that calls recover itself, or only
// calls what does.
func recovers(fun ast.Expr, named func(ast.Expr) *ast.FuncDecl) bool {
	statements := body(fun, named)
	if len(statements) == 1 {
		if alone, ok := statements[0].(*ast.ExprStmt); ok {
			if call, ok := alone.X.(*ast.CallExpr); ok {
				statements = body(call.Fun, named)
			}
		}
	}
	for _, statement := range statements {
		deferred, ok := statement.(*ast.DeferStmt)
		if ok && slices.ContainsFunc(body(deferred.Call.Fun, named), callsRecover) {
			return true
		}
	}
	return false
}

func body(fun ast.Expr, named func(ast.Expr) *ast.FuncDecl) []ast.Stmt {
	if literal, ok := fun.(*ast.FuncLit); ok {
		return literal.Body.List
	}
	if fn := named(fun); fn != nil {
		return fn.Body.List
	}
	return nil
}

func callsRecover(statement ast.Stmt) (found bool) {
	ast.Inspect(statement, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && words(call.Fun) == "recover" {
			found = true
		}
		_, nested := n.(*ast.FuncLit) // recover works only in the deferred function itself
		return !nested
	})
	return found
}

// In a council that word is an elected councillor; we say colleague, or person.
func TestNobodyIsCalledByTheCouncillorsWord(t *testing.T) {
	t.Parallel()
	word := regexp.MustCompile(`(?i)\bmem` + `bers?\b`)
	for name, text := range texts(t) {
		if name == "views/words/catalogue_test.go" { // it forbids the word itself
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			if found := word.FindString(line); found != "" {
				t.Errorf("%s:%d: says %q", name, i+1, found)
			}
		}
	}
}

// What is written unescaped into a page was made by forum/markup and by nobody else.
func TestOnlyRenderedMarkdownIsRaw(t *testing.T) {
	t.Parallel()
	typed := regexp.MustCompile(`(?s)\btempl \w+\([^)]*\bhtml markup\.HTML\b[^)]*\) {.*templ\.Raw\(html\)`)
	for name, text := range texts(t) {
		if path.Ext(name) == ".templ" && strings.Contains(text, "templ.Raw(") &&
			(strings.Count(text, "templ.Raw(") > 1 || !typed.MatchString(text)) {
			t.Errorf("%s: templ.Raw is for an html of type markup.HTML, in one place of a file", name)
		}
		if path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") && strings.Contains(text, "templ.Raw(") {
			t.Errorf("%s: templ.Raw is for views", name)
		}
	}
}

// The Go of every view is what templ makes of it.
func TestViewsAreGenerated(t *testing.T) {
	t.Parallel()
	made := map[string]bool{}
	for name := range texts(t) {
		if path.Ext(name) != ".templ" {
			continue
		}
		target := strings.TrimSuffix(name, ".templ") + "_templ.go"
		made[target] = true
		got, err := os.ReadFile(target)
		if err != nil {
			t.Error(err)
			continue
		}
		if want := generate(t, name); !bytes.Equal(got, want) {
			t.Errorf("%s is not what templ makes of %s: run go tool templ generate -path views", target, name)
		}
	}
	for _, f := range ours(t) {
		if f.generated && !made[f.name] {
			t.Errorf("%s: its .templ is gone", f.name)
		}
	}
}

func generate(t *testing.T, name string) []byte {
	t.Helper()
	view, err := templparser.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	called := strings.TrimPrefix(name, "views/")
	if _, err := generator.Generate(view, &b, generator.WithVersion(templ.Version()), generator.WithFileName(called)); err != nil {
		t.Fatal(err)
	}
	code, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// No library stands below the version that mended what reached us.
func TestLibrariesAreAboveTheirFloor(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	module, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	missing := maps.Clone(floors)
	for _, require := range module.Require {
		floor, ruled := floors[require.Mod.Path]
		delete(missing, require.Mod.Path)
		if ruled && semver.Compare(require.Mod.Version, floor) < 0 {
			t.Errorf("%s is %s, at least %s", require.Mod.Path, require.Mod.Version, floor)
		}
		if ruled && require.Mod.Path == "github.com/valyala/fasthttp" && require.Indirect {
			t.Errorf("%s: Fiber asks for an older one, so it is required by name", require.Mod.Path)
		}
	}
	for name := range missing {
		t.Errorf("%s is not required in go.mod", name)
	}
}

// Every setting that is read is explained where an operator looks for it.
func TestSettingsAreExplained(t *testing.T) {
	t.Parallel()
	all := texts(t)
	prefixes := []string{""}
	for _, found := range regexp.MustCompile(`envPrefix:"(\w+)"`).FindAllStringSubmatch(all["app/config.go"], -1) {
		prefixes = append(prefixes, found[1])
	}
	for _, found := range regexp.MustCompile(`env:"(\w+)`).FindAllStringSubmatch(all["app/config.go"], -1) {
		explained := slices.ContainsFunc(prefixes, func(prefix string) bool {
			return regexp.MustCompile(`(?m)^(# )?` + prefix + found[1] + `=`).MatchString(all[".env.example"])
		})
		if !explained {
			t.Errorf(".env.example says nothing of %s", found[1])
		}
	}
}
