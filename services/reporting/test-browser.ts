import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import { describeWith, waitFor } from '#tests/support/backing.ts'

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const inCi = ['1', 'true'].includes(process.env.CI ?? '')

/** A page of the dashboard in a browser, for this folder's integration tests. */
export interface OpenPage {
  readonly page: Page
  /** What the page complained of: errors and warnings on its console, exceptions, requests to anywhere else. */
  readonly complaints: string[]
  /** Every request so far, with its size as it came over the wire and unpacked. */
  readonly requests: readonly { readonly url: string; readonly status: number }[]
}

export interface PageOptions {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
}

export interface InBrowser {
  /** A page with a store of its own, closed when the test ends. `origin`: where it may ask. */
  newPage(origin: string, options?: PageOptions): Promise<OpenPage>
}

/** A suite with PostgreSQL and one Chromium; without one it is skipped, in CI it fails. */
export function describeInBrowser(name: string, suite: (browser: InBrowser) => void): void {
  if (!existsSync(CHROMIUM) && !inCi) {
    describe.skip(`${name} (SKIPPED, no browser at ${CHROMIUM}: set CHROMIUM_PATH)`, () => {
      it('needs a browser', () => {})
    })
    return
  }
  describeWith(['postgres'], name, () => {
    let browser: Browser
    /** Of the test: a page that nobody looks at any more asks no further. */
    const contexts: BrowserContext[] = []

    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      })
    })
    afterEach(async () => {
      await Promise.all(contexts.splice(0).map((context) => context.close()))
    })
    afterAll(() => browser?.close())

    suite({
      async newPage(origin, { width = 1440, height = 900, dark = false } = {}) {
        const context = await browser.newContext({
          viewport: { width, height },
          colorScheme: dark ? 'dark' : 'light',
          reducedMotion: 'reduce',
          timezoneId: 'UTC',
          locale: 'en-GB',
          acceptDownloads: true,
        })
        contexts.push(context)
        return watched(await context.newPage(), origin)
      },
    })
  })
}

function watched(page: Page, origin: string): OpenPage {
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  const requests: { url: string; status: number }[] = []
  page.on('console', (message) => {
    // A refused request is told by the page itself, and asserted where it is meant.
    if (['error', 'warning'].includes(message.type()) && !/^Failed to load resource/.test(message.text())) {
      complaints.push(message.text())
    }
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) complaints.push(`asked ${url}`)
  })
  page.on('response', (response) => requests.push({ url: response.url(), status: response.status() }))
  return { page, complaints, requests }
}

/** Its text as it is rendered: hidden parts do not count. */
// biome-ignore lint/performance/useDomNodeTextContent: that is what a reader sees
export const read = (locator: Locator): Promise<string> => locator.innerText()

/** Waits until a reader sees `part` in it. */
export const until = (locator: Locator, part: string) =>
  waitFor(async () => (await read(locator)).includes(part), { what: part })

/** Waits until nothing on the page is still loading for the first time. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor()
  await waitFor(async () => (await page.locator('[data-loading]').count()) === 0, {
    what: 'the page to be loaded',
  })
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly help: string
    readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[]
  }[]
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe finds against WCAG 2.2 A and AA and its own best practices, as short texts. */
export async function axe(page: Page): Promise<readonly string[]> {
  // Through the debugger: the policy of the page lets no foreign script in, and need not.
  if (!(await page.evaluate('"axe" in window'))) {
    const { readFile } = await import('node:fs/promises')
    await page.evaluate(await readFile(axePath, 'utf8'))
  }
  const { violations } = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] })`,
  )) as AxeResults
  return violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes
        .slice(0, 4)
        .map(
          ({ target, failureSummary }) => `${target.join(' ')} (${failureSummary?.split('\n')[1]?.trim()})`,
        )
        .join('; ')}`,
  )
}

/** How many pixels the page is wider than its window; 0 when it does not scroll sideways. */
export async function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate('Math.max(0, document.documentElement.scrollWidth - window.innerWidth)')
}
