package forum

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Useful marks a post as useful to a person, or takes that back. Done a second time
// it changes nothing.
func (s *Store) Useful(ctx context.Context, who Person, postID int64, on bool) error {
	return s.Do(ctx, who, func(d *Deed) error {
		post, thread, err := d.post(ctx, postID)
		if err != nil {
			return err
		}
		if !CanFindUseful(who, post, thread) {
			return ErrForbidden
		}
		return d.setUseful(ctx, post.ID, on, who.ID)
	})
}

// setUseful marks a locked post for some people, and counts them.
func (d *Deed) setUseful(ctx context.Context, postID int64, on bool, people ...int64) error {
	statement := `delete from useful where post_id = @post and person_id = any(@people)`
	if on {
		statement = `insert into useful (post_id, person_id, at) select @post, p, @at from unnest(@people::bigint[]) p on conflict do nothing`
	}
	tag, err := d.Exec(ctx, statement, pgx.NamedArgs{"post": postID, "people": people, "at": d.At})
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	_, err = d.Exec(ctx, `update posts set useful = (select count(*) from useful where post_id = $1) where id = $1`, postID)
	return err
}

// WorkedFor is a council for which a reply also worked.
type WorkedFor struct {
	PostID      int64
	CouncilID   int64
	CouncilSlug string
	CouncilName string
}

// workedQuery reads for whom the posts of a page, and the accepted answer, worked.
const workedQuery = `
	select w.post_id, w.council_id, c.slug as council_slug, c.shown_name as council_name
	from posts p
	join worked w on w.post_id = p.id
	join councils c on c.id = w.council_id
	where p.thread_id = @thread and (p.number between @first and @last or p.id = (select answer_id from threads where id = @thread))
	order by w.at, c.shown_name`

// Worked says that a reply to a question also worked for a person's council, or
// takes that back: any colleague of a council speaks for it, and it counts once.
func (s *Store) Worked(ctx context.Context, who Person, postID int64, on bool) error {
	return s.Do(ctx, who, func(d *Deed) error {
		post, thread, err := d.post(ctx, postID)
		if err != nil {
			return err
		}
		if !CanSayWorked(who, post, thread) {
			return ErrForbidden
		}
		if !on {
			_, err = d.Exec(ctx, `delete from worked where post_id = $1 and council_id = $2`, post.ID, who.CouncilID)
			return err
		}
		_, err = d.Exec(ctx, `insert into worked (post_id, council_id, person_id, at) values ($1, $2, $3, $4) on conflict do nothing`,
			post.ID, who.CouncilID, who.ID, d.At)
		return err
	})
}

// UsTooStates are where a council can be with a problem.
var UsTooStates = []string{"have", "working", "solved", "pilot"}

// UsToo is a council that has a thread's problem too.
type UsToo struct {
	CouncilID    int64
	CouncilSlug  string
	CouncilName  string
	State        string // one of UsTooStates
	PersonID     int64  // who said it last
	PersonName   string
	PersonHandle string
	At           time.Time
}

// usTooQuery reads the councils that have a thread's problem too: who solved it first.
const usTooQuery = `
	select u.council_id, c.slug as council_slug, c.shown_name as council_name, u.state,
		u.person_id, p.name as person_name, coalesce(p.handle, '') as person_handle, u.at
	from us_too u
	join councils c on c.id = u.council_id
	join people p on p.id = u.person_id
	where u.thread_id = @thread
	order by array_position(array['solved', 'working', 'pilot', 'have'], u.state), c.shown_name`

