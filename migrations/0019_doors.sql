-- +goose NO TRANSACTION
-- +goose Up
-- More doors for mail: questions come by mail to a topic's address. Each statement may
-- run twice.

-- Under which topic a mail was to be asked, and whether its words are kept as a draft.
alter table inbound
    add column if not exists topic_id bigint,
    add column if not exists kept     boolean not null default false;
alter table inbound
    drop constraint if exists inbound_topic,
    add constraint inbound_topic foreign key (topic_id) references topics on delete set null not valid;
alter table inbound validate constraint inbound_topic;
