import { describe, expect, it, vi } from 'vitest'
import { EventLogError } from '#libs/event-log/port.ts'
import { noMetrics } from '#libs/stream/metrics.ts'
import { type Chunk, done, drop, reject, retry } from '#libs/stream/processor.ts'
import type { RunOptions } from '#libs/stream/runner.ts'
import { echo, type Process, start, texts } from '#libs/stream/test-start.ts'

describe('records that are of no use', () => {
  it('go to the dead letters, bytes unchanged, with where from and why', async () => {
    const { log } = start(
      async ({ records }) => records.map(({ value }) => (value === 'no' ? reject('not wanted') : done())),
      { lingerMs: 0 },
      { now: () => 1_792_000_000_000 },
    )
    log.deliver(2, 7, ['no', 'bad-bytes', null, 'fine'], { traceparent: Buffer.from('t') })
    await vi.waitFor(() => expect(log.committed(2)).toBe(11n))
    const letters = log.appended.map(({ topic, key, value, headers = {} }) => ({
      topic,
      key: key?.toString(),
      value: value?.toString() ?? null,
      headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytes.toString()])),
    }))
    expect(letters).toHaveLength(3)
    expect(letters.find(({ value }) => value === 'no')).toEqual({
      topic: 'dead-letters',
      key: 'key-no',
      value: 'no',
      headers: {
        'dlq.topic': 'in',
        'dlq.partition': '2',
        'dlq.offset': '7',
        'dlq.group': 'shouters',
        'dlq.reason': 'not wanted',
        'dlq.at': '2026-10-14T17:46:40.000Z',
        traceparent: 't',
      },
    })
    expect(letters.find(({ value }) => value === 'bad-bytes')?.headers['dlq.reason']).toBe(
      'bad-bytes is not understood',
    )
    expect(letters.find(({ value }) => value === null)?.headers['dlq.reason']).toMatch(/no value/)
  })

  it('end the processor when there are too many in a row', async () => {
    const { log, failure } = start(
      async ({ records }) => records.map(() => reject('no')),
      {},
      { maxConsecutiveRejects: 3 },
    )
    log.deliver(0, 0, ['a', 'b', 'c', 'd'])
    expect(await failure).toMatchObject({
      code: 'TOO_MANY_REJECTS',
      message: expect.stringMatching(/offset 3/),
    })
    expect(log.commits).toEqual([])
    expect(log.appended).toEqual([])
  })

  it('end the processor when too many in a row can not be decoded, but not when good ones stand between them', async () => {
    const first = start(echo, {}, { maxConsecutiveRejects: 2 })
    first.log.deliver(0, 0, ['bad1', 'bad2', 'a', 'bad3', 'bad4', 'b'])
    await vi.waitFor(() => expect(first.log.committed(0)).toBe(6n))
    const second = start(echo, {}, { maxConsecutiveRejects: 2 })
    second.log.deliver(0, 0, ['bad1', 'bad2', 'bad3'])
    expect(await second.failure).toMatchObject({ code: 'TOO_MANY_REJECTS' })
    expect(second.log.commits).toEqual([])
  })

  it('do not end the processor when they were brought back from the dead letters', async () => {
    const { log } = start(
      async ({ records }) => records.map(() => reject('still')),
      {},
      { maxConsecutiveRejects: 2 },
    )
    log.deliver(0, 0, ['a', 'bad1', 'b', 'bad2', 'c', 'bad3', 'd', 'bad4'], {
      'dlq.redriven': Buffer.from('1'),
    })
    await vi.waitFor(() => expect(log.committed(0)).toBe(8n))
    expect(log.appended).toHaveLength(8)
  })

  it('are counted and nothing else when they are dropped', async () => {
    const dropped = vi.fn()
    const { log } = start(
      async ({ records }) => records.map(() => drop('not ours')),
      {},
      { metrics: { ...noMetrics, dropped } },
    )
    log.deliver(0, 0, ['a', 'b'])
    await vi.waitFor(() => expect(log.committed(0)).toBe(2n))
    expect(log.appended).toEqual([])
    expect(dropped).toHaveBeenCalledWith('shouters', 'not ours', 2)
  })
})

