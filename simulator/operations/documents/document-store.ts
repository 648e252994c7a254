/** Documents of sellers: what reports and feeds come to, and what was uploaded. */

import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { combineText, createRandom } from '../../catalogue/hash.ts'
import type { World } from '../operation.ts'
import { type Charset, encode } from './charset.ts'
import { keepNewest } from './keep-newest.ts'
import { presign } from './presigned.ts'

/** Text that is made when it is asked for, and is the same each time. */
export interface Written {
  readonly lines: () => Iterable<string>
  readonly charset: Charset
  /** Begins with a byte order mark. */
  readonly bom?: boolean
}

export interface StoredDocument {
  /** `amzn1.spdoc.1.4.na.…`. */
  readonly id: string
  /** The last part of its URL, which says nothing of the id. */
  readonly key: string
  readonly seller: string
  readonly contentType: string
  /** Only for downloads: whether the bytes are compressed with gzip. */
  readonly gzip: boolean
  /** Names buyers: its URL is given for a restricted data token only. */
  readonly restricted: boolean
  /** Null for a document that is to be uploaded. */
  readonly written: Written | null
  uploaded: Buffer | null
}

/** How documents behave from now on. */
export interface DocumentManners {
  /** How long a URL is good for. */
  expiresSeconds: number
  /** Share of downloads that break somewhere in the middle. */
  cut: number
  /** Share of requests that S3 answers with 503 `SlowDown`. */
  slowDown: number
}

/** Bytes of documents that are kept once they are made: the last ones, as clients read a document in pieces. */
const RENDERED = 3
/** Documents that are kept. */
const MOST = 5_000

export class DocumentStore {
  readonly manners: DocumentManners = { expiresSeconds: 300, cut: 0, slowDown: 0 }
  readonly random: () => number
  readonly #byId = new Map<string, StoredDocument>()
  readonly #byKey = new Map<string, StoredDocument>()
  readonly #rendered = new Map<string, Promise<Buffer>>()

  constructor(seed: number) {
    this.random = createRandom(combineText(seed, 'documents'))
  }

  add(document: Omit<StoredDocument, 'id' | 'key' | 'uploaded'>): StoredDocument {
    const id = `amzn1.spdoc.1.4.na.${randomUUID()}.T${randomUUID().slice(0, 8).toUpperCase()}`
    const stored = { ...document, id, key: randomUUID(), uploaded: null }
    this.#byId.set(id, stored)
    this.#byKey.set(stored.key, stored)
    keepNewest(this.#byId, MOST)
    keepNewest(this.#byKey, MOST)
    return stored
  }

  /** The document of a seller with this id, or null: ids of other sellers are unknown to it. */
  byId(id: string, seller: string | null): StoredDocument | null {
    const document = this.#byId.get(id)
    return document?.seller === seller ? document : null
  }

  byKey(key: string): StoredDocument | null {
    return this.#byKey.get(key) ?? null
  }

  /** The bytes that a download has. */
  bytes({ key, written, gzip, uploaded }: StoredDocument): Promise<Buffer> {
    if (written === null) return Promise.resolve(uploaded ?? Buffer.alloc(0))
    const known = this.#rendered.get(key)
    this.#rendered.delete(key)
    const bytes = known ?? render(written, gzip)
    this.#rendered.set(key, bytes)
    const [oldest] = this.#rendered.keys()
    if (this.#rendered.size > RENDERED && oldest !== undefined) this.#rendered.delete(oldest)
    return bytes
  }
}

export const createDocumentStore = ({ options }: World) => new DocumentStore(options.seed)

/** A URL from which the document is fetched. `encoded`: S3 is to say that compressed bytes are. */
export function documentLink(
  { key, gzip }: StoredDocument,
  world: World,
  { origin, encoded }: { readonly origin: string; readonly encoded: boolean },
): string {
  const { manners } = world.part(createDocumentStore)
  const purpose = { method: 'GET' as const, key, ...(gzip && encoded ? { contentEncoding: 'gzip' } : {}) }
  return presign(origin, purpose, world.date().getTime(), manners.expiresSeconds)
}

/** A URL to which the document is sent, with its Content-Type and no other. */
export function uploadLink({ key, contentType }: StoredDocument, world: World, origin: string): string {
  const { manners } = world.part(createDocumentStore)
  const purpose = { method: 'PUT' as const, key, contentType }
  return presign(origin, purpose, world.date().getTime(), manners.expiresSeconds)
}

export const etagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`

async function render(written: Written, gzip: boolean): Promise<Buffer> {
  const chunks: Buffer[] = []
  const plain = Readable.from(pieces(written), { objectMode: false })
  for await (const chunk of gzip ? plain.pipe(createGzip()) : plain) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const PIECE = 65_536

function* pieces({ lines, charset, bom }: Written): Generator<Buffer> {
  if (bom) yield Buffer.from([0xef, 0xbb, 0xbf])
  let text = ''
  for (const line of lines()) {
    text += line
    if (text.length < PIECE) continue
    yield encode(text, charset)
    text = ''
  }
  if (text !== '') yield encode(text, charset)
}
