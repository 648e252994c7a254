import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import type { DryRun } from '#services/reporting/jobs/start-job.ts'
import { finalCounts } from '../status-text.ts'
import { count, counted, duration, table } from '../terminal.ts'

/** What a job came to, in a sentence; how far it is when it has not ended. */
export function jobSummary(job: JobDocument): string {
  const name = `Sync ${job.syncId}`
  if (job.status === 'failed') return `${name} failed: ${job.error ?? 'no reason was given'}`
  if (job.status === 'complete' && job.total === 0) return `${name} is complete: no product matched.`
  if (job.status === 'complete')
    return `${name} is complete: ${counted(job.total, 'product')}: ${finalCounts(job.outcomes)}.`
  if (job.status === 'cancelled') return `${name} is cancelled: ${finalCounts(job.outcomes)}.`
  return `${name} is ${job.status}: ${job.message}.`
}

/** One line beside a progress bar. */
export function jobLine(job: JobDocument): string {
  const rate = job.ratePerSecond ? `, ${count(Math.round(job.ratePerSecond))}/s` : ''
  const left = job.secondsLeft ? `, about ${duration(job.secondsLeft)} left` : ''
  const soFar = job.expanded || job.status === 'cancelling' ? '' : ' so far'
  const state = job.status === 'running' ? '' : ` (${job.status})`
  return `${count(job.done)} of ${count(job.total)}${soFar}${state}${rate}${left}`
}

/** Jobs as a table, one line each. */
export function jobTable(jobs: readonly JobDocument[]): string {
  const rows = jobs.map((job) => [
    job.syncId,
    job.status,
    `${job.progress} %`,
    job.total,
    job.createdAt.slice(0, 19).replace('T', ' '),
    job.requestedBy,
    filterText(job),
  ])
  return table([['sync', 'state', 'done', 'products', 'asked for (UTC)', 'by', 'what'], ...rows])
}

/** All that is known of a job. */
export function jobDetails(job: JobDocument): string {
  const time = (value: string | null) =>
    value === null ? '–' : `${value.slice(0, 19).replace('T', ' ')} UTC`
  return table([
    ['sync', job.syncId],
    ['state', `${job.status} (${job.progress} %)`],
    ['message', job.message],
    ['what', filterText(job)],
    ['marketplaces', job.marketplaces.join(', ')],
    ['products', `${count(job.total)}${job.expanded ? '' : ' so far'}, ${count(job.done)} done`],
    ['outcomes', finalCounts(job.outcomes)],
    ['rate', job.ratePerSecond === null ? '–' : `${job.ratePerSecond} a second, over the last minute`],
    ['time left', job.secondsLeft === null ? '–' : duration(job.secondsLeft)],
    ['asked for', `${time(job.createdAt)} by ${job.requestedBy}`],
    ['started', time(job.startedAt)],
    ['ended', time(job.completedAt)],
    ['took', job.duration === null ? '–' : duration(job.duration)],
    ...(job.retryOf === null ? [] : [['retry of', job.retryOf]]),
    ...(job.error === null ? [] : [['error', job.error]]),
  ])
}

export function dryRunText(run: DryRun): string {
  const asked = run.total - run.fresh - run.withoutCode
  return [
    `${counted(run.total, 'product')}: ${count(asked)} to ask for, ${count(run.fresh)} fresh, ${count(run.withoutCode)} without a code.`,
    `${counted(run.requests, 'request')} for ${counted(run.codes, 'code')}: ${duration(run.seconds)} at ${run.requestsPerSecond} a second, ${duration(run.secondsWithBacklog)} with what waits already.`,
    'Nothing was started.',
  ].join('\n')
}

function filterText({ filter, retryOf }: JobDocument): string {
  if (retryOf !== null) return `what failed of ${retryOf}`
  const parts = Object.entries(filter).map(([name, value]) => {
    const values = [value].flat()
    const more = values.length > 3 ? ` and ${values.length - 3} more` : ''
    return `${name} ${values.slice(0, 3).join(', ')}${more}`
  })
  return parts.join('; ') || 'all products'
}
