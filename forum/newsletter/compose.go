package newsletter

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// ComposePage is an issue to be worked on.
type ComposePage struct {
	Issue
	Raw         []RawItem // all that its blocks lead to, whether it shows or not
	Subscribers int       // who would get it now
	Counts      Counts
	Editor      string // who said last what is in it
	CanApprove  bool
	Elections   []string // the councils in it that are in a pre-election period when it goes out, or now
	Fell        bool     // somebody approved it, and it says something else now
	Lines       string   // a digest of its lines, by which a form says what its page showed
}

// RawItem is what a block leads to, as it was put in.
type RawItem struct {
	BlockID  int64
	ThreadID int64
	Why      string
	Gone     bool // a visitor may not see it
	Changed  bool // it does not say any more what it said when it was looked at last
}

// Counts are what became of an issue: of its mails, and of who got them.
type Counts struct {
	Recipients int
	Sent       int
	Waiting    int
	Bounced    int
	Unsent     int
	Went       int // unsubscribed by it
	Unsure     int // of the sent: the program ended while it handed them over
}

const countsQuery = `
	select n.recipients, n.went, case when n.ended_at is null then coalesce(l.sent, 0) else n.sent end as sent,
		case when n.ended_at is null then coalesce(l.bounced, 0) else n.bounced end as bounced,
		case when n.ended_at is null then coalesce(l.unsent, 0) else n.unsent end as unsent,
		case when n.ended_at is null then coalesce(l.waiting, 0) else 0 end as waiting,
		(select count(*) from newsletter_letters u where u.newsletter_id = n.id and u.kind = 'issue' and u.why = 'unsure')::int as unsure
	from newsletters n left join lateral (` + lettersCount + `) l on n.ended_at is null
	where n.id = @issue`

// lettersCount counts what became of the letters of issue n.
const lettersCount = `
	select count(*) filter (where x.state = 'sent')::int as sent, count(*) filter (where x.state = 'bounced')::int as bounced,
		count(*) filter (where x.state in ('dropped', 'suppressed'))::int as unsent, count(*) filter (where x.state in ('queued', 'deferred'))::int as waiting
	from newsletter_letters x where x.newsletter_id = n.id and x.kind = 'issue'`

// ComposePage reads it in one round trip: ErrForbidden for who is no curator, ErrNotFound
// where there is no such issue.
func (s *Store) ComposePage(ctx context.Context, who forum.Person, id int64) (p ComposePage, err error) {
	if !CanCompose(who) {
		return ComposePage{}, forum.ErrForbidden
	}
	var items []Item
	var i Issue
	var editor struct{ Name string }
	var says struct{ Lines string }
	var count struct{ N int }
	args := asVisitor(pgx.NamedArgs{"issue": id, "now": s.Now()})
	var b pgx.Batch
	b.Queue(`select `+issueColumns+` from newsletters n where n.id = $1`, id).Query(forum.IntoOne(&i))
	queueContent(&b, id, false, &p.Issue, &items)
	b.Queue(`
		select i.block_id, i.thread_id, `+why+` as why, not `+shows+` as gone, `+shows+` and not `+kept+` as changed from `+itemTables+` where b.newsletter_id = @issue order by i.place, i.id`, args).Query(forum.Into(&p.Raw))
	var elections []struct{ Name string }
	b.Queue(`
		select distinct c.shown_name as name from newsletters n, `+itemTables+`
		where n.id = @issue and b.newsletter_id = n.id and `+shows+` and in_election(c.id, (case when n.state = 'draft' then @now else n.due_at end at time zone 'Europe/London')::date) order by 1`, args).Query(forum.Into(&elections))
	b.Queue(`select `+linesOf+` as lines from (`+linesNow+`) v`, args).Query(forum.IntoOne(&says))
	b.Queue(countQuery).Query(forum.IntoOne(&count))
	b.Queue(countsQuery, args).Query(forum.IntoOne(&p.Counts))
	b.Queue(`select p.name from newsletters n join people p on p.id = coalesce(n.changed_by, n.curator_id) where n.id = $1`, id).Query(forum.IntoOne(&editor))
	if err := s.Send(ctx, &b); err != nil {
		return ComposePage{}, err
	}
	i.Blocks = p.Blocks
	i.fill(items)
	p.Issue, p.Subscribers, p.Editor, p.CanApprove, p.Lines = i, count.N, editor.Name, CanApprove(who, i), says.Lines
	for _, c := range elections {
		p.Elections = append(p.Elections, c.Name)
	}
	if p.Open() && i.ApprovedBy != 0 && p.Changed() > 0 {
		p.Fell, p.ApprovedBy = true, 0
	}
	return p, nil
}

