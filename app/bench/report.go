package main

import (
	"fmt"
	"math"
)

// row is a line of the results. What a row does not have is 0.
type row struct {
	Name     string  `json:"name"`
	Ours     float64 `json:"ours"`
	Floor    float64 `json:"floor"`
	Ratio    float64 `json:"ratio"`
	RatioMin float64 `json:"ratio_min"`
	RatioMax float64 `json:"ratio_max"`
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
	FloorP99 float64 `json:"floor_p99_ms"`
	RSS      float64 `json:"rss_mb"`
	Unit     string  `json:"unit"`

	P99Ratio   float64 `json:"p99_ratio"`
	CPU        float64 `json:"cpu_ms"` // of the server, for one request
	FloorCPU   float64 `json:"floor_cpu_ms"`
	CPURatio   float64 `json:"cpu_ratio"`
	SQL        float64 `json:"sql_cpu_ms"` // of Postgres
	FloorSQL   float64 `json:"floor_sql_cpu_ms"`
	Bytes      float64 `json:"bytes"` // of one answer
	FloorBytes float64 `json:"floor_bytes"`
	Goal       string  `json:"goal"`
	Met        string  `json:"met"`  // yes or no; empty without a goal
	Void       string  `json:"void"` // why it is no result
}

// mark says whether a goal is met.
func mark(met bool) string {
	if met {
		return "yes"
	}
	return "no"
}

// line is how a row is printed.
const line = "%-38s %9s %9s %-6s %18s %8s %8s %8s %7s %7s %7s %7s  %s"

// title says what the columns are.
func (s *stage) title() {
	s.say(line, "", "ours", "floor", "", "ratio (least–most)", "p50 ms", "p99 ms", "floor", "CPU ms", "floor", "SQL ms", "floor", "goal")
}

// add keeps a row and prints it.
func (s *stage) add(r row) {
	s.rows = append(s.rows, r)
	if r.Void != "" {
		s.say("%-38s void: %s", r.Name, r.Void)
		return
	}
	spread := figure(r.Ratio)
	if r.RatioMax != 0 {
		spread = fmt.Sprintf("%s (%s–%s)", figure(r.Ratio), figure(r.RatioMin), figure(r.RatioMax))
	}
	verdict := r.Goal
	switch r.Met {
	case "yes":
		verdict += ": met"
	case "no":
		verdict += ": MISSED"
	}
	ours := figure(r.Ours)
	if ours == "" {
		ours = "0"
	}
	s.say(line, r.Name, ours, figure(r.Floor), r.Unit, spread, figure(r.P50), figure(r.P99), figure(r.FloorP99),
		figure(r.CPU), figure(r.FloorCPU), figure(r.SQL), figure(r.FloorSQL), verdict)
}

// figure is a number in three digits or so; nothing where there is none.
func figure(x float64) string {
	switch a := math.Abs(x); {
	case x == 0:
		return ""
	case a < 10:
		return fmt.Sprintf("%.2f", x)
	case a < 100:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}
