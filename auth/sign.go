package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Keys sign what leaves us and must be known when it comes back: form tokens,
// addresses in mail. The first key signs, all of them verify, so that a key can
// be replaced without a form or a mail being lost. They stand in no token and
// no log.
type Keys struct{ keys []key }

// key is one secret and the number by which its tokens name it, which stays the
// same whatever stands before it in the list.
type key struct {
	secret []byte
	number byte
}

const (
	shortestSecret = 32
	macSize        = 16 // of 32: enough against guessing, and a token fits into a mail address
	longestToken   = 4096
)

// NewKeys takes the secrets of MOOTHALL_SECRETS. Its error tells which of them
// will not do, and never what they are.
func NewKeys(secrets []string) (Keys, error) {
	if len(secrets) == 0 {
		return Keys{}, fmt.Errorf("no secret to sign with")
	}
	var k Keys
	for i, s := range secrets {
		if n := utf8.RuneCountInString(s); n < shortestSecret {
			return Keys{}, fmt.Errorf("secret %d has %d characters: it needs at least %d", i+1, n, shortestSecret)
		}
		if j := slices.Index(secrets, s); j < i {
			return Keys{}, fmt.Errorf("secret %d is the same as secret %d", i+1, j+1)
		}
		made := key{secret: []byte(s)}
		made.number = made.mac("number", nil)[0]
		k.keys = append(k.keys, made)
	}
	return k, nil
}

// mac is the key's word on data, for one purpose only: each purpose has a key of
// its own, made from the secret.
func (k key) mac(purpose string, data []byte) []byte {
	h := hmac.New(sha256.New, k.secret)
	h.Write([]byte("moothall/" + purpose))
	own := h.Sum(nil)
	h = hmac.New(sha256.New, own)
	h.Write(data)
	return h.Sum(nil)
}

// Fingerprints tells the keys apart without giving them away, in their order:
// nodes compare them, for they need one in common.
func (k Keys) Fingerprints() []string {
	prints := make([]string, 0, len(k.keys))
	for _, key := range k.keys {
		prints = append(prints, hex.EncodeToString(key.mac("fingerprint", nil)[:8]))
	}
	return prints
}

// CSRF makes the token of a form for the session of this hash. It looks different
// each time, so that compressed pages give nothing of it away (BREACH), and holds
// as long as the session and the key do, over restarts too. Without a session it
// is empty.
func (k Keys) CSRF(session []byte) string {
	if len(k.keys) == 0 || len(session) == 0 {
		return ""
	}
	token := make([]byte, 2*macSize)
	mask, masked := token[:macSize], token[macSize:]
	_, _ = rand.Read(mask) // never fails: crypto/rand ends the process first
	subtle.XORBytes(masked, mask, k.keys[0].mac("csrf", session))
	return base64.RawURLEncoding.EncodeToString(token)
}

// CSRFValid reports whether CSRF made this token for this session, under any of
// the keys.
func (k Keys) CSRFValid(session []byte, token string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(token) != base64.RawURLEncoding.EncodedLen(2*macSize) || len(raw) != 2*macSize || len(session) == 0 {
		return false
	}
	mac := make([]byte, macSize)
	subtle.XORBytes(mac, raw[:macSize], raw[macSize:])
	valid := 0
	for _, key := range k.keys {
		valid |= subtle.ConstantTimeCompare(mac, key.mac("csrf", session)[:macSize])
	}
	return valid == 1
}

// lowerBase32 survives mail programs that change capitals.
var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Sign makes a token that carries the payload, readable but not changeable, for
// one purpose. Up to 15 bytes of payload make at most 52 characters, which leaves
// room for "unsubscribe+" in the 64 of a mail address (RFC 5321 §4.5.3.1.1).
func (k Keys) Sign(purpose string, payload []byte) string {
	if len(k.keys) == 0 {
		return ""
	}
	body := append([]byte{k.keys[0].number}, payload...)
	return lowerBase32.EncodeToString(append(body, k.keys[0].mac("sign/"+purpose, body)[:macSize]...))
}

// Open gives back what Sign was given for the same purpose, in whatever case the
// token comes; false if it is not of our making.
func (k Keys) Open(purpose, token string) (payload []byte, ok bool) {
	if len(token) > longestToken {
		return nil, false
	}
	token = strings.ToLower(token)
	raw, err := lowerBase32.DecodeString(token)
	// Encoded again it must be the same, for decoding passes over line ends and
	// spare bits: one payload, one token.
	if err != nil || len(raw) <= macSize || lowerBase32.EncodeToString(raw) != token {
		return nil, false
	}
	body, mac := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	for _, key := range k.keys {
		if key.number == body[0] && hmac.Equal(mac, key.mac("sign/"+purpose, body)[:macSize]) {
			return body[1:], true
		}
	}
	return nil, false
}
