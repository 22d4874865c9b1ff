package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/views"
)

const (
	apartLife  = time.Second // how long somebody is known to have a page of their own
	recentMost = 10_000      // addresses that are remembered
)

// mould is a page for colleagues that is made once for many: with gaps where it says
// something of one reader, and with nothing else of anybody. Whoever has more of their own
// on it is given a page of their own.
type mould struct {
	own      ownOf    // queues the reading of what it says to a reader
	councils []int64  // to whose colleagues it says something else
	pieces   [][]byte // what is between the gaps
	gaps     []string // what follows each piece but the last
}

// making is a mould while it is made: for a stand-in, by the request of a reader.
type making struct {
	mould
	reader forum.Person
	mark   string     // stands around the name of each gap
	said   *views.Own // what the page says to the reader; nil if it is not for them
	body   []byte
}

// ownOf has a batch read what a page with gaps says to a reader; what it returns tells that
// when the batch was sent: nil if the page is not for them.
type ownOf func(b *pgx.Batch, who forum.Person) func(*fiber.Ctx) *views.Own

// ahead is a page with gaps for whoever was behind a session when it was last read: what it
// says to them is read along with who it is now. Were they another meanwhile, it is let go.
type ahead struct {
	who  forum.Person
	key  string
	page *mould
	own  func(*fiber.Ctx) *views.Own
}

// lookAhead queues what is likely to be asked next about the page that is asked for.
func (a *App) lookAhead(c *fiber.Ctx, v *visit) []func(*pgx.Batch) {
	if !v.route.gapped || !isRead(c) {
		return nil
	}
	guess, known := a.forum.Guess(v.hash)
	if !known {
		return nil
	}
	key := a.mouldKey(c, v, guess)
	m := a.cache.mould(key)
	if m != nil && slices.Contains(m.councils, guess.CouncilID) {
		m = a.cache.mould(councilKey(key, guess.CouncilID))
	}
	if m == nil || a.cache.apart.known(apartKey(key, guess)) {
		return nil
	}
	return []func(*pgx.Batch){func(b *pgx.Batch) { v.ahead = &ahead{guess, key, m, m.own(b, guess)} }}
}

// is reports whether it was looked ahead for this reader and page.
func (l *ahead) is(who forum.Person, key string) bool {
	return l != nil && l.key == key && l.who.ID == who.ID && l.who.CouncilID == who.CouncilID
}

// forColleagues answers somebody signed in. What is the same for every colleague is made
// once where many ask at once: the first within a second is given a page of their own, the
// second has a page with gaps made that is kept for those who come after.
func (a *App) forColleagues(c *fiber.Ctx, v *visit) error {
	key := a.mouldKey(c, v, v.who)
	if key == "" || !a.cache.asked.again(key) || a.cache.apart.known(apartKey(key, v.who)) {
		return v.route.handler(a, c)
	}
	m, own, err := a.mouldFor(c, v, key)
	switch {
	case err != nil:
		return err
	case own != nil:
		return a.cast(c, m, own)
	case m != nil:
		a.cache.apart.note(apartKey(key, v.who))
	}
	return v.route.handler(a, c)
}

// mouldFor is the page with gaps of an address and what it says to a reader: nil if it is
// not for them. It is one for all colleagues, but those whose council it names, who have
// one of their own.
func (a *App) mouldFor(c *fiber.Ctx, v *visit, key string) (*mould, *views.Own, error) {
	if v.ahead.is(v.who, key) {
		a.cache.hits.Add(1)
		return v.ahead.page, v.ahead.own(c), nil
	}
	m, own, err := a.mouldOf(c, v, key, 0)
	if err != nil || m == nil {
		return nil, nil, err
	}
	if slices.Contains(m.councils, v.who.CouncilID) {
		if m, own, err = a.mouldOf(c, v, councilKey(key, v.who.CouncilID), v.who.CouncilID); err != nil || m == nil {
			return nil, nil, err
		}
	}
	if own != nil {
		return m, own, nil
	}
	var b pgx.Batch
	read := m.own(&b, v.who)
	if err := a.forum.Send(c.UserContext(), &b); err != nil {
		return nil, nil, err
	}
	return m, read(c), nil
}

