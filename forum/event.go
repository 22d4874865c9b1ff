package forum

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// EventKind is what happened, by a name that never changes.
type EventKind string

// What can happen.
const (
	ThreadAsked EventKind = "thread_asked"
	PostAdded   EventKind = "post_added"
	PostEdited  EventKind = "post_edited"
	PersonLetIn EventKind = "person_let_in"

	AnswerAccepted  EventKind = "answer_accepted"
	AnswerWithdrawn EventKind = "answer_withdrawn"
	Solved          EventKind = "solved" // without an answer
	OutcomeTold     EventKind = "outcome_told"

	PartnerInvited  EventKind = "partner_invited"
	PartnerAnswered EventKind = "partner_answered" // whether it takes part
	ProjectReused   EventKind = "project_reused"   // or another council has said that it has the problem, or would join
	ProjectDue      EventKind = "project_due"      // nobody has confirmed it for long

	LessonChanged EventKind = "lesson_changed" // by a curator

	ThreadMoved      EventKind = "thread_moved"
	ThreadRetitled   EventKind = "thread_retitled"
	ThreadMerged     EventKind = "thread_merged" // PersonID: who began the one that went
	ThreadSplit      EventKind = "thread_split"  // of the one that was made
	ThreadSummarised EventKind = "thread_summarised"
	ThreadPinned     EventKind = "thread_pinned"
	WasHighlighted   EventKind = "highlighted"      // PersonID: whose words it are
	Offered          EventKind = "question_offered" // PersonID: who has answered others like it
	CouldAnswer      EventKind = "could_answer"     // PersonID: who is asked whether they can

	Collected          EventKind = "collected"           // into a collection; PersonID: whose words it are
	CollectionAdded    EventKind = "collection_added"    // the same, for whoever follows the collection
	SuggestionTaken    EventKind = "suggestion_taken"    // PersonID: who would have it in a collection
	SuggestionDeclined EventKind = "suggestion_declined" // the same
	SecondAgreed       EventKind = "second_agreed"       // another curator has; PersonID: who asked
	SecondDeclined     EventKind = "second_declined"     // the same

	ProductNamed  EventKind = "product_named"  // by a project
	ProductUsed   EventKind = "product_used"   // as somebody says for their council
	ClaimAgreed   EventKind = "claim_agreed"   // PersonID: who asked to speak for a supplier
	ClaimDeclined EventKind = "claim_declined" // the same

	RoleGiven EventKind = "role_given" // PersonID: to whom
	RoleEnded EventKind = "role_ended" // the same

	RoleEnding EventKind = "role_ending" // its last day comes near
	RoleOver   EventKind = "role_over"   // it has passed
	DeskGiven  EventKind = "desk_given"  // something that waits on the desk; PersonID: to whom
)

// Event is something that happened, and to what; a zero id is none.
type Event struct {
	Kind     EventKind
	DoerID   int64 // whose act it is: the deed's doer, unless somebody acts on words of another
	ThreadID int64
	PostID   int64
	PersonID int64
	Quiet    bool // nobody is told of it

	CollectionID int64
	ProductID    int64
	ClaimID      int64 // of a supplier
	RoleID       int64
	DeskItem     string // as the desk's addresses name it
}

// FanOut is the job of telling people of an event. It is safe to run twice.
type FanOut struct{ EventID int64 }

// Kind is the job's name for good.
func (FanOut) Kind() string { return "fan_out" }

// NoticesQueue is the queue of what people wait to hear of.
const NoticesQueue = "notices"

// InsertOpts puts the job in a queue of its own, so that nothing holds it up.
func (FanOut) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: NoticesQueue} }

// TellAccount is the job of writing to somebody of what was changed of their account.
type TellAccount struct{ PersonID int64 }

// Kind is the job's name for good.
func (TellAccount) Kind() string { return "tell_account" }

// InsertOpts puts the job in the queue of what people wait to hear of.
func (TellAccount) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: NoticesQueue} }

// Tell writes down that something happened. Whoever follows it is told from
// here, later, by a job: the deed does not wait for that. Who is named in a post
// is told by the first event that its naming led to.
func (d *Deed) Tell(ctx context.Context, e Event) error {
	if e.DoerID == 0 {
		e.DoerID = d.Who.ID
	}
	var id int64
	var named int
	err := d.QueryRow(ctx, `
		with told as (
			insert into events (kind, at, doer_id, thread_id, post_id, person_id, collection_id, product_id, claim_id, role_id, desk_item, quiet)
			values (@kind, @at, nullif(@doer, 0), nullif(@thread, 0), nullif(@post, 0), nullif(@person, 0), nullif(@collection, 0), nullif(@product, 0), nullif(@claim, 0),
				nullif(@role, 0), @item, @quiet)
			returning id
		), named as (
			update mentions set event_id = (select id from told)
			where post_id = @post and event_id is null and @kind::text in ('thread_asked', 'post_added', 'post_edited')
			returning 1
		)
		select told.id, (select count(*) from named) from told`,
		pgx.NamedArgs{"kind": e.Kind, "at": d.At, "doer": e.DoerID, "thread": e.ThreadID,
			"post": e.PostID, "person": e.PersonID, "collection": e.CollectionID, "product": e.ProductID, "claim": e.ClaimID,
			"role": e.RoleID, "item": e.DeskItem, "quiet": d.store.past || e.Quiet}).Scan(&id, &named)
	if err != nil || d.store.past || e.Quiet || named == 0 && e.Kind == PostEdited {
		return err // of an edit only who is named in it is told
	}
	return d.Queue(ctx, FanOut{EventID: id})
}
