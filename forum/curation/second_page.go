package curation

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Second is what waits for a second curator, or waited.
type Second struct {
	ID              int64
	Deed            string
	ThreadID        int64
	Kind            string // of the thread, as are the next
	Slug            string
	ThreadTitle     string
	ThreadLang      string
	PostID          int64
	HighlightID     int64
	Collection      string // its title
	CollectionSlug  string
	BannerID        int64
	BannerBody      string // as it is
	ElectionID      int64
	ElectionName    string // as it is: its name, and whose it is, as are the next
	ElectionCouncil string
	ElectionNation  string
	ElectionKind    string
	ElectionFrom    *time.Time
	ElectionUntil   *time.Time
	Councils        []string
	Suppliers       []string
	CuratorID       int64
	CuratorName     string
	AskedAt         time.Time
	DecidedAt       *time.Time
	DeciderName     string
	Agreed          bool
	Reason          string
	EntryID         int64 // that tells of the decision
	CanUndo         bool
	Draft           []byte
	Seen            string // what is agreed to goes by, of what waits; other words or another state have another
	Own             bool   // the reader is who asked

	Title, Note string         // what the curator would say of it
	Heads       []string       // of sections
	Banner      *Banner        // what would be told
	To          *ElectionDraft // what would become of the period; nil: called off
}

// SecondsPage is a page of what waits for a second curator, the oldest first, and of what
// was decided, the newest first.
type SecondsPage struct {
	Waiting []Second
	Decided []Second
	Next    int64 // after which the next page of what waits begins; 0 at the end
	Older   int64 // before which the next page of what was decided begins; 0 at the end
	Later   bool  // this is not the first page
}

// secondsPerPage is how many of each a page shows.
const secondsPerPage = 30

// secondSeen is SQL that tells what stands behind a row s: what was asked, and the state of
// all that it is about. Another curator agrees to what they saw of that, and no more.
const secondSeen = `md5(concat_ws('|', s.id, s.draft,
	(select h.version from highlights h where h.id = s.highlight_id),
	(select k.version from collections k where k.id = s.collection_id and s.deed = 'show_collection'),
	(select b.version from banners b where b.id = s.banner_id),
	(select e.version from elections e where e.id = s.election_id),
	(select string_agg(concat_ws('|', x.id, x.title, md5(j.summary), o.id, o.version), '|' order by x.id, o.id)
		from (select s.thread_id, s.post_id
			union select (i->>'ThreadID')::bigint, nullif((i->>'PostID')::bigint, 0)
				from jsonb_array_elements(case when jsonb_typeof(s.draft->'Items') = 'array' then s.draft->'Items' else '[]' end) i
			union select c.thread_id, c.post_id from collection_items c where c.collection_id = s.collection_id and s.deed = 'show_collection') w
		join threads x on x.id = w.thread_id left join projects j on j.thread_id = x.id
		left join posts o on o.id = coalesce(w.post_id, (select f.id from posts f where f.thread_id = x.id and f.number = 1)))))`

