import { execFile } from 'node:child_process'
import { expect, it } from 'vitest'
import { runToEnd } from './testing.ts'

it('names every wrong variable at once', async () => {
  const variables = {
    PORT: 'abc',
    MARKETPLACES: 'XX',
    SP_API_USAGE_PLANS: 'searchCatalogItems=5',
    SP_API_CLIENT_ID: 'id',
  }
  const { code, stderr } = await runToEnd(['dev'], variables)
  expect(code).toBe(2)
  expect(stderr).toContain('PORT must be a whole number (it is "abc")')
  expect(stderr).toContain('unknown marketplace "XX"')
  expect(stderr).toContain('searchCatalogItems=5/10')
  expect(stderr).toContain('SP_API_CLIENT_SECRET and SP_API_REFRESH_TOKEN must be set as well')
})

it.each([
  [
    { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:9/x' },
    ['--fresh'],
    '--fresh deletes the embedded database',
  ],
  [{ SP_API_ENDPOINT: 'http://127.0.0.1:9' }, [], 'no credentials are'],
  [
    { SP_API_CLIENT_ID: 'i', SP_API_CLIENT_SECRET: 's', SP_API_REFRESH_TOKEN: 'r' },
    ['--rate', '5'],
    "--rate is the simulator's",
  ],
])('dev refuses what does not go together: %j %j', async (variables, args, message) => {
  const { code, stderr } = await runToEnd(['dev', '--port', '0', ...args], variables)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(stderr).not.toContain('hidden')
})

it('names the database that it can not reach, without the password', async () => {
  const { code, stderr } = await runToEnd(['migrate'], { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:9/x' })
  expect(code).toBe(1)
  expect(stderr).toContain('PostgreSQL at 127.0.0.1:9/x can not be reached')
  expect(stderr).not.toContain('hidden')
})

it('the launcher works from anywhere', async () => {
  const launcher = new URL('asinstream.js', import.meta.url).pathname
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [launcher, '--version'], { cwd: '/' }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    )
  })
  expect(output).toMatch(/^\d+\.\d+\.\d+\n$/)
})
