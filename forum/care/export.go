package care

import (
	"encoding/json"
	"iter"
	"time"
)

// Export is a copy of all that is kept about somebody. Each list is read while it is
// gone through, a few lines at a time, and can be gone through again. The fields are
// the names in the file that the person is given.
type Export struct {
	Person     ExportPerson
	Identities iter.Seq[ExportIdentity]
	Changes    iter.Seq[ExportChange]
	Roles      iter.Seq[ExportRole]
	Follows    iter.Seq[ExportFollow]
	Mail       iter.Seq[ExportMail]
	Letters    iter.Seq[ExportLetter]
	Inbound    iter.Seq[ExportInbound]
	Drafts     iter.Seq[ExportDraft]
	Reports    iter.Seq[ExportReport]
	Useful     iter.Seq[ExportUseful]
	Spoke      iter.Seq[ExportSpoke]
	Facts      iter.Seq[ExportFact]
	Saved      iter.Seq[ExportSaved]
	Read       iter.Seq[ExportRead]
	Told       iter.Seq[ExportTold]
	Entries    iter.Seq[ExportEntry]
	Did        iter.Seq[ExportEntry]
	Posts      iter.Seq[ExportPost]

	failed *error
}

// Failed is what ended a list before its end; nil while all were whole.
func (e Export) Failed() error {
	if e.failed == nil {
		return nil
	}
	return *e.failed
}

// place is where a line stands in its list, and how large it is.
type place struct {
	PlaceID   int64  `json:"-"`
	PlaceWord string `json:"-"`
	Bytes     int64  `json:"-"`
	Begun     int64  `json:"-"` // bytes of the lines before it that were read with it
}

func (p place) here() place { return p }

// ExportPerson is who somebody is.
type ExportPerson struct {
	ID          int64      `json:"id"`
	Name        string     `json:"name"`
	JobTitle    string     `json:"job_title"`
	Handle      string     `json:"handle"`
	Standing    string     `json:"standing"`
	Council     string     `json:"council"`
	Company     string     `json:"company"`
	Language    string     `json:"language"`
	ProvenEmail string     `json:"proven_email"`
	Rules       int        `json:"rules_version"`
	CreatedAt   time.Time  `json:"created_at"`
	JoinedAt    *time.Time `json:"joined_at"`

	Askable       bool     `json:"may_be_named_to_ask"`
	About         string   `json:"offers_to_talk_about"`
	Skills        []string `json:"topics_they_know"`
	ShowsThreads  bool     `json:"shows_threads"`
	ShowsAnswers  bool     `json:"shows_accepted_answers"`
	ShowsProjects bool     `json:"shows_projects"`
}

// ExportIdentity is a way in which a person signs in.
type ExportIdentity struct {
	place
	Issuer        string    `json:"issuer"`
	Subject       string    `json:"subject"`
	Email         string    `json:"email"`
	EmailVerified bool      `json:"email_verified"`
	CreatedAt     time.Time `json:"created_at"`
	LastUsedAt    time.Time `json:"last_used_at"`
}

// ExportChange is a change of how a person signs in or where they belong.
type ExportChange struct {
	place
	Kind    string    `json:"kind"`
	At      time.Time `json:"at"`
	Issuer  string    `json:"issuer"`
	Address string    `json:"address_before"`
}

// ExportRole is a role that a person has or had.
type ExportRole struct {
	place
	Role      string     `json:"role"`
	Council   string     `json:"council"`
	GrantedAt time.Time  `json:"granted_at"`
	Until     *time.Time `json:"until"`
	EndedAt   *time.Time `json:"ended_at"`
}

// ExportFollow is something that a person follows.
type ExportFollow struct {
	place
	SubjectKind string    `json:"subject_kind"`
	SubjectID   int64     `json:"subject_id"`
	ThreadKind  string    `json:"thread_kind"`
	Cadence     string    `json:"cadence"`
	Reason      string    `json:"reason"`
	Since       time.Time `json:"since"`
	Searched    string    `json:"searched_for,omitempty"` // the words of a search
	Narrowed    string    `json:"narrowed_by,omitempty"`
}

// ExportMail is how a person wants their mail, and whether it comes back.
type ExportMail struct {
	place
	DigestDay    int        `json:"digest_day"`
	DigestHour   int        `json:"digest_hour"`
	Weekdays     bool       `json:"digest_weekdays"`
	PauseUntil   *time.Time `json:"pause_until"`
	StoppedAt    *time.Time `json:"stopped_at"`
	AutoFollow   bool       `json:"auto_follow"`
	LinksOnly    bool       `json:"links_only"`
	NoAsks       bool       `json:"no_asks"`
	NextAt       *time.Time `json:"next_at"`
	SuppressedAt *time.Time `json:"suppressed_at"`
	Said         string     `json:"mail_server_said"`
}

