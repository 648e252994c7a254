import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '#libs/child-process/port.ts'
import { endLeftover, startServer } from '#libs/child-process/server.ts'
import { cached, StackError, stackFile } from './cache.ts'
import { inFolder } from './folder.ts'
import { copyJars } from './maven.ts'
import { type StackNode, startNode } from './node.ts'
import { exchange, untilReady } from './ready.ts'
import { unzipFile } from './zip.ts'

export interface RedisOptions {
  /** Its log and pid file are kept here; it stores no data. */
  dir: string
  /** 0, the default, takes a free one. */
  port?: number
  /** Hears about downloads. */
  say?: (line: string) => void
}

/** A Redis that remembers nothing after `restart`. */
export interface Redis extends StackNode {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Starts Redis 7.0 on loopback, in memory only.
 * @throws StackError when Maven is missing, when there is no binary for this machine, or when it does not start
 */
export async function startRedis(options: RedisOptions): Promise<Redis> {
  const binary = await redisServer(options.say)
  return inFolder(options.dir, async (dir, release) => {
    const port = options.port || (await freePort())
    const node = await startRedisNode(binary, { dir, port })
    const stop = () => node.kill().finally(release)
    return Object.assign(node, { url: `redis://127.0.0.1:${port}`, stop })
  })
}

/** The program, fetched when it is not there yet. */
export async function redisServer(say: (line: string) => void = () => {}): Promise<string> {
  return join(await cached(artifact(), say), 'redis-server')
}

/**
 * One process of it on loopback.
 * @param node.args by default it keeps nothing on disk
 */
export async function startRedisNode(
  binary: string,
  node: {
    readonly dir: string
    readonly port: number
    readonly name?: string
    readonly args?: readonly string[]
  },
): Promise<StackNode> {
  const { dir, port, name = 'redis', args = IN_MEMORY } = node
  const pidFile = join(dir, `${name}.pid`)
  await endLeftover(pidFile, binary)
  return startNode(port, async () => {
    const server = await startServer({
      name: 'Redis',
      command: binary,
      args: [...args, '--bind', '127.0.0.1', '--port', String(port), '--dir', dir],
      logFile: join(dir, `${name}.log`),
      pidFile,
    })
    await untilReady('Redis', server, port, () => exchange(port, 'PING\r\n', isPong))
    return server
  })
}

export const IN_MEMORY = ['--save', '', '--appendonly', 'no'] as const

function isPong(data: Buffer): boolean {
  return data.toString() === '+PONG\r\n'
}

function artifact() {
  return {
    name: 'redis',
    inputs: [stackFile('pom.xml')],
    async build(folder: string, scratch: string) {
      const jars = join(scratch, 'jars')
      await copyJars('redis', jars, scratch)
      const jar = readdirSync(jars).find((file) => file.startsWith('embedded-redis'))
      const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
      const name = `redis-server-7.0.15-${platform}`
      const binary = jar && unzipFile(readFileSync(join(jars, jar)), name)
      if (binary === undefined) {
        throw new StackError(
          `There is no Redis for this machine (${platform}) on Maven Central. Set REDIS_URL to a Redis of your own; ` +
            'without it the token bucket stays in memory, which is right for one process.',
        )
      }
      writeFileSync(join(folder, 'redis-server'), binary, { mode: 0o755 })
    },
  }
}
