import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { FaultShares } from '#simulator/faults.ts'
import type { SimulatorStats } from '#simulator/gateway.ts'
import { sellerName } from '#simulator/lwa.ts'
import { type Report, runTrial, type Trial, type TrialOptions } from './trial.ts'

/** Two sellers, each of an application of its own. What they are made of looks as Amazon's does, and is searched for in logs. */
const sellers = ['east', 'west'].map((name) => ({
  name,
  clientId: `amzn1.application-oa2-client.${name}`,
  clientSecret: `amzn1.oa2-cs.v1.secret-of-${name}-0123456789`,
  refreshToken: `Atzr|refresh-token-of-${name}-0123456789`,
}))
const east = sellers[0]!

/** One way in which Amazon misbehaves: for how long in shares of the time for each, and how it begins and ends. */
interface Misbehaviour {
  readonly name: string
  readonly share: number
  /** Amazon answers nobody while it lasts, so that nothing but probes may be sent. */
  readonly total?: true
  begin(amazon: Amazon): Promise<void>
}

const faults = (name: string, shares: FaultShares, share: number, total?: true): Misbehaviour => ({
  name,
  share,
  ...(total && { total }),
  begin: (amazon) => amazon.post('faults', shares),
})
const every = (share: number, ...kinds: (keyof FaultShares)[]): FaultShares =>
  Object.fromEntries(kinds.map((kind) => [kind, share / kinds.length]))

const misbehaviours: readonly Misbehaviour[] = [
  faults('500', { '500': 1 }, 1, true),
  faults('503', { '503': 1 }, 0.5, true),
  faults('hang', { hang: 1 }, 1, true),
  // It takes the buckets minutes to trust the rate again: in the middle, where Amazon answers nobody for minutes anyway.
  faults('429', { '429': 1 }, 1, true),
  faults('429 with a rate header', { '429rate': 1 }, 0.5, true),
  faults('stalling body', { stall: 1 }, 1, true),
  faults('HTML with 400 and 200', every(1, 'html400', 'html200'), 0.5, true),
  faults('truncated JSON', every(1, 'truncated', 'badjson'), 0.5, true),
  faults('64 MiB', { huge: 1 }, 0.5, true),
  faults('resets before, amid and after', every(1, 'reset', 'resetamid', 'resetafter'), 0.5),
  faults(
    'three of ten, of every kind',
    every(0.3, '429', '500', '503', 'reset', 'html400', 'badjson', '403expired'),
    1,
  ),
  {
    name: 'tokens of a second',
    share: 0.5,
    begin: async (amazon) => {
      await amazon.post('lwa', { tokenTtlSeconds: 1 })
      // Those of an hour that are out would last for longer than this.
      await amazon.post('faults', { '403expired': 0.1 })
    },
  },
  {
    name: 'LWA down',
    share: 1,
    total: true,
    begin: async (amazon) => {
      await amazon.post('lwa', { tokenTtlSeconds: 1 })
      await amazon.post('faults', { '403expired': 1, ...every(1, 'token500', 'tokenreset', 'tokenhang') })
    },
  },
  {
    name: 'one grant revoked',
    share: 1,
    begin: (amazon) => amazon.post('revoke', { refreshToken: east.refreshToken }),
  },
  {
    name: 'both grants revoked',
    share: 0.5,
    total: true,
    begin: async (amazon) => {
      for (const { refreshToken } of sellers) await amazon.post('revoke', { refreshToken })
    },
  },
]

/** The simulator's control routes. */
class Amazon {
  readonly #trial: Trial

  constructor(trial: Trial) {
    this.#trial = trial
  }

