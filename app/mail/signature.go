package mail

import (
	"regexp"
	"strings"
)

// What programs put into plain text for links and pictures.
var (
	linkMark = regexp.MustCompile(`<(?:https?|mailto|tel):[^<>\s]*>`)
	// What somebody says when they go on below a greeting.
	postscript  = regexp.MustCompile(`^(?:P\.?\s?S|O\.?N)\b\.?\s*[:.,–-]?\s`)
	speaks      = regexp.MustCompile(`(?i)\b(?:you|your|we|us|our|i|i'd|i’d|i'll|i’ll|i'm|i’m|me|my|let|ask|ring|call|chi|eich|ni|fi)\b`)
	pictureMark = regexp.MustCompile(`\[cid:([^\]@\s]{1,60})[^\]\s]*\]`)
)

// withoutMobile takes out the line that a phone puts below each mail.
func withoutMobile(lines []string) []string {
	if n := len(lines); n > 0 && mobileLine.MatchString(lines[n-1]) {
		return lines[:n-1]
	}
	return lines
}

// signatureMost is how long a signature is at most.
const signatureMost = 15

// signatureSign stands alone above a signature (RFC 3676 §4.3). Many programs take its space
// away, and some people set their words apart by the rest.
const signatureSign = "-- "

// withoutSignature takes out what stands below the sign for it, unless it is too long to
// be one. Below the sign without its space it is to look like one.
func withoutSignature(lines []string, name string) []string {
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-signatureMost; i-- {
		if lines[i] == signatureSign || lines[i] == "--" && isCard(lines[i+1:], name) {
			return lines[:i]
		}
	}
	return lines
}

// withoutClosing takes out a greeting at the end with the card below it: short lines of
// which one tells how to reach the sender, or is just their name.
func withoutClosing(lines []string, name string) []string {
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-signatureMost; i-- {
		if !closing.MatchString(lines[i]) {
			continue
		}
		if isCard(lines[i+1:], name) {
			return lines[:i]
		}
	}
	return lines
}

// withoutName takes out a name at the end with the card below it, where no greeting stands
// above: the name is the sender's own.
func withoutName(lines []string, name string) []string {
	first, last, _ := strings.Cut(name, " ")
	for i := len(lines) - 1; i > 0 && i >= len(lines)-signatureMost; i-- {
		if !isBlank(lines[i-1]) || first == "" {
			continue
		}
		alone := i == len(lines)-1 && strings.EqualFold(shown(lines[i]), first)
		if alone || last != "" && startsWith(shown(lines[i]), name) && !strings.HasSuffix(lines[i], ".") && isCard(lines[i:], name) {
			return lines[:i]
		}
	}
	return lines
}

// asCalled is a name as it is signed: many organisations turn it round, and put what they
// are behind it.
func asCalled(name string) string {
	name, _, _ = strings.Cut(name, "(")
	if last, first, turned := strings.Cut(name, ","); turned {
		name = first + " " + last
	}
	return strings.Join(strings.Fields(name), " ")
}

// shown is what a line shows, without where its links lead, its pictures and its stars.
func shown(line string) string {
	line = pictureMark.ReplaceAllString(linkMark.ReplaceAllString(line, ""), "")
	return strings.TrimSpace(strings.ReplaceAll(line, "*", ""))
}

// startsWith reports whether words begin with a name as a whole.
func startsWith(words, name string) bool {
	if len(words) < len(name) || !strings.EqualFold(words[:len(name)], name) {
		return false
	}
	rest := strings.TrimSpace(words[len(name):])
	return rest == "" || strings.ContainsAny(rest[:1], ",|(-/") || strings.HasPrefix(rest, "–") || strings.HasPrefix(rest, "•")
}

// isCard reports whether lines tell who somebody is, and nothing else.
func isCard(lines []string, name string) bool {
	first, _, _ := strings.Cut(name, " ")
	card := len(trimmed(lines)) == 0
	for i, line := range lines {
		words := shown(line)
		if goesOn(line, words) || i == next(lines, 0) && strings.Count(words, " ") > 2 && speaks.MatchString(words) {
			return false
		}
		if contact.MatchString(line) || first != "" && (strings.EqualFold(words, first) || startsWith(words, name)) {
			card = true
		}
	}
	return card
}

// goesOn reports whether a line, which shows those words, is one of what somebody says rather
// than of who they are.
func goesOn(line, words string) bool {
	return len([]rune(words)) > 90 || strings.HasSuffix(line, "?") || strings.HasSuffix(line, ":") ||
		listLine.MatchString(line) || isQuoted(line) || postscript.MatchString(words)
}