describe('what ends the processor', () => {
  const fatal = async (process: Process, options: Partial<RunOptions> = {}) => {
    const { log, running, failure } = start(process, {}, options)
    log.deliver(3, 9, ['a', 'b'])
    const error = await failure
    expect(log.commits).toEqual([])
    expect(log.closed).toBe(true)
    expect(running.healthy()).toBe(false)
    expect(error?.message).toMatch(/group shouters, topic in, partition 3, offset 9/)
    return error
  }

  it('a throw from process', async () => {
    const error = await fatal(() => Promise.reject(new Error('boom')))
    expect(error).toMatchObject({ code: 'PROCESS_FAILED', message: expect.stringMatching(/boom/) })
  })
  it('a wrong number of verdicts', async () => {
    expect(await fatal(async () => [done()])).toMatchObject({ code: 'WRONG_VERDICTS' })
  })
  it('a retry without a time', async () => {
    expect(await fatal(async ({ records }) => records.map(() => retry('x', Number.NaN)))).toMatchObject({
      code: 'WRONG_VERDICTS',
    })
  })
  it('something that is no verdict', async () => {
    const process = (async ({ records }: Chunk<string>) => records.map(() => undefined)) as unknown as Process
    expect(await fatal(process)).toMatchObject({
      code: 'WRONG_VERDICTS',
      message: expect.stringMatching(/done, drop/),
    })
  })
  it('an emit to a topic that is not declared', async () => {
    const process: Process = async ({ records }) =>
      records.map(() => done([{ topic: 'elsewhere', key: '', value: '' }]))
    expect(await fatal(process)).toMatchObject({
      code: 'UNDECLARED_OUTPUT',
      message: expect.stringMatching(/elsewhere/),
    })
  })
  it('an emit that can not be encoded', async () => {
    const process: Process = async ({ records }) =>
      records.map(() => done([{ topic: 'out', key: '', value: 7 }]))
    expect(await fatal(process)).toMatchObject({ code: 'ENCODE_FAILED' })
  })
  it('dead letters that can not be appended', async () => {
    const { log, failure } = start(echo)
    log.beforeAppend = () => Promise.reject(new Error('no such topic'))
    log.deliver(0, 0, ['bad'])
    expect(await failure).toMatchObject({
      code: 'APPEND_FAILED',
      message: expect.stringMatching(/no such topic/),
    })
    expect(log.commits).toEqual([])
  })
  it('a commit that fails', async () => {
    const { log, failure } = start(echo)
    log.beforeCommit = () => Promise.reject(new Error('not the coordinator'))
    log.deliver(0, 0, ['a'])
    expect(await failure).toMatchObject({ code: 'COMMIT_FAILED' })
  })
  it('a chunk policy that throws', async () => {
    const { log, failure } = start(echo, {
      key: () => {
        throw new Error('no key')
      },
    })
    log.deliver(0, 4, ['a'])
    expect(await failure).toMatchObject({
      code: 'CHUNK_POLICY_FAILED',
      message: expect.stringMatching(/offset 4.*no key/),
    })
  })
  it('a consumer that can not go on', async () => {
    const { log, failure } = start(echo)
    await vi.waitFor(() => expect(log.pulls).toBe(1))
    log.break(new Error('session expired'))
    expect(await failure).toMatchObject({ code: 'CONSUMER_FAILED' })
  })
})

