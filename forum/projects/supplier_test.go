package projects_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

// sold is a hall with a product of Binwatch Ltd, a curator, and two people of the company.
type sold struct {
	*hall
	cora, sal, sid forum.Person
}

func openSold(t *testing.T) *sold {
	t.Helper()
	h := &sold{hall: open(t)}
	h.cora = forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Cora", "Southmoor"), forum.Curator)
	h.sal = forumtest.SupplierOf(t, h.Store.Store, "Sal", "Binwatch Ltd")
	h.sid = forumtest.SupplierOf(t, h.Store.Store, "Sid", "Somebody Else")
	h.use(t, h.ada, h.project, "Binwatch", "")
	h.sells(t, "binwatch", "Binwatch Ltd")
	return h
}

// sells has the curator say who sells a product.
func (h *sold) sells(t *testing.T, slug, supplier string) {
	t.Helper()
	p := h.product(t, h.cora, slug)
	if err := h.ChangeProduct(t.Context(), h.cora, slug, projects.ProductFacts{Name: p.Product.Name, Supplier: supplier, Standards: p.Standards, URL: p.URL, About: p.About}); err != nil {
		t.Fatal(err)
	}
}

func (h *sold) supplier(t *testing.T, who forum.Person, slug string) projects.SupplierPage {
	t.Helper()
	p, err := h.SupplierPage(t.Context(), who, slug, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// speak has somebody speak for a supplier, as the curator agrees.
func (h *sold) speak(t *testing.T, who forum.Person, slug string) {
	t.Helper()
	if err := h.AskToSpeak(t.Context(), who, slug, "I sell it."); err != nil {
		t.Fatal(err)
	}
	claim := h.supplier(t, who, slug).Claim
	if err := h.DecideClaim(t.Context(), h.cora, slug, claim.ID, projects.ClaimDecision{Agreed: true}); err != nil {
		t.Fatal(err)
	}
}

func (h *sold) is(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// A supplier's page has its products, who uses them, what names them and whose company it
// is; one whose products only hidden things name is not there.
func TestASupplierHasItsProducts(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	secret := h.start(t, h.ben, projects.Draft{Title: "Secret", Visibility: "councils"})
	h.use(t, h.ben, secret, "Whisper", "")
	h.sells(t, "whisper", "Whisper Ltd")
	h.use(t, h.ben, secret, "Binwatch Quiet", "")
	h.sells(t, "binwatch-quiet", "binwatch LTD")
	if err := h.SayUse(t.Context(), h.ben, "binwatch", true, ""); err != nil {
		t.Fatal(err)
	}
	thread := forumtest.Ask(t, h.Store.Store, h.ben, forum.AskDraft{Title: "Any good?", Body: "We look at Binwatch Ltd for our bins.", Kind: forum.Question, Topics: []string{"waste-management"}})
	p := h.supplier(t, forum.Person{}, "binwatch-ltd")
	if len(p.Products) != 1 || p.Products[0].Name != "Binwatch" || len(p.Councils) != 2 || p.Councils[0].CouncilSlug != "southmoor" || p.Councils[0].ConfirmedAt == nil ||
		!slices.Equal(p.Councils[1].Products, []string{"Binwatch"}) || len(p.Projects) != 1 || len(p.People) != 1 || p.People[0].Name != "Sal" || p.People[0].Speaks || p.CanClaim || p.CanCorrect {
		t.Errorf("to a visitor it is %+v", p)
	}
	if len(p.Threads) != 1 || p.Threads[0].ID != thread {
		t.Errorf("it is named by %+v", p.Threads)
	}
	if p := h.supplier(t, h.ada, "binwatch-ltd"); len(p.Products) != 2 || len(p.Projects) != 2 {
		t.Errorf("a colleague sees %d products and %d projects", len(p.Products), len(p.Projects))
	}
	for _, who := range []forum.Person{{}, h.sal} {
		_, err := h.SupplierPage(t.Context(), who, "whisper-ltd", 0)
		h.is(t, "a secret supplier", err, forum.ErrNotFound)
		h.is(t, "following it", h.Follow(t.Context(), h.sal, forum.Subject{Kind: forum.ToSupplier, Slug: "whisper-ltd"}, forum.Daily), forum.ErrNotFound)
		h.is(t, "asking to speak for it", h.AskToSpeak(t.Context(), h.sal, "whisper-ltd", ""), forum.ErrNotFound)
		l, err := h.SupplierList(t.Context(), who, "", "")
		if err != nil || len(l.Suppliers) != 1 || l.Suppliers[0].Name != "Binwatch Ltd" || l.Suppliers[0].Products != 1 {
			t.Errorf("the list has %+v (%v)", l.Suppliers, err)
		}
	}
	if l, err := h.SupplierList(t.Context(), h.ada, "whis", ""); err != nil || len(l.Suppliers) != 1 {
		t.Errorf("a colleague finds %+v (%v)", l.Suppliers, err)
	}
}

// Suppliers that are the same are merged: products of both stand on one page, the other
// address leads there, and that can be undone. Only curators do so.
func TestSuppliersAreMergedAndParted(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	h.use(t, h.ada, h.project, "Lidless", "")
	h.sells(t, "lidless", "Bin Watch Limited")
	for name, who := range map[string]forum.Person{"a visitor": {}, "a colleague": h.ada, "a supplier": h.sal} {
		h.is(t, name, h.MergeSupplier(t.Context(), who, "bin-watch-limited", "binwatch-ltd"), forum.ErrForbidden)
	}
	for _, into := range []string{"", "none", "bin-watch-limited"} {
		if err := h.MergeSupplier(t.Context(), h.cora, "bin-watch-limited", into); !errors.As(err, &forum.Invalid{}) {
			t.Errorf("into %q: %v", into, err)
		}
	}
	h.speak(t, h.sid, "bin-watch-limited")
	if err := h.MergeSupplier(t.Context(), h.cora, "bin-watch-limited", "binwatch-ltd"); err != nil {
		t.Fatal(err)
	}
	p := h.supplier(t, h.cora, "binwatch-ltd")
	if len(p.Products) != 2 || p.Products[1].Supplier != "Binwatch Ltd" || len(p.Merged) != 1 {
		t.Errorf("merged it is %+v", p.Products)
	}
	if old := h.supplier(t, forum.Person{}, "bin-watch-limited"); old.Into != "binwatch-ltd" {
		t.Errorf("the old address leads to %q", old.Into)
	}
	if p := h.supplier(t, h.sid, "binwatch-ltd"); !p.CanCorrect {
		t.Error("who spoke for the one does not speak for both")
	}
	for range 2 {
		if err := h.PartSupplier(t.Context(), h.cora, "binwatch-ltd", "bin-watch-limited"); err != nil {
			t.Fatal(err)
		}
	}
	if p := h.supplier(t, h.cora, "bin-watch-limited"); len(p.Products) != 1 || p.Products[0].Supplier != "Bin Watch Limited" {
		t.Errorf("parted it is %+v", p.Products)
	}
}

// Two suppliers that are merged into each other at once are not both gone.
func TestSuppliersMergedIntoEachOtherAtOnce(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	h.use(t, h.ada, h.project, "Lidless", "")
	h.sells(t, "lidless", "Bin Watch Limited")
	var both sync.WaitGroup
	both.Go(func() { _ = h.MergeSupplier(t.Context(), h.cora, "bin-watch-limited", "binwatch-ltd") })
	both.Go(func() { _ = h.MergeSupplier(t.Context(), h.cora, "binwatch-ltd", "bin-watch-limited") })
	both.Wait()
	if l, err := h.SupplierList(t.Context(), forum.Person{}, "", ""); err != nil || len(l.Suppliers) != 1 || l.Suppliers[0].Products != 2 {
		t.Errorf("there is %+v (%v)", l.Suppliers, err)
	}
}

// Who asks to speak for a supplier speaks for it when a curator agrees, and not before;
// several may; what was declined says why, and may be asked anew.
func TestWhoSpeaksForASupplier(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	newcomer := forumtest.NewcomerOf(t, h.Store.Store, "Nia", "Northmoor")
	for name, who := range map[string]forum.Person{"a visitor": {}, "a colleague": h.ada, "a newcomer": newcomer, "a curator": h.cora} {
		h.is(t, name, h.AskToSpeak(t.Context(), who, "binwatch-ltd", ""), forum.ErrForbidden)
	}
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() {
			if err := h.AskToSpeak(t.Context(), h.sal, "binwatch-ltd", "I sell it."); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if err := h.AskToSpeak(t.Context(), h.sid, "binwatch-ltd", ""); err != nil {
		t.Fatal(err)
	}
	p := h.supplier(t, h.cora, "binwatch-ltd")
	if len(p.Claims) != 2 || p.Claims[0].Note != "I sell it." || len(h.supplier(t, h.sal, "binwatch-ltd").Claims) != 0 || h.supplier(t, h.sal, "binwatch-ltd").CanCorrect {
		t.Fatalf("there wait %+v", p.Claims)
	}
	sal, sid := p.Claims[0].ID, p.Claims[1].ID
	agree, decline := projects.ClaimDecision{Agreed: true}, projects.ClaimDecision{Reason: "We know nobody of that name."}
	for name, who := range map[string]forum.Person{"a visitor": {}, "a colleague": h.ada, "a supplier": h.sal} {
		h.is(t, name, h.DecideClaim(t.Context(), who, "binwatch-ltd", sal, agree), forum.ErrForbidden)
	}
	h.is(t, "none", h.DecideClaim(t.Context(), h.cora, "binwatch-ltd", 999, agree), forum.ErrNotFound)
	if err := h.DecideClaim(t.Context(), h.cora, "binwatch-ltd", sid, projects.ClaimDecision{}); !errors.As(err, &forum.Invalid{}) {
		t.Errorf("without a reason: %v", err)
	}
	for range 2 {
		if err := errors.Join(h.DecideClaim(t.Context(), h.cora, "binwatch-ltd", sal, agree), h.DecideClaim(t.Context(), h.cora, "binwatch-ltd", sid, decline)); err != nil {
			t.Fatal(err)
		}
	}
	h.is(t, "agreeing to what was declined", h.DecideClaim(t.Context(), h.cora, "binwatch-ltd", sid, agree), forum.ErrForbidden)
	if p := h.supplier(t, h.sal, "binwatch-ltd"); !p.CanCorrect || p.CanClaim || !p.People[0].Speaks {
		t.Errorf("who was agreed to sees %+v", p)
	}
	if p := h.supplier(t, h.sid, "binwatch-ltd"); p.CanCorrect || !p.CanClaim || p.Claim.Reason != "We know nobody of that name." {
		t.Errorf("who was declined sees %+v", p.Claim)
	}
	if err := h.AskToSpeak(t.Context(), h.sid, "binwatch-ltd", "Ring me."); err != nil {
		t.Fatal(err)
	}
	if p := h.supplier(t, h.sid, "binwatch-ltd"); p.Claim.State != "asked" {
		t.Errorf("asked anew it is %+v", p.Claim)
	}
	var told int
	if err := h.db.QueryRow(t.Context(), `select count(*) from events where kind in ('claim_agreed', 'claim_declined')`).Scan(&told); err != nil || told != 2 {
		t.Errorf("%d were told (%v)", told, err)
	}
}

// Who speaks for a company does so no more when suspended, when they leave it, or when a
// curator says so.
func TestSpeakingForASupplierEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *sold) error{
		"suspended": func(h *sold) error {
			_, err := h.db.Exec(t.Context(), `update people set suspended_at = $2, suspended_until = $3, suspended_why = 'Spam' where id = $1`, h.sal.ID, h.Now(), h.Now().Add(time.Hour))
			return err
		},
		"of another company": func(h *sold) error {
			_, err := h.db.Exec(t.Context(), `update people set company = 'Other Ltd' where id = $1`, h.sal.ID)
			return err
		},
		"of a council": func(h *sold) error {
			_, err := h.db.Exec(t.Context(), `update people set company = null, standing = 'colleague', council_id = (select id from councils where slug = 'northmoor') where id = $1`, h.sal.ID)
			return err
		},
		"stopped": func(h *sold) error { return h.StopSpeaking(t.Context(), h.sal, "binwatch-ltd") },
		"ended": func(h *sold) error {
			return h.DecideClaim(t.Context(), h.cora, "binwatch-ltd", h.supplier(t, h.sal, "binwatch-ltd").Claim.ID, projects.ClaimDecision{Reason: "They left."})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := openSold(t)
			h.speak(t, h.sal, "binwatch-ltd")
			if err := end(h); err != nil {
				t.Fatal(err)
			}
			who := forumtest.Again(t, h.Store.Store, h.sal)
			h.is(t, "correcting", h.ChangeSupplier(t.Context(), who, "binwatch-ltd", projects.SupplierFacts{URL: "https://binwatch.example"}), forum.ErrForbidden)
			h.clock.Advance(2 * time.Hour) // nor when that is over
			h.is(t, "correcting later", h.ChangeSupplier(t.Context(), forumtest.Again(t, h.Store.Store, h.sal), "binwatch-ltd", projects.SupplierFacts{URL: "https://binwatch.example"}), forum.ErrForbidden)
		})
	}
}

// Who speaks for a supplier corrects facts of it and of its products, for everybody to
// see; not its name, nor what councils said; curators take a correction back.
func TestASupplierCorrectsFacts(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	facts := projects.SupplierFacts{Name: "Best Bins", URL: "https://binwatch.example", About: "Sensors.", Contact: "sales@binwatch.example"}
	of := projects.ProductFacts{Name: "Best", Supplier: "Nobody", URL: "https://binwatch.example/sensors", Standards: "Open311"}
	for name, who := range map[string]forum.Person{"a visitor": {}, "a colleague": h.ada, "a supplier": h.sal} {
		h.is(t, name, h.ChangeSupplier(t.Context(), who, "binwatch-ltd", facts), forum.ErrForbidden)
		h.is(t, name+", a product", h.ChangeProduct(t.Context(), who, "binwatch", of), forum.ErrForbidden)
	}
	h.speak(t, h.sal, "binwatch-ltd")
	h.use(t, h.ben, h.start(t, h.ben, projects.Draft{}), "Lidless", "")
	h.is(t, "a product of another", h.ChangeProduct(t.Context(), h.sal, "lidless", of), forum.ErrForbidden)
	h.is(t, "what is hidden", h.ChangeProduct(t.Context(), h.sal, "whisper", of), forum.ErrNotFound)
	if err := h.ChangeSupplier(t.Context(), h.sal, "binwatch-ltd", projects.SupplierFacts{URL: "javascript:alert(1)"}); !errors.As(err, &forum.Invalid{}) {
		t.Errorf("a link that is none: %v", err)
	}
	for range 2 {
		if err := errors.Join(h.ChangeSupplier(t.Context(), h.sal, "binwatch-ltd", facts), h.ChangeProduct(t.Context(), h.sal, "binwatch", of)); err != nil {
			t.Fatal(err)
		}
	}
	p, o := h.supplier(t, forum.Person{}, "binwatch-ltd"), h.product(t, forum.Person{}, "binwatch")
	if p.Supplier.Name != "Binwatch Ltd" || p.Supplier.URL != facts.URL || len(p.Corrections) != 3 || p.Corrections[0].Company != "Binwatch Ltd" || p.Corrections[0].PersonName != "Sal" {
		t.Errorf("the supplier is %+v, corrected %+v", p.Supplier, p.Corrections)
	}
	if o.Product.Name != "Binwatch" || o.Product.Supplier != "Binwatch Ltd" || o.Standards != "Open311" || len(o.Corrections) != 2 || len(o.Councils) != 1 {
		t.Errorf("the product is %+v, corrected %+v", o.Product, o.Corrections)
	}
	old := facts
	old.Version, old.About = p.Supplier.Version-1, "Typed on an old page."
	clash := (*projects.FactsConflict)(nil)
	if err := h.ChangeSupplier(t.Context(), h.sal, "binwatch-ltd", old); !errors.As(err, &clash) || clash.Supplier.About != "Sensors." {
		t.Errorf("from an old page: %v", err)
	}
	h.undo(t, p.Corrections[0], o.Corrections[0])
}

// undo has corrections of the supplier and the product taken back.
func (h *sold) undo(t *testing.T, one, of projects.Correction) {
	t.Helper()
	h.is(t, "undone by a supplier", h.UndoSupplierCorrection(t.Context(), h.sal, "binwatch-ltd", one.ID), forum.ErrForbidden)
	h.is(t, "undone at another", h.UndoProductCorrection(t.Context(), h.cora, "binwatch", one.ID), forum.ErrNotFound)
	for range 2 {
		if err := errors.Join(h.UndoSupplierCorrection(t.Context(), h.cora, "binwatch-ltd", one.ID), h.UndoProductCorrection(t.Context(), h.cora, "binwatch", of.ID)); err != nil {
			t.Fatal(err)
		}
	}
	p, o := h.supplier(t, forum.Person{}, "binwatch-ltd"), h.product(t, forum.Person{}, "binwatch")
	if p.Supplier.Contact != "" || len(p.Corrections) != 2 || o.Standards != "" || len(o.Corrections) != 1 {
		t.Errorf("undone it is %+v and %q", p.Supplier, o.Standards)
	}
	if p := h.supplier(t, h.cora, "binwatch-ltd"); len(p.Corrections) != 3 || p.Corrections[2].UndoneAt == nil {
		t.Errorf("curators see %+v", p.Corrections)
	}
	if err := h.ChangeSupplier(t.Context(), h.cora, "binwatch-ltd", projects.SupplierFacts{Name: "Binwatch Ltd", About: "Anew."}); err != nil {
		t.Fatal(err)
	}
	last := h.supplier(t, h.cora, "binwatch-ltd").Corrections
	h.is(t, "what was changed again", h.UndoSupplierCorrection(t.Context(), h.cora, "binwatch-ltd", last[len(last)-2].ID), forum.ErrForbidden)
}

// Of a council that comes to use a product, and of a project that comes to name it, the
// followers hear once, however often it is taken back and said again.
func TestUsesAndNamingsAreToldOnce(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	for range 3 {
		if err := errors.Join(h.SayUse(t.Context(), h.ben, "binwatch", true, ""), h.SayUse(t.Context(), h.ben, "binwatch", true, "2027-03"), h.SayUse(t.Context(), h.ben, "binwatch", false, ""),
			h.SayUse(t.Context(), h.ben, "binwatch", true, ""), h.DropProduct(t.Context(), h.ada, h.project, "binwatch"),
			h.UseProduct(t.Context(), h.ada, h.project, projects.ProductDraft{Name: "Binwatch"})); err != nil {
			t.Fatal(err)
		}
		h.clock.Advance(time.Hour)
	}
	var used, named int
	err := h.db.QueryRow(t.Context(), `select count(*) filter (where kind = 'product_used'), count(*) filter (where kind = 'product_named') from events`).Scan(&used, &named)
	if err != nil || used != 1 || named != 1 {
		t.Errorf("%d uses and %d namings were told of (%v)", used, named, err)
	}
}

// Two suppliers that are given one name at the same moment: one has it, the other is told.
func TestOneNameForTwoSuppliersAtOnce(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	h.use(t, h.ada, h.project, "Treewatch", "")
	h.sells(t, "treewatch", "Treewatch Ltd")
	done := make(chan error, 2)
	for _, slug := range []string{"binwatch-ltd", "treewatch-ltd"} {
		go func() { done <- h.ChangeSupplier(t.Context(), h.cora, slug, projects.SupplierFacts{Name: "Watch Ltd"}) }()
	}
	named := 0
	for range 2 {
		switch err := <-done; {
		case err == nil:
			named++
		case !errors.As(err, &forum.Invalid{}):
			t.Errorf("got %v", err)
		}
	}
	if named != 1 {
		t.Errorf("%d have the name", named)
	}
}
