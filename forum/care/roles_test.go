package care_test

import (
	"errors"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/forumtest"
)

// roleOf is the number of the role that a person holds, by the page of all.
func roleOf(t *testing.T, s *care.Store, who, holder forum.Person, role forum.Role) int64 {
	t.Helper()
	p, err := s.RolesPage(t.Context(), who, "", care.RoleDraft{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Held {
		if r.PersonID == holder.ID && r.Role == role.String() {
			return r.ID
		}
	}
	return 0
}

// An administrator gives a colleague a role with a reason and an end, sees who holds
// which, takes it, and undoes that; each is on record. What cannot be is said beside its
// field.
func TestRolesAreGivenAndEnded(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	s := care.New(store)
	boss := forumtest.Granted(t, store, forumtest.Person(t, store, "Eve", "Northmoor"), forum.Administrator)
	ada, newcomer := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.NewcomerOf(t, store, "Nia", "Northmoor")
	past, soon := clock.Now(), clock.Now().AddDate(0, 0, 7)
	for name, c := range map[string]struct {
		draft care.RoleDraft
		field string
	}{
		"nobody":      {care.RoleDraft{Role: "curator", Reason: "Helps"}, "person"},
		"a newcomer":  {care.RoleDraft{PersonID: newcomer.ID, Role: "curator", Reason: "Helps"}, "person"},
		"no role":     {care.RoleDraft{PersonID: ada.ID, Role: "queen", Reason: "Helps"}, "role"},
		"an end gone": {care.RoleDraft{PersonID: ada.ID, Role: "curator", Until: &past, Reason: "Helps"}, "until"},
		"no such day": {care.RoleDraft{PersonID: ada.ID, Role: "curator", Until: &time.Time{}, Reason: "Helps"}, "until"},
		"no reason":   {care.RoleDraft{PersonID: ada.ID, Role: "curator"}, "reason"},
	} {
		bad := (forum.Invalid)(nil)
		if err := s.GiveRole(t.Context(), boss, c.draft); !errors.As(err, &bad) || bad[0].Field != c.field {
			t.Errorf("%s: got %v, want a problem with %s", name, err, c.field)
		}
	}
	if err := s.GiveRole(t.Context(), ada, care.RoleDraft{PersonID: ada.ID, Role: "administrator", Reason: "Me"}); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("a colleague gives a role: %v", err)
	}
	for range 2 { // the second press changes nothing
		if err := s.GiveRole(t.Context(), boss, care.RoleDraft{PersonID: ada.ID, Role: "lead", Until: &soon, Reason: "Knows everybody"}); err != nil {
			t.Fatal(err)
		}
	}
	if !forumtest.Again(t, store, ada).LeadsCouncil(ada.CouncilID) {
		t.Error("she does not lead her council")
	}
	p, err := s.RolesPage(t.Context(), boss, "ad", care.RoleDraft{})
	if err != nil || len(p.Held) != 2 || len(p.Found) != 1 || p.Found[0].PersonID != ada.ID || len(p.Entries) != 2 {
		t.Fatalf("got %+v, %v", p, err)
	}
	role := roleOf(t, s, boss, ada, forum.Lead)
	if err := s.EndRole(t.Context(), boss, role, "She moved on"); err != nil {
		t.Fatal(err)
	}
	if err := s.EndRole(t.Context(), boss, role, "Again"); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
	if forumtest.Again(t, store, ada).LeadsCouncil(ada.CouncilID) {
		t.Error("she leads her council still")
	}
	if p, err = s.RolesPage(t.Context(), boss, "", care.RoleDraft{}); err != nil || p.Entries[0].Deed != forum.Revoked || p.Entries[0].Reason != "lead She moved on" || !p.CanUndo[p.Entries[0].ID] {
		t.Fatalf("got %+v, %v", p.Entries[0], err)
	}
	for range 2 {
		if err := s.Undo(t.Context(), boss, p.Entries[0].ID, "A slip"); err != nil {
			t.Fatal(err)
		}
	}
	if !forumtest.Again(t, store, ada).LeadsCouncil(ada.CouncilID) {
		t.Error("undone, she does not lead her council")
	}
}

// There is always an administrator: two who end each other's role at once cannot both.
func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	store, _, _ := forumtest.OpenWith(t, forum.Options{})
	s := care.New(store)
	one := forumtest.Granted(t, store, forumtest.Person(t, store, "Eve", "Northmoor"), forum.Administrator)
	bad := (forum.Invalid)(nil)
	if err := s.EndRole(t.Context(), one, roleOf(t, s, one, one, forum.Administrator), "Tired"); !errors.As(err, &bad) || bad[0].Key != "roles.last" {
		t.Errorf("the last one ends their own: %v", err)
	}
	two := forumtest.Granted(t, store, forumtest.Person(t, store, "Ada", "Northmoor"), forum.Administrator)
	done := make(chan error, 2)
	for _, pair := range [][2]forum.Person{{one, two}, {two, one}} {
		role := roleOf(t, s, one, pair[1], forum.Administrator)
		go func() { done <- s.EndRole(t.Context(), pair[0], role, "They or I") }()
	}
	failed := 0
	for range 2 {
		if err := <-done; err != nil {
			failed++
		}
	}
	if left := forumtest.Again(t, store, one).Is(forum.Administrator) != forumtest.Again(t, store, two).Is(forum.Administrator); failed != 1 || !left {
		t.Errorf("%d failed, one is left: %t", failed, left)
	}
}

