package forum

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"
)

// Deed is one person's act, and its transaction. What hangs on a Deed, or takes
// one, is a part of it: parts are composed freely and none opens a transaction.
type Deed struct {
	pgx.Tx
	Who Person
	At  time.Time

	store  *Store
	unseen bool       // no visitor's page shows what it changes
	also   *pgx.Batch // what goes along with the next statement
}

// Unseen tells that the deed changes nothing that a page for visitors shows, so that
// those need not be made anew. A deed that says nothing has all of them made anew.
func (d *Deed) Unseen() { d.unseen = true }

// Key names one filled-in form: the random value that was made with the page,
// and a digest of what was posted.
type Key struct {
	Value   string
	Content []byte
	Draft   *int // the version of the draft that its page had seen; nil where it does not say
}

type keyKey struct{}

// WithKey hands a form's key to the deed that the form leads to.
func WithKey(ctx context.Context, k Key) context.Context {
	return context.WithValue(ctx, keyKey{}, k)
}

// keyLife is how long the same form gets the first answer again.
const keyLife = 24 * time.Hour

// Do carries out a deed: all that fn does is committed, or none of it. When the
// form behind it was carried out before, fn does not run and Do succeeds.
func (s *Store) Do(ctx context.Context, who Person, fn func(d *Deed) error) error {
	return s.DoOnce(ctx, who, nil, fn)
}

// DoOnce is Do for a deed that has an answer, such as the number of the new post.
// When the same form comes again, answer is what the first one got; a key that
// comes with other content is ErrTwice. Only a deed that was done uses a key up.
func (s *Store) DoOnce(ctx context.Context, who Person, answer any, fn func(d *Deed) error) error {
	key, _ := ctx.Value(keyKey{}).(Key)
	keyed := key.Value != "" && who.ID != 0
	for try := 1; ; try++ {
		d := &Deed{Who: who, At: s.Now(), store: s}
		err := pgx.BeginFunc(ctx, s.write, func(tx pgx.Tx) error {
			d.Tx = tx
			if keyed {
				return d.once(ctx, key, answer, fn)
			}
			if err := fn(d); err != nil {
				return err
			}
			return d.send(ctx)
		})
		if err == nil && !d.unseen {
			s.choices.drop()
			s.changed()
		}
		// Postgres ends one of two deeds that wait for each other; it left nothing behind.
		if !isDeadlock(err) || try == 3 {
			return err
		}
		if err := outOfStep(ctx); err != nil {
			return err
		}
	}
}

