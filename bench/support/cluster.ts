import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '#libs/child-process/port.ts'
import { startServer } from '#libs/child-process/server.ts'
import { startClusterServers, startEmbeddedServers } from '#tests/support/servers.ts'
import { untilReady } from './ready.ts'

/** Real servers and real processes for a measurement. */
export interface Cluster {
  readonly environment: Readonly<Record<string, string>>
  readonly databaseUrl: string
  /** Processes of the servers by what a table calls them. */
  readonly servers: Readonly<Record<string, number>>
  /** Starts a service as a process of its own, its log in the folder; resolves when it says that it is ready. */
  startService(name: string, index?: number): Promise<Service>
  /** Rejects when a process that was started has ended by itself. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

export interface Service {
  readonly name: string
  readonly pid: number
  readonly url: string
  /** From the start of the process to its readiness. */
  readonly startSeconds: number
  /** SIGTERM, and SIGKILL for what is still there after ten seconds. */
  stop(): Promise<void>
}

export interface ClusterOptions {
  /** `embedded`: PostgreSQL only. `cluster`: Kafka, Redis, PostgreSQL and a schema registry. */
  readonly mode: 'embedded' | 'cluster'
  /** For data and logs; removed by whoever made it. */
  readonly folder: string
  /** Base URL of the simulator. */
  readonly amazon: string
  readonly variables?: Readonly<Record<string, string>>
}

const GRACE_MS = 10_000

export async function startCluster({ mode, folder, amazon, variables }: ClusterOptions): Promise<Cluster> {
  mkdirSync(folder, { recursive: true })
  const options = { folder, amazon, ...(variables && { variables }) }
  const cluster = mode === 'cluster' ? await startClusterServers({ ...options, brokers: 1 }) : undefined
  const servers = cluster ?? (await startEmbeddedServers(options))
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const running = new Set<Service>()
  return {
    environment: servers.environment,
    databaseUrl: servers.postgres.url,
    servers: {
      ...(cluster && {
        Kafka: cluster.kafka.nodes[0]!.pid,
        Redis: cluster.redis.pid,
        'schema registry': cluster.registry.pid,
      }),
      PostgreSQL: servers.postgres.pid,
    },
    failed: failure.promise,
    async startService(name, index = 0) {
      const port = await freePort()
      const started = performance.now()
      const file = join(folder, `${name}-${index}`)
      const child = await startServer({
        name,
        command: process.execPath,
        args: ['cli/asinstream.ts', 'serve', name],
        env: { ...process.env, ...servers.environment, PORT: String(port) },
        logFile: `${file}.log`,
        pidFile: `${file}.pid`,
      })
      let stopping = false
      void child.ended.then(({ code, signal }) => {
        if (stopping) return
        failure.reject(new Error(`${name} ended by itself (${code ?? signal}):\n${child.lastOutput()}`))
      })
      const url = `http://127.0.0.1:${port}`
      await Promise.race([untilReady(url), failure.promise])
      const service: Service = {
        name,
        pid: child.pid,
        url,
        startSeconds: (performance.now() - started) / 1_000,
        async stop() {
          stopping = true
          running.delete(service)
          await child.end('SIGTERM', GRACE_MS)
        },
      }
      running.add(service)
      return service
    },
    async stop() {
      await Promise.all([...running].map((service) => service.stop()))
      await servers.stop()
    },
  }
}
