package views

import (
	"time"

	"github.com/a-h/templ"

	"moothall/forum"
	"moothall/forum/curation"
)

// unanswered is a question that nobody has answered, as it stands on the desk.
func unanswered() curation.DeskItem {
	asked := now.Add(-9 * day)
	return curation.DeskItem{Sort: curation.Questions, ID: 7, ThreadID: 7, Since: asked, Kind: "question", Slug: "bins", Title: "Who has moved bins online?", Lang: "cy",
		WhoID: 1, WhoName: "Ada", CouncilName: "Northmoor", Asked: 2, Declined: 1, Due: curation.Ladder{asked.Add(2 * day), asked.Add(7 * day), now.Add(3 * day)}}
}

// desk is a desk with something in each queue.
func deskPage() curation.DeskPage {
	queue := func(i curation.DeskItem) curation.Queue {
		if i.ID == 0 {
			i.ID, i.ThreadID, i.Kind, i.Slug, i.Title, i.WhoName, i.CouncilName, i.Since = 9, 9, "discussion", "talk", "Friday talk", "Ben", "Southmoor", now.Add(-day)
		}
		return curation.Queue{Sort: i.Sort, Items: []curation.DeskItem{i}, More: i.Sort == curation.Questions}
	}
	mine := unanswered()
	mine.TakerID, mine.TakerName, mine.Notes = 1, "Ada", 2
	return curation.DeskPage{At: now, Waits: 9, Queues: []curation.Queue{
		queue(curation.DeskItem{Sort: curation.Newcomers, ID: 5, WhoID: 5, WhoName: "Eve", Title: "Eve", CouncilID: 1, CouncilName: "Northmoor", Excerpt: "Officer", Seen: "1.1.1", Many: 1, Since: now}),
		queue(curation.DeskItem{Sort: curation.Held, PostID: 12, Excerpt: "May I ask?", WhoID: 5}),
		queue(curation.DeskItem{Sort: curation.Reports, PostID: 12, Excerpt: "It <sells>", Many: 2}),
		queue(mine), queue(curation.DeskItem{Sort: curation.Busy, Many: 40, Usual: 3.25}), {Sort: curation.Projects}, queue(curation.DeskItem{Sort: curation.Links, Said: "gone", Excerpt: "https://code.example/bins"}), queue(curation.DeskItem{Sort: curation.Lessons, TakerID: 3, TakerName: "Cora"}),
		queue(curation.DeskItem{Sort: curation.Alike, OtherID: 3, OtherKind: "question", OtherSlug: "old", OtherTitle: "An older one", OtherLang: "en"}), queue(curation.DeskItem{Sort: curation.Worthy, Useful: 12, Reuses: 3, UsToo: 1}),
	}, Mine: []curation.DeskItem{mine}, Today: []curation.Colleague{{ID: 1, Name: "Ada"}}, OnDuty: true, Others: []curation.Colleague{{ID: 3, Name: "Cora"}},
		Asides: []curation.Aside{{Sort: curation.Lessons, SubjectID: 4, Title: "Sensors", DoneAt: since(day), ByName: "Cora"}, {Sort: curation.Projects, SubjectID: 6, Title: "Bins", UntilOn: since(-day)}}}
}

// itemPage is a question on the desk with all that there is to do about it.
func itemPage() curation.ItemPage {
	return curation.ItemPage{DeskItem: unanswered(), At: now, Curators: []curation.Colleague{{ID: 1, Name: "Ada"}, {ID: 3, Name: "Cora"}},
		Notes: []curation.Note{{PersonID: 3, PersonName: "Cora", At: now, Words: "Ask <Ben>."}}, Asks: asks(),
		Answerers: []curation.Answerer{{ID: 2, Name: "Ben", CouncilName: "Southmoor", Solved: 1, Answered: 2, Lessons: 1, Projects: 1, Useful: 3, Products: 1}, {ID: 8, Name: "Dot", CouncilName: "Eastmoor", Answered: 1, LastAsked: since(30 * day)}}}
}

func asks() []curation.Ask {
	return []curation.Ask{{PersonID: 2, PersonName: "Ben", CouncilName: "Southmoor", CouncilSlug: "southmoor", Why: "answered", AskedAt: now, DeclinedAt: since(0)},
		{PersonID: 8, PersonName: "Dot", CouncilName: "Eastmoor", CouncilSlug: "eastmoor", Why: "lesson", AskedAt: now}}
}

// asksFor are the asks of a question as the asker reads them, or whoever was asked.
func asksFor(mine *curation.Ask) curation.AsksPage {
	t := forum.Thread{ID: 7, Kind: "question", Title: "Who has moved bins online?", Slug: "bins", Lang: "cy", Asked: 2, Declined: 1}
	return curation.AsksPage{Thread: t, Asks: asks(), Mine: mine}
}

// healthPage are the figures of a few weeks.
func healthPage() curation.HealthPage {
	hours := func(n float64) *float64 { return &n }
	week := func(i int, h curation.Health) curation.Health {
		h.Span = now.AddDate(0, 0, 7*i-int(now.Weekday())+1).Format(time.DateOnly)
		return h
	}
	return curation.HealthPage{Weeks: []curation.Health{week(-2, curation.Health{Questions: 3, Hours: hours(5.2), Counted: 3, InSeven: 2, Councils: 4, Confirmed: 1}), week(-1, curation.Health{}), week(0, curation.Health{Questions: 1, Councils: 2})},
		Now: curation.Health{Hours: hours(5.2), Counted: 3, InSeven: 2, Councils: 4}, Before: curation.Health{Hours: hours(1), Counted: 4, InSeven: 4, Councils: 4}}
}

// deskPages are the pages of the desk, by a name for their picture.
func deskPages() map[string]templ.Component {
	settled, done, declined := curation.ItemPage{DeskItem: curation.DeskItem{Sort: curation.Questions, ID: 7}, Settled: true}, itemPage(), asks()[0]
	done.DoneAt, done.DoneBy, done.Chosen, done.Draft.Words = since(0), "Cora", []int64{8}, "x"
	return map[string]templ.Component{
		"desk": Desk(ada(), person2(), deskPage(), nil), "desk_none": Desk(ada(), person2(), curation.DeskPage{At: now, Queues: []curation.Queue{{Sort: curation.Newcomers}}}, nil),
		"desk_item": DeskItem(ada(), person2(), itemPage(), nil), "desk_item_settled": DeskItem(ada(), person2(), settled, nil),
		"desk_item_refused": DeskItem(ada(), person2(), done, forum.Invalid{{Field: "taken", Key: "desk.taken_by", Args: []any{"Name", "Cora"}}, {Field: "words", Key: "desk.note_empty"}}),
		"figures":           DeskFigures(ada(), healthPage()),
		"asks":              Asks(ben(), asksFor(nil)), "asks_mine": Asks(ben(), asksFor(&asks()[1])), "asks_declined": Asks(ben(), asksFor(&declined)),
	}
}
