package forum

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"time"
	"unicode/utf8"

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
	DraftLesson DraftKind = "lesson" // of a new one, or of a change to the one that is its target

	DraftProject DraftKind = "project" // of a new one
)

// Prose are the fields in which people write, in the order of the forms.
var Prose = []string{"title", "summary", "body", "wanted", "did", "happened", "differently", "advice", "different", "reason", "residents_why"}

// Draft is what a person has typed and not yet posted.
type Draft struct {
	Fields  json.RawMessage
	Version int
	SavedAt time.Time
	Page    string // the page that saved it
	Strays  int    // other texts of the same form, from pages that came too late with them
}

// Values are the draft's fields as the form had them; none of no draft.
func (d *Draft) Values() url.Values {
	if d == nil {
		return url.Values{}
	}
	return fieldsOf(d.Fields)
}

func fieldsOf(text json.RawMessage) url.Values {
	values := url.Values{}
	_ = json.Unmarshal(text, &values) // written by SaveDraft: what is not an object has no fields
	return values
}

// Typed is what stood in a form, and what its page knew of the draft.
type Typed struct {
	Kind    DraftKind
	Target  int64 // the thread or post it is for; 0 for a new thread
	Fields  url.Values
	Version int    // of the draft that the page last saw; 0 if it saw none
	Page    string // the page's own word: what it saved itself it may save over
	Auto    bool   // saved by a script, while somebody types
	Aside   bool   // came another way, and is not known to be theirs: it counts towards no pace, and lies beside what any page has saved
	Over    bool   // came back with its form: it counts towards no pace, and takes the place of any other draft, which is kept as an older version
}

// DraftSaved is the answer to SaveDraft.
type DraftSaved struct {
	Version int
	SavedAt time.Time
}

// DraftConflict is a draft that another page saved first. Now is what that one
// says; nil if it was posted or thrown away.
type DraftConflict struct {
	Typed Typed
	Now   *Draft
}

// Error says that it is a conflict.
func (c *DraftConflict) Error() string { return ErrConflict.Error() }

// Is makes errors.Is(err, ErrConflict) true.
func (c *DraftConflict) Is(target error) bool { return target == ErrConflict }

// draftBytes bounds what is kept of one form, draftsMost how many there are of one
// person, and draftsBytes what is kept of them in all, older texts among it.
const draftBytes, draftsMost, draftsBytes = 256 << 10, 50, 8 << 20

// ErrDraftsFull is ErrTooMany of drafts: one is too long, or there are too many.
var ErrDraftsFull = &TooMany{}

// KeepDraft keeps what somebody typed into a form, whatever was kept before.
func (s *Store) KeepDraft(ctx context.Context, who Person, kind DraftKind, target int64, fields url.Values) error {
	_, err := s.SaveDraft(ctx, who, Typed{Kind: kind, Target: target, Fields: fields, Over: true})
	return err
}

// SetAside keeps what may be somebody's own for a form, or anybody's: as the draft, where
// there is none, else beside what they have typed. Of one page there is the last.
func (s *Store) SetAside(ctx context.Context, who Person, t Typed) error {
	t.Aside = true
	_, err := s.SaveDraft(ctx, who, t)
	if errors.Is(err, ErrConflict) {
		return nil // it lies beside
	}
	return err
}

// SaveDraft keeps what somebody typed into a form, for the next time they come to
// it, and what it said before as an older version. It uses up no form's key. When
// another page has saved meanwhile, both texts are kept, and it is a *DraftConflict.
// ErrDraftsFull if it is too long or there are too many: then nothing is kept. Older
// texts make room before that, the oldest first.
func (s *Store) SaveDraft(ctx context.Context, who Person, t Typed) (saved DraftSaved, err error) {
	if err := t.check(); err != nil {
		return DraftSaved{}, err
	}
	var conflict *DraftConflict
	err = s.Do(WithKey(ctx, Key{}), who, func(d *Deed) error {
		d.Unseen()
		conflict = nil
		if err := d.draftPace(ctx, !t.Over && !t.Aside); err != nil {
			return err
		}
		if err := d.draftOfMerged(ctx, &t); err != nil {
			return err
		}
		before, err := d.draft(ctx, t.Kind, t.Target)
		if err != nil {
			return err
		}
		if conflict, err = d.draftConflict(ctx, t, before); err == nil && conflict == nil {
			saved, err = d.saveDraft(ctx, t, before)
		}
		if err != nil {
			return err
		}
		return d.makeRoom(ctx)
	})
	if err == nil && conflict != nil {
		return DraftSaved{}, conflict
	}
	return saved, err
}

