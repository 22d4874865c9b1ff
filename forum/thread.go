package forum

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// Thread is a question or a discussion, without its posts.
type Thread struct {
	ID           int64
	Kind         string
	Title        string
	Slug         string
	Lang         string
	Visibility   string
	Suppliers    bool
	AuthorID     int64
	AuthorName   string
	AuthorHandle string
	CouncilID    int64
	CouncilSlug  string
	CouncilName  string
	CouncilNow   string // what the council has become, if it has ended
	TopicSlug    string // the first topic is its home
	TopicName    string
	AskedAt      time.Time
	LastPostAt   time.Time
	PostCount    int   // numbers given so far
	Replies      int   // posts that show, the opening post aside
	Others       int   // of these, by somebody other than the author
	UsToo        int   // councils that have the problem too, the asker's aside
	Asked        int   // on its own page: councils that were asked to answer it
	Declined     int   // of these, that cannot
	AnswerID     int64 // the accepted answer; 0 if none stands
	AnsweredAt   *time.Time
	Solved       bool // without an answer
	SolvedAt     *time.Time
	SolvedWhy    string
	SolvedBy     string // whose word that is
	Closed       bool
	ClosedAt     *time.Time
	ClosedWhy    string
	Held         bool
	Hidden       bool
	HiddenWhy    string
	Deleted      bool
	MergedInto   int64 // the thread where its posts are now; then it counts as deleted
	Unread       int   // in a list: posts that are new to a reader who has been here before
}

// The kinds of thread that people can start by asking.
const (
	Question     = "question"
	Discussion   = "discussion"
	Announcement = "announcement"
)

// The kinds that have facts beside them.
const (
	Project = "project"
	Lesson  = "lesson"
)

// HasProblem reports whether other councils can have the same: of what was announced
// they cannot.
func (t Thread) HasProblem() bool { return t.Kind == Question || t.Kind == Discussion }

// threadColumns are read wherever a whole Thread is wanted; see threadTables.
const threadColumns = `
	t.id, t.kind, t.title, t.slug, t.lang, t.visibility, t.suppliers,
	t.author_id, a.name as author_name, coalesce(a.handle, '') as author_handle,
	coalesce(t.council_id, 0) as council_id, coalesce(c.slug, '') as council_slug, coalesce(c.shown_name, '') as council_name,
	` + councilNow + ` as council_now,
	coalesce(o.slug, '') as topic_slug, coalesce(o.name, '') as topic_name,
	t.asked_at, t.last_post_at, t.post_count, t.replies, t.others, t.us_too,
	coalesce(t.answer_id, 0) as answer_id, t.answered_at,
	t.solved_at is not null as solved, t.solved_at, coalesce(t.solved_why, '') as solved_why,
	coalesce((select s.name from people s where s.id = t.solved_by), '') as solved_by,
	t.closed_at is not null as closed, t.closed_at, coalesce(t.closed_why, '') as closed_why,
	t.held_at is not null as held, t.hidden_at is not null as hidden, coalesce(t.hidden_why, '') as hidden_why,
	t.deleted_at is not null as deleted, coalesce(t.merged_into, 0) as merged_into`

// threadTables are the tables of threadColumns.
const threadTables = `
	threads t
	join people a on a.id = t.author_id
	left join councils c on c.id = t.council_id
	left join topics o on o.id = t.home_topic_id`

// AskDraft is what was typed to start a thread.
type AskDraft struct {
	Title, Body, Kind, Visibility, Lang string
	Topics                              []string // slugs, the first is home
	Suppliers                           bool
	Resident                            ResidentDraft
	Demo                                string // the name of a thread of the demo; empty of others
	Related                             int64  // the older thread that it asks anew; 0 for none
	Different                           string // what sets it apart from threads like it; it goes into the body

	// Also writes, in the same deed, the facts of a project or a lesson, which nobody
	// starts without them; nil of other kinds.
	Also func(ctx context.Context, d *Deed, t Thread) error

	Mail *Mail // the mail that it came by; nil of what was typed on the site
}

// Bounds of what people write.
const (
	titleLength = 150   // code points
	bodyLength  = 60000 // code points
	bodyBytes   = 64 << 10
	topicCount  = 5
)

// Clean puts what was typed into the form that is stored: line ends as LF, one
// line of title. It changes no word.
func (a *AskDraft) Clean() {
	a.Title = oneLine(a.Title)
	if own := strings.TrimSpace(a.Different); own != "" {
		a.Body += "\n\n" + own
	}
	a.Body, a.Different = markup.Clean(a.Body), ""
	a.Resident.clean()
	if a.Kind == "" {
		a.Kind = Question
	}
	if a.Visibility == "" {
		a.Visibility = "public"
	}
	if a.Lang == "" {
		a.Lang = "en"
	}
}

