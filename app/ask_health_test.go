package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// The container asks the program itself whether it is well, and believes the answer.
func TestHealthTellsWhetherTheSiteLives(t *testing.T) {
	t.Parallel()
	var status atomic.Int32
	status.Store(http.StatusOK)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			t.Errorf("asks for %s, want /healthz", r.URL.Path)
		}
		w.WriteHeader(int(status.Load()))
	}))
	defer site.Close()
	config := Config{Addr: strings.TrimPrefix(site.URL, "http://")}
	if err := config.askHealth(t.Context()); err != nil {
		t.Errorf("of a site that lives it says: %v", err)
	}
	everywhere := Config{Addr: strings.Replace(config.Addr, "127.0.0.1", "", 1)}
	if err := everywhere.askHealth(t.Context()); err != nil {
		t.Errorf("of a site that listens everywhere it says: %v", err)
	}
	anywhere := Config{Addr: "127.0.0.1:0", Data: t.TempDir()}
	if err := anywhere.askHealth(t.Context()); err == nil || !strings.Contains(err.Error(), "running.json") {
		t.Errorf("of a site that runs nowhere it says: %v", err)
	}
	if err := writeClosed(anywhere.factsFile(), []byte(`{"site":"https://forum.example","addr":"`+config.Addr+`"}`)); err != nil {
		t.Fatal(err)
	}
	if err := anywhere.askHealth(t.Context()); err != nil {
		t.Errorf("of a site that took a free port it says: %v", err)
	}
	status.Store(http.StatusInternalServerError)
	if err := config.askHealth(t.Context()); err == nil {
		t.Error("it calls a site well that answers 500")
	}
	site.Close()
	if err := config.askHealth(t.Context()); err == nil {
		t.Error("it calls a site well that is gone")
	}
}
