package search

import (
	"context"
	"errors"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Hit is a thread that was found, by the post in it that fits best.
type Hit struct {
	forum.Thread
	PostID       int64
	PostNumber   int
	PostedAt     time.Time
	PostLang     string
	WriterName   string
	WriterHandle string
	WriterID     int64
	Accepted     bool
	Snippet      []Passage `db:"-"`

	Headline string // the snippet as the database cuts it
	Score    float64
	Found    int // threads that were found, the same in each
	Hits     int // posts that were ranked, the same in each
}

// Passage is a piece of a snippet, and whether it is what was searched for.
type Passage struct {
	Text   string
	Marked bool
}

// Page is one page of results.
type Page struct {
	Query    Query
	Hits     []Hit
	Next     string // the cursor of the next page; empty at the end
	Found    int    // threads
	More     bool   // there are more than were ranked
	Meant    string // what may have been meant; empty where that is nothing else
	Nearest  []Hit  // where little was found: what else has some of the words
	Councils []forum.Council
	People   []Named

	Products    []Called
	Collections []Titled
	Topics      []forum.Topic   // to choose from
	Askers      []forum.Council // to choose from: those that have started threads
	Slow        bool            // it took too long and was given up
	CanAsk      bool

	Writer    *Named          // whose posts alone are searched, if they show to everybody
	Following forum.Following // how the reader follows this search
}

// Named is a person who was found by name, or by a topic that they offer.
type Named struct {
	ID       int64
	Name     string
	Handle   string
	JobTitle string
	Council  string
	Skill    string // the topic by which they were found; empty for none
}

// Called is a product that was found by its name or its supplier's.
type Called struct{ Slug, Name string }

// Titled is a collection that was found by its title.
type Titled struct{ Slug, Title, Lang string }

// Page searches, in one round trip; where little is found a second one looks for what
// comes nearest. ErrNotFound for a filter that means nothing.
func (s *Store) Page(ctx context.Context, who forum.Person, q Query) (p Page, err error) {
	q.Clean()
	from, ok := readPlace(q.Before, s.Now())
	if !ok || !q.means() {
		return Page{}, forum.ErrNotFound
	}
	p.Query, p.CanAsk = q, !who.SignedIn() || forum.CanAsk(who)
	args := q.args(who, from)
	var b pgx.Batch
	var meant *meaning
	var list forum.ThreadList
	p.queue(&b, args, &meant)
	var followed *struct{ Cadence forum.Cadence }
	if who.SignedIn() && q.Text != "" {
		b.Queue(followedQuery, args).Query(forum.IntoMaybe(&followed))
	}
	keep := s.Choose(who, &b, &list)
	if b.Len() > 0 {
		err = s.send(ctx, &b)
	}
	if errors.Is(err, ErrSlow) {
		return Page{Query: q, Slow: true, CanAsk: p.CanAsk}, nil
	}
	if err != nil {
		return Page{}, err
	}
	keep()
	p.Topics, p.Askers = list.Topics, list.Councils
	if p.Following = forum.FollowingSearch(who, ""); followed != nil {
		p.Following = forum.FollowingSearch(who, followed.Cadence)
	}
	p.settle(from)
	if meant != nil && p.Found < fewFound {
		p.Meant = meant.Text
	}
	return p, s.missed(ctx, &p, args)
}

// Titles are the titles of the first page of what is found, and then of what comes nearest.
func (s *Store) Titles(ctx context.Context, who forum.Person, text string) (titles []string, err error) {
	p, err := s.Page(ctx, who, Query{Text: text})
	for _, hit := range slices.Concat(p.Hits, p.Nearest) {
		titles = append(titles, hit.Title)
	}
	return titles, err
}

// meaning is what may have been meant.
type meaning struct{ Text string }

// queue adds to a page's round trip what is searched for; where nothing is, nothing.
func (p *Page) queue(b *pgx.Batch, args pgx.NamedArgs, meant **meaning) {
	q := p.Query
	if q.Text == "" {
		return
	}
	hasten(b)
	b.Queue(resultsQuery(q, false), args).Query(forum.Into(&p.Hits))
	if q.Author != 0 {
		b.Queue(writerQuery, args).Query(forum.IntoMaybe(&p.Writer))
	}
	if q.Before == "" {
		b.Queue(meantQuery, args).Query(forum.IntoMaybe(meant))
	}
	if q.Before == "" && !q.Narrowed() {
		b.Queue(councilsQuery, args).Query(forum.Into(&p.Councils))
		b.Queue(peopleQuery, args).Query(forum.Into(&p.People))
		b.Queue(productsQuery, args).Query(forum.Into(&p.Products))
		b.Queue(collectionsQuery, args).Query(forum.Into(&p.Collections))
	}
}

// missed counts what was not found, and where little was it looks for what comes nearest.
func (s *Store) missed(ctx context.Context, p *Page, args pgx.NamedArgs) error {
	q := p.Query
	if q.Text == "" || q.Before != "" || p.Found >= fewFound {
		return nil
	}
	if len(p.Hits) == 0 && len(p.Councils) == 0 && len(p.People) == 0 && len(p.Products) == 0 && len(p.Collections) == 0 && !q.Narrowed() {
		s.misses.add(q.Text)
	}
	if len(p.Hits) > 0 && len(strings.Fields(q.Text)) == 1 {
		return nil // some of one word is that word
	}
	return s.nearest(ctx, p, args)
}

// fewFound is under how many results it is asked whether something else was meant, and
// what comes nearest is shown.
const fewFound = 5

// settle makes of the rows that were read a page.
func (p *Page) settle(from place) {
	if len(p.Hits) > 0 {
		p.Found, p.More = p.Hits[0].Found, p.Hits[0].Hits >= hitsTold
	}
	if len(p.Hits) > PerPage {
		p.Hits = p.Hits[:PerPage]
		last := p.Hits[PerPage-1]
		p.Next = place{at: from.at, score: last.Score, thread: last.ID}.cursor()
	}
	cut(p.Hits)
}

// nearest looks for what has at least some of the words.
func (s *Store) nearest(ctx context.Context, p *Page, args pgx.NamedArgs) error {
	var b pgx.Batch
	hasten(&b)
	b.Queue(resultsQuery(p.Query, true), args).Query(forum.Into(&p.Nearest))
	if err := s.send(ctx, &b); err != nil && !errors.Is(err, ErrSlow) {
		return err
	}
	least := 0.0
	if len(p.Nearest) > 0 {
		least = p.Nearest[0].Score * nearEnough
	}
	p.Nearest = slices.DeleteFunc(p.Nearest, func(near Hit) bool {
		return near.Score < least || slices.ContainsFunc(p.Hits, func(h Hit) bool { return h.ID == near.ID })
	})
	p.Nearest = p.Nearest[:min(len(p.Nearest), nearestMost)]
	cut(p.Nearest)
	return nil
}

// Of what comes near, the first few are shown, where they come about as near as the first.
const (
	nearestMost = 5
	nearEnough  = 0.4
)

// The signs between which a snippet is marked: nobody types them.
const (
	mark   = '\ue000'
	unmark = '\ue001'
)

// closeUp is the room that a tag leaves where it goes, in front of a stop.
var closeUp = regexp.MustCompile(` ([,.;:?!)])`)

// cut makes passages of the snippets: plain text, as what the database cuts from HTML
// has lost its tags and still has its entities.
func cut(hits []Hit) {
	for i := range hits {
		rest := closeUp.ReplaceAllString(strings.Join(strings.Fields(html.UnescapeString(hits[i].Headline)), " "), "$1")
		for rest != "" {
			before, after, marked := strings.Cut(rest, string(mark))
			if before != "" {
				hits[i].Snippet = append(hits[i].Snippet, Passage{Text: before})
			}
			if !marked {
				break
			}
			inside, after, _ := strings.Cut(after, string(unmark))
			hits[i].Snippet = append(hits[i].Snippet, Passage{Text: inside, Marked: true})
			rest = after
		}
	}
}
