package search_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/search"
)

// Curators say which words mean the same, and take it back; the next search knows.
func TestCuratorsTendWords(t *testing.T) {
	t.Parallel()
	store, _ := forumtest.Open(t)
	look := search.New(store)
	ada := forumtest.Person(t, store, "Ada", "Northmoor")
	cora := forumtest.Granted(t, store, forumtest.Person(t, store, "Cora", "Northmoor"), forum.Curator)
	forumtest.Ask(t, store, ada, forum.AskDraft{Title: "Holes in roads", Body: "Who fills a highway crater?"})
	draft := search.SynonymDraft{Word: "  BLORP ", Means: "highway  crater"}
	for _, who := range []forum.Person{visitor, ada} {
		if err := look.AddSynonym(t.Context(), who, draft); !errors.Is(err, forum.ErrForbidden) {
			t.Errorf("%s: got %v, want ErrForbidden", who.Name, err)
		}
		if _, err := look.WordsPage(t.Context(), who); !errors.Is(err, forum.ErrForbidden) {
			t.Errorf("%s: got %v, want ErrForbidden", who.Name, err)
		}
	}
	for _, bad := range []search.SynonymDraft{{}, {Word: "x"}, {Word: "the", Means: "of"}, {Word: strings.Repeat("x", 61), Means: "y"}} {
		if err := look.AddSynonym(t.Context(), cora, bad); !errors.As(err, new(forum.Invalid)) {
			t.Errorf("%+v: got %v, want Invalid", bad, err)
		}
	}
	for range 2 {
		must(t, look.AddSynonym(t.Context(), cora, draft))
	}
	if got := found(t, look, visitor, "blorp"); got != "Holes in roads #1" {
		t.Errorf("got %q", got)
	}
	p, err := look.WordsPage(t.Context(), cora)
	must(t, err)
	i := slices.IndexFunc(p.Synonyms, func(s search.Synonym) bool { return s.Word == "BLORP" && s.Means == "highway crater" })
	if i < 0 {
		t.Fatal("it is not on the desk")
	}
	if err := look.RemoveSynonym(t.Context(), ada, p.Synonyms[i].ID); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("got %v, want ErrForbidden", err)
	}
	if err := look.RemoveSynonym(t.Context(), cora, 1<<40); !errors.Is(err, forum.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	for range 2 {
		must(t, look.RemoveSynonym(t.Context(), cora, p.Synonyms[i].ID))
	}
	if got := found(t, look, visitor, "blorp"); got != "" {
		t.Errorf("taken away, it still finds %q", got)
	}
}
