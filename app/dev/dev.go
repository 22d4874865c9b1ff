// Package dev is what only development needs: a private Postgres, an OpenID
// provider with people to choose from, and a clock that can be moved.
package dev
