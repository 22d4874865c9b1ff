package forum

import (
	"context"
	"errors"
	"slices"
)

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
