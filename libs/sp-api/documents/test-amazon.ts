import { SpApiError } from '../errors.ts'
import {
  createFeed,
  createFeedDocument,
  type Feed,
  getFeed,
  getFeeds,
} from '../operations/generated/feeds-2021-06-30.ts'
import {
  createReport,
  getReport,
  getReports,
  type Report,
} from '../operations/generated/reports-2021-06-30.ts'
import type { OperationCaller } from './caller.ts'
import type { DocumentTransport } from './document-transport.ts'
import type { Ledger } from './ledger.ts'

/** What becomes of the next request for something: made without an answer, lost on its way, refused. */
export type Making = 'answered' | 'unanswered' | 'lost' | 'refused'

/** Amazon's reports and feeds as far as they are asked for here. */
export class TestAmazon implements OperationCaller {
  readonly reports: Report[] = []
  readonly feeds: Feed[] = []
  readonly asked: string[] = []
  /** Which contents were submitted, by the ids of their documents. */
  readonly submitted: string[] = []
  readonly uploaded = new Map<string, string>()
  /** Statuses in the order in which looks find them; the last one stays. */
  statuses: string[] = ['IN_QUEUE', 'IN_PROGRESS', 'DONE']
  onCreate: Making = 'answered'
  /** How far Amazon's clock is ahead of ours, in milliseconds. */
  aheadMs = 0
  /** Pages of the lists are this long. */
  pageSize = 100

  readonly #clock: { now(): number }

  constructor(clock: { now(): number }) {
    this.#clock = clock
  }

  async call(operation: { operationId: string }, parameters: object): Promise<never> {
    this.asked.push(operation.operationId)
    const body = this.#answer(operation.operationId, parameters)
    const receivedAt = this.#clock.now()
    return { body, httpStatus: 200, requestId: null, receivedAt, amazonTime: this.#now() } as never
  }

  readonly transport: Pick<DocumentTransport, 'put'> = {
    put: async (url, { content }) => {
      const body = content.open()
      const pieces = Buffer.isBuffer(body) ? [body] : await body.toArray()
      this.uploaded.set(url, Buffer.concat(pieces).toString())
    },
  }

  /** Something of the lane that was not asked for here. */
  foreignReport(report: Partial<Report> & Pick<Report, 'reportType' | 'marketplaceIds'>): void {
    this.reports.push({ ...this.#made(`F${this.reports.length + 1}`), ...report } as Report)
  }

  #now(): number {
    return this.#clock.now() + this.aheadMs
  }

  #made(id: string) {
    const createdTime = new Date(this.#now()).toISOString()
    return { reportId: id, feedId: id, createdTime, processingStatus: 'IN_QUEUE' }
  }

  /** Makes it, or does not, and says so, or does not. */
  #make(make: () => void): void {
    const what = this.onCreate
    this.onCreate = 'answered'
    if (what === 'refused') throw failure('rejected', 400)
    if (what === 'lost') throw failure('timeout', null)
    make()
    if (what === 'unanswered') throw failure('timeout', null)
  }

  #answer(operationId: string, parameters: object): unknown {
    switch (operationId) {
      case createReport.operationId: {
        const { body } = parameters as { body: Omit<Report, 'reportId'> }
        const reportId = `R${this.reports.length + 1}`
        this.#make(() => this.reports.push({ ...body, ...this.#made(reportId) } as Report))
        return { reportId }
      }
      case createFeedDocument.operationId: {
        const id = `I${this.uploaded.size + 1}`
        return { feedDocumentId: id, url: id }
      }
      case createFeed.operationId: {
        const { body } = parameters as { body: { inputFeedDocumentId: string } & Omit<Feed, 'feedId'> }
        const { inputFeedDocumentId, ...feed } = body
        const feedId = `F${this.feeds.length + 1}`
        this.#make(() => {
          this.submitted.push(this.uploaded.get(inputFeedDocumentId)!)
          this.feeds.push({ ...feed, ...this.#made(feedId) } as Feed)
        })
        return { feedId }
      }
      case getReports.operationId:
        return this.#page('reports', this.reports, parameters)
      case getFeeds.operationId:
        return this.#page('feeds', this.feeds, parameters)
      case getReport.operationId: {
        const { reportId } = parameters as { reportId: string }
        const report = this.reports.find((one) => one.reportId === reportId)
        return { ...report, processingStatus: this.#status(), reportDocumentId: `D-${reportId}` }
      }
      case getFeed.operationId: {
        const { feedId } = parameters as { feedId: string }
        const feed = this.feeds.find((one) => one.feedId === feedId)
        return { ...feed, processingStatus: this.#status(), resultFeedDocumentId: `D-${feedId}` }
      }
      default:
        throw new Error(operationId)
    }
  }

  #status(): string {
    return (this.statuses.length > 1 ? this.statuses.shift() : this.statuses[0])!
  }

  /** Newest first, as Amazon lists them; the token alone asks for the next page. */
  #page(name: string, items: readonly (Report | Feed)[], parameters: object): unknown {
    const { nextToken, createdSince } = parameters as { nextToken?: string; createdSince?: string }
    if (nextToken !== undefined && Object.keys(parameters).length > 1) throw failure('rejected', 400)
    const [from, since] = nextToken?.split(' ') ?? ['0', createdSince!]
    const end = Number(from) + this.pageSize
    const listed = items.filter(({ createdTime }) => createdTime >= since!).reverse()
    return {
      [name]: listed.slice(Number(from), end),
      ...(end < listed.length && { nextToken: `${end} ${since}` }),
    }
  }
}

export const failure = (
  kind: 'rejected' | 'timeout' | 'unavailable',
  httpStatus: number | null,
  more: { readonly transient?: boolean; readonly retryAfterMs?: number } = {},
) => new SpApiError({ kind, operation: 'test', httpStatus, ...more }, `${kind} for the test`)

/** A process that ends at its n-th step, before or after what the step does; nothing of it does anything later. */
export class Mortal {
  #left: number
  #isDead: boolean = false

  constructor(steps: number) {
    this.#left = steps
  }

  get isDead(): boolean {
    return this.#isDead
  }

  async #step<T>(work: () => Promise<T>): Promise<T> {
    this.#live()
    const result = await work()
    this.#live()
    return result
  }

  #live(): void {
    if (this.#left-- <= 0) this.#isDead = true
    if (this.#isDead) throw new Error('killed')
  }

  api(amazon: OperationCaller): OperationCaller {
    return { call: (...call) => this.#step(() => amazon.call(...call)) }
  }

  transport(to: Pick<DocumentTransport, 'put'>): Pick<DocumentTransport, 'put'> {
    return { put: (...call) => this.#step(() => to.put(...call)) }
  }

  ledger(ledger: Ledger): Ledger {
    return { ...ledger, write: (entry) => this.#step(() => ledger.write(entry)) }
  }
}
