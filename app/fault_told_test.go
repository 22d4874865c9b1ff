package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"moothall/forum/forumtest"
)

// total adds up the lines of /metrics that begin so and hold that.
func (h *house) total(name, holds string) (sum float64) {
	h.t.Helper()
	for line := range strings.Lines(h.metrics()) {
		if strings.HasPrefix(line, name) && strings.Contains(line, holds) {
			n, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndex(line, " "):]), 64)
			if err != nil {
				h.t.Fatal(err)
			}
			sum += n
		}
	}
	return sum
}

// elsewhere is the address of another database of the same server, to which one goes to
// do something with this one.
func (h *house) elsewhere() (address, name string) {
	h.t.Helper()
	u, err := url.Parse(h.DatabaseURL())
	if err != nil {
		h.t.Fatal(err)
	}
	name, u.Path = strings.TrimPrefix(u.Path, "/"), "/postgres"
	return u.String(), name
}

// What goes wrong is told as it is: jobs that fail, requests that wait for a connection,
// a database that lets nobody in. And when it is over, so are the figures that say so.
// (Seen to fail: without ConnectError in ofDatabase a database that lets nobody in is 500.)
func TestTheMetricsTellOfEachFault(t *testing.T) {
	t.Parallel()
	h := openHouse(t, map[string]string{"MOOTHALL_OPS_ADDR": "127.0.0.1:0", "MOOTHALL_RATE_LIMITS": "off"})
	ada, ben := forumtest.Person(t, h.store, "Ada", "Northmoor"), forumtest.Person(t, h.store, "Ben", "Southmoor")
	id, path := h.threadOf(ada, "Who has moved bins online?")
	person := h.as(ben)
	csrf := person.form(path, nil)["_csrf"]
	n := &tally{t: t}
	reply := func(words string) returned {
		got := person.post(path+"/posts", url.Values{"_csrf": csrf, "idempotency": {words}, "body": {words}})
		n.note(person, got)
		return got
	}
	h.wantMetrics("moothall_database_up 1")

	// Nobody can be told of anything: the job fails, and is tried again.
	h.exec(`alter table notices add constraint none check (false) not valid`)
	reply("We did, in March.").wantStatus(t, http.StatusSeeOther)
	eventually(t, "a job has failed", func() bool { return h.total("moothall_jobs_failed_total", `kind="fan_out"`) > 0 })
	if !strings.Contains(h.log.String(), `msg="job failed" kind=fan_out`) {
		t.Error("the log does not say which job failed")
	}
	h.exec(`alter table notices drop constraint none`)
	waitFor(t, h, `select exists (select from notices)`)

	// Somebody holds a thread: replies wait for connections, which others have who wait for the thread.
	const many = 12
	holder, err := h.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback(t.Context()) }()
	if _, err := holder.Exec(t.Context(), `select from threads where id = $1 for update`, id); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() { reply(fmt.Sprint("Words ", i)) })
	}
	eventually(t, "the pool is used up, and somebody waits", func() bool {
		most := h.total("moothall_pool_most", `"write"`)
		return h.total("moothall_pool_in_use", `"write"`) == most && h.total("moothall_pool_waits", `"write"`) >= many-most
	})
	if err := holder.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	all.Wait()

	// The database lets nobody in.
	address, name := h.elsewhere()
	execAt(t, address, `alter database `+pgx.Identifier{name}.Sanitize()+` allow_connections false`)
	execAt(t, address, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '`+name+`'`)
	visitor := h.guest()
	for try := range 10 {
		n.note(visitor, visitor.get(fmt.Sprintf("%s?again=%d", path, try)))
		reply(fmt.Sprint("Away ", try))
	}
	h.wantMetrics("moothall_database_up 0", "moothall_jobs_due -1")
	refused := float64(n.refused.Load())
	if refused < 10 {
		t.Errorf("%v of 20 requests are refused by a database that is away", refused)
	}
	if told, counted := h.total("moothall_database_refusals_total", ""), h.total("moothall_requests_total", `status="503"`); told != refused || counted < refused {
		t.Errorf("%v requests were refused: told of %v, and of %v with their status", refused, told, counted)
	}
	if !strings.Contains(h.log.String(), "level=WARN msg=fault") {
		t.Error("the log does not say that the database is away")
	}
	execAt(t, address, `alter database `+pgx.Identifier{name}.Sanitize()+` allow_connections true`)
	eventually(t, "service is as before", func() bool {
		return visitor.get(path+"?again=yes").StatusCode == http.StatusOK && reply("Back again").StatusCode == http.StatusSeeOther
	})
	h.wantMetrics("moothall_database_up 1", "moothall_requests_in_flight 0", `moothall_panics_total{in="request"} 0`)
	eventually(t, "all jobs are done", func() bool { return h.total("moothall_jobs_due", "") == 0 })
}

// exec runs a statement that no deed of the product makes.
func (h *house) exec(sql string) {
	h.t.Helper()
	if _, err := h.db.Exec(h.t.Context(), sql); err != nil {
		h.t.Fatal(err)
	}
}
