package forum

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
	"moothall/forum/wording"
)

// RedactDraft is what was typed to take a passage out of a post.
type RedactDraft struct {
	Passage string
	Reason  string
	Removed map[string]string // what stands in its place, by the language of the post

	passage  *wording.Passage // of Passage, once it is clean
	gathered []int64          // the collections that have, or had, the post or its thread in them
}

// Bounds of a passage, in code points: a shorter one stands in every other word.
const passageShortest, passageLongest = 3, 2000

// Clean puts what was typed into the form that is looked for.
func (r *RedactDraft) Clean() {
	r.Passage = strings.TrimSpace(markup.Clean(r.Passage))
	r.Reason = CleanReason(r.Reason)
	r.passage = wording.PassageOf(r.Passage)
}

// check says what keeps the passage from being taken out, as far as the form tells.
func (r RedactDraft) check() (bad Invalid) {
	switch n := r.passage.Length(); {
	case r.Passage == "":
		bad.Add("passage", "redact.passage_empty")
	case n < passageShortest:
		bad.Add("passage", "redact.passage_short", "Min", passageShortest)
	case n > passageLongest:
		bad.Add("passage", "redact.passage_long", "Max", passageLongest)
	}
	checkReason(&bad, r.Reason)
	if r.passage.In(r.Reason) {
		bad.Add("reason", "redact.reason_tells") // it stays on record, and anybody may read it
	}
	return bad
}

// removed is what stands in the passage's place in a text of some language.
func (r RedactDraft) removed(lang string) string {
	if word := r.Removed[lang]; word != "" {
		return word
	}
	return r.Removed["en"]
}

// redacted is a post as it will be without the passage, rendered before the deed.
type redacted struct {
	Body    string
	Lang    string
	Version int
	found   bool
	near    int // how often words of the passage still stand in what is shown
	text    rendered
}

// errMoved says that a post has changed since it was rendered.
var errMoved = errors.New("changed meanwhile")

// Redact takes a passage out of all that a post says and ever said: its words, title,
// history, the drafts of its edits, the facts beside the thread that it opens, and what
// people told of it when it was accepted or its question solved. It leaves an entry with the reason, and the
// passage nowhere; there is no way back. Invalid if the passage stands nowhere. It
// tells how often single words of the passage still stand in the post and its title,
// for a moderator to look at: nobody can say whether those name anybody.
func (s *Store) Redact(ctx context.Context, who Person, postID int64, draft RedactDraft) (near int, err error) {
	draft.Clean()
	for range 5 {
		now, err := s.redacted(ctx, postID, draft)
		if err != nil {
			return 0, err
		}
		err = s.DoOnce(ctx, who, &near, func(d *Deed) (err error) {
			near, err = d.redact(ctx, postID, draft, now)
			return err
		})
		if !errors.Is(err, errMoved) {
			return near, err
		}
	}
	return 0, ErrConflict // somebody edits it faster than it can be rendered
}

// redacted reads a post's words and renders them without the passage. Whether this
// person may do so is for the deed to say.
func (s *Store) redacted(ctx context.Context, postID int64, draft RedactDraft) (r redacted, err error) {
	err = s.write.QueryRow(ctx, `select body, lang, version from posts where id = $1`, postID).Scan(&r.Body, &r.Lang, &r.Version)
	if errors.Is(err, pgx.ErrNoRows) {
		return redacted{}, nil
	}
	if err != nil || len(draft.check()) > 0 {
		return r, err
	}
	r.Body, r.found = draft.passage.OutOfPage(r.Body, draft.removed(r.Lang))
	r.near = draft.passage.Near(r.Body)
	if !r.found {
		return r, nil
	}
	var bad Invalid
	r.text, err = s.render(ctx, r.Body, &bad)
	if err == nil && r.text.html == "" { // no longer within bounds: what was published stays readable
		r.text = rendered{html: markup.Plain(r.Body), excerpt: markup.Excerpt(r.Body, excerptLength)}
	}
	return r, err
}

