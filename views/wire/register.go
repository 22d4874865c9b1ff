package wire

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"moothall/forum/projects"
	"moothall/views"
)

// Register writes one page of a register as a feed: each entry is as new as the last
// change of its facts.
func Register(s Site, l projects.Register) ([]byte, error) {
	here := views.RegisterFeed(l, l.Filter)
	f := s.feed("feed"+strings.TrimPrefix(views.RegisterFeed(l, l.Filter.First()), "/feeds"), s.W.T("feeds.of", "Name", views.RegisterTitle(s.W, l)), here)
	f.Links = append(f.Links, link{Rel: "alternate", Type: htmlType, Href: s.BaseURL + views.RegisterPage(l, l.Filter)},
		link{Rel: "first", Type: atomType, Href: s.BaseURL + views.RegisterFeed(l, l.Filter.First())})
	if l.Next != "" {
		f.Links = append(f.Links, link{Rel: "next", Type: atomType, Href: s.BaseURL + views.RegisterFeed(l, l.Filter.After(l.Next))})
	}
	for _, c := range l.Cards {
		f.add(s.card(c), c.MovedAt)
	}
	return write(f)
}

// card is a project or lesson as an entry. Whose it is, is its council's name.
func (s Site) card(c projects.Card) entry {
	e := entry{ID: s.tag("thread/" + strconv.FormatInt(c.ID, 10)), Title: text{Lang: c.Lang, Text: c.Title}, Published: moment(c.BegunAt), Updated: moment(c.MovedAt),
		Author: author{Name: c.CouncilName}, Links: []link{{Rel: "alternate", Type: htmlType, Href: s.BaseURL + views.PathOf(c.Kind, c.ID, c.Slug)}}}
	if c.CouncilName == "" {
		e.Author.Name = s.W.T("erased.somebody")
	}
	if c.Say != "" {
		e.Summary = &text{Type: "text", Lang: c.Lang, Text: c.Say}
	}
	for _, word := range []string{views.StageOf(s.W, c), c.TopicName} {
		if word != "" {
			e.Categories = append(e.Categories, category{word})
		}
	}
	return e
}

// byteOrder is what tells Excel that a file is UTF-8: without it every ŵ is two signs that
// nobody typed. Programs that read CSV know it.
const byteOrder = "\ufeff"

// columns are those of a spreadsheet of a register (RFC 4180), named alike in all languages
// since programs read them.
var columns = []string{"id", "url", "kind", "title", "summary", "phase", "verdict", "council", "type_of_council", "nation", "partners", "topics", "products", "cost_band",
	"time_band", "paid_by", "funding", "standards", "code_url", "code_licence", "evidence_url", "offers", "reused_by_councils", "begun", "last_change", "confirmed", "not_confirmed_although_asked", "licence"}

// Sheet writes a register as a spreadsheet. Each row says under which licence it is, for
// rows are copied without what stood above them.
func Sheet(s Site, p projects.Sheet) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(byteOrder)
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.Write(columns); err != nil {
		return nil, err
	}
	for _, r := range p.Rows {
		list := []string{strconv.FormatInt(r.ID, 10), s.BaseURL + views.PathOf(r.Kind, r.ID, r.Slug), r.Kind, r.Title, r.Say, r.Phase, r.Verdict, r.CouncilName,
			r.CouncilType, r.Nation, several(r.With), several(r.Topics), several(r.Products), r.CostBand, r.TimeBand, r.PaidBy, r.Funding,
			several(strings.FieldsFunc(r.Standards, func(c rune) bool { return c == '\n' })), r.CodeURL, r.Licence, r.EvidenceURL, several(r.Offers),
			strconv.Itoa(r.Reuses), r.BegunAt.Format(time.DateOnly), r.MovedAt.Format(time.DateOnly), r.ConfirmedAt.Format(time.DateOnly), strconv.FormatBool(r.Stale),
			s.W.T("register.licence")}
		for i := range list {
			list[i] = harmless(list[i])
		}
		if err := w.Write(list); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func several(list []string) string { return strings.Join(list, "; ") }

// harmless keeps a spreadsheet from working out what somebody typed as a formula: what
// begins as one is a text, by a mark in front that Excel and LibreOffice do not show. Signs
// that look like those, and spaces in front of one, are marked too.
func harmless(cell string) string {
	trimmed := strings.TrimLeft(cell, " \t\r\n\u00a0")
	if strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") || strings.HasPrefix(cell, "\n") {
		return "'" + cell
	}
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(trimmed, sign) {
			return "'" + cell
		}
	}
	return cell
}
