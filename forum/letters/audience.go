package letters

import (
	"maps"
	"slices"
	"strings"

	"moothall/forum"
)

// The reasons for which somebody is told of an event although they do not follow what
// it is about, the strongest first.
const (
	namedInIt      = `select 1 as strength, 'mentioned' as reason, m.person_id from mentions m where m.event_id = @event`
	whoseItIs      = `select 2, 'accepted', x.author_id from posts x where x.id = @post`
	quotedIn       = `select 3, 'quoted', q.author_id from posts x join posts q on q.id = x.in_reply_to where x.id = @post`
	letIn          = `select 4, 'let_in', @person::bigint`
	whoBegan       = `select 5, 'asked', t.author_id from threads t where t.id = @thread`
	itsAuthor      = `select 5, case when @post::bigint = 0 then 'asked' else 'replied' end, @person::bigint`
	whoCame        = `select 5, 'asked', @person::bigint`
	whoWrote       = `select distinct 6, 'replied', x.author_id from posts x join moved_posts k on k.post_id = x.id where x.thread_id = @thread`
	whoOwns        = `select 5, 'asked', coalesce(j.contact_id, t.author_id) from projects j join threads t on t.id = j.thread_id where t.id = @thread`
	whoCouldAnswer = `select 5, 'could_answer', a.person_id from asks a join threads g on g.id = a.thread_id
		where a.thread_id = @thread and a.person_id = @person and a.declined_at is null and g.others = 0`
	whoIsOffered = `select 5, 'offered', o.person_id from offers o join threads g on g.id = o.thread_id
		where o.thread_id = @thread and o.person_id = @person and g.others = 0`
	whoAsked  = `select 5, 'claimed', @person::bigint`
	whoSaidSo = `select 5, 'suggested', @person::bigint`
	whoHasIt  = `select 4, 'role', @person::bigint`
	whoTakes  = `select 5, 'desk', @person::bigint`
	whoWould  = `select 5, 'second', @person::bigint`
	nobody    = `select 9, '', 0::bigint where false`
)

// levels are what can be followed of a post in a thread, the most specific first: the
// first of these that somebody follows says how they hear of what happens there. The
// numbers of both come from the statement around it, and which saved searches the post
// matches: they ask for certain words, and so stand before a topic and a council.
func levels(thread, post, searches, products string) string {
	return theThread(thread) + `
		union all select 2, 'person', w.author_id, '' from posts w where w.id = ` + post + `
		union all select 3, 'search', m.id, '' from (` + searches + `) m (id)
		union all (with n as (` + products + `) ` + sellers(`(select * from n)`) + ` and ` + forum.ProductIsPublic + `)
		union all select v.level, 'topic', o.id, v.thread_kind
			from threads g join thread_topics tt on tt.thread_id = g.id join topics c on c.id = tt.topic_id
			join topics o on o.id in (c.id, c.parent_id)
			cross join lateral (values (4, g.kind), (5, '')) as v (level, thread_kind)
			where g.id = ` + thread + `
		union all select 6, 'council', w.council_id, '' from posts w where w.id = ` + post + ` and w.council_id is not null
		union all select 7, 'everything', 0, ''`
}

// theThread is the first of the levels alone.
func theThread(thread string) string {
	return `select 1 as level, 'thread' as kind, ` + thread + `::bigint as id, '' as thread_kind where ` + thread + ` <> 0`
}

// sellers are products, and whoever sells them, which comes last: under all their names,
// for who followed what was merged since.
func sellers(products string) string {
	return `select 3 as level, 'product' as kind, o.id, '' as thread_kind from products o where o.id in ` + products + ` or o.merged_into in ` + products + `
		union all select 3, 'supplier', k.id, '' from products o join suppliers g on g.id = o.supplier_id join suppliers k on k.id in (g.id, g.merged_into) or k.merged_into = coalesce(g.merged_into, g.id) where o.id in ` + products
}

// theProduct is the product that an event tells of, and whoever sells it.
var theProduct = sellers(`(@product::bigint)`)

// theCollection is the collection that an event tells of, alone.
const theCollection = `select 1 as level, 'collection' as kind, @collection::bigint as id, '' as thread_kind`

