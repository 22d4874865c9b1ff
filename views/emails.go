package views

import (
	"fmt"
	"slices"
	"strconv"

	"moothall/forum"
	"moothall/forum/letters"
	"moothall/views/govuk"
)

// EmailsPage is what somebody hears of by mail, with what they typed.
type EmailsPage struct {
	letters.Emails
	Pause string // as the date field holds it
	About string // the link of which they ask why
	AskBy []AskBy

	Mailboxes bool // those of their council are theirs to see
}

// AskBy is the address at which the reader asks under a topic by mail.
type AskBy struct{ Topic, Address string }

// everythingForm is how all that happens is followed.
func everythingOptions(f Frame, p EmailsPage) []govuk.Option {
	return cadenceOptions(f, p.Everything, p.Can)
}

// everythingValue is what stands chosen for it: nothing, until somebody chooses.
func everythingValue(p EmailsPage) string { return string(p.Everything) }

func dayOptions(f Frame) (options []govuk.Option) {
	for day := 1; day <= 7; day++ {
		options = append(options, govuk.Option{Value: strconv.Itoa(day), Text: f.W.T("emails.day_" + strconv.Itoa(day))})
	}
	return options
}

func hourOptions() (options []govuk.Option) {
	for hour := range 24 {
		options = append(options, govuk.Option{Value: strconv.Itoa(hour), Text: fmt.Sprintf("%02d:00", hour)})
	}
	return options
}

// reasonWords say why something is followed.
func reasonWords(f Frame, w letters.Followed) string {
	switch w.Reason {
	case "asked", "replied", "mentioned":
		return f.W.T("follow.because_" + w.Reason)
	}
	return f.W.T("follow.because_chose", "Date", f.W.Date(w.Since))
}

// emailsPaths lead through the follows, and the other list stays where it is.
func emailsFollowPages(f Frame, p EmailsPage) paging {
	first, next := "", ""
	if p.Later {
		first = "/account/emails"
	}
	if p.Next != "" {
		next = "/account/emails?after=" + p.Next
	}
	return paging{Prev: first, PrevText: f.W.T("emails.first"), Next: next, NextText: f.W.T("emails.next")}
}

func emailsRecordPages(f Frame, p EmailsPage) paging {
	newest, older := "", ""
	if p.Since > 0 {
		newest = "/account/emails#sent"
	}
	if p.Before > 0 {
		older = "/account/emails?before=" + number(p.Before) + "#sent"
	}
	list := newerOlder(f, newest, older)
	list.PrevText = f.W.T("emails.newest")
	return list
}

// recordText says what a letter was about, where that is no thread to lead to.
func recordText(f Frame, r letters.Record) string {
	switch {
	case r.Kind == letters.Digest:
		return f.W.T("record.digest")
	case r.Kind == letters.Notice && r.Event == "":
		return f.W.T("record.account")
	case r.Event == forum.PersonLetIn:
		return f.W.T("record.let_in")
	case r.Event == forum.ProductUsed || r.Event == forum.ClaimAgreed || r.Event == forum.ClaimDeclined:
		return f.W.T("email.trade.title." + string(r.Event))
	case r.ThreadID == 0:
		return f.W.T("record.hidden")
	}
	return ""
}

// recordPath leads to the post of a letter.
func recordPath(r letters.Record) string {
	if r.Number == 0 {
		return ThreadPath(r.ThreadID, r.Slug)
	}
	return PostPath(forum.PostPlace{ThreadID: r.ThreadID, Slug: r.Slug, Number: r.Number})
}

// letterWhys are the reasons for which a letter was not sent that have words.
var letterWhys = []string{"away", "unreachable", "stopped", "empty", "read", "slower", "paused", "cap", "late", "gone", "gave_up", "refused", "came_back", "came_back_later"}

// resultWords say what became of a letter, and why it did not go.
func resultWords(f Frame, state letters.State, why string) string {
	if why == "came_back_ours" { // nothing of theirs came back
		return f.W.T("record.is_ours")
	}
	text := f.W.T("record.is_" + string(state))
	if slices.Contains(letterWhys, why) {
		text += ": " + f.W.T("unsent."+why)
	}
	return text
}

// becauseWords say by what somebody heard of something; empty where what it was says it.
func becauseWords(f Frame, r letters.Record) string {
	if r.ThreadID == 0 {
		return ""
	}
	if r.ViaKind == forum.ToSearch && r.ViaName != "" {
		return f.W.T("sought.because", "Words", r.ViaName)
	}
	if r.ViaName != "" {
		return f.W.T("record.via", "Name", r.ViaName)
	}
	switch r.Reason {
	case "mentioned", "quoted", "accepted", "asked", "replied":
		return f.W.T("record.because_" + r.Reason)
	}
	switch r.ViaKind {
	case forum.ToEverything, forum.ToThread:
		return f.W.T("record.via_" + string(r.ViaKind))
	}
	return ""
}

