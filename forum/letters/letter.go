package letters

import (
	"time"

	"moothall/forum"
)

// Kind is what sort of mail a letter is; a header names it.
type Kind string

// The kinds. A notice is about oneself: an answer that was accepted, being let in, a
// new sign-in, a change to the account.
const (
	Instant Kind = "instant"
	Mention Kind = "mention"
	Notice  Kind = "notice"
	Digest  Kind = "digest"
)

// State is what became of a letter.
type State string

// The states. Queued and deferred ones are still to be sent. Dropped was not wanted any
// more or not theirs to see; merged goes into a digest instead; bounced was refused for
// good; suppressed was not tried, because mail does not reach the address.
const (
	Queued     State = "queued"
	Deferred   State = "deferred"
	Sent       State = "sent"
	Dropped    State = "dropped"
	Merged     State = "merged"
	Bounced    State = "bounced"
	Suppressed State = "suppressed"
)

// Letter is one mail, with all that is to be written in it.
type Letter struct {
	ID      int64
	Kind    Kind
	To      Reader
	EventID int64
	Event   forum.EventKind // empty of a digest, and of what is about the account
	Reason  string          // mentioned, accepted, quoted, asked, replied, chose, let_in, tends, suggested, claimed
	Via     Via
	Thread  Thread
	Post    Post
	First   bool // the first by this follow: it says what will come
	Digest  Contents
	Account Account
	Project Project // that they look after, or are asked to take part in
	Answer  Answer  // why a mail of theirs was not posted
	Mailbox Mailbox // that is asked whether it will follow

	Collection Collection // that it tells of
	Trade      Trade      // the product or supplier that it tells of
	Role       RoleTold   // that it tells of
	CreatedAt  time.Time
}

// Reader is to whom a letter goes.
type Reader struct {
	ID        int64
	Name      string
	Lang      string
	Address   string
	LinksOnly bool   // the mail carries a link and no words of others
	AddedBy   string // of a team's mailbox, who had it follow, and of which council
	Council   string
}

// IsMailbox reports whether it is one that a team shares.
func (r Reader) IsMailbox() bool { return r.AddedBy != "" }

// RoleTold is a role that somebody was given, or that has ended.
type RoleTold struct {
	Name    string
	Council string     // of a lead
	Until   *time.Time // nil: no end
}

// Via is the follow by which somebody hears of something.
type Via struct {
	Kind       forum.SubjectKind
	ID         int64
	Slug       string
	Name       string // of the topic, council or person, the title of a thread; empty of everything
	Lang       string // of the name
	ThreadKind string
}

// Thread is the thread that a letter is about.
type Thread struct {
	ID           int64
	Slug         string
	Title        string
	Kind         string
	Lang         string
	CouncilsOnly bool
	Closed       bool
	Topic        string // its home
	TopicSlug    string
	FirstPost    int64 // the number in the forum of its opening post
}

// Post is the post that a letter is about, as its author wrote it.
type Post struct {
	ID        int64
	Number    int
	Body      string
	HTML      string
	Excerpt   string
	Lang      string
	At        time.Time
	AuthorID  int64
	Author    string
	JobTitle  string
	Council   string
	Company   string // of a supplier
	Quoted    int64  // the post that it answers; 0 for none
	QuotedNo  int
	QuotedBy  string
	QuotedYou bool
	Quote     string // the first words of that
}

// Account is what happened to somebody's account.
type Account struct {
	Kind    string // sign_in, or that of an account change
	At      time.Time
	Device  string
	Address string // before the change
	Issuer  string
}

// Contents are what stands in a digest.
type Contents struct {
	Day      time.Time
	Weekly   bool // only what is followed by the week
	Sections []Section
	Threads  int   // in all
	More     int   // threads that found no room
	Uses     []Use // of products
	Over     int   // posts that came after the day's most mails at once
	Besides  int   // what is about the reader and in no thread, such as a role
}

// empty reports whether a digest has nothing to say.
func (c Contents) empty() bool { return c.Threads == 0 && len(c.Uses) == 0 && c.Besides == 0 }

// Section is a part of a digest, under the key of its heading.
type Section struct {
	Key    string // digest.to_you, digest.can_you_help, digest.learned, digest.active
	Topics []TopicItems
}

// TopicItems are the threads of one topic in a section of a digest.
type TopicItems struct {
	Topic string
	Slug  string
	Items []Item
}

// Item is a thread in a digest, with what is new in it.
type Item struct {
	Thread
	New      int    // posts
	Number   int    // of the first of them
	Answered bool   // an answer stands
	Others   int    // replies of others than its author
	By       string // of the newest
	Council  string
	Excerpt  string
	PostLang string
	At       time.Time
	Reason   string // the strongest
	Via      Via
}
