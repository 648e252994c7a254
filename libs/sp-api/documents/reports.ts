import { createHash } from 'node:crypto'
import type { Clock, SpApiLog } from '../clock.ts'
import { SpApiError } from '../errors.ts'
import {
  type CreateReportSpecification,
  createReport,
  getReport,
  getReports,
} from '../operations/generated/reports-2021-06-30.ts'
import { allPages, type OperationCaller } from './caller.ts'
import { type JobKind, type JobLook, Jobs, type ListedJob } from './jobs.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import { defaultPatience, type Patience } from './patience.ts'
import { reportTraits } from './report-types.ts'

export interface ReportRequest extends CreateReportSpecification {
  /** One that came to its end this short a time before is as good as a new one; milliseconds, default none. */
  readonly reuseMs?: number
}

export type ReportResult =
  | {
      readonly kind: 'done'
      readonly reportId: string
      readonly reportDocumentId: string
      /** When Amazon was found to have made it, in milliseconds since the epoch. */
      readonly finishedAt: number
    }
  /** Amazon cancelled it: it has no data, or somebody else asked for it too short a time before. */
  | { readonly kind: 'no_data'; readonly reportId: string | null; readonly finishedAt: number }

export interface ReportsOptions {
  readonly api: OperationCaller
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: SpApiLog
  readonly patience?: Patience
  /** Reads what Amazon says about a report that it ended FATAL. */
  readonly explain?: (
    report: CreateReportSpecification & { readonly reportDocumentId: string },
    signal?: AbortSignal,
  ) => Promise<string | null>
}

/** How long to leave a report alone that ended FATAL, where nothing says how often it is made. */
const FATAL_PAUSE_MS = 30 * 60_000

/**
 * Reports of the Reports API 2021-06-30: asked for once, however many callers want one and however often a process
 * dies; looked at with patience, or at once when a notification says so; not asked for sooner than Amazon makes another.
 */
export class Reports {
  readonly #options: ReportsOptions
  readonly #jobs: Jobs<CreateReportSpecification>

  constructor(options: ReportsOptions) {
    this.#options = options
    const { ledger, clock, log, patience = defaultPatience } = options
    this.#jobs = new Jobs(reportKind(options), { ledger, clock, log, patience })
  }

  /**
   * The report, made now or lately enough; one that is younger than Amazon makes them is given again, since another
   * request would be cancelled. Rejects with a `SpApiError`, or with the signal's reason. When Amazon ended it FATAL the
   * error bears `retryAfterMs`, and who asks sooner gets it again without a request.
   */
  async request(request: ReportRequest, signal?: AbortSignal): Promise<ReportResult> {
    const { reuseMs = 0, ...specification } = request
    const { now } = this.#options.clock
    const freshSince = now() - Math.max(reuseMs, reportTraits(request.reportType).madeEveryMs)
    const entry = await this.#jobs.settle(
      {
        key: reportKey(specification),
        lane: laneOf('report', specification.reportType, specification.marketplaceIds),
        wish: async () => specification,
        suits: (found) => {
          if (found.state === 'failed' && found.notBefore !== null && now() < found.notBefore)
            throw fatal(found, found.notBefore - now())
          return found.state !== 'failed' && found.finishedAt! >= freshSince
        },
      },
      signal,
    )
    return this.#resultOf(entry)
  }

  /** A REPORT_PROCESSING_FINISHED notification came: whoever waits for the report looks at once. */
  processed(reportId: string): void {
    this.#jobs.processed(reportId)
  }

  #resultOf({ state, id, documentId, finishedAt }: LedgerEntry): ReportResult {
    if (state === 'no_data') return { kind: 'no_data', reportId: id, finishedAt: finishedAt! }
    if (documentId === null)
      throw new SpApiError(
        { kind: 'failed', operation: 'getReport' },
        `report ${id} is DONE without a document`,
      )
    return { kind: 'done', reportId: id!, reportDocumentId: documentId, finishedAt: finishedAt! }
  }
}

