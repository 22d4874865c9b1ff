package auth

import (
	"bytes"
	"strings"
	"testing"
)

const (
	oldSecret = "an old secret of more than thirty-two characters"
	newSecret = "a new secret of more than thirty-two characters!"
)

func keys(t testing.TB, secrets ...string) Keys {
	t.Helper()
	k, err := NewKeys(secrets)
	if err != nil {
		t.Fatalf("NewKeys: %v", err)
	}
	return k
}

func TestSecretsThatWillNotDo(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]string{nil, {""}, {strings.Repeat("x", 31)}, {newSecret, "short"}, {newSecret, oldSecret, newSecret}} {
		_, err := NewKeys(secrets)
		if err == nil {
			t.Errorf("NewKeys(%d secrets): nil, want an error", len(secrets))
			continue
		}
		for _, secret := range secrets {
			if secret != "" && strings.Contains(err.Error(), secret) {
				t.Errorf("the error %q tells a secret", err)
			}
		}
	}
}

// A form's token belongs to its session, looks different each time, and outlives
// a change of keys.
func TestCSRF(t *testing.T) {
	t.Parallel()
	mine, other := Hash("mine"), Hash("other")
	before, after, only := keys(t, oldSecret), keys(t, newSecret, oldSecret), keys(t, newSecret)
	token, again := before.CSRF(mine), before.CSRF(mine)
	if token == again || token[:10] == again[:10] || token[len(token)-10:] == again[len(again)-10:] {
		t.Errorf("tokens %q and %q: want them masked anew", token, again)
	}
	bent := "A" + token[1:]
	if token[0] == 'A' {
		bent = "B" + token[1:]
	}
	for _, c := range []struct {
		name    string
		keys    Keys
		session []byte
		token   string
		want    bool
	}{
		{"same session", before, mine, token, true},
		{"made again", before, mine, again, true},
		{"after a restart", keys(t, oldSecret), mine, token, true},
		{"key replaced, old one kept", after, mine, token, true},
		{"key gone", only, mine, token, false},
		{"other session", before, other, token, false},
		{"no session", before, nil, token, false},
		{"empty", before, mine, "", false},
		{"bent", before, mine, bent, false},
		{"longer", before, mine, token + "AAAA", false},
		{"with a line end", before, mine, token[:5] + "\n" + token[5:], false},
		{"no keys", Keys{}, mine, token, false},
		{"of a token in mail", before, mine, before.Sign("csrf", mine), false},
	} {
		if got := c.keys.CSRFValid(c.session, c.token); got != c.want {
			t.Errorf("%s: valid %v, want %v", c.name, got, c.want)
		}
	}
	if got := before.CSRF(nil); got != "" {
		t.Errorf("CSRF without a session: %q, want none", got)
	}
	if !after.CSRFValid(mine, after.CSRF(mine)) || before.CSRFValid(mine, after.CSRF(mine)) {
		t.Error("the first key does not sign")
	}
}

// A signed token is good for one purpose, in any case, under any key, and for
// nothing that was changed.
func TestSignedTokens(t *testing.T) {
	t.Parallel()
	before, after, only := keys(t, oldSecret), keys(t, newSecret, oldSecret), keys(t, newSecret)
	payload := []byte("123 456")
	token := before.Sign("reply", payload)
	if token != strings.ToLower(token) || len("unsubscribe+"+before.Sign("u", make([]byte, 15))) > 64 {
		t.Errorf("token %q: want lower case, and room in a mail address", token)
	}
	for _, c := range []struct {
		name           string
		keys           Keys
		purpose, token string
		want           bool
	}{
		{"as made", before, "reply", token, true},
		{"in capitals", before, "reply", strings.ToUpper(token), true},
		{"after the key was replaced", after, "reply", token, true},
		{"key gone", only, "reply", token, false},
		{"other purpose", before, "unsubscribe", token, false},
		{"longer purpose", before, "reply/", token, false},
		{"empty", before, "reply", "", false},
		{"cut", before, "reply", token[:len(token)-1], false},
		{"longer", before, "reply", token + "a", false},
		{"padded", before, "reply", token + "====", false},
		{"with a line end", before, "reply", token[:4] + "\n" + token[4:], false},
		{"huge", before, "reply", strings.Repeat("a", 1<<20), false},
		{"no keys", Keys{}, "reply", token, false},
	} {
		got, ok := c.keys.Open(c.purpose, c.token)
		if ok != c.want || ok && !bytes.Equal(got, payload) {
			t.Errorf("%s: %q %v, want %v", c.name, got, ok, c.want)
		}
	}
	for i := range len(token) {
		bent := []byte(token)
		if bent[i]++; bent[i] > 'z' || bent[i] == '8' {
			bent[i] = 'a'
		}
		if _, ok := before.Open("reply", string(bent)); ok {
			t.Errorf("character %d changed: still opens", i)
		}
	}
	if got, ok := before.Open("none", before.Sign("none", nil)); !ok || len(got) != 0 {
		t.Errorf("no payload: %q %v, want none, true", got, ok)
	}
}

// Nodes compare fingerprints: they are the same for a key wherever it stands, and
// tell nothing of it.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	a, b := keys(t, newSecret, oldSecret).Fingerprints(), keys(t, oldSecret).Fingerprints()
	if len(a) != 2 || len(b) != 1 || a[1] != b[0] || a[0] == a[1] {
		t.Errorf("fingerprints %q and %q: want the second of the one to be the other", a, b)
	}
}

func FuzzOpen(f *testing.F) {
	k := keys(f, newSecret)
	f.Add(k.Sign("fuzz", []byte("payload")))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if payload, ok := k.Open("fuzz", token); ok && k.Sign("fuzz", payload) != strings.ToLower(token) {
			t.Errorf("%q opens and is not what Sign makes", token)
		}
	})
}
