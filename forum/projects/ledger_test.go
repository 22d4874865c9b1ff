package projects

import (
	"testing"
	"time"
)

// Of two who have read the ledger's rows at once, the one that read before a project was
// hidden may bring them after it: it stays hidden.
func TestOlderRowsThatComeLastChangeNothing(t *testing.T) {
	t.Parallel()
	l := &ledger{}
	row := func(touched int64, listed bool) []entry {
		return []entry{{thread: 7, touched: touched, listed: listed, public: true, confirmed: time.Unix(0, 0), kind: "project"}}
	}
	total := func() int {
		_, n := l.count(asked{all: true, split: func(m mark) string { return m.facet }})
		return n
	}
	l.take(row(10, true), 11)
	if n := total(); n != 1 {
		t.Fatalf("%d are counted, want 1", n)
	}
	l.take(row(20, false), 21)
	l.take(row(15, true), 16)
	if n := total(); n != 0 {
		t.Errorf("%d are counted after it was hidden, want none", n)
	}
	l.take(row(30, true), 31)
	if n := total(); n != 1 {
		t.Errorf("%d are counted after it was shown, want 1", n)
	}
}
