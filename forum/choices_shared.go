package forum

import "github.com/jackc/pgx/v5"

// What other packages read threads with.
const (
	Listed        = listed        // true of the threads t that stand in lists; Rights are its arguments
	ThreadColumns = threadColumns // of a whole Thread
	ThreadTables  = threadTables  // the tables of ThreadColumns
)

// Choose fills in what the filters of a listing choose among, or queues it to be read;
// what it returns keeps that when the batch was sent.
func (s *Store) Choose(who Person, b *pgx.Batch, l *ThreadList) (keep func()) {
	return s.choose(who, b, l)
}