// redact is the deed of Redact.
func (d *Deed) redact(ctx context.Context, postID int64, draft RedactDraft, now redacted) (near int, err error) {
	if err := d.meetDoer(ctx); err != nil {
		return 0, err
	}
	post, thread, err := d.post(ctx, postID)
	switch {
	case err != nil:
		return 0, err
	case !CanRedact(d.Who):
		return 0, ErrForbidden
	case post.Version != now.Version:
		return 0, errMoved
	}
	if bad := draft.check(); bad != nil {
		return 0, bad
	}
	if near = now.near; post.Opening {
		title, _ := draft.passage.Out(thread.Title, draft.removed(thread.Lang))
		near += draft.passage.Near(title)
	}
	return near, d.takeOut(ctx, post, thread, draft, now)
}

// takeOut takes the passage out of a locked post and all that belongs to it.
func (d *Deed) takeOut(ctx context.Context, p Post, t Thread, draft RedactDraft, now redacted) (err error) {
	if draft.gathered, err = d.lockGathered(ctx, p, t); err != nil {
		return err
	}
	stood := now.found
	// the records are read while newsletters have the subjects by which they name them
	for _, part := range []func(context.Context, Post, Thread, RedactDraft) (bool, error){d.redactRevisions, d.redactTitle, d.redactMerged, d.redactTold, d.redactCollections, d.redactRecords, d.redactHighlights, d.redactFacts, d.redactSummaries} {
		found, err := part(ctx, p, t, draft)
		if err != nil {
			return err
		}
		stood = stood || found
	}
	why, explained := draft.passage.Out(p.TeamEditedWhy, draft.removed("en"))
	if !stood && !explained {
		var bad Invalid
		bad.Add("passage", "redact.passage_missing")
		return bad
	}
	if err := d.redactPost(ctx, p, now, why); err != nil {
		return err
	}
	if err := d.redactDrafts(ctx, Typed{Kind: DraftEdit, Target: p.ID}, p.Lang, draft); err != nil {
		return err
	}
	if ofFacts(t, p) {
		if err := d.redactDrafts(ctx, Typed{Kind: DraftLesson, Target: t.ID}, p.Lang, draft); err != nil {
			return err
		}
	}
	return d.recordRedaction(ctx, p, draft.Reason)
}

// redactPost puts the new words in, and raises the version also where they are the
// same: who has the post in a form must look again before they save.
func (d *Deed) redactPost(ctx context.Context, p Post, now redacted, why string) error {
	_, err := d.Exec(ctx, `
		update posts set version = version + 1, redacted_at = @at,
			team_edited_why = case when team_edited_at is not null then @why end,
			body = case when @found then @body else body end,
			html = case when @found then @html else html end,
			html_version = case when @found then @renderer else html_version end,
			excerpt = case when @found then @excerpt else excerpt end
		where id = @post`,
		pgx.NamedArgs{"post": p.ID, "at": d.At, "why": why, "found": now.found, "body": now.Body, "html": now.text.html,
			"renderer": markup.Version, "excerpt": now.text.excerpt})
	if err != nil || now.found {
		return err
	}
	// An answer says what it said when it was accepted: only what it had said before went.
	_, err = d.Exec(ctx, `update threads set answer_version = answer_version + 1 where answer_id = $1`, p.ID)
	return err
}

// redactTitle takes the passage out of the title above an opening post, and reports
// whether it stood there.
func (d *Deed) redactTitle(ctx context.Context, p Post, t Thread, draft RedactDraft) (bool, error) {
	title, found := draft.passage.Out(t.Title, draft.removed(t.Lang))
	if !p.Opening || !found {
		return false, nil
	}
	if runes := []rune(title); len(runes) > titleLength {
		title = strings.TrimSpace(string(runes[:titleLength]))
	}
	return true, d.setTitle(ctx, t, title, title)
}

// redactMerged takes the passage out of the title of a thread that the post had opened
// before it was merged: it stands in a line of the one where the post is now.
func (d *Deed) redactMerged(ctx context.Context, p Post, _ Thread, draft RedactDraft) (found bool, err error) {
	rows, err := d.Query(ctx, `
		select t.id, t.title, t.lang from threads t where t.merged_into is not null
			and t.id in (select m.thread_id from moved_posts m where m.post_id = $1 and m.number = 1) order by t.id for no key update`, p.ID)
	if err != nil {
		return false, err
	}
	merged, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[Thread])
	if err != nil {
		return false, err
	}
	for _, t := range merged {
		stood, err := d.redactTitle(ctx, Post{Opening: true}, t, draft)
		if found = found || stood; err != nil {
			return false, err
		}
	}
	return found, nil
}

