package resident

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// seen writes what was found, as kind and words.
func seen(body string) string {
	var all []string
	for _, f := range Find(body) {
		all = append(all, string(f.Kind)+" "+body[f.Start:f.End])
	}
	return strings.Join(all, "; ")
}

// What looks like a resident's data is found, however it is written.
func TestResidentsAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, want string }{
		// NHS numbers: 943 476 5919 is the example of the NHS Data Dictionary.
		{"Her NHS number is 943 476 5919.", "nhs 943 476 5919"},
		{"9434765919", "nhs 9434765919"},
		{"943-476-5919", "nhs 943-476-5919"},
		{"(943 476 5919)", "nhs 943 476 5919"},
		{"**9434765919**", "nhs 9434765919"},
		{"Rhif GIG: 4010232137", "nhs 4010232137"},
		{"patient ref 9434765919", "nhs 9434765919"},
		{"| Jones | 943 476 5919 | 2024 |", "nhs 943 476 5919"},
		{"Jones,9434765919,Leeds", "nhs 9434765919"},
		{"943 476 5919 and 401 023 2137", "nhs 943 476 5919; nhs 401 023 2137"},
		{"`9434765919`", "nhs 9434765919"},
		{"```\nnhs=9\nid 12\n943 476 5919\n```", "nhs 943 476 5919"},
		{"９４３ ４７６ ５９１９", "nhs ９４３ ４７６ ５９１９"},
		{"943\u00a0476\u202f5919", "nhs 943\u00a0476\u202f5919"},
		{"943&nbsp;476&nbsp;5919", "nhs 943&nbsp;476&nbsp;5919"},
		{"943\u200b4765\u20609\u00ad19", "nhs 943\u200b4765\u20609\u00ad19"},
		{"943\u2011476\u20135919", "nhs 943\u2011476\u20135919"},
		{"See https://northmoor.gov.uk/a then 9434765919", "nhs 9434765919"},
		// National Insurance numbers
		{"NI number AB123456C", "ni AB123456C"},
		{"AB 12 34 56 C", "ni AB 12 34 56 C"},
		{"AB 12 34 56", "ni AB 12 34 56"},
		{"ab123456c", "ni ab123456c"},
		{"AB-12-34-56-C", "ni AB-12-34-56-C"},
		{"AB 123456 C", "ni AB 123456 C"},
		{"nino: AB123456", "ni AB123456"},
		{"Rhif Yswiriant Gwladol: ab 12 34 56 d", "ni ab 12 34 56 d"},
		{"ＡＢ１２３４５６Ｃ", "ni ＡＢ１２３４５６Ｃ"},
		// births
		{"born 12/03/1951", "birth 12/03/1951"},
		{"DOB: 12.3.51", "birth 12.3.51"},
		{"D.O.B. 12-03-1951", "birth 12-03-1951"},
		{"date of birth\n1951-03-12", "birth 1951-03-12"},
		{"She was born in Leeds on 1st March 1951.", "birth 1st March 1951"},
		{"born March 1, 1951", "birth March 1, 1951"},
		{"12/03/1951 (date of birth)", "birth 12/03/1951"},
		{"dyddiad geni: 3 Mawrth 1951", "birth 3 Mawrth 1951"},
		{"Ganwyd hi ar 3ydd o Fawrth 1951", "birth 3ydd o Fawrth 1951"},
		{"Ganed ef 1af Ionawr 1951", "birth 1af Ionawr 1951"},
		{"Mary Jones, 12/03/1951", "birth 12/03/1951"},
		{"| Siân Llŷr | 12/03/1951 |", "birth 12/03/1951"},
		{"Mrs Jones (12/03/2014)", "birth 12/03/2014"},
		// homes
		{"She lives at 12 High Street, Northmoor NM1 2AB", "home NM1 2AB"},
		{"12a High Street\nNorthmoor\nNM1 2AB", "home NM1 2AB"},
		{"Flat 3, Albion Court, NM12 2AB", "home NM12 2AB"},
		{"12 Heol y Bont, Bangor LL57 1AB", "home LL57 1AB"},
		{"lives at 7 Bryn Glas, EC1A 1BB", "home EC1A 1BB"},
		{"12 high street, ls1 1ur", "home ls1 1ur"},
		{"12 LS1 1UR", "home LS1 1UR"},
		{"12, LS11UR", "home LS11UR"},
		{"W1A 0AX, house number 12", "home W1A 0AX"},
		{"1 Girobank Road, Bootle, GIR 0AA", "home GIR 0AA"},
		{"1 Bay Road, Stanley, FIQQ 1ZZ", "home FIQQ 1ZZ"},
		// addresses and phones
		{"mail jo.bloggs@gmail.com.", "email jo.bloggs@gmail.com"},
		{"<mailto:jo@Hotmail.co.uk>", "email jo@Hotmail.co.uk"},
		{"(jo@outlook.com)", "email jo@outlook.com"},
		{"_jo+x@btinternet.com_", "email jo+x@btinternet.com"},
		{"jo＠icloud.com", "email jo＠icloud.com"},
		{"ring 07123 456789", "mobile 07123 456789"},
		{"07123456789", "mobile 07123456789"},
		{"+44 7123 456 789", "mobile +44 7123 456 789"},
		{"+447123456789", "mobile +447123456789"},
		{"+44 (0)7123 456789", "mobile +44 (0)7123 456789"},
		{"0044 7123 456789", "mobile 0044 7123 456789"},
		{"(07123) 456-789", "mobile 07123) 456-789"},
		{"07624 456789", "mobile 07624 456789"},
		{"07700 901000", "mobile 07700 901000"},
		{"Mary Jones, 12/03/1951, 943 476 5919, 12 High Street, LS1 1UR, 07123 456789, m@aol.com",
			"birth 12/03/1951; nhs 943 476 5919; home LS1 1UR; mobile 07123 456789; email m@aol.com"},
	} {
		if got := seen(c.body); got != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.body, got, c.want)
		}
	}
}

