/**
 * Whole catalogues on whole clusters under faults, checked to the last product. The full size of what CI runs small.
 *
 *   npm run test:faults -- [--scenario LIST] [--products 100000] [--faults 20] [--duration 300] [--outage 60]
 *                          [--seed 1] [--brokers 3] [--rate 50] [--timeout 1200] [--keep] [--record]
 *
 * LIST: some of kill,prices,term,members,brokers,redis,failover,postgres,connections,refuses,amazon,network; all of them by
 * default. `--links` of the scenario network: some of kafka,redis,postgres,registry,amazon.
 *
 * Prints each fault as it strikes and a report at the end; exit code 1 when the checker found something. `--seed` repeats
 * a plan; `--keep` leaves the logs of all processes in `.asinstream/faults-…`; `--record` writes the figures into
 * `docs/reliability.md`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { oneOf, positiveNumber, readCommandLine, someOf, wholeNumber } from '#tests/support/command-line.ts'
import { amazonMisbehaves, withMisbehaviours } from './amazon.ts'
import { brokersDie } from './brokers.ts'
import { membersComeAndGo } from './members.ts'
import { links, networkFails } from './network.ts'
import { connectionsEnd, postgresDies, postgresRefuses } from './postgres.ts'
import { pricesSurvive } from './prices.ts'
import { processesEnd } from './processes.ts'
import { withRow } from './record.ts'
import { redisFails, redisFailsOver } from './redis.ts'
import type { Report, TrialOptions } from './trial.ts'

const SCENARIOS = [
  'kill',
  'prices',
  'term',
  'members',
  'brokers',
  'redis',
  'failover',
  'postgres',
  'connections',
  'refuses',
  'amazon',
  'network',
] as const

const asked = readCommandLine(
  import.meta.filename,
  {
    scenario: { type: 'string', default: SCENARIOS.join(',') },
    products: { type: 'string', default: '100000' },
    faults: { type: 'string', default: '20' },
    links: { type: 'string', default: links.join(',') },
    /** Seconds that members come and go. */
    duration: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    brokers: { type: 'string', default: '3' },
    rate: { type: 'string', default: '50' },
    /** Seconds. */
    timeout: { type: 'string', default: '1200' },
    /** Seconds of each of Amazon's misbehaviours, and only those with this in their name. */
    outage: { type: 'string', default: '60' },
    only: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
  (values) => ({
    ...values,
    scenario: someOf('scenario', values.scenario, SCENARIOS),
    products: wholeNumber('products', values.products, 1),
    faults: wholeNumber('faults', values.faults, 1),
    links: someOf('links', values.links, links),
    durationMs: positiveNumber('duration', values.duration) * 1_000,
    seed: wholeNumber('seed', values.seed),
    brokers: oneOf('brokers', values.brokers, ['1', '3']) === '1' ? (1 as const) : (3 as const),
    rate: positiveNumber('rate', values.rate),
    timeoutMs: positiveNumber('timeout', values.timeout) * 1_000,
    outageMs: positiveNumber('outage', values.outage) * 1_000,
  }),
)

const options = (scenario: string): Omit<TrialOptions, 'scenario'> => ({
  seed: asked.seed,
  products: asked.products,
  brokers: asked.brokers,
  rate: asked.rate,
  replicas: { reporting: 1, 'product-change': 2, persister: 2, 'catalog-fetcher': 3 },
  folder: resolve('.asinstream', `faults-${process.pid}`, scenario),
  timeoutMs: asked.timeoutMs,
  say: (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
})

const DOCUMENT = 'docs/reliability.md'

const scenarios: Readonly<
  Record<(typeof SCENARIOS)[number], (given: Omit<TrialOptions, 'scenario'>) => Promise<Report>>
> = {
  kill: (given) => processesEnd('SIGKILL', asked.faults, given),
  prices: (given) => pricesSurvive(asked.faults, given),
  term: (given) => processesEnd('SIGTERM', asked.faults, given),
  members: (given) => membersComeAndGo(Math.floor(asked.durationMs / 10_000), 10_000, given),
  brokers: (given) => brokersDie(15_000, given),
  redis: redisFails,
  failover: redisFailsOver,
  postgres: (given) => postgresDies(3, 5_000, given),
  connections: (given) => connectionsEnd(asked.faults, given),
  refuses: (given) => postgresRefuses(35_000, given),
  network: (given) => networkFails(asked.links, 15_000, given),
  amazon: async (given) => {
    const { only, outageMs } = asked
    const { report, measured } = await amazonMisbehaves({
      ...given,
      outageMs,
      only,
    })
    if (asked.record) writeFileSync(DOCUMENT, withMisbehaviours(readFileSync(DOCUMENT, 'utf8'), measured))
    return report
  },
}

process.stderr.write(`seed ${asked.seed}\n`)
for (const name of asked.scenario) {
  const given = options(name)
  const report = await scenarios[name](given)
  console.log(JSON.stringify(report, null, 2))
  if (Object.keys(report.findings).length > 0 || report.badExits.length > 0) process.exitCode = 1
  if (asked.record) {
    writeFileSync(DOCUMENT, withRow(readFileSync(DOCUMENT, 'utf8'), report))
  }
  if (asked.keep) process.stderr.write(`logs: ${join(given.folder, 'services')}\n`)
  else await rm(given.folder, { recursive: true, force: true })
}
