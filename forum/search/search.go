// Package search finds what the forum knows: threads by their posts, councils and people
// by their names, and questions like the one that somebody is about to ask. It shows
// nobody what their lists do not.
package search

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/text/unicode/norm"

	"moothall/forum"
)

// Store searches.
type Store struct {
	*forum.Store
	misses *misses
}

// New makes a Store on the forum's.
func New(s *forum.Store) *Store { return &Store{Store: s, misses: newMisses()} }

// PerPage is how many threads one page of results shows.
const PerPage = 20

// typedLength is how much of what was typed is searched for, in code points.
const typedLength = 200

// patience is how long one search may take of the database, in milliseconds.
const patience = "2000"

// The orders of results.
const (
	Relevance = "relevance"
	Newest    = "newest"
	Useful    = "useful"
)

// Sorts are the orders that results can be put in.
var Sorts = []string{Relevance, Newest, Useful}

// phases are how far a project may be that results are narrowed to.
var phases = []string{"idea", "discovery", "alpha", "beta", "live", "stopped", "retired"}

// kinds are those that results can be narrowed to.
var kinds = []string{forum.Question, forum.Discussion, forum.Announcement, "project", "lesson"}

// verdicts are what came of what a lesson tells, that results are narrowed to.
var verdicts = []string{"worked", "partly", "no", "early"}

// Nations are those that results can be narrowed to.
var Nations = []string{"England", "Scotland", "Wales", "Northern Ireland"}

// Query is what is searched for. An empty field narrows nothing.
type Query struct {
	Text    string
	Kind    string
	Topic   string // slug; its subtopics count too
	Council string // slug
	Nation  string
	State   string
	Phase   string // of a project
	Verdict string // of a lesson
	Year    int
	Author  int64 // whose posts
	Sort    string
	Before  string // a cursor: the results after the last one of the page before

	Cut bool // more was typed than is searched for
}

// Clean puts what was typed into the form that is searched for: one line, letters and their
// accents as one sign, no signs that nobody sees, quotes and minus as they are understood
// whatever a telephone makes of them, not longer than there is any use for.
func (q *Query) Clean() {
	q.Text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf) || r == mark || r == unmark || r == unicode.ReplacementChar:
			return -1
		case strings.ContainsRune("“”„‟«»", r):
			return '"'
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(q.Text, "")))
	q.Text = strings.Join(strings.Fields(q.Text), " ")
	q.Text = dashBefore.ReplaceAllString(q.Text, "$1-$2")
	if runes := []rune(q.Text); len(runes) > typedLength {
		q.Text, q.Cut = strings.TrimSpace(string(runes[:typedLength])), true
	}
	if q.Sort == "" {
		q.Sort = Relevance
	}
}

// dashBefore is a dash before a word, where a minus was meant.
var dashBefore = regexp.MustCompile(`(^| )[–—−]([\pL\pN"])`)

// means reports whether the query's filters mean anything.
func (q Query) means() bool {
	for _, f := range []struct {
		value string
		among []string
	}{{q.Kind, kinds}, {q.Nation, Nations}, {q.State, forum.States}, {q.Phase, phases}, {q.Verdict, verdicts}, {q.Sort, Sorts}} {
		if f.value != "" && !slices.Contains(f.among, f.value) {
			return false
		}
	}
	return q.Year == 0 || q.Year >= 2000 && q.Year < 2100
}

// Narrowed reports whether any filter holds.
func (q Query) Narrowed() bool {
	return q.Kind != "" || q.Topic != "" || q.Council != "" || q.Nation != "" || q.State != "" || q.Phase != "" || q.Verdict != "" || q.Year != 0 || q.Author != 0
}

// place is where a page of results begins: behind a thread with that score, as it was
// reckoned at that time.
type place struct {
	at     time.Time
	score  float64
	thread int64
}

// cursor is opaque outside.
func (p place) cursor() string {
	var b [24]byte
	binary.BigEndian.PutUint64(b[:8], uint64(p.at.UnixMicro()))
	binary.BigEndian.PutUint64(b[8:16], math.Float64bits(p.score))
	binary.BigEndian.PutUint64(b[16:], uint64(p.thread))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// readPlace reads what cursor wrote; nothing is the beginning.
func readPlace(s string, now time.Time) (p place, ok bool) {
	if s == "" {
		return place{at: now, score: math.MaxFloat64, thread: math.MaxInt64}, true
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 24 {
		return place{}, false
	}
	micro := int64(binary.BigEndian.Uint64(b[:8]))
	p.score, p.thread = math.Float64frombits(binary.BigEndian.Uint64(b[8:16])), int64(binary.BigEndian.Uint64(b[16:]))
	if micro < 0 || micro > 1<<52 || p.thread <= 0 || !(p.score >= 0) || math.IsInf(p.score, 0) {
		return place{}, false
	}
	p.at = time.UnixMicro(micro).UTC()
	return p, true
}

// ErrSlow is a search that took too long and was given up.
var ErrSlow = errors.New("search: it took too long")

// send is Send with patience: a search that takes too long is ErrSlow.
func (s *Store) send(ctx context.Context, b *pgx.Batch) error {
	err := s.Send(ctx, b)
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == "57014" && ctx.Err() == nil { // query_canceled
		return ErrSlow
	}
	return err
}

// hasten begins a batch that may not take long.
func hasten(b *pgx.Batch) {
	b.Queue(`select set_config('statement_timeout', '` + patience + `', true)`)
}
