package views

import (
	"moothall/forum/curation"
	"moothall/forum/markup"
)

// Banner is what the team tells on every page, in one language.
type Banner struct {
	ID      int64
	Warning bool
	HTML    markup.HTML
	Lang    string // that it is in
}

// bannerTitle stands at the head of a banner.
func bannerTitle(f Frame, b Banner) string {
	if b.Warning {
		return f.W.T("banners.head_warning")
	}
	return f.W.T("banners.head_news")
}

func bannerKind(f Frame, kind string) string { return f.W.T("banners.kind_" + kind) }

// bannerSaid is the text of a banner in a language.
func bannerSaid(b curation.Banner, lang string) markup.HTML {
	html, _ := b.Said(lang)
	return html
}

// bannerAbout tells banners apart for those who hear the page.
func bannerAbout(b curation.Banner) string { return markup.Excerpt(b.Body, 60) }

// bannerTime says when a banner shows, or did: its last day is the one on which it ends.
func bannerTime(f Frame, b curation.Banner) string {
	until := lastDay(b.UntilAt)
	if b.EndedAt != nil && b.EndedAt.Before(b.UntilAt) {
		return f.W.T("banners.ended", "From", f.W.Date(b.FromAt), "Until", f.W.Date(*b.EndedAt))
	}
	return f.W.T("banners.span", "From", f.W.Date(b.FromAt), "Until", f.W.Date(until))
}

// bannerAction is where the form of a banner goes; 0 is a new one.
func bannerAction(id int64) string {
	if id == 0 {
		return "/banners"
	}
	return numbered("/banners/", id, "")
}
