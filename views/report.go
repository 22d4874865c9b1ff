package views

import (
	"moothall/forum"
	"moothall/forum/care"
)

// reportPath is the address of the form that reports a thread or a post.
func reportPath(p care.ReportPage) string {
	if p.Post != nil {
		return postDeed(p.Post.ID, "report")
	}
	return threadDeed(p.Thread.ID, "report")
}

// reportBack leads back to what is being reported.
func reportBack(p care.ReportPage) string {
	if p.Post != nil && p.Post.Number > 0 {
		return numberPath(p.Thread, p.Post.Number)
	}
	return PathOf(p.Thread.Kind, p.Thread.ID, p.Thread.Slug)
}

func reportTitle(f Frame, p care.ReportPage) string {
	return f.W.T("report.title", "What", reportHeading(f, p), "Thread", p.Thread.Title)
}

func reportHeading(f Frame, p care.ReportPage) string {
	if p.Post != nil {
		return f.W.T("report.post", "Post", postLabel(f, p.Post))
	}
	return f.W.T("report.thread")
}

// reportDraft is what the draft of a report is kept under.
func reportDraft(p care.ReportPage) draftOf {
	if p.Post != nil {
		return draftOf{forum.DraftReport, p.Post.ID}
	}
	return draftOf{forum.DraftReport, care.ThreadTarget(p.Thread.ID)}
}
