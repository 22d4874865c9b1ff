package forum

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// Post is a numbered contribution to a thread. Of a post that its reader may not
// see, the words are empty: only its number and that it was removed are told.
type Post struct {
	ID            int64
	ThreadID      int64
	Number        int  // 0 while it is held
	Opening       bool // the first of its thread
	AuthorID      int64
	AuthorName    string
	AuthorHandle  string
	JobTitle      string // as it was when this was written, as are council and company
	CouncilID     int64
	CouncilSlug   string
	CouncilName   string
	CouncilNow    string // what the council has become, if it has ended
	Company       string
	Lang          string
	HTML          markup.HTML
	Version       int
	Useful        int // to how many people
	PostedAt      time.Time
	EditedAt      *time.Time
	TeamEditedAt  *time.Time // when the team last changed somebody else's words, and why
	TeamEditedWhy string
	RedactedAt    *time.Time // when a moderator last took something out of all its versions
	Held          bool
	Hidden        bool
	HiddenAt      *time.Time
	HiddenWhy     string // told to its author and the team
	Deleted       bool
	DeletedAt     *time.Time
	New           bool   // to the reader, since they were last here
	Shows         bool   // whether its words are there to read
	ByEmail       bool   // it came as a mail
	ReplyTo       int    // the number of the post that this one answers
	ReplyToName   string // whose that is
	Quote         string // its words in short, while they may be read
	Gone          bool   // it is in another thread now, and this is the number that it left
	GoneTitle     string // of that, where the reader may see it
	GoneLang      string
}

// postColumns are read wherever a whole Post is wanted; see postTables.
const postColumns = `
	p.id, p.thread_id, coalesce(p.number, 0) as number,
	coalesce(p.number = 1, not exists (select from posts e where e.thread_id = p.thread_id and (e.id < p.id or e.number = 1))) as opening,
	p.author_id, a.name as author_name, coalesce(a.handle, '') as author_handle,
	p.job_title, coalesce(p.council_id, 0) as council_id, coalesce(c.slug, '') as council_slug, coalesce(c.shown_name, '') as council_name,
	` + councilNow + ` as council_now,
	coalesce(p.company, '') as company, p.by_email, p.lang, case when ` + shows + ` then p.html else '' end as html, p.version, p.useful,
	p.posted_at, p.edited_at, p.team_edited_at, case when ` + shows + ` then coalesce(p.team_edited_why, '') else '' end as team_edited_why, p.redacted_at,
	p.held_at is not null as held, p.hidden_at is not null as hidden, p.hidden_at,
	case when ` + shows + ` then coalesce(p.hidden_why, '') else '' end as hidden_why,
	p.deleted_at is not null and ` + met + ` as deleted, p.deleted_at, ` + shows + ` as shows,
	coalesce(case when q.thread_id = p.thread_id then q.number else (select m.number from moved_posts m where m.thread_id = p.thread_id and m.post_id = q.id) end, 0) as reply_to,
	case when q.id is null then '' else qa.name end as reply_to_name,
	case when q.thread_id = p.thread_id and q.hidden_at is null and q.deleted_at is null and q.held_at is null then coalesce(q.excerpt, '') else '' end as quote`

// postTables are the tables of postColumns.
const postTables = `
	posts p
	join people a on a.id = p.author_id
	left join councils c on c.id = p.council_id
	left join posts q on q.id = p.in_reply_to
	left join people qa on qa.id = q.author_id`

// PostDraft is what was typed as a reply.
type PostDraft struct {
	Body     string
	Lang     string
	Quote    int // the number of the post it answers; 0 for the thread as a whole
	Resident ResidentDraft
	Demo     string // the name of a post of the demo; empty of others
	Last     int    // the last number that was there when it was begun; 0 where nobody says
	Knows    bool   // its writer has been shown what came since: it is not held up again
	Mail     *Mail  // the mail that it came by; nil of what was typed on the site

	// Also writes in the same deed what the post is beside its words; may be nil.
	Also func(ctx context.Context, d *Deed, t Thread, p Post) error
}

// Mail is a mail that somebody answered or asked by. The same one is posted once.
type Mail struct {
	Hash []byte
	Auth string // what the relay says of its sender
}

// Clean puts what was typed into the form that is stored.
func (p *PostDraft) Clean() {
	p.Body = markup.Clean(p.Body)
	p.Resident.clean()
	if p.Lang == "" {
		p.Lang = "en"
	}
}

// Check says what keeps the draft from being posted, as far as its words alone tell.
func (p PostDraft) Check() (bad Invalid) {
	checkBody(&bad, p.Body, "reply.body_empty")
	checkLang(&bad, p.Lang)
	return bad
}

