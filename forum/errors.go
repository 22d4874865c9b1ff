package forum

import (
	"errors"
	"time"
)

// The kinds of failure. A caller asks with errors.Is; app turns each into its page.
var (
	// ErrNotFound: there is no such thing, or it is not this person's to see.
	ErrNotFound = errors.New("not found")
	// ErrGone: deleted by its own author, having been there for this person to see.
	ErrGone = errors.New("gone")
	// ErrForbidden: the thing is visible, the deed is not theirs.
	ErrForbidden = errors.New("forbidden")
	// ErrConflict: somebody changed it first; see Conflict.
	ErrConflict = errors.New("changed by somebody else")
	// ErrTwice: a form's key came again, with other content.
	ErrTwice = errors.New("sent before with other content")
	// ErrTooMany: more than the limit allows; see TooMany.
	ErrTooMany = errors.New("too many")
)

// Conflict is an edit of a version that is no longer the newest. It carries the
// newest, so that the page can show both.
type Conflict struct {
	Title, Body string
	Topics      []string // slugs, of an opening post
	Version     int
	EditorName  string    // who changed it, and when; empty if nobody edited it
	At          time.Time // zero with it
	Own         bool      // it was the same person, on another page
	Redacted    bool      // a moderator has taken a passage out of it
	Differences Comparison
}

// Error says that it is a conflict.
func (c *Conflict) Error() string { return ErrConflict.Error() }

// Is makes errors.Is(err, ErrConflict) true.
func (c *Conflict) Is(target error) bool { return target == ErrConflict }

// Forbidden is a deed that is not theirs, with the key of the sentence that tells why.
type Forbidden struct{ Why string }

// Error says that it is forbidden.
func (f *Forbidden) Error() string { return ErrForbidden.Error() }

// Is makes errors.Is(err, ErrForbidden) true.
func (f *Forbidden) Is(target error) bool { return target == ErrForbidden }

// Overtaken is a reply that comes after others of which its writer did not know. It
// is not posted yet: once they have been shown them, it is.
type Overtaken struct{ Count int }

// Error says that others were first.
func (o *Overtaken) Error() string { return "others have replied meanwhile" }

// TooMany is a deed over the limit, and when it will be allowed.
type TooMany struct{ Until time.Time }

// Error says that it is too many.
func (t *TooMany) Error() string { return ErrTooMany.Error() }

// Is makes errors.Is(err, ErrTooMany) true.
func (t *TooMany) Is(target error) bool { return target == ErrTooMany }

// Problem is what is wrong with one field: a key of the catalogue and its values
// (name, value, name, value …).
type Problem struct {
	Field string
	Key   string
	Args  []any
}

// Invalid is what is wrong with a draft, in the order of the form.
type Invalid []Problem

// Error names the fields, for a log; a person is shown each Problem.
func (bad Invalid) Error() string {
	s := "cannot be taken:"
	for _, p := range bad {
		s += " " + p.Field + " (" + p.Key + ")"
	}
	return s
}

// Add notes one more problem.
func (bad *Invalid) Add(field, key string, args ...any) {
	*bad = append(*bad, Problem{Field: field, Key: key, Args: args})
}
