// Package demo is the demo corpus: fictional people of fictional councils, and
// what they asked and answered, told through the same deeds that people use.
package demo

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

//go:embed demo.json
var text []byte

// lessonsText are the facts of lessons: of those that demo.json has as threads, and of more.
//
//go:embed lessons.json
var lessonsText []byte

// corpus is demo.json, as far as it is told so far.
type corpus struct {
	CouncilAliases []struct {
		CouncilSlug   string `json:"council_slug"`
		FictionalName string `json:"fictional_name"`
	} `json:"council_aliases"`
	People   []person  `json:"people"`
	Threads  []thread  `json:"threads"`
	Replies  []reply   `json:"replies"`
	Projects []project `json:"projects"`
	Lessons  []lesson  `json:"-"`

	Highlights []highlight `json:"highlights"`

	Newsletters []issue `json:"newsletters"`
}

type person struct {
	Slug     string    `json:"slug"`
	Name     string    `json:"name"`
	Role     string    `json:"role"`
	Council  string    `json:"council_slug"`
	JoinedAt time.Time `json:"joined_at"`
	Email    string    `json:"email"`
	Standing string    `json:"standing"` // colleague, newcomer, supplier, suspended
	Roles    []string  `json:"roles"`
	Company  string    `json:"company"`

	Bio            string   `json:"bio"`
	Topics         []string `json:"topic_slugs"`
	AcceptsContact bool     `json:"accepts_contact"`
}

type thread struct {
	Slug      string    `json:"slug"`
	Kind      string    `json:"kind"`
	Title     string    `json:"title"`
	Author    string    `json:"author_slug"`
	CreatedAt time.Time `json:"created_at"`
	Topics    []string  `json:"topic_slugs"`
	Body      string    `json:"body_md"`
	Lang      string    `json:"lang"`
	Thanks    int       `json:"thanks"`
}

type reply struct {
	ID        string    `json:"id"`
	Thread    string    `json:"thread_slug"`
	Author    string    `json:"author_slug"`
	CreatedAt time.Time `json:"created_at"`
	Body      string    `json:"body_md"`
	Lang      string    `json:"lang"`
	InReplyTo string    `json:"in_reply_to"`
	Accepted  bool      `json:"is_accepted"`
	Thanks    int       `json:"thanks"`
}

// read is the corpus, read once. It is embedded: one that does not parse cannot
// have passed the tests.
var read = sync.OnceValue(func() (c corpus) {
	if err := json.Unmarshal(text, &c); err != nil {
		panic(err)
	}
	if err := json.Unmarshal(lessonsText, &c.Lessons); err != nil {
		panic(err)
	}
	c.fillLessons()
	return c
})

// version changes when what Load would tell does.
func version() string {
	sum := sha256.Sum256(slices.Concat([]byte("8 "), text, lessonsText))
	return hex.EncodeToString(sum[:8])
}

// Person is somebody of the demo, as whom one can sign in.
type Person struct {
	Slug, Name, JobTitle, Council, Note, Email string
}

// People lists everybody of the demo, the roles first.
func People() (people []Person) {
	names := map[string]string{}
	for _, alias := range read().CouncilAliases {
		names[alias.CouncilSlug] = alias.FictionalName
	}
	var rest []Person
	for _, p := range read().People {
		one := Person{Slug: p.Slug, Name: p.Name, JobTitle: p.Role, Council: names[p.Council], Email: p.Email, Note: p.note()}
		if one.Council == "" {
			one.Council = p.Company
		}
		if one.Note == "" {
			rest = append(rest, one)
		} else {
			people = append(people, one)
		}
	}
	return append(people, rest...)
}

// note is what makes a person worth signing in as.
func (p person) note() (note string) {
	if p.Standing != "colleague" {
		note = p.Standing
	}
	for _, role := range p.Roles {
		if note != "" {
			note += ", "
		}
		note += role
	}
	return note
}
