package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

const (
	keysHold = time.Hour // how long a key is believed after it was withdrawn
	mostAsks = 5         // how often a minute unknown keys may make us ask anew
	mostKeys = 100
)

var errKeys = errors.New("the key set cannot be used")

// keySet is a provider's published keys. Unlike go-oidc's own it forgets keys that
// were withdrawn, asks anew for unknown ones a few times a minute at most, and
// takes no key that is too weak or too heavy to check with.
type keySet struct {
	address string
	client  *http.Client
	now     func() time.Time
	asking  singleflight.Group

	mu    sync.Mutex
	keys  []jose.JSONWebKey
	asked time.Time // when the keys were read
	since time.Time // the minute in which asks are counted
	asks  int
}

// VerifySignature is what go-oidc asks of a key set: the payload, if one of the
// provider's keys signed it.
func (k *keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(jwt, []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	if err != nil {
		return nil, err
	}
	header := jws.Signatures[0].Protected
	key, err := k.find(ctx, header.KeyID, header.Algorithm)
	if err != nil {
		return nil, err
	}
	return jws.Verify(key)
}

// find finds the one key of this name that may sign so; without a name, the only
// one there is. An unknown name makes it ask once more.
func (k *keySet) find(ctx context.Context, id, algorithm string) (any, error) {
	keys, fresh := k.known()
	if fresh {
		if key := choose(keys, id, algorithm); key != nil {
			return key, nil
		}
	}
	keys, err := k.ask(ctx)
	if err != nil {
		return nil, err
	}
	if key := choose(keys, id, algorithm); key != nil {
		return key, nil
	}
	return nil, errors.New("signed with a key that the provider does not publish")
}

func choose(keys []jose.JSONWebKey, id, algorithm string) any {
	var found any
	if id == "" && len(keys) != 1 {
		return nil // no name, and two to choose from
	}
	for _, key := range keys {
		if id != "" && key.KeyID != id || !signs(key, algorithm) {
			continue
		}
		if found != nil {
			return nil // two of one name
		}
		found = key.Key
	}
	return found
}

// signs reports whether a key is for signatures of this algorithm and of a
// strength that is worth checking: RSA of 2048 to 8192 bits with a usual
// exponent, or P-256 (RFC 7518 §3.3, §3.4).
func signs(key jose.JSONWebKey, algorithm string) bool {
	if key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != algorithm {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		bits := public.N.BitLen()
		return algorithm == string(jose.RS256) && bits >= 2048 && bits <= 8192 && public.E >= 3 && public.E%2 == 1
	case *ecdsa.PublicKey:
		return algorithm == string(jose.ES256) && public.Curve == elliptic.P256()
	}
	return false
}

func (k *keySet) known() (keys []jose.JSONWebKey, fresh bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	age := k.now().Sub(k.asked)
	return k.keys, k.keys != nil && age >= 0 && age < keysHold
}

// ask reads the key set, unless unknown keys made us ask too often. Many who sign
// in at once wait for one answer, which nobody's leaving cuts short.
func (k *keySet) ask(ctx context.Context) ([]jose.JSONWebKey, error) {
	answer, err, _ := k.asking.Do("", func() (any, error) {
		if keys, fresh := k.known(); fresh && k.tooOften() {
			return keys, nil
		}
		raw, err := askRaw(context.WithoutCancel(ctx), k.client, k.address, "")
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errKeys, err)
		}
		keys, err := parseKeys(raw)
		if err != nil {
			return nil, err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.keys, k.asked = keys, k.now()
		return keys, nil
	})
	keys, _ := answer.([]jose.JSONWebKey)
	return keys, err
}

// tooOften counts an ask for an unknown key.
func (k *keySet) tooOften() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := k.now(); now.Sub(k.since) >= time.Minute || now.Before(k.since) {
		k.since, k.asks = now, 0
	}
	k.asks++
	return k.asks > mostAsks
}

// parseKeys reads the keys it understands; those of other kinds do not matter
// (RFC 7517 §5), but a set of thousands is no key set.
func parseKeys(raw []byte) ([]jose.JSONWebKey, error) {
	set, err := parseObject(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKeys, err)
	}
	var all []json.RawMessage
	if err := json.Unmarshal(set["keys"], &all); err != nil || len(all) > mostKeys {
		return nil, errKeys
	}
	keys := make([]jose.JSONWebKey, 0, len(all))
	for _, one := range all {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(one) == nil && key.IsPublic() && key.Valid() {
			keys = append(keys, key)
		}
	}
	return keys, nil
}
