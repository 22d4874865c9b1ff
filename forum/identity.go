package forum

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum/markup"
)

// Identity is who a provider says has signed in. Issuer and Subject, compared as
// bytes, are who it is; the address is only where to write to.
type Identity struct {
	Issuer, Subject string
	Name            string
	Email           string
	EmailVerified   bool
}

// SignIn finds the person behind an identity; the first time it makes one, who
// has yet to join. An address never finds, links or merges anybody.
func (s *Store) SignIn(ctx context.Context, login Identity) (personID int64, err error) {
	err = s.Do(ctx, Person{}, func(d *Deed) error {
		// One at a time: two first sign-ins at once make one person.
		if err := d.lockIdentity(ctx, login); err != nil {
			return err
		}
		args := pgx.NamedArgs{"issuer": login.Issuer, "subject": login.Subject, "email": markup.Clean(login.Email),
			"verified": login.EmailVerified, "name": firstRunes(markup.Clean(login.Name), nameLength), "at": d.At}
		err := d.QueryRow(ctx, `
			update identities set last_used_at = @at, email = @email, email_verified = @verified
			where issuer = @issuer and subject = @subject returning person_id`, args).Scan(&personID)
		if errors.Is(err, pgx.ErrNoRows) {
			err = d.QueryRow(ctx, `
				with made as (insert into people (name, created_at) values (@name, @at) returning id)
				insert into identities (issuer, subject, person_id, email, email_verified, created_at, last_used_at)
				select @issuer, @subject, id, @email, @verified, @at, @at from made returning person_id`, args).Scan(&personID)
		}
		if err != nil || !login.EmailVerified || login.Email == "" {
			return err
		}
		return d.prove(ctx, personID, markup.Clean(login.Email))
	})
	return personID, err
}

// prove makes an address that a provider vouches for the one to write to, unless
// another that they chose is still vouched for.
func (d *Deed) prove(ctx context.Context, personID int64, email string) error {
	_, err := d.Exec(ctx, `
		update people p set proven_email = $2
		where id = $1 and erased_at is null and not exists (
			select from identities i where i.person_id = p.id and i.email_verified and i.email = p.proven_email)`, personID, email)
	return err
}

// RulesVersion is the version of the house rules that people accept at joining.
const RulesVersion = 1

// nameLength bounds a name, a job title and a company, in code points.
const nameLength = 100

// NotListed is what somebody chooses whose council or public body is not in the
// list. A curator finds out where they belong.
const NotListed = "none"

// JoinDraft is what was typed to join: a council or NotListed, or of a supplier a
// company.
type JoinDraft struct {
	Name, JobTitle, Council, Company string
	Supplies                         bool     // they chose to be a company that supplies councils
	Rules                            int      // the version accepted; 0 for none
	Topics                           []string // to follow from the start
	Cadence                          Cadence  // of those
}

// Clean puts what was typed into the form that is stored.
func (j *JoinDraft) Clean() {
	for _, field := range []*string{&j.Name, &j.JobTitle, &j.Council, &j.Company} {
		*field = oneLine(*field)
	}
}

// Check says what keeps the draft from being taken, as far as its words alone tell.
func (j JoinDraft) Check() (bad Invalid) {
	checkLine(&bad, "name", "join.name", j.Name)
	checkLine(&bad, "job_title", "join.job_title", j.JobTitle)
	switch {
	case j.Council == "" && j.Company == "" && !j.Supplies:
		bad.Add("council", "join.council_choose")
	case j.Council == "":
		checkLine(&bad, "company", "join.company", j.Company)
	}
	if j.Rules != RulesVersion {
		bad.Add("rules", "join.rules_accept")
	}
	return bad
}

// company is what a supplier gave; whoever chose a council has none.
func (j JoinDraft) company() string {
	if j.Council != "" {
		return ""
	}
	return j.Company
}

// checkLine checks a required line of text; key is the stem of its messages.
func checkLine(bad *Invalid, field, key, value string) {
	switch {
	case value == "":
		bad.Add(field, key+"_empty")
	case utf8.RuneCountInString(value) > nameLength:
		bad.Add(field, key+"_long", "Max", nameLength)
	}
}

func firstRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// Join makes who has signed in a colleague, or a newcomer: a colleague if their
// proven address is of the council they chose. A newcomer may join again, to
// mend what they typed; a colleague who joins again keeps standing unless they
// change council.
func (s *Store) Join(ctx context.Context, who Person, draft JoinDraft) error {
	draft.Clean()
	bad := draft.Check()
	return s.Do(ctx, who, func(d *Deed) error {
		if !who.SignedIn() {
			return ErrForbidden
		}
		if err := d.meetDoer(ctx); err != nil {
			return err
		}
		if d.Who.SuspendedUntil != nil {
			return ErrForbidden
		}
		councilID, err := d.joinable(ctx, draft.Council, &bad)
		if err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		company := draft.company()
		standing, err := d.standing(ctx, councilID, company)
		if err != nil {
			return err
		}
		if err := d.goTo(ctx, councilID, standing); err != nil {
			return err
		}
		_, err = d.Exec(ctx, `
			update people set name = @name, job_title = @job, council_id = nullif(@council, 0), company = nullif(@company, ''),
				standing = @standing, rules_version = @rules, rules_at = @at, joined_at = coalesce(joined_at, @at),
				turned_away_at = case when `+unmoved+` then turned_away_at end,
				turned_away_why = case when `+unmoved+` then turned_away_why end
			where id = @who`,
			pgx.NamedArgs{"who": who.ID, "name": draft.Name, "job": draft.JobTitle, "council": councilID,
				"company": company, "standing": standing, "rules": draft.Rules, "at": d.At})
		if err != nil {
			return err
		}
		if err := d.giveHandle(ctx, who.ID, draft.Name); err != nil {
			return err
		}
		if err := d.followFirst(ctx, draft); err != nil {
			return err
		}
		return d.arrive(ctx, standing, councilID, company)
	})
}

// unmoved is true of a person who joins again where they were: a "no" stands.
const unmoved = `(@standing = 'newcomer' and council_id is not distinct from nullif(@council, 0) and company is not distinct from nullif(@company, ''))`

// arrive publishes what somebody wrote as a newcomer, now that their address has
// let them in. Who waits still has it wait with them, at the council they chose now.
func (d *Deed) arrive(ctx context.Context, standing Standing, councilID int64, company string) error {
	switch {
	case d.Who.Standing != Newcomer:
		return nil
	case standing == Colleague:
		return d.Release(ctx, Person{ID: d.Who.ID, CouncilID: councilID})
	}
	_, err := d.Exec(ctx, `
		with waiting as (
			update threads set council_id = nullif(@council, 0) where author_id = @who and held_at is not null
		)
		update posts set council_id = nullif(@council, 0), company = nullif(@company, '')
		where author_id = @who and held_at is not null`,
		pgx.NamedArgs{"who": d.Who.ID, "council": councilID, "company": company})
	return err
}

// joinable finds a council that one can join, and locks it, so that it does not end
// meanwhile; 0 for none chosen. One that is not there or has ended is added to bad.
func (d *Deed) joinable(ctx context.Context, slug string, bad *Invalid) (id int64, err error) {
	if slug == "" || slug == NotListed {
		return 0, nil
	}
	err = d.QueryRow(ctx, `select id from councils where slug = $1 and status = 'current' for no key update`, slug).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		bad.Add("council", "join.council_unknown")
		return 0, nil
	}
	return id, err
}

// standing is what the doer is by joining this council, or as this company: what
// they were if they stay where they are, or their council has become this one and
// others; a colleague if their proven address is the council's and has not made another
// person one; else a newcomer.
func (d *Deed) standing(ctx context.Context, councilID int64, company string) (Standing, error) {
	switch {
	case d.Who.Standing == Colleague && d.Who.CouncilID == councilID && councilID != 0:
		return Colleague, nil
	case d.Who.Standing == Supplier && councilID == 0 && d.Who.Company == company:
		return Supplier, nil
	case councilID == 0:
		return Newcomer, nil
	}
	vouched, err := d.vouched(ctx, councilID)
	if err == nil && !vouched {
		vouched, err = d.goesAlong(ctx, councilID)
	}
	if err == nil && vouched {
		return Colleague, nil
	}
	return Newcomer, err
}

