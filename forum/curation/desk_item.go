package curation

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
)

// Ref names something on the desk: "question-12".
type Ref struct {
	Sort Sort
	ID   int64
}

// ParseRef reads a Ref; ErrNotFound of what is none.
func ParseRef(text string) (Ref, error) {
	sort, number, _ := strings.Cut(text, "-")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != number || !slices.Contains(Sorts, Sort(sort)) {
		return Ref{}, forum.ErrNotFound
	}
	return Ref{Sort(sort), id}, nil
}

// String is the Ref as ParseRef reads it.
func (r Ref) String() string { return string(r.Sort) + "-" + strconv.FormatInt(r.ID, 10) }

// Ref names an item.
func (i DeskItem) Ref() Ref { return Ref{i.Sort, i.ID} }

// Note is what a curator told the others of something on the desk.
type Note struct {
	PersonID   int64
	PersonName string
	At         time.Time
	Words      string
}

// DeskDraft is what a curator typed about something on the desk.
type DeskDraft struct {
	Deed  string // take, drop, give, later, done, again, note
	To    int64  // whom it is given
	Until string // the day until which it is put off, as dates are typed
	Words string // of a note
}

// Bounds of what is typed on the desk: code points of a note, days that something is put
// off, notes of one thing.
const noteLength, laterMost, notesMost = 1000, 366, 100

// ItemPage is one thing of the desk, and all that there is to do about it.
type ItemPage struct {
	DeskItem
	At        time.Time
	Settled   bool // it waits no more: whatever was to be done is done
	Notes     []Note
	Curators  []Colleague
	Answerers []Answerer
	Asks      []Ask
	Draft     DeskDraft // as it was left
	Chosen    []int64   // who is to be asked
}

// notesQuery reads what curators told each other, the oldest first.
const notesQuery = `
	select n.person_id, p.name as person_name, n.at, n.words from desk_notes n join people p on p.id = n.person_id
	where n.sort = @sort and n.subject_id = @id order by n.id limit 100`

const curatorsQuery = `select distinct p.id, p.name from roles r join people p on p.id = r.person_id
	where r.role = 'curator' and ` + forum.RoleHolds + ` and p.erased_at is null order by p.name, p.id`

// ItemPage reads it in one round trip: ErrForbidden for whom it is not to look after,
// ErrNotFound of what there is not.
func (s *Store) ItemPage(ctx context.Context, who forum.Person, ref Ref) (p ItemPage, err error) {
	if !ref.Sort.MayLookAfter(who) {
		return ItemPage{}, forum.ErrForbidden
	}
	p.At = s.Now()
	args := deskArgs(who, p.At, ref.ID)
	args["sort"] = string(ref.Sort)
	var now []DeskItem
	var known struct{ There bool }
	var b pgx.Batch
	b.Queue(alikeQuery)
	b.Queue(itemQuery(ref.Sort), args).Query(forum.Into(&now))
	b.Queue(`select exists (`+ref.Sort.subject()+`) as there`, args).Query(forum.IntoOne(&known))
	b.Queue(notesQuery, args).Query(forum.Into(&p.Notes))
	b.Queue(curatorsQuery, args).Query(forum.Into(&p.Curators))
	if ref.Sort == Questions {
		queueAnswerers(&b, args, &p.Answerers)
		b.Queue(asksQuery, args).Query(forum.Into(&p.Asks))
	}
	if err := s.Send(ctx, &b); err != nil {
		return ItemPage{}, err
	}
	switch {
	case len(now) == 1:
		p.DeskItem = now[0]
		p.climbs()
	case known.There:
		p.DeskItem, p.Settled = DeskItem{Sort: ref.Sort, ID: ref.ID}, true
	default:
		return ItemPage{}, forum.ErrNotFound
	}
	return p, nil
}

// LookAfter does what a curator chose to do about something on the desk, and says so to the
// others by that. What somebody else has taken is Invalid, and says who; the same again
// changes nothing.
func (s *Store) LookAfter(ctx context.Context, who forum.Person, ref Ref, draft DeskDraft) error {
	draft.Words = strings.TrimSpace(strings.ReplaceAll(draft.Words, "\r\n", "\n"))
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if !ref.Sort.MayLookAfter(who) {
			return forum.ErrForbidden
		}
		i, err := lockItem(ctx, d, ref)
		if err != nil {
			return err
		}
		deed := itemDeeds[draft.Deed]
		if deed == nil {
			return forum.Invalid{{Field: "deed", Key: "desk.deed_choose"}}
		}
		return deed(ctx, d, i, draft)
	})
}

