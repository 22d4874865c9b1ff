package letters

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// TakeAsk starts a thread with what somebody wrote to a topic's address, once, and has
// them told where it stands; or why it was not posted, with the words in a draft of a
// question. ErrNotFound where its address names nobody or nothing that is there;
// ErrTooMany where it is to be tried again later.
func (s *Store) TakeAsk(ctx context.Context, m Inbound) error {
	from, err := s.sender(ctx, &m)
	switch {
	case err != nil:
		return err
	case from.Known:
		return s.confirm(ctx, m)
	case from.Topic == "":
		return forum.ErrNotFound
	}
	empty := m.complete(from.Lang)
	m.topic, m.lang = from.Topic, from.Lang
	switch {
	case from.Address == "" || m.From != from.Address:
		m.Words = "" // they are somebody else's
		return s.refuse(ctx, m, "other_address")
	case empty:
		return s.refuse(ctx, m, "ask_empty")
	case !m.Trusted:
		return s.keepBack(ctx, m, "unproven")
	case m.Marked:
		return s.keepBack(ctx, m, "marked")
	case m.Aside:
		return s.keepBack(ctx, m, "ask_aside")
	case m.Late:
		return s.keepBack(ctx, m, "ask_late")
	case m.Title == "":
		return s.keepBack(ctx, m, "ask_untitled")
	}
	_, err = s.Ask(ctx, forum.Person{ID: m.PersonID}, forum.AskDraft{Title: m.Title, Body: m.Words, Lang: m.lang, Topics: []string{m.topic},
		Suppliers: true, Mail: &forum.Mail{Hash: m.Hash, Auth: m.Auth}})
	return s.asked(ctx, m, err)
}

// asked makes of what came of a question what its writer is told.
func (s *Store) asked(ctx context.Context, m Inbound, err error) error {
	var no *forum.Forbidden
	var bad forum.Invalid
	switch {
	case err == nil || errors.Is(err, forum.ErrTwice):
		return s.confirm(ctx, m)
	case errors.As(err, &no) && refusals[no.Why] != "":
		return s.keepBack(ctx, m, refusals[no.Why])
	case errors.Is(err, forum.ErrForbidden):
		return s.keepBack(ctx, m, "join")
	case errors.As(err, &bad):
		return s.keepBack(ctx, m, "check")
	}
	return err
}

// confirmWithin is how long after a question came by mail its writer is still told: they
// are not again when the same mail comes much later.
const confirmWithin = 24 * time.Hour

// confirm has somebody told, once, where the question stands that they asked by mail.
func (s *Store) confirm(ctx context.Context, m Inbound) error {
	return s.outside(ctx, func(d *forum.Deed) error {
		_, err := d.Exec(ctx, `
			insert into letters (person_id, kind, key, created_at, due_at)
			select i.person_id, 'notice', @key || i.id, @now, @now from inbound i
			where i.hash = @hash and i.person_id = @who and i.post_id is not null and i.at > @since
			on conflict do nothing`,
			pgx.NamedArgs{"hash": m.Hash, "who": m.PersonID, "key": keyAnswer, "now": d.At, "since": d.At.Add(-confirmWithin)})
		return err
	})
}