// goesAlong reports whether the doer is a colleague of a council that has ended and
// whose work this one does.
func (d *Deed) goesAlong(ctx context.Context, councilID int64) (is bool, err error) {
	if d.Who.Standing != Colleague {
		return false, nil
	}
	err = d.QueryRow(ctx, `
		select exists (select from successions s join councils c on c.id = s.old_id and c.status = 'former'
			where s.old_id = $1 and s.new_id = $2 and s.kind <> 'planned')`, d.Who.CouncilID, councilID).Scan(&is)
	return is, err
}

// vouched reports whether a proven address of the doer's makes them a colleague of a
// council. An address does so for the first who brings it and for nobody after them,
// however often it is taken from one account to the next.
func (d *Deed) vouched(ctx context.Context, councilID int64) (vouched bool, err error) {
	err = d.QueryRow(ctx, `
		with brought as (
			select distinct sha256(convert_to(e.email, 'UTF8')) as address from (`+provenAddresses+`) e
			join council_domains d on d.council_id = @council and `+provingDomain+` and d.domain = split_part(e.email, '@', 2)
			order by address
		), owned as (
			insert into proofs (address, person_id, council_id, at) select address, @who, @council, @at from brought
			on conflict (address) do update set council_id = case when proofs.person_id = @who then @council else proofs.council_id end
			returning person_id
		)
		select exists (select from owned where person_id = @who)
			and exists (select from councils where id = @council and status = 'current')`,
		pgx.NamedArgs{"who": d.Who.ID, "council": councilID, "at": d.At, "since": d.At.Add(-provenLately)}).Scan(&vouched)
	return vouched, err
}

// goTo has the doer leave the council that they are of for another one, or for none, and
// says so; Invalid where Moothall would be without an administrator.
func (d *Deed) goTo(ctx context.Context, councilID int64, standing Standing) error {
	if err := d.mayGo(ctx, standing, "council"); err != nil {
		return err
	}
	if err := d.leave(ctx, councilID, standing); err != nil {
		return err
	}
	return d.tellMove(ctx, councilID)
}

// leave ends the doer's lead of every council but the one that they are in now, and
// of who is no longer a colleague every role and what proved that they are one.
func (d *Deed) leave(ctx context.Context, councilID int64, standing Standing) error {
	if standing != Colleague {
		if _, err := d.Exec(ctx, `update proofs set council_id = null where person_id = $1`, d.Who.ID); err != nil {
			return err
		}
	}
	rows, err := d.Query(ctx, `
		update roles set ended_at = @at
		where person_id = @who and ended_at is null and (role = 'lead' and council_id <> @council or @all)
		returning id, role, coalesce(council_id, 0) as council_id`,
		pgx.NamedArgs{"who": d.Who.ID, "at": d.At, "council": councilID, "all": d.Who.Standing == Colleague && standing != Colleague})
	if err != nil {
		return err
	}
	type left struct {
		ID, CouncilID int64
		Role          string
	}
	ended, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[left])
	for _, role := range ended {
		_, err = d.Record(ctx, Entry{Deed: Revoked, PersonID: d.Who.ID, CouncilID: role.CouncilID, RoleID: role.ID, Reason: role.Role})
		if err != nil {
			return err
		}
	}
	return err
}

// JoinPage is what the joining form starts from.
type JoinPage struct {
	Draft    JoinDraft
	Proposed []Council // whose domain the proven address has
	Found    []Council // by the search
	Chosen   *Council  // on the form that came back
	Searched string
	Topics   []Topic // to choose from, of who joins for the first time
}

// JoinPage reads what is known of somebody who is about to join, the councils that
// a search finds, and the one that was chosen before.
func (s *Store) JoinPage(ctx context.Context, who Person, search, chosen string) (p JoinPage, err error) {
	p.Draft = JoinDraft{Name: who.Name, JobTitle: who.JobTitle, Council: who.CouncilSlug, Company: who.Company}
	p.Searched = strings.TrimSpace(search)
	if p.Proposed, err = s.CouncilsProven(ctx, who); err != nil {
		return JoinPage{}, err
	}
	if p.Found, err = s.FindCouncils(ctx, p.Searched); err != nil || chosen == "" && who.Joined {
		return p, err
	}
	var b pgx.Batch
	b.Queue(councilQuery, pgx.NamedArgs{"council": chosen}).Query(IntoMaybe(&p.Chosen))
	if !who.Joined {
		b.Queue(areasQuery).Query(Into(&p.Topics))
	}
	return p, s.Send(ctx, &b)
}
