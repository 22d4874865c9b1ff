package projects

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// How long a project may stand without anybody confirming it: months, and days while it
// changes fast, in alpha and beta. How many days whoever looks after it has to answer,
// the first time and once more.
const (
	confirmMonths = 6
	confirmDays   = 90
	answerDays    = 14
)

// askBatch is of how many projects one deed asks; asksDaily of how many one person is
// asked in a day. Of the others they are on the next.
const (
	askBatch  = 50
	asksDaily = 3
)

// owners reads who looks after project j of thread t: its contact, else whoever began it,
// while they are of its council; else who leads that.
const owners = `array(
	select x.id from (
		select y.id, rank() over (order by y.place) as nth from (
			select p.id, case when p.id = j.contact_id then 1 else 2 end as place from people p where p.id in (j.contact_id, t.author_id) and ` + ofCouncil + `
			union all
			select p.id, 3 from roles r join people p on p.id = r.person_id
			where r.role = 'lead' and r.council_id = j.council_id and ` + forum.RoleHolds + ` and ` + ofCouncil + `
		) y
	) x where x.nth = 1 order by x.id limit 20)`

// due is a project of which somebody is to be asked, or of which nobody answered.
type due struct {
	ThreadID int64
	Asks     int
	Owners   []int64
}

// dueQuery reads them, but for those of which somebody would be asked who was asked of
// enough today. What came from a file is as if it had been confirmed on the day it came.
const dueQuery = `
	select j.thread_id, j.asks, w.owners
	from projects j join threads t on t.id = j.thread_id join register r on r.thread_id = j.thread_id
	cross join lateral (select ` + owners + ` as owners) w
	where j.phase not in ('stopped', 'retired') and r.listed and not r.stale and (
		j.asks = 0 and greatest(j.confirmed_at, (select max(i.at) from imports i where i.thread_id = j.thread_id))
			<= case when j.phase in ('alpha', 'beta') then @fast::timestamptz else @slow::timestamptz end
		or j.asks > 0 and j.asked_at <= @unanswered)
		and (j.asks >= 2 or not exists (select from unnest(w.owners) o (id) where ` + askedToday + ` >= @daily))
	order by j.confirmed_at, j.thread_id limit @size
	for no key update of t, j skip locked`

// askedToday is of how many projects person o was asked in the last day.
const askedToday = `(select count(*) from events e where e.person_id = o.id and e.kind = 'project_due' and e.at > @day)`

// AskOwners asks whoever looks after a project that nobody has confirmed for long
// whether its page is still true; those who have not answered in time once more; and
// then has the page say so. Each is asked once for each time, however many nodes look.
// It returns of how many projects somebody was asked.
func (s *Store) AskOwners(ctx context.Context) (asked int, err error) {
	for more := true; more; {
		err := s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
			list, err := dueNow(ctx, d)
			if err != nil {
				return err
			}
			more = len(list) == askBatch
			if len(list) == 0 {
				d.Unseen()
				return nil
			}
			n, err := askAll(ctx, d, list)
			asked += n
			return err
		})
		if err != nil {
			return asked, err
		}
	}
	return asked, nil
}

// dueNow reads and locks the next of them, but for those that somebody is changing.
func dueNow(ctx context.Context, d *forum.Deed) ([]due, error) {
	if _, err := d.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('project_due', 0))`); err != nil { // so that each is counted by the next
		return nil, err
	}
	rows, err := d.Query(ctx, dueQuery, pgx.NamedArgs{"now": d.At, "daily": asksDaily, "day": d.At.Add(-24 * time.Hour), "size": askBatch, "fast": d.At.AddDate(0, 0, -confirmDays),
		"slow": d.At.AddDate(0, -confirmMonths, 0), "unanswered": d.At.AddDate(0, 0, -answerDays)})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[due])
}

// askAll asks of each, or has its page say that nobody answered.
func askAll(ctx context.Context, d *forum.Deed, list []due) (asked int, err error) {
	var again, unanswered []int64
	today, err := askedBefore(ctx, d, list)
	if err != nil {
		return 0, err
	}
	for _, p := range list {
		if p.Asks == 2 {
			unanswered = append(unanswered, p.ThreadID)
			continue
		}
		if slices.ContainsFunc(p.Owners, func(owner int64) bool { return today[owner] >= asksDaily }) {
			continue // another day
		}
		again = append(again, p.ThreadID)
		for _, owner := range p.Owners {
			if err := d.Tell(ctx, forum.Event{Kind: forum.ProjectDue, ThreadID: p.ThreadID, PersonID: owner}); err != nil {
				return 0, err
			}
			today[owner]++
		}
	}
	if _, err := d.Exec(ctx, `update projects set asks = asks + 1, asked_at = $2 where thread_id = any($1)`, again, d.At); err != nil {
		return 0, err
	}
	_, err = d.Exec(ctx, `update register set stale = true where thread_id = any($1)`, unanswered)
	return len(again), err
}

// askedBefore is of how many projects each of those who are to be asked was in the last day.
func askedBefore(ctx context.Context, d *forum.Deed, list []due) (today map[int64]int, err error) {
	var all []int64
	for _, p := range list {
		all = append(all, p.Owners...)
	}
	rows, err := d.Query(ctx, `select o.id, `+askedToday+`::int from (select distinct unnest(@all::bigint[])) o (id)`,
		pgx.NamedArgs{"all": all, "day": d.At.Add(-24 * time.Hour)})
	if err != nil {
		return nil, err
	}
	today = map[int64]int{}
	var id int64
	var n int
	_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error { today[id] = n; return nil })
	return today, err
}

// tellOwners tells whoever looks after a project of something that is not their own doing.
func tellOwners(ctx context.Context, d *forum.Deed, e forum.Event) error {
	rows, err := d.Query(ctx, `select unnest(`+owners+`) from projects j join threads t on t.id = j.thread_id where j.thread_id = @thread`,
		pgx.NamedArgs{"thread": e.ThreadID, "now": d.At})
	if err != nil {
		return err
	}
	people, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	for _, person := range people {
		if e.PersonID = person; person == d.Who.ID {
			continue
		}
		if err := d.Tell(ctx, e); err != nil {
			return err
		}
	}
	return err
}
