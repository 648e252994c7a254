import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { startForTest } from '#simulator/testing.ts'
import { createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import { main } from '../main.ts'
import { runToEnd } from '../testing.ts'

/** Runs a command line in this process, which is much faster than in one of its own. */
async function run(args: readonly string[], variables: Readonly<Record<string, string>>, input = '') {
  const written = { stdout: '', stderr: '' }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([input]) as typeof process.stdin)
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text)
      return true
    })
  try {
    const code = await main(args)
    return { code, ...written }
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  }
}

describeWith(['postgres'], 'asinstream sellers', () => {
  let database: TestDatabase
  let db: Database
  let environment: Record<string, string>
  beforeAll(async () => {
    database = await createTestDatabase()
    db = await openDatabase({ url: database.url, poolSize: 1 })
    const made = await run(['sellers', 'new-key'], {})
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[\w-]+:[A-Za-z0-9+/]{43}=\n$/) })
    environment = { DATABASE_URL: database.url, CREDENTIALS_KEY: made.stdout.trim() }
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
  })

  const sellers = (args: string[], input = '', more: Record<string, string> = {}) =>
    run(['sellers', ...args], { ...environment, ...more }, input)
  const token = 'Atzr|CANARY-a-refresh-token-of-some-length-1234'

  it('stores sellers, shows them masked, takes new secrets and keys, and forgets them', async () => {
    expect((await sellers(['list'])).stdout).toContain('No sellers yet')
    const shop = ['add', 'shop-us', '--client-id', 'app-1', '--marketplaces', 'US,CA']
    const added = await runToEnd(
      ['sellers', ...shop],
      environment,
      `${token}\namzn1.oa2-cs.v1.CANARY-secret-5678\n`,
    )
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('shop-us is stored') })
    const twice = await sellers(['add', 'again'], token, { SP_API_CLIENT_ID: 'a', SP_API_CLIENT_SECRET: 'b' })
    expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining('is that of shop-us') })

    const listed = await sellers(['list'])
    expect(listed.stdout).toMatch(/shop-us\s+app-1\s+US,CA\s+\*{8}1234\s+\S+\s+\S+ \S+\s+opens/)
    expect(listed.stdout).toMatch(/app-1\s+\*{8}5678/)
    const all = [added, twice, listed, await sellers(['list', '--json'])]
    expect(all.map(({ stdout, stderr }) => stdout + stderr).join()).not.toContain('CANARY')

    // A new token keeps what is not said.
    expect((await sellers(['add', 'shop-us'], `${token}-9999`)).stdout).toContain('has a new refresh token')
    expect((await sellers(['list'])).stdout).toMatch(/shop-us\s+app-1\s+US,CA\s+\*{8}9999/)

    const rotated = await sellers(['rotate-secret', 'app-1'], 'amzn1.oa2-cs.v1.CANARY-newer-0000')
    expect(rotated).toMatchObject({ code: 0, stdout: expect.stringContaining('kept for 7d') })
    expect((await sellers(['list'])).stdout).toMatch(/app-1\s+\*{8}0000\s+\*{8}5678/)

    const newer = (await run(['sellers', 'new-key'], {})).stdout.trim()
    const both = { CREDENTIALS_KEY: `${newer},${environment.CREDENTIALS_KEY}` }
    expect((await sellers(['rotate-key'], '', both)).stdout).toContain('2 rows sealed anew')
    const old = await sellers(['list'])
    expect(old).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('which CREDENTIALS_KEY does not have'),
    })
    expect((await sellers(['list'], '', { CREDENTIALS_KEY: newer })).code).toBe(0)

    expect(await sellers(['remove', 'nobody'])).toMatchObject({ code: 1 })
    expect((await sellers(['remove', 'shop-us'])).code).toBe(0)
    expect(await db.query('select 1 from lwa_applications')).toEqual([])
  })

  it('takes them from the environment, and the doctor asks for them', async () => {
    const simulator = await startForTest({ clientId: 'app', clientSecret: 'client-secret' })
    const given = { SP_API_CLIENT_ID: 'app', SP_API_CLIENT_SECRET: 'client-secret' }
    const all = { ...given, SP_API_REFRESH_TOKEN: token }
    expect((await sellers(['add', 'from-env', '--from-env'], '', all)).code).toBe(0)
    const endpoints = { SP_API_ENDPOINT: simulator.url, LWA_ENDPOINT: simulator.url }
    const looked = await run(['doctor', '--json'], { ...environment, ...given, ...endpoints })
    expect(looked.stdout).toContain('Login with Amazon gave an access token')
    expect(simulator.stats().tokensIssued).toBe(1)
    await sellers(['remove', 'from-env'])
  })

  it.each<[string, string[], string, RegExp]>([
    ['no token', ['add', 'a'], '', /refresh token is missing/],
    ['two words', ['add', 'a'], 'Atzr|one two', /one word/],
    ['more than asked for', ['add', 'a'], 'one\ntwo', /and nothing else/],
    ['a name with a blank', ['add', 'a b'], 'one', /name is 1 to 63/],
    [
      'a marketplace that is none',
      ['add', 'a', '--marketplaces', 'Moon'],
      'one',
      /unknown marketplace "Moon"/,
    ],
    ['plans that are none', ['add', 'a', '--usage-plans', 'fast'], 'one', /usage plan "fast"/],
    ['a time that is none', ['rotate-secret', 'app', '--valid-for', 'long'], 'one', /must be a duration/],
    ['a secret among the arguments', ['add', 'a', '--refresh-token', 'one'], '', /unknown option/],
  ])('refuses %s', async (_, args, input, problem) => {
    expect(await sellers(args, input)).toMatchObject({ code: 2, stderr: expect.stringMatching(problem) })
  })

  it('says how to get a key where there is none', async () => {
    const { DATABASE_URL } = environment as { DATABASE_URL: string }
    expect(await run(['sellers', 'list'], { DATABASE_URL })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('sellers new-key prints one'),
    })
  })
})
