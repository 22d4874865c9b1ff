package newsletter

import (
	"testing"

	"moothall/forum/forumtest"
)

func TestMain(m *testing.M) { forumtest.Main(m) }
