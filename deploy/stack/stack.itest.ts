import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis as RedisClient } from 'ioredis'
import { Kafka as KafkaClient, logLevel } from 'kafkajs'
import { expect, it } from 'vitest'
import { processStart } from '#libs/child-process/identity.ts'
import { describeWith, scratchFolder, waitFor } from '#tests/support/backing.ts'
import { startKafka } from './kafka.ts'
import { startRedis } from './redis.ts'
import { startRegistry } from './registry.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

describeWith(['kafka'], 'Kafka of three nodes', () => {
  it('takes records while one node is dead, and has them after it came back', async () => {
    const kafka = await startKafka({ dir: scratchFolder('kafka'), count: 3 })
    const client = new KafkaClient({ brokers: kafka.brokers.split(','), logLevel: logLevel.NOTHING })
    const admin = client.admin()
    const producer = client.producer()
    try {
      await admin.connect()
      await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }], waitForLeaders: true })
      const { topics } = await admin.fetchTopicMetadata({ topics: ['kept'] })
      expect(topics[0]?.partitions[0]?.replicas).toHaveLength(3)
      await producer.connect()
      expect(await kafka.underReplicated()).toBe(0)
      const node = await kafka.controller()
      const { pid } = node
      await node.kill()
      expect(processStart(pid)).toBeUndefined()
      await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'while one is dead' }] })
      const next = await waitFor(async () => (await kafka.controller()) !== node && kafka.controller(), {
        what: 'another controller',
      })
      expect(kafka.nodes).toContain(next)
      expect(await kafka.underReplicated()).toBeGreaterThan(0)
      await node.restart()
      expect(node.pid).not.toBe(pid)
      await waitFor(async () => (await kafka.underReplicated()) === 0, { what: 'every replica in sync' })
      const [offsets] = await admin.fetchTopicOffsets('kept')
      expect(offsets?.high).toBe('1')
    } finally {
      await Promise.all([producer.disconnect(), admin.disconnect()])
      await kafka.stop()
    }
  }, 120_000)
})

describeWith(['redis'], 'Redis', () => {
  it('forgets at a restart, freezes and thaws, and refuses a folder in use', async () => {
    const dir = scratchFolder('redis')
    const redis = await startRedis({ dir })
    const client = new RedisClient(redis.url)
    client.on('error', () => {}) // it is being killed on purpose; ioredis reconnects
    try {
      await expect(startRedis({ dir })).rejects.toThrow(`in use by process ${process.pid}`)
      await client.set('key', 'value')
      redis.pause()
      const answer = client.get('key')
      redis.resume()
      expect(await answer).toBe('value')
      await redis.restart()
      expect(await client.get('key')).toBeNull()
    } finally {
      client.disconnect()
      await redis.stop()
    }
    const again = await startRedis({ dir })
    await again.stop()
  })
})

describeWith(['registry'], 'the schema registry', () => {
  it('registers a schema, and forgets it at a restart', async () => {
    const registry = await startRegistry({ dir: scratchFolder('registry') })
    try {
      const body = JSON.stringify({ schema: '"string"' })
      const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
      const reply = await fetch(`${registry.url}/subjects/s/versions`, { method: 'POST', headers, body })
      expect(await reply.json()).toMatchObject({ id: 1 })
      await registry.restart()
      expect(await (await fetch(`${registry.url}/subjects`)).json()).toEqual([])
    } finally {
      await registry.stop()
    }
  })
})

describeWith(['redis', 'postgres'], 'npm run stack', () => {
  it('prints lines to paste, stays until Ctrl-C, and leaves nothing running', async () => {
    const dir = scratchFolder('stack')
    const { child, output } = run(['--dir', dir, '--only', 'redis,postgres'])
    await waitFor(() => output().includes('Ctrl-C'), { what: 'the stack to be up', timeoutMs: 60_000 })
    expect(output()).toMatch(/^ {2}export REDIS_URL='redis:\/\/127.0.0.1:\d+'$/m)
    expect(output()).toMatch(
      /^ {2}export DATABASE_URL='postgres:\/\/asinstream:\w+@127.0.0.1:\d+\/asinstream'$/m,
    )

    const second = run(['--dir', dir, '--only', 'redis'])
    expect(await once(second.child, 'exit')).toEqual([1, null])
    expect(second.output()).toContain(`${join(dir, 'redis')} is in use by process ${child.pid}`)

    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
    const port = Number(/REDIS_URL='redis:\/\/127.0.0.1:(\d+)/.exec(output())?.[1])
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow()
  })

  it.each([
    [['--kafka-nodes', '2'], '--kafka-nodes takes 1 or 3, not 2'],
    [['--only', 'mysql'], '--only takes some of kafka,postgres,redis,registry, not "mysql"'],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { child, output } = run(args)
    expect(await once(child, 'exit')).toEqual([2, null])
    await waitFor(() => output().includes(message), { what: message })
  })
})

function run(args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  return { child, output: () => text }
}
