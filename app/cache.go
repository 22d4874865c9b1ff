package app

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Bounds of what is kept in memory for visitors.
const (
	pageLife      = time.Second // a page is never older, on whichever node it was changed
	renewAfter    = pageLife * 4 / 5
	cacheMost     = 32 << 20 // bytes of all pages
	cacheEach     = 1 << 20  // bytes of one
	longestKeyOf  = 512      // bytes of an address whose page is kept
	packedAtLeast = 1024     // bytes from which gzip pays
)

// cache keeps the pages of visitors for a second, so that however many read the same
// one at once, it is made once. People who are signed in never meet it. Whatever
// changes on this node makes every page in it too old at once.
type cache struct {
	hits, fills atomic.Uint64
	changes     atomic.Uint64 // how often something changed on this node
	asked       recent        // what somebody signed in asked for
	apart       recent        // which pages are somebody's own

	mu    sync.Mutex
	pages map[string]*keptPage
	bytes int
}

// keptPage is a page of a moment: being made until ready is closed.
type keptPage struct {
	began   time.Time // before its data were read
	changes uint64    // how often something had changed then
	ready   chan struct{}
	renewed bool // somebody makes the next one; of the cache, under its lock

	// Once it is ready:
	there  bool // else there is nothing to keep, and everybody asks for themselves
	status int
	kind   string // its Content-Type
	body   []byte
	etag   string // without its quotes

	mould *mould // of a page with gaps; its body is in pieces there

	once   sync.Once
	packed []byte // the body in gzip; nil where that is no shorter
}

// weight is how many bytes a page takes: one with gaps stands beside the posts that it was
// made of.
func (p *keptPage) weight() int {
	if p.mould != nil {
		return 2 * len(p.body)
	}
	return len(p.body)
}

func newCache() *cache {
	return &cache{pages: map[string]*keptPage{}, asked: recent{life: pageLife}, apart: recent{life: apartLife}}
}

// changed makes every page too old that was begun before.
func (k *cache) changed() { k.changes.Add(1) }

// take finds the page of an address, or makes room for it: then it is the taker's to
// fill, and to tell the others by settle. Towards the end of its life one taker renews it,
// and nobody else waits for that.
func (k *cache) take(key string) (p *keptPage, mine bool) {
	now, changes := time.Now(), k.changes.Load()
	k.mu.Lock()
	defer k.mu.Unlock()
	next := &keptPage{began: now, changes: changes, ready: make(chan struct{})}
	if p := k.pages[key]; p.lasts(now, changes) {
		if !p.due(now) {
			return p, false
		}
		p.renewed = true
		return next, true
	}
	k.drop(key)
	k.pages[key] = next
	return next, true
}

// lasts reports whether a page is there that tells of all that changed, and is not too old.
func (p *keptPage) lasts(now time.Time, changes uint64) bool {
	return p != nil && p.changes == changes && !p.old(now)
}

// old reports whether a page is to be shown no more, whatever changed.
func (p *keptPage) old(now time.Time) bool { return now.Sub(p.began) >= pageLife }

// due reports whether a page is to be renewed, and nobody does that.
func (p *keptPage) due(now time.Time) bool {
	return !p.renewed && p.made() && now.Sub(p.began) >= renewAfter
}

// made reports whether it is ready.
func (p *keptPage) made() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// mould is the page with gaps that is kept under a key; nil if there is none at this moment,
// or it is to be renewed.
func (k *cache) mould(key string) *mould {
	now, changes := time.Now(), k.changes.Load()
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.pages[key]
	if !p.lasts(now, changes) || !p.made() || p.due(now) {
		return nil
	}
	return p.mould
}

// settle tells those who wait what became of a page, which is kept if there is room, in
// the place of the one that it renews.
func (k *cache) settle(key string, p *keptPage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer close(p.ready)
	before := k.pages[key]
	if before == p {
		delete(k.pages, key)
	}
	overtaken := before != nil && before != p && !before.began.Before(p.began) // somebody began it anew meanwhile
	if !p.there || overtaken || p.old(time.Now()) {
		return
	}
	k.drop(key)
	if k.bytes+p.weight() > cacheMost {
		k.sweep()
	}
	if k.bytes+p.weight() <= cacheMost {
		k.pages[key] = p
		k.bytes += p.weight()
		k.fills.Add(1)
	}
}

// sweep forgets the pages that are too old. Those being made are let be.
func (k *cache) sweep() {
	for key, p := range k.pages {
		if p.made() && p.old(time.Now()) {
			k.drop(key)
		}
	}
}

