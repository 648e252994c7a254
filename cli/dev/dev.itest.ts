import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processStart } from '#libs/child-process/identity.ts'
import type { SyncStatusReport } from '#libs/db/sync-status.ts'
import { generateProducts, sampleOptions } from '#simulator/catalogue/generate-products.ts'
import { scratchFolder } from '#tests/support/backing.ts'
import { asinstream, type CommandRun, runToEnd } from '../testing.ts'

const PRODUCTS = 300
const up = /Page +(http:\/\/127\.0\.0\.1:\d+)\//
/** Not "0 of 300": some are done, and not all. */
const halfWay = /^[1-9]\d* of 300 \((?!100)/m

describe('asinstream dev', () => {
  const dir = scratchFolder('dev')
  const runs: CommandRun[] = []
  let dev: CommandRun
  let url: string

  const start = (args: readonly string[], variables: Readonly<Record<string, string>> = {}): CommandRun => {
    const run = asinstream(['dev', '--data-dir', dir, ...args], variables)
    runs.push(run)
    return run
  }
  const api = async <T>(path: string): Promise<T> => (await (await fetch(url + path)).json()) as T

  beforeAll(async () => {
    // At the slowest plan, so that there is a half-way; killed there.
    const killed = start(['--port', '0', '--products', String(PRODUCTS), '--rate', '2'])
    await killed.printed(halfWay)
    killed.kill('SIGKILL')
    await killed.exited
    dev = start(['--port', '0', '--rate', '50'])
    url = (await dev.printed(up))[1] ?? ''
  })
  afterAll(async () => {
    for (const run of runs) run.kill('SIGKILL')
    await Promise.all(runs.map((run) => run.exited))
  })

  it('goes on after kill -9, and brings every product to the state that the catalogue says', async () => {
    await dev.printed(/300 products, all in a final state/)
    const expected: Record<string, number> = {}
    for (const row of generateProducts({ ...sampleOptions, count: PRODUCTS })) {
      expected[row.expected] = (expected[row.expected] ?? 0) + 1
    }
    const { states } = await api<SyncStatusReport>('/marketplace/amazon/sync-status')
    expect(Object.fromEntries(Object.entries(states).filter(([, n]) => n > 0))).toEqual(expected)
  })

  it('says what runs, where it is, and what to copy', () => {
    for (const text of [
      /a simulator in this process, 50 requests a second, burst 100 \(Amazon's default: 2 and 2\)/,
      /Database +embedded PostgreSQL, kept in .*postgres/,
      /psql +psql 'postgres:\/\//,
      /curl .*--data-binary @- http:.*\/products/,
      /curl .*\/marketplace\/amazon\/sync/,
      /npm run -s status/,
    ]) {
      expect(dev.stdout).toMatch(text)
    }
  })

  it('reports the health of every service on its port', async () => {
    const { status, checks } = await api<{ status: string; checks: object }>('/readyz')
    expect(status).toBe('ok')
    expect(new Set(Object.keys(checks))).toEqual(
      new Set(['catalog-fetcher', 'offer-fetcher', 'persister', 'product-change', 'reporting']),
    )
  })

  it('looks up codes: what a product has in the database, what none has at Amazon, in any marketplace', async () => {
    const { items } = await api<{ items: readonly { upc: string; sku: string }[] }>(
      '/products?syncStatus=success&limit=1',
    )
    const { upc, sku } = items[0]!
    expect(await api(`/lookup/${encodeURIComponent(upc)}`)).toMatchObject({
      outcome: 'success',
      source: 'database',
      matchedAgainst: { from: 'catalogue', sku },
    })
    const book = '/lookup/080442957X?marketplace=UK'
    expect(await api(book)).toMatchObject({ kind: 'ISBN-10', source: 'amazon', countryCode: 'UK' })
    expect(await api(book)).toMatchObject({ source: 'database' })
    expect(await api('/config')).toMatchObject({ SP_API_REFRESH_TOKEN: '********', REQUEST_TIMEOUT: '30s' })
  })

  it('shows the status as a table and as JSON', async () => {
    const table = await runToEnd(['status', '--url', url])
    expect(table).toMatchObject({ code: 0, stderr: '' })
    expect(table.stdout).toMatch(/^pending +0$/m)
    expect(table.stdout).toMatch(/^total +300$/m)
    expect(table.stdout).not.toContain('\x1b[')
    const { code, stdout } = await runToEnd(['status', '--json'], { ASINSTREAM_URL: url })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ total: PRODUCTS, pending: 0, queued: 0 })
  })

  it('syncs a subset again and waits for it', async () => {
    const { code, stdout } = await runToEnd([
      'sync',
      '--status',
      'not_found',
      '--wait',
      '--url',
      url,
      '--json',
    ])
    expect(code).toBe(0)
    const job = JSON.parse(stdout)
    expect(job).toMatchObject({ status: 'complete', filter: { status: ['not_found'] } })
    expect(job.total).toBeGreaterThan(0)
    expect(job.outcomes).toEqual({ not_found: job.total })
    const none = await runToEnd(['sync', '--supplier', 'Nobody', '--wait', '--url', url])
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('no product matched') })
  })

  it('refuses a state that is none, and passes on what the API has against a sync', async () => {
    const state = await runToEnd(['sync', '--status', 'nonsense', '--url', url])
    expect(state).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('not_found') })
    const marketplace = await runToEnd(['sync', '--marketplace', 'DE', '--url', url])
    expect(marketplace).toMatchObject({ code: 1, stderr: expect.stringContaining('add it to MARKETPLACES') })
  })

  it('imports a CSV, keeps the good lines and reports the bad ones', async () => {
    const file = join(dir, 'products.csv')
    const errors = join(dir, 'bad.csv')
    writeFileSync(file, 'sku,upc,pack_quantity\nMY-1,040011000002,1\nMY-2,040011000002,x\n,040011000002,1\n')
    const run = await runToEnd(['import', file, '--url', url, '--errors', errors])
    expect(run.code).toBe(1)
    expect(run.stdout).toContain('3 lines: 1 inserted, 0 updated, 0 unchanged, 2 rejected.')
    expect(run.stderr).toMatch(/line 3, packQuantity: .*"x"/)
    expect(run.stderr).toMatch(/line 4, sku: /)
    const lines = (await readFile(errors, 'utf8')).trim().split('\n')
    expect(lines.map((line) => line.split(',')[0])).toEqual(['line', '3', '4'])
    const allowed = await runToEnd(['import', file, '--url', url, '--allow-errors', '--json'])
    expect(allowed.code).toBe(0)
    expect(JSON.parse(allowed.stdout)).toMatchObject({ received: 3, unchanged: 1, rejected: 2 })
  })

  it('imports standard input, and passes on what the API has against a file', async () => {
    const good = await runToEnd(['import', '-', '--format', 'ndjson', '--url', url], {}, '{"sku":"MY-3"}\n')
    expect(good).toMatchObject({ code: 0, stdout: expect.stringContaining('1 inserted') })
    const bad = await runToEnd(['import', '-', '--format', 'csv', '--url', url], {}, 'sku,colour\nA,red\n')
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining('colour') })
  })

  it('shows a sync that comes later', async () => {
    await dev.printed(/302 products, all in a final state/)
  })

  it('refuses a port in use, and a folder in use, with what to do', async () => {
    const port = new URL(url).port
    const taken = await runToEnd(['dev', '--data-dir', scratchFolder('dev'), '--port', port])
    expect(taken).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`port ${port} on 127.0.0.1 is in use`),
    })
    expect(taken.stderr).toContain('--port')
    for (const fresh of [[], ['--fresh']]) {
      const folder = await runToEnd(['dev', '--data-dir', dir, '--port', '0', ...fresh])
      expect(folder).toMatchObject({ code: 1, stderr: expect.stringContaining(`process ${dev.pid}`) })
    }
  })

  it('takes the next port when 8080 is in use and none was asked for', async () => {
    const blocker = createServer()
    // Somebody else may have it already, which is as good.
    await new Promise<void>((resolve) => {
      blocker.once('error', () => resolve())
      blocker.listen(8080, '127.0.0.1', resolve)
    })
    try {
      const moved = asinstream(['dev', '--data-dir', scratchFolder('dev'), '--products', '0'])
      runs.push(moved)
      const found = (await moved.printed(up))[1] ?? ''
      expect(Number(new URL(found).port)).toBeGreaterThan(8080)
      expect(moved.stdout).toContain('Port 8080 is in use')
      await moved.printed(/The catalogue is empty: import products/)
      moved.kill('SIGTERM')
      expect(await moved.exited).toBe(0)
    } finally {
      await new Promise<void>((resolve) => blocker.close(() => resolve()))
    }
  })

  it('ends on Ctrl-C within two seconds, with its database, exit code 0; --fresh then begins anew', async () => {
    const postgres = JSON.parse(await readFile(join(dir, 'postgres', 'pid'), 'utf8')) as { pid: number }
    expect(processStart(postgres.pid)).toBeDefined()
    const began = performance.now()
    dev.kill('SIGINT')
    expect(await dev.exited).toBe(0)
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(processStart(postgres.pid)).toBeUndefined()
    expect(dev.stderr).toBe('')

    const fresh = start(['--port', '0', '--fresh', '--products', '20', '--rate', '50'])
    await fresh.printed(/The database of the last runs is deleted/)
    await fresh.printed(/20 products, all in a final state/)
    fresh.kill('SIGINT')
    const code = await fresh.exited
    expect({ code, stderr: fresh.stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('does not let the simulator answer for products that came without it', async () => {
    const credentials = {
      SP_API_CLIENT_ID: 'id',
      SP_API_CLIENT_SECRET: 'secret-of-this-test',
      SP_API_REFRESH_TOKEN: 'token-of-this-test',
      // Nobody listens there: products stay pending, which is all that this needs.
      SP_API_ENDPOINT: 'http://127.0.0.1:9',
      LWA_ENDPOINT: 'http://127.0.0.1:9',
    }
    const real = start(['--port', '0', '--fresh'], credentials)
    const [, base = ''] = await real.printed(up)
    expect(real.stdout).toContain("Amazon's own API at http://127.0.0.1:9")
    await real.printed(/The catalogue is empty/)
    const added = await runToEnd(
      ['import', '-', '--format', 'ndjson', '--url', base],
      {},
      '{"sku":"REAL-1"}\n',
    )
    expect(added.code).toBe(0)
    real.kill('SIGINT')
    expect(await real.exited).toBe(0)
    expect(real.stdout + real.stderr).not.toMatch(/secret-of-this-test|token-of-this-test/)
    expect(await readFile(join(dir, 'asinstream.log'), 'utf8')).not.toMatch(
      /secret-of-this-test|token-of-this-test/,
    )
    const simulated = await runToEnd(['dev', '--data-dir', dir, '--port', '0'])
    expect(simulated).toMatchObject({ code: 2, stderr: expect.stringContaining('it would invent answers') })
  })

  it('leaves a folder alone that is not its own', async () => {
    const other = scratchFolder('dev')
    mkdirSync(join(other, 'postgres'))
    writeFileSync(join(other, 'postgres', 'thesis.txt'), 'years of work')
    const run = await runToEnd(['dev', '--data-dir', other, '--port', '0', '--fresh'])
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('thesis.txt') })
    expect(await readFile(join(other, 'postgres', 'thesis.txt'), 'utf8')).toBe('years of work')
  })
})
