package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Letters that only look like others, or become them in lower case, make no address that
// of somebody else: their domain is another one, and that proves itself.
func TestAnAddressOfOtherLettersIsAnothers(t *testing.T) {
	t.Parallel()
	w, who, thread, _, to := receiving(t)
	w.address(who, "kit@lincoln.example")
	for i, from := range []string{"kit@l\u0130ncoln.example", "\u212Ait@lincoln.example", "k\u0130t@lincoln.example", "kit@lincoln.example\u200b", "kıt@lincoln.example", "КIT@lincoln.example"} {
		if err := w.mailIn("eve@x.example", to, written(from, fmt.Sprint("other", i), "Not mine.")); err != nil {
			t.Error(err)
		}
	}
	if n := w.number(repliesQuery, thread); n != 0 {
		t.Errorf("%d posts by whose address looks alike", n)
	}
	if err := w.mailIn("kit@lincoln.example", to, written("KIT@Lincoln.Example", "own", "Mine.")); err != nil {
		t.Error(err)
	}
	if n := w.number(repliesQuery, thread); n != 1 {
		t.Errorf("%d posts from the address in capitals, want 1", n)
	}
}

// A subject of any length costs no more than its mail does: anybody may write to the
// site's own address.
func TestALongSubjectIsReadQuickly(t *testing.T) {
	t.Parallel()
	w := openCast(t)
	begun := time.Now()
	mail := "From: eve@x.example\nSubject: " + strings.Repeat("re: [external] ", 35000) + "\n\nHello\n"
	if err := w.mailIn("eve@x.example", "postmaster@moothall.example", mail); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}
