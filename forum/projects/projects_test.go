package projects_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/forumtest"
	"moothall/forum/projects"
)

func TestMain(m *testing.M) { forumtest.Main(m) }

// hall is a database with the cast, and a project of Ada's.
type hall struct {
	*projects.Store
	db       *pgxpool.Pool
	clock    *forumtest.Clock
	ada, ben forum.Person // of Northmoor and Southmoor
	project  int64
}

func open(t *testing.T) *hall {
	t.Helper()
	store, db, clock := forumtest.OpenWith(t, forum.Options{})
	h := &hall{Store: projects.New(store), db: db, clock: clock}
	h.ada, h.ben = forumtest.Person(t, store, "Ada", "Northmoor"), forumtest.Person(t, store, "Ben", "Southmoor")
	h.project = h.start(t, h.ada, projects.Draft{})
	return h
}

// start shares a project, whose empty fields are filled in.
func (h *hall) start(t *testing.T, who forum.Person, draft projects.Draft) int64 {
	t.Helper()
	if draft.Title == "" {
		draft.Title = "Bins that tell when they are full"
	}
	if draft.Summary == "" {
		draft.Summary = "Sensors in two hundred bins."
	}
	if draft.Phase == "" {
		draft.Phase = "alpha"
	}
	asked, err := h.Start(t.Context(), who, draft)
	if err != nil {
		t.Fatal(err)
	}
	return asked.ID
}

func (h *hall) page(t *testing.T, who forum.Person, id int64) projects.Page {
	t.Helper()
	p, err := h.ProjectPage(t.Context(), who, id, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A title, a sentence and a phase make a project: a thread that opens with the
// sentence, in the register, with the first step of its way.
func TestThreeThingsMakeAProject(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.page(t, forum.Person{}, h.project)
	if p.Thread.Kind != forum.Project || p.Project.Summary != "Sensors in two hundred bins." || p.Project.Phase != "alpha" ||
		p.Project.CouncilSlug != "northmoor" || len(p.Steps) != 1 || len(p.Posts) != 1 || p.CanTend || p.Missing != nil {
		t.Errorf("got %+v", p)
	}
	if mine := h.page(t, h.ada, h.project); !mine.CanTend || len(mine.Missing) == 0 || mine.Project.Stale {
		t.Errorf("to its author it is %+v", mine.Missing)
	}
	l, err := h.Register(t.Context(), forum.Person{}, forum.Project, projects.Filter{})
	if err != nil || len(l.Cards) != 1 || l.Cards[0].ID != h.project {
		t.Errorf("the register has %+v (%v)", l.Cards, err)
	}
}

// What is missing or wrong with the three is said of each, in the order of the form.
func TestAProjectSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	h := open(t)
	bad := forum.Invalid(nil)
	if _, err := h.Start(t.Context(), h.ada, projects.Draft{Phase: "soon"}); !errors.As(err, &bad) {
		t.Fatalf("got %v", err)
	}
	var fields []string
	for _, p := range bad {
		fields = append(fields, p.Field)
	}
	if len(fields) != 3 || fields[0] != "title" || fields[1] != "summary" || fields[2] != "phase" {
		t.Errorf("got %v", bad)
	}
	supplier := forumtest.SupplierOf(t, h.Store.Store, "Sal", "Sensors Ltd")
	if _, err := h.Start(t.Context(), supplier, projects.Draft{Title: "Buy", Summary: "Ours.", Phase: "live"}); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("a supplier: %v", err)
	}
}

