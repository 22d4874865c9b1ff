-- +goose Up
-- Where a council stands on the map, and what became of it. When the day of a
-- reorganisation comes, what was planned is carried out in the database (see
-- forum/reorganise.go): the files that are loaded at start may say so only later.
create table council_hexes (
    council_id bigint primary key references councils on delete cascade,
    q          int not null,
    r          int not null -- upwards is north; odd rows stand half a place to the right
);

alter table councils add column if not exists reorganised_at timestamptz; -- when it ended or began by a deed
alter table council_domains add column if not exists from_id bigint references councils; -- whose it was before

-- council_now is what a council has become: itself while it is there, and when it was
-- split, for nobody can say which one is meant.
-- +goose StatementBegin
create or replace function council_now(council bigint) returns bigint language sql stable as $$
    with recursive line (id, step) as (
        select council, 0
        union all
        select s.new_id, l.step + 1
        from line l
        join councils c on c.id = l.id and c.status = 'former'
        cross join lateral (
            select min(new_id) as new_id from successions where old_id = l.id and kind <> 'planned' having count(*) = 1
        ) s
        where l.step < 20
    )
    select id from line order by step desc limit 1
$$;
-- +goose StatementEnd

-- council_line is a council and all that have become it.
-- +goose StatementBegin
create or replace function council_line(council bigint) returns bigint[] language sql stable as $$
    with recursive line (id) as (
        select council
        union
        select s.old_id
        from line l
        join successions s on s.new_id = l.id and s.kind <> 'planned'
        join councils c on c.id = s.old_id and c.status = 'former'
        where not exists (select from successions o where o.old_id = s.old_id and o.new_id <> s.new_id and o.kind <> 'planned')
    )
    select array_agg(id) from line
$$;
-- +goose StatementEnd
