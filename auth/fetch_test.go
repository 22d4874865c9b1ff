package auth

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// What a provider answers is bounded in size and time, is JSON, and leads us
// nowhere else.
func TestProvidersAreHeardWithinBounds(t *testing.T) {
	t.Parallel()
	away := elsewhere(t)
	mux := http.NewServeMux()
	says := func(path, kind, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, body)
		})
	}
	leads := func(path, to string) {
		mux.Handle(path, http.RedirectHandler(to, http.StatusTemporaryRedirect))
	}
	says("/good", "application/json", `{"a":1}`)
	says("/plain", "text/plain", `{"a":1}`)
	says("/form", "application/x-www-form-urlencoded", `access_token=a`)
	says("/large", "application/json", `{"a":"`+strings.Repeat("a", answerSize)+`"}`)
	says("/nearly", "application/json", `{"a":"`+strings.Repeat("a", answerSize-10)+`"}`)
	leads("/once", "/good")
	leads("/away", away)
	leads("/round", "/round")
	s := httptest.NewServer(mux)
	defer s.Close()
	client := newClient(nil, true)
	for path, want := range map[string]error{"/good": nil, "/plain": nil, "/nearly": nil, "/once": nil,
		"/large": errTooLarge, "/away": errElsewhere, "/round": errElsewhere} {
		if _, err := ask(t.Context(), client, s.URL+path, ""); !errors.Is(err, want) {
			t.Errorf("asking %s: %v, want %v", path, err, want)
		}
	}
	for path, want := range map[string]error{"/good": nil, "/plain": errNotJSON, "/form": errNotJSON,
		"/once": errElsewhere, "/away": errElsewhere} {
		resp, err := client.Post(s.URL+path, "application/x-www-form-urlencoded", strings.NewReader("code=x"))
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, want) {
			t.Errorf("posting to %s: %v, want %v", path, err, want)
		}
	}
	for given, want := range map[time.Duration]time.Duration{0: answerTime, time.Second: time.Second, time.Hour: answerTime} {
		if got := newClient(&http.Client{Timeout: given}, false).Timeout; got != want {
			t.Errorf("of a client that waits %v: %v, want %v", given, got, want)
		}
	}
}

// JSON that two programs could read differently is read by neither.
func TestObjectsAreReadStrictly(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		`{}`: true, ` {"a":[{"b":1},{"b":2}],"c":{"b":3}} `: true, `{"a":1,"b":{"a":2}}`: true,
		``: false, `[]`: false, `1`: false, `{`: false, `{"a"}`: false, `{"a":1,}`: false, `{"a":1}x`: false, `{"a":1}{}`: false,
		`{"a":1,"a":1}`: false, `{"a":1,"A":1}`: false, `{"k":1,"\u212a":1}`: false, `{"b":[{"a":1,"a":2}]}`: false,
		"{\"a\":\"\xff\"}": false, `{"a":` + strings.Repeat("[", 15) + strings.Repeat("]", 15) + `}`: true,
		`{"a":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `}`: false,
	} {
		if _, err := parseObject([]byte(raw)); (err == nil) != want {
			t.Errorf("%.60q: %v, want success %v", raw, err, want)
		}
	}
}

func FuzzParseObject(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[1,"c"]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := parseObject(raw)
		if err == nil && c == nil {
			t.Errorf("%q is neither an object nor refused", raw)
		}
	})
}
