package projects_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/projects"
)

// standing is all that the database holds of suppliers and products, as text.
func (h *sold) standing(t *testing.T) (text string) {
	t.Helper()
	err := h.db.QueryRow(t.Context(), `
		select concat((select string_agg(r::text, ' ') from suppliers r), (select string_agg(r::text, ' ') from products r), (select string_agg(r::text, ' ') from supplier_changes r),
			(select string_agg(r::text, ' ') from supplier_claims r), (select string_agg(r.reason, ' ') from entries r))`).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// correct has somebody correct what a supplier does and how it is reached.
func (h *sold) correct(t *testing.T, who forum.Person, about, contact string) {
	t.Helper()
	if err := h.ChangeSupplier(t.Context(), who, "binwatch-ltd", projects.SupplierFacts{Name: "Binwatch Ltd", About: about, Contact: contact}); err != nil {
		t.Fatal(err)
	}
}

// What a moderator takes out of a project stands nowhere in what companies and curators
// said of its products and who sells them, nor in what that said before, nor in what was
// said of who speaks for them; and names that it does not stand in stay.
func TestARedactionGoesThroughSuppliers(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	const phone = "07700 900123"
	h.speak(t, h.sal, "binwatch-ltd")
	h.correct(t, h.sal, "Ring Jane Roe on "+phone, "Jane, "+phone)
	h.correct(t, h.sal, "Sensors.", "sales@binwatch.example")
	if err := h.ChangeProduct(t.Context(), h.sal, "binwatch", projects.ProductFacts{About: "Jane has " + phone, Standards: "Open311"}); err != nil {
		t.Fatal(err)
	}
	if err := h.AskToSpeak(t.Context(), h.sid, "binwatch-ltd", "Ring "+phone); err != nil {
		t.Fatal(err)
	}
	claim := h.supplier(t, h.sid, "binwatch-ltd").Claim
	if err := h.DecideClaim(t.Context(), h.cora, "binwatch-ltd", claim.ID, projects.ClaimDecision{Reason: "Nobody answers on " + phone}); err != nil {
		t.Fatal(err)
	}
	if err := h.SayUse(t.Context(), h.ben, "binwatch", true, ""); err != nil {
		t.Fatal(err)
	}
	h.redact(t, h.page(t, h.ada, h.project).Posts[0].ID, phone)
	if text := h.standing(t); strings.Contains(text, "900123") {
		t.Errorf("it still stands in %s", text)
	}
	o := h.product(t, forum.Person{}, "binwatch")
	if o.Product.Name != "Binwatch" || o.Product.Supplier != "Binwatch Ltd" || o.About != "" || o.Standards != "Open311" || len(o.Projects) != 1 {
		t.Errorf("the product is %+v, %q, %q, in %d projects", o.Product, o.About, o.Standards, len(o.Projects))
	}
	if p := h.supplier(t, forum.Person{}, "binwatch-ltd"); p.Supplier.Name != "Binwatch Ltd" || p.Supplier.About != "Sensors." || p.Supplier.Contact != "sales@binwatch.example" {
		t.Errorf("the supplier is %+v", p.Supplier)
	}
}

// A supplier whose name is taken out has none any more, whoever speaks for it and whatever
// else it sells, and names that somebody took beforehand are in nobody's way.
func TestANameIsTakenOutWhateverIsTaken(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	h.use(t, h.ben, h.start(t, h.ben, projects.Draft{}), "Lidless", "")
	h.sells(t, "binwatch", "Jane Roe Bins")
	h.sells(t, "lidless", "Jane Roe Bins")
	h.use(t, h.ada, h.project, "Jane Roe register", "")
	if err := h.SayUse(t.Context(), h.ben, "jane-roe-register", true, ""); err != nil {
		t.Fatal(err)
	}
	h.speak(t, h.sal, "jane-roe-bins")
	_, err := h.db.Exec(t.Context(), `
		with a as (insert into products (slug, name) select 'product-' || id, '[' || id || ']' from products)
		insert into suppliers (slug, name) select 'supplier-' || id, '[' || id || ']' from suppliers`)
	if err != nil {
		t.Fatal(err)
	}
	h.redact(t, h.page(t, h.ada, h.project).Posts[0].ID, "Jane Roe")
	if text := strings.ToLower(h.standing(t)); strings.Contains(text, "jane") {
		t.Errorf("it still stands in %s", text)
	}
	if o := h.product(t, forum.Person{}, "lidless"); !strings.HasPrefix(o.Product.Supplier, "[") {
		t.Errorf("another of its products is of %q", o.Product.Supplier)
	}
	if o := h.product(t, forum.Person{}, "binwatch"); o.Product.Name != "Binwatch" {
		t.Errorf("the product is %+v", o.Product)
	}
}

// However often a company corrects a fact, a curator takes all of it back in one go, as far
// as they choose; and nobody corrects without end.
func TestManyCorrectionsAreTakenBack(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	h.speak(t, h.sal, "binwatch-ltd")
	h.correct(t, h.cora, "Sensors for bins.", "")
	var last error
	n := 0
	for ; last == nil && n < 200; n++ {
		last = h.ChangeSupplier(t.Context(), h.sal, "binwatch-ltd", projects.SupplierFacts{About: fmt.Sprint("The best of all, says number ", n)})
	}
	if !errors.As(last, &forum.Invalid{}) {
		t.Fatalf("the correction number %d: %v", n, last)
	}
	h.clock.Advance(25 * time.Hour)
	h.correct(t, h.sal, "Better than ever.", "")
	var first projects.Correction
	for before, pages := int64(0), 0; ; pages++ {
		p, err := h.SupplierPage(t.Context(), h.cora, "binwatch-ltd", before)
		if err != nil || pages > 20 {
			t.Fatal(pages, err)
		}
		for _, c := range p.Corrections {
			if c.Company != "" {
				first = c
			}
		}
		if before = p.Older; before == 0 {
			break
		}
	}
	if first.Was != "Sensors for bins." {
		t.Fatalf("the first that one can take back is %+v", first)
	}
	if err := h.UndoSupplierCorrection(t.Context(), h.cora, "binwatch-ltd", first.ID); err != nil {
		t.Fatal(err)
	}
	p := h.supplier(t, forum.Person{}, "binwatch-ltd")
	if p.Supplier.About != "Sensors for bins." || len(p.Corrections) != 1 || p.Older != 0 {
		t.Errorf("it says %q, with %d corrections", p.Supplier.About, len(p.Corrections))
	}
	if p := h.supplier(t, h.cora, "binwatch-ltd"); len(p.Corrections) > 30 || p.Corrections[0].UndoneAt != nil || p.Corrections[len(p.Corrections)-1].UndoneAt == nil {
		t.Errorf("curators see %d, the first of them undone: %v", len(p.Corrections), p.Corrections[0].UndoneAt)
	}
}

// What was undone nobody reads but curators, who can take its text away for good; also
// where another correction says that it stood there before.
func TestTheTextOfACorrectionIsTakenAway(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	h.speak(t, h.sal, "binwatch-ltd")
	h.correct(t, h.sal, "Ring Jane Roe at home.", "")
	h.correct(t, h.cora, "Sensors.", "")
	if p := h.supplier(t, forum.Person{}, "binwatch-ltd"); len(p.Corrections) != 2 || p.Corrections[0].Was != "Ring Jane Roe at home." {
		t.Fatalf("there is %+v", p.Corrections)
	}
	one := h.supplier(t, h.cora, "binwatch-ltd").Corrections[1]
	for name, who := range map[string]forum.Person{"a visitor": {}, "a colleague": h.ada, "who speaks for it": h.sal} {
		h.is(t, name, h.TakeSupplierText(t.Context(), who, "binwatch-ltd", one.ID), forum.ErrForbidden)
	}
	h.is(t, "of a product", h.TakeProductText(t.Context(), h.cora, "binwatch", one.ID), forum.ErrNotFound)
	for range 2 {
		if err := h.TakeSupplierText(t.Context(), h.cora, "binwatch-ltd", one.ID); err != nil {
			t.Fatal(err)
		}
	}
	if text := h.standing(t); strings.Contains(text, "Jane") {
		t.Errorf("it still stands in %s", text)
	}
	p := h.supplier(t, forum.Person{}, "binwatch-ltd")
	if p.Supplier.About != "Sensors." || len(p.Corrections) != 2 || !p.Corrections[1].Gone || p.Corrections[1].PersonName != "Sal" || p.Corrections[0].Gone {
		t.Errorf("there is %+v", p.Corrections)
	}
	h.is(t, "taking back what is gone", h.UndoSupplierCorrection(t.Context(), h.cora, "binwatch-ltd", one.ID), forum.ErrForbidden)
	var entries int
	if err := h.db.QueryRow(t.Context(), `select count(*) from entries where deed = 'took_correction'`).Scan(&entries); err != nil || entries != 1 {
		t.Errorf("%d entries tell of it (%v)", entries, err)
	}
	h.correct(t, h.sal, "Ring Jane again.", "")
	undo := h.supplier(t, h.cora, "binwatch-ltd").Corrections[0]
	if err := h.UndoSupplierCorrection(t.Context(), h.cora, "binwatch-ltd", undo.ID); err != nil {
		t.Fatal(err)
	}
	h.correct(t, h.sal, "Ring Jane again.", "")
	h.correct(t, h.sal, "Sensors for you.", "")
	for _, c := range h.supplier(t, forum.Person{}, "binwatch-ltd").Corrections {
		if strings.Contains(c.Was, "Jane") {
			t.Errorf("anybody reads what was undone: %+v", c)
		}
	}
}

// Nobody asks again and again to speak for companies.
func TestClaimsComeAtAPace(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	var err error
	for range 100 {
		if err = errors.Join(h.AskToSpeak(t.Context(), h.sal, "binwatch-ltd", "I sell it."), h.StopSpeaking(t.Context(), h.sal, "binwatch-ltd")); err != nil {
			break
		}
	}
	if !errors.As(err, &forum.Invalid{}) {
		t.Errorf("asked a hundred times: %v", err)
	}
	h.clock.Advance(25 * time.Hour)
	if err := h.AskToSpeak(t.Context(), h.sal, "binwatch-ltd", "I sell it."); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

// Who was suspended, or has gone, since their page was made can neither ask to speak for a
// supplier, nor correct it, nor be agreed to.
func TestOnlyWhoStandsSpeaks(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	suspend := func(p forum.Person) {
		t.Helper()
		if _, err := h.db.Exec(t.Context(), `update people set suspended_at = $2, suspended_until = $3, suspended_why = 'Spam' where id = $1`, p.ID, h.Now(), h.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	suspend(h.sid)
	h.is(t, "asking while suspended", h.AskToSpeak(t.Context(), h.sid, "binwatch-ltd", ""), forum.ErrForbidden)
	var claim int64
	err := h.db.QueryRow(t.Context(), `insert into supplier_claims (supplier_id, person_id, asked_at) select id, $1, $2 from suppliers where slug = 'binwatch-ltd' returning id`, h.sid.ID, h.Now()).Scan(&claim)
	if err != nil {
		t.Fatal(err)
	}
	h.is(t, "agreeing to who is suspended", h.DecideClaim(t.Context(), h.cora, "binwatch-ltd", claim, projects.ClaimDecision{Agreed: true}), forum.ErrForbidden)
	if err := h.DecideClaim(t.Context(), h.cora, "binwatch-ltd", claim, projects.ClaimDecision{Reason: "Spam."}); err != nil {
		t.Errorf("declining: %v", err)
	}
	suspend(h.ben)
	h.is(t, "saying what one's council uses", h.SayUse(t.Context(), h.ben, "binwatch", true, ""), forum.ErrForbidden)
	if _, err := h.db.Exec(t.Context(), `update people set erased_at = $2 where id = $1`, h.sid.ID, h.Now()); err != nil {
		t.Fatal(err)
	}
	h.is(t, "asking when erased", h.AskToSpeak(t.Context(), h.sid, "binwatch-ltd", ""), forum.ErrForbidden)
}

// A correction that comes while a claim is being ended waits for that, and is refused.
func TestACorrectionWaitsForTheEndOfAClaim(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	h.speak(t, h.sal, "binwatch-ltd")
	tx, err := h.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }() // or the test's end waits for it
	if _, err := tx.Exec(t.Context(), `update supplier_claims set state = 'ended'`); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		done <- h.ChangeSupplier(t.Context(), h.sal, "binwatch-ltd", projects.SupplierFacts{About: "The best."})
	}()
	for waits := 0; waits == 0; {
		if err := h.db.QueryRow(t.Context(), `select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database()) or not granted and locktype = 'transactionid'`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-done:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.is(t, "correcting", <-done, forum.ErrForbidden)
}

// Who follows what was merged into another is told so on the page of that, and hears as
// they choose there, or no more; taken apart again, they follow as they chose last.
func TestAFollowOutlivesAMerge(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	h.use(t, h.ada, h.project, "Bin Watch", "")
	h.sells(t, "bin-watch", "Bin Watch Limited")
	follow := func(kind forum.SubjectKind, slug string, how forum.Cadence) {
		t.Helper()
		if err := h.Follow(t.Context(), h.ben, forum.Subject{Kind: kind, Slug: slug}, how); err != nil {
			t.Fatalf("%s %s: %v", slug, how, err)
		}
	}
	follow(forum.ToProduct, "bin-watch", forum.Instant)
	follow(forum.ToProduct, "binwatch", forum.Weekly)
	follow(forum.ToSupplier, "bin-watch-limited", forum.Daily)
	if err := errors.Join(h.MergeSupplier(t.Context(), h.cora, "bin-watch-limited", "binwatch-ltd"), h.MergeProduct(t.Context(), h.cora, "bin-watch", "binwatch")); err != nil {
		t.Fatal(err)
	}
	if a, b := h.product(t, h.ben, "binwatch").Following.Cadence, h.supplier(t, h.ben, "binwatch-ltd").Following.Cadence; a != forum.Instant || b != forum.Daily {
		t.Errorf("they follow the product %s, the supplier %s", a, b)
	}
	follow(forum.ToProduct, "binwatch", forum.Daily)
	follow(forum.ToSupplier, "bin-watch-limited", forum.OnSite) // by the address it had
	var left string
	const all = `select coalesce(string_agg(distinct subject_kind || ' ' || cadence, ', '), '') from follows where person_id = $1 and subject_kind in ('product', 'supplier')`
	if err := h.db.QueryRow(t.Context(), all, h.ben.ID).Scan(&left); err != nil || left != "product daily, supplier site" {
		t.Errorf("they hear by %q (%v)", left, err)
	}
	if err := h.PartProduct(t.Context(), h.cora, "binwatch", "bin-watch"); err != nil {
		t.Fatal(err)
	}
	if p := h.product(t, h.ben, "bin-watch"); p.Following.Cadence != forum.Daily {
		t.Errorf("parted, they follow it %s", p.Following.Cadence)
	}
	if err := h.MergeProduct(t.Context(), h.cora, "bin-watch", "binwatch"); err != nil {
		t.Fatal(err)
	}
	follow(forum.ToProduct, "binwatch", forum.Off)
	follow(forum.ToSupplier, "binwatch-ltd", forum.Off)
	if err := h.db.QueryRow(t.Context(), all, h.ben.ID).Scan(&left); err != nil || left != "" {
		t.Errorf("they still hear by %q (%v)", left, err)
	}
}

// The address of what only colleagues could see leads nobody else anywhere, whatever it
// was merged into.
func TestAHiddenAddressLeadsNowhere(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	h.use(t, h.ben, h.start(t, h.ben, projects.Draft{Title: "Secret", Visibility: "councils"}), "Whisper", "")
	h.sells(t, "whisper", "Whisper Ltd")
	h.use(t, h.ada, h.project, "Bin Watch", "")
	h.sells(t, "bin-watch", "Bin Watch Limited")
	if err := errors.Join(h.MergeSupplier(t.Context(), h.cora, "whisper-ltd", "binwatch-ltd"), h.MergeProduct(t.Context(), h.cora, "whisper", "binwatch"),
		h.MergeSupplier(t.Context(), h.cora, "bin-watch-limited", "binwatch-ltd"), h.MergeProduct(t.Context(), h.cora, "bin-watch", "binwatch")); err != nil {
		t.Fatal(err)
	}
	for _, who := range []forum.Person{{}, h.sal} {
		_, err := h.SupplierPage(t.Context(), who, "whisper-ltd", 0)
		h.is(t, "its supplier", err, forum.ErrNotFound)
		_, err = h.ProductPage(t.Context(), who, "whisper", 0)
		h.is(t, "the product", err, forum.ErrNotFound)
	}
	h.is(t, "following the product", h.Follow(t.Context(), h.sal, forum.Subject{Kind: forum.ToProduct, Slug: "whisper"}, forum.Daily), forum.ErrNotFound)
	h.is(t, "following its supplier", h.Follow(t.Context(), h.sal, forum.Subject{Kind: forum.ToSupplier, Slug: "whisper-ltd"}, forum.Daily), forum.ErrNotFound)
	for _, who := range []forum.Person{{}, h.ada} {
		if s, o := h.supplier(t, who, "bin-watch-limited"), h.product(t, who, "bin-watch"); s.Into != "binwatch-ltd" || o.Into != "binwatch" {
			t.Errorf("what was there for all leads to %q and %q", s.Into, o.Into)
		}
	}
	if s, o := h.supplier(t, h.ada, "whisper-ltd"), h.product(t, h.ada, "whisper"); s.Into != "binwatch-ltd" || o.Into != "binwatch" {
		t.Errorf("a colleague is led to %q and %q", s.Into, o.Into)
	}
}

// How a supplier is reached goes with whoever said it, also where a curator has put it in
// better words since; not where somebody else of the company has.
func TestAContactGoesWithWhoSaidIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after func(h *sold)
		want  string
	}{
		"retouched":         {func(h *sold) { h.correct(t, h.cora, "", "Sal, 07700 900 123") }, ""},
		"emptied, and anew": {func(h *sold) { h.correct(t, h.cora, "", ""); h.correct(t, h.cora, "", "The sales desk") }, "The sales desk"},
		"by another": {func(h *sold) {
			h.correct(t, h.sid, "", "The sales desk")
			h.correct(t, h.cora, "", "The sales desk, UK")
		}, "The sales desk, UK"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := openSold(t)
			h.speak(t, h.sal, "binwatch-ltd")
			h.speak(t, h.sid, "binwatch-ltd")
			h.correct(t, h.sal, "", "Sal, 07700 900123")
			c.after(h)
			if err := h.Do(t.Context(), forum.Operator, func(d *forum.Deed) error { return h.Forget(t.Context(), d, h.sal.ID) }); err != nil {
				t.Fatal(err)
			}
			if p := h.supplier(t, h.cora, "binwatch-ltd"); p.Supplier.Contact != c.want {
				t.Errorf("it is reached by %q", p.Supplier.Contact)
			}
		})
	}
}

// A field that a form did not have says what it said.
func TestAFormWithoutAFieldLeavesIt(t *testing.T) {
	t.Parallel()
	h := openSold(t)
	if err := h.ChangeProduct(t.Context(), h.cora, "binwatch", projects.ProductFacts{Name: "Binwatch", Supplier: "Binwatch Ltd", URL: "https://binwatch.example", About: "Sensors."}); err != nil {
		t.Fatal(err)
	}
	if err := h.ChangeProduct(t.Context(), h.cora, "binwatch", projects.ProductFacts{Name: "Binwatch", Supplier: "Binwatch Ltd", Standards: "Open311", Lacks: "url about"}); err != nil {
		t.Fatal(err)
	}
	if p := h.product(t, h.cora, "binwatch"); p.URL != "https://binwatch.example" || p.About != "Sensors." || p.Standards != "Open311" {
		t.Errorf("it is %q, %q, %q", p.URL, p.About, p.Standards)
	}
}
