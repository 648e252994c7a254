import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith } from '#tests/support/backing.ts'
import { startTestReporting, type TestReporting } from './testing.ts'

describeWith(['postgres'], 'the files of the dashboard', () => {
  let api: TestReporting
  beforeAll(async () => {
    api = await startTestReporting({ environment: { API_AUTH: 'keys' } })
  })
  afterAll(() => api.close())

  const get = (path: string, headers: Record<string, string> = {}) => fetch(api.origin + path, { headers })

  it('are one page at every address, which lets in no script but ours and its own import map', async () => {
    const page = await get('/')
    const html = await page.text()
    const policy = page.headers.get('content-security-policy') ?? ''
    const inline = /<script type="importmap">(.*?)<\/script>/.exec(html)?.[1] ?? ''
    const hash = createHash('sha256').update(inline).digest('base64')
    expect(policy).toContain(`script-src 'self' 'sha256-${hash}';`)
    expect(policy).toContain("style-src 'self';")
    expect(policy).not.toContain('unsafe')
    expect(html.match(/<script(?! src="\/assets|[^>]* src="\/assets)/g)).toEqual(['<script'])
    expect(html).not.toMatch(/\{\{|style="|https?:(?!\/\/www\.w3\.org)/)
    for (const path of ['/ui', '/ui/jobs', '/ui/products/0198c2a4-6d1e-7b2a-9c55-3f1d2e4b6a01']) {
      expect(await (await get(path)).text()).toBe(html)
    }
    // What is no page has none of it.
    expect((await get('/livez')).headers.get('content-security-policy')).toContain("script-src 'self';")
  })

  it('have an address of their content, and are kept for ever under it', async () => {
    const html = await (await get('/')).text()
    const addresses = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, address]) => address!)
    expect(addresses.length).toBeGreaterThan(20)
    const answers = await Promise.all(addresses.map((address) => get(address)))
    expect([...new Set(answers.map((answer) => answer.headers.get('cache-control')))]).toEqual([
      'public, max-age=31536000, immutable',
    ])
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([200])
    const old = await get(addresses[0]!.replace(/assets\/\w+/, 'assets/0123456789abcdef'))
    expect([old.status, old.headers.get('cache-control')]).toEqual([200, 'no-store'])
  })

  it('are sent as small as the browser takes them', async () => {
    const [, address] = /src="(\/assets\/[^"]+main\.js)"/.exec(await (await get('/')).text())!
    const sheet = address!.replace('main.js', 'styles/forms.css')
    const plain = await get(sheet, { 'accept-encoding': 'identity' })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(plain.headers.get('vary')).toContain('accept-encoding')
    const text = await plain.text()
    for (const encoding of ['br', 'gzip']) {
      const packed = await get(sheet, { 'accept-encoding': encoding })
      expect(packed.headers.get('content-encoding')).toBe(encoding)
      expect(Number(packed.headers.get('content-length'))).toBeLessThan(text.length / 3)
      expect(await packed.text()).toBe(text)
    }
  })

  it.each(['nothing.js', '../package.json', '..%2f..%2fpages.ts', 'vendor/', 'README.md'])(
    'do not lead to %s',
    async (file) => {
      const [, version] = /\/assets\/(\w+)\//.exec(await (await get('/')).text())!
      const answer = await get(`/assets/${version}/${file}`)
      expect([401, 404]).toContain(answer.status)
    },
  )
})
