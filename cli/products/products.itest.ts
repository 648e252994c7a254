import { afterAll, beforeAll, expect, it } from 'vitest'
import { upsertProducts } from '#libs/db/products.ts'
import { addProducts } from '#libs/db/testing.ts'
import { startTestReporting, type TestReporting } from '#services/reporting/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { runToEnd } from '../testing.ts'

const ADMIN = 'a'.repeat(40)

describeWith(['postgres'], 'asinstream products', () => {
  let api: TestReporting
  let key: string
  beforeAll(async () => {
    api = await startTestReporting({ environment: { API_AUTH: 'keys', API_ADMIN_KEY: ADMIN } })
    await addProducts(api.db, 450, { supplier: 'Acme' })
    await upsertProducts(api.db, [
      { sku: 'ODD', upc: '036000291452', title: '\u001b[31mRed\u001b[0m\ntitle', brand: 'Kleenex' },
    ])
    const made = await runToEnd(
      ['keys', 'create', '--name', 'shell', '--scope', 'read', '--url', api.origin, '--json'],
      { ASINSTREAM_API_KEY: ADMIN },
    )
    key = JSON.parse(made.stdout).key
  })
  afterAll(() => api?.close())

  const run = (...args: string[]) =>
    runToEnd(['products', ...args], { ASINSTREAM_URL: api.origin, ASINSTREAM_API_KEY: key })

  it('lists what the options choose, over all pages', async () => {
    const all = await run('list', '--supplier', 'Acme', '--limit', '100000', '--json')
    expect(all.code).toBe(0)
    const listed = all.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(new Set(listed.map(({ sku }) => sku)).size).toBe(450)
    expect(listed).toHaveLength(450)
    const some = await run('list', '--supplier', 'Acme', '--limit', '205')
    expect(some.stdout.trim().split('\n')).toHaveLength(206)
    expect(some.stderr).toContain('There are more than these 205')
    expect((await run('list', '--supplier', 'Acme', '--limit', '450')).stderr).toBe('')
    const there = ['list', '--marketplace', 'US', '--status', 'pending', '--limit', '3', '--json']
    expect((await run(...there)).stdout.trim().split('\n')).toHaveLength(3)
    expect((await run('list', '--status', 'ambiguous')).stdout).toBe('No product is like that.\n')
    expect((await run('list', '--sku', 'S7')).stdout).toMatch(/^S7 +\d+ +pending +never +/m)
  })

  it('shows a product by sku or id, with its candidates, their reasons and the attempts', async () => {
    const { id } = JSON.parse((await run('show', 'ODD', '--json')).stdout)
    await api.db.query(
      `insert into amazon_market_data (product_id, marketplace_id, asin, chosen, score, reasons, title, observed_at, operation)
       values ($1, 'ATVPDKIKX0DER', 'B000000AAA', true, 0.91, $2, 'Tissues', now(), 'searchCatalogItems'),
              ($1, 'ATVPDKIKX0DER', 'B000000BBB', false, 0.4, $3, 'Other tissues', now(), 'searchCatalogItems')`,
      [id, JSON.stringify(['code: carries it (+0.50)']), JSON.stringify(['pack: 2, not 1 (-0.30)'])],
    )
    await api.db.query(
      `insert into sync_logs (product_id, marketplace_id, attempt, queued_at, occurred_at, result, reason, http_status)
       values ($1, 'ATVPDKIKX0DER', 1, now(), now(), 'timeout', 'no answer within 30000 ms', null)`,
      [id],
    )
    const { code, stdout } = await run('show', id)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^code +036000291452 \(GTIN-14 00036000291452\)$|^code +036000291452$/m)
    expect(stdout).toMatch(/^ {2}chosen +B000000AAA {2}score 0\.91 {2}Tissues\n {4}- code: carries it/m)
    expect(stdout).toMatch(/^ {2}candidate {2}B000000BBB {2}score 0\.40/m)
    expect(stdout).toMatch(/US +timeout .*no answer within 30000 ms/)
    // A title is somebody else's text: it must not steer the terminal.
    expect(stdout).not.toContain('\u001b[31mRed')
    expect(stdout).toContain('�[31mRed')
  })

  it('corrects what is named and nothing else; another code is looked up by itself', async () => {
    const admin = (...args: string[]) =>
      runToEnd(['products', 'set', 'S9', ...args], {
        ASINSTREAM_URL: api.origin,
        ASINSTREAM_API_KEY: ADMIN,
      })
    await api.db.query(`update product_syncs s set state = 'not_found' from products p
                         where p.id = s.product_id and p.sku = 'S9'`)
    const mended = await admin('--upc', '036000291452', '--pack-quantity', '12', '--clear', 'supplier')
    expect(mended).toMatchObject({
      code: 0,
      stdout: 'S9 (pending): upc is 036000291452, packQuantity is 12, supplier is empty.\n',
    })
    const [row] = await api.db.query(
      `select upc, title, supplier, pack_quantity from products where sku = 'S9'`,
    )
    expect(row).toEqual({ upc: '036000291452', title: 'Product 9', supplier: null, pack_quantity: 12 })
    const wrong = await admin('--upc', '036000291453')
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toMatch(/upc.*check digit/)
    expect(JSON.parse((await admin('--title', 'Tissues', '--json')).stdout)).toMatchObject({
      sku: 'S9',
      title: 'Tissues',
    })
  })

  it('says what is wrong in one line: no such product, no permission, a wrong key', async () => {
    const oneLine = (text: string) => expect(text.trim().split('\n')).toHaveLength(1)
    for (const given of ['NOBODY', '11111111-1111-4111-8111-111111111111']) {
      const { code, stderr } = await run('show', given)
      expect(code).toBe(1)
      expect(stderr).toContain(`There is no product with the id or sku "${given}"`)
      oneLine(stderr)
    }
    const forbidden = await run('set', 'ODD', '--title', 'x')
    expect(forbidden.code).toBe(1)
    expect(forbidden.stderr).toContain('asinstream keys create --scope products')
    oneLine(forbidden.stderr)
    const unknown = await runToEnd(['products', 'list', '--url', api.origin], {
      ASINSTREAM_API_KEY: 'asin_x',
    })
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toContain('ASINSTREAM_API_KEY')
    oneLine(unknown.stderr)
  })
})
