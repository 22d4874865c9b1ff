//go:build !race

package forum_test

const raced = false
