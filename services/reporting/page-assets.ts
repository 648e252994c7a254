import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
}
/** Style sheets of every page, in the order in which they count. */
/** In the order of the cascade. */
const STYLES = ['tokens', 'base', 'cards', 'tables', 'forms', 'values', 'dialogs', 'shell'].map(
  (name) => `styles/${name}.css`,
)

export const encodings = ['br', 'gzip', 'identity'] as const
export type Encoding = (typeof encodings)[number]

/** A file as it is sent, in each encoding; compressed when it is first asked for so. */
export interface Asset {
  readonly type: string
  body(encoding: Encoding): Promise<Buffer>
}

/** The dashboard's files under one version: all of them change their address when one changes its content. */
export interface PageAssets {
  /** Of all files together. */
  readonly version: string
  /** By path, as `pages/jobs.js`. */
  readonly files: ReadonlyMap<string, Asset>
  readonly shell: Asset
  /** What the one inline script, the import map, is allowed by: a source of `script-src`. */
  readonly importMapHash: string
  /** The API's documentation has its colours. */
  readonly docsStyle: Asset
}

/** Reads `public/` and the few modules of others that it imports. */
export async function readPageAssets(): Promise<PageAssets> {
  const folder = join(import.meta.dirname, 'public')
  const sources = new Map<string, Buffer>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1)
    if (entry.isFile() && typeOf(path) !== undefined) sources.set(path, await readFile(join(folder, path)))
  }
  for (const [path, content] of await vendored()) sources.set(path, content)

  const version = versionOf(sources)
  const base = `/assets/${version}/`
  const importMap = JSON.stringify({
    imports: {
      preact: `${base}vendor/preact.js`,
      'preact/hooks': `${base}vendor/preact-hooks.js`,
      htm: `${base}vendor/htm.js`,
      uplot: `${base}vendor/uplot.js`,
    },
  })
  const shell = fillIn(await readFile(join(folder, 'index.html'), 'utf8'), {
    base,
    styles: STYLES.map((path) => `<link rel="stylesheet" href="${base}${path}">`).join('\n'),
    importmap: `<script type="importmap">${importMap}</script>`,
    preload: [...sources.keys()]
      .filter(isForEveryPage)
      .map((path) => `<link rel="modulepreload" href="${base}${path}">`)
      .join('\n'),
  })
  return {
    version,
    files: new Map([...sources].map(([path, content]) => [path, assetOf(content, typeOf(path) as string)])),
    shell: assetOf(Buffer.from(shell), 'text/html; charset=utf-8'),
    importMapHash: `'sha256-${createHash('sha256').update(importMap).digest('base64')}'`,
    docsStyle: assetOf(
      Buffer.concat([sources.get('styles/tokens.css') as Buffer, sources.get('docs.css') as Buffer]),
      TYPES.css as string,
    ),
  }
}

/** Modules that the shell needs at once; pages and charts are loaded when somebody goes there. */
function isForEveryPage(path: string): boolean {
  return (
    /^(core|components|shell)\/.*\.js$/.test(path) ||
    ['kit.js', 'routes.js', 'vendor/preact.js', 'vendor/preact-hooks.js', 'vendor/htm.js'].includes(path)
  )
}

/** Modules of the packages that run in the browser, as they are installed. */
async function vendored(): Promise<ReadonlyMap<string, Buffer>> {
  const { resolve } = createRequire(import.meta.url)
  const read = async (path: string) =>
    (await readFile(path, 'utf8')).replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n')
  const uplot = join(dirname(resolve('uplot/package.json')), 'dist')
  return new Map(
    Object.entries({
      'vendor/preact.js': await read(resolve('preact')),
      'vendor/preact-hooks.js': await read(resolve('preact/hooks')),
      'vendor/htm.js': await read(join(dirname(resolve('htm')), 'htm.module.js')),
      // What is published minified is no module: it declares `uPlot`.
      'vendor/uplot.js': `${await read(join(uplot, 'uPlot.iife.min.js'))}\nexport default uPlot\n`,
      'vendor/uplot.css': await read(join(uplot, 'uPlot.min.css')),
    }).map(([path, text]) => [path, Buffer.from(text)]),
  )
}

function versionOf(sources: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256')
  for (const [path, content] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

const typeOf = (path: string): string | undefined => TYPES[path.split('.').at(-1) as string]

function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole)
}

const compressors = {
  br: (content: Buffer) =>
    promisify(brotliCompress)(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    }),
  gzip: (content: Buffer) => promisify(gzip)(content, { level: 9 }),
  identity: async (content: Buffer) => content,
} as const satisfies Readonly<Record<Encoding, unknown>>

function assetOf(content: Buffer, type: string): Asset {
  const bodies: Partial<Record<Encoding, Promise<Buffer>>> = {}
  return {
    type,
    body(encoding) {
      bodies[encoding] ??= compressors[encoding](content)
      return bodies[encoding]
    },
  }
}
