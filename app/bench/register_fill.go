package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// fillRegister fills a migrated database with so many projects of four years. It is done
// by SQL, without looking at references: a hundred thousand take a minute.
func fillRegister(ctx context.Context, url string, n int, now time.Time) (err error) {
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
	args := pgx.NamedArgs{"projects": n, "now": now, "rules": forum.RulesVersion}
	for i, statement := range fillingRegister {
		if _, err := db.Exec(ctx, statement, args); err != nil {
			return fmt.Errorf("filling, step %d: %w", i+1, err)
		}
	}
	return nil
}

// fillingRegister are the statements that fill. A few topics, products and councils have
// most projects.
var fillingRegister = []string{
	`set session_replication_role = replica`,
	`set synchronous_commit = off`,
	`select setseed(0.20261126)`,
	`insert into people (handle, name, job_title, standing, council_id, lang, rules_version, rules_at, joined_at, created_at)
	select 'person-' || g, 'Person ' || g, 'Digital officer', 'colleague', c.ids[1 + floor(power(random(), 2) * cardinality(c.ids))::int], 'en', @rules::int,
		@now::timestamptz, @now::timestamptz, @now::timestamptz
	from generate_series(1, 2000) g, (select array_agg(id order by id) as ids from councils where status = 'current') c`,
	`insert into threads (kind, title, slug, lang, visibility, suppliers, author_id, council_id, asked_at, last_post_at, post_count, replies, others, held_at, hidden_at, deleted_at)
	select 'project', 'Project ' || r.id, 'project-' || r.id, 'en', case when random() < 0.15 then 'councils' else 'public' end, true, p.id, p.council_id, r.asked,
		least(r.asked + random() * interval '300 days', @now::timestamptz), 1, 0, 0,
		case when random() < 0.002 then r.asked end, case when random() < 0.003 then r.asked end, case when random() < 0.01 then r.asked end
	from (select g as id, 1 + floor(random() * 2000)::int as author, @now::timestamptz - random() * interval '4 years' as asked
		from generate_series(1, @projects::int) g) r
	join people p on p.id = r.author`,
	`insert into thread_topics (thread_id, topic_id, place)
	select id, topic, row_number() over (partition by id order by at) from (
		select t.id, o.ids[1 + floor(power(random(), 2.5) * cardinality(o.ids))::int] as topic, min(n) as at
		from threads t, generate_series(1, 3) n, (select array_agg(id order by md5(slug)) as ids from topics) o
		group by 1, 2) chosen`,
	`insert into products (slug, name, supplier) select 'product-' || g, 'Product ' || g, 'Supplier ' || g % 100 from generate_series(1, 500) g`,
	`insert into projects (thread_id, council_id, summary, phase, cost_band, offers, confirmed_at)
	select t.id, t.council_id, 'What project ' || t.id || ' is, in one sentence that says it.',
		(array['idea', 'discovery', 'alpha', 'beta', 'live', 'live', 'live', 'stopped', 'retired'])[1 + floor(random() * 9)::int],
		(array['', 'staff-time-only', 'under-10k', '10k-50k', '50k-100k', '100k-250k', '250k-1m', 'over-1m'])[1 + floor(random() * 8)::int],
		(select coalesce(array_agg(o), '{}') from unnest(array['call', 'code', 'demo', 'documents']) o where random() < 0.3 and t.id > 0), t.last_post_at
	from threads t`,
	`insert into project_products (thread_id, product_id)
	select distinct t.id, x.product from threads t, generate_series(1, 2) n, lateral (select 1 + floor(power(random(), 2) * 500)::int as product where t.id > n - 9) x
	where random() < 0.6`,
	`insert into register (thread_id, kind, listed, public, stale, moved_at, begun_at, confirmed_at, council_id, reuses, phase, cost_band, offers, product_ids, topic_ids, touched)
	select t.id, 'project', t.held_at is null and t.hidden_at is null and t.deleted_at is null, t.visibility = 'public', random() < 0.2, t.last_post_at, t.asked_at,
		j.confirmed_at, j.council_id, floor(-ln(1 - random()) * 2)::int, j.phase, j.cost_band, j.offers,
		coalesce((select array_agg(product_id) from project_products p where p.thread_id = t.id), '{}'),
		coalesce((select array_agg(distinct x.id order by x.id) from thread_topics tt join topics o on o.id = tt.topic_id
			join topics x on x.id in (o.id, o.parent_id) where tt.thread_id = t.id), '{}'), pg_current_xact_id()
	from threads t join projects j on j.thread_id = t.id`,
	`vacuum analyze`,
}

// step is a part of a plan, as it is told in short.
type step struct {
	Type  string  `json:"Node Type"`
	Index string  `json:"Index Name"`
	Table string  `json:"Relation Name"`
	Rows  float64 `json:"Actual Rows"`
	Ms    float64 `json:"Actual Total Time"`
	Loops float64 `json:"Actual Loops"`
	Plans []step
}

// inShort is a plan with a line for each of its parts.
func inShort(plan json.RawMessage) string {
	var top step
	if err := json.Unmarshal(plan, &top); err != nil {
		return string(plan)
	}
	var b strings.Builder
	top.tell(&b, 1)
	return b.String()
}

func (s step) tell(b *strings.Builder, depth int) {
	on := strings.TrimSpace(s.Table + " " + s.Index)
	_, _ = fmt.Fprintf(b, "%s%s %s (%.0f rows, %.0f times, %.1f ms)\n", strings.Repeat("  ", depth), s.Type, on, s.Rows, s.Loops, s.Ms)
	for _, below := range s.Plans {
		below.tell(b, depth+1)
	}
}
