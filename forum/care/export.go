package care

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Export is what is kept about a person, their posts aside. Its fields are the names in
// the file that they are given.
type Export struct {
	Person struct {
		ID          int64      `json:"id"`
		Name        string     `json:"name"`
		JobTitle    string     `json:"job_title"`
		Handle      string     `json:"handle"`
		Standing    string     `json:"standing"`
		Council     string     `json:"council"`
		Company     string     `json:"company"`
		Language    string     `json:"language"`
		ProvenEmail string     `json:"proven_email"`
		Rules       int        `json:"rules_version"`
		CreatedAt   time.Time  `json:"created_at"`
		JoinedAt    *time.Time `json:"joined_at"`
	} `json:"person"`
	Identities []struct {
		Issuer        string    `json:"issuer"`
		Subject       string    `json:"subject"`
		Email         string    `json:"email"`
		EmailVerified bool      `json:"email_verified"`
		CreatedAt     time.Time `json:"created_at"`
		LastUsedAt    time.Time `json:"last_used_at"`
	} `json:"identities"`
	Changes []struct {
		Kind    string    `json:"kind"`
		At      time.Time `json:"at"`
		Issuer  string    `json:"issuer"`
		Address string    `json:"address_before"`
	} `json:"account_changes"`
	Roles []struct {
		Role      string     `json:"role"`
		Council   string     `json:"council"`
		GrantedAt time.Time  `json:"granted_at"`
		Until     *time.Time `json:"until"`
		EndedAt   *time.Time `json:"ended_at"`
	} `json:"roles"`
	Follows []struct {
		SubjectKind string    `json:"subject_kind"`
		SubjectID   int64     `json:"subject_id"`
		Cadence     string    `json:"cadence"`
		Reason      string    `json:"reason"`
		Since       time.Time `json:"since"`
	} `json:"follows"`
	Drafts []struct {
		Kind    string    `json:"kind"`
		Target  int64     `json:"target"`
		Fields  any       `json:"fields"`
		SavedAt time.Time `json:"saved_at"`
	} `json:"drafts"`
	Reports []struct {
		ThreadID  int64      `json:"thread_id"`
		PostID    *int64     `json:"post_id"`
		Reason    string     `json:"reason"`
		At        time.Time  `json:"at"`
		DecidedAt *time.Time `json:"decided_at"`
		Decision  *string    `json:"decision"`
	} `json:"reports_you_made"`
	Useful []struct {
		PostID int64     `json:"post_id"`
		At     time.Time `json:"at"`
	} `json:"useful"`
	Spoke []struct { // for their council
		What     string    `json:"what"`
		ThreadID int64     `json:"thread_id"`
		State    string    `json:"state"`
		Note     string    `json:"note"`
		At       time.Time `json:"at"`
	} `json:"said_for_your_council"`
	Saved []struct {
		ThreadID int64      `json:"thread_id"`
		SavedAt  time.Time  `json:"saved_at"`
		RemindAt *time.Time `json:"remind_at"`
	} `json:"saved"`
	Read []struct {
		ThreadID int64     `json:"thread_id"`
		Number   int       `json:"number"`
		At       time.Time `json:"at"`
	} `json:"read"`
	Told []struct {
		ThreadID *int64     `json:"thread_id"`
		PostID   *int64     `json:"post_id"`
		Reason   string     `json:"reason"`
		At       time.Time  `json:"at"`
		ReadAt   *time.Time `json:"read_at"`
	} `json:"notices"`
	Entries []ExportEntry `json:"entries_about_you"`
	Did     []ExportEntry `json:"entries_by_you"`
}

