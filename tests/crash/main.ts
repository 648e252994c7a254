/**
 * A crash between every two I/O steps of each service in turn: a real process counts the requests that it writes to its
 * sockets and ends itself with SIGKILL at the nth, for every n; what it left behind is taken over, and the checker of the
 * fault scenarios looks at every product.
 *
 *   npm run test:crash -- [--service product-change,catalog-fetcher,persister,offer-fetcher,reporting]
 *                         [--log postgres|kafka] [--prices]
 *                         [--from 1] [--to n] [--seconds n] [--sample n] [--chains n] [--seed 1]
 *                         [--keep] [--record]
 *
 * `--prices` has what was matched priced as well, whichever service it is; offer-fetcher's runs always do.
 * `--log kafka` brings up Kafka, Redis and a schema registry beside PostgreSQL. `--sample` draws that many steps instead of
 * taking all of them, `--chains` that many runs in which two or three processes end one after the other. Prints a line for
 * each run and a report for each service; exit code 1 when there is a finding. `--seconds` ends a
 * service's turn after so long, and the report says from which step to go on. `--keep` leaves the logs of the processes in
 * `.asinstream/crash-…`; `--record` writes the figures into `docs/reliability.md`, added to those
 * that are there when `--from` goes on from them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { oneOf, readCommandLine, someOf, wholeNumber } from '#tests/support/command-line.ts'
import { startClusterServers, startEmbeddedServers } from '#tests/support/servers.ts'
import { startAmazon } from './amazon.ts'
import { type ModelReport, tryEveryStep, trySample } from './model.ts'
import { withModelRow } from './record.ts'
import { needsPrices, SERVICES, type ServiceName, Stage } from './stage.ts'
import { REFUSED_CODE } from './workload.ts'

const given = readCommandLine(
  import.meta.filename,
  {
    service: { type: 'string', default: SERVICES.join(',') },
    log: { type: 'string', default: 'postgres' },
    prices: { type: 'boolean', default: false },
    from: { type: 'string', default: '1' },
    to: { type: 'string' },
    seconds: { type: 'string', default: '0' },
    sample: { type: 'string', default: '0' },
    chains: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
  (values) => ({
    services: someOf('service', values.service, SERVICES),
    log: oneOf('log', values.log, ['postgres', 'kafka']),
    prices: values.prices,
    from: wholeNumber('from', values.from, 1),
    to: values.to === undefined ? undefined : wholeNumber('to', values.to, 1),
    seconds: wholeNumber('seconds', values.seconds),
    sample: wholeNumber('sample', values.sample),
    chains: wholeNumber('chains', values.chains),
    seed: wholeNumber('seed', values.seed),
    keep: values.keep,
    record: values.record,
  }),
)

const folder = resolve('.asinstream', `crash-${process.pid}`)
const say = (line: string): void =>
  void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)
const sampled = given.sample + given.chains > 0

const amazon = await startAmazon(REFUSED_CODE)
try {
  for (const service of given.services) {
    const report = await tryService(service)
    console.log(JSON.stringify({ log: given.log, ...report }, null, 2))
    if (report.findings.length > 0) process.exitCode = 1
    if (given.record) {
      const document = readFileSync('docs/reliability.md', 'utf8')
      writeFileSync(
        'docs/reliability.md',
        withModelRow(document, {
          log: given.log,
          prices: given.prices && !needsPrices(service),
          sampled,
          goesOn: given.from > 1,
          report,
        }),
      )
    }
  }
} finally {
  await amazon.stop()
  if (given.keep) say(`logs: ${folder}`)
  else await rm(folder, { recursive: true, force: true })
}

/** Each service on servers of its own, so that none meets what another left. */
async function tryService(service: ServiceName): Promise<ModelReport> {
  const home = join(folder, service)
  const options = {
    folder: join(home, 'servers'),
    amazon: amazon.url,
    // Processes end here, not the machine: what PostgreSQL has written is there.
    postgres: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  }
  const servers =
    given.log === 'kafka'
      ? await startClusterServers({ ...options, brokers: 1 })
      : await startEmbeddedServers(options)
  try {
    const stage = await Stage.open({
      service,
      prices: given.prices,
      environment: servers.environment,
      folder: join(home, 'processes'),
    })
    try {
      const model = { service, stage, say }
      return sampled
        ? await trySample({ ...model, seed: given.seed, cells: given.sample, chains: given.chains })
        : await tryEveryStep({
            ...model,
            from: given.from,
            ...(given.to !== undefined && { to: given.to }),
            ...(given.seconds > 0 && { budgetMs: given.seconds * 1_000 }),
          })
    } finally {
      await stage.close()
    }
  } finally {
    await servers.stop()
  }
}
