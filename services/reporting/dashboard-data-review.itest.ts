import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiKey } from '#libs/db/api-keys.ts'
import { productId, syncRow, US } from '#libs/db/testing.ts'
import { waitFor } from '#tests/support/backing.ts'
import { type BesideAmazon, startBesideAmazon } from './test-amazon.ts'
import { axe, describeInBrowser, read, settled, sidewaysScroll, until } from './test-browser.ts'
import { seedCatalogue } from './test-catalogue.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

describeInBrowser('the pages of review and correction', ({ newPage }) => {
  let stage: BesideAmazon
  let api: TestReporting
  beforeAll(async () => {
    stage = await startBesideAmazon()
    api = stage.api
    await seedCatalogue(api.db)
  })
  afterAll(() => stage?.close())

  const open = async (path: string) => {
    const opened = await newPage(api.origin)
    await opened.page.goto(`${api.origin}${path}`)
    await settled(opened.page)
    return opened
  }
  const states = async (...skus: string[]) =>
    Promise.all(skus.map(async (sku) => (await syncRow(api.db, sku)).state))
  const chosen = async (sku: string) => {
    const rows = await api.db.query<{ asin: string }>(
      'select asin from amazon_market_data d join products p on p.id = d.product_id where p.sku = $1 and chosen',
      [sku],
    )
    return rows.map(({ asin }) => asin)
  }

  it.each([
    ['light', 1440, false],
    ['a dark phone', 390, true],
  ])('is open to everybody: %s', async (_, width, dark) => {
    const { page, complaints } = await newPage(api.origin, { width, height: 900, dark })
    for (const path of ['/ui/review', '/ui/invalid', '/ui/failures']) {
      await page.goto(`${api.origin}${path}`)
      await settled(page)
      expect(await axe(page), path).toEqual([])
      expect(await sidewaysScroll(page), path).toBe(0)
    }
    expect(complaints).toEqual([])
  })

  it('decides by keys, remembers it, and takes it back', async () => {
    const { page, complaints } = await open('/ui/review')
    const match = page.getByRole('region', { name: 'Harbor cereal bowl, 6 inch' })
    await until(match, 'B0BOWL0001')
    expect(await read(match.getByRole('article', { name: 'Candidate B0BOWL0003' }))).toMatch(
      /HomeWare\s+differs/,
    )
    await page.keyboard.press('ArrowRight')
    await match.getByRole('article', { name: 'Candidate B0BOWL0002, marked' }).waitFor()
    await page.keyboard.press('a')
    // On to the next, which is looked at and left.
    const next = page.getByRole('region', { name: 'Harbor dinner plate, 11 inch' })
    await until(next, 'B0PLATE001')
    expect(await states('BOWL-06', 'PLATE-11')).toEqual(['success', 'ambiguous'])
    expect(await chosen('BOWL-06')).toEqual(['B0BOWL0002'])
    await until(page.getByRole('navigation', { name: 'Matches to decide' }), 'Accepted B0BOWL0002')
    await page.keyboard.press('u')
    await until(match, 'B0BOWL0001')
    await waitFor(async () => (await states('BOWL-06'))[0] === 'ambiguous', { what: 'it is open again' })
    // Rejected one by one; the note is for whoever looks later.
    await match.getByLabel('Note').fill('another brand')
    await match
      .getByRole('article', { name: /B0BOWL0003/ })
      .getByRole('button', { name: 'Reject' })
      .click()
    await until(match.getByRole('article', { name: /B0BOWL0003/ }), 'Rejected')
    await until(match, '“another brand”')
    expect(await axe(page)).toEqual([])
    await page.keyboard.press('k')
    await page.keyboard.press('j')
    await until(next, 'B0PLATE001')
    await page.keyboard.press('n')
    await waitFor(async () => (await states('PLATE-11'))[0] !== 'ambiguous', { what: 'none of them' })
    expect(await chosen('PLATE-11')).toEqual([])
    expect(complaints).toEqual([])
  })

  it('shows what somebody else decided meanwhile, and decides nothing', async () => {
    const id = await productId(api.db, 'BOWL-06')
    const { page } = await open(`/ui/review?match=${id}/${US}`)
    const match = page.getByRole('region', { name: 'Harbor cereal bowl, 6 inch' })
    await until(match, 'B0BOWL0001')
    const path = `/api/review/matches/${id}/${US}`
    const { body } = await api.ask(path)
    const accepted = await api.post(
      `${path}/accept`,
      'application/json',
      JSON.stringify({ asin: 'B0BOWL0002', version: body.version }),
    )
    expect(accepted.status).toBe(200)
    await match
      .getByRole('article', { name: /B0BOWL0001/ })
      .getByRole('button', { name: 'Accept' })
      .click()
    await until(match.getByRole('alert'), 'It has changed meanwhile')
    await until(match.getByRole('article', { name: /B0BOWL0002/ }), 'Accepted')
    expect(await chosen('BOWL-06')).toEqual(['B0BOWL0002'])
    // The other way of taking it back, under what was decided.
    await match.getByRole('button', { name: 'Take the last one back' }).click()
    await waitFor(async () => (await chosen('BOWL-06')).length === 0, { what: 'it is taken back' })
  })

  it('mends codes: by what is proposed, by hand, and all that are sure', async () => {
    const { page, complaints } = await open('/ui/invalid')
    const row = (sku: string) => page.getByRole('row').filter({ hasText: sku })
    await until(row('LAMP-3'), 'has lost digits in a spreadsheet')
    await row('LAMP-3')
      .getByRole('button', { name: /Write the code/ })
      .click()
    await row('LAMP-3').getByLabel('Code of LAMP-3').fill('4006381333932')
    await row('LAMP-3').getByRole('button', { name: 'Save' }).click()
    await until(row('LAMP-3'), 'check digit')
    await row('LAMP-3').getByLabel('Code of LAMP-3').fill('4006381333931')
    await row('LAMP-3').getByRole('button', { name: 'Save' }).click()
    await until(row('LAMP-3'), 'Mended: 4006381333931')
    expect(await states('LAMP-3')).toEqual(['pending'])
    await page.getByRole('button', { name: 'Mend all that are sure' }).click()
    const dialog = page.getByRole('dialog')
    await until(dialog, '5012345678900')
    await dialog.getByRole('button', { name: 'Mend 1' }).click()
    await until(page.locator('main'), 'Every code can be read')
    expect(await states('LAMP-4')).toEqual(['pending'])
    expect(complaints).toEqual([])
  })

  it('tries a cause again as a whole, after it has said how many that is, and records it', async () => {
    const { page, complaints } = await open('/ui/failures')
    const cause = page.getByRole('row').filter({ hasText: 'no answer within' })
    await until(cause, 'PUMP-1')
    await cause.getByRole('button', { name: /Show/ }).click()
    await until(page.getByRole('dialog'), 'PUMP-2')
    await page.keyboard.press('Escape')
    await cause.getByRole('button', { name: /Retry/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Note').fill('the network is back')
    await dialog.getByRole('button', { name: 'Retry 2' }).click()
    await until(page.getByRole('table', { name: 'Who did what' }), 'the network is back')
    const jobs = await api.db.query('select requested_by from sync_jobs')
    expect(jobs).toHaveLength(1)
    expect(complaints).toEqual([])
  })

  it('says that there are no dead letters', async () => {
    const { page, complaints } = await open('/ui/failures?view=letters')
    await until(page.locator('main'), 'No dead letters')
    expect(await axe(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  it('lets somebody who may only read look, and change nothing', async () => {
    const closed = await startTestReporting({ environment: { API_AUTH: 'keys', API_RATE_LIMIT: '100000' } })
    try {
      await seedCatalogue(closed.db)
      const key = { name: 'reader', scopes: ['read'] as const, createdBy: 'test', expiresAt: null }
      const { page, complaints } = await newPage(closed.origin)
      const cookie = { name: 'asinstream_key', value: (await createApiKey(closed.db, key)).key }
      await page.context().addCookies([{ ...cookie, url: closed.origin }])
      const id = await productId(closed.db, 'BOWL-06')
      for (const [path, shown, buttons] of [
        ['/ui/import', 'This key may not import', []],
        ['/ui/products', 'BOWL-06', []],
        [`/ui/products/${id}`, 'Harbor Cereal Bowls 6 inch, Set of 4', []],
        ['/ui/review', 'B0BOWL0001', ['Accept', 'Reject', 'None of these']],
        ['/ui/invalid', '5012345678900', ['Mend', 'Write the code']],
        ['/ui/failures', 'no answer within', ['Retry']],
      ] as const) {
        await page.goto(`${closed.origin}${path}`)
        await until(page.locator('main'), shown)
        for (const name of [...buttons, 'Choose files', 'Sync these', 'Sync now', 'Edit']) {
          expect(await page.locator('main').getByRole('button', { name }).count(), `${name} at ${path}`).toBe(
            0,
          )
        }
      }
      expect(complaints).toEqual([])
    } finally {
      await closed.close()
    }
  })
})
