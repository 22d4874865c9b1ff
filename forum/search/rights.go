package search

import "moothall/forum"

// CanTendWords reports whether a person may say which words mean the same, and sees what
// was searched for in vain.
func CanTendWords(who forum.Person) bool { return who.Is(forum.Curator | forum.Administrator) }
