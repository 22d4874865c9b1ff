package forum

import (
	"context"
	"math"
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

	// What curators do to tidy threads.
	MovedThread    DeedName = "moved_thread"
	RetitledThread DeedName = "retitled_thread"
	MergedThread   DeedName = "merged_thread"
	SplitThread    DeedName = "split_thread"
	UndidTending   DeedName = "undid_tending"

	SummarisedThread   DeedName = "summarised_thread"
	UnsummarisedThread DeedName = "unsummarised_thread"
	PinnedThread       DeedName = "pinned_thread"
	UnpinnedThread     DeedName = "unpinned_thread"

	ChangedProduct DeedName = "changed_product"
	MergedProduct  DeedName = "merged_product"
	PartedProduct  DeedName = "parted_product"

	ChangedSupplier DeedName = "changed_supplier"
	MergedSupplier  DeedName = "merged_supplier"
	PartedSupplier  DeedName = "parted_supplier"
	AgreedClaim     DeedName = "agreed_claim" // PersonID: who may speak for a supplier
	DeclinedClaim   DeedName = "declined_claim"
	UndidCorrection DeedName = "undid_correction"
	TookCorrection  DeedName = "took_correction" // its text, for good

	// What curators put before everybody.
	Highlighted      DeedName = "highlighted"
	ChangedHighlight DeedName = "changed_highlight"
	OrderedHighlight DeedName = "ordered_highlight"
	EndedHighlight   DeedName = "ended_highlight"
	AskedSecond      DeedName = "asked_second" // that another curator agrees
	DeclinedSecond   DeedName = "declined_second"
	TookBackSecond   DeedName = "took_back_second" // what oneself had asked

	// What curators put together. PutIn and TookOut tell of one thing in a collection.
	MadeCollection     DeedName = "made_collection"
	ShowedCollection   DeedName = "showed_collection"
	WithdrewCollection DeedName = "withdrew_collection"
	ChangedCollection  DeedName = "changed_collection"
	OrderedCollection  DeedName = "ordered_collection"
	ReviewedCollection DeedName = "reviewed_collection"
	PutIn              DeedName = "put_in_collection"
	TookOut            DeedName = "took_out_of_collection"
	TookSuggestion     DeedName = "took_suggestion"
	DeclinedSuggestion DeedName = "declined_suggestion"
	UndidCollection    DeedName = "undid_collection"

	// What curators tell on every page, and the calendar of pre-election periods.
	PutBanner       DeedName = "put_banner"
	ChangedBanner   DeedName = "changed_banner"
	EndedBanner     DeedName = "ended_banner"
	UndidBanner     DeedName = "undid_banner"
	SetElection     DeedName = "set_election"
	ChangedElection DeedName = "changed_election"
	EndedElection   DeedName = "ended_election"
	UndidElection   DeedName = "undid_election"

	// What curators do with an issue of the newsletter, whose subject is the reason.
	ApprovedNewsletter  DeedName = "approved_newsletter"
	ScheduledNewsletter DeedName = "scheduled_newsletter"
	PausedNewsletter    DeedName = "paused_newsletter"
	ResumedNewsletter   DeedName = "resumed_newsletter"
	StoppedNewsletter   DeedName = "stopped_newsletter"

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
	Repeats    bool     // the reason is that of what it undoes, as it is once all is locked
	Found      []string // what a check found in the post, by kind
}

// Record writes a line into the audit log, in the deed that it tells of, and
// returns its number.
func (d *Deed) Record(ctx context.Context, e Entry) (id int64, err error) {
	err = d.QueryRow(ctx, `
		insert into entries (at, doer_id, deed, person_id, council_id, thread_id, post_id, role_id, reason, undoes, found)
		values (@at, nullif(@doer, 0), @deed, nullif(@person, 0), nullif(@council, 0), nullif(@thread, 0),
			nullif(@post, 0), nullif(@role, 0), case when @repeats then (select x.reason from entries x where x.id = @undoes) else @reason end, nullif(@undoes, 0), @found)
		returning id`,
		pgx.NamedArgs{"at": d.At, "doer": d.Who.ID, "deed": e.Deed, "person": e.PersonID, "council": e.CouncilID,
			"thread": e.ThreadID, "post": e.PostID, "role": e.RoleID, "reason": e.Reason, "undoes": e.Undoes, "repeats": e.Repeats, "found": e.Found}).Scan(&id)
	return id, err
}

