import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startToxiproxy, type Toxic, type ToxicProxy } from '#deploy/stack/toxiproxy.ts'
import { freePorts } from '#libs/child-process/port.ts'
import { peakResidentMegabytes } from '#tests/support/process-usage.ts'
import type { ClusterServers } from '#tests/support/servers.ts'
import type { Finding } from './checker.ts'
import { type Report, runTrial, type Trial, type TrialOptions } from './trial.ts'

/** What the services speak to, each through a proxy of its own. */
export const links = ['kafka', 'redis', 'postgres', 'registry', 'amazon'] as const
export type Link = (typeof links)[number]

const both = (type: Toxic['type'], attributes: Toxic['attributes']): readonly Toxic[] => [
  { type, stream: 'upstream', attributes },
  { type, stream: 'downstream', attributes },
]

/** What a network does. */
export const weather = {
  /** Every answer 500 ± 300 ms later. */
  latency: [{ type: 'latency', stream: 'downstream', attributes: { latency: 500, jitter: 300 } }],
  /** Every connection reset as soon as something passes. */
  resets: [{ type: 'reset_peer', stream: 'downstream', attributes: { timeout: 0 } }],
  /** What is sent arrives, and no answer comes back. */
  'half-open': [{ type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } }],
  '1 kB/s': both('bandwidth', { rate: 1 }),
  /** Nothing passes, either way, and nothing says so. */
  'black hole': both('timeout', { timeout: 0 }),
} as const satisfies Readonly<Record<string, readonly Toxic[]>>

/** What a process may hold at its worst: a black hole must not gather what could not be sent. */
const MEMORY_LIMIT_MB = 700
/** How soon work must go on when the network is whole again. */
const RESUME_LIMIT_MS = 60_000
/** The process that is killed, and so started again, while the registry is hard to reach. */
const STARTER = 'catalog-fetcher-0'
/** Work in between, so that an outage meets a system that had recovered. */
const BREATH_MS = 3_000

/**
 * Each of `on` goes through each weather for `lastMs` while work is under way: the work goes on by itself afterwards, and
 * no process holds more than the limit. None ends either, but for one that starts and can not reach the registry.
 */
