package curation

import "moothall/forum"

// Every right over collections stands here, beside forum.CanTend, which is who puts them
// together, and forum.CollectionShows, which is who sees one.

// itemShows is true of the items i of a collection whose threads m and t and post p stand in a
// person's lists. What was hidden, taken back or is not theirs to see is not there, and
// nothing counts it.
const itemShows = `(` + forum.Listed + `
	and (i.post_id is null and ` + openingShows + ` or p.number is not null and p.hidden_at is null and p.deleted_at is null))`

// openingShows is true of the threads m of which the post that opened them shows still
// where they were merged into: without it there is nothing left of them to speak of.
const openingShows = `(m.merged_into is null or not exists (select from moved_posts x join posts o on o.id = x.post_id
	where x.thread_id = m.id and x.number = 1 and (o.hidden_at is not null or o.deleted_at is not null)))`

// CanSuggest reports whether a person may say what else a collection should have:
// colleagues.
func CanSuggest(who forum.Person) bool { return forum.MayAct(who) && who.IsColleague() }

// CanSeeElections reports whether a person may read the calendar of pre-election periods:
// colleagues.
func CanSeeElections(who forum.Person) bool { return who.SignedIn() && who.IsColleague() }
