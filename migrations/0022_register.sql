-- +goose NO TRANSACTION
-- +goose Up
-- What the registers count by, who uses which product, and what came from a file.
-- Each statement may run twice.

-- Which transaction wrote a row of the register last: whoever has read all that were
-- finished at some moment asks for what came since.
alter table register add column if not exists touched xid8;
-- +goose StatementBegin
create or replace function register_touched() returns trigger language plpgsql as $$
begin
    new.touched = pg_current_xact_id();
    return new;
end $$;
-- +goose StatementEnd
create or replace trigger register_touched before insert or update on register for each row execute function register_touched();

-- What a council is counted as, all that is of it is: that has been written then too.
-- +goose StatementBegin
create or replace function councils_counted() returns trigger language plpgsql as $$
begin
    update register set council_id = council_id where council_id = new.id;
    return null;
end $$;
-- +goose StatementEnd
create or replace trigger councils_counted after update of nation, kind on councils for each row
    when ((old.nation, old.kind) is distinct from (new.nation, new.kind)) execute function councils_counted();

drop index concurrently if exists register_since;
create index concurrently if not exists register_since on register (touched);

-- The orders of a register beside that by the last change.
drop index concurrently if exists register_begun;
create index concurrently if not exists register_begun on register (kind, stale, begun_at desc, thread_id desc) where listed;
drop index concurrently if exists register_sure;
create index concurrently if not exists register_sure on register (kind, stale, confirmed_at desc, thread_id desc) where listed;
drop index concurrently if exists register_reused;
create index concurrently if not exists register_reused on register (kind, stale, reuses desc, thread_id desc) where listed;

alter table products
    add column if not exists merged_into bigint references products, -- the same product, under the name that stays
    add column if not exists standards text not null default '' check (length(standards) <= 1000); -- one a line
drop index concurrently if exists products_merged;
create index concurrently if not exists products_merged on products (merged_into) where merged_into is not null;

-- The councils that say themselves that they use a product.
create table if not exists product_uses (
    product_id   bigint not null references products,
    council_id   bigint not null references councils,
    end_month    date check (extract(day from end_month) = 1), -- of the contract, for colleagues only
    person_id    bigint not null references people,
    confirmed_at timestamptz not null,
    merged_from  bigint references products, -- of which product it was said
    primary key (product_id, council_id)
);
create index if not exists product_uses_council on product_uses (council_id);
create index if not exists product_uses_person on product_uses (person_id);
alter table project_products add column if not exists merged_from bigint references products; -- which product was named

-- Which projects named a product that was merged into one that they name too: they name
-- it again when it is parted.
create table if not exists merged_namings (
    product_id bigint not null references products on delete cascade, -- that was named
    thread_id  bigint not null references threads on delete cascade,
    end_month  date check (extract(day from end_month) = 1),
    primary key (product_id, thread_id)
);
create index if not exists merged_namings_thread on merged_namings (thread_id);

-- What came from a file, by a hash of the name that it has there: loaded again it is not
-- there twice, and nothing of it has to be taken out of what the name may tell.
create table if not exists imports (
    external_hash bytea primary key check (octet_length(external_hash) = 32),
    thread_id     bigint not null references threads on delete cascade,
    at            timestamptz not null -- when it came
);
create index if not exists imports_thread on imports (thread_id);
