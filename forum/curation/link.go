package curation

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// How links are looked at: how many projects and lessons are read for them at once, how
// many of one are kept; how many are looked at at once, and in a day; after how many days
// again, of those that answered and of those that did not.
const (
	walkBatch  = 200
	linksMost  = 20
	linkBatch  = 2
	linksDaily = 1000
	linkDays   = 14
	failDays   = 1
	linkLength = 2000
)

// Link is an address that a project or lesson names.
type Link struct {
	ID  int64
	URL string
}

// anAddress finds addresses of the web in Markdown.
var anAddress = regexp.MustCompile(`https?://[^\s<>()\[\]{}"'|\\^` + "`" + `]+`)

// linksIn are the addresses in what is said, each once, without what ends a sentence.
func linksIn(said string) (all []string) {
	for _, address := range anAddress.FindAllString(said, -1) {
		address, _, _ = strings.Cut(strings.TrimRight(address, ".,;:!?*_~"), "#")
		if len(address) <= linkLength && !slices.Contains(all, address) {
			all = append(all, address)
		}
		if len(all) == linksMost {
			break
		}
	}
	return all
}

// GatherLinks reads the next projects and lessons for the links that they name now, and
// begins anew at the end. What nobody names any more is forgotten.
func (s *Store) GatherLinks(ctx context.Context) error {
	return s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		d.Unseen()
		var last int64
		err := d.QueryRow(ctx, `select last_id from link_walk for update skip locked`).Scan(&last)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // another node does so
		}
		if err != nil {
			return err
		}
		rows, err := d.Query(ctx, `
			select r.thread_id, concat_ws(E'\n', j.code_url, j.evidence_url, j.problem, j.tried, j.outcome, l.wanted, l.did, l.happened, l.differently, l.advice) as said
			from register r left join projects j on j.thread_id = r.thread_id left join lessons l on l.thread_id = r.thread_id
			where r.thread_id > $1 order by r.thread_id limit $2`, last, walkBatch)
		if err != nil {
			return err
		}
		type page struct {
			ThreadID int64
			Said     string
		}
		pages, err := pgx.CollectRows(rows, pgx.RowToStructByName[page])
		if err != nil {
			return err
		}
		var seen, threads []int64
		var urls []string
		for _, p := range pages {
			seen = append(seen, p.ThreadID)
			for _, url := range linksIn(p.Said) {
				threads, urls = append(threads, p.ThreadID), append(urls, url)
			}
		}
		next := int64(0)
		if len(pages) == walkBatch {
			next = pages[walkBatch-1].ThreadID
		}
		args := pgx.NamedArgs{"seen": seen, "threads": threads, "urls": urls, "next": next}
		var b pgx.Batch
		b.Queue(`delete from links k where k.thread_id = any(@seen) and not exists (
			select from unnest(@threads::bigint[], @urls::text[]) v (thread_id, url) where v.thread_id = k.thread_id and v.url = k.url)`, args)
		b.Queue(`insert into links (thread_id, url) select v.thread_id, v.url from unnest(@threads::bigint[], @urls::text[]) v (thread_id, url) on conflict do nothing`, args)
		b.Queue(`update link_walk set last_id = @next`, args)
		return d.SendBatch(ctx, &b).Close()
	})
}

// DueLinks are the next links to look at, each of which no other node looks at then: few,
// and no more than so many in a day.
func (s *Store) DueLinks(ctx context.Context) (due []Link, err error) {
	err = s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		d.Unseen()
		rows, err := d.Query(ctx, `
			update links k set checked_at = @at from (
				select k.id from links k join register r on r.thread_id = k.thread_id and r.listed
				where (k.checked_at is null or k.checked_at < @fresh or k.failures > 0 and k.checked_at < @failed)
					and (select count(*) from links x where x.checked_at > @day) < @daily
				order by k.checked_at nulls first, k.id limit @size for update of k skip locked
			) n where k.id = n.id returning k.id, k.url`,
			pgx.NamedArgs{"at": d.At, "fresh": d.At.AddDate(0, 0, -linkDays), "failed": d.At.AddDate(0, 0, -failDays), "day": d.At.Add(-24 * time.Hour), "daily": linksDaily, "size": linkBatch})
		if err != nil {
			return err
		}
		due, err = pgx.CollectRows(rows, pgx.RowToStructByName[Link])
		return err
	})
	return due, err
}

// LinkSaid writes down what came of looking at a link: nothing where it answered, else
// one of the ways in which it did not.
func (s *Store) LinkSaid(ctx context.Context, id int64, said string) error {
	return s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
		d.Unseen()
		_, err := d.Exec(ctx, `
			update links set said = @said, failures = case when @said = '' then 0 else failures + 1 end, failed_at = case when @said <> '' then coalesce(failed_at, @at) end where id = @id`,
			pgx.NamedArgs{"id": id, "said": said, "at": d.At})
		return err
	})
}
