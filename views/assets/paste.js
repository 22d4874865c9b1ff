// What is pasted from Word, Outlook, Excel or a web page becomes Markdown: lists,
// links, tables, bold and italics. Whatever else it wore is left behind.
const block = /^(P|DIV|H[1-6]|UL|OL|LI|TABLE|TR|BLOCKQUOTE|PRE|SECTION|ARTICLE|HEADER|FOOTER|DL|DT|DD|HR|CENTER)$/
const worth = 'table, ul, ol, a[href], b, strong, i, em, h1, h2, h3, h4, h5, h6, blockquote, [data-style*="mso-list"], [data-style*="font-weight"], [data-style*="font-style"]'
const address = /^https?:\/\/\S+$/i

// read makes a document of HTML in which nothing runs, loads or has a style.
function read(html) {
  const fragment = html.match(/<!--StartFragment-->([\s\S]*)<!--EndFragment-->/i)
  // Excel and Word put their marks inside the table or list: then the whole is read.
  const inner = fragment && /^\s*<(?:tr|td|col|li|t[dhr])\b/i.test(fragment[1]) ? html : fragment?.[1] ?? html
  const bare = inner
    .replace(/<(style|script|title|xml|o:p|head)\b[^>]*>[\s\S]*?<\/\1>/gi, '')
    .replace(/<!--[\s\S]*?-->|<!\[[^\]]*\]>/g, '')
    .replace(/(<[^>]*?\s)style=/gi, '$1data-style=')
    .replace(/<(img|link|meta|iframe|object|embed)\b[^>]*>/gi, '')
  return new DOMParser().parseFromString(bare, 'text/html').body
}

const style = (node) => (node.getAttribute('data-style') ?? '').toLowerCase().replace(/\s*:\s*/g, ':')

