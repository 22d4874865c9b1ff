package app

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// erasures is the file MOOTHALL_DATA/erasures.log: who was erased, as hashes, one a
// line, in each node's own folder. A backup that is restored holds people who have
// been erased since; the database that would know of it is the one that was lost.
type erasures struct {
	mu    sync.Mutex
	known map[string]bool // the lines in the file; nil until it is read
	last  int64           // the highest number that was written
}

// lookBack is how many numbers below the last are looked at again: deeds are not
// committed in the order of their numbers.
const lookBack = 1000

// keepErasures writes into the file what the database has and it has not.
func (a *App) keepErasures(ctx context.Context) error {
	a.gone.mu.Lock()
	defer a.gone.mu.Unlock()
	path := filepath.Join(a.config.Data, "erasures.log")
	if a.gone.known == nil {
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		a.gone.known = map[string]bool{}
		for line := range strings.Lines(string(text)) {
			a.gone.known[strings.TrimSpace(line)] = true
		}
	}
	all, err := a.care.Erasures(ctx, a.gone.last-lookBack)
	if err != nil {
		return err
	}
	var fresh []string
	for _, e := range all {
		line := e.At.UTC().Format(timeFormat) + " " + hex.EncodeToString(e.Identity)
		if !a.gone.known[line] {
			fresh = append(fresh, line)
		}
		a.gone.last = max(a.gone.last, e.ID)
	}
	return a.gone.write(path, fresh)
}

// write adds lines at the end of the file, all of which are on disk when it returns.
func (e *erasures) write(path string, lines []string) (err error) {
	if len(lines) == 0 {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.WriteString(strings.Join(lines, "\n") + "\n"); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	for _, line := range lines {
		e.known[line] = true
	}
	return nil
}
