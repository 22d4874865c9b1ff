//go:build !linux || race

package markup

// mostMemory is how much one text may allocate. The race detector has pools forget
// what they hold, so everything is made anew again and again.
const mostMemory = 512 << 20

// limitMemory does nothing: the race detector reserves more than any limit.
func limitMemory() {}
