package newsletter

import (
	"context"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Whoever looks an issue through, and says that it is right or when it goes out, says so of
// the words that they saw. The titles in it are other people's, who may change them until
// the last mail has left. An approval falls with that; of what is to go out already, what
// says something else is left out of the mails, and the curators are told. On the page of
// what was sent titles are as everywhere on the site.
const (
	// why are the words beside an item i: a curator's, or what its highlight h says if that
	// is more than the title of thread t.
	why = `case when not i.told then i.why when h.title <> t.title then h.title else '' end`

	// says is a digest of what people wrote in the line of an item: its title, and the words
	// beside it. The name of the council in it is not theirs to write.
	says = `md5(t.title || e'\n' || ` + why + `)`

	// kept is true of the items that say what they said when they were looked at.
	kept = `(i.seen is null or i.seen = ` + says + `)`

	// changed is true of the issue @issue if a visitor can see something of it that nobody has
	// looked at as it is.
	changed = `exists (select from ` + itemTables + ` where b.newsletter_id = @issue and ` + shows + ` and not ` + kept + `)`
)

// linesOf is a digest of all lines of an issue, of rows of their numbers and what each says.
const linesOf = `coalesce(md5(string_agg(id || ' ' || seen, ',' order by id)), '')`

// linesNow are such rows: what nobody can see says nothing.
const linesNow = `select i.id, case when ` + shows + ` then ` + says + ` else '' end as seen, i.seen as before from ` + itemTables + ` where b.newsletter_id = @issue`

// Shown is what was on the page of an issue on which somebody pressed: its version, and a
// digest of the lines that it had.
type Shown struct {
	Version int
	Lines   string
}

// see is the part of a deed that keeps what an issue says as it is now, and returns the
// digest of it. What a visitor cannot see nobody has looked at: it is left out also when it
// shows again.
func see(ctx context.Context, d *forum.Deed, issue int64) (lines string, err error) {
	err = d.QueryRow(ctx, `
		with v as (update newsletter_items u set seen = v.seen from (`+linesNow+`) v where u.id = v.id returning u.id, u.seen)
		select `+linesOf+` from v`, asVisitor(pgx.NamedArgs{"issue": issue})).Scan(&lines)
	return lines, err
}

// seeRest is the part of a deed that keeps what an issue says of which nothing is kept, as of
// what was approved before any was.
func seeRest(ctx context.Context, d *forum.Deed, issue int64) error {
	_, err := d.Exec(ctx, `update newsletter_items u set seen = v.seen from (`+linesNow+`) v where u.id = v.id and v.before is null`,
		asVisitor(pgx.NamedArgs{"issue": issue}))
	return err
}

// unsee is the part of a deed that forgets it: it is to be looked at anew.
func unsee(ctx context.Context, d *forum.Deed, issue int64) error {
	_, err := d.Exec(ctx, `
		update newsletter_items i set seen = null from newsletter_blocks b
		where b.newsletter_id = $1 and i.block_id = b.id and i.seen is not null`, issue)
	return err
}
