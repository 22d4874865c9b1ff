package views

import "net/url"

// SignInPage is what the page to sign in offers.
type SignInPage struct {
	Ways   []SignInWay
	Return string // the path to come back to
	Failed bool   // an attempt has just come to nothing
	Kept   bool   // what was typed waits behind it
	Gone   string // what ended the session: leave or erase; empty otherwise
}

// SignInWay is one provider: its name in addresses, and what people call it.
type SignInWay struct{ Name, Label string }

// label is what people call the provider. The development provider is the site
// itself, whose address would say little.
func (way SignInWay) label(f Frame) string {
	if way.Name == "dev" {
		return f.W.T("signin.development")
	}
	return way.Label
}

// begin is where an attempt with one provider begins.
func (p SignInPage) begin(way SignInWay) string {
	path := "/auth/" + way.Name
	if p.Return != "" && p.Return != "/" {
		path += "?return=" + url.QueryEscape(p.Return)
	}
	return path
}

// goneTitle says what ended the session of somebody who went.
func (p SignInPage) goneTitle(f Frame) string {
	if p.Gone == "erase" {
		return f.W.T("erase.done")
	}
	return f.W.T("leave.done")
}

// goneText says what they can do now.
func (p SignInPage) goneText(f Frame) string {
	if p.Gone == "erase" {
		return f.W.T("erase.done_text")
	}
	return f.W.T("leave.done_text")
}