function escape(text) {
  return text.replace(/([\\`*[\]<])/g, '\\$1').replace(/(^|\W)_|_(?=\W|$)/g, (m) => m.replace('_', '\\_'))
}

// marked puts a mark around words, and the spaces outside of it.
function marked(mark, text) {
  const [, before, inner, after] = text.match(/^(\s*)([\s\S]*?)(\s*)$/)
  return inner ? before + mark + inner + mark + after : text
}

// inline is the text of a node on one line, with its marks.
function inline(node, within = {}) {
  if (node.nodeType === Node.TEXT_NODE) return escape(node.data.replace(/[ \t\r\n\u00a0]+/g, ' '))
  if (node.nodeType !== Node.ELEMENT_NODE) return ''
  if (node.tagName === 'BR') return '\n'
  const css = style(node)
  if (css.includes('mso-list:ignore') || css.includes('display:none')) return ''
  const tag = node.tagName
  const normal = /font-weight:(normal|400)/.test(css)
  const bold = !within.bold && !normal && (/^(B|STRONG)$/.test(tag) || /font-weight:(bold|[6-9]00)/.test(css))
  const italic = !within.italic && !/font-style:normal/.test(css) && (/^(I|EM)$/.test(tag) || /font-style:italic/.test(css))
  const inside = { bold: within.bold || bold, italic: within.italic || italic }
  let text = [...node.childNodes].map((child) => inline(child, inside)).join('')
  if (italic) text = marked('*', text)
  if (bold) text = marked('**', text)
  const href = tag === 'A' ? node.getAttribute('href') ?? '' : ''
  if (/^(https?:|mailto:)/i.test(href) && text.trim()) {
    const to = href.replace(/[()\s<>]/g, encodeURIComponent).replace(/\(/g, '%28').replace(/\)/g, '%29')
    text = text.trim() === escape(href) ? `<${to}>` : text.replace(/^(\s*)([\s\S]*?)(\s*)$/, `$1[$2](${to.replace(/\$/g, '$$$$')})$3`)
  }
  return text
}

// lineStart keeps words at the beginning of a line from becoming a mark.
const lineStart = (text) => text.replace(/^(\s*)([#>+-]|\d+[.)])(?=\s|$)/gm, (_, space, sign) => space + sign.replace(/([#>+\-.)])/, '\\$1'))

function line(node) {
  return inline(node).replace(/ *\n */g, '\n').replace(/ {2,}/g, ' ').trim()
}

function table(node) {
  const rows = [...node.rows].map((row) => [...row.cells].flatMap((cell) => {
    const text = blocks(cell).join(' ').replace(/\s*\n\s*/g, ' ').replace(/\|/g, '\\|')
    return [text, ...Array(Math.max(1, Math.min(cell.colSpan, 50)) - 1).fill('')]
  })).filter((cells) => cells.some(Boolean))
  return rowsOf(rows)
}

function rowsOf(rows) {
  const width = Math.max(...rows.map((cells) => cells.length))
  const show = (cells) => `| ${Array.from({ length: width }, (_, i) => cells[i] ?? '').join(' | ')} |`
  return [show(rows[0]), show(Array(width).fill('---')), ...rows.slice(1).map(show)].join('\n')
}

// A table of one column, or of tables, is there for the looks: mails have such.
const forLooks = (node) => node.querySelector('table') || [...node.rows].every((row) => row.cells.length < 2)

function list(node, depth) {
  let n = Number(node.getAttribute('start') ?? 1) || 1
  const lines = []
  for (const item of node.children) {
    if (/^(UL|OL)$/.test(item.tagName)) {
      lines.push(list(item, depth + 1))
      continue
    }
    const sign = node.tagName === 'OL' ? `${n++}. ` : '- '
    const pad = ' '.repeat(depth * 4)
    const [first = '', ...more] = blocks(item, depth + 1)
    lines.push(pad + sign + first.replace(/\n/g, '\n' + pad + '    '))
    for (const part of more) lines.push(/^\s*(- |\d+\. )/.test(part) ? part : pad + '    ' + part.replace(/\n/g, '\n' + pad + '    '))
  }
  return lines.join('\n')
}

// wordItem is a paragraph that Word means as an item of a list.
function wordItem(node) {
  const found = style(node).match(/mso-list:\s*\S+\s+level(\d+)/)
  if (!found) return null
  const sign = [...node.querySelectorAll('[data-style]')].find((e) => style(e).includes('mso-list:ignore'))?.textContent.trim() ?? ''
  return { depth: Math.min(5, found[1] - 1), numbered: /^[(]?[0-9a-z]{1,4}[.)]/i.test(sign), text: line(node) }
}

// blocks are the paragraphs, lists and tables of a node.
function blocks(node, depth = 0) {
  const all = []
  let run = []
  let items = []
  const numbers = []
  const close = () => {
    if (run.length) {
      const holder = document.implementation.createHTMLDocument('').createElement('span')
      run.forEach((n) => holder.append(n.cloneNode(true)))
      const text = lineStart(line(holder))
      if (text) all.push(text)
      run = []
    }
    if (items.length) all.push(items.join('\n'))
    items = []
    numbers.length = 0
  }
  for (const child of [...node.childNodes]) {
    const tag = child.tagName ?? ''
    const item = tag === 'P' || tag === 'DIV' || /^H\d$/.test(tag) ? wordItem(child) : null
    if (item) {
      if (run.length) close()
      numbers.length = item.depth + 1
      numbers[item.depth] = (numbers[item.depth] ?? 0) + 1
      items.push(' '.repeat(item.depth * 4) + (item.numbered ? `${numbers[item.depth]}. ` : '- ') + item.text)
      continue
    }
    if (!block.test(tag) && !child.querySelector?.('p, div, ul, ol, table')) {
      if (items.length && !child.textContent.trim()) continue
      if (items.length) close()
      run.push(child)
      continue
    }
    close()
    if (tag === 'UL' || tag === 'OL') all.push(list(child, depth))
    else if (tag === 'TABLE' && !forLooks(child)) all.push(table(child))
    else if (/^H[1-6]$/.test(tag)) all.push(...[line(child)].filter(Boolean).map((t) => '#'.repeat(Math.min(4, Number(tag[1]) + 1)) + ' ' + t.replace(/\*\*/g, '')))
    else if (tag === 'BLOCKQUOTE') all.push(blocks(child).join('\n\n').replace(/^/gm, '> '))
    else if (tag === 'PRE') all.push('```\n' + child.textContent.replace(/\s+$/, '') + '\n```')
    else if (tag === 'HR') all.push('---')
    else all.push(...blocks(child, depth))
  }
  close()
  return all
}

// markdownOf is the Markdown of pasted HTML; empty if it says no more than its text.
export function markdownOf(html) {
  const body = read(html)
  return body.querySelector(worth) ? blocks(body).join('\n\n') : ''
}

// tableOf is the table of cells that come as text, as from a spreadsheet.
export function tableOf(text) {
  const rows = text.replace(/\r/g, '').replace(/\n+$/, '').split('\n').map((row) => row.split('\t'))
  if (rows.length < 2 || rows[0].length < 2 || rows.some((cells) => cells.length !== rows[0].length)) return ''
  return rowsOf(rows.map((cells) => cells.map((cell) => escape(cell.trim()).replace(/\|/g, '\\|'))))
}

// put types words where the cursor is, so that the browser can take them back.
function put(field, text) {
  field.focus()
  const { selectionStart, selectionEnd } = field
  field.setSelectionRange(0, 0) // or what was typed before would be one step with it
  field.setSelectionRange(selectionStart, selectionEnd)
  if (!document.execCommand('insertText', false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end')
    field.dispatchEvent(new InputEvent('input', { bubbles: true }))
  }
}

export function pasteMarkdown(field) {
  field.addEventListener('paste', (event) => {
    const plain = event.clipboardData?.getData('text/plain') ?? ''
    const html = event.clipboardData?.getData('text/html') ?? ''
    const chosen = field.value.slice(field.selectionStart, field.selectionEnd)
    let text = ''
    if (chosen.trim() && !chosen.includes('\n') && address.test(plain.trim()) && !address.test(chosen.trim())) {
      text = `[${chosen}](${plain.trim().replace(/\(/g, '%28').replace(/\)/g, '%29')})`
    } else {
      text = (html && markdownOf(html)) || tableOf(plain)
    }
    if (!text) return
    event.preventDefault()
    // A list or table begins a paragraph of its own.
    const before = field.value.slice(0, field.selectionStart)
    if (/^(- |\d+\. |\||#|> )/.test(text) && before && !before.endsWith('\n\n')) text = (before.endsWith('\n') ? '\n' : '\n\n') + text
    put(field, text)
  })
}
