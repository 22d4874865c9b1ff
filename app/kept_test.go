package app_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"moothall/forum/forumtest"
)

const fromMemory = `"0 round trips, 0 statements"`

// A visitor's page is kept for a moment: the next one has it without a word to the
// database, in gzip if they like, and not at all where they have it already. Whoever
// is signed in, or reads Welsh, has another.
func TestVisitorsReadFromMemory(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada := forumtest.Person(t, h.store, "Ada", "Northmoor")
	_, path := h.threadOf(ada, "Who has moved bins online?")
	guest := h.guest()
	guest.header = http.Header{"Accept-Encoding": {"identity"}} // or Go unpacks gzip by itself
	for _, path := range []string{path, "/", "/threads", "/topics", "/councils/northmoor", "/about/privacy"} {
		var first, again returned
		for range 20 { // on a slow machine more than a second may lie between
			first, again = guest.get(path), guest.get(path)
			if strings.Contains(again.Header.Get("Server-Timing"), fromMemory) {
				break
			}
		}
		etag := again.Header.Get("ETag")
		if !strings.Contains(again.Header.Get("Server-Timing"), fromMemory) || first.text != again.text || etag == "" || first.Header.Get("ETag") != etag {
			t.Errorf("%s: the second visitor: %v", path, again.Header)
		}
		if again.Header.Get("Set-Cookie") != "" || again.Header.Get("Vary") != "Cookie, Accept-Encoding" || first.Header.Get("X-Request-Id") == again.Header.Get("X-Request-Id") {
			t.Errorf("%s: headers %v", path, again.Header)
		}
		b := h.guest()
		b.header = http.Header{"If-None-Match": {etag}, "Accept-Encoding": {"identity"}}
		if got := b.get(path); got.StatusCode != 304 || got.text != "" || got.Header.Get("ETag") != etag {
			t.Errorf("%s: who has it already got %d with %d bytes", path, got.StatusCode, len(got.text))
		}
		b.header = http.Header{"Accept-Encoding": {"gzip"}}
		packed := b.get(path)
		if plain, err := unpacked(packed.text); err != nil || plain != first.text || packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("ETag") == etag {
			t.Errorf("%s in gzip: %v, %v", path, packed.Header, err)
		}
		b.header = http.Header{"Cookie": {"lang=cy"}}
		if got := b.get(path); !strings.Contains(got.text, `<html lang="cy"`) {
			t.Errorf("%s in Welsh: %.200s", path, got.text)
		}
		if got := h.as(ada).get(path); !strings.Contains(got.text, "Ada") || got.Header.Get("ETag") != "" || strings.Contains(got.Header.Get("Server-Timing"), fromMemory) {
			t.Errorf("%s, signed in: %v", path, got.Header)
		}
	}
	if head := guest.do(http.MethodHead, "/about/help", nil, ""); head.StatusCode != 200 || head.text != "" { // whichever comes first
		t.Errorf("the head of a page: %d, %q", head.StatusCode, head.text)
	}
	guest.get("/about/help").has(t, "</html>")
	for _, path := range []string{"/nowhere", "/threads/999", "/threads/999/since?n=1", "/sign-in", path + "?page=last"} {
		for range 2 {
			if got := h.guest().get(path); got.Header.Get("ETag") != "" {
				t.Errorf("%s: %d is kept", path, got.StatusCode)
			}
		}
	}
}

func unpacked(text string) (string, error) {
	r, err := gzip.NewReader(bytes.NewReader([]byte(text)))
	if err != nil {
		return "", err
	}
	plain, err := io.ReadAll(r)
	return string(plain), err
}

// Who changes something finds it changed, as does whoever asks the same node
// afterwards; another node shows it within a second.
func TestAChangeIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	other := openHouse(t, map[string]string{"DATABASE_URL": h.DatabaseURL()})
	ada := h.as(forumtest.Person(t, h.store, "Ada", "Northmoor"))
	id, path := h.threadOf(forumtest.Person(t, h.store, "Ben", "Southmoor"), "Who has moved bins online?")
	shows := func(h *house, words string) bool { return strings.Contains(h.guest().get(path).text, words) }
	for n := range 10 {
		words := fmt.Sprintf("Reply number %d.", n)
		if shows(h, words) || shows(other, words) || h.guest().get(fmt.Sprintf("/threads/%d/since?n=%d", id, n+1)).StatusCode != 204 {
			t.Fatalf("%q is there before it is", words)
		}
		ada.post(path+"/posts", ada.form(path, url.Values{"body": {words}})).wantStatus(t, 303)
		if !shows(h, words) || h.guest().get(fmt.Sprintf("/threads/%d/since?n=%d", id, n+1)).StatusCode != 200 {
			t.Errorf("%q is not there at once", words)
		}
	}
	time.Sleep(time.Second)
	if !shows(other, "Reply number 9.") {
		t.Error("the other node does not show it after a second")
	}
}

// A proxy that keeps what it may and obeys every header gives nobody what was made
// for somebody else, whatever the address ends in.
func TestACachingProxyHarmsNobody(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	ada, ben := forumtest.Person(t, h.store, "Ada Archer", "Northmoor"), forumtest.Person(t, h.store, "Ben Barker", "Southmoor")
	_, thread := h.threadOf(forumtest.Person(t, h.store, "Cal", "Southmoor"), "Who has moved bins online?")
	shelf := map[string]returned{}
	through := func(b *browser, path string) returned {
		if known, there := shelf[path]; there {
			return known
		}
		got := b.get(path)
		control := got.Header.Get("Cache-Control")
		if !strings.Contains(control, "private") && !strings.Contains(control, "no-store") {
			shelf[path] = got
		}
		return got
	}
	number, _, _ := strings.Cut(thread, "-")
	for _, path := range []string{"/", "/threads", thread, thread + "/x.css", number + ";.css", number + "%2f.css", number + "/a.js", "/account", "/account/x.css", "/nowhere.png"} {
		for _, b := range []*browser{h.as(ada), h.as(ben), h.guest()} {
			got := through(b, path)
			named := map[string]bool{"Ada Archer": strings.Contains(got.text, "Ada Archer"), "Ben Barker": strings.Contains(got.text, "Ben Barker")}
			if named["Ada Archer"] && named["Ben Barker"] || b.cookie == "" && (named["Ada Archer"] || named["Ben Barker"] || strings.Contains(got.text, `name="_csrf"`)) {
				t.Errorf("%s: somebody reads what is another's: %v", path, named)
			}
		}
	}
}
