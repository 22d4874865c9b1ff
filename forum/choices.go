package forum

import (
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// choicesLife is how long what another node changed may be unknown to this one.
const choicesLife = time.Second

// choice is what the filters of a listing choose among, for all who may see the same.
type choice struct {
	topics   []Topic
	councils []Council
	at       time.Time
}

// choices keeps them for a moment: reading them costs as much as the listing. Whatever
// a deed of this node changes makes them old.
type choices struct {
	mu    sync.Mutex
	deeds uint64          // that made them old
	of    map[bool]choice // by whether the reader is a colleague
}

// get is what is kept, if it is new enough, and how many deeds there had been: put
// keeps what was read only if no other came meanwhile.
func (k *choices) get(who Person, now time.Time) (c choice, deeds uint64, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok = k.of[who.IsColleague()]
	age := now.Sub(c.at)
	return c, k.deeds, ok && age >= 0 && age < choicesLife
}

func (k *choices) put(who Person, c choice, deeds uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.deeds == deeds {
		k.of[who.IsColleague()] = c
	}
}

// drop makes what is kept, if anything is, old.
func (k *choices) drop() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.deeds++
	clear(k.of)
}

// What other packages read threads with.
const (
	ThreadColumns = threadColumns // of a whole Thread
	ThreadTables  = threadTables  // the tables of ThreadColumns
)

// Choose fills in what the filters of a listing choose among, or queues it to be read;
// what it returns keeps that when the batch was sent.
func (s *Store) Choose(who Person, b *pgx.Batch, l *ThreadList) (keep func()) {
	return s.choose(who, b, l)
}
