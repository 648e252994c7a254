import { createHash } from 'node:crypto'
import type { Clock, SpApiLog } from '../clock.ts'
import { SpApiError } from '../errors.ts'
import {
  type CreateReportSpecification,
  createReport,
  getReport,
  getReports,
  type Report,
} from '../operations/generated/reports-2021-06-30.ts'
import type { OperationCaller } from './caller.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import { defaultPatience, type Patience, pauseAfter } from './patience.ts'

export interface ReportRequest extends CreateReportSpecification {
  /** One that came to its end this short a time before is as good as a new one; milliseconds, default none. */
  readonly reuseMs?: number
}

export type ReportResult =
  | { readonly kind: 'done'; readonly reportId: string; readonly reportDocumentId: string }
  /** Amazon cancelled it: it has no data, or was asked for again too soon. */
  | { readonly kind: 'no_data'; readonly reportId: string | null }

export interface ReportsOptions {
  readonly api: OperationCaller
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: SpApiLog
  readonly patience?: Patience
}

/** Longer than a slot and an answer may take: who noted `asking` longer ago has died over it. */
const ASKING_LEASE_MS = 180_000
/** Amazon lists a report some time after it was made; between looks for one whose making was not answered. */
const UNANSWERED_PAUSE_MS = 30_000
/** Clocks differ; a report is not older than its note by more than this. */
const CLOCK_SKEW_MS = 60_000

/**
 * How long to leave a report alone that ended FATAL: four hours where Amazon makes it once a day, thirty minutes
 * where it makes it from data of the minute. Source: the waits that Airbyte's Amazon connector has found to work.
 */
const FATAL_PAUSE_MS = { daily: 4 * 3_600_000, other: 30 * 60_000 }
const DAILY = /^GET_(FBA|AFN|LEDGER|STRANDED|RESERVED|RESTOCK)_/

/**
 * Reports of the Reports API 2021-06-30: asked for once, however many callers want one and however often a process
 * dies; looked at with patience, or at once when a notification says so.
 */
export class Reports {
  readonly #options: ReportsOptions
  readonly #patience: Patience
  /** One step at a time for each key, so that callers of one process do not do the same twice. */
  readonly #steps = new Map<string, Promise<void>>()
  readonly #wake = new Map<string, () => void>()

  constructor(options: ReportsOptions) {
    this.#options = options
    this.#patience = options.patience ?? defaultPatience
  }

  /**
   * The report, made now or lately enough. Rejects with a `SpApiError`, or with the signal's reason. When Amazon ended
   * it FATAL the error bears `retryAfterMs`, and who asks sooner gets it again without a request.
   */
  async request(request: ReportRequest, signal?: AbortSignal): Promise<ReportResult> {
    const { reuseMs = 0, ...specification } = request
    const key = reportKey(specification)
    const freshSince = this.#options.clock.now() - reuseMs
    for (;;) {
      signal?.throwIfAborted()
      const entry = await this.#options.ledger.read(key)
      const result = entry && this.#resultOf(entry, freshSince)
      if (result) return result
      await this.#step(key, () => this.#advance(entry, key, specification, signal))
    }
  }

  /** A REPORT_PROCESSING_FINISHED notification came: whoever waits for the report looks at once. */
  processed(reportId: string): void {
    this.#wake.get(reportId)?.()
  }

