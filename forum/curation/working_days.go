package curation

import (
	_ "embed"
	"encoding/csv"
	"strings"
	"time"

	"moothall/forum"
)

// bankHolidays are the days on which councils of a nation do not work, from 2025 to 2028;
// ATTRIBUTION.md says where they come from.
//
//go:embed bank_holidays.csv
var bankHolidays string

// holidays are the same, by nation and day.
var holidays = readHolidays(bankHolidays)

func readHolidays(text string) map[string]bool {
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic(err) // it is part of the program
	}
	days := map[string]bool{}
	for _, line := range lines[1:] {
		days[line[0]+line[1]] = true
	}
	return days
}

// works reports whether the day of a moment is a working day in a nation.
func works(nation string, at time.Time) bool {
	day := at.Weekday()
	return day != time.Saturday && day != time.Sunday && !holidays[nation+at.Format(time.DateOnly)]
}

// due is the moment at which something has waited so many working days since it began:
// the time of other days does not count. Whoever has no nation keeps England's days.
func due(nation string, since time.Time, days int) time.Time {
	if nation == "" {
		nation = "England"
	}
	at := since.In(forum.London)
	left := time.Duration(days) * 24 * time.Hour
	for {
		y, m, d := at.Date()
		next := time.Date(y, m, d+1, 0, 0, 0, 0, forum.London)
		if works(nation, at) {
			if rest := next.Sub(at); left > rest {
				left -= rest
			} else {
				return at.Add(left)
			}
		}
		at = next
	}
}

// The steps of the ladder, in working days: by then others are offered a question that
// nobody has answered, then it is the team's, then somebody's by name.
var steps = [3]int{2, 5, 10}

// Ladder is when each step fell due, or will, for something that nobody has answered.
type Ladder [3]time.Time

// ladder is the ladder of a question asked by a council of a nation.
func ladder(nation string, asked time.Time) (l Ladder) {
	for i, days := range steps {
		l[i] = due(nation, asked, days)
	}
	return l
}

// Step is how many steps have fallen due at a moment.
func (l Ladder) Step(at time.Time) (n int) {
	for _, due := range l {
		if !at.Before(due) {
			n++
		}
	}
	return n
}
