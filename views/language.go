package views

// otherLang is the language that a page can be read in instead.
func otherLang(f Frame) string {
	if f.W.Lang() == "cy" {
		return "en"
	}
	return "cy"
}
