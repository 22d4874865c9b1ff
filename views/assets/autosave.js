// Keeps what is typed on the server while somebody types. A copy stays in the
// browser only while the server cannot be reached: computers in councils are shared.
const rest = 2000 // after typing stops
const least = 10000 // between two saves
const proofs = ['_csrf', 'idempotency', 'draft', 'action', 'residents']
// In the form of a draft these words mean something else.
const otherNames = { kind: 'thread_kind', version: 'post_version' }
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/London' })

function place(form) {
  const { person, draft, target } = form.dataset
  return `moothall ${person} ${draft} ${target}`
}

// stored works on the browser's own store, which may be full or forbidden.
function stored(what) {
  try {
    return what(window.localStorage)
  } catch {
    return null
  }
}

// words is what somebody typed or chose in a form.
function words(form) {
  const all = new URLSearchParams(new FormData(form))
  proofs.forEach((name) => all.delete(name))
  return all.toString()
}

// sent is the form of a draft.
function sent(form, typed, version, page) {
  const all = new URLSearchParams()
  for (const [name, value] of new URLSearchParams(typed)) all.append(otherNames[name] ?? name, value)
  all.set('_csrf', form.elements._csrf.value)
  all.set('idempotency', page)
  all.set('kind', form.dataset.draft)
  all.set('target', form.dataset.target)
  all.set('version', version)
  return all
}

function fill(form, typed) {
  const all = new URLSearchParams(typed)
  for (const field of form.elements) {
    if (field.type === 'hidden' || !field.name || field.tagName === 'BUTTON') continue
    const values = all.getAll(field.name)
    if (field.type === 'radio' || field.type === 'checkbox') field.checked = values.includes(field.value)
    else if (values.length > 0) field.value = values[0]
  }
}

export function autosave(form) {
  const said = form.querySelector('.mh-saved')
  const version = form.elements.draft
  if (!said || !version) return
  let last = words(form)
  let at = -least
  let timer = 0
  let busy = false
  let over = false // the form is being sent

  const say = (sentence, fine = false) => {
    if (said.textContent !== sentence) said.textContent = sentence // said aloud only when it changes
    said.classList.toggle('mh-saved--wait', !fine)
  }
  const plan = (wait) => {
    clearTimeout(timer)
    timer = setTimeout(save, Math.max(wait, at + least - performance.now()))
  }

  const post = (typed, known, page, leaving) => fetch('/drafts', {
    method: 'POST', body: sent(form, typed, known, page), headers: { Accept: 'application/json' }, redirect: 'manual',
    keepalive: leaving && typed.length < 50000, // browsers take no more along
  })

  async function save(leaving = false) {
    const typed = words(form)
    if (over || busy || typed === last) return
    busy = true
    at = performance.now()
    try {
      const answer = await post(typed, version.value, form.elements.idempotency.value, leaving)
      if (!over) await heard(answer, typed)
    } catch {
      if (!over) { // what is sent has it all: brought back later it would undo what was chosen there
        stored((s) => s.setItem(place(form), JSON.stringify({ typed, version: version.value, page: form.elements.idempotency.value })))
        say(said.dataset.away)
        plan(least)
      }
    }
    busy = false
    if (!over && typed === last && words(form) !== last) plan(rest)
  }

  async function heard(answer, typed) {
    if (answer.ok) {
      const { version: now, saved_at: when } = await answer.json()
      version.value = now
      last = typed
      say(said.dataset.saved.replace('{time}', clock.format(new Date(when))), true)
    } else if (answer.status === 409) {
      const { version: now } = await answer.json()
      if (now === 0) version.value = 0 // the next change begins a new draft
      last = typed // what came too late is kept beside the other text
      say(now === 0 ? said.dataset.posted : said.dataset.changed)
    } else if (answer.type === 'opaqueredirect') {
      last = typed
      say(said.dataset.out)
    } else if (answer.status === 429 || answer.status >= 500) {
      say(said.dataset.busy)
      plan(1000 * (Number(answer.headers.get('Retry-After')) || 10))
      return
    } else {
      last = typed
      say(answer.status === 403 ? said.dataset.lost : said.dataset.room)
      return
    }
    stored((s) => s.removeItem(place(form)))
  }

  // back brings the words to the server that it had not got when the page was left.
  async function back(copy) {
    try {
      const answer = await post(copy.typed, copy.version, copy.page, false)
      if (answer.ok) {
        if (words(form) === last) {
          fill(form, copy.typed)
          last = words(form)
        }
        await heard(answer, last)
        say(said.dataset.found, true)
      } else if (answer.status === 409) {
        stored((s) => s.removeItem(place(form)))
        say(said.dataset.beside)
      }
    } catch {
      plan(least) // the copy stays
    }
  }

  form.addEventListener('input', () => plan(rest))
  form.addEventListener('submit', () => { over = true; clearTimeout(timer) })
  window.addEventListener('pageshow', () => { over = false })
  window.addEventListener('pagehide', () => save(true))
  document.addEventListener('visibilitychange', () => { if (document.hidden) save(true) })
  window.addEventListener('online', () => plan(0))
  const copy = stored((s) => JSON.parse(s.getItem(place(form))))
  if (copy) back(copy)
}

// forget takes every copy away when somebody signs out.
export function forget() {
  stored((s) => Object.keys(s).filter((key) => key.startsWith('moothall ')).forEach((key) => s.removeItem(key)))
}
