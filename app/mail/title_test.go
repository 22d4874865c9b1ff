package mail_test

import (
	"strings"
	"testing"

	"moothall/app/mail"
)

// A title is what somebody wrote: without what programs put before it, and on one line.
func TestATitleIsTheSubjectWithoutWhatProgramsPutBeforeIt(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		"Who has moved bins online?":                       "Who has moved bins online?",
		"Re: RE: Fwd: Who has?":                            "Who has?",
		"FW: [EXTERNAL] Re[2]: Who has?":                   "Who has?",
		"Ateb: Ymlaen: Pwy sydd wedi?":                     "Pwy sydd wedi?",
		"[OFFICIAL] Who\r\n\tBcc: eve@x.example has\u200b": "Who Bcc: eve@x.example has",
		"Recycling: who has?":                              "Recycling: who has?",
		"Re:":                                              "",
		" \u202eRe: Who":                                   "Who",
		"[Waste and recycling] Who has?":                   "[Waste and recycling] Who has?",
	} {
		if got := mail.Title(subject); got != want {
			t.Errorf("%q: %q, want %q", subject, got, want)
		}
	}
}

// A mail that answers another, or sends one on, is known by its headers or its subject.
func TestAnswersAndWhatIsSentOnAreKnown(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]bool{
		"Subject: Who has?":                                  false,
		"Subject: [OFFICIAL] Who has?":                       false,
		"Subject: Recycling: who has?":                       false,
		"Subject: [OFFICIAL] RE: Who has?":                   true,
		"Subject: =?utf-8?q?Ateb=3A_Pwy?=":                   true,
		"Subject: ATB: Pwy":                                  true,
		"Subject: YML: Pwy":                                  true,
		"Subject: Re (2): Who has?":                          true,
		"Subject: Re[2]: Who has?":                           true,
		"Subject: Who has?\r\nIn-Reply-To: <a@x.example>":    true,
		"Subject: Who has?\r\nReferences:\r\n <a@x.example>": true,
	} {
		m, err := mail.Parse([]byte("From: a@x.example\r\nTo: Waste\r\n <ASK+a@x.example>\r\n" + head + "\r\n\r\nWords\r\n"))
		if err != nil || m.Answers != want || !strings.Contains(m.To, "<ask+a@x.example>") {
			t.Errorf("%q: %v to %q, want %v (%v)", head, m.Answers, m.To, want, err)
		}
	}
}
