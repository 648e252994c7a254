import { afterAll, beforeAll, expect, it } from 'vitest'
import { upsertProducts } from '#libs/db/products.ts'
import { syncRow } from '#libs/db/testing.ts'
import { syncAll } from '#services/reporting/review/testing.ts'
import { startTestReporting, type TestReporting } from '#services/reporting/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { runToEnd } from '../testing.ts'

const [A, B] = ['B00000000A', 'B00000000B'] as const

describeWith(['postgres'], 'asinstream review', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({ countries: ['US', 'CA'], environment: { API_RATE_LIMIT: '100000' } })
    await upsertProducts(api.db, [
      { sku: 'TIE', upc: '036000291452', title: '\u001b[31mRed\u001b[0m tie', brand: 'Acme' },
      { sku: 'LETTER', upc: 'O36000291452' },
      { sku: 'NOCHECK', upc: '12345678901' },
      { sku: 'SLOW', upc: '614141007349', supplier: 'Late' },
    ])
    await syncAll(api.db, ({ upc, marketplaceId }) => {
      if (marketplaceId !== 'ATVPDKIKX0DER') return { result: 'not_found' }
      if (upc === '036000291452') return { result: 'ambiguous', reason: 'too close to call', asins: [A, B] }
      if (upc === '614141007349') return { result: 'timeout', reason: 'no answer within 30000 ms' }
      return { result: 'invalid_upc' }
    })
  })
  afterAll(() => api?.close())

  const run = (...args: string[]) => runToEnd(['review', ...args], { ASINSTREAM_URL: api.origin })

  it('lists, shows, accepts, rejects and takes back', async () => {
    const listed = await run('list')
    expect(listed).toMatchObject({ code: 0, stderr: '' })
    expect(listed.stdout).toMatch(/^TIE +US +2 +\uFFFD\[31mRed\uFFFD\[0m tie +too close to call$/m)
    const lines = (await run('list', '--json')).stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).sku)).toEqual(['TIE'])
    expect((await run('list', '--marketplace', 'CA')).stdout).toBe('Nothing is ambiguous.\n')

    const before = JSON.parse((await run('show', 'TIE', '--json')).stdout)
    const shown = await run('show', 'TIE')
    expect(shown.stdout).toMatch(/^US +ambiguous: too close to call$/m)
    expect(shown.stdout).toMatch(new RegExp(`^${A}  0.50  Item ${A}\n {4}exact code$`, 'm'))

    const accepted = await run('accept', 'TIE', B, '--note', 'the right knot')
    expect(accepted).toMatchObject({ code: 0, stderr: '' })
    expect(accepted.stdout).toMatch(
      /^TIE in US is success \(B00000000B\): B00000000B was accepted by local on /,
    )
    expect((await run('show', 'TIE', '--marketplace', 'US')).stdout).toMatch(
      /B00000000B was accepted by local on .*: the right knot$/m,
    )
    // Who looked before that has seen something else.
    const late = await run('reject', 'TIE', '--all', '--marketplace', 'US', '--seen', before.version)
    expect(late).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('the right knot') })
    // Two marketplaces, none of them ambiguous any more.
    expect(await run('undo', 'TIE')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/CA \(not_found\), US \(success\).*--marketplace/),
    })
    expect((await run('reject', 'TIE', B, '--marketplace', 'US')).stdout).toContain('is ambiguous')
    expect((await run('undo', 'TIE', '--marketplace', 'US')).stdout).toContain('is success')
    expect(await run('reject', 'TIE')).toMatchObject({ code: 2, stderr: expect.stringContaining('--all') })
    expect(await run('accept', 'TIE', 'B00000000C', '--marketplace', 'US')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Amazon did not return B00000000C'),
    })
    expect(await run('show', 'NOBODY')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no product'),
    })
  })

  it('tells what is wrong with codes, and mends them', async () => {
    const listed = await run('invalid')
    expect(listed.stdout).toMatch(/^LETTER +O36000291452 +036000291452 +.* is not a product code/m)
    expect(listed.stdout).toMatch(/^NOCHECK +12345678901 +123456789012\? /m)
    expect(await run('fix')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect((await run('fix', '--dry-run')).stdout).toMatch(/1 of 2 codes would be mended\.\n$/)
    expect(await run('fix', 'NOCHECK')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No repair is sure.*it may be:\n {2}- 123456789012: /s),
    })
    expect((await run('fix', 'NOCHECK', '123456789012')).stdout).toBe(
      'NOCHECK has the code 123456789012 and is pending.\n',
    )
    const done = await run('fix', '--yes', '--json')
    expect(JSON.parse(done.stdout)).toMatchObject({ looked: 1, repaired: 1, sample: [{ sku: 'LETTER' }] })
    expect(await syncRow(api.db, 'LETTER')).toMatchObject({ state: 'pending' })
    expect((await run('invalid')).stdout).toBe('No code is like that.\n')
  })

  it('tells what failed by cause, and asks again', async () => {
    const CAUSE = 'timeout: no answer within N ms'
    const groups = await run('failures')
    expect(groups.stdout).toMatch(new RegExp(`^ +1  US  .* SLOW +${CAUSE}$`, 'm'))
    expect((await run('failures', '--cause', CAUSE)).stdout).toMatch(
      /^SLOW +US +error .* no answer within 30000 ms$/m,
    )
    expect((await run('failures', '--supplier', 'Acme')).stdout).toBe('Nothing failed like that.\n')
    const wish = ['retry', '--cause', CAUSE, '--no-check']
    expect(await run(...wish)).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    expect((await run(...wish, '--dry-run')).stdout).toMatch(/^1 product: 1 to ask for/)
    const started = await run(...wish, '--yes', '--json')
    expect(JSON.parse(started.stdout)).toMatchObject({ status: 'queued', filter: { cause: [CAUSE] } })
  })
})
