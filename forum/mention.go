package forum

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// mentioned finds the people whom a text names by their handle. A text without
// an @ asks the database nothing.
func (s *Store) mentioned(ctx context.Context, body string) (markup.Refs, error) {
	names := markup.Mentions(body)
	if len(names) == 0 {
		return markup.Refs{}, nil
	}
	rows, err := s.read.Query(ctx, `select handle, id from people where handle = any($1) and joined_at is not null and standing <> 'newcomer' and erased_at is null`, names)
	if err != nil {
		return markup.Refs{}, err
	}
	refs := markup.Refs{People: map[string]int64{}}
	for rows.Next() {
		var handle string
		var id int64
		if err := rows.Scan(&handle, &id); err != nil {
			return markup.Refs{}, err
		}
		refs.People[handle] = id
	}
	return refs, rows.Err()
}

// named are the people of the references in a text.
func named(refs markup.Refs) []int64 {
	return slices.Sorted(maps.Values(refs.People))
}

// mention notes whom a post names. Who was named in it before is not called again;
// who was named while it was held, and is no more, not at all.
func (d *Deed) mention(postID int64, people []int64) {
	d.Also(`delete from mentions where post_id = $1 and event_id is null and person_id <> all($2)`, postID, append([]int64{}, people...))
	if len(people) > 0 {
		d.Also(`
			insert into mentions (post_id, person_id) select $1, unnest($2::bigint[])
			on conflict do nothing`, postID, people)
	}
}

// Suggested is somebody who can be mentioned.
type Suggested struct {
	Handle  string `json:"handle"`
	Name    string `json:"name"`
	Job     string `json:"job"`
	Council string `json:"council"` // of a supplier the company
}

// suggestionsMost is how many people are offered at once.
const suggestionsMost = 8

// Suggestions are people whose handle has a word that begins so, who may read the
// thread: those who take part in it first. Without a thread they are people who read
// what is public. In a thread that the asker may not see nobody is offered.
func (s *Store) Suggestions(ctx context.Context, who Person, threadID int64, begun string) (found []Suggested, err error) {
	begun = Slug(begun)
	if !mayAct(who) || begun == "" {
		return nil, nil
	}
	args := who.rights(pgx.NamedArgs{"thread": threadID, "begun": begun, "now": s.Now(), "limit": suggestionsMost})
	var b pgx.Batch
	b.Queue(`
		with asked as (
			select t.id, t.visibility, t.deleted_at, t.held_at, t.hidden_at from threads t where t.id = @thread and `+visible+`
			union all
			select 0, 'public', null, null, null where @thread::bigint = 0
		), here as (
			select distinct x.author_id as id from posts x where x.thread_id = @thread and x.hidden_at is null and x.deleted_at is null and x.held_at is null
		)
		select p.handle, p.name, p.job_title as job, coalesce(c.shown_name, p.company, '') as council
		from asked t
		join people p on (p.handle like @begun || '%' or p.handle like '%-' || @begun || '%')
			and p.joined_at is not null and p.standing <> 'newcomer' and p.erased_at is null and p.id <> @who
			and `+listedFor+`
		left join councils c on c.id = p.council_id
		left join here on here.id = p.id
		order by here.id is null, p.name, p.id limit @limit`, args).Query(Into(&found))
	return found, s.Send(ctx, &b)
}