const (
	// matched are the saved searches that were found before the statement.
	matched = `select unnest(@searches::bigint[])`
	// namedProducts are the products that were found before it too.
	namedProducts = `select unnest(@products::bigint[])`
	// soonest orders the follows f of one level: mute wins, else the sooner.
	soonest = `f.cadence <> 'mute', array_position(array['instant', 'daily', 'weekly', 'site'], f.cadence)`
	nothing = `select 9 as level, '' as kind, 0::bigint as id, '' as thread_kind where false`
)

// audience is who hears of a kind of event: for what reasons, and who follows what. Of
// a narrow one those alone hear whom it concerns, as they follow.
type audience struct {
	personal []string
	followed string
	narrow   bool
	unmuted  bool // who has muted the thread does not hear, whatever they follow
}

// audiences says of each kind of event who hears of it. Of other kinds nobody does.
var audiences = map[forum.EventKind]audience{
	forum.ThreadAsked:    {personal: []string{namedInIt}, followed: levels("@thread", "@post", matched, namedProducts)},
	forum.PostAdded:      {personal: []string{namedInIt, quotedIn}, followed: levels("@thread", "@post", matched, namedProducts)},
	forum.PostEdited:     {personal: []string{namedInIt}, followed: nothing},
	forum.AnswerAccepted: {personal: []string{whoseItIs}, followed: theThread("@thread")},
	forum.PersonLetIn:    {personal: []string{letIn}, followed: nothing},

	forum.ProjectDue:       {personal: []string{whoConfirms}, followed: nothing},
	forum.PartnerInvited:   {personal: []string{whoAnswers}, followed: nothing},
	forum.PartnerAnswered:  {personal: []string{whoTends}, followed: nothing},
	forum.ProjectReused:    {personal: []string{whoOwns}, followed: theThread("@thread"), narrow: true},
	forum.LessonChanged:    {personal: []string{whoBegan}, followed: theThread("@thread"), narrow: true},
	forum.ThreadMoved:      {personal: []string{whoBegan}, followed: theThread("@thread"), narrow: true},
	forum.ThreadRetitled:   {personal: []string{whoBegan}, followed: theThread("@thread"), narrow: true},
	forum.ThreadMerged:     {personal: []string{whoBegan, whoCame}, followed: theThread("@thread"), narrow: true},
	forum.ThreadSplit:      {personal: []string{whoWrote}, followed: theThread("@thread"), narrow: true},
	forum.ThreadSummarised: {personal: []string{whoBegan}, followed: theThread("@thread"), narrow: true},
	forum.ThreadPinned:     {personal: []string{whoBegan}, followed: theThread("@thread"), narrow: true},
	forum.WasHighlighted:   {personal: []string{itsAuthor}, followed: theThread("@thread"), narrow: true},
	forum.Offered:          {personal: []string{whoIsOffered}, followed: nothing},
	forum.CouldAnswer:      {personal: []string{whoCouldAnswer}, followed: nothing},
	forum.Collected:        {personal: []string{itsAuthor}, followed: theThread("@thread"), narrow: true},

	forum.CollectionAdded:    {followed: theCollection, unmuted: true},
	forum.ProductNamed:       {followed: theProduct, unmuted: true},
	forum.ProductUsed:        {followed: theProduct},
	forum.ClaimAgreed:        {personal: []string{whoAsked}, followed: nothing, narrow: true},
	forum.ClaimDeclined:      {personal: []string{whoAsked}, followed: nothing, narrow: true},
	forum.SuggestionTaken:    {personal: []string{whoSaidSo}, followed: nothing, narrow: true},
	forum.SuggestionDeclined: {personal: []string{whoSaidSo}, followed: nothing, narrow: true},

	forum.RoleGiven:      {personal: []string{whoHasIt}, followed: nothing, narrow: true},
	forum.RoleEnded:      {personal: []string{whoHasIt}, followed: nothing, narrow: true},
	forum.RoleEnding:     {personal: []string{whoHasIt}, followed: nothing, narrow: true},
	forum.RoleOver:       {personal: []string{whoHasIt}, followed: nothing, narrow: true},
	forum.DeskGiven:      {personal: []string{whoTakes}, followed: nothing, narrow: true},
	forum.SecondAgreed:   {personal: []string{whoWould}, followed: nothing, narrow: true},
	forum.SecondDeclined: {personal: []string{whoWould}, followed: nothing, narrow: true},
}