export async function networkFails(
  on: readonly Link[],
  lastMs: number,
  options: Omit<TrialOptions, 'scenario'>,
): Promise<Report> {
  const toxiproxy = await startToxiproxy({ dir: join(options.folder, 'toxiproxy') })
  const proxies = new Map<Link, readonly ToxicProxy[]>()
  const advertised = await freePorts(options.brokers)
  const through = async (servers: ClusterServers): Promise<Readonly<Record<string, string>>> => {
    const { kafka, environment } = servers
    const brokers = await Promise.all(
      kafka.outside.map((port, i) => toxiproxy.proxy(`kafka-${i}`, port, advertised[i])),
    )
    proxies.set('kafka', brokers)
    const behind = async (link: Link, url: string | undefined): Promise<string> => {
      const address = new URL(url ?? '')
      const proxy = await toxiproxy.proxy(link, Number(address.port))
      proxies.set(link, [proxy])
      address.port = String(proxy.port)
      return address.href.replace(/\/$/, '')
    }
    const amazon = await behind('amazon', environment.SP_API_ENDPOINT)
    return {
      KAFKA_BROKERS: brokers.map(({ port }) => `127.0.0.1:${port}`).join(','),
      REDIS_URL: await behind('redis', environment.REDIS_URL),
      DATABASE_URL: await behind('postgres', environment.DATABASE_URL),
      SCHEMA_REGISTRY_URL: await behind('registry', environment.SCHEMA_REGISTRY_URL),
      SP_API_ENDPOINT: amazon,
      LWA_ENDPOINT: amazon,
    }
  }
  try {
    const scenario =
      on.length === links.length ? 'the network fails' : `the network to ${on.join(', ')} fails`
    return await runTrial({ ...options, scenario, advertised, through }, async (trial) => {
      await trial.reached(0.01)
      const findings: Finding[] = []
      const resumedAfterMs: Record<string, number> = {}
      const ended: string[] = []
      let peakMB = 0
      for (const link of on) {
        for (const [name, toxics] of Object.entries(weather)) {
          const what = `${link}: ${name}`
          const passing = proxies.get(link) ?? []
          trial.say(`${what} (${await trial.finals()} final)`)
          const before = await trial.finals()
          const endedBefore = trial.supervisor.endedByThemselves.length
          await Promise.all(passing.map((proxy) => proxy.poison(toxics)))
          // Whoever runs knows the schemas already; only one that starts has to ask for them.
          if (link === 'registry') await trial.supervisor.strike(STARTER, 'SIGKILL')
          await sleep(lastMs)
          const during = (await trial.finals()) - before
          await Promise.all(passing.map((proxy) => proxy.heal()))
          const resumed = await (link === 'registry' ? untilReady(trial) : resumption(trial))
          resumedAfterMs[what] = resumed ?? -1
          const peaks = peakMemory(trial, options.folder)
          peakMB = Math.max(peakMB, ...peaks.values())
          trial.say(
            `${what}: ${during} final meanwhile, the next after ${resumed ?? 'too long'} ms, peak ${[...peaks.values()].join(' ')} MB`,
          )
          if (resumed === undefined) {
            findings.push({
              kind: 'stuck',
              detail: `nothing went on within ${RESUME_LIMIT_MS} ms after ${what}`,
            })
          }
          await sleep(BREATH_MS)
          for (const { name, said } of trial.supervisor.endedByThemselves.slice(endedBefore)) {
            trial.say(`${what}: ${name} ended by itself:\n${said}`)
            if (link !== 'registry' || name !== STARTER)
              ended.push(`${name} did not outlast ${what}: ${said}`)
          }
        }
      }
      findings.push(...memoryFindings(peakMemory(trial, options.folder)))
      // One that starts and can not reach the registry ends and says so, as often as it is started.
      for (const name of ended)
        findings.push({ kind: 'ended', detail: `${name} did not outlast a bad network` })
      const times = Object.values(resumedAfterMs)
      return {
        faults: times.length,
        findings,
        more: { lastedMs: lastMs, longestToResumeMs: Math.max(...times), peakMB },
      }
    })
  } finally {
    await toxiproxy.stop()
  }
}

/** Milliseconds until the process that was started in the bad weather is ready. */
async function untilReady({ supervisor }: Trial): Promise<number | undefined> {
  const back = performance.now()
  while (performance.now() - back < RESUME_LIMIT_MS) {
    if (await supervisor.isReady(STARTER)) return Math.round(performance.now() - back)
    await sleep(50)
  }
  return undefined
}

/** Milliseconds until another product is final; undefined when none is in time, 0 when there is no work left. */
async function resumption({ finals, options }: Trial): Promise<number | undefined> {
  const back = performance.now()
  const before = await finals()
  if (before >= options.products) throw new Error('no work was left: give more products')
  while (performance.now() - back < RESUME_LIMIT_MS) {
    if ((await finals()) > before) return Math.round(performance.now() - back)
    await sleep(50)
  }
  return undefined
}

/** The most that each process which runs now ever held, in MB. */
function peakMemory({ supervisor }: Trial, folder: string): ReadonlyMap<string, number> {
  const peaks = new Map<string, number>()
  for (const name of supervisor.names) {
    const { pid } = JSON.parse(readFileSync(join(folder, 'services', `${name}.pid`), 'utf8')) as {
      pid: number
    }
    peaks.set(name, peakResidentMegabytes(pid) ?? 0)
  }
  return peaks
}

export function memoryFindings(peaks: ReadonlyMap<string, number>): Finding[] {
  return [...peaks]
    .filter(([, peak]) => peak > MEMORY_LIMIT_MB)
    .map(([name, peak]) => ({
      kind: 'memory',
      detail: `${name} held ${peak} MB, and ${MEMORY_LIMIT_MB} is the limit`,
    }))
}
