package dev

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Inbox catches the mails of development: it takes whatever is sent to it by SMTP on
// this machine, and keeps each as a file. Several nodes may have one folder.
type Inbox struct {
	dir  string
	smtp *catcher

	mu   sync.Mutex
	last int64 // the highest number this node knows of

	reading sync.Mutex // by itself: a long list keeps no mail waiting
	read    map[int64]Caught
}

// ErrNoMail is a mail that is not in the inbox.
var ErrNoMail = errors.New("there is no such mail in the inbox")

const (
	mailEnding = ".eml"
	lastFile   = "last" // the highest number before the inbox was emptied
)

// OpenInbox catches mails in a folder, which it makes when absent, until the inbox is
// closed.
func OpenInbox(dir string) (*Inbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, closed(dir, err)
	}
	b := &Inbox{dir: dir, read: map[int64]Caught{}}
	all, err := b.numbers()
	if err != nil {
		return nil, err
	}
	if len(all) > 0 {
		b.last = all[len(all)-1]
	}
	b.smtp, err = catch(b)
	return b, err
}

// URL is where to send mails: MOOTHALL_SMTP_URL of this inbox.
func (b *Inbox) URL() string { return "smtp://" + b.smtp.listener.Addr().String() + "?tls=off&pace=0" }

// Addr is where it listens.
func (b *Inbox) Addr() net.Addr { return b.smtp.listener.Addr() }

// Close catches no more.
func (b *Inbox) Close() error { return b.smtp.close() }

// keep writes a mail down under the next number. When it returns, a kill loses it no more.
func (b *Inbox) keep(mail []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	temp, err := os.CreateTemp(b.dir, "new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // what was linked stays
	_, err = temp.Write(mail)
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	b.last = max(b.last, b.emptied())
	for {
		b.last++
		// Unlike a rename, a link takes no other node's number from it.
		err := os.Link(temp.Name(), b.path(b.last))
		if err == nil {
			b.note(readTop(b.last, mail, time.Now().UTC()))
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
}

// note remembers what stands on top of a mail.
func (b *Inbox) note(m Caught) {
	b.reading.Lock()
	defer b.reading.Unlock()
	b.read[m.ID] = m
}

func (b *Inbox) path(id int64) string {
	return filepath.Join(b.dir, fmt.Sprintf("%08d%s", id, mailEnding))
}

// emptied is the highest number that was there when the inbox was last emptied.
func (b *Inbox) emptied() int64 {
	text, err := os.ReadFile(filepath.Join(b.dir, lastFile))
	if err != nil {
		return 0
	}
	last, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // 0: nobody else writes it
	return last
}

// numbers are the mails that there are, the oldest first.
func (b *Inbox) numbers() ([]int64, error) {
	files, err := os.ReadDir(b.dir)
	if err != nil {
		return nil, err
	}
	var all []int64
	for _, file := range files {
		name, found := strings.CutSuffix(file.Name(), mailEnding)
		if id, err := strconv.ParseInt(name, 10, 64); found && err == nil {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all, nil
}

// Wanted says which mails a list is of.
type Wanted struct {
	To     string    // a recipient's address, or a part of it without an @; empty: everybody's
	Since  time.Time // of this second or later; zero: all
	After  int64     // with a higher number
	Before int64     // with a lower number; 0: all
	Most   int       // so many, the newest; 0: all
}

// has reports whether a mail is wanted.
func (w Wanted) has(m Caught) bool {
	to, wanted := strings.ToLower(m.To), strings.ToLower(strings.TrimSpace(w.To))
	if strings.Contains(wanted, "@") && to != wanted || !strings.Contains(to, wanted) {
		return false
	}
	return !m.Date.Before(w.Since.Truncate(time.Second)) // a mail's date has no more
}

// List are the mails that are wanted, the newest first.
func (b *Inbox) List(w Wanted) ([]Caught, error) {
	all, err := b.numbers()
	if err != nil {
		return nil, err
	}
	list := []Caught{}
	for _, id := range slices.Backward(all) {
		if w.Before > 0 && id >= w.Before {
			continue
		}
		if id <= w.After || w.Most > 0 && len(list) == w.Most {
			break
		}
		m, err := b.caught(id)
		if errors.Is(err, ErrNoMail) {
			continue // another node emptied the inbox just now
		}
		if err != nil {
			return nil, err
		}
		if w.has(m) {
			list = append(list, m)
		}
	}
	return list, nil
}

// caught is what stands on top of a mail, which is read from its file once.
func (b *Inbox) caught(id int64) (Caught, error) {
	b.reading.Lock()
	m, known := b.read[id]
	b.reading.Unlock()
	if known {
		return m, nil
	}
	source, at, err := b.file(id)
	if err != nil {
		return Caught{}, err
	}
	m = readTop(id, source, at)
	b.note(m)
	return m, nil
}

func (b *Inbox) file(id int64) (source []byte, at time.Time, err error) {
	source, err = os.ReadFile(b.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, at, ErrNoMail
	}
	if err != nil {
		return nil, at, err
	}
	if info, err := os.Stat(b.path(id)); err == nil {
		at = info.ModTime().UTC()
	}
	return source, at, nil
}

// Source is a mail as it came.
func (b *Inbox) Source(id int64) ([]byte, error) {
	source, _, err := b.file(id)
	return source, err
}

// Mail is a mail with what it says.
func (b *Inbox) Mail(id int64) (Caught, error) {
	source, at, err := b.file(id)
	if err != nil {
		return Caught{}, err
	}
	m := readTop(id, source, at)
	m.readBody(bytes.NewReader(source))
	return m, nil
}

// Empty removes all mails. Their numbers do not come again.
func (b *Inbox) Empty() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	all, err := b.numbers()
	if err != nil || len(all) == 0 {
		return err
	}
	b.last = max(b.last, b.emptied(), all[len(all)-1])
	if err := b.writeLast(); err != nil {
		return err
	}
	b.reading.Lock()
	clear(b.read)
	b.reading.Unlock()
	for _, id := range all {
		if err := os.Remove(b.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (b *Inbox) writeLast() error {
	temp, err := os.CreateTemp(b.dir, "new-*")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(temp, b.last)
	if err = errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), filepath.Join(b.dir, lastFile))
}
