package forum

import (
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
	TopicSlug    string // the first topic is its home
	TopicName    string
	AskedAt      time.Time
	LastPostAt   time.Time
	PostCount    int   // numbers given so far
	Replies      int   // posts that show, the opening post aside
	Others       int   // of these, by somebody other than the author
	UsToo        int   // councils that have the problem too, the asker's aside
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
	Unread       int // in a list: posts that are new to a reader who has been here before
}

// The kinds of thread that people can start by asking.
const (
	Question     = "question"
	Discussion   = "discussion"
	Announcement = "announcement"
)

// HasProblem reports whether other councils can have the same: of what was announced
// they cannot.
func (t Thread) HasProblem() bool { return t.Kind == Question || t.Kind == Discussion }

// threadColumns are read wherever a whole Thread is wanted; see threadTables.
const threadColumns = `
	t.id, t.kind, t.title, t.slug, t.lang, t.visibility, t.suppliers,
	t.author_id, a.name as author_name, coalesce(a.handle, '') as author_handle,
	coalesce(t.council_id, 0) as council_id, coalesce(c.slug, '') as council_slug, coalesce(c.shown_name, '') as council_name,
	coalesce(o.slug, '') as topic_slug, coalesce(o.name, '') as topic_name,
	t.asked_at, t.last_post_at, t.post_count, t.replies, t.others, t.us_too,
	coalesce(t.answer_id, 0) as answer_id, t.answered_at,
	t.solved_at is not null as solved, t.solved_at, coalesce(t.solved_why, '') as solved_why,
	coalesce((select s.name from people s where s.id = t.solved_by), '') as solved_by,
	t.closed_at is not null as closed, t.closed_at, coalesce(t.closed_why, '') as closed_why,
	t.held_at is not null as held, t.hidden_at is not null as hidden, coalesce(t.hidden_why, '') as hidden_why,
	t.deleted_at is not null as deleted`

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
	Mail                                *Mail  // the mail that it came by; nil of what was typed on the site
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
	a.Body = markup.Clean(a.Body)
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
	if a.Kind != Question && a.Kind != Discussion && (a.Kind != Announcement || !CanAnnounce(who)) {
		bad.Add("kind", "ask.kind_choose")
	}
	checkTitle(&bad, a.Title)
	checkBody(&bad, a.Body, "ask.body_empty")
	switch n := len(a.Topics); {
	case n == 0:
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
		d.followsThread(t.ID, "asked")
		if draft.Mail == nil { // else it is about something else
			d.DropDraft(ctx, DraftAsk, 0)
		}
		asked = Asked{ID: t.ID, Slug: t.Slug, Held: t.Held}
		if t.Held {
			return nil // told when it is let in
		}
		return d.Tell(ctx, Event{Kind: ThreadAsked, ThreadID: t.ID, PostID: post.ID})
	})
	return asked, err
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
// ErrNotFound, or ErrGone if its author deleted it.
func (d *Deed) thread(ctx context.Context, id int64) (Thread, error) {
	rows, err := d.Query(ctx, `
		select `+threadColumns+` from `+threadTables+`
		where t.id = @thread and `+maySee+`
		for update of t`, d.Who.rights(pgx.NamedArgs{"thread": id}))
	if err != nil {
		return Thread{}, err
	}
	t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[Thread])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Thread{}, ErrNotFound
	case err == nil && t.Deleted:
		return Thread{}, ErrGone
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
