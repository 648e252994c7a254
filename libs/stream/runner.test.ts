import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { noMetrics } from '#libs/stream/metrics.ts'
import {
  type Chunk,
  type ChunkPolicy,
  done,
  drop,
  type Processor,
  reject,
  retry,
  type Verdict,
} from '#libs/stream/processor.ts'
import { type RunOptions, runProcessor } from '#libs/stream/runner.ts'
import { ScriptedLog, TextCodec } from '#libs/stream/test-double.ts'

type Process = (chunk: Chunk<string>, context: { signal: AbortSignal }) => Promise<readonly Verdict[]>

const echo: Process = async ({ records }) =>
  records.map(({ value }) => done([{ topic: 'out', key: value, value: `${value}!` }]))

function start(
  process: Process,
  chunks: Partial<ChunkPolicy<string>> = {},
  options: Partial<RunOptions> = {},
) {
  const log = new ScriptedLog()
  const codec = new TextCodec()
  const processor: Processor<string> = {
    group: 'shouters',
    inputs: ['in'],
    outputs: ['out'],
    chunks: { maxWeight: 10, lingerMs: 1, inFlight: 1, ...chunks },
    process,
  }
  const running = runProcessor(processor, {
    log,
    codec,
    deadLetterTopic: 'dead-letters',
    decodeBackOff: { firstMs: 1, maxMs: 2 },
    ...options,
  })
  const failure = running.finished.then(
    () => undefined,
    (error) => error as Error & { code?: string },
  )
  onTestFinished(() => running.stop({ graceMs: 0 }))
  return { log, codec, running, failure }
}

const texts = (log: ScriptedLog, topic: string) =>
  log.appended.filter((record) => record.topic === topic).map((record) => record.value?.toString())

describe('the order of work', () => {
  it('decodes, processes, appends at once per chunk, then commits', async () => {
    const { log } = start(echo, { maxWeight: 3 })
    log.deliver(0, 5, ['a', 'b', 'c'])
    await vi.waitFor(() => expect(log.committed(0)).toBe(8n))
    expect(texts(log, 'out')).toEqual(['a!', 'b!', 'c!'])
    expect(log.appends).toEqual([3])
  })

  it('commits nothing before the append has resolved', async () => {
    const { log } = start(echo)
    const append = Promise.withResolvers<void>()
    const asked = vi.fn()
    log.beforeAppend = () => {
      asked()
      return append.promise
    }
    log.deliver(0, 0, ['a'])
    await vi.waitFor(() => expect(asked).toHaveBeenCalled())
    expect(log.commits).toEqual([])
    append.resolve()
    await vi.waitFor(() => expect(log.committed(0)).toBe(1n))
  })

  it('commits only the finished prefix of a partition while an older chunk is open', async () => {
    const slow = Promise.withResolvers<void>()
    const seen: string[] = []
    const { log } = start(
      async ({ records }) => {
        const values = records.map(({ value }) => value)
        if (values.includes('slow')) await slow.promise
        seen.push(...values)
        return records.map(() => done())
      },
      { maxWeight: 1, inFlight: 3 },
    )
    log.deliver(0, 0, ['a', 'slow', 'c', 'd'])
    log.deliver(1, 0, ['x'])
    await vi.waitFor(() => expect(seen).toEqual(['a', 'c', 'd', 'x']))
    await vi.waitFor(() => expect(log.committed(1)).toBe(1n))
    expect(log.committed(0)).toBe(1n)
    slow.resolve()
    await vi.waitFor(() => expect(log.committed(0)).toBe(4n))
  })

  it('has at most one commit of a partition in flight, and the newest wins', async () => {
    const { log } = start(async ({ records }) => records.map(() => done()), { maxWeight: 1 })
    const gates: PromiseWithResolvers<void>[] = []
    log.beforeCommit = () => {
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      return gate.promise
    }
    log.deliver(0, 0, ['a', 'b', 'c', 'd'])
    await vi.waitFor(() => expect(log.pulls).toBe(2))
    await vi.waitFor(() => expect(gates).toHaveLength(1))
    gates[0]!.resolve()
    await vi.waitFor(() => expect(gates).toHaveLength(2))
    gates[1]!.resolve()
    await vi.waitFor(() => expect(log.committed(0)).toBe(4n))
    expect(log.commits.map(({ next }) => next)).toEqual([1n, 4n])
  })

  it('copies the trace of a record to what is emitted for it, and keeps headers of the emit', async () => {
    const { log } = start(async ({ records }) =>
      records.map(() => done([{ topic: 'out', key: 'k', value: 'v', headers: { own: Buffer.from('1') } }])),
    )
    log.deliver(0, 0, ['a'], { traceparent: Buffer.from('00-1-2-01'), other: Buffer.from('x') })
    await vi.waitFor(() => expect(log.appended).toHaveLength(1))
    expect(log.appended[0]?.headers).toEqual({ own: Buffer.from('1'), traceparent: Buffer.from('00-1-2-01') })
  })
})

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

describe('a codec that can not decode now', () => {
  it('is asked again; its partition waits, others go on, nothing is dead-lettered', async () => {
    const { log, codec } = start(echo)
    codec.online = false
    log.deliver(0, 0, ['a', 'later', 'c'])
    log.deliver(1, 0, ['x', 'y'])
    await vi.waitFor(() => expect(log.committed(1)).toBe(2n))
    await vi.waitFor(() => expect(codec.attempts).toBeGreaterThan(2))
    expect(log.committed(0)).toBe(1n)
    codec.online = true
    await vi.waitFor(() => expect(log.committed(0)).toBe(3n))
    expect(texts(log, 'out').filter((text) => text !== 'x!' && text !== 'y!')).toEqual(['a!', 'later!', 'c!'])
    expect(texts(log, 'dead-letters')).toEqual([])
  })
})

