package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"moothall/forum"
	"moothall/forum/care"
	"moothall/forum/demo"
)

// grant is a role for somebody.
type grant struct {
	Person  string `arg:"" help:"Number, handle, demo slug, or proven address."`
	Role    string `arg:"" help:"lead, curator, moderator or administrator."`
	Council string `arg:"" optional:"" help:"Of a lead: the council, as in its address."`
	Until   string `placeholder:"DATE" help:"The last day, such as 2027-03-31."`
	Revoke  bool   `help:"Take the role away."`
}

// grant gives or takes a role, as the operator.
func (a *App) grant(ctx context.Context, g grant, to Streams) error {
	who, err := a.findPerson(ctx, g.Person)
	if errors.Is(err, forum.ErrNotFound) {
		return fmt.Errorf("there is no person %q, or several have that address", g.Person)
	}
	if err != nil {
		return err
	}
	draft := forum.GrantDraft{PersonID: who.ID}
	if draft.Role, draft.Until, err = g.read(a.now()); err != nil {
		return err
	}
	if g.Council != "" {
		page, err := a.forum.CouncilPage(ctx, forum.Operator, g.Council)
		if errors.Is(err, forum.ErrNotFound) {
			return fmt.Errorf("there is no council %q: it is the last part of its address, such as bristol", g.Council)
		}
		if err != nil {
			return err
		}
		draft.CouncilID = page.Council.ID
	}
	if g.Revoke {
		err = a.forum.Revoke(ctx, forum.Operator, draft)
		if errors.Is(err, forum.ErrNotFound) {
			return fmt.Errorf("%s does not have that role", who.Name)
		}
	} else if err = a.makeColleague(ctx, who, to); err == nil {
		err = a.forum.Grant(ctx, forum.Operator, draft)
	}
	if err == nil {
		_, _ = fmt.Fprintf(to.Out, "%d %s: %s\n", who.ID, who.Name, g.said())
	}
	return err
}

// findPerson finds a person by what was typed: in development it may be the word that
// a person of the demo signs in by.
func (a *App) findPerson(ctx context.Context, typed string) (forum.Person, error) {
	if !a.config.Production() {
		who, err := a.forum.PersonWith(ctx, demo.Issuer, demo.Subject(typed))
		if !errors.Is(err, forum.ErrNotFound) {
			return who, err
		}
	}
	return a.forum.FindPerson(ctx, typed)
}

// makeColleague sees that somebody is a colleague, for roles are for colleagues alone: a
// newcomer of a council is let in.
func (a *App) makeColleague(ctx context.Context, who forum.Person, to Streams) error {
	switch {
	case who.Standing == forum.Colleague && who.Joined:
		return nil
	case who.Company != "":
		return fmt.Errorf("%s is of a company, and roles are for colleagues of councils", who.Name)
	case !who.Joined:
		return fmt.Errorf("%s has not joined yet: roles are for colleagues, so they sign in and join their council first", who.Name)
	case who.CouncilID == 0:
		return fmt.Errorf("%s has joined without a council: roles are for colleagues, so they choose one at /account/join first, or somebody lets them in at /desk/newcomers", who.Name)
	}
	if err := care.New(a.forum).LetIn(ctx, forum.Operator, who.ID, care.LetInDraft{}); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(to.Out, "%d %s: let in as a colleague of %s\n", who.ID, who.Name, who.CouncilName)
	return nil
}

// read reads the role and its last day, which is not over yet.
func (g grant) read(now time.Time) (role forum.Role, until *time.Time, err error) {
	role, ok := forum.ParseRole(g.Role)
	switch {
	case !ok:
		return 0, nil, fmt.Errorf("there is no role %q: lead, curator, moderator or administrator", g.Role)
	case (role == forum.Lead) != (g.Council != ""):
		return 0, nil, errors.New("a lead, and nobody else, is of a council: moothall grant PERSON lead COUNCIL")
	case g.Until == "":
		return role, nil, nil
	}
	day, err := time.Parse(time.DateOnly, g.Until)
	if err != nil {
		return 0, nil, fmt.Errorf("--until %q is not a date such as 2027-03-31", g.Until)
	}
	end := day.AddDate(0, 0, 1) // the last day counts
	if !end.After(now) {
		return 0, nil, fmt.Errorf("--until %s is over: give a day that is still to come", g.Until)
	}
	return role, &end, nil
}

func (g grant) said() string {
	words := "has the role " + g.Role
	if g.Revoke {
		words = "no longer has the role " + g.Role
	}
	if g.Council != "" {
		words += " of " + g.Council
	}
	if g.Until != "" && !g.Revoke {
		words += " until " + g.Until
	}
	return words
}