// Nobody starts a thread of these kinds without its facts.
func TestNoProjectWithoutFacts(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, kind := range []string{forum.Project, forum.Lesson} {
		_, err := h.Ask(t.Context(), h.ada, forum.AskDraft{Kind: kind, Title: "Bare", Body: "Bare.", Topics: []string{"waste-management"}})
		if bad := (forum.Invalid)(nil); !errors.As(err, &bad) || bad[0].Field != "kind" {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// What others wrote for councils only does not become public.
func TestCouncilsOnlyStaysSoOnceOthersWrote(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.start(t, h.ada, projects.Draft{Title: "Quiet", Visibility: "councils"})
	forumtest.Reply(t, h.Store.Store, h.ben, id, "Between us.")
	bad := forum.Invalid(nil)
	if err := h.SetFact(t.Context(), h.ada, id, projects.FactDraft{Field: "visibility", Text: "public", Version: 1}); !errors.As(err, &bad) {
		t.Errorf("got %v", err)
	}
}

// A phase has a day, which is neither to come nor before the last; it may go back, and
// the way says so.
func TestPhasesHaveDays(t *testing.T) {
	t.Parallel()
	h := open(t)
	today := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		who   forum.Person
		phase string
		on    time.Time
		want  string // the field that is wrong
	}{
		{h.ada, "beta", today.AddDate(0, 0, 1), "date"},
		{h.ada, "beta", today.AddDate(0, 0, -1), "date"},
		{h.ada, "beta", time.Time{}, "date"},
		{h.ada, "gamma", today, "phase"},
		{h.ada, "beta", today, ""},
		{h.ada, "beta", today, ""},
		{h.ada, "discovery", today, ""},
	} {
		err := h.ChangePhase(t.Context(), c.who, h.project, c.phase, c.on)
		bad := forum.Invalid(nil)
		if errors.As(err, &bad) != (c.want != "") || bad != nil && bad[0].Field != c.want || c.want == "" && err != nil {
			t.Errorf("%s on %s: %v", c.phase, c.on, err)
		}
	}
	if err := h.ChangePhase(t.Context(), h.ben, h.project, "live", today); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("another council: %v", err)
	}
	p := h.page(t, h.ben, h.project)
	if p.Project.Phase != "discovery" || len(p.Steps) != 3 || !p.Steps[0].Back || p.Steps[1].Back {
		t.Errorf("got %+v", p.Steps)
	}
}

// An update is a post that is marked, of those who tend the project.
func TestUpdatesArePosts(t *testing.T) {
	t.Parallel()
	h := open(t)
	if _, err := h.PostUpdate(t.Context(), h.ben, h.project, forum.PostDraft{Body: "Not mine."}); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("another council: %v", err)
	}
	posted, err := h.PostUpdate(t.Context(), h.ada, h.project, forum.PostDraft{Body: "Two hundred bins speak."})
	if err != nil || posted.Number != 2 {
		t.Fatalf("%+v, %v", posted, err)
	}
	if p := h.page(t, h.ben, h.project); !p.Updates[posted.ID] || len(p.Updates) != 1 || p.Steps[0].Kind != "update" || p.Steps[0].Post != 2 {
		t.Errorf("got %+v %+v", p.Updates, p.Steps)
	}
}

// A council takes part when it has said so itself; who leads it is told that it is asked.
func TestPartnersAnswerForThemselves(t *testing.T) {
	t.Parallel()
	h := open(t)
	lead := forumtest.Granted(t, h.Store.Store, forumtest.Person(t, h.Store.Store, "Sue", "Southmoor"), forum.Lead)
	bad := forum.Invalid(nil)
	for _, slug := range []string{"no-such-council", "northmoor"} {
		if err := h.Invite(t.Context(), h.ada, h.project, slug); !errors.As(err, &bad) {
			t.Errorf("%s: %v", slug, err)
		}
	}
	if err := h.AnswerInvitation(t.Context(), h.ben, h.project, true); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("not asked: %v", err)
	}
	for range 2 {
		if err := h.Invite(t.Context(), h.ada, h.project, "southmoor"); err != nil {
			t.Fatal(err)
		}
	}
	var told int
	if err := h.db.QueryRow(t.Context(), `select count(*) from events where kind = 'partner_invited' and person_id = $1`, lead.ID).Scan(&told); err != nil || told != 1 {
		t.Errorf("its lead is told %d times (%v)", told, err)
	}
	for _, c := range []struct {
		yes  bool
		want string
	}{{false, "declined"}, {true, "confirmed"}} {
		if err := h.AnswerInvitation(t.Context(), h.ben, h.project, c.yes); err != nil {
			t.Fatal(err)
		}
		if p := h.page(t, h.ben, h.project); p.Invited != c.want || p.Partners[0].State != c.want {
			t.Errorf("got %+v", p.Partners)
		}
	}
	if err := h.SetFact(t.Context(), h.ada, h.project, projects.FactDraft{Field: "council", Text: "southmoor", Version: 9}); err != nil {
		t.Errorf("the lead goes to a partner: %v", err)
	}
	if p := h.page(t, h.ada, h.project); p.Project.CouncilSlug != "southmoor" || len(p.Partners) != 1 || p.Partners[0].CouncilSlug != "northmoor" || p.CanTend {
		t.Errorf("got %+v %+v", p.Project, p.Partners)
	}
}

