import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '#libs/child-process/port.ts'
import { StackError } from './cache.ts'
import { inFolder } from './folder.ts'
import type { StackNode } from './node.ts'
import { exchange } from './ready.ts'
import { IN_MEMORY, type RedisOptions, redisServer, startRedisNode } from './redis.ts'

/** Two Redis, a master and its replica, and three Sentinels that promote the replica when the master is gone. */
export interface RedisFailover {
  /** `redis://` and the name by which the Sentinels know the master. */
  readonly url: string
  /** `host:port`, comma-separated. */
  readonly sentinels: string
  readonly nodes: readonly StackNode[]
  /** The one that a majority of the Sentinels takes for the master. */
  master(): Promise<StackNode>
  /** Whether every node but the master follows it, and has all that it has. */
  inSync(): Promise<boolean>
  stop(): Promise<void>
}

const NAME = 'buckets'
const SENTINELS = 3
/** A master that is silent for so long is gone. Sentinel's default is 30 s; who wants a fail-over sets seconds. */
const DOWN_AFTER_MS = 2_000

/** @throws StackError as `startRedis` does */
export async function startRedisFailover(options: Omit<RedisOptions, 'port'>): Promise<RedisFailover> {
  const binary = await redisServer(options.say)
  return inFolder(options.dir, async (dir, release) => {
    const ports = await freePorts(2 + SENTINELS)
    const [first, second, ...sentinelPorts] = ports as [number, number, ...number[]]
    const started: StackNode[] = []
    const opened = async (starting: Promise<StackNode>): Promise<StackNode> => {
      const node = await starting
      started.push(node)
      return node
    }
    const stop = async (): Promise<void> => {
      await Promise.all(started.map((node) => node.kill())).finally(release)
    }
    try {
      // A replica that waits for others to join a transfer is not in sync for five seconds more.
      const args = [...IN_MEMORY, '--repl-diskless-sync-delay', '0']
      const nodes = [
        await opened(startRedisNode(binary, { dir, port: first, name: 'redis-1', args })),
        await opened(
          startRedisNode(binary, {
            dir,
            port: second,
            name: 'redis-2',
            args: [...args, '--replicaof', `127.0.0.1 ${first}`],
          }),
        ),
      ]
      for (const port of sentinelPorts) {
        const name = `sentinel-${port}`
        const config = join(dir, `${name}.conf`)
        writeFileSync(config, sentinelConfiguration(first))
        await opened(startRedisNode(binary, { dir, port, name, args: [config, '--sentinel'] }))
      }
      const master = async (): Promise<StackNode> => {
        const named = await Promise.all(sentinelPorts.map(masterPort))
        const node = nodes.find(({ port }) => 2 * named.filter((one) => one === port).length > SENTINELS)
        if (node === undefined) throw new StackError('The Sentinels do not agree on a master just now.')
        return node
      }
      return {
        url: `redis://${NAME}`,
        sentinels: sentinelPorts.map((port) => `127.0.0.1:${port}`).join(','),
        nodes,
        master,
        async inSync() {
          const text = await reply((await master()).port, 'INFO replication\r\n')
          return /^role:master/m.test(text) && /^slave0:.*state=online/m.test(text)
        },
        stop,
      }
    } catch (error) {
      await stop()
      throw error
    }
  })
}

/** Sentinel writes what it finds out into its configuration, and reads it again when it is restarted. */
function sentinelConfiguration(master: number): string {
  return [
    `sentinel monitor ${NAME} 127.0.0.1 ${master} ${Math.floor(SENTINELS / 2) + 1}`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 10000`,
    '',
  ].join('\n')
}

async function masterPort(sentinel: number): Promise<number | undefined> {
  const text = await reply(sentinel, `SENTINEL get-master-addr-by-name ${NAME}\r\n`)
  return Number(text.split('\r\n')[4])
}

/** What a node answers to one command, in the raw; empty when it does not. */
async function reply(port: number, command: string): Promise<string> {
  let text = ''
  await exchange(port, command, (data) => {
    text = data.toString()
    return true
  })
  return text
}