func councilKey(key string, council int64) string { return key + " " + strconv.FormatInt(council, 10) }

func apartKey(key string, who forum.Person) string { return key + " " + strconv.FormatInt(who.ID, 10) }

// mouldKey is what the page with gaps of an address is kept under; "" where there is none
// for this reader.
func (a *App) mouldKey(c *fiber.Ctx, v *visit, who forum.Person) string {
	if !v.route.gapped || a.config.PageCache == Off || v.moved != "" || !forum.CanStandIn(who) ||
		a.board.Load().election(who.CouncilID) != nil || c.Cookies(a.flashName()) != "" {
		return ""
	}
	key := "colleague " + a.lang(c, who) + " " + withQuery(c, c.Path())
	if len(key) > longestKeyOf {
		return ""
	}
	return strings.Clone(key) // Fiber's strings last as long as their request
}

// mouldOf is the page with gaps that is kept under a key, made for the colleagues of a
// council or 0; nil where there is none. To whoever has it made it says what comes along.
func (a *App) mouldOf(c *fiber.Ctx, v *visit, key string, council int64) (*mould, *views.Own, error) {
	p, mine := a.cache.take(key)
	if mine {
		defer a.cache.settle(key, p)
		made := a.makeMould(c, v, council)
		if made == nil {
			return nil, nil, nil
		}
		p.body, p.mould, p.there = made.body, &made.mould, true
		return p.mould, made.said, nil
	}
	select {
	case <-p.ready:
	case <-c.UserContext().Done():
		return nil, nil, errBusy
	}
	if p.there {
		a.cache.hits.Add(1)
	}
	return p.mould, nil, nil
}

// makeMould has the page made for a stand-in, and cuts it at its gaps. Where it is no page,
// or refused, nothing of it is left: the reader is told by a page of their own.
func (a *App) makeMould(c *fiber.Ctx, v *visit, council int64) *making {
	made := &making{reader: v.who, mark: rand.Text()}
	defer func() { v.who, v.making = made.reader, nil }()
	v.who, v.making = forum.StandIn(made.reader, council), made
	err := v.route.handler(a, c)
	r := c.Response()
	there := err == nil && r.StatusCode() == fiber.StatusOK && made.own != nil && len(r.Body()) <= cacheEach
	if there {
		made.cut(bytes.Clone(r.Body()))
	}
	r.ResetBody()
	r.Header.Del(fiber.HeaderLocation)
	r.SetStatusCode(fiber.StatusOK)
	if !there {
		return nil
	}
	return made
}

// cut finds the gaps of a page.
func (m *making) cut(body []byte) {
	m.body = body
	for i, piece := range bytes.Split(body, []byte(m.mark)) {
		if i%2 == 0 {
			m.pieces = append(m.pieces, piece)
		} else {
			m.gaps = append(m.gaps, string(piece))
		}
	}
}

// cast answers with the page, its gaps filled for whoever asks.
func (a *App) cast(c *fiber.Ctx, m *mould, own *views.Own) error {
	f, ctx := a.frame(c), context.WithoutCancel(c.UserContext())
	return send(c, fiber.StatusOK, func(b *bytes.Buffer) error {
		skip := "" // up to which gap the reader has something else
		for i, piece := range m.pieces {
			if skip == "" {
				b.Write(piece)
			}
			if i == len(m.gaps) {
				break
			}
			gap := m.gaps[i]
			if gap == skip {
				skip = ""
			}
			if skip != "" {
				continue
			}
			if err := views.Fill(ctx, b, &f, own, gap); err != nil {
				return err
			}
			if end, instead := views.Instead(own, gap); instead {
				skip = end
			}
		}
		return nil
	})
}

