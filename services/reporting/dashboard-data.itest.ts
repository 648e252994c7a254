import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { productId, US } from '#libs/db/testing.ts'
import { marketplaces } from '#libs/sp-api/marketplaces.ts'
import { waitFor } from '#tests/support/backing.ts'
import { simulatedCode } from './lookup/testing.ts'
import { type BesideAmazon, startBesideAmazon } from './test-amazon.ts'
import { axe, describeInBrowser, read, settled, sidewaysScroll, until } from './test-browser.ts'
import { seedCatalogue, seedPrices } from './test-catalogue.ts'
import type { TestReporting } from './testing.ts'

/** As a spreadsheet program wrote it, with what it spoilt. */
const WORKBOOK = new URL('imports/fixtures/products.xlsx', import.meta.url).pathname

describeInBrowser('the pages of products, imports and exports', ({ newPage }) => {
  let stage: BesideAmazon
  let api: TestReporting
  beforeAll(async () => {
    stage = await startBesideAmazon()
    api = stage.api
    await seedCatalogue(api.db)
    await seedPrices(api.db)
  })
  afterAll(() => stage?.close())

  const open = async (path: string, options: Parameters<typeof newPage>[1] = {}) => {
    const opened = await newPage(api.origin, options)
    await opened.page.goto(`${api.origin}${path}`)
    await settled(opened.page)
    return opened
  }
  const rows = (page: Page, caption: string) => page.getByRole('table', { name: caption }).locator('tbody tr')

  it('lists products by state, and finds them by SKU, code and ASIN', async () => {
    const { page, complaints } = await open('/ui/products')
    await waitFor(async () => (await rows(page, 'Products').count()) === 8, { what: 'eight products' })
    await page.getByText('Any').first().click()
    await page.getByRole('checkbox', { name: 'Ambiguous' }).check()
    await waitFor(async () => (await rows(page, 'Products').count()) === 2, { what: 'two ambiguous ones' })
    expect(new URL(page.url()).search).toBe('?syncStatus=ambiguous')
    await page.reload()
    await settled(page)
    expect(await rows(page, 'Products').count()).toBe(2)
    await page.goto(`${api.origin}/ui/products`)
    for (const [term, sku] of [
      ['bowl', 'BOWL-06'],
      ['0-36000-29145-2', 'MUG-0412'],
      ['b0plate001', 'PLATE-11'],
    ] as const) {
      await page.getByLabel('Find').fill(term)
      await until(page.locator('main').getByRole('status').last(), 'One product found')
      await until(rows(page, 'Products').first(), sku)
    }
    await page.getByLabel('Find').fill('nothing like it')
    await until(page.locator('main'), 'No product fits')
    expect(complaints).toEqual([])
  })

  it('syncs what is shown, after it has said what that comes to', async () => {
    const { page, complaints } = await open('/ui/products?supplier=Quay+%26+Sons')
    await page.getByRole('button', { name: 'Sync these' }).click()
    const dialog = page.getByRole('dialog')
    await until(dialog, 'Requests to Amazon')
    expect(await read(dialog)).toContain('supplier Quay & Sons')
    await dialog.getByRole('button', { name: /^Sync \d+$/ }).click()
    await page.waitForURL(/\/ui\/jobs\//)
    const [job] = await api.db.query('select filter from sync_jobs')
    expect(job).toEqual({ filter: { supplier: ['Quay & Sons'] } })
    await api.db.query('delete from sync_jobs')
    expect(complaints).toEqual([])
  })

  it("shows ours beside Amazon's, why one was chosen, and how its price changed", async () => {
    const { page, complaints } = await open(`/ui/products/${await productId(api.db, 'MUG-0412')}`)
    const comparison = page.getByRole('table', { name: /beside the item/ })
    await until(comparison, 'Harbor Stoneware Coffee Mug, 12 Ounce, White')
    expect(await read(comparison)).toContain('00036000291452')
    const chosen = page.getByRole('article', { name: 'Candidate B0MUG00001, chosen' })
    expect(await read(chosen)).toContain('carries 00036000291452')
    expect(await chosen.getByRole('link', { name: /B0MUG00001 at amazon.com/ }).getAttribute('href')).toBe(
      'https://www.amazon.com/dp/B0MUG00001',
    )
    const history = page.getByRole('table', { name: 'Price history' })
    await waitFor(async () => (await history.locator('tbody tr').count()) === 5, { what: 'five changes' })
    const prices = await history.locator('tbody tr td:nth-child(2)').allInnerTexts()
    expect(prices).toEqual(['$12.99', '$12.49', '$13.95', '$11.99', '$12.29'])
    await page.locator('figure.chart canvas').first().waitFor()
    await until(page.getByRole('table', { name: 'Attempts, the newest first' }), 'B0MUG00001 is the best')
    expect(complaints).toEqual([])
  })

  it("shows Amazon's raw answer when it is asked for", async () => {
    const known = simulatedCode(stage.amazon, US)('single').asins[0]!
    const chosen = 'B0PLATE001'
    const rename = (from: string, to: string) =>
      api.db.query('update amazon_market_data set asin = $2 where asin = $1', [from, to])
    const { page, complaints } = await open(`/ui/products/${await productId(api.db, 'PLATE-11')}`)
    const card = page.getByRole('region', { name: "What is kept of Amazon's answer" })
    const ask = card.getByRole('button', { name: 'Ask Amazon for its raw answer' })
    await until(card, `It spends a request, for ${chosen}`)
    await ask.click()
    await until(card.getByRole('alert'), `Amazon has no item ${chosen} in US`)
    // The browser itself complains of a 404.
    expect(complaints.splice(0).filter((line) => !line.includes('404'))).toEqual([])
    await rename(chosen, known)
    try {
      await page.reload()
      await until(card, `It spends a request, for ${known}`)
      await ask.click()
      await until(card.getByRole('status'), 'getCatalogItem')
      const { requestId, answer } = (await api.ask(`/asin/${known}/raw`)).body
      expect(await read(card.getByRole('status'))).toMatch(/Amazon's request \S{8}/)
      expect(requestId).toMatch(/\S{8}/)
      const told = card.getByRole('group').filter({ hasText: "Amazon's raw answer" }).locator('code')
      expect(JSON.parse(await read(told))).toEqual(answer)
      expect(await axe(page)).toEqual([])
      expect(complaints).toEqual([])
    } finally {
      await rename(known, chosen)
    }
  })

  it('edits where it shows, and overwrites nobody', async () => {
    const id = await productId(api.db, 'ROPE-20')
    const { page, complaints } = await open(`/ui/products/${id}`)
    await page.getByRole('button', { name: 'Edit' }).click()
    const form = page.getByRole('region', { name: 'Edit', exact: true })
    await form.getByLabel('Code').fill('4006381333932')
    await form.getByRole('button', { name: 'Save' }).click()
    await until(form, 'check digit')
    await form.getByLabel('Code').fill('4006381333931')
    await form.getByLabel('Brand').fill('Seahold Marine')
    await api.db.query(`update products set title = 'Dock rope, 20 m', updated_at = now() where id = $1`, [
      id,
    ])
    await form.getByRole('button', { name: 'Save' }).click()
    await until(form, 'Somebody else has changed it')
    await form.getByRole('button', { name: 'Close' }).first().click()
    await page.getByRole('heading', { name: 'Dock rope, 20 m' }).waitFor()
    await page.getByRole('button', { name: 'Edit' }).click()
    await form.getByLabel('Brand').fill('Seahold Marine')
    await form.getByRole('button', { name: 'Save' }).click()
    await until(page.getByRole('table', { name: /as its owner wrote it/ }), 'Seahold Marine')
    await page.getByRole('button', { name: 'Sync now' }).click()
    await until(page.locator('.toasts'), 'Amazon is asked again')
    const [job] = await api.db.query('select filter from sync_jobs')
    expect(job).toEqual({ filter: { sku: ['ROPE-20'] } })
    await api.db.query('delete from sync_jobs')
    expect(complaints).toEqual([])
  })

  it('says that one price is no line yet', async () => {
    await api.db.query(`delete from pricing_history where observed_at < now() - interval '2 days'`)
    const { page } = await open(`/ui/products/${await productId(api.db, 'MUG-0412')}`)
    await until(page.locator('main'), 'One price so far')
    await api.db.query('delete from pricing_history')
    await seedPrices(api.db)
  })

  it('imports what is dropped, reports each refused line, and takes the mended ones', async () => {
    const { page, complaints } = await open('/ui/import')
    const csv = [
      'sku,upc,title,pack_quantity',
      'NEW-1,36000291452,"Mug, blue",1',
      'NEW-2,8.85E+11,Bowl,2',
      ',036000291452,No sku,1',
      'NEW-4,036000291452,"A title\nin two lines",none',
      'NEW-5,036000291452,Plate,0',
    ].join('\n')
    await drop(page, 'supplier list.csv', csv)
    const report = page.getByRole('region', { name: 'supplier list.csv' })
    await until(report, 'Imported')
    expect(await read(report.locator('dl'))).toMatch(
      /Lines\s+5\s+New\s+2\s+Changed\s+0\s+As they were\s+0\s+Refused\s+3/,
    )
    const lines = await rows(page, 'Refused lines').locator('td').allInnerTexts()
    expect(lines.filter((_, i) => i % 4 < 3)).toEqual([
      '4',
      'sku',
      '–',
      '5',
      'packQuantity',
      'none',
      '7',
      'packQuantity',
      '0',
    ])
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Refused lines, to mend' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('refused-supplier list.csv')
    const refused = await readFile(await download.path(), 'utf8')
    const [header, ...bad] = refused.split('\r\n')
    expect(header).toBe('import_line,import_error,sku,upc,title,pack_quantity')
    expect(bad.map((line) => line.slice(0, 2))).toEqual(['4,', '5,', 'in', '7,', ''])
    // Mended as somebody would: in the place of what is wrong.
    const mended = refused
      .replace(',,036000291452', ',NEW-3,036000291452')
      .replace('lines",none', 'lines",6')
      .replace(/,0\r/, ',3\r')
    await drop(page, 'mended.csv', mended)
    const again = page.getByRole('region', { name: 'mended.csv' })
    await until(again, 'Imported')
    const stored = await api.db.query(
      `select sku, title, pack_quantity from products where sku like 'NEW-%' order by sku`,
    )
    expect(stored.map(({ sku, pack_quantity }) => [sku, pack_quantity])).toEqual([
      ['NEW-1', 1],
      ['NEW-2', 2],
      ['NEW-3', 1],
      ['NEW-4', 6],
      ['NEW-5', 3],
    ])
    expect(stored[3]!.title).toBe('A title\nin two lines')
    await api.db.query(`delete from products where sku like 'NEW-%'`)
    expect(complaints).toEqual([])
  })

  it('says what is wrong with a file that can not be imported', async () => {
    const { page } = await open('/ui/import')
    await page.getByLabel('Files to import').setInputFiles([
      { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from('ean,colour\n1,2\n') },
      { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from('x') },
      { name: 'bad.ndjson', mimeType: '', buffer: Buffer.from('{"sku":""}\n{"upc":"1"}\n') },
    ])
    await until(page.getByRole('region', { name: 'list.csv' }), '"ean", "colour"')
    await until(page.getByRole('region', { name: 'photo.png' }), 'save it as one of these')
    const workbook = page.getByRole('region', { name: 'products.xlsx' })
    await page.getByLabel('Files to import').setInputFiles(WORKBOOK)
    await until(workbook, 'Imported')
    // The lines of a workbook stay in it: its report says which.
    expect(await workbook.getByRole('button', { name: 'Refused lines, to mend' }).count()).toBe(0)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      workbook.getByRole('button', { name: 'Report' }).click(),
    ])
    const report = await readFile(await download.path(), 'utf8')
    expect(report.split('\r\n')[0]).toBe('\uFEFFline,column,value,reason')
    expect(report).toContain('digits were lost')
    await api.db.query(`delete from products where sku in ('1234567', 'A-1', 'A-2')`)
    const none = page.getByRole('region', { name: 'bad.ndjson' })
    await until(none, 'Not one line could be taken')
    await until(none, 'Refused')
  })

  it('goes on importing while somebody looks at another page, one file after the other, until it is cancelled', async () => {
    const { page, complaints } = await open('/ui/import')
    // The first one hangs, as on a line that is cut.
    await page.route('**/products', () => {}, { times: 1 })
    const file = (name: string) => ({ name, mimeType: '', buffer: Buffer.from(`sku\n${name}\n`) })
    await page.getByLabel('Files to import').setInputFiles([file('NEW-A.csv'), file('NEW-B.csv')])
    const [first, second] = ['NEW-A.csv', 'NEW-B.csv'].map((name) => page.getByRole('region', { name }))
    await until(second!, 'Waits for its turn')
    await page.getByRole('link', { name: 'Exports' }).click()
    await page.getByRole('heading', { name: 'Exports', level: 1 }).waitFor()
    await page.getByRole('link', { name: 'Import' }).click()
    await first!.getByRole('button', { name: 'Cancel' }).click()
    await until(first!, 'Lines that were stored before stay')
    await until(second!, 'Imported')
    expect(await api.db.query(`select sku from products where sku like 'NEW-%'`)).toEqual([
      { sku: 'NEW-B.csv' },
    ])
    await api.db.query(`delete from products where sku like 'NEW-%'`)
    expect(complaints).toEqual([])
  })

  it('exports what is filtered, in the format that was chosen', async () => {
    const { page, complaints } = await open('/ui/exports?supplier=Quay+%26+Sons&state=error')
    await until(page.locator('main'), 'Rows with supplier Quay & Sons, state error.')
    await page.getByRole('radio', { name: /NDJSON/ }).check()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download NDJSON' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^products-\d{8}-\d{4}\.ndjson$/)
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).sku).toSorted()).toEqual(['PUMP-1', 'PUMP-2'])
    expect(complaints).toEqual([])
  })

  it('says why an export can not begin', async () => {
    const { page } = await open('/ui/exports?state=lost')
    await page.getByRole('button', { name: 'Download CSV' }).click()
    await until(page.getByRole('alert').last(), 'is not a state')
  })

  it('knows the shop of every marketplace that Amazon has', async () => {
    const { page } = await open('/ui/products')
    const shops = await page.evaluate(`(async () => {
      const module = document.querySelector('link[rel=modulepreload]').href.replace(/(assets\\/[^/]+\\/).*/, '$1pages/product-links.js')
      return (await import(module)).SHOPS
    })()`)
    expect(shops).toEqual(
      Object.fromEntries(marketplaces.map(({ countryCode, domain }) => [countryCode, domain])),
    )
  })

  it.each([
    ['light', 1440, false],
    ['a dark phone', 390, true],
  ])('is open to everybody: %s', async (_, width, dark) => {
    const id = await productId(api.db, 'MUG-0412')
    const { page, complaints } = await newPage(api.origin, { width, height: 900, dark })
    for (const path of ['/ui/products', `/ui/products/${id}`, '/ui/import', '/ui/exports']) {
      await page.goto(`${api.origin}${path}`)
      await settled(page)
      expect(await axe(page), path).toEqual([])
      expect(await sidewaysScroll(page), path).toBe(0)
    }
    expect(complaints).toEqual([])
  })
})

/** Drops a file as somebody does who drags it from a folder. */
async function drop(page: Page, name: string, content: string): Promise<void> {
  const transfer = await page.evaluateHandle(`(() => {
    const data = new DataTransfer()
    data.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}, { type: 'text/csv' }))
    return data
  })()`)
  for (const event of ['dragenter', 'dragover', 'drop']) {
    await page.dispatchEvent('.drop-zone', event, { dataTransfer: transfer })
  }
}