// Shown is what its forms say that it showed.
func (p ComposePage) Shown() Shown { return Shown{Version: p.Version, Lines: p.Lines} }

// Changed counts what says something else than it did when the issue was looked at last: of
// what is to go out that is left out of the mails.
func (p ComposePage) Changed() (n int) {
	for _, i := range p.Raw {
		if i.Changed {
			n++
		}
	}
	return n
}

// LeftOut counts what is left out of the mails of an issue that is to go out, or goes.
func (p ComposePage) LeftOut() int {
	if p.Open() || p.EndedAt != nil {
		return 0
	}
	return p.Changed()
}

// Draft is a block of the page as its form has it.
func (p ComposePage) Draft(block Block) BlockDraft {
	var raw []RawItem
	for _, i := range p.Raw {
		if i.BlockID == block.ID {
			raw = append(raw, i)
		}
	}
	return BlockDraft{Kind: block.Kind, Heading: block.Heading, Body: block.Body, Threads: typed(raw), Version: p.Version}
}

// Gone counts what a block leads to and no visitor may see.
func (p ComposePage) Gone(block int64) (n int) {
	for _, i := range p.Raw {
		if i.BlockID == block && i.Gone {
			n++
		}
	}
	return n
}

// IssueOf finds the issue that a block stands in; ErrNotFound where there is no such block.
func (s *Store) IssueOf(ctx context.Context, who forum.Person, block int64) (int64, error) {
	if !CanCompose(who) {
		return 0, forum.ErrForbidden
	}
	var at struct{ NewsletterID int64 }
	var b pgx.Batch
	b.Queue(`select newsletter_id from newsletter_blocks where id = $1`, block).Query(forum.IntoOne(&at))
	return at.NewsletterID, s.Send(ctx, &b)
}

// Begin begins an issue: what is new in it is what came since the last one began to be
// sent, or in thirty days.
func (s *Store) Begin(ctx context.Context, who forum.Person, draft IssueDraft) (id int64, err error) {
	bad := draft.Check()
	err = s.DoOnce(ctx, who, &id, func(d *forum.Deed) error {
		d.Unseen()
		if !CanCompose(who) {
			return forum.ErrForbidden
		}
		if bad != nil {
			return bad
		}
		return d.QueryRow(ctx, `
			insert into newsletters (subject, lang, curator_id, made_at, changed_at, since)
			values (@subject, @lang, @who, @at, @at, coalesce((select max(begun_at) from newsletters), @month)) returning id`,
			pgx.NamedArgs{"subject": draft.Subject, "lang": draft.Lang, "who": who.ID, "at": d.At, "month": d.At.AddDate(0, 0, -30)}).Scan(&id)
	})
	return id, err
}

// locked is what a deed reads of an issue that it has locked.
type locked struct {
	ID        int64
	Subject   string
	State     State
	Lang      string
	Version   int
	Asked     bool
	Signed    bool // somebody approved it, as it was
	Approved  bool // and it is as it was
	Begun     bool
	ChangedBy int64
	Blocks    int
	Since     time.Time
}

