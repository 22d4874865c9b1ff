package forum

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// DeedName is what was done by power of a role, by a name that never changes.
type DeedName string

// The deeds that leave an entry.
const (
	LetIn        DeedName = "let_in"
	TurnedAway   DeedName = "turned_away"
	UnturnedAway DeedName = "unturned_away"
	PutBack      DeedName = "put_back"
	Suspended    DeedName = "suspended"
	Unsuspended  DeedName = "unsuspended"
	HidThread    DeedName = "hid_thread"
	ShowedThread DeedName = "showed_thread"
	HidPost      DeedName = "hid_post"
	ShowedPost   DeedName = "showed_post"
	Closed       DeedName = "closed"
	Reopened     DeedName = "reopened"
	EditedPost   DeedName = "edited_post"
	RedactedPost DeedName = "redacted_post"
	Granted      DeedName = "granted"
	Revoked      DeedName = "revoked"
	KeptReported DeedName = "kept_reported"
	KeptResident DeedName = "kept_resident"

	// What the operator does when councils end and others begin.
	Reorganised DeedName = "reorganised"

	// What administrators do about mail.
	ReleasedAddress DeedName = "released_address"
	SentAgain       DeedName = "sent_again"

	// What people do with their own account.
	AddedIdentity   DeedName = "added_identity"
	RemovedIdentity DeedName = "removed_identity"
	ChangedAddress  DeedName = "changed_address"
	MovedCouncil    DeedName = "moved_council"
	LeftCouncil     DeedName = "left_council"
	ProposedLead    DeedName = "proposed_lead" // who leaves names who could lead after them
	Erased          DeedName = "erased"
)

// Entry is one line of the audit log. Zero ids are none; DoerID 0 is the
// operator at the command line.
type Entry struct {
	ID         int64
	At         time.Time
	DoerID     int64
	DoerName   string
	Deed       DeedName
	PersonID   int64
	PersonName string
	CouncilID  int64
	ThreadID   int64
	PostID     int64
	RoleID     int64
	Title      string // of the thread, where it was asked for
	Number     int    // of the post, where it was asked for
	Reason     string
	Undoes     int64
	Found      []string // what a check found in the post, by kind
}

// Record writes a line into the audit log, in the deed that it tells of, and
// returns its number.
func (d *Deed) Record(ctx context.Context, e Entry) (id int64, err error) {
	err = d.QueryRow(ctx, `
		insert into entries (at, doer_id, deed, person_id, council_id, thread_id, post_id, role_id, reason, undoes, found)
		values (@at, nullif(@doer, 0), @deed, nullif(@person, 0), nullif(@council, 0), nullif(@thread, 0),
			nullif(@post, 0), nullif(@role, 0), @reason, nullif(@undoes, 0), @found)
		returning id`,
		pgx.NamedArgs{"at": d.At, "doer": d.Who.ID, "deed": e.Deed, "person": e.PersonID, "council": e.CouncilID,
			"thread": e.ThreadID, "post": e.PostID, "role": e.RoleID, "reason": e.Reason, "undoes": e.Undoes, "found": e.Found}).Scan(&id)
	return id, err
}
