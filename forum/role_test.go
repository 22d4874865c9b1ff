package forum_test

import (
	"errors"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// Each grant leaves an entry that leads to the end it was given with; what changes
// nothing leaves none, and an end that is not to come is refused.
func TestEveryGrantIsOnRecordWithItsEnd(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	soon, later := clock.Now().AddDate(0, 0, 7), clock.Now().AddDate(0, 1, 0)
	grant := func(until *time.Time) error {
		return store.Grant(t.Context(), forum.Operator, forum.GrantDraft{PersonID: ada.ID, Role: forum.Curator, Until: until})
	}
	for _, until := range []*time.Time{&soon, &soon, &later, nil, nil, &soon} {
		if err := grant(until); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := db.Query(t.Context(), `select r.until, r.ended_at is null from entries e join roles r on r.id = e.role_id where e.deed = 'granted' order by e.id`)
	if err != nil {
		t.Fatal(err)
	}
	want := []*time.Time{&soon, &later, nil, &soon}
	n := 0
	for ; rows.Next(); n++ {
		var until *time.Time
		var stands bool
		if err := rows.Scan(&until, &stands); err != nil {
			t.Fatal(err)
		}
		if n < len(want) && ((until == nil) != (want[n] == nil) || until != nil && !until.Equal(*want[n])) {
			t.Errorf("entry %d ends %v, want %v", n, until, want[n])
		}
		if stands != (n == len(want)-1) {
			t.Errorf("the grant of entry %d stands: %t", n, stands)
		}
	}
	if err := rows.Err(); err != nil || n != len(want) {
		t.Errorf("%d entries, %v, want %d", n, err, len(want))
	}

	clock.Advance(8 * 24 * time.Hour)
	if forumtest.Again(t, store, ada).Is(forum.Curator) {
		t.Error("the role outlives its end")
	}
	if err := store.Revoke(t.Context(), forum.Operator, forum.GrantDraft{PersonID: ada.ID, Role: forum.Curator}); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("taking what has ended: %v, want ErrNotFound", err)
	}
	if bad := (forum.Invalid)(nil); !errors.As(grant(&soon), &bad) {
		t.Error("an end that has passed is taken")
	}
	if err := grant(nil); err != nil || !forumtest.Again(t, store, ada).Is(forum.Curator) {
		t.Errorf("given again after its end: %v", err)
	}
}
