-- +goose NO TRANSACTION
-- +goose Up
-- Issues that curators put together, who gets them, and what was sent to whom. Each
-- statement may run twice.

create table if not exists newsletters (
    id          bigint generated always as identity primary key,
    subject     text not null check (length(subject) between 1 and 150),
    lang        text not null default 'en' check (lang in ('en', 'cy')),
    state       text not null default 'draft' check (state in ('draft', 'scheduled', 'sending', 'paused', 'stopped', 'sent')),
    curator_id  bigint not null references people, -- who began it
    made_at     timestamptz not null,
    changed_at  timestamptz not null,
    changed_by  bigint references people, -- who said last what is in it
    version     int not null default 1, -- who changes what somebody else has changed meanwhile is told so
    since       timestamptz not null, -- what is newer is new in it
    asked_at    timestamptz, -- when another curator was asked to look at it
    approved_by bigint references people, -- and said that it is right, as it is now
    approved_at timestamptz,
    due_at      timestamptz, -- when it is to go out
    begun_at    timestamptz, -- when it began to: from then on it shows to everybody, and stays as it is
    queued_to   bigint not null default 0, -- the highest number of a subscriber for whom a letter was put in
    queued_at   timestamptz, -- when it was for all of them
    ended_at    timestamptz, -- when nothing was left to send
    recipients  int not null default 0,
    sent        int not null default 0, -- this and the next two are counted when it has ended
    bounced     int not null default 0,
    unsent      int not null default 0,
    went        int not null default 0, -- who unsubscribed by it
    check (num_nulls(approved_by, approved_at) in (0, 2)),
    check (begun_at is not null or state in ('draft', 'scheduled'))
);
create index if not exists newsletters_begun on newsletters (begun_at, id) where begun_at is not null;
create index if not exists newsletters_live on newsletters (state, due_at) where state in ('scheduled', 'sending');
create index if not exists newsletters_curator on newsletters (curator_id);
create index if not exists newsletters_changed_by on newsletters (changed_by) where changed_by is not null;
create index if not exists newsletters_approved_by on newsletters (approved_by) where approved_by is not null;

create table if not exists newsletter_blocks (
    id            bigint generated always as identity primary key,
    newsletter_id bigint not null references newsletters on delete cascade,
    kind          text not null check (kind in ('text', 'highlights', 'lessons', 'questions', 'projects', 'dates', 'news', 'figures')),
    heading       text not null default '' check (length(heading) <= 150),
    body          text not null default '' check (length(body) <= 20000), -- Markdown
    place         int not null -- the least stands first
);
create index if not exists newsletter_blocks_of on newsletter_blocks (newsletter_id, place);

-- What a block leads to. Only what a visitor may see at that moment ever shows of it.
create table if not exists newsletter_items (
    id           bigint generated always as identity primary key,
    block_id     bigint not null references newsletter_blocks on delete cascade,
    thread_id    bigint not null references threads on delete cascade,
    highlight_id bigint references highlights on delete cascade, -- by which it came in: gone when that is taken down
    why          text not null default '' check (length(why) <= 500),
    place        int not null
);
create index if not exists newsletter_items_of on newsletter_items (block_id, place);
create index if not exists newsletter_items_thread on newsletter_items (thread_id);
create index if not exists newsletter_items_highlight on newsletter_items (highlight_id) where highlight_id is not null;

-- Who gets it: an address whose reader said so by a link sent there, or somebody with an
-- account, at the address that they have proven, whichever that is then.
create table if not exists newsletter_subscribers (
    id            bigint generated always as identity primary key,
    address       text unique check (address = lower(address) and length(address) between 3 and 254),
    person_id     bigint unique references people on delete cascade,
    lang          text not null default 'en' check (lang in ('en', 'cy')),
    asked_at      timestamptz not null, -- when a link was sent last
    asks          int not null default 1, -- how many within a day
    asks_since    timestamptz not null,
    confirmed_at  timestamptz,
    left_at       timestamptz,
    failures      int not null default 0, -- in a row
    suppressed_at timestamptz,
    said          text not null default '', -- by the mail server, last
    check (num_nonnulls(address, person_id) = 1)
);
create index if not exists newsletter_subscribers_live on newsletter_subscribers (id)
    where confirmed_at is not null and left_at is null and suppressed_at is null;
create index if not exists newsletter_subscribers_over on newsletter_subscribers (asked_at) where confirmed_at is null;
create index if not exists newsletter_subscribers_left on newsletter_subscribers (left_at) where left_at is not null;

-- The outbox of newsletters, and for thirty days the record of what became of it: beside
-- that of letters, so that neither waits for the other. A node that works on one holds it
-- until claimed_until, on the database's own clock.
create table if not exists newsletter_letters (
    id            bigint generated always as identity primary key,
    newsletter_id bigint references newsletters on delete cascade, -- null where an address is asked
    kind          text not null check (kind in ('issue', 'test', 'ask')),
    subscriber_id bigint references newsletter_subscribers on delete cascade,
    tester_id     bigint references people on delete cascade, -- to whom a test goes
    address       text not null,
    state         text not null default 'queued' check (state in ('queued', 'deferred', 'sent', 'dropped', 'bounced', 'suppressed')),
    why           text not null default '', -- it was not sent
    error         text not null default '', -- what the mail server said last
    created_at    timestamptz not null,
    due_at        timestamptz not null,
    done_at       timestamptz,
    tries         int not null default 0,
    claimed_until timestamptz,
    check ((newsletter_id is null) = (kind = 'ask')),
    check (num_nonnulls(subscriber_id, tester_id) = 1 and (tester_id is not null) = (kind = 'test'))
);
-- To each address each issue once.
create unique index if not exists newsletter_letters_once on newsletter_letters (newsletter_id, address) where kind = 'issue';
create index if not exists newsletter_letters_due on newsletter_letters (newsletter_id, due_at, id) where kind = 'issue' and state in ('queued', 'deferred');
create index if not exists newsletter_letters_soon on newsletter_letters (due_at, id) where kind <> 'issue' and state in ('queued', 'deferred');
create index if not exists newsletter_letters_done on newsletter_letters (done_at) where done_at is not null;
create index if not exists newsletter_letters_subscriber on newsletter_letters (subscriber_id) where subscriber_id is not null;
create index if not exists newsletter_letters_tester on newsletter_letters (tester_id) where tester_id is not null;
