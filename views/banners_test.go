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

// boardPages are the pages of banners and of pre-election periods, and others with one on.
func boardPages() map[string]templ.Component {
	changes := []curation.CollectionChange{{EntryID: 7, Deed: forum.ChangedBanner, At: ago(day), DoerName: "Ada", Stands: true}, {EntryID: 6, Deed: forum.PutBanner, At: ago(2 * day), Undone: true}}
	called := someElections()[:1]
	called[0].EndedAt = since(day)
	return map[string]templ.Component{
		"about_bannered": About(bannered(visitor())), "councils_map_bannered": CouncilMap(bannered(ben()), mapPage("")),
		"banners":        Banners(ada(), curation.BannersPage{Now: someBanners()[:1], Past: someBanners()[1:], Next: 3, Changes: changes}),
		"banners_none":   Banners(ada(), curation.BannersPage{}),
		"banner_form":    BannerForm(ada(), curation.Banner{}, curation.BannerDraft{Kind: "x"}, forum.Invalid{{Field: "kind", Key: "banners.kind_choose"}, {Field: "body", Key: "banners.body_empty"}}, false),
		"banner_clash":   BannerForm(ada(), someBanners()[0], curation.BannerDraft{Kind: "news", Body: "Mine", From: "2026-03-28", Until: "2026-03-29", Version: 2}, nil, true),
		"elections":      Elections(ben(), curation.ElectionsPage{Now: someElections()[:1]}),
		"elections_set":  Elections(ada(), curation.ElectionsPage{Now: someElections()[:1], Coming: someElections()[1:], Past: called, Curates: true, Changes: changes}),
		"election_form":  ElectionForm(ada(), ElectionTyped{Draft: curation.ElectionDraft{Council: "Nowhere"}, Councils: []forum.Council{northmoor()}}, forum.Invalid{{Field: "name", Key: "elections.name_empty"}, {Field: "council", Key: "elections.council_unknown"}}),
		"election_clash": ElectionForm(ada(), ElectionTyped{Now: someElections()[1], Draft: curation.ElectionDraft{Name: "Mine", Version: 1}, Clash: true}, nil),
		"ask_reminded":   Ask(reminded(), asking(), nil),
	}
}

// A banner says in which language it is where that is not the page's.
func TestABannerSaysItsLanguage(t *testing.T) {
	t.Parallel()
	says(t, "about", About(bannered(visitor())), []string{`<div class="prose" lang="cy">`, `<div class="prose"><p>Down on`, `aria-labelledby="banner-4"`}, nil)
	says(t, "ask", Ask(reminded(), asking(), nil), []string{`pre-election period</a> until`}, nil)
	says(t, "ask of others", Ask(ben(), asking(), nil), nil, []string{"pre-election"})
}
