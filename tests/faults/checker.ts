/**
 * Whether nothing was lost, nothing done twice and nothing put back: pure functions over facts that somebody else read.
 * What they compare with comes from the simulator's seed and from an audit that PostgreSQL kept, not from the services.
 */

/** What went wrong. `requeued` is no finding: it is counted and told apart. */
export type FindingKind =
  | 'lost'
  | 'wrong'
  | 'duplicate'
  | 'stale'
  | 'counter'
  | 'never-asked'
  | 'dead-letter'
  | 'warning'
  | 'secret'
  | 'readiness'
  | 'stuck'
  | 'memory'
  | 'ended'

export interface Finding {
  readonly kind: FindingKind
  readonly detail: string
}

/** What a product must come to. */
export interface Expected {
  readonly sku: string
  readonly state: string
  /** The ASIN that the product is, when one can tell. */
  readonly asin: string | null
  /** Every item that Amazon holds for the code, with its sales rank. */
  readonly candidates: ReadonlyMap<string, number | null>
  /** The code that Amazon has to be asked for, 14 digits; null when none is worth a call. */
  readonly gtin14: string | null
}

/** What the database says of a product and one marketplace. */
export interface ProductFacts {
  readonly sku: string
  /** `products.sync_status`. */
  readonly summary: string
  readonly syncs: readonly { readonly state: string; readonly attempt: number }[]
  /** `sync_logs.attempt` of each row. */
  readonly loggedAttempts: readonly number[]
  readonly marketData: readonly {
    readonly asin: string
    readonly chosen: boolean
    readonly salesRank: number | null
  }[]
  readonly audit: AuditFacts
}

/** What PostgreSQL saw happen to `product_syncs`, whoever did it. */
export interface AuditFacts {
  /** Attempts handed out. */
  readonly claims: number
  /** Of these, those for rows that were queued already: their lease had run out. */
  readonly requeues: number
  /** Attempts that ended. */
  readonly outcomes: number
  /** Attempt numbers that a change of the code used up: nobody claimed them. */
  readonly changes: number
  /** Attempts whose code changed while they were under way: their answer counts for nothing. */
  readonly overtaken: number
  /** Updates that put `attempt`, `synced_at` or a row's `observed_at` back. */
  readonly regressions: number
}

export interface Totals {
  readonly products: number
  /** `sync_state_counts`, folded. */
  readonly stateCounts: Readonly<Record<string, number>>
  readonly jobs: readonly {
    readonly id: string
    readonly state: string
    readonly total: number
    readonly outcomes: Readonly<Record<string, number>>
  }[]
  /** Records in the dead letters. */
  readonly deadLetters: number
  /** Codes that the simulator was asked for. */
  readonly asked: ReadonlySet<string>
}

const FINAL = new Set(['success', 'not_found', 'ambiguous', 'invalid', 'restricted', 'error'])

/** One product against what it must have come to. */
export function checkProduct(expected: Expected, found: ProductFacts | undefined): Finding[] {
  const { sku } = expected
  const findings: Finding[] = []
  const find = (kind: FindingKind, detail: string): void =>
    void findings.push({ kind, detail: `${sku}: ${detail}` })
  if (found === undefined) return [{ kind: 'lost', detail: `${sku}: the product is not there` }]
  const [sync, ...more] = found.syncs
  if (sync === undefined) return [{ kind: 'lost', detail: `${sku}: it has no sync row` }]
  if (more.length > 0) find('duplicate', `${found.syncs.length} sync rows in one marketplace`)

  if (!FINAL.has(sync.state)) find('lost', `still ${sync.state} at attempt ${sync.attempt}`)
  else if (sync.state !== expected.state) find('wrong', `${sync.state} instead of ${expected.state}`)
  if (found.summary !== sync.state) find('counter', `sync_status is ${found.summary}, its row ${sync.state}`)
  checkAttempts(found, sync.attempt, find)
  checkMarketData(expected, found, find)
  if (found.audit.regressions > 0) find('stale', `${found.audit.regressions} updates put a version back`)
  return findings
}

