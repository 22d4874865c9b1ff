package views

import (
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/curation"
	"moothall/forum/letters"
)

// emails are those of somebody who follows one of each kind, with a letter in every
// state.
func emails() EmailsPage {
	p := EmailsPage{About: "/threads/7#post-2"}
	p.Settings = letters.Settings{DigestDay: 2, DigestHour: 9, AutoFollow: true}
	p.Address, p.NextAt, p.Everything, p.Can = "ben@southmoor.gov.example", since(-day), forum.Off, true
	p.Follows = []letters.Followed{
		{Kind: forum.ToTopic, ID: 3, Slug: "waste-management", Name: "Waste management", Cadence: forum.Daily, Reason: "chose", Since: ago(day)},
		{Kind: forum.ToTopic, ID: 3, Slug: "waste-management", Name: "Waste management", ThreadKind: "question", Cadence: forum.Instant, Reason: "chose", Since: ago(day)},
		{Kind: forum.ToCouncil, ID: 4, Slug: "northmoor", Name: "Northmoor District Council", Cadence: forum.Weekly, Reason: "chose", Since: ago(day)},
		{Kind: forum.ToPerson, ID: 1, Slug: "ada", Name: "Ada <b>", Cadence: forum.OnSite, Reason: "chose", Since: ago(day)},
		{Kind: forum.ToSearch, ID: 6, Name: "back <office>", Cadence: forum.Daily, Reason: "chose", Since: ago(day)},
		{Kind: forum.ToSearch, ID: 7, Name: "bins", Cadence: forum.Weekly, Reason: "chose", Since: ago(day), Narrowed: letters.Narrowed{ForKind: forum.Question, ForTopic: "waste-management", ForTopicName: "Waste management",
			ForCouncil: "northmoor", ForCouncilName: "Northmoor District Council", ForNation: "Wales", ForState: "open", ForPhase: "alpha", ForYear: 2026, ForAuthor: 1}},
		{Kind: forum.ToThread, ID: 7, Slug: "biniau", Name: "Biniau?", Lang: "cy", Cadence: forum.Muted, Reason: "asked", Since: ago(day)},
		{Kind: forum.ToThread, ID: 8, Slug: "missed-bins", Name: "Missed bins?", Lang: "en", Cadence: forum.Instant, Reason: "replied", Since: ago(day)},
	}
	record := letters.Record{ID: 9, Kind: letters.Instant, State: letters.Sent, At: ago(time.Hour), Event: forum.PostAdded, Reason: "chose",
		ThreadID: 7, Slug: "missed-bins", Title: "Missed bins?", Lang: "en", Number: 21, ViaKind: forum.ToTopic, ViaName: "Waste management"}
	p.Records = []letters.Record{record}
	for state, why := range map[letters.State]string{letters.Dropped: "read"} {
		record.State, record.Why, record.ViaName, record.ViaKind = state, why, "", forum.ToEverything
		p.Records = append(p.Records, record)
	}
	record.State, record.Why, record.Reason = letters.Merged, "cap", "mentioned"
	digest := letters.Record{ID: 5, Kind: letters.Digest, State: letters.Bounced, Why: "refused", At: ago(day)}
	hidden := letters.Record{ID: 4, Kind: letters.Instant, State: letters.Suppressed, Why: "a new word", At: ago(day), Event: forum.PostAdded, Reason: "chose"}
	letIn := letters.Record{ID: 3, Kind: letters.Notice, State: letters.Sent, At: ago(day), Event: forum.PersonLetIn, Reason: "let_in"}
	account := letters.Record{ID: 2, Kind: letters.Notice, State: letters.Queued, At: ago(day)}
	p.Records = append(p.Records, record, digest, hidden, letIn, account)
	p.Next, p.Later, p.Before, p.Since = "abc", true, 2, 10
	p.Asked = &letters.Asked{ThreadID: 7, Slug: "missed-bins", Title: "Missed bins?", Lang: "en", Number: 2, At: ago(day), ViaKind: forum.ToTopic, ViaName: "Waste management", ViaCadence: forum.Muted, ViaSince: since(day)}
	return p
}

// emailsStopped are those of somebody suspended whose mail comes back and who wants none.
func emailsStopped() EmailsPage {
	p := emails()
	p.Can, p.Bouncing, p.StoppedAt, p.Pause, p.Asked = false, true, since(day), "2020-01-01", &letters.Asked{}
	return p
}

func threadFollowed() forum.ThreadPage {
	p := threadFor()
	p.Following = forum.Following{Cadence: forum.Weekly, Can: true, Stop: true}
	return p
}

