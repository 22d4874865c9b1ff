package curation

import (
	"strings"
	"testing"
	"time"

	"moothall/forum"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, forum.London)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// A question asked at 16:00 on 31 December by a Scottish council does not use up waiting
// time on 1 or 2 January; the same from an English council does on 2 January where that
// is a working day. The hour of each step is exact.
func TestWaitingTimeIsOfWorkingDaysOfTheNation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		nation, asked string
		days          int
		want          string
	}{
		"Scotland, new year":             {"Scotland", "2025-12-31 16:00", 2, "2026-01-06 16:00"},
		"England, new year":              {"England", "2025-12-31 16:00", 2, "2026-01-05 16:00"},
		"Wales as England":               {"Wales", "2025-12-31 16:00", 2, "2026-01-05 16:00"},
		"Northern Ireland, new year":     {"Northern Ireland", "2025-12-31 16:00", 2, "2026-01-05 16:00"},
		"Scotland, 2nd January moved":    {"Scotland", "2026-12-31 16:00", 1, "2027-01-05 16:00"},
		"England, the same year":         {"England", "2026-12-31 16:00", 1, "2027-01-04 16:00"},
		"an ordinary week":               {"England", "2026-11-23 09:14", 4, "2026-11-27 09:14"},
		"over a weekend":                 {"England", "2026-11-20 09:14", 5, "2026-11-27 09:14"},
		"asked on a Saturday":            {"England", "2026-11-21 12:00", 2, "2026-11-25 00:00"},
		"nobody's council":               {"", "2026-11-20 09:14", 5, "2026-11-27 09:14"},
		"the clocks go back between":     {"England", "2026-10-23 15:00", 2, "2026-10-27 15:00"},
		"the clocks go forward between":  {"England", "2026-03-27 15:00", 2, "2026-03-31 15:00"},
		"St Andrew's Day in Scotland":    {"Scotland", "2026-11-27 10:00", 1, "2026-12-01 10:00"},
		"and not in England":             {"England", "2026-11-27 10:00", 1, "2026-11-30 10:00"},
		"the twelfth, Northern Ireland":  {"Northern Ireland", "2026-07-10 10:00", 1, "2026-07-14 10:00"},
		"Easter Monday is no Scottish":   {"Scotland", "2026-04-02 10:00", 1, "2026-04-06 10:00"},
		"and is one in England":          {"England", "2026-04-02 10:00", 1, "2026-04-07 10:00"},
		"ten days over Christmas":        {"England", "2026-12-18 10:00", 10, "2027-01-06 10:00"},
		"ten days over it, Scotland":     {"Scotland", "2026-12-18 10:00", 10, "2027-01-07 10:00"},
		"the first Monday of August":     {"Scotland", "2027-07-30 10:00", 1, "2027-08-03 10:00"},
		"the last Monday of August":      {"England", "2027-08-27 10:00", 1, "2027-08-31 10:00"},
		"the World Cup, in Scotland":     {"Scotland", "2026-06-12 10:00", 1, "2026-06-16 10:00"},
		"Christmas on a Saturday, 2027":  {"England", "2027-12-24 10:00", 1, "2027-12-29 10:00"},
		"new year on a Saturday, Wales":  {"Wales", "2027-12-31 10:00", 1, "2028-01-04 10:00"},
		"new year on a Saturday, Forfar": {"Scotland", "2027-12-31 10:00", 1, "2028-01-05 10:00"},
	} {
		if got, want := due(c.nation, at(t, c.asked), c.days), at(t, c.want); !got.Equal(want) {
			t.Errorf("%s: got %s, want %s", name, got.Format(time.RFC1123), want.Format(time.RFC1123))
		}
	}
	l := ladder("Scotland", at(t, "2025-12-31 16:00"))
	if got := []int{l.Step(at(t, "2026-01-06 15:59")), l.Step(at(t, "2026-01-06 16:00")), l.Step(at(t, "2026-01-09 16:00")), l.Step(at(t, "2026-01-16 16:00"))}; got[0] != 0 || got[1] != 1 || got[2] != 2 || got[3] != 3 {
		t.Errorf("the steps are %v", got)
	}
}

// Easter is worked out anew (Meeus, Jones and Butcher); no holiday is on a weekend, for
// another day stands for it; and each nation has as many a year as it should.
func TestBankHolidaysAreWhole(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for day := range holidays {
		nation, date := day[:len(day)-10], day[len(day)-10:]
		when, err := time.Parse(time.DateOnly, date)
		if err != nil || when.Weekday() == time.Saturday || when.Weekday() == time.Sunday {
			t.Errorf("%s: %v", day, err)
		}
		count[nation+date[:4]]++
	}
	for _, nation := range []string{"England", "Wales", "Scotland", "Northern Ireland"} {
		for year, want := range map[int]int{2025: 8, 2026: 8, 2027: 8, 2028: 8} {
			switch {
			case nation == "Northern Ireland":
				want += 2
			case nation == "Scotland":
				want++
				if year == 2026 {
					want++
				}
			}
			first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
			if got := count[nation+first.Format("2006")]; got != want {
				t.Errorf("%s has %d in %d, want %d", nation, got, year, want)
			}
			if friday := easter(year).AddDate(0, 0, -2); !holidays[nation+friday.Format(time.DateOnly)] {
				t.Errorf("%s works on Good Friday of %d, %s", nation, year, friday)
			}
			if monday := easter(year).AddDate(0, 0, 1); holidays[nation+monday.Format(time.DateOnly)] == (nation == "Scotland") {
				t.Errorf("Easter Monday of %d in %s", year, nation)
			}
		}
	}
	if strings.Contains(bankHolidays, "\r") {
		t.Error("it has ends of line of Windows")
	}
}

func easter(y int) time.Time {
	a, b, c := y%19, y/100, y%100
	d, e, f := b/4, b%4, (b+8)/25
	h := (19*a + b - d - (b-f+1)/3 + 15) % 30
	l := (32 + 2*e + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	return time.Date(y, time.Month((h+l-7*m+114)/31), (h+l-7*m+114)%31+1, 0, 0, 0, 0, time.UTC)
}
