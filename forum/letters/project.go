package letters

import (
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Project is what a letter about a project says of it to whoever looks after it.
type Project struct {
	Summary     string
	Phase       string
	ConfirmedAt time.Time
	Asks        int
	Council     string // that has answered, and what it said
	State       string
}

// tends is true of the people p who look after project j of thread g now.
const tends = `(p.standing = 'colleague' and p.joined_at is not null and p.erased_at is null and p.council_id = j.council_id
	and (p.id in (j.contact_id, g.author_id) or exists (select from roles r
		where r.person_id = p.id and r.role = 'lead' and r.council_id = j.council_id and ` + forum.RoleHolds + `)))`

// Who hears of a project, as long as they still look after it and it is still so: that
// nobody has confirmed it; that a council of theirs is asked to take part; and what one
// said.
const (
	whoConfirms = `select 5, 'tends', p.id from people p join projects j on j.thread_id = @thread join threads g on g.id = j.thread_id
		where p.id = @person and j.asks > 0 and j.confirmed_at <= @at and ` + tends
	whoTends = `select 5, 'tends', p.id from people p join projects j on j.thread_id = @thread join threads g on g.id = j.thread_id
		where p.id = @person and ` + tends
	whoAnswers = `select 5, 'tends', r.person_id from roles r join project_councils k on k.thread_id = @thread and k.council_id = r.council_id and k.state = 'invited'
		where r.person_id = @person and r.role = 'lead' and ` + forum.RoleHolds
)

// readProject has a batch read of the project what a letter about the event says.
func readProject(b *pgx.Batch, l *Letter, e event) {
	switch e.Kind {
	case forum.ProjectDue, forum.PartnerInvited, forum.PartnerAnswered:
		b.Queue(`
			select j.summary, j.phase, j.confirmed_at, j.asks, coalesce(c.shown_name, '') as council, coalesce(k.state, '') as state
			from projects j
			left join lateral (select council_id, state from project_councils a where a.thread_id = j.thread_id and a.answered_by = @doer order by a.answered_at desc limit 1) k on true
			left join councils c on c.id = k.council_id
			where j.thread_id = @thread`, pgx.NamedArgs{"thread": e.ThreadID, "doer": e.DoerID}).Query(forum.IntoOne(&l.Project))
	}
}