// tend opens a deed on an issue as a curator.
func (s *Store) tend(ctx context.Context, who forum.Person, id int64, fn func(*forum.Deed, locked) error) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if !CanCompose(who) {
			return forum.ErrForbidden
		}
		rows, err := d.Query(ctx, `
			select n.id, n.subject, n.state, n.lang, n.version, n.asked_at is not null as asked, n.approved_by is not null as signed, n.approved_by is not null and not `+changed+` as approved, n.begun_at is not null as begun,
				coalesce(n.changed_by, n.curator_id) as changed_by, (select count(*) from newsletter_blocks b where b.newsletter_id = n.id)::int as blocks,
				n.since
			from newsletters n where n.id = @issue for update`, asVisitor(pgx.NamedArgs{"issue": id}))
		if err != nil {
			return err
		}
		var l locked
		if err := forum.IntoOne(&l)(rows); err != nil {
			return err
		}
		return fn(d, l)
	})
}

// change opens a deed on what is in an issue: ErrConflict where it is no draft any more,
// or somebody has changed it since the form was made; a version of 0 is any. Whoever
// approved it before has not approved what is in it then.
func (s *Store) change(ctx context.Context, who forum.Person, id int64, version int, fn func(*forum.Deed, locked) error) error {
	return s.tend(ctx, who, id, func(d *forum.Deed, l locked) error {
		d.Unseen()
		if l.State != Draft || version != 0 && version != l.Version {
			return forum.ErrConflict
		}
		if err := fn(d, l); err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `
			update newsletters set version = version + 1, changed_at = $2, changed_by = $3, approved_by = null, approved_at = null where id = $1`, l.ID, d.At, who.ID); err != nil {
			return err
		}
		return unsee(ctx, d, l.ID)
	})
}

// ChangeIssue writes the subject and language of an issue anew.
func (s *Store) ChangeIssue(ctx context.Context, who forum.Person, id int64, draft IssueDraft) error {
	bad := draft.Check()
	return s.change(ctx, who, id, draft.Version, func(d *forum.Deed, l locked) error {
		if bad != nil {
			return bad
		}
		_, err := d.Exec(ctx, `update newsletters set subject = $2, lang = $3 where id = $1`, l.ID, draft.Subject, draft.Lang)
		return err
	})
}

// ThrowAway takes away a draft of an issue, with all that is in it, for good: ErrConflict
// where it is none any more, or somebody has changed it since the form was made; a version
// of 0 is any.
func (s *Store) ThrowAway(ctx context.Context, who forum.Person, id int64, version int) error {
	return s.tend(ctx, who, id, func(d *forum.Deed, l locked) error {
		d.Unseen()
		if l.State != Draft || l.Begun || version != 0 && version != l.Version {
			return forum.ErrConflict
		}
		_, err := d.Exec(ctx, `delete from newsletters where id = $1`, l.ID)
		return err
	})
}

// AddBlock puts a block at the end of an issue.
func (s *Store) AddBlock(ctx context.Context, who forum.Person, id int64, draft BlockDraft) error {
	lines, bad := draft.Check()
	return s.change(ctx, who, id, 0, func(d *forum.Deed, l locked) error {
		if l.Blocks >= blocksMost {
			bad.Add("kind", "newsletters.blocks_many", "Max", blocksMost)
		}
		if bad != nil {
			return bad
		}
		block, err := addBlock(ctx, d, l.ID, draft)
		if err != nil {
			return err
		}
		return setItems(ctx, d, block, lines)
	})
}

// addBlock is the part of a deed that puts a block at the end.
func addBlock(ctx context.Context, d *forum.Deed, issue int64, draft BlockDraft) (id int64, err error) {
	err = d.QueryRow(ctx, `
		insert into newsletter_blocks (newsletter_id, kind, heading, body, place)
		values (@issue, @kind, @heading, @body, (select coalesce(max(place), 0) + 1 from newsletter_blocks where newsletter_id = @issue)) returning id`,
		pgx.NamedArgs{"issue": issue, "kind": draft.Kind, "heading": draft.Heading, "body": draft.Body}).Scan(&id)
	return id, err
}

