package words

import (
	"fmt"
	"strconv"
	"time"
	_ "time/tzdata" // the running machine or container may have no time zones
)

// london is the time that pages speak in; the database keeps UTC.
var london = mustLocation("Europe/London")

// months are the keys of their names, so that saying a date joins no key.
var months = [...]string{
	"time.january", "time.february", "time.march", "time.april", "time.may", "time.june", "time.july",
	"time.august", "time.september", "time.october", "time.november", "time.december",
}

// Date says a day: 14 January 2025.
func (w Words) Date(t time.Time) string {
	t = t.In(london)
	return strconv.Itoa(t.Day()) + " " + w.T(months[t.Month()-1]) + " " + strconv.Itoa(t.Year())
}

// DateTime says a moment: 14 January 2025 at 10:42.
func (w Words) DateTime(t time.Time) string {
	return w.T("time.at", "Date", w.Date(t), "Time", clock(t))
}

// Ago says how long ago t was, as people do: minutes and hours today,
// yesterday with its time, else the day. What lies ahead is said in full.
func (w Words) Ago(now, t time.Time) string {
	passed := now.Sub(t)
	days := daysBetween(t, now)
	switch {
	case passed < -time.Minute:
		return w.DateTime(t)
	case passed < time.Minute:
		return w.T("time.just_now")
	case passed < time.Hour:
		return w.N("time.minutes_ago", int(passed/time.Minute))
	case days == 0:
		return w.N("time.hours_ago", int(passed/time.Hour))
	case days == 1:
		return w.T("time.yesterday", "Time", clock(t))
	}
	return w.Date(t)
}

// Day reads a day as a date field sends it, 2026-12-31, and returns when it begins
// in London. What is no day is the zero time.
func Day(text string) time.Time {
	day, _ := time.ParseInLocation(time.DateOnly, text, london) // zero where it fails
	return day
}

// ISO writes a moment for the datetime attribute, in UTC.
func ISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func clock(t time.Time) string { return t.In(london).Format("15:04") }

// daysBetween counts midnights in London, so a day is one also when the clocks change.
func daysBetween(from, to time.Time) int {
	return int(midnight(to).Sub(midnight(from)) / (24 * time.Hour))
}

// midnight is the beginning of t's day in London, put in UTC where all days are as long.
func midnight(t time.Time) time.Time {
	year, month, day := t.In(london).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func mustLocation(name string) *time.Location {
	place, err := time.LoadLocation(name)
	if err != nil {
		panic(fmt.Sprintf("time zone data is built in, but: %v", err))
	}
	return place
}

// Midnight is when t's day in London began, or another so many days on.
func Midnight(t time.Time, days int) time.Time {
	year, month, day := t.In(london).Date()
	return time.Date(year, month, day+days, 0, 0, 0, 0, london)
}

// Weekday is the day of the week of t in London, Monday 1 to Sunday 7.
func Weekday(t time.Time) int { return (int(t.In(london).Weekday())+6)%7 + 1 }

// DayValue writes a day as a date field holds it, 2026-12-31; Day reads it.
func (w Words) DayValue(t time.Time) string { return t.In(london).Format(time.DateOnly) }
