import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../clock.ts'
import { testClock } from '../test-support.ts'
import { type FeedRequest, Feeds, feedKey } from './feeds.ts'
import { createMemoryLedger, type Ledger } from './ledger.ts'
import { listingsFeed, readListingsReport } from './listings-feed.ts'
import { Spool } from './spool.ts'
import { Mortal, TestAmazon } from './test-amazon.ts'
import { all } from './testing.ts'

const US = 'ATVPDKIKX0DER'
const FEED = { key: 'prices 1', feedType: 'JSON_LISTINGS_FEED', marketplaceIds: [US], content: '{"a":"ü"}' }

let folder: string
let clock: ReturnType<typeof testClock>
let amazon: TestAmazon
let ledger: Ledger
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asinstream-test-'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(() => {
  clock = testClock()
  amazon = new TestAmazon(clock)
  ledger = createMemoryLedger()
})

const spool = (maxBytes = 1_000) => new Spool(join(folder, 'spool'), maxBytes)
const start = (mortal?: Mortal) =>
  new Feeds({
    api: mortal?.api(amazon) ?? amazon,
    transport: mortal?.transport(amazon.transport) ?? amazon.transport,
    ledger: mortal?.ledger(ledger) ?? ledger,
    spool: spool(),
    clock,
    log: silentLog,
  })

describe('a feed', () => {
  it('is uploaded, submitted and followed to its end', async () => {
    expect(await start().submit(FEED)).toEqual({ kind: 'done', feedId: 'F1', resultFeedDocumentId: 'D-F1' })
    expect(amazon.asked).toEqual(['createFeedDocument', 'createFeed', 'getFeed', 'getFeed', 'getFeed'])
    expect(amazon.submitted).toEqual(['{"a":"ü"}'])
  })

  it('is submitted once for a key, however often; under another key it is another one', async () => {
    const feeds = start()
    const [first, second] = await Promise.all([feeds.submit(FEED), feeds.submit(FEED)])
    expect(second).toEqual(first)
    expect(await start().submit(FEED)).toEqual(first)
    expect(await start().result(FEED.key)).toEqual(first)
    expect(await start().submit({ ...FEED, key: 'prices 2' })).toMatchObject({ feedId: 'F2' })
    expect(amazon.feeds).toHaveLength(2)
  })

  it('dies at any step and is submitted once, whoever goes on', async () => {
    for (let steps = 0; ; steps++) {
      amazon = new TestAmazon(clock)
      ledger = createMemoryLedger()
      const mortal = new Mortal(steps)
      const died = await start(mortal)
        .submit(FEED)
        .then(
          () => false,
          () => true,
        )
      expect(died).toBe(mortal.isDead)
      if (!died) {
        expect(steps).toBeGreaterThan(12)
        return
      }
      expect(await start().submit(FEED), `killed at step ${steps}`).toMatchObject({
        kind: 'done',
        feedId: 'F1',
      })
      expect(amazon.submitted, `killed at step ${steps}`).toEqual([FEED.content])
    }
  })

  it('that was taken without an answer is found, and not submitted again', async () => {
    amazon.onCreate = 'unanswered'
    expect(await start().submit(FEED)).toMatchObject({ feedId: 'F1' })
    expect(amazon.feeds).toHaveLength(1)
  })

  it('that never arrived is submitted when it is asked for again, from the upload on', async () => {
    amazon.onCreate = 'lost'
    await expect(start().submit(FEED)).rejects.toThrow('timeout for the test')
    expect(await start().result(FEED.key)).toBeNull()
    expect(await start().submit(FEED)).toMatchObject({ feedId: 'F1' })
  })

  it('of one process that died is told from the next one of its kind', async () => {
    const mortal = new Mortal(7)
    await expect(start(mortal).submit(FEED)).rejects.toThrow('killed')
    expect(amazon.feeds).toHaveLength(1)
    expect((await ledger.read(feedKey(FEED.key)))?.state).toBe('asking')
    expect(await start().submit({ ...FEED, key: 'prices 2', content: 'two' })).toMatchObject({ feedId: 'F2' })
    expect(await start().submit(FEED)).toMatchObject({ feedId: 'F1' })
    expect(amazon.submitted).toEqual([FEED.content, 'two'])
  })

  it.each([
    ['CANCELLED', 'cancelled'],
    ['FATAL', 'fatal'],
  ])('that ends %s is told so, and not submitted again', async (status, kind) => {
    amazon.statuses = [status]
    expect(await start().submit(FEED)).toMatchObject({ kind, feedId: 'F1' })
    expect(await start().submit(FEED)).toMatchObject({ kind, feedId: 'F1' })
    expect(amazon.feeds).toHaveLength(1)
  })

  it('is refused when its key was used for another', async () => {
    await start().submit(FEED)
    await expect(start().submit({ ...FEED, feedType: 'POST_ORDER_FULFILLMENT_DATA' })).rejects.toThrow(
      'the key prices 1 was used for another feed',
    )
    await expect(start().submit({ ...FEED, key: '' })).rejects.toThrow('has 1 to 200 characters')
  })

  it('of an unknown key has no result', async () => {
    expect(await start().result('nobody')).toBeNull()
  })

  it('looks at once when a notification comes', async () => {
    amazon.statuses = ['IN_QUEUE', 'DONE']
    const slow = new Feeds({
      api: amazon,
      transport: amazon.transport,
      ledger,
      spool: spool(),
      log: silentLog,
      clock: {
        ...clock,
        sleep: (_, signal) =>
          new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      },
    })
    const result = slow.submit(FEED)
    while (!amazon.asked.includes('getFeed')) await new Promise(setImmediate)
    await new Promise(setImmediate)
    slow.processed('F1')
    expect(await result).toMatchObject({ kind: 'done' })
  })
})

