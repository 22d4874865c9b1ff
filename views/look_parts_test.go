package views

import (
	"time"

	"github.com/a-h/templ"

	"moothall/views/govuk"
)

// look is a page with every part on it.
func look(f Frame) templ.Component {
	f.Flash, f.Suspended, f.SuspendedWhy = "nav.threads", "1 December 2026", "Sold a product in three threads."
	bad := problems(f, []govuk.Problem{
		{Field: "title", Text: "Write your question in one line"},
		{Field: "body", Text: "Write more about it"},
		{Field: "topic", Text: "Choose a topic"},
		{Field: "kind", Text: "Choose what kind of thread it is"},
		{Field: "rules", Text: "Tick the box if you accept the rules"},
		{Text: "You asked this already"},
	})
	side := `</div><aside class="mh-side" aria-label="About this page"><section><h2>Facts</h2>`
	return within(page(f, pageHead{Title: "Every part", Refused: true}),
		govuk.Summary(bad),
		crumbs(f, crumb{"Threads", "/threads"}, crumb{"Environment", "/topics/environment"}),
		text(`<h1 class="mh-h1">Every part</h1>`),
		tabs("Kinds", tab{"All", "/threads", 1412, false}, tab{"Questions", "/threads?kind=question", 198, true}, tab{"Mine", "/threads?mine", -1, false}),
		text(`<div class="mh-grid"><div>`),
		states(f), banners(), rows(f), posts(f), fields(f, bad), tables(f),
		pager(f, pages(f, 2, 3, func(int) string { return "/threads/1?page=1" })),
		text(side),
		within(facts(), within(fact("Councils"), person("Northmoor", "/councils/northmoor")), within(fact("Asked by"), person("Somebody", ""))),
		text(`</section>`), within(box(plain), text(`<h2>Good questions</h2><ul><li>Say what you have tried</li><li>Name systems, not people</li></ul>`)),
		text(`</aside></div>`),
	)
}

func states(f Frame) templ.Component {
	return templ.Join(
		text(`<p class="mh-flex mh-gap">`),
		state(markUnanswered, "No answer yet"), state(markReplied, "Has replies"), state(markAnswered, "Answered"),
		state(markWaiting, "Waiting 5 working days"), state(markHeld, "Waiting to be checked"), state(markClosed, "Closed"),
		state(markCouncils, "Councils only"), state(markMerged, "Merged"), state(markRemoved, "Removed"),
		state(markSupplier, "Supplier: Roundsman and Daughters Refuse Systems (Holdings) Limited"), state(markGood, "Live"),
		text(`</p><p>`), when(f, f.Now.Add(-3*time.Hour)), text(`, `), when(f, f.Now.AddDate(-1, 0, 0)), text(`</p>`),
	)
}

func banners() templ.Component {
	say := func(t tone, picture, title string) templ.Component {
		return within(banner(t, picture, title), text(`<p>It says more, and <a href="/about">leads on</a>.</p>`))
	}
	return templ.Join(
		say(ochre, "clock", "We will read this before others can see it"), say(red, "warning", "This may name a resident"),
		say(grey, "lock", "This thread is closed"), say(blue, "merge", "You came from another question"),
		say(pine, "tick", "Your council is confirmed"), say(plain, "letter", "Your next email leaves tomorrow"),
		say(edged, "eye", "Not posted yet"), within(box(edged), text(`<p>A box.</p>`)),
	)
}

func rows(f Frame) templ.Component {
	return templ.Join(
		text(`<section class="mh-sec" aria-labelledby="latest">`),
		within(sectionHead("latest", "Latest"), text(`<a href="/threads">All threads</a>`)),
		text(`<ol class="mh-rows"><li class="mh-row mh-row--flat" data-thread="7"><div><h3 class="mh-row__title"><a href="/threads/7-missed-bins">How do you stop five missed bin reports for the same street?</a></h3><p class="mh-row__meta">`),
		person("Ben Southmoor", "/people/2"), text(`<span class="mh-dot"></span><a href="/topics/waste">Waste management</a></p></div><div class="mh-row__end">`),
		state(markAnswered, "Answered"), text(`<span>8 posts, `), when(f, f.Now.Add(-20*time.Hour)), text(`</span></div></li></ol></section>`),
	)
}

func posts(f Frame) templ.Component {
	return templ.Join(
		text(`<article id="post-1" data-post="11" data-author="2" aria-label="Ben Southmoor"><header><b>`),
		person("Ben Southmoor", "/people/2"), text(`</b><span>Waste data analyst</span><span><a href="/councils/southmoor">Southmoor District Council</a></span><span><a href="#post-1">Post 1</a>`),
		moment(f, f.Now.Add(-5*time.Minute)), text(`</span></header><div><div class="prose">`+proseText+`</div><footer>`),
		within(quickForm(f, "/posts/11/report"), hidden("reason", "x"), quiet("flag", "Report", "post 1")),
		footLink("/threads/7?quote=1#reply", "Quote", "post 1"), quietLink("#post-1", "link", "Link", "to post 1"),
		footLink("/posts/11/edit", "Edit", "post 1"), quietLink("/x", "cross", "Close", ""), quietLink("/x", "ring", "Plain", ""),
		text(`</footer></div></article>`),
		within(tomb(2, 12, 3), text(`<strong>Post 2 was removed</strong> by its author.`)),
		text(`<p class="mh-since" id="since">New since you were here on 16 January</p>`),
		within(tomb(3, 13, 0), said("Post 3 moved to [another thread].", "/threads/8")),
	)
}

