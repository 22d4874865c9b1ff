package app_test

import (
	"testing"

	"moothall/forum/forumtest"
)

// instead is what this binary does when a test runs it as a program of its own; it ends
// the program when there is such a thing.
var instead = func() {}

func TestMain(m *testing.M) {
	instead()
	forumtest.Main(m)
}