// The last administrator does not go before there is another: not to another council, nor
// from their own, nor back among the newcomers.
func TestTheLastAdministratorDoesNotGo(t *testing.T) {
	t.Parallel()
	store, db, _ := forumtest.OpenWith(t, forum.Options{})
	s := care.New(store)
	one := forumtest.NewcomerOf(t, store, "Eve", "Northmoor")
	other := forumtest.Granted(t, store, forumtest.Person(t, store, "Ada", "Northmoor"), forum.Administrator)
	if err := s.LetIn(t.Context(), forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Southmoor"), forum.Curator), one.ID, care.LetInDraft{}); err != nil {
		t.Fatal(err)
	}
	var letIn int64
	if err := db.QueryRow(t.Context(), `select max(id) from entries where deed = 'let_in' and person_id = $1`, one.ID).Scan(&letIn); err != nil {
		t.Fatal(err)
	}
	one = forumtest.Granted(t, store, forumtest.Again(t, store, one), forum.Administrator)
	if err := s.EndRole(t.Context(), one, roleOf(t, s, one, other, forum.Administrator), "They move on"); err != nil {
		t.Fatal(err)
	}
	bad := (forum.Invalid)(nil)
	if err := store.Move(t.Context(), one, "southmoor"); !errors.As(err, &bad) || bad[0].Key != "roles.last_self" {
		t.Errorf("moving: got %v", err)
	}
	if err := store.Join(t.Context(), one, forum.JoinDraft{Name: "Eve", JobTitle: "Officer", Council: "southmoor", Rules: forum.RulesVersion}); !errors.As(err, &bad) || bad[0].Key != "roles.last_self" {
		t.Errorf("joining another council: got %v", err)
	}
	if err := store.Leave(t.Context(), one, forum.LeaveDraft{Sure: true}); !errors.As(err, &bad) || bad[0].Key != "roles.last_self" {
		t.Errorf("leaving: got %v", err)
	}
	if err := s.Undo(t.Context(), one, letIn, ""); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("being put back: got %v", err)
	}
	if again := forumtest.Again(t, store, one); again.Standing != forum.Colleague || !again.Is(forum.Administrator) {
		t.Errorf("she is %+v", again)
	}
	forumtest.Granted(t, store, forumtest.Again(t, store, other), forum.Administrator)
	if err := store.Leave(t.Context(), one, forum.LeaveDraft{Sure: true}); err != nil {
		t.Errorf("leaving once there is another: %v", err)
	}
}

