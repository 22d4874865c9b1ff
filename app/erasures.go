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

// since is a file beside it of what people have stopped, by their numbers, with the time:
// newsletter-left.log has who gets no newsletter any more, stopped.log what people chose to
// hear less of. A backup would have it come to them again.
type since struct {
	beside
	last time.Time // of the lines that were written
}

// stopped is one thing that somebody stopped, as the database has it.
type stopped struct {
	at   time.Time
	id   int64  // of its row
	line string // that goes into the file behind the time
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
	path := filepath.Join(a.config.Data, erasuresLog)
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

// stopBack is how long before the last it is looked again for what was stopped.
const stopBack = time.Minute

// The files of who was erased and of what was stopped, in MOOTHALL_DATA.
const (
	erasuresLog = "erasures.log"
	leftLog     = "newsletter-left.log"
	stoppedLog  = "stopped.log"
)

// keepLeavers writes into the file who stopped the newsletter, as far as it has not.
func (a *App) keepLeavers(ctx context.Context) error {
	return a.left.keep(filepath.Join(a.config.Data, leftLog), newsletter.LeaversMost, func(at time.Time, after int64) (lines []stopped, err error) {
		all, err := a.newsletters.Leavers(ctx, newsletter.Leaver{ID: after, At: at})
		for _, l := range all {
			lines = append(lines, stopped{l.At, l.ID, strconv.FormatInt(l.ID, 10)})
		}
		return lines, err
	})
}

// keepStops writes into the file what people chose to hear less of, likewise.
func (a *App) keepStops(ctx context.Context) error {
	return a.stops.keep(filepath.Join(a.config.Data, stoppedLog), letters.StopsMost, func(at time.Time, after int64) (lines []stopped, err error) {
		all, err := a.letters.Stops(ctx, at, after)
		for _, c := range all {
			lines = append(lines, stopped{c.At, c.ID, fmt.Sprintf("%d %q %d %q %s", c.PersonID, c.SubjectKind, c.SubjectID, c.ThreadKind, c.Cadence)})
		}
		return lines, err
	})
}

// keep writes what was stopped since the last that is in the file; read reads at most so
// many at once, of a time and later, after one.
func (f *since) keep(path string, most int, read func(at time.Time, after int64) ([]stopped, error)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.read(path); err != nil {
		return err
	}
	for from := (stopped{at: f.last.Add(-stopBack)}); ; {
		all, err := read(from.at, from.id)
		if err != nil || len(all) == 0 {
			return err
		}
		var fresh []string
		for _, one := range all {
			if line := one.at.UTC().Format(timeFormat) + " " + one.line; !f.known[line] {
				fresh = append(fresh, line)
			}
		}
		if err := f.write(path, fresh); err != nil {
			return err
		}
		from = all[len(all)-1]
		if f.last = from.at; len(all) < most {
			return nil
		}
	}
}

// onFile reads the lines of such a file; none where there is no file.
func (a *App) onFile(name string, read func(at time.Time, line string) error) error {
	text, err := os.ReadFile(filepath.Join(a.config.Data, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for line := range strings.Lines(wholeLines(string(text))) {
		when, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		at, err := time.Parse(timeFormat, when)
		if err == nil {
			err = read(at, rest)
		}
		if err != nil {
			return fmt.Errorf("%s has a line that is none: %w", name, err)
		}
	}
	return nil
}

// erasedOnFile reads whose identities have gone.
func (a *App) erasedOnFile() (all []care.Erasure, err error) {
	err = a.onFile(erasuresLog, func(at time.Time, hash string) error {
		identity, err := hex.DecodeString(hash)
		all = append(all, care.Erasure{Identity: identity, At: at})
		return err
	})
	return all, err
}

// leaversOnFile reads who stopped the newsletter.
func (a *App) leaversOnFile() (all []newsletter.Leaver, err error) {
	err = a.onFile(leftLog, func(at time.Time, line string) error {
		id, err := strconv.ParseInt(line, 10, 64)
		all = append(all, newsletter.Leaver{ID: id, At: at})
		return err
	})
	return all, err
}

// stopsOnFile reads what people chose to hear less of.
func (a *App) stopsOnFile() (all []letters.Stop, err error) {
	err = a.onFile(stoppedLog, func(at time.Time, line string) error {
		c := letters.Stop{At: at}
		_, err := fmt.Sscanf(line, "%d %q %d %q %s", &c.PersonID, &c.SubjectKind, &c.SubjectID, &c.ThreadKind, &c.Cadence)
		all = append(all, c)
		return err
	})
	return all, err
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
	erased, err := a.erasedOnFile()
	if errors.As(err, new(*fs.PathError)) {
		return nil // the folder cannot be read: takeFolder said so
	}
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
	files, err := a.onFiles()
	if err != nil {
		return err
	}
	sessions, told, built := auth.NewStore(a.write, a.now), letters.New(a.forum), projects.New(a.forum)
	tended, offered, issues := curation.New(a.forum), search.New(a.forum), newsletter.New(a.forum)
	ended, err := sessions.EndEverybody(ctx)
	if err != nil {
		return err
	}
	went, err := care.New(a.forum).EraseAgain(ctx, files.erased, func(id int64) forum.Part {
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
	left, err := issues.LeaveAgain(ctx, files.left)
	if err != nil {
		return err
	}
	less, err := told.StopAgain(ctx, files.stopped)
	if err == nil {
		err = jobs.Forget(ctx, a.write)
	}
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(to.Out, "%d erasures on file, %d people erased again, %d sessions ended, %d mails not sent again, %d who stopped the newsletter since do not get it again, %d choices to hear less hold again\n", len(files.erased), went, ended, let+more, left, less)
	return nil
}

// sinceBackup is what the files beside a database say has come about since a backup of it.
type sinceBackup struct {
	erased  []care.Erasure
	left    []newsletter.Leaver
	stopped []letters.Stop
}

// onFiles reads them all, before anything is changed by one: a broken line in any of them
// leaves the database as it was.
func (a *App) onFiles() (s sinceBackup, err error) {
	if s.erased, err = a.erasedOnFile(); err != nil {
		return s, err
	}
	if s.left, err = a.leaversOnFile(); err != nil {
		return s, err
	}
	s.stopped, err = a.stopsOnFile()
	return s, err
}

// wholeLines is a text up to its last line end.
func wholeLines(text string) string { return text[:strings.LastIndexByte(text, '\n')+1] }
