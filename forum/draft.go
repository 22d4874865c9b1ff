package forum

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// DraftKind is the form that a draft was typed into.
type DraftKind string

// The forms whose words are kept.
const (
	DraftAsk    DraftKind = "ask"
	DraftReply  DraftKind = "reply"
	DraftEdit   DraftKind = "edit"
	DraftReport DraftKind = "report"
)

// Draft is what a person has typed and not yet posted.
type Draft struct {
	Fields  json.RawMessage
	SavedAt time.Time
}

// Values are the draft's fields as the form had them; none of no draft.
func (d *Draft) Values() url.Values {
	values := url.Values{}
	if d != nil {
		_ = json.Unmarshal(d.Fields, &values) // written by KeepDraft: what is not an object has no fields
	}
	return values
}

// draftBytes bounds what is kept of one form, and draftsMost how many there are.
const draftBytes, draftsMost = 256 << 10, 50

// KeepDraft keeps what somebody typed into a form, for the next time they come
// to it. It replaces what was kept before. ErrTooMany if it is too long, or if
// they have as many drafts as there may be: then nothing is kept.
func (s *Store) KeepDraft(ctx context.Context, who Person, kind DraftKind, target int64, fields url.Values) error {
	kept := url.Values{}
	for name, values := range fields {
		for _, value := range values {
			kept.Add(markup.Clean(name), markup.Clean(value))
		}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	if len(text) > draftBytes {
		return ErrTooMany
	}
	return s.Do(ctx, who, func(d *Deed) error {
		kept, err := d.Exec(ctx, `
			insert into drafts (person_id, kind, target, fields, saved_at)
			select @who, @kind, @target, @fields::jsonb, @at
			where (select count(*) from drafts where person_id = @who and (kind, target) <> (@kind, @target)) < @most
			on conflict (person_id, kind, target) do update
			set fields = @fields, version = drafts.version + 1, saved_at = @at`,
			pgx.NamedArgs{"who": who.ID, "kind": kind, "target": target, "fields": text, "at": d.At, "most": draftsMost})
		if err == nil && kept.RowsAffected() == 0 {
			return ErrTooMany
		}
		return err
	})
}

// draftQuery reads the draft of @who for @draft and @target.
const draftQuery = `select fields, saved_at from drafts where person_id = @who and kind = @draft and target = @target`

// Draft reads what a person has kept for a form; nil if nothing.
func (s *Store) Draft(ctx context.Context, who Person, kind DraftKind, target int64) (draft *Draft, err error) {
	if !who.SignedIn() {
		return nil, nil
	}
	var b pgx.Batch
	b.Queue(draftQuery, pgx.NamedArgs{"who": who.ID, "draft": kind, "target": target}).Query(IntoMaybe(&draft))
	return draft, s.Send(ctx, &b)
}

// DropDraft is dropDraft for the deeds of another package.
func (d *Deed) DropDraft(ctx context.Context, kind DraftKind, target int64) error {
	return d.dropDraft(ctx, kind, target)
}

// dropDraft forgets the draft that the deed has made into something.
func (d *Deed) dropDraft(ctx context.Context, kind DraftKind, target int64) error {
	_, err := d.Exec(ctx, `delete from drafts where person_id = $1 and kind = $2 and target = $3`, d.Who.ID, kind, target)
	return err
}
