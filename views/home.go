package views

import (
	"strconv"
	"strings"

	"moothall/forum/places"
)

// teaserAt is the middle of a place on the map in small: odd rows stand half a place to
// the right, and north is up.
func teaserAt(s places.Shade) (x, y int) { return 10*s.Q + 5*(s.R&1), -9 * s.R }

// teaserHex is a hexagon from its top, somewhat smaller than its place.
const teaserHex = "l4 2v6l-4 2-4-2v-6z"

// teaserPath draws all places of one shade.
func teaserPath(t places.Teaser, level int) string {
	var path strings.Builder
	for _, s := range t.Hexes {
		if s.Level() == level {
			x, y := teaserAt(s)
			path.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y-5) + teaserHex)
		}
	}
	return path.String()
}

// teaserBox is around all places.
func teaserBox(t places.Teaser) string {
	left, top := teaserAt(t.Hexes[0])
	right, bottom := left, top
	for _, s := range t.Hexes {
		x, y := teaserAt(s)
		left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
	}
	return strings.Join([]string{strconv.Itoa(left - 5), strconv.Itoa(top - 6), strconv.Itoa(right - left + 10), strconv.Itoa(bottom - top + 12)}, " ")
}
