package mail

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/time/rate"
)

// GOV.UK Notify takes 3,000 mails in any minute: so many a second, and so many at once.
const (
	notifyPace  = 49
	notifyBurst = 60
)

// byNotify is a Sender that gives mails to GOV.UK Notify, which writes them by a
// template of two places, ((subject)) and ((body)), and knows no other headers than
// those for one click. So replies go to the address that the service has there.
type byNotify struct {
	c       Config
	to      destination
	url     string
	client  *http.Client
	limiter *rate.Limiter
}

func newNotify(c Config, to destination) *byNotify {
	scheme, host := "https://", to.host
	if to.plain {
		scheme = "http://"
	}
	if to.port != "" {
		host = net.JoinHostPort(to.host, to.port)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.IdleConnTimeout = c.Connections, c.Idle
	return &byNotify{c: c, to: to, url: scheme + host + "/v2/notifications/email", limiter: rate.NewLimiter(notifyPace, notifyBurst),
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// request is what Notify is asked.
type request struct {
	EmailAddress    string            `json:"email_address"`
	TemplateID      string            `json:"template_id"`
	Personalisation map[string]string `json:"personalisation"`
	Reference       string            `json:"reference"`
	OneClick        string            `json:"one_click_unsubscribe_url,omitempty"`
}

// Send has Notify take one mail. That it took one says nothing of the mail's arrival.
func (n *byNotify) Send(ctx context.Context, m Message) error {
	l, err := render(m) // the same is refused here as by SMTP
	if err != nil {
		return err
	}
	if err := waitFor(ctx, n.limiter); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, n.c.Limit)
	defer cancel()
	body, err := json.Marshal(request{EmailAddress: l.to.bare(), TemplateID: n.to.template, Reference: m.ID,
		Personalisation: map[string]string{"subject": m.Subject, "body": m.Text}, OneClick: oneClick(m)})
	if err != nil {
		return err
	}
	token, err := n.token()
	if err != nil {
		return err
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, n.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	ask.Header.Set("Authorization", "Bearer "+token)
	ask.Header.Set("Content-Type", "application/json")
	if m.Last != nil {
		if err := m.Last(); err != nil {
			return err
		}
	}
	answer, err := n.client.Do(ask)
	if err != nil {
		return fmt.Errorf("GOV.UK Notify was not reached: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	said, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	switch {
	case answer.StatusCode == http.StatusCreated:
		return nil
	case err != nil:
		return fmt.Errorf("GOV.UK Notify was lost: %w", err)
	}
	return refusal(answer.StatusCode, said)
}

// token says who asks: it holds for half a minute, by the world's clock.
func (n *byNotify) token() (string, error) {
	key := jose.SigningKey{Algorithm: jose.HS256, Key: []byte(n.to.password)}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{"iss": n.to.service, "iat": n.c.Now().Unix()})
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// refusal is what Notify answered. A ValidationError is of this mail, such as an
// address that cannot be; all else is of the service, its key or its limits.
func refusal(status int, body []byte) error {
	var said struct {
		Errors []struct{ Error, Message string }
	}
	r := &Refused{Code: status}
	if json.Unmarshal(body, &said) != nil || len(said.Errors) == 0 {
		r.Said = http.StatusText(status)
		return r
	}
	var all []string
	for _, e := range said.Errors {
		all = append(all, e.Error+": "+e.Message)
		bad := status == http.StatusBadRequest && e.Error == "ValidationError"
		r.Permanent, r.Nobody = r.Permanent || bad, r.Nobody || bad && strings.Contains(e.Message, "email_address")
	}
	r.Said = brief(strings.Join(all, "; "))
	return r
}

var firstHTTPS = regexp.MustCompile(`<(https://[^<>]+)>`)

// oneClick is the address for RFC 8058 among a mail's headers; Notify takes it by https
// alone.
func oneClick(m Message) string {
	for _, h := range m.Headers {
		if found := firstHTTPS.FindStringSubmatch(h.Value); found != nil && strings.EqualFold(h.Name, "List-Unsubscribe") {
			return found[1]
		}
	}
	return ""
}

// Close lets go of connections.
func (n *byNotify) Close() error {
	n.client.CloseIdleConnections()
	return nil
}
