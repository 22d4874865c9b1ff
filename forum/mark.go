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
		_, err = d.Exec(ctx, `update threads set us_too = (select count(*) from us_too where thread_id = $1) where id = $1`, t.ID)
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
