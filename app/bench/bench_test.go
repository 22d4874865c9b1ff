package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// whole are the rows of a run.
var whole = []string{"start to ready", "memory, idle", "home, visitor", "home, signed in", "listing, visitor", "listing, signed in",
	"listing of a topic, signed in", "thread page, visitor", "thread page, visitor, unchanged (304)", "thread page, visitor, every thread",
	"thread page, signed in", "thread page, signed in, every thread", "long thread, first page, visitor", "long thread, last page, visitor", "long thread, first page, signed in",
	"long thread, last page, signed in", "long thread, last page to first", "readers' p99, 50 pages polling", "posting a reply",
	"memory under load", "bytes of a 20-post page, visitor", "SQL on a thread page, visitor", "bytes of a 20-post page, signed in",
	"SQL on a thread page, signed in", "SQL on a poll, visitor", "css, brotli", "js, brotli"}

// The whole benchmark runs on a small corpus, and every answer it counts is one. How
// fast anything was is not for a test to say.
func TestASmallRunHasAllRows(t *testing.T) {
	t.Setenv("TMPDIR", shortFolder(t))
	file := filepath.Join(t.TempDir(), "rows.json")
	var out bytes.Buffer
	err := bench(t.Context(), []string{"forum", "-posts", "500", "-rounds", "1", "-seconds", "0.1", "-pages", "50", "-json", file,
		"-postgres", os.Getenv("MOOTHALL_POSTGRES_BIN")}, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
		if r.Void != "" {
			t.Errorf("%s is void: %s", r.Name, r.Void)
		}
	}
	if !slices.Equal(names, whole) {
		t.Errorf("got the rows %q, want %q", names, whole)
	}
	leavesNothing(t)
}

// A run about mail has all its rows too.
func TestASmallRunOfMailHasAllRows(t *testing.T) {
	t.Setenv("TMPDIR", shortFolder(t))
	s := &strings.Builder{}
	err := bench(t.Context(), []string{"mail", "-posts", "300", "-people", "200", "-rounds", "1", "-seconds", "0.1", "-postgres", os.Getenv("MOOTHALL_POSTGRES_BIN")}, s)
	if err != nil {
		t.Fatalf("%v\n%s", err, s)
	}
	for _, want := range []string{"telling a crowd: site", "telling a crowd: instant", "telling a crowd: daily", "people told: daily", "memory at most meanwhile: daily",
		"posting to a crowd beside to nobody", "posting while a crowd is told", "mails looked at, written, handed over", "digests made, while others go out",
		"digests made, written, handed over", "all digests of 100 people"} {
		if !strings.Contains(s.String(), "\n"+want) {
			t.Errorf("there is no row %q in\n%s", want, s)
		}
	}
	leavesNothing(t)
}

// A run about search finds something in both, and judges the ranking; another one finds
// what it kept.
func TestASmallRunOfSearchHasAllRows(t *testing.T) {
	t.Setenv("TMPDIR", shortFolder(t))
	kept := filepath.Join(os.TempDir(), "kept")
	for _, filled := range []string{"made and loaded", "found filled"} {
		s := &strings.Builder{}
		err := bench(t.Context(), []string{"search", "-posts", "300", "-rounds", "1", "-seconds", "0.1", "-keep", kept, "-postgres", os.Getenv("MOOTHALL_POSTGRES_BIN")}, s)
		if err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
		for _, want := range []string{"relevance, kept aside", "ours   index of words", "floor  index of words", "a post written", "a rare word", "a common and a rarer word", "two words ",
			"the commonest word", "a phrase", "narrowed", "misspelt", "two hundred, mixed", "what is like a title"} {
			if !strings.Contains(s.String(), "\n"+want) && !strings.HasPrefix(s.String(), want) {
				t.Errorf("there is no row %q in\n%s", want, s)
			}
		}
		if !strings.Contains(s.String(), filled) {
			t.Errorf("it was not %s:\n%s", filled, s)
		}
		leavesNothing(t)
	}
}

// shortFolder is a temporary folder in which a socket's path is short enough.
func shortFolder(t *testing.T) string {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func leavesNothing(t *testing.T) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "moothall*")); err != nil || len(left) > 0 {
		t.Errorf("it left %v behind, %v", left, err)
	}
}

