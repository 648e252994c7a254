import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { KEY_BYTES, seal, UnsealError, unseal } from './seal.ts'

const key = randomBytes(KEY_BYTES)

it('what is sealed opens with its key, for its place', () => {
  const sealed = seal(key, 'seller a', 'Atzr|CANARY ü')
  expect(unseal(key, 'seller a', sealed)).toBe('Atzr|CANARY ü')
  expect(sealed.toString('latin1')).not.toContain('CANARY')
  expect(seal(key, 'seller a', 'Atzr|CANARY ü')).not.toEqual(sealed)
  expect(unseal(key, '', seal(key, '', ''))).toBe('')
})

it('nothing opens with another key, for another place, cut short, or with any byte changed', () => {
  const sealed = seal(key, 'seller a', 'secret')
  expect(() => unseal(randomBytes(KEY_BYTES), 'seller a', sealed)).toThrow(UnsealError)
  expect(() => unseal(key, 'seller b', sealed)).toThrow(UnsealError)
  for (let length = 0; length < sealed.length; length++)
    expect(() => unseal(key, 'seller a', sealed.subarray(0, length))).toThrow(UnsealError)
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at]! ^= 1
    expect(() => unseal(key, 'seller a', changed)).toThrow(UnsealError)
  }
})
