package letters

import (
	"testing"
	"time"

	"moothall/forum"
	"moothall/forum/forumtest"
)

// binwatch is a hall with a product that Ada's council uses.
func binwatch(t *testing.T) (h *hall, ada forum.Person) {
	t.Helper()
	h = open(t)
	ada = h.person("Ada", "Northmoor")
	h.exec(`insert into products (slug, name, supplier) values ('binwatch', 'Binwatch', 'Binwatch Ltd')`)
	h.exec(`insert into product_uses (product_id, council_id, person_id, confirmed_at) select o.id, $1, $2, $3 from products o`, ada.CouncilID, ada.ID, h.Now())
	return h, ada
}

// Who follows a product, or whoever sells it, hears of a thread when it first names it, and
// no more; not of one that they may not see, nor of one that only says part of its name.
func TestAFollowedProductIsHeardOfWhenAThreadNamesIt(t *testing.T) {
	t.Parallel()
	h, ada := binwatch(t)
	ben, cat, dot := h.person("Ben", "Southmoor"), h.person("Cat", "Southmoor"), forumtest.SupplierOf(t, h.Store.Store, "Dot", "Others Ltd")
	h.writable(ben, cat, dot)
	h.follow(ben, forum.Subject{Kind: forum.ToProduct, Slug: "binwatch"}, forum.Instant)
	h.follow(cat, forum.Subject{Kind: forum.ToSupplier, Slug: "binwatch-ltd"}, forum.Daily)
	h.follow(dot, forum.Subject{Kind: forum.ToProduct, Slug: "binwatch"}, forum.Instant)
	thread := h.ask(ada, "Which sensors?")
	h.reply(ada, thread, forum.PostDraft{Body: "The bin watch began."})
	h.reply(ada, thread, forum.PostDraft{Body: "We have Binwatch now."})
	h.reply(ada, thread, forum.PostDraft{Body: "Binwatch again."})
	secret := forumtest.Ask(t, h.Store.Store, ada, forum.AskDraft{Title: "Between us", Body: "Is Binwatch any good?", Visibility: "councils"})
	h.tellAll()
	h.wantTold(ben, map[string]int{"chose": 2})
	h.wantTold(cat, map[string]int{"chose": 2})
	h.wantTold(dot, map[string]int{"chose": 1})
	h.clock.Advance(time.Hour)
	for _, l := range h.post() {
		if l.Via.Kind != forum.ToProduct || l.Via.Name != "Binwatch" || l.Via.Slug != "binwatch" || l.To.ID == dot.ID && l.Thread.ID == secret {
			t.Errorf("at once went out %+v", l)
		}
	}
	asked := h.emails(ben, EmailsView{About: &About{ThreadID: thread, Number: 3}}).Asked
	if asked.Answer() != "sent" || asked.ViaKind != forum.ToProduct || asked.ViaName != "Binwatch" {
		t.Errorf("asked why, it says %+v", asked)
	}
	if all := h.emails(cat, EmailsView{}).Follows; len(all) != 1 || all[0].Name != "Binwatch Ltd" || all[0].Slug != "binwatch-ltd" {
		t.Errorf("they follow %+v", all)
	}
	h.exec(`delete from product_uses`) // and nothing names it any more
	if all := h.emails(ben, EmailsView{}).Follows; len(all) != 0 {
		t.Errorf("of what is not there they follow %+v", all)
	}
}

