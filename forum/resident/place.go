package resident

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// months are their names in English and Welsh, there also as they are after "o".
var months = func() map[string]int {
	all := map[string]int{}
	for i, names := range strings.Split(`january jan ionawr|february feb chwefror|march mar mawrth fawrth|april apr ebrill|
		may mai fai|june jun mehefin fehefin|july jul gorffennaf orffennaf|august aug awst|september sep sept medi fedi|
		october oct hydref|november nov tachwedd dachwedd|december dec rhagfyr ragfyr`, "|") {
		for name := range set(names) {
			all[name] = i + 1
		}
	}
	return all
}()

// What is said of a birth, in English and Welsh; titles of people; and words that begin
// with a capital and are nobody's name.
var (
	ofBirths = set(`born dob birth birthday birthdate ganwyd ganed geni eni anwyd penblwydd`)
	titles   = set(`mr mrs ms miss mx dr master sir lady mstr resident tenant client preswylydd bnr bns`)
	noNames  = set(`council cyngor city borough county district parish committee cabinet board team service services department
		act order regulations bill street road date review updated published version meeting minutes agenda from on since
		effective the of by last next start end due issued closing deadline release released monday tuesday wednesday
		thursday friday saturday sunday full annual general special policy plan strategy report today and`)
)

// birth finds a full date that is said to be of a birth, or that stands right behind a
// person's name. Behind a name without a title it counts only if nobody could take it
// for the date of a meeting: so far back go few of the dates that colleagues write.
func (s *scan) birth(i int) int {
	n, year := s.date(i)
	if n == 0 || !s.alone(i, i+n) {
		return 0
	}
	full := len(s.word(i)) == 4 || len(s.word(i+n-1)) == 4
	if s.saidOfBirth(i, i+n) || full && s.behindName(i, year) {
		return n
	}
	return 0
}

// date reads a date and returns how many words it has, and its year.
func (s *scan) date(i int) (n, year int) {
	first, second, third := s.lower(i), s.lower(i+1), s.lower(i+2)
	switch {
	case second == "o" && isDay(first) && months[third] > 0: // 3ydd o Fawrth 1951
		if year, ok := isYear(s.word(i + 3)); ok {
			return 4, year
		}
	case s.joined(i+1, "/.-,") && s.joined(i+2, "/.-,"):
		if len(first) == 4 && isDigits(first) { // ISO 8601
			first, second, third = second, third, first
		}
		if year, ok := isYear(third); ok && isDayOfMonth(first, second) && s.agree(i) {
			return 3, year
		}
	}
	return 0, 0
}

// agree reports whether a date of three words has a month's name, or the same sign twice.
func (s *scan) agree(i int) bool {
	return months[s.lower(i)] > 0 || months[s.lower(i+1)] > 0 || s.gap(i+1) == s.gap(i+2)
}

// isDayOfMonth reads 12 March, March 12, 12 3 and, for those who write so, 3 12.
func isDayOfMonth(first, second string) bool {
	return isDay(first) && (months[second] > 0 || isMonth(second)) || (months[first] > 0 || isMonth(first)) && isDay(second)
}

func isMonth(word string) bool {
	n, err := strconv.Atoi(word)
	return err == nil && len(word) <= 2 && n >= 1 && n <= 12
}

// isDay reads a day of a month, as 1, 1st or 1af.
func isDay(word string) bool {
	digits := word[:len(word)-len(strings.TrimLeft(word, "0123456789"))]
	n, err := strconv.Atoi(digits)
	switch word[len(digits):] {
	case "", "st", "nd", "rd", "th", "af", "ail", "il", "ydd", "edd", "fed", "eg", "ain":
		return err == nil && len(digits) <= 2 && n >= 1 && n <= 31
	}
	return false
}

// isYear reads a year in which somebody may be born who lives: the UK GDPR is of the
// living (recital 27), and 1 January 1900 is what programs say for not knowing.
func isYear(word string) (year int, ok bool) {
	if !isDigits(word) || len(word) != 2 && len(word) != 4 {
		return 0, false
	}
	year, _ = strconv.Atoi(word)
	return year, len(word) == 2 || year >= 1905 && year < 2100
}