// revisionsAtOnce is how many texts of a post are looked through at a time.
const revisionsAtOnce = 50

// redactRevisions takes the passage out of what the post said before, and reports
// whether it stood there.
func (d *Deed) redactRevisions(ctx context.Context, p Post, t Thread, draft RedactDraft) (found bool, err error) {
	type row struct {
		Version             int
		Title, Body, Reason string
	}
	for last, more := 0, true; more; {
		rows, err := d.Query(ctx, `
			select version, coalesce(title, '') as title, body, reason from revisions
			where post_id = $1 and version > $2 and not quiet order by version limit $3`, p.ID, last, revisionsAtOnce)
		if err != nil {
			return false, err
		}
		texts, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
		if err != nil {
			return false, err
		}
		var b pgx.Batch
		bodies := map[string]string{} // an edit of the title leaves the text as it was
		for _, r := range texts {
			title, titled := draft.passage.Out(r.Title, draft.removed(t.Lang))
			body, known := bodies[r.Body]
			if !known {
				body, _ = draft.passage.OutOfMarkdown(r.Body, draft.removed(p.Lang))
				bodies[r.Body] = body
			}
			reason, told := draft.passage.Out(r.Reason, draft.removed("en"))
			if titled || told || body != r.Body {
				found = true
				b.Queue(`update revisions set title = nullif($3, ''), body = $4, reason = $5 where post_id = $1 and version = $2`,
					p.ID, r.Version, title, body, reason)
			}
			last = r.Version
		}
		if err := d.SendBatch(ctx, &b).Close(); err != nil {
			return false, err
		}
		more = len(texts) == revisionsAtOnce
	}
	return found, nil
}

// redactDrafts takes the passage out of what people have typed to edit the post, by the
// form that of is of, and out of what these drafts said before. Nobody is told whether
// it stood there.
func (d *Deed) redactDrafts(ctx context.Context, of Typed, lang string, draft RedactDraft) error {
	type row struct {
		PersonID int64
		Before   int64 // the number of an earlier text; 0 of the draft itself
		Fields   json.RawMessage
	}
	// The drafts are taken first, in order, so that nothing is put among the earlier texts meanwhile.
	_, err := d.Exec(ctx, `select from drafts where kind = $1 and target = $2 order by person_id for update`, of.Kind, of.Target)
	if err != nil {
		return err
	}
	rows, err := d.Query(ctx, `
		select person_id, 0::bigint as before, fields from drafts where kind = $1 and target = $2
		union all select person_id, id, fields from draft_versions where kind = $1 and target = $2`, of.Kind, of.Target)
	if err != nil {
		return err
	}
	kept, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return err
	}
	var b pgx.Batch
	for _, k := range kept {
		fields, found := withoutInFields(k.Fields, draft, lang)
		switch {
		case !found:
		case k.Before != 0:
			b.Queue(`update draft_versions set fields = $2 where id = $1`, k.Before, fields)
		default:
			b.Queue(`update drafts set fields = $4, version = version + 1 where person_id = $1 and kind = $2 and target = $3`,
				k.PersonID, of.Kind, of.Target, fields)
		}
	}
	return d.SendBatch(ctx, &b).Close()
}

// withoutInFields takes the passage out of the fields of a form.
func withoutInFields(text json.RawMessage, draft RedactDraft, lang string) (json.RawMessage, bool) {
	fields, found := url.Values{}, false
	_ = json.Unmarshal(text, &fields) // what is no form has no fields
	for _, values := range fields {
		for i, value := range values {
			clean, stood := draft.passage.OutOfMarkdown(value, draft.removed(lang))
			values[i], found = clean, found || stood
		}
	}
	clean, err := json.Marshal(fields)
	return clean, found && err == nil
}

// recordRedaction writes down that something was taken out, and why; never what.
func (d *Deed) recordRedaction(ctx context.Context, p Post, reason string) error {
	_, err := d.Exec(ctx, `insert into redactions (post_id, version, at, moderator_id, reason) values ($1, $2, $3, $4, $5)`,
		p.ID, p.Version+1, d.At, d.Who.ID, reason)
	if err != nil {
		return err
	}
	_, err = d.Record(ctx, Entry{Deed: RedactedPost, PersonID: p.AuthorID, ThreadID: p.ThreadID, PostID: p.ID, Reason: reason})
	return err
}
