package forum

import "strings"

// Following is how the reader of a page follows what it shows.
type Following struct {
	Cadence Cadence            // Off where they do not
	Kinds   map[string]Cadence // of a topic: how they follow each kind of thread in it
	Can     bool               // they may choose
	Stop    bool               // they may at least hear less of it
}

// The columns of how @who follows a subject, each the kind of thread and the cadence.
// They stand in statements that a page needs anyway, and cost no other.
const (
	howFollowed    = `array(select f.thread_kind || ' ' || f.cadence from follows f where f.person_id = @who and f.subject_kind = `
	threadFollows  = howFollowed + `'thread' and f.subject_id = t.id) as follows`
	topicFollows   = howFollowed + `'topic' and f.subject_id = o.id) as follows`
	councilFollows = howFollowed + `'council' and f.subject_id = c.id) as follows`
	personFollows  = howFollowed + `'person' and f.subject_id = p.id) as follows`
)

// following reads one of these columns.
func following(who Person, follows []string) Following {
	w := Following{Cadence: Off, Can: CanFollow(who)}
	for _, f := range follows {
		kind, cadence, _ := strings.Cut(f, " ")
		w.Stop = CanStop(who)
		if kind == "" {
			w.Cadence = Cadence(cadence)
			continue
		}
		if w.Kinds == nil {
			w.Kinds = map[string]Cadence{}
		}
		w.Kinds[kind] = Cadence(cadence)
	}
	return w
}