// A product is named by its name, once; one that is in no list is added when that is
// said. When its contract ends colleagues alone see.
func TestProductsAreNamed(t *testing.T) {
	t.Parallel()
	h := open(t)
	use := func(draft projects.ProductDraft) error { return h.UseProduct(t.Context(), h.ada, h.project, draft) }
	bad := forum.Invalid(nil)
	if err := use(projects.ProductDraft{Name: "Binwise"}); !errors.As(err, &bad) || bad[0].Key != "projects.product_unknown" {
		t.Errorf("in no list: %v", err)
	}
	if err := use(projects.ProductDraft{Name: "Binwise", New: true, End: "2027-13"}); !errors.As(err, &bad) || bad[0].Field != "product_end" {
		t.Errorf("no month: %v", err)
	}
	for _, name := range []string{"Binwise", "binWISE", "binwise"} {
		if err := use(projects.ProductDraft{Name: name, New: true, End: "2027-03"}); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := h.FindProducts(t.Context(), h.ben, "binw"); err != nil || len(found) != 1 {
		t.Errorf("found %+v (%v)", found, err)
	}
	mine, public := h.page(t, h.ben, h.project), h.page(t, forum.Person{}, h.project)
	if len(mine.Products) != 1 || mine.Products[0].EndMonth == nil || len(public.Products) != 1 || public.Products[0].EndMonth != nil {
		t.Errorf("colleagues see %+v, others %+v", mine.Products, public.Products)
	}
	if err := h.DropProduct(t.Context(), h.ada, h.project, "binwise"); err != nil || len(h.page(t, h.ben, h.project).Products) != 0 {
		t.Errorf("taken off: %v", err)
	}
}

// To say that it is true, that it has stopped, or who has it now is theirs who tend it.
func TestProjectsAreConfirmed(t *testing.T) {
	t.Parallel()
	h := open(t)
	nat := forumtest.Person(t, h.Store.Store, "Nat", "Northmoor")
	h.clock.Advance(200 * 24 * time.Hour)
	say := func(who forum.Person, draft projects.ConfirmDraft) error {
		return h.Confirm(t.Context(), who, h.project, draft)
	}
	bad := forum.Invalid(nil)
	if err := say(h.ben, projects.ConfirmDraft{Answer: "true"}); !errors.Is(err, forum.ErrForbidden) {
		t.Errorf("another council: %v", err)
	}
	for _, draft := range []projects.ConfirmDraft{{Answer: "maybe"}, {Answer: "handed-over"}, {Answer: "handed-over", Person: h.ben.ID}} {
		if err := say(h.ada, draft); !errors.As(err, &bad) {
			t.Errorf("%+v: %v", draft, err)
		}
	}
	if err := say(h.ada, projects.ConfirmDraft{Answer: "true"}); err != nil || !h.page(t, h.ada, h.project).Project.ConfirmedAt.Equal(h.Now()) {
		t.Errorf("true: %v", err)
	}
	if err := say(h.ada, projects.ConfirmDraft{Answer: "handed-over", Person: nat.ID}); err != nil {
		t.Errorf("handed over: %v", err)
	}
	if err := say(nat, projects.ConfirmDraft{Answer: "stopped"}); err != nil {
		t.Errorf("stopped: %v", err)
	}
	if p := h.page(t, nat, h.project); p.Project.Phase != "stopped" || p.Project.ContactID != nat.ID || !p.CanTend {
		t.Errorf("got %+v", p.Project)
	}
}
