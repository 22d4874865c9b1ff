package app_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/forumtest"
)

// kills is how often the program is killed while people post. MOOTHALL_TEST_KILLS=200
// asks for more, which takes some minutes: give go test a -timeout to suit.
func kills(t *testing.T) int {
	t.Helper()
	said := os.Getenv("MOOTHALL_TEST_KILLS")
	if said == "" {
		return 10
	}
	n, err := strconv.Atoi(said)
	if err != nil || n < 1 {
		t.Fatalf("MOOTHALL_TEST_KILLS is %q, want a number of kills", said)
	}
	return n
}

// killed is the program itself, run as its own process on its own Postgres.
type killed struct {
	t       *testing.T
	bin     string
	data    string
	more    []string // settings
	errs    *lines   // what it logs
	process *exec.Cmd
	site    string
	db      string
}

// start runs the program until it is ready.
func (k *killed) start() {
	k.t.Helper()
	k.process = exec.Command(k.bin)
	k.process.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + k.data, "MOOTHALL_ADDR=127.0.0.1:0", "MOOTHALL_DATA=" + k.data,
		"MOOTHALL_DEMO=off", "MOOTHALL_RATE_LIMITS=off", "MOOTHALL_SECRETS=" + proofSecret, "MOOTHALL_POSTGRES_BIN=" + os.Getenv("MOOTHALL_POSTGRES_BIN")}
	k.process.Env = append(k.process.Env, k.more...)
	k.errs = new(lines)
	k.process.Stderr = k.errs
	out, err := k.process.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.process.Start(); err != nil {
		k.t.Fatal(err)
	}
	for facts := bufio.NewScanner(out); facts.Scan(); {
		name, value, _ := strings.Cut(facts.Text(), " ")
		switch name {
		case "site":
			k.site = value
		case "database":
			k.db = value
		case "ready":
			return
		}
	}
	k.t.Fatalf("the program ended before it was ready: %s", k.errs)
}

// kill ends the program as the kernel would: without a word.
func (k *killed) kill() {
	k.t.Helper()
	if err := k.process.Process.Kill(); err != nil {
		k.t.Fatal(err)
	}
	_ = k.process.Wait() // it was killed, and says so
}

// stop has the program end in good order, its Postgres before it, so that nothing
// still writes into the folder when that is removed.
func (k *killed) stop() {
	k.t.Helper()
	if err := k.process.Process.Signal(os.Interrupt); err != nil {
		k.t.Error(err)
	}
	if err := k.process.Wait(); err != nil {
		k.t.Errorf("told to stop, the program ends with %v", err)
	}
}

// reply posts words, once, and reports whether the site said that they are there.
func (k *killed) reply(client *http.Client, cookie, path, words string, keys auth.Keys) bool {
	form := url.Values{"_csrf": {keys.CSRF(auth.Hash(cookie))}, "body": {words}, "idempotency": {words}}
	r, err := http.NewRequest(http.MethodPost, k.site+path, strings.NewReader(form.Encode()))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", "moothall="+cookie)
	got, err := client.Do(r)
	if err != nil {
		return false
	}
	defer func() { _ = got.Body.Close() }()
	return got.StatusCode == http.StatusSeeOther
}

// Killed at any moment while people post, the program starts again with every post
// there, once, that it said was there; and a form sent again posts nothing twice.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	rounds := kills(t)
	k := &killed{t: t, data: t.TempDir(), bin: filepath.Join(t.TempDir(), "moothall")}
	if out, err := exec.Command("go", "build", "-o", k.bin, "moothall").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	k.start()
	defer k.stop()
	ctx := context.Background()
	keys, err := auth.NewKeys([]string{proofSecret})
	if err != nil {
		t.Fatal(err)
	}
	cookies, path := k.people(ctx, 4)
	client := &http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

	var said sync.Map
	var tried sync.Map
	for round := range rounds {
		enough := make(chan struct{}, 1000)
		over := make(chan struct{})
		var writers sync.WaitGroup
		for n, cookie := range cookies {
			writers.Go(func() {
				defer func() { _ = recover() }() // what went wrong shows in the count
				for serial := 0; ; serial++ {
					select {
					case <-over:
						return
					default:
					}
					words := fmt.Sprintf("round %d writer %d words %d", round, n, serial)
					tried.Store(words, cookie)
					if k.reply(client, cookie, path, words, keys) {
						said.Store(words, true)
						enough <- struct{}{}
					}
				}
			})
		}
		for range 1 + rand.IntN(30) {
			<-enough
		}
		k.kill()
		close(over)
		writers.Wait()
		client.CloseIdleConnections()
		k.start()
	}
	// Whoever saw no answer sends the same form again.
	tried.Range(func(words, cookie any) bool {
		if !k.reply(client, cookie.(string), path, words.(string), keys) {
			t.Errorf("sent again after the last start, %q is refused", words)
		}
		said.Store(words, true)
		return true
	})
	k.compare(ctx, &said)
	t.Logf("%d kills", rounds)
}

// people makes colleagues with a session each, and a question to reply to.
func (k *killed) people(ctx context.Context, n int) (cookies []string, path string) {
	k.t.Helper()
	db, err := forum.Connect(ctx, k.db, 4, false)
	if err != nil {
		k.t.Fatal(err)
	}
	defer db.Close()
	store := forum.New(forum.Options{Write: db, Read: db, Now: time.Now})
	sessions := auth.NewStore(db, time.Now)
	for i := range n {
		who := forumtest.NewcomerOf(k.t, store, fmt.Sprint("Ben ", i), "leeds")
		if _, err := db.Exec(ctx, `update people set standing = 'colleague' where id = $1`, who.ID); err != nil {
			k.t.Fatal(err)
		}
		cookie, err := sessions.Start(ctx, who.ID, "dev", "a browser")
		if err != nil {
			k.t.Fatal(err)
		}
		cookies = append(cookies, cookie)
		if path == "" {
			path = threadAt(forumtest.Thread(k.t, store, forumtest.Again(k.t, store, who), "A question under fire")) + "/posts"
		}
	}
	return cookies, path
}

// compare looks for each acknowledged post, once, and for numbers without a gap.
func (k *killed) compare(ctx context.Context, said *sync.Map) {
	k.t.Helper()
	db, err := forum.Connect(ctx, k.db, 2, true)
	if err != nil {
		k.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(ctx, `select body, count(*) from posts where number > 1 group by body`)
	if err != nil {
		k.t.Fatal(err)
	}
	there := map[string]int{}
	for rows.Next() {
		var words string
		var times int
		if err := rows.Scan(&words, &times); err != nil {
			k.t.Fatal(err)
		}
		there[words] = times
	}
	total := 0
	said.Range(func(words, _ any) bool {
		total++
		if got := there[words.(string)]; got != 1 {
			k.t.Errorf("%q is there %d times, want once", words, got)
		}
		return true
	})
	var last, count int
	err = db.QueryRow(ctx, `select max(number), count(*) from posts`).Scan(&last, &count)
	if err != nil || last != count || len(there) != total {
		k.t.Errorf("%d posts with numbers up to %d, %d different, %d tried, %v", count, last, len(there), total, err)
	}
	k.t.Logf("%d posts", total)
}
