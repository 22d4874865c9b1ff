package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// claims is a JSON object of which no two programs can think differently: each
// name stands in it once, in whatever case.
type claims map[string]json.RawMessage

const deepest = 16

var (
	errNotObject = errors.New("not a JSON object")
	errTwice     = errors.New("a name stands twice in one object")
	errDeep      = errors.New("nested too deeply")
)

// parseObject reads a JSON object strictly: UTF-8, bounded in depth, no name
// twice. Parsers differ in which of two they take, and encoding/json takes "SUB"
// for "sub".
func parseObject(raw []byte) (claims, error) {
	if !utf8.Valid(raw) || !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) {
		return nil, errNotObject
	}
	if err := checkNames(raw); err != nil {
		return nil, err
	}
	var c claims
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, errNotObject
	}
	return c, nil
}

// checkNames walks over JSON once, without recursion.
func checkNames(raw []byte) error {
	walk := json.NewDecoder(bytes.NewReader(raw))
	walk.UseNumber()
	var open []*object
	for {
		token, err := walk.Token()
		if err != nil {
			return errNotObject
		}
		switch delim, _ := token.(json.Delim); delim {
		case '{', '[':
			if len(open) == deepest {
				return errDeep
			}
			open = append(open, &object{isObject: delim == '{', wantName: delim == '{'})
			continue
		case '}', ']':
			open = open[:len(open)-1]
		}
		if len(open) == 0 {
			return nil
		}
		if err := open[len(open)-1].next(token); err != nil {
			return err
		}
	}
}

// object is an object or array that the walk is in.
type object struct {
	isObject, wantName bool
	names              []string
}

// next takes a name or the end of a value.
func (o *object) next(token json.Token) error {
	if !o.isObject {
		return nil
	}
	if o.wantName {
		name, _ := token.(string)
		for _, other := range o.names {
			if strings.EqualFold(name, other) {
				return errTwice
			}
		}
		if o.names = append(o.names, name); len(o.names) > 500 {
			return errDeep
		}
	}
	o.wantName = !o.wantName
	return nil
}

// has reports whether a name stands there, with whatever value.
func (c claims) has(name string) bool { return c[name] != nil }

// text is a string that is not empty and holds nothing unprintable or damaged;
// anything else is "".
func (c claims) text(name string) string {
	var s string
	if raw := c[name]; len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return ""
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }) {
		return ""
	}
	return s
}

// texts is a string or an array of strings, as "aud" may be; else nil.
func (c claims) texts(name string) []string {
	if s := c.text(name); s != "" {
		return []string{s}
	}
	var all []string
	if raw := c[name]; len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &all) != nil {
		return nil
	}
	return all
}

// whole is a number written in digits alone, above 0.
func (c claims) whole(name string) (n int64, ok bool) {
	n, err := strconv.ParseInt(string(c[name]), 10, 64)
	return n, err == nil && n > 0 && n < 1<<40
}

// truth is true for the word true, not for anything that looks like it.
func (c claims) truth(name string) bool { return string(c[name]) == "true" }
