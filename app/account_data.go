package app

import (
	"archive/zip"
	"bufio"
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
			return errors.Join(a.sessions.ForgetIn(ctx, d, id), a.letters.Forget(ctx, d, id))
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
	who      forum.Person
	frame    views.Frame
	known    care.Export
	sessions []auth.Session
}

// exportData answers POST /account/data/export with a zip. It is written while it is
// sent, a few posts at a time, so that a long history costs no memory.
func (a *App) exportData(c *fiber.Ctx) error {
	return a.onlyFresh(c, "/account/data", func() error { return a.sendCopy(c) })
}

func (a *App) sendCopy(c *fiber.Ctx) error {
	leave, err := a.copies.enter(c.UserContext(), false, readPatience)
	if err != nil {
		return err
	}
	p := dataCopy{who: who(c), frame: a.frame(c)}
	if p.known, err = a.care.Export(c.UserContext(), p.who); err == nil {
		p.sessions, err = a.sessions.Sessions(c.UserContext(), p.who.ID)
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

// writeCopy writes the zip: the same for programs and for people.
func (a *App) writeCopy(ctx context.Context, to io.Writer, p dataCopy) error {
	z := zip.NewWriter(to)
	file, err := z.Create("data.json")
	if err != nil {
		return err
	}
	if err := a.writeJSON(ctx, file, p); err != nil {
		return err
	}
	if file, err = z.Create("index.html"); err != nil {
		return err
	}
	var failed error
	var shown []views.Session
	for _, s := range p.sessions {
		shown = append(shown, views.Session{Device: s.Device, StartedAt: s.StartedAt, SeenAt: s.SeenAt})
	}
	if err := views.Copy(p.frame, p.known, shown, a.postsOf(ctx, p.who, &failed)).Render(ctx, file); err != nil || failed != nil {
		return errors.Join(err, failed)
	}
	return z.Close()
}

// writeJSON writes data.json: what is known of the person, where they are signed in,
// and their posts.
func (a *App) writeJSON(ctx context.Context, to io.Writer, p dataCopy) error {
	type place struct {
		Device    string `json:"device"`
		Provider  string `json:"provider"`
		StartedAt string `json:"started_at"`
		SeenAt    string `json:"seen_at"`
	}
	places := []place{}
	for _, s := range p.sessions {
		places = append(places, place{s.Device, s.Provider, s.StartedAt.UTC().Format(timeFormat), s.SeenAt.UTC().Format(timeFormat)})
	}
	w := &jsonWriter{to: to}
	w.text(`{"known":`)
	w.value(p.known)
	w.text(`,"sessions":`)
	w.value(places)
	w.text(`,"posts":[`)
	var failed error
	before := ""
	for post := range a.postsOf(ctx, p.who, &failed) {
		w.text(before)
		w.value(post)
		before = ","
	}
	w.text("]}\n")
	return errors.Join(w.err, failed)
}

const timeFormat = "2006-01-02T15:04:05Z"

// jsonWriter writes JSON piece by piece; its first failure stays.
type jsonWriter struct {
	to  io.Writer
	err error
}

func (w *jsonWriter) text(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.to, s)
	}
}

func (w *jsonWriter) value(v any) {
	if w.err != nil {
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		w.err = err
		return
	}
	w.text(string(text))
}

// postsOf are a person's posts, read a batch at a time.
func (a *App) postsOf(ctx context.Context, who forum.Person, failed *error) iter.Seq[care.ExportPost] {
	return func(yield func(care.ExportPost) bool) {
		last := int64(0)
		for {
			posts, err := a.care.ExportPosts(ctx, who, last)
			if err != nil {
				*failed = err
				return
			}
			for _, post := range posts {
				if !yield(post) {
					return
				}
				last = post.ID
			}
			if len(posts) < care.ExportBatch {
				return
			}
		}
	}
}
