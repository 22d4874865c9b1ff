package mail_test

import (
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
