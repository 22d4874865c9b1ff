package search

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"moothall/forum"
	"moothall/forum/markup"
)

// aboutLength is how much somebody says of what they like to talk about, in code points.
const aboutLength = 300

// SkillsMost is how many topics somebody chooses as those that they know.
const SkillsMost = 5

// Offer is what somebody offers to others and shows on their page, as they chose it.
type Offer struct {
	Askable      bool   // they may be named as somebody to ask
	About        string // what they like to talk about
	ShowThreads  bool
	ShowAnswers  bool
	ShowProjects bool
}

// unchosen is the offer of who has chosen nothing: what their page showed before there
// was a choice.
var unchosen = Offer{ShowThreads: true}

// OfferDraft is what was chosen on the form.
type OfferDraft struct {
	Offer
	Skills []string // slugs of topics
}

// Clean puts what was typed into the form that is stored: words on one line, each topic
// once.
func (o *OfferDraft) Clean() {
	o.About = strings.Join(strings.Fields(markup.Clean(o.About)), " ")
	var skills []string
	for _, slug := range o.Skills {
		if slug != "" {
			skills = append(skills, slug)
		}
	}
	o.Skills = skills
}

// Check says what keeps it from being taken.
func (o OfferDraft) Check() (bad forum.Invalid) {
	if utf8.RuneCountInString(o.About) > aboutLength {
		bad.Add("about", "offer.about_long", "Max", aboutLength)
	}
	if forum.CheckResidents(o.About, "", 0).Found != nil {
		bad.Add("about", "offer.about_resident")
	}
	if len(o.Skills) > SkillsMost {
		bad.Add("topic", "offer.skills_many", "Max", SkillsMost)
	}
	return bad
}

// offerQuery reads what person @id offers; nothing where they have chosen nothing.
const offerQuery = `
	select f.askable, f.about, f.show_threads, f.show_answers, f.show_projects from person_offers f where f.person_id = @id`

// skillsQuery reads the topics that person @id chose.
const skillsQuery = `
	select o.id, o.slug, o.name from person_skills k join topics o on o.id = k.topic_id where k.person_id = @id order by o.name`

// OfferPage is the form on which somebody chooses what they offer.
type OfferPage struct {
	Draft  OfferDraft
	Topics []forum.Topic // to choose from
	Can    bool
}

// OfferPage reads it, in one round trip.
func (s *Store) OfferPage(ctx context.Context, who forum.Person) (p OfferPage, err error) {
	var offer *Offer
	var skills []forum.Topic
	var list forum.ThreadList
	var b pgx.Batch
	args := pgx.NamedArgs{"id": who.ID}
	b.Queue(offerQuery, args).Query(forum.IntoMaybe(&offer))
	b.Queue(skillsQuery, args).Query(forum.Into(&skills))
	keep := s.Choose(who, &b, &list)
	if err := s.Send(ctx, &b); err != nil {
		return OfferPage{}, err
	}
	keep()
	p.Topics, p.Can, p.Draft.Offer = list.Topics, CanOffer(who), unchosen
	if offer != nil {
		p.Draft.Offer = *offer
	}
	for _, t := range skills {
		p.Draft.Skills = append(p.Draft.Skills, t.Slug)
	}
	return p, nil
}

// Offer keeps what somebody offers, in place of what they offered before.
func (s *Store) Offer(ctx context.Context, who forum.Person, draft OfferDraft) error {
	draft.Clean()
	return s.Do(ctx, who, func(d *forum.Deed) error {
		if _, err := d.Person(ctx, d.Who.ID); err != nil { // so that two forms at once are one after the other
			return forum.ErrForbidden
		}
		if !CanOffer(d.Who) {
			return forum.ErrForbidden
		}
		bad := draft.Check()
		topics, err := d.TopicIDs(ctx, draft.Skills, &bad)
		if err != nil {
			return err
		}
		if bad != nil {
			return bad
		}
		args := pgx.NamedArgs{"who": d.Who.ID, "askable": draft.Askable, "about": draft.About, "threads": draft.ShowThreads,
			"answers": draft.ShowAnswers, "projects": draft.ShowProjects, "topics": append([]int64{}, topics...), "at": d.At}
		_, err = d.Exec(ctx, `
			insert into person_offers (person_id, askable, about, show_threads, show_answers, show_projects, chosen_at)
			values (@who, @askable, @about, @threads, @answers, @projects, @at)
			on conflict (person_id) do update set askable = @askable, about = @about, show_threads = @threads, show_answers = @answers,
				show_projects = @projects, chosen_at = @at`, args)
		if err != nil {
			return err
		}
		_, err = d.Exec(ctx, `
			with gone as (delete from person_skills where person_id = @who and topic_id <> all(@topics))
			insert into person_skills (person_id, topic_id) select @who, id from unnest(@topics::bigint[]) t (id) on conflict do nothing`, args)
		return err
	})
}

// Chosen are those of some people who have said what they offer, whatever that is.
func (s *Store) Chosen(ctx context.Context, people []int64) (chosen []int64, err error) {
	var b pgx.Batch
	b.Queue(`select person_id from person_offers where person_id = any($1)`, people).Query(func(rows pgx.Rows) (err error) {
		chosen, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	err = s.Send(ctx, &b)
	return chosen, err
}

// Forget is what this package does when somebody is erased: what they offered goes.
func (s *Store) Forget(ctx context.Context, d *forum.Deed, personID int64) error {
	_, err := d.Exec(ctx, `with gone as (delete from person_skills where person_id = $1) delete from person_offers where person_id = $1`, personID)
	return err
}
