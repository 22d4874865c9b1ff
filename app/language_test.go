package app_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"

	"moothall/forum/forumtest"
	"moothall/views/words"
)

// The language is switched on any page and stays: of a visitor with the browser, of a
// person with them, on whatever node and browser they come; and the switch leads back.
func TestTheLanguageIsSwitchedAndStays(t *testing.T) {
	t.Parallel()
	h := openHouse(t, nil)
	other := openHouse(t, map[string]string{"DATABASE_URL": h.DatabaseURL()})
	visitor := h.jar()
	page := visitor.get("/threads?state=open")
	page.has(t, `<html lang="en">`, `<button class="mh-quiet" lang="cy">Cymraeg</button>`, `name="return" value="/threads?state=open"`)
	switched := visitor.send("POST", "/language", fieldsOf("lang", "cy", "return", "/threads?state=open"))
	switched.wantLocation(t, 303, "/threads?state=open")
	if got := switched.Header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("an answer with a cookie is kept: %q", got)
	}
	page = visitor.get("/threads?state=open")
	page.has(t, `<html lang="cy">`, `lang="en">English</button>`, "Cyfieithiad peiriant, heb ei adolygu eto", "Mewngofnodi")
	if page.Header.Get("Cache-Control") != "private, no-cache" || !strings.Contains(page.Header.Get("Vary"), "Cookie") || page.Header.Get("Set-Cookie") != "" {
		t.Errorf("the page's headers are %v", page.Header)
	}
	visitor.get("/nowhere").has(t, `<html lang="cy">`)
	visitor.send("POST", "/language", fieldsOf("lang", "en", "return", "/")).wantLocation(t, 303, "/")
	visitor.get("/").has(t, `<html lang="en">`)

	ada := h.jar()
	ada.signIn("ada@northmoor.gov.example", true)
	ada.send("POST", "/language", fieldsOf("lang", "cy", "return", "/account")).wantStatus(t, http.StatusForbidden) // no _csrf
	ada.post("/account", "/language", "lang", "cy", "return", "/account").wantLocation(t, 303, "/account")
	ada.get("/account").has(t, `<html lang="cy">`)
	elsewhere := other.jar()
	elsewhere.signIn("ada@northmoor.gov.example", true)
	elsewhere.get("/account").has(t, `<html lang="cy">`)
	ada.post("/account", "/sign-out")
	ada.get("/").has(t, `<html lang="cy">`) // the browser is the same

	for back, want := range map[string]string{"//evil.example": "/", "https://evil.example/": "/", "/dev/clock": "/", "": "/",
		"/sign-in": "/sign-in", "/sign-in?return=%2Fthreads%2Fnew": "/sign-in?return=%2Fthreads%2Fnew",
		"/sign-in?return=//evil.example": "/sign-in", "/sign-in/../dev": "/sign-in", "/account?x=1": "/account?x=1"} {
		visitor.send("POST", "/language", fieldsOf("lang", "cy", "return", back)).wantLocation(t, 303, want)
	}
	for _, lang := range []string{"", "fr", "CY", "cy; Domain=evil.example"} {
		visitor.send("POST", "/language", fieldsOf("lang", lang)).wantStatus(t, http.StatusBadRequest)
	}
	foreign := h.guest()
	foreign.header.Set("Origin", "https://evil.example")
	foreign.post("/language", fieldsOf("lang", "cy")).wantStatus(t, http.StatusForbidden)
}

// No page that is read in Welsh says an English sentence of ours.
func TestWelshPagesSayNothingInEnglish(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	thread := forumtest.Thread(t, w.store, w.people["author"], "Biniau")
	forumtest.Reply(t, w.store, w.people["lead"], thread, "Do.")
	w.exec(`update people set lang = 'cy'`)
	sentences := englishAlone()
	if len(sentences) < 300 {
		t.Fatalf("only %d sentences to look for", len(sentences))
	}
	pages := 0
	readers := []string{"moderator", "unjoined", "newcomer", "supplier", "lead", "suspended"}
	if raced {
		readers = readers[:1]
	}
	for _, as := range readers {
		for _, page := range append(w.crawl(as), w.pushes(as)...) {
			if !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") || page.status < 400 && page.status >= 300 || strings.HasPrefix(page.path, "/assets/") {
				continue // not a page, or one for a browser
			}
			pages++
			if !strings.Contains(page.body, `<html lang="cy">`) {
				t.Errorf("%s as %s is in another language", page.path, as)
			}
			said := saidIn(t, page.body)
			for key, sentence := range sentences {
				if strings.Contains(said, sentence) {
					t.Errorf("%s as %s says %s in English: %s", page.path, as, key, sentence)
					delete(sentences, key) // once is enough
				}
			}
		}
	}
	t.Logf("%d sentences, %d pages", len(sentences), pages)
}

var placeIn = regexp.MustCompile(`\{\{\.[A-Za-z]+\}\}|[\[\]]`)

// englishAlone are the longest pieces of the English sentences that Welsh does not have.
func englishAlone() map[string]string {
	all := map[string]string{}
	for _, key := range words.Keys() {
		welsh := fmt.Sprint(words.In("cy").T(key))
		for _, text := range words.Texts(key) {
			longest := ""
			for _, piece := range placeIn.Split(text, -1) {
				if piece = strings.TrimSpace(piece); len(piece) > len(longest) {
					longest = piece
				}
			}
			if strings.Count(longest, " ") >= 2 && !strings.Contains(welsh, longest) {
				all[key] = longest
			}
		}
	}
	return all
}

// saidIn is what a page says to people, without what stands in another language.
func saidIn(t *testing.T, page string) string {
	t.Helper()
	root, err := xhtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var walk func(n *xhtml.Node)
	walk = func(n *xhtml.Node) {
		for _, a := range n.Attr {
			if a.Key == "lang" && a.Val != "cy" {
				return
			}
			if a.Key == "aria-label" || a.Key == "title" || a.Key == "content" || a.Key == "placeholder" {
				b.WriteString(a.Val + "\n")
			}
		}
		if n.Type == xhtml.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
}