describe('a log that can not be reached', () => {
  const away = () => Promise.reject(new EventLogError('LOG_UNAVAILABLE', 'no acknowledgement'))

  it('gets the outputs again until it takes them, and nothing is committed before', async () => {
    const { log } = start(echo)
    let refusals = 0
    log.beforeAppend = () => {
      expect(log.commits).toEqual([])
      return refusals++ < 5 ? away() : Promise.resolve()
    }
    log.deliver(0, 0, ['a', 'bad'])
    await vi.waitFor(() => expect(log.committed(0)).toBe(2n))
    expect(texts(log, 'out')).toEqual(['a!'])
    expect(texts(log, 'dead-letters')).toEqual(['bad'])
    expect(refusals).toBeGreaterThan(5)
  })

  it('lets no chunk start, whose outputs could not be kept either', async () => {
    const seen: string[] = []
    const process: Process = async (chunk, context) => {
      seen.push(...chunk.records.map(({ value }) => value))
      return echo(chunk, context)
    }
    const { log } = start(process, { maxWeight: 1, inFlight: 2 })
    let refusals = 0
    log.beforeAppend = () => {
      refusals++
      return away()
    }
    log.deliver(0, 0, ['a', 'b'])
    await vi.waitFor(() => expect(refusals).toBeGreaterThan(4))
    log.deliver(0, 2, ['c', 'd', 'e'])
    const from = refusals
    await vi.waitFor(() => expect(refusals).toBeGreaterThan(from + 4))
    expect(seen).toEqual(['a', 'b'])
    log.beforeAppend = () => Promise.resolve()
    await vi.waitFor(() => expect(log.committed(0)).toBe(5n))
    expect(new Set(texts(log, 'out'))).toEqual(new Set(['a!', 'b!', 'c!', 'd!', 'e!']))
  })

  it('is not asked again for partitions that are another member’s by now', async () => {
    const { log, running } = start(echo)
    let refusals = 0
    log.beforeAppend = (records) => {
      refusals++
      return records.some(({ value }) => value?.toString() === 'a!') ? away() : Promise.resolve()
    }
    log.deliver(0, 0, ['a'])
    await vi.waitFor(() => expect(refusals).toBeGreaterThan(2))
    log.revoke(0)
    log.deliver(1, 0, ['x'])
    await vi.waitFor(() => expect(log.committed(1)).toBe(1n))
    expect(texts(log, 'out')).toEqual(['x!'])
    expect(running.healthy()).toBe(true)
  })

  it('keeps nobody from stopping', async () => {
    const { log, running } = start(echo, {}, { backOff: { firstMs: 60_000, maxMs: 60_000 } })
    const refused = Promise.withResolvers<void>()
    log.beforeAppend = () => {
      refused.resolve()
      return away()
    }
    log.deliver(0, 0, ['a'])
    await refused.promise
    await running.stop({ graceMs: 20 })
    await running.finished
    expect(log.commits).toEqual([])
  })
})

describe('a revoked partition', () => {
  it('loses what waits; what is in flight finishes, is appended and moves nothing', async () => {
    const gate = Promise.withResolvers<void>()
    const seen: string[] = []
    const { log } = start(
      async ({ records }) => {
        seen.push(...records.map(({ value }) => value))
        if (seen.length === 1) await gate.promise
        return records.map(({ value }) => done([{ topic: 'out', key: value, value }]))
      },
      { maxWeight: 1 },
    )
    log.deliver(0, 0, ['a', 'b', 'c'])
    log.deliver(1, 0, ['x'])
    await vi.waitFor(() => expect(log.pulls).toBe(3))
    log.revoke(0)
    gate.resolve()
    await vi.waitFor(() => expect(log.committed(1)).toBe(1n))
    expect(seen).toEqual(['a', 'x'])
    expect(texts(log, 'out')).toEqual(['a', 'x'])
    expect(log.committed(0)).toBeUndefined()
  })

  it('starts anew when it comes back', async () => {
    const { log } = start(echo, { maxWeight: 1 })
    log.deliver(0, 0, ['a', 'b'])
    await vi.waitFor(() => expect(log.committed(0)).toBe(2n))
    log.revoke(0)
    log.deliver(0, 1, ['b', 'c'])
    await vi.waitFor(() => expect(log.committed(0)).toBe(3n))
    expect(texts(log, 'out')).toEqual(['a!', 'b!', 'b!', 'c!'])
  })
})
