package auth

import "strings"

// Programs call themselves by each other's names, so the first of these that is
// in the user agent decides.
var (
	browsers = [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Chromium/", "Chromium"},
		{"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systems = [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"},
		{"Windows", "Windows"}, {"Macintosh", "Mac"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"},
	}
)

// Device says in a few words of ours what a user agent is, for the list of
// sessions: "Chrome on Windows". Nothing of the header itself is kept. It is empty
// where nothing is known.
func Device(userAgent string) string {
	userAgent = userAgent[:min(len(userAgent), 1000)]
	first := func(names [][2]string) string {
		for _, name := range names {
			if strings.Contains(userAgent, name[0]) {
				return name[1]
			}
		}
		return ""
	}
	browser, system := first(browsers), first(systems)
	if browser != "" && system != "" {
		return browser + " on " + system
	}
	return browser + system
}
