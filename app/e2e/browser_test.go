package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
)

// patience is how long a journey may take in all: a cold browser on a busy
// machine is slow, a hang is not worth more.
const patience = 3 * time.Minute

// glance is how long one waits between two looks at a page that is to come.
const glance = 20 * time.Millisecond

// browser is the one Chromium of this test binary; each journey has a profile of
// its own in it.
var browser struct {
	once sync.Once
	ctx  context.Context
	stop []context.CancelFunc
	err  error
}

// findChromium is CHROME_BIN, else what is on PATH; empty if there is none.
func findChromium() string {
	if bin := os.Getenv("CHROME_BIN"); bin != "" {
		return bin
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if bin, err := exec.LookPath(name); err == nil {
			return bin
		}
	}
	return ""
}

func startBrowser(bin string) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(bin), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.DisableGPU)
	// A process for each profile, and not one for each page and one to spare.
	options = append(options, chromedp.Flag("process-per-site", true), chromedp.Flag("disable-features",
		"site-per-process,Translate,BlinkGenPropertyTrees,SpareRendererForSitePerProcess,ProactivelySwapBrowsingInstance"))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopBrowser := chromedp.NewContext(allocator)
	browser.stop = append(browser.stop, stop, stopBrowser)
	browser.ctx, browser.err = ctx, chromedp.Do(ctx)
}

func stopBrowser() {
	for n := len(browser.stop) - 1; n >= 0; n-- {
		browser.stop[n]()
	}
}

// tab is a person's browser in a journey. Each of its methods is one thing that
// they do or see, and fails the test when it cannot be.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string
	look
}

// width and kind of a browser.
type look struct {
	width    int64
	noScript bool
}

// open gives a journey a browser with a profile of its own.
func open(t *testing.T, base string, l look) *tab {
	t.Helper()
	bin := findChromium()
	if bin == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no Chromium: install it, or set CHROME_BIN")
		}
		t.Skip("no Chromium: install it, or set CHROME_BIN")
	}
	browser.once.Do(func() { startBrowser(bin) })
	if browser.err != nil {
		t.Fatalf("starting Chromium: %v", browser.err)
	}
	ctx, closeTab := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	ctx, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(func() { cancel(); closeTab() })
	b := &tab{t: t, ctx: ctx, base: base, look: l}
	b.dress()
	return b
}

// dress makes the tab what its look says.
func (b *tab) dress() {
	b.t.Helper()
	b.do("size the window", chromedp.EmulateViewport(b.width, 900))
	if b.noScript {
		b.do("switch JavaScript off", func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
			_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			return chromedp.Void{}, err
		})
	}
}

func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("%s, at %s: %v\n%s", what, b.path(), err, b.text())
	}
}

func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluating at %s: %v", b.path(), err)
	}
	return v
}

// goTo opens an address of the site.
func (b *tab) goTo(path string) {
	b.t.Helper()
	b.do("open "+path, chromedp.Navigate(b.base+path))
}

// path is where the browser is, without the site's address.
func (b *tab) path() string {
	at, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		return "?"
	}
	return strings.TrimPrefix(at, b.base)
}

// text is what the page says.
func (b *tab) text() string {
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
	if err != nil {
		return err.Error()
	}
	return text
}

// sees fails unless the page says all of these.
func (b *tab) sees(words ...string) {
	b.t.Helper()
	text := squash(b.text())
	for _, w := range words {
		if !strings.Contains(text, squash(w)) {
			b.t.Errorf("at %s there is no %q in:\n%s", b.path(), w, text)
		}
	}
}

// seesNot fails if the page says any of these.
func (b *tab) seesNot(words ...string) {
	b.t.Helper()
	text := squash(b.text())
	for _, w := range words {
		if strings.Contains(text, squash(w)) {
			b.t.Errorf("at %s there is %q", b.path(), w)
		}
	}
}

func squash(s string) string { return strings.Join(strings.Fields(s), " ") }

// press clicks the visible link or button of the page's own with these words, and waits for the
// page that comes of it.
func (b *tab) press(words string) {
	b.t.Helper()
	b.pressIn("main", words)
}

// pressIn is press inside one part of the page.
func (b *tab) pressIn(within, words string) {
	b.t.Helper()
	name, _ := json.Marshal(squash(words))
	root, _ := json.Marshal(within)
	found := eval[bool](b, fmt.Sprintf(`(() => {
		document.querySelectorAll("[data-pressed]").forEach(e => e.removeAttribute("data-pressed"));
		const root = document.querySelector(%s);
		if (!root) return false;
		const says = e => (e.getAttribute("aria-label") || e.innerText || e.value || "").replace(/\s+/g, " ").trim();
		const all = [...root.querySelectorAll("a, button, summary, input[type=submit]")].filter(e => e.checkVisibility());
		const e = all.find(e => says(e) === %[2]s) || all.find(e => says(e).startsWith(%[2]s));
		if (e) { e.setAttribute("data-pressed", ""); e.scrollIntoView({block: "center"}); document.documentElement.dataset.old = "1"; }
		return !!e;
	})()`, root, name))
	if !found {
		b.t.Fatalf("at %s there is nothing to press that says %q:\n%s", b.path(), words, b.text())
	}
	leaves := eval[bool](b, `(() => { const e = document.querySelector("[data-pressed]");
		return e.tagName !== "SUMMARY" && e.type !== "button" && !(e.getAttribute("href") || "").startsWith("#"); })()`)
	b.do("press "+words, chromedp.Click("[data-pressed]"))
	if leaves {
		b.settle()
	}
}