// Who follows a product hears which council has come to use it: at once, or in their
// digest, even where there is nothing else in it; not of what was taken back.
func TestAFollowedProductIsHeardOfWhenACouncilUsesIt(t *testing.T) {
	t.Parallel()
	h, ada := binwatch(t)
	ben, cat, dan := h.person("Ben", "Southmoor"), h.person("Cat", "Southmoor"), h.person("Dan", "Southmoor")
	h.writable(ben, cat)
	h.follow(ben, forum.Subject{Kind: forum.ToProduct, Slug: "binwatch"}, forum.Instant)
	h.follow(cat, forum.Subject{Kind: forum.ToProduct, Slug: "binwatch"}, forum.Weekly)
	h.follow(dan, forum.Subject{Kind: forum.ToSupplier, Slug: "binwatch-ltd"}, forum.OnSite)
	h.must(h.Do(t.Context(), ada, func(d *forum.Deed) error {
		return d.Tell(t.Context(), forum.Event{Kind: forum.ProductUsed, ProductID: int64(h.count(`select id from products`))})
	}))
	h.tellAll()
	h.clock.Advance(time.Hour)
	sent := h.post()
	if len(sent) != 1 || sent[0].To.ID != ben.ID || sent[0].Trade.Council != ada.CouncilName || sent[0].Trade.Product != "Binwatch" || sent[0].Via.Name != "Binwatch" {
		t.Fatalf("at once went out %+v", sent)
	}
	h.wantUnread(dan, 1)
	p, err := h.NoticesPage(t.Context(), dan, "")
	if h.must(err); p.Groups[0].Product != "Binwatch" || p.Groups[0].Council != ada.CouncilName {
		t.Errorf("the notice is %+v", p.Groups)
	}
	h.clock.Advance(8 * 24 * time.Hour)
	_, err = h.MakeDigests(t.Context())
	h.must(err)
	sent = h.post()
	if len(sent) != 1 || sent[0].To.ID != cat.ID || sent[0].Digest.Threads != 0 || len(sent[0].Digest.Uses) != 1 || sent[0].Digest.Uses[0].Council != ada.CouncilName || !sent[0].Digest.Weekly {
		t.Fatalf("in the week's went out %+v", sent)
	}
	h.exec(`delete from product_uses`)
	h.wantUnread(dan, 0)
}

// A project that comes to name a product is heard of by whoever follows that, at their own
// pace, unless it names it no more.
func TestAFollowedProductIsHeardOfWhenAProjectNamesIt(t *testing.T) {
	t.Parallel()
	h, ada := binwatch(t)
	ben, cat := h.person("Ben", "Southmoor"), h.person("Cat", "Southmoor")
	h.writable(ben, cat)
	h.follow(ben, forum.Subject{Kind: forum.ToProduct, Slug: "binwatch"}, forum.Instant)
	h.follow(cat, forum.Subject{Kind: forum.ToProduct, Slug: "binwatch"}, forum.Daily)
	project := h.aProject(ada)
	h.exec(`insert into project_products (thread_id, product_id) select $1, id from products`, project)
	post := int64(h.count(`select id from posts where thread_id = $1 and number = 1`, project))
	h.must(h.Do(t.Context(), ada, func(d *forum.Deed) error {
		return d.Tell(t.Context(), forum.Event{Kind: forum.ProductNamed, ThreadID: project, PostID: post, ProductID: int64(h.count(`select id from products`))})
	}))
	h.tellAll()
	h.clock.Advance(time.Hour)
	if sent := h.post(); len(sent) != 1 || sent[0].To.ID != ben.ID || sent[0].Thread.ID != project || sent[0].Trade.Product != "Binwatch" {
		t.Fatalf("at once went out %+v", sent)
	}
	h.wantUnread(cat, 1)
	h.exec(`delete from project_products`)
	h.wantUnread(cat, 0)
	h.clock.Advance(48 * time.Hour)
	_, err := h.MakeDigests(t.Context())
	h.must(err)
	if sent := h.post(); len(sent) != 0 {
		t.Errorf("of what it names no more went out %+v", sent)
	}
}

// Who asked to speak for a supplier is told what a curator said, and why.
func TestWhoAskedToSpeakIsTold(t *testing.T) {
	t.Parallel()
	h, ada := binwatch(t)
	dot := forumtest.SupplierOf(t, h.Store.Store, "Dot", "Binwatch Ltd")
	h.writable(dot)
	h.exec(`insert into supplier_claims (supplier_id, person_id, asked_at, state, decided_at, decided_by, reason) select id, $1, $2, 'declined', $2, $3, 'We know nobody of that name' from suppliers`, dot.ID, h.Now(), ada.ID)
	h.must(h.Do(t.Context(), ada, func(d *forum.Deed) error {
		return d.Tell(t.Context(), forum.Event{Kind: forum.ClaimDeclined, PersonID: dot.ID, ClaimID: int64(h.count(`select id from supplier_claims`))})
	}))
	h.tellAll()
	h.wantUnread(dot, 1)
	sent := h.post()
	if len(sent) != 1 || sent[0].Kind != Notice || sent[0].Reason != "claimed" || sent[0].Trade.SupplierSlug != "binwatch-ltd" || sent[0].Trade.Reason != "We know nobody of that name" {
		t.Fatalf("went out %+v", sent)
	}
	h.exec(`update supplier_claims set state = 'agreed'`)
	h.wantUnread(dot, 0)
}

