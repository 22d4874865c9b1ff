package forum

import (
	"time"

	"github.com/jackc/pgx/v5"
)

// Every right over people, threads and posts stands here: in Go for the deed, in
// SQL for the list. Nothing else decides what somebody may see or do.

// maySee is true of the threads t that a person may see, deleted ones among them.
// Held threads are seen by their author, the team, and who leads the author's
// council; hidden ones by their author and the team. Who is a colleague no more
// sees nothing for councils only, not even what they began, but for what waits
// with them to be let in.
const maySee = `((t.held_at is null and t.hidden_at is null
		or t.author_id = @own or @team
		or t.hidden_at is null and t.council_id = any(@leads))
	and (t.visibility = 'public' or @colleague or @newcomer and t.author_id = @own and t.held_at is not null))`

// visible is true of the threads t that show to a person. Every query of threads
// includes it, so what may not be seen is simply not there.
const visible = `(t.deleted_at is null and ` + maySee + `)`

// listed is true of the threads t that stand in lists: what waits or was hidden
// is seen on its own page, not among the others.
const listed = `(t.deleted_at is null and t.held_at is null and t.hidden_at is null
	and (t.visibility = 'public' or @colleague))`

// RoleHolds is true of the roles r that somebody has at @now.
const RoleHolds = `(r.ended_at is null and (r.until is null or r.until > @now))`

// shows is true of the posts p whose words a person may read, in a thread they may see.
const shows = `(p.deleted_at is null and (p.hidden_at is null or p.author_id = @own or @team)
	and (p.held_at is null or p.author_id = @own or @team or p.council_id is not null and p.council_id = any(@leads)))`

// met is true of the posts p of which a person may know that they were there, when
// their author has taken them back: what never was public, or was removed, is not
// there for others.
const met = `(p.number is not null and p.hidden_at is null or p.author_id = @own or @team
	or p.number is null and p.council_id is not null and p.council_id = any(@leads))`

// listedFor is listed, said of the people p who are told of something at @now
// rather than of one reader: true of the threads t that stand in their lists.
const listedFor = `(t.deleted_at is null and t.held_at is null and t.hidden_at is null
	and (t.visibility = 'public' or p.standing = 'colleague' and p.joined_at is not null
		and (p.suspended_at <= @now and p.suspended_until > @now) is not true))`

// heard is true of the posts x that somebody is told of: those whose words show to
// everybody who may see the thread.
const heard = `(x.deleted_at is null and x.hidden_at is null and x.held_at is null)`

// Hears is true of the people p who may hear at @now of post x, if there is one, in
// thread t, if there is one. It is asked when somebody is told, and again each time
// when what they were told is read or counted.
const Hears = `((t.id is null or ` + listedFor + `) and (x.id is null or ` + heard + `))`

// OwnHeld is true of the threads t that the people p who began them wait with to be let in.
const OwnHeld = `(t.author_id = p.id and t.held_at is not null and t.hidden_at is null and t.deleted_at is null)`

// StillSo is true of what event e told of thread t and post x, which has come to
// nothing where an answer is accepted no more, a project is confirmed, a question that
// somebody was asked to answer has a reply or they declined, or a council has taken back
// what it said of a project or a product, or a collection has it no more or is not shown, or
// a project names a product no more, or a claim stands otherwise. It is asked when a notice is read or counted, not when
// somebody is told: what is taken back can be done again.
const StillSo = `((e.kind <> 'answer_accepted' or t.answer_id = x.id)
	and (e.kind <> 'project_due' or exists (select from projects j where j.thread_id = e.thread_id and j.asks > 0 and j.confirmed_at <= e.at))
	and (e.kind <> 'could_answer' or exists (select from asks k join threads g on g.id = k.thread_id
		where k.thread_id = e.thread_id and k.person_id = e.person_id and k.declined_at is null and g.others = 0))
	and (e.kind <> 'question_offered' or t.others = 0)
	and (e.kind not in ('role_given', 'role_ending') or exists (select from roles r where r.id = e.role_id and r.ended_at is null))
	and (e.kind <> 'project_reused' or exists (select from reuses u where u.thread_id = e.thread_id and u.at = e.at))
	and (e.kind <> 'product_named' or exists (select from project_products u where u.thread_id = e.thread_id and e.product_id in (u.product_id, u.merged_from)))
	and (e.kind <> 'product_used' or exists (select from product_uses w join people h on h.id = e.doer_id and h.council_id = w.council_id where e.product_id in (w.product_id, w.merged_from)))
	and (e.claim_id is null or exists (select from supplier_claims q where q.id = e.claim_id and 'claim_' || q.state = e.kind))
	and (e.collection_id is null or exists (select from collections k where k.id = e.collection_id and k.shown))
	and (e.kind not in ('collected', 'collection_added') or exists (select from collection_items i
		where i.collection_id = e.collection_id and i.thread_id = e.thread_id
			and (i.post_id = e.post_id or i.post_id is null and (x.id is null or x.number = 1)))))`

