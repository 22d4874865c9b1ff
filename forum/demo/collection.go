package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"moothall/forum"
	"moothall/forum/curation"
)

// collection is what a curator put together out of the corpus, which leaves that out.
type collection struct {
	title, intro string
	curator      string
	at           time.Time
	sections     []collectionSection
	suggested    collected // that waits for a curator
	suggester    string
}

type collectionSection struct {
	heading string
	items   []collected
}

// collected is a thread by the name that it has in the corpus, and why it is there.
type collected struct{ name, why string }

var collections = []collection{
	{
		title: "Moving telephony to Teams: start here", curator: "brannoc-elphick", at: time.Date(2025, time.October, 6, 9, 0, 0, 0, time.UTC),
		intro: "For whoever has just been told that the phones are theirs. Read the first two before you sign anything.\n\n- Find every line first.\n- Ask who answers when the network is down.",
		sections: []collectionSection{
			{"Before you choose", []collected{
				{"teams-telephony-contact-centre", "What a contact centre lost, and what it would do again."},
				{"telephony-clipboard-survey", "How to find every analogue line, with a clipboard and two weeks."}}},
			{"People who depend on a line", []collected{
				{"digital-switchover-telecare", "Telecare comes first: how to find everyone before the switchover does."},
				{"telecare-hash-match", "A way to match users without handing a list to the phone company."}}},
		},
	},
	{
		title: "Reorganisation: the first hundred days", curator: "agnes-holderness", at: time.Date(2026, time.June, 15, 9, 0, 0, 0, time.UTC),
		intro: "What other councils wish they had known. Read in order, or take the one you need **this week**.",
		sections: []collectionSection{
			{"Before day one", []collected{
				{"lesson-merging-line-of-business-systems", "Make tea first. Section 2 is the one to read aloud."},
				{"gazetteer-after-merger", "Addresses before people: the order that worked, and the gap they left too short."},
				{"reorg-interface-register", "A spreadsheet that you can copy today, with the human interfaces in it."}}},
			{"Day one", []collected{
				{"lgr-day-one-email-domain", "How long to keep each kind of address. Never let an old domain lapse."},
				{"shadow-email-routing", "For a split rather than a merger: routing by post, not by person."}}},
			{"After the cake", []collected{
				{"discussion-service-desk-after-merger", "Four greetings, one queue. What people kept."},
				{"website-merge-by-service", "No big launch: one service moved each fortnight."}}},
		},
		suggested: collected{"county-split-data-rules", "We needed this in week two, when the county’s data had to be in two places."}, suggester: "stellan-whitcombe",
	},
}

// chosen puts before everybody what curators chose.
func (l *loader) chosen(ctx context.Context, all []highlight) error {
	if err := l.highlights(ctx, all); err != nil {
		return err
	}
	return l.collections(ctx)
}

// collections puts together what is not there yet. What a curator has made of one since
// stays as it is.
func (l *loader) collections(ctx context.Context) error {
	for _, c := range collections {
		curator := l.people[c.curator]
		_, err := curation.New(l.forum).CollectionPage(ctx, curator, forum.Slug(c.title))
		if errors.Is(err, forum.ErrNotFound) {
			err = c.put(ctx, l, curator)
		}
		if err != nil {
			return fmt.Errorf("collection %q: %w", c.title, err)
		}
	}
	return nil
}

// put puts it together, on the day on which it was.
func (c collection) put(ctx context.Context, l *loader, curator forum.Person) error {
	house := curation.New(l.forum.Past(c.at))
	slug, err := house.BeginCollection(ctx, curator, curation.CollectionDraft{Title: c.title, Intro: c.intro})
	if err != nil {
		return err
	}
	for n, s := range c.sections {
		if err := house.AddSection(ctx, curator, slug, s.heading); err != nil {
			return err
		}
		p, err := house.CollectionPage(ctx, curator, slug)
		if err != nil {
			return err
		}
		for _, one := range s.items {
			draft := curation.ItemDraft{Target: fmt.Sprint(l.threads[one.name]), Why: one.why, Section: p.Sections[n].ID}
			if err := house.AddItem(ctx, curator, slug, draft); err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
		}
	}
	if err := house.ShowCollection(ctx, curator, slug, true); err != nil || c.suggester == "" {
		return err
	}
	return house.Suggest(ctx, l.people[c.suggester], slug, curation.ItemDraft{Target: fmt.Sprint(l.threads[c.suggested.name]), Why: c.suggested.why})
}
