package curation

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// SummaryDraft is what was typed to say above a thread what it has come to.
type SummaryDraft struct {
	Body    string // Markdown; empty: there is nothing to say any more
	Version int    // of what stood there when the form was made; 0 of none
	Reason  string
}

// summaryLength is how long it may be, in code points: it is read before all else.
const summaryLength = 10000

// check says what keeps it from standing there.
func (s SummaryDraft) check(now summary) (bad forum.Invalid) {
	if s.Body == "" && now.Body == "" {
		bad.Add("body", "summary.empty")
	}
	return append(bad, checkReason(s.Reason)...)
}

// summary is what stands above a thread now; of none it has no words.
type summary struct {
	Version int
	Body    string
	HTML    markup.HTML
	Render  int // the version of the renderer that made it
	By      string
}

// Summarise puts what is known so far above a thread, or changes it; no words take it
// down. What it said before is kept. The same again changes nothing; a change of what
// somebody else has changed meanwhile is a *forum.Conflict.
func (s *Store) Summarise(ctx context.Context, who forum.Person, threadID int64, draft SummaryDraft) error {
	draft.Body, draft.Reason = strings.TrimSpace(markup.Clean(draft.Body)), forum.CleanReason(draft.Reason)
	html, unfit, err := SummaryHTML(draft.Body)
	if err != nil {
		return err
	}
	return s.tend(ctx, who, threadID, func(d *forum.Deed, t forum.Thread) error {
		now, err := summaryOf(ctx, d, t.ID)
		if err != nil {
			return err
		}
		if bad := append(draft.check(now), unfit...); bad != nil {
			return bad
		}
		switch {
		case draft.Body == now.Body:
			return nil
		case draft.Version != now.Version:
			return &forum.Conflict{Body: now.Body, Version: now.Version, EditorName: now.By}
		}
		deed := forum.SummarisedThread
		if draft.Body == "" {
			deed = forum.UnsummarisedThread
		}
		entry, err := record(ctx, d, forum.Entry{Deed: deed, ThreadID: t.ID, Reason: draft.Reason},
			tending{ThreadID: t.ID, After: t.PostCount, Version: now.Version + 1})
		if err != nil {
			return err
		}
		err = putSummary(ctx, d, t.ID, entry, summary{Version: now.Version + 1, Body: draft.Body, HTML: html, Render: markup.Version})
		if err != nil || now.Body != "" || draft.Body == "" {
			return err // whoever began the thread is told when it begins, not of each word
		}
		return d.Tell(ctx, forum.Event{Kind: forum.ThreadSummarised, ThreadID: t.ID})
	})
}

// SummaryHTML is how a summary will look, and what is wrong with it. Names in it lead
// nowhere and tell nobody: it speaks for the team.
func SummaryHTML(body string) (html markup.HTML, bad forum.Invalid, err error) {
	if n := utf8.RuneCountInString(body); n > summaryLength {
		bad.Add("body", "summary.long", "Max", summaryLength, "Count", n-summaryLength)
		return "", bad, nil
	}
	html, err = markup.Post(body, markup.Refs{})
	if much := (*markup.TooMuch)(nil); errors.As(err, &much) {
		bad.Add("body", "post.too_much_"+much.What, "Max", much.Limit)
		return "", bad, nil
	}
	return html, nil, err
}

// summaryOf reads what stands above a locked thread.
func summaryOf(ctx context.Context, d *forum.Deed, threadID int64) (now summary, err error) {
	err = d.QueryRow(ctx, `
		select s.version, s.body, s.html, p.name from summaries s join people p on p.id = s.editor_id
		where s.thread_id = $1 order by s.version desc limit 1`, threadID).Scan(&now.Version, &now.Body, &now.HTML, &now.By)
	if errors.Is(err, pgx.ErrNoRows) {
		return summary{}, nil
	}
	return now, err
}

// putSummary writes what stands above a thread from now on.
func putSummary(ctx context.Context, d *forum.Deed, threadID, entry int64, s summary) error {
	_, err := d.Exec(ctx, `
		insert into summaries (thread_id, version, body, html, html_version, editor_id, at, entry_id)
		values (@thread, @version, @body, @html, @renderer, @who, @at, @entry)`,
		pgx.NamedArgs{"thread": threadID, "version": s.Version, "body": s.Body, "html": s.HTML, "renderer": s.Render, "who": d.Who.ID, "at": d.At, "entry": entry})
	return err
}

// unsummarise puts back what stood above a thread before: ErrConflict if it has been
// changed since.
func unsummarise(ctx context.Context, d *forum.Deed, e forum.Entry) error {
	t, err := d.Thread(ctx, e.ThreadID)
	if err != nil {
		return err
	}
	var before summary
	err = d.QueryRow(ctx, `
		select s.version, coalesce(b.body, ''), coalesce(b.html, ''), coalesce(b.html_version, 0)
		from summaries s left join lateral (
			select o.body, o.html, o.html_version from summaries o where o.thread_id = s.thread_id and o.version < s.version order by o.version desc limit 1
		) b on true
		where s.entry_id = $1 and s.version = (select max(version) from summaries where thread_id = s.thread_id)`, e.Undoes).
		Scan(&before.Version, &before.Body, &before.HTML, &before.Render)
	if errors.Is(err, pgx.ErrNoRows) {
		return forum.ErrConflict
	}
	if err != nil {
		return err
	}
	entry, err := undid(ctx, d, e)
	if err != nil {
		return err
	}
	before.Version++
	return putSummary(ctx, d, t.ID, entry, before)
}

// RerenderSummaries makes the HTML of up to limit summaries anew that an older renderer
// made, and reports how many there were.
func (s *Store) RerenderSummaries(ctx context.Context, limit int) (n int, err error) {
	var stale []struct {
		ThreadID int64
		Version  int
		Body     string
	}
	var b pgx.Batch
	b.Queue(`select thread_id, version, body from summaries where html_version < $1 order by html_version limit $2`, markup.Version, limit).Query(forum.Into(&stale))
	if err := s.Send(ctx, &b); err != nil {
		return 0, err
	}
	for _, old := range stale {
		html, unfit, err := SummaryHTML(old.Body)
		if err != nil {
			return n, err
		}
		if unfit != nil { // what was published stays readable
			html = markup.Plain(old.Body)
		}
		err = s.Do(ctx, forum.Person{}, func(d *forum.Deed) error {
			_, err := d.Exec(ctx, `update summaries set html = $4, html_version = $5 where thread_id = $1 and version = $2 and body = $3`,
				old.ThreadID, old.Version, old.Body, html, markup.Version)
			return err
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
