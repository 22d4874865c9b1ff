// Makes views/assets/built from the Sass, the script and the pictures here:
// each file as it is, and pressed by brotli and gzip. Nothing in the outcome
// depends on the time or the machine, so --check can build again elsewhere and
// compare.
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'
import { compile } from 'sass'
import { picture, places, wordmark } from './icons.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const built = join(here, 'built')

function stylesheet() {
  const { css } = compile(join(here, 'moothall.scss'), {
    loadPaths: [join(here, '../../node_modules')],
    style: 'compressed',
  })
  if (/url\((?!(icons|logo)\.svg\))|@font-face|GDS Transport/.test(css)) {
    throw new Error('the stylesheet may ask for nothing but the icons and the logo: no other url(), no font')
  }
  const hash = (drawn) => createHash('sha256').update(drawn).digest('hex').slice(0, 10) // as assets.go has it
  return css.replaceAll('url(icons.svg)', `url(/assets/icons.${hash(picture)}.svg)`).replaceAll('url(logo.svg)', `url(/assets/logo.${hash(wordmark)}.svg)`) + places
}

function script() {
  const { outputFiles } = buildSync({
    entryPoints: [join(here, 'moothall.js')],
    bundle: true, format: 'esm', minify: true, legalComments: 'none',
    target: ['es2020'], write: false,
  })
  return outputFiles[0].text
}

function build(folder) {
  const made = { css: stylesheet(), js: script() } // before anything is taken away
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const put = (name, body, pressed) => {
    const bytes = Buffer.from(body)
    writeFileSync(join(folder, name), bytes)
    if (!pressed) return
    const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
    writeFileSync(join(folder, name + '.br'), brotliCompressSync(bytes, { params: quality }))
    const gz = gzipSync(bytes, { level: 9 })
    gz[9] = 255 // the header names the operating system; 255 is "unknown" (RFC 1952 §2.3.1)
    writeFileSync(join(folder, name + '.gz'), gz)
  }
  put('moothall.css', made.css, true)
  put('moothall.js', made.js, true)
  put('icons.svg', picture, true)
  put('logo.svg', wordmark, true)
  put('favicon.svg', readFileSync(join(here, 'favicon.svg')), true)
  put('opengraph.png', readFileSync(join(here, 'opengraph.png')), false)
}

function check() {
  const fresh = mkdtempSync(join(tmpdir(), 'moothall-assets-'))
  try {
    build(fresh)
    const names = new Set([...readdirSync(fresh), ...readdirSync(built)])
    const different = [...names].filter((name) => !same(join(fresh, name), join(built, name)))
    if (different.length > 0) {
      console.error(`not what npm run assets makes: ${different.join(', ')}`)
      process.exitCode = 1
    }
  } finally {
    rmSync(fresh, { recursive: true })
  }
}

// same compares what is in two files: pressed ones are unpacked first, since
// another version of Node may press the same bytes a little differently.
function same(a, b) {
  try {
    const unpack = { '.br': brotliDecompressSync, '.gz': gunzipSync }[extname(a)] ?? ((bytes) => bytes)
    return unpack(readFileSync(a)).equals(unpack(readFileSync(b)))
  } catch {
    return false
  }
}

if (process.argv.includes('--check')) {
  check()
} else {
  build(built)
}
