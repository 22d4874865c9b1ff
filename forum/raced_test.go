//go:build race

package forum_test

// raced says that the race detector watches, which makes everything many times slower.
const raced = true
