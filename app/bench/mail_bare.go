package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"

	gomail "github.com/wneessen/go-mail"
)

// postmen is how many mails Moothall has under way at once on one node.
const postmen = 4

// sendBare hands n mails of a size over as the library below Moothall does it by itself,
// on as many connections as Moothall has.
func sendBare(ctx context.Context, to *sink, n, size int) error {
	var all sync.WaitGroup
	failed := make([]error, postmen)
	for i := range postmen {
		all.Go(func() {
			defer func() {
				if cause := recover(); cause != nil {
					failed[i] = errors.New("the library panicked")
				}
			}()
			failed[i] = sendSome(ctx, to, n/postmen, size)
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// sendSome hands n mails over on one connection.
func sendSome(ctx context.Context, to *sink, n, size int) error {
	addr := to.listener.Addr().(*net.TCPAddr)
	client, err := gomail.NewClient(addr.IP.String(), gomail.WithPort(addr.Port), gomail.WithTLSPolicy(gomail.NoTLS))
	if err != nil {
		return err
	}
	on, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	const words = "We text people the evening before, and ask them in May how that was.\n"
	text := strings.Repeat(words, max(1, size/4/len(words)))
	html := "<p>" + strings.Repeat(words, max(1, size*3/4/len(words))) + "</p>"
	for range n {
		msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
		if err := errors.Join(msg.From("Moothall <hello@moothall.example>"), msg.To("p1@example.org")); err != nil {
			return err
		}
		msg.Subject("[Waste and recycling] Missed bins")
		msg.SetBodyString(gomail.TypeTextPlain, text)
		msg.AddAlternativeString(gomail.TypeTextHTML, html)
		if err := errors.Join(client.SendWithSMTPClient(on, msg), ctx.Err()); err != nil {
			return err
		}
	}
	return client.CloseWithSMTPClient(on)
}
