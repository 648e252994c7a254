import { describe, expect, test } from 'vitest'
import type { ContractFixture } from './contract-support.ts'
import {
  createTopic,
  numbered,
  pull,
  readAll,
  readRange,
  record,
  take,
  uniqueName,
  until,
  values,
} from './contract-support.ts'

/** The part of the contract that is about topics and records. */
export function contractRecords(name: string, fixture: () => ContractFixture): void {
  describe(`${name} event log: records`, () => {
    test('records with one key keep their order and their partition', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 3)
      for (let i = 0; i < 300; i += 50) await log.append(numbered(topic, 300, 10).slice(i, i + 50))

      const records = await readAll(log, topic, 300)

      expect(new Set(records.map(({ partition }) => partition)).size).toBeGreaterThan(1)
      for (let key = 0; key < 10; key++) {
        const ofKey = records.filter((r) => r.key?.toString() === `key-${key}`)
        expect(values(ofKey)).toEqual(Array.from({ length: 30 }, (_, i) => String(i * 10 + key)))
        expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1)
      }
    })

    test('headers, tombstones, empty values and null keys come back as they went in', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 1)
      const before = Date.now()
      const headers = {
        traceparent: Buffer.from('00-abc'),
        bytes: Buffer.from([0, 255, 128]),
        empty: Buffer.alloc(0),
      }
      await log.append([
        { ...record(topic, 'k', 'v'), headers },
        record(topic, 'k', null),
        record(topic, null, 'no key'),
        { topic, key: Buffer.from([0, 1, 254]), value: Buffer.alloc(0) },
      ])

      const [first, tombstone, keyless, empty] = await readAll(log, topic, 4)

      expect(first).toMatchObject({ topic, partition: 0, offset: 0n, headers })
      expect(first!.key?.toString()).toBe('k')
      expect(Math.abs(first!.timestamp - before)).toBeLessThan(60_000)
      expect(tombstone!.value).toBeNull()
      expect(tombstone!.headers).toEqual({})
      expect(keyless!.key).toBeNull()
      expect(keyless!.value?.toString()).toBe('no key')
      expect(empty!.key).toEqual(Buffer.from([0, 1, 254]))
      expect(empty!.value).toEqual(Buffer.alloc(0))
    })

    test('one call appends to several topics, thousands of records at once, and nothing', async () => {
      const { log } = fixture()
      const [left, right] = [await createTopic(log, 2), await createTopic(log, 2)]
      const padding = 'x'.repeat(400)
      const many = Array.from({ length: 6_000 }, (_, i) =>
        record(i % 2 === 0 ? left : right, `k${i % 7}`, `${i}:${padding}`),
      )
      await log.append([])
      await log.append(many)

      for (const topic of [left, right]) {
        const records = await readAll(log, topic, 3_000)
        expect(new Set(values(records)).size).toBe(3_000)
      }
    })

    test('append to a missing topic rejects with UNKNOWN_TOPIC and names it', async () => {
      const { log } = fixture()
      const missing = uniqueName('missing')
      await expect(log.append([record(missing, 'k', 'v')])).rejects.toMatchObject({
        code: 'UNKNOWN_TOPIC',
        message: expect.stringContaining(missing),
      })
      expect(await log.admin.listTopics()).not.toContain(missing)
    })

    test('createTopics leaves existing topics alone and adds the others', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 2)
      const added = uniqueName('added')
      await log.append([record(topic, 'k', 'kept')])

      await log.admin.createTopics([
        { name: topic, partitions: 5, retentionMs: 1_000 },
        { name: added, partitions: 1, retentionMs: -1 },
      ])
      await log.append([record(added, 'k', 'v')])

      expect(await log.admin.listTopics()).toEqual(expect.arrayContaining([topic, added]))
      expect((await log.admin.endOffsets(topic)).size).toBe(2)
      expect(values(await readAll(log, topic, 1))).toEqual(['kept'])
    })

    test('describeTopic says how a topic is, and UNKNOWN_TOPIC where there is none', async () => {
      const { log } = fixture()
      const topic = uniqueName('described')
      await log.admin.createTopics([{ name: topic, partitions: 3, retentionMs: 86_400_000 }])
      const { replicationFactor, ...described } = await log.admin.describeTopic(topic)
      expect(described).toEqual({ name: topic, partitions: 3, retentionMs: 86_400_000 })
      expect([null, 1]).toContain(replicationFactor)
      await expect(log.admin.describeTopic(uniqueName('missing'))).rejects.toMatchObject({
        code: 'UNKNOWN_TOPIC',
      })
    })

    test('read gives the records of a range, whatever groups do, and joins none of them', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 2)
      await log.append(numbered(topic, 3_000, 40))
      const group = uniqueName('group')
      const consumer = log.consume({ group, topics: [topic] })
      const batch = await pull(consumer[Symbol.asyncIterator]())
      await consumer.commit(batch, batch.records[0]!.offset + 1n)
      const committed = await log.admin.committedOffsets(group, topic)
      const to = await log.admin.endOffsets(topic)
      await log.append(numbered(topic, 40, 40))

      const all = await readRange(log, topic, new Map(), to)
      expect(new Set(values(all))).toEqual(new Set(Array.from({ length: 3_000 }, (_, i) => String(i))))
      expect(all).toHaveLength(3_000)
      const [, end = 0n] = [...to][1]!
      const some = await readRange(log, topic, new Map([[1, 5n]]), new Map([[1, end - 3n]]))
      expect(some.map(({ partition, offset }) => [partition, offset])).toEqual(
        Array.from({ length: Number(end) - 8 }, (_, i) => [1, BigInt(i + 5)]),
      )
      expect(some).toEqual(all.filter((r) => r.partition === 1 && r.offset >= 5n && r.offset < end - 3n))
      for await (const _ of log.admin.read(topic, new Map(), to)) break // whoever has seen enough may stop
      expect(await readRange(log, topic, to, to)).toEqual([])
      expect(await readRange(log, topic, new Map([[0, 10n]]), new Map([[0, 4n]]))).toEqual([])

      expect(await log.admin.committedOffsets(group, topic)).toEqual(committed)
      await consumer.close()
    })

    test('read rejects with UNKNOWN_TOPIC for a missing topic, and names a partition that is not there', async () => {
      const { log } = fixture()
      const missing = uniqueName('missing')
      await expect(readRange(log, missing, new Map(), new Map([[0, 1n]]))).rejects.toMatchObject({
        code: 'UNKNOWN_TOPIC',
      })
      const topic = await createTopic(log, 2)
      await expect(readRange(log, topic, new Map(), new Map([[2, 1n]]))).rejects.toThrow(/0 to 1, not 2/)
    })

    test('endOffsets are the offsets that the next records will get', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 2)
      expect(await log.admin.endOffsets(topic)).toEqual(
        new Map([
          [0, 0n],
          [1, 0n],
        ]),
      )
      await log.append(numbered(topic, 40, 8))

      const ends = await log.admin.endOffsets(topic)
      const records = await readAll(log, topic, 40)
      for (const [partition, end] of ends)
        expect(BigInt(records.filter((r) => r.partition === partition).length)).toBe(end)
    })

    test('offsetsByTime finds the first record at or after a time, or the end', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 1)
      await log.append(numbered(topic, 3))
      const old = (await readAll(log, topic, 3)).at(-1)!
      await until(() => Date.now() > old.timestamp + 2, 'later millisecond')
      await log.append(numbered(topic, 2))
      const young = (await readAll(log, topic, 5))[3]!

      expect(young.timestamp).toBeGreaterThan(old.timestamp)
      expect(await log.admin.offsetsByTime(topic, young.timestamp)).toEqual(new Map([[0, 3n]]))
      expect(await log.admin.offsetsByTime(topic, old.timestamp + 1)).toEqual(new Map([[0, 3n]]))
      expect(await log.admin.offsetsByTime(topic, 0)).toEqual(new Map([[0, 0n]]))
      expect(await log.admin.offsetsByTime(topic, Date.now() + 86_400_000)).toEqual(new Map([[0, 5n]]))
    })

    test('no gap and no reordering while two logs append at once and a group reads', async () => {
      const { log, another } = fixture()
      const topic = await createTopic(log, 2)
      const other = await another()
      const consumer = log.consume({ group: uniqueName('group'), topics: [topic] })
      const writers = [log, other, log, other]
      const rounds = 25
      const write = async (writer: EventLogLike, id: number): Promise<void> => {
        for (let round = 0; round < rounds; round++)
          await writer.append(
            Array.from({ length: 8 }, (_, i) => record(topic, `writer-${id}`, `${id}:${round * 8 + i}`)),
          )
      }
      const writing = Promise.all(writers.map(write))
      const records = await take(consumer[Symbol.asyncIterator](), writers.length * rounds * 8)
      await writing
      await consumer.close()
      await other.close()

      for (const partition of [0, 1]) {
        const offsets = records.filter((r) => r.partition === partition).map(({ offset }) => offset)
        expect(offsets).toEqual(offsets.map((_, i) => BigInt(i)))
      }
      for (const id of writers.keys())
        expect(values(records).filter((value) => value.startsWith(`${id}:`))).toEqual(
          Array.from({ length: rounds * 8 }, (_, i) => `${id}:${i}`),
        )
    })

    test('a batch is consecutive records of one partition, oldest first', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 3)
      await log.append(numbered(topic, 200, 20))
      const consumer = log.consume({ group: uniqueName('group'), topics: [topic] })
      const batches = consumer[Symbol.asyncIterator]()
      for (let seen = 0; seen < 200; ) {
        const { records, partition } = await pull(batches)
        expect(records.length).toBeGreaterThan(0)
        for (const [i, r] of records.entries()) {
          expect(r.partition).toBe(partition)
          expect(r.offset).toBe(records[0]!.offset + BigInt(i))
        }
        seen += records.length
      }
      await consumer.close()
    })

    test('ping answers', async () => {
      await fixture().log.ping()
    })
  })
}

type EventLogLike = Pick<ContractFixture['log'], 'append'>
