package mail_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"moothall/app/mail"
)

// keyFile is a key as openssl genpkey writes it, and what the DNS says of it.
func keyFile(t *testing.T, key crypto.Signer) (path, record string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	if public, ok := key.Public().(ed25519.PublicKey); ok {
		return path, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return path, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)
}

// A signature holds for the mail as it came, and for none to which somebody has done something.
func TestSignaturesHold(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey, "Ed25519": edKey} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, record := keyFile(t, key)
			s := openServer(t)
			sender := openSender(t, mail.Config{URL: s.url("tls=off"), DKIMKey: path, DKIMSelector: "bins"})
			m := bins()
			m.Text = "Mae’r ŵyn yn y tŷ.  \n\n\n"
			if err := sender.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			_, mails, _ := s.counted()
			text := mails[0]
			holds := func(text string) bool {
				found, err := dkim.VerifyWithOptions(strings.NewReader(text), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
					if domain != "bins._domainkey.moothall.example" {
						t.Errorf("the key is looked for at %s", domain)
					}
					return []string{record}, nil
				}})
				return err == nil && len(found) == 1 && found[0].Err == nil
			}
			if !holds(text) {
				t.Fatalf("it does not hold for\n%s", text)
			}
			for what, bent := range map[string]string{
				"another text":          strings.Replace(text, "evening", "morning", 1),
				"another subject":       strings.Replace(text, "Missed", "Lost", 1),
				"a second From":         "From: eve@evil.example\r\n" + text,
				"a From at the end":     strings.Replace(text, "\r\n\r\n", "\r\nFrom: eve@evil.example\r\n\r\n", 1),
				"another unsubscribing": strings.Replace(text, "unsubscribe/abc234", "unsubscribe/abc235", 1),
				"without one click":     strings.Replace(text, "List-Unsubscribe=One-Click", "no", 1),
				"another Reply-To":      strings.Replace(text, "reply+abc234", "reply+abc235", 1),
			} {
				if bent == text || holds(bent) {
					t.Errorf("it holds for %s", what)
				}
			}
		})
	}
	if _, err := mail.Open(mail.Config{URL: "smtp://127.0.0.1", Domain: "moothall.example", DKIMKey: "/nowhere.pem", DKIMSelector: "bins"}); err == nil {
		t.Error("a key that is not there is taken")
	}
}
