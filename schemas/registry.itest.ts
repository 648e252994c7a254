import { once } from 'node:events'
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { DecodeError } from '#libs/stream/processor.ts'
import { createRegistryCodec, type RegistryCodecOptions } from '#schemas/codec.ts'
import type { SyncRequest } from '#schemas/generated/sync-request.ts'
import { RegistryError } from '#schemas/registry-http.ts'
import { registerAll } from '#schemas/tools/register.ts'
import { SYNC_REQUESTS, SYNC_RESULTS } from '#schemas/topics.ts'
import { type AvroJson, loadSchemas, newest, type SchemaVersion } from '#schemas/versions.ts'
import { backing, describeWith } from '#tests/support/backing.ts'

const request: SyncRequest = {
  productId: '0198c2a4-6d1e-7b2a-9c55-3f1d2e4b6a01',
  marketplaceId: 'ATVPDKIKX0DER',
  attempt: 1,
  upc: '036000291452',
  codeStatus: 'valid',
  codeReason: null,
  gtin14: '00036000291452',
  repair: null,
  title: null,
  brand: null,
  packQuantity: null,
  requestedAt: 1_792_000_000_000,
}
const ignore = () => {}

/** A line to the real registry that can be cut, and that counts what goes over it. */
async function lineToRegistry() {
  const line = { state: 'up' as 'up' | 'cut' | 'silent' | 'page', asked: [] as string[], url: '' }
  const server = createServer((incoming, answer) => {
    line.asked.push(`${incoming.method} ${incoming.url}`)
    if (line.state === 'cut') return void incoming.socket.destroy()
    if (line.state === 'silent') return
    if (line.state === 'page')
      return void answer.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not here</h1>')
    const onward = forward(
      new URL(incoming.url ?? '', backing('registry')),
      { method: incoming.method, headers: incoming.headers },
      (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers)
        reply.pipe(answer)
      },
    )
    incoming.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  line.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return line
}

async function setUp(options: Partial<RegistryCodecOptions> = {}) {
  await registerAll(backing('registry'), ignore)
  const line = await lineToRegistry()
  return { line, codec: createRegistryCodec({ url: line.url, timeoutMs: 500, ...options }) }
}

const failureOf = (act: () => unknown): Promise<Error> =>
  Promise.resolve()
    .then(act)
    .then(
      () => Promise.reject(new Error('it did not fail')),
      (error) => error as Error,
    )

/** The record of another topic, under a name of this test. */
function renamed(
  topic: string,
  change: (schema: { fields: object[] }) => void = ignore,
): Map<string, readonly SchemaVersion[]> {
  const version = newest(loadSchemas().get(SYNC_REQUESTS)!)
  const schema = structuredClone(version.schema) as { fields: object[] }
  change(schema)
  return new Map([[topic, [{ ...version, topic, schema: schema as unknown as AvroJson }]]])
}

describeWith(['registry'], 'the registry codec', () => {
  it('writes ids of the registry, and reads what it wrote without asking again', async () => {
    const { line, codec } = await setUp()
    await codec.ready()
    const bytes = codec.encode(SYNC_REQUESTS, request)
    expect(bytes).toBeInstanceOf(Buffer)
    const asked = line.asked.length
    expect(codec.decode(SYNC_REQUESTS, bytes as Buffer)).toMatchObject(request)
    expect(line.asked).toHaveLength(asked)
  })

  it('registers nothing', async () => {
    const topic = `nowhere.${crypto.randomUUID()}`
    const { line, codec } = await setUp({ schemas: renamed(topic) })
    await expect(codec.ready()).rejects.toThrow(/does not have version 1 .*npm run schemas:register/)
    await expect(codec.encode(topic, request)).rejects.toThrow(/npm run schemas:register/)
    expect(line.asked.filter((asked) => asked.includes('/versions'))).toEqual([])
  })

  it('asks once for a writer schema that it meets, and keeps one entry for it', async () => {
    const newer = renamed(SYNC_REQUESTS, ({ fields }) => {
      fields.push({ name: 'note', type: ['null', 'string'], default: null, doc: 'Added' })
    })
    await registerAll(backing('registry'), ignore, newer)
    const writer = createRegistryCodec({ url: backing('registry'), schemas: newer })
    const bytes = await writer.encode(SYNC_REQUESTS, { ...request, note: 'hello' })
    const { line, codec } = await setUp()
    await codec.ready()
    line.asked.length = 0
    const first = await Promise.all([1, 2, 3].map(() => codec.decode(SYNC_REQUESTS, bytes)))
    const size = codec.cacheSize()
    for (let i = 0; i < 1_000; i++) expect(codec.decode(SYNC_REQUESTS, bytes)).not.toBeInstanceOf(Promise)
    expect(first[2]).toMatchObject(request)
    expect(first[2]).not.toHaveProperty('note')
    expect(line.asked).toEqual([`GET /schemas/ids/${bytes.readUInt32BE(1)}`])
    expect(codec.cacheSize()).toBe(size)
  })

  it('takes an id that the registry does not know, and one of another record, for poison', async () => {
    let now = 0
    const { line, codec } = await setUp({ now: () => now, unknownForMs: 1_000 })
    await codec.ready()
    const good = codec.encode(SYNC_REQUESTS, request) as Buffer
    const bytes = Buffer.from(good)
    bytes.writeUInt32BE(1_999_999_999, 1)
    line.asked.length = 0
    for (let i = 0; i < 5; i++) {
      const error = await failureOf(() => codec.decode(SYNC_REQUESTS, bytes))
      expect(error).toBeInstanceOf(DecodeError)
      expect(error.message).toMatch(/1999999999/)
    }
    // Twice in a row: the library's question, and the one that tells why it was answered with 404.
    expect(line.asked).toHaveLength(2)
    now = 1_001
    await failureOf(() => codec.decode(SYNC_REQUESTS, bytes))
    expect(line.asked).toHaveLength(4)
    expect(await failureOf(() => codec.decode(SYNC_RESULTS, good))).toBeInstanceOf(DecodeError)
  })

  it.each(['cut', 'silent', 'page'] as const)(
    'when the line is %s: not ready, known ids go on, unknown ones are no poison',
    async (state) => {
      const { line, codec } = await setUp()
      await codec.ready()
      const known = codec.encode(SYNC_REQUESTS, request) as Buffer
      const unknown = Buffer.from(known)
      unknown.writeUInt32BE(1_888_888_888, 1)
      line.state = state
      expect(await failureOf(() => codec.ready())).toBeInstanceOf(RegistryError)
      expect(codec.decode(SYNC_REQUESTS, known)).toMatchObject(request)
      expect(codec.encode(SYNC_REQUESTS, request)).toEqual(known)
      expect(await failureOf(() => codec.decode(SYNC_REQUESTS, unknown))).toBeInstanceOf(RegistryError)
      line.state = 'up'
      await codec.ready()
      expect(await failureOf(() => codec.decode(SYNC_REQUESTS, unknown))).toBeInstanceOf(DecodeError)
    },
  )

  it('keeps user and password out of its messages', async () => {
    const { line } = await setUp()
    line.state = 'cut'
    const codec = createRegistryCodec({ url: line.url.replace('//', '//someone:s3cret@'), timeoutMs: 500 })
    const { message, cause } = (await failureOf(() => codec.ready())) as Error & { cause: Error }
    expect(`${message} ${cause.message} ${JSON.stringify(cause)}`).not.toMatch(/someone|s3cret/)
    expect(() => createRegistryCodec({ url: 'registry:8081' })).toThrow(/http:\/\/ or https:\/\//)
  })
})

describeWith(['registry'], 'registering', () => {
  it('can be repeated, and asks for FULL_TRANSITIVE', async () => {
    const runs: string[][] = [[], []]
    for (const lines of runs) await registerAll(backing('registry'), (line) => lines.push(line))
    expect(runs[0]).toEqual(runs[1])
    const config = await fetch(`${backing('registry')}/config/${SYNC_REQUESTS}-value`)
    expect(await config.json()).toMatchObject({ compatibilityLevel: 'FULL_TRANSITIVE' })
  })

  it('says what to do when the registry does not answer', async () => {
    const line = await lineToRegistry()
    line.state = 'cut'
    await expect(registerAll(line.url, ignore)).rejects.toThrow(/does not answer .*SCHEMA_REGISTRY_URL/)
    line.state = 'page'
    await expect(registerAll(line.url, ignore)).rejects.toThrow(/refused version 1 .*404/)
  })
})
