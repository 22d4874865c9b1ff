package search

import "moothall/forum"

// CanOffer reports whether a person may say what they can be asked about: colleagues, for
// councils ask each other and no suppliers.
func CanOffer(who forum.Person) bool { return forum.MayAct(who) && who.Standing == forum.Colleague }

// CanTendWords reports whether a person may say which words mean the same, and sees what
// was searched for in vain.
func CanTendWords(who forum.Person) bool { return who.Is(forum.Curator | forum.Administrator) }
