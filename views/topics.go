package views

import "moothall/forum"

func topicHead(f Frame, l forum.ThreadList) pageHead {
	head := pageHead{Title: f.W.T("topic.title", "Topic", l.Topic.Name), Description: l.Topic.Description, Canonical: topicPage(l.Filter), Feed: TopicFeed(l.Topic.Slug)}
	if l.Filter.Before != "" {
		head.Title = f.W.T("threads.narrowed", "Title", head.Title, "By", f.W.T("threads.older"))
	}
	return head
}

// topicPage is the address of one page of a topic's threads.
func topicPage(filter forum.Filter) string {
	if filter.Before == "" {
		return TopicPath(filter.Topic)
	}
	return TopicPath(filter.Topic) + "?before=" + filter.Before
}

// topicCrumbs lead from all topics over the area that a topic is part of.
func topicCrumbs(f Frame, t forum.Topic) []crumb {
	steps := []crumb{{f.W.T("nav.topics"), "/topics"}}
	if t.ParentSlug != "" {
		steps = append(steps, crumb{t.ParentName, TopicPath(t.ParentSlug)})
	}
	return steps
}

// insideOf are the topics that are part of the one shown.
func insideOf(l forum.ThreadList) (inside []forum.Topic) {
	for _, t := range l.Topics {
		if t.ParentSlug == l.Topic.Slug {
			inside = append(inside, t)
		}
	}
	return inside
}
