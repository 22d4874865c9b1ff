package demo

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strings"
)

// judgedText are queries as people of councils type them, and the threads of the demo that
// a reader would want, all alike, by the beginnings of their titles.
//
//go:embed judged.csv
var judgedText []byte

// Judgement is how well a search serves the readers of the demo.
type Judgement struct {
	Queries int
	Gain    float64 // nDCG@10 on average: 1 where what is wanted stands first
	First   float64 // the share with something wanted first
	Misses  []string
}

// Judge has find look for each judged query; it gives the titles that come first. Every
// third query is kept aside: weights are chosen by the others.
func Judge(ctx context.Context, find func(ctx context.Context, query string) (titles []string, err error)) (chosen, aside Judgement, err error) {
	rows, err := csv.NewReader(bytes.NewReader(judgedText)).ReadAll()
	if err != nil {
		return chosen, aside, err
	}
	for i, r := range rows[1:] {
		query, want := r[0], strings.Split(r[1], " | ")
		titles, err := find(ctx, query)
		if err != nil {
			return chosen, aside, fmt.Errorf("%s: %w", query, err)
		}
		if i%3 == 2 {
			aside.add(query, titles, want)
		} else {
			chosen.add(query, titles, want)
		}
	}
	for _, j := range []*Judgement{&chosen, &aside} {
		j.Gain, j.First = j.Gain/float64(j.Queries), j.First/float64(j.Queries)
	}
	return chosen, aside, nil
}

func (j *Judgement) add(query string, titles, want []string) {
	j.Queries++
	j.Gain += gain(titles, want)
	if len(titles) > 0 && slices.ContainsFunc(want, func(w string) bool { return strings.HasPrefix(titles[0], w) }) {
		j.First++
		return
	}
	j.Misses = append(j.Misses, fmt.Sprintf("%q: first %.3q", query, titles[:min(3, len(titles))]))
}

// gain is nDCG@10 of a ranking, all wanted alike good.
func gain(titles, want []string) float64 {
	got, ideal, fit := 0.0, 0.0, 0
	for i, title := range titles[:min(10, len(titles))] {
		for _, w := range want {
			if strings.HasPrefix(title, w) {
				got += 1 / math.Log2(float64(i)+2)
				fit++
			}
		}
	}
	for i := range max(len(want), fit) { // two threads may begin alike
		ideal += 1 / math.Log2(float64(i)+2)
	}
	return got / ideal
}
