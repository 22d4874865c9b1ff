package search

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Synonym is a word, or a few, and what else is searched for with it.
type Synonym struct {
	ID       int64
	Word     string
	Means    string
	Capitals bool // only where it is typed in capitals
}

// SynonymDraft is what was typed to add one.
type SynonymDraft struct {
	Word, Means string
	Capitals    bool
}

// How long they may be, in code points.
const (
	wordLength  = 60
	meansLength = 120
)

// Clean puts what was typed into the form that is stored.
func (s *SynonymDraft) Clean() {
	s.Word, s.Means = strings.Join(strings.Fields(s.Word), " "), strings.Join(strings.Fields(s.Means), " ")
}

// Check says what keeps it from being added.
func (s SynonymDraft) Check() (bad forum.Invalid) {
	for _, f := range []struct {
		name, text string
		most       int
	}{{"word", s.Word, wordLength}, {"means", s.Means, meansLength}} {
		switch n := utf8.RuneCountInString(f.text); {
		case n == 0:
			bad.Add(f.name, "words_desk."+f.name+"_empty")
		case n > f.most:
			bad.Add(f.name, "words_desk.long", "Max", f.most)
		}
	}
	return bad
}

// Miss is what was searched for and not found, and how often lately. What was searched
// for once may be somebody's name, and is shown to nobody.
type Miss struct {
	Words string
	Times int
}

// WordsPage is the desk of words: what means the same, and what nobody found.
type WordsPage struct {
	Draft    SynonymDraft
	Synonyms []Synonym
	Misses   []Miss
	Answered int // times that somebody about to ask found their answer, lately
}

// lately is how far back the desk looks.
const lately = 30 * 24 * time.Hour

// WordsPage reads the desk of words, in one round trip.
func (s *Store) WordsPage(ctx context.Context, who forum.Person) (p WordsPage, err error) {
	if !CanTendWords(who) {
		return WordsPage{}, forum.ErrForbidden
	}
	since := s.Now().Add(-lately)
	var answered struct{ Answered int }
	var b pgx.Batch
	b.Queue(`select id, word, means, capitals from synonyms where removed_at is null order by lower(word), lower(means), id`).Query(forum.Into(&p.Synonyms))
	b.Queue(`select words, sum(times)::int as times from search_misses where on_day > $1::date
		group by words having sum(times) > 1 order by sum(times) desc, words limit 50`, since).Query(forum.Into(&p.Misses))
	b.Queue(`select coalesce(sum(times), 0)::int as answered from answered_before where on_day > $1::date`, since).Query(forum.IntoOne(&answered))
	err = s.Send(ctx, &b)
	p.Answered = answered.Answered
	return p, err
}

// AddSynonym has a word searched for with another from now on. The same again, or one that
// was taken away, is there afterwards too.
func (s *Store) AddSynonym(ctx context.Context, who forum.Person, draft SynonymDraft) error {
	draft.Clean()
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !CanTendWords(d.Who) {
			return forum.ErrForbidden
		}
		if bad := draft.Check(); bad != nil {
			return bad
		}
		var useful bool
		err := d.QueryRow(ctx, `select numnode(plainto_tsquery('moothall_en', $1)) > 0 and numnode(plainto_tsquery('moothall_en', $2)) > 0`, draft.Word, draft.Means).Scan(&useful)
		if err == nil && !useful { // "the" is never searched for
			return forum.Invalid{{Field: "word", Key: "words_desk.too_common"}}
		}
		if err != nil {
			return err
		}
		_, err = d.Exec(ctx, `
			insert into synonyms (word, means, capitals, editor_id, edited_at) values (@word, @means, @capitals, @who, @at)
			on conflict (lower(word), lower(means)) do update set
				word = excluded.word, capitals = excluded.capitals, editor_id = excluded.editor_id, edited_at = excluded.edited_at, removed_at = null`,
			pgx.NamedArgs{"word": draft.Word, "means": draft.Means, "capitals": draft.Capitals, "who": d.Who.ID, "at": d.At})
		return err
	})
}

// RemoveSynonym has a word searched for as it stands. It stays away when the program
// that once brought it is replaced by a newer one.
func (s *Store) RemoveSynonym(ctx context.Context, who forum.Person, id int64) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !CanTendWords(d.Who) {
			return forum.ErrForbidden
		}
		tag, err := d.Exec(ctx, `
			update synonyms set removed_at = coalesce(removed_at, $3), editor_id = $2, edited_at = $3 where id = $1`, id, d.Who.ID, d.At)
		if err == nil && tag.RowsAffected() == 0 {
			return forum.ErrNotFound
		}
		return err
	})
}
