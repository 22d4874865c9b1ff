package views

import (
	"time"

	"moothall/forum"
)

// marked is a thread with every mark, for a colleague of Southmoor who did not ask.
func marked() forum.ThreadPage {
	p := threadFor()
	p.Thread.AnswerID, p.Thread.AnsweredAt, p.Thread.UsToo = 12, since(40*day), 4
	p.Posts[0].Useful, p.Posts[1].Useful, p.Posts[5].Useful = 1, 17, 2
	p.Answer = &forum.Answer{PostID: 12, Number: 2, AuthorID: 1, AuthorName: "Ada", AuthorHandle: "ada", CouncilName: "Northmoor District Council", Lang: "en",
		Excerpt: "Ask the crew first.", ByID: 2, ByName: "Ben", ByHandle: "ben", At: ago(40 * day)}
	p.Outcomes = []forum.Outcome{
		{PersonID: 2, PersonName: "Ben", CouncilID: 2, CouncilSlug: "southmoor", CouncilName: "Southmoor Borough Council", Answer: "worked", At: ago(5 * day)},
		{PersonID: 3, PersonName: "Cai", Answer: "partly", Note: "Our own feed was <slow>.", At: ago(4 * day)},
	}
	for i, state := range []string{"solved", "working", "pilot", "have"} {
		p.UsToo = append(p.UsToo, forum.UsToo{CouncilID: int64(20 + i), CouncilSlug: "moor-" + state, CouncilName: "Moor of " + state, State: state, PersonID: int64(30 + i), PersonName: "Fay", PersonHandle: "fay", At: ago(3 * day)})
	}
	p.Works = []forum.WorkedFor{{PostID: 12, CouncilID: 2, CouncilSlug: "southmoor", CouncilName: "Southmoor Borough Council"}, {PostID: 12, CouncilID: 20, CouncilSlug: "moor-solved", CouncilName: "Moor of solved"}}
	p.Saved = &forum.Saved{SavedAt: ago(2 * day), RemindAt: since(-10 * day)}
	p.State, p.CanSayUsToo, p.CanSave, p.CanTell = "have", true, true, true
	p.Pressed = map[int64]forum.Pressed{12: {Useful: true, Worked: true}}
	for _, post := range p.Posts {
		can := p.Can[post.ID]
		can.Useful, can.Worked = post.Shows && post.AuthorID != 2, post.Shows && post.Number > 1
		p.Can[post.ID] = can
	}
	return p
}

// markedForAsker is the same for the asker, who accepted what was changed later.
func markedForAsker() forum.ThreadPage {
	p := marked()
	p.Answer.Changed, p.CanAccept, p.CanSolve, p.CanSayUsToo, p.CanTell, p.Saved = true, true, true, false, false, nil
	for _, n := range []int{2, 5, 6} {
		p.Can[int64(10+n)] = forum.PostRights{Accept: true}
	}
	return p
}

// solvedThread is a question that was solved without an answer; another council’s
// colleague may still say that theirs has it too.
func solvedThread() forum.ThreadPage {
	p := threadFor()
	p.Thread.Solved, p.Thread.SolvedAt, p.Thread.SolvedBy, p.Thread.SolvedWhy = true, since(day), "Ben", "The supplier mended it."
	p.CanSolve, p.CanAccept, p.CanSayUsToo, p.CanSave = true, true, true, true
	return p
}

func saved() []forum.SavedThread {
	answered := bins()
	answered.ID, answered.AnswerID, answered.Closed = 8, 12, true
	return []forum.SavedThread{
		{Thread: bins(), Saved: forum.Saved{SavedAt: ago(9 * day), RemindAt: since(time.Hour)}, Due: true},
		{Thread: answered, Saved: forum.Saved{SavedAt: ago(9 * day), RemindAt: since(-20 * day)}},
		{Thread: someThreads()[4], Saved: forum.Saved{SavedAt: ago(day)}},
	}
}