// ExportLetter is a mail to a person, and what became of it.
type ExportLetter struct {
	place
	Kind      string     `json:"kind"`
	State     string     `json:"state"`
	Why       string     `json:"why"`
	Address   string     `json:"address"`
	CreatedAt time.Time  `json:"created_at"`
	DoneAt    *time.Time `json:"done_at"`
	Tries     int        `json:"tries"`
	Error     string     `json:"mail_server_said"`
}

// ExportInbound is a mail that came in from a person or in their name, and what became of
// it. It holds words where it was not posted.
type ExportInbound struct {
	place
	ThreadID *int64    `json:"thread_id"`
	PostID   *int64    `json:"post_id"`
	Why      string    `json:"why_not_posted"`
	Words    string    `json:"words"`
	Auth     string    `json:"mail_server_said"`
	At       time.Time `json:"at"`
}

// ExportDraft is what a person typed and did not post, or had typed before.
type ExportDraft struct {
	place
	Kind    string          `json:"kind"`
	Target  int64           `json:"target"`
	Fields  json.RawMessage `json:"fields"`
	SavedAt time.Time       `json:"saved_at"`
}

// ExportReport is what a person reported.
type ExportReport struct {
	place
	ThreadID  int64      `json:"thread_id"`
	PostID    *int64     `json:"post_id"`
	Reason    string     `json:"reason"`
	At        time.Time  `json:"at"`
	DecidedAt *time.Time `json:"decided_at"`
	Decision  *string    `json:"decision"`
}

// ExportUseful is a post that a person found useful.
type ExportUseful struct {
	place
	PostID int64     `json:"post_id"`
	At     time.Time `json:"at"`
}

// ExportSpoke is what a person said for their council.
type ExportSpoke struct {
	place
	What     string    `json:"what"`
	ThreadID int64     `json:"thread_id"`
	State    string    `json:"state"`
	Note     string    `json:"note"`
	At       time.Time `json:"at"`
}

// ExportFact is a fact of a project that a person told.
type ExportFact struct {
	place
	ThreadID int64     `json:"thread_id"`
	Field    string    `json:"fact"`
	Said     string    `json:"said"`
	At       time.Time `json:"at"`
}

// ExportSaved is a thread that a person keeps for later.
type ExportSaved struct {
	place
	ThreadID int64      `json:"thread_id"`
	SavedAt  time.Time  `json:"saved_at"`
	RemindAt *time.Time `json:"remind_at"`
}

// ExportRead is how far a person has read in a thread.
type ExportRead struct {
	place
	ThreadID int64     `json:"thread_id"`
	Number   int       `json:"number"`
	At       time.Time `json:"at"`
}

// ExportTold is something that a person was told of.
type ExportTold struct {
	place
	ThreadID *int64     `json:"thread_id"`
	PostID   *int64     `json:"post_id"`
	Reason   string     `json:"reason"`
	At       time.Time  `json:"at"`
	ReadAt   *time.Time `json:"read_at"`
}

// ExportEntry is a line of the audit log, without anybody else in it.
type ExportEntry struct {
	place
	ID     int64     `json:"id"`
	Deed   string    `json:"deed"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// ExportPost is one post of a person, with its source.
type ExportPost struct {
	place
	ID       int64      `json:"id"`
	ThreadID int64      `json:"thread_id"`
	Number   *int       `json:"number"` // null while it is held
	Thread   string     `json:"thread"` // its title, if they may still read it
	JobTitle string     `json:"job_title"`
	Council  string     `json:"council"`
	Company  string     `json:"company"`
	Language string     `json:"language"`
	Body     string     `json:"body"`
	PostedAt time.Time  `json:"posted_at"`
	EditedAt *time.Time `json:"edited_at"`
	Deleted  bool       `json:"deleted"`
	Hidden   bool       `json:"removed_by_a_moderator"`

	Before iter.Seq[ExportRevision] `db:"-" json:"-"` // edits, the oldest first
}

// ExportRevision is what a post said before an edit.
type ExportRevision struct {
	place
	Version int       `json:"version"`
	At      time.Time `json:"at"`
	Body    string    `json:"body"`
}
