package newsletter

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Figures are what happened since the issue before, as a visitor may count it.
type Figures struct {
	Questions int
	Answered  int
	Replies   int
	Lessons   int
	Projects  int
	Councils  int // whose people wrote something
}

// found is something new that an issue could lead to.
type found struct {
	ThreadID    int64
	HighlightID *int64
}

// fresh are the queries of what is new, by the kind of block that it goes into: what a
// visitor may see and no block of the issue has.
var fresh = map[string]string{
	"highlights": `
		select t.id as thread_id, h.id as highlight_id from highlights h join threads m on m.id = h.thread_id join threads t on t.id = coalesce(m.merged_into, m.id)
		left join posts p on p.id = h.post_id
		where h.ended_at is null and h.from_on <= (@now::timestamptz at time zone 'Europe/London')::date and h.until_on >= (@now::timestamptz at time zone 'Europe/London')::date
			and h.from_on >= (@since::timestamptz at time zone 'Europe/London')::date
			and (h.post_id is null or p.number is not null and p.hidden_at is null and p.deleted_at is null) and ` + unused + ` order by h.place limit 6`,
	"lessons":   `select t.id as thread_id from threads t where t.kind = 'lesson' and t.asked_at > @since and ` + unused + ` order by t.asked_at desc limit 6`,
	"questions": `select t.id as thread_id from threads t where t.kind = 'question' and t.others = 0 and t.closed_at is null and t.answer_id is null and t.solved_at is null and ` + unused + ` order by t.asked_at limit 6`,
	"projects": `
		select t.id as thread_id from threads t join projects j on j.thread_id = t.id
		where j.phase in ('idea', 'discovery', 'alpha') and t.asked_at > @since and ` + unused + ` order by t.asked_at desc limit 6`,
	"news": `select t.id as thread_id from threads t where t.kind = 'announcement' and t.asked_at > @since and ` + unused + ` order by t.asked_at desc limit 6`,
}

// unused is true of the threads t that a visitor sees in lists and the issue has not.
const unused = forum.Listed + ` and t.visibility = 'public'
	and not exists (select from newsletter_items i join newsletter_blocks b on b.id = i.block_id where b.newsletter_id = @issue and i.thread_id = t.id)`

// figuresQuery counts what is for everybody.
const figuresQuery = `
	with said as (
		select p.number, t.kind, t.id, p.council_id from posts p join threads t on t.id = p.thread_id
		where p.posted_at > @since and p.number is not null and p.deleted_at is null and p.hidden_at is null and ` + forum.Listed + ` and t.visibility = 'public'
	)
	select count(*) filter (where number = 1 and kind = 'question')::int as questions, count(*) filter (where number > 1)::int as replies,
		count(*) filter (where number = 1 and kind = 'lesson')::int as lessons, count(*) filter (where number = 1 and kind = 'project')::int as projects,
		count(distinct council_id)::int as councils,
		(select count(*)::int from threads t where t.answered_at > @since and t.answer_id is not null and ` + forum.Listed + ` and t.visibility = 'public') as answered
	from said`

// Fill puts into an issue what is new since the one before: into the blocks of each kind
// that are there, or into new ones, and what it has already not again. What the figures
// say is for say to word, in the language of the issue.
func (s *Store) Fill(ctx context.Context, who forum.Person, id int64, say func(lang string, f Figures) string) error {
	return s.change(ctx, who, id, 0, func(d *forum.Deed, l locked) error {
		there, err := blocksOf(ctx, d, l.ID)
		if err != nil {
			return err
		}
		args := asVisitor(pgx.NamedArgs{"issue": l.ID, "now": d.At, "since": l.Since})
		for _, kind := range Kinds {
			if err := fillKind(ctx, d, fillOf{l, kind, there[kind], args, say}); err != nil {
				return err
			}
		}
		return nil
	})
}

// fillOf is the filling of the block of one kind.
type fillOf struct {
	issue locked
	kind  string
	block int64 // 0: there is none yet
	args  pgx.NamedArgs
	say   func(lang string, f Figures) string
}

// blocksOf are the first blocks of each kind.
func blocksOf(ctx context.Context, d *forum.Deed, issue int64) (map[string]int64, error) {
	rows, err := d.Query(ctx, `select distinct on (kind) kind, id from newsletter_blocks where newsletter_id = $1 order by kind, place, id`, issue)
	if err != nil {
		return nil, err
	}
	there := map[string]int64{}
	var kind string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&kind, &id}, func() error { there[kind] = id; return nil })
	return there, err
}

// fillKind fills the block of one kind. Of text and dates there is one to be written in.
func fillKind(ctx context.Context, d *forum.Deed, f fillOf) error {
	draft := BlockDraft{Kind: f.kind}
	query, leads := fresh[f.kind]
	if !leads {
		if f.block != 0 {
			return nil
		}
		if f.kind == "figures" {
			var counted Figures
			rows, err := d.Query(ctx, figuresQuery, f.args)
			if err != nil {
				return err
			}
			if err := forum.IntoOne(&counted)(rows); err != nil {
				return err
			}
			draft.Body = f.say(f.issue.Lang, counted)
		}
		_, err := addBlock(ctx, d, f.issue.ID, draft)
		return err
	}
	rows, err := d.Query(ctx, query, f.args)
	if err != nil {
		return err
	}
	var list []found
	if err := forum.Into(&list)(rows); err != nil || len(list) == 0 {
		return err
	}
	if f.block == 0 {
		if f.block, err = addBlock(ctx, d, f.issue.ID, draft); err != nil {
			return err
		}
	}
	return addItems(ctx, d, f.block, list)
}

// addItems puts what was found at the end of a block; of a highlight with what that says.
func addItems(ctx context.Context, d *forum.Deed, block int64, list []found) error {
	var threads, highlights []int64
	for _, f := range list {
		highlight := int64(0)
		if f.HighlightID != nil {
			highlight = *f.HighlightID
		}
		threads, highlights = append(threads, f.ThreadID), append(highlights, highlight)
	}
	_, err := d.Exec(ctx, `
		insert into newsletter_items (block_id, thread_id, highlight_id, told, place)
		select @block, v.thread, nullif(v.highlight, 0), v.highlight > 0, v.place + (select coalesce(max(place), 0) from newsletter_items where block_id = @block)
		from unnest(@threads::bigint[], @highlights::bigint[]) with ordinality v (thread, highlight, place)`,
		pgx.NamedArgs{"block": block, "threads": threads, "highlights": highlights})
	return err
}
