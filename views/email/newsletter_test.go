package email

import (
	"regexp"
	"strings"
	"testing"

	"moothall/forum/newsletter"
)

// someNews is an issue with something of each sort in it.
func someNews(lang string) newsletter.Issue {
	return newsletter.Issue{ID: 3, Subject: "News & <more>\r\nBcc: eve@example.org", Lang: lang, Blocks: []newsletter.Block{
		{Kind: "text", Heading: "Hello", Body: longBody, HTML: longHTML},
		{Kind: "questions", Items: []newsletter.Item{{ThreadID: 7, Kind: "question", Slug: "missed-bins", Title: bins().Title, Lang: "en", Council: "Northmoor", Why: "They ask <well>."},
			{ThreadID: 8, Kind: "project", Slug: "ffurflenni", Title: "Ffurflenni", Lang: "cy"}}},
		{Kind: "dates"},
		{Kind: "text", Body: "Look at [a thread](/threads/7).", HTML: `<p>Look at <a href="/threads/7">a thread</a>.</p>`},
	}}
}

// Each newsletter reads as it did, in both languages, as text and as HTML; a test says
// that it is one, and nothing in any counts who opens it.
func TestNewsletters(t *testing.T) {
	t.Parallel()
	for kind, links := range map[string]Links{newsletter.KindIssue: reach, newsletter.KindTest: {Base: reach.Base}, newsletter.KindAsk: {Base: reach.Base, Confirm: reach.Confirm}} {
		for _, lang := range []string{"en", "cy"} {
			w, err := WriteNewsletter(someNews(lang), kind, newsletter.Reader{Address: "eve@example.org", Lang: lang}, links)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "newsletter_"+kind+"."+lang+".txt", "Subject: "+w.Subject+"\n\n"+w.Text)
			_, body, _ := strings.Cut(w.HTML, "<body")
			golden(t, "newsletter_"+kind+"."+lang+".html", regexp.MustCompile(`>\s*<`).ReplaceAllString("<body"+body, ">\n<")+"\n")
			if strings.Contains(w.Subject+w.Text+w.HTML, "«") || strings.ContainsAny(w.Subject, "\r\n") || regexp.MustCompile(`(?i)<img|src=|url\(`).MatchString(w.HTML) {
				t.Errorf("%s in %s: %s", kind, lang, w.HTML)
			}
			if test := strings.HasPrefix(w.Subject, "[TEST]") || strings.HasPrefix(w.Subject, "[PRAWF]"); test != (kind == newsletter.KindTest) {
				t.Errorf("%s in %s: %q", kind, lang, w.Subject)
			}
		}
	}
}