// tidy is sweep for who does not hold the lock.
func (k *cache) tidy() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sweep()
}

// drop forgets a page, if it is there and made.
func (k *cache) drop(key string) {
	p := k.pages[key]
	if p == nil {
		return
	}
	if p.made() {
		k.bytes -= p.weight()
	} // else whoever makes it settles what becomes of it
	delete(k.pages, key)
}

// forVisitors answers a visitor with the page that is kept, or has it made and keeps
// it. What only this visitor could have got is not kept: whatever sets a cookie, or
// is no answer in full.
func (a *App) forVisitors(c *fiber.Ctx, v *visit, answer func() error) error {
	key := a.cacheKey(c, v)
	if key == "" {
		return answer()
	}
	p, mine := a.cache.take(key)
	if mine {
		defer a.cache.settle(key, p)
		if err := answer(); err != nil {
			return err
		}
		if p.fill(c); p.there {
			p.give(c)
		}
		return nil
	}
	select {
	case <-p.ready:
	case <-c.UserContext().Done():
		return errBusy
	}
	if !p.there {
		return answer()
	}
	a.cache.hits.Add(1)
	p.give(c)
	return nil
}

// cacheKey is what the page of an address is kept under; "" where none is.
func (a *App) cacheKey(c *fiber.Ctx, v *visit) string {
	if !v.route.kept || v.moved != "" || c.Cookies(a.cookieName()) != "" || a.config.PageCache == Off {
		return ""
	}
	lang := "en"
	if a.lang(c, v.who) == "cy" {
		lang = "cy"
	}
	key := lang + " " + withQuery(c, c.Path())
	if len(key) > longestKeyOf {
		return ""
	}
	return strings.Clone(key) // Fiber's strings last as long as their request
}

// fill takes over the answer that was made, if it is one to keep.
func (p *keptPage) fill(c *fiber.Ctx) {
	r := c.Response()
	p.status, p.kind = r.StatusCode(), string(r.Header.ContentType())
	if p.status != fiber.StatusOK && p.status != fiber.StatusNoContent || len(r.Body()) > cacheEach || len(r.Header.Peek(fiber.HeaderSetCookie)) > 0 {
		return
	}
	p.body = bytes.Clone(r.Body())
	sum := sha256.Sum256(p.body)
	p.etag, p.there = hex.EncodeToString(sum[:12]), true
}

// give answers with the page: as it is, in gzip, or by saying that it is the one
// that the browser has (RFC 9110 §13.1.2).
func (p *keptPage) give(c *fiber.Ctx) {
	r := c.Response()
	c.Status(p.status)
	r.Header.SetContentType(p.kind)
	if p.status == fiber.StatusNoContent {
		r.ResetBody()
		return
	}
	c.Set(fiber.HeaderVary, "Cookie, Accept-Encoding")
	body, etag := p.body, `"`+p.etag+`"`
	if takesGzip(c.Get(fiber.HeaderAcceptEncoding)) {
		if packed := p.pack(); packed != nil {
			body, etag = packed, `"`+p.etag+`-gzip"`
			c.Set(fiber.HeaderContentEncoding, "gzip")
		}
	}
	c.Set(fiber.HeaderETag, etag)
	if has(c.Get(fiber.HeaderIfNoneMatch), etag) {
		r.ResetBody()
		r.Header.Del(fiber.HeaderContentEncoding)
		c.Status(fiber.StatusNotModified)
		return
	}
	r.SetBodyRaw(body)
}

// pack makes the page's gzip once. It holds nothing secret and nothing that whoever
// asks has put in beside it, so its length tells nothing (the attack called BREACH).
func (p *keptPage) pack() []byte {
	p.once.Do(func() {
		if len(p.body) < packedAtLeast {
			return
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(p.body) // a buffer takes all
		_ = w.Close()
		if b.Len() < len(p.body) {
			p.packed = b.Bytes()
		}
	})
	return p.packed
}

// takesGzip reads Accept-Encoding (RFC 9110 §12.5.3) as far as gzip goes.
func takesGzip(accepted string) bool {
	for one := range strings.SplitSeq(accepted, ",") {
		coding, weight, _ := strings.Cut(one, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return strings.TrimRight(weight, "0") != "q=" && strings.TrimRight(weight, "0.") != "q="
		}
	}
	return false
}

// has reports whether If-None-Match names a tag; weak ones match as well as others.
func has(named, etag string) bool {
	for one := range strings.SplitSeq(named, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == etag || one == "*" {
			return true
		}
	}
	return false
}
