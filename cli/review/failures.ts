import type { FailedProduct, FailureGroup } from '#libs/db/failures.ts'
import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import type { DryRun } from '#services/reporting/jobs/start-job.ts'
import { callApiOk, listedItems, sendJson } from '../api.ts'
import type { FailuresOptions, RetryOptions } from '../commands/review-failures.ts'
import { exitCodes } from '../failure.ts'
import { followJob, reportJob } from '../jobs/follow-job.ts'
import { dryRunText, jobSummary } from '../jobs/job-text.ts'
import { count, counted, fittedTable, printable } from '../terminal.ts'
import { confirm, filterQuery, givenFilter, print, printList } from './request.ts'

const PATH = '/api/review/failures'

/** Prints what failed by cause, or the products of some causes; resolves to the exit code. */
export async function listFailures(base: string, options: FailuresOptions): Promise<number> {
  const query = filterQuery(options)
  for (const state of options.state ?? []) query.append('state', state)
  if (options.cause === undefined && options.text === undefined) {
    const groups = await callApiOk<Groups>(base, `${PATH}?${query}`)
    print(options.json ? JSON.stringify(groups, null, 2) : groupsText(groups))
    return exitCodes.ok
  }
  for (const cause of options.cause ?? []) query.append('cause', cause)
  const limit = options.limit + (options.json ? 0 : 1)
  await printList(listedItems<FailedProduct>(base, `${PATH}/products`, query, limit), options, (products) =>
    products.length === 0
      ? 'No product is like that.'
      : fittedTable([
          ['sku', 'in', 'state', 'asked', 'why'],
          ...products.map(({ sku, countryCode, state, askedAt, reason, result }) => [
            printable(sku),
            countryCode,
            state,
            askedAt?.slice(0, 16).replace('T', ' ') ?? 'never',
            printable(reason ?? result ?? '–'),
          ]),
        ]),
  )
  return exitCodes.ok
}

interface Groups {
  readonly items: readonly FailureGroup[]
  readonly read: number
  readonly total: number
  readonly complete: boolean
}

function groupsText({ items, read, total, complete }: Groups): string {
  if (items.length === 0) return 'Nothing failed like that.'
  const rows = items.map((group) => [
    group.count,
    group.countries.join(' '),
    group.lastAt?.slice(0, 16).replace('T', ' ') ?? '–',
    printable(group.sample.sku),
    printable(group.cause),
  ])
  return [
    // The cause is what one copies: it is not cut.
    fittedTable([['products', 'in', 'last', 'such as', 'cause'], ...rows], Number.MAX_SAFE_INTEGER),
    ...(complete ? [] : [`Looked at ${count(read)} of ${count(total)}.`]),
  ].join('\n')
}

/** Asks again for what failed; resolves to the exit code. */
export async function retryFailures(base: string, options: RetryOptions): Promise<number> {
  const { marketplace, ...filter } = givenFilter(options)
  const wish = {
    filter: {
      ...filter,
      ...(options.state && { state: options.state }),
      ...(options.cause && { cause: options.cause }),
    },
    ...(marketplace && { marketplaces: marketplace }),
    ...(options.note !== undefined && { note: options.note }),
    ...(!options.check && { checkConnection: false }),
  }
  const preview = () => sendJson<DryRun>(base, 'POST', `${PATH}/retry`, { ...wish, dryRun: true })
  if (options.dryRun) {
    const run = await preview()
    print(options.json ? JSON.stringify(run, null, 2) : dryRunText(run))
    return exitCodes.ok
  }
  await confirm(options, async () => {
    const { total, requests } = await preview()
    return `Ask again for ${counted(total, 'product')} (${counted(requests, 'request')})?`
  })
  const job = await sendJson<JobDocument>(base, 'POST', `${PATH}/retry`, wish)
  if (options.wait) return reportJob(await followJob(base, job.syncId), options.json === true)
  print(options.json ? JSON.stringify(job, null, 2) : jobSummary(job))
  return exitCodes.ok
}
