// Package projects is what councils did and learned: threads with facts beside them.
// A project says what it is, how far it has come, who does it with what; a lesson says
// what somebody would do differently. Posting, marks and follows are the thread's own.
package projects

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Store reads and writes projects and lessons.
type Store struct {
	*forum.Store
	ledger *ledger // what the counts of the registers come from
}

// New makes a Store.
func New(s *forum.Store) *Store { return &Store{s, &ledger{}} }

// Phases are how far a project can have come, in their order; the last two are ends.
var Phases = []string{"idea", "discovery", "alpha", "beta", "live", "stopped", "retired"}

// CostBands are what a project or lesson can have cost, the least first.
var CostBands = []string{"staff-time-only", "under-10k", "10k-50k", "50k-100k", "100k-250k", "250k-1m", "over-1m"}

// PaidBy is who can have paid for it.
var PaidBy = []string{"own", "fund", "other"}

// Fundings are how a project can stand for money.
var Fundings = []string{"not-needed", "looking", "bid-made", "agreed", "spent"}

// Offers are what a project can have for others.
var Offers = []string{"call", "code", "demo", "documents"}

// Project is the facts of a project.
type Project struct {
	ThreadID      int64
	AuthorID      int64
	CouncilID     int64   // who leads it; 0 while its author has no council
	CouncilHeirs  []int64 // what that became, where it has ended
	CouncilSlug   string
	CouncilName   string
	Summary       string
	Problem       string
	Tried         string
	Outcome       string
	Phase         string
	CostBand      string
	PaidBy        string
	Funding       string
	Standards     string // one a line
	CodeURL       string
	Licence       string
	EvidenceURL   string
	Offers        []string
	ContactID     int64 // 0 for nobody but whoever began it
	ContactName   string
	ContactHandle string
	ContactRole   string
	Version       int
	ConfirmedAt   time.Time
	AskedAt       *time.Time
	Asks          int
	Stale         bool // nobody has confirmed it, although asked twice
	Reuses        int
	BegunAt       time.Time
	MovedAt       time.Time
}

// projectColumns are read wherever a whole Project is wanted; see projectTables.
const projectColumns = `
	j.thread_id, t.author_id, coalesce(j.council_id, 0) as council_id, array(select s.new_id from successions s where s.old_id = jc.id and jc.status = 'former' and s.kind <> 'planned') as council_heirs, coalesce(jc.slug, '') as council_slug, coalesce(jc.shown_name, '') as council_name,
	j.summary, j.problem, j.tried, j.outcome, j.phase, j.cost_band, j.paid_by, j.funding, j.standards, j.code_url, j.licence, j.evidence_url, j.offers,
	coalesce(j.contact_id, 0) as contact_id, coalesce(jp.name, '') as contact_name, coalesce(jp.handle, '') as contact_handle, j.contact_role,
	j.version, j.confirmed_at, j.asked_at, j.asks, r.stale, r.reuses, r.begun_at, r.moved_at`

// projectTables are the tables of projectColumns, beside the threads t.
const projectTables = `
	projects j
	join threads t on t.id = j.thread_id
	join register r on r.thread_id = j.thread_id
	left join councils jc on jc.id = j.council_id
	left join people jp on jp.id = j.contact_id and jp.erased_at is null`

// project reads the facts of a thread that the deed has locked; ErrNotFound if it has none.
func project(ctx context.Context, d *forum.Deed, threadID int64) (p Project, t forum.Thread, err error) {
	if t, err = d.Thread(ctx, threadID); err != nil {
		return Project{}, forum.Thread{}, err
	}
	rows, err := d.Query(ctx, `select `+projectColumns+` from `+projectTables+` where j.thread_id = $1`, threadID)
	if err != nil {
		return Project{}, forum.Thread{}, err
	}
	err = forum.IntoOne(&p)(rows)
	return p, t, err
}

// moved says that something of a project or lesson has changed: it comes up in the
// register, whose columns follow the facts.
func moved(ctx context.Context, d *forum.Deed, threadID int64) error {
	_, err := d.Exec(ctx, `
		update register r set moved_at = @at, stale = r.stale and j.asks = 2, confirmed_at = j.confirmed_at, council_id = j.council_id,
			phase = j.phase, cost_band = j.cost_band, offers = j.offers,
			product_ids = coalesce((select array_agg(product_id order by product_id) from project_products where thread_id = @thread), '{}'),
			reuses = reused_by(@thread)
		from projects j where r.thread_id = @thread and j.thread_id = @thread`,
		pgx.NamedArgs{"thread": threadID, "at": d.At})
	return err
}

// enrol gives a new project or lesson its row in the register.
func enrol(ctx context.Context, d *forum.Deed, t forum.Thread, columns pgx.NamedArgs) error {
	args := pgx.NamedArgs{"thread": t.ID, "kind": t.Kind, "at": d.At, "council": d.Who.CouncilID, "phase": "", "verdict": "", "cost": ""}
	for name, value := range columns {
		args[name] = value
	}
	_, err := d.Exec(ctx, `
		insert into register (thread_id, kind, listed, public, moved_at, begun_at, confirmed_at, council_id, phase, verdict, cost_band, topic_ids)
		select t.id, t.kind, t.held_at is null and t.hidden_at is null and t.deleted_at is null, t.visibility = 'public', @at, @at, @at,
			nullif(@council::bigint, 0), @phase, @verdict, @cost, coalesce((
				select array_agg(distinct x.id order by x.id) from thread_topics tt join topics o on o.id = tt.topic_id
				join topics x on x.id in (o.id, o.parent_id) where tt.thread_id = t.id), '{}')
		from threads t where t.id = @thread and t.kind = @kind`, args)
	return err
}
