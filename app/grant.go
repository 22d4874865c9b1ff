package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"moothall/forum"
)

// grant is a role for somebody.
type grant struct {
	Person  string `arg:"" help:"Number, handle, or proven address."`
	Role    string `arg:"" help:"lead, curator, moderator or administrator."`
	Council string `arg:"" optional:"" help:"Of a lead: the council, as in its address."`
	Until   string `placeholder:"DATE" help:"The last day, such as 2027-03-31."`
	Revoke  bool   `help:"Take the role away."`
}

// grant gives or takes a role, as the operator.
func (a *App) grant(ctx context.Context, g grant, to Streams) error {
	who, err := a.forum.FindPerson(ctx, g.Person)
	if errors.Is(err, forum.ErrNotFound) {
		return fmt.Errorf("there is no person %q, or several have that address", g.Person)
	}
	if err != nil {
		return err
	}
	draft := forum.GrantDraft{PersonID: who.ID}
	if draft.Role, draft.Until, err = g.read(); err != nil {
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
	} else {
		err = a.forum.Grant(ctx, forum.Operator, draft)
	}
	if err == nil {
		_, _ = fmt.Fprintf(to.Out, "%d %s: %s\n", who.ID, who.Name, g.said())
	}
	return err
}

// read reads the role and its last day.
func (g grant) read() (role forum.Role, until *time.Time, err error) {
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
