import { describe, expect, test } from 'vitest'
import type { ContractFixture } from './contract-support.ts'
import {
  createTopic,
  numbered,
  pull,
  readAll,
  record,
  take,
  uniqueName,
  values,
  within,
} from './contract-support.ts'

/** The part of the contract that is about consumer groups and their offsets. */
export function contractGroups(name: string, fixture: () => ContractFixture): void {
  describe(`${name} event log: groups`, () => {
    test('a second group reads from the start', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 1)
      await log.append(numbered(topic, 5))
      const first = log.consume({ group: uniqueName('group'), topics: [topic] })
      const batch = await pull(first[Symbol.asyncIterator]())
      await first.commit(batch, 5n)
      await first.close()

      expect(values(await readAll(log, topic, 5))).toEqual(['0', '1', '2', '3', '4'])
    })

    test('a new member resumes at the committed offset, and only there', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 1)
      const group = uniqueName('group')
      await log.append(numbered(topic, 10))
      expect(await log.admin.committedOffsets(group, topic)).toEqual(new Map())
      const first = log.consume({ group, topics: [topic] })
      const batches = first[Symbol.asyncIterator]()
      const batch = await pull(batches)
      await first.commit(batch, 4n) // a prefix of what was delivered: the rest is not done
      await first.close()
      expect(await log.admin.committedOffsets(group, topic)).toEqual(new Map([[0, 4n]]))

      const second = log.consume({ group, topics: [topic] })
      const rest = await take(second[Symbol.asyncIterator](), 6)
      await second.close()
      expect(values(rest)).toEqual(['4', '5', '6', '7', '8', '9'])
    })

    test('records appended while a member waits are delivered', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 2)
      const consumer = log.consume({ group: uniqueName('group'), topics: [topic] })
      const batches = consumer[Symbol.asyncIterator]()
      const first = pull(batches)
      await log.append([record(topic, 'a', 'one')])
      expect(values((await first).records)).toEqual(['one'])
      await log.append([record(topic, 'b', 'two')])
      expect(values((await pull(batches)).records)).toEqual(['two'])
      await consumer.close()
    })

    test('a handler that throws surfaces and commits nothing', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 1)
      const group = uniqueName('group')
      await log.append(numbered(topic, 3))
      const consumer = log.consume({ group, topics: [topic] })
      const handle = async (): Promise<void> => {
        for await (const _batch of consumer) throw new Error('the handler fails')
      }
      await expect(within(handle(), 'handler')).rejects.toThrow('the handler fails')
      await consumer.close()
      expect(await log.admin.committedOffsets(group, topic)).toEqual(new Map())

      const next = log.consume({ group, topics: [topic] })
      expect(values(await take(next[Symbol.asyncIterator](), 3))).toEqual(['0', '1', '2'])
      await next.close()
    })

    test('consuming a missing topic throws UNKNOWN_TOPIC and names it', async () => {
      const { log } = fixture()
      const missing = uniqueName('missing')
      const consumer = log.consume({ group: uniqueName('group'), topics: [missing] })
      const first = within(consumer[Symbol.asyncIterator]().next(), 'error')
      await expect(first).rejects.toMatchObject({
        code: 'UNKNOWN_TOPIC',
        message: expect.stringContaining(missing),
      })
      await consumer.close()
    })

    test('resetGroup moves an empty group, and refuses one with members', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 2)
      const group = uniqueName('group')
      await log.append(numbered(topic, 40, 40))
      const busy = log.consume({ group, topics: [topic] })
      await busy.commit(await pull(busy[Symbol.asyncIterator]()), 2n)
      await expect(log.admin.resetGroup(group, topic, new Map([[0, 0n]]))).rejects.toMatchObject({
        code: 'GROUP_NOT_EMPTY',
        message: expect.stringContaining(group),
      })
      await busy.close()

      const ends = await log.admin.endOffsets(topic)
      const targets = new Map([...ends].map(([partition, end]) => [partition, end - 1n] as const))
      await log.admin.resetGroup(group, topic, targets)
      expect(await log.admin.committedOffsets(group, topic)).toEqual(targets)
      const again = log.consume({ group, topics: [topic] })
      const last = await take(again[Symbol.asyncIterator](), 2)
      await again.close()
      expect(new Map(last.map(({ partition, offset }) => [partition, offset]))).toEqual(targets)

      const unheardOf = uniqueName('group')
      await log.admin.resetGroup(unheardOf, topic, new Map([[1, 1n]]))
      expect(await log.admin.committedOffsets(unheardOf, topic)).toEqual(new Map([[1, 1n]]))
    })

    test('close waits for commits in flight, ends the iteration and is idempotent', async () => {
      const { log } = fixture()
      const topic = await createTopic(log, 1)
      const group = uniqueName('group')
      await log.append(numbered(topic, 2))
      const consumer = log.consume({ group, topics: [topic] })
      const batches = consumer[Symbol.asyncIterator]()
      const batch = await pull(batches)
      const waiting = batches.next()
      let committed = false
      const committing = consumer.commit(batch, 2n).then(() => {
        committed = true
      })
      await Promise.all([consumer.close(), consumer.close()])
      expect(committed).toBe(true)
      await committing
      expect(await log.admin.committedOffsets(group, topic)).toEqual(new Map([[0, 2n]]))
      expect((await within(waiting, 'end of the pending pull')).done).toBe(true)
      expect((await within(batches.next(), 'end of the iteration')).done).toBe(true)
      expect(batch.revoked.aborted).toBe(true)
      await consumer.commit(batch, 1n) // too late: moves nothing, does not throw
      await consumer.close()
      expect(await log.admin.committedOffsets(group, topic)).toEqual(new Map([[0, 2n]]))
    })

    test('closing the log ends its consumers, and is idempotent', async () => {
      const { log, another } = fixture()
      const topic = await createTopic(log, 1)
      const other = await another()
      await other.append(numbered(topic, 1))
      const batches = other.consume({ group: uniqueName('group'), topics: [topic] })[Symbol.asyncIterator]()
      await pull(batches)
      const waiting = batches.next()
      await Promise.all([other.close(), other.close()])
      expect((await within(waiting, 'end of the pending pull')).done).toBe(true)
      await expect(other.append(numbered(topic, 1))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' })
      await other.close()
    })
  })
}
