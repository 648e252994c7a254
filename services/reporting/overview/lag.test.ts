import { expect, it } from 'vitest'
import { SYNC_REQUESTS } from '#schemas/topics.ts'
import { type LagSource, LagWatch } from './lag.ts'

/** A log of one partition for each topic, with offsets by hand. */
class Log implements LagSource {
  readonly ends = new Map<string, bigint>()
  readonly committed = new Map<string, bigint>()
  oldest = 0n
  asked = 0
  broken: boolean = false

  async endOffsets(topic: string) {
    this.asked += 1
    if (this.broken) throw new Error('no broker answers')
    return new Map([[0, this.ends.get(topic) ?? 0n]])
  }
  async committedOffsets(group: string) {
    const offset = this.committed.get(group)
    return new Map(offset === undefined ? [] : [[0, offset]])
  }
  async offsetsByTime() {
    return new Map([[0, this.oldest]])
  }
}

function watch() {
  const log = new Log()
  let now = 0
  const lag = new LagWatch(
    async () => log,
    () => now,
  )
  const read = async () => {
    // What is asked for in the background is there with the next reading.
    await lag.read()
    await new Promise(setImmediate)
    const { groups, note } = await lag.read()
    return { fetcher: groups.find(({ topic }) => topic === SYNC_REQUESTS), note }
  }
  return { log, read, pass: (ms: number) => (now += ms) }
}

it('tells what waits, how fast it is done, and how long the rest takes', async () => {
  const { log, read, pass } = watch()
  log.ends.set(SYNC_REQUESTS, 1_000n)
  log.committed.set('catalog-fetcher', 400n)
  expect(await read()).toEqual({
    fetcher: expect.objectContaining({ waiting: 600, ratePerSecond: null, secondsToDrain: null }),
    note: null,
  })
  pass(10_000)
  log.committed.set('catalog-fetcher', 500n)
  expect((await read()).fetcher).toMatchObject({ waiting: 500, ratePerSecond: 10, secondsToDrain: 50 })
  pass(10_000)
  log.committed.set('catalog-fetcher', 1_000n)
  expect((await read()).fetcher).toMatchObject({ waiting: 0, secondsToDrain: 0 })
})

it('counts from the oldest record that is kept for who has never committed', async () => {
  const { log, read } = watch()
  log.ends.set(SYNC_REQUESTS, 1_000n)
  log.oldest = 900n
  expect((await read()).fetcher).toMatchObject({ waiting: 100 })
})

it('asks the log once in five seconds, however many read', async () => {
  const { log, read, pass } = watch()
  await read()
  const once = log.asked
  for (let i = 0; i < 10; i += 1) await read()
  expect(log.asked).toBe(once)
  pass(5_000)
  await read()
  expect(log.asked).toBe(2 * once)
})

it('shows what was last known while the log does not answer, and says so', async () => {
  const { log, read, pass } = watch()
  log.ends.set(SYNC_REQUESTS, 7n)
  await read()
  log.broken = true
  pass(5_000)
  expect(await read()).toEqual({
    fetcher: expect.objectContaining({ waiting: 7 }),
    note: 'the log can not be asked: no broker answers',
  })
})

it('says that there is no log yet, and not that nothing waits', async () => {
  const lag = new LagWatch(async () => null)
  expect(await lag.read()).toEqual({ groups: [], note: 'no service has used the log yet' })
})
