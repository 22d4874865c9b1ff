package app

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// However many ask for a page at once, one makes it; after a change it is made anew,
// and what could not be made is nobody's.
func TestAPageIsMadeOnce(t *testing.T) {
	t.Parallel()
	k := newCache()
	var all sync.WaitGroup
	var lock sync.Mutex
	made := 0
	ask := func(there bool) {
		all.Go(func() {
			p, mine := k.take("en /")
			if !mine {
				<-p.ready
				return
			}
			lock.Lock()
			made++
			lock.Unlock()
			p.there, p.body = there, []byte("page")
			k.settle("en /", p)
		})
	}
	wants := func(what string, want int) {
		all.Wait()
		if made != want {
			t.Errorf("%s: made %d times, want %d", what, made, want)
		}
	}
	for range 100 {
		ask(true)
	}
	wants("a hundred at once", 1)
	k.changed()
	ask(true)
	wants("after a change", 2)
	k.changed()
	ask(false)
	wants("one that cannot be made", 3)
	ask(true)
	wants("after that", 4)
	if k.bytes != len("page") || len(k.pages) != 1 {
		t.Errorf("%d bytes of %d pages are counted, want 4 of 1", k.bytes, len(k.pages))
	}
}

// A page that was begun before a change is not given to who comes after it, also
// where it is made only then.
func TestAPageBegunBeforeAChangeIsOld(t *testing.T) {
	t.Parallel()
	k := newCache()
	early, _ := k.take("en /")
	k.changed()
	late, mine := k.take("en /")
	if !mine {
		t.Fatal("who comes after the change waits for what was begun before it")
	}
	late.there, late.body = true, []byte("late")
	k.settle("en /", late)
	early.there, early.body = true, []byte("early and longer")
	k.settle("en /", early)
	if p, mine := k.take("en /"); mine || string(p.body) != "late" || k.bytes != 4 {
		t.Errorf("then there is %q (%d bytes)", p.body, k.bytes)
	}
}

// Towards the end of a page's life one of those who ask makes the next, and the others have
// what is there; where it cannot be made, they have it as long as it lasts.
func TestAPageIsRenewedBeforeItsEnd(t *testing.T) {
	t.Parallel()
	k := newCache()
	first, _ := k.take("en /")
	first.there, first.body, first.mould = true, []byte("first"), new(mould)
	k.settle("en /", first)
	first.began = first.began.Add(-renewAfter)
	if k.mould("en /") != nil {
		t.Error("nobody is asked to renew a page with gaps")
	}
	next, mine := k.take("en /")
	if !mine {
		t.Fatal("nobody renews the page")
	}
	if p, mine := k.take("en /"); mine || p != first || k.mould("en /") != first.mould {
		t.Error("the others do not have the page that is there")
	}
	k.settle("en /", next)
	if p, mine := k.take("en /"); mine || p != first || k.bytes != first.weight() {
		t.Error("the others lose the page with the one that could not be made")
	}
	first.renewed = false
	next, _ = k.take("en /")
	next.there, next.body = true, []byte("the next")
	k.settle("en /", next)
	if p, mine := k.take("en /"); mine || p != next || k.bytes != len("the next") {
		t.Errorf("then there is %q of %d bytes", p.body, k.bytes)
	}
	next.began = next.began.Add(-renewAfter)
	late, _ := k.take("en /")
	k.changed()
	if p, mine := k.take("en /"); !mine || p == late {
		t.Error("a change is waited for with what was begun before it")
	}
}

// What is kept has an end: of memory, and of time.
func TestTheCacheIsBounded(t *testing.T) {
	t.Parallel()
	k := newCache()
	most := 0
	for n := range 100 {
		key := fmt.Sprint(n)
		p, _ := k.take(key)
		p.there, p.body = true, make([]byte, cacheEach)
		k.settle(key, p)
		most = max(most, k.bytes)
	}
	if most > cacheMost || most < cacheMost/2 {
		t.Errorf("%d bytes were kept, want nearly %d", most, cacheMost)
	}
	for _, p := range k.pages {
		p.began = p.began.Add(-pageLife - time.Millisecond)
	}
	k.tidy()
	if k.bytes != 0 || len(k.pages) != 0 {
		t.Errorf("after their second %d pages are left", len(k.pages))
	}
}

// What a browser takes is read as RFC 9110 has it.
func TestTakesGzip(t *testing.T) {
	t.Parallel()
	for accepted, want := range map[string]bool{"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "gzip; q=0.000": false,
		"gzip;q=0.001": true, "identity": false, "x-gzip": false, "br;q=1.0, gzip;q=1": true} {
		if got := takesGzip(accepted); got != want {
			t.Errorf("%q: got %t, want %t", accepted, got, want)
		}
	}
}