// CollectionShows is true of the collections k that a person may see: those that are not
// shown, or not any more, are curators' alone.
const CollectionShows = `(k.shown or @curator)`

// ProductShows is true of the products o that are there for a person: a project that stands
// in their lists names it, or a council says that it uses it.
const ProductShows = `(exists (select from product_uses w where w.product_id = o.id)
	or exists (select from project_products u join threads t on t.id = u.thread_id where u.product_id = o.id and ` + listed + `))`

// SupplierShows is true of the suppliers s that are there for a person: one of their
// products is, or somebody speaks for them.
const SupplierShows = `(exists (select from products o where o.supplier_id in (select g.id from suppliers g where s.id in (g.id, g.merged_into)) and o.merged_into is null and ` + ProductShows + `)
	or exists (select from supplier_claims q join suppliers g on g.id = q.supplier_id where s.id in (g.id, g.merged_into) and q.state = 'agreed'))`

// ProductIsPublic is true of the products o that are there for everybody.
const ProductIsPublic = `(exists (select from product_uses w where w.product_id = o.id)
	or exists (select from project_products u join threads t on t.id = u.thread_id where u.product_id = o.id
		and t.visibility = 'public' and t.deleted_at is null and t.held_at is null and t.hidden_at is null))`

// Visible is visible, for queries of other packages; Rights are its arguments.
const Visible = visible

// MaySee, Listed and Shows are the same of maySee, listed and shows.
const (
	MaySee = maySee
	Listed = listed
	Shows  = shows
)

// Rights are the arguments that these ask for, and with them those of the statement.
func (p Person) Rights(args pgx.NamedArgs) pgx.NamedArgs { return p.rights(args) }

// rights are the arguments that the conditions above ask for.
func (p Person) rights(args pgx.NamedArgs) pgx.NamedArgs {
	if args == nil {
		args = pgx.NamedArgs{}
	}
	args["who"] = p.ID
	args["own"] = p.ID // whose own words show although others may not see them
	args["newcomer"] = p.Standing == Newcomer
	args["team"] = p.Team()
	args["colleague"] = p.IsColleague()
	args["curator"] = CanTend(p)
	args["leads"] = p.Leads
	if p.Leads == nil {
		args["leads"] = []int64{}
	}
	return args
}

// mayAct reports whether a person may do anything at all.
func mayAct(who Person) bool { return who.SignedIn() && who.Joined && who.SuspendedUntil == nil }

// sells reports whether a person is a supplier, or waits to be let in as one.
func sells(p Person) bool { return p.Standing == Supplier || p.Standing == Newcomer && p.Company != "" }

// CanAsk reports whether a person may start a thread. What a newcomer starts is held.
func CanAsk(who Person) bool { return mayAct(who) && !sells(who) }

// CanAnnounce reports whether a person may start a thread of kind announcement.
func CanAnnounce(who Person) bool { return CanAsk(who) && who.Is(Curator|Administrator) }

// CanReply reports whether a person may add to a thread that they can see.
func CanReply(who Person, t Thread) bool { return WhyNotReply(who, t) == "" }

