package app

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"

	"github.com/gofiber/fiber/v2"

	"moothall/auth"
	"moothall/forum"
	"moothall/forum/care"
	"moothall/views"
)

// copiesMost is how many people can take a copy of their data at once, on one node.
const copiesMost = 2

// myData answers GET /account/data.
func (a *App) myData(c *fiber.Ctx) error {
	return a.showMyData(c, fiber.StatusOK, care.EraseDraft{}, nil)
}

func (a *App) showMyData(c *fiber.Ctx, status int, draft care.EraseDraft, bad forum.Invalid) error {
	p, err := a.forum.InHand(c.UserContext(), who(c))
	if err != nil {
		return err
	}
	return a.show(c, status, views.MyData(a.frame(c), who(c), p, draft, bad))
}

// eraseData answers POST /account/data/erase.
func (a *App) eraseData(c *fiber.Ctx) error {
	return a.onlyFresh(c, "/account/data", func() error {
		id, draft := who(c).ID, care.EraseDraft{Name: formValue(c, "confirm"), HandTo: chosenPerson(c)}
		err := a.care.Erase(c.UserContext(), who(c), draft, func(ctx context.Context, d *forum.Deed) error {
			return errors.Join(a.sessions.ForgetIn(ctx, d, id), a.letters.Forget(ctx, d, id), a.curation.Forget(ctx, d, id), a.projects.Forget(ctx, d, id), a.search.Forget(ctx, d, id), a.newsletters.Forget(ctx, d, id))
		})
		if bad := (forum.Invalid)(nil); errors.As(err, &bad) {
			return a.showMyData(c, fiber.StatusUnprocessableEntity, draft, bad)
		}
		if err != nil {
			return err
		}
		if err := a.keepErasures(c.UserContext()); err != nil {
			a.log.Warn("an erasure is not in the file yet", "error", shorten(err))
		}
		return see(c, "/sign-in?gone=erase")
	})
}

// dataCopy is what goes into somebody's copy of their data.
type dataCopy struct {
	frame    views.Frame
	person   care.ExportPerson
	sessions []auth.Session
}

// exportData answers POST /account/data/export with a zip. It is written while it is
// sent, a few lines at a time, so that a long history costs no memory.
func (a *App) exportData(c *fiber.Ctx) error {
	return a.onlyFresh(c, "/account/data", func() error { return a.sendCopy(c) })
}

func (a *App) sendCopy(c *fiber.Ctx) error {
	leave, err := a.copies.enter(c.UserContext(), false, readPatience)
	if err != nil {
		return err
	}
	p := dataCopy{frame: a.frame(c)}
	if p.person, err = a.care.ExportPerson(c.UserContext(), who(c).ID); err == nil {
		p.sessions, err = a.sessions.Sessions(c.UserContext(), who(c).ID)
	}
	if err != nil {
		leave()
		return err
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="moothall-data.zip"`)
	id := visitOf(c).id
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer leave()
		// The request is over when this runs: its context and its recover are gone.
		ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
		defer cancel()
		if err := guarded(func() error { return a.writeCopy(ctx, w, p) }); err != nil {
			a.log.Warn("a copy of somebody’s data was cut off", "id", id, "error", shorten(err)) // the zip has no end, and does not open
		}
	})
	return nil
}

// writeCopy writes the zip: the same for programs and for people. What cannot be read
// whole ends it, so that no list ends early unsaid.
func (a *App) writeCopy(ctx context.Context, to io.Writer, p dataCopy) error {
	z, all := zip.NewWriter(to), a.care.Export(ctx, p.person)
	file, err := z.Create("data.json")
	if err != nil {
		return err
	}
	if err := errors.Join(writeJSON(file, all, p.sessions), all.Failed()); err != nil {
		return err
	}
	if file, err = z.Create("index.html"); err != nil {
		return err
	}
	var shown []views.Session
	for _, s := range p.sessions {
		shown = append(shown, views.Session{Device: s.Device, StartedAt: s.StartedAt, SeenAt: s.SeenAt})
	}
	if err := errors.Join(views.Copy(p.frame, all, shown).Render(ctx, file), all.Failed()); err != nil {
		return err
	}
	return z.Close()
}

// writeJSON writes data.json: what is known of the person, where they are signed in,
// and their posts.
func writeJSON(to io.Writer, all care.Export, sessions []auth.Session) error {
	type place struct {
		Device    string `json:"device"`
		Provider  string `json:"provider"`
		StartedAt string `json:"started_at"`
		SeenAt    string `json:"seen_at"`
	}
	places := []place{}
	for _, s := range sessions {
		places = append(places, place{s.Device, s.Provider, s.StartedAt.UTC().Format(timeFormat), s.SeenAt.UTC().Format(timeFormat)})
	}
	w := &jsonWriter{to: to}
	w.text(`{"known":`)
	w.known(all)
	w.text(`,"sessions":`)
	w.value(places)
	w.text(`,"posts":[`)
	before := ""
	for post := range all.Posts {
		w.text(before)
		w.post(post)
		before = ","
		if w.err != nil {
			break
		}
	}
	w.text("]}\n")
	return w.err
}

const timeFormat = "2006-01-02T15:04:05Z"

// jsonWriter writes JSON piece by piece; its first failure stays.
type jsonWriter struct {
	to  io.Writer
	err error
}

func (w *jsonWriter) text(s string) { w.bytes([]byte(s)) }

func (w *jsonWriter) bytes(text []byte) {
	if w.err == nil {
		_, w.err = w.to.Write(text)
	}
}

func (w *jsonWriter) value(v any) { w.bytes(w.marshal(v)) }

func (w *jsonWriter) marshal(v any) []byte {
	if w.err != nil {
		return nil
	}
	text, err := json.Marshal(v)
	w.err = err
	return text
}

// known writes what is kept about a person, their posts aside.
func (w *jsonWriter) known(all care.Export) {
	w.text(`{"person":`)
	w.value(all.Person)
	writeList(w, "identities", all.Identities)
	writeList(w, "account_changes", all.Changes)
	writeList(w, "roles", all.Roles)
	writeList(w, "follows", all.Follows)
	writeList(w, "email_settings", all.Mail)
	writeList(w, "emails", all.Letters)
	writeList(w, "emails_from_you", all.Inbound)
	writeList(w, "drafts", all.Drafts)
	writeList(w, "reports_you_made", all.Reports)
	writeList(w, "useful", all.Useful)
	writeList(w, "said_for_your_council", all.Spoke)
	writeList(w, "facts_you_told", all.Facts)
	writeList(w, "saved", all.Saved)
	writeList(w, "read", all.Read)
	writeList(w, "notices", all.Told)
	writeList(w, "entries_about_you", all.Entries)
	writeList(w, "entries_by_you", all.Did)
	w.text("}")
}

// post writes a post, and what it said before as its last field.
func (w *jsonWriter) post(p care.ExportPost) {
	w.bytes(bytes.TrimSuffix(w.marshal(p), []byte("}")))
	writeList(w, "before_edits", p.Before)
	w.text("}")
}

// writeList writes a list as one more field of an object.
func writeList[T any](w *jsonWriter, name string, lines iter.Seq[T]) {
	w.text(`,"` + name + `":[`)
	before := ""
	for line := range lines {
		w.text(before)
		w.value(line)
		before = ","
		if w.err != nil {
			return
		}
	}
	w.text("]")
}
