package letters

import (
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Trade is what a letter says of a product that a council has come to use or a project to
// name, and of a supplier for whom somebody asked to speak.
type Trade struct {
	Product      string
	ProductSlug  string
	Council      string // that uses it
	Supplier     string
	SupplierSlug string
	Reason       string // why that was declined
}

// readTrade has a batch read of it what a letter about the event says.
func readTrade(b *pgx.Batch, l *Letter, e event) {
	switch {
	case e.ProductID != 0:
		b.Queue(`
			select o.name as product, o.slug as product_slug, coalesce(c.shown_name, '') as council
			from products o left join people p on p.id = @doer left join councils c on c.id = p.council_id
			where o.id = @product`, pgx.NamedArgs{"product": e.ProductID, "doer": e.DoerID}).Query(forum.IntoOne(&l.Trade))
	case e.ClaimID != 0:
		b.Queue(`
			select coalesce(m.name, s.name) as supplier, coalesce(m.slug, s.slug) as supplier_slug, q.reason
			from supplier_claims q join suppliers s on s.id = q.supplier_id left join suppliers m on m.id = s.merged_into
			where q.id = $1`, e.ClaimID).Query(forum.IntoOne(&l.Trade))
	}
}

// Use is a council in a digest that has come to use a product that its reader follows.
type Use struct {
	Council     string
	Product     string
	ProductSlug string
	At          time.Time
	Weekly      bool // they hear of it by the week
}

// usesMost is how many of them one digest names.
const usesMost = 30

// readUses has a batch read of them what a digest says.
func readUses(b *pgx.Batch, l *Letter, args pgx.NamedArgs) {
	b.Queue(`
		select c.shown_name as council, o.name as product, o.slug as product_slug, n.at, n.cadence = 'weekly' as weekly
		from notices n
		join people p on p.id = n.person_id
		join events e on e.id = n.event_id and e.kind = 'product_used'
		join products o on o.id = e.product_id
		join people d on d.id = e.doer_id
		join councils c on c.id = d.council_id
		left join threads t on t.id = n.thread_id
		left join posts x on x.id = n.post_id
		where n.person_id = @who and n.letter_id = @letter and n.read_at is null and `+forum.Hears+` and `+forum.StillSo+`
			and `+stillFollowed(`''`)+`
		order by n.at, n.event_id limit @uses`, args).Query(forum.Into(&l.Digest.Uses))
}
