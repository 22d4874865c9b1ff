package views

import (
	"strings"
	"time"

	"moothall/forum"
	"moothall/forum/care"
)

// doer is who did what an entry tells of.
func doer(f Frame, e forum.Entry) string {
	if e.DoerName == "" {
		return f.W.T("moderation.operator")
	}
	return e.DoerName
}

// undoHint says what taking back a decision on somebody comes to.
func undoHint(f Frame, e forum.Entry) string {
	if e.Deed == forum.LetIn {
		return f.W.T("newcomers.undo_let_in")
	}
	return f.W.T("newcomers.undo_turned_away")
}

// reportedPath leads to what was reported.
func reportedPath(r care.Reported) string {
	if r.PostID != 0 {
		return numbered("/posts/", r.PostID, "")
	}
	return numbered("/threads/", r.ThreadID, "")
}

func reportedTitle(f Frame, r care.Reported) string {
	if r.PostID != 0 && r.Number != 0 {
		return f.W.T("moderation.post", "Number", r.Number, "Title", r.Title)
	}
	return r.Title
}

// entryPath leads to what an entry is about; empty if that is no thread and no post.
func entryPath(e forum.Entry) string {
	switch {
	case e.PostID != 0:
		return numbered("/posts/", e.PostID, "")
	case e.ThreadID != 0:
		return numbered("/threads/", e.ThreadID, "")
	}
	return ""
}

func entryPlace(f Frame, e forum.Entry) string {
	switch {
	case e.PostID != 0 && e.Number != 0:
		return f.W.T("moderation.post", "Number", e.Number, "Title", e.Title)
	case e.PostID != 0:
		return f.W.T("moderation.the_post", "Title", e.Title)
	}
	return e.Title
}

// entryRole is the role that was given or taken, which stands first in the reason
// of such an entry, and what else was written there.
func entryRole(e forum.Entry) (role, reason string) {
	if e.Deed != forum.Granted && e.Deed != forum.Revoked {
		return "", e.Reason
	}
	first, rest, _ := strings.Cut(e.Reason, " ")
	for _, r := range [...]forum.Role{forum.Lead, forum.Curator, forum.Moderator, forum.Administrator} {
		if first == r.String() {
			return first, rest
		}
	}
	return "", e.Reason
}

// entryDeed is what was done, of a role with which.
func entryDeed(f Frame, e forum.Entry) string {
	deed := f.W.T("entry." + string(e.Deed))
	if role, _ := entryRole(e); role != "" {
		return f.W.T("moderation.role", "Deed", deed, "Role", f.W.T("role."+role))
	}
	return deed
}

// entryReason is why it was done, where somebody wrote that.
func entryReason(e forum.Entry) string {
	_, reason := entryRole(e)
	return reason
}

// roleGiver is who gave a role.
func roleGiver(f Frame, r care.HeldRole) string {
	if r.GiverID == 0 {
		return f.W.T("roles.by_operator")
	}
	return f.W.T("roles.by", "Name", entryName(f, r.Giver, r.GiverID))
}

// lastDay is the last day of what ends at a moment: a role ends with its last day.
func lastDay(end time.Time) time.Time { return end.Add(-time.Nanosecond) }
