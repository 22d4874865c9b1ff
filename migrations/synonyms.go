package migrations

// synonyms are words that mean the same, to begin with. Curators add to them and take
// some away: one that was taken away stays away.
var synonyms = reference{
	name:       "synonyms",
	files:      map[string][]string{"synonyms": {"data/synonyms.csv"}},
	statements: []string{addSynonyms},
}

const addSynonyms = `
	insert into synonyms (word, means, capitals)
	select word, means, capitals is not null
	from json_to_recordset(@synonyms::json) as r (word text, means text, capitals text)
	on conflict (lower(word), lower(means)) do nothing`
