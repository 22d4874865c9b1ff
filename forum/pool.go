package forum

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connectLimit is how long a database may take to let us in: one that is frozen takes
// the connection and says nothing.
const connectLimit = 5 * time.Second

// Connect opens a pool on the database. Connections of a read-only pool refuse
// every write, so that no page can change anything.
func Connect(ctx context.Context, url string, size int32, readOnly bool) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = size
	if config.ConnConfig.ConnectTimeout == 0 { // the address says none
		config.ConnConfig.ConnectTimeout = connectLimit
	}
	config.ConnConfig.Tracer = tracer{}
	settings := config.ConnConfig.RuntimeParams
	settings["application_name"] = "moothall"
	settings["timezone"] = "UTC"
	settings["statement_timeout"] = "5000"
	settings["lock_timeout"] = "4000"
	settings["idle_in_transaction_session_timeout"] = "10000"
	settings["jit"] = "off" // to compile a statement takes longer than any page's runs
	// Planning a page's statements anew with each request costs three times as much as
	// running them, and what stands in their arguments hardly changes a plan.
	settings["plan_cache_mode"] = "force_generic_plan"
	if readOnly {
		settings["default_transaction_read_only"] = "on"
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// ordinals is a statement whose named arguments became $1, $2 …, in the order of names.
type ordinals struct {
	sql   string
	names []string
}

// statements are those that have been read before. Reading one, its strings and
// comments too, costs more than anything else in the making of a page but the page.
var statements struct {
	known sync.Map // of *ordinals, by the statement as it is written
	count atomic.Int32
}

// statementsMost bounds them: there are some hundreds, however they are put together.
const statementsMost = 2000

// ManyForms stands in a statement of which there are thousands, by what somebody asks for:
// it is read anew each time, for else it would leave others no room.
const ManyForms = `/* many forms */`

// withOrdinals writes a statement with $1 for @name, as pgx does.
func withOrdinals(sql string, args pgx.NamedArgs) (string, []any, error) {
	known, ok := statements.known.Load(sql)
	if !ok {
		named := pgx.NamedArgs{}
		for name := range args {
			named[name] = name
		}
		text, names, err := named.RewriteQuery(context.Background(), nil, sql, nil)
		if err != nil {
			return "", nil, err
		}
		p := &ordinals{sql: text}
		for _, name := range names {
			if name == nil { // it is not among the arguments: Postgres is given null, as by pgx
				return args.RewriteQuery(context.Background(), nil, sql, nil)
			}
			p.names = append(p.names, name.(string))
		}
		if known = p; !strings.Contains(sql, ManyForms) && statements.count.Add(1) <= statementsMost {
			statements.known.Store(sql, p)
		}
	}
	p := known.(*ordinals)
	values := make([]any, len(p.names))
	for i, name := range p.names {
		values[i] = args[name]
	}
	return p.sql, values, nil
}

// oneWithOrdinals does so where a statement's arguments have names.
func oneWithOrdinals(sql string, args []any) (string, []any, error) {
	if len(args) == 1 {
		if named, ok := args[0].(pgx.NamedArgs); ok {
			return withOrdinals(sql, named)
		}
	}
	return sql, args, nil
}

// giveOrdinals does so for all statements of a batch.
func giveOrdinals(b *pgx.Batch) (err error) {
	for _, q := range b.QueuedQueries {
		if q.SQL, q.Arguments, err = oneWithOrdinals(q.SQL, q.Arguments); err != nil {
			return err
		}
	}
	return nil
}

// Trips counts what one request asked of the database, and knows what its next question
// is to take along.
type Trips struct {
	trips, statements atomic.Int32

	along  atomic.Pointer[func(*pgx.Batch)]
	unread atomic.Int32
}

// Unread is how many unread notices were counted along with what the request asked.
func (t *Trips) Unread() int { return int(t.unread.Load()) }

// Owes reports whether something is still to be asked along.
func (t *Trips) Owes() bool { return t.along.Load() != nil }

// countAlong has the next batch count what is unread; false where nobody counts.
func countAlong(ctx context.Context, args pgx.NamedArgs) bool {
	t, there := ctx.Value(tripsKey{}).(*Trips)
	if there {
		count := func(b *pgx.Batch) {
			b.Queue(unreadQuery, args).QueryRow(func(r pgx.Row) error {
				var n int32
				err := r.Scan(&n)
				t.unread.Store(n)
				return err
			})
		}
		t.along.Store(&count)
	}
	return there
}

// takeAlong queues what is to be asked along.
func takeAlong(ctx context.Context, b *pgx.Batch) {
	if t, there := ctx.Value(tripsKey{}).(*Trips); there {
		if queue := t.along.Swap(nil); queue != nil {
			(*queue)(b)
		}
	}
}

// Count is how many round trips and how many statements there were.
func (t *Trips) Count() (trips, statements int) {
	return int(t.trips.Load()), int(t.statements.Load())
}

type tripsKey struct{}

// Counted returns a context under which statements are counted.
func Counted(ctx context.Context) (context.Context, *Trips) {
	t := new(Trips)
	return context.WithValue(ctx, tripsKey{}, t), t
}

// tracer counts; pgx calls it around each query and batch.
type tracer struct{}

func (tracer) count(ctx context.Context, trips, statements int32) context.Context {
	if t, ok := ctx.Value(tripsKey{}).(*Trips); ok {
		t.trips.Add(trips)
		t.statements.Add(statements)
	}
	return ctx
}

// TraceQueryStart counts one trip with one statement.
func (t tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return t.count(ctx, 1, 1)
}

// TraceQueryEnd has nothing to add.
func (tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart counts one trip for the whole batch.
func (t tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	return t.count(ctx, 1, int32(data.Batch.Len()))
}

// TraceBatchQuery has nothing to add: the batch was counted when it began.
func (tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd has nothing to add.
func (tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
