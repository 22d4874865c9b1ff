// Shows threads like the title that is being typed. Without it they stand on the preview.
import { counted } from './counted.js'

const rest = 400 // milliseconds without typing

const box = document.querySelector('[data-similar]')
const field = document.getElementById('title')
if (box && field) watch(box, field)

function watch(box, field) {
  const status = box.querySelector('[role="status"]')
  const section = box.querySelector('section')
  const heading = box.querySelector('h2')
  const list = box.querySelector('ol')
  const topic = document.getElementById('topic')
  let timer = 0
  let running = null
  let asked = field.value.trim()

  const row = (thread) => {
    const item = document.createElement('li')
    item.className = 'mh-row mh-row--flat'
    item.dataset.thread = thread.id
    const link = document.createElement('a')
    link.href = thread.url
    link.target = '_blank'
    link.rel = 'noopener'
    link.textContent = thread.title
    const title = document.createElement('h3')
    title.className = 'mh-row__title'
    title.append(link)
    const state = document.createElement('p')
    state.className = 'mh-row__meta'
    state.textContent = box.dataset[thread.state] || ''
    const words = document.createElement('div')
    words.append(title, state)
    const button = document.createElement('button')
    button.className = 'mh-quiet mh-quiet--line mh-i--tick'
    button.formAction = `/threads/${thread.id}/answers-me`
    const about = document.createElement('span')
    about.textContent = ` ${thread.title}`
    button.append(box.dataset.button, about)
    const end = document.createElement('div')
    end.className = 'mh-row__end'
    end.append(button)
    item.append(words, end)
    return item
  }
  const show = (threads) => {
    section.hidden = threads.length === 0
    list.replaceChildren(...threads.map(row))
    const text = threads.length > 0 ? counted(box, threads.length) : ''
    heading.textContent = text
    if (status.textContent !== text) status.textContent = text // said once
  }
  const ask = async () => {
    const title = field.value.trim()
    if (title === asked) return
    asked = title
    running?.abort()
    running = new AbortController()
    const { signal } = running
    try {
      const address = new URL(box.dataset.similar, location.href)
      address.searchParams.set('title', title)
      if (topic?.value) address.searchParams.set('topic', topic.value)
      const answer = await fetch(address, { headers: { Accept: 'application/json' }, signal })
      if (!answer.ok || signal.aborted) return
      const threads = await answer.json()
      if (!signal.aborted) show(threads)
    } catch {
      // An older question, or no connection: asking goes on.
    }
  }
  field.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(ask, rest)
  })
}
