package places

// What is done when a council @old ends on the day before @on and the councils @into, or
// the one council @new, follow it. Each statement finds nothing to do when it has been done.
const (
	endCouncil = `update councils set status = 'former', ended_on = @on::date - 1, reorganised_at = @at where id = @old`

	beginCouncils = `
		update councils set status = 'current', started_on = coalesce(started_on, @on), reorganised_at = @at
		where id = any(@into) and status = 'planned'`

	carryOut = `
		update successions set kind = case when cardinality(@into::bigint[]) > 1 then 'split' else 'merged' end
		where old_id = @old and kind = 'planned'`

	// Who has an address at a domain of the old council is a colleague of the new one by it.
	handDomains = `
		insert into council_domains (domain, council_id, kind, confidence, from_id)
		select d.domain, n.id, d.kind, d.confidence, @old
		from council_domains d cross join unnest(@into::bigint[]) as n (id)
		where d.council_id = @old and d.kind = 'email' and d.confidence <> 'legacy'
		on conflict (domain, council_id, kind) do nothing`
	endDomains = `update council_domains set confidence = 'legacy' where council_id = @old and confidence <> 'legacy'`

	// A choice about the new council that somebody has made already stands.
	handFollows = `
		insert into follows (person_id, subject_kind, subject_id, thread_kind, cadence, reason, since)
		select f.person_id, 'council', n.id, f.thread_kind, f.cadence, f.reason, f.since
		from follows f cross join unnest(@into::bigint[]) as n (id)
		where f.subject_kind = 'council' and f.subject_id = @old
		on conflict (person_id, subject_kind, subject_id, thread_kind) do nothing`
	endFollows = `delete from follows where subject_kind = 'council' and subject_id = @old`

	lockPeople = `select id from people where council_id = @old order by id for no key update`
	moveProofs = `update proofs set council_id = @new where council_id = @old`

	// What a newcomer wrote waits with those who may let them in.
	moveHeldThreads = `update threads set council_id = @new where council_id = @old and held_at is not null`
	moveHeldPosts   = `
		update posts set council_id = @new
		where council_id = @old and held_at is not null`

	movePeople = `
		with moved as (
			update people set council_id = @new where council_id = @old returning id
		)
		insert into entries (at, doer_id, deed, person_id, council_id)
		select @at, nullif(@doer, 0), 'moved_council', id, @new from moved order by id`

	// Projects are their council's, not words of a day: it leads them on, takes part, and
	// has reused what it did. Where both councils said so, once is enough.
	moveProjects = `update projects set council_id = @new where council_id = @old`
	moveRegister = `update register set council_id = @new where council_id = @old and kind = 'project'`
	movePartners = `
		with gone as (
			delete from project_councils where council_id = @old returning *
		), cleared as (
			delete from project_councils k using projects j where k.council_id = @new and j.thread_id = k.thread_id and j.council_id = @new
		)
		insert into project_councils (thread_id, council_id, state, invited_by, invited_at, answered_by, answered_at)
		select g.thread_id, @new, g.state, g.invited_by, g.invited_at, g.answered_by, g.answered_at
		from gone g join projects j on j.thread_id = g.thread_id where j.council_id is distinct from @new
		on conflict (thread_id, council_id) do update set state = excluded.state, answered_by = excluded.answered_by, answered_at = excluded.answered_at
		where excluded.state = 'confirmed' and project_councils.state <> 'confirmed'`
	moveReuses = `
		with gone as (
			delete from reuses where council_id = @old returning *
		)
		insert into reuses (thread_id, council_id, kind, note, visibility, person_id, at, project_id)
		select thread_id, @new, kind, note, visibility, person_id, at, project_id from gone
		on conflict (thread_id, council_id, kind) do nothing`
	moveUses = `
		with gone as (
			delete from product_uses where council_id = @old returning *
		)
		insert into product_uses (product_id, council_id, end_month, person_id, confirmed_at, merged_from)
		select product_id, @new, end_month, person_id, confirmed_at, merged_from from gone
		on conflict (product_id, council_id) do nothing`
	// A team's mailbox goes where whoever added it does; one that both councils have ends.
	moveMailboxes = `
		update mailboxes m set council_id = @new
		where council_id = @old and not exists (select from mailboxes o where o.council_id = @new and o.address = m.address)`
	countReuses = `
		update register r set reuses = reused_by(r.thread_id)
		where r.thread_id in (select thread_id from reuses where council_id = @new union select thread_id from projects where council_id = @new)`

	// Who led the old council leads the new one, until the same day: else nobody could let
	// colleagues in on its first morning. Who leads it already does not twice.
	moveLeads = `
		with ended as (
			update roles set ended_at = @at where council_id = @old and ended_at is null
			returning id, person_id, until
		), given as (
			insert into roles (person_id, role, council_id, granted_at, until)
			select person_id, 'lead', @new, @at, until from ended where until is null or until > @at order by person_id
			on conflict do nothing
			returning id, person_id
		)
		insert into entries (at, doer_id, deed, person_id, council_id, role_id, reason)
		select @at, nullif(@doer, 0), 'revoked', person_id, @old, id, 'lead' from ended
		union all
		select @at, nullif(@doer, 0), 'granted', person_id, @new, id, 'lead' from given`
)
