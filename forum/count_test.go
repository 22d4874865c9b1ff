package forum_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// count is the number of rows of everything that people write.
func count(t *testing.T, db *pgxpool.Pool) (rows int) {
	t.Helper()
	err := db.QueryRow(t.Context(), `
		select (select count(*) from threads) + (select count(*) from thread_topics) + (select count(*) from posts)
			+ (select count(*) from follows) + (select count(*) from events) + (select count(*) from revisions)
			+ (select count(*) from form_keys) + (select count(*) from entries) + (select count(*) from reports)
			+ (select count(*) from drafts) + (select count(*) from useful) + (select count(*) from worked)
			+ (select count(*) from us_too) + (select count(*) from outcomes) + (select count(*) from saves)`).Scan(&rows)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
