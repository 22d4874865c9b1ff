package resident

import "strings"

// set is the words of a text.
func set(words string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		all[word] = true
	}
	return all
}

// What stands before a number says what it is: a resident's, in English or Welsh;
// something else's; or nothing, and one looks further back.
var (
	ofResidents = set(`nhs gig chi ni nin nino insurance yswiriant gwladol patient patients claf cleifion`)
	ofThings    = set(`uprn uprns usrn toid isbn isbns issn order orders archeb invoice invoices anfoneb po ref refs reference
		references cyf cyfeirnod account accounts acct cyfrif vat utr ticket tickets id ids company charity serial sku barcode
		ean meter mpan mprn parcel tracking permit licence timestamp epoch unix gbp eur cost costs total budget`)
	ofPhones = set(`tel telephone phone phones ffôn fax switchboard landline`)
	neutral  = set(`number numbers no nos nr num rhif rhifau is are was the a of for our your and or to from code codes s`)
)

// lookBack is how many words before a number may say what it is.
const lookBack = 12

// isThing reports whether the words before i, or the one at end in brackets, say that
// a number is not a resident's.
func (s *scan) isThing(i, end int, things ...map[string]bool) bool {
	thing := false
	says := func(word string) {
		for _, of := range things {
			thing = thing || of[word]
		}
	}
	if strings.HasPrefix(s.gap(end), " (") {
		says(s.lower(end))
	}
	for k := i - 1; k >= max(0, i-lookBack); k-- {
		word, before := s.lower(k), thing
		if ofResidents[word] {
			return false
		}
		if says(word); thing && !before || neutral[word] || isDigits(word) {
			continue
		}
		break
	}
	return thing
}

func isDigits(word string) bool {
	return word != "" && strings.Trim(word, "0123456789") == ""
}

// nhs finds an NHS number: ten digits, as one or as 3, 3 and 4, the last a check of the
// others (NHS Data Dictionary, NHS NUMBER). Nothing else tells it from an ISBN of ten
// digits, whose check is the same.
func (s *scan) nhs(i int) int {
	n := s.tenDigits(i)
	if n == 0 || !s.alone(i, i+n) || s.isAbroad(i) || s.isThing(i, i+n, ofThings, ofPhones) {
		return 0
	}
	return n
}

// tenDigits counts the words of ten digits that check.
func (s *scan) tenDigits(i int) int {
	digits, n := s.word(i), 1
	if !isDigits(digits) {
		return 0
	}
	for ; len(digits) == 3 || len(digits) == 6; n++ {
		next := s.word(i + n)
		if !isDigits(next) || !s.joined(i+n, "-") {
			return 0
		}
		digits += next
	}
	if len(digits) != 10 || !checksNHS(digits) {
		return 0
	}
	return n
}

// checksNHS is the Modulus 11 of the NHS Data Dictionary: the digits times 11 less their
// place, the check counted once, are a multiple of 11. Ten times one digit is a filler.
func checksNHS(digits string) bool {
	sum := 0
	for place, digit := range []byte(digits) {
		sum += int(digit-'0') * (10 - place)
	}
	return sum%11 == 0 && strings.Trim(digits, digits[:1]) != ""
}

// isAbroad reports whether +44, 0044 or (0) stands before a number: it is a phone's.
func (s *scan) isAbroad(i int) bool {
	word, gap := s.word(i-1), s.gap(max(i-1, 0))
	return i > 0 && !strings.Contains(s.gap(i), "\n") && isDigits(word) && len(word) <= 4 &&
		(strings.HasSuffix(gap, "+") || strings.HasPrefix(word, "00") || word == "0" && strings.HasPrefix(s.gap(i), ")"))
}

// insurance finds a National Insurance number: two letters, six digits in pairs or not,
// and A to D (HMRC, NIM39110). Where the last letter is not there, it is taken for one
// only in pairs or behind its name: so look grid references and half of all others.
func (s *scan) insurance(i int) int {
	text, n := s.letterPairs(i)
	if n == 0 || !s.alone(i, i+n) || s.isThing(i, i+n, ofThings) {
		return 0
	}
	if full := len(text) == 9; full && n == 1 || isUpper(text[:2]) && (full || n == 4) || s.isNamed(i) {
		return n
	}
	return 0
}

// letterPairs reads the words of a National Insurance number: they end behind any pair.
func (s *scan) letterPairs(i int) (text string, n int) {
	if text, n = s.word(i), 1; len(text) < 2 || !isPrefix(text[:2]) {
		return "", 0
	}
	for ; len(text) < 8 && len(text)%2 == 0; n++ {
		next := s.word(i + n)
		if next == "" || !s.joined(i+n, "-") {
			return "", 0
		}
		text += next
	}
	if last := s.lastLetter(i+n, n == 4); len(text) == 8 && last != "" {
		text, n = text+last, n+1
	}
	if !isInsurance(text) {
		return "", 0
	}
	return text, n
}

