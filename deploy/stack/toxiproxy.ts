import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '#libs/child-process/port.ts'
import { endLeftover, startServer } from '#libs/child-process/server.ts'
import { cached, runTool, stackFile } from './cache.ts'
import { inFolder } from './folder.ts'
import { goEnvironment, needGo } from './go.ts'
import { untilReady } from './ready.ts'

export interface ToxiproxyOptions {
  /** Its log and pid file are kept here. */
  dir: string
  /** Hears about downloads. */
  say?: (line: string) => void
}

/**
 * What a proxy does to the bytes that pass, by Toxiproxy's names: https://github.com/Shopify/toxiproxy#toxics. `upstream`
 * is from the client to the server.
 */
export interface Toxic {
  readonly type: 'latency' | 'bandwidth' | 'timeout' | 'reset_peer'
  readonly stream: 'upstream' | 'downstream'
  /** Milliseconds, and KB a second for `rate`. */
  readonly attributes: Readonly<Record<string, number>>
}

/** A port of 127.0.0.1 behind which another one is. */
export interface ToxicProxy {
  readonly port: number
  /** From now on, for connections that there are and those that come. */
  poison(toxics: readonly Toxic[]): Promise<void>
  /** Takes every toxic away. Connections that a `timeout` held are closed. */
  heal(): Promise<void>
}

export interface Toxiproxy {
  readonly pid: number
  /** @param port where it listens; a free one otherwise */
  proxy(name: string, target: number, port?: number): Promise<ToxicProxy>
  stop(): Promise<void>
}

const ADVICE = 'Install Go (Debian: apt-get install golang-go, 1.21 or newer), which builds Toxiproxy once.'

/**
 * Starts Toxiproxy 2.5, which stands between a client and a server and behaves as bad networks do.
 * @throws StackError when Go is missing, or when it does not build or start
 */
export async function startToxiproxy(options: ToxiproxyOptions): Promise<Toxiproxy> {
  const binary = join(await cached(artifact(), options.say ?? (() => {})), 'toxiproxy')
  return inFolder(options.dir, async (dir, release) => {
    const pidFile = join(dir, 'toxiproxy.pid')
    await endLeftover(pidFile, binary)
    const port = await freePort()
    const server = await startServer({
      name: 'Toxiproxy',
      command: binary,
      args: ['-host', '127.0.0.1', '-port', String(port)],
      env: { ...process.env, LOG_LEVEL: 'warn' },
      logFile: join(dir, 'toxiproxy.log'),
      pidFile,
    })
    const url = `http://127.0.0.1:${port}`
    await untilReady('Toxiproxy', server, port, async () => (await fetch(`${url}/version`)).ok)
    return {
      pid: server.pid,
      async proxy(name, target, wanted) {
        const listen = wanted ?? (await freePort())
        await request('POST', `${url}/proxies`, {
          name,
          listen: `127.0.0.1:${listen}`,
          upstream: `127.0.0.1:${target}`,
          enabled: true,
        })
        return proxyAt(`${url}/proxies/${name}`, listen)
      },
      stop: () => server.end('SIGKILL', 0).finally(release),
    }
  })
}

function proxyAt(url: string, port: number): ToxicProxy {
  const names: string[] = []
  return {
    port,
    async poison(toxics) {
      for (const { type, stream, attributes } of toxics) {
        const name = `${type}-${stream}`
        await request('POST', `${url}/toxics`, { name, type, stream, attributes })
        names.push(name)
      }
    },
    async heal() {
      for (const name of names.splice(0)) await request('DELETE', `${url}/toxics/${name}`)
    },
  }
}

async function request(method: 'POST' | 'DELETE', url: string, body?: object): Promise<void> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) })
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
  await response.arrayBuffer()
}

function artifact() {
  const sources = ['go.mod', 'go.sum']
  return {
    name: 'toxiproxy',
    inputs: sources.map((file) => stackFile(join('toxiproxy', file))),
    async build(folder: string, scratch: string) {
      await needGo(ADVICE)
      for (const file of sources) await copyFile(stackFile(join('toxiproxy', file)), join(scratch, file))
      const main = 'github.com/Shopify/toxiproxy/v2/cmd/server'
      // No package of this module imports it, so that its own dependencies are not in go.mod: -mod=mod adds them there.
      await runTool('go', ['build', '-mod=mod', '-trimpath', '-o', join(folder, 'toxiproxy'), main], {
        cwd: scratch,
        env: goEnvironment(scratch),
        purpose: 'build Toxiproxy (is the network there?)',
      })
    },
  }
}
