package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"moothall/forum"
)

func least(all []float64) float64 { return slices.Min(all) }
func most(all []float64) float64  { return slices.Max(all) }

// form is the fields of a form as they are posted; {{n}} in them stays.
func form(fields ...string) string {
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return strings.NewReplacer("%7B", "{", "%7D", "}").Replace(values.Encode())
}

// measureStarts starts both servers a few times, the database being up, and leaves
// them running; then it reads how much memory they take before anybody came.
func (s *stage) measureStarts(ctx context.Context) error {
	var ours, floor []float64
	for i := range s.rounds {
		if i > 0 {
			if err := errors.Join(end(&s.hall), end(&s.floor)); err != nil {
				return err
			}
		}
		if err := errors.Join(s.startHall(ctx), s.startFloor(ctx, 0, 0)); err != nil {
			return err
		}
		ours, floor = append(ours, s.hall.ready.Seconds()), append(floor, s.floor.ready.Seconds())
	}
	s.title()
	s.add(row{Name: "start to ready", Unit: "s", Ours: median(ours), Floor: median(floor), Ratio: ratio(median(ours), median(floor)),
		Goal: "≤ 0.5 s", Met: mark(median(ours) <= 0.5)})
	select {
	case <-ctx.Done():
	case <-time.After(2 * s.measured()):
	}
	idle := s.hall.memory()
	s.add(row{Name: "memory, idle", Unit: "MB", Ours: idle, Floor: s.floor.memory(), RSS: idle, Goal: "≤ 40 MB", Met: mark(idle <= 40)})
	return nil
}

// measureSizes reads what pages weigh, what they ask of the database, and how much
// memory the work above took at most.
func (s *stage) measureSizes() error {
	s.add(row{Name: "memory under load", Unit: "MB", Ours: s.most[0], Floor: s.most[1], RSS: s.most[0], Goal: "≤ 100 MB", Met: mark(s.most[0] <= 100)})
	c := newClient(s.hall.addr)
	defer c.close()
	full := slices.IndexFunc(s.corpus.all, func(t thread) bool { return t.id > 1 && t.posts >= forum.PostsPerPage }) + 1
	path, cookie := s.page(max(1, full), 1), fmt.Sprintf("Cookie: "+hallCookie, 1)
	var page answer
	for _, one := range []struct {
		name    string
		headers []string
	}{{"visitor", nil}, {"signed in", []string{cookie}}} {
		r := get(s.hall, path, one.headers...)
		if _, err := c.do(&r, false); err != nil { // now it is kept, where it is to be
			return err
		}
		a, err := c.do(&r, true)
		if err != nil {
			return err
		}
		page = a
		s.add(s.weight("bytes of a 20-post page, "+one.name, a, 45<<10))
		s.addTrips("SQL on a thread page, "+one.name, a, map[string]int{"visitor": 0, "signed in": 2}[one.name])
	}
	if err := s.addPoll(c, full); err != nil {
		return err
	}
	return s.addAssets(c, string(page.body))
}

// weight is a row of bytes.
func (s *stage) weight(name string, a answer, most int64) row {
	r := row{Name: name, Unit: "bytes", Ours: float64(a.size), Bytes: float64(a.size), Goal: fmt.Sprintf("≤ %d", most), Met: mark(a.size <= most)}
	if a.status != 200 {
		r.Void = fmt.Sprintf("status %d", a.status)
	}
	return r
}

var roundTrips = regexp.MustCompile(`(\d+) round trips`)

// addTrips tells how often an answer went to the database, as Moothall itself counts.
func (s *stage) addTrips(name string, a answer, goal int) {
	r := row{Name: name, Unit: "trips", Goal: fmt.Sprintf("%d round trips", goal)}
	found := roundTrips.FindStringSubmatch(a.header["server-timing"])
	if found == nil {
		r.Void = "the answer does not say"
		s.add(r)
		return
	}
	trips, _ := strconv.Atoi(found[1]) // digits
	r.Ours, r.Met = float64(trips), mark(trips == goal)
	s.add(r)
}

// addPoll tells the same of a visitor's page that asks for what is new.
func (s *stage) addPoll(c *client, thread int) error {
	r := get(s.hall, fmt.Sprintf("/threads/%d/since?n=1000000", max(1, thread)))
	if _, err := c.do(&r, false); err != nil {
		return err
	}
	a, err := c.do(&r, true)
	if err != nil {
		return err
	}
	s.addTrips("SQL on a poll, visitor", a, 0)
	return nil
}

var assets = regexp.MustCompile(`/assets/moothall[^"]*\.(css|js)`)

// addAssets weighs the stylesheet and the script as a browser gets them.
func (s *stage) addAssets(c *client, page string) error {
	for _, kind := range []string{"css", "js"} {
		path := ""
		for _, found := range assets.FindAllStringSubmatch(page, -1) {
			if found[1] == kind {
				path = found[0]
			}
		}
		r := get(s.hall, path, "Accept-Encoding: br")
		a, err := c.do(&r, true)
		if err != nil {
			return err
		}
		row := s.weight(kind+", brotli", a, map[string]int64{"css": 20 << 10, "js": 15 << 10}[kind])
		if a.header["content-encoding"] != "br" {
			row.Void = "it does not come in brotli"
		}
		s.add(row)
	}
	return nil
}
