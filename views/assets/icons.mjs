// The small drawings, 20 by 20. The build stacks them in one picture, icons.svg, through
// which the stylesheet paints in the colour of the words beside: a page names a drawing
// and does not hold it.
const drawings = {
  bookmark: '<path d="M5.5 3h9v14L10 13.5 5.5 17z"/>',
  bell: '<path d="M5 13.5V9a5 5 0 0 1 10 0v4.5l1.5 1.5h-13zM8.5 17.5h3"/>',
  bin: '<path d="M4 6h12M8 6V3.5h4V6M5.5 6l1 11h7l1-11"/>',
  clock: '<circle cx="10" cy="10" r="7.5"/><path d="M10 5.5V10l3 2"/>',
  cross: '<path d="M5 5l10 10M15 5L5 15"/>',
  down: '<path d="M10 4v12M5 11l5 5 5-5"/>',
  dot: '<circle fill="#000" stroke="none" cx="10" cy="10" r="5"/>',
  eye: '<path d="M2 10c4-6.5 12-6.5 16 0-4 6.5-12 6.5-16 0z"/><circle cx="10" cy="10" r="2.5"/>',
  flag: '<path d="M5 18V3h10l-2.5 3.5L15 10H5"/>',
  letter: '<rect x="2.5" y="4.5" width="15" height="11" rx="1.5"/><path d="M3 6l7 5 7-5"/>',
  link: '<path d="M8.5 11.5l3-3M9 6l2-2a3.5 3.5 0 0 1 5 5l-2 2M11 14l-2 2a3.5 3.5 0 0 1-5-5l2-2"/>',
  lock: '<rect x="4" y="9" width="12" height="8" rx="1.5"/><path d="M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9"/>',
  merge: '<path d="M5 3v3c0 5 10 3 10 8v3M12 14.5l3 3 3-3"/>',
  pencil: '<path d="M4 16l1-4 8.5-8.5 3 3L8 15z"/>',
  quote: '<path d="M4 6h4v4c0 2.5-1.5 4-4 4M12 6h4v4c0 2.5-1.5 4-4 4"/>',
  search: '<circle cx="8.5" cy="8.5" r="5.5"/><path d="M13 13l4.5 4.5"/>',
  ring: '<circle cx="10" cy="10" r="6.5"/>',
  star: '<path d="M10 3l2.1 4.5 4.9.7-3.5 3.4.8 4.9-4.3-2.3-4.3 2.3.8-4.9L3 8.2l4.9-.7z"/>',
  speech: '<path d="M3 4.5h14v9.5H9l-4 3v-3H3z"/>',
  tick: '<path d="M4 10.5l4.2 4L16 5.5"/>',
  up: '<path d="M10 16V4M5 9l5-5 5 5"/>',
  warning: '<path d="M10 3l8 14H2zM10 8.5v4M10 14.8v.2"/>',
}
const names = Object.keys(drawings)

export const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 ${20 * names.length}" width="20" height="${20 * names.length}" fill="none" stroke="#000" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">` +
  names.map((name, i) => `<g transform="translate(0 ${20 * i})">${drawings[name]}</g>`).join('') + '</svg>'

// Where in the picture each of them stands, for mask-position: by class, and by name for
// what the stylesheet draws without one.
const place = (i) => +(100 * i / (names.length - 1)).toFixed(3) + '%'
export const places = `:root{${names.map((name, i) => `--i-${name}:${place(i)}`).join(';')}}` +
  names.map((name) => `.mh-i--${name}{--i:var(--i-${name})}`).join('')

// The hall on its arcade, and below it the name, drawn as strokes so that no typeface is
// needed: the stylesheet paints through each in its own colour, one over the other.
export const wordmark = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 168 64" width="168" height="64">' +
  '<path fill-rule="evenodd" d="M16 1 31 11.5V13H1v-1.5zM2 15h28v16h-4v-7.5a4.5 4.5 0 0 0-9 0V31h-2v-7.5a4.5 4.5 0 0 0-9 0V31H2z"/>' +
  '<g transform="translate(0 32)" fill="none" stroke="#000" stroke-width="3.1" stroke-linejoin="round">' +
  '<path d="M43.6 26.5V6.6L53.5 19.8 63.4 6.6V26.5M109 8v14.2c0 1.9 1 2.8 2.7 2.8h2.3M105.5 12.8h8.3M119 4.5v22M119 18.6a5.6 5.6 0 0 1 11.2 0v7.9M148.4 11v15.5M155.4 4.5v22M162.4 4.5v22"/>' +
  '<circle cx="75.3" cy="18.6" r="6.5"/><circle cx="94" cy="18.6" r="6.5"/><circle cx="141.9" cy="18.6" r="6.5"/></g></svg>'
