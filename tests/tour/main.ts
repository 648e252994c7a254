/**
 * Walks the tour of a newcomer through the real thing and writes it down with pictures: `npm run docs:tour`. Each step is
 * held to what it is to have brought about, so that the document tells nothing that did not happen.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { freePort } from '#libs/child-process/port.ts'
import { startServer } from '#libs/child-process/server.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import { tourCsv } from './catalogue.ts'
import { tourDocument } from './document.ts'
import { type Visitor, walk } from './walk.ts'

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const folder = mkdtempSync(join(tmpdir(), 'asinstream-tour-'))
const port = await freePort()
const origin = `http://127.0.0.1:${port}`
const started = performance.now()
const seconds = (): number => (performance.now() - started) / 1_000

const asinstream = await startServer({
  name: 'asinstream',
  command: process.execPath,
  args: ['cli/asinstream.ts', 'dev', '--data-dir', join(folder, 'data'), '--port', String(port)],
  logFile: join(folder, 'asinstream.out'),
  pidFile: join(folder, 'asinstream.pid'),
})
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
})
try {
  const answers = async (): Promise<boolean> =>
    (await fetch(`${origin}/readyz`).catch(() => null))?.ok ?? false
  await waitFor(async () => !asinstream.running || (await answers()), {
    what: 'asinstream',
    timeoutMs: 120_000,
  })
  const file = join(folder, 'products.csv')
  writeFileSync(file, tourCsv())
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  const visitor: Visitor = {
    page,
    origin,
    file,
    folder,
    document: tourDocument('docs/tour', seconds),
    output: () => asinstream.lastOutput(60),
  }
  await walk(visitor)
  if (complaints.length > 0) throw new Error(`the pages complained: ${complaints.join('; ')}`)
  writeFileSync('docs/tour/products.csv', tourCsv())
  visitor.document.text(
    `The whole walk took the machine ${Math.round(seconds())} seconds; what a person reads and thinks comes on top.`,
  )
  visitor.document.write('docs/tour.md')
  console.log(`docs/tour.md is written: ${Math.round(seconds())} s`)
} finally {
  await browser.close()
  await asinstream.end('SIGTERM', 15_000)
  rmSync(folder, { recursive: true, force: true })
}