// askedWords answer why somebody did or did not hear of a post.
func askedWords(f Frame, a *letters.Asked) string {
	switch answer := a.Answer(); answer {
	case "sent":
		return f.W.T("why.sent", "When", f.W.DateTime(*a.SentAt))
	case "queued", "deferred":
		return f.W.T("why.on_its_way")
	case "dropped", "merged", "bounced", "suppressed":
		return resultWords(f, a.State, a.Why)
	case "read":
		return f.W.T("why.read", "When", f.W.DateTime(*a.ReadAt))
	case "muted":
		return f.W.T("why.muted", "Name", viaWords(f, a))
	case "before":
		return f.W.T("why.before", "When", f.W.DateTime(*a.ViaSince), "Name", viaWords(f, a))
	default:
		return f.W.T("why." + answer)
	}
}

// viaWords name the follow that decides.
func viaWords(f Frame, a *letters.Asked) string {
	if a.ViaKind == forum.ToSearch {
		return f.W.T("sought.name", "Words", a.ViaName)
	}
	if a.ViaName != "" {
		return a.ViaName
	}
	return f.W.T("why.of_" + string(a.ViaKind))
}

// StopPath is the address by which a mail's reader stops mail.
func StopPath(token string) string { return "/unsubscribe/" + token }

// stopThread is what a thread is called on the page that stops it.
func stopThread(f Frame, p letters.Stopping) string {
	if p.ThreadTitle == "" {
		return f.W.T("stop.a_thread")
	}
	return p.ThreadTitle
}

// stopVia is what the follow is called by which a mail came; empty where there was none
// beside that of the thread.
func stopVia(f Frame, p letters.Stopping) string {
	via := p.Mailed.Via
	switch {
	case via.Kind == "" || via.Kind == forum.ToThread:
		return ""
	case via.Kind == forum.ToEverything:
		return f.W.T("stop.everything")
	case p.ViaName == "":
		return f.W.T("stop.a_follow")
	case via.Kind == forum.ToSearch:
		return f.W.T("sought.name", "Words", p.ViaName)
	case via.ThreadKind != "":
		return f.W.T("stop.kind_in", "Kind", f.W.T("follow.kind_"+via.ThreadKind), "Name", p.ViaName)
	}
	return p.ViaName
}

// slowerOptions are the cadences that come less often than now; a mailbox reads no notices on
// the site.
func slowerOptions(f Frame, now forum.Cadence, mailbox bool) (options []govuk.Option) {
	for _, c := range letters.Slower {
		if mailbox && c == forum.OnSite {
			continue
		}
		if slices.Index(forum.Cadences, c) > slices.Index(forum.Cadences, now) {
			options = append(options, govuk.Option{Value: string(c), Text: f.W.T("cadence." + string(c))})
		}
	}
	return options
}

// stopThreadNow is how soon the thread's posts come by what the mail names.
func stopThreadNow(p letters.Stopping) forum.Cadence {
	switch {
	case p.ThreadCadence != "":
		return p.ThreadCadence
	case p.Mailed.Via.Kind == "":
		return forum.Instant
	}
	return p.ViaCadence
}

// mailStates are the states of letters in the order of a table.
var mailStates = []letters.State{letters.Queued, letters.Deferred, letters.Sent, letters.Merged, letters.Dropped, letters.Bounced, letters.Suppressed}

// mailDeed is the address to which a form about somebody's mail is sent.
func mailDeed(person int64, deed string) string {
	return numbered("/admin/mail/", person, "") + "/" + deed
}

// offOption is that nothing is followed, where a list of cadences leaves it out.
func offOption(f Frame, now forum.Cadence) []govuk.Option {
	if now != forum.Off {
		return nil
	}
	return []govuk.Option{{Value: string(forum.Off), Text: f.W.T("cadence.off")}}
}

// incomingKind says what a mail was for.
func incomingKind(f Frame, m letters.Came) string {
	if m.Question {
		return f.W.T("mail.in_question")
	}
	return f.W.T("mail.in_reply")
}

// incomingState says what became of a mail that came in.
func incomingState(f Frame, m letters.Came) string {
	switch {
	case m.Why == "":
		return f.W.T("mail.in_posted")
	case m.Kept:
		return f.W.T("mail.in_kept")
	}
	return f.W.T("mail.in_refused")
}

// incomingWhys are the reasons why a mail was not posted that have words.
var incomingWhys = []string{"other_address", "unproven", "empty", "gone", "forbidden", "closed", "hidden", "held", "suppliers", "suspended", "join", "check", "marked", "nobody",
	"ask_empty", "ask_untitled", "ask_aside", "ask_late", "ask_supplier"}

// incomingWhy says why a mail was not posted; empty of what was.
func incomingWhy(f Frame, m letters.Came) string {
	if !slices.Contains(incomingWhys, m.Why) {
		return ""
	}
	return f.W.T("mail.in_why." + m.Why)
}
