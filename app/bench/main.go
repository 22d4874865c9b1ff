// Command bench measures Moothall against the physical limit: a floor that does the
// least work which still answers the same requests, on the same Postgres, in the same
// run. It makes its own corpus, starts everything that it needs and stops it again.
//
//	go run ./app/bench forum
//	go run ./app/bench mail
//	go run ./app/bench forum -posts 1000000 -json rows.json
//
// It also looks at the plans of all statements that people wait for, on a database of
// a million posts:
//
//	go run ./app/bench plans
//
// and at the register of a hundred thousand projects, by each pair of its filters:
//
//	go run ./app/bench register
//
// and at search among a million posts, beside the bare SQL of the floor, and whether the
// demo's readers find what they want:
//
//	go run ./app/bench search
//
// and puts an issue of the newsletter into the outbox for two hundred thousand subscribers:
//
//	go run ./app/bench newsletter
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// postsOf are the works that can be measured, and how many posts that takes.
var postsOf = map[string]int{"forum": 100_000, "mail": 2000, "plans": 1_000_000, "register": 100_000, "newsletter": 200, "search": 1_000_000}

// peopleOf is how many people a work about mail takes, and of newsletters.
var peopleOf = map[bool]int{false: 100_000, true: 200_000}

// options are what can be said on the command line.
type options struct {
	work    string
	posts   int
	rounds  int
	seconds float64
	pages   int
	people  int
	direct  bool
	json    string
	only    string
	keep    string

	postgresBin string // the folder of initdb and postgres; empty: it is looked for
}

// measured is how long one measurement lasts.
func (o options) measured() time.Duration { return time.Duration(o.seconds * float64(time.Second)) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := bench(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", strings.Join(strings.Fields(err.Error()), " "))
		stop()
		os.Exit(1)
	}
}

// bench does what the command line says. A goal that is missed is no error.
func bench(ctx context.Context, args []string, out io.Writer) error {
	o, err := read(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if o.work == "plans" {
		return checkPlans(ctx, o, out)
	}
	measure := run
	switch o.work {
	case "register":
		measure = checkRegister
	case "search":
		measure = checkSearch
	case "newsletter":
		measure = checkNewsletter
	}
	rows, err := measure(ctx, o, out)
	if err != nil {
		return err
	}
	return writeJSON(o.json, rows)
}

// read reads the command line.
func read(args []string) (o options, err error) {
	work := "forum"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		work, args = args[0], args[1:]
	}
	o.work = work
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&o.posts, "posts", postsOf[work], "posts of the corpus, or projects of the register, at least 200")
	flags.IntVar(&o.rounds, "rounds", 5, "rounds of each comparison")
	flags.Float64Var(&o.seconds, "seconds", 2, "length of one measurement")
	flags.IntVar(&o.pages, "pages", 5000, "open pages that ask for what is new every 30 seconds")
	flags.IntVar(&o.people, "people", peopleOf[work == "newsletter"], "of mail: followers of one topic; of newsletter: subscribers")
	flags.BoolVar(&o.direct, "direct", false, "give each open page a connection of its own, as without a proxy in front")
	flags.StringVar(&o.json, "json", "", "also write the rows to this file")
	flags.StringVar(&o.only, "only", "", "measure only what has this in its name, and neither polls nor sizes; of mail: telling, posting, sending or digests")
	flags.StringVar(&o.keep, "keep", "", "of search: the folder in which to leave what was filled, for the next run to measure on")
	flags.StringVar(&o.postgresBin, "postgres", "", "the folder of initdb and postgres, if they are not found")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	return o, o.check(flags.Args())
}

// check tells what is wrong with the options; more is what stood behind them.
func (o options) check(more []string) error {
	switch {
	case postsOf[o.work] == 0 || len(more) > 0:
		return fmt.Errorf("%q is nothing to measure: forum, mail, newsletter, plans, register and search are", strings.Join(append([]string{o.work}, more...), " "))
	case o.keep != "" && o.work != "search":
		return errors.New("what search was measured on can be kept, and nothing else")
	case o.posts < 200 || o.rounds < 1 || o.seconds <= 0 || o.pages < 1 || o.people < 2*postmen:
		return errors.New("at least 200 posts, one round, one page, a few people, and some time are needed")
	}
	return nil
}

// writeJSON writes the rows to a file, if one is named.
func writeJSON(name string, rows []row) error {
	if name == "" {
		return nil
	}
	text, err := json.MarshalIndent(rows, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}
