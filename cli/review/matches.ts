import type {
  AmbiguousMatch,
  MatchCandidate,
  MatchDecisionView,
  MatchDetail,
} from '#libs/db/review-matches.ts'
import { callApi, callApiOk, listedItems, problem } from '../api.ts'
import type { DecideOptions, MatchOptions } from '../commands/review-matches.ts'
import type { ReviewListOptions } from '../commands/review-options.ts'
import { CommandError, exitCodes, UsageError } from '../failure.ts'
import { findProduct } from '../products/find.ts'
import { fittedTable, printable, table } from '../terminal.ts'
import { filterQuery, print, printList } from './request.ts'

/** Prints ambiguous matches; resolves to the exit code. */
export async function listMatches(base: string, options: ReviewListOptions): Promise<number> {
  const limit = options.limit + (options.json ? 0 : 1)
  const pages = listedItems<AmbiguousMatch>(base, '/api/review/matches', filterQuery(options), limit)
  await printList(pages, options, (matches) =>
    matches.length === 0
      ? 'Nothing is ambiguous.'
      : fittedTable([
          ['sku', 'in', 'items', 'title', 'why'],
          ...matches.map(({ sku, countryCode, candidates, title, reason }) => [
            printable(sku),
            countryCode,
            candidates,
            shown(title),
            shown(reason),
          ]),
        ]),
  )
  return exitCodes.ok
}

/** Prints a product beside its candidates; resolves to the exit code. */
export async function showMatch(base: string, given: string, options: MatchOptions): Promise<number> {
  const match = await callApiOk<MatchDetail>(base, await matchPath(base, given, options))
  print(options.json ? JSON.stringify(match, null, 2) : matchText(match))
  return exitCodes.ok
}

/** What `reject` is to reject. Throws a `UsageError` when it says nothing, or both. */
export function rejected(asins: readonly string[], { all }: DecideOptions): object {
  if (asins.length > 0 === (all === true))
    throw new UsageError('name the ASINs to reject, or give --all for every one that Amazon returned.')
  return all ? { all: true } : { asins }
}

/** Sends a decision and prints what came of it; resolves to the exit code. */
export async function decide(
  base: string,
  given: string,
  action: 'accept' | 'reject' | 'undo',
  wish: object,
  options: DecideOptions,
): Promise<number> {
  const path = await matchPath(base, given, options)
  const version = options.seen ?? (await callApiOk<MatchDetail>(base, path)).version
  const { status, body } = await callApi(base, `${path}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...wish, version, ...(options.note !== undefined && { note: options.note }) }),
  })
  if (status === 412) {
    const { current } = body as { readonly current: MatchDetail }
    throw new CommandError(`${problem(status, body).message}\n\n${matchText(current)}`)
  }
  if (status !== 200) throw problem(status, body)
  const match = body as MatchDetail & { readonly effect: string }
  print(options.json ? JSON.stringify(match, null, 2) : decidedText(match))
  return exitCodes.ok
}

function decidedText({ sku, countryCode, state, reason, effect, ...rest }: MatchDetail & { effect: string }) {
  const name = `${printable(sku)} in ${countryCode}`
  if (effect === 'with-next-answer')
    return `${name} is ${state}: what you decided counts with Amazon's next answer.`
  const chosen = rest.candidates.find((candidate) => candidate.chosen)
  return `${name} is ${state}${chosen ? ` (${chosen.asin})` : ''}: ${shown(reason)}`
}

/** Where the match of a product is; throws a `CommandError` when it is not clear in which marketplace. */
async function matchPath(base: string, given: string, { marketplace }: MatchOptions): Promise<string> {
  const product = await findProduct(base, given)
  const path = (name: string) => `/api/review/matches/${product.id}/${encodeURIComponent(name)}`
  if (marketplace !== undefined) return path(marketplace)
  const ambiguous = product.marketplaces.filter(({ state }) => state === 'ambiguous')
  const [only, ...others] = ambiguous.length === 1 ? ambiguous : product.marketplaces
  if (only !== undefined && others.length === 0) return path(only.marketplaceId)
  const names = product.marketplaces.map(({ countryCode, state }) => `${countryCode} (${state})`).join(', ')
  throw new CommandError(
    names === ''
      ? `${printable(product.sku)} is in no marketplace yet.`
      : `${printable(product.sku)} is in several marketplaces, ${names}: say which one with --marketplace.`,
  )
}

function matchText(match: MatchDetail): string {
  const { sku, upc, gtin14, upcRepair, title, brand, packQuantity, supplier, countryCode, state, reason } =
    match
  const repair = upcRepair === null ? '' : `, mended: ${upcRepair}`
  const ours = table([
    ['sku', printable(sku)],
    ['title', shown(title)],
    ['brand', shown(brand)],
    ['pack', packQuantity === null ? '–' : String(packQuantity)],
    ['code', `${shown(upc)}${gtin14 === null ? '' : ` (${gtin14}${repair})`}`],
    ['supplier', shown(supplier)],
    [countryCode, `${state}: ${shown(reason)}`],
  ])
  const candidates = match.candidates.map(candidateText)
  const decisions = match.decisions.map(decisionText)
  return [
    ours,
    '',
    ...(candidates.length > 0 ? candidates : ['Amazon returned nothing for its code.']),
    ...(decisions.length > 0 ? ['', ...decisions] : []),
  ].join('\n')
}

function candidateText(candidate: MatchCandidate): string {
  const { asin, chosen, verdict, score, title, brand, packageQuantity, salesRank, salesRankCategory } =
    candidate
  const mark = verdict ?? (chosen ? 'chosen' : '')
  const rank =
    salesRank === null
      ? ''
      : `rank ${salesRank}${salesRankCategory ? ` in ${printable(salesRankCategory)}` : ''}`
  const price = candidate.price === null ? '' : `${candidate.price} ${candidate.currency ?? ''}`.trim()
  const facts = [
    brand === null ? '' : printable(brand),
    packageQuantity === null ? '' : `pack of ${packageQuantity}`,
    rank,
    price,
  ].filter((fact) => fact !== '')
  return [
    `${asin}  ${score.toFixed(2)}  ${shown(title)}${mark ? `  [${mark}]` : ''}`,
    ...(facts.length > 0 ? [`    ${facts.join(', ')}`] : []),
    ...candidate.reasons.map((reason) => `    ${printable(reason)}`),
  ].join('\n')
}

function decisionText({ verdict, asin, decidedBy, decidedAt, note }: MatchDecisionView): string {
  const why = note === null ? '' : `: ${printable(note)}`
  return `${asin} was ${verdict} by ${printable(decidedBy)} on ${decidedAt.slice(0, 16).replace('T', ' ')}${why}`
}

const shown = (text: string | null): string => (text === null ? '–' : printable(text))