// ExportEntry is a line of the audit log, without anybody else in it.
type ExportEntry struct {
	ID     int64     `json:"id"`
	Deed   string    `json:"deed"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// ExportPost is one post of a person, with its source.
type ExportPost struct {
	ID       int64      `json:"id"`
	ThreadID int64      `json:"thread_id"`
	Number   *int       `json:"number"` // null while it is held
	Thread   string     `json:"thread"` // its title, if they may still read it
	JobTitle string     `json:"job_title"`
	Council  string     `json:"council"`
	Company  string     `json:"company"`
	Language string     `json:"language"`
	Body     string     `json:"body"`
	PostedAt time.Time  `json:"posted_at"`
	EditedAt *time.Time `json:"edited_at"`
	Deleted  bool       `json:"deleted"`
	Hidden   bool       `json:"removed_by_a_moderator"`
	Before   []struct {
		Version int       `json:"version"`
		At      time.Time `json:"at"`
		Body    string    `json:"body"`
	} `json:"before_edits"`
}

// Export reads what is kept about somebody, in one round trip. Of others it holds
// nothing: who did a deed, reported or answered is not in it.
func (s *Store) Export(ctx context.Context, who forum.Person) (e Export, err error) {
	id := who.ID
	var b pgx.Batch
	b.Queue(`
		select p.id, p.name, p.job_title, coalesce(p.handle, '') as handle, p.standing, coalesce(c.shown_name, '') as council, coalesce(p.company, '') as company,
			p.lang as language, coalesce(p.proven_email, '') as proven_email, coalesce(p.rules_version, 0) as rules, p.created_at, p.joined_at
		from people p left join councils c on c.id = p.council_id where p.id = $1`, id).Query(forum.IntoOne(&e.Person))
	b.Queue(`select issuer, subject, email, email_verified, created_at, last_used_at from identities where person_id = $1 order by created_at`, id).
		Query(forum.Into(&e.Identities))
	b.Queue(`select kind, at, issuer, address from account_changes where person_id = $1 order by id`, id).Query(forum.Into(&e.Changes))
	b.Queue(`
		select r.role, coalesce(c.shown_name, '') as council, r.granted_at, r.until, r.ended_at
		from roles r left join councils c on c.id = r.council_id where r.person_id = $1 order by r.id`, id).Query(forum.Into(&e.Roles))
	b.Queue(`select subject_kind, subject_id, cadence, reason, since from follows where person_id = $1 order by since limit 10000`, id).Query(forum.Into(&e.Follows))
	b.Queue(`
		select kind, target, fields, saved_at from drafts where person_id = $1
		union all select kind, target, fields, saved_at from draft_versions where person_id = $1 order by saved_at`, id).Query(forum.Into(&e.Drafts))
	b.Queue(`select thread_id, post_id, reason, at, decided_at, decision from reports where reporter_id = $1 order by id limit 10000`, id).Query(forum.Into(&e.Reports))
	b.Queue(`select post_id, at from useful where person_id = $1 order by at limit 10000`, id).Query(forum.Into(&e.Useful))
	b.Queue(`
		select 'us-too' as what, thread_id, state, '' as note, at from us_too where person_id = $1
		union all select 'worked', p.thread_id, 'worked', '', w.at from worked w join posts p on p.id = w.post_id where w.person_id = $1
		union all select 'outcome', p.thread_id, o.answer, o.note, o.at from outcomes o join posts p on p.id = o.post_id where o.person_id = $1
		order by at limit 10000`, id).Query(forum.Into(&e.Spoke))
	b.Queue(`select thread_id, saved_at, remind_at from saves where person_id = $1 order by saved_at`, id).Query(forum.Into(&e.Saved))
	b.Queue(`select thread_id, number, at from reads where person_id = $1 order by at desc limit 10000`, id).Query(forum.Into(&e.Read))
	b.Queue(`select thread_id, post_id, reason, at, read_at from notices where person_id = $1 order by at desc limit 10000`, id).Query(forum.Into(&e.Told))
	b.Queue(`select id, deed, at, reason from entries where person_id = $1 order by id limit 10000`, id).Query(forum.Into(&e.Entries))
	b.Queue(`select id, deed, at, reason from entries where doer_id = $1 and person_id is distinct from $1 order by id limit 10000`, id).Query(forum.Into(&e.Did))
	return e, s.Send(ctx, &b)
}

// ExportBatch is how many posts ExportPosts reads at once.
const ExportBatch = 100

// ExportPosts reads the next of a person's posts, in the order in which they wrote
// them, after the one of this number.
func (s *Store) ExportPosts(ctx context.Context, who forum.Person, after int64) (posts []ExportPost, err error) {
	type before struct {
		PostID  int64
		Version int
		At      time.Time
		Body    string
	}
	var revisions []before
	args := pgx.NamedArgs{"who": who.ID, "after": after, "limit": ExportBatch}
	var b pgx.Batch
	b.Queue(`
		select p.id, p.thread_id, p.number, p.job_title, coalesce(c.shown_name, '') as council, coalesce(p.company, '') as company, p.lang as language,
			case when t.author_id = @who or t.visibility = 'public' and t.held_at is null and t.hidden_at is null and t.deleted_at is null then t.title else '' end as thread,
			p.body, p.posted_at, p.edited_at, p.deleted_at is not null as deleted, p.hidden_at is not null as hidden
		from posts p join threads t on t.id = p.thread_id left join councils c on c.id = p.council_id
		where p.author_id = @who and p.id > @after order by p.id limit @limit`, args).Query(forum.Into(&posts))
	b.Queue(`
		select r.post_id, r.version, r.at, r.body from revisions r
		where r.post_id in (select id from posts where author_id = @who and id > @after order by id limit @limit)
		order by r.post_id, r.version limit 2000`, args).Query(forum.Into(&revisions))
	if err := s.Send(ctx, &b); err != nil {
		return nil, err
	}
	for i := range posts {
		for _, r := range revisions {
			if r.PostID == posts[i].ID {
				posts[i].Before = append(posts[i].Before, struct {
					Version int       `json:"version"`
					At      time.Time `json:"at"`
					Body    string    `json:"body"`
				}{r.Version, r.At, r.Body})
			}
		}
	}
	return posts, nil
}
