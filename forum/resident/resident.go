// Package resident finds in a text what looks like the personal data of residents,
// which a post should not tell.
package resident

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind says what a Finding looks like.
type Kind string

// What is looked for in a post.
const (
	FoundNHS    Kind = "nhs"    // an NHS number
	FoundNI     Kind = "ni"     // a National Insurance number
	FoundBirth  Kind = "birth"  // a date of birth
	FoundHome   Kind = "home"   // a postcode with a house number; the finding is the postcode
	FoundEmail  Kind = "email"  // an address at a provider for private people
	FoundMobile Kind = "mobile" // a mobile phone's number
)

// Finding is a place in a text that looks like personal data of a resident. It has
// no copy of the data, so that it may be logged: who needs it has the text.
type Finding struct {
	Kind       Kind
	Start, End int    // bytes of the text
	Shown      string // for the writer to know it by, most of it masked
}

// Find finds in the source of a post what looks like personal data of residents,
// in the order of the text, none overlapping another. It looks everywhere, in code too.
// It would rather miss what nothing tells from an order number than be a nuisance, for
// a check that is often wrong is one that people learn to click away. Each word is
// looked at a bounded number of times.
func Find(body string) []Finding {
	return readScan(body).findings()
}

// scan is a text made ready to be looked through.
type scan struct {
	body  string
	text  string // what is meant by body: plain digits, hyphens and spaces, nothing unseen
	at    []int  // of each byte of text where it begins in body, and of the end
	words []part
	looks int // bytes looked at, for a test
}

// part is a run of letters and digits in a scan's text.
type part struct {
	from, to int
	link     bool // of a web address
}

func readScan(body string) *scan {
	s := &scan{body: body, at: make([]int, 0, len(body)+1)}
	var text strings.Builder
	entity := 0
	for i, r := range body {
		if strings.HasPrefix(body[i:], "&nbsp;") {
			entity, r = i+len("&nbsp;"), ' '
		} else if i < entity {
			continue
		}
		if r = meant(r); r < 0 {
			continue
		}
		text.WriteRune(r)
		for len(s.at) < text.Len() {
			s.at = append(s.at, i)
		}
	}
	s.text, s.at = text.String(), append(s.at, len(body))
	s.cut()
	return s
}

// meant is the plain character that somebody means who writes r; -1 if it is not seen.
func meant(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return r
	case r >= '！' && r <= '～': // full width
		return r - '！' + '!'
	case r >= 0x1d7ce && r <= 0x1d7ff: // mathematical digits
		return '0' + (r-0x1d7ce)%10
	case unicode.In(r, unicode.Cf, unicode.M):
		return -1
	case strings.ContainsRune("\u0085\u2028\u2029", r):
		return '\n'
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Pd, r) || r == '−':
		return '-'
	}
	return r
}

// cut finds the words. A web address goes on until white space or what ends a link.
func (s *scan) cut() {
	from, end, link := -1, 0, false
	for i, r := range s.text + "\n" {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if from < 0 {
				from = i
				link = (link || strings.HasSuffix(s.text[end:i], "://")) && !strings.ContainsAny(s.text[end:i], " \t\n<>\"`|)")
			}
			continue
		}
		if from >= 0 {
			link = link || r == '.' && strings.EqualFold(s.text[from:i], "www")
			s.words = append(s.words, part{from, i, link})
			from, end = -1, i
		}
	}
}

// word is the i-th word; empty where there is none.
func (s *scan) word(i int) string {
	if i < 0 || i >= len(s.words) {
		return ""
	}
	w := s.text[s.words[i].from:min(s.words[i].to, s.words[i].from+maxWord)]
	s.looks += len(w)
	return w
}

// maxWord is how much of a word is looked at; what we look for is shorter.
const maxWord = 40

func (s *scan) lower(i int) string { return strings.ToLower(s.word(i)) }

// gap is what stands before the i-th word, or behind the last.
func (s *scan) gap(i int) string {
	from, to := 0, len(s.text)
	if i > 0 {
		from = s.words[min(i, len(s.words))-1].to
	}
	if i < len(s.words) {
		to = s.words[i].from
	}
	s.looks += to - from
	return s.text[from:to]
}

// joined reports whether nothing but a space or what of signs stands before a word.
func (s *scan) joined(i int, signs string) bool {
	if i <= 0 || i >= len(s.words) {
		return false
	}
	gap := s.gap(i)
	return gap != "" && len(gap) <= 3 && strings.Trim(gap, " \t"+signs) == ""
}

// alone reports whether the words from i to end are not part of something longer, such
// as a price, a decimal, a path or a reference with hyphens.
func (s *scan) alone(i, end int) bool { return s.begins(i) && s.ends(end) }

func (s *scan) begins(i int) bool {
	gap := s.gap(i)
	if i > 0 && (gap == "." || gap == "-" || gap == "_") {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(gap)
	return gap == "" || !strings.ContainsRune(`#/=+@%&\$£€`, last)
}

func (s *scan) ends(end int) bool {
	gap := s.gap(end)
	glued := end < len(s.words) && slices.Contains([]string{".", "-", "_", "/", "="}, gap)
	return !glued && !strings.HasPrefix(gap, "%") && !strings.HasPrefix(gap, "@")
}

// rules find something that begins with the i-th word, and return how many words it
// has; 0 for none.
var rules = []struct {
	kind Kind
	find func(s *scan, i int) int
	show int // how many letters and digits of it are shown
}{
	{FoundNHS, (*scan).nhs, 3},
	{FoundNI, (*scan).insurance, 2},
	{FoundMobile, (*scan).mobile, 5},
	{FoundBirth, (*scan).birth, 2},
	{FoundHome, (*scan).home, 3},
}

func (s *scan) findings() []Finding {
	found := s.emails()
	for i := 0; i < len(s.words); i++ {
		if s.words[i].link {
			continue
		}
		for _, rule := range rules {
			if n := rule.find(s, i); n > 0 {
				from, to := s.words[i].from, s.words[i+n-1].to
				if strings.HasSuffix(s.text[:from], "+") { // of +44
					from--
				}
				found = append(found, s.finding(rule.kind, from, to, rule.show))
				i += n - 1
				break
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) })
	end := 0
	return slices.DeleteFunc(found, func(f Finding) bool {
		over := f.Start < end
		end = max(end, f.End)
		return over
	})
}

// finding is a part of text as it stands in the body.
func (s *scan) finding(kind Kind, from, to, show int) Finding {
	return Finding{Kind: kind, Start: s.at[from], End: s.at[to], Shown: mask(s.text[from:to], show)}
}

// mask hides all letters and digits but the first few, and shows an address's domain.
func mask(text string, show int) string {
	domain := strings.LastIndexByte(text, '@') + 1
	hide := text[:domain]
	if domain == 0 {
		hide, domain = text, len(text)
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if show--; show < 0 {
				return '•'
			}
		}
		return r
	}, hide) + text[domain:]
}
