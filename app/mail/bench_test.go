package mail_test

import (
	"bytes"
	"io"
	"log"
	"net"
	"testing"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"

	"moothall/app/mail"
)

// sink is a server that takes mails and keeps none.
type sink struct{}

func (sink) Reset()                                      {}
func (sink) Logout() error                               { return nil }
func (sink) Mail(string, *smtp.MailOptions) error        { return nil }
func (sink) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (sink) Data(r io.Reader) (err error)                { _, err = io.Copy(io.Discard, r); return err }
func (sink) NewSession(*smtp.Conn) (smtp.Session, error) { return sink{}, nil }

func openSink(b *testing.B) *net.TCPAddr {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := smtp.NewServer(sink{})
	server.ErrorLog = log.New(io.Discard, "", 0)
	go func() {
		defer func() { _ = recover() }()
		_ = server.Serve(listener)
	}()
	b.Cleanup(func() { _ = server.Close() })
	return listener.Addr().(*net.TCPAddr)
}

// BenchmarkHandOver is a mail of 2 KB, written out and handed over on a connection that
// is used again: by us, and by a bare loop of the library below.
func BenchmarkHandOver(b *testing.B) {
	m := bins()
	m.Text, m.HTML = string(bytes.Repeat([]byte("We text people. "), 60)), "<p>"+string(bytes.Repeat([]byte("We text people. "), 60))+"</p>"
	b.Run("ours", func(b *testing.B) {
		sender := openSender(b, mail.Config{URL: "smtp://" + openSink(b).String() + "?tls=off&pace=0", Connections: 1})
		for b.Loop() {
			if err := sender.Send(b.Context(), m); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
	})
	b.Run("bare", func(b *testing.B) {
		addr := openSink(b)
		client, err := gomail.NewClient(addr.IP.String(), gomail.WithPort(addr.Port), gomail.WithTLSPolicy(gomail.NoTLS))
		if err != nil {
			b.Fatal(err)
		}
		on, err := client.DialToSMTPClientWithContext(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := client.SendWithSMTPClient(on, bare(b, m)); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "mails/s")
	})
}

// bare is the same mail as the library's own.
func bare(b *testing.B, m mail.Message) *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	for _, err := range []error{msg.From(m.From), msg.To(m.To), msg.ReplyTo(m.ReplyTo), msg.EnvelopeFrom(m.Envelope)} {
		if err != nil {
			b.Fatal(err)
		}
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.At)
	for _, h := range m.Headers {
		msg.SetGenHeader(gomail.Header(h.Name), h.Value)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg
}
