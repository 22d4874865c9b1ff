package forum

// Alike is a thread like the one that somebody is about to ask.
type Alike struct {
	ID          int64
	Title       string
	Slug        string
	Lang        string
	Kind        string
	Replies     int
	Answered    bool
	Closed      bool
	CouncilName string
	Likeness    float64 // from 0 to 1 and a little more
}

// State is what has become of it, as in lists; of what has no such state its kind.
func (a Alike) State() string {
	switch {
	case a.Answered:
		return "answered"
	case a.Closed:
		return "closed"
	case a.Kind != Question:
		return a.Kind
	case a.Replies > 0:
		return "replied"
	}
	return "unanswered"
}
