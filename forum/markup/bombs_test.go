package markup

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// bomb is one line of bombs.jsonl: a text that is dear to render, as a recipe.
type bomb struct {
	ID     string
	Recipe []struct {
		S           string
		N, From, To int
	}
}

// source is the text that the recipe makes.
func (b bomb) source() string {
	var s strings.Builder
	for _, step := range b.Recipe {
		s.WriteString(strings.Repeat(step.S, step.N))
		for i := step.From; i <= step.To && step.To > 0; i++ {
			s.WriteString(strings.ReplaceAll(step.S, "{i}", fmt.Sprint(i)))
		}
	}
	return s.String()
}

// fitted cuts a text to the size that is taken and breaks its lines at a width, so
// that it passes the first bounds and tries the later ones.
func fitted(source string, width int) string {
	var s strings.Builder
	column := 0
	for i := 0; i < len(source) && s.Len() < 60000; i++ {
		s.WriteByte(source[i])
		column++
		if source[i] == '\n' {
			column = 0
		} else if column == width {
			s.WriteByte('\n')
			column = 0
		}
	}
	return s.String()
}

// blast is what became of a bomb.
type blast struct {
	Name           string
	In, Out, Alloc int
	Refused        string
	Err            string
}

const childVariable = "MARKUP_BOMBS"

// TestMain lets the test's own program be the child that the bombs go off in.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		limitMemory()
		debug.SetMaxStack(64 << 20)
		if err := explode(json.NewEncoder(os.Stdout)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// explode renders all bombs, one after the other, and tells what became of each.
func explode(out *json.Encoder) error {
	file, err := os.ReadFile("testdata/bombs.jsonl")
	if err != nil {
		return err
	}
	own, err := os.ReadFile("testdata/bombs_own.jsonl")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(file) + string(own)) {
		var b bomb
		if err := json.Unmarshal([]byte(line), &b); err != nil {
			return err
		}
		source := b.source()
		for _, width := range []int{0, 30, 1000, 10000} {
			text := source
			if width > 0 {
				text = fitted(source, width)
			}
			if err := out.Encode(detonate(fmt.Sprintf("%s at %d", b.ID, width), text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// detonate renders one text and measures what that took.
func detonate(name, source string) blast {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	html, err := Post(source, cast)
	runtime.ReadMemStats(&after)
	done := blast{Name: name, In: len(source), Out: len(html), Alloc: int(after.TotalAlloc - before.TotalAlloc)}
	if much := (*TooMuch)(nil); errors.As(err, &much) {
		done.Refused = much.What
	} else if err != nil {
		done.Err = err.Error()
	}
	return done
}

// No text takes more than 64 MB (mostMemory), all its garbage counted, nor becomes more than ten
// times itself; the program lives. What is not rendered is refused by name.
func TestBombsDoNotGoOff(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(os.Environ(), childVariable+"=1", "GOMEMLIMIT=256MiB")
	var stderr strings.Builder
	child.Stderr = &stderr
	out, err := child.Output()
	if err != nil {
		t.Fatalf("the process died: %v\n%.2000s", err, stderr.String())
	}
	told, rendered, most := 0, 0, blast{}
	for line := range strings.Lines(string(out)) {
		var b blast
		if err := json.Unmarshal([]byte(line), &b); err != nil {
			t.Fatalf("%v: %.200q", err, line)
		}
		told++
		if b.Refused == "" {
			rendered++
		}
		if b.Alloc > most.Alloc {
			most = b
		}
		if b.Alloc > mostMemory || b.Out > 10*b.In+4<<10 || b.Err != "" {
			t.Errorf("%+v", b)
		}
	}
	if want := 4 * (len(lines[bomb](t, "testdata/bombs.jsonl")) + len(lines[bomb](t, "testdata/bombs_own.jsonl"))); told != want {
		t.Errorf("got %d answers, want %d", told, want)
	}
	t.Logf("%d rendered, %d refused; most memory: %s, %d KB", rendered, told-rendered, most.Name, most.Alloc>>10)
}
