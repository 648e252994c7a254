import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer } from '#libs/child-process/server.ts'
import { waitFor } from '#tests/support/wait-for.ts'
import type { Crash, CrashPlan, CrashReport } from './plan.ts'
import type { Peer } from './requests.ts'

export interface VictimOptions {
  readonly name: string
  /** The service's entry point, and what to load before there is a plan: paths from the project's root. */
  readonly main: string
  readonly preload: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** For its log and its report. */
  readonly folder: string
}

/** A real service process that is loaded and has not begun. */
export interface Victim {
  /** Lets it begin; resolves when it has ended as it was to, and rejects when it ended in any other way. */
  run(crash: Crash): Promise<CrashReport>
  /** Asks it to end in good order, as soon as it listens; it then has to, with exit code 0. */
  stop(): Promise<void>
  kill(): Promise<void>
}

/** How long a process may take to start; far more than it does. */
const START_TIMEOUT_MS = 60_000
const INJECT = new URL('./inject.ts', import.meta.url).href
const ROOT = new URL('../../', import.meta.url)

export async function startVictim(options: VictimOptions): Promise<Victim> {
  const { name, main, preload, environment, folder } = options
  const planFile = join(folder, `${name}.plan`)
  const report = join(folder, `${name}.json`)
  const listening = join(folder, `${name}.listening`)
  // Another stage in this folder counts its processes from 1 as well: by a plan of its, this one would begin at once.
  for (const left of [planFile, report, listening]) rmSync(left, { force: true })
  const child = await startServer({
    name,
    command: process.execPath,
    args: ['--import', INJECT, main],
    env: {
      ...process.env,
      ...environment,
      CRASH_PLAN: planFile,
      CRASH_PRELOAD: preload.map((path) => new URL(path, ROOT).href).join(),
      // One process a run: what they compile is the same each time.
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    },
    logFile: join(folder, `${name}.log`),
    pidFile: join(folder, `${name}.pid`),
  })
  let asked = false
  return {
    async run(crash) {
      const peers = peersOf(environment)
      const plan: CrashPlan = { ...crash, report, listening, peers, ownPort: Number(environment.PORT) }
      // Renamed, so that it is never read half.
      writeFileSync(`${planFile}.new`, JSON.stringify(plan))
      renameSync(`${planFile}.new`, planFile)
      const { code, signal } = await child.ended
      if (existsSync(report)) {
        const { steps, crashed } = JSON.parse(readFileSync(report, 'utf8')) as CrashReport
        if (crashed ? signal === 'SIGKILL' : asked && code === 0) return { steps, crashed }
      }
      throw new Error(`${name} ended with ${signal ?? code}, which nobody asked for:\n${child.lastOutput()}`)
    },
    async stop() {
      asked = true
      await waitFor(() => existsSync(listening) || !child.running, {
        what: `${name} to listen for signals`,
        timeoutMs: START_TIMEOUT_MS,
      })
      child.signal('SIGTERM')
    },
    async kill() {
      child.signal('SIGKILL')
      await child.ended
    },
  }
}

const PEERS = {
  DATABASE_URL: 'postgres',
  KAFKA_BROKERS: 'kafka',
  REDIS_URL: 'redis',
  SCHEMA_REGISTRY_URL: 'registry',
  SP_API_ENDPOINT: 'amazon',
} as const satisfies Readonly<Record<string, Peer>>

/** Who listens where, by the variables that lead the services there. */
function peersOf(environment: Readonly<Record<string, string>>): Record<number, Peer> {
  const peers: Record<number, Peer> = {}
  for (const [name, peer] of Object.entries(PEERS)) {
    for (const address of environment[name]?.split(',') ?? []) {
      peers[Number(/:(\d+)(?:\/|$)/.exec(address)?.[1])] = peer
    }
  }
  return peers
}
