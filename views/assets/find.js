// Offers names like the one that is being typed, from the address that a datalist names.
// Without it the form asks again, and shows them then.
const rest = 250 // milliseconds without typing

for (const list of document.querySelectorAll('datalist[data-find]')) {
  const field = document.querySelector(`input[list="${list.id}"]`)
  let timer = 0
  let running = null
  field?.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(ask, rest)
  })

  async function ask() {
    const typed = field.value.trim()
    running?.abort()
    running = new AbortController()
    if (!typed) return list.replaceChildren()
    const address = new URL(list.dataset.find, location.href)
    address.searchParams.set('q', typed)
    try {
      const answer = await fetch(address, { signal: running.signal, headers: { Accept: 'application/json' } })
      if (!answer.ok) return
      list.replaceChildren(...(await answer.json()).map((name) => new Option(name, name)))
    } catch {
      // Offline, or typed on meanwhile: what is typed can be sent all the same.
    }
  }
}