// settle waits until the page that was left is gone and the next one is there.
func (b *tab) settle() {
	b.t.Helper()
	for b.ctx.Err() == nil {
		state, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](
			`document.documentElement.dataset.old ? "old" : document.readyState`))
		if err == nil && state == "complete" {
			return
		}
		time.Sleep(glance) // or the asking itself keeps the page from coming
	}
	b.t.Fatalf("the page at %s did not come: %v", b.path(), b.ctx.Err())
}

// fill types into the field with this id, in place of what is there.
func (b *tab) fill(id, words string) {
	b.t.Helper()
	name, _ := json.Marshal(id) // a string always can be
	if !eval[bool](b, fmt.Sprintf(`(() => { const e = document.getElementById(%s); if (e) e.value = ""; return !!e; })()`, name)) {
		b.t.Fatalf("at %s there is no field %s:\n%s", b.path(), id, b.text())
	}
	b.do("fill in "+id, chromedp.SendKeys("#"+id, words))
}

// choose ticks a radio button or checkbox, or picks an option of a select.
func (b *tab) choose(name, value string) {
	b.t.Helper()
	n, _ := json.Marshal(name)
	v, _ := json.Marshal(value)
	ok := eval[bool](b, fmt.Sprintf(`(() => {
		for (const e of document.getElementsByName(%s)) {
			if (e.tagName === "SELECT") { e.value = %[2]s; return e.value === %[2]s; }
			if (e.value === %[2]s) { e.checked = true; return true; }
		}
		return false;
	})()`, n, v))
	if !ok {
		b.t.Fatalf("at %s one cannot choose %s = %s", b.path(), name, value)
	}
}

// value is what stands in a field.
func (b *tab) value(id string) string {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Value("#"+id))
	if err != nil {
		b.t.Fatalf("reading %s at %s: %v", id, b.path(), err)
	}
	return v
}

// has reports how many things on the page a selector finds.
func (b *tab) has(selector string) int {
	b.t.Helper()
	s, _ := json.Marshal(selector)
	return eval[int](b, fmt.Sprintf(`document.querySelectorAll(%s).length`, s))
}

// keys presses keys where the focus is.
func (b *tab) keys(keys string) {
	b.t.Helper()
	b.do("press keys", chromedp.KeyEvent(keys))
}

// axe is axe-core, read once.
var axe = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile(filepath.Join("testdata", "axe.min.js"))
	return string(text), err
})

// accessible fails if axe finds anything on the page, or if it scrolls sideways.
// Axe is a script: where there is none the page is only measured.
func (b *tab) accessible() {
	b.t.Helper()
	if wide := eval[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		b.t.Errorf("%s is %d px too wide", b.path(), wide)
	}
	if b.noScript {
		return
	}
	code, err := axe()
	if err != nil {
		b.t.Fatal(err)
	}
	found := eval[[]string](b, code+`;
		axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]})
			.then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 160)).join(" | ")))`)
	for _, v := range found {
		b.t.Errorf("axe at %s: %s", b.path(), v)
	}
}

// picture keeps a screenshot of the whole page when MOOTHALL_SCREENSHOTS names a folder.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("MOOTHALL_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		b.t.Errorf("picture %s: %v", name, err)
	}
}

// pressed clicks what a selector finds, for buttons that share their words.
func pressed(selector string) chromedp.Action[chromedp.Void] {
	mark := chromedp.Evaluate[bool](`document.documentElement.dataset.old = "1", true`)
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		if _, err := mark(ctx, t); err != nil {
			return chromedp.Void{}, err
		}
		return chromedp.Click(selector)(ctx, t)
	}
}

// filled types into what a selector finds.
func filled(selector, words string) chromedp.Action[chromedp.Void] {
	return chromedp.SendKeys(selector, words)
}

// another is a second tab of the same browser: signed in as the first one is.
func (b *tab) another() *tab {
	b.t.Helper()
	ctx, closeTab := chromedp.NewContext(b.ctx)
	b.t.Cleanup(closeTab)
	second := &tab{t: b.t, ctx: ctx, base: b.base, look: b.look}
	second.dress()
	return second
}

// waitFor waits until the page says something.
func (b *tab) waitFor(words string) {
	b.t.Helper()
	for b.ctx.Err() == nil {
		if strings.Contains(squash(b.text()), squash(words)) {
			return
		}
		time.Sleep(glance)
	}
	b.t.Fatalf("at %s there never was %q", b.path(), words)
}

// violations watches for what the browser refuses to run or load; call the
// answer for what there was.
func (b *tab) violations() func() []string {
	b.t.Helper()
	var lock sync.Mutex
	var seen []string
	b.do("watch the log", func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
		return chromedp.Void{}, err
	})
	err := chromedp.Listen(b.ctx, func(ev any) {
		if e, ok := ev.(*log.EventEntryAdded); ok && strings.Contains(e.Entry.Text, "Content Security Policy") {
			lock.Lock()
			defer lock.Unlock()
			seen = append(seen, e.Entry.Text)
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return func() []string { lock.Lock(); defer lock.Unlock(); return seen }
}
