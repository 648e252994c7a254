import { setTimeout as sleep } from 'node:timers/promises'
import type { JobDocument } from '#services/reporting/jobs/job-document.ts'
import { callApiOk } from '../api.ts'
import { exitCodes } from '../failure.ts'
import { progressBar } from '../progress-bar.ts'
import { jobLine, jobSummary } from './job-text.ts'

const POLL_MS = 500

/** Watches a job with a progress bar until it has ended. */
export async function followJob(base: string, id: string): Promise<JobDocument> {
  const bar = progressBar()
  try {
    for (;;) {
      const job = await callApiOk<JobDocument>(base, `/api/sync/status/${id}`)
      bar.update(job.done, job.total, jobLine(job))
      if (job.completedAt !== null) return job
      await sleep(POLL_MS)
    }
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
