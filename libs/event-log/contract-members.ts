import { describe, expect, test } from 'vitest'
import type { ContractFixture, ContractOptions } from './contract-support.ts'
import {
  createTopic,
  follow,
  foreignMember,
  numbered,
  pull,
  record,
  uniqueName,
  until,
  values,
} from './contract-support.ts'
import type { Batch, EventLog } from './port.ts'

/** The part of the contract that is about members: how they share, die, are slow, and lose partitions. */
export function contractMembers(
  name: string,
  fixture: () => ContractFixture,
  { sessionTimeoutMs = 6_000, fetchBytes = 4 * 1_048_576 }: ContractOptions,
): void {
  /** One record to every partition, all with the value `round`; who sees which of them tells who has what. */
  const appendRound = (log: EventLog, topic: string, round: number): Promise<void> =>
    log.append(Array.from({ length: 40 }, (_, i) => record(topic, `key-${i}`, String(round))))

  describe(`${name} event log: members`, () => {
    test('two members share the partitions; one takes over when the other closes', async () => {
      const { log, another } = fixture()
      const topic = await createTopic(log, 4)
      const group = uniqueName('group')
      const other = await another()
      const [a, b] = [log.consume({ group, topics: [topic] }), other.consume({ group, topics: [topic] })]
      const [left, right] = [follow(a), follow(b)]
      let round = 0
      await until(async () => {
        await appendRound(log, topic, ++round)
        const [l, r] = [left.saw(String(round - 5)), right.saw(String(round - 5))]
        return l.size === 2 && r.size === 2 && new Set([...l, ...r]).size === 4
      }, 'round that both members shared')

      await b.close()
      await right.done
      await until(async () => {
        await appendRound(log, topic, ++round)
        return left.saw(String(round - 5)).size === 4
      }, 'round that the remaining member had to itself')
      const last = ++round
      await appendRound(log, topic, last)
      await until(() => left.saw(String(last)).size === 4, 'last round')
      await a.close()
      await left.done
      await other.close()

      const seen = new Set([...left.deliveries, ...right.deliveries].map((d) => `${d.partition}/${d.offset}`))
      expect(seen.size).toBe(40 * round)
    }, 90_000)

    test('a member takes over what a killed process had', async () => {
      const { log, member } = fixture()
      const topic = await createTopic(log, 2)
      const group = uniqueName('group')
      const victim = foreignMember(member, group, topic)
      try {
        let round = 0
        await until(async () => {
          await appendRound(log, topic, ++round)
          return victim.saw(String(round)).size === 2 || victim.saw(String(round - 3)).size === 2
        }, 'round that the member in its own process had')
        const consumer = log.consume({ group, topics: [topic] })
        const survivor = follow(consumer)
        await until(async () => {
          await appendRound(log, topic, ++round)
          return survivor.saw(String(round - 5)).size === 1 && victim.saw(String(round - 5)).size === 1
        }, 'round that both members shared')

        await victim.kill()
        const last = ++round
        await appendRound(log, topic, last)
        await until(
          () => survivor.saw(String(last)).size === 2,
          'takeover of the dead member’s partition',
          30_000 + 2 * sessionTimeoutMs,
        )
        await consumer.close()
        await survivor.done
        const seen = new Set(
          [...survivor.deliveries, ...victim.deliveries].map((d) => `${d.partition}/${d.offset}`),
        )
        expect(seen.size).toBe(40 * round)
      } finally {
        await victim.kill()
      }
    }, 120_000)

    test('a commit after revocation moves nothing and does not throw', async () => {
      const { log, another } = fixture()
      const topic = await createTopic(log, 2)
      const group = uniqueName('group')
      await log.append(numbered(topic, 40, 40))
      const late = log.consume({ group, topics: [topic] })
      const batches = late[Symbol.asyncIterator]()
      const held = new Map<number, Batch>()
      while (held.size < 2) {
        const batch = await pull(batches)
        if (!held.has(batch.partition)) held.set(batch.partition, batch)
      }
      const pulling = batches.next() // stays a live member while it holds its first batches

      const other = await another()
      const taker = other.consume({ group, topics: [topic] })
      const following = follow(taker)
      await until(() => following.deliveries.length > 0, 'partition taken over')
      const { partition } = following.deliveries[0]!
      const stale = held.get(partition)!
      await until(() => stale.revoked.aborted, 'revocation')
      const end = (await log.admin.endOffsets(topic)).get(partition)!
      await until(
        async () => (await log.admin.committedOffsets(group, topic)).get(partition) === end,
        'commit of the new owner',
      )

      await late.commit(stale, stale.records[0]!.offset + 1n)
      expect((await log.admin.committedOffsets(group, topic)).get(partition)).toBe(end)
      await late.close()
      await pulling
      await taker.close()
      await following.done
      await other.close()
    }, 90_000)

    test('a member that nobody pulls holds a bounded number of records, and keeps its membership', async () => {
      const { log, buffered } = fixture()
      const topic = await createTopic(log, 2)
      const group = uniqueName('group')
      const [count, bytes, maxBuffered] = [1_600, 10_000, 50]
      const padding = 'x'.repeat(bytes)
      for (let i = 0; i < count; i += 50)
        await log.append(
          Array.from({ length: 50 }, (_, j) => record(topic, `key-${j % 8}`, `${i + j}:${padding}`)),
        )
      const consumer = log.consume({ group, topics: [topic], maxBuffered })
      const batches = consumer[Symbol.asyncIterator]()
      const first = await pull(batches)
      await until(() => buffered(consumer) >= maxBuffered, 'full buffer')

      const bound = maxBuffered + Math.ceil(fetchBytes / bytes)
      const deadline = performance.now() + 1.5 * sessionTimeoutMs
      let most = 0
      await until(
        () => {
          most = Math.max(most, buffered(consumer))
          return performance.now() > deadline
        },
        'session timeout',
        3 * sessionTimeoutMs,
      )
      expect(most).toBeLessThanOrEqual(bound)
      expect(first.revoked.aborted).toBe(false)

      const seen = new Set(first.records.map((r) => `${r.partition}/${r.offset}`))
      let delivered = first.records.length
      while (delivered < count) {
        const batch = await pull(batches)
        delivered += batch.records.length
        for (const r of batch.records) seen.add(`${r.partition}/${r.offset}`)
      }
      expect([delivered, seen.size]).toEqual([count, count])
      await consumer.close()
    }, 120_000)

    test('a batch that outlives the session timeout keeps its membership', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 1)
      const group = uniqueName('group')
      await log.append(numbered(topic, 3))
      const consumer = log.consume({ group, topics: [topic] })
      const batches = consumer[Symbol.asyncIterator]()
      const batch = await pull(batches)
      const started = performance.now()
      await until(
        () => performance.now() - started > 1.6 * sessionTimeoutMs,
        'slow handler',
        3 * sessionTimeoutMs,
      )
      expect(batch.revoked.aborted).toBe(false)
      await consumer.commit(batch, 3n)
      expect(await log.admin.committedOffsets(group, topic)).toEqual(new Map([[0, 3n]]))
      await log.append([record(topic, 'k', 'after')])
      expect(values((await pull(batches)).records)).toEqual(['after'])
      await consumer.close()
    }, 90_000)
  })
}
