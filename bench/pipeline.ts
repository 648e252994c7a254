import { cpus } from 'node:os'
import { join } from 'node:path'
import { type Figures, runCatalogue } from './support/catalogue-run.ts'
import { benchCommand } from './support/command.ts'
import { type Limit, measureLimits } from './support/limits.ts'
import { defineSection, type Row } from './support/section.ts'

/** Everything that ends differently is in it. */
const SAMPLE = {
  seed: 7,
  asinsPerUpc: 1.1,
  notFound: 0.05,
  duplicates: 0.05,
  damaged: 0.03,
  restricted: 0.01,
}

export const pipeline = defineSection({
  name: 'pipeline',
  title: 'The whole pipeline, without a binding quota',
  about:
    'A catalogue from a CSV file to final states, checked product by product: imported while nothing else runs, then ' +
    'synced by the services. `cluster` is a process per service and replica on real Kafka, Redis, PostgreSQL and a schema ' +
    'registry; `embedded` is one process and PostgreSQL. Afterwards each layer alone does the same work on the same ' +
    'servers with nothing of ours: the same searches, records and rows. The floor is what those cost together: no system ' +
    'that does this work with these clients and servers costs less.',
  options: {
    mode: { full: 'cluster,embedded', quick: 'cluster,embedded', help: 'cluster, embedded or both' },
    products: { full: 100_000, quick: 3_000, help: 'products' },
    fetchers: { full: 3, quick: 2, help: 'processes that fetch, in cluster mode' },
    persisters: { full: 2, quick: 1, help: 'processes that persist, in cluster mode' },
    rate: { full: 2_000, quick: 2_000, help: 'calls a second that the simulator grants' },
  },
  async run({ options, folder, say }) {
    const throughput: Row[] = []
    const costs: Row[] = []
    const layers: Row[] = []
    const findings: string[] = []
    for (const mode of options.mode.split(',')) {
      if (mode !== 'cluster' && mode !== 'embedded')
        throw new Error(`--mode takes cluster or embedded, not ${mode}`)
      await runCatalogue(
        {
          ...options,
          mode,
          catalogue: { ...SAMPLE, count: options.products },
          folder: join(folder, mode),
          say: (line) => say(`${mode}: ${line}`),
        },
        async (finished) => {
          const { figures, services } = finished
          // What the services still do would be counted with the limits.
          for (const service of services) await service.stop()
          say(`${mode}: each layer alone`)
          const limits = await measureLimits(finished)
          throughput.push(throughputRow(mode, options.products, figures, limits, options.rate))
          costs.push(...costRows(mode, options.products, figures))
          layers.push(...limitRows(mode, options.products, figures, limits))
          findings.push(...figures.findings)
        },
      )
    }
    return {
      tables: [
        { title: 'Throughput', rows: throughput, key: ['mode', 'products'] },
        { title: 'What each process spent', rows: costs, key: ['mode', 'process'] },
        { title: 'Each layer alone', rows: layers, key: ['mode', 'layer'] },
      ],
      notes: [],
      findings,
    }
  },
})

function throughputRow(
  mode: string,
  products: number,
  { importSeconds, syncSeconds, syncUsage, truth, throttled, requests, identifiers }: Figures,
  limits: readonly Limit[],
  rate: number,
): Row {
  const cpu = sum(syncUsage.map(({ cpuSeconds }) => cpuSeconds))
  const floor = sum(limits.filter(({ partOfFloor }) => partOfFloor).map(cpuOf))
  const [atFloor, cores] = [floor === null ? null : products / (floor / cpus().length), cpus().length]
  const perSecond = products / syncSeconds
  return {
    mode,
    products,
    'import, rows/s': Math.round(products / importSeconds),
    'sync, s': round(syncSeconds, 1),
    'sync, products/s': Math.round(perSecond),
    'CPU s per 100,000': cpu === null ? null : round((cpu / products) * 1e5, 1),
    'processors busy, %': cpu === null ? null : Math.round((100 * cpu) / (syncSeconds * cores)),
    'floor, CPU s per 100,000': floor === null ? null : round((floor / products) * 1e5, 1),
    'floor, products/s': atFloor === null ? null : Math.round(atFloor),
    'floor, % of the CPU spent': cpu === null || floor === null ? null : round((100 * floor) / cpu, 1),
    'quota used, %': Math.round((100 * requests) / (rate * syncSeconds)),
    'products per request': round(products / requests, 2),
    'codes asked': identifiers,
    '429s': throttled,
    wrong: truth.wrongProducts,
    lost: truth.lost,
    'effects lost': truth.missingEffects,
    'effects twice': truth.duplicateEffects,
  }
}

function costRows(mode: string, products: number, { syncUsage }: Figures): Row[] {
  const all = sum(syncUsage.map(({ cpuSeconds }) => cpuSeconds))
  return syncUsage.map((usage) => ({
    mode,
    process: usage.name,
    processes: usage.processes,
    'CPU s per 100,000': usage.cpuSeconds === null ? null : round((usage.cpuSeconds / products) * 1e5, 1),
    'share, %': usage.cpuSeconds === null || all === null ? null : Math.round((100 * usage.cpuSeconds) / all),
    'peak MB': usage.peakMegabytes,
    'MB, second quarter': usage.secondQuarterMegabytes,
    'MB, last quarter': usage.lastQuarterMegabytes,
  }))
}

function limitRows(
  mode: string,
  products: number,
  { syncSeconds }: Figures,
  limits: readonly Limit[],
): Row[] {
  return limits.map((limit) => ({
    mode,
    layer: limit.layer,
    'products/s': Math.round(products / limit.seconds),
    'pipeline, % of it': round((100 * limit.seconds) / syncSeconds, 1),
    'client, CPU s per 100,000': round((limit.clientCpu / products) * 1e5, 1),
    'server, CPU s per 100,000':
      limit.serverCpu === null ? null : round((limit.serverCpu / products) * 1e5, 1),
    'in the floor': limit.partOfFloor ? 'yes' : 'no',
  }))
}

function cpuOf({ clientCpu, serverCpu }: Limit): number | null {
  return serverCpu === null ? null : clientCpu + serverCpu
}

function sum(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>(
    (all, value) => (all === null || value === null ? null : all + value),
    0,
  )
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

if (import.meta.main) await benchCommand([pipeline])
