package mail

import (
	"bytes"
	"crypto"
	"errors"
	"os"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/wneessen/go-mail"
)

// signed are the headers that a signature is of, present or not, so that none of them
// can be added. For one click both of List-Unsubscribe must be among them (RFC 8058
// §4); From stands twice, so that a second one cannot be put in front.
var signed = []string{"From", "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "List-Id",
	"List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}

// signer signs mails as DKIM wants it (RFC 6376, and RFC 8463 for Ed25519).
type signer struct{ options dkim.SignOptions }

// CheckKey says what is wrong with the file of a key.
func CheckKey(path string) error {
	_, err := readKey(path)
	return err
}

func readKey(path string) (crypto.Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New("must be the path of a file that can be read")
	}
	key, err := mail.PrivKeyFromPEM(text)
	if err != nil {
		return nil, errors.New("must be a PEM file with a private key of RSA or Ed25519 in it")
	}
	return key, nil
}

func newSigner(c Config) (*signer, error) {
	key, err := readKey(c.DKIMKey)
	if err != nil {
		return nil, err
	}
	s := &signer{dkim.SignOptions{Domain: c.Domain, Selector: c.DKIMSelector, Signer: key, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed}}
	_, err = s.sign([]byte("From: <check@" + c.Domain + ">\r\n\r\n")) // now, rather than with the first mail
	return s, err
}

// sign puts a signature on top of a mail.
func (s *signer) sign(text []byte) ([]byte, error) {
	var b bytes.Buffer
	if err := dkim.Sign(&b, bytes.NewReader(text), &s.options); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