// Told are the kinds of events of which somebody is told, in the order of their names.
func Told() []forum.EventKind { return slices.Sorted(maps.Keys(audiences)) }

// ofShare is true of a person who is of the share that is told: shares take turns by a
// few thousand numbers, so that two tellers write to different pages of an index.
func ofShare(person string) string {
	return `(@of::int = 1 or ` + person + ` / 4096 % @of::int = @part::int)`
}

// heardQuery begins a statement: heard are the people p, the next @size by their ids
// after @after, who may hear of the event, each with the reason, with how soon they
// hear and by which of their follows, of those that they had @asof.
//
// The thread decides over the person, that over a saved search and over a product, that over the topic, that
// over the council, and that over everything; of two topics the one that is muted, else the
// sooner. What is muted is not heard of, but for a direct mention. What is offered to
// somebody goes into their digest. What somebody was quoted in or what
// was accepted of theirs is told at once, unless they chose otherwise for the thread.
//
// Of each subject no more than @size follows are read, so that a batch costs the same
// wherever it stands among a hundred thousand: the first @size people are complete.
func (a audience) heardQuery() string {
	if len(a.personal) == 0 {
		a.personal = []string{nobody}
	}
	only, join, others := ``, `full`, ` and (k.concern = 'accepted' or x.author_id is null or p.id <> x.author_id)`
	if a.narrow {
		only, join, others = ` and f.person_id in (select person_id from concerned)`, `left`, ``
	}
	if a.unmuted {
		others += ` and not exists (select from follows f where f.person_id = p.id and f.subject_kind = 'thread' and f.subject_id = @thread and f.cadence = 'mute')`
	}
	return `
	with about_thread as materialized (select * from threads where id = nullif(@thread, 0)), -- each read once, and not once a reader
	about_post as materialized (select * from posts where id = nullif(@post, 0)),
	subjects as (select distinct * from (` + a.followed + `) s),
	concerned as (
		select distinct on (person_id) person_id, reason
		from (` + strings.Join(a.personal, ` union all `) + `) c (strength, reason, person_id)
		where person_id > @after and ` + ofShare("person_id") + ` order by person_id, strength
	),
	following as (
		select distinct on (f.person_id) f.person_id, s.level, f.cadence, f.reason, f.subject_kind, f.subject_id, f.thread_kind
		from subjects s cross join lateral (
			select f.* from follows f
			where f.subject_kind = s.kind and f.subject_id = s.id and f.thread_kind = s.thread_kind and f.person_id > @after and ` + ofShare("f.person_id") + only + `
				and (f.since <= @asof or f.cadence = 'mute')
			order by f.subject_kind, f.subject_id, f.thread_kind, f.person_id limit @size) f
		order by f.person_id, s.level, ` + soonest + `
	),
	candidates as (
		select coalesce(c.person_id, f.follower) as person_id, c.reason as concern, f.*
		from concerned c ` + join + ` join (select person_id as follower, level, cadence, reason, subject_kind, subject_id, thread_kind from following) f
			on f.follower = c.person_id
		order by 1 limit @size
	),
	heard as (
		select p.id, coalesce(k.concern, k.reason) as reason,
			case when k.concern in ('desk', 'second') then 'site' when k.concern = 'offered' then 'daily' when k.concern in ('mentioned', 'let_in') or k.concern is not null and k.level is distinct from 1 then 'instant' else k.cadence end as cadence,
			case when k.concern is null then k.subject_kind else '' end as via_kind, case when k.concern is null then k.subject_id else 0 end as via_id,
			case when k.concern is null then k.thread_kind else '' end as via_thread_kind,
			p.proven_email is not null as reachable, x.number
		from candidates k
		join people p on p.id = k.person_id and p.erased_at is null
		left join about_thread t on true
		left join about_post x on true
		where p.id <> @doer` + others + `
			and (k.cadence is distinct from 'mute' or k.concern = 'mentioned')
			and ` + forum.Hears + `
	)`
}
