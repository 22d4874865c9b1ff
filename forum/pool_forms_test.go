package forum

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// Statements of which there are thousands take no room from those that are read once for
// good, and are written alike.
func TestStatementsOfManyFormsAreNotKept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sql  string
		kept bool
	}{{`select @a::int + @b::int + 7`, true}, {ManyForms + `select @a::int + @b::int + 8`, false}} {
		sql, args, err := withOrdinals(c.sql, pgx.NamedArgs{"a": 1, "b": 2})
		if err != nil || len(args) != 2 || args[0] != 1 || sql == c.sql {
			t.Errorf("%q became %q with %v (%v)", c.sql, sql, args, err)
		}
		if _, kept := statements.known.Load(c.sql); kept != c.kept {
			t.Errorf("%q is kept: %v, want %v", c.sql, kept, c.kept)
		}
	}
}
