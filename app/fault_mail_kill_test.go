package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"moothall/auth"
	"moothall/forum"
)

// mailIn is where the program takes mail in, as it tells in running.json.
func (k *killed) mailIn() string {
	k.t.Helper()
	text, err := os.ReadFile(filepath.Join(k.data, "running.json"))
	if err != nil {
		k.t.Fatal(err)
	}
	var facts struct {
		MailIn string `json:"mail-in"`
	}
	if err := json.Unmarshal(text, &facts); err != nil {
		k.t.Fatal(err)
	}
	return facts.MailIn
}

// deaf hands one mail to addr and hears everything but that it was taken: then it calls
// taken first. It reports whether that came about.
func deaf(addr, from, to, source string, taken func()) (was bool, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return false, err
	}
	var heard atomic.Bool
	ended := make(chan error, 1)
	go func() {
		defer func() { _ = recover() }()
		ended <- between(listener, addr, func() { heard.Store(true); taken() })
	}()
	sent := smtp.SendMail(listener.Addr().String(), nil, from, []string{to}, []byte(strings.ReplaceAll(source, "\n", "\r\n")))
	_ = listener.Close()
	err = <-ended
	if sent == nil {
		return heard.Load(), errors.New("the client heard that the mail was taken")
	}
	return heard.Load(), err
}

// between passes on what one client and a mail server say to each other, until the
// server says that it took a mail: that it keeps to itself.
func between(listener net.Listener, addr string, taken func()) error {
	client, err := listener.Accept()
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	go func() {
		defer func() { _ = recover() }()
		_, _ = io.Copy(server, client)
	}()
	begun := false
	for lines := bufio.NewReader(server); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil // the client sees it too
		}
		if begun {
			if strings.HasPrefix(line, "250") {
				taken()
			}
			return nil
		}
		begun = strings.HasPrefix(line, "354")
		if _, err := io.WriteString(client, line); err != nil {
			return err
		}
	}
}

// Killed after an answer by mail was posted and before the relay heard so, the program
// takes the same mail once more, from a relay that does as it must, and posts nothing.
func TestAnAnswerByMailIsPostedOnceWhateverIsKilled(t *testing.T) {
	t.Parallel()
	k := &killed{t: t, data: t.TempDir(), bin: filepath.Join(t.TempDir(), "moothall")}
	if out, err := exec.Command("go", "build", "-o", k.bin, "moothall").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	k.start()
	defer k.stop()
	ctx := context.Background()
	keys, err := auth.NewKeys([]string{proofSecret})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = k.people(ctx, 1)
	k.exec(ctx, `update people set proven_email = 'ben@leeds.gov.uk' where name = 'Ben 0'`)
	db, err := forum.Connect(ctx, k.db, 2, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var who, thread int64
	if err := db.QueryRow(ctx, `select t.author_id, t.id from threads t`).Scan(&who, &thread); err != nil {
		t.Fatal(err)
	}
	to := (&world{keys: keys}).replyTo(who, thread)
	const ends = 3
	for n := range ends {
		source := written("ben@leeds.gov.uk", fmt.Sprint("mail", n), fmt.Sprint("We did, in May. ", n))
		was, err := deaf(k.mailIn(), "ben@leeds.gov.uk", to, source, k.kill)
		if err != nil || !was {
			t.Fatalf("the mail was taken: %v, %v", was, err)
		}
		k.start()
		for range 2 {
			if err := smtp.SendMail(k.mailIn(), nil, "ben@leeds.gov.uk", []string{to}, []byte(strings.ReplaceAll(source, "\n", "\r\n"))); err != nil {
				t.Errorf("the same mail again: %v", err)
			}
		}
	}
	db.Reset()
	var posts, different int
	if err := db.QueryRow(ctx, `select count(*), count(distinct body) from posts where by_email`).Scan(&posts, &different); err != nil {
		t.Fatal(err)
	}
	if posts != ends || different != ends {
		t.Errorf("%d posts, %d different, want %d", posts, different, ends)
	}
}
