import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApiKey } from '#libs/db/api-keys.ts'
import { createJob } from '#libs/db/jobs.ts'
import { addProducts, productId, US } from '#libs/db/testing.ts'
import { describeWith, waitFor } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const inCi = ['1', 'true'].includes(process.env.CI ?? '')

if (existsSync(CHROMIUM) || inCi) describeWith(['postgres'], 'the status page', pageSuite)
else {
  describe.skip(`the status page (SKIPPED, no browser at ${CHROMIUM}: set CHROMIUM_PATH)`, () => {
    it('needs a browser', () => {})
  })
}

function pageSuite(): void {
  let api: TestReporting
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    api = await startTestReporting({ countries: ['US', 'CA'] })
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
  afterAll(async () => {
    await browser?.close()
    await api?.close()
  })
  beforeEach(async () => {
    await api.db.query('delete from products')
    await api.db.query('delete from sync_jobs')
    complaints.length = 0
    page = await browser.newPage()
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    return () => page.close()
  })

  // As it is rendered: hidden parts do not count.
  // biome-ignore lint/performance/useDomNodeTextContent: that is what a reader sees
  const text = (selector: string) => page.innerText(selector)
  const until = (selector: string, part: string) =>
    waitFor(async () => (await text(selector)).includes(part), { what: `"${part}" in ${selector}` })

  it('says what to do while there are no products, with its own address to copy', async () => {
    await page.goto(api.origin)
    await until('#empty', 'No products yet')
    await until('#summary', 'nothing to sync yet')
    const commands = await page.locator('#commands pre').allInnerTexts()
    expect(commands).toEqual([
      `curl -H 'content-type: text/csv' --data-binary @products.csv ${api.origin}/products`,
      `curl -X POST ${api.origin}/marketplace/amazon/sync`,
      `curl ${api.origin}/marketplace/amazon/sync-status`,
    ])
    expect(complaints).toEqual([])
  })

  it('follows the progress without being loaded again', async () => {
    await addProducts(api.db, 4)
    await createJob(api.db, { filter: { supplier: ['<b>Acme</b>'] }, marketplaces: [US], requestedBy: 'api' })
    await page.goto(api.origin)
    await until('#percent', '0%')
    await until('#summary', '0 of 8')
    await until('#jobs', 'supplier <b>Acme</b>')
    await api.db.query(
      `update product_syncs set state = 'ambiguous', last_reason = 'two packs are alike' where product_id in
         (select id from products where sku in ('S1', 'S2')) and marketplace_id = $1`,
      [US],
    )
    await until('#percent', '25%')
    await until('#states', 'Ambiguous\nseveral ASINs, too close to call\n2')
    expect(await page.locator('#bar').getAttribute('aria-valuenow')).toBe('25')
    await until('#marketplaces', '50 %')
    await until('#exceptions', 'two packs are alike')
    const link = page.locator('#exceptions a', { hasText: 'S1' })
    expect(await link.getAttribute('href')).toBe(`/products/${await productId(api.db, 'S1')}`)
    expect(complaints).toEqual([])
  })

  it('says that the server is away, keeps the figures, and goes on when it is back', async () => {
    await addProducts(api.db, 2)
    await page.goto(api.origin)
    await until('#connection', 'live')
    await page.route('**/marketplace/**', (route) => route.abort())
    await until('#problem', 'can not be asked')
    expect(await text('#summary')).toContain('0 of 4')
    await page.unroute('**/marketplace/**')
    await until('#connection', 'live')
    expect(await page.locator('#problem').isHidden()).toBe(true)
  })

  it('asks for a key where one is needed, and goes on with it', async () => {
    const closed = await startTestReporting({ environment: { API_AUTH: 'keys' } })
    try {
      const { key } = await createApiKey(closed.db, {
        name: 'me',
        scopes: ['read'],
        createdBy: 'test',
        expiresAt: null,
      })
      await page.goto(closed.origin)
      await page.getByLabel('API key').fill('asin_wrong')
      await page.getByRole('button', { name: 'Come in' }).click()
      await until('#session', 'the key is not valid')
      expect(await page.locator('#progress').isHidden()).toBe(true)
      await page.getByLabel('API key').fill(key)
      await page.getByRole('button', { name: 'Come in' }).click()
      await until('#connection', 'live')
      expect(await page.locator('#session').isHidden()).toBe(true)
      await page.reload()
      await until('#connection', 'live')
      expect(await page.evaluate('document.cookie')).toBe('')
    } finally {
      await closed.close()
    }
  })

  it.each([
    [360, 740],
    [1280, 900],
  ])('does not scroll sideways at %i pixels', async (width, height) => {
    await addProducts(api.db, 3, { title: 'A long title '.repeat(20) })
    await api.db.query(`update product_syncs set state = 'error', last_reason = repeat('reason ', 40)`)
    await page.setViewportSize({ width, height })
    await page.goto(api.origin)
    await until('#exceptions', 'reason')
    const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
    expect(overflow).toBeLessThanOrEqual(0)
  })

  it('is small', async () => {
    const sizes = await Promise.all(
      ['/', '/status.css', '/status.js', '/session.js'].map(
        async (path) => (await api.ask(path)).body.length as number,
      ),
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(25_000)
  })
}