function checkAttempts(
  { loggedAttempts, audit }: ProductFacts,
  attempt: number,
  find: (kind: FindingKind, detail: string) => void,
): void {
  const distinct = new Set(loggedAttempts)
  const listed = loggedAttempts.toSorted((a, b) => a - b).join(', ')
  if (distinct.size < loggedAttempts.length) find('duplicate', `an attempt is logged twice: ${listed}`)
  if (loggedAttempts.some((n) => n < 1 || n > attempt)) {
    find('duplicate', `logged attempts ${listed} of a row that made ${attempt}`)
  }
  const claimed = attempt - audit.changes
  // An attempt whose lease ran out or whose code changed has no row of its own; every other one has exactly one.
  const due = claimed - audit.requeues - audit.overtaken
  if (loggedAttempts.length < due)
    find('lost', `${loggedAttempts.length} log rows for ${due} attempts that ended`)
  if (loggedAttempts.length > due)
    find('duplicate', `${loggedAttempts.length} log rows for ${due} attempts that ended`)
  if (audit.claims !== claimed) {
    find('counter', `attempt is ${attempt} after ${audit.claims} claims and ${audit.changes} changes`)
  }
  if (audit.outcomes > due) find('duplicate', `${audit.outcomes} outcomes of ${due} attempts`)
  if (audit.outcomes < due) find('lost', `${audit.outcomes} outcomes of ${due} attempts`)
}

function checkMarketData(
  expected: Expected,
  { marketData }: ProductFacts,
  find: (kind: FindingKind, detail: string) => void,
): void {
  const stored = new Map(marketData.map((row) => [row.asin, row]))
  if (stored.size < marketData.length) find('duplicate', 'an ASIN is stored twice')
  for (const [asin, rank] of expected.candidates) {
    const row = stored.get(asin)
    if (row === undefined) find('lost', `candidate ${asin} is not stored`)
    else if (row.salesRank !== rank) find('stale', `rank of ${asin} is ${row.salesRank} instead of ${rank}`)
  }
  for (const asin of stored.keys()) {
    if (!expected.candidates.has(asin))
      find('stale', `${asin} is stored, and Amazon has no such item for the code`)
  }
  const chosen = marketData.filter((row) => row.chosen).map((row) => row.asin)
  const wanted = expected.asin === null ? [] : [expected.asin]
  if (chosen.join() !== wanted.join()) {
    find('wrong', `chosen is ${chosen.join(' and ') || 'nothing'} instead of ${wanted.join() || 'nothing'}`)
  }
}

/** Counters, dead letters and the simulator's record against what was asked. `poisoned`: dead letters that there must be. */
export function checkTotals(expected: Iterable<Expected>, totals: Totals, poisoned = 0): Finding[] {
  const findings: Finding[] = []
  const find = (kind: FindingKind, detail: string): void => void findings.push({ kind, detail })
  const states: Record<string, number> = {}
  const codes = new Set<string>()
  let products = 0
  for (const { state, gtin14 } of expected) {
    products++
    states[state] = (states[state] ?? 0) + 1
    if (gtin14 !== null) codes.add(gtin14)
  }
  if (totals.products !== products) {
    find(
      totals.products < products ? 'lost' : 'duplicate',
      `${totals.products} products instead of ${products}`,
    )
  }
  for (const state of new Set([...Object.keys(states), ...Object.keys(totals.stateCounts)])) {
    const [is, must] = [totals.stateCounts[state] ?? 0, states[state] ?? 0]
    if (is !== must) find('counter', `sync_state_counts has ${is} ${state} instead of ${must}`)
  }
  for (const job of totals.jobs) {
    const sum = Object.values(job.outcomes).reduce((all, n) => all + n, 0)
    if (job.total !== products) find('counter', `job ${job.id} took in ${job.total} of ${products} products`)
    if (sum !== job.total) find('counter', `job ${job.id} has ${sum} outcomes of ${job.total} products`)
    if (job.state !== 'complete') find('lost', `job ${job.id} is ${job.state} at the end`)
    for (const state of Object.keys({ ...states, ...job.outcomes })) {
      const [is, must] = [job.outcomes[state] ?? 0, states[state] ?? 0]
      if (is !== must) find('counter', `job ${job.id} counts ${is} ${state} instead of ${must}`)
    }
  }
  for (const code of codes)
    if (!totals.asked.has(code)) find('never-asked', `Amazon was not asked for ${code}`)
  for (const code of totals.asked) {
    if (!codes.has(code)) find('wrong', `Amazon was asked for ${code}, which nobody has`)
  }
  if (totals.deadLetters !== poisoned) {
    find('dead-letter', `${totals.deadLetters} dead letters instead of ${poisoned}`)
  }
  return findings
}

/** How many of each kind, with the first few in words. */
export function summarise(findings: readonly Finding[], examples = 5): Record<string, string[]> {
  const summary: Record<string, string[]> = {}
  for (const [kind, list] of Map.groupBy(findings, (finding) => finding.kind)) {
    const rest = list.length - examples
    summary[kind] = list.slice(0, examples).map((finding) => finding.detail)
    if (rest > 0) summary[kind].push(`… and ${rest} more`)
  }
  return summary
}