// There is always an administrator without an end: nobody can give the last one one.
func TestTheLastAdministratorHasNoEnd(t *testing.T) {
	t.Parallel()
	store, _, clock := forumtest.OpenWith(t, forum.Options{})
	s := care.New(store)
	boss := forumtest.Granted(t, store, forumtest.Person(t, store, "Eve", "Northmoor"), forum.Administrator)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	soon := clock.Now().AddDate(0, 0, 7)
	give := func(p forum.Person, until *time.Time) error {
		return s.GiveRole(t.Context(), boss, care.RoleDraft{PersonID: p.ID, Role: "administrator", Until: until, Reason: "Cover"})
	}
	bad := (forum.Invalid)(nil)
	if err := give(boss, &soon); !errors.As(err, &bad) || bad[0].Key != "roles.last_until" {
		t.Errorf("got %v", err)
	}
	if err := give(ada, &soon); err != nil {
		t.Fatal(err)
	}
	if err := s.EndRole(t.Context(), boss, roleOf(t, s, boss, boss, forum.Administrator), "Tired"); !errors.As(err, &bad) || bad[0].Key != "roles.last" {
		t.Errorf("the other one's role has an end: %v", err)
	}
	if err := give(ada, nil); err != nil {
		t.Fatal(err)
	}
	if err := give(boss, &soon); err != nil {
		t.Error(err)
	}
}

// Undoing that somebody was given a role with another end leaves them the one they had.
func TestUndoingAnotherEndLeavesTheRole(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	s := care.New(store)
	boss := forumtest.Granted(t, store, forumtest.Person(t, store, "Eve", "Northmoor"), forum.Administrator)
	ada := forumtest.Granted(t, store, forumtest.Person(t, store, "Ada", "Northmoor"), forum.Curator)
	soon := clock.Now().AddDate(0, 0, 7)
	if err := s.GiveRole(t.Context(), boss, care.RoleDraft{PersonID: ada.ID, Role: "curator", Until: &soon, Reason: "Cover"}); err != nil {
		t.Fatal(err)
	}
	p, err := s.RolesPage(t.Context(), boss, "", care.RoleDraft{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Undo(t.Context(), boss, p.Entries[0].ID, "A slip"); err != nil {
			t.Fatal(err)
		}
	}
	if !forumtest.Again(t, store, ada).Is(forum.Curator) {
		t.Error("she is no curator any more")
	}
	var lasting, told int
	err = db.QueryRow(t.Context(), `select (select count(*) from roles where person_id = $1 and ended_at is null and until is null),
		(select count(*) from entries e join roles r on r.id = e.role_id where r.person_id = $1 and e.deed = 'granted')`, ada.ID).Scan(&lasting, &told)
	if err != nil || lasting != 1 || told != 3 {
		t.Errorf("%d roles without an end, %d entries that one was given (%v)", lasting, told, err)
	}
}

// Whoever has a role until a day is told a week before and when it is over, each once,
// however often it is looked; whoever was given more time is told of that end.
func TestWhoseRoleEndsIsTold(t *testing.T) {
	t.Parallel()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	s := care.New(store)
	boss := forumtest.Granted(t, store, forumtest.Person(t, store, "Eve", "Northmoor"), forum.Administrator)
	ada, ben := forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	day := func(n int) *time.Time { at := forumtest.Noon.AddDate(0, 0, n); return &at }
	give := func(who forum.Person, until *time.Time) {
		t.Helper()
		if err := s.GiveRole(t.Context(), boss, care.RoleDraft{PersonID: who.ID, Role: "curator", Until: until, Reason: "Helps"}); err != nil {
			t.Fatal(err)
		}
	}
	told := func(when, want string) {
		t.Helper()
		for range 2 {
			if _, err := s.TellEndings(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var got string
		if err := db.QueryRow(t.Context(), `select coalesce(string_agg(p.name || ' ' || e.kind, ', ' order by e.id), '')
			from events e join people p on p.id = e.person_id where e.kind in ('role_ending', 'role_over')`).Scan(&got); err != nil || got != want {
			t.Errorf("%s: told are %q, want %q (%v)", when, got, want, err)
		}
	}
	give(ada, day(20))
	give(ben, day(20))
	give(boss, nil)
	told("three weeks before", "")
	clock.Advance(14 * 24 * time.Hour)
	told("a week before", "Ada role_ending, Ben role_ending")
	give(ben, day(40))
	clock.Advance(7 * 24 * time.Hour)
	told("after the day", "Ada role_ending, Ben role_ending, Ada role_over")
	clock.Advance(30 * 24 * time.Hour)
	told("after the other day", "Ada role_ending, Ben role_ending, Ada role_over, Ben role_over") // nobody looked for a month: no word of what is coming
}
