package curation

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"moothall/forum"
	"moothall/forum/markup"
)

// TendPage is what curators work from to tidy one thread.
type TendPage struct {
	Thread forum.Thread
	Topics []forum.Topic // its own, the home first
	Tree   []forum.Topic // to choose from
	Lines  []forum.Line  // what was done, the newest last
	Can    map[int64]bool
	Kinds  []string // that it can be changed to
	Find   string   // what was looked for
	Found  []Found
	Into   *forum.Thread // that it would be merged into, where that was asked
	Posts  int           // that would go there or, where it is to be split, that would stay
	Going  []Part        // that would go to a thread of their own, where that was asked
	Parts  []Part        // what can be split off, from a number on
	Next   int           // the number from which more can; 0 at the end

	Summary SummaryNow
	Pins    []Pinned
}

// SummaryNow is what stands above the thread; Version 0 is nothing yet.
type SummaryNow struct {
	Version int
	Body    string
	HTML    markup.HTML
}

// Pinned is a topic in which the thread stands before all others, until a moment.
type Pinned struct {
	Slug  string
	Name  string
	Until time.Time
}

const (
	summaryQuery = `select version, body, html from summaries where thread_id = @thread order by version desc limit 1`
	pinsQuery    = `
		select o.slug, o.name, n.until from pins n join topics o on o.id = n.topic_id
		where n.thread_id = @thread and n.ended_at is null and n.until > @now order by n.id`
)

// Part is a post that can go to a thread of its own, in short.
type Part struct {
	ID       int64
	Number   int
	AuthorID int64
	Author   string
	Excerpt  string
}

// partsMost is how many of them one page offers.
const partsMost = 100

const partsQuery = `
	select p.id, p.number, a.name as author, left(p.excerpt, 120) as excerpt from posts p join people a on a.id = p.author_id join threads t on t.id = p.thread_id
	where p.thread_id = @thread and p.number > 1 and p.number >= @from and p.hidden_at is null and p.deleted_at is null and p.id is distinct from t.answer_id
	order by p.number limit @most`

// Found is a thread whose title is like what was looked for.
type Found struct {
	ID      int64
	Slug    string
	Title   string
	Lang    string
	Replies int
	AskedAt time.Time
}

// foundMost is how many are shown, and findMost how much can be looked for, in code points.
const foundMost, findMost = 10, 150

// hasteQuery says how like a title must be to what is looked for, and keeps looking for
// it to a second; both for the rest of a batch.
const hasteQuery = `select set_config('pg_trgm.word_similarity_threshold', '0.3', true), set_config('statement_timeout', '1000', true)`

// foundQuery reads the threads that a thread could be merged into, the likest first. It
// goes by the index of titles, and judges no more of them than it can.
const foundQuery = `
	with near as materialized (
		select x.thread_id, word_similarity(a.words, x.title) as likeness
		from (select lower(unaccent(@words)) as words) a, lateral (
			select thread_id, title from title_words where a.words <% title limit 2000
		) x
	)
	select t.id, t.slug, t.title, t.lang, t.replies, t.asked_at from near n join threads t on t.id = n.thread_id
	where ` + forum.Visible + ` and t.held_at is null and t.hidden_at is null and t.id <> @thread
		and t.visibility = (select visibility from threads where id = @thread)
	order by n.likeness desc, t.last_post_at desc, t.id desc limit @most`

