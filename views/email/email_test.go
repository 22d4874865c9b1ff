package email

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"moothall/forum"
	"moothall/forum/letters"
	"moothall/forum/markup"
)

var update = flag.Bool("update", false, "write the golden mails anew; then read the difference")

func write(t testing.TB, l letters.Letter, links Links) Written {
	t.Helper()
	w, err := Write(l, links)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as it was (go test ./views/email -update, then read the difference)", path)
	}
}

// Each mail reads as it did, in both languages, as text and as HTML.
func TestMails(t *testing.T) {
	t.Parallel()
	for name, l := range everyMail() {
		for _, lang := range []string{"en", "cy"} {
			l.To.Lang = lang
			w := write(t, l, reach)
			golden(t, name+"."+lang+".txt", "Subject: "+w.Subject+"\n\n"+w.Text)
			_, body, _ := strings.Cut(w.HTML, "<body")
			golden(t, name+"."+lang+".html", regexp.MustCompile(`>\s*<`).ReplaceAllString("<body"+body, ">\n<")+"\n")
			if strings.Contains(w.Text, "/posts/0") || strings.Contains(w.Text, "/threads/0") {
				t.Errorf("%s is about nothing: it is not written as what it is", name)
			}
			if strings.Contains(w.Subject+w.Text+w.HTML, "«") {
				t.Errorf("%s: a sentence or a value in it is missing", name)
			}
		}
	}
}

// A mail about a thread as a whole names no post, and leads to the thread.
func TestAMailWithoutAPostNamesNone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"instant", "instant_links", "collection_added", "product_named", "accepted"} {
		l := with(everyMail()[name], func(l *letters.Letter) { l.Post = letters.Post{} })
		w := write(t, l, reach)
		for where, text := range map[string]string{"text": w.Text, "HTML": w.HTML} {
			if strings.Contains(text, "Post 0") || strings.Contains(text, "/posts/0") || strings.Contains(text, "0001") || !strings.Contains(text, "https://moothall.example/threads/7") {
				t.Errorf("%s, %s: %s", name, where, text)
			}
		}
	}
}

// The frame, with its styles, is as it was.
func TestTheFrame(t *testing.T) {
	t.Parallel()
	head, _, _ := strings.Cut(write(t, everyMail()["let_in"], reach).HTML, "<body")
	golden(t, "frame", head)
}

// seen is what a reader sees of a mail's HTML.
func seen(t testing.TB, doc string) string {
	t.Helper()
	page, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range page.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "title" && !strings.Contains(attribute(n.Parent, "style"), "display:none") {
			b.WriteString(n.Data + " ")
		}
		if n.Data == "a" {
			b.WriteString(attribute(n, "href") + " ")
		}
	}
	return b.String()
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

var aWord = regexp.MustCompile(`https?://[^\s>]+|[\pL\pN]+`)

func wordsOf(text string) []string {
	all := aWord.FindAllString(strings.ToLower(text), -1)
	slices.Sort(all)
	return slices.Compact(all)
}

// Text and HTML say the same: every word and every address of each is in the other.
func TestTextAndHTMLSayTheSame(t *testing.T) {
	t.Parallel()
	for name, l := range everyMail() {
		w := write(t, l, Links{Base: reach.Base, Unsubscribe: reach.Unsubscribe, CanReply: true})
		text, shown := wordsOf(w.Text), wordsOf(seen(t, w.HTML))
		for _, word := range text {
			if !slices.Contains(shown, word) && !regexp.MustCompile(`^\d$`).MatchString(word) { // a list's number
				t.Errorf("%s: %q is in the text and not in the HTML", name, word)
			}
		}
		for _, word := range shown {
			if !slices.Contains(text, word) && word != "moothall" {
				t.Errorf("%s: %q is in the HTML and not in the text", name, word)
			}
		}
	}
}

