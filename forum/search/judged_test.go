package search_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/demo"
	"moothall/forum/forumtest"
	"moothall/forum/search"
)

// judged are queries as people of councils type them, and the threads of the demo that a
// reader would want, all alike, by the beginnings of their titles.
var judged = []struct {
	query string
	want  []string
}{
	{"missed bins", []string{"How do you stop five missed", "“We already know”"}},
	{"planning backlog", []string{"Reducing the planning"}},
	{"duplicate reports same street", []string{"“We already know”", "How do you stop five missed"}},
	{"blue badge photo evidence", []string{"Blue badge"}},
	{"texting council tax debtors", []string{"Texting people before", "Early, kind texts"}},
	{"CTAX arrears", []string{"Texting people before", "Early, kind texts"}},
	{"teams telephony", []string{"Moving the contact centre"}},
	{"call centre phone system", []string{"Moving the contact centre"}},
	{"low code governance", []string{"Low-code: where", "Low-code amnesty"}},
	{"ffurflenni", []string{"Ffurflenni dwyieithog"}},
	{"shared services fund", []string{"Shared services fund"}},
	{"children's case migration", []string{"Children’s case management", "Phased cutover"}},
	{"big bang cutover", []string{"Children’s case management", "Phased cutover"}},
	{"UPRN merge districts", []string{"Merging address gazetteers", "Gazetteer merge guide"}},
	{"LLPG", []string{"Merging address gazetteers", "Gazetteer merge guide"}},
	{"ai notes social work", []string{"AI note-taking"}},
	{"consent transcription adult social care", []string{"AI note-taking"}},
	{"parking permits proof of residence", []string{"Parking permits", "Proof of residence"}},
	{"telecare analogue digital", []string{"Telecare and the digital", "Matching telecare", "The clipboard survey"}},
	{"PSTN switch off", []string{"Telecare and the digital", "Matching telecare", "The clipboard survey"}},
	{"FOI automation", []string{"FOI: anyone", "FOI: finding"}},
	{"freedom of information search", []string{"FOI: anyone", "FOI: finding"}},
	{"what not to use AI for", []string{"What have you decided NOT", "A public register of AI"}},
	{"library consortium", []string{"Joining a library", "Joining a shared library"}},
	{"polling station queues", []string{"Live queue times"}},
	{"small team cms order", []string{"Team of three"}},
	{"temporary accommodation dashboard", []string{"Temporary accommodation"}},
	{"homelessness figures for councillors", []string{"Temporary accommodation"}},
	{"cyber training councillors", []string{"Explaining cyber risk"}},
	{"identity without passport", []string{"Proving identity", "Ask for less identity"}},
	{"bin collection data standard", []string{"A common format", "Open bin collection"}},
	{"pothole photos number plates", []string{"Residents’ pothole photos"}},
	{"ANPR faces privacy", []string{"Residents’ pothole photos"}},
	{"change freeze annual billing", []string{"How long is your change freeze"}},
	{"supplier mentions rule", []string{"Changes to how we handle"}},
	{"service desk after merger", []string{"One service desk"}},
	{"LGR email domain", []string{"LGR day one"}},
	{"local government reorganisation day one", []string{"LGR day one"}},
	{"how much time saved", []string{"What does an hour saved"}},
	{"who maintains open source", []string{"Who maintains shared code"}},
	{"contract renewal dates publish", []string{"Should councils publish"}},
	{"house rules", []string{"Welcome, and three"}},
}

// gain is how well a ranking serves: 1 where what is wanted stands first (nDCG@10, all
// wanted alike good).
func gain(titles, want []string) float64 {
	got, ideal := 0.0, 0.0
	for i, title := range titles[:min(10, len(titles))] {
		for _, w := range want {
			if strings.HasPrefix(title, w) {
				got += 1 / math.Log2(float64(i)+2)
			}
		}
	}
	for i := range want {
		ideal += 1 / math.Log2(float64(i)+2)
	}
	return got / ideal
}

// Readers find what they want first. Every third query is kept aside: weights are chosen
// by the others, and both figures are told.
func TestReadersFindWhatTheyWantFirst(t *testing.T) {
	t.Parallel()
	store, db := forumtest.Open(t)
	if err := demo.Load(t.Context(), db, store); err != nil {
		t.Fatal(err)
	}
	look := search.New(store)
	reader := forum.Person{Standing: forum.Visitor}
	var sum, first, n [2]float64
	for i, j := range judged {
		p, err := look.Page(t.Context(), reader, search.Query{Text: j.query})
		if err != nil {
			t.Fatalf("%s: %v", j.query, err)
		}
		hits := append(p.Hits, p.Nearest...)
		titles := make([]string, len(hits))
		for i, h := range hits {
			titles[i] = h.Title
		}
		aside, g := 0, gain(titles, j.want)
		if i%3 == 2 {
			aside = 1
		}
		n[aside]++
		sum[aside] += g
		if len(titles) > 0 && slices.ContainsFunc(j.want, func(want string) bool { return strings.HasPrefix(titles[0], want) }) {
			first[aside]++
		} else {
			t.Logf("%q: %.2f, found %d, first %.3q", j.query, g, p.Found, titles[:min(3, len(titles))])
		}
	}
	for i, set := range []string{"chosen by", "kept aside"} {
		t.Logf("%s: nDCG@10 %.3f, right first hit %.0f%% of %.0f", set, sum[i]/n[i], 100*first[i]/n[i], n[i])
		if sum[i]/n[i] < 0.85 || first[i]/n[i] < 0.8 {
			t.Errorf("%s: nDCG@10 %.3f, right first hit %.2f; at least 0.85 and 0.8 are wanted", set, sum[i]/n[i], first[i]/n[i])
		}
	}
}
