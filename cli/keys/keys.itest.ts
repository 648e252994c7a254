import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestReporting, type TestReporting } from '#services/reporting/testing.ts'
import { backing, describeWith } from '#tests/support/backing.ts'
import { runToEnd } from '../testing.ts'

describeWith(['postgres'], 'asinstream keys', () => {
  let api: TestReporting
  let DATABASE_URL: string
  beforeAll(async () => {
    api = await startTestReporting({ environment: { API_AUTH: 'keys' } })
    const [row] = await api.db.query<{ name: string }>('select current_database() as name')
    const url = new URL(backing('postgres'))
    url.pathname = `/${row?.name}`
    DATABASE_URL = url.href
  })
  afterAll(() => api?.close())

  const keys = (...args: string[]) => runToEnd(['keys', ...args], { DATABASE_URL })
  const status = (key: string) =>
    runToEnd(['status', '--json', '--url', api.origin], { ASINSTREAM_API_KEY: key })

  it('makes a key that other commands come in with, lists it without showing it, and revokes it', async () => {
    expect((await keys('list')).stdout).toContain('No keys yet')
    const made = await keys('create', '--name', 'night shift', '--scope', 'read,sync', '--expires', '90d')
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^asin_[\w-]{43}\n$/) })
    const key = made.stdout.trim()

    expect(await status(key)).toMatchObject({ code: 0, stdout: expect.stringContaining('"total"') })
    const without = await runToEnd(['status', '--url', api.origin])
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('ASINSTREAM_API_KEY') })

    const listed = await keys('list')
    expect(listed.stdout).toMatch(/night shift\s+read,sync\s+\d{4}-\d\d-\d\d\s+\S.*valid until/)
    expect(listed.stdout).not.toContain(key)

    const revoked = await keys('revoke', key)
    expect(revoked).toMatchObject({ code: 0, stdout: expect.stringContaining('does not work any more') })
    expect((await status(key)).code).toBe(1)
    expect((await keys('list', '--json')).stdout).toContain('"revokedAt": "2')
    expect(await keys('revoke', 'asin_nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no such key'),
    })
  })
})
