import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { CredentialError, CredentialKeys, parseCredentialKeys } from './credential-keys.ts'

const newKey = () => randomBytes(32).toString('base64')
function keysOf(text: string): CredentialKeys {
  const keys = parseCredentialKeys(text)
  if (!(keys instanceof CredentialKeys)) throw new Error(keys.problem)
  return keys
}

it('the first key seals, and all of them open', () => {
  const [older, newer] = [`k1:${newKey()}`, `k2:${newKey()}`]
  const before = keysOf(older).seal('seller a', 'secret')
  const during = keysOf(`${newer}, ${older}`)
  expect(during.open('seller a', before)).toBe('secret')
  const after = during.seal('seller a', 'secret')
  expect(after.keyId).toBe('k2')
  expect(keysOf(newer).open('seller a', after)).toBe('secret')
  expect(() => keysOf(newer).open('seller a', before)).toThrow(
    /the key k1, which CREDENTIALS_KEY does not have/,
  )
})

it('what is sealed for one seller does not open for another', () => {
  const keys = keysOf(`k1:${newKey()}`)
  expect(() => keys.open('seller b', keys.seal('seller a', 'secret'))).toThrow(CredentialError)
})

it('another key under the same id does not open it', () => {
  const sealed = keysOf(`k1:${newKey()}`).seal('seller a', 'secret')
  expect(() => keysOf(`k1:${newKey()}`).open('seller a', sealed)).toThrow(/another key of that id/)
})

it.each([
  ['', /entry 1/],
  [newKey(), /entry 1/],
  [`k1:${randomBytes(16).toString('base64')}`, /entry 1/],
  [`k1:${newKey()},`, /entry 2/],
  [`k 1:${newKey()}`, /entry 1/],
  [`k1:${newKey()},k1:${newKey()}`, /two keys of the id k1/],
])('is refused without being shown when it is none: %#', (text, problem) => {
  const keys = parseCredentialKeys(text)
  expect(keys).toHaveProperty('problem', expect.stringMatching(problem))
  for (const part of text.split(/[:,]/).filter((one) => one.length > 8))
    expect(JSON.stringify(keys)).not.toContain(part)
})
