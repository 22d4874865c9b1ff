package mail_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"moothall/app/mail"
)

const (
	notifyService  = "26785a09-ab16-4eb0-8407-a37497a57506"
	notifySecret   = "3d844edf-8d35-48ac-975b-e847b4f122b0"
	notifyTemplate = "f33517ff-2a88-4f6e-b855-c550268ce08a"
)

// notify is a server that speaks the contract of GOV.UK Notify.
type notify struct {
	t      *testing.T
	status int // what it answers; 0: it takes the mail
	body   string
	asked  []map[string]any
}

func (n *notify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.Method != http.MethodPost || r.URL.Path != "/v2/notifications/email" || r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if err := checkToken(r.Header.Get("Authorization")); err != nil {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"status_code":403,"errors":[{"error":"AuthError","message":"Invalid token: %s"}]}`, err)
		return
	}
	if n.status != 0 {
		w.WriteHeader(n.status)
		fmt.Fprint(w, n.body)
		return
	}
	asked := map[string]any{}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		n.t.Error(err)
	}
	n.asked = append(n.asked, asked)
	w.WriteHeader(http.StatusCreated)
	fmt.Fprint(w, `{"id":"740e5834-3a29-46b4-9a6f-16142fde533a"}`)
}

// checkToken is what Notify does with a token: HS256, its time within half a minute.
func checkToken(header string) error {
	raw, bearer := strings.CutPrefix(header, "Bearer ")
	token, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil || !bearer {
		return errors.New("no token")
	}
	payload, err := token.Verify([]byte(notifySecret))
	if err != nil {
		return errors.New("signature")
	}
	var claims struct {
		Iss string
		Iat int64
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return err
	}
	if off := time.Since(time.Unix(claims.Iat, 0)).Abs(); claims.Iss != notifyService || off > 30*time.Second {
		return errors.New("service or time")
	}
	return nil
}

// openNotify is the server and a Sender to it, which knows a secret.
func openNotify(t *testing.T, secret string) (*notify, mail.Sender) {
	t.Helper()
	n := &notify{t: t}
	s := httptest.NewServer(n)
	t.Cleanup(s.Close)
	url := fmt.Sprintf("notify://%s:%s@%s?template=%s&http=on", notifyService, secret, strings.TrimPrefix(s.URL, "http://"), notifyTemplate)
	return n, openSender(t, mail.Config{URL: url})
}

// GOV.UK Notify gets what its template needs, the Message-ID as the reference, and the address for one click.
func TestNotifyIsAskedAsItWantsToBe(t *testing.T) {
	t.Parallel()
	n, sender := openNotify(t, notifySecret)
	if err := sender.Send(t.Context(), bins()); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"email_address": "ada@northmoor.gov.example", "template_id": notifyTemplate, "reference": "post-12@moothall.example",
		"one_click_unsubscribe_url": "https://moothall.example/unsubscribe/abc234",
		"personalisation":           map[string]any{"subject": bins().Subject, "body": bins().Text}}
	if got := fmt.Sprint(n.asked); got != fmt.Sprint([]map[string]any{want}) {
		t.Errorf("got %s", got)
	}
	bent := bins()
	bent.To = "ada@northmoor.gov.example\r\nBcc: eve@evil.example"
	if no := (*mail.Refused)(nil); !errors.As(sender.Send(t.Context(), bent), &no) || !no.Permanent {
		t.Errorf("an address with a line end: got %v", no)
	}
}

// What Notify says decides whether a mail is tried again: only what is wrong with this
// one mail is final.
func TestNotifysRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status    int
		body      string
		permanent bool
	}{
		{400, `{"status_code":400,"errors":[{"error":"ValidationError","message":"email_address Not a valid email address"}]}`, true},
		{400, `{"status_code":400,"errors":[{"error":"BadRequestError","message":"Can’t send to this recipient using a team-only API key"}]}`, false},
		{403, `{"status_code":403,"errors":[{"error":"AuthError","message":"Error: Your system clock must be accurate to within 30 seconds"}]}`, false},
		{429, `{"status_code":429,"errors":[{"error":"RateLimitError","message":"Exceeded rate limit for key type LIVE"}]}`, false},
		{429, `{"status_code":429,"errors":[{"error":"TooManyRequestsError","message":"Exceeded send limits (250000) for today"}]}`, false},
		{500, `{"status_code":500,"errors":[{"error":"Exception","message":"Internal server error"}]}`, false},
		{502, `<html>bad gateway</html>`, false},
		{301, ``, false},
	} {
		n, sender := openNotify(t, notifySecret)
		n.status, n.body = c.status, c.body
		no := (*mail.Refused)(nil)
		if err := sender.Send(t.Context(), bins()); !errors.As(err, &no) || no.Code != c.status || no.Permanent != c.permanent || no.Said == "" {
			t.Errorf("%d %s: got %+v, %v, want permanent %v", c.status, c.body, no, err, c.permanent)
		}
	}
	_, sender := openNotify(t, strings.Replace(notifySecret, "3", "4", 1))
	no := (*mail.Refused)(nil)
	if err := sender.Send(t.Context(), bins()); !errors.As(err, &no) || no.Code != 403 || no.Permanent {
		t.Errorf("a wrong secret: got %v", err)
	}
}

// Its limit of 3,000 a minute is kept: so many at once, the others one after another.
func TestNotifysLimitIsKept(t *testing.T) {
	t.Parallel()
	n, sender := openNotify(t, notifySecret)
	began := time.Now()
	const mails = 100
	for range mails {
		if err := sender.Send(t.Context(), bins()); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	if most := 60 + 50*took.Seconds(); len(n.asked) != mails || float64(mails) > most+1 {
		t.Errorf("%d mails in %s", len(n.asked), took)
	}
}
