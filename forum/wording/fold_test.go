package wording

import (
	"strings"
	"testing"
)

// What is long and the same is folded, but for the words around a change; nothing is lost.
func TestLongStretchesAreFolded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Gair hir iawn.\n\n", 60)
	before, after := long+"old"+"\n\n"+long, long+"new"+"\n\n"+long
	var kinds []ChangeKind
	var was strings.Builder
	for _, c := range Fold(Differences(before, after)) {
		kinds = append(kinds, c.Kind)
		if c.Kind != Added {
			was.WriteString(c.Text)
		}
		if c.Kind == Same && c.Words() > wordsAround {
			t.Errorf("%d words stay beside a change", c.Words())
		}
	}
	if was.String() != before {
		t.Error("folding lost words")
	}
	want := []ChangeKind{Folded, Same, Removed, Added, Same, Folded}
	if len(kinds) != len(want) {
		t.Fatalf("got %v, want %v", kinds, want)
	}
	for i := range want {
		if kinds[i] != want[i] {
			t.Fatalf("got %v, want %v", kinds, want)
		}
	}
	short := Fold(Differences("One two three.", "One two four."))
	if short[0].Kind != Same {
		t.Errorf("a short text is folded: %v", short)
	}
}
