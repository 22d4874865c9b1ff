package search

import (
	"context"
	"strings"
	"sync"
	"unicode"

	"moothall/forum"
)

// missesMost bounds what is gathered between two writings.
const missesMost = 1000

// missesDaily is from how many different ones on no more are written down on a day: who
// wants to fill the table cannot.
const missesDaily = 500

// missLength is how much is kept of what was not found, in code points.
const missLength = 100

// misses are what was searched for on this node and not found, since it was last written
// down. Who searched is not among it.
type misses struct {
	mu    sync.Mutex
	times map[string]int
}

func newMisses() *misses { return &misses{times: map[string]int{}} }

// add counts a query. What may be about a resident (a number, an address) is not kept.
func (m *misses) add(text string) {
	digits := strings.Count(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '0'
		}
		return r
	}, text), "0")
	if digits > 4 || strings.Contains(text, "@") {
		return
	}
	if runes := []rune(strings.ToLower(text)); len(runes) > missLength {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if key := strings.ToLower(text); m.times[key] > 0 || len(m.times) < missesMost {
		m.times[key]++
	}
}

func (m *misses) take() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := m.times
	m.times = map[string]int{}
	return taken
}

func (m *misses) giveBack(taken map[string]int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for words, n := range taken {
		m.times[words] += n
	}
}

// Flush writes down what was searched for and not found: no GET writes that itself.
func (s *Store) Flush(ctx context.Context) error {
	taken := s.misses.take()
	if len(taken) == 0 {
		return nil
	}
	words, times := make([]string, 0, len(taken)), make([]int, 0, len(taken))
	for w, n := range taken {
		words, times = append(words, w), append(times, n)
	}
	err := s.Do(ctx, forum.Operator, func(d *forum.Deed) error {
		d.Unseen()
		_, err := d.Exec(ctx, `
			insert into search_misses (on_day, words, times)
			select ($3::timestamptz at time zone 'Europe/London')::date, m.words, m.times
			from unnest($1::text[], $2::int[]) as m (words, times)
			where (select count(*) from search_misses where on_day = ($3::timestamptz at time zone 'Europe/London')::date) < $4
			order by m.words
			on conflict (on_day, words) do update set times = search_misses.times + excluded.times`, words, times, d.At, missesDaily)
		return err
	})
	if err != nil {
		s.misses.giveBack(taken)
	}
	return err
}

// Sweep forgets what was not found longer ago than the desk looks back, and how often
// somebody found their answer then.
func (s *Store) Sweep(ctx context.Context) error {
	return s.Do(ctx, forum.Operator, func(d *forum.Deed) error {
		d.Unseen()
		_, err := d.Exec(ctx, `
			with answers as (delete from answered_before where on_day < $1::date)
			delete from search_misses where on_day < $1::date`, d.At.Add(-lately))
		return err
	})
}
