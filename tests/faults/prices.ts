import type { Database } from '#libs/db/database.ts'
import { DEFAULT_MARKETPLACE } from '#simulator/marketplaces.ts'
import { comparePrices } from '#tests/support/price-truth.ts'
import type { Finding } from './checker.ts'
import { planFaults } from './schedule.ts'
import { type BesidesLookups, type Report, runTrial, type TrialOptions } from './trial.ts'

/** Every match at both levels. */
export const BOTH_LEVELS = '{"price":{},"offers":{}}'
const LEVELS = ['price', 'offers'] as const
const OPERATIONS = ['getCompetitivePricing', 'getItemOffersBatch'] as const
const EXAMPLES = 5

/** Trials in which what was matched is priced as well, at both levels, and every price is checked. */
export function withPrices<O extends Omit<TrialOptions, 'scenario'>>(options: O): O {
  const { rate } = options
  return {
    ...options,
    replicas: { ...options.replicas, 'offer-fetcher': 2 },
    variables: {
      ...options.variables,
      OFFERS_POLICY: BOTH_LEVELS,
      SP_API_USAGE_PLANS: ['searchCatalogItems', ...OPERATIONS]
        .map((name) => `${name}=${rate}/${rate}`)
        .join(','),
    },
    besides: prices(rate),
  }
}

/** Processes of every service are killed at random moments while matches are priced. */
export function pricesSurvive(faults: number, given: Omit<TrialOptions, 'scenario'>): Promise<Report> {
  const options = withPrices(given)
  return runTrial({ ...options, scenario: 'kill -9 while prices come' }, async (trial) => {
    const plan = planFaults({ seed: options.seed, count: faults, targets: trial.supervisor.names })
    const strikes: Promise<unknown>[] = []
    for (const { at, target } of plan) {
      // Not all products have a match: the last of the plan strike when there is nothing left to price.
      await trial.until(
        async () => (await pricesDone(trial.db)) >= at * LEVELS.length * options.products * 0.8,
      )
      trial.say(`SIGKILL ${target} at ${at} (${await pricesDone(trial.db)} prices)`)
      strikes.push(trial.supervisor.strike(target, 'SIGKILL'))
    }
    await Promise.all(strikes)
    return {
      faults: plan.length,
      more: await figures(trial.db),
    }
  })
}

