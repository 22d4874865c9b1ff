package projects

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Forget is what this package does when somebody is erased: they answer for no project
// any more, and speak for no supplier, and how a supplier is reached goes where they said
// it; their own words beside what they said for their council go; and of projects
// and lessons that nobody else has answered, which go with them, so do the facts. Those
// that stay are their councils' own, but not what a lesson of theirs said before.
func (s *Store) Forget(ctx context.Context, d *forum.Deed, personID int64) error {
	const gone = ` in (select id from threads where author_id = $1 and (deleted_at is not null or others = 0))`
	var b pgx.Batch
	for _, query := range []string{
		`update projects set contact_id = null, contact_role = '' where contact_id = $1`,
		`delete from supplier_claims where person_id = $1`,
		// Also where curators have put it in other words since; not where it was emptied, or somebody else of a company has said it.
		`update suppliers s set contact = '', version = version + 1 where contact <> '' and exists (select from supplier_changes g
			where g.supplier_id = s.id and g.field = 'contact' and g.person_id = $1 and g.undone_at is null and not exists (select from supplier_changes k
				where k.supplier_id = s.id and k.field = 'contact' and k.id > g.id and k.undone_at is null
					and ((k.was = '') <> (k.said = '') or k.company <> '' and k.person_id <> $1)))`,
		`update supplier_changes set was = '', said = '' where field = 'contact' and supplier_id in (select g.supplier_id from supplier_changes g where g.person_id = $1 and g.field = 'contact')`,
		`update reuses set note = '' where person_id = $1 and note <> ''`,
		`update project_changes set said = '' where field = 'contact' and split_part(said, ' ', 1) = ($1::bigint)::text`,
		`update projects set summary = '–', problem = '', tried = '', outcome = '', standards = '', code_url = '', licence = '', evidence_url = '',
			contact_id = null, contact_role = '' where thread_id` + gone,
		`update project_changes set said = '' where thread_id` + gone,
		`update lesson_changes set was = '' where thread_id in (select id from threads where author_id = $1)`,
		`update lessons set wanted = '', did = '', happened = '–', differently = '', advice = '' where thread_id` + gone,
	} {
		b.Queue(query, personID)
	}
	return d.SendBatch(ctx, &b).Close()
}
