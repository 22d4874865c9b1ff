package search

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// similarLeast is how long a title must be before anything can be like it.
const similarLeast = 8

// SaysEnough reports whether a title is long enough for others to be like it.
func SaysEnough(title string) bool {
	q := Query{Text: title}
	q.Clean()
	return utf8.RuneCountInString(q.Text) >= similarLeast
}

// Similar are at most five threads that a title may ask anew, the likest first; none
// rather than weak ones. topic is the slug of the topic that was chosen, if one was.
func (s *Store) Similar(ctx context.Context, who forum.Person, title, topic string) (found []forum.Alike, err error) {
	q := Query{Text: title}
	if q.Clean(); !SaysEnough(q.Text) {
		return nil, nil
	}
	var b pgx.Batch
	hasten(&b)
	b.Queue(`select set_config('pg_trgm.similarity_threshold', '` + lettersLeast + `', true)`) // what % says below
	b.Queue(similarQuery, who.Rights(pgx.NamedArgs{"title": q.Text, "topic": topic})).Query(forum.Into(&found))
	if err = s.send(ctx, &b); errors.Is(err, ErrSlow) {
		return nil, nil // it can be asked all the same
	}
	return found, err
}

// lettersLeast is how much alike the letters of two titles are to be that share no words:
// each that the index finds is read, and of long titles many are a little alike.
const lettersLeast = "0.45"

// asked is the title of a question before it is one.
var asked = forum.LikeTitle{Title: `lower(unaccent(@title))`, Words: `words_in('en', @title)`, Own: `0`, Common: `5000`, Most: `3000`}

// similarQuery weighs titles by the words that they share with one, and by their letters.
var similarQuery = `
	select t.id, t.title, t.slug, t.lang, t.kind, t.replies, t.answer_id is not null or t.solved_at is not null as answered,
		t.closed_at is not null as closed, coalesce(c.shown_name, '') as council_name, s.likeness
	from (
		select w.thread_id, (0.65 * w.shared + 0.35 * w.letters + case when exists (
			select from thread_topics tt join topics o on o.id = tt.topic_id where tt.thread_id = w.thread_id and o.slug = @topic) then 0.05 else 0 end)::float8 as likeness
		from ` + asked.Titles() + ` w where w.letters > ` + lettersLeast + ` or w.common > 1 and w.shared > 0.3
	) s
	join threads t on t.id = s.thread_id left join councils c on c.id = t.council_id
	where s.likeness > 0.32 and ` + forum.Listed + `
	order by s.likeness desc, t.id desc limit 5`

// Answers counts that somebody who was about to ask found their answer in a thread that
// they may see. Who it was is not kept.
func (s *Store) Answers(ctx context.Context, who forum.Person, threadID int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		var there bool
		err := d.QueryRow(ctx, `select exists (select from threads t where t.id = @thread and `+forum.Listed+`)`,
			d.Who.Rights(pgx.NamedArgs{"thread": threadID})).Scan(&there)
		switch {
		case err != nil:
			return err
		case !there:
			return forum.ErrNotFound
		case !forum.CanAsk(d.Who):
			return forum.ErrForbidden
		}
		_, err = d.Exec(ctx, `
			insert into answered_before (thread_id, on_day, times) values ($1, ($2::timestamptz at time zone 'Europe/London')::date, 1)
			on conflict (thread_id, on_day) do update set times = answered_before.times + 1`, threadID, d.At)
		return err
	})
}
