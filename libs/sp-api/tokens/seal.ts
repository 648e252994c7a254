import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** AES-256-GCM with a nonce of 96 bits at random. Source: NIST SP 800-38D, 8.2.2. */
const ALGORITHM = 'aes-256-gcm'
export const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** What was sealed can not be opened: another key, another place, or changed bytes. The reason is not told apart. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError'
}

/**
 * Encrypts `text` under a key of 32 bytes: nonce, tag and ciphertext. It opens with the same `place` only, so that it is
 * no use anywhere else.
 */
export function seal(key: Uint8Array, place: string, text: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(place))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
}

/** What `seal` was given. Throws an `UnsealError`. */
export function unseal(key: Uint8Array, place: string, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed)
  try {
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(place))
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    throw new UnsealError('it was sealed with another key, for another place, or has been changed')
  }
}
