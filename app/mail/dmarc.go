package mail

import "strings"

// DMARC is what a relay says of the sender of a mail (RFC 8601): pass, fail, none. Only
// its own word counts, and of several the topmost: what stands below that may be anybody's.
// Where one cannot be read, or says two things, or that it is of another domain than that of
// the address which we have read, it is none.
func DMARC(results []string, relay, from string) string {
	for _, line := range results {
		parts, ok := resultParts(line)
		if !ok {
			return "none" // it may be the relay's
		}
		by, _, _ := strings.Cut(parts[0], " ")
		if strings.EqualFold(by, relay) {
			return dmarcIn(parts[1:], from)
		}
	}
	return "none"
}

// dmarcIn is the one result of DMARC among the parts of a header.
func dmarcIn(parts []string, from string) string {
	found := ""
	for _, part := range parts {
		first, _, _ := strings.Cut(part, " ")
		method, result, ok := strings.Cut(first, "=")
		method, _, _ = strings.Cut(method, "/") // its version
		switch {
		case part == "" || part == "none":
		case !ok || method == "" || result == "":
			return "none"
		case !strings.EqualFold(method, "dmarc"):
		case found != "" || strings.EqualFold(result, "pass") && !isOf(part, from):
			return "none"
		default:
			found = strings.ToLower(result)
		}
	}
	if found == "" {
		return "none"
	}
	return found
}

// isOf reports whether a result is of an address's domain, as far as it says so: the relay
// may have read another address in the mail than we have.
func isOf(part, from string) bool {
	part = strings.NewReplacer(" . ", ".", " .", ".", ". ", ".").Replace(strings.ToLower(part))
	for _, property := range strings.Fields(part) {
		if of, ok := strings.CutPrefix(property, "header.from="); ok && domainOf(of) != domainOf(strings.ToLower(from)) {
			return false
		}
	}
	return true
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// resultParts cuts the header at its semicolons, without comments, and with one space
// at most between words and none around signs. What is in quotes holds no place for a
// cut, and is left out for a sign that no word has. It is not ok where quotes or comments
// do not end, or where one cannot tell which of them something is in.
func resultParts(line string) (parts []string, ok bool) {
	var b strings.Builder
	for rest := line; rest != ""; {
		n := 1
		switch c := rest[0]; {
		case c == '"':
			n = quotedEnd(rest)
			b.WriteByte('"')
		case c == '(':
			n = commentEnd(rest)
			b.WriteByte(' ')
		case c == ')' || c == '\\' || c == 0x7f || c < ' ' && !strings.ContainsRune("\t\r\n", rune(c)):
			return nil, false
		case c < ' ':
			b.WriteByte(' ')
		default:
			b.WriteByte(c)
		}
		if n == 0 {
			return nil, false
		}
		rest = rest[n:]
	}
	for part := range strings.SplitSeq(b.String(), ";") {
		part = strings.Join(strings.Fields(part), " ")
		parts = append(parts, strings.NewReplacer(" = ", "=", " =", "=", "= ", "=", " / ", "/", " /", "/", "/ ", "/").Replace(part))
	}
	return parts, true
}

// quotedEnd is how long what is in quotes is, from the quote that text begins with on; 0
// where it does not end.
func quotedEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// commentEnd is how long the comment is that text begins with; 0 where it does not end, or
// has a quote in it: a relay that puts a sender's address there may not have escaped it.
func commentEnd(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return 0
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