// Undoing is the way back from one kind of deed: who may take it, and how it is taken.
// The entry that it is given has the new reason, and Undoes says which one it undoes.
type Undoing struct {
	May    func(Person, Entry) bool
	Undo   func(context.Context, *Deed, Entry) error
	Judges bool // it finds out itself whether what was done still stands
}

// Line is what the team did to a thread, where it stands among its posts.
type Line struct {
	EntryID      int64
	Deed         DeedName
	At           time.Time
	After        int // the number of the post below which it stands
	DoerID       int64
	DoerName     string
	DoerHandle   string
	Reason       string
	PostID       int64 // the opening post, of a title that was changed
	KindBefore   string
	KindAfter    string
	TopicsBefore []string // by their names
	TopicsAfter  []string
	OtherID      int64 // the thread that came in, or was made; 0 where the reader may not see it, or what opened it was removed since
	OtherSlug    string
	OtherTitle   string
	OtherLang    string
	Posts        int
	Came         bool // the thread was made of posts that came from the other one
	Undone       bool
}

// linesQuery reads the lines of @thread below the posts from @first to @last.
const linesQuery = `
	select e.id as entry_id, e.deed, e.at, l.after, coalesce(e.doer_id, 0) as doer_id, coalesce(a.name, '') as doer_name, coalesce(a.handle, '') as doer_handle,
		e.reason, coalesce(e.post_id, 0) as post_id, coalesce(x.kind_before, '') as kind_before, coalesce(x.kind_after, '') as kind_after,
		(select array_agg(o.name order by s.place) from unnest(x.topics_before) with ordinality s (slug, place) join topics o on o.slug = s.slug) as topics_before,
		(select array_agg(o.name order by s.place) from unnest(x.topics_after) with ordinality s (slug, place) join topics o on o.slug = s.slug) as topics_after,
		coalesce(other.id, 0) as other_id, coalesce(other.slug, '') as other_slug, coalesce(other.title, '') as other_title, coalesce(other.lang, '') as other_lang,
		coalesce(x.posts, 0) as posts, coalesce(x.other_id = @thread, false) as came, exists (select from entries u where u.undoes = e.id) as undone
	from (
		select entry_id, after from tendings where thread_id = @thread
		union all
		select x.entry_id, 1 from tendings x join entries s on s.id = x.entry_id and s.deed = 'split_thread' where x.other_id = @thread
		union all
		select c.id, coalesce((select max(p.number) from posts p where p.thread_id = @thread and p.posted_at <= c.at), 1)
		from entries c where c.thread_id = @thread and c.deed in ('closed', 'reopened') and c.undoes is null
	) l
	join entries e on e.id = l.entry_id
	left join tendings x on x.entry_id = e.id
	left join people a on a.id = e.doer_id
	left join lateral (
		select t.id, t.slug, t.title, t.lang from threads t
		where t.id = case when x.other_id = @thread then x.thread_id else x.other_id end and (t.deleted_at is null or t.merged_into is not null) and ` + maySee + `
			and (t.merged_into is null or not exists (select from moved_posts m join posts p on p.id = m.post_id
				where m.thread_id = t.id and m.number = 1 and (p.hidden_at is not null or p.deleted_at is not null)))
	) other on true
	where l.after between @first and @last and (@undone or not exists (select from entries u where u.undoes = e.id))
	order by e.id limit 200`

// QueueLines adds to a batch the reading of all that the team did to a thread, what was
// undone among it.
func (s *Store) QueueLines(b *pgx.Batch, who Person, threadID int64, lines *[]Line) {
	b.Queue(linesQuery, who.rights(pgx.NamedArgs{"thread": threadID, "first": 0, "last": math.MaxInt32, "undone": true})).Query(Into(lines))
}