// saidOfBirth reports whether the sentence says so before the words from i, or right
// behind them.
func (s *scan) saidOfBirth(i, end int) bool {
	for k := end; k < min(end+3, len(s.words)) && len(s.gap(k)) <= 3 && !strings.Contains(s.gap(k), "\n"); k++ {
		if ofBirths[s.lower(k)] || s.initials(k) {
			return true
		}
	}
	if word := s.lower(i - 1); strings.HasPrefix(s.gap(i), ".") && (word == "b" || word == "g") {
		return true
	}
	return s.isBorn(i)
}

func (s *scan) isBorn(i int) bool {
	for k := i - 1; k >= max(0, i-10); k-- {
		if ofBirths[s.lower(k)] || s.initials(k-2) {
			return true
		}
		if s.endsSentence(k) {
			break
		}
	}
	return false
}

// endsSentence reports whether a sentence or a paragraph ends behind a word that is no
// initial.
func (s *scan) endsSentence(k int) bool {
	gap := s.gap(k + 1)
	return strings.Count(gap, "\n") > 1 || len(s.word(k)) > 1 && strings.ContainsAny(gap, ".!?")
}

// initials reports whether d.o.b. stands at k.
func (s *scan) initials(k int) bool {
	return k >= 0 && s.lower(k) == "d" && s.lower(k+1) == "o" && s.lower(k+2) == "b"
}

// behindName reports whether a date stands right behind the name of a person.
func (s *scan) behindName(i, year int) bool {
	if gap := s.gap(i); i < 2 || len(gap) > 6 || strings.Trim(gap, " \t,;:|(-*_") != "" {
		return false
	}
	if !s.isName(i-1) || strings.ContainsAny(s.gap(i-1), "\n|;:/") {
		return false
	}
	for k := i - 2; k >= max(0, i-4); k-- {
		if titles[s.lower(k)] {
			return true
		}
		if !s.isName(k) {
			break
		}
	}
	return year < 2010 && s.isName(i-2) && len(s.word(i-2)) > 1
}

// isName reports whether a word begins with a capital and may be a name, in Welsh as well.
func (s *scan) isName(i int) bool {
	word := s.word(i)
	r, _ := utf8.DecodeRuneInString(word)
	lower := strings.ToLower(word)
	return unicode.IsUpper(r) && strings.IndexFunc(word, unicode.IsDigit) < 0 && !noNames[lower] && months[lower] == 0
}

// Words of an address: what a house's number is called, which streets are called, in
// English behind their name and in Welsh before it; where one lives; whose address is no
// person's; and what has numbers and is no house.
var (
	ofHouses    = set(`flat fflat apartment apt house door property tŷ plot`)
	streets     = set(`street st road rd lane ln avenue ave drive crescent terrace gardens grove heol stryd ffordd lôn lon rhodfa rhes teras`)
	capStreets  = set(`close way court place hill green view row square mews walk park rise clos maes bryn cwm trem gerddi parc`)
	livesAt     = set(`at yn address cyfeiriad from to of near and visited a i ger`)
	notPeople   = set(`council cyngor hall neuadd civic guildhall centre canolfan library llyfrgell hospital ysbyty surgery school ysgol university prifysgol office offices swyddfa ltd limited plc headquarters depot station`)
	otherCounts = set(`ward version phase step level zone day room page section table tier part item top windows q box floor line bus route article`)
)

// home finds a full postcode with the number of a house near it.
func (s *scan) home(i int) int {
	n := s.postcode(i)
	if n == 0 || !s.alone(i, i+n) {
		return 0
	}
	if s.numberBehind(i + n) {
		return n
	}
	house := false
	for k := i - 1; k >= max(0, i-16); k-- {
		gap := s.gap(k + 1)
		if strings.Count(gap, "\n") > 1 {
			break
		}
		if strings.ContainsAny(gap, ",\n") && notPeople[s.lower(k)] {
			return 0
		}
		house = house || s.isHouse(k, i)
	}
	if house {
		return n
	}
	return 0
}

