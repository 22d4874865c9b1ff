package forum

import (
	"context"
	"errors"
	"slices"
	"strings"
)

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

// CollectionFollows, ProductFollows and SupplierFollows are the same of a collection k, a
// product o and a supplier s, for the packages that read them, and FollowingOf reads it.
const (
	CollectionFollows = howFollowed + `'collection' and f.subject_id = k.id) as follows`
	ProductFollows    = howFollowed + `'product' and f.subject_id = o.id) as follows`
	SupplierFollows   = howFollowed + `'supplier' and f.subject_id = s.id) as follows`
)

// FollowingOf is how a person follows a subject, of the column that says so.
func FollowingOf(who Person, follows []string) Following { return following(who, follows) }

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

// FollowingSearch is how somebody follows a search; an empty cadence is not at all.
func FollowingSearch(who Person, how Cadence) Following {
	if how == "" {
		return following(who, nil)
	}
	return following(who, []string{" " + string(how)})
}

// areasQuery reads the service areas at the top of the tree, from which somebody who
// joins may choose some to follow.
const areasQuery = `select ` + topicColumns + ` from topics o left join topics u on u.id = o.parent_id
	where o.facet = 'service' and o.parent_id is null order by o.position`

// firstMost is how many topics somebody can follow by joining.
const firstMost = 50

// FirstCadences are those that the form to join offers, the suggested one first.
var FirstCadences = []Cadence{Daily, Weekly, Instant, OnSite}

// followFirst follows what somebody chose on the form to join. Who changes their details
// later has their follows elsewhere.
func (d *Deed) followFirst(ctx context.Context, draft JoinDraft) error {
	if d.Who.Joined || len(draft.Topics) == 0 {
		return nil
	}
	cadence := draft.Cadence
	if cadence == "" {
		cadence = FirstCadences[0]
	}
	if len(draft.Topics) > firstMost {
		return Invalid{{Field: "topic", Key: "ask.topic_unknown"}}
	}
	if !slices.Contains(FirstCadences, cadence) {
		return Invalid{{Field: "topics_cadence", Key: "follow.cadence_choose"}}
	}
	d.Who.Joined = true // by now
	defer func() { d.Who.Joined = false }()
	for _, slug := range draft.Topics {
		err := d.Follow(ctx, Subject{Kind: ToTopic, Slug: slug}, cadence)
		if errors.Is(err, ErrNotFound) {
			return Invalid{{Field: "topic", Key: "ask.topic_unknown"}}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