// TendPage reads the page on which curators tidy a thread, in one round trip:
// ErrForbidden for who is no curator, ErrNotFound and ErrGone as of ThreadPage. Of one
// that was merged it is the page of the thread where its posts are now.
// With words to find, it has the threads whose titles are like them; of a long thread it
// offers the posts from a number on. Looking that takes too long finds nothing.
func (s *Store) TendPage(ctx context.Context, who forum.Person, id int64, find string, from int) (p TendPage, err error) {
	p.Find = cut(forum.CleanTitle(find), findMost)
	var b pgx.Batch
	var said *SummaryNow
	args := who.Rights(pgx.NamedArgs{"thread": id})
	s.QueueThread(&b, args, &p.Thread)
	s.QueueTopicsOf(&b, args, &p.Topics)
	s.QueueTopics(&b, &p.Tree)
	s.QueueLines(&b, who, id, &p.Lines)
	if forum.CanTend(who) {
		b.Queue(partsQuery, pgx.NamedArgs{"thread": id, "from": from, "most": partsMost + 1}).Query(forum.Into(&p.Parts))
		b.Queue(summaryQuery, pgx.NamedArgs{"thread": id}).Query(forum.IntoMaybe(&said))
		b.Queue(pinsQuery, pgx.NamedArgs{"thread": id, "now": s.Now()}).Query(forum.Into(&p.Pins))
	}
	if p.Find != "" && forum.CanTend(who) {
		b.Queue(hasteQuery)
		b.Queue(foundQuery, who.Rights(pgx.NamedArgs{"thread": id, "words": p.Find, "most": foundMost})).Query(forum.Into(&p.Found))
	}
	if err := s.Send(ctx, &b); err != nil {
		if p.Find != "" && slow(ctx, err) {
			words := p.Find
			p, err = s.TendPage(ctx, who, id, "", from)
			p.Find = words
			return p, err
		}
		return TendPage{}, err
	}
	switch {
	case p.Thread.MergedInto != 0:
		return s.TendPage(ctx, who, p.Thread.MergedInto, find, 0)
	case p.Thread.Deleted:
		return TendPage{}, forum.ErrGone
	case !forum.CanTend(who):
		return TendPage{}, forum.ErrForbidden
	}
	if len(p.Parts) > partsMost {
		p.Next, p.Parts = p.Parts[partsMost].Number, p.Parts[:partsMost]
	}
	if said != nil {
		p.Summary = *said
	}
	p.judge()
	return p, nil
}

// slow reports whether the database gave up what took too long.
func slow(ctx context.Context, err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "57014" && ctx.Err() == nil // query_canceled
}

// MergePage is TendPage with what a merge would do; Invalid with what keeps it from
// being done.
func (s *Store) MergePage(ctx context.Context, who forum.Person, id int64, draft MergeDraft) (p TendPage, bad forum.Invalid, err error) {
	if p, err = s.TendPage(ctx, who, id, "", 0); err != nil {
		return p, nil, err
	}
	to, _, err := s.Seen(ctx, who, draft.target(), 0)
	switch {
	case errors.Is(err, forum.ErrNotFound) || errors.Is(err, forum.ErrGone):
		return p, forum.Invalid{{Field: "into", Key: "tending.into_unknown"}}, nil
	case err != nil:
		return p, nil, err
	}
	draft.Reason = forum.CleanReason(draft.Reason)
	if bad := draft.check(p.Thread, to); bad != nil {
		return p, bad, nil
	}
	var going struct{ N int }
	var b pgx.Batch
	b.Queue(`select count(*)::int as n from posts where thread_id = $1 and number is not null and deleted_at is null`, p.Thread.ID).Query(forum.IntoOne(&going))
	p.Into = &to
	err = s.Send(ctx, &b)
	p.Posts = going.N
	return p, nil, err
}

// cut is text without what is beyond so many code points.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// judge says what can be done on the page.
func (p *TendPage) judge() {
	ways := Undoings()
	p.Can = map[int64]bool{}
	for _, line := range p.Lines {
		p.Can[line.EntryID] = !line.Undone && (ways[line.Deed].Undo != nil || line.Deed == forum.Closed || line.Deed == forum.Reopened)
	}
	for _, kind := range kinds {
		bad := MoveDraft{Kind: kind}.check(p.Thread)
		if bad == nil {
			p.Kinds = append(p.Kinds, kind)
		}
	}
}