  async post(route: string, body: object): Promise<void> {
    const { url } = this.#trial.simulator
    const response = await fetch(`${url}/_simulator/${route}`, { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`)
  }

  /** Everything as it should be. */
  async mend(): Promise<void> {
    await this.post('faults', {})
    await this.post('lwa', { tokenTtlSeconds: 3_600 })
    for (const { refreshToken } of sellers) await this.post('restore', { refreshToken })
  }

  stats(): Promise<SimulatorStats> {
    return this.#trial.simulator.stats()
  }
}

/** A misbehaviour and what the services did about it. */
export interface Measured {
  readonly name: string
  readonly seconds: number
  /** Searches and token requests that Amazon saw meanwhile, of all processes. */
  readonly searches: number
  readonly tokens: number
  readonly throttled: number
  /** Products that became final meanwhile. */
  readonly finals: number
  /** From its end until the next product was final. */
  readonly recoverySeconds: number
  /** The most memory that a fetcher had in use, in MB. */
  readonly fetcherMb: number
}

export interface AmazonOptions extends Omit<TrialOptions, 'scenario'> {
  /** How long a misbehaviour of share 1 lasts. */
  readonly outageMs: number
  /** Only those whose name has this in it. */
  readonly only?: string
}

/** Searches that each process may send at the beginning of an outage, before its circuit is open, and those a minute after. */
const FIRST_SEARCHES = 30
const SEARCHES_A_MINUTE = 20

/**
 * Amazon misbehaves in every way that is known, one after the other, each for up to a minute, in front of processes whose
 * clocks are minutes apart. Nothing may be lost or end wrongly, nobody may hammer, and all has to go on by itself.
 */
export async function amazonMisbehaves(
  options: AmazonOptions,
): Promise<{ readonly report: Report; readonly measured: readonly Measured[] }> {
  const { rate, outageMs, only = '' } = options
  const preload = fileURLToPath(new URL('skewed-clock.ts', import.meta.url))
  const variables = {
    ...options.variables,
    SP_API_REFRESH_TOKEN: '',
    SP_API_CLIENT_ID: '',
    SP_API_CLIENT_SECRET: '',
    SP_API_SELLERS: JSON.stringify(sellers),
    SP_API_USAGE_PLANS: `searchCatalogItems=${rate}/${rate}`,
    NODE_OPTIONS: `--import=${preload}`,
    // Longer than any outage here: what waits in the log must not be handed out twice.
    QUEUED_TIMEOUT: '30m',
  }
  const measured: Measured[] = []
  const report = await runTrial({ ...options, variables, scenario: 'Amazon misbehaves' }, async (trial) => {
    const amazon = new Amazon(trial)
    const problems: string[] = []
    const fetchers = trial.supervisor.names.filter((one) => one.startsWith('catalog-fetcher')).length
    await amazon.post('clock', { dateSkewSeconds: -600 })
    await trial.reached(0.02)
    for (const misbehaviour of misbehaviours.filter(({ name }) => name.includes(only))) {
      if ((await trial.finals()) >= options.products)
        throw new Error(`all products were final before "${misbehaviour.name}": ask for more of them`)
      const found = await measure(trial, amazon, misbehaviour, outageMs * misbehaviour.share)
      trial.say(JSON.stringify(found))
      measured.push(found)
      if (misbehaviour.total) problems.push(...restraint(found, fetchers))
    }
    if (problems.length > 0) throw new Error(problems.join('; '))
    return { faults: measured.length, more: { ...summary(measured), ...(await quotaUsed(amazon)) } }
  })
  return { report, measured }
}

async function measure(
  trial: Trial,
  amazon: Amazon,
  { name, begin }: Misbehaviour,
  ms: number,
): Promise<Measured> {
  const before = await amazon.stats()
  const finalsBefore = await trial.finals()
  await begin(amazon)
  let fetcherMb = 0
  for (const end = performance.now() + ms; performance.now() < end; ) {
    fetcherMb = Math.max(fetcherMb, await mostMemory(trial))
    await sleep(Math.min(500, Math.max(1, end - performance.now())))
  }
  const after = await amazon.stats()
  const finals = await trial.finals()
  await amazon.mend()
  const mended = performance.now()
  let now = finals
  while (now <= finals && now < trial.options.products) {
    if (performance.now() - mended > RECOVERY_LIMIT_MS) throw new Error(`nothing went on after "${name}"`)
    await sleep(100)
    now = await trial.finals()
  }
  return {
    name,
    seconds: ms / 1_000,
    searches: requests(after, 'searchCatalogItems') - requests(before, 'searchCatalogItems'),
    tokens: requests(after, 'token') - requests(before, 'token'),
    throttled: after.throttled - before.throttled,
    finals: finals - finalsBefore,
    recoverySeconds: Math.round((performance.now() - mended) / 100) / 10,
    fetcherMb,
  }
}

const RECOVERY_LIMIT_MS = 120_000

/** What is wrong with how often Amazon was asked while it answered nobody. The quota alone would let many more through. */
function restraint({ name, seconds, searches }: Measured, fetchers: number): readonly string[] {
  const allowed = Math.round(
    fetchers * sellers.length * (FIRST_SEARCHES + (SEARCHES_A_MINUTE * seconds) / 60),
  )
  return searches > allowed ? [`${searches} searches in ${seconds} s of "${name}", more than ${allowed}`] : []
}

function requests(stats: SimulatorStats, operation: string): number {
  return Object.values(stats.requests[operation] ?? {}).reduce((sum, n) => sum + n, 0)
}

async function mostMemory({ supervisor }: Trial): Promise<number> {
  const fetchers = supervisor.names.filter((name) => name.startsWith('catalog-fetcher'))
  const sizes = await Promise.all(
    fetchers.map(async (name) => {
      const metrics = await fetch(`${supervisor.urlOf(name)}/metrics`).then((answer) => answer.text())
      return Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1] ?? 0)
    }),
  )
  return Math.round(Math.max(...sizes) / 1e6)
}

function summary(measured: readonly Measured[]) {
  return {
    slowestRecoverySeconds: Math.max(...measured.map(({ recoverySeconds }) => recoverySeconds)),
    fetcherMb: Math.max(...measured.map(({ fetcherMb }) => fetcherMb)),
  }
}

/** How often each seller was asked. */
async function quotaUsed(amazon: Amazon) {
  const { quota } = await amazon.stats()
  return Object.fromEntries(
    sellers.map(({ name, refreshToken }) => {
      const seller = sellerName(refreshToken)
      const use = quota.find((one) => one.operation === 'searchCatalogItems' && one.seller === seller)
      return [`calls of ${name}`, use?.used ?? 0]
    }),
  )
}

const MARK = '<!-- misbehaviours -->'

/** The document with the table after the mark written anew. */
export function withMisbehaviours(document: string, measured: readonly Measured[]): string {
  const at = document.indexOf(MARK)
  if (at < 0) throw new Error(`the document has no ${MARK}: put it before the table`)
  const rest = document.slice(at + MARK.length).replace(/^\n*(\|.*\n)*\n*/, '')
  const rows = measured.map(
    ({ name, seconds, searches, tokens, throttled, finals, recoverySeconds, fetcherMb }) =>
      `| ${[name, seconds, searches, tokens, throttled, finals, recoverySeconds, fetcherMb].join(' | ')} |`,
  )
  const head = [
    '| Amazon | seconds | searches | token requests | 429s | products final meanwhile | recovered after s | fetcher MB |',
  ]
  return [`${document.slice(0, at)}${MARK}`, '', ...head, `|${' --- |'.repeat(8)}`, ...rows, '', rest].join(
    '\n',
  )
}