// setItems writes anew what a block leads to: Invalid where a visitor may not see all of
// it. By which highlight something came in stays known, and that its words are those of
// the highlight, as long as a curator leaves them.
func setItems(ctx context.Context, d *forum.Deed, block int64, lines []line) error {
	var ids []int64
	var whys []string
	for _, l := range lines {
		ids, whys = append(ids, l.Thread), append(whys, l.Why)
	}
	var hidden *int64
	args := asVisitor(pgx.NamedArgs{"block": block, "ids": ids, "whys": whys})
	err := d.QueryRow(ctx, `
		select min(v.id) from unnest(@ids::bigint[]) v (id) where not exists (
			select from threads m join threads t on t.id = coalesce(m.merged_into, m.id) where m.id = v.id and `+forum.Listed+` and t.visibility = 'public')`, args).Scan(&hidden)
	switch {
	case err != nil:
		return err
	case hidden != nil:
		return forum.Invalid{{Field: "threads", Key: "newsletters.thread_hidden", Args: []any{"Number", *hidden}}}
	}
	_, err = d.Exec(ctx, `
		with was as (
			select i.thread_id, min(i.highlight_id) as highlight_id, min(`+why+`) filter (where i.told) as says
			from `+itemTables+` where b.id = @block group by i.thread_id
		),
		gone as (delete from newsletter_items where block_id = @block)
		insert into newsletter_items (block_id, thread_id, highlight_id, told, why, place)
		select @block, v.id, w.highlight_id, v.why is not distinct from w.says, case when v.why is not distinct from w.says then '' else v.why end, v.place
		from unnest(@ids::bigint[], @whys::text[]) with ordinality v (id, why, place) left join was w on w.thread_id = v.id order by v.place`, args)
	return err
}

// onBlock opens a deed on one block of an issue.
func (s *Store) onBlock(ctx context.Context, who forum.Person, block int64, version int, fn func(*forum.Deed, locked) error) error {
	id, err := s.IssueOf(ctx, who, block)
	if err != nil {
		return err
	}
	return s.change(ctx, who, id, version, func(d *forum.Deed, l locked) error {
		err := d.QueryRow(ctx, `select newsletter_id from newsletter_blocks where id = $1 for update`, block).Scan(&l.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			return forum.ErrNotFound // somebody has removed it meanwhile
		}
		if err != nil {
			return err
		}
		return fn(d, l)
	})
}

// ChangeBlock writes a block anew; its kind stays.
func (s *Store) ChangeBlock(ctx context.Context, who forum.Person, block int64, draft BlockDraft) error {
	lines, bad := draft.Check()
	bad = slices.DeleteFunc(bad, func(p forum.Problem) bool { return p.Field == "kind" })
	return s.onBlock(ctx, who, block, draft.Version, func(d *forum.Deed, l locked) error {
		if len(bad) > 0 {
			return bad
		}
		if _, err := d.Exec(ctx, `update newsletter_blocks set heading = $2, body = $3 where id = $1`, block, draft.Heading, draft.Body); err != nil {
			return err
		}
		return setItems(ctx, d, block, lines)
	})
}

// MoveBlock puts a block one place up or down; at an end it stays.
func (s *Store) MoveBlock(ctx context.Context, who forum.Person, block int64, up bool) error {
	return s.onBlock(ctx, who, block, 0, func(d *forum.Deed, l locked) error {
		rows, err := d.Query(ctx, `select id from newsletter_blocks where newsletter_id = $1 order by place, id`, l.ID)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		at := slices.Index(ids, block)
		to := at + 1
		if up {
			to = at - 1
		}
		if to < 0 || to >= len(ids) {
			return nil
		}
		ids[at], ids[to] = ids[to], ids[at]
		_, err = d.Exec(ctx, `
			update newsletter_blocks b set place = v.place from unnest($1::bigint[]) with ordinality v (id, place) where b.id = v.id`, ids)
		return err
	})
}

// RemoveBlock takes a block out of its issue.
func (s *Store) RemoveBlock(ctx context.Context, who forum.Person, block int64) error {
	return s.onBlock(ctx, who, block, 0, func(d *forum.Deed, _ locked) error {
		_, err := d.Exec(ctx, `delete from newsletter_blocks where id = $1`, block)
		return err
	})
}
