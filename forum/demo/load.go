package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"moothall/forum"
	"moothall/forum/care"
)

// Issuer is who says that somebody is a person of the demo. It is the same
// whatever address the development provider answers under.
const Issuer = "dev"

// Subject is who a person of the demo is at Issuer.
func Subject(slug string) string { return "demo:" + slug }

// loader tells the corpus to a forum.
type loader struct {
	forum   *forum.Store
	people  map[string]forum.Person
	threads map[string]int64
	posts   map[string]int // numbers
}

// Load tells what is missing of the demo, at the times that the corpus gives; a
// second time it does nothing, and after a kill half-way it goes on. Nodes that
// load at once take turns.
func Load(ctx context.Context, db *pgxpool.Pool, store *forum.Store) error {
	conn, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	// Waiting for a turn may take longer than a statement is given.
	if _, err := conn.Exec(ctx, `set lock_timeout = 0; set statement_timeout = 0; select pg_advisory_lock(hashtextextended('moothall.demo', 0))`); err != nil {
		return err
	}
	defer func() {
		_ = conn.Conn().Close(context.WithoutCancel(ctx)) // the lock and the settings go with it
	}()
	var loaded string
	err = conn.QueryRow(ctx, `select checksum from reference_data where name = 'demo'`).Scan(&loaded)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) || loaded == version() {
		return err
	}
	l := loader{forum: store, people: map[string]forum.Person{}, threads: map[string]int64{}, posts: map[string]int{}}
	if err := l.tell(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	_, err = conn.Exec(ctx, `
		insert into reference_data (name, checksum, loaded_at) values ('demo', $1, $2)
		on conflict (name) do update set checksum = $1, loaded_at = $2`, version(), store.Now())
	return err
}

