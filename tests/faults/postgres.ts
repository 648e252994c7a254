import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '#tests/support/wait-for.ts'
import type { Finding } from './checker.ts'
import { expectReadiness } from './readiness.ts'
import { type Relay, startRelay } from './relay.ts'
import { planFaults } from './schedule.ts'
import { type Report, runTrial, type Trial, type TrialOptions } from './trial.ts'

type Options = Omit<TrialOptions, 'scenario'>

/** Those that can do nothing without PostgreSQL. */
const WRITERS = ['persister', 'product-change']

/**
 * Who has to say that it is not ready. A lock on tables is nothing that another connection sees, and that a disk is full
 * only those notice who write: not a product-change that stands by, or whose queue is full.
 */
const NOT_READY = { 'read-only': WRITERS, locked: [], 'disk full': ['persister'] } as const

/** PostgreSQL is killed in the middle of the work, and comes back after `awayMs`, `times` times. */
export function postgresDies(times: number, awayMs: number, options: Options): Promise<Report> {
  return runTrial({ ...options, scenario: 'PostgreSQL fails' }, async (trial) => {
    const resumed: number[] = []
    for (const { at } of planFaults({ seed: options.seed, count: times, targets: ['postgres'] })) {
      await trial.reached(at)
      trial.say(`PostgreSQL is killed at ${at} (${await trial.finals()} final)`)
      await trial.postgres.kill()
      await sleep(awayMs)
      await trial.postgres.restart()
      resumed.push(await resumption(trial))
    }
    return { faults: times, more: { resumedAfterMs: resumed } }
  })
}

/** Milliseconds from now until another product is final; what was committed before an outage is not progress. */
async function resumption({ finals, reached, options }: Trial): Promise<number> {
  const back = performance.now()
  const before = await waitFor(async () => ({ finals: await finals() }), {
    what: 'an answer from PostgreSQL',
  })
  await reached(Math.min(1, (before.finals + 1) / options.products))
  return Math.round(performance.now() - back)
}

/**
 * Connections end while they are at work, `times` times in turn: a backend in the middle of a transaction is terminated,
 * every connection is reset by the network, and the answer to a COMMIT is lost.
 */
export async function connectionsEnd(times: number, options: Options): Promise<Report> {
  let relay: Relay | undefined
  const through = async ({ postgres }: Pick<Trial, 'postgres'>): Promise<{ DATABASE_URL: string }> => {
    const address = new URL(postgres.url)
    relay = await startRelay(Number(address.port))
    address.port = String(relay.port)
    return { DATABASE_URL: address.href }
  }
  try {
    return await runTrial({ ...options, scenario: 'PostgreSQL connections end', through }, async (trial) => {
      const done = { terminated: 0, reset: 0, commitsUnanswered: 0 }
      const faults = ['terminate', 'reset', 'lose'] as const
      const plan = planFaults({ seed: options.seed, count: times, targets: faults })
      for (const { at, target } of plan) {
        await trial.reached(at)
        if (target === 'terminate') {
          const found = await waitFor(() => terminateOne(trial), { what: 'a transaction to end' })
          done.terminated++
          trial.say(`terminated ${found.application} in: ${found.query.replaceAll(/\s+/g, ' ').slice(0, 60)}`)
        } else if (target === 'reset') {
          done.reset += relay!.cutAll()
          trial.say('every connection is reset')
        } else {
          // When the work is over before, nothing is left to commit.
          const lost = relay!.loseCommits(1).then(() => true)
          if (await Promise.race([lost, trial.reached(1).then(() => false)])) done.commitsUnanswered++
          trial.say('the answer to a COMMIT is lost')
        }
      }
      return { faults: plan.length, more: done }
    })
  } finally {
    await relay?.stop()
  }
}

/** Ends a service's backend that is in a transaction just now. */
async function terminateOne(trial: Trial): Promise<{ application: string; query: string } | undefined> {
  const [row] = await trial.db.query<{ application: string; query: string }>(
    `with one as (select pid, application_name, query from pg_stat_activity
                   where application_name like 'asinstream-%' and xact_start is not null
                     and backend_type = 'client backend' order by random() limit 1)
     select application_name as application, query from one where pg_terminate_backend(pid)`,
  )
  return row
}

/** PostgreSQL runs and does not do what it is asked: read-only, locked, its disk full; each for `lastMs`. */
export async function postgresRefuses(lastMs: number, options: Options): Promise<Report> {
  const outages = { 'read-only': readOnly, locked, 'disk full': diskFull } as const
  const plan = planFaults({ seed: options.seed, count: 3, targets: Object.keys(outages) })
  return runTrial({ ...options, scenario: 'PostgreSQL refuses', postgresDisk: '600m' }, async (trial) => {
    const resumedAfterMs: Record<string, number> = {}
    const findings: Finding[] = []
    for (const { at, target } of plan) {
      await trial.reached(at)
      trial.say(`PostgreSQL is ${target} (${await trial.finals()} final)`)
      const end = await outages[target as keyof typeof outages](trial)
      const until = performance.now() + lastMs
      const notReady = NOT_READY[target as keyof typeof outages]
      findings.push(...(await expectReadiness(trial.supervisor, notReady, false, `while it is ${target}`)))
      await sleep(Math.max(0, until - performance.now()))
      const before = await trial.finals().catch(() => undefined)
      await end()
      resumedAfterMs[target] = await resumption(trial)
      trial.say(`it was ${target} (${before ?? 'unknown'} final)`)
      findings.push(...(await expectReadiness(trial.supervisor, WRITERS, true, `after it was ${target}`)))
    }
    return { faults: plan.length, findings, more: { lastedMs: lastMs, ...resumedAfterMs } }
  })
}

type Outage = (trial: Trial) => Promise<() => Promise<void>>

/** Error 25006, as on a standby or after a fail-over to one. */
const readOnly: Outage = async ({ db }) => {
  const set = async (value: 'on' | 'off'): Promise<void> => {
    await db.query(`alter system set default_transaction_read_only = ${value}`)
    await db.query('select pg_reload_conf()')
  }
  await set('on')
  return () => set('off')
}

/** As a migration or a backup does that somebody forgot. */
const locked: Outage = async ({ db }) => {
  const client = await db.reserve()
  await client.query('begin')
  await client.query('set local lock_timeout = 0')
  await client.query('lock table products, product_syncs in access exclusive mode')
  return async () => {
    await client.query('rollback')
    client.release()
  }
}

/** Every byte of PostgreSQL's file system is taken by somebody else's file. */
const diskFull: Outage = async ({ postgres, options, say }) => {
  const ballast = join(options.folder, 'postgres', 'ballast')
  fill(ballast)
  // What PostgreSQL gives back meanwhile is taken as well.
  const filling = setInterval(() => fill(ballast), 200)
  return async () => {
    clearInterval(filling)
    rmSync(ballast)
    // Without room for its journal it ends, and whoever looks after it starts it again.
    const ended = await Promise.race([postgres.ended().then(() => true), sleep(1_000, false)])
    say(ended ? 'PostgreSQL had ended' : 'PostgreSQL stayed up')
    if (ended) await postgres.restart()
  }
}

function fill(path: string): void {
  const file = openSync(path, 'a')
  try {
    for (const size of [1_048_576, 4_096, 1]) {
      const zeros = Buffer.alloc(size)
      while (fits(file, zeros));
    }
  } finally {
    closeSync(file)
  }
}

function fits(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    return false
  }
}
