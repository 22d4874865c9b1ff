package mail_test

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"moothall/app/mail"
)

var update = flag.Bool("update", false, "write down what is found in the mails of testdata/replies")

// Of the mails of every program that people write with, in English and Welsh, just their
// own words are found.
func TestTheWordsThatSomebodyWroteAreFound(t *testing.T) {
	t.Parallel()
	mails, err := filepath.Glob("testdata/replies/*.eml")
	if err != nil || len(mails) < 30 {
		t.Fatalf("%d mails (%v)", len(mails), err)
	}
	for _, path := range mails {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.Parse(bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n")))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got := mail.Words(m.Text, m.FromName)
		golden := strings.TrimSuffix(path, "eml") + "txt"
		if *update {
			if err := os.WriteFile(golden, []byte(got+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != strings.TrimSuffix(string(want), "\n") {
			t.Errorf("%s: found\n%s\nwant\n%s", path, got, want)
		}
	}
}

// What somebody has written into a quotation that has no marks is found by what was said
// before, where they say that it is there; and nothing of a mail that has no such answers.
func TestAnswersInAnUnmarkedQuotationAreFound(t *testing.T) {
	t.Parallel()
	const said = "How do you **stop** missed bin reports? Our [three](https://x.example/a) questions:\n\n1. Which supplier?\n2. How long did it take?\n\nWe have two hundred streets."
	const head = "\n\nFrom: Moothall <hello@moothall.example>\nSent: 26 November 2026 09:15\nTo: Ada <a@x.example>\nSubject: Bins\n\n"
	const frame = "Missed bins\n\nBen Bale asked\nPost 1, 26 November 2026\n\n"
	const foot = "\n\nRead it on Moothall<https://moothall.example/posts/1>\n\nYou get this because you follow Bins.\n\nMute this thread<https://moothall.example/unsubscribe/abc>\n"
	question := func(one, two, end string) string {
		return frame + "How do you stop missed bin reports? Our three<https://x.example/a> questions:\n\n  1.  Which supplier?" + one + "\n  2.  How long did it take?" + two + "\n\nWe have two hundred streets." + end + foot
	}
	for name, test := range map[string]struct{ above, below, want string }{
		"in between":       {"See my answers below in red.", question("\nNone: our own.", "\n\nTwo days.\nAnd a week.", ""), "> 1.  Which supplier?\n\nNone: our own.\n\n> 2.  How long did it take?\n\nTwo days.\nAnd a week."},
		"on the same line": {"Answers inline", question(" None: our own.", "", ""), "> How do you stop missed bin reports? Our three questions:\n\n  1.  Which supplier? None: our own."},
		"below the last":   {"Gweler fy atebion isod", question("", "", "\nSo have we."), "> We have two hundred streets.\n\nSo have we."},
		"no answers":       {"I reply below", question("", "", ""), ""},
		"not announced":    {"We did.", question("\nNone.", "", ""), ""},
		"another mail":     {"See my answers below", "What else?\nNothing.", ""},
		"as plain text":    {"See below", frame + "How do you stop missed bin reports?\nDaily.\n\nRead it on Moothall:\nhttps://moothall.example/posts/1\n", "> How do you stop missed bin reports?\n\nDaily."},
		"an address":       {"See below", question("", "", "\nWe use https://bins.example/a.\nhttps://bins.example/b\nSee https://moothall.example/posts/7 too.\n\nBoth are free."), "> We have two hundred streets.\n\nWe use https://bins.example/a.\nhttps://bins.example/b\nSee https://moothall.example/posts/7 too.\n\nBoth are free."},
		"rewritten links":  {"See below", strings.ReplaceAll(question("", "", "\nhttps://bins.example/b"), "https://moothall.example/", "https://x.safelinks.example/?url=https%3A%2F%2FMoothall.example%2F"), "> We have two hundred streets.\n\nhttps://bins.example/b"},
		"wrapped":          {"See below", frame + "How do you stop missed\nbin reports?\nDaily.\n", "> bin reports?\n\nDaily."},
	} {
		got := ""
		if below := mail.AnswersBelow(test.above + head + test.below); below != "" {
			got = mail.Among(below, said, "moothall.example")
		}
		if got != test.want {
			t.Errorf("%s: found\n%s\nwant\n%s", name, got, test.want)
		}
		if words := mail.Words(test.above+head+test.below, "Ada"); words != test.above {
			t.Errorf("%s: above it stands %q", name, words)
		}
	}
}

// What a reader's own mail says to them alone is not posted, however it is quoted; nor does
// a link lose where it leads.
func TestNoAddressOfOnesOwnIsPosted(t *testing.T) {
	t.Parallel()
	const token = "abcdefghijklmnopqrstuvwxyz234567"
	for text, want := range map[string]string{
		"We do.\nMute this thread<https://m.example/unsubscribe/" + token + ">":                                                                            "We do.\nMute this thread <https://m.example/unsubscribe/…>",
		"See https://a.example/?url=https%3A%2F%2Fm.example%2Funsubscribe%2F" + token:                                                                      "See https://a.example/?url=https%3A%2F%2Fm.example%2Funsubscribe%2F…",
		"Write to reply+" + token + "@m.example or UNSUBSCRIBE+" + token + "@m.example":                                                                    "Write to reply+…@m.example or UNSUBSCRIBE+…@m.example",
		"It was https://m.example/newsletters%2Fconfirm%2Fabcdefghijklmnop, or BOUNCE%2B" + token[:16] + "@m.example":                                      "It was https://m.example/newsletters%2Fconfirm%2F…, or BOUNCE%2B…@m.example",
		"We have https://bins.example/unsubscribe/letters and a team, bins+north@x.example":                                                                "We have https://bins.example/unsubscribe/letters and a team, bins+north@x.example",
		"See our page<https://x.example/a> and https://x.example/b/<https://x.example/b>, or a@x.example<mailto:a@x.example>. [cid:image001.png@01DC5E2A]": "See our page <https://x.example/a> and https://x.example/b/, or a@x.example. [image001.png]",
	} {
		if got := mail.Words(text, "Ada"); got != want {
			t.Errorf("of %q is left %q", text, got)
		}
	}
}

// Words of one's own that look like what a program or a mail server adds are kept.
func TestOwnWordsThatLookLikeABannerOrACardAreKept(t *testing.T) {
	t.Parallel()
	for _, own := range []string{
		"External: yes, we pay for it.\n\nIt is 4,000 a year.",
		"Warning: it takes long.\n\nDo not click on the first link in the page, and do not open attachments from outside the council.",
		"CAUTION: This email originated from outside.\n\nThat is what ours says.",
		"We know whom to ask.\n\nAda Abel can tell you more, she has moved it twice.",
		"Ask Ben, or",
		"We do.\n\nThanks\n\nYou can ring me on 01632 960123 to talk it through.",
		"We do.\n\nKind regards\nAda\n\nPS: the schedule is at https://x.example/bins",
		"One way is to collect weekly.\n--\nThe other is what we do.",
		"Our labels are:\n\nOFFICIAL\n\nand one more.",
		"We did it.\n\nAda Abel\nThis is the woman who did it, as the paper wrote. It said: \"she began it on a wet Monday, and by the Friday they had gone live.\"",
		"They wrote to us:\n\n> On 3 May 2026, at 10:00, Sup <s@x.example> wrote:\n> It costs 4,000.\n\nWe think that is too much.",
		"Thanks\n\nCould you look at https://x.example/bins?",
		"Our steps:\n>>> go on\nand on",
		"Name | Before\nReports | 2,310",
	} {
		if got := mail.Words(own, "Abel, Ada (Northmoor)"); got != own {
			t.Errorf("of %q is left %q", own, got)
		}
	}
	for text, want := range map[string]string{
		"OFFICIAL\n\n[EXTERNAL]\n\nWe did.\n\nKind regards\nAda Abel\n01632 960123\n\nClassification: OFFICIAL": "We did.",
		"We did.\n\n--\nAda Abel\n01632 960123": "We did.",
		"We did.\n\n-- \nWe collect weekly":     "We did.",
		"We did.\n\nCofion,\nAda\n\nMae croeso i chi gysylltu â ni yn Gymraeg. Ni fydd gohebu yn Gymraeg yn arwain at oedi. / You are welcome to contact us in Welsh. Corresponding in Welsh will not lead to delay.": "We did.",
		"We did.\n\nSent from Samsung Galaxy smartphone.\n\n> On 26 Nov 2026, at 09:15, Moothall <hello@moothall.example> wrote:\n> \n> How?\n\n--\nThis email has been scanned by Mimecast.":                         "We did.",
		"[EXTERNAL]\nWe did.":                                "We did.",
		"[External Sender]\n\nWe did.\n\nAda Abel - Systems": "We did.",
		"CAUTION: This email originated from outside the organisation.\nDo not click links or open attachments unless you know the sender.\nWe did.\nIn May.":                                     "We did.\nIn May.",
		"CAUTION: This email originated from outside the organisation. Do not click links unless you know the sender.\nWe did it with Sup.\nTheir attachments came from outside the case system.": "We did it with Sup.\nTheir attachments came from outside the case system.",
		"External email\nDo not click links or open attachments from outside.\nWe did.":                                                                                                           "We did.",
		"RHYBUDD: Daeth y neges hon o'r tu allan i'r sefydliad. Peidiwch â chlicio ar ddolenni nac agor atodiadau oni bai eich bod yn adnabod yr anfonwr.\n\nDo, ym mis Mai.":                     "Do, ym mis Mai.",
	} {
		if got := mail.Words(text, "Abel, Ada (Northmoor)"); got != want {
			t.Errorf("of %q is left %q", text, got)
		}
	}
}

// A mail that its organisation has marked as sensitive is known as one, by its label, its
// subject or its own lines; what it answers, and words about such marks, do not count.
func TestASensitiveMailIsKnown(t *testing.T) {
	t.Parallel()
	const body = "\r\n\r\nWe did.\r\n"
	for source, want := range map[string]bool{
		"Subject: OFFICIAL-SENSITIVE: Re: Bins" + body:            true,
		"Subject: Re: [Waste] Bins [OFFICIAL-SENSITIVE]" + body:   true,
		"Subject: RE: [Waste] What is OFFICIAL-SENSITIVE?" + body: false,
		"Subject: [OFFICIAL] Re: Bins" + body:                     false,
		"msip_labels: MSIP_Label_1_Enabled=true; MSIP_Label_1_Name=OFFICIAL-SENSITIVE Personal; MSIP_Label_1_Method=Standard" + body: true,
		"msip_labels: MSIP_Label_1_Name=OFFICIAL" + body:            false,
		"Subject: Re: x\r\n\r\nOFFICIAL - SENSITIVE\r\n\r\nWe did.": true,
		"Subject: Re: x\r\n\r\nWe did.\r\n\r\nClassification: OFFICIAL-SENSITIVE [PERSONAL]\r\n\r\nFrom: a <a@x.example>\r\nSent: 1\r\nTo: b\r\nSubject: c\r\n\r\nHow?": true,
		"Subject: Re: x\r\n\r\nWe did.\r\n\r\nFrom: a <a@x.example>\r\nSent: 1\r\nTo: b\r\nSubject: c\r\n\r\nOFFICIAL-SENSITIVE\r\n\r\nHow?":                            false,
		"Subject: Re: x\r\n\r\nOFFICIAL-SENSITIVE mails are marked here too, and we do not post them.":                                                                  false,
	} {
		if m, err := mail.Parse([]byte(source)); err != nil || m.Marked != want {
			t.Errorf("%q: %v (%v), want %v", source, m.Marked, err, want)
		}
	}
}

// Which mail is answered is known where its program says so.
func TestWhatIsAnsweredIsKnown(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{"In-Reply-To: <post-7@x.example>": "post-7@x.example", "In-Reply-To:\r\n <post-7@x.example> ": "post-7@x.example", "Subject: Re: x": ""} {
		if m, err := mail.Parse([]byte(head + "\r\n\r\nHello\r\n")); err != nil || m.Answered != want {
			t.Errorf("%q: %q (%v), want %q", head, m.Answered, err, want)
		}
	}
}

// Files are named and not read; a picture of a signature is neither.
func TestFilesAreNamed(t *testing.T) {
	t.Parallel()
	m, err := mail.Parse([]byte("From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the plan.\r\n--b\r\n" +
		"Content-Type: application/pdf; name=\"../plan.pdf\"\r\nContent-Disposition: attachment; filename=\"../plan.pdf\"\r\n\r\nx\r\n--b\r\n" +
		"Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\nContent-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\nx\r\n--b\r\n" +
		"Content-Type: image/png; name=logo.png\r\nContent-Disposition: inline\r\n\r\nx\r\n--b--\r\n"))
	if err != nil || strings.Join(m.Attached, " ") != "plan.pdf" || strings.TrimSpace(m.Text) != "See the plan." {
		t.Errorf("found %q and %q (%v)", m.Attached, m.Text, err)
	}
}

// A file's name and a mail's words show as they are read: nothing turns them around, and a
// name of nothing that shows is none.
func TestNothingTurnsWordsAround(t *testing.T) {
	t.Parallel()
	source := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPay \u2066\u202eevil\u2069\u061c now\r\n"
	for _, name := range []string{"%E2%80%AEgpj.exe.pdf", "a%C2%85b%E2%81%A6.pdf", "%E2%80%A8line%0D%0A.pdf", "%E2%80%8B", "%20", "Adroddiad%20%C5%B5.pdf"} {
		source += "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''" + name + "\r\n\r\nx\r\n"
	}
	m, err := mail.Parse([]byte(source + "--b--\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(m.Text); got != "Pay evil now" {
		t.Errorf("the words are %q", got)
	}
	if got, want := strings.Join(m.Attached, "|"), "gpj.exe.pdf|ab.pdf|line .pdf|Adroddiad ŵ.pdf"; got != want {
		t.Errorf("the files are %q, want %q", got, want)
	}
}

// Only what the relay itself says of a sender counts, and of that the topmost.
func TestOnlyTheRelaysWordCounts(t *testing.T) {
	t.Parallel()
	for want, results := range map[string][]string{
		"pass": {"mx.example; dmarc=pass header.from=a.example", "mx.example; dmarc=fail"},
		"fail": {"evil.example; dmarc=pass", "mx.example; dmarc=fail header.from=a.example", "mx.example; dmarc=pass"},
		"none": {"evil.example; dmarc=pass"},
	} {
		if got := mail.DMARC(results, "mx.example", "ben@a.example"); got != want {
			t.Errorf("%q: %s, want %s", results, got, want)
		}
	}
}

// A sender's address that holds the words of a result, whether in quotes or in a comment,
// is no result; what cannot be read counts as nothing, and what stands below it not at all.
func TestNobodySaysThemselvesThatTheyAreProven(t *testing.T) {
	t.Parallel()
	const relay = "mx.example.org"
	for name, test := range map[string]struct {
		want    string
		results []string
	}{
		"in quotes":        {"fail", []string{`mx.example.org; spf=pass smtp.mailfrom="x; dmarc=pass header.from=y"@evil.example; dmarc=fail header.from=example.org`}},
		"quotes, escaped":  {"fail", []string{`mx.example.org; spf=pass smtp.mailfrom="x\"; dmarc=pass header.from=y"@evil.example; dmarc=fail header.from=example.org`}},
		"in a comment":     {"fail", []string{`mx.example.org; spf=pass (of x; dmarc=pass (y); dmarc=pass) smtp.mailfrom=x; dmarc=fail`}},
		"out of a comment": {"none", []string{`mx.example.org; spf=pass (of "a); dmarc=pass (b"@evil.example) smtp.mailfrom=evil.example`}},
		"no end of quotes": {"none", []string{`mx.example.org; spf=pass smtp.mailfrom="x; dmarc=pass`, "mx.example.org; dmarc=pass"}},
		"no end":           {"none", []string{`mx.example.org; spf=pass (x; dmarc=pass`, "mx.example.org; dmarc=pass"}},
		"a stray end":      {"none", []string{`mx.example.org; spf=pass x); dmarc=pass`}},
		"two of them":      {"none", []string{"mx.example.org; dmarc=fail; dmarc=pass header.from=y"}},
		"two alike":        {"none", []string{"mx.example.org; dmarc=pass; dmarc=pass header.from=y"}},
		"no result":        {"none", []string{"mx.example.org; none", "mx.example.org; dmarc=pass"}},
		"none of it":       {"none", []string{"mx.example.org; spf=pass", "mx.example.org; dmarc=pass"}},
		"no sense":         {"none", []string{"mx.example.org; what; dmarc=pass", "mx.example.org; dmarc=pass"}},
		"another's mail":   {"none", []string{"mx.example.org; dmarc=pass (p=none) header.from=evil.example"}},
		"another's too":    {"none", []string{"mx.example.org; dmarc=pass header.from=a.example header.from=evil.example"}},
		"a part of it":     {"none", []string{"mx.example.org; dmarc=pass header.from=b.a.example"}},
		"in quotes itself": {"none", []string{`mx.example.org; dmarc=pass header.from="evil.example"`}},
		"by its address":   {"pass", []string{"mx.example.org; dmarc=pass header.from=Ben@A.example"}},
		"for whom unsaid":  {"pass", []string{"mx.example.org; dmarc=pass action=none"}},
		"within a value":   {"none", []string{"mx.example.org; spf=pass smtp.mailfrom=dmarc=pass"}},
		"another's name":   {"none", []string{"mx.example.org.evil.example; dmarc=pass"}},
		"a name in quotes": {"none", []string{`"mx.example.org"; dmarc=pass`}},
		"as it is usual": {"pass", []string{"mx.example.org 1;\r\n\tdkim=pass (2048-bit key; secure) header.d=a.example header.b=\"ab/c\";\r\n" +
			"\tspf=pass (google.com: domain of b@a.example designates 1.2.3.4 as permitted sender) smtp.mailfrom=b@a.example;\r\n\tdmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=a.example"}},
		"with spaces": {"pass", []string{"MX.example.org ; DMARC / 1 = Pass (p=none) header . from = a.example;"}},
	} {
		if got := mail.DMARC(test.results, relay, "ben@a.example"); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// Words of one's own are kept, also when they speak of what organisations write below
// mails; what is plainly that goes.
func TestWordsOnDataProtectionAreNoDisclaimer(t *testing.T) {
	t.Parallel()
	const quote = "\n\nOn Thu, 26 Nov 2026 at 09:15, Ben <ben@x.example> wrote:\n> Who has?"
	for _, own := range []string{
		"Yes, we share ours.\n\nAsk your freedom of information and data protection leads before you publish it.",
		"It was a virus.\n\nWe had to delete the mailbox and monitored the rest, as the confidential annexe says.",
		"Ours says too little.\n\nSay in it who the intended recipient is, and whom to tell of a mail sent in error: our disclaimer does.",
		"Thanks\n\nThis email is a scam: do not click on it, it is sent to all councils.",
		"We do.\n\nConfidential papers go to the intended recipient only, and they delete it after. Views expressed are not necessarily ours.",
		"Diolch\n\nRhowch wybod i'r tîm diogelu data cyn ei ddileu.",
	} {
		for _, below := range []string{"", quote, "\n\nSent from my iPhone" + quote} {
			if got := mail.Words(own+below, "Ada"); got != own {
				t.Errorf("of %q is left %q", own+below, got)
			}
		}
	}
	const notice = "This email and any attachments are confidential and intended solely for the addressee. If you received it in error, notify the sender."
	for _, text := range []string{"We do.\n\n" + notice, "We do.\n\nKind regards\nAda\n\nAny views expressed are not necessarily those of the council, which accepts no liability.\n\n" + notice,
		"We do.\n\n-----\nPlease consider the environment before printing this email", "We do.\n\n" + notice + "\n\n" + notice} {
		if got := mail.Words(text+quote, "Ada"); got != "We do." {
			t.Errorf("of %q is left %q", text, got)
		}
	}
}

// However often a mail says what is to be taken off, no more than a look or a few is
// taken of each of its lines.
func TestManyLinesOfAPhoneAreRead(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"Sent from my iPhone " + strings.Repeat("a", 40) + "\n", "--\n", "Kind regards\n\n", "This email is in error\n", "Regards\n01632 960123\n", "> On 1 May, a@x.example wrote:\nx\n", "> On 1 May, a@x.example wrote:\n\n", "OFFICIAL\n\n", "\n\nAda Abel\n"} {
		few, many := took(strings.Repeat(line, 500)), took(strings.Repeat(line, 8000))
		if many > 5*time.Second && many > 100*few {
			t.Errorf("8,000 of %q took %v, 500 %v", line, many, few)
		}
	}
}

// However many points somebody has answered, each is looked at once.
func TestManyPointsAreRead(t *testing.T) {
	t.Parallel()
	answered := func(n int) string {
		return "On Thu, 26 Nov 2026 at 09:15, Ben <ben@x.example> wrote:\n" + strings.Repeat("> How?\nSo.\n", n)
	}
	if got, want := mail.Words(answered(2), "Ada"), "> How?\n\nSo.\n\n> How?\n\nSo."; got != want {
		t.Errorf("of two points is left %q, want %q", got, want)
	}
	few, many := took(answered(600)), took(answered(9600))
	if many > 2*time.Second && many > 40*few {
		t.Errorf("9,600 points took %v, 600 %v", many, few)
	}
	t.Logf("9,600 points took %v, 600 %v", many, few)
}

func took(text string) time.Duration {
	begun := time.Now()
	mail.Words(text, "Ada")
	if below := mail.AnswersBelow("See below\n\nFrom: a <a@x.example>\nSent: 1\nTo: b\nSubject: c\n\n" + text); below != "" {
		mail.Among(below, strings.Repeat(text, 20), "x.example")
	}
	return time.Since(begun)
}

// Who is away answers by a machine, also where the subject alone says so; and no such
// answer is a report of a mail that did not arrive.
func TestAnswersOfMachinesAreKnown(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]struct{ auto, daemon bool }{
		"Subject: Automatic reply: Bins":                              {true, false},
		"Subject: =?utf-8?q?Ateb_awtomatig:_Biniau?=":                 {true, false},
		"Subject: Re: Automatic reply: how":                           {false, false},
		"Subject: Re: Bins":                                           {false, false},
		"X-Auto-Response-Suppress: All":                               {true, false},
		"Subject: Out of Office":                                      {true, false},
		"Subject: [EXTERNAL] Automatic reply: Bins":                   {true, false},
		"Subject: Allan o’r Swyddfa":                                  {true, false},
		"Subject: Out of office hours: who answers?":                  {false, false},
		"Subject: Automatic replies to residents":                     {false, false},
		"Precedence: auto-reply":                                      {true, false},
		"Precedence: first-class":                                     {false, false},
		"X-Precedence: bulk":                                          {true, false},
		"X-Autogenerated: Reply":                                      {true, false},
		"X-Mail-Autoreply: yes":                                       {true, false},
		"X-FC-MachineGenerated: true":                                 {true, false},
		"X-POST-MessageClass: 9; Autoresponder":                       {true, false},
		"Delivered-To: Autoresponder":                                 {true, false},
		"X-MS-Exchange-Inbox-Rules-Loop: ada@x.example":               {true, false},
		"X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent": {true, false},
		"Auto-Submitted: No":                                          {false, false},
		"From: MAILER-DAEMON@x.example":                               {false, true},
		"From: postmaster@x.example\r\nAuto-Submitted: auto-replied":  {true, false},
		"Content-Type: multipart/report; report-type=disposition-notification; boundary=b": {true, false},
		"Subject: Recall: Re: Bins":                         {true, false},
		"Content-Type: text/vnd.google.email-reaction+json": {true, false},
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\nAuto-Submitted: auto-replied": {true, true},
	} {
		m, err := mail.Parse([]byte(head + "\r\n\r\nHello\r\n"))
		if err != nil || m.Auto != want.auto || m.Daemon != want.daemon {
			t.Errorf("%s: %v and %v (%v), want %v", head, m.Auto, m.Daemon, err, want)
		}
	}
	for text, want := range map[string]mail.Status{
		"I am away until 5.1.27": "", "Back on 5.1.27, version 4.2.2 is out.": "", "550 5.1.1 no such person": "5.1.1", "said: 550-5.1.1 The address": "5.1.1",
		"Status: 5.2.1": "5.2.1", "550 #5.1.0 Address rejected": "5.1.0", "smtp; 452 4.2.2 full": "4.2.2", "It is 25.1.1 here": "", "room 550 5.1.2027": "",
	} {
		if got := mail.StatusIn(text); got != want {
			t.Errorf("in %q: %q, want %q", text, got, want)
		}
	}
}

// Whatever a mail consists of, it is read without a panic, in good time, and of its words
// none are made up.
func TestNoMailIsTooMuch(t *testing.T) {
	t.Parallel()
	pieces := []string{"On Thu, 26 Nov 2026, a@x.example wrote:", "> ", ">", "\n", "\n\n", "-- \n", "From: ", "Sent: x\n", "To: y\n", "Subject: z\n", "-----Original Message-----\n",
		"Kind regards\n", "1. one\n", "=====\n", "words ", "Sent from my iPhone\n", "confidential in error\n", "\x00", "\xff", "<blockquote>", "</p>", "<li>", "<pre>"}
	random := rand.New(rand.NewPCG(1, 2))
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
		var b strings.Builder
		for range random.IntN(60) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		got := mail.Words(b.String(), "Ada")
		if strings.Contains(got, "\x00") || len(got) > len(b.String())*3 {
			t.Fatalf("of %q comes %q", b.String(), got)
		}
		mail.HTMLText(b.String())
	}
	for _, piece := range pieces { // what takes the square of its length does not end within the time of the tests
		mail.Words(strings.Repeat(piece, 1<<20/len(piece)), "Ada")
		mail.HTMLText(strings.Repeat(piece, 1<<20/len(piece)))
	}
}
