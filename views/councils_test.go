package views

import (
	"moothall/forum"
	"moothall/forum/places"
)

func anglesey() forum.Council {
	return forum.Council{ID: 4, Slug: "isle-of-anglesey", Name: "Isle of Anglesey County Council", NameCy: "Cyngor Sir Ynys Môn", Kind: "welsh", Nation: "Wales", Region: "Wales", Status: "current", Threads: 2}
}

func councilsPage() forum.CouncilsPage {
	return forum.CouncilsPage{
		Councils: []forum.Council{anglesey(), northmoor(), oldmoor()},
		Nations:  []forum.Facet{{Value: "England", Count: 1}, {Value: "Wales", Count: 2}},
		Regions:  []forum.Facet{{Value: "London"}, {Value: "South West", Count: 1}, {Value: "Wales", Count: 2}},
		Kinds:    []forum.Facet{{Value: "district", Count: 1}, {Value: "welsh", Count: 2}},
	}
}

// mapPage is a county, a district of it, and a council that did nothing yet.
func mapPage(topic string) places.MapPage {
	p := places.MapPage{
		Filter: places.MapFilter{Topic: topic},
		Councils: []places.Place{{ID: 1, Slug: "moorshire", Name: "Moorshire County Council", Asked: 2, Replied: 1},
			{ID: 2, Slug: "northmoor", Name: "Northmoor District Council", County: 1, Asked: 1}, {ID: 3, Slug: "isle-of-anglesey", Name: "Isle of Anglesey County Council", NameCy: "Cyngor Sir Ynys Môn"}},
		Topics: []forum.Topic{{Slug: "waste-management", Name: "Waste management", Facet: "service", ParentName: "Environment"}},
	}
	if topic != "" {
		p.Topic = &p.Topics[0]
	}
	p.Hexes = []places.Hex{{ID: 2, Q: 1, R: 5, Council: &p.Councils[1], County: &p.Councils[0]}, {ID: 3, Q: -2, R: 4, Council: &p.Councils[2]}}
	return p
}
