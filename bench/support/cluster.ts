import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startKafka } from '#deploy/stack/kafka.ts'
import { startRedis } from '#deploy/stack/redis.ts'
import { startRegistry } from '#deploy/stack/registry.ts'
import { startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { createBackends } from '#libs/service/backends.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { prepare } from '#libs/service/prepare.ts'
import { registerAll } from '#schemas/tools/register.ts'

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
  const stops: (() => Promise<unknown>)[] = []
  const postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres') })
  stops.push(() => postgres.stop())
  const environment: Record<string, string> = {
    DATABASE_URL: postgres.url,
    SP_API_ENDPOINT: amazon,
    LWA_ENDPOINT: amazon,
    SP_API_CLIENT_ID: 'bench',
    SP_API_CLIENT_SECRET: 'secret',
    SP_API_REFRESH_TOKEN: 'token',
    SYNC_SCHEDULE: 'off',
    LOG_LEVEL: 'warn',
    ...variables,
  }
  if (mode === 'cluster') {
    const [kafka, redis, registry] = await Promise.all([
      startKafka({ dir: join(dir, 'kafka') }),
      startRedis({ dir: join(dir, 'redis') }),
      startRegistry({ dir: join(dir, 'registry') }),
    ])
    stops.push(...[kafka, redis, registry].map((server) => () => server.stop()))
    Object.assign(environment, {
      KAFKA_BROKERS: kafka.brokers,
      REDIS_URL: redis.url,
      SCHEMA_REGISTRY_URL: registry.url,
    })
    await registerAll(registry.url, () => {})
  }
  await prepareBackends(environment)

  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const children: ChildProcess[] = []
  let stopping = false
  return {
    environment,
    databaseUrl: postgres.url,
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
      for (const stop of stops.reverse()) await stop()
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

async function prepareBackends(environment: Readonly<Record<string, string>>): Promise<void> {
  const config = loadConfig(environment)
  const logger = createLogger({ level: 'warn', service: 'bench' })
  const backends = createBackends({ config, service: 'bench', logger, metrics: createMetrics() })
  await prepare(config, backends)
  await backends.close()
}
