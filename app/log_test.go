package app

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// written is what a log wrote, and in how many goes.
type written struct {
	mu   sync.Mutex
	text strings.Builder
	goes int
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.goes++
	return w.text.Write(p)
}

func (w *written) read() (text string, goes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String(), w.goes
}

// Lines of requests are written together, and soon. A line that says more is there at
// once, behind those that were before it.
func TestLinesOfRequestsAreGathered(t *testing.T) {
	t.Parallel()
	w := &written{}
	log := newLog(Config{}, w)
	for n := range 1000 {
		log.Info(requestLine, "n", n)
	}
	log.With("id", "7").Warn("fault")
	text, goes := w.read()
	if lines := strings.Split(strings.TrimSpace(text), "\n"); len(lines) != 1001 || !strings.Contains(lines[0], "n=0") || !strings.Contains(lines[1000], "msg=fault id=7") {
		t.Errorf("got %d lines, the last %q", len(lines), lines[len(lines)-1])
	}
	if goes > 50 {
		t.Errorf("%d writes for 1,001 lines", goes)
	}
	log.Info(requestLine, "n", "last")
	for end := time.Now().Add(time.Minute); ; time.Sleep(gatherFor / 10) {
		if text, _ := w.read(); strings.HasSuffix(text, "n=last\n") {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the last line never came")
		}
	}
}
