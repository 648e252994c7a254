import { afterAll, beforeAll, expect, it } from 'vitest'
import { simulatedCode, startLookups } from '#services/reporting/lookup/testing.ts'
import { describeWith } from '#tests/support/backing.ts'
import { runToEnd } from '../testing.ts'

const US = 'ATVPDKIKX0DER'

describeWith(['postgres'], 'asinstream lookup', () => {
  let lookups: Awaited<ReturnType<typeof startLookups>>
  let code: ReturnType<typeof simulatedCode>
  beforeAll(async () => {
    lookups = await startLookups({ MARKETPLACES: 'US' })
    code = simulatedCode(lookups.amazon, US)
  })
  afterAll(() => lookups?.close())

  const run = (...args: string[]) => runToEnd(['lookup', ...args], { ASINSTREAM_URL: lookups.api.origin })

  it('shows every candidate and why one was chosen, for people and for programs', async () => {
    const { upc, asins, match } = code('variation', 0, 2)
    const shown = await run(upc)
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(
      new RegExp(`^${upc} \\(UPC-A, 00${upc}\\) in US: 2 items, from Amazon, observed `),
    )
    expect(shown.stdout).toMatch(new RegExp(`^→ +${match} +[01]\\.\\d\\d `, 'm'))
    expect(shown.stdout).toContain(`${match} is the only item that carries 00${upc}.`)
    expect(shown.stdout).toContain(`Why ${match} is first:\n  code: carries`)
    const json = await run(upc, asins[1]!, '--json')
    const { results } = JSON.parse(json.stdout)
    expect(json.code).toBe(0)
    expect(results).toMatchObject([
      { chosenAsin: match, source: 'database' },
      { kind: 'ASIN', chosenAsin: asins[1] },
    ])
  })

  it('says what is wrong with a code and what may be meant, and that Amazon has nothing, by its exit code as well', async () => {
    const wrong = await run('036000291453', code('none').upc, code('variation', 0, 2).upc)
    expect(wrong.code).toBe(1)
    expect(wrong.stdout).toMatch(/^036000291453 in US: 0 items\n.*Perhaps \d+ is meant: .*\n {2}or \d+: /)
    expect(wrong.stdout).toContain('Amazon has no item with')
    expect(wrong.stdout).toContain('→')
  })

  it('compares with what is told, in the marketplace that is named', async () => {
    const { upc, asins } = code('other_brand', 0, 2)
    const first = JSON.parse((await run(upc, '--json')).stdout).results[0]
    const other = first.candidates.find(({ chosen }: { chosen: boolean }) => !chosen)
    const told = await run(upc, '--brand', other.brand, '--title', other.Title, '--pack-quantity', '1')
    expect(told.stdout).toContain(`Compared with what you told: title ${JSON.stringify(other.Title)}`)
    expect(told.stdout).toMatch(new RegExp(`^→ +${other.asin}`, 'm'))
    expect(asins).toContain(other.asin)
    const canada = await run(asins[0]!, '-m', 'amazon.ca', '--max-age', '0')
    expect(canada.stdout).toContain('in CA: ')
  })

  it.each<[string[], number, string]>([
    [['036000291452', '-m', 'MOON'], 1, 'is not a marketplace'],
    [['036000291452', '--max-age', 'soon'], 1, 'maxAge'],
    [['036000291452', '--pack-quantity', 'many'], 2, 'whole number'],
    [['036000291452', '080442957X', '--title', 'Both'], 2, 'one code'],
    [[], 2, 'code'],
  ])('refuses %j', async (args, exitCode, message) => {
    expect(await run(...args)).toMatchObject({
      code: exitCode,
      stdout: '',
      stderr: expect.stringContaining(message),
    })
  })
})
