// Everything here is a convenience: every page and form works without it.
import '@github/markdown-toolbar-element'
import './mention.js'
import './newer.js'
import './similar.js'
import './find.js'
import './order.js'
import { ErrorSummary } from 'govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs'
import { autosave, forget } from './autosave.js'
import { pasteMarkdown } from './paste.js'

// govuk-frontend's parts look for this class before they do anything.
document.body.classList.add('govuk-frontend-supported')

for (const summary of document.querySelectorAll('[data-module="govuk-error-summary"]')) {
  new ErrorSummary(summary)
}

// A textarea grows with what is typed, up to the height that the stylesheet allows.
function grow(textarea) {
  const edges = textarea.offsetHeight - textarea.clientHeight
  if (textarea.scrollHeight > textarea.clientHeight) {
    textarea.style.height = `${textarea.scrollHeight + edges}px`
  }
}
for (const textarea of document.querySelectorAll('textarea')) {
  grow(textarea)
  textarea.addEventListener('input', () => grow(textarea))
}

for (const form of document.querySelectorAll('form[data-draft]')) {
  autosave(form)
}
for (const form of document.querySelectorAll('form[action="/sign-out"]')) {
  form.addEventListener('submit', forget)
}

// Markdown is taken where its toolbar stands.
for (const bar of document.querySelectorAll('markdown-toolbar')) {
  pasteMarkdown(document.getElementById(bar.getAttribute('for')))
}
