package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"moothall/auth"
	"moothall/views/assets"
)

// of is a thing by its name, made when it is first asked for. Those of "own" and
// "self" are of whoever comes.
func (w *rightsWorld) of(kind, name, as string) thing {
	w.t.Helper()
	key := thingKey{kind, name}
	if name == "own" || name == "self" || name == "foreign" || name == "last" || kind == "people" && name == "newcomer" {
		key.name += " " + as
	}
	if made, there := w.known[key]; there {
		return made
	}
	w.known[key] = w.fresh(kind, name, as)
	return w.known[key]
}

// strange are the words that are no number of anything.
var strange = map[string]string{"absent": "999999", "word": "abc", "nought": "0", "negative": "-1", "endless": "99999999999999999999"}

// fresh makes a thing.
func (w *rightsWorld) fresh(kind, name, as string) (made thing) {
	w.t.Helper()
	if word, there := strange[name]; there {
		return thing{word: word}
	}
	switch kind {
	case "feeds":
		return w.fed(name, as)
	case "sitemaps":
		w.of("threads", "public", as) // or there is nothing to tell of
		return thing{word: map[string]string{"pages": "pages", "first": "1", "later": "9"}[name]}
	case "threads":
		made.id = w.thread(name)
	case "projects":
		made.id = w.project(name)
	case "lessons":
		made.id = w.lesson(name)
	case "highlights":
		made.id = w.highlight(name)
	case "banners":
		made.id = w.banner(name)
	case "elections":
		made.id = w.election(name)
	case "collections":
		return w.collection(name)
	case "posts":
		made.id = w.post(name, as)
	case "people":
		made.id = w.person(name, as)
	case "entries":
		made.id = w.entry(name)
	case "reports":
		made.id = w.report(name)
	case "desk":
		if name == "others" || name == "own own" || name == "own" {
			made.id = w.second(name == "others")
			break
		}
		if name != "known" {
			return thing{word: w.deskItem(name)}
		}
		made.id = w.number(`select min(id) from synonyms`)
	case "topics":
		return thing{word: map[string]string{"known": "waste-management", "unknown": "no-such-topic"}[name]}
	case "products":
		return thing{word: w.product(name)}
	case "suppliers":
		return w.supplier(name)
	case "councils":
		return thing{word: map[string]string{"known": "northmoor", "unknown": "no-such-council"}[name]}
	case "unsubscribe":
		return thing{word: w.stopLink(name)}
	case "admin":
		if name == "held" {
			made.id = w.number(`select max(id) from roles where person_id = $1`, w.person("teammate", "visitor"))
			break
		}
		made.id = w.mail(name)
	case "auth":
		return thing{word: map[string]string{"known": "dev", "unknown": "nobody"}[name]}
	case "assets":
		return thing{word: map[string]string{"known": strings.TrimPrefix(assets.Path("moothall.css"), "/assets/"), "unknown": "none.css"}[name]}
	case "dev":
		return thing{word: w.caught(name)}
	case "mailboxes":
		return thing{word: w.mailboxLink(name)}
	case "newsletters":
		return thing{word: w.newsletter(name)}
	case "account":
		if name == "shared" {
			return thing{word: strconv.FormatInt(w.mailbox("shared@northmoor.gov.example", "author"), 10)}
		}
		if name == "last" {
			return thing{word: w.identity(as)}
		}
		return thing{word: w.otherSession(name, as)}
	default:
		return thing{}
	}
	made.word = strconv.FormatInt(made.id, 10)
	return made
}

// deskItem names something that waits on the desk, or might.
func (w *rightsWorld) deskItem(name string) string {
	w.t.Helper()
	switch name {
	case "newcomer":
		return fmt.Sprintf("newcomer-%d", w.people["newcomer"].ID)
	case "question":
		return fmt.Sprintf("question-%d", w.thread("public"))
	}
	return name + "-1"
}

// fed is what a feed is of: a topic or council by its name, else a thread.
func (w *rightsWorld) fed(name, as string) thing {
	w.t.Helper()
	if kind, word, found := strings.Cut(name, "-"); found && (kind == "topic" || kind == "council" || kind == "collection") {
		return w.fresh(kind+"s", word, as)
	}
	return w.fresh("threads", name, as)
}

// caught is the number of a mail in the development inbox, or of none.
func (w *rightsWorld) caught(name string) string {
	w.t.Helper()
	if name == "known" {
		w.must(os.WriteFile(filepath.Join(w.settings["MOOTHALL_DATA"], "inbox", "00000007.eml"), []byte("Subject: Bins\r\n\r\nBins.\r\n"), 0o600))
		return "7"
	}
	return "999"
}

// otherSession is the public number of another session: one's own, or the author's.
func (w *rightsWorld) otherSession(name, as string) string {
	who, there := w.people[as]
	if name == "foreign" || !there {
		who = w.people["author"]
		if as == "author" {
			who = w.people["colleague"]
		}
	}
	w.session(who.ID)
	all, err := w.sessions.Sessions(w.t.Context(), who.ID)
	w.must(err)
	if len(all) == 0 {
		return "0000000000000000"
	}
	newest := slices.MaxFunc(all, func(a, b auth.Session) int { return a.StartedAt.Compare(b.StartedAt) })
	return newest.ID
}

// identity is the public number of the one way in which somebody signs in.
func (w *rightsWorld) identity(as string) string {
	w.t.Helper()
	p, err := w.store.ProvidersPage(w.t.Context(), w.people[as])
	if err != nil || len(p.Linked) != 1 {
		return "0000000000000000" // of a visitor, or of who was erased
	}
	return p.Linked[0].ID
}