// mayStand are the elements of a mail, with the attributes that each may have.
var mayStand = map[string]string{"html": "lang", "head": "", "meta": "charset name content", "title": "", "style": "", "body": "bgcolor", "main": "", "div": "style class tabindex role aria-label lang",
	"table": "role class width align bgcolor cellpadding cellspacing border style", "thead": "", "tbody": "", "tr": "", "td": "class align bgcolor style", "th": "align",
	"h1": "lang", "h2": "", "h3": "lang", "h4": "", "h5": "", "h6": "", "p": "class lang", "strong": "", "em": "", "del": "", "br": "", "hr": "", "span": "class lang",
	"a": "href rel class lang style", "blockquote": "lang class", "ul": "", "ol": "start", "li": "class", "pre": "tabindex role aria-label", "code": "class"}

var leads = regexp.MustCompile(`^(https?://[^/?#\\@]+([/?#]|$)|mailto:)`)

// forWord are the two comments that a mail has, around all of it, which Outlook alone reads.
var forWord = []string{`[if mso]><table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]`, `[if mso]></td></tr></table><![endif]`}

// judge reads a mail as a mail program would and reports what does not belong in it.
func judge(t testing.TB, w Written) {
	t.Helper()
	page, err := html.Parse(strings.NewReader(w.HTML))
	if err != nil {
		t.Fatal(err)
	}
	mains := 0
	for n := range page.Descendants() {
		if n.Type == html.CommentNode && !slices.Contains(forWord, n.Data) {
			t.Errorf("a comment %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		may, known := mayStand[n.Data]
		if !known {
			t.Errorf("element %q", n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(strings.Fields(may), a.Key) || a.Key == "style" && strings.Contains(a.Val, "url") {
				t.Errorf("attribute %s=%q of %s", a.Key, a.Val, n.Data)
			}
		}
		if n.Data == "main" {
			mains++
			if n.Parent.Data != "td" || n.Parent.Parent.NextSibling == nil {
				t.Error("something reaches outside its place")
			}
		}
		if href := attribute(n, "href"); n.Data == "a" && href != "" && !leads.MatchString(href) {
			t.Errorf("a link to %q", href)
		}
	}
	if mains != 1 {
		t.Errorf("%d mains", mains)
	}
	for _, remote := range []string{"url(", "@import", "<img", "src=", "background="} {
		if _, css, _ := strings.Cut(w.HTML, "<style>"); strings.Contains(css[:strings.Index(css, "</style>")], remote) {
			t.Errorf("the styles hold %q", remote)
		}
	}
	judgeText(t, w)
}

func judgeText(t testing.TB, w Written) {
	t.Helper()
	if n := len([]rune(w.Subject)); n == 0 || n > maxSubject || strings.ContainsFunc(w.Subject, func(r rune) bool { return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }) {
		t.Errorf("a subject of %d signs: %q", n, w.Subject)
	}
	signs := 0
	for line := range strings.SplitSeq(w.Text, "\n") {
		if len(line) > 998 || strings.ContainsFunc(line, unicode.IsControl) {
			t.Errorf("a line of %d bytes: %.100q", len(line), line)
		}
		if line == "-- " {
			signs++
		}
	}
	if signs != 1 {
		t.Errorf("%d signs that the words have ended", signs)
	}
}

// Every mail is sound, fetches nothing, and leads only to where it says.
func TestEveryMailIsSound(t *testing.T) {
	t.Parallel()
	for name, l := range everyMail() {
		judge(t, write(t, l, reach))
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// fill puts one text everywhere that somebody else's words can stand.
func fill(l letters.Letter, text string) letters.Letter {
	l.Thread.Title, l.Thread.Topic, l.Thread.Slug = text, text, "x"
	l.Via.Name, l.Via.Lang, l.To.Name = text, text, text
	l.Post.Body, l.Post.HTML, l.Post.Excerpt, l.Post.Quote = text, text, text, text
	l.Post.Author, l.Post.JobTitle, l.Post.Council, l.Post.Company, l.Post.QuotedBy = text, text, text, text, text
	l.Post.Lang, l.Thread.Lang = text, text
	l.Account.Device, l.Account.Issuer, l.Account.Address = text, text, text
	sections := slices.Clone(l.Digest.Sections)
	for i := range sections {
		topics := slices.Clone(sections[i].Topics)
		for j := range topics {
			topics[j].Topic, topics[j].Items = text, slices.Clone(topics[j].Items)
			for k := range topics[j].Items {
				item := &topics[j].Items[k]
				item.Title, item.By, item.Council, item.Excerpt, item.PostLang, item.Lang = text, text, text, text, text, text
			}
		}
		sections[i].Topics = topics
	}
	l.Digest.Sections = sections
	return l
}

// No words of others bend a mail: its headers, its lines, or its page.
func TestHostileWordsStayWords(t *testing.T) {
	t.Parallel()
	hostile := []string{"a\r\nBcc: all@x.example\r\n\r\nhi", "a\u2028b\u0085c\u202ed\x00e\u200b", strings.Repeat("ŵ", 500), strings.Repeat("long words ", 400), "-- \n-- ", "\xff\xfe", "=?utf-8?q?x?=", ""}
	for _, a := range lines[struct{ Markdown string }](t, "../../forum/markup/testdata/xss.jsonl") {
		hostile = append(hostile, a.Markdown)
	}
	for _, a := range lines[struct{ Value string }](t, "../../app/mail/testdata/headers.jsonl") {
		hostile = append(hostile, a.Value)
	}
	mails := everyMail()
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range mails {
			if !yield(name) {
				return
			}
		}
	})
	for i, text := range hostile {
		for j, name := range names {
			if i > 30 && (i+j)%12 != 0 { // the first in every mail, the others in turn
				continue
			}
			judge(t, write(t, fill(mails[name], text), reach))
			if t.Failed() {
				t.Fatalf("%s: %q", name, text)
			}
		}
		rendered, _ := markup.Post(text, markup.Refs{})
		judge(t, write(t, with(reply(), func(l *letters.Letter) { l.Post.Body, l.Post.HTML = text, string(rendered) }), reach))
		if t.Failed() {
			t.Fatalf("as a post: %q", text)
		}
	}
}

// lines reads a corpus, one JSON object a line.
func lines[T any](t testing.TB, path string) (all []T) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var one T
		if err := json.Unmarshal(scanner.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		t.Fatalf("%s is empty", path)
	}
	return all
}

// All mails about one thread have one subject, whatever happened in it.
func TestAThreadKeepsItsSubject(t *testing.T) {
	t.Parallel()
	const want = "[Waste and recycling] How do you stop five missed bin reports for the same street?"
	for _, name := range []string{"instant", "instant_first", "asked", "mentioned", "quoted", "an_answer"} {
		if got := write(t, everyMail()[name], reach).Subject; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	long := with(everyMail()["instant"], func(l *letters.Letter) { l.Thread.Title = strings.Repeat("Bins ", 30)[:150-1] + "?" })
	if got := write(t, long, reach).Subject; got != "[Waste and recycling] "+long.Thread.Title {
		t.Errorf("of the longest title: got %q", got)
	}
}

// Who wants links only gets no word of anybody else's, nor the title they stand under.
func TestLinksOnlyMailsHoldNoWords(t *testing.T) {
	t.Parallel()
	secret := "zzsecret"
	for name, l := range everyMail() {
		if name == "left" || l.Account.Kind != "" {
			continue
		}
		l = with(fill(l, secret), linksOnly)
		l.Thread.Topic, l.Via.Name, l.Via.Kind = "Waste", "Waste", forum.ToTopic
		for i := range l.Digest.Sections {
			for j := range l.Digest.Sections[i].Topics {
				l.Digest.Sections[i].Topics[j].Topic = "Waste"
			}
		}
		for _, via := range []forum.SubjectKind{forum.ToTopic, forum.ToThread, forum.ToPerson} {
			if l.Via.Kind = via; via != forum.ToTopic {
				l.Via.Name = secret
			}
			l.Thread.Slug = "waste-slug"
			w := write(t, l, reach)
			if strings.Contains(w.Subject+w.Text+w.HTML, secret) || strings.Contains(w.Text+w.HTML, "waste-slug") {
				t.Errorf("%s by %s: a word of somebody else's:\n%s\n%s", name, via, w.Subject, w.Text)
			}
		}
	}
}

// A digest's subject says what stands first in it, and how much more there is.
func TestADigestsSubjectSaysWhatIsInIt(t *testing.T) {
	t.Parallel()
	only := func(item letters.Item, threads int) letters.Letter {
		return with(daily(), func(l *letters.Letter) {
			l.Digest.Threads, l.Digest.Sections = threads, []letters.Section{{Key: "digest.active", Topics: []letters.TopicItems{{Topic: "Waste", Slug: "waste", Items: []letters.Item{item}}}}}
		})
	}
	thread := letters.Thread{Title: "Planning back office", Kind: "question"}
	project := letters.Thread{Title: "Bin days", Kind: "project"}
	for want, l := range map[string]letters.Letter{
		"4 new replies: Planning back office (and 2 more)": only(letters.Item{Thread: thread, New: 4, Number: 2}, 3),
		"1 new reply: Planning back office":                only(letters.Item{Thread: thread, New: 1, Number: 2}, 1),
		"New question: Planning back office":               only(letters.Item{Thread: thread, New: 3, Number: 1}, 1),
		"New project: Bin days (and 1 more)":               only(letters.Item{Thread: project, New: 1, Number: 1}, 2),
		"Answer accepted: Planning back office":            only(letters.Item{Thread: thread, Number: 1, Answered: true}, 1),
		"Planning back office":                             only(letters.Item{Thread: thread, Number: 1}, 1),
	} {
		if got := write(t, l, reach).Subject; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// That one can answer by mail is said only where it is so.
func TestAnsweringByMailIsOfferedOnlyWhereItWorks(t *testing.T) {
	t.Parallel()
	const offer = "Answer this email"
	without := write(t, reply(), reach)
	able := write(t, reply(), Links{Base: reach.Base, CanReply: true})
	if strings.Contains(without.Text+without.HTML, offer) || !strings.Contains(able.Text, offer) || !strings.Contains(able.HTML, offer) {
		t.Error("the offer does not follow the links")
	}
}

// Why a mail was not posted is told to who wants links only without the title of a thread,
// which may be for councils alone.
func TestAnAnswerToAMailOfLinksOnlyNamesNoThread(t *testing.T) {
	t.Parallel()
	l := letters.Letter{ID: 1, To: letters.Reader{ID: 2, Name: "Ada", Lang: "en", Address: "ada@northmoor.gov.example"},
		Answer: letters.Answer{Why: "closed", Words: "We did.", ThreadID: 12}, Thread: letters.Thread{ID: 12, Slug: "zzslug", Title: "zzsecret", Lang: "en"}}
	for only, want := range map[bool]bool{false: true, true: false} {
		l.To.LinksOnly = only
		w := write(t, l, reach)
		for where, text := range map[string]string{"subject": w.Subject, "text": w.Text, "page": w.HTML} {
			if strings.Contains(text, "zzsecret") != want {
				t.Errorf("links only %v: the title is in the %s: %v", only, where, !want)
			}
		}
		if only && strings.Contains(w.Text+w.HTML, "zzslug") {
			t.Error("the link says the title")
		}
	}
}

// A digest of what somebody does not follow says why it came, and one beside what they
// follow why it is there.
func TestADigestSaysWhatIsOffered(t *testing.T) {
	t.Parallel()
	for lang, says := range map[string][2]string{"en": {"we think that you could answer a question", "We think that you could answer it"}, "cy": {"y gallech ateb cwestiwn", "y gallech ei ateb"}} {
		follows := map[string]string{"en": "in what you follow", "cy": "yn yr hyn rydych chi’n ei ddilyn"}[lang]
		for _, alone := range []bool{true, false} {
			l := daily()
			l.To.Lang = lang
			help := &l.Digest.Sections[1].Topics[0].Items[0]
			help.Reason = "offered"
			if alone {
				l.Digest.Sections, l.Digest.Threads, l.Digest.More, l.Digest.Over = l.Digest.Sections[1:2], 1, 0, 0
			}
			w := write(t, l, reach)
			for _, body := range []string{strings.Join(strings.Fields(w.Text), " "), w.HTML} {
				if strings.Contains(body, says[0]) != alone || strings.Contains(body, follows) == alone || !strings.Contains(body, says[1]) {
					t.Errorf("alone %v, a digest says\n%s", alone, body)
				}
			}
		}
	}
}