describe('retry', () => {
  it('hands a record in again; with one chunk in flight the later ones wait for it', async () => {
    const seen: string[] = []
    let tries = 0
    const { log } = start(
      async ({ records }) =>
        records.map(({ value }) => {
          seen.push(value)
          return value === 'b' && ++tries < 3 ? retry('busy', 1) : done()
        }),
      { maxWeight: 1 },
    )
    log.deliver(0, 0, ['a', 'b', 'c'])
    await vi.waitFor(() => expect(log.committed(0)).toBe(3n))
    expect(seen).toEqual(['a', 'b', 'b', 'b', 'c'])
  })

  it('commits nothing past the record; with more chunks in flight later ones go on', async () => {
    const seen: string[] = []
    let open = false
    const { log } = start(
      async ({ records }) =>
        records.map(({ value }) => {
          seen.push(value)
          return value === 'b' && !open ? retry('busy', 1) : done()
        }),
      { maxWeight: 1, inFlight: 2 },
    )
    log.deliver(0, 0, ['a', 'b', 'c', 'd'])
    await vi.waitFor(() => expect(seen).toContain('d'))
    await vi.waitFor(() => expect(seen.filter((value) => value === 'b').length).toBeGreaterThan(2))
    expect(log.committed(0)).toBe(1n)
    open = true
    await vi.waitFor(() => expect(log.committed(0)).toBe(4n))
  })

  it('takes up bounded memory: pulling stops while one record holds the others back', async () => {
    let open = false
    const { log } = start(
      async ({ records }) =>
        records.map(({ value }) => (value === 'stuck' && !open ? retry('busy', 1) : done())),
      { inFlight: 2 },
      { maxBuffered: 10 },
    )
    log.deliver(0, 0, ['stuck'])
    for (let batch = 0; batch < 20; batch++) log.deliver(0, 1 + batch * 5, ['1', '2', '3', '4', '5'])
    await vi.waitFor(() => expect(log.pulls).toBe(9))
    open = true
    await vi.waitFor(() => expect(log.committed(0)).toBe(101n))
  })
})

describe('back-pressure', () => {
  it('stops pulling at the bound and goes on when there is room', async () => {
    const gate = Promise.withResolvers<void>()
    const { log } = start(
      async ({ records }) => {
        await gate.promise
        return records.map(() => done())
      },
      {},
      { maxBuffered: 4 },
    )
    for (let batch = 0; batch < 5; batch++) log.deliver(0, batch * 2, ['a', 'b'])
    await vi.waitFor(() => expect(log.pulls).toBe(2))
    expect(log.commits).toEqual([])
    gate.resolve()
    await vi.waitFor(() => expect(log.committed(0)).toBe(10n))
  })

  it('is not what the linger does: pulling goes on while a chunk waits to fill', async () => {
    const sizes: number[] = []
    const { log } = start(
      async ({ records }) => {
        sizes.push(records.length)
        return records.map(() => done())
      },
      { maxWeight: 4, lingerMs: 60_000 },
    )
    log.deliver(0, 0, ['a'])
    log.deliver(1, 0, ['b'])
    log.deliver(0, 1, ['c', 'd'])
    await vi.waitFor(() => expect(sizes).toEqual([4]))
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
    const process = (async ({ records }) => records.map(() => undefined)) as unknown as Process
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

describe('stop', () => {
  it('lets the chunk in flight finish, commits it, starts no other, and can be called twice', async () => {
    const gate = Promise.withResolvers<void>()
    const seen: string[] = []
    const { log, running } = start(
      async ({ records }) => {
        seen.push(...records.map(({ value }) => value))
        await gate.promise
        return records.map(() => done([{ topic: 'out', key: '', value: 'v' }]))
      },
      { maxWeight: 1 },
    )
    log.deliver(0, 0, ['a', 'b'])
    await vi.waitFor(() => expect(seen).toEqual(['a']))
    const stopped = [running.stop({ graceMs: 60_000 }), running.stop({ graceMs: 60_000 })]
    gate.resolve()
    await Promise.all(stopped)
    await running.finished
    expect(log.committed(0)).toBe(1n)
    expect(seen).toEqual(['a'])
    expect(log.closed).toBe(true)
    expect(running.healthy()).toBe(false)
  })

  it('aborts what has not finished within the grace, and commits nothing of it', async () => {
    const aborted = vi.fn()
    const { log, running } = start(
      ({ records }, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            aborted()
            resolve(records.map(() => done([{ topic: 'out', key: '', value: 'v' }])))
          })
        }),
    )
    log.deliver(0, 0, ['a'])
    await vi.waitFor(() => expect(log.pulls).toBe(2))
    const slowly = running.stop({ graceMs: 60_000 })
    await running.stop({ graceMs: 1 })
    await slowly
    expect(aborted).toHaveBeenCalledOnce()
    expect(log.appended).toEqual([])
    expect(log.commits).toEqual([])
  })

  it('follows the signal that was handed in', async () => {
    const controller = new AbortController()
    const { running } = start(echo, {}, { signal: controller.signal })
    controller.abort()
    await running.finished
    expect(running.healthy()).toBe(false)
  })
})