// What councils write about all day is left alone.
func TestWhatIsNoResidentsIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "We moved planning notices online in 2024.",
		"943 476 5918", "9434765910", "0000000000", "1111111111", "94347659190", "x9434765919",
		"UPRN 9434765919", "UPRN: 10033544614", "uprn\n9434765919\n4010232137", "9434765919 (UPRN)", "TOID 9434765919",
		"order number 9434765919", "Order no. 9434765919", "PO 9434765919", "invoice 9434765919", "ORD-9434765919", "#9434765919",
		"ISBN 0306406152", "ISBN 0-306-40615-2", "ISBN 978-0-306-40615-7", "UTR 9434765919", "VAT 943 4765 919", "rhif archeb 9434765919",
		"£9434765919", "0.9434765919", "9434765919%", "timestamp 9434765919", "ref=9434765919",
		"https://northmoor.gov.uk/case/9434765919", "https://northmoor.gov.uk/?nhs=9434765919&d=AB123456C", "[x](https://a.gov.uk/9434765919)",
		"www.northmoor.gov.uk/a-9434765919", "gov.uk/pay/9434765919",
		"+44 943 476 5919", "0044 943 476 5919", "+44 (0)943 476 5919", "Phone 943 476 5919",
		"switchboard 0113 222 4444", "0300 123 1234", "020 7946 0018", "+44 20 7946 0018", "01632 960123", "(0113) 222 4444",
		"QQ123456C", "QQ 12 34 56 C", "BG123456C", "GB123456C", "ZZ123456A", "AO123456A", "DA123456A", "AB123456E", "AB1234567",
		"TQ123456", "SE 123 456", "grid reference SE 123456", "PL123456", "GB123456789", "buses leave at 10 20 30 40", "order AB123456C",
		"a commit ab123456cd", "#AB123456C", "case 24/01234/FUL", "HDJ2123F", "AB12CDE", "SW1A", "1B2C-3D4E",
		"on 12/03/1951", "12 March 2024", "Full Council, 12/03/2024", "Next Review 12/03/2026", "Leeds City Council, 1 April 1974",
		"Planning Committee 12/03/1998", "born in 1951", "DOB 01/01/1900", "dob dd/mm/yyyy", "Mary Jones said on 12/03/1951",
		"Mary Jones, 12/03/2024", "The date of birth field is wrong. We fix it on 12/03/2025.", "version 1.2.2024", "10.0.0.1", "192.168.100.200",
		"v1.2.3", "fe80::1", "2001:db8::9434", "2024-11-25T12:00:00Z",
		"LS1 1UR", "Leeds LS1 1UR", "all homes in LS1 1UR", "SW1A 2AA has 12 properties", "Northmoor Town Hall, 1 High Street, NM1 2AB",
		"Northmoor Council, 44 York Street, Northmoor NM1 2AB", "Ward 3 Leeds LS1 1UR", "on 3 March in LS1 1UR",
		"12 new road closures across the whole town of Leeds LS1 1UR", "12 High Street", "12 High Street\n\nLS1 1UR", "12 High Street, QS1 1UR", "12 High Street, LS1 1CR",
		"PO Box 12, Leeds LS1 1UR",
		"jo@northmoor.gov.uk", "jo@leeds.gov.uk", "@gmail.com", "name@gmail.com", "your.name@hotmail.com", "jo@gmail", "jo@gmailer.com", "@jo", "jo@outlook-council.gov.uk",
		"07700 900123", "+44 7700 900999", "07700900000", "order 07123456789", "UPRN 07123456789", "007123456789", "07012 345678", "07612 345678",
		"07-12-2024 10:30", "0712345678", "071234567890", "https://a.gov.uk/07123456789", "£07123456789", "07123/456789",
	} {
		if got := seen(body); got != "" {
			t.Errorf("%q: got %q", body, got)
		}
	}
}

