package wording

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// alike are signs that one keyboard makes in the place of another.
var alike = map[rune]rune{
	'’': '\'', '‘': '\'', '‛': '\'', '′': '\'', 'ʼ': '\'', 'ʹ': '\'', '´': '\'', '“': '"', '”': '"', '„': '"', '″': '"',
	'‐': '-', '‑': '-', '‒': '-', '–': '-', '—': '-', '―': '-', '−': '-', '⁄': '/',
}

// invisible are the characters beside those of format that nobody sees: variation
// selectors, and letters made to be empty.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x115f, Hi: 0x1160, Stride: 1}, {Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, {Lo: 0x180b, Hi: 0x180f, Stride: 1},
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, {Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, {Lo: 0xffa0, Hi: 0xffa0, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0xe0000, Hi: 0xe0fff, Stride: 1}},
}

// unseen is true of what is nothing by itself: characters of format, which nobody
// sees, and accents, with which or without a name is the same.
func unseen(r rune) bool {
	if r < 0x80 {
		return r < ' ' && !unicode.IsSpace(r) || r == 0x7f
	}
	return r >= 0x300 && r <= 0x36f || unicode.In(r, unicode.Cf, invisible) || r >= 0x80 && r < 0xa0 && r != 0x85
}

// appendFolded appends what a character is compared as: full-width and joined letters
// as what they are made of, without accents, capitals as small letters.
func appendFolded(b []byte, r rune, cased bool) []byte {
	if same, ok := alike[r]; ok {
		r = same
	}
	if r < utf8.RuneSelf {
		return utf8.AppendRune(b, lower(r, cased))
	}
	var typed [utf8.UTFMax]byte
	n := utf8.EncodeRune(typed[:], r)
	if norm.NFKD.IsNormal(typed[:n]) {
		return appendLower(b, r, cased)
	}
	for _, part := range string(norm.NFKD.Append(nil, typed[:n]...)) {
		if same, ok := alike[part]; ok {
			part = same
		}
		if !unseen(part) {
			b = appendLower(b, part, cased)
		}
	}
	return b
}

func appendLower(b []byte, r rune, cased bool) []byte {
	if !cased && (r == 'ß' || r == 'ẞ') {
		return append(b, "ss"...)
	}
	return utf8.AppendRune(b, lower(r, cased))
}

// lower is a letter as it is compared: by way of its capital, for some have two small
// forms (ς and σ).
func lower(r rune, cased bool) rune {
	if cased {
		return r
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

// folded are the letters of the nearer alphabets that are compared as one letter, and
// as which: most texts have no others.
var folded = func() (f [0x600]rune) {
	for r := rune(0xa0); int(r) < len(f); r++ {
		if unseen(r) {
			continue
		}
		if one := []rune(string(appendFolded(nil, r, false))); len(one) == 1 {
			f[r] = one[0]
		}
	}
	return f
}()