// WhyNotReply is the key of the sentence that tells why a person cannot add to a
// thread that they can see; empty if they can.
func WhyNotReply(who Person, t Thread) string {
	switch {
	case !who.SignedIn():
		return "thread.sign_in_to_reply"
	case who.SuspendedUntil != nil:
		return "thread.suspended"
	case !mayAct(who):
		return "thread.join_to_reply"
	case t.Hidden:
		return "thread.hidden_no_reply"
	case t.Held && t.AuthorID != who.ID:
		return "thread.held_no_reply"
	case t.Closed && !CanClose(who):
		return "thread.closed_no_reply"
	case sells(who) && !t.Suppliers:
		return "thread.no_suppliers"
	}
	return ""
}

// CanEdit reports whether a person may change a post that they can see: their
// own, or, with a reason, anybody's for the team. What a moderator has removed
// stays as it was while that is looked at; what somebody published before they left
// their council, until they are let in again.
func CanEdit(who Person, t Thread, p Post) bool {
	if !mayAct(who) || p.Deleted {
		return false
	}
	return p.AuthorID == who.ID && !p.Hidden && !t.Hidden && (p.Held || !IsHeld(who)) || who.Is(Curator|Moderator)
}

// whyNotEdit refuses whoever may not change a post, with the reason where there is one
// to tell.
func whyNotEdit(who Person, p Post) error {
	if p.AuthorID == who.ID && mayAct(who) && IsHeld(who) && !p.Held && !p.Hidden && !p.Deleted {
		return &Forbidden{Why: "edit.newcomer"}
	}
	return ErrForbidden
}

// CanDelete reports whether a person may take a post back: only its author, and
// not what a moderator has removed.
func CanDelete(who Person, t Thread, p Post) bool {
	return mayAct(who) && p.AuthorID == who.ID && !p.Deleted && !p.Hidden && !t.Hidden
}

// When somebody beside the asker may accept an answer, and when it is asked
// whether that worked.
const (
	acceptAfter  = 14 * 24 * time.Hour
	outcomeAfter = 30 * 24 * time.Hour
)

// markable reports whether a thread is there for others, so that they may mark it.
func markable(t Thread) bool { return !t.Held && !t.Hidden && !t.Deleted }

// mayMark reports whether a person may say by a press what they think: colleagues.
func mayMark(who Person) bool { return mayAct(who) && who.IsColleague() }

// speaksFor reports whether a person may mark something in the name of their council.
func speaksFor(who Person) bool {
	return mayMark(who) && who.Standing == Colleague && who.CouncilID != 0
}

// MayAct reports whether a person may do anything at all.
func MayAct(who Person) bool { return mayAct(who) }

// SpeaksFor reports whether a person may say something in the name of their council.
func SpeaksFor(who Person) bool { return speaksFor(who) }

// CanAccept reports whether a person may say which post answers a question: the
// asker, after 14 days a colleague of the asker's council, and curators.
func CanAccept(who Person, t Thread, at time.Time) bool {
	if !mayAct(who) || t.Kind != Question || !markable(t) {
		return false
	}
	return t.AuthorID == who.ID || who.Is(Curator) ||
		speaksFor(who) && who.CouncilID == t.CouncilID && !at.Before(t.AskedAt.Add(acceptAfter))
}

// CanBeAnswer reports whether a post can be accepted: any that shows but the first.
func CanBeAnswer(p Post) bool { return p.Number > 1 && !p.Hidden && !p.Deleted }

// CanSolve reports whether a person may say that a question is solved without an
// answer: the asker and curators.
func CanSolve(who Person, t Thread) bool {
	return mayAct(who) && t.Kind == Question && markable(t) && (t.AuthorID == who.ID || who.Is(Curator))
}

// CanTell reports whether a person is asked how the accepted answer worked, thirty
// days on: the asker, and colleagues of a council that has the problem or works on
// it; state is what that council has said.
func CanTell(who Person, t Thread, state string, at time.Time) bool {
	if !mayAct(who) || !markable(t) || t.AnswerID == 0 || at.Before(t.AnsweredAt.Add(outcomeAfter)) {
		return false
	}
	return t.AuthorID == who.ID || speaksFor(who) && (state == "have" || state == "working")
}

// CanFindUseful reports whether a person may mark a post as useful: not their own.
func CanFindUseful(who Person, p Post, t Thread) bool {
	return mayMark(who) && markable(t) && p.AuthorID != who.ID && p.Number > 0 && !p.Hidden && !p.Deleted
}

