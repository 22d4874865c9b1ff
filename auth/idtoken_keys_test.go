package auth

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"moothall/forum/forumtest"
)

// 43: keys too weak to trust, too heavy to check with, or too many.
func TestKeysThatWillNotDo(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	one := *rightKey()
	one.E = 1
	heavy := rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 16383), E: 65537}
	heavy.N.SetBit(heavy.N, 0, 1)
	many := make([]jose.JSONWebKey, 10_000)
	for i := range many {
		many[i] = publicKey(fmt.Sprint("k", i), &curveKey().PublicKey)
	}
	many[5].KeyID, many[5].Key = "right", &rightKey().PublicKey
	some := append([]jose.JSONWebKey{publicKey("right", &rightKey().PublicKey)}, many[100:100+mostKeys]...)
	right := &rightKey().PublicKey
	for _, c := range []tokenCase{
		{"43 10,000 keys", defect{keys: keySetOf(many...)}},
		{"43 101 keys", defect{keys: keySetOf(some...)}},
		{"43 RSA of 16384 bits", defect{keys: keySetOf(publicKey("right", &heavy))}},
		{"43 exponent 1", defect{keys: func() any { // its signature is the message itself
			return dict{"keys": []dict{{"kty": "RSA", "kid": "right", "n": base64url(right.N.Bytes()), "e": "AQ"}}}
		}, sign: func(signed string) []byte { return make([]byte, 256) }}},
		{"43 no keys", defect{keys: keySetOf()}},
		{"43 two keys of one name", defect{keys: keySetOf(publicKey("right", right), publicKey("right", &otherKey().PublicKey))}},
		{"43 for encryption", defect{keys: keySetOf(jose.JSONWebKey{Key: right, KeyID: "right", Use: "enc"})}},
		{"43 for another algorithm", defect{keys: keySetOf(jose.JSONWebKey{Key: right, KeyID: "right", Algorithm: "RS512"})}},
		{"43 private", defect{keys: keySetOf(publicKey("right", rightKey()))}},
		{"43 not a key set", defect{keys: func() any { return []string{"x"} }}},
		{"43 shared secret", defect{keys: keySetOf(publicKey("right", []byte("secret")))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i := newIDP(t, h.clock)
			p := i.provider(t, "oidc")
			i.become(c.bad)
			if login, err := h.signIn(t, p, i); !errors.Is(err, ErrAttempt) {
				t.Errorf("got %+v, %v; want ErrAttempt", login, err)
			}
			i.become(defect{})
			if _, err := h.signIn(t, p, i); err != nil {
				t.Errorf("the next sign-in: %v", err)
			}
		})
	}
}

// 43: a key of 512 bits, which Go itself makes no longer.
func TestShortKeysDoNotSign(t *testing.T) {
	t.Parallel()
	for bits, want := range map[int]bool{512: false, 1024: false, 2047: false, 2048: true, 8192: true, 8193: false, 16384: false} {
		key := publicKey("", &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), uint(bits-1)), E: 65537})
		if got := signs(key, "RS256"); got != want {
			t.Errorf("RSA of %d bits: %v, want %v", bits, got, want)
		}
		key.Key.(*rsa.PublicKey).E = 1
		if signs(key, "RS256") {
			t.Errorf("RSA of %d bits with exponent 1 signs", bits)
		}
	}
}

// 8, 44: a new key works at once, a withdrawn one no longer than the hour, and
// tokens with unknown keys cannot make us ask and ask.
func TestKeysAreRotated(t *testing.T) {
	t.Parallel()
	h, clock := openHouse(t), new(forumtest.Clock)
	i := newIDP(t, clock)
	p := i.provider(t, "oidc")
	h.Store = NewStore(h.db, clock.Now)
	must := func(what string, bad defect, want bool) {
		t.Helper()
		i.become(bad)
		if _, err := h.signIn(t, p, i); (err == nil) != want {
			t.Errorf("%s: %v, want success %v", what, err, want)
		}
	}
	onlyNew := keySetOf(publicKey("new", &otherKey().PublicKey))
	withNew := defect{header: func(h dict) { h["kid"] = "new" }, sign: signedBy(otherKey()), keys: onlyNew}
	withOld := defect{keys: onlyNew}

	must("the first key", defect{}, true)
	must("withdrawn a moment ago", withOld, true)
	must("the new key", withNew, true)
	if n := i.times("/keys"); n != 2 {
		t.Errorf("the keys were read %d times, want 2", n)
	}
	must("withdrawn and the new set read", withOld, false)

	before := i.times("/keys")
	for range 3 * mostAsks {
		must("an unknown key", defect{header: func(h dict) { h["kid"] = "unknown" }, keys: onlyNew}, false)
	}
	if n := i.times("/keys") - before; n > mostAsks {
		t.Errorf("unknown keys had the set read %d times in a minute, want at most %d", n, mostAsks)
	}

	must("the first key again", defect{keys: func() any {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{publicKey("right", &rightKey().PublicKey)}}
	}}, false) // the minute is not over
	clock.Advance(time.Minute)
	must("a minute later", defect{}, true)
	clock.Advance(keysHold)
	must("withdrawn over the cache time", withOld, false)
}
