package migrations

// councils are the councils and other public bodies, with what hangs on them. A
// council is never deleted, and one that has gone from the file stays as it is:
// people and threads refer to it. Domains, nicknames and plans that have gone from
// the file were wrong, and go. A slug that is nobody's fails on a column's "not
// null" rather than vanish in a join.
var councils = reference{
	name: "councils",
	files: map[string][]string{
		"councils":    {"data/councils.csv", "data/other_bodies.csv"},
		"domains":     {"data/council_domains.csv"},
		"nicknames":   {"data/council_nicknames.csv"},
		"successions": {"data/council_succession.csv"},
		"hexes":       {"data/council_hexes.csv"},
	},
	statements: []string{upsertCouncils, placeInCounties, loadDomains, loadNicknames, loadSuccessions, loadHexes},
}

// Rows that are as they should be are left alone: nobody waits for a lock on them,
// and the fictional names of the demo stay. What a reorganisation has ended or begun
// stays so while the file still says what was before.
const upsertCouncils = `
	insert into councils (slug, name, short_name, name_cy, kind, nation, region, gss_code, population, status, started_on, ended_on)
	select r.slug, r.name, r.short_name, coalesce(r.name_cy, ''), r.type, r.nation, r.region, r.gss_code, r.population,
		case when array_position(o.statuses, was.status) > array_position(o.statuses, r.status) then was.status else r.status end,
		coalesce(r.start_date, was.started_on), coalesce(r.end_date, was.ended_on)
	from json_to_recordset(@councils::json) as r (slug text, name text, short_name text, name_cy text, type text,
		nation text, region text, gss_code text, population int, status text, start_date date, end_date date)
	cross join (select array['planned', 'current', 'former'] as statuses) o
	left join councils was on was.slug = r.slug and was.reorganised_at is not null
	on conflict (slug) do update set
		name = excluded.name, short_name = excluded.short_name, name_cy = excluded.name_cy, kind = excluded.kind,
		nation = excluded.nation, region = excluded.region, gss_code = excluded.gss_code, population = excluded.population,
		status = excluded.status, started_on = excluded.started_on, ended_on = excluded.ended_on
	where (councils.name, councils.short_name, councils.name_cy, councils.kind, councils.nation, councils.region,
			councils.gss_code, councils.population, councils.status, councils.started_on, councils.ended_on)
		is distinct from (excluded.name, excluded.short_name, excluded.name_cy, excluded.kind, excluded.nation, excluded.region,
			excluded.gss_code, excluded.population, excluded.status, excluded.started_on, excluded.ended_on)`

// The number 0 is no council's, and its foreign key says so of a county that is not there.
const placeInCounties = `
	update councils c set county_id = r.county_id
	from (
		select r.slug, case when r.county_slug is not null then coalesce(county.id, 0) end as county_id
		from json_to_recordset(@councils::json) as r (slug text, county_slug text)
		left join councils county on county.slug = r.county_slug
	) r
	where c.slug = r.slug and c.county_id is distinct from r.county_id`

const loadDomains = `
	with listed as (
		select domain, c.id as council_id, r.kind,
			case when c.reorganised_at is not null and c.status = 'former' then 'legacy' else confidence end as confidence
		from (
			select domain, council_slug, kind, confidence
			from json_to_recordset(@domains::json) as d (domain text, council_slug text, kind text, confidence text)
			union all
			select email_domain, slug, 'email', domain_confidence
			from json_to_recordset(@councils::json) as b (slug text, email_domain text, domain_confidence text)
			where email_domain is not null
		) r
		left join councils c on c.slug = r.council_slug
	), gone as (
		delete from council_domains d
		where d.from_id is null and not exists (select from listed l where (l.domain, l.council_id, l.kind) = (d.domain, d.council_id, d.kind))
	)
	insert into council_domains (domain, council_id, kind, confidence)
	select domain, council_id, kind, confidence from listed
	on conflict (domain, council_id, kind) do update set confidence = excluded.confidence
	where council_domains.confidence <> excluded.confidence`

const loadNicknames = `
	with listed as (
		select c.id as council_id, r.name
		from json_to_recordset(@nicknames::json) as r (slug text, name text)
		left join councils c on c.slug = r.slug
	), gone as (
		delete from council_names n
		where until is null and not exists (select from listed l where (l.council_id, l.name) = (n.council_id, n.name))
	)
	insert into council_names (council_id, name)
	select council_id, name from listed
	on conflict (council_id, name) do nothing`

const loadSuccessions = `
	with listed as (
		select o.id as old_id, n.id as new_id, r.date as on_date,
			case when r.kind = 'planned' and o.reorganised_at is not null then coalesce(done.kind, r.kind) else r.kind end as kind
		from json_to_recordset(@successions::json) as r (old_slug text, new_slug text, date date, kind text)
		left join councils o on o.slug = r.old_slug
		left join councils n on n.slug = r.new_slug
		left join successions done on done.old_id = o.id and done.new_id = n.id
	), gone as (
		delete from successions s
		where kind = 'planned' and not exists (select from listed l where (l.old_id, l.new_id) = (s.old_id, s.new_id))
	)
	insert into successions (old_id, new_id, on_date, kind)
	select old_id, new_id, on_date, kind from listed
	on conflict (old_id, new_id) do update set on_date = excluded.on_date, kind = excluded.kind
	where (successions.on_date, successions.kind) is distinct from (excluded.on_date, excluded.kind)`

const loadHexes = `
	with listed as (
		select c.id as council_id, r.q, r.r
		from json_to_recordset(@hexes::json) as r (council_slug text, q int, r int)
		left join councils c on c.slug = r.council_slug
	), gone as (
		delete from council_hexes h where not exists (select from listed l where l.council_id = h.council_id)
	)
	insert into council_hexes (council_id, q, r)
	select council_id, q, r from listed
	on conflict (council_id) do update set q = excluded.q, r = excluded.r
	where (council_hexes.q, council_hexes.r) is distinct from (excluded.q, excluded.r)`