// postcode returns how many words of a postcode begin at i: area, district, sector and
// unit after BS 7666-2 and Royal Mail, also GIR 0AA and the territories overseas. In
// lower case it must have its space.
func (s *scan) postcode(i int) int {
	word := s.word(i)
	if n := len(word); n >= 5 && n <= 7 && word == strings.ToUpper(word) && isOutward(word[:n-3]) && isInward(word[n-3:]) {
		return 1
	}
	if len(word) < 2 || len(word) > 4 || !s.joined(i+1, "") || !isOutward(strings.ToUpper(word)) || !isInward(strings.ToUpper(s.word(i+1))) {
		return 0
	}
	return 2
}

func isOutward(code string) bool {
	switch code {
	case "GIR", "ASCN", "BBND", "BIQQ", "FIQQ", "PCRN", "SIQQ", "STHL", "TDCU", "TKCA":
		return true
	}
	letters := len(code) - len(strings.TrimLeft(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	if letters == 0 || letters > 2 || strings.Contains("QVX", code[:1]) || letters == 2 && strings.Contains("IJZ", code[1:2]) {
		return false
	}
	last := "ABEHMNPRVWXY" // of AA9A
	if letters == 1 {
		last = "ABCDEFGHJKPSTUW" // of A9A
	}
	switch rest := code[letters:]; len(rest) {
	case 1:
		return isDigits(rest)
	case 2:
		return isDigits(rest[:1]) && (isDigits(rest[1:]) || strings.Contains(last, rest[1:]))
	}
	return false
}

func isInward(code string) bool {
	return len(code) == 3 && isDigits(code[:1]) && strings.Trim(code[1:], "ABDEFGHJLNPQRSTUWXYZ") == ""
}

// isNumber reports whether a word may be a house's number: 7, 12a.
func (s *scan) isNumber(k int) bool {
	word := s.lower(k)
	digits := strings.TrimRight(word, "abcdefgh")
	return isDigits(digits) && len(digits) <= 4 && len(word)-len(digits) <= 1 && s.begins(k)
}

// isCalled reports whether the words before k call it the number of a house.
func (s *scan) isCalled(k int) bool {
	switch word := s.lower(k - 1); word {
	case "no", "number", "rhif":
		return ofHouses[s.lower(k-2)] || k == 1 || strings.ContainsAny(s.gap(k-1), ",(:;\n") || livesAt[s.lower(k-2)]
	default:
		return ofHouses[word]
	}
}

// isHouse reports whether the word at k is the number of a house before the postcode at end.
func (s *scan) isHouse(k, end int) bool {
	if !s.isNumber(k) || months[s.lower(k+1)] > 0 || otherCounts[s.lower(k-1)] {
		return false
	}
	if s.isCalled(k) || s.inStreet(k, end) {
		return true
	}
	if k == end-1 {
		year, _ := isYear(s.word(k))
		return s.joined(end, ",") && year < 100
	}
	begins := strings.ContainsAny(s.gap(k), ",;:|(\n") || livesAt[s.lower(k-1)]
	return (begins || k == 0) && s.isName(k+1) && s.joined(k+1, ",")
}

// inStreet reports whether the name of a street follows the number at k.
func (s *scan) inStreet(k, end int) bool {
	for street := k + 1; street < min(end, k+5) && s.joined(street, ",'’"); street++ {
		r, _ := utf8.DecodeRuneInString(s.word(street))
		word := s.lower(street)
		if unicode.IsUpper(r) && (streets[word] || capStreets[word]) || streets[word] && street > k+1 && street >= end-2 {
			return true
		}
	}
	return false
}

// numberBehind reports whether the postcode that ends at end is followed by what is
// called the number of a house.
func (s *scan) numberBehind(end int) bool {
	for k := end; k < min(end+5, len(s.words)); k++ {
		if strings.Contains(s.gap(k), "\n") {
			return false
		}
		if k > end && s.isNumber(k) && s.isCalled(k) {
			return true
		}
	}
	return false
}
