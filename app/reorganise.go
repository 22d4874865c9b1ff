package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"moothall/forum"
	"moothall/forum/places"
)

// reorganise carries out that councils end.
type reorganise struct {
	Date   string `placeholder:"DATE" help:"What is due by this day, such as 2027-04-01; left out, today. A day to come takes --dry-run."`
	DryRun bool   `help:"Say what would be done, and do nothing."`
}

// reorganise does what the site does by itself on the day of a reorganisation, as the
// operator: to see it beforehand, and for a site that does not run on that day.
func (a *App) reorganise(ctx context.Context, r reorganise, to Streams) error {
	store := places.New(a.forum)
	day, err := r.day(store.Today())
	if err != nil {
		return err
	}
	due, next, err := store.Reorganisations(ctx, day)
	if err != nil {
		return err
	}
	for _, one := range due {
		if !r.DryRun {
			done := false
			if one, done, err = store.Reorganise(ctx, forum.Operator, one.ID); err != nil {
				return err
			}
			if !done {
				continue // the site has done it meanwhile
			}
		}
		_, _ = fmt.Fprintln(to.Out, reorganised(one, r.DryRun))
	}
	if len(due) == 0 {
		_, _ = fmt.Fprintln(to.Out, "nothing to do"+nextDay(next))
	}
	return nil
}

// day is the day by which a reorganisation is due.
func (r reorganise) day(today time.Time) (time.Time, error) {
	if r.Date == "" {
		return today, nil
	}
	day, err := time.Parse(time.DateOnly, r.Date)
	if err != nil {
		return day, fmt.Errorf("--date %q is not a date such as 2027-04-01", r.Date)
	}
	if day.After(today) && !r.DryRun {
		return day, fmt.Errorf("--date %s is still to come: with --dry-run it is said what will be done then", r.Date)
	}
	return day.Add(12 * time.Hour), nil // noon is of the same day in London
}

// reorganised says in one line what was done, or would be.
func reorganised(r places.Reorganisation, dry bool) string {
	verb := "became"
	if dry {
		verb = "becomes"
	}
	said := fmt.Sprintf("%s %s %s on %s: %d follows, %d domains", r.Slug, verb, strings.Join(r.Into, " and "), r.OnDate.Format(time.DateOnly), r.Follows, r.Domains)
	if !r.Split() {
		return said + fmt.Sprintf(", %d people and %d leads go along", r.People, r.Leads)
	}
	said += fmt.Sprintf("; %d people stay, and are asked at their next visit where they work", r.People)
	for i, p := range r.Asked {
		said += []string{": ", ", "}[min(i, 1)] + fmt.Sprintf("%d %s", p.ID, p.Name)
	}
	return said
}

func nextDay(next time.Time) string {
	if next.IsZero() {
		return ""
	}
	return ": the next is on " + next.Format(time.DateOnly)
}