// Check says what keeps the draft from being posted, as far as its words alone tell.
func (a AskDraft) Check(who Person) (bad Invalid) {
	if !a.kindFits(who) {
		bad.Add("kind", "ask.kind_choose")
	}
	checkTitle(&bad, a.Title)
	checkBody(&bad, a.Body, "ask.body_empty")
	switch n := len(a.Topics); {
	case n == 0 && a.Kind != Project:
		bad.Add("topic", "ask.topic_choose")
	case n > topicCount:
		bad.Add("topic", "ask.topic_too_many", "Max", topicCount)
	}
	if a.Visibility != "public" && a.Visibility != "councils" {
		bad.Add("visibility", "ask.visibility_choose")
	}
	checkLang(&bad, a.Lang)
	return bad
}

// CheckLoaded is Check for what comes from a file: whoever loads it may.
func (a AskDraft) CheckLoaded() (bad Invalid) {
	checkTitle(&bad, a.Title)
	if len(a.Topics) > topicCount {
		bad.Add("topic", "ask.topic_too_many", "Max", topicCount)
	}
	if a.Visibility != "public" && a.Visibility != "councils" {
		bad.Add("visibility", "ask.visibility_choose")
	}
	checkLang(&bad, a.Lang)
	return bad
}

// kindFits reports whether a person may start such a thread by this draft.
func (a AskDraft) kindFits(who Person) bool {
	switch a.Kind {
	case Question, Discussion:
		return a.Also == nil
	case Announcement:
		return CanAnnounce(who)
	case Project, Lesson:
		return a.Also != nil
	}
	return false
}

func checkTitle(bad *Invalid, title string) {
	switch n := utf8.RuneCountInString(title); {
	case n == 0:
		bad.Add("title", "ask.title_empty")
	case n > titleLength:
		bad.Add("title", "ask.title_long", "Max", titleLength, "Over", n-titleLength)
	}
}

func checkBody(bad *Invalid, body, emptyKey string) {
	switch n := utf8.RuneCountInString(body); {
	case strings.TrimSpace(body) == "":
		bad.Add("body", emptyKey)
	case n > bodyLength:
		bad.Add("body", "post.body_long", "Max", bodyLength, "Count", n-bodyLength)
	case len(body) > bodyBytes:
		bad.Add("body", "post.body_big")
	}
}

func checkLang(bad *Invalid, lang string) {
	if lang != "en" && lang != "cy" {
		bad.Add("lang", "post.lang_choose")
	}
}

// Asked is the answer to Ask: where the thread is.
type Asked struct {
	ID   int64
	Slug string
	Held bool
}

// Ask starts a thread with its opening post, makes its author follow it, and has
// those told who follow its topics. What a newcomer asks is held.
func (s *Store) Ask(ctx context.Context, who Person, draft AskDraft) (asked Asked, err error) {
	draft.Clean()
	bad := draft.Check(who)
	check := s.checkResidents(draft.Residents())
	text, err := s.render(ctx, draft.Body, &bad)
	if err != nil {
		return Asked{}, err
	}
	err = s.DoOnce(ctx, who, &asked, func(d *Deed) error {
		if err := d.pace(ctx); err != nil {
			return err
		}
		if !CanAsk(d.Who) {
			return notAsking(d.Who)
		}
		topics, err := d.topics(ctx, draft.Topics, &bad)
		if err != nil {
			return err
		}
		if bad := append(bad, check.problems(draft.Resident)...); bad != nil {
			return bad
		}
		t, err := d.addThread(ctx, draft, topics)
		if err != nil {
			return err
		}
		post, err := d.addPost(ctx, t, PostDraft{Body: draft.Body, Lang: draft.Lang, Mail: draft.Mail}, text)
		if err != nil {
			return err
		}
		if err := d.keepResidents(ctx, check, draft.Resident, Entry{ThreadID: t.ID, PostID: post.ID}); err != nil {
			return err
		}
		if err := d.startsThread(ctx, t, draft); err != nil {
			return err
		}
		asked = Asked{ID: t.ID, Slug: t.Slug, Held: t.Held}
		if t.Held {
			return nil // told when it is let in
		}
		return d.Tell(ctx, Event{Kind: ThreadAsked, ThreadID: t.ID, PostID: post.ID})
	})
	return asked, err
}

// startsThread is what goes with a new thread: its facts, if it has such, that its
// author follows it, and that what they had typed of it is a draft no more.
func (d *Deed) startsThread(ctx context.Context, t Thread, draft AskDraft) error {
	if draft.Also != nil {
		if err := draft.Also(ctx, d, t); err != nil {
			return err
		}
	}
	d.followsThread(t.ID, "asked")
	if draft.Also == nil && draft.Mail == nil { // else it was typed elsewhere
		d.DropDraft(ctx, DraftAsk, 0)
	}
	return nil
}

