package curation

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// HighlightFormPage is the form of a highlight, and what it is of.
type HighlightFormPage struct {
	ID     int64 // 0: a new one
	Ended  bool
	Clash  bool // somebody has changed it since the form was made
	Thread forum.Thread
	Post   *forum.Post    // of the thread, that it is of; nil of the thread as a whole
	Draft  HighlightDraft // as it is
	Topics []forum.Topic  // to choose a principle from
	Needs  Needs          // why it needs a second curator, as far as can be known before it is written
}

// HighlightFormPage reads it: ErrForbidden for who is no curator, ErrNotFound where there
// is no such highlight. Of a new one the thread is the draft's, if that is there to see.
func (s *Store) HighlightFormPage(ctx context.Context, who forum.Person, id int64, draft HighlightDraft) (p HighlightFormPage, err error) {
	if !forum.CanTend(who) {
		return HighlightFormPage{}, forum.ErrForbidden
	}
	p.ID = id
	thread, post := draft.target()
	var h *Highlight
	var b pgx.Batch
	s.QueueTopics(&b, &p.Topics)
	if id != 0 {
		b.Queue(`select `+highlightColumns+` from `+highlightTables+` where h.id = @id`, who.Rights(pgx.NamedArgs{"id": id, "now": s.Now()})).Query(forum.IntoMaybe(&h))
	}
	if err := s.Send(ctx, &b); err != nil {
		return HighlightFormPage{}, err
	}
	switch {
	case id != 0 && h == nil:
		return HighlightFormPage{}, forum.ErrNotFound
	case h != nil:
		p.Ended, thread, post = h.EndedAt != nil, h.ThreadID, h.PostID
		p.Draft = HighlightDraft{Title: h.Title, Note: h.Note, Lang: h.Lang, Image: h.Image, Grade: h.Grade, Principle: h.Principle,
			From: h.FromOn.Format(time.DateOnly), Until: h.UntilOn.Format(time.DateOnly), Version: h.Version}
	case thread == 0 && post == 0:
		return p, nil
	}
	p.Thread, p.Post, err = s.Seen(ctx, who, thread, post)
	if errors.Is(err, forum.ErrGone) || errors.Is(err, forum.ErrNotFound) {
		p.Thread, p.Post, err = forum.Thread{}, nil, nil // the form shows without it
	}
	if err != nil {
		return p, err
	}
	return p, s.readNeeds(ctx, &p, draft)
}

// readNeeds reads why what a form is of needs a second curator.
func (s *Store) readNeeds(ctx context.Context, p *HighlightFormPage, said HighlightDraft) error {
	if p.Thread.ID == 0 {
		return nil
	}
	if said.Title == "" {
		said = p.Draft
	}
	post := int64(0)
	if p.Post != nil && !p.Post.Opening {
		post = p.Post.ID
	}
	var b pgx.Batch
	queueNeeds(&b, said.looksAt(p.Thread.ID, post, s.Now()), &p.Needs)
	return s.Send(ctx, &b)
}

// HighlightDraft is what was typed to highlight something.
type HighlightDraft struct {
	Target    string // thread:ID, post:ID, project:ID or lesson:ID, or the address of one
	Title     string
	Note      string
	Lang      string
	Image     string
	Grade     string
	Principle string
	From      string // days, as 2026-03-28
	Until     string
	Version   int // that the form was made from; of a new one 0
}

// NewHighlight is the draft to begin with: from today, for so long as is usual.
func (s *Store) NewHighlight(target string) HighlightDraft {
	day := s.Now().In(forum.London)
	return HighlightDraft{Target: target, Lang: "en", Grade: "said", From: day.Format(time.DateOnly), Until: day.AddDate(0, 0, highlightDays).Format(time.DateOnly)}
}

// Clean puts what was typed into the form that is stored.
func (h *HighlightDraft) Clean() {
	h.Title = forum.CleanTitle(h.Title)
	h.Note = strings.TrimSpace(markup.Clean(h.Note))
	h.From, h.Until = strings.TrimSpace(h.From), strings.TrimSpace(h.Until)
	if h.Lang == "" {
		h.Lang = "en"
	}
}

// check says what keeps the draft from being shown.
func (h HighlightDraft) check() (bad forum.Invalid) {
	switch n := utf8.RuneCountInString(h.Title); {
	case n == 0:
		bad.Add("title", "highlights.title_empty")
	case n > highlightTitle:
		bad.Add("title", "highlights.title_long", "Max", highlightTitle)
	}
	switch n := utf8.RuneCountInString(h.Note); {
	case n == 0:
		bad.Add("note", "highlights.note_empty")
	case n > highlightNote:
		bad.Add("note", "highlights.note_long", "Max", highlightNote, "Over", n-highlightNote)
	}
	if !slices.Contains([]string{"en", "cy"}, h.Lang) {
		bad.Add("lang", "post.lang_choose")
	}
	if !slices.Contains(Images, h.Image) {
		bad.Add("image", "highlights.image_choose")
	}
	if !slices.Contains(Grades, h.Grade) {
		bad.Add("grade", "highlights.grade_choose")
	}
	return append(bad, h.checkDays()...)
}

// checkDays says what is wrong with how long it is to stay.
func (h HighlightDraft) checkDays() (bad forum.Invalid) {
	from, begins := dayIn(h.From)
	if !begins {
		bad.Add("from", "highlights.day")
	}
	until, ends := dayIn(h.Until)
	switch {
	case !ends:
		bad.Add("until", "highlights.day")
	case begins && until.Before(from):
		bad.Add("until", "highlights.until_before")
	case begins && until.Sub(from) > highlightMost*24*time.Hour:
		bad.Add("until", "highlights.until_long", "Max", highlightMost)
	}
	return bad
}

// dayIn reads a day, and reports whether it is one on which something can show: the
// database has no year 0, and nobody means the year 9999.
func dayIn(text string) (day time.Time, ok bool) {
	day, err := time.Parse(time.DateOnly, text)
	return day, err == nil && day.Year() >= 2000 && day.Year() <= 2999
}

// targets finds what is named: as thread:123, or by its address.
var targets = regexp.MustCompile(`^(thread|post|project|lesson):([0-9]{1,18})$|^\S*/(thread|post|project|lesson)s/([0-9]{1,18})\b`)

// target reads what is to be highlighted: the thread, or the post, by its number.
func (h HighlightDraft) target() (thread, post int64) {
	found := targets.FindStringSubmatch(strings.TrimSpace(h.Target))
	if found == nil {
		return 0, 0
	}
	id, err := strconv.ParseInt(found[2]+found[4], 10, 64)
	switch {
	case err != nil:
		return 0, 0
	case found[1]+found[3] == "post":
		return 0, id
	}
	return id, 0
}