const proseText = `<h3>What we did</h3><p>Reports fell by <strong>41%</strong>, says <a class="mention" href="/people/1">@ada-northmoor</a>: see <a href="https://example.org/" rel="nofollow ugc noopener">example.org</a> and ` +
	`https://example.org/a-very-long-address-without-any-place-to-break-it-which-people-paste-all-the-time?and=more.</p>` +
	`<ul><li>One</li><li>Two <code>usrn = $1</code></li></ul><ol><li>First</li></ol><ul><li class="task-list-item">☑ Done</li></ul>` +
	`<blockquote><p>The in-cab system pushes a message.</p></blockquote>` +
	`<pre tabindex="0" role="group" aria-label="Code"><code class="language-sql">select reason, expected_back, collection_date, street, usrn, crew, round from street_not_completed
where usrn = $1;
</code></pre>` +
	`<div class="table-scroll" tabindex="0" role="group" aria-label="Table"><table><thead><tr><th>Measure</th><th align="right">Before</th><th align="right">After</th><th>Source of the figure</th><th>Responsible service</th></tr></thead>` +
	`<tbody><tr><td>Missed bin reports</td><td align="right">2,310</td><td align="right">1,363</td><td>Contact_centre_system_of_record</td><td>Environmental_services</td></tr></tbody></table></div><hr><p>The end.</p>`

func fields(f Frame, bad govuk.Problems) templ.Component {
	none := govuk.Problems{}
	kinds := []govuk.Option{{Value: "question", Text: "Question", Hint: "You want an answer"}, {Value: "discussion", Text: "Discussion", Hint: "You want opinions"}}
	topics := []govuk.Option{{Value: "", Text: "Choose a topic"}, {Value: "waste", Text: "Waste management"}}
	return within(form(f, "/threads"),
		govuk.Input(govuk.Field{Name: "title", Label: "Your question in one line", Hint: "As you would say it to a colleague.", Value: `"Bins" & more`}, bad),
		govuk.Textarea(govuk.Field{Name: "body", Label: "More about it", Hint: "What you have tried.", Value: "We **tried**.", Bar: markdownBar(f)}, bad),
		govuk.Select(govuk.Field{Name: "topic", Label: "Topic", Hint: "Choose the service first.", Options: topics}, bad),
		govuk.Radios(govuk.Choice{Name: "kind", Legend: "What kind of thread is it?", Hint: "One of these.", Values: []string{"discussion"}, Options: kinds}, bad),
		govuk.Checkbox("rules", "1", "I will not post anything about a resident", false, bad),
		govuk.Input(govuk.Field{Name: "job_title", Label: optional(f, "Your job title"), Autocomplete: "organization-title", Width: 20, List: "jobs"}, none),
		text(`<datalist id="jobs"><option value="Analyst"></option></datalist>`),
		govuk.Input(govuk.Field{Name: "q", Label: "Look for", Type: "search", HideLabel: true, Lang: "cy"}, none),
		govuk.Textarea(govuk.Field{Name: "reason", Label: "Reason", Rows: 3, Lang: "cy"}, none),
		govuk.Select(govuk.Field{Name: "topic", ID: "topic-2", Label: optional(f, "Another topic"), Value: "waste", Options: topics}, none),
		govuk.Radios(govuk.Choice{Name: "lang", Legend: "Language", Values: []string{"en"}, Inline: true, Options: []govuk.Option{{Value: "en", Text: "English"}, {Value: "cy", Text: "Cymraeg"}}}, none),
		govuk.Checkboxes(govuk.Choice{Name: "facets", Legend: "Practices", Hint: "Any of these.", Values: []string{"b"}, Options: []govuk.Option{{Value: "a", Text: "Research"}, {Value: "b", Text: "Data", Hint: "With numbers"}}}, none),
		govuk.Checkbox("suppliers", "1", "Suppliers may reply", true, none),
		within(govuk.Details("What happens next"), text(`<p>People who follow the topic hear of it.</p>`)),
		text(`<div class="mh-deeds">`), govuk.Button("Ask"), govuk.Secondary("Preview", "action", "preview"), govuk.Secondary("Save", "", ""),
		govuk.Warning("Delete"), govuk.LinkButton("Cancel", "/threads"), text(`</div>`),
	)
}

func tables(f Frame) templ.Component {
	return within(table("Newcomers", "Who", "Council", "Do"),
		text(`<tr>`), within(headCell(), person("Cai Eastmoor", "/people/4")), within(cell("Council"), text(`Eastmoor Borough Council`)),
		within(cell("Do"), within(quickForm(f, "/people/4/let-in"), lined("tick", "Let in", "Cai Eastmoor"))), text(`</tr>`),
	)
}