// draftOfMerged has a reply to a thread that was merged kept for where its posts are.
func (d *Deed) draftOfMerged(ctx context.Context, t *Typed) error {
	if t.Kind != DraftReply {
		return nil
	}
	now, err := d.Standing(ctx, t.Target)
	t.Target = now
	return err
}

// check says what keeps a draft from being kept at all, and cleans it.
func (t *Typed) check() error {
	var bad Invalid
	switch t.Kind {
	case DraftAsk, DraftReply, DraftEdit, DraftReport, DraftLesson, DraftProject:
	default:
		bad.Add("kind", "drafts.kind_unknown")
	}
	if t.Version < 0 || t.Version > math.MaxInt32 {
		bad.Add("version", "drafts.version_unknown")
	}
	if t.Target == math.MinInt64 { // it has no opposite, which is the thread that a report is about
		bad.Add("target", "drafts.target_unknown")
	}
	if bad != nil {
		return bad
	}
	kept := url.Values{}
	for name, values := range t.Fields {
		for _, value := range values {
			kept.Add(markup.Clean(name), markup.Clean(value))
		}
	}
	t.Fields = kept
	if len(t.text()) > draftBytes {
		return ErrDraftsFull
	}
	return nil
}

// text is the fields as they are stored.
func (t *Typed) text() []byte {
	text, _ := json.Marshal(t.Fields) // lists of strings always can be
	return text
}

// draftConflict tells whether another page was first. Then what came too late is
// kept beside the draft, once for each page.
func (d *Deed) draftConflict(ctx context.Context, t Typed, before *Draft) (*DraftConflict, error) {
	if t.Auto {
		if gone, err := d.postedJustNow(ctx, t.Page); err != nil || gone || before == nil && t.Version > 0 {
			return &DraftConflict{Typed: t}, err
		}
	}
	if t.mayReplace(before) {
		return nil, nil
	}
	err := d.setAside(ctx, t, Draft{Fields: t.text(), Version: t.Version, SavedAt: d.At, Page: t.Page}, "stray")
	return &DraftConflict{Typed: t, Now: before}, err
}

// mayReplace reports whether the page had seen what the draft says, or says the same.
func (t *Typed) mayReplace(before *Draft) bool {
	return before == nil || t.Over || t.Version == before.Version || t.Page != "" && t.Page == before.Page ||
		string(t.text()) == string(before.sorted())
}

// sorted is the draft's fields as text writes them: Postgres has an order of its own.
func (d *Draft) sorted() []byte {
	text, _ := json.Marshal(d.Values())
	return text
}

// postedJustNow reports whether the form of a page was sent while its script was
// saving: what comes after that is posted already.
func (d *Deed) postedJustNow(ctx context.Context, page string) (posted bool, err error) {
	err = d.QueryRow(ctx, `select exists (select from form_keys where person_id = $1 and key = $2 and at > $3)`,
		d.Who.ID, page, d.At.Add(-time.Minute)).Scan(&posted)
	return posted, err
}

// saveDraft puts a draft in the place of the one before.
func (d *Deed) saveDraft(ctx context.Context, t Typed, before *Draft) (DraftSaved, error) {
	if err := d.baseVersion(ctx, &t, before); err != nil {
		return DraftSaved{}, err
	}
	if before != nil && string(t.text()) == string(before.sorted()) {
		return DraftSaved{before.Version, before.SavedAt}, nil
	}
	if keep, err := d.worthKeeping(ctx, t, before); err != nil {
		return DraftSaved{}, err
	} else if keep {
		if err := d.setAside(ctx, t, *before, "replaced"); err != nil {
			return DraftSaved{}, err
		}
	}
	saved := DraftSaved{SavedAt: d.At}
	rows, err := d.Query(ctx, `
		insert into drafts (person_id, kind, target, fields, saved_at, page)
		select @who, @kind, @target, @fields::jsonb, @at, nullif(@page, '')
		from (
			select count(*) as count, coalesce(sum(octet_length(fields::text)), 0) as bytes
			from drafts where person_id = @who and (kind, target) <> (@kind, @target)
		) others
		where others.count < @most and others.bytes + octet_length(@fields::jsonb::text) <= @bytes
		on conflict (person_id, kind, target) do update
		set fields = @fields, version = drafts.version + 1, saved_at = @at, page = nullif(@page, '')
		returning version`,
		pgx.NamedArgs{"who": d.Who.ID, "kind": t.Kind, "target": t.Target, "fields": t.text(), "at": d.At, "page": t.Page, "most": draftsMost, "bytes": draftsBytes})
	if err != nil {
		return DraftSaved{}, err
	}
	versions, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return DraftSaved{}, err
	}
	if len(versions) == 0 {
		return DraftSaved{}, ErrDraftsFull
	}
	saved.Version = versions[0]
	return saved, d.unstray(ctx, t)
}

