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
  const binary = join(await cached(artifact(), options.say ?? (() => {})), 'redis-server')
  return inFolder(options.dir, async (dir, release) => {
    const pidFile = join(dir, 'redis.pid')
    await endLeftover(pidFile, binary)
    const port = options.port || (await freePort())
    const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir]
    const node = await startNode(port, async () => {
      const server = await startServer({
        name: 'Redis',
        command: binary,
        args: [...place, '--save', '', '--appendonly', 'no'],
        logFile: join(dir, 'redis.log'),
        pidFile,
      })
      await untilReady('Redis', server, port, () => exchange(port, 'PING\r\n', isPong))
      return server
    })
    const stop = () => node.kill().finally(release)
    return Object.assign(node, { url: `redis://127.0.0.1:${port}`, stop })
  })
}

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