// secondColumns read a row with what it is about. What its reader may not see, or is gone,
// is not spoken of either.
const secondColumns = `
	select s.id, s.deed, coalesce(t.id, 0) as thread_id, coalesce(t.kind, '') as kind, coalesce(t.slug, '') as slug, coalesce(t.title, '') as thread_title, coalesce(t.lang, '') as thread_lang,
		case when t.id is null then 0 else coalesce(s.post_id, 0) end as post_id, coalesce(s.highlight_id, 0) as highlight_id, coalesce(k.title, '') as collection, coalesce(k.slug, '') as collection_slug,
		coalesce(s.banner_id, 0) as banner_id, coalesce(b.body, '') as banner_body, coalesce(s.election_id, 0) as election_id, coalesce(e.name, '') as election_name, coalesce(ec.shown_name, '') as election_council,
		coalesce(e.nation, '') as election_nation, coalesce(e.kind, '') as election_kind, e.from_on as election_from, e.until_on as election_until,
		case when q.seen then s.councils else '{}' end as councils, case when q.seen then s.suppliers else '{}' end as suppliers,
		s.curator_id, c.name as curator_name, s.asked_at, s.decided_at, coalesce(z.name, '') as decider_name, coalesce(s.agreed, false) as agreed,
		case when q.seen then s.reason else '' end as reason, coalesce(s.decision, 0) as entry_id, coalesce(not s.agreed and s.draft <> '{}', false) as can_undo,
		case when q.seen then s.draft else '{}' end as draft, case when s.decided_at is null then ` + secondSeen + ` else '' end as seen, s.curator_id = @who as own
	from seconds s join people c on c.id = s.curator_id left join people z on z.id = s.decider_id left join collections k on k.id = s.collection_id
	left join banners b on b.id = s.banner_id left join elections e on e.id = s.election_id left join councils ec on ec.id = e.council_id
	left join posts p on p.id = s.post_id left join threads m on m.id = s.thread_id
	left join threads t on t.id = coalesce(p.thread_id, m.merged_into, m.id) and ` + forum.Visible + ` and (s.post_id is null or ` + forum.Shows + `)
	cross join lateral (select s.thread_id is null or t.id is not null as seen) q `

// SecondsPage reads it in one round trip: of what waits that which came after one, of what
// was decided that which was before an entry; 0 for all. ErrForbidden for who is no curator.
func (s *Store) SecondsPage(ctx context.Context, who forum.Person, after, before int64) (p SecondsPage, err error) {
	if !forum.CanTend(who) {
		return p, forum.ErrForbidden
	}
	p.Later = after > 0 || before > 0
	args := who.Rights(pgx.NamedArgs{"limit": secondsPerPage + 1, "after": after, "before": before})
	var b pgx.Batch
	if before == 0 {
		b.Queue(secondColumns+`where s.decided_at is null and s.id > @after order by s.id limit @limit`, args).Query(forum.Into(&p.Waiting))
	}
	if after == 0 {
		b.Queue(secondColumns+`where s.decision is not null and (@before::bigint = 0 or s.decision < @before) order by s.decision desc limit @limit`, args).Query(forum.Into(&p.Decided))
	}
	if err := s.Send(ctx, &b); err != nil {
		return SecondsPage{}, err
	}
	if len(p.Waiting) > secondsPerPage {
		p.Waiting = p.Waiting[:secondsPerPage]
		p.Next = p.Waiting[secondsPerPage-1].ID
	}
	if len(p.Decided) > secondsPerPage {
		p.Decided = p.Decided[:secondsPerPage]
		p.Older = p.Decided[secondsPerPage-1].EntryID
	}
	for _, list := range [][]Second{p.Waiting, p.Decided} {
		for i := range list {
			list[i].read()
		}
	}
	return p, nil
}

// read takes from the draft what is said in it, and what would be done.
func (s *Second) read() {
	switch s.Deed {
	case secondBanner, secondReword:
		var draft BannerDraft
		if json.Unmarshal(s.Draft, &draft) == nil && draft.Body != "" { // else the words are forgotten
			from, until := draft.span()
			s.Banner = &Banner{Kind: draft.Kind, Body: draft.Body, BodyCy: draft.BodyCy, FromAt: from, UntilAt: until}
		}
		return
	case secondReschedule:
		var draft ElectionDraft
		if json.Unmarshal(s.Draft, &draft) == nil {
			s.To = &draft
		}
		return
	case secondCallOff:
		return
	}
	var said struct {
		Title, Note, Intro string
		Heads              []deltaHead
		Items              []struct{ Why string }
	}
	if json.Unmarshal(s.Draft, &said) != nil {
		return // it is shown without
	}
	s.Title, s.Note = said.Title, said.Note+said.Intro
	for _, h := range said.Heads {
		s.Heads = append(s.Heads, h.Heading)
	}
	if len(said.Items) == 1 {
		s.Note = said.Items[0].Why
	}
}
