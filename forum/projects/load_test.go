package projects_test

import (
	"fmt"
	"strings"
	"testing"

	"moothall/forum"
	"moothall/forum/projects"
)

func (h *hall) load(t *testing.T, file string) (added int, faults []projects.Fault) {
	t.Helper()
	known, err := h.Known(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows, faults := projects.ReadProjects(strings.NewReader(file), known)
	if faults != nil {
		return 0, faults
	}
	for _, row := range rows {
		there, err := h.Load(t.Context(), h.ada, row, known)
		if err != nil {
			t.Fatalf("line %d: %v", row.Line, err)
		}
		if there {
			added++
		}
	}
	return added, nil
}

// A file of projects comes into the register with all that it says; loaded again it
// changes nothing.
func TestAFileOfProjectsIsLoadedOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	file := "\ufeffexternal_id,title,summary,phase,council,begun,confirmed,topics,cost_band,products,standards,offers,code_url,code_licence\r\n" +
		"a-1,Bins,Sensors in bins.,Live,southmoor,2025-02-03,2026-01-02,waste-management,under-10k,Binwatch; Lamp,Open311,call; code,https://example.org/bins,MIT\r\n" +
		"a-2,\"Lamps, too\",Sensors in lamps.,idea,,,,,,,,,,\r\n"
	for want := range 2 {
		if added, faults := h.load(t, file); added != 2-2*want || faults != nil {
			t.Fatalf("round %d: %d added, %v", want+1, added, faults)
		}
	}
	l := h.register(t, forum.Person{}, projects.Filter{Product: "binwatch", Topic: "waste-management", Offer: "code"})
	if l.Total != 1 || l.Cards[0].CouncilSlug != "southmoor" || l.Cards[0].ConfirmedAt.Format("2006-01-02") != "2026-01-02" {
		t.Fatalf("the register has %+v", l)
	}
	p := h.page(t, h.ada, l.Cards[0].ID)
	if p.Project.Licence != "MIT" || p.Project.Standards != "Open311" || len(p.Products) != 2 || p.Steps[0].On.Format("2006-01-02") != "2025-02-03" {
		t.Errorf("its page has %+v", p.Project)
	}
	if h.register(t, h.ada, projects.Filter{}).Total != 3 {
		t.Error("one is missing or twice")
	}
}

// What is wrong with a file is said with the line, and nothing of it is loaded.
func TestAFileThatIsWrongIsRefusedWithItsLines(t *testing.T) {
	t.Parallel()
	h := open(t)
	const head = "external_id,title,summary,phase,council,begun,topics,evidence_url\n"
	for file, want := range map[string]string{
		"":                                          "1: this is no CSV",
		"PK\x03\x04garbage":                         "1: no column is called",
		"external_id,title,summary\n":               "1: column phase is missing",
		"title,title\n":                             "1: column title is there twice",
		head + "a,b,c\n":                            "2: it has 3 fields",
		head + "a,,c,live,,,,\n":                    "2: title: 1 to 150",
		head + "a,b,c,gamma,,,,\n":                  "2: phase: idea",
		head + "a,b,c,live,atlantis,,,\n":           "2: council: no council",
		head + "a,b,c,live,,2099-01-01,,\n":         "2: begun: 2099-01-01 is still to come",
		head + "a,b,c,live,,3/4/25,,\n":             "2: begun: \"3/4/25\" is no day",
		head + "a,b,c,live,,,cakes,\n":              "2: topics: there is no topic",
		head + "a,b,c,live,,,,javascript:x\n":       "2: evidence_url: an address on the web",
		head + "a,b,c,live,,,,\na,b,c,live,,,,\n":   "3: external_id \"a\" stands in line 2 too",
		head + "a,b,c,live,,,,\nb,\"b,c,live,,,,\n": "3: a quotation mark is open",
		head + "a,\xff\xfe,c,live,,,,\n":            "2: column title is not in UTF-8",
	} {
		_, faults := h.load(t, file)
		if len(faults) == 0 || !strings.HasPrefix(fmt.Sprintf("%d: %s", faults[0].Line, faults[0].Says), want) {
			t.Errorf("%q: %v, want %s", file, faults, want)
		}
	}
	known, _ := h.Known(t.Context())
	rows, faults := projects.ReadProjects(strings.NewReader(head+strings.Repeat("nonsense,,,,,,,\n", 10000)), known)
	if len(faults) < 10000 || len(rows) != 10000 {
		t.Errorf("of garbage %d rows, %d faults", len(rows), len(faults))
	}
}
