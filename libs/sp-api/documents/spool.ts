import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SpApiInputError } from '../errors.ts'

/** Bytes whose number is known and that can be read more than once. */
export interface Content {
  readonly bytes: number
  open(): Buffer | Readable
  /** Deletes what was kept of it; idempotent. */
  discard(): Promise<void>
}

/** What a feed is made of: text or bytes, all at once, in a file, or in pieces. */
export type FeedContent = string | Uint8Array | { readonly file: string } | AsyncIterable<string | Uint8Array>

/** A file is deleted as soon as it is uploaded; older ones are of processes that died over it. */
const LEFT_OVER_MS = 24 * 3_600_000
const NAME = /^feed-[\da-f-]{36}$/

/**
 * Makes a length and a second reading of what comes in pieces: Amazon's storage wants to know the length before the
 * first byte, and an upload that breaks begins anew. Pieces go to a file that only its owner can read.
 */
export class Spool {
  readonly #folder: string
  readonly #maxBytes: number

  /** `maxBytes`: of one content. */
  constructor(folder: string, maxBytes: number) {
    this.#folder = folder
    this.#maxBytes = maxBytes
  }

  /** Throws a `SpApiInputError` when it is longer than may be, or empty. */
  async hold(content: FeedContent): Promise<Content> {
    const held = await this.#hold(content)
    if (held.bytes > 0) return held
    await held.discard()
    throw new SpApiInputError('INVALID_REQUEST', 'the feed is empty')
  }

  async #hold(content: FeedContent): Promise<Content> {
    if (typeof content === 'string' || content instanceof Uint8Array) {
      const buffer = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content)
      this.#check(buffer.length)
      return { bytes: buffer.length, open: () => buffer, discard: async () => {} }
    }
    if ('file' in content) {
      const { size } = await stat(content.file)
      this.#check(size)
      return { bytes: size, open: () => createReadStream(content.file), discard: async () => {} }
    }
    return this.#spooled(content)
  }

  /** Deletes what processes left that died; returns how many files. */
  async cleanUp(now: number): Promise<number> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    let deleted = 0
    for (const name of names.filter((each) => NAME.test(each))) {
      const path = join(this.#folder, name)
      const { mtimeMs } = await stat(path).catch((error: NodeJS.ErrnoException) => {
        // Another process was faster.
        if (error.code === 'ENOENT') return { mtimeMs: now }
        throw error
      })
      if (now - mtimeMs <= LEFT_OVER_MS) continue
      await rm(path, { force: true })
      deleted++
    }
    return deleted
  }

  async #spooled(pieces: AsyncIterable<string | Uint8Array>): Promise<Content> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const path = join(this.#folder, `feed-${randomUUID()}`)
    const discard = () => rm(path, { force: true })
    let bytes = 0
    const count = new Transform({
      transform: (piece: Buffer, _encoding, done) => {
        bytes += piece.length
        try {
          this.#check(bytes)
          done(null, piece)
        } catch (error) {
          done(error as Error)
        }
      },
    })
    try {
      await pipeline(
        Readable.from(pieces, { objectMode: false }),
        count,
        createWriteStream(path, { mode: 0o600, flags: 'wx' }),
      )
    } catch (error) {
      await discard()
      throw error
    }
    return { bytes, open: () => createReadStream(path), discard }
  }

  #check(bytes: number): void {
    if (bytes > this.#maxBytes)
      throw new SpApiInputError(
        'INVALID_REQUEST',
        `the feed is longer than ${this.#maxBytes} bytes: split it`,
      )
  }
}
