package letters

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// What is said of us, of our mail or of the way between is not held against an address.
func TestFaultsAreTheirs(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]backClass{
		"5.1.1": nobodyThere, "5.1.2": nobodyThere, "5.1.3": nobodyThere, "5.1.6": nobodyThere, "5.1.10": nobodyThere, "5.2.1": noMail,
		"5.2.2": notNow, "4.2.2": notNow, "4.4.7": notNow, "5.4.4": notNow, "4.1.1": notNow,
		"5.1.7": ourFault, "5.1.8": ourFault, "4.1.8": ourFault, "5.7.1": ourFault, "4.7.0": ourFault, "5.6.0": ourFault, "5.1.100": ourFault, "5.0.0": ourFault, "": ourFault,
	} {
		if got := classOf(status); got != want {
			t.Errorf("%q: %d, want %d", status, got, want)
		}
	}
}

// However often a mail server refuses letters for what it thinks of us, their address
// goes on getting mail.
func TestRefusalsOfUsStopNobodysMail(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	thread := h.ask(ada, "Bins?", "waste-management")
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
	for range 5 {
		h.reply(ada, thread, forum.PostDraft{Body: "This."})
	}
	h.tellAll()
	claimed, err := h.Claim(t.Context(), 10)
	h.must(err)
	for _, c := range claimed {
		h.must(h.Refused(t.Context(), c, fmt.Sprintf("person-%d@example.org", ben.ID), "550 5.7.1 blocked using Spamhaus", false))
	}
	h.wantLetters(ben, map[string]int{"instant bounced came_back_ours": 5})
	h.reply(ada, thread, forum.PostDraft{Body: "And this."})
	h.tellAll()
	if sent := h.post(); len(sent) != 1 {
		t.Errorf("%d letters went out, want 1", len(sent))
	}
}

// A letter may come back before it is written down that it went: then what came back comes
// again, and counts.
func TestALetterThatComesBackAtOnceIsNotForgotten(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	thread := h.ask(ada, "Bins?", "waste-management")
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
	h.reply(ada, thread, forum.PostDraft{Body: "This."})
	h.tellAll()
	claimed, err := h.Claim(t.Context(), 10)
	h.must(err)
	if len(claimed) != 1 {
		t.Fatalf("%d letters, want 1", len(claimed))
	}
	back := Returned{LetterID: claimed[0].ID, Status: "5.1.1", Said: "no such person"}
	if err := h.Bounced(t.Context(), back); !errors.Is(err, forum.ErrTooMany) {
		t.Errorf("in hand: %v, want that it comes again", err)
	}
	h.must(h.Sent(t.Context(), claimed[0], fmt.Sprintf("person-%d@example.org", ben.ID)))
	h.must(h.Bounced(t.Context(), back))
	h.wantLetters(ben, map[string]int{"instant bounced came_back": 1})
	h.must(h.Bounced(t.Context(), Returned{LetterID: 99999, Status: "5.1.1"})) // of none that there is
}

// A letter that is sent again is as new, however long ago it was written; how long the
// first has waited is known.
func TestALetterSentAgainIsNotLate(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada, ben := h.person("Ada", "Northmoor"), h.person("Ben", "Southmoor")
	h.writable(ben)
	thread := h.ask(ada, "Bins?", "waste-management")
	h.follow(ben, forum.Subject{Kind: forum.ToThread, ID: thread}, forum.Instant)
	h.reply(ada, thread, forum.PostDraft{Body: "This."})
	h.tellAll()
	claimed, err := h.Claim(t.Context(), 1)
	h.must(err)
	h.must(h.Refused(t.Context(), claimed[0], "x@example.org", "550 no", true))
	h.clock.Advance(10 * 24 * time.Hour)
	boss := forumtest.Granted(t, h.Store.Store, h.person("Eve", "Northmoor"), forum.Administrator)
	h.must(h.SendAgain(t.Context(), boss, claimed[0].ID))
	h.clock.Advance(time.Hour)
	if oldest, err := h.Oldest(t.Context()); err != nil || oldest != time.Hour {
		t.Errorf("the first waits for %v (%v), want an hour", oldest, err)
	}
	if sent := h.post(); len(sent) != 1 {
		t.Errorf("%d letters went out, want 1", len(sent))
	}
	h.wantLetters(ben, map[string]int{"instant sent ": 1})
	if oldest, err := h.Oldest(t.Context()); err != nil || oldest != 0 {
		t.Errorf("the first waits for %v (%v), want none", oldest, err)
	}
}
