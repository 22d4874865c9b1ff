package views

import "moothall/forum"

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
