-- +goose NO TRANSACTION
-- +goose Up
-- Who sells the products that councils use, who speaks for them, and what they corrected.
-- Each statement may run twice.

create table if not exists suppliers (
    id          bigint generated always as identity primary key,
    slug        text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name        text not null check (length(name) between 1 and 100),
    url         text not null default '' check (length(url) <= 2000),
    about       text not null default '' check (length(about) <= 2000),
    contact     text not null default '' check (length(contact) <= 200),
    merged_into bigint references suppliers, -- the same company, under the name that stays
    version     int not null default 1 -- who changes what somebody else has changed meanwhile is told so
);
create unique index if not exists suppliers_name on suppliers (lower(name));
create index if not exists suppliers_merged on suppliers (merged_into) where merged_into is not null;

-- The supplier of a name, made where there is none yet.
-- +goose StatementBegin
create or replace function supplier_named(said text) returns bigint language plpgsql as $$
declare
    stem text := trim(both '-' from left(regexp_replace(regexp_replace(normalize(lower(said), NFD), '[\u0300-\u036f''’]', '', 'g'), '[^a-z0-9]+', '-', 'g'), 60));
    known bigint;
begin
    if said = '' then
        return null;
    end if;
    for n in 1..1000 loop
        select s.id into known from suppliers s where lower(s.name) = lower(said);
        if known is null then
            insert into suppliers (slug, name)
            values (case when stem = '' then 'supplier-' || n when n = 1 then stem else stem || '-' || n end, said)
            on conflict do nothing returning id into known;
        end if;
        if known is not null then
            return known;
        end if;
    end loop;
    return null;
end $$;
-- +goose StatementEnd

alter table products
    add column if not exists supplier_id bigint, -- of the name in supplier
    add column if not exists url text not null default '',
    add column if not exists about text not null default '',
    add column if not exists version int not null default 1;
alter table products
    drop constraint if exists products_supplier_id_fkey,
    add constraint products_supplier_id_fkey foreign key (supplier_id) references suppliers not valid;
alter table products validate constraint products_supplier_id_fkey;
alter table products
    drop constraint if exists products_said,
    add constraint products_said check (length(url) <= 2000 and length(about) <= 2000) not valid;
alter table products validate constraint products_said;
drop index concurrently if exists products_supplier;
create index concurrently products_supplier on products (supplier_id) where supplier_id is not null;

-- Whichever version says who sells a product, it is of that supplier.
-- +goose StatementBegin
create or replace function products_supplied() returns trigger language plpgsql as $$
begin
    new.supplier_id = supplier_named(new.supplier);
    return new;
end $$;
-- +goose StatementEnd
create or replace trigger products_supplied before insert or update of supplier on products for each row execute function products_supplied();
update products set supplier = supplier where supplier <> '' and supplier_id is null;

-- Who asked to speak for a supplier, and what a curator said.
create table if not exists supplier_claims (
    id          bigint generated always as identity primary key,
    supplier_id bigint not null references suppliers,
    person_id   bigint not null references people on delete cascade,
    note        text not null default '' check (length(note) <= 500),
    state       text not null default 'asked' check (state in ('asked', 'agreed', 'declined', 'ended')),
    asked_at    timestamptz not null,
    decided_at  timestamptz,
    decided_by  bigint references people,
    reason      text not null default '' check (length(reason) <= 2000), -- why it was declined
    check ((decided_at is null) = (decided_by is null)),
    check (state not in ('agreed', 'declined') or decided_at is not null)
);
create unique index if not exists supplier_claims_once on supplier_claims (supplier_id, person_id) where state in ('asked', 'agreed');
create index if not exists supplier_claims_waiting on supplier_claims (asked_at) where state = 'asked';
create index if not exists supplier_claims_person on supplier_claims (person_id, id);
create index if not exists supplier_claims_decided_by on supplier_claims (decided_by) where decided_by is not null;

-- Nobody speaks for a company that they are not of any more, nor while suspended.
-- +goose StatementBegin
create or replace function supplier_claims_end() returns trigger language plpgsql as $$
begin
    update supplier_claims set state = 'ended' where person_id = new.id and state in ('asked', 'agreed');
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger supplier_claims_end after update of standing, company, suspended_until, erased_at on people for each row
    when (old.standing = 'supplier' and (new.standing <> 'supplier' or new.company is distinct from old.company
        or new.suspended_until is not null and new.suspended_until is distinct from old.suspended_until or new.erased_at is not null))
    execute function supplier_claims_end();

-- The products that people, or one person, follow or whose supplier they do, and that a post
-- is the first of its thread to name, word by word.
-- +goose StatementBegin
create or replace function products_named(post bigint, person bigint) returns setof bigint language sql stable as $$
    select o.id from post_words w join products o on o.merged_into is null and exists (
            select from follows f where f.subject_kind = 'product' and f.subject_id = o.id and (person = 0 or f.person_id = person)
            union all
            select from suppliers g join follows f on f.subject_kind = 'supplier' and f.subject_id in (g.id, g.merged_into) and (person = 0 or f.person_id = person)
            where g.id = o.supplier_id)
    where w.post_id = post and w.words @@ phraseto_tsquery('moothall_en', o.name)
        and not exists (select from post_words b where b.thread_id = w.thread_id and b.post_id < post and b.words @@ phraseto_tsquery('moothall_en', o.name))
    limit 100
