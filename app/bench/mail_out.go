package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// mailsOf is how many mails one measurement of sending takes: enough that the second or two
// until all postmen have looked count for little.
func (o options) mailsOf() int { return max(20*postmen, int(2500*o.seconds)/postmen*postmen) }

// arrived waits until the sink has so many mails more than before, and returns how long
// it took since then.
func (c *crowd) arrived(ctx context.Context, before int64, n int, since time.Time) (seconds float64, err error) {
	last, at := int64(0), time.Now()
	for ; ctx.Err() == nil; time.Sleep(time.Millisecond) {
		switch mails := c.sink.mails.Load(); {
		case mails >= before+int64(n):
			return time.Since(since).Seconds(), nil
		case mails > last:
			last, at = mails, time.Now()
		case time.Since(at) > time.Minute:
			return 0, fmt.Errorf("%d of %d mails have come, and for a minute none", mails-before, n)
		}
	}
	return 0, ctx.Err()
}

// digestPosts are how many posts stand in a digest at least.
const digestPosts = 15

// postUntil posts to the crowd, who hear that soon, until a count comes to enough.
func (c *crowd) postUntil(ctx context.Context, cadence string, enough int, count string, args ...any) error {
	if err := c.listen(ctx, cadence); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if n, err := c.number(ctx, count, args...); err != nil || n >= float64(enough) {
			return err
		}
		if _, err := c.post(c.loud); err != nil {
			return err
		}
		if err := c.rest(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// measureSending has letters that wait go out to the sink, and a bare loop of the library
// hand over as many mails of their size, in turn.
func (c *crowd) measureSending(ctx context.Context) error {
	n, size := min(c.mailsOf(), c.people/postmen*postmen), 8<<10
	if err := c.postUntil(ctx, "instant", n*c.rounds, `select count(*) from letters where state = 'queued' and kind = 'instant'`); err != nil {
		return err
	}
	var ours, floor, ratios, cpu, sql []float64
	for round := range c.rounds {
		both := []func() error{
			func() error {
				before, bytes, began := c.sink.mails.Load(), c.sink.bytes.Load(), time.Now()
				processor, database := c.hall.processor(), c.hall.database()
				err := c.exec(ctx, `update letters set due_at = created_at where id in (select id from letters where state = 'queued' and kind = 'instant' order by id limit $1)`, n)
				if err != nil {
					return err
				}
				took, err := c.arrived(ctx, before, n, began)
				ours = append(ours, float64(n)/took)
				cpu = append(cpu, (c.hall.processor()-processor).Seconds()*1000/float64(n))
				sql = append(sql, (c.hall.database()-database).Seconds()*1000/float64(n))
				size = int(c.sink.bytes.Load()-bytes) / n
				return err
			},
			func() error {
				before, began := c.sink.mails.Load(), time.Now()
				if err := sendBare(ctx, c.sink, n, size); err != nil {
					return err
				}
				took, err := c.arrived(ctx, before, n, began)
				floor = append(floor, float64(n)/took)
				return err
			},
		}
		if round%2 == 1 {
			slices.Reverse(both)
		}
		if err := errors.Join(both[0](), both[1](), ctx.Err()); err != nil {
			return err
		}
		ratios = append(ratios, ratio(ours[round], floor[round]))
	}
	c.add(row{Name: "mails looked at, written, handed over", Unit: "/s", Ours: median(ours), Floor: median(floor), Ratio: median(ratios), RatioMin: least(ratios), RatioMax: most(ratios),
		CPU: median(cpu), SQL: median(sql), Bytes: float64(size)})
	return c.exec(ctx, `delete from letters where state = 'queued'`)
}

// measureDigests lets the hour of half of the crowd come, and waits until each has their
// digest of all that they were told.
func (c *crowd) measureDigests(ctx context.Context) error {
	n := c.people / 2
	if err := c.postUntil(ctx, "daily", digestPosts, `select count(*) from notices where person_id = $1 and cadence = 'daily' and letter_id is null`, c.first); err != nil {
		return err
	}
	if err := errors.Join(c.exec(ctx, `delete from digests_due where person_id >= $1`, c.first+int64(n)), c.exec(ctx, `vacuum analyze`)); err != nil {
		return err
	}
	c.hall.forgetPeak()
	before, began := c.sink.mails.Load(), time.Now()
	r := send(c.hall, "/dev/clock", form("advance", "48h"))
	if a, err := c.client.do(&r, false); err != nil || a.status != 200 {
		return errors.Join(fmt.Errorf("moving the clock is answered with status %d", a.status), err)
	}
	made, err := c.digestsMade(ctx, began)
	if err != nil {
		return err
	}
	handed, err := c.arrived(ctx, before, n, began)
	if err != nil {
		return err
	}
	peak := c.hall.peak()
	c.add(row{Name: "digests made, while others go out", Unit: "/s", Ours: float64(n) / made, RSS: peak})
	c.add(row{Name: "digests made, written, handed over", Unit: "/s", Ours: float64(n) / handed, RSS: peak})
	c.add(row{Name: fmt.Sprintf("all digests of %d people", n), Unit: "s", Ours: handed, RSS: peak})
	return nil
}

// digestsMade waits until nobody's digest is due, and returns how long it took.
func (c *crowd) digestsMade(ctx context.Context, since time.Time) (seconds float64, err error) {
	for until := time.Now().Add(10 * time.Minute); ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		left, err := c.number(ctx, `select count(*) from digests_due where due_at <= now() + interval '24 hours'`)
		if err != nil || left == 0 {
			return time.Since(since).Seconds(), err
		}
		if time.Now().After(until) {
			return 0, fmt.Errorf("after ten minutes the digests of %g people are still to be made", left)
		}
	}
	return 0, ctx.Err()
}