// UsToo says where a person's council is with a thread's problem, in the place of
// what was said before, or takes that back. Done a second time it changes nothing.
func (s *Store) UsToo(ctx context.Context, who Person, threadID int64, on bool, state string) error {
	if state == "" {
		state = UsTooStates[0]
	}
	return s.Do(ctx, who, func(d *Deed) error {
		t, err := d.thread(ctx, threadID)
		if err != nil {
			return err
		}
		if !CanSayUsToo(who, t) {
			return ErrForbidden
		}
		if on && !slices.Contains(UsTooStates, state) {
			return Invalid{{Field: "state", Key: "ustoo.state_choose"}}
		}
		statement := `delete from us_too where thread_id = @thread and council_id = @council`
		if on {
			statement = `
				insert into us_too (thread_id, council_id, state, person_id, at) values (@thread, @council, @state, @who, @at)
				on conflict (thread_id, council_id) do update set state = @state, person_id = @who, at = @at
				where us_too.state <> @state`
		}
		tag, err := d.Exec(ctx, statement, pgx.NamedArgs{"thread": t.ID, "council": who.CouncilID, "state": state, "who": who.ID, "at": d.At})
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		_, err = d.Exec(ctx, countUsToo, t.ID)
		return err
	})
}

// stateOf is where the doer's council is with a thread's problem; empty if it has
// not said.
func (d *Deed) stateOf(ctx context.Context, t Thread) (state string, err error) {
	err = d.QueryRow(ctx, `select state from us_too where thread_id = $1 and council_id = $2`, t.ID, d.Who.CouncilID).Scan(&state)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return state, err
}

// CarryMarks gives the marks of one locked thread to another: the councils that have
// the problem too, its asker's among them, who keeps it for later, and who has read all
// of both. It keeps what it gave under an entry.
func (d *Deed) CarryMarks(ctx context.Context, from, to Thread, entry int64) error {
	args := pgx.NamedArgs{"from": from.ID, "to": to.ID, "entry": entry, "problem": to.HasProblem() && from.HasProblem(),
		"council": from.CouncilID, "person": from.AuthorID, "asked": from.AskedAt, "read": from.PostCount, "known": to.PostCount}
	var b pgx.Batch
	b.Queue(`
		with given as (
			insert into us_too (thread_id, council_id, state, person_id, at)
			select @to, u.council_id, u.state, u.person_id, u.at from us_too u join threads t on t.id = @to
			where u.thread_id = @from and u.council_id is distinct from t.council_id and @problem
			union all
			select @to, @council, 'have', @person, @asked from threads t
			where t.id = @to and @council::bigint <> 0 and @council::bigint is distinct from t.council_id and @problem
				and not exists (select from us_too u where u.thread_id = @from and u.council_id = @council)
			on conflict do nothing returning council_id
		)
		insert into merged_councils (entry_id, council_id) select @entry, council_id from given`, args)
	b.Queue(`
		with given as (
			insert into saves (person_id, thread_id, saved_at, remind_at) select person_id, @to, saved_at, remind_at from saves where thread_id = @from
			order by person_id on conflict do nothing returning person_id
		)
		insert into merged_saves (entry_id, person_id) select @entry, person_id from given`, args)
	b.Queue(`
		update reads r set number = t.post_count from threads t, reads s
		where t.id = @to and r.thread_id = @to and s.thread_id = @from and s.person_id = r.person_id and r.number >= @known and s.number >= @read`, args)
	b.Queue(countUsToo, to.ID)
	return d.SendBatch(ctx, &b).Close()
}

// ReturnMarks takes back what CarryMarks and CarryAnswer gave.
func (d *Deed) ReturnMarks(ctx context.Context, to, entry int64) error {
	var b pgx.Batch
	b.Queue(`delete from us_too u using merged_councils m where m.entry_id = $2 and m.post_id is null and u.thread_id = $1 and u.council_id = m.council_id`, to, entry)
	b.Queue(`delete from worked w using merged_councils m where m.entry_id = $1 and w.post_id = m.post_id and w.council_id = m.council_id`, entry)
	b.Queue(`delete from merged_councils where entry_id = $1`, entry)
	b.Queue(`delete from saves s using merged_saves m where m.entry_id = $2 and s.thread_id = $1 and s.person_id = m.person_id`, to, entry)
	b.Queue(`delete from merged_saves where entry_id = $1`, entry)
	b.Queue(countUsToo, to)
	return d.SendBatch(ctx, &b).Close()
}

const countUsToo = `update threads set us_too = (select count(*) from us_too where thread_id = $1) where id = $1`