// outOfStep waits for a moment that is another each time: two deeds that were ended
// together, and try again together, would meet again.
func outOfStep(ctx context.Context) error {
	moment := time.NewTimer(rand.N(50 * time.Millisecond))
	defer moment.Stop()
	select {
	case <-moment.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// once carries a deed out unless its form was carried out before.
func (d *Deed) once(ctx context.Context, key Key, answer any, fn func(d *Deed) error) error {
	if done, err := d.again(ctx, key, answer); done || err != nil {
		return err
	}
	if err := fn(d); err != nil {
		return err
	}
	if err := d.keepAnswer(key, answer); err != nil {
		return err
	}
	return d.send(ctx)
}

// again claims the key. If it was used before, it fills in the first answer. Of
// two at once the second waits here until the first is committed or undone.
func (d *Deed) again(ctx context.Context, key Key, answer any) (done bool, err error) {
	tag, err := d.Exec(ctx, `
		insert into form_keys (person_id, key, content, at)
		values (@who, @key, @content, @at)
		on conflict (person_id, key) do update
		set content = @content, at = @at, answer = 'null'
		where form_keys.at < @old`,
		pgx.NamedArgs{"who": d.Who.ID, "key": key.Value, "content": key.Content, "at": d.At, "old": d.At.Add(-keyLife)})
	if err != nil || tag.RowsAffected() == 1 {
		return false, err
	}
	var content, first []byte
	err = d.QueryRow(ctx, `select content, answer from form_keys where person_id = $1 and key = $2`,
		d.Who.ID, key.Value).Scan(&content, &first)
	if err != nil {
		return false, err
	}
	if !bytes.Equal(content, key.Content) {
		return false, ErrTwice
	}
	if answer == nil {
		return true, nil
	}
	return true, json.Unmarshal(first, answer)
}

// keepAnswer stores what the deed answered beside its key.
func (d *Deed) keepAnswer(key Key, answer any) error {
	if answer == nil {
		return nil
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	d.Also(`update form_keys set answer = $3 where person_id = $1 and key = $2`, d.Who.ID, key.Value, text)
	return nil
}

// Also has Postgres carry out a statement of which the deed needs to know no more than
// that it failed: it goes along with the next one, in the same round trip, or with the
// deed's end. Statements are carried out in the order in which they are given.
func (d *Deed) Also(sql string, args ...any) {
	if d.also == nil {
		d.also = &pgx.Batch{}
	}
	d.also.Queue(sql, args...)
}

// send carries out what waits to go along.
func (d *Deed) send(ctx context.Context) error {
	b := d.also
	if d.also = nil; b == nil {
		return nil
	}
	if err := giveOrdinals(b); err != nil {
		return err
	}
	return d.Tx.SendBatch(ctx, b).Close()
}

// Exec is that of a transaction.
func (d *Deed) Exec(ctx context.Context, sql string, args ...any) (tag pgconn.CommandTag, err error) {
	if d.also == nil {
		if sql, args, err = oneWithOrdinals(sql, args); err != nil {
			return tag, err
		}
		return d.Tx.Exec(ctx, sql, args...)
	}
	d.also.Queue(sql, args...).Exec(func(t pgconn.CommandTag) error { tag = t; return nil })
	err = d.send(ctx)
	return tag, err
}

// QueryRow is that of a transaction.
func (d *Deed) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if d.also == nil {
		sql, args, err := oneWithOrdinals(sql, args)
		if err != nil {
			return failedRow{err}
		}
		return d.Tx.QueryRow(ctx, sql, args...)
	}
	return alsoRow{ctx, d, d.also.Queue(sql, args...)}
}

// alsoRow is the row of a statement that others went along with.
type alsoRow struct {
	ctx   context.Context
	deed  *Deed
	query *pgx.QueuedQuery
}

// Scan reads the row, as that of a transaction does.
func (r alsoRow) Scan(dest ...any) error {
	r.query.QueryRow(func(row pgx.Row) error { return row.Scan(dest...) })
	return r.deed.send(r.ctx)
}

// failedRow is the row of a statement that could not be sent.
type failedRow struct{ err error }

// Scan says why.
func (r failedRow) Scan(...any) error { return r.err }

// Query is that of a transaction.
func (d *Deed) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := d.send(ctx); err != nil {
		return nil, err
	}
	sql, args, err := oneWithOrdinals(sql, args)
	if err != nil {
		return nil, err
	}
	return d.Tx.Query(ctx, sql, args...)
}

// SendBatch is that of a transaction; what was to go along goes first.
func (d *Deed) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if d.also != nil {
		d.also.QueuedQueries = append(d.also.QueuedQueries, b.QueuedQueries...)
		b, d.also = d.also, nil
	}
	return d.Tx.SendBatch(ctx, b)
}

// Limited reports whether people are kept to a pace.
func (d *Deed) Limited() bool { return d.store.limits }

// InPast reports whether the deed tells what happened before, as the demo's do.
func (d *Deed) InPast() bool { return d.store.past }

// Queue puts a job in the queue; it runs if the deed is committed, and only then.
func (d *Deed) Queue(ctx context.Context, args river.JobArgs) error {
	if d.store.jobs == nil {
		return nil
	}
	_, err := d.store.jobs.InsertTx(ctx, d.Tx, args, nil)
	return err
}

func isDeadlock(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "40P01"
}

// IsThere is true of the error of writing what is there already, in a place for one of it.
func IsThere(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}