async function pricesDone(db: Database): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select coalesce(sum(n), 0)::int as n from offer_state_counts where state not in ('pending', 'stale', 'queued')`,
  )
  return row?.n ?? 0
}

async function figures(db: Database): Promise<Record<string, unknown>> {
  const [row] = await db.query<{ prices: number; requeued: number }>(
    `select (select count(*)::int from offer_syncs) as prices,
            (select count(*)::int from price_audit where kind = 'requeue') as requeued`,
  )
  return { ...row }
}

/** The work of pricing as a trial sees it: plans of `rate` requests a second, a witness, and what is checked. */
export function prices(rate: number): BesidesLookups {
  return {
    async prepare({ db, simulator }) {
      for (const operation of OPERATIONS) {
        const plan = JSON.stringify({ operation, rate, burst: rate })
        const answer = await fetch(`${simulator.url}/_simulator/plan`, { method: 'POST', body: plan })
        if (!answer.ok) throw new Error(`the plan of ${operation} could not be set: ${await answer.text()}`)
      }
      await installPriceAudit(db)
    },
    done: ({ db }) => allPriced(db),
    check: ({ db, simulator }) => checkPrices(db, simulator.url),
  }
}

/** Lets PostgreSQL write down what happens to the rows of prices: a witness that shares nothing with the services. */
export async function installPriceAudit(db: Database): Promise<void> {
  for (const statement of audit) await db.query(statement)
}

/** Every match has rows, and no row waits for an answer. */
export async function allPriced(db: Database): Promise<boolean> {
  const [row] = await db.query<{ done: boolean }>(
    `select not exists (select 1 from offer_syncs where state in ('pending', 'queued'))
        and not exists (select 1 from amazon_market_data d where chosen and not exists (
              select 1 from offer_syncs o where o.asin = d.asin and o.marketplace_id = d.marketplace_id)) as done`,
  )
  return row?.done ?? false
}

/**
 * Nothing lost, nothing twice, nothing wrong: against the simulator's truth and what PostgreSQL saw happen.
 * @param amazon base URL of the simulator
 */
export async function checkPrices(db: Database, amazon: string): Promise<readonly Finding[]> {
  const truth = await comparePrices(db, amazon, DEFAULT_MARKETPLACE, LEVELS)
  const findings: Finding[] = truth.differences.map((detail) => ({ kind: 'wrong', detail }))
  if (truth.missing > 0) findings.push({ kind: 'lost', detail: `${truth.missing} matches have no price` })
  for (const [kind, what, sql] of questions) {
    const rows = await db.query<{ detail: string }>(`${sql} limit ${EXAMPLES}`)
    for (const { detail } of rows) findings.push({ kind, detail: `${what}: ${detail}` })
  }
  return findings
}

const questions: readonly (readonly [Finding['kind'], string, string])[] = [
  [
    'lost',
    'a price is still outstanding',
    `select asin || ' ' || level || ' ' || state as detail from offer_syncs where state in ('pending', 'queued')`,
  ],
  [
    'wrong',
    'a price ended in error',
    `select asin || ' ' || level || ': ' || last_reason as detail from offer_syncs where state = 'error'`,
  ],
  // Prices do not change in a trial: what is told twice is told by an effect that came twice.
  [
    'duplicate',
    'changes that nobody made',
    `select asin || ' ' || level || ': ' || count(*) as detail from pricing_history group by asin, level having count(*) > 1`,
  ],
  [
    'lost',
    'a price without a line in the history',
    `select asin || ' ' || level as detail from offer_syncs o where level = 'offers' and not exists (
       select 1 from pricing_history h where h.asin = o.asin and h.level = o.level)`,
  ],
  [
    'duplicate',
    'outcomes of an attempt',
    `select asin || ' ' || level || ' attempt ' || attempt || ': ' || count(*) as detail from price_audit
      where kind = 'outcome' group by asin, level, attempt having count(*) > 1`,
  ],
  [
    'lost',
    'attempts without an outcome',
    `select a.asin || ' ' || a.level || ' attempt ' || a.attempt as detail from price_audit a
      where a.kind = 'claim' and not exists (
        select 1 from price_audit o where o.kind in ('outcome', 'requeue') and o.asin = a.asin and o.level = a.level
           and o.attempt = a.attempt)`,
  ],
  [
    'stale',
    'an observation went back',
    `select asin || ' ' || level as detail from price_audit where kind = 'regression'`,
  ],
  [
    'counter',
    'counts and rows differ',
    `select coalesce(c.level, r.level) || ' ' || coalesce(c.state, r.state) || ': ' || coalesce(c.n, 0) || ' and ' || coalesce(r.n, 0) as detail
       from (select level, state, sum(n) as n from offer_state_counts group by 1, 2 having sum(n) <> 0) c
       full join (select level, offer_state(state, observed_at) as state, count(*) as n from offer_syncs group by 1, 2) r
         using (level, state)
      where c.n is distinct from r.n`,
  ],
]

const audit = [
  `create table price_audit (asin varchar(10) not null, level varchar(8) not null, attempt int not null, kind varchar(10) not null)`,
  `create index price_audit_attempt on price_audit (asin, level, attempt)`,
  `create function price_audit() returns trigger language plpgsql as $$
  begin
    insert into price_audit (asin, level, attempt, kind)
      select asin, level, case kind when 'requeue' then b.attempt else a.attempt end, kind
        from before b full join after a using (asin, marketplace_id, level)
             cross join lateral (values
               ('claim', a.state = 'queued' and a.attempt > b.attempt),
               ('requeue', b.state = 'queued' and a.state = 'pending' and a.attempt = b.attempt
                           and a.last_result is not distinct from b.last_result and a.failures = b.failures),
               ('outcome', b.state = 'queued' and a.state <> 'queued' and a.attempt = b.attempt
                           and (a.state <> 'pending' or a.last_result is distinct from b.last_result or a.failures <> b.failures)),
               ('regression', a.attempt < b.attempt or a.observed_at < b.observed_at)) k (kind, so)
       where so;
    return null;
  end $$`,
  `create trigger price_audit after update on offer_syncs
    referencing old table as before new table as after for each statement execute function price_audit()`,
]
