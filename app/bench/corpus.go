package main

import "time"

// size is how much a corpus holds. The same seed and size give the same corpus
// everywhere.
type size struct {
	seed           uint64
	people, topics int
	threads, posts int
	long           int // posts of thread 1
	body           int // bytes of a post's text, on average
}

// sizeOf is a corpus of so many posts: about fifty to a thread, and one long thread.
func sizeOf(posts int) size {
	return size{seed: 20261123, people: 500, topics: 30, threads: max(20, posts/50), posts: posts,
		long: min(2000, posts/4), body: 700}
}

// person, thread and post are what a corpus consists of. Their numbers begin at 1.
type person struct {
	id   int
	name string
}

type thread struct {
	id, topic, author int
	title             string
	asked, last       time.Time
	posts             int
	others            int // posts by somebody other than its author
}

type post struct {
	id, thread, number, author int
	at                         time.Time
	body, html                 string // html is the floor's: Moothall renders its own
}

// corpus is all but the posts, which are many.
type corpus struct {
	size
	people []person
	all    []thread
}

// generate makes the corpus; each post goes to take, in order. What take returns
// false for is the last.
func generate(s size, take func(post) bool) corpus {
	w := newWriter(s.seed)
	c := corpus{size: s}
	for i := range s.people {
		c.people = append(c.people, person{i + 1, capital(w.rareWord()) + " " + capital(w.rareWord())})
	}
	start := time.Date(2025, 1, 6, 8, 0, 0, 0, time.UTC)
	id := 0
	for i, count := range s.spread(w) {
		t := thread{id: i + 1, posts: count}
		t.asked = start.Add(time.Duration(w.IntN(500*24*3600)) * time.Second)
		t.author, t.title, t.topic = 1+w.IntN(s.people), capital(w.words(5+w.IntN(5))), 1+w.IntN(s.topics)
		t.last = t.asked
		for n := 1; n <= count; n++ {
			id++
			p := post{id: id, thread: t.id, number: n, author: t.author}
			if n > 1 {
				p.author = 1 + w.IntN(s.people)
				t.last = t.last.Add(time.Duration(60+w.IntN(7200)) * time.Second)
			}
			if p.author != t.author {
				t.others++
			}
			p.at = t.last
			p.body, p.html = w.text(s.body)
			if !take(p) {
				return c
			}
		}
		c.all = append(c.all, t)
	}
	return c
}

// spread is how many posts each thread has.
func (s size) spread(w *writer) []int {
	counts := make([]int, s.threads)
	counts[0] = s.long
	left := s.posts - s.long
	mean := float64(left) / float64(s.threads-1)
	for i := 1; i < s.threads; i++ {
		counts[i] = max(1, int(mean*(0.4+1.2*w.Float64())))
		counts[i] = min(counts[i], left-(s.threads-1-i))
		left -= counts[i]
	}
	for i := 1; left > 0; i = i%(s.threads-1) + 1 {
		counts[i]++
		left--
	}
	return counts
}
