import { setTimeout as sleep } from 'node:timers/promises'
import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import { callApiOk } from '../api.ts'
import { CommandError, exitCodes, TemporaryError } from '../failure.ts'
import { patienceOnStderr, patiently } from '../patience.ts'
import { progressBar } from '../progress-bar.ts'
import { jobLine, jobSummary } from './job-text.ts'

const POLL_MS = 500

/**
 * Watches a job with a progress bar until it has ended, also while asinstream restarts. Rejects with what the API refuses, and
 * when it has not answered for ten minutes.
 */
export async function followJob(base: string, id: string): Promise<JobDocument> {
  const read = () => callApiOk<JobDocument>(base, `/api/sync/status/${encodeURIComponent(id)}`)
  // Whoever is not there at all is no reason to wait.
  let job = await read()
  const bar = progressBar()
  try {
    for (;;) {
      bar.update(job.done, job.total, jobLine(job))
      if (job.completedAt !== null) return job
      await sleep(POLL_MS)
      job = await patiently(read, patienceOnStderr)
    }
  } catch (error) {
    if (!(error instanceof TemporaryError)) throw error
    throw new CommandError(
      `${error.message}\nThe sync itself goes on. Follow it again with: npm run jobs -- show ${id} --watch`,
      { cause: error },
    )
  } finally {
    bar.stop()
  }
}

/** Prints what a job came to; resolves to the exit code: 1 when it did not complete, or a product ended in error. */
export function reportJob(job: JobDocument, json: boolean): number {
  process.stdout.write(`${json ? JSON.stringify(job, null, 2) : jobSummary(job)}\n`)
  const { error = 0 } = job.outcomes
  return job.status === 'complete' && error === 0 ? exitCodes.ok : exitCodes.failed
}