func topicFollowed() forum.ThreadList {
	l := topicList()
	l.Following = forum.Following{Cadence: forum.Off, Kinds: map[string]forum.Cadence{"question": forum.Instant, "discussion": forum.OnSite}, Can: true, Stop: true}
	return l
}

func stopping() letters.Stopping {
	return letters.Stopping{Mailed: letters.Mailed{PersonID: 2, Via: letters.Via{Kind: forum.ToTopic, ID: 3, ThreadKind: "question"}, ThreadID: 7},
		ThreadTitle: "Biniau?", ThreadLang: "cy", ViaName: "Waste management", ViaCadence: forum.Daily}
}

func stopped() letters.Stopping {
	p := stopping()
	p.ThreadTitle, p.ThreadCadence, p.ViaName, p.ViaCadence = "", forum.Muted, "", ""
	return p
}

func mailDesk() letters.MailPage {
	return letters.MailPage{Day: map[letters.State]int{letters.Sent: 1200}, Month: map[letters.State]int{letters.Sent: 34000, letters.Bounced: 2}, Due: 3, Oldest: since(time.Hour), Digests: 1, Trials: letters.Trials{Went: since(time.Hour), Came: since(2 * time.Hour), Lost: true},
		Failures: []letters.Failure{{ID: 9, Kind: letters.Digest, State: letters.Bounced, At: ago(time.Hour), Tries: 1, Error: "550 5.1.1 <b>no such user</b>", PersonID: 2, Handle: "ben", Name: "Ben", Again: true},
			{ID: 8, Kind: letters.Instant, State: letters.Deferred, At: ago(time.Hour), Tries: 3, Error: "421 later", PersonID: 2, Handle: "ben", Name: "Ben"},
			{ID: 7, Kind: letters.Instant, State: letters.Suppressed, At: ago(day), PersonID: 2, Handle: "ben", Name: "Ben", Blocked: true}},
		Suppressed: []letters.Suppression{{PersonID: 2, Handle: "ben", Name: "Ben", Address: "ben@southmoor.gov.example", Failures: 2, SuppressedAt: ago(day), Said: "550 no such person"}},
		Incoming: []letters.Came{{ID: 3, At: ago(time.Hour), Question: true, Auth: "pass", PersonID: 2, Handle: "ben", Name: "Ben"},
			{ID: 2, At: ago(time.Hour), Why: "check", Kept: true, Auth: "pass", PersonID: 2, Handle: "ben", Name: "Ben"},
			{ID: 1, At: ago(day), Why: "other_address", Auth: "fail", PersonID: 2, Handle: "ben", Name: "Ben"}}}
}

// teamMailboxes are a council's, in each of their states.
func teamMailboxes() letters.MailboxesPage {
	box := letters.Mailbox{ID: 41, Address: "digital@southmoor.gov.example", Council: "Southmoor", AddedBy: "Ben", Topics: []string{"Waste <and> recycling", "Housing"}, Cadence: forum.Daily, AddedAt: ago(2 * day)}
	on, off, back, stopped, left := box, box, box, box, box
	on.Hears, on.HearsAs = box.Topics, []string{"weekly", "instant"}
	off.Hears, off.HearsAs, off.Off = box.Topics, []string{"weekly", "instant"}, true // all, whatever it follows
	on.ConfirmedAt, off.ConfirmedAt, back.ConfirmedAt = since(day), since(day), since(day)
	back.Hears, back.HearsAs, back.Bouncing = box.Topics[1:], []string{"daily"}, true
	stopped.StoppedAt, stopped.StoppedBy, left.StoppedAt = since(time.Hour), "Ada", since(time.Hour)
	return letters.MailboxesPage{Mailboxes: []letters.Mailbox{box, on, off, back, stopped, left}, Topics: someTopics(), Domains: []string{"southmoor.gov.example", "southmoor.example"},
		Draft: letters.MailboxDraft{Address: "housing@elsewhere.example", Topics: []string{"waste-management"}, Cadence: forum.Weekly}}
}

