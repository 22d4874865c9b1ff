package migrations

// topics are the service areas, practices and principles that threads are filed
// under. A topic that has gone from the file stays: threads and follows refer to it.
var topics = reference{
	name:       "topics",
	files:      map[string][]string{"topics": {"data/topics.csv"}},
	statements: []string{upsertTopics, placeUnderParents},
}

const upsertTopics = `
	insert into topics (slug, name, facet, description, position)
	select slug, name, facet, description, sort_order
	from json_to_recordset(@topics::json) as r (slug text, name text, facet text, description text, sort_order int)
	on conflict (slug) do update set
		name = excluded.name, facet = excluded.facet, description = excluded.description, position = excluded.position
	where (topics.name, topics.facet, topics.description, topics.position)
		is distinct from (excluded.name, excluded.facet, excluded.description, excluded.position)`

// As with counties, 0 stands for a parent that is not there, and fails.
const placeUnderParents = `
	update topics t set parent_id = r.parent_id
	from (
		select r.slug, case when r.parent_slug is not null then coalesce(parent.id, 0) end as parent_id
		from json_to_recordset(@topics::json) as r (slug text, parent_slug text)
		left join topics parent on parent.slug = r.parent_slug
	) r
	where t.slug = r.slug and t.parent_id is distinct from r.parent_id`