// itemDeeds are what can be done, by name.
var itemDeeds = map[string]func(context.Context, *forum.Deed, DeskItem, DeskDraft) error{
	"take": take, "drop": drop, "give": give, "later": putOff, "done": finish, "again": putBack, "note": note,
}

// ErrSettled is that something waits on the desk no more, so that nothing is left to do.
var ErrSettled = errors.New("it waits on the desk no more")

// subject finds what an item is of, whether it waits or not.
func (s Sort) subject() string {
	switch s {
	case Newcomers:
		return `select from people where id = @id and joined_at is not null`
	case Held:
		return `select from posts where id = @id`
	case Reports:
		return `select from reports where id = @id`
	case Links:
		return `select from links where id = @id`
	}
	return `select from threads t where t.id = @id and ` + forum.Visible
}

// lockItem reads and locks something on the desk; what does not wait there is ErrSettled.
func lockItem(ctx context.Context, d *forum.Deed, ref Ref) (i DeskItem, err error) {
	args := deskArgs(d.Who, d.At, ref.ID)
	if _, err := d.Exec(ctx, alikeQuery); err != nil {
		return DeskItem{}, err
	}
	if _, err := d.Exec(ctx, `
		insert into desk_items (sort, subject_id) values ($1, $2) on conflict do nothing`, ref.Sort, ref.ID); err != nil {
		return DeskItem{}, err
	}
	if _, err := d.Exec(ctx, `select from desk_items where sort = $1 and subject_id = $2 for update`, ref.Sort, ref.ID); err != nil {
		return DeskItem{}, err
	}
	rows, err := d.Query(ctx, itemQuery(ref.Sort), args)
	if err != nil {
		return DeskItem{}, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[DeskItem])
	if err == nil && len(list) == 0 {
		err = ErrSettled // and the row that was made goes with the deed
	}
	if err != nil {
		return DeskItem{}, err
	}
	return list[0], nil
}

// set changes what is said of an item.
func set(ctx context.Context, d *forum.Deed, i DeskItem, what string, args pgx.NamedArgs) error {
	if args == nil {
		args = pgx.NamedArgs{}
	}
	args["sort"], args["subject"], args["who"], args["at"] = string(i.Sort), i.ID, d.Who.ID, d.At
	_, err := d.Exec(ctx, `update desk_items set `+what+` where sort = @sort and subject_id = @subject`, args)
	return err
}

// taken is Invalid where somebody else has an item.
func taken(d *forum.Deed, i DeskItem) error {
	if i.TakerID != 0 && i.TakerID != d.Who.ID {
		var bad forum.Invalid
		bad.Add("taken", "desk.taken_by", "Name", i.TakerName)
		return bad
	}
	return nil
}

// take makes the doer the one who looks after it, unless somebody does.
func take(ctx context.Context, d *forum.Deed, i DeskItem, _ DeskDraft) error {
	if err := taken(d, i); err != nil || i.TakerID == d.Who.ID {
		return err
	}
	return set(ctx, d, i, `taker_id = @who, taken_at = @at`, nil)
}

// drop gives it back to everybody.
func drop(ctx context.Context, d *forum.Deed, i DeskItem, _ DeskDraft) error {
	if err := taken(d, i); err != nil {
		return err
	}
	if i.climbs(); i.Due.Step(d.At) == len(i.Due) && i.Sort == Questions {
		return forum.Invalid{{Field: "to", Key: "desk.drop_named"}}
	}
	return set(ctx, d, i, `taker_id = null, taken_at = null`, nil)
}

