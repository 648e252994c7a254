import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addProducts } from '#libs/db/testing.ts'
import { startTestReporting, type TestReporting } from '#services/reporting/testing.ts'
import { describeWith, scratchFolder } from '#tests/support/backing.ts'
import { runToEnd } from './testing.ts'

describeWith(['postgres'], 'asinstream export', () => {
  let api: TestReporting
  const folder = scratchFolder('export')
  beforeAll(async () => {
    api = await startTestReporting()
    await addProducts(api.db, 3, { supplier: 'Acme' })
  })
  afterAll(() => api.close())

  const run = (...args: string[]) => runToEnd(['export', ...args, '--url', api.origin])

  it('writes a file, which an import takes back', async () => {
    const file = join(folder, 'products.xlsx')
    const written = await run(file, '--supplier', 'Acme')
    expect(written).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('products.xlsx: ') })
    expect(existsSync(`${file}.part`)).toBe(false)
    const back = await runToEnd(['import', file, '--json', '--url', api.origin])
    expect(JSON.parse(back.stdout)).toMatchObject({ received: 3, unchanged: 3 })
  })

  it('writes to standard output what the options choose', async () => {
    const { code, stdout } = await run('-', '--format', 'ndjson', '--sku', 'S1', '--sku', 'S2')
    expect(code).toBe(0)
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.map(({ sku }) => sku).sort()).toEqual(['S1', 'S2'])
  })

  it('leaves no file behind, and the old one alone, when it is refused', async () => {
    const file = join(folder, 'kept.csv')
    await run(file, '--csv-for', 'program')
    const before = await readFile(file, 'utf8')
    const refused = await run(file, '--job', 'not-an-id')
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('must be the id of one sync job'),
    })
    expect(await readFile(file, 'utf8')).toBe(before)
    expect(existsSync(`${file}.part`)).toBe(false)
  })
})
