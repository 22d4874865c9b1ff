package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"moothall/forum"
	"moothall/forum/projects"
)

// importing is a file that goes into a register.
type importing struct {
	Projects importProjects `cmd:"" help:"Load projects from a CSV file. Its columns: external_id, title, summary and phase must be there; council, begun, confirmed, problem, tried, outcome, evidence_url, topics, cost_band, paid_by, funding, products, standards, code_url, code_licence, offers, visibility and lang may be. Lists have ; between. A project that was loaded before is left as it is."`
}

// importProjects is a file of projects.
type importProjects struct {
	File   string `arg:"" help:"The CSV file, in UTF-8."`
	Person string `required:"" placeholder:"PERSON" help:"Whose projects they are: a colleague, by number, handle, demo slug, or proven address."`
	DryRun bool   `help:"Say what is wrong with the file, and load nothing."`
}

// faultsTold is of how many faults of a file it is told what they are.
const faultsTold = 50

// importAtOnce is how many projects are written at the same time.
const importAtOnce = 6

// importProjects loads a file of projects: all of it, or nothing where anything is wrong
// with it.
func (a *App) importProjects(ctx context.Context, i importProjects, to Streams) error {
	who, err := a.findPerson(ctx, i.Person)
	if errors.Is(err, forum.ErrNotFound) {
		return fmt.Errorf("there is no person %q, or several have that address", i.Person)
	}
	if err != nil {
		return err
	}
	if !forum.SpeaksFor(who) {
		return fmt.Errorf("%s is no colleague of a council, so projects cannot be theirs", who.Name)
	}
	store := projects.New(a.forum)
	known, err := store.Known(ctx)
	if err != nil {
		return err
	}
	file, err := os.Open(i.File)
	if err != nil {
		return err
	}
	rows, faults := projects.ReadProjects(file, known)
	if err := file.Close(); err != nil {
		return err
	}
	if len(faults) > 0 {
		return faulty(i.File, faults, to)
	}
	if i.DryRun {
		_, _ = fmt.Fprintf(to.Out, "%d projects, and nothing is wrong with them\n", len(rows))
		return nil
	}
	added, err := loadProjects(ctx, store, who, rows, known)
	_, _ = fmt.Fprintf(to.Out, "%d projects added, %d were here already\n", added, int64(len(rows))-added)
	return err
}

// faulty tells what is wrong with a file.
func faulty(name string, faults []projects.Fault, to Streams) error {
	for i, f := range faults {
		if i == faultsTold {
			_, _ = fmt.Fprintf(to.Err, "and %d more\n", len(faults)-i)
			break
		}
		_, _ = fmt.Fprintf(to.Err, "line %d: %s\n", f.Line, f.Says)
	}
	return fmt.Errorf("nothing was loaded: %s has %d faults", name, len(faults))
}

// loadProjects writes the rows of a file, several at once. What was written before
// something fails stays, and is left out when the file is loaded again.
func loadProjects(ctx context.Context, store *projects.Store, who forum.Person, rows []projects.Loaded, known projects.Known) (int64, error) {
	var added, next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range importAtOnce {
		group.Go(func() (err error) {
			defer func() {
				if caught := recover(); caught != nil {
					err = fmt.Errorf("loading: %v", caught)
				}
			}()
			for n := next.Add(1) - 1; n < int64(len(rows)); n = next.Add(1) - 1 {
				there, err := store.Load(ctx, who, rows[n], known)
				if err != nil {
					return fmt.Errorf("line %d: %w", rows[n].Line, err)
				}
				if there {
					added.Add(1)
				}
			}
			return nil
		})
	}
	err := group.Wait()
	return added.Load(), err
}