// lastLetter is the letter by itself behind the digits. "A" may begin what follows.
func (s *scan) lastLetter(i int, pairs bool) string {
	if last := s.word(i); isSuffix(last) && s.joined(i, "-") && (pairs || last != "A") {
		return last
	}
	return ""
}

func isInsurance(text string) bool {
	return len(text) >= 8 && isDigits(text[2:8]) && (len(text) == 8 || isSuffix(text[8:]))
}

func isUpper(letters string) bool { return letters == strings.ToUpper(letters) }

// isPrefix holds the letters that NIM39110 rules out.
func isPrefix(two string) bool {
	for _, letter := range []byte(two) {
		if letter |= 0x20; letter < 'a' || letter > 'z' || strings.IndexByte("dfiquv", letter) >= 0 {
			return false
		}
	}
	two = strings.ToUpper(two)
	return two[1] != 'O' && !strings.Contains("BG GB KN NK NT TN ZZ", two)
}

func isSuffix(letter string) bool { return len(letter) == 1 && strings.Contains("ABCDabcd", letter) }

// isNamed reports whether a number is called one of residents.
func (s *scan) isNamed(i int) bool {
	for k := i - 1; k >= max(0, i-lookBack); k-- {
		if word := s.lower(k); ofResidents[word] || !neutral[word] {
			return ofResidents[word]
		}
	}
	return false
}

// mobile finds a mobile phone's number: 071 to 075 and 077 to 079, and 07624 of the Isle
// of Man (Ofcom, National Telephone Numbering Plan), also with 44 for the first 0.
// 07700 900000 to 900999 are nobody's: Ofcom keeps them for drama.
func (s *scan) mobile(i int) int {
	plus := strings.HasSuffix(s.gap(i), "+")
	if !startsMobile(s.word(i), plus) {
		return 0
	}
	digits, n := s.word(i), 1
	for ; len(subscriber(digits)) < 10; n++ {
		next := s.word(i + n)
		if !isDigits(next) || len(next) < 2 && next != "0" || !s.joined(i+n, "-.()") {
			return 0
		}
		digits += next
	}
	if !isMobile(subscriber(digits)) || !plus && !s.begins(i) || !s.ends(i+n) || s.isThing(i, i+n, ofThings) {
		return 0
	}
	return n
}

// startsMobile reports whether digits may be the first of a mobile phone's number.
func startsMobile(digits string, plus bool) bool {
	return isDigits(digits) && (strings.HasPrefix(digits, "07") && len(digits) >= 4 ||
		strings.HasPrefix(digits, "0044") || plus && strings.HasPrefix(digits, "44"))
}

// subscriber is a number without what stands for the country.
func subscriber(digits string) string {
	digits = strings.TrimPrefix(digits, "00")
	if !strings.HasPrefix(digits, "0") {
		digits = strings.TrimPrefix(digits, "44")
	}
	return strings.TrimPrefix(digits, "0")
}

func isMobile(national string) bool {
	return len(national) == 10 && national[0] == '7' && (national[1] != '0' && national[1] != '6' || strings.HasPrefix(national, "7624")) &&
		!strings.HasPrefix(national, "7700900")
}

// private are the providers whose addresses people have at home; the first part of a
// name that has .com, .co.uk and others, or all of it.
var private = set(`gmail googlemail hotmail outlook live msn yahoo ymail rocketmail icloud me.com mac.com aol btinternet
	btopenworld sky.com talktalk.net tiscali.co.uk virginmedia virgin.net ntlworld blueyonder.co.uk plus.com o2.co.uk
	orange.net protonmail proton.me pm.me mail.com gmx tutanota fastmail talk21 freeserve.co.uk wanadoo.co.uk lineone.net
	duck.com yandex qq.com wp.pl o2.pl onet.pl interia.pl`)

// nobody are names that stand for any.
var nobody = set(`example name firstname.lastname first.last your.name yourname you someone user username test noreply no-reply`)

// emails finds addresses at private providers.
func (s *scan) emails() (found []Finding) {
	for at := range len(s.text) {
		if s.text[at] != '@' {
			continue
		}
		from, to := at, at+1
		for from > max(0, at-64) && isLocal(s.text[from-1]) { // RFC 5321 §4.5.3.1.1
			from--
		}
		for to < min(len(s.text), at+maxWord) && isDomain(s.text[to]) {
			to++
		}
		s.looks += to - from
		local := strings.TrimLeft(s.text[from:at], ".-_'*~+%")
		domain := strings.TrimRight(s.text[at+1:to], ".-")
		if name, _, _ := strings.Cut(strings.ToLower(domain), "."); domain == name || !private[name] && !private[strings.ToLower(domain)] {
			continue
		}
		if local != "" && !nobody[strings.ToLower(local)] {
			found = append(found, s.finding(FoundEmail, at-len(local), at+1+len(domain), 1))
		}
	}
	return found
}

func isLocal(c byte) bool { return isDomain(c) || strings.IndexByte("_+%'*~", c) >= 0 }
func isDomain(c byte) bool {
	lower := c | 0x20
	return lower >= 'a' && lower <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-'
}