$$;
-- +goose StatementEnd

-- What was corrected of a supplier or a product, a fact at a time.
create table if not exists supplier_changes (
    id          bigint generated always as identity primary key,
    supplier_id bigint references suppliers,
    product_id  bigint references products on delete cascade,
    field       text not null check (field in ('url', 'about', 'contact', 'standards')),
    was         text not null,
    said        text not null,
    person_id   bigint not null references people,
    company     text not null default '', -- of a supplier, when they said it
    at          timestamptz not null,
    undone_at   timestamptz,
    undone_by   bigint references people,
    check (num_nonnulls(supplier_id, product_id) = 1),
    check ((undone_at is null) = (undone_by is null))
);
create index if not exists supplier_changes_supplier on supplier_changes (supplier_id, id) where supplier_id is not null;
create index if not exists supplier_changes_product on supplier_changes (product_id, id) where product_id is not null;
create index if not exists supplier_changes_person on supplier_changes (person_id);
create index if not exists supplier_changes_undone_by on supplier_changes (undone_by) where undone_by is not null;

drop index concurrently if exists people_company;
create index concurrently people_company on people (lower(company)) where standing = 'supplier';

alter table desk_items
    drop constraint if exists desk_items_sort_check,
    add constraint desk_items_sort_check check (sort in ('newcomer', 'held', 'report', 'question', 'project', 'lesson', 'busy', 'highlight', 'alike', 'link', 'claim')) not valid;
alter table desk_items validate constraint desk_items_sort_check;

-- What is typed of a new project is kept, as other words are.
alter table drafts
    drop constraint if exists drafts_kind_check,
    add constraint drafts_kind_check check (kind in ('ask', 'reply', 'edit', 'report', 'lesson', 'project')) not valid;
alter table drafts validate constraint drafts_kind_check;
alter table draft_versions
    drop constraint if exists draft_versions_kind_check,
    add constraint draft_versions_kind_check check (kind in ('ask', 'reply', 'edit', 'report', 'lesson', 'project')) not valid;
alter table draft_versions validate constraint draft_versions_kind_check;

-- Products and suppliers are followed, and tell who comes to use and to name them; who
-- asked to speak for a supplier is told what a curator said.
alter table follows
    drop constraint if exists follows_subject_kind_check,
    add constraint follows_subject_kind_check check (subject_kind in ('thread', 'topic', 'council', 'person', 'search', 'collection', 'product', 'supplier', 'everything')) not valid;
alter table follows validate constraint follows_subject_kind_check;
alter table events
    add column if not exists product_id bigint,
    add column if not exists claim_id bigint;
alter table events
    drop constraint if exists events_product_id_fkey,
    add constraint events_product_id_fkey foreign key (product_id) references products on delete cascade not valid,
    drop constraint if exists events_claim_id_fkey,
    add constraint events_claim_id_fkey foreign key (claim_id) references supplier_claims on delete cascade not valid;
alter table events validate constraint events_product_id_fkey;
alter table events validate constraint events_claim_id_fkey;
drop index concurrently if exists events_claim;
create index concurrently events_claim on events (claim_id) where claim_id is not null;
drop index concurrently if exists events_product;
create index concurrently events_product on events (product_id) where product_id is not null;
alter table events
    drop constraint if exists events_kind_check,
    add constraint events_kind_check check (kind in ('thread_asked', 'post_added', 'post_edited', 'person_let_in',
        'answer_accepted', 'answer_withdrawn', 'solved', 'outcome_told', 'mentioned', 'post_redacted',
        'project_due', 'project_reused', 'partner_invited', 'partner_answered', 'lesson_changed',
        'thread_moved', 'thread_retitled', 'thread_merged', 'thread_split', 'highlighted',
        'thread_summarised', 'thread_pinned', 'could_answer', 'question_offered',
        'collected', 'collection_added', 'suggestion_taken', 'suggestion_declined',
        'collection_shown', 'role_given', 'role_ended', 'desk_given', 'second_agreed', 'second_declined',
        'product_named', 'product_used', 'claim_agreed', 'claim_declined')) not valid;
alter table events validate constraint events_kind_check;
alter table notices
    drop constraint if exists notices_reason_check,
    add constraint notices_reason_check check (reason in ('mentioned', 'accepted', 'quoted', 'asked', 'replied', 'chose', 'let_in', 'tends', 'could_answer', 'offered', 'suggested',
        'role', 'desk', 'second', 'claimed')) not valid;
alter table notices validate constraint notices_reason_check;
