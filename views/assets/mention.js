// Offers people while somebody types @ and the beginning of a name. Without it the
// same word typed in full does the same.
import { counted } from './counted.js'

const typed = /(?:^|[^\w.@/\\&#+-])@([a-z0-9]+(?:-[a-z0-9]*)*)$/i

for (const box of document.querySelectorAll('[data-suggest]')) {
  const field = document.getElementById(box.dataset.field)
  if (field) offer(box, field)
}

function offer(box, field) {
  const list = document.createElement('ul')
  list.id = `${field.id}-people`
  list.className = 'mh-people'
  list.hidden = true
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', box.dataset.label)
  const status = document.createElement('p')
  status.className = 'govuk-visually-hidden'
  status.setAttribute('role', 'status')
  box.append(list, status)
  field.setAttribute('aria-autocomplete', 'list')
  field.setAttribute('aria-controls', list.id)

  let chosen = -1
  let timer = 0
  let running = null

  const begun = () => {
    if (field.selectionStart !== field.selectionEnd) return null
    const found = typed.exec(field.value.slice(Math.max(0, field.selectionStart - 62), field.selectionStart))
    return found && found[1]
  }
  const close = () => {
    clearTimeout(timer)
    running?.abort()
    list.hidden = true
    list.replaceChildren()
    status.textContent = ''
    chosen = -1
    field.removeAttribute('aria-activedescendant')
  }
  const mark = (n) => {
    const options = [...list.children]
    chosen = (n + options.length) % options.length
    options.forEach((option, i) => option.setAttribute('aria-selected', String(i === chosen)))
    field.setAttribute('aria-activedescendant', options[chosen].id)
    options[chosen].scrollIntoView({ block: 'nearest' })
  }
  const put = (handle) => {
    const at = field.selectionStart
    field.setRangeText(`@${handle} `, at - begun().length - 1, at, 'end')
    close()
    field.focus()
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const show = (people) => {
    list.replaceChildren(...people.map((person, i) => {
      const option = document.createElement('li')
      option.id = `${list.id}-${i}`
      option.setAttribute('role', 'option')
      option.setAttribute('aria-selected', 'false')
      option.dataset.handle = person.handle
      const name = document.createElement('strong')
      name.textContent = person.name
      option.append(name, ` @${person.handle}`, document.createElement('br'), [person.job, person.council].filter(Boolean).join(', '))
      return option
    }))
    list.hidden = false
    status.textContent = counted(box, people.length)
    chosen = -1
    field.removeAttribute('aria-activedescendant')
  }
  const ask = async (word) => {
    running?.abort()
    running = new AbortController()
    try {
      const address = new URL(box.dataset.suggest, location.href)
      address.searchParams.set('q', word)
      const answer = await fetch(address, { headers: { Accept: 'application/json' }, signal: running.signal })
      if (!answer.ok || answer.redirected) return close()
      const people = await answer.json()
      if (people.length > 0 && begun() === word && document.activeElement === field) show(people)
      else close()
    } catch {
      // An older question, or no connection: the word can be typed in full.
    }
  }

  field.addEventListener('input', () => {
    clearTimeout(timer)
    const word = begun()
    if (word) timer = setTimeout(ask, 200, word)
    else close()
  })
  field.addEventListener('keydown', (event) => {
    if (list.hidden || event.isComposing) return
    if (event.key === 'ArrowDown') mark(chosen + 1)
    else if (event.key === 'ArrowUp') mark(chosen < 0 ? -1 : chosen - 1)
    else if (event.key === 'Escape') close()
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen >= 0) put(list.children[chosen].dataset.handle)
    else return
    event.preventDefault()
  })
  field.addEventListener('blur', close)
  list.addEventListener('pointerdown', (event) => event.preventDefault()) // the field keeps the focus
  list.addEventListener('click', (event) => {
    const option = event.target.closest('[role="option"]')
    if (option && begun()) put(option.dataset.handle)
  })
}