// baseVersion has the draft of an edit remember which version of the post it
// changes, also where the form did not say. Of what its writer may not read it is
// told no more than of what there is not.
func (d *Deed) baseVersion(ctx context.Context, t *Typed, before *Draft) error {
	if t.Kind != DraftEdit || t.Fields.Has("version") {
		return nil
	}
	if known := before.Values(); known.Has("version") {
		t.Fields["version"] = known["version"]
		return nil
	}
	rows, err := d.Query(ctx, `
		select p.version::text from posts p join threads t on t.id = p.thread_id
		where p.id = @post and `+visible+` and `+shows, d.Who.rights(pgx.NamedArgs{"post": t.Target}))
	if err != nil {
		return err
	}
	now, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if len(now) > 0 {
		t.Fields["version"] = now
	}
	return err
}

// versionEvery is how far apart the older versions are that one page leaves while
// somebody types: three of them every ten seconds would be gone with half a minute.
const versionEvery = time.Minute

// worthKeeping reports whether what the draft says now is to be kept as an older
// version: it is another page's, it has stood for a while, or words are taken away.
func (d *Deed) worthKeeping(ctx context.Context, t Typed, before *Draft) (bool, error) {
	if before == nil || written(before.Values()) == 0 {
		return false, nil
	}
	if t.Page == "" || t.Page != before.Page || written(t.Fields) < written(before.Values())*3/4 {
		return true, nil
	}
	var recent bool
	err := d.QueryRow(ctx, `
		select exists (select from draft_versions where person_id = @who and kind = @kind and target = @target and why = 'replaced' and at > @at)`,
		pgx.NamedArgs{"who": d.Who.ID, "kind": t.Kind, "target": t.Target, "at": d.At.Add(-versionEvery)}).Scan(&recent)
	return !recent, err
}

// written is how much somebody has written, in code points.
func written(form url.Values) (n int) {
	for _, name := range Prose {
		n += utf8.RuneCountInString(form.Get(name))
	}
	return n
}

// draftQuery reads the draft of @who for @draft and @target.
const draftQuery = `
	select fields, version, saved_at, coalesce(page, '') as page,
		(select count(*) from draft_versions v where v.person_id = @who and v.kind = @draft and v.target = @target and v.why = 'stray') as strays
	from drafts where person_id = @who and kind = @draft and target = @target`

// Draft reads what a person has kept for a form; nil if nothing.
func (s *Store) Draft(ctx context.Context, who Person, kind DraftKind, target int64) (draft *Draft, err error) {
	if !who.SignedIn() {
		return nil, nil
	}
	var b pgx.Batch
	b.Queue(draftQuery, pgx.NamedArgs{"who": who.ID, "draft": kind, "target": target}).Query(IntoMaybe(&draft))
	return draft, s.Send(ctx, &b)
}

// draft reads the draft of the doer, whom the deed has locked; nil if there is none.
func (d *Deed) draft(ctx context.Context, kind DraftKind, target int64) (draft *Draft, err error) {
	rows, err := d.Query(ctx, draftQuery, pgx.NamedArgs{"who": d.Who.ID, "draft": kind, "target": target})
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return draft, IntoMaybe(&draft)(rows)
}

// QueueDraft has a batch read what a person has kept for a form; nil if nothing.
func (s *Store) QueueDraft(b *pgx.Batch, who Person, kind DraftKind, target int64, to **Draft) {
	b.Queue(draftQuery, pgx.NamedArgs{"who": who.ID, "draft": kind, "target": target}).Query(IntoMaybe(to))
}