// The question why one did or did not hear of a post has an answer in every case.
func TestWhySomebodyHeardOrNot(t *testing.T) {
	t.Parallel()
	here := letters.Asked{ThreadID: 7, Title: "Missed bins?", Number: 2, At: ago(day)}
	is := func(change func(*letters.Asked)) *letters.Asked {
		a := here
		change(&a)
		return &a
	}
	for want, a := range map[string]*letters.Asked{
		"no such post":                  {},
		"wrote this yourself":           is(func(a *letters.Asked) { a.Own = true }),
		"sent to you on":                is(func(a *letters.Asked) { a.State, a.SentAt = letters.Sent, since(day) }),
		"on its way":                    is(func(a *letters.Asked) { a.State = letters.Queued }),
		"it had been read here":         is(func(a *letters.Asked) { a.State, a.Why = letters.Dropped, "read" }),
		"You read it here":              is(func(a *letters.Asked) { a.Told, a.ReadAt = true, since(day) }),
		"waits for your next":           is(func(a *letters.Asked) { a.Told, a.Cadence = true, forum.Daily }),
		"on the site only":              is(func(a *letters.Asked) { a.Told, a.Cadence = true, forum.OnSite }),
		"because you muted this thread": is(func(a *letters.Asked) { a.ViaKind, a.ViaCadence = forum.ToThread, forum.Muted }),
		"do not follow this thread":     is(func(*letters.Asked) {}),
		"older than your follow of Waste": is(func(a *letters.Asked) {
			a.ViaKind, a.ViaName, a.ViaCadence, a.ViaSince = forum.ToTopic, "Waste", forum.Daily, since(time.Hour)
		}),
		"told soon": is(func(a *letters.Asked) {
			a.ViaKind, a.ViaCadence, a.ViaSince = forum.ToEverything, forum.Daily, since(2*day)
		}),
	} {
		p := emails()
		p.Asked = a
		if html := render(t, Emails(ben(), p, nil)); !strings.Contains(html, want) {
			t.Errorf("it does not say %q but %q", want, askedWords(ben(), a))
		}
	}
}

// rolesHeld are roles of every sort, and what was done with them.
func rolesHeld() care.RolesPage {
	return care.RolesPage{Held: []care.HeldRole{
		{ID: 1, Role: "administrator", GrantedAt: ago(90 * day), Grantee: care.Grantee{PersonID: 1, Handle: "ada", Name: "Ada", JobTitle: "Officer", Place: "Northmoor"}},
		{ID: 2, Role: "lead", Council: "Southmoor", GrantedAt: ago(day), Until: since(-30 * day), GiverID: 1, Giver: "Ada", Idle: true,
			Grantee: care.Grantee{PersonID: 2, Handle: "ben", Name: "Ben <b>", JobTitle: "Clerk", Place: "Southmoor"}}},
		Entries: []forum.Entry{{ID: 9, At: ago(day), DoerID: 1, DoerName: "Ada", Deed: forum.Granted, PersonID: 2, PersonName: "Ben", RoleID: 2, Reason: "lead Knows everybody"}},
		CanUndo: map[int64]bool{9: true}}
}

// rolesRefused is the form to give a role that came back.
func rolesRefused() care.RolesPage {
	p := rolesHeld()
	p.Find, p.Found = "be", []care.Grantee{p.Held[1].Grantee, p.Held[0].Grantee}
	p.Draft = care.RoleDraft{PersonID: 2, Role: "curator", Typed: "2020-01-01"}
	return p
}

// threadSummed is a thread with what is known so far at its top.
func threadSummed() forum.ThreadPage {
	p := threadClosed()
	p.CanTend, p.Summary = true, &forum.Summary{HTML: "<p>Route 7 works.</p>", At: ago(day), Authors: []string{"Ada", "Ben <b>"}}
	return p
}

// topicPinned is a topic with a thread before the others.
func topicPinned() forum.ThreadList {
	l := topicFollowed()
	l.Pinned = l.Threads[:1]
	return l
}

// tended is the page to tidy a thread that has a summary and is pinned.
func tended() curation.TendPage {
	p := threadSummed()
	return curation.TendPage{Thread: p.Thread, Topics: []forum.Topic{{Slug: "waste", Name: "Waste"}}, Tree: []forum.Topic{{Slug: "waste", Name: "Waste", Facet: "service"}},
		Summary: curation.SummaryNow{Version: 2, Body: "Route 7 works.", HTML: "<p>Route 7 works.</p>"}, Pins: []curation.Pinned{{Slug: "waste", Name: "Waste", Until: ago(-7 * day)}},
		Lines: []forum.Line{{EntryID: 5, Deed: forum.PinnedThread, At: ago(day), DoerName: "Ada", TopicsAfter: []string{"Waste"}}, {EntryID: 6, Deed: forum.SummarisedThread, At: ago(day), DoerName: "Ben <b>", Undone: true}}, Can: map[int64]bool{5: true}}
}
