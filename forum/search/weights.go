package search

// What makes a result come first. A change here shows in the judged queries of the tests,
// which print how well readers are served before and after.
const (
	// How much a word counts by where it stands: of a reply's thread's title, in a reply,
	// in an opening post, in a title. They are the D, C, B and A of Postgres.
	inTitleAbove = 0.08
	inReply      = 0.35
	inOpening    = 0.45
	inTitle      = 1.0

	// longer texts say each word more often: 1 divides the rank by 1 + the logarithm of
	// the length.
	byLength = 1

	accepted = 1.35 // the reply that was accepted
	answered = 1.1  // any post of a thread that has an answer
	quiet    = 0.92 // a closed question without an answer
	perYear  = 0.06 // a thread that lay still for a year loses so much
	perOther = 0.02 // each further word of somebody else, up to ten, adds so much
)

// How much is ranked. Of a query that more posts match, the first hitsMost of the index,
// newestMost of the newest newestOf posts, and titlesMost of those whose title matches are
// ranked; and of what has the words of a phrase, looseMost are read for it. Of the others, those
// that would have come first by their text alone are given up.
// Each search stays as cheap as one that just reaches these figures: at a million posts,
// three times as many took twice as long and brought hardly another first page.
const (
	hitsMost   = "500"
	newestMost = "300"
	newestOf   = "2500"
	titlesMost = "300"
	looseMost  = "5000"

	// A word by itself that one post in twenty has, and more than five thousand: the index
	// would be read for all of them, and the newest that have it are as good.
	commonOf   = "0.05"
	commonMost = "5000"
	walkedOf   = "20000"
)