// tell carries out the corpus in the order in which it happened.
func (l *loader) tell(ctx context.Context) error {
	c := read()
	for _, alias := range c.CouncilAliases {
		if err := l.forum.NameCouncil(ctx, alias.CouncilSlug, alias.FictionalName); err != nil {
			return fmt.Errorf("council %s: %w", alias.CouncilSlug, err)
		}
	}
	for _, p := range c.People {
		if err := l.join(ctx, p); err != nil {
			return fmt.Errorf("person %s: %w", p.Slug, err)
		}
	}
	told, err := l.forum.DemoPosts(ctx)
	if err != nil {
		return err
	}
	for _, step := range steps(c) {
		if place, ok := told[step.name]; ok {
			l.threads[step.name], l.posts[step.name] = place.ThreadID, place.Number
			continue
		}
		if err := step.do(ctx, l); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	if err := l.register(ctx, c); err != nil {
		return err
	}
	if err := l.mark(ctx, c, told); err != nil {
		return fmt.Errorf("marks: %w", err)
	}
	return l.settle(ctx, c)
}

// settle tells what came of it all: what was chosen, who offers what, who is suspended.
func (l *loader) settle(ctx context.Context, c corpus) error {
	if err := l.chosen(ctx, c.Highlights); err != nil {
		return err
	}
	if err := l.newsletters(ctx, c.Newsletters); err != nil {
		return err
	}
	if err := l.offers(ctx, c.People); err != nil {
		return err
	}
	return l.suspendAll(ctx, c.People)
}

// register tells the projects, and what was learned.
func (l *loader) register(ctx context.Context, c corpus) error {
	for _, p := range c.Projects {
		if err := p.tell(ctx, l); err != nil {
			return fmt.Errorf("project %s: %w", p.Slug, err)
		}
	}
	if err := l.sellers(ctx, c.People); err != nil {
		return fmt.Errorf("suppliers: %w", err)
	}
	for _, n := range c.Lessons {
		if err := n.tell(ctx, l); err != nil {
			return fmt.Errorf("lesson %s: %w", n.Slug, err)
		}
	}
	return nil
}

// join brings a person in, as far as the corpus says: signed in, joined, let in,
// given roles. What was done before is not done again.
func (l *loader) join(ctx context.Context, p person) error {
	then := l.forum.Past(p.JoinedAt)
	id, err := then.SignIn(ctx, forum.Identity{Issuer: Issuer, Subject: Subject(p.Slug), Name: p.Name, Email: p.Email, EmailVerified: true})
	if err != nil {
		return err
	}
	who, err := then.Person(ctx, id)
	if err != nil {
		return err
	}
	if !who.Joined {
		draft := forum.JoinDraft{Name: p.Name, JobTitle: p.Role, Council: p.Council, Company: p.Company, Rules: forum.RulesVersion}
		if draft.Council == "" && draft.Company == "" {
			draft.Council = forum.NotListed
		}
		if err := then.Join(ctx, who, draft); err != nil {
			return err
		}
	}
	if p.Standing != "newcomer" && who.Standing == forum.Newcomer {
		if err := care.New(then).LetIn(ctx, forum.Operator, id, care.LetInDraft{}); err != nil {
			return err
		}
	}
	if err := l.grant(ctx, then, p, who); err != nil {
		return err
	}
	l.people[p.Slug], err = then.Person(ctx, id)
	return err
}

// grant gives a person the roles that the corpus says and they do not have.
func (l *loader) grant(ctx context.Context, then *forum.Store, p person, who forum.Person) error {
	for _, name := range p.Roles {
		role, ok := forum.ParseRole(name)
		if !ok {
			return fmt.Errorf("no role %q", name)
		}
		g := forum.GrantDraft{PersonID: who.ID, Role: role}
		if role == forum.Lead {
			now, err := then.Person(ctx, who.ID)
			if err != nil {
				return err
			}
			g.CouncilID = now.CouncilID
		}
		if who.Is(role) {
			continue
		}
		if err := then.Grant(ctx, forum.Operator, g); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) suspendAll(ctx context.Context, people []person) error {
	for _, p := range people {
		if p.Standing == "suspended" {
			if err := l.suspend(ctx, p); err != nil {
				return fmt.Errorf("person %s: %w", p.Slug, err)
			}
		}
	}
	return nil
}

// suspend keeps the corpus's one suspended person from everything.
func (l *loader) suspend(ctx context.Context, p person) error {
	at := p.JoinedAt.Add(time.Hour)
	who, err := l.forum.Past(at).Person(ctx, l.people[p.Slug].ID)
	if err != nil || who.SuspendedUntil != nil {
		return err
	}
	return care.New(l.forum.Past(at)).Suspend(ctx, forum.Operator, who.ID, at.AddDate(10, 0, 0),
		"Posted the same advertisement in five threads after being asked to stop.")
}

// step is one thread or reply of the corpus.
type step struct {
	name string
	at   time.Time
	do   func(context.Context, *loader) error
}

// steps are the threads and replies in the order in which they happened. Of the
// corpus, what is a kind of thread that people can ask.
func steps(c corpus) (all []step) {
	asked := map[string]bool{}
	for _, t := range c.Threads {
		if t.Kind == forum.Question || t.Kind == forum.Discussion || t.Kind == forum.Announcement {
			asked[t.Slug] = true
			all = append(all, step{t.Slug, t.CreatedAt, t.ask})
		}
	}
	for _, n := range c.Lessons {
		asked[n.Slug] = true
		all = append(all, step{n.Slug, n.CreatedAt, n.share})
	}
	for _, r := range c.Replies {
		if asked[r.Thread] {
			all = append(all, step{r.ID, r.CreatedAt, r.reply})
		}
	}
	for _, p := range c.Projects {
		all = append(all, step{p.Slug, p.CreatedAt, p.start})
	}
	slices.SortStableFunc(all, func(a, b step) int { return a.at.Compare(b.at) })
	return all
}

func (t thread) ask(ctx context.Context, l *loader) error {
	asked, err := l.forum.Past(t.CreatedAt).Ask(ctx, l.people[t.Author], forum.AskDraft{Title: t.Title, Body: t.Body,
		Kind: t.Kind, Lang: t.Lang, Topics: t.Topics, Suppliers: true, Demo: t.Slug})
	l.threads[t.Slug] = asked.ID
	return err
}

func (r reply) reply(ctx context.Context, l *loader) error {
	posted, err := l.forum.Past(r.CreatedAt).Reply(ctx, l.people[r.Author], l.threads[r.Thread], forum.PostDraft{
		Body: strings.TrimSpace(r.Body), Lang: r.Lang, Quote: l.posts[r.InReplyTo], Demo: r.ID})
	l.posts[r.ID] = posted.Number
	return err
}
