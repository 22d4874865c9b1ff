// Says on an open thread that others have replied since, without stealing the
// reader's place. It asks every half minute while somebody is there, seldom while
// nobody moves, and not at all while the page is hidden.
import { counted } from './counted.js'

const soon = 30_000
const seldom = 180_000
const idleAfter = 120_000

const box = document.querySelector('[data-since]')
if (box) watch(box, box.querySelector('[role="status"]'), box.querySelector('p:not([role])'))

function watch(box, status, check) {
  let timer = 0
  let failures = 0
  let told = 0
  let asked = Date.now()
  let active = Date.now()
  const title = document.title

  const wait = () => {
    const pace = Date.now() - active > idleAfter || told > 0 ? seldom : soon
    return Math.min(pace * 2 ** failures, 900_000)
  }
  const plan = () => {
    clearTimeout(timer)
    if (!document.hidden) timer = setTimeout(ask, Math.max(0, asked + wait() - Date.now()))
  }
  const tell = (count) => {
    if (count === told) return
    told = count
    const link = document.createElement('a')
    link.href = box.dataset.href
    link.textContent = counted(box, count)
    status.replaceChildren(link)
    check.hidden = true
    document.title = `(${count}) ${title}`
  }
  const ask = async () => {
    asked = Date.now()
    try {
      const answer = await fetch(box.dataset.since, { headers: { Accept: 'application/json' } })
      if (!answer.ok) throw new Error(answer.status)
      failures = 0
      if (answer.status === 200) tell((await answer.json()).count)
    } catch {
      failures = Math.min(failures + 1, 5)
    }
    plan()
  }
  const moved = () => {
    const was = active
    active = Date.now()
    if (active - was > idleAfter) plan()
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return clearTimeout(timer)
    active = Date.now()
    if (Date.now() - asked > 5_000) ask()
    else plan()
  })
  for (const event of ['pointermove', 'keydown', 'scroll', 'touchstart']) {
    document.addEventListener(event, moved, { passive: true })
  }
  plan()
}
