package projects

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// SheetRows is the most that one spreadsheet of a register has; the next begins behind it.
const SheetRows = 10000

// Sheet is a register as a spreadsheet: what everybody may read of it, whoever asks, so
// that it may be handed on.
type Sheet struct {
	Kind string
	Rows []SheetRow
	Next string // the cursor of the rest; empty at the end
}

// SheetRow is a project or lesson with its facts in a row.
type SheetRow struct {
	Card
	Nation      string
	CouncilType string
	With        []string // partner councils that said yes
	Topics      []string
	Products    []string
	PaidBy      string
	Funding     string
	Standards   string
	CodeURL     string
	Licence     string
	EvidenceURL string
	Offers      []string
	TimeBand    string
	Key         int64
	Sunk        bool
}

const sheetColumns = cardColumns + `,
	coalesce(c.nation, '') as nation, coalesce(c.kind, '') as council_type,
	array(select k.shown_name from project_councils pc join councils k on k.id = pc.council_id where pc.thread_id = t.id and pc.state = 'confirmed' order by 1) as with,
	array(select o.name from thread_topics tt join topics o on o.id = tt.topic_id where tt.thread_id = t.id order by tt.place) as topics,
	array(select coalesce(m.name, o.name) from project_products pp join products o on o.id = pp.product_id left join products m on m.id = o.merged_into
		where pp.thread_id = t.id order by 1) as products,
	coalesce(j.paid_by, '') as paid_by, coalesce(j.funding, '') as funding, coalesce(j.standards, '') as standards, coalesce(j.code_url, '') as code_url, coalesce(j.licence, '') as licence,
	coalesce(j.evidence_url, '') as evidence_url, r.offers, coalesce(l.time_band, '') as time_band`

// Sheet reads a register as a spreadsheet: ErrNotFound for a filter that means nothing.
func (s *Store) Sheet(ctx context.Context, kind string, f Filter) (p Sheet, err error) {
	visitor := forum.Person{Standing: forum.Visitor}
	if !f.known(kind) {
		return Sheet{}, forum.ErrNotFound
	}
	args, ok := f.args(visitor, kind, s.Now())
	if !ok {
		return Sheet{}, forum.ErrNotFound
	}
	if err := s.Fill(ctx); err != nil {
		return Sheet{}, err
	}
	p.Kind = kind
	var b pgx.Batch
	b.Queue(`select `+sheetColumns+`, p.key, p.sunk from (`+f.rowsQuery(kind, SheetRows+1)+`) p join (`+cardTables+`) on t.id = p.thread_id
		where `+forum.Listed+` order by p.nth`, args).Query(forum.Into(&p.Rows))
	l := Register{Kind: kind, Filter: f}
	keep := s.count(&b, visitor, &l)
	if err := s.Send(ctx, &b); err != nil {
		return Sheet{}, err
	}
	if !keep() {
		return Sheet{}, forum.ErrNotFound
	}
	if len(p.Rows) > SheetRows {
		p.Rows = p.Rows[:SheetRows]
		last := p.Rows[SheetRows-1]
		p.Next = row{Card: last.Card, Key: last.Key, Sunk: last.Sunk}.place()
	}
	return p, nil
}
