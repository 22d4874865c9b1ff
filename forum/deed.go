package forum

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	unseen bool // no visitor's page shows what it changes
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
				if done, err := d.again(ctx, key, answer); done || err != nil {
					return err
				}
			}
			if err := fn(d); err != nil || !keyed {
				return err
			}
			return d.keepAnswer(ctx, key, answer)
		})
		if err == nil && !d.unseen {
			s.choices.drop()
			s.changed()
		}
		// Postgres ends one of two deeds that wait for each other; it left nothing behind.
		if !isDeadlock(err) || try == 3 {
			return err
		}
	}
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
func (d *Deed) keepAnswer(ctx context.Context, key Key, answer any) error {
	if answer == nil {
		return nil
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	_, err = d.Exec(ctx, `update form_keys set answer = $3 where person_id = $1 and key = $2`,
		d.Who.ID, key.Value, text)
	return err
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
