package mail_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"moothall/app/mail"
)

// server is a mail server of the test's own, that does to us whatever it is told to.
// It speaks SMTP by hand, for one that keeps to the rules would not.
type server struct {
	t        testing.TB
	listener net.Listener
	tls      *tls.Config // nil: no STARTTLS

	mu          sync.Mutex
	say         map[string]string // what it answers to a command; "cut" hangs up, "hang" says nothing
	connections int
	said        []string // the commands it heard
	mails       []string // those it took
}

// openServer is a server that takes everything, until it is told otherwise.
func openServer(t testing.TB) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, listener: listener, say: map[string]string{}}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		defer func() { _ = recover() }()
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.connections++
			s.mu.Unlock()
			go s.serve(conn)
		}
	}()
	return s
}

// url is where the server is; more goes behind the question mark.
func (s *server) url(more string) string {
	return "smtp://" + s.listener.Addr().String() + "?pace=0&" + more
}

// answers has the server say something else to a command; "" makes it good again.
func (s *server) answers(command, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say[command] = answer
}

func (s *server) counted() (connections int, mails []string, said []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections, append([]string{}, s.mails...), append([]string{}, s.said...)
}

// serve is one connection.
func (s *server) serve(conn net.Conn) {
	defer func() { _ = recover() }()
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	if !s.answer(conn, "hello", "220 test") {
		return
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		command, _, _ := strings.Cut(strings.ToUpper(line), " ")
		s.mu.Lock()
		s.said = append(s.said, line)
		s.mu.Unlock()
		switch command {
		case "EHLO":
			if !s.answer(conn, command, s.extensions(conn)) {
				return
			}
		case "STARTTLS":
			if !s.answer(conn, command, "220 go on") {
				return
			}
			conn = tls.Server(conn, s.tls)
			r = bufio.NewReader(conn)
		case "AUTH":
			if !s.answer(conn, command, "235 welcome") {
				return
			}
		case "DATA":
			if !s.answer(conn, command, "354 go on") || s.refuses(command) {
				if s.refuses(command) {
					continue
				}
				return
			}
			if !s.takeMail(conn, r) {
				return
			}
		case "QUIT":
			_, _ = fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			if !s.answer(conn, command, "250 ok") {
				return
			}
		}
	}
}

func (s *server) extensions(conn net.Conn) string {
	_, secure := conn.(*tls.Conn)
	if s.tls != nil && !secure {
		return "250-test\r\n250 STARTTLS"
	}
	return "250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME"
}

// refuses reports whether a command is answered with a no.
func (s *server) refuses(command string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.say[command] != ""
}

func (s *server) takeMail(conn net.Conn, r *bufio.Reader) bool {
	var mail strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		mail.WriteString(strings.TrimPrefix(line, "."))
	}
	if !s.refuses("mail") {
		s.mu.Lock()
		s.mails = append(s.mails, mail.String())
		s.mu.Unlock()
	}
	return s.answer(conn, "mail", "250 taken")
}

// answer says what is usual, or what the server was told to; false ends the connection.
func (s *server) answer(conn net.Conn, command, usual string) bool {
	s.mu.Lock()
	told := s.say[command]
	s.mu.Unlock()
	switch told {
	case "":
		told = usual
	case "cut":
		return false
	case "hang":
		_, _ = conn.Read(make([]byte, 1)) // until the other side gives up
		return false
	}
	_, err := fmt.Fprint(conn, told+"\r\n")
	return err == nil && !strings.HasPrefix(told, "421")
}

// certificate is one for this machine, and who vouches for it.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}

// openSender is a Sender that is closed with the test.
func openSender(t testing.TB, c mail.Config) mail.Sender {
	t.Helper()
	if c.Domain == "" {
		c.Domain = "moothall.example"
	}
	c.Now = time.Now
	s, err := mail.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// bins is a mail such as goes out many times a day.
func bins() mail.Message {
	return mail.Message{
		ID: "post-12@moothall.example", From: "Ben Rees at Southmoor <hello@moothall.example>", To: "Ada Owen <ada@northmoor.gov.example>",
		ReplyTo: "reply+abc234@moothall.example", Envelope: "bounce+xyz567@moothall.example",
		Subject: "[Waste and recycling] Missed bins", Text: "We text people the evening before.\n", HTML: "<p>We text people the evening before.</p>",
		Headers: []mail.Header{
			{Name: "List-Id", Value: "Waste and recycling <waste.moothall.example>"},
			{Name: "List-Unsubscribe", Value: "<https://moothall.example/unsubscribe/abc234>, <mailto:unsubscribe+abc234@moothall.example>"},
			{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"},
			{Name: "Auto-Submitted", Value: "auto-generated"}, {Name: "Moothall-Kind", Value: "instant"},
			{Name: "References", Value: "<post-1@moothall.example> <post-3@moothall.example>"},
			{Name: "In-Reply-To", Value: "<post-3@moothall.example>"}},
		At: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
}