// That a product is a supplier's is told to nobody who could not see the product: not by a
// public thread that names it, also where a colleague follows it.
func TestAHiddenProductIsNobodysInMails(t *testing.T) {
	t.Parallel()
	h, ada := binwatch(t)
	ben, dot := h.person("Ben", "Southmoor"), forumtest.SupplierOf(t, h.Store.Store, "Dot", "Others Ltd")
	h.writable(ben, dot)
	h.exec(`insert into products (slug, name, supplier) values ('whisper', 'Whisper', 'Binwatch Ltd')`)
	secret := forumtest.Ask(t, h.Store.Store, ada, forum.AskDraft{Title: "Between us", Body: "We try something.", Visibility: "councils"})
	h.exec(`insert into projects (thread_id, council_id, phase, summary, confirmed_at) values ($1, $2, 'alpha', 'Quiet.', $3)`, secret, ada.CouncilID, h.Now())
	h.exec(`insert into project_products (thread_id, product_id) select $1, id from products where slug = 'whisper'`, secret)
	h.follow(ben, forum.Subject{Kind: forum.ToProduct, Slug: "whisper"}, forum.Instant)
	h.follow(dot, forum.Subject{Kind: forum.ToSupplier, Slug: "binwatch-ltd"}, forum.Instant)
	h.clock.Advance(time.Minute)
	h.ask(ada, "Has anybody used Whisper?")
	h.tellAll()
	h.wantTold(ben, map[string]int{"chose": 1})
	h.wantTold(dot, map[string]int{})
}

// Who followed what was merged into another hears of that, sees it once among what they
// follow, under its name, and ends all of it by the link in one mail.
func TestAFollowOfWhatWasMergedIsHeardAndEnded(t *testing.T) {
	t.Parallel()
	h, ada := binwatch(t)
	ben := h.person("Ben", "Southmoor")
	h.writable(ben)
	h.exec(`insert into products (slug, name, supplier) values ('bin-watch', 'Bin Watch', 'Bin Watch Limited')`)
	h.exec(`insert into product_uses (product_id, council_id, person_id, confirmed_at) select o.id, $1, $2, $3 from products o where slug = 'bin-watch'`, ada.CouncilID, ada.ID, h.Now())
	for _, slug := range []string{"bin-watch", "binwatch"} {
		h.follow(ben, forum.Subject{Kind: forum.ToProduct, Slug: slug}, forum.Instant)
	}
	h.follow(ben, forum.Subject{Kind: forum.ToSupplier, Slug: "bin-watch-limited"}, forum.Daily)
	h.exec(`delete from product_uses where product_id = (select id from products where slug = 'bin-watch')`)
	h.exec(`update products set merged_into = (select id from products where slug = 'binwatch') where slug = 'bin-watch'`)
	h.exec(`update suppliers set merged_into = (select id from suppliers where slug = 'binwatch-ltd') where slug = 'bin-watch-limited'`)
	all := h.emails(ben, EmailsView{}).Follows
	if len(all) != 2 || all[0].Slug+all[1].Slug != "binwatch-ltdbinwatch" && all[0].Slug+all[1].Slug != "binwatchbinwatch-ltd" {
		t.Errorf("they follow %+v", all)
	}
	h.exec(`delete from follows where person_id = $1 and subject_kind = 'product' and subject_id = (select id from products where slug = 'binwatch')`, ben.ID)
	h.clock.Advance(time.Minute)
	h.ask(ada, "Who has Binwatch?")
	h.tellAll()
	h.wantTold(ben, map[string]int{"chose": 1})
	h.exec(`delete from follows where person_id = $1 and subject_kind = 'product'`, ben.ID)
	h.ask(ada, "What does Binwatch cost?")
	h.tellAll()
	h.wantTold(ben, map[string]int{"chose": 2}) // by its supplier
	h.follow(ben, forum.Subject{Kind: forum.ToProduct, Slug: "bin-watch"}, forum.Instant)
	h.exec(`insert into follows (person_id, subject_kind, subject_id, cadence, reason, since) select $1, 'product', id, 'instant', 'chose', $2 from products where slug = 'bin-watch'`, ben.ID, h.Now())
	via := Via{Kind: forum.ToProduct, ID: int64(h.count(`select id from products where slug = 'bin-watch'`))}
	if err := h.Stop(t.Context(), Mailed{PersonID: ben.ID, Via: via}, StopTopic, ""); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`select count(*) from follows where subject_kind = 'product'`); n != 0 {
		t.Errorf("%d follows of the product are left", n)
	}
}
