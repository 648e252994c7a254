import { expect, it } from 'vitest'
import { runHere } from './testing.ts'

it.each([
  [[], 'Usage: asinstream'],
  [['bogus'], "unknown command 'bogus'"],
  [['status', '--bogus'], "unknown option '--bogus'"],
  [['serve', 'bogus'], 'product-change, catalog-fetcher'],
  [['serve'], "missing required argument 'service'"],
  [['status', '--url', 'foo'], '--url must be a URL'],
  [['import', '-'], '--format csv'],
  [['import', 'products.xls'], '--format csv'],
  [['export'], "missing required argument 'file'"],
  [['export', 'products.pdf'], '--format csv'],
  [['export', 'products.csv', '--csv-for', 'me'], 'spreadsheet, program'],
  [['dev', '--port', '99999'], 'from 0 to 65535'],
  [['dev', '--rate', 'fast'], 'number from'],
  [['migrate'], 'DATABASE_URL must be set'],
  [['jobs'], 'Usage: asinstream jobs'],
  [['jobs', 'cancel'], "missing required argument 'sync'"],
  [['jobs', 'list', '--limit', 'all'], 'a whole number of 1 or more'],
  [['dead-letters'], 'Usage: asinstream dead-letters'],
  [['dead-letters', 'list'], 'DATABASE_URL must be set'],
  [['dead-letters', 'list', '--since', 'today'], 'write 30m, 2h or 7d'],
  [['dead-letters', 'list', '--limit', '0'], 'from 1 to'],
  [['dead-letters', 'list', '--topic', 'bogus'], 'catalog.sync-requests, catalog.sync-results'],
  [['dead-letters', 'show', '17'], 'such as 0:17'],
  [['dead-letters', 'redrive'], '--all'],
  [['sellers'], 'Usage: asinstream sellers'],
  [['keys'], 'Usage: asinstream keys'],
  [['export', 'x.csv', '--failures', '--state', 'error'], "cannot be used with option '--state <state>'"],
  [['products', 'set', 'S1'], 'say what to change'],
  [['products', 'set', 'S1', '--upc', '1', '--clear', 'upc'], 'exclude each other'],
  [['completion', 'tcsh'], 'bash, zsh, fish'],
  [['doctor', '--timeout', '0'], 'from 1 to 600'],
  [['keys', 'create'], '--name'],
  [['keys', 'create', '--name', 'x', '--scope', 'root'], 'read, sync, products, admin'],
  [['keys', 'create', '--name', 'x', '--expires', 'soon'], 'such as 90d'],
  [['keys', 'create', '--name', ' '], '1 to 100 characters'],
  [['dead-letters', 'redrive', '0:1', '--all'], 'not both'],
])('%j is wrong usage: exit code 2, and what to do on standard error', async (args, message) => {
  const { code, stdout, stderr } = await runHere(args)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(stdout).toBe('')
})

it('says what to start when nobody answers', async () => {
  const all = [
    ['status'],
    ['status', '--watch'],
    ['quota'],
    ['sync', '--wait'],
    ['jobs', 'list'],
    ['jobs', 'show', 'x', '--watch'],
    ['jobs', 'cancel', 'x'],
    ['products', 'list'],
    ['products', 'show', 'x'],
    ['products', 'set', 'x', '--upc', '1'],
    ['keys', 'list'],
    ['export', 'x.csv', '--failures'],
    ['import', 'package.json'],
  ]
  for (const args of all) {
    const { code, stdout, stderr } = await runHere([...args, '--url', 'http://127.0.0.1:9'])
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain('nothing answers at http://127.0.0.1:9')
    expect(stderr).toContain('npm start')
  }
})
