package forumtest

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"moothall/app/dev"
)

// folderName is what folders of tests are called.
const folderName = "moothall-test-*"

// enter makes the folder in which all files of these tests are, and has whatever asks for
// a temporary one be in it. It is in memory where there is room: on a disk it takes longer
// to make a database, of a thousand files, than to do with it what a test does. Where
// TMPDIR says a place, that is taken.
func enter() (leave func(), err error) {
	where := ""
	if os.Getenv("TMPDIR") == "" {
		where = inMemory()
	}
	if where != "" {
		sweep(where)
	}
	dir, err := os.MkdirTemp(where, folderName)
	if err != nil {
		return nil, err
	}
	lock, err := dev.Lock(dir)
	if err != nil {
		_ = os.RemoveAll(dir) // as below
		return nil, err
	}
	if os.Getenv("GOTMPDIR") == "" { // what tests compile is large, and may as well be on a disk
		err = os.Setenv("GOTMPDIR", os.TempDir())
	}
	cluster.dir = dir
	return func() {
		_ = lock.Close()
		_ = os.RemoveAll(dir) // a leftover folder harms no other run
	}, errors.Join(err, os.Setenv("TMPDIR", dir))
}

// sweep takes away what tests that were killed have left in memory: nobody else does.
func sweep(where string) {
	left, _ := filepath.Glob(filepath.Join(where, folderName)) // the pattern is a good one
	for _, dir := range left {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Minute {
			continue // gone, or not locked yet
		}
		if lock, err := dev.Lock(dir); err == nil {
			_ = os.RemoveAll(dir) // or the next one does
			_ = lock.Close()
		}
	}
}