describe("a feed's content", () => {
  const submitted = async (content: FeedRequest['content'], feeds = start()) => {
    await feeds.submit({ ...FEED, content })
    return amazon.submitted[0]
  }

  it('may be bytes, a file, or come in pieces, of which nothing is left afterwards', async () => {
    expect(await submitted(Buffer.from('bytes'))).toBe('bytes')
    const file = join(folder, 'feed.json')
    await writeFile(file, 'file ü')
    expect(await submitted({ file }, start())).toBe('bytes')
    expect((await start().submit({ ...FEED, key: 'file', content: { file } })).feedId).toBe('F2')
    const pieces = (async function* () {
      yield 'pieces '
      yield Buffer.from('ü')
    })()
    await start().submit({ ...FEED, key: 'pieces', content: pieces })
    expect(amazon.submitted).toEqual(['bytes', 'file ü', 'pieces ü'])
    expect(await readdir(join(folder, 'spool'))).toEqual([])
  })

  it('that comes in pieces is read once, however often the upload is tried', async () => {
    let tries = 0
    const transport = {
      put: async (...call: Parameters<typeof amazon.transport.put>) => {
        if (++tries === 1) throw new Error('broken')
        await amazon.transport.put(...call)
      },
    }
    const feeds = new Feeds({ api: amazon, transport, ledger, spool: spool(), clock, log: silentLog })
    const pieces = (async function* () {
      yield 'once'
    })()
    await expect(feeds.submit({ ...FEED, content: pieces })).rejects.toThrow('broken')
    // The pieces are gone: an empty feed must not take their place.
    await expect(feeds.submit({ ...FEED, content: pieces })).rejects.toThrow('the feed is empty')
    expect(amazon.feeds).toEqual([])
  })

  it('is neither too long nor broken when it is submitted', async () => {
    const endless = (async function* () {
      for (;;) yield 'x'.repeat(100)
    })()
    await expect(submitted(endless)).rejects.toThrow('longer than 1000 bytes')
    const broken = (async function* () {
      yield 'x'
      throw new Error('no more')
    })()
    await expect(submitted(broken)).rejects.toThrow('no more')
    expect(amazon.asked).toEqual([])
    expect(await readdir(join(folder, 'spool'))).toEqual([])
  })

  it('that a dead process left is deleted after a day', async () => {
    await submitted('x')
    const name = 'feed-00000000-0000-4000-8000-000000000000'
    const left = join(folder, 'spool', name)
    await writeFile(left, 'left')
    await writeFile(join(folder, 'spool', 'not ours'), 'kept')
    expect(await spool().cleanUp(Date.now())).toBe(0)
    const yesterday = new Date(Date.now() - 25 * 3_600_000)
    await utimes(left, yesterday, yesterday)
    await utimes(join(folder, 'spool', 'not ours'), yesterday, yesterday)
    expect(await spool().cleanUp(Date.now())).toBe(1)
    expect(await readdir(join(folder, 'spool'))).toEqual(['not ours'])
    await rm(join(folder, 'spool', 'not ours'))
    expect(await new Spool(join(folder, 'nowhere'), 1).cleanUp(Date.now())).toBe(0)
  })
})

describe('the feed of listings', () => {
  const message = { sku: 'S', operationType: 'DELETE' as const }

  it('numbers its messages', async () => {
    const text = (await all(listingsFeed({ sellerId: 'A1', issueLocale: 'en_US' }, [message, message]))).join(
      '',
    )
    expect(JSON.parse(text)).toEqual({
      header: { sellerId: 'A1', issueLocale: 'en_US', version: '2.0' },
      messages: [
        { messageId: 1, ...message },
        { messageId: 2, ...message },
      ],
    })
  })

  it('has one message at least and 25,000 at most', async () => {
    await expect(all(listingsFeed({ sellerId: 'A1' }, []))).rejects.toThrow('has no messages')
    const many = Array.from({ length: 25_001 }, () => message)
    await expect(all(listingsFeed({ sellerId: 'A1' }, many))).rejects.toThrow('at most 25000 messages')
  })

  it('has a report whose issues name messages; another document is none', async () => {
    const pieces = async function* (text: string) {
      yield text.slice(0, 10)
      yield text.slice(10)
    }
    const report = {
      header: { sellerId: 'A1', version: '2.0', feedId: 'F1' },
      issues: [
        { messageId: 2, sku: 'S', code: '90220', severity: 'ERROR', message: 'missing', attributeName: 'x' },
      ],
      summary: { errors: 1, warnings: 0, messagesProcessed: 2, messagesAccepted: 1, messagesInvalid: 1 },
    }
    expect(await readListingsReport(pieces(JSON.stringify(report)))).toEqual(report)
    await expect(readListingsReport(pieces('{"header":{}}'))).rejects.toThrow('can not be read')
    await expect(readListingsReport(pieces('<html>a page</html>'))).rejects.toThrow('it is no JSON')
  })
})
