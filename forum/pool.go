package forum

import (
	"context"
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
	if readOnly {
		settings["default_transaction_read_only"] = "on"
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// Trips counts what one request asked of the database.
type Trips struct{ trips, statements atomic.Int32 }

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
