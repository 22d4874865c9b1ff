package views

import "moothall/forum"

// editBack is where the post stands that is being edited.
func editBack(p forum.EditPage) string {
	return PostPath(forum.PostPlace{ThreadID: p.Thread.ID, Kind: p.Thread.Kind, Slug: p.Thread.Slug, PostID: p.Post.ID, Number: p.Post.Number,
		Pages: (p.Thread.PostCount + forum.PostsPerPage - 1) / forum.PostsPerPage})
}
