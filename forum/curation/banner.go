package curation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// BannerKinds are what a banner can be: something new, or something to beware of.
var BannerKinds = []string{"news", "warning"}

// Bounds of banners: code points of one, days that it may stay, how many show at once, and
// how many of the past a page has.
const bannerLength, bannerDays, bannersMost, bannersPerPage = 400, 92, 3, 30

// Banner is what the team tells on every page.
type Banner struct {
	ID          int64
	Kind        string
	Body        string // Markdown
	BodyCy      string // the same in Welsh; empty where nobody has written it
	FromAt      time.Time
	UntilAt     time.Time // it is gone at this moment
	EndedAt     *time.Time
	CuratorName string
	Version     int
}

// Shows reports whether a banner shows at a moment.
func (b Banner) Shows(at time.Time) bool {
	return b.EndedAt == nil && !at.Before(b.FromAt) && at.Before(b.UntilAt)
}

// Said is the text in a language, as a page shows it, and the language that it is in.
func (b Banner) Said(lang string) (html markup.HTML, in string) {
	text, in := b.Body, "en"
	if lang == "cy" && b.BodyCy != "" {
		text, in = b.BodyCy, "cy"
	}
	html, err := markup.Post(text, markup.Refs{})
	if err != nil {
		html = markup.Plain(text)
	}
	return html, in
}

// BannerDraft is what was typed to tell something on every page.
type BannerDraft struct {
	Kind    string
	Body    string
	BodyCy  string
	From    string // days, as 2026-03-28; it shows from the beginning of the first to the end of the last
	Until   string
	Version int // that the form was made from; of a new one 0
}

// NewBanner is the draft to begin with: from today, for a week.
func (s *Store) NewBanner() BannerDraft {
	day := s.Now().In(forum.London)
	return BannerDraft{Kind: "news", From: day.Format(time.DateOnly), Until: day.AddDate(0, 0, 7).Format(time.DateOnly)}
}

// Clean puts what was typed into the form that is stored.
func (b *BannerDraft) Clean() {
	b.Body, b.BodyCy = strings.TrimSpace(markup.Clean(b.Body)), strings.TrimSpace(markup.Clean(b.BodyCy))
	b.From, b.Until = strings.TrimSpace(b.From), strings.TrimSpace(b.Until)
}

// check says what keeps the draft from being put up at a moment; what is over is no banner.
func (b BannerDraft) check(at time.Time) (bad forum.Invalid) {
	if !slices.Contains(BannerKinds, b.Kind) {
		bad.Add("kind", "banners.kind_choose")
	}
	if markup.Excerpt(b.Body, bannerLength) == "" { // marks alone say nothing
		bad.Add("body", "banners.body_empty")
	}
	for _, f := range []struct{ name, text string }{{"body", b.Body}, {"body_cy", b.BodyCy}} {
		if n := utf8.RuneCountInString(f.text); n > bannerLength {
			bad.Add(f.name, "banners.body_long", "Max", bannerLength, "Over", n-bannerLength)
		} else if _, err := markup.Post(f.text, markup.Refs{}); err != nil {
			bad.Add(f.name, "banners.body_heavy")
		}
	}
	return append(bad, checkSpan(b.From, b.Until, bannerDays, at)...)
}

// checkSpan says what is wrong with two days, of which the second has yet to end.
func checkSpan(from, until string, most int, at time.Time) (bad forum.Invalid) {
	first, begins := dayIn(from)
	if !begins {
		bad.Add("from", "highlights.day")
	}
	last, ends := dayIn(until)
	switch {
	case !ends:
		bad.Add("until", "highlights.day")
	case begins && last.Before(first):
		bad.Add("until", "highlights.until_before")
	case begins && last.After(first.AddDate(0, 0, most)):
		bad.Add("until", "highlights.until_long", "Max", most)
	case last.Before(forum.DayOf(at)):
		bad.Add("until", "banners.until_past")
	}
	return bad
}

// span is when a draft that was checked begins and ends.
func (b BannerDraft) span() (from, until time.Time) {
	from, _ = time.ParseInLocation(time.DateOnly, b.From, forum.London)
	until, _ = time.ParseInLocation(time.DateOnly, b.Until, forum.London)
	return from, until.AddDate(0, 0, 1)
}

