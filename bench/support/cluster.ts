import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startClusterServers, startEmbeddedServers } from '#tests/support/servers.ts'

/** Real servers and real processes for a measurement, in a folder of its own that is removed at the end. */
export interface Cluster {
  readonly environment: Readonly<Record<string, string>>
  readonly databaseUrl: string
  /** Starts a service as a process of its own; its log goes to the folder. */
  spawnService(name: string, options?: { readonly index?: number; readonly port?: number }): ChildProcess
  /** Rejects when a process that was started has ended by itself. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

export interface ClusterOptions {
  /** `embedded`: PostgreSQL only. `cluster`: Kafka, Redis, PostgreSQL and a schema registry. */
  readonly mode: 'embedded' | 'cluster'
  /** Base URL of the simulator. */
  readonly amazon: string
  readonly variables?: Readonly<Record<string, string>>
}

export async function startCluster({ mode, amazon, variables = {} }: ClusterOptions): Promise<Cluster> {
  const dir = join(process.cwd(), '.asinstream', `bench-${process.pid}`)
  mkdirSync(dir, { recursive: true })
  const options = { folder: dir, amazon, variables: { LOG_LEVEL: 'warn', ...variables } }
  const servers =
    mode === 'cluster'
      ? await startClusterServers({ ...options, brokers: 1 })
      : await startEmbeddedServers(options)
  const { environment } = servers

  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const children: ChildProcess[] = []
  let stopping = false
  return {
    environment,
    databaseUrl: servers.postgres.url,
    failed: failure.promise,
    spawnService(name, { index = 0, port = 0 } = {}) {
      const log = join(dir, `${name}-${index}.log`)
      const child = spawn(process.execPath, ['cli/asinstream.ts', 'serve', name], {
        env: { ...process.env, ...environment, PORT: String(port) },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const out = createWriteStream(log)
      child.stdout.pipe(out)
      child.stderr.pipe(process.stderr)
      child.once('exit', (code, signal) => {
        if (!stopping) failure.reject(new Error(`${name} ended by itself (${code ?? signal}); see ${log}`))
      })
      children.push(child)
      return child
    },
    async stop() {
      stopping = true
      await Promise.all(children.map(endProcess))
      await servers.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** SIGTERM, and SIGKILL for what is still there after ten seconds. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}
