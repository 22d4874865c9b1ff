package projects

import "moothall/forum"

// Kin is one of a family of projects that were made of each other, or a council that
// reuses one of them and made no project of it.
type Kin struct {
	ID          int64 // 0 of a council alone
	Depth       int   // 0 of the one that the others were made of
	ParentTitle string
	Title       string
	Slug        string
	Lang        string
	CouncilSlug string
	CouncilName string
	Phase       string
	Note        string
}

// familyQuery reads the family of a project, from the oldest of it down, each before what
// was made of it: as far up and down as the reader may see.
const familyQuery = `
	with recursive up (id, step) as (
		select @thread::bigint, 0
		union all
		select t.id, u.step + 1 from up u join projects j on j.thread_id = u.id join threads t on t.id = j.parent_id
		where u.step < 20 and ` + forum.Listed + `
	), down (id, parent, depth, path) as (
		(select id, null::bigint, 0, array[id] from up order by step desc limit 1)
		union all
		select t.id, d.id, d.depth + 1, d.path || t.id from down d join projects j on j.parent_id = d.id join threads t on t.id = j.thread_id
		where d.depth < 8 and t.id <> all(d.path) and ` + forum.Listed + `
	), kin (id, parent, depth, path, council_id, note) as (
		select d.id, d.parent, d.depth, d.path, j.council_id, '' from down d join projects j on j.thread_id = d.id
		union all
		select 0, d.id, d.depth + 1, d.path || array[9223372036854775807, u.council_id], u.council_id, u.note from down d join reuses u on u.thread_id = d.id
		where u.kind = 'reuse' and (u.visibility = 'public' or @colleague)
			and (u.project_id is null or exists (select from threads t where t.id = u.project_id and ` + forum.Listed + `)) and not exists (
			select from down e join projects o on o.thread_id = e.id where e.parent = d.id and o.council_id = u.council_id)
	)
	select n.id, n.depth, coalesce(q.title, '') as parent_title, coalesce(t.title, '') as title, coalesce(t.slug, '') as slug, coalesce(t.lang, 'en') as lang,
		coalesce(k.slug, '') as council_slug, coalesce(k.shown_name, '') as council_name, coalesce(j.phase, '') as phase, n.note
	from kin n left join threads t on t.id = n.id left join projects j on j.thread_id = n.id left join threads q on q.id = n.parent
	left join councils k on k.id = n.council_id
	order by n.path limit 60`
