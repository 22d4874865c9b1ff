package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"moothall/app/dev"
)

// shortage is a Postgres that can be left without room.
type shortage struct {
	name       string
	url        string
	code       string // what Postgres says then
	begin, end func()
}

// The test binary runs itself as the owner of a Postgres on a small disk.
const diskOnly = "MOOTHALL_TEST_DISK"

// small is the size of that disk: a new Postgres takes the half of it.
const small = 160 << 20

// keepDisk mounts a disk in memory on a folder, runs a Postgres on it, and fills and
// empties the rest of it as it is told. It does so in a namespace of mounts of its own,
// so that nothing is left of the disk when it ends, whatever ends it.
func keepDisk(dir string) error {
	err := syscall.Mount("moothall-test", dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=0700,size="+strconv.Itoa(small))
	if err != nil {
		return err
	}
	fmt.Println("mounted")
	ctx := context.Background()
	postgres, err := dev.StartPostgres(ctx, dev.PostgresOptions{Dir: filepath.Join(dir, "postgres"), Fast: true,
		BinDir: os.Getenv("MOOTHALL_POSTGRES_BIN"), MaxConnections: 100})
	if err != nil {
		return err
	}
	fmt.Println(postgres.URL())
	ballast := filepath.Join(dir, "ballast")
	for orders := bufio.NewScanner(os.Stdin); orders.Scan(); { // until the test ends, or is killed
		if orders.Text() == "fill" {
			err = fill(ballast)
		} else {
			err = os.Remove(ballast)
		}
		fmt.Println(orders.Text(), err)
	}
	return postgres.Stop(ctx)
}

// fill writes a file until the disk is full to the last byte.
func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	for block := make([]byte, 1<<20); len(block) > 0; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return f.Close()
}

// onSmallDisk is a Postgres on a disk of its own; nil where this account may mount none.
func onSmallDisk(t *testing.T) *shortage {
	t.Helper()
	owner := exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), diskOnly+"="+t.TempDir())
	owner.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if uid, gid := os.Geteuid(), os.Getegid(); uid != 0 { // in a namespace of users anybody may
		owner.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}},
			AmbientCaps: []uintptr{unix.CAP_SYS_ADMIN}}
	}
	orders, err := owner.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	owner.Stderr = t.Output()
	if err := owner.Start(); err != nil {
		t.Logf("no namespace of its own: %v", err)
		return nil
	}
	t.Cleanup(func() {
		_ = orders.Close() // it may have ended
		if err := owner.Wait(); err != nil && !t.Skipped() {
			t.Logf("the owner of the disk: %v", err)
		}
	})
	said := bufio.NewScanner(out)
	if !said.Scan() {
		return nil // it says why
	}
	if !said.Scan() {
		t.Fatal("there is a disk, and no Postgres on it")
	}
	tell := func(order string) func() {
		return func() {
			t.Helper()
			if _, err := fmt.Fprintln(orders, order); err != nil || !said.Scan() || said.Text() != order+" <nil>" {
				t.Fatalf("%s: %v, %q", order, err, said.Text())
			}
		}
	}
	return &shortage{name: "a full disk", url: said.Text(), code: "53100", begin: tell("fill"), end: tell("clear")}
}

// limited is a Postgres whose files may not grow, as under a quota: those that are as
// long as the log of writes, which Postgres ends with if it cannot write it.
func limited(t *testing.T) *shortage {
	t.Helper()
	s := openServer(t, true)
	begin := func() {
		// Every deed of a form writes its key: this makes their table long enough, and leaves no gaps.
		const padding = `
			insert into form_keys (person_id, key, content, at)
			select (select min(id) from people), '%s' || n, decode(repeat(md5(n::text), %d), 'hex'), now() from generate_series(1, %d) n`
		execAt(t, s.URL(), fmt.Sprintf(padding, "long", 60, 18_000))
		execAt(t, s.URL(), fmt.Sprintf(padding, "", 0, 60_000))
		execAt(t, s.URL(), `checkpoint`)
		s.limit(uint64(numberAt(t, s.URL(), `select pg_relation_size('form_keys')`)))
	}
	return &shortage{name: "files that may not grow", url: s.URL(), code: "XX000", begin: begin, end: func() { s.limit(unix.RLIM_INFINITY) }}
}

// limit says how long files may be that Postgres writes, in all its processes.
func (s *server) limit(most uint64) {
	s.t.Helper()
	first := s.pid()
	set := func(pid int) {
		var was unix.Rlimit
		err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, nil, &was)
		if err == nil {
			err = unix.Prlimit(pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: most, Max: was.Max}, nil)
		}
		if err != nil && !errors.Is(err, syscall.ESRCH) { // it has just ended
			s.t.Fatal(err)
		}
	}
	set(first) // what begins from now on has it of the first
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, path := range all {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ") // proc(5): pid (name) state parent …
		if fields := strings.Fields(rest); len(fields) < 2 || fields[1] != strconv.Itoa(first) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			s.t.Fatal(err)
		}
		set(pid)
	}
}

