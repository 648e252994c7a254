import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createApiKey } from '#libs/db/api-keys.ts'
import { createJob } from '#libs/db/jobs.ts'
import { addProducts, productId, US } from '#libs/db/testing.ts'
import { waitFor } from '#tests/support/backing.ts'
import { axe, describeInBrowser, type OpenPage, settled, sidewaysScroll } from './test-browser.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

describeInBrowser('the dashboard', ({ newPage }) => {
  let api: TestReporting
  let opened: OpenPage

  beforeAll(async () => {
    api = await startTestReporting({ countries: ['US', 'CA'] })
  })
  afterAll(() => api?.close())
  beforeEach(async () => {
    await api.db.query('delete from products')
    await api.db.query('delete from sync_jobs')
    opened = await newPage(api.origin)
  })

  const go = async (path = '/') => {
    await opened.page.goto(api.origin + path)
    await settled(opened.page)
  }
  // As it is rendered: hidden parts do not count.
  // biome-ignore lint/performance/useDomNodeTextContent: that is what a reader sees
  const text = (selector = 'main') => opened.page.innerText(selector)
  const until = (part: string, selector = 'main') =>
    waitFor(async () => (await text(selector)).includes(part), { what: `"${part}" in ${selector}` })
  const card = (title: string) => `section.card:has(h2:text-is("${title}"))`

  it('says what to do while there are no products, with its own address to copy', async () => {
    await go()
    await until('No products yet')
    const commands = await opened.page.locator('main pre').allInnerTexts()
    expect(commands).toEqual([
      `curl -H 'content-type: text/csv' --data-binary @products.csv ${api.origin}/products`,
      `curl -X POST ${api.origin}/api/sync/force`,
      `curl ${api.origin}/marketplace/amazon/sync-status`,
    ])
    expect(opened.complaints).toEqual([])
  })

  it('follows the progress without being loaded again, and shows text as text', async () => {
    await addProducts(api.db, 4)
    await createJob(api.db, { filter: { supplier: ['<b>Acme</b>'] }, marketplaces: [US], requestedBy: 'api' })
    await go()
    await until('0 %', '.hero-percent')
    await until('0 of 8 products × marketplaces', '.hero')
    await until('Supplier: <b>Acme</b>', card('Latest syncs'))
    await api.db.query(
      `update product_syncs set state = 'ambiguous', last_reason = 'two packs are alike' where product_id in
         (select id from products where sku in ('S1', 'S2')) and marketplace_id = $1`,
      [US],
    )
    await until('25 %', '.hero-percent')
    const states = opened.page.locator('.legend li', { hasText: 'Ambiguous' })
    expect(await states.textContent()).toMatch(/^\s*Ambiguous\s*2\s*$/)
    expect(await opened.page.locator('.hero .stack-bar').getAttribute('aria-label')).toBe(
      'Outcomes: Ambiguous 2, Pending 6',
    )
    await until('50 %', card('Marketplaces'))
    await until('two packs are alike', card('Needs a person'))
    const link = opened.page.locator(`${card('Needs a person')} a`, { hasText: 'S1' })
    expect(await link.getAttribute('href')).toBe(`/ui/products/${await productId(api.db, 'S1')}`)
    await until('reporting', card('Services'))
    await until('Ready', card('Services'))
    expect(opened.complaints).toEqual([])
  })

  it('asks for what has changed alone, and for nothing while nobody looks', async () => {
    await addProducts(api.db, 1)
    await go()
    const asked = () => opened.requests.filter(({ url }) => url.endsWith('/api/overview'))
    await waitFor(() => asked().some(({ status }) => status === 304), {
      what: 'an answer that has not changed',
    })
    await opened.page.evaluate(
      `Object.defineProperty(document, 'hidden', { value: true, configurable: true });
       document.dispatchEvent(new Event('visibilitychange'))`,
    )
    // Those that were on their way.
    const other = await newPage(api.origin)
    await other.page.goto(api.origin)
    await settled(other.page)
    const before = asked().length
    await waitFor(() => other.requests.filter(({ url }) => url.endsWith('/api/overview')).length >= 4, {
      what: 'four polls of somebody else',
    })
    expect(asked().length - before).toBeLessThanOrEqual(1)
    await opened.page.evaluate(
      `delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))`,
    )
    await waitFor(() => asked().length > before + 1, { what: 'a poll of who looks again' })
    await other.page.close()
  })

  it('names the causes of errors, the most frequent first', async () => {
    await addProducts(api.db, 3)
    await api.db.query(
      `update product_syncs set state = 'error', last_result = 'timeout',
              last_reason = case when marketplace_id = $1 then 'no answer within 30000 ms' else 'the connection was reset' end
        where marketplace_id = $1 or product_id = (select id from products where sku = 'S1')`,
      [US],
    )
    await go()
    await until('no answer within', card('Errors by cause'))
    expect(
      (await opened.page.locator(`${card('Errors by cause')} li b`).allTextContents()).map(Number),
    ).toEqual([3, 1])
    expect(opened.complaints).toEqual([])
  })

  it('says that the server is away, keeps the figures, and goes on when it is back', async () => {
    await addProducts(api.db, 2)
    await go()
    await until('Live', '.connection')
    await opened.page.route('**/api/**', (route) => route.abort())
    await until('The server can not be asked')
    expect(await text('.hero')).toContain('0 of 4')
    await opened.page.unroute('**/api/**')
    await until('Live', '.connection')
    await waitFor(async () => (await opened.page.locator('main > [role=alert] .notice').count()) === 0, {
      what: 'the banner to go',
    })
    expect(opened.complaints).toEqual([])
  })

  it('asks for a key where one is needed, and goes on with it', async () => {
    const closed = await startTestReporting({ environment: { API_AUTH: 'keys' } })
    const { page, complaints } = await newPage(closed.origin)
    try {
      const { key } = await createApiKey(closed.db, {
        name: 'me',
        scopes: ['read'],
        createdBy: 'test',
        expiresAt: null,
      })
      await page.goto(`${closed.origin}/ui/jobs`)
      await page.getByLabel('API key').fill('asin_wrong')
      await page.getByRole('button', { name: 'Come in' }).click()
      await page.getByText('the key is not valid').waitFor()
      expect(await axe(page)).toEqual([])
      await page.getByLabel('API key').fill(key)
      await page.getByRole('button', { name: 'Come in' }).click()
      await page.getByText('No sync yet').waitFor()
      // What the key may not do is not offered.
      expect(await page.getByRole('button', { name: 'New sync' }).count()).toBe(0)
      await page.reload()
      await page.getByText('No sync yet').waitFor()
      expect(await page.evaluate('document.cookie')).toBe('')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByLabel('API key').waitFor()
      expect(complaints).toEqual([])
    } finally {
      await page.close()
      await closed.close()
    }
  })

  it('goes by keys alone: skip link, menu, letters, help and back', async () => {
    const { page } = opened
    await go()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the page')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    // Keys are silent under a dialog.
    await page.keyboard.press('g')
    await page.keyboard.press('j')
    expect(new URL(page.url()).pathname).toBe('/')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('j')
    await page.getByRole('heading', { name: 'Syncs', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/ui/jobs')
    await waitFor(async () => (await page.evaluate('document.activeElement.textContent')) === 'Syncs', {
      what: 'the focus on the heading',
    })
    expect(await page.title()).toBe('Syncs · asinstream')
    await page.getByRole('button', { name: 'New sync' }).first().waitFor()
    await page.keyboard.press('n')
    const dialog = page.getByRole('dialog', { name: 'New sync' })
    await dialog.waitFor()
    await dialog.getByLabel('Supplier').focus()
    await page.keyboard.type('g s n ?')
    expect(await dialog.getByLabel('Supplier').inputValue()).toBe('g s n ?')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.goBack()
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
    expect(opened.complaints).toEqual([])
  })

  it('hears a key as soon as there is something to see', async () => {
    const { page } = opened
    // As part of the change to the page: sooner than anybody could press it.
    await page.addInitScript(`new MutationObserver((_, observer) => {
      if (![...document.querySelectorAll('button')].some((one) => one.textContent.includes('New sync'))) return
      observer.disconnect()
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }))
    }).observe(document, { subtree: true, childList: true })`)
    await page.goto(`${api.origin}/ui/jobs`)
    await page.getByRole('dialog', { name: 'New sync' }).waitFor({ timeout: 10_000 })
  })

  it('opens any page from its address, and says when there is none', async () => {
    const { page } = opened
    await go('/ui/settings')
    await page.getByRole('heading', { name: 'Settings and health', level: 1 }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Settings and health', level: 1 }).waitFor()
    await go('/ui/no/such/page')
    await until('Nothing is at /ui/no/such/page')
    expect(opened.complaints).toEqual([])
  })

  it('is dark when one says so, from the first paint on, also after a reload', async () => {
    const { page } = opened
    await go('/ui/settings')
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await background()
    await page.getByRole('button', { name: 'Dark', exact: true }).click()
    const dark = await background()
    expect(dark).not.toBe(light)
    await page.reload()
    await settled(page)
    expect(await background()).toBe(dark)
  })

  it('keeps to axe in both themes and on a phone, and nothing scrolls sideways', async () => {
    await addProducts(api.db, 3, { title: 'A long title '.repeat(20) })
    await api.db.query(`update product_syncs set state = 'error', last_reason = repeat('reason ', 40)`)
    await createJob(api.db, {
      filter: { supplier: ['Acme '.repeat(30)] },
      marketplaces: [US],
      requestedBy: 'x'.repeat(80),
    })
    const { page } = opened
    for (const path of ['/', '/ui/jobs', '/ui/settings', '/ui/jobs?new=1']) {
      await page.setViewportSize({ width: 1440, height: 900 })
      await page.emulateMedia({ colorScheme: 'light' })
      await go(path)
      expect(await axe(page), path).toEqual([])
      await page.setViewportSize({ width: 1024, height: 768 })
      expect(await sidewaysScroll(page), path).toBe(0)
      await page.setViewportSize({ width: 360, height: 740 })
      await page.emulateMedia({ colorScheme: 'dark' })
      expect(await axe(page), path).toEqual([])
      expect(await sidewaysScroll(page), path).toBe(0)
    }
    expect(opened.complaints).toEqual([])
  })

  it('is small: unpacked and as it is sent', async () => {
    const { page } = opened
    let unpacked = 0
    const sent = { bytes: 0 }
    const session = await page.context().newCDPSession(page)
    await session.send('Network.enable')
    session.on('Network.dataReceived', ({ dataLength }) => {
      unpacked += dataLength
    })
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      sent.bytes += encodedDataLength
    })
    await addProducts(api.db, 2)
    await go()
    await page.locator('.area').waitFor()
    console.info(
      `the overview: ${unpacked} bytes unpacked, ${sent.bytes} as sent, ${opened.requests.length} requests`,
    )
    expect(unpacked).toBeLessThan(200_000)
    expect(sent.bytes).toBeLessThan(100_000)
  })
})