const bannerColumns = `b.id, b.kind, b.body, b.body_cy, b.from_at, b.until_at, b.ended_at, p.name as curator_name, b.version from banners b join people p on p.id = b.curator_id`

// Banners are those that show now, and those that will, for a node to remember.
func (s *Store) Banners(ctx context.Context) (list []Banner, err error) {
	var b pgx.Batch
	b.Queue(`select `+bannerColumns+` where b.ended_at is null and b.until_at > $1 order by b.kind = 'warning' desc, b.from_at, b.id limit 100`, s.Now()).Query(forum.Into(&list))
	return list, s.Send(ctx, &b)
}

// BannersShown are those of a list that show at a moment: warnings first, and no more than
// leave room for the page.
func BannersShown(list []Banner, at time.Time) (shown []Banner) {
	for _, b := range list {
		if b.Shows(at) && len(shown) < bannersMost {
			shown = append(shown, b)
		}
	}
	return shown
}

// BannersPage is what curators work from to tell something on every page.
type BannersPage struct {
	Now     []Banner
	Coming  []Banner
	Past    []Banner
	Next    int64 // of the next page of these; 0 at the end
	Later   bool  // this is not the first page
	Changes []CollectionChange
}

// bannerRecord are what was done to banners last.
const bannerRecord = `
	select e.id as entry_id, e.deed, e.at, coalesce(a.name, '') as doer_name, coalesce(b.stands_at = e.id, false) as stands, exists (select from entries u where u.undoes = e.id) as undone
	from banner_changes c join entries e on e.id = c.entry_id join banners b on b.id = c.banner_id left join people a on a.id = e.doer_id
	order by c.entry_id desc limit @changes`

// BannersPage reads it in one round trip: of the past those that are older than one, 0 for
// all. ErrForbidden for who is no curator.
func (s *Store) BannersPage(ctx context.Context, who forum.Person, before int64) (p BannersPage, err error) {
	if !forum.CanTend(who) {
		return p, forum.ErrForbidden
	}
	at := s.Now()
	args := pgx.NamedArgs{"now": at, "before": before, "limit": bannersPerPage + 1, "changes": changesMost}
	p.Later = before > 0
	var list []Banner
	var b pgx.Batch
	if !p.Later {
		b.Queue(`select `+bannerColumns+` where b.ended_at is null and b.until_at > @now order by b.kind = 'warning' desc, b.from_at, b.id limit 100`, args).Query(forum.Into(&list))
		b.Queue(bannerRecord, args).Query(forum.Into(&p.Changes))
	}
	b.Queue(`select `+bannerColumns+` where (b.ended_at is not null or b.until_at <= @now) and (@before::bigint = 0 or b.id < @before) order by b.id desc limit @limit`, args).Query(forum.Into(&p.Past))
	if err := s.Send(ctx, &b); err != nil {
		return BannersPage{}, err
	}
	for _, one := range list {
		if one.Shows(at) {
			p.Now = append(p.Now, one)
		} else {
			p.Coming = append(p.Coming, one)
		}
	}
	if len(p.Past) > bannersPerPage {
		p.Past = p.Past[:bannersPerPage]
		p.Next = p.Past[bannersPerPage-1].ID
	}
	return p, nil
}

// Banner reads one as its form shows it; ErrNotFound where there is none.
func (s *Store) Banner(ctx context.Context, who forum.Person, id int64) (one Banner, draft BannerDraft, err error) {
	if !forum.CanTend(who) {
		return one, draft, forum.ErrForbidden
	}
	var b pgx.Batch
	b.Queue(`select `+bannerColumns+` where b.id = $1`, id).Query(forum.IntoOne(&one))
	if err := s.Send(ctx, &b); err != nil {
		return one, draft, err
	}
	return one, one.draft(), nil
}

// draft is a banner as its form shows it.
func (b Banner) draft() BannerDraft {
	return BannerDraft{Kind: b.Kind, Body: b.Body, BodyCy: b.BodyCy, From: b.FromAt.In(forum.London).Format(time.DateOnly),
		Until: b.UntilAt.In(forum.London).AddDate(0, 0, -1).Format(time.DateOnly), Version: b.Version}
}
