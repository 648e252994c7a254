import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { done, retry } from '#libs/stream/processor.ts'
import { echo, start, texts } from '#libs/stream/test-start.ts'

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

  it('commits what finishes soon after a commit with the next one, all partitions together', async () => {
    const { log, running } = start(echo, { maxWeight: 1 }, { commitEveryMs: 3_600_000 })
    log.deliver(0, 0, ['a'])
    await vi.waitFor(() => expect(log.committed(0)).toBe(1n))
    log.deliver(0, 1, ['b', 'c'])
    log.deliver(1, 0, ['x'])
    await vi.waitFor(() => expect(log.appended).toHaveLength(4))
    expect(log.commits).toHaveLength(1)
    await running.stop({ graceMs: 1_000 })
    expect(log.commits.slice(1).map(({ partition, next }) => [partition, next])).toEqual([
      [0, 3n],
      [1, 1n],
    ])
  })

  it('commits before it ends by a failure what had finished by then', async () => {
    const { log, failure } = start(
      async ({ records }) => {
        if (records.some(({ value }) => value === 'bug')) throw new Error('a bug')
        return records.map(() => done())
      },
      { maxWeight: 1 },
      { commitEveryMs: 3_600_000 },
    )
    log.deliver(0, 0, ['a'])
    await vi.waitFor(() => expect(log.committed(0)).toBe(1n))
    log.deliver(0, 1, ['b', 'bug', 'c'])
    expect(await failure).toMatchObject({ code: 'PROCESS_FAILED' })
    expect(log.committed(0)).toBe(2n)
  })

  it('starts the next chunk while the outputs of others are appended', async () => {
    const append = Promise.withResolvers<void>()
    const { log } = start(echo, { maxWeight: 1, inFlight: 2 })
    let asked = 0
    log.beforeAppend = () => {
      asked++
      return append.promise
    }
    log.deliver(0, 0, ['a', 'b', 'c', 'd', 'e'])
    await vi.waitFor(() => expect(asked).toBe(5))
    append.resolve()
    await vi.waitFor(() => expect(log.committed(0)).toBe(5n))
  })

  it('with one chunk in flight, appends its outputs before the next is processed', async () => {
    const append = Promise.withResolvers<void>()
    const processed: string[] = []
    const { log } = start(
      async (chunk, context) => {
        processed.push(...chunk.records.map(({ value }) => value))
        return echo(chunk, context)
      },
      { maxWeight: 1, inFlight: 1 },
    )
    const asked = vi.fn()
    log.beforeAppend = () => {
      asked()
      return append.promise
    }
    log.deliver(0, 0, ['a', 'b'])
    await vi.waitFor(() => expect(asked).toHaveBeenCalled())
    await new Promise(setImmediate)
    expect(processed).toEqual(['a'])
    append.resolve()
    await vi.waitFor(() => expect(processed).toEqual(['a', 'b']))
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

  it.each([
    [{ maxRecords: 700, inFlight: 1 }, 1_400],
    [{ maxRecords: 100, inFlight: 7 }, 1_400],
    [{ maxRecords: 1, inFlight: 1 }, 1_000],
    [{ maxRecords: 5_000, inFlight: 4 }, 5_000],
  ])('has room for the chunks in flight and as many again: %o', async (policy, room) => {
    const gate = Promise.withResolvers<void>()
    onTestFinished(() => gate.resolve())
    const { log } = start(
      async ({ records }) => {
        await gate.promise
        return records.map(() => done())
      },
      { maxWeight: policy.maxRecords, ...policy },
    )
    const hundred = Array.from({ length: 100 }, () => 'a')
    for (let batch = 0; batch < 60; batch++) log.deliver(0, batch * 100, hundred)
    await vi.waitFor(() => expect(log.pulls).toBe(room / 100))
    // As many turns as every other batch would take, were it pulled.
    for (let turn = 0; turn < 60; turn++) await new Promise(setImmediate)
    expect(log.pulls).toBe(room / 100)
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
