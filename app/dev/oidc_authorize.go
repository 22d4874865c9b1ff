package dev

import (
	"crypto/rand"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/hex"
	"html/template"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// asked are the parameters of a sign-in that the site begins; they go along with
// the form.
var asked = []string{"client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method"}

// choice is the form for somebody new, as it was left, and what is wrong with it.
type choice struct {
	Name, Email string
	Verified    bool
	EmailError  string
	NameError   string
}

// authorize answers GET /authorize with the people to choose from.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	if p.asks(w, r, r.URL.Query()) {
		p.show(w, http.StatusOK, r.URL.Query(), choice{})
	}
}

// choose answers POST /authorize: it sends the browser back with a code for the
// person who was chosen.
func (p *Provider) choose(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	form := r.PostForm
	if !p.asks(w, r, form) {
		return
	}
	g := grant{Use: forCode, ID: rand.Text(), Issuer: p.o.Issuer, Challenge: form.Get("code_challenge"), Nonce: form.Get("nonce"), At: p.o.Now().Unix()}
	if n := slices.IndexFunc(p.o.People, func(one Person) bool { return one.Slug == form.Get("person") }); n >= 0 {
		one := p.o.People[n]
		g.Subject, g.Name, g.Email, g.Verified = "demo:"+one.Slug, one.Name, one.Email, true
	} else {
		c := newcomer(form)
		if c.NameError != "" || c.EmailError != "" {
			p.show(w, http.StatusUnprocessableEntity, form, c)
			return
		}
		g.Subject, g.Name, g.Email, g.Verified = subject(c.Email), c.Name, c.Email, c.Verified
	}
	code, err := p.sealed(g)
	if err != nil {
		http.Error(w, "No code could be made.", http.StatusInternalServerError)
		return
	}
	p.sendBack(w, r, form, url.Values{"code": {code}})
}

// asks reports whether this is a sign-in that the site has begun, and answers when
// it is not. To an address that is not the site's nobody is sent (RFC 6749 §4.1.2.1).
func (p *Provider) asks(w http.ResponseWriter, r *http.Request, form url.Values) bool {
	for _, name := range asked {
		if len(form[name]) > 1 { // RFC 6749 §3.1
			http.Error(w, "A parameter is there twice: "+name, http.StatusBadRequest)
			return false
		}
	}
	if form.Get("client_id") != p.o.ClientID || form.Get("redirect_uri") != p.o.RedirectURI {
		http.Error(w, "This is not a sign-in that the site has begun. Go back to it and begin again.", http.StatusBadRequest)
		return false
	}
	problem := ""
	switch {
	case form.Get("response_type") != "code":
		problem = "unsupported_response_type"
	case !slices.Contains(strings.Fields(form.Get("scope")), "openid"):
		problem = "invalid_scope"
	case form.Get("code_challenge_method") != "S256" || len(form.Get("code_challenge")) != 43: // RFC 7636 §4.2
		problem = "invalid_request"
	}
	if problem != "" {
		p.sendBack(w, r, form, url.Values{"error": {problem}})
	}
	return problem == ""
}

// sendBack gives the browser back to the site, with the state it came with and the
// issuer's name (RFC 9207 §2).
func (p *Provider) sendBack(w http.ResponseWriter, r *http.Request, form, say url.Values) {
	say.Set("iss", p.o.Issuer)
	if form.Has("state") {
		say.Set("state", form.Get("state"))
	}
	http.Redirect(w, r, p.o.RedirectURI+"?"+say.Encode(), http.StatusSeeOther)
}

// newcomer reads the form for somebody new.
func newcomer(form url.Values) (c choice) {
	c.Name, c.Email = strings.TrimSpace(form.Get("name")), strings.TrimSpace(form.Get("email"))
	c.Verified = !slices.Contains([]string{"", "0", "false"}, form.Get("email_verified"))
	if utf8.RuneCountInString(c.Name) > 200 || !utf8.ValidString(c.Name) {
		c.NameError = "Write a name of up to 200 characters"
	}
	address, err := mail.ParseAddress(c.Email)
	if form.Get("person") != "" {
		c.EmailError = "Choose somebody who is in the list, or write an email address"
	} else if err != nil || address.Address != c.Email || len(c.Email) > 254 || !utf8.ValidString(c.Email) { // RFC 5321 §4.5.3.1
		c.EmailError = "Write an email address, such as name@council.gov.uk"
	}
	return c
}

// subject is the same for the same address, on each node and at any time.
func subject(email string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(email)))
	return "new:" + hex.EncodeToString(sum[:16])
}

//go:embed oidc_page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

func (p *Provider) show(w http.ResponseWriter, status int, form url.Values, c choice) {
	hidden := map[string]string{}
	for _, name := range asked {
		if form.Has(name) {
			hidden[name] = form.Get(name)
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = page.Execute(w, map[string]any{"Style": p.o.StyleHref, "Action": p.path + "/authorize", "Hidden": hidden,
		"People": p.o.People, "Left": c}) // a browser that has gone needs no page
}