// With no room for the database, what is written is put off with all its words and reads
// go on; when there is room again, all is as before, and nothing was lost or done twice.
// (Seen to fail: without their codes in ofDatabase both are answered 500.)
func TestAFullDiskPutsOffWhatIsWritten(t *testing.T) {
	t.Parallel()
	for _, open := range []func(*testing.T) *shortage{onSmallDisk, limited} {
		lack := open(t)
		if lack == nil {
			t.Log("this account may not mount a disk: files that may not grow must do")
			continue
		}
		t.Run(lack.name, func(t *testing.T) {
			t.Parallel()
			lack.putOff(t)
		})
	}
}

// refusedForm is a reply that was put off.
type refusedForm struct{ key, words string }

// putOff is the test of one shortage.
func (lack *shortage) putOff(t *testing.T) {
	h := openHouse(t, map[string]string{"DATABASE_URL": lack.url, "MOOTHALL_RATE_LIMITS": "off", "MOOTHALL_OPS_ADDR": "127.0.0.1:0"})
	ada, ben := h.colleague("Ada"), h.colleague("Ben")
	_, path := h.threadOf(ada, "Who has moved bins online?") // Ada is told of each reply
	person, visitor := h.as(ben), h.guest()
	csrf := person.form(path, nil)["_csrf"]
	n := &tally{t: t}
	said, serial := 0, 0
	reply := func(form refusedForm) returned {
		got := person.post(path+"/posts", url.Values{"_csrf": csrf, "idempotency": {form.key}, "body": {form.words}})
		n.note(person, got)
		if got.StatusCode == http.StatusSeeOther {
			said++
		}
		return got
	}
	next := func() refusedForm {
		serial++
		return refusedForm{fmt.Sprint("form ", serial), fmt.Sprintf("Words %d. %s", serial, strings.Repeat("We did, in March. ", 200))}
	}
	reply(next()).wantStatus(t, http.StatusSeeOther)
	// There is room in the log of writes, which Postgres could not do without: that it ends is another fault.
	execAt(t, lack.url, `select pg_switch_wal()`)
	execAt(t, lack.url, `checkpoint`)

	lack.begin()
	var waiting []refusedForm
	for len(waiting) < 5 && serial < 500 { // some still find room in what the database has
		form := next()
		got := reply(form)
		if got.StatusCode != http.StatusServiceUnavailable {
			continue
		}
		waiting = append(waiting, form)
		if !strings.Contains(got.text, form.words) || !strings.Contains(got.text, `value="`+form.key+`"`) {
			t.Errorf("the refusal does not give back what was typed, or its key\n%s", short(got.text))
		}
	}
	if len(waiting) < 5 {
		t.Fatalf("%d replies are taken, %d put off", said, len(waiting))
	}
	for _, b := range []*browser{person, visitor} {
		for _, page := range []string{path + "?full=1", "/threads?full=1", "/"} {
			b.get(page).wantStatus(t, http.StatusOK)
		}
	}
	visitor.get("/readyz").wantStatus(t, http.StatusOK) // pages can be read
	h.wantMetrics("moothall_database_up 1",
		fmt.Sprintf(`moothall_database_refusals_total{why="%s"} %d`, lack.code, n.refused.Load()),
		fmt.Sprintf(`moothall_requests_total{method="POST",route="/threads/:id/posts",status="503"} %d`, n.refused.Load()))
	if !strings.Contains(h.log.String(), `level=WARN msg=fault`) || !strings.Contains(h.log.String(), "postgres "+lack.code) {
		t.Error("the log does not say why")
	}

	lack.end()
	for _, form := range waiting { // the same forms again, as the page has them
		eventually(t, "it is taken", func() bool { return reply(form).StatusCode == http.StatusSeeOther })
		reply(form).wantStatus(t, http.StatusSeeOther)
		said-- // that was the second time
	}
	if posts, different := numberAt(t, lack.url, `select count(*) from posts where number > 1`), numberAt(t, lack.url, `select count(distinct body) from posts where number > 1`); posts != said || different != said {
		t.Errorf("%d posts, %d different; want %d", posts, different, said)
	}
	eventually(t, "Ada is told of each", func() bool {
		return numberAt(t, lack.url, `select count(*) from notices where person_id = `+fmt.Sprint(ada.ID)) == said
	})
	t.Logf("%d posts, %d put off", said, n.refused.Load())
}

func init() {
	instead = func() {
		dir := os.Getenv(diskOnly)
		if dir == "" {
			return
		}
		if err := keepDisk(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}
