package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/url"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/oauth2"
)

// AttemptLife is how long somebody has for signing in at their provider.
const AttemptLife = 10 * time.Minute

// ErrAttempt is what every sign-in that did not work is; see AttemptError.
var ErrAttempt = errors.New("sign-in did not work")

// AttemptFailure is why a sign-in did not work, as far as the log cares. The page
// says one plain thing for all of them.
type AttemptFailure string

// The failures.
const (
	Stale      AttemptFailure = "stale"      // lapsed, used up, or begun in another browser
	Mixed      AttemptFailure = "mixed"      // the answer is not the one to this attempt
	Declined   AttemptFailure = "declined"   // the provider said no, or the person did
	Unanswered AttemptFailure = "unanswered" // the provider was not to be reached or understood
	Unproven   AttemptFailure = "unproven"   // what the provider sent does not prove who it is
)

// AttemptError is a sign-in that did not work. Its words are for the log and hold
// nothing personal.
type AttemptError struct {
	Failure  AttemptFailure
	Provider string
	Why      string
	ReturnTo string // where the person wanted to go, if the attempt was theirs; else "/"
}

// Error says what happened and nothing personal.
func (e *AttemptError) Error() string {
	return "sign-in with " + e.Provider + ": " + string(e.Failure) + ": " + e.Why
}

// Is makes errors.Is(err, ErrAttempt) true.
func (e *AttemptError) Is(target error) bool { return target == ErrAttempt }

func failed(failure AttemptFailure, why string) *AttemptError {
	return &AttemptError{Failure: failure, Why: why, ReturnTo: "/"}
}

// Login is who a provider says has signed in. Issuer and Subject, compared as
// bytes, are the person; the rest is what they or their employer wrote down.
type Login struct {
	Issuer, Subject string
	Name            string
	Email           string
	EmailVerified   bool   // the provider vouches that this person has the address today
	HostedDomain    string // of Google alone: the organisation that the account belongs to
	ReturnTo        string // a page of our own
	For             For    // what the attempt was begun for
}

// Purpose is what somebody proves at a provider who they are for.
type Purpose string

// The purposes. All but ToSignIn are of somebody who is signed in already.
const (
	ToSignIn Purpose = ""
	Again    Purpose = "again" // to prove once more who they are
	ToAdd    Purpose = "add"   // to sign in this way too from now on
)

// For is what an attempt is for. It is kept with the attempt and never sent
// anywhere, so that nobody can make one for another purpose, person or session.
type For struct {
	Purpose  Purpose
	PersonID int64  // whose attempt it is; 0 of ToSignIn
	Session  string // the hash of the session in which it was begun; empty of ToSignIn
}

// attempt is a row of sign_in_attempts.
type attempt struct {
	Provider  string
	StateHash []byte
	Nonce     string
	Verifier  string
	ReturnTo  string
	ExpiresAt time.Time

	Purpose     Purpose
	PersonID    int64
	SessionHash []byte
}

var attemptMark = regexp.MustCompile(`^[0-9a-f]{8}\.`)

// AttemptCookie is the name of the cookie that binds an attempt to its browser,
// less any prefix such as __Host-. It is found both from the value that Begin
// returns and from the "state" that a provider sends back, so that attempts in
// two tabs do not meet in one cookie. It is "" for what is neither.
func AttemptCookie(valueOrState string) string {
	mark := attemptMark.FindString(valueOrState)
	if mark == "" {
		return ""
	}
	return "attempt-" + mark[:8]
}

// Begin starts a sign-in: the address to send the browser to, and the value for
// the cookie named AttemptCookie(cookie), which lasts AttemptLife. State, nonce
// and verifier are made here and stay here. It is an AttemptError if the provider
// does not answer.
func (s *Store) Begin(ctx context.Context, p *Provider, returnTo string) (authURL, cookie string, err error) {
	return s.BeginFor(ctx, p, For{Purpose: ToSignIn}, returnTo)
}

