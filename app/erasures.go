package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"moothall/app/jobs"
	"moothall/auth"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/letters"
	"moothall/forum/newsletter"
	"moothall/forum/projects"
	"moothall/forum/search"
)

// erasures is the file MOOTHALL_DATA/erasures.log: who was erased, as hashes, one a
// line, in each node's own folder. A backup that is restored holds people who have
// been erased since; the database that would know of it is the one that was lost.
type erasures struct {
	beside
	last int64 // the highest number that was written
}

// leavers is the file MOOTHALL_DATA/newsletter-left.log beside it: which subscribers have
// stopped the newsletter, by their numbers. A backup would have it come to them again.
type leavers struct {
	beside
	last time.Time // when the last of those that were written did
}

// beside is a file of lines that are true whatever database stands beside it.
type beside struct {
	mu    sync.Mutex
	known map[string]bool // the lines in the file; nil until it is read
}

// lookBack is how many numbers below the last are looked at again: deeds are not
// committed in the order of their numbers.
const lookBack = 1000

// keepErasures writes into the file what the database has and it has not.
func (a *App) keepErasures(ctx context.Context) error {
	a.gone.mu.Lock()
	defer a.gone.mu.Unlock()
	path := filepath.Join(a.config.Data, "erasures.log")
	if err := a.gone.read(path); err != nil {
		return err
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

// leaveBack is how long before the last it is looked again who stopped the newsletter.
const leaveBack = time.Minute

// keepLeavers writes into the file who stopped the newsletter, as far as it has not.
func (a *App) keepLeavers(ctx context.Context) error {
	a.left.mu.Lock()
	defer a.left.mu.Unlock()
	path := filepath.Join(a.config.Data, "newsletter-left.log")
	if err := a.left.read(path); err != nil {
		return err
	}
	for from := (newsletter.Leaver{At: a.left.last.Add(-leaveBack)}); ; {
		all, err := a.newsletters.Leavers(ctx, from)
		if err != nil || len(all) == 0 {
			return err
		}
		var fresh []string
		for _, l := range all {
			if line := l.At.UTC().Format(timeFormat) + " " + strconv.FormatInt(l.ID, 10); !a.left.known[line] {
				fresh = append(fresh, line)
			}
		}
		if err := a.left.write(path, fresh); err != nil {
			return err
		}
		from = all[len(all)-1]
		if a.left.last = from.At; len(all) < newsletter.LeaversMost {
			return nil
		}
	}
}

// leaversOnFile reads who stopped the newsletter, from the file; nobody where there is none.
func (a *App) leaversOnFile() ([]newsletter.Leaver, error) {
	text, err := os.ReadFile(filepath.Join(a.config.Data, "newsletter-left.log"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return readLeavers(string(text))
}

// readLeavers reads the lines of newsletter-left.log: a time, and a subscriber's number.
func readLeavers(text string) (all []newsletter.Leaver, err error) {
	for line := range strings.Lines(wholeLines(text)) {
		at, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		l := newsletter.Leaver{}
		if l.At, err = time.Parse(timeFormat, at); err == nil {
			l.ID, err = strconv.ParseInt(id, 10, 64)
		}
		if err != nil {
			return nil, fmt.Errorf("newsletter-left.log has a line that is none: %w", err)
		}
		all = append(all, l)
	}
	return all, nil
}

// read reads the lines of the file, once.
func (e *beside) read(path string) error {
	if e.known != nil {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	whole := wholeLines(string(text))
	if len(whole) < len(text) { // a kill or a full disk left half a line
		if err := os.Truncate(path, int64(len(whole))); err != nil {
			return err
		}
	}
	e.known = map[string]bool{}
	for line := range strings.Lines(whole) {
		e.known[strings.TrimSpace(line)] = true
	}
	return nil
}

// write adds lines at the end of the file, all of which are on disk when it returns.
func (e *beside) write(path string, lines []string) (err error) {
	if len(lines) == 0 {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.WriteString(strings.Join(lines, "\n") + "\n"); err != nil {
		e.known = nil // the file is read anew, and half a line goes
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

// refuseBackup keeps a site from starting on a backup that brought erased people back.
func (a *App) refuseBackup(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(a.config.Data, "erasures.log"))
	if err != nil {
		return nil // there is none, or the folder cannot be read: takeFolder said so
	}
	erased, err := readErasures(string(text))
	if err != nil {
		return err
	}
	n, err := a.care.Back(ctx, erased)
	if err == nil && n > 0 {
		err = fmt.Errorf("the database came from a backup and holds %d who have been erased since: run moothall restore-finish first", n)
	}
	return err
}

// restoreFinish makes a database that came from a backup fit to be read: who was erased
// since goes again, by the file beside it, every session ends, and nobody is told by
// mail again of what they were told of since.
func (a *App) restoreFinish(ctx context.Context, to Streams) error {
	text, err := os.ReadFile(filepath.Join(a.config.Data, "erasures.log"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	erased, err := readErasures(string(text))
	if err != nil {
		return err
	}
	stopped, err := a.leaversOnFile()
	if err != nil {
		return err
	}
	sessions, told, built := auth.NewStore(a.write, a.now), letters.New(a.forum), projects.New(a.forum)
	tended, offered, issues := curation.New(a.forum), search.New(a.forum), newsletter.New(a.forum)
	ended, err := sessions.EndEverybody(ctx)
	if err != nil {
		return err
	}
	went, err := care.New(a.forum).EraseAgain(ctx, erased, func(id int64) forum.Part {
		return func(ctx context.Context, d *forum.Deed) error {
			return errors.Join(sessions.ForgetIn(ctx, d, id), told.Forget(ctx, d, id), tended.Forget(ctx, d, id), built.Forget(ctx, d, id), offered.Forget(ctx, d, id), issues.Forget(ctx, d, id))
		}
	})
	if err != nil {
		return err
	}
	let, err := told.Restored(ctx)
	if err != nil {
		return err
	}
	more, err := issues.Restored(ctx)
	if err != nil {
		return err
	}
	left, err := issues.LeaveAgain(ctx, stopped)
	if err == nil {
		err = jobs.Forget(ctx, a.write)
	}
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(to.Out, "%d erasures on file, %d people erased again, %d sessions ended, %d mails not sent again, %d who stopped the newsletter since do not get it again\n", len(erased), went, ended, let+more, left)
	return nil
}

// wholeLines is a text up to its last line end.
func wholeLines(text string) string { return text[:strings.LastIndexByte(text, '\n')+1] }

// readErasures reads the lines of erasures.log: a time, and the hash of an identity.
func readErasures(text string) (all []care.Erasure, err error) {
	for line := range strings.Lines(wholeLines(text)) {
		at, hash, _ := strings.Cut(strings.TrimSpace(line), " ")
		e := care.Erasure{}
		if e.At, err = time.Parse(timeFormat, at); err == nil {
			e.Identity, err = hex.DecodeString(hash)
		}
		if err != nil {
			return nil, fmt.Errorf("erasures.log has a line that is none: %w", err)
		}
		all = append(all, e)
	}
	return all, nil
}
