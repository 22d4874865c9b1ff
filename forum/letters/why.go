package letters

import (
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// About is a post of which somebody asks why they did or did not hear: by its own
// number, or by that of its thread and its number there. Without the latter it is the
// newest of the thread.
type About struct {
	PostID   int64
	ThreadID int64
	Number   int
}

func (a About) args(who forum.Person, now time.Time) pgx.NamedArgs {
	return who.Rights(pgx.NamedArgs{"post": a.PostID, "thread": a.ThreadID, "number": a.Number, "now": now})
}

// Asked is what is known of that. Its ThreadID is 0 where there is no such post that
// they may see.
type Asked struct {
	ThreadID int64
	Slug     string
	Title    string
	Lang     string
	Number   int
	Own      bool
	At       time.Time

	// The notice, if there was one:
	Told    bool
	Reason  string
	Cadence forum.Cadence
	ReadAt  *time.Time

	// The letter, if there was one:
	LetterKind Kind
	State      State
	Why        string
	SentAt     *time.Time

	// The follow that decides now, if there is one:
	ViaKind    forum.SubjectKind
	ViaSlug    string
	ViaName    string
	ViaCadence forum.Cadence
	ViaSince   *time.Time
}

// Answer is why somebody did or did not hear of a post, by the name of a sentence.
func (a Asked) Answer() string {
	switch {
	case a.ThreadID == 0:
		return "nowhere"
	case a.Own:
		return "own"
	case a.State != "":
		return string(a.State)
	case a.Told:
		return a.told()
	case a.ViaCadence == forum.Muted:
		return "muted"
	case a.ViaKind == "":
		return "not_followed"
	case a.ViaSince != nil && a.ViaSince.After(a.At):
		return "before"
	}
	return "soon"
}

// told is what became of a notice for which there is no letter.
func (a Asked) told() string {
	switch {
	case a.ReadAt != nil:
		return "read"
	case a.Cadence == forum.Daily || a.Cadence == forum.Weekly:
		return "waits"
	}
	return "site"
}

// askedQuery reads a post that @who may see, what they were told of it, and which of
// their follows decides over it now.
var askedQuery = `
	select t.id as thread_id, t.slug, t.title, t.lang, x.number, x.author_id = @who as own, x.posted_at as at,
		n.event_id is not null as told, coalesce(n.reason, '') as reason, coalesce(n.cadence, '') as cadence, n.read_at,
		coalesce(l.kind, '') as letter_kind, coalesce(l.state, '') as state, coalesce(l.why, '') as why, l.done_at as sent_at,
		coalesce(v.kind, '') as via_kind, coalesce(v.slug, '') as via_slug, coalesce(v.name, '') as via_name, coalesce(v.cadence, '') as via_cadence, v.since as via_since
	from threads t
	join lateral (
		select x.* from posts x
		where x.thread_id = t.id and x.number is not null and x.hidden_at is null and x.held_at is null and x.deleted_at is null
			and (@post::bigint = 0 or x.id = @post) and (@number::int = 0 or x.number = @number)
		order by x.number desc limit 1
	) x on true
	left join lateral (
		select e.id from events e where e.post_id = x.id and e.kind in ('thread_asked', 'post_added') order by e.id limit 1
	) e on true
	left join notices n on n.person_id = @who and n.event_id = e.id
	left join lateral (
		select l.* from letters l where l.person_id = @who and (l.id = n.letter_id or l.event_id = e.id)
		order by l.id = n.letter_id desc nulls last, l.id desc limit 1
	) l on true
	left join lateral (
		select f.cadence, f.since, s.kind, coalesce(o.slug, c.slug, h.handle, pd.slug, sp.slug, '') as slug, coalesce(o.name, c.shown_name, h.name, ss.words, pd.name, sp.name, '') as name
		from (` + levels("t.id", "x.id", "select searches_matching(x.id, @who)", "select products_named(x.id, @who)") + `) s
		join follows f on f.person_id = @who and f.subject_kind = s.kind and f.subject_id = s.id and f.thread_kind = s.thread_kind
		left join topics o on s.kind = 'topic' and o.id = s.id
		left join councils c on s.kind = 'council' and c.id = s.id
		left join people h on s.kind = 'person' and h.id = s.id and h.erased_at is null
		left join saved_searches ss on s.kind = 'search' and ss.id = s.id
		left join products pd on s.kind = 'product' and pd.id = s.id
		left join suppliers sp on s.kind = 'supplier' and sp.id = s.id
		order by s.level, ` + soonest + ` limit 1
	) v on true
	where t.id = case when @post::bigint = 0 then @thread else (select thread_id from posts where id = @post) end and ` + forum.Visible
