package projects

import (
	"slices"

	"moothall/forum"
)

// Every right over projects and lessons stands here; who sees one at all is its
// thread's to say.

// CanStart reports whether a person may share a project or a lesson. What a newcomer
// shares is held.
func CanStart(who forum.Person) bool { return forum.CanAsk(who) }

// CanTend reports whether a person may change the facts of a project that they see,
// tell how it goes, and say that it is still true: whoever began it or is named as its
// contact while they are of its council, or of what it was split into, who leads that, and curators. A project that
// is held is its author's alone.
func CanTend(who forum.Person, p Project, t forum.Thread) bool {
	if !forum.CanAsk(who) || t.Deleted || t.Hidden {
		return false
	}
	own := (who.ID == t.AuthorID || who.ID == p.ContactID) && (who.CouncilID == p.CouncilID || slices.Contains(p.CouncilHeirs, who.CouncilID))
	if t.Held {
		return own
	}
	return own && who.IsColleague() || p.CouncilID != 0 && who.LeadsCouncil(p.CouncilID) || who.Is(forum.Curator)
}

// CanAnswerFor reports whether a person may say that their council takes part in a
// project, or does not.
func CanAnswerFor(who forum.Person, t forum.Thread, councilID int64) bool {
	return forum.SpeaksFor(who) && !t.Held && !t.Hidden && !t.Deleted && who.CouncilID == councilID
}

// CanReuse reports whether a person may say what their council does with a project of
// another.
func CanReuse(who forum.Person, p Project, t forum.Thread) bool {
	return forum.SpeaksFor(who) && !t.Held && !t.Hidden && !t.Deleted && who.CouncilID != p.CouncilID && who.ID != t.AuthorID
}

// CanTendProducts reports whether a person may change what is said of products, and merge
// those that are the same: curators.
func CanTendProducts(who forum.Person) bool { return forum.CanTend(who) }

// CanClaim reports whether a person may ask to speak for a supplier: who is of a company,
// as a curator has confirmed.
func CanClaim(who forum.Person) bool { return forum.MayAct(who) && who.Standing == forum.Supplier }

// CanCorrect reports whether a person may correct facts of a supplier and of its products:
// curators, and who speaks for it. What councils said is nobody's to correct.
func CanCorrect(who forum.Person, speaks bool) bool {
	return CanTendProducts(who) || CanClaim(who) && speaks
}

// CanSayHelped reports whether a person may say that a lesson helped their council:
// any other than its author's.
func CanSayHelped(who forum.Person, t forum.Thread) bool {
	return forum.SpeaksFor(who) && !t.Held && !t.Hidden && !t.Deleted && who.CouncilID != t.CouncilID && who.ID != t.AuthorID
}

// CanChangeLesson reports whether a person may change the facts of a lesson that they
// see: its author, and curators.
func CanChangeLesson(who forum.Person, t forum.Thread) bool {
	if !forum.CanAsk(who) || t.Deleted || t.Hidden {
		return false
	}
	return who.ID == t.AuthorID && (t.Held || who.IsColleague()) || who.Is(forum.Curator) && !t.Held
}

// seesAll reports whether a person may read what is for councils only.
func seesAll(who forum.Person) bool { return who.IsColleague() }
