package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"moothall/forum"
	"moothall/forum/letters"
)

// doing is one thing that the forum does.
type doing struct {
	name string
	do   func(context.Context) error
}

// asked turns a page into what was done to read it: the page itself nobody looks at.
func asked[T any](name string, read func(context.Context) (T, error)) doing {
	return doing{name, func(ctx context.Context) error {
		_, err := read(ctx)
		return err
	}}
}

// works are what the forum does most, for a visitor and for the heaviest reader.
func (s site) works(f *forum.Store, l *letters.Store) (all []doing) {
	var reader forum.Person
	all = append(all, doing{"who is it, with their notices counted", func(ctx context.Context) (err error) {
		hash := sha256.Sum256([]byte(fmt.Sprint(heavy)))
		reader, _, err = f.PersonOf(ctx, hash[:], "true", "true")
		return err
	}})
	for name, who := range map[string]*forum.Person{"visitor": {Standing: forum.Visitor}, "signed in": &reader} {
		all = append(all,
			asked("home, "+name, func(ctx context.Context) (forum.HomePage, error) { return f.HomePage(ctx, *who) }),
			asked("topics, "+name, func(ctx context.Context) ([]forum.Topic, error) { return f.TopicsPage(ctx, *who) }),
			asked("councils, "+name, func(ctx context.Context) (forum.CouncilsPage, error) {
				return f.CouncilsPage(ctx, *who, forum.CouncilFilter{})
			}),
			asked("a council, "+name, func(ctx context.Context) (forum.CouncilPage, error) { return f.CouncilPage(ctx, *who, s.busy) }))
		all = append(all, s.lists(f, name, who)...)
		for where, page := range map[string]int{"first": 1, "middle": 50, "last": 100} {
			page = max(1, page*min(2000, s.posts/4)/2000)
			all = append(all, asked("long thread, "+where+" page, "+name, func(ctx context.Context) (forum.ThreadPage, error) {
				return f.ThreadPage(ctx, *who, 1, page, 0)
			}))
		}
		all = append(all,
			asked("thread page, "+name, func(ctx context.Context) (forum.ThreadPage, error) { return f.ThreadPage(ctx, *who, 20, 1, 0) }),
			asked("how many since, "+name, func(ctx context.Context) (int, error) { return f.Newer(ctx, *who, 1, 3) }))
	}
	return append(all,
		asked("what others wrote since", func(ctx context.Context) ([]forum.Post, error) { return f.NewerPosts(ctx, reader, 1, 3) }),
		asked("notices", func(ctx context.Context) (letters.Page, error) { return l.NoticesPage(ctx, reader, "") }),
		asked("people to mention", func(ctx context.Context) ([]forum.Suggested, error) { return f.Suggestions(ctx, reader, 0, "ow") }),
		asked("people to mention in the long thread", func(ctx context.Context) ([]forum.Suggested, error) { return f.Suggestions(ctx, reader, 1, "ow") }),
		asked("a person", func(ctx context.Context) (forum.PersonPage, error) { return f.PersonPage(ctx, reader, heavy) }),
		asked("reply to the long thread", func(ctx context.Context) (forum.Posted, error) {
			return f.Reply(ctx, reader, 1, forum.PostDraft{Body: "We did, and it held.", Lang: "en"})
		}),
		asked("ask", func(ctx context.Context) (forum.Asked, error) {
			return f.Ask(ctx, reader, forum.AskDraft{Title: "Who has moved planning notices online?", Body: "We begin in May.", Topics: []string{s.big, s.small}})
		}))
}

// lists are listings with each filter, from the top and from the middle.
func (s site) lists(f *forum.Store, name string, who *forum.Person) (all []doing) {
	filters := []struct {
		name string
		forum.Filter
	}{
		{"", forum.Filter{}},
		{" of a kind", forum.Filter{Kind: forum.Discussion}},
		{" of a rare kind", forum.Filter{Kind: forum.Announcement}},
		{" of a big topic", forum.Filter{Topic: s.big}},
		{" of a small topic", forum.Filter{Topic: s.small}},
		{" of a busy council", forum.Filter{Council: s.busy}},
		{" of a quiet council", forum.Filter{Council: s.quiet}},
		{" of a big topic, unanswered", forum.Filter{Topic: s.big, State: "unanswered"}},
		{" of a busy council, closed", forum.Filter{Council: s.busy, State: "closed"}},
	}
	for _, state := range forum.States {
		filters = append(filters, struct {
			name string
			forum.Filter
		}{", " + state, forum.Filter{State: state}})
	}
	for _, filter := range filters {
		for where, before := range map[string]string{"": "", ", deep": s.deep()} {
			filter := filter
			filter.Before = before
			all = append(all, asked("listing"+filter.name+where+", "+name, func(ctx context.Context) (forum.ThreadList, error) {
				return f.ThreadList(ctx, *who, filter.Filter)
			}))
		}
	}
	return all
}

// deep is a listing's cursor in the middle of all threads. To the forum's readers it is
// opaque: a listing that does not take it any more is ErrNotFound.
func (s site) deep() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(s.middle.UnixMicro()))
	binary.BigEndian.PutUint64(b[8:], 1)
	return base64.RawURLEncoding.EncodeToString(b[:])
}
