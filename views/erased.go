package views

// named is what somebody is called: by their name, or, when they were erased, by the
// council that they wrote for.
func named(f Frame, name, council string) string {
	switch {
	case name != "":
		return name
	case council != "":
		return f.W.T("erased.former", "Council", council)
	}
	return f.W.T("erased.somebody")
}

// personLink leads to a person's page; whoever was erased has none.
func personLink(name string, id int64, handle string) string {
	if name == "" {
		return ""
	}
	return PersonPath(id, handle)
}

// entryName is who an entry of the audit log is about: whoever was erased is a number.
func entryName(f Frame, name string, id int64) string {
	if name != "" {
		return name
	}
	return f.W.T("erased.number", "Number", id)
}
