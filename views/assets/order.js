// Cards are put in order by dragging them; each has buttons that do the same.
for (const list of document.querySelectorAll('[data-order]')) {
  const hint = document.createElement('p')
  hint.className = 'mh-small mh-muted'
  hint.textContent = list.dataset.order
  list.before(hint)
  let dragged
  for (const card of list.children) {
    card.draggable = true
    card.addEventListener('dragstart', (event) => {
      dragged = card
      event.dataTransfer.effectAllowed = 'move'
    })
    card.addEventListener('dragover', (event) => {
      if (!dragged) return
      event.preventDefault()
      const all = [...list.children]
      if (card !== dragged) card[all.indexOf(dragged) < all.indexOf(card) ? 'after' : 'before'](dragged)
    })
    card.addEventListener('drop', (event) => {
      if (!dragged) return
      event.preventDefault()
      const form = dragged.querySelector('form[action$="/move"]')
      form.elements.to.value = [...list.children].indexOf(dragged) + 1
      form.requestSubmit()
    })
  }
}