// give makes another curator the one who looks after it, whoever did.
func give(ctx context.Context, d *forum.Deed, i DeskItem, draft DeskDraft) error {
	var there bool
	err := d.QueryRow(ctx, `select exists (select from people p where p.id = @to and p.erased_at is null and `+curates("p.id")+`)`, pgx.NamedArgs{"to": draft.To, "now": d.At}).Scan(&there)
	if err != nil {
		return err
	}
	if !there {
		return forum.Invalid{{Field: "to", Key: "desk.to_choose"}}
	}
	if err := set(ctx, d, i, `taker_id = @to, taken_at = @at, until_on = null`, pgx.NamedArgs{"to": draft.To}); err != nil || draft.To == i.TakerID {
		return err
	}
	return d.Tell(ctx, forum.Event{Kind: forum.DeskGiven, PersonID: draft.To, DeskItem: i.Ref().String()})
}

// putOff takes it off the desk until a day.
func putOff(ctx context.Context, d *forum.Deed, i DeskItem, draft DeskDraft) error {
	day, err := time.Parse(time.DateOnly, strings.TrimSpace(draft.Until))
	if now := forum.DayOf(d.At); err != nil || !day.After(now) || day.After(now.AddDate(0, 0, laterMost)) {
		return forum.Invalid{{Field: "until", Key: "desk.until_choose"}}
	}
	return set(ctx, d, i, `until_on = @day`, pgx.NamedArgs{"day": day})
}

// finish says that nothing is left to do.
func finish(ctx context.Context, d *forum.Deed, i DeskItem, _ DeskDraft) error {
	if i.IsDone() {
		return nil // somebody was first
	}
	return set(ctx, d, i, `done_at = @at, done_by = @who, until_on = null`, nil)
}

// putBack has it wait on the desk again.
func putBack(ctx context.Context, d *forum.Deed, i DeskItem, _ DeskDraft) error {
	return set(ctx, d, i, `done_at = null, done_by = null, until_on = null`, nil)
}

// note tells the other curators something of it.
func note(ctx context.Context, d *forum.Deed, i DeskItem, draft DeskDraft) error {
	var bad forum.Invalid
	switch n := utf8.RuneCountInString(draft.Words); {
	case n == 0:
		bad.Add("words", "desk.note_empty")
	case n > noteLength:
		bad.Add("words", "desk.note_long", "Max", noteLength)
	case i.Notes >= notesMost:
		bad.Add("words", "desk.notes_many")
	}
	if bad != nil {
		return bad
	}
	_, err := d.Exec(ctx, `insert into desk_notes (sort, subject_id, person_id, at, words) values (@sort, @subject, @who, @at, @words)`,
		pgx.NamedArgs{"sort": string(i.Sort), "subject": i.ID, "who": d.Who.ID, "at": d.At, "words": draft.Words})
	return err
}

// Cover says that somebody looks after the desk today, or does no more.
func (s *Store) Cover(ctx context.Context, who forum.Person, on bool) error {
	return s.Do(ctx, who, func(d *forum.Deed) error {
		d.Unseen()
		if !forum.CanTend(who) {
			return forum.ErrForbidden
		}
		sql := `delete from desk_days where on_date = ` + today + ` and person_id = @who`
		if on {
			sql = `insert into desk_days (on_date, person_id) values (` + today + `, @who) on conflict do nothing`
		}
		_, err := d.Exec(ctx, sql, pgx.NamedArgs{"who": who.ID, "now": d.At})
		return err
	})
}

// HandOver gives another curator all that the doer has taken; it reports how much.
func (s *Store) HandOver(ctx context.Context, who forum.Person, to int64) (n int, err error) {
	err = s.DoOnce(ctx, who, &n, func(d *forum.Deed) error {
		d.Unseen()
		if !forum.CanTend(who) {
			return forum.ErrForbidden
		}
		var there bool
		err := d.QueryRow(ctx, `select exists (select from people p where p.id = @to and p.id <> @who and p.erased_at is null and `+curates("p.id")+`)`,
			pgx.NamedArgs{"to": to, "who": who.ID, "now": d.At}).Scan(&there)
		if err != nil {
			return err
		}
		if !there {
			return forum.Invalid{{Field: "to", Key: "desk.to_choose"}}
		}
		tag, err := d.Exec(ctx, `update desk_items set taker_id = $2, taken_at = $3 where taker_id = $1 and (done_at is null or done_at < taken_at)`, who.ID, to, d.At)
		if n = int(tag.RowsAffected()); err != nil || n == 0 {
			return err
		}
		return d.Tell(ctx, forum.Event{Kind: forum.DeskGiven, PersonID: to})
	})
	return n, err
}
