package views

import (
	"testing"

	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/curation"
)

// bannered is somebody's frame with two banners on it.
func bannered(f Frame) Frame {
	f.Banners = []Banner{{ID: 4, Warning: true, HTML: "<p>Down on <strong>Friday</strong></p>", Lang: "en"}, {ID: 3, HTML: "<p>Newydd</p>", Lang: "cy"}}
	return f
}

// reminded is Ben whose council is in a pre-election period.
func reminded() Frame {
	f := ben()
	f.Election = ElectionReminder(f, &curation.InElection{CouncilID: 2, UntilOn: *since(-20 * day)})
	return f
}

func someBanners() []curation.Banner {
	return []curation.Banner{{ID: 4, Kind: "warning", Body: "Down on **Friday**", BodyCy: "Ar gau", FromAt: ago(day), UntilAt: ago(-2 * day), CuratorName: "Ada", Version: 2},
		{ID: 3, Kind: "news", Body: "New", FromAt: ago(9 * day), UntilAt: ago(-2 * day), EndedAt: since(day), Version: 1}}
}

func someElections() []curation.Election {
	return []curation.Election{{ID: 2, Name: "Local elections", Nation: "Northern Ireland", FromOn: ago(day), UntilOn: ago(-30 * day), Running: true, Version: 1},
		{ID: 3, Name: "By-election", CouncilID: 1, CouncilSlug: "northmoor", CouncilName: "Northmoor City Council", FromOn: ago(-9 * day), UntilOn: ago(-40 * day), Version: 1}}
}

// someSeconds are what waits for a second curator, one of them Ada's own, and was decided.
func someSeconds() curation.SecondsPage {
	one := curation.Second{ID: 4, Deed: "highlight", ThreadID: 7, Kind: forum.Question, Slug: "missed-bins", ThreadTitle: "How do you stop missed bins?", ThreadLang: "en", Councils: []string{"Southmoor Borough Council"},
		CuratorName: "Ben", AskedAt: ago(day), Title: "Fewer missed bins", Note: "Ask **them**."}
	own, declined, agreed := one, one, one
	own.ID, own.Own, own.Deed, own.ThreadID, own.Collection, own.CollectionSlug, own.Councils, own.Suppliers = 5, true, "show_collection", 0, "Bins", "bins", nil, []string{"Binwatch"}
	declined.ID, declined.DecidedAt, declined.DeciderName, declined.Reason, declined.EntryID = 2, since(day), "Ada", "After the election", 9
	declined.CanUndo = true
	agreed.ID, agreed.DecidedAt, agreed.Agreed = 1, since(day), true
	telling, period := one, one
	telling.ID, telling.Deed, telling.ThreadID, telling.ThreadTitle, telling.Title, telling.Note, telling.Banner = 6, "banner", 0, "", "", "", &someBanners()[0]
	period.ID, period.Deed, period.ThreadID, period.ThreadTitle, period.Title, period.Note, period.Councils, period.Seen = 7, "change_election", 0, "", "", "", nil, "0123abcd"
	period.ElectionID, period.ElectionName, period.ElectionNation, period.ElectionFrom, period.ElectionUntil = 2, "Local elections", "Wales", since(day), since(-30*day)
	period.To = &curation.ElectionDraft{Name: "Local elections", Council: "Northmoor City Council", From: "2026-03-28", Until: "2026-04-01"}
	return curation.SecondsPage{Next: 7, Older: 1, Waiting: []curation.Second{one, own, telling, period}, Decided: []curation.Second{declined, agreed}}
}

// boardPages are the pages of banners and of pre-election periods, and others with one on.
func boardPages() map[string]templ.Component {
	changes := []curation.CollectionChange{{EntryID: 7, Deed: forum.ChangedBanner, At: ago(day), DoerName: "Ada", Stands: true}, {EntryID: 6, Deed: forum.PutBanner, At: ago(2 * day), Undone: true}}
	called := someElections()[:1]
	called[0].EndedAt = since(day)
	return map[string]templ.Component{
		"about_bannered": About(bannered(visitor())), "councils_map_bannered": CouncilMap(bannered(ben()), mapPage("")),
		"banners":               Banners(ada(), curation.BannersPage{Now: someBanners()[:1], Past: someBanners()[1:], Next: 3, Changes: changes}),
		"banners_none":          Banners(ada(), curation.BannersPage{}),
		"banner_form":           BannerForm(ada(), curation.Banner{}, curation.BannerDraft{Kind: "x"}, forum.Invalid{{Field: "kind", Key: "banners.kind_choose"}, {Field: "body", Key: "banners.body_empty"}}, false),
		"banner_clash":          BannerForm(ada(), someBanners()[0], curation.BannerDraft{Kind: "news", Body: "Mine", From: "2026-03-28", Until: "2026-03-29", Version: 2}, nil, true),
		"elections":             Elections(ben(), curation.ElectionsPage{Now: someElections()[:1]}),
		"elections_set":         Elections(ada(), curation.ElectionsPage{Now: someElections()[:1], Coming: someElections()[1:], Past: called, Next: 2, Curates: true, Changes: changes}),
		"elections_later":       Elections(ada(), curation.ElectionsPage{Past: called, Later: true, Curates: true}),
		"election_form":         ElectionForm(ada(), ElectionTyped{Draft: curation.ElectionDraft{Council: "Nowhere"}, Councils: []forum.Council{northmoor()}}, forum.Invalid{{Field: "name", Key: "elections.name_empty"}, {Field: "council", Key: "elections.council_unknown"}}),
		"election_clash":        ElectionForm(ada(), ElectionTyped{Now: someElections()[1], Draft: curation.ElectionDraft{Name: "Mine", Version: 1}, Clash: true}, nil),
		"seconds":               Seconds(ada(), someSeconds(), SecondTyped{}, nil),
		"seconds_later":         Seconds(ada(), curation.SecondsPage{Later: true}, SecondTyped{}, nil),
		"seconds_none":          Seconds(ada(), curation.SecondsPage{}, SecondTyped{}, nil),
		"seconds_refused":       Seconds(ada(), someSeconds(), SecondTyped{ID: 4}, forum.Invalid{{Field: "reason", Key: "deed.reason_empty"}}),
		"seconds_gone":          Seconds(ada(), someSeconds(), SecondTyped{ID: 4}, forum.Invalid{{Field: "second", Key: "seconds.no_curator"}}),
		"highlight_form_second": HighlightForm(ada(), curation.HighlightFormPage{Topics: someTopics(), Needs: curation.Needs{Councils: []string{"Northmoor City Council"}, Suppliers: []string{"Binwatch"}}}, curation.HighlightDraft{Lang: "en"}, nil),
		"ask_reminded":          Ask(reminded(), asking(), nil),
	}
}

// A banner says in which language it is where that is not the page's.
func TestABannerSaysItsLanguage(t *testing.T) {
	t.Parallel()
	says(t, "about", About(bannered(visitor())), []string{`<div class="prose" lang="cy">`, `<div class="prose"><p>Down on`, `aria-labelledby="banner-4 banner-4-text"`}, nil)
	says(t, "ask", Ask(reminded(), asking(), nil), []string{`pre-election period</a> until`}, nil)
	says(t, "ask of others", Ask(ben(), asking(), nil), nil, []string{"pre-election"})
}
