-- +goose Up
-- Whom an address has made a colleague by itself. Each does so for one person: who
-- brings one that has spoken for somebody else waits to be let in.
create table proofs (
    address    bytea primary key, -- SHA-256 of the address in lower case
    person_id  bigint not null references people on delete cascade,
    council_id bigint references councils, -- whose colleague they are by it; null when they are no more
    at         timestamptz not null
);
create index on proofs (person_id);

-- Colleagues from before: to the first of those with an address it belongs.
insert into proofs (address, person_id, council_id, at)
select distinct on (lower(i.email)) sha256(convert_to(lower(i.email), 'UTF8')), p.id, p.council_id, p.joined_at
from people p
join identities i on i.person_id = p.id and i.email_verified and i.email <> ''
join council_domains d on d.council_id = p.council_id and d.kind = 'email' and d.confidence in ('high', 'medium') and d.domain = lower(split_part(i.email, '@', 2))
where p.standing = 'colleague' and p.joined_at is not null
order by lower(i.email), p.joined_at, p.id
on conflict do nothing;
