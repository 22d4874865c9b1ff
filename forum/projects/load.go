package projects

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Known reads what a file of projects can name.
func (s *Store) Known(ctx context.Context) (k Known, err error) {
	var councils []struct {
		ID         int64
		Slug, Name string
	}
	var topics []forum.Topic
	var b pgx.Batch
	b.Queue(`select id, slug, lower(shown_name) as name from councils where status = 'current'`).Query(forum.Into(&councils))
	s.QueueTopics(&b, &topics)
	if err := s.Send(ctx, &b); err != nil {
		return Known{}, err
	}
	k = Known{Councils: map[string]int64{}, Topics: map[string]bool{}, Today: forum.DayOf(s.Now())}
	for _, c := range councils {
		k.Councils[c.Slug], k.Councils[c.Name] = c.ID, c.ID
	}
	for _, t := range topics {
		k.Topics[t.Slug] = true
	}
	return k, nil
}

// errLoaded is that a project of that name was loaded before.
var errLoaded = errors.New("it is here already")

// Load shares a project of a file in somebody's name, unless it was loaded before: then it
// stays as it is, for people may have changed it since. It happened when the file says, so
// nobody is told.
func (s *Store) Load(ctx context.Context, who forum.Person, row Loaded, known Known) (added bool, err error) {
	if who.CouncilID == 0 {
		return false, &forum.Forbidden{Why: "projects.not_yours"}
	}
	past := New(s.Past(row.Begun.Add(12 * time.Hour))) // noon is of the same day in London
	ask := row.Draft.ask()
	check := ask.Residents()
	ask.Resident = forum.ResidentDraft{Mark: check.Mark, Why: "From a register that was loaded"}
	ask.Also = func(ctx context.Context, d *forum.Deed, t forum.Thread) error {
		if err := start(ctx, d, t, row.Draft); err != nil {
			return err
		}
		return load(ctx, d, t, row, known)
	}
	var before bool
	var b pgx.Batch
	b.Queue(`select exists (select from imports where external_hash = $1)`, row.hash()).QueryRow(func(r pgx.Row) error { return r.Scan(&before) })
	if err := s.Send(ctx, &b); err != nil || before {
		return false, err
	}
	switch _, err = past.Ask(ctx, who, ask); {
	case errors.Is(err, errLoaded):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

// hash is by which it is known whether the row was loaded before.
func (l Loaded) hash() []byte {
	sum := sha256.Sum256([]byte(l.ExternalID))
	return sum[:]
}

// load writes what a file tells beside what begins a project.
func load(ctx context.Context, d *forum.Deed, t forum.Thread, row Loaded, known Known) error {
	_, err := d.Exec(ctx, `insert into imports (external_hash, thread_id, at) values ($1, $2, $3)`, row.hash(), t.ID, known.Today)
	if forum.IsThere(err) {
		return errLoaded // by another who loads the same file
	}
	if err != nil {
		return err
	}
	council := d.Who.CouncilID
	if row.Council != "" {
		council = known.Councils[strings.ToLower(row.Council)]
	}
	args := pgx.NamedArgs{"thread": t.ID, "council": council, "confirmed": row.Confirmed.Add(12 * time.Hour), "offers": []string{}, "licence": ""}
	for _, field := range []string{"problem", "tried", "outcome", "evidence_url", "cost_band", "paid_by", "funding", "standard", "code_url"} {
		args[field] = ""
	}
	for _, f := range row.Facts {
		switch args[f.Field] = f.Text; f.Field {
		case "offer":
			delete(args, "offer")
			args["offers"] = f.Many
		case "code_url":
			args["licence"] = f.Beside
		}
	}
	_, err = d.Exec(ctx, `
		update projects set council_id = @council, confirmed_at = @confirmed, problem = @problem, tried = @tried, outcome = @outcome, evidence_url = @evidence_url,
			cost_band = @cost_band, paid_by = @paid_by, funding = @funding, standards = @standard, code_url = @code_url, licence = @licence, offers = @offers
		where thread_id = @thread`, args)
	if err != nil {
		return err
	}
	if err := loadProducts(ctx, d, t.ID, row.Products); err != nil {
		return err
	}
	if err := moved(ctx, d, t.ID); err != nil {
		return err
	}
	_, err = d.Exec(ctx, `update register set moved_at = confirmed_at where thread_id = $1`, t.ID)
	return err
}

// loadProducts names the products that a project of a file uses.
func loadProducts(ctx context.Context, d *forum.Deed, threadID int64, names []string) error {
	products := slices.Clone(names)
	slices.SortFunc(products, func(a, b string) int { return strings.Compare(forum.Slug(a), forum.Slug(b)) }) // so that two who load wait for each other in one order
	for _, name := range products {
		id, err := theProduct(ctx, d, ProductDraft{Name: name, New: true})
		if err != nil {
			return err
		}
		if _, err := d.Exec(ctx, `insert into project_products (thread_id, product_id) values ($1, $2) on conflict do nothing`, threadID, id); err != nil {
			return err
		}
	}
	return nil
}
