import type { Comparison, ComparisonName } from '#libs/db/replay/compare.ts'
import { topics } from '#schemas/topics.ts'
import type { MendedRow, ReplayKind } from '#services/persister/replay/recorded.ts'
import type { ReplayReport, UnusedRecords } from '#services/persister/replay/run-replay.ts'
import { count, counted, duration, table } from '../terminal.ts'
import type { ResolvedRange } from './positions.ts'

const DAY_MS = 86_400_000

/** A replay that is over, and what it was. */
export interface ToldReplay {
  readonly topic: string
  /** `live`, or a schema. */
  readonly into: string
  readonly dryRun: boolean
  readonly range: ResolvedRange
  readonly report: ReplayReport
  readonly comparisons: readonly Comparison[] | null
}

/** What the topic does not keep any more, of what was asked for. */
export function goneText(topic: string, { gone }: ResolvedRange): string[] {
  if (gone.length === 0) return []
  const keptMs = topics.find(({ name }) => name === topic)?.retentionMs ?? -1
  const kept =
    keptMs > 0
      ? `, as ${topic} is made to keep records for ${counted(Math.round(keptMs / DAY_MS), 'day')}`
      : ''
  const parts = gone.map(({ partition, from, to }) => `${partition}:${from} to ${partition}:${to - 1n}`)
  return [`Gone already${kept}: ${parts.join(', ')}.`]
}

const liveKinds: Readonly<Record<ReplayKind, string>> = {
  created: 'rows that were gone are there again',
  updated: 'rows that differed say it again',
  unchanged: 'what they say is stored',
  older: 'a later answer is stored',
  uncounted: 'did not count when they came: twice, or too late',
  failed: 'tell of a failure: there is nothing to store',
  in_flight: 'left alone: pending, or asked for just now',
  decided: 'left alone: a person has decided which ASIN it is, or is not',
  recoded: 'about a code that the product has no more',
  gone: 'about what is there no more: a product, a marketplace, a match, a level of prices',
}

const freshKinds: Readonly<Partial<Record<ReplayKind, string>>> = {
  created: 'the first of their product or price there',
  updated: 'later ones, which took the place of earlier ones',
  unchanged: 'there already',
  older: 'a later attempt is there',
}

const rowNames: Readonly<Record<MendedRow, string>> = {
  candidatesAdded: 'candidates added',
  candidatesChanged: 'candidates changed',
  candidatesRemoved: 'candidates removed',
  states: 'states or their reasons',
  codes: 'codes',
  pricesAdded: 'prices added',
  pricesChanged: 'prices changed',
  pricesShown: 'prices shown by matches',
  history: 'rows of the history of prices',
}

/** What became of the records, for people. */
export function reportText({ topic, into, dryRun, range, report }: ToldReplay): string {
  const { kinds, records, filtered, seconds, undecodable, unusable } = report
  const live = into === 'live'
  const place = live ? 'the live tables' : `the schema ${into}`
  const read = `${counted(records, 'record')} of ${topic}`
  const rate = seconds > 0 ? ` (${count(Math.round(records / seconds))}/s)` : ''
  const head = dryRun
    ? `${read} compared with ${place} in ${duration(seconds)}${rate}: nothing was written.`
    : `${read} replayed into ${place} in ${duration(seconds)}${rate}.`
  const meaning = (kind: ReplayKind): string => (live ? undefined : freshKinds[kind]) ?? liveKinds[kind]
  const rows = [
    ...(Object.keys(kinds) as ReplayKind[])
      .filter((kind) => kinds[kind] > 0)
      .map((kind) => [kinds[kind], kind, meaning(kind)] as const),
    ...(filtered > 0 ? [[filtered, 'left out', 'by --marketplace, --sku or --product'] as const] : []),
    ...(undecodable.count > 0 ? [[undecodable.count, 'undecodable', placesText(undecodable)] as const] : []),
    ...(unusable.count > 0 ? [[unusable.count, 'unusable', placesText(unusable)] as const] : []),
  ]
  const written = (Object.keys(rowNames) as MendedRow[])
    .filter((name) => report.rows[name] > 0)
    .map((name) => `${rowNames[name]} ${count(report.rows[name])}`)
  if (records === 0) return `${topic} has no records from there on: there is nothing to replay.`
  const lines = [head]
  if (range.fromOldest && report.oldest !== null)
    lines.push(
      `The oldest one that is kept is of ${new Date(report.oldest).toISOString()}; what came before is gone.`,
    )
  if (rows.length > 0) lines.push(table(rows))
  if (written.length > 0) lines.push(`${dryRun ? 'Would be written' : 'Written'}: ${written.join(', ')}.`)
  else if (live && report.complete && Object.values(kinds).some((n) => n > 0))
    lines.push('Nothing differs: there is nothing to mend.')
  return lines.join('\n')
}

/** The first ones, with the reason of the first. */
function placesText({ count: all, first }: UnusedRecords): string {
  const shown = first.slice(0, 5).map(({ partition, offset }) => `${partition}:${offset}`)
  const more = all > shown.length ? `, and ${count(all - shown.length)} more (--json has the first 100)` : ''
  return `${shown.join(', ')}${more}: ${first[0]?.reason ?? ''}`
}

const comparisonNames: Readonly<Record<ComparisonName, string>> = {
  states: 'states of products',
  matches: 'chosen ASINs',
  candidates: 'candidates with their scores',
  prices: 'prices',
  history: 'rows of the history of prices',
}

/** Where a schema differs from the live tables, for people. */
export function comparisonText(into: string, comparisons: readonly Comparison[]): string {
  const lines = [
    `${into} beside the live tables, where both have a row that nothing is asked for just now:`,
    table([
      ['', 'compared', 'different'],
      ...comparisons.map(({ name, compared, different }) => [comparisonNames[name], compared, different]),
    ]),
  ]
  for (const { name, different, sample } of comparisons) {
    if (different === 0) continue
    const shown = different > sample.length ? `, the first ${sample.length} of ${count(different)}` : ''
    lines.push(`${comparisonNames[name]}${shown}:`)
    for (const { of, marketplaceId, live, fresh } of sample)
      lines.push(`  ${of} (${marketplaceId}): ${live ?? 'none'} live, ${fresh ?? 'none'} in ${into}`)
  }
  return lines.join('\n')
}

/** The same for programs. Offsets are text: they may be larger than a double is exact. */
export function reportJson({ topic, into, dryRun, range, report, comparisons }: ToldReplay): unknown {
  const { records, filtered, kinds, rows, oldest, seconds, complete } = report
  const places = ({ count: all, first }: UnusedRecords) => ({
    count: all,
    first: first.map(({ partition, offset, reason }) => ({ partition, offset: String(offset), reason })),
  })
  return {
    topic,
    into,
    dryRun,
    complete,
    partitions: [...range.to].map(([partition, to]) => ({
      partition,
      from: String(range.from.get(partition) ?? 0n),
      to: String(to),
    })),
    gone: range.gone.map(({ partition, from, to }) => ({
      partition,
      from: String(from),
      to: String(to),
    })),
    oldestRecord: oldest === null ? null : new Date(oldest).toISOString(),
    records,
    filtered,
    kinds,
    rows,
    undecodable: places(report.undecodable),
    unusable: places(report.unusable),
    seconds: Math.round(seconds * 1_000) / 1_000,
    ...(comparisons && { comparisons }),
  }
}