// addThread makes the thread's row and puts it under its topics.
func (d *Deed) addThread(ctx context.Context, draft AskDraft, topics []int64) (Thread, error) {
	t := Thread{Kind: draft.Kind, Title: draft.Title, Slug: Slug(draft.Title), Visibility: draft.Visibility,
		AuthorID: d.Who.ID, Held: IsHeld(d.Who), Suppliers: draft.Suppliers}
	err := d.QueryRow(ctx, `
		with made as (
			insert into threads (kind, title, slug, lang, visibility, suppliers, author_id, council_id,
				home_topic_id, asked_at, last_post_at, held_at, demo_slug)
			values (@kind, @title, @slug, @lang, @visibility, @suppliers, @who, nullif(@council, 0),
				(@topics::bigint[])[1], @at, @at, case when @held then @at::timestamptz end, nullif(@demo, ''))
			returning id
		), placed as (
			insert into thread_topics (thread_id, topic_id, place)
			select made.id, topic.id, topic.place from made, unnest(@topics::bigint[]) with ordinality as topic (id, place)
		)
		select id from made`,
		pgx.NamedArgs{"kind": t.Kind, "title": t.Title, "slug": t.Slug, "lang": draft.Lang, "visibility": t.Visibility,
			"suppliers": t.Suppliers, "who": d.Who.ID, "council": d.Who.CouncilID, "topics": topics, "at": d.At, "held": t.Held, "demo": draft.Demo},
	).Scan(&t.ID)
	if err != nil {
		return Thread{}, err
	}
	return t, d.relate(ctx, t.ID, draft.Related)
}

// thread reads and locks a thread as the deed's doer may see it: else
// ErrNotFound, or ErrGone if its author deleted it. Of one that was merged it is the
// thread where its posts are now: what was begun on the old page is done there. That one
// alone is locked, or two deeds could lock the two in two orders.
func (d *Deed) thread(ctx context.Context, id int64) (Thread, error) {
	t, err := d.threadRow(ctx, id, `and t.merged_into is null for no key update of t`)
	if errors.Is(err, ErrNotFound) {
		if t, err = d.threadRow(ctx, id, ``); err == nil {
			return d.thread(ctx, cmp.Or(t.MergedInto, id)) // or it has just been parted again
		}
	}
	if err == nil && t.Deleted {
		return Thread{}, ErrGone
	}
	return t, err
}

// StartThread makes a thread for posts that go out of a locked one: with its topics,
// for the same readers, of whoever wrote the first of them, when they wrote it.
func (d *Deed) StartThread(ctx context.Context, from Thread, postID int64, title string) (made Asked, err error) {
	made.Slug = Slug(title)
	err = d.QueryRow(ctx, `
		with made as (
			insert into threads (kind, title, slug, lang, visibility, suppliers, author_id, council_id, home_topic_id, asked_at, last_post_at)
			select case when f.kind = 'question' then f.kind else 'discussion' end, @title, @slug, f.lang, f.visibility, f.suppliers,
				p.author_id, p.council_id, f.home_topic_id, p.posted_at, p.posted_at
			from threads f, posts p where f.id = @from and p.id = @post
			returning id
		)
		select id from made`, pgx.NamedArgs{"from": from.ID, "post": postID, "title": title, "slug": made.Slug}).Scan(&made.ID)
	if err != nil {
		return made, err
	}
	_, err = d.Exec(ctx, `insert into thread_topics (thread_id, topic_id, place) select $2, topic_id, place from thread_topics where thread_id = $1`, from.ID, made.ID)
	return made, err
}

// standing finds where the posts of thread $1 are, if it was merged.
const standing = `
	with recursive chain as (
		select id, merged_into from threads where id = $1
		union select t.id, t.merged_into from threads t join chain c on t.id = c.merged_into
	)
	select id from chain where merged_into is null`

// Standing is the number of the thread where the posts of a thread are now, if it was
// merged; else its own. It says nothing of who may see either.
func (d *Deed) Standing(ctx context.Context, id int64) (now int64, err error) {
	err = d.QueryRow(ctx, `select coalesce((`+standing+`), $1)`, id).Scan(&now)
	return now, err
}

// threadItself is thread of a row as it is, also where it was merged or deleted.
func (d *Deed) threadItself(ctx context.Context, id int64) (Thread, error) {
	return d.threadRow(ctx, id, `for no key update of t`)
}

// threadRow reads the row of a thread that the deed's doer may see, and how says if it locks it.
func (d *Deed) threadRow(ctx context.Context, id int64, how string) (Thread, error) {
	rows, err := d.Query(ctx, `
		select `+threadColumns+` from `+threadTables+`
		where t.id = @thread and `+maySee+` `+how, d.Who.rights(pgx.NamedArgs{"thread": id}))
	if err != nil {
		return Thread{}, err
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[Thread])
	if errors.Is(err, pgx.ErrNoRows) {
		return Thread{}, ErrNotFound
	}
	return t, err
}

// recount makes a thread's figures true again after a post appeared in it or went.
func (d *Deed) recount(ctx context.Context, threadID int64) error {
	_, err := d.Exec(ctx, `
		update threads t set replies = n.replies, others = n.others, last_post_at = coalesce(n.last, t.last_post_at)
		from (
			select count(*) filter (where p.number > 1) as replies,
				count(*) filter (where p.number > 1 and p.author_id <> t.author_id) as others,
				max(p.posted_at) as last
			from threads t join posts p on p.thread_id = t.id
			where t.id = $1 and p.number is not null and p.hidden_at is null and p.deleted_at is null
		) n
		where t.id = $1`, threadID)
	return err
}
