import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { startForTest } from '#simulator/testing.ts'
import { backing, describeWith, freePort } from '#tests/support/backing.ts'
import { startStub, tokenAnswer } from '../test-support.ts'
import { tokenStoreContract } from './contract.ts'
import { createRedisTokenStore } from './redis-store.ts'
import { TokenStoreError } from './store.ts'

interface Asker {
  readonly child: ChildProcess
  /** Starts so many asks at once; resolves to what became of them. */
  ask(count: number): Promise<string>
}

/** A process of its own that asks for one seller's token. */
async function startAsker(endpoint: string, leaseMs = 5_000): Promise<Asker> {
  const child = spawn(
    process.execPath,
    [new URL('test-process.ts', import.meta.url).pathname, backing('redis'), endpoint, String(leaseMs)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const lines = createInterface({ input: child.stdout! })
  const next = async (): Promise<string> => (await once(lines, 'line'))[0]
  expect(await next()).toBe('ready')
  return {
    child,
    ask: (count) => {
      const answer = next()
      child.stdin!.write(`${count}\n`)
      return answer
    },
  }
}

describeWith(['redis'], 'the token store in Redis', () => {
  tokenStoreContract('redis', () =>
    createRedisTokenStore({
      url: backing('redis'),
      commandTimeoutMs: 10_000,
      keyPrefix: `itest:${process.pid}`,
    }),
  )

  it('pain 8, token refresh: two processes with many callers fetch one token between them', async () => {
    // An endpoint of its own, so a place of its own in the shared Redis.
    const simulator = await startForTest({ latencyMs: [300, 300] })
    const askers = [await startAsker(simulator.url), await startAsker(simulator.url)]
    expect(await Promise.all(askers.map((asker) => asker.ask(20)))).toEqual(['ok', 'ok'])
    expect(simulator.stats().tokensIssued).toBe(1)
    const late = await startAsker(simulator.url)
    expect(await late.ask(5)).toBe('ok')
    expect(simulator.stats().tokensIssued).toBe(1)
  })

  it('a process that is killed while it fetches blocks nobody', async () => {
    const stub = await startStub({
      // The first request is never answered: its asker dies over it.
      lwa: (request, response) => {
        if (request.count > 1) return tokenAnswer()(request, response)
      },
    })
    onTestFinished(() => stub.close())
    const [dying, living] = [await startAsker(stub.url, 1_000), await startAsker(stub.url, 1_000)]
    void dying.ask(1).catch(() => {})
    await expect.poll(() => stub.tokenRequests.length, { timeout: 20_000 }).toBe(1)
    const asked = living.ask(3)
    dying.child.kill('SIGKILL')
    expect(await asked).toBe('ok')
    expect(stub.tokenRequests).toHaveLength(2)
  })

  it('a process that takes its time keeps its claim beyond the lease', async () => {
    const store = createRedisTokenStore({ url: backing('redis'), leaseMs: 300, commandTimeoutMs: 10_000 })
    const redis = new Redis(backing('redis'))
    onTestFinished(async () => {
      await store.close()
      redis.disconnect()
    })
    const name = `slow-${process.pid}-${Date.now()}`
    const claim = await store.claim(name)
    const key = `asinstream:token:{${name}}:claim`
    // Renewed: its time grows again, which nothing else makes it do.
    let last = await redis.pttl(key)
    let renewals = 0
    await expect
      .poll(
        async () => {
          const left = await redis.pttl(key)
          if (left > last) renewals++
          last = left
          return renewals
        },
        { interval: 10, timeout: 20_000 },
      )
      .toBeGreaterThan(3)
    expect(await store.claim(name)).toBeNull()
    await claim!.release()
    expect(await redis.exists(key)).toBe(0)
  })

  it('whoever lost the claim changes nothing', async () => {
    const store = createRedisTokenStore({ url: backing('redis'), commandTimeoutMs: 10_000 })
    const redis = new Redis(backing('redis'))
    onTestFinished(async () => {
      await store.close()
      redis.disconnect()
    })
    const name = `lost-${process.pid}-${Date.now()}`
    const lost = await store.claim(name)
    await redis.del(`asinstream:token:{${name}}:claim`)
    const next = await store.claim(name)
    await lost!.publish('old', 60_000)
    expect(await store.read(name)).toBeNull()
    await lost!.release()
    expect(await store.claim(name)).toBeNull()
    await next!.publish('new', 60_000)
    expect(await store.read(name)).toMatchObject({ text: 'new' })
  })

  it('says once that Redis is gone, and that it is back', async () => {
    const told: string[] = []
    const port = await freePort()
    const store = createRedisTokenStore({
      url: `redis://user:CANARY@127.0.0.1:${port}`,
      onDegraded: (reason) => told.push(reason),
      onRecovered: () => told.push('back'),
    })
    onTestFinished(() => store.close())
    await expect(store.read('a')).rejects.toThrow(TokenStoreError)
    await expect(store.claim('a')).rejects.toThrow(TokenStoreError)
    expect(told).toEqual([expect.stringContaining('ECONNREFUSED')])
    expect(told.join()).not.toContain('CANARY')
  })
})