  /** What an entry means to a caller; null when there is more to do. */
  #resultOf(entry: LedgerEntry, freshSince: number): ReportResult | null {
    const now = this.#options.clock.now()
    if (entry.state === 'failed' && entry.notBefore !== null && now < entry.notBefore)
      throw fatal(entry, entry.notBefore - now)
    if (entry.finishedAt === null || entry.finishedAt < freshSince) return null
    if (entry.state === 'no_data') return { kind: 'no_data', reportId: entry.id }
    if (entry.state === 'done' && entry.id !== null && entry.documentId !== null)
      return { kind: 'done', reportId: entry.id, reportDocumentId: entry.documentId }
    return null
  }

  /** Takes the step unless one is under way for the key; then that one is waited for, and what it threw is its caller's. */
  async #step(key: string, step: () => Promise<void>): Promise<void> {
    const running = this.#steps.get(key)
    if (running) return running.catch(() => undefined)
    const taken = step().finally(() => this.#steps.delete(key))
    this.#steps.set(key, taken)
    return taken
  }

  async #advance(
    entry: LedgerEntry | null,
    key: string,
    specification: CreateReportSpecification,
    signal?: AbortSignal,
  ): Promise<void> {
    if (entry?.state === 'asked') return this.#look(entry, signal)
    if (entry?.state === 'asking') {
      const leaseMs = entry.askedAt + ASKING_LEASE_MS - this.#options.clock.now()
      if (leaseMs > 0) return this.#options.clock.sleep(Math.min(leaseMs, this.#patience.firstMs), signal)
      const made = await this.#find(entry, specification, signal)
      if (made !== null) {
        await this.#note(entry, { state: 'asked', id: made.reportId })
        return
      }
    }
    await this.#ask(entry, key, specification, signal)
  }

  async #ask(
    before: LedgerEntry | null,
    key: string,
    specification: CreateReportSpecification,
    signal?: AbortSignal,
  ): Promise<void> {
    const { api, clock, ledger } = this.#options
    const asking: LedgerEntry = {
      key,
      version: (before?.version ?? 0) + 1,
      state: 'asking',
      askedAt: clock.now(),
      id: null,
      documentId: null,
      finishedAt: null,
      notBefore: null,
    }
    if (!(await ledger.write(asking))) return
    try {
      const { body } = await api.call(createReport, { body: specification }, { signal })
      await this.#note(asking, { state: 'asked', id: body.reportId })
    } catch (error) {
      if (!mayHaveArrived(error)) {
        await this.#note(asking, { state: 'failed', finishedAt: clock.now() })
        throw error
      }
      await this.#findUnanswered(asking, specification, error, signal)
    }
  }

  /** Nobody knows whether the request arrived: a second report is not asked for before the list has been looked at. */
  async #findUnanswered(
    asking: LedgerEntry,
    specification: CreateReportSpecification,
    error: unknown,
    signal?: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#options
    await clock.sleep(UNANSWERED_PAUSE_MS, signal)
    const made = await this.#find(asking, specification, signal)
    if (made !== null) {
      await this.#note(asking, { state: 'asked', id: made.reportId })
      return
    }
    await this.#note(asking, { state: 'failed', finishedAt: clock.now() })
    throw error
  }

  /** The first report that Amazon made of this wish since it was noted. */
  async #find(
    { askedAt }: LedgerEntry,
    { reportType, marketplaceIds, dataStartTime, dataEndTime }: CreateReportSpecification,
    signal?: AbortSignal,
  ): Promise<Report | null> {
    const createdSince = new Date(askedAt - CLOCK_SKEW_MS).toISOString()
    const { body } = await this.#options.api.call(
      getReports,
      { reportTypes: [reportType], marketplaceIds, createdSince, pageSize: 100 },
      { signal },
    )
    const same = body.reports.filter(
      (report) => sameTime(report.dataStartTime, dataStartTime) && sameTime(report.dataEndTime, dataEndTime),
    )
    return same.sort((a, b) => Date.parse(a.createdTime) - Date.parse(b.createdTime))[0] ?? null
  }

  /** Looks at a report until it has come to its end. */
  async #look(entry: LedgerEntry, signal?: AbortSignal): Promise<void> {
    const { api, clock, log } = this.#options
    const reportId = entry.id!
    for (let looks = 0; ; looks++) {
      const { body: report } = await api.call(getReport, { reportId }, { signal })
      const finishedAt = clock.now()
      switch (report.processingStatus) {
        case 'DONE':
          await this.#note(entry, { state: 'done', documentId: report.reportDocumentId ?? null, finishedAt })
          if (report.reportDocumentId === undefined)
            throw new SpApiError(
              { kind: 'failed', operation: 'getReport' },
              `report ${reportId} is DONE without a document`,
            )
          return
        case 'CANCELLED':
          await this.#note(entry, { state: 'no_data', finishedAt })
          return
        case 'FATAL': {
          const notBefore = finishedAt + FATAL_PAUSE_MS[DAILY.test(report.reportType) ? 'daily' : 'other']
          await this.#note(entry, { state: 'failed', finishedAt, notBefore })
          log.warn({ reportId, reportType: report.reportType }, 'Amazon ended the report FATAL')
          return
        }
        default:
          if (clock.now() - entry.askedAt > this.#patience.totalMs) throw overdue(reportId, this.#patience)
          await this.#pause(reportId, pauseAfter(looks, this.#patience), signal)
      }
    }
  }

  /** Until the time is over, or a notification says that the report is ready. */
  async #pause(reportId: string, ms: number, signal?: AbortSignal): Promise<void> {
    const over = new AbortController()
    const woken = new Promise<void>((resolve) => this.#wake.set(reportId, resolve))
    const sleep = this.#options.clock.sleep(ms, signal ? AbortSignal.any([signal, over.signal]) : over.signal)
    try {
      await Promise.race([woken, sleep])
    } finally {
      this.#wake.delete(reportId)
      over.abort()
      await sleep.catch(() => undefined)
    }
  }

  /** Another process may have noted the same before: then its note counts. */
  async #note(entry: LedgerEntry, change: Partial<LedgerEntry>): Promise<void> {
    await this.#options.ledger.write({ ...entry, ...change, version: entry.version + 1 })
  }
}

/** Whether Amazon may have done what it was asked for although it did not say so. */
function mayHaveArrived(error: unknown): boolean {
  if (!(error instanceof SpApiError)) return true
  if (error.undelivered || error.kind === 'throttled' || error.kind === 'unauthorized') return false
  return error.httpStatus === null || error.httpStatus >= 500
}

function sameTime(a: string | undefined, b: string | undefined): boolean {
  // Without a time of its own Amazon fills in the default of the report's type.
  return b === undefined || (a !== undefined && Date.parse(a) === Date.parse(b))
}

function fatal({ id, key }: LedgerEntry, retryAfterMs: number): SpApiError {
  return new SpApiError(
    { kind: 'failed', operation: 'getReport', retryAfterMs },
    `report ${id ?? key} ended FATAL; it can be asked for again in ${Math.ceil(retryAfterMs / 60_000)} minutes`,
  )
}

function overdue(reportId: string, { totalMs }: Patience): SpApiError {
  return new SpApiError(
    { kind: 'timeout', operation: 'getReport' },
    `report ${reportId} is not ready after ${Math.round(totalMs / 60_000)} minutes`,
  )
}

/** Under which key the ledger has a wish: the same for the same wish, whatever the order of its parts. */
export function reportKey(specification: CreateReportSpecification): string {
  const { reportType, marketplaceIds, dataStartTime, dataEndTime, reportOptions = {} } = specification
  const options = Object.entries(reportOptions).sort(([a], [b]) => (a < b ? -1 : 1))
  const places = [...marketplaceIds].sort((a, b) => (a < b ? -1 : 1))
  const wish = JSON.stringify([reportType, places, dataStartTime, dataEndTime, options])
  return `report:${reportType}:${createHash('sha256').update(wish).digest('hex').slice(0, 32)}`
}
