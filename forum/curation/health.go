package curation

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// healthWeeks is of how many weeks the figures of health are told.
const healthWeeks = 13

// Health is how well people help each other in a span of time.
type Health struct {
	Span      string   // the Monday of a week, or "now" and "before" of four weeks
	Questions int      // that were asked
	Hours     *float64 // until the first answer, of half of those that have one; nil where none has
	Counted   int      // of the questions: those asked more than seven days ago, or answered
	InSeven   int      // of these, answered in seven days
	Councils  int      // that wrote something
	Confirmed int      // projects whose latest confirmation is of then
}

// Share is how many percent of the questions were answered in seven days; -1 where none
// counts yet.
func (h Health) Share() int {
	if h.Counted == 0 {
		return -1
	}
	return (200*h.InSeven + h.Counted) / (2 * h.Counted)
}

// Monday is the first day of a week.
func (h Health) Monday() time.Time {
	day, _ := time.ParseInLocation(time.DateOnly, h.Span, forum.London) // of four weeks there is none
	return day
}

// HealthPage is how it goes: week by week, and the last four weeks beside those before.
type HealthPage struct {
	Weeks       []Health // the oldest first; the last is under way
	Now, Before Health
}

// healthQuery reads the figures from @from on, of each span that a moment belongs to.
func healthQuery(span func(moment string) string) string {
	return `
	select s.span, coalesce(q.questions, 0) as questions, q.hours, coalesce(q.counted, 0) as counted, coalesce(q.in_seven, 0) as in_seven,
		coalesce(w.councils, 0) as councils, coalesce(f.confirmed, 0) as confirmed
	from unnest(@spans::text[]) with ordinality s (span, place)
	left join (
		select ` + span("t.asked_at") + ` as span, count(*)::int as questions,
			(percentile_cont(0.5) within group (order by extract(epoch from x.at - t.asked_at) / 3600))::float8 as hours,
			(count(*) filter (where t.asked_at <= @week or x.at is not null))::int as counted,
			(count(*) filter (where x.at <= t.asked_at + interval '7 days'))::int as in_seven
		from threads t left join lateral (
			select p.posted_at as at from posts p
			where p.thread_id = t.id and p.number > 1 and p.author_id <> t.author_id and p.hidden_at is null and p.deleted_at is null order by p.number limit 1
		) x on true
		where t.kind = 'question' and t.last_post_at >= @from and t.asked_at >= @from and ` + forum.Listed + `
		group by 1
	) q on q.span = s.span
	left join (
		select ` + span("p.posted_at") + ` as span, count(distinct p.council_id)::int as councils
		from threads t join posts p on p.thread_id = t.id and p.posted_at >= @from and p.number is not null and p.hidden_at is null and p.deleted_at is null
		where t.last_post_at >= @from and ` + forum.Listed + `
		group by 1
	) w on w.span = s.span
	left join (
		select ` + span("r.confirmed_at") + ` as span, count(*)::int as confirmed from register r
		where r.kind = 'project' and not r.stale and r.listed and r.confirmed_at >= @from
		group by 1
	) f on f.span = s.span
	order by s.place`
}

// HealthPage reads the figures in one round trip; ErrForbidden for who is no curator.
func (s *Store) HealthPage(ctx context.Context, who forum.Person) (p HealthPage, err error) {
	if !forum.CanTend(who) {
		return HealthPage{}, forum.ErrForbidden
	}
	now := s.Now()
	y, m, d := now.In(forum.London).Date()
	monday := time.Date(y, m, d-(int(now.In(forum.London).Weekday())+6)%7, 0, 0, 0, 0, forum.London)
	var spans []string
	for i := range healthWeeks {
		spans = append(spans, monday.AddDate(0, 0, 7*(i+1-healthWeeks)).Format(time.DateOnly))
	}
	var months []Health
	var b pgx.Batch
	args := func(from time.Time, spans ...string) pgx.NamedArgs {
		return who.Rights(pgx.NamedArgs{"from": from, "spans": spans, "week": now.AddDate(0, 0, -7), "month": now.AddDate(0, 0, -28)})
	}
	b.Queue(healthQuery(func(moment string) string {
		return `date_trunc('week', ` + moment + ` at time zone 'Europe/London')::date::text`
	}), args(monday.AddDate(0, 0, 7*(1-healthWeeks)), spans...)).Query(forum.Into(&p.Weeks))
	b.Queue(healthQuery(func(moment string) string {
		return `case when ` + moment + ` > @month then 'now' else 'before' end`
	}), args(now.AddDate(0, 0, -56), "now", "before")).Query(forum.Into(&months))
	if err := s.Send(ctx, &b); err != nil {
		return HealthPage{}, err
	}
	p.Now, p.Before = months[0], months[1]
	return p, nil
}