// BeginFor is Begin for any purpose.
func (s *Store) BeginFor(ctx context.Context, p *Provider, f For, returnTo string) (authURL, cookie string, err error) {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process first
	mark := hex.EncodeToString(b[:]) + "."
	cookie = mark + secret()
	state, nonce, verifier := mark+secret(), secret(), oauth2.GenerateVerifier()
	authURL, err = p.begin(ctx, state, nonce, verifier, p.prompt(f.Purpose))
	if err != nil {
		return "", "", p.because(err, ReturnTo(returnTo))
	}
	_, err = s.db.Exec(ctx, `
		insert into sign_in_attempts (id_hash, provider, state_hash, nonce, verifier, return_to, expires_at, purpose, person_id, session_hash)
		values (@id, @provider, @state, @nonce, @verifier, @return, @expires, @purpose, nullif(@person, 0), nullif(@session, ''::bytea))`,
		pgx.NamedArgs{"id": Hash(cookie), "provider": p.Name, "state": Hash(state), "nonce": nonce, "verifier": verifier,
			"return": ReturnTo(returnTo), "expires": s.now().Add(AttemptLife),
			"purpose": f.Purpose, "person": f.PersonID, "session": []byte(f.Session)})
	if err != nil {
		return "", "", err
	}
	return authURL, cookie, nil
}

// Finish takes a provider's answer: the query of the callback and the value of
// the attempt's cookie. Whatever comes of it, the attempt is used up. Anything but
// a proof of who it is makes an AttemptError.
func (s *Store) Finish(ctx context.Context, p *Provider, query url.Values, cookie string) (Login, error) {
	if why := badAnswer(query); why != "" {
		return Login{}, p.because(failed(Mixed, why), "/")
	}
	a, err := s.useUp(ctx, cookie)
	if err != nil {
		return Login{}, p.because(err, "/")
	}
	if err := a.fits(p, query, s.now()); err != nil {
		return Login{}, p.because(err, a.ReturnTo)
	}
	login, err := p.flow.login(ctx, answer{code: query.Get("code"), issuer: query.Get("iss"),
		hasIssuer: query.Has("iss"), nonce: a.Nonce, verifier: a.Verifier, again: a.Purpose == Again})
	if err != nil {
		return Login{}, p.because(err, a.ReturnTo)
	}
	login.ReturnTo = ReturnTo(a.ReturnTo)
	login.For = For{Purpose: a.Purpose, PersonID: a.PersonID, Session: string(a.SessionHash)}
	return login, nil
}

// longestParameter bounds what a callback may carry; codes of Entra have 2,000 bytes.
const longestParameter = 8 << 10

// badAnswer says what is odd about a callback's query before anything is looked up.
func badAnswer(query url.Values) string {
	for name, values := range query {
		if len(values) > 1 {
			return "a parameter stands twice"
		}
		if len(name)+len(values[0]) > longestParameter {
			return "a parameter is too long"
		}
	}
	switch {
	case query.Has("redirect_uri") || query.Has("code_verifier"):
		// goth would pass these on to the provider. No provider sends them.
		return "a parameter is not the provider's to send"
	case query.Has("error") && query.Has("code"):
		return "an error and a code at once"
	}
	return ""
}

// useUp reads the attempt of a cookie and takes it away, in one statement, so that
// of two callbacks at once only one has it.
func (s *Store) useUp(ctx context.Context, cookie string) (attempt, error) {
	if AttemptCookie(cookie) == "" {
		return attempt{}, failed(Stale, "this browser began no such attempt")
	}
	rows, err := s.db.Query(ctx, `
		delete from sign_in_attempts where id_hash = $1
		returning provider, state_hash, nonce, verifier, return_to, expires_at, purpose, coalesce(person_id, 0) as person_id, session_hash`, Hash(cookie))
	if err != nil {
		return attempt{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[attempt])
	if errors.Is(err, pgx.ErrNoRows) {
		return attempt{}, failed(Stale, "the attempt is used up or never was")
	}
	return a, err
}

// fits reports whether this callback is the answer to this attempt.
func (a attempt) fits(p *Provider, query url.Values, now time.Time) error {
	state := sha256.Sum256([]byte(query.Get("state")))
	switch {
	case !now.Before(a.ExpiresAt):
		return failed(Stale, "the attempt has lapsed")
	case a.Provider != p.Name:
		return failed(Mixed, "the attempt was begun with another provider")
	case subtle.ConstantTimeCompare(state[:], a.StateHash) != 1:
		return failed(Mixed, "the state is another")
	case query.Has("error"):
		return failed(Declined, "error "+oauthWord(query.Get("error")))
	case query.Get("code") == "":
		return failed(Mixed, "there is no code")
	}
	return nil
}

var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// oauthWord lets an OAuth error code into the log and no other text.
func oauthWord(code string) string {
	if errorCode.MatchString(code) {
		return code
	}
	return "of its own"
}