// CanSayWorked reports whether a person may say that a reply to a question worked
// for their council: any other than its author's.
func CanSayWorked(who Person, p Post, t Thread) bool {
	return speaksFor(who) && markable(t) && t.Kind == Question && CanBeAnswer(p) &&
		p.AuthorID != who.ID && p.CouncilID != who.CouncilID
}

// CanSayUsToo reports whether a person may say that their council has a thread's
// problem too. The asker's council has said so by asking.
func CanSayUsToo(who Person, t Thread) bool {
	return speaksFor(who) && markable(t) && t.HasProblem() &&
		t.AuthorID != who.ID && t.CouncilID != who.CouncilID
}

// CanAddMailbox reports whether a person may have a mailbox of their team follow topics,
// and see and stop those of their council: its colleagues.
func CanAddMailbox(who Person) bool { return speaksFor(who) }

// CanSave reports whether a person may keep a thread that they see for later.
func CanSave(who Person) bool { return mayAct(who) }

// CanFollow reports whether a person may choose what they hear of.
func CanFollow(who Person) bool { return mayAct(who) }

// CanStop reports whether a person may hear less: also who may do nothing else.
func CanStop(who Person) bool { return who.SignedIn() && who.Joined }

// CanHear reports whether a person may choose a cadence.
func CanHear(who Person, how Cadence) bool {
	return CanFollow(who) || CanStop(who) && (how == Off || how == Muted)
}

// CanSeeMail reports whether a person looks after how mail goes out: what it says they
// do not see.
func CanSeeMail(who Person) bool { return who.Is(Administrator) }

// CanReport reports whether a person may say of something they see that it is wrong.
func CanReport(who Person) bool { return mayAct(who) }

// CanHide reports whether a person may hide threads and posts, and settle reports.
func CanHide(who Person) bool { return who.Is(Moderator) }

// CanRedact reports whether a person may take a passage out of all that a post says
// and said.
func CanRedact(who Person) bool { return who.Is(Moderator) }

// CanClose reports whether a person may close a thread and open it again.
func CanClose(who Person) bool { return who.Is(Curator | Moderator) }

// CanTend reports whether a person may tidy threads: move, retitle, merge and split them.
func CanTend(who Person) bool { return who.Is(Curator) }

// CanSuspend reports whether a person may suspend another: not oneself, and not
// somebody of the team, whose roles an administrator takes first.
func CanSuspend(who, other Person) bool {
	return who.Is(Moderator) && who.ID != other.ID && !other.Team()
}

// CanLetIn reports whether a person may let a newcomer in or turn them away:
// never themselves.
func CanLetIn(who, newcomer Person) bool {
	if who.ID == newcomer.ID && who.SignedIn() {
		return false
	}
	return who.Is(Curator) || newcomer.Company == "" && who.LeadsCouncil(newcomer.CouncilID)
}

// CanSeePerson reports whether a person shows to another: newcomers only to
// themselves, to the team and to who leads their council.
func CanSeePerson(who, other Person) bool {
	return other.Joined && (other.Standing != Newcomer || who.ID == other.ID || who.Team() || who.LeadsCouncil(other.CouncilID))
}

// CanSeeNewcomers reports whether a person has newcomers to look after.
func CanSeeNewcomers(who Person) bool { return who.Is(Curator) || len(who.Leads) > 0 }

// CanMove reports whether a person may go to another council. A supplier joins one
// instead.
func CanMove(who Person) bool { return mayAct(who) && !sells(who) }

// CanLeave reports whether a person has a council to leave.
func CanLeave(who Person) bool { return CanMove(who) && who.CouncilID != 0 }

// CanGrant reports whether a person may give and take roles.
func CanGrant(who Person) bool { return who.Is(Administrator) }

// CanReorganise reports whether a person may carry out that a council ends: the
// operator, or the clock in their name.
func CanReorganise(who Person) bool { return !who.SignedIn() && CanGrant(who) }

// IsHeld reports whether what a person writes waits until they are let in.
func IsHeld(who Person) bool { return who.Standing == Newcomer }