// rendered is a body in the forms that are stored beside it.
type rendered struct {
	html    markup.HTML
	excerpt string
	named   []int64 // the people whom it mentions
}

// excerptLength is how much of a post is quoted, in code points.
const excerptLength = 220

// render makes a body's HTML and its words in short. What cannot be rendered
// within bounds is added to bad.
func (s *Store) render(ctx context.Context, body string, bad *Invalid) (rendered, error) {
	if len(body) > bodyBytes {
		return rendered{}, nil // bad says so already
	}
	refs, err := s.mentioned(ctx, body)
	if err != nil {
		return rendered{}, err
	}
	html, err := markup.Post(body, refs)
	if much := (*markup.TooMuch)(nil); errors.As(err, &much) {
		bad.Add("body", "post.too_much_"+much.What, "Max", much.Limit)
		return rendered{}, nil
	}
	return rendered{html: html, excerpt: markup.Excerpt(body, excerptLength), named: named(refs)}, err
}

// Preview is what a body would look like, and what is wrong with it.
func (s *Store) Preview(ctx context.Context, body string) (markup.HTML, Invalid, error) {
	var bad Invalid
	if body = markup.Clean(body); strings.TrimSpace(body) == "" {
		return "", nil, nil // which is no problem before it is posted
	}
	checkBody(&bad, body, "reply.body_empty")
	text, err := s.render(ctx, body, &bad)
	return text.html, bad, err
}

// Posted is the answer to Reply: where the post is.
type Posted struct {
	ID     int64
	Number int // 0 while it is held
}

// Reply adds a post to a thread, makes its author follow the thread, and has the
// other followers told. What a newcomer writes is held.
func (s *Store) Reply(ctx context.Context, who Person, threadID int64, draft PostDraft) (posted Posted, err error) {
	draft.Clean()
	bad := draft.Check() // said only to those who may post here
	check := s.checkResidents(draft.Residents())
	text, err := s.render(ctx, draft.Body, &bad)
	if err != nil {
		return Posted{}, err
	}
	err = s.DoOnce(ctx, who, &posted, func(d *Deed) error {
		if err := d.pace(ctx); err != nil {
			return err
		}
		draft := draft
		thread, err := d.threadOfReply(ctx, threadID, &draft)
		if err != nil {
			return err
		}
		if why := WhyNotReply(d.Who, thread); why != "" {
			return &Forbidden{Why: why}
		}
		if bad := append(bad, check.problems(draft.Resident)...); bad != nil {
			return bad
		}
		if err := d.overtaken(ctx, thread, draft); err != nil {
			return err
		}
		post, err := d.addPost(ctx, thread, draft, text)
		if err != nil {
			return err
		}
		if err := d.keepResidents(ctx, check, draft.Resident, Entry{ThreadID: thread.ID, PostID: post.ID}); err != nil {
			return err
		}
		d.followsThread(thread.ID, "replied")
		if err := d.endsReply(ctx, threadID, thread, post, draft); err != nil {
			return err
		}
		posted = Posted{ID: post.ID, Number: post.Number}
		if post.Held {
			return nil // told when it is let in
		}
		return d.Tell(ctx, Event{Kind: PostAdded, ThreadID: thread.ID, PostID: post.ID})
	})
	return posted, err
}

// endsReply drops the draft of a reply, which was begun in the thread of that id; of a
// post by another form it writes what else that is.
func (d *Deed) endsReply(ctx context.Context, begun int64, t Thread, p Post, draft PostDraft) error {
	if draft.Also != nil {
		return draft.Also(ctx, d, t, p)
	}
	d.DropDraft(ctx, DraftReply, begun)
	return nil
}

// threadOfReply is the thread that a reply goes to. One that was begun in a thread which
// was merged meanwhile answers the post that it meant, under the number that this has now.
func (d *Deed) threadOfReply(ctx context.Context, id int64, draft *PostDraft) (Thread, error) {
	thread, err := d.thread(ctx, id)
	if err != nil || thread.ID == id {
		return thread, err
	}
	draft.Last = 0
	return thread, d.QueryRow(ctx, `
		select coalesce((select p.number from moved_posts m join posts p on p.id = m.post_id where m.thread_id = $1 and m.number = $2), 0)`,
		id, draft.Quote).Scan(&draft.Quote)
}

