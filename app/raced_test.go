//go:build race

package app_test

// raced says that the race detector watches, which makes everything five times slower:
// crawls then are of fewer standings. CI makes them whole without it.
const raced = true