function reportKind({ api, explain, log }: ReportsOptions): JobKind<CreateReportSpecification> {
  const regionOf = ({ marketplaceIds }: CreateReportSpecification) => ({ marketplaceId: marketplaceIds[0] })
  return {
    noun: 'report',
    operation: 'getReport',
    repeatable: true,
    async make(specification, signal) {
      const { body } = await api.call(createReport, { body: specification }, { signal })
      return body.reportId
    },
    async list(specification, since, signal) {
      const { reportType, marketplaceIds, dataStartTime, dataEndTime } = specification
      const createdSince = new Date(since).toISOString()
      const { pages, skewMs } = await allPages(
        api,
        getReports,
        { reportTypes: [reportType], marketplaceIds, createdSince, pageSize: 100 },
        { signal, ...regionOf(specification) },
      )
      const jobs = pages.flatMap(({ reports }) =>
        reports.map(
          (report): ListedJob => ({
            id: report.reportId,
            createdAt: Date.parse(report.createdTime),
            // Those of a schedule were asked for by nobody.
            fits:
              report.reportScheduleId === undefined &&
              samePlaces(report.marketplaceIds, marketplaceIds) &&
              sameTime(report.dataStartTime, dataStartTime) &&
              sameTime(report.dataEndTime, dataEndTime),
          }),
        ),
      )
      return { jobs, skewMs }
    },
    async look(specification, reportId, signal): Promise<JobLook> {
      const { body } = await api.call(getReport, { reportId }, { signal, ...regionOf(specification) })
      const documentId = body.reportDocumentId ?? null
      const { madeEveryMs } = reportTraits(specification.reportType)
      switch (body.processingStatus) {
        case 'DONE':
          return { status: 'done', documentId }
        case 'CANCELLED':
          return { status: 'no_data', waitMs: madeEveryMs }
        case 'FATAL': {
          const told =
            documentId === null || explain === undefined
              ? null
              : await explain({ ...specification, reportDocumentId: documentId }, signal).catch(
                  (error: unknown) => {
                    signal?.throwIfAborted()
                    const reason = error instanceof Error ? error.message : String(error)
                    log.warn({ reportId }, `why the report ended FATAL could not be read: ${reason}`)
                    return null
                  },
                )
          return { status: 'failed', documentId, reason: told, waitMs: madeEveryMs || FATAL_PAUSE_MS }
        }
        default:
          return { status: 'working' }
      }
    },
  }
}

const sorted = (ids: readonly string[]) => [...ids].sort((a, b) => (a < b ? -1 : 1))

/** What Amazon's lists tell apart. */
export function laneOf(noun: string, type: string, marketplaceIds: readonly string[]): string {
  return `${noun}:${type}:${sorted(marketplaceIds).join(',')}`
}

export function samePlaces(listed: readonly string[] | undefined, wanted: readonly string[]): boolean {
  return listed === undefined || sorted(listed).join() === sorted(wanted).join()
}

function sameTime(a: string | undefined, b: string | undefined): boolean {
  // Without a time of its own Amazon fills in the default of the report's type.
  return b === undefined || (a !== undefined && Date.parse(a) === Date.parse(b))
}

function fatal({ id, key, reason }: LedgerEntry, retryAfterMs: number): SpApiError {
  const why = reason === null ? '' : ` (${reason})`
  return new SpApiError(
    { kind: 'failed', operation: 'getReport', retryAfterMs },
    `report ${id ?? key} ended FATAL${why}; it can be asked for again in ${Math.ceil(retryAfterMs / 60_000)} minutes`,
  )
}

/** Under which key the ledger has a wish: the same for the same wish, whatever the order of its parts. */
export function reportKey(specification: CreateReportSpecification): string {
  const { reportType, marketplaceIds, dataStartTime, dataEndTime, reportOptions = {} } = specification
  const options = Object.entries(reportOptions).sort(([a], [b]) => (a < b ? -1 : 1))
  const wish = JSON.stringify([reportType, sorted(marketplaceIds), dataStartTime, dataEndTime, options])
  return `report:${reportType}:${createHash('sha256').update(wish).digest('hex').slice(0, 32)}`
}
