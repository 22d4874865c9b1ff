package assets

import (
	"os"
	"os/exec"
	"testing"
)

// What is built is what the Sass and the script here make. It needs Node and
// npm ci, so it is left out where they are not, but not on the build server.
func TestBuiltFilesAreFresh(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if _, missing := os.Stat("../../node_modules/sass"); err != nil || missing != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Node, or npm ci was not run")
		}
		t.Skip("no Node, or npm ci was not run")
	}
	if out, err := exec.CommandContext(t.Context(), node, "build.mjs", "--check").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