// addPost gives the next post of a locked thread its number and counts it; a held
// one has no number yet. A quote of what is not there to read is left out.
func (d *Deed) addPost(ctx context.Context, t Thread, draft PostDraft, text rendered) (p Post, err error) {
	p.Held = IsHeld(d.Who)
	err = d.QueryRow(ctx, `
		with moved as (
			update threads set
				post_count = post_count + 1, last_post_at = @at,
				replies = replies + case when post_count > 0 then 1 else 0 end,
				others = others + case when post_count > 0 and author_id <> @who then 1 else 0 end
			where id = @thread and not @held
			returning id, post_count
		)
		insert into posts (thread_id, number, author_id, job_title, council_id, company, in_reply_to, lang,
			body, html, html_version, excerpt, posted_at, held_at, demo_slug, by_email)
		values (@thread, (select post_count from moved), @who, @job, nullif(@council, 0), nullif(@company, ''),
			(select q.id from posts q where q.thread_id = @thread and q.number = @quote::bigint and q.hidden_at is null and q.deleted_at is null),
			@lang, @body, @html, @version, @excerpt, @at, case when @held then @at::timestamptz end, nullif(@demo, ''), @mailed)
		returning id, coalesce(number, 0)`,
		pgx.NamedArgs{"thread": t.ID, "who": d.Who.ID, "job": d.Who.JobTitle, "council": d.Who.CouncilID,
			"company": d.supplier(), "quote": draft.Quote, "lang": draft.Lang, "body": draft.Body, "html": text.html,
			"version": markup.Version, "excerpt": text.excerpt, "at": d.At, "held": p.Held, "demo": draft.Demo, "mailed": draft.Mail != nil},
	).Scan(&p.ID, &p.Number)
	if err != nil {
		return Post{}, err
	}
	if err := d.noteMail(ctx, draft.Mail, t.ID, p.ID); err != nil {
		return Post{}, err
	}
	d.mention(p.ID, text.named)
	if draft.Mail == nil { // who writes by mail has not had the page before them
		d.hasWritten(t.ID, p.Number)
	}
	return p, nil
}

// noteMail writes down that a mail has become a post; ErrTwice if it had before.
func (d *Deed) noteMail(ctx context.Context, m *Mail, threadID, postID int64) error {
	if m == nil {
		return nil
	}
	tag, err := d.Exec(ctx, `
		insert into inbound (hash, person_id, thread_id, post_id, auth, at) values ($1, $2, $3, $4, $5, $6) on conflict (hash) do nothing`,
		m.Hash, d.Who.ID, threadID, postID, m.Auth, d.At)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrTwice
	}
	return err
}

// supplier is the company that the doer's posts are labelled with.
func (d *Deed) supplier() string {
	if d.Who.Standing == Colleague {
		return ""
	}
	return d.Who.Company
}

// Publish gives a held post its number and its place: now, at the end of its
// thread, which the deed has locked. It shows the council its author was let in to.
func (d *Deed) Publish(ctx context.Context, threadID, postID, councilID int64) error {
	_, err := d.Exec(ctx, `
		with moved as (
			update threads set post_count = post_count + 1, held_at = null,
				asked_at = case when held_at is null then asked_at else @at end,
				council_id = case when held_at is null then council_id else nullif(@council, 0) end
			where id = @thread returning post_count
		)
		update posts p set number = moved.post_count, held_at = null, posted_at = @at, council_id = nullif(@council, 0)
		from moved where p.id = @post`,
		pgx.NamedArgs{"thread": threadID, "post": postID, "council": councilID, "at": d.At})
	if err != nil {
		return err
	}
	return d.recount(ctx, threadID)
}

// post reads and locks a post with its thread as the deed's doer may see them:
// else ErrNotFound; ErrGone if its author deleted it.
func (d *Deed) post(ctx context.Context, id int64) (p Post, t Thread, err error) {
	var threadID int64
	err = d.QueryRow(ctx, `select thread_id from posts where id = $1`, id).Scan(&threadID)
	if errors.Is(err, pgx.ErrNoRows) {
		return Post{}, Thread{}, ErrNotFound
	}
	if err != nil {
		return Post{}, Thread{}, err
	}
	if t, err = d.thread(ctx, threadID); err != nil {
		return Post{}, Thread{}, err
	}
	rows, err := d.Query(ctx, `select `+postColumns+` from `+postTables+` where p.id = @post for no key update of p`,
		d.Who.rights(pgx.NamedArgs{"post": id}))
	if err != nil {
		return Post{}, Thread{}, err
	}
	p, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[Post])
	switch {
	case err != nil:
		return Post{}, Thread{}, err
	case p.ThreadID != threadID: // it was moved while this waited for its thread
		return d.post(ctx, id)
	case p.Deleted || p.ThreadID != t.ID: // or it stayed behind when its thread was merged
		return Post{}, Thread{}, ErrGone
	case !p.Shows:
		return Post{}, Thread{}, ErrNotFound
	}
	return p, t, nil
}
