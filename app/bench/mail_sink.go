package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"sync/atomic"
)

// sink is a mail server that takes mails and keeps none.
type sink struct {
	listener net.Listener
	mails    atomic.Int64
	bytes    atomic.Int64
}

func openSink() (*sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{listener: listener}
	go func() {
		defer func() { _ = recover() }() // then no mail arrives, which the run sees
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s, nil
}

// url is where it is, as a setting says it.
func (s *sink) url() string { return "smtp://" + s.listener.Addr().String() + "?tls=off&pace=0" }

func (s *sink) close() error {
	if err := s.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// serve is one connection.
func (s *sink) serve(conn net.Conn) {
	defer func() { _ = recover() }()
	defer func() { _ = conn.Close() }()
	in := textproto.NewReader(bufio.NewReaderSize(conn, 64<<10))
	say := func(answer string) { _, _ = fmt.Fprint(conn, answer+"\r\n") } // who has gone hears nothing
	say("220 sink")
	for {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		switch command, _, _ := strings.Cut(strings.ToUpper(line), " "); command {
		case "EHLO":
			say("250-sink\r\n250 8BITMIME")
		case "DATA":
			say("354 go on")
			mail, err := in.ReadDotBytes()
			if err != nil {
				return
			}
			s.bytes.Add(int64(len(mail)))
			s.mails.Add(1)
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}