// Told to stop, the benchmark stops what it started and leaves nothing behind.
func TestARunThatIsStoppedLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", shortFolder(t))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	seen := &watcher{word: "home, visitor", then: stop}
	err := bench(ctx, []string{"-posts", "200", "-rounds", "1", "-seconds", "0.1", "-postgres", os.Getenv("MOOTHALL_POSTGRES_BIN")}, seen)
	if err == nil || err.Error() != "stopped before the end" {
		t.Errorf("got %v, want to hear that it was stopped", err)
	}
	leavesNothing(t)
}

// watcher does something when a word is written.
type watcher struct {
	word string
	then func()
}

func (w *watcher) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.word) {
		w.then()
	}
	return len(p), nil
}

func TestOnlyWhatThereIsIsMeasured(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"mail -people 1":  "at least 200 posts, one round, one page, a few people, and some time are needed",
		"cake":            `"cake" is nothing to measure: forum, mail, newsletter, plans, register and search are`,
		"forum cake":      `"forum cake" is nothing to measure: forum, mail, newsletter, plans, register and search are`,
		"forum -keep x":   "what search was measured on can be kept, and nothing else",
		"forum -posts 10": "at least 200 posts, one round, one page, a few people, and some time are needed",
		"-rounds 0":       "at least 200 posts, one round, one page, a few people, and some time are needed",
	} {
		if err := bench(t.Context(), strings.Fields(args), new(bytes.Buffer)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", args, err, want)
		}
	}
}

// The same seed and size give the same corpus, of the size that was asked for.
func TestTheCorpusIsTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	digest := func(s size) (string, corpus, int) {
		sum, posts := sha256.New(), 0
		c := generate(s, func(p post) bool {
			posts++
			fmt.Fprintln(sum, p)
			return true
		})
		fmt.Fprintln(sum, c)
		return fmt.Sprintf("%x", sum.Sum(nil)), c, posts
	}
	first, c, posts := digest(sizeOf(1000))
	if again, _, _ := digest(sizeOf(1000)); again != first {
		t.Error("the same seed gave another corpus")
	}
	other := sizeOf(1000)
	other.seed++
	if again, _, _ := digest(other); again == first {
		t.Error("another seed gave the same corpus")
	}
	sum := 0
	for _, t := range c.all {
		sum += t.posts
	}
	if posts != 1000 || sum != 1000 || c.all[0].posts != 250 || len(c.people) != 500 {
		t.Errorf("got %d posts, %d counted, %d in the long thread, %d people", posts, sum, c.all[0].posts, len(c.people))
	}
	if s := sizeOf(100_000); s.threads != 2000 || s.long != 2000 {
		t.Errorf("a hundred thousand posts are in %d threads, the long one of %d", s.threads, s.long)
	}
}

// A ratio is taken inside a round: a machine that is slow for a round is so for both.
func TestRatiosAreTakenInsideARound(t *testing.T) {
	t.Parallel()
	all := rounds{
		ours:  []sample{{rate: 50, p99: 4}, {rate: 5, p99: 40}, {rate: 500, p99: 1}},
		floor: []sample{{rate: 100, p99: 2}, {rate: 10, p99: 20}, {rate: 1000, p99: 1}},
	}
	r := (&stage{}).rowOf(pair{name: "a page", goal: goal{rate: 0.5, p99: 2}}, all)
	if r.Ratio != 0.5 || r.RatioMin != 0.5 || r.RatioMax != 0.5 || r.P99Ratio != 2 || r.Met != "yes" || r.Goal != "rate ≥ 0.5, p99 ≤ 2 ×" {
		t.Errorf("got %+v", r)
	}
	all.floor[1].wrong, all.floor[1].why = 3, "status 500"
	if r = (&stage{}).rowOf(pair{goal: goal{rate: 0.5}}, all); r.Void != "floor: 3 wrong answers, first: status 500" || r.Met != "" {
		t.Errorf("a round with errors is a result: %+v", r)
	}
}

// Each number in a form is sent once, and the length says what is sent.
func TestNoTwoFormsAreTheSame(t *testing.T) {
	t.Parallel()
	r := send(&server{host: "hall"}, "/t/1", "body={{n}}")
	first, second := string(r.bytes(nil)), string(r.bytes(nil))
	if first == second || strings.Contains(first, "{{n}}") {
		t.Errorf("got %q and %q", first, second)
	}
	head, body, _ := strings.Cut(first, "\r\n\r\n")
	if want := fmt.Sprintf("Content-Length: %d", len(body)); !strings.Contains(head, want) {
		t.Errorf("%q does not say %s", head, want)
	}
}