// readThread reads a page of a thread; of one with gaps also what it says to a reader.
func (a *App) readThread(c *fiber.Ctx, of forum.PageOf) (forum.ThreadPage, error) {
	v := visitOf(c)
	if v.making == nil {
		return a.forum.ThreadPageWith(c.UserContext(), v.who, of)
	}
	var read func(forum.Outline) *forum.Own
	of.Also = func(b *pgx.Batch, _ pgx.NamedArgs) {
		read = a.forum.QueueOwn(b, v.making.reader, forum.Outline{ThreadID: of.ID, Page: of.Page})
	}
	p, err := a.forum.ThreadPageWith(c.UserContext(), v.who, of)
	if err != nil || p.Thread.ID != of.ID {
		return p, err
	}
	kept := keptThread{outline: p.Outline(), page: p}
	v.making.councils = kept.outline.Councils
	v.making.said = a.ownOfThread(c, v.making.reader, kept, read(kept.outline))
	v.making.own = func(b *pgx.Batch, who forum.Person) func(*fiber.Ctx) *views.Own {
		read := a.forum.QueueOwn(b, who, kept.outline)
		return func(c *fiber.Ctx) *views.Own { return a.ownOfThread(c, who, kept, read(kept.outline)) }
	}
	return p, nil
}

// keptThread is what is known of a page of a thread that is kept.
type keptThread struct {
	outline forum.Outline
	page    forum.ThreadPage // as the stand-in sees it
}

// ownOfThread is what a page of a thread with gaps says to a reader, who has read it then;
// nil if there is more of their own.
func (a *App) ownOfThread(c *fiber.Ctx, who forum.Person, kept keptThread, own *forum.Own) *views.Own {
	if own == nil || !own.Less {
		return nil
	}
	if c.Method() == fiber.MethodGet {
		a.forum.HasRead(who, kept.outline)
	}
	page := kept.page.Of(who, a.now())
	page.Read, page.Following = own.Read, own.Following
	return &views.Own{Thread: page}
}

// readThreads reads a listing; of one with gaps also what is new to a reader.
func (a *App) readThreads(c *fiber.Ctx, f forum.Filter) (forum.ThreadList, error) {
	v := visitOf(c)
	if v.making == nil {
		return a.forum.ThreadList(c.UserContext(), v.who, f)
	}
	own := &views.Own{Unread: map[int64]int{}}
	l, err := a.forum.ThreadListWith(c.UserContext(), v.who, f, func(b *pgx.Batch, _ pgx.NamedArgs) {
		a.forum.QueueUnread(b, v.making.reader, f, own.Unread)
	})
	if err != nil {
		return l, err
	}
	outline := make([]forum.Thread, len(l.Threads))
	for i, t := range l.Threads {
		outline[i] = forum.Thread{ID: t.ID, PostCount: t.PostCount}
	}
	v.making.said = own
	v.making.own = func(b *pgx.Batch, who forum.Person) func(*fiber.Ctx) *views.Own {
		own := &views.Own{Unread: map[int64]int{}}
		a.forum.QueueUnreadIn(b, who, outline, own.Unread)
		return func(*fiber.Ctx) *views.Own { return own }
	}
	return l, nil
}

// recent remembers addresses for a while.
type recent struct {
	life time.Duration
	mu   sync.Mutex
	at   map[string]time.Time
}

// note remembers one.
func (r *recent) note(key string) { r.again(key) }

// again remembers one, and reports whether it was known.
func (r *recent) again(key string) bool {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	at, there := r.at[key]
	if r.at == nil || len(r.at) >= recentMost {
		r.at = map[string]time.Time{}
	}
	r.at[key] = now
	return there && now.Sub(at) < r.life
}

// known reports whether one is remembered.
func (r *recent) known(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, there := r.at[key]
	return there && time.Since(at) < r.life
}
