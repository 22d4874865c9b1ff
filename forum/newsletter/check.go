package newsletter

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// Finding is something to look at before an issue goes out, or that is well: a key of the
// catalogue and its values.
type Finding struct {
	Key  string
	Args []any
	Good bool
}

// Bounds of what is well: the signs of a subject that mail programs show on a phone, and
// the age at which most people can read it.
const (
	subjectShown = 60
	ageMost      = 14
	ageWords     = 30 // fewer tell nothing of how it reads
)

var (
	pictureBare = regexp.MustCompile(`!\[\s*\]\(`)
	linkBare    = regexp.MustCompile(`(?i)\[\s*(?:here|click here|this|link|more|read more|yma|cliciwch yma|rhagor)\s*\]\(`)
)

// Findings are what can be told of an issue by itself: its subject, what a visitor may not
// see, parts without anything in them, councils that are about to be elected, how it reads, and what a picture or a link does not
// say.
func (p ComposePage) Findings() (all []Finding) {
	add := func(bad bool, key string, args ...any) {
		if bad {
			all = append(all, Finding{Key: "newsletters.check_" + key, Args: args})
		} else {
			all = append(all, Finding{Key: "newsletters.check_" + key + "_good", Args: args, Good: true})
		}
	}
	n := utf8.RuneCountInString(p.Subject)
	add(n > subjectShown, "subject", "Count", n, "Max", subjectShown)
	add(p.Issue.Empty(), "content")
	gone, bare := 0, 0
	var said strings.Builder
	pictures, links := false, false
	for _, b := range p.Blocks {
		if gone += p.Gone(b.ID); b.Empty() {
			bare++
		}
		pictures = pictures || pictureBare.MatchString(b.Body)
		links = links || linkBare.MatchString(b.Body)
		said.WriteString(markup.Text(b.HTML, bodyMost) + ".\n")
	}
	add(gone > 0, "gone", "Count", gone)
	if bare > 0 {
		add(true, "bare", "Count", bare)
	}
	if len(p.Elections) > 0 && p.ApprovedBy == 0 {
		add(true, "election", "Names", strings.Join(p.Elections, ", "))
	}
	add(pictures, "pictures")
	add(links, "words")
	if age, ok := ReadingAge(said.String()); ok && p.Lang == "en" {
		add(age > ageMost, "age", "Age", age)
	}
	return all
}

// ReadingAge is the age at which somebody can read an English text, in years, by the
// Automated Readability Index (Smith and Senter, AMRL-TR-66-220, 1967): the school year that it gives,
// and five. It is not known of a few words.
func ReadingAge(text string) (age int, ok bool) {
	signs, words, sentences := 0, 0, 0
	open := false
	for _, word := range strings.Fields(text) {
		letters := 0
		for _, r := range word {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				letters++
			}
		}
		if letters > 0 {
			words++
			signs += letters
			open = true
		}
		if open && strings.ContainsAny(word[len(word)-1:], ".!?") {
			sentences++
			open = false
		}
	}
	if open {
		sentences++
	}
	if words < ageWords {
		return 0, false
	}
	year := 4.71*float64(signs)/float64(words) + 0.5*float64(words)/float64(sentences) - 21.43
	return max(5, int(year+5.5)), true
}

// Unseen are those of some threads, by their numbers in addresses, that a visitor may not
// see, or that are not there.
func (s *Store) Unseen(ctx context.Context, numbers []string) (hidden []int64, err error) {
	var ids []int64
	for _, number := range numbers {
		if id, err := strconv.ParseInt(number, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	var rows []struct{ ID int64 }
	var b pgx.Batch
	b.Queue(`
		select distinct v.id from unnest(@ids::bigint[]) v (id) where not exists (
			select from threads m join threads t on t.id = coalesce(m.merged_into, m.id) where m.id = v.id and `+forum.Visible+`) order by v.id`,
		asVisitor(pgx.NamedArgs{"ids": ids})).Query(forum.Into(&rows))
	err = s.Send(ctx, &b)
	for _, r := range rows {
		hidden = append(hidden, r.ID)
	}
	return hidden, err
}