// What is shown lets the writer know the place, and nobody else the data.
func TestFindingsAreMasked(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"943 476 5919":            "943 ••• ••••",
		"AB 12 34 56 C":           "AB •• •• •• •",
		"dob 12/03/1951":          "12/••/••••",
		"12 High Street, LS1 1UR": "LS1 •••",
		"Jo.Bloggs@gmail.com":     "J•.••••••@gmail.com",
		"07123 456789":            "07123 ••••••",
		"９４３\u00a0476\u200b 5919": "943 ••• ••••",
	} {
		found := Find(body)
		if len(found) != 1 || found[0].Shown != want {
			t.Errorf("%q: got %+v, want %q", body, found, want)
		}
	}
}

// hostile texts are made of beginnings of what is looked for.
var hostileResidents = []string{"9", "943 ", "943 476 ", "943 476 5919 ", "AB ", "AB 12 ", "AB 12 34 56 ", "ab123456", "07", "0712 ", "+44 ", "+44 (0) ", "12/", "12/03/",
	"1 o ", "12 March 1951 ", "Mary ", "d.o.b. ", "born ", "LS1 1UR ", "LS1 1UR no ", "12 High ", "12 High Street ", "order ", "and 1 ", "@", "a@", "a@gmail.com", "jo.",
	"://", "https://", "www.", "&nbsp;", "\u200b", "\u0301", " ", "\n", ".", "-", "é", "９", "\xff", "order 9434765919 ", "Mary Jones, 12/03/1951 LS1 1UR 07123 456789 "}

// However a text is made, each of its bytes is looked at only so many times: twice the
// text is twice the work.
func TestResidentsLookOnceAndNotAgain(t *testing.T) {
	t.Parallel()
	looks := func(piece string, size int) int {
		s := readScan(strings.Repeat(piece, size/len(piece)))
		s.findings()
		return s.looks
	}
	most := 0
	for _, piece := range hostileResidents {
		small, large := looks(piece, 16<<10), looks(piece, 64<<10)
		if large > 5*small+1000 {
			t.Errorf("%q: %d looks at 16 KB, %d at 64 KB", piece, small, large)
		}
		if most = max(most, large); large > 60*64<<10 {
			t.Errorf("%q: %d looks at each byte", piece, large/(64<<10))
		}
	}
	t.Logf("at most %d looks at each byte", most/(64<<10))
}

// A finding is a part of the text, whole letters, behind the one before it.
func FuzzFind(f *testing.F) {
	for _, piece := range hostileResidents {
		f.Add(strings.Repeat(piece, 3))
	}
	f.Add("ſſ123456C ÿ@gmail.com 12İ High Street LS1 1UR")
	f.Fuzz(func(t *testing.T, body string) {
		end := 0
		for _, found := range Find(body) {
			if found.Start < end || found.End <= found.Start || found.End > len(body) {
				t.Fatalf("%q: %+v behind %d", body, found, end)
			}
			end = found.End
			if utf8.ValidString(body) && !utf8.ValidString(body[found.Start:end]) {
				t.Errorf("%q: %+v cuts a letter", body, found)
			}
			if !strings.Contains(found.Shown, "•") && found.Kind != FoundEmail {
				t.Errorf("%q: %+v hides nothing", body, found)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	texts := map[string]string{"prose": strings.Repeat("We moved **planning notices** online in 2024, and *nobody* rang 0113 222 4444; see `a_b`. ", 700)}
	for i, piece := range hostileResidents {
		texts[fmt.Sprintf("hostile%d", i)] = strings.Repeat(piece, (64<<10)/len(piece))
	}
	for what, text := range texts {
		b.Run(what, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Find(text)
			}
		})
	}
}
