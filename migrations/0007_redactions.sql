-- +goose Up
-- The history of a post, and what a moderator took out of all of it.
alter table revisions
    add column topics     text[], -- slugs, of an opening post; null where they were not kept
    add column job_title  text,   -- the editor's, and their council, when they edited
    add column council_id bigint,
    add column quiet      boolean not null default false, -- an author's edit that nobody saw: it counts as an edit, its words are not kept
    add column closed     boolean not null default false; -- the post was held or hidden when these words were replaced
alter table revisions add constraint revisions_council_id_fkey foreign key (council_id) references councils not valid;
alter table revisions validate constraint revisions_council_id_fkey;

-- The last edit by the team of somebody else's words, and the last redaction: they show on the post.
alter table posts
    add column team_edited_at  timestamptz,
    add column team_edited_why text,
    add column redacted_at     timestamptz;

-- A passage was taken out of every version of a post. What it said is kept nowhere.
create table redactions (
    post_id      bigint not null references posts on delete cascade,
    version      int not null, -- of the post, without it
    at           timestamptz not null,
    moderator_id bigint not null references people,
    reason       text not null,
    primary key (post_id, version)
);
