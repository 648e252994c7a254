import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createKafkaEventLog } from '#libs/event-log/kafka.ts'
import type { EventLog, LogRecord } from '#libs/event-log/port.ts'
import { createPostgresEventLog } from '#libs/event-log/postgres.ts'
import { type CopyJob, startCopying } from '#libs/stream/test-copier.ts'
import { type Backing, backing, createTestDatabase, describeWith, waitFor } from '#tests/support/backing.ts'

const RECORDS = 1_000
const PARTITIONS = 3
/** Every so many records one that can not be decoded. */
const BAD_EVERY = 50
const BAD = RECORDS / BAD_EVERY

interface Adapter {
  readonly module: string
  readonly factory: string
  readonly options: unknown
  open(): EventLog
  cleanup(): Promise<void>
}

async function postgres(): Promise<Adapter> {
  const database = await createTestDatabase()
  const options = { connectionString: database.url, leaseMs: 2_000 }
  return {
    module: '#libs/event-log/postgres.ts',
    factory: 'createPostgresEventLog',
    options,
    open: () => createPostgresEventLog(options),
    cleanup: () => database.drop(),
  }
}

async function kafka(): Promise<Adapter> {
  const options = { brokers: [backing('kafka')], clientId: 'runner', sessionTimeoutMs: 6_000 }
  return {
    module: '#libs/event-log/kafka.ts',
    factory: 'createKafkaEventLog',
    options,
    open: () => createKafkaEventLog(options),
    cleanup: () => Promise.resolve(),
  }
}

/** All records of a topic, up to its present end. */
async function readAll(log: EventLog, topic: string): Promise<LogRecord[]> {
  const ends = await log.admin.endOffsets(topic)
  const count = [...ends.values()].reduce((sum, end) => sum + Number(end), 0)
  const records: LogRecord[] = []
  if (count === 0) return records
  const consumer = log.consume({ group: randomUUID(), topics: [topic] })
  const batches = consumer[Symbol.asyncIterator]()
  while (records.length < count) {
    const { value, done } = await batches.next()
    if (done) throw new Error(`${topic} ended after ${records.length} of ${count} records`)
    records.push(...value.records)
  }
  await consumer.close()
  return records
}

const written = async (log: EventLog, topic: string) =>
  [...(await log.admin.endOffsets(topic)).values()].reduce((sum, end) => sum + Number(end), 0)

function suite(name: Backing, create: () => Promise<Adapter>): void {
  describeWith([name], `the runner on ${name}`, () => {
    let adapter: Adapter
    let log: EventLog
    let job: CopyJob

    beforeAll(async () => {
      adapter = await create()
      log = adapter.open()
    })
    afterAll(async () => {
      await log.close()
      await adapter.cleanup()
    })
    beforeEach(async () => {
      const id = randomUUID().slice(0, 8)
      job = {
        group: `copiers.${id}`,
        input: `in.${id}`,
        output: `out.${id}`,
        deadLetters: `dead.${id}`,
        chunkMs: 30,
      }
      const topics = [job.input, job.output, job.deadLetters]
      await log.admin.createTopics(
        topics.map((topic) => ({ name: topic, partitions: PARTITIONS, retentionMs: -1 })),
      )
      await log.append(
        Array.from({ length: RECORDS }, (_, index) => ({
          topic: job.input,
          key: Buffer.from(`key-${index % 30}`),
          value: Buffer.from(index % BAD_EVERY === 0 ? `bad-${index}` : `value-${index}`),
        })),
      )
    })

    /** Where in the input the records of the output and of the dead letters came from. */
    const handled = async (): Promise<ReadonlySet<string>> => {
      const copies = (await readAll(log, job.output)).map(({ key }) => String(key))
      const letters = (await readAll(log, job.deadLetters)).map(
        ({ headers }) => `${headers['dlq.partition']}/${headers['dlq.offset']}`,
      )
      return new Set([...copies, ...letters])
    }

    const expectOnlyHandledCommitted = async () => {
      const committed = await log.admin.committedOffsets(job.group, job.input)
      const done = await handled()
      for (const [partition, next] of committed) {
        for (let offset = 0n; offset < next; offset++) expect(done).toContain(`${partition}/${offset}`)
      }
      return done
    }

    const finish = async () => {
      const running = startCopying(log, { ...job, chunkMs: 0 })
      const ends = await log.admin.endOffsets(job.input)
      await waitFor(
        async () => {
          const committed = await log.admin.committedOffsets(job.group, job.input)
          return [...ends].every(([partition, end]) => end === 0n || committed.get(partition) === end)
        },
        { what: 'the whole input to be committed', timeoutMs: 40_000 },
      )
      await running.stop({ graceMs: 5_000 })
      expect((await expectOnlyHandledCommitted()).size).toBe(RECORDS)
    }

    it('handles every record and commits it all', async () => {
      await finish()
      expect(await written(log, job.output)).toBe(RECORDS - BAD)
      expect(await written(log, job.deadLetters)).toBe(BAD)
    })

    it('killed in the middle: only what was handled is committed, and the next one does the rest', async () => {
      const { module, factory, options } = adapter
      const script = new URL('./test-copier.ts', import.meta.url).pathname
      const child = spawn(process.execPath, [script, JSON.stringify({ module, factory, options, job })], {
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      const exited = once(child, 'exit')
      await waitFor(async () => (await written(log, job.output)) > RECORDS / 10, { what: 'the first copies' })
      child.kill('SIGKILL')
      await exited
      const before = await expectOnlyHandledCommitted()
      expect(before.size).toBeLessThan(RECORDS)
      await finish()
    })

    it('ended by a throw in the middle: the same', async () => {
      let chunks = 0
      const second = adapter.open()
      const running = startCopying(second, job, async ({ records }) => {
        if (++chunks > 20) throw new Error('planted')
        return records.map(({ raw, value }) => ({
          kind: 'done',
          emits: [{ topic: job.output, key: `${raw.partition}/${raw.offset}`, value }],
        }))
      })
      await expect(running.finished).rejects.toMatchObject({ code: 'PROCESS_FAILED' })
      await second.close()
      const before = await expectOnlyHandledCommitted()
      expect(before.size).toBeLessThan(RECORDS)
      await finish()
    })

    it('shared by two members, one of which stops: every record is handled', async () => {
      const second = adapter.open()
      const [one, other] = [startCopying(log, job), startCopying(second, job)]
      await waitFor(async () => (await written(log, job.output)) > RECORDS / 10, { what: 'the first copies' })
      await one.stop({ graceMs: 5_000 })
      await one.finished
      await finish()
      await other.stop({ graceMs: 5_000 })
      await second.close()
    })
  })
}

suite('postgres', postgres)
suite('kafka', kafka)
