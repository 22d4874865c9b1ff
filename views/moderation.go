package views

import (
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
	if e.PostID != 0 {
		return f.W.T("moderation.the_post", "Number", e.PostID)
	}
	return f.W.T("moderation.the_thread", "Number", e.ThreadID)
}
