/** Reports and schedules of sellers, and how reports behave on demand. */

import { type Marketplace, marketplaces } from '../../marketplaces.ts'
import { Assortment } from '../../seller/assortment.ts'
import type { Seller } from '../../seller/seller.ts'
import { CHARSETS, type Charset, DECLARED } from '../documents/charset.ts'
import { createDocumentStore } from '../documents/document-store.ts'
import { keepNewest } from '../documents/keep-newest.ts'
import { type Demand, Demands } from '../documents/on-demand.ts'
import { enqueue, type Outcome, type Processing, statusOf } from '../documents/processing.ts'
import { RETENTION_MS } from '../documents/processing-query.ts'
import { listingsOf } from '../listings/store.ts'
import type { Happening } from '../notifications/notification-store.ts'
import type { World } from '../operation.ts'
import { type ListedRow, rowOfListing, rowOfOffering } from './listing-rows.ts'
import type { ReportRequest } from './report-request.ts'
import { type ReportType, reportTypes } from './report-types.ts'

const DAY_MS = 86_400_000

/** Nobody may ever ask what there is to tell. */
const MOST_UNTOLD = 1_000

export interface ReportWish {
  readonly reportType: string
  readonly marketplaceIds: readonly string[]
  readonly options: Readonly<Record<string, string>>
  readonly start: number | null
  readonly end: number | null
}

export interface Report {
  readonly id: string
  readonly wish: ReportWish
  readonly start: number
  readonly end: number
  readonly scheduleId: string | null
  readonly processing: Processing
  /** Of what it comes to; shown when it has come to it. */
  readonly documentId: string | null
}

export interface Schedule {
  readonly id: string
  readonly wish: ReportWish
  readonly period: string
  nextAt: number
}

/** How reports of a type behave on demand; what is absent is Amazon's way. */
export interface Behaviour extends Demand {
  readonly cooldownSeconds?: number
  /** The character set that the bytes are in, whatever their Content-Type says. */
  readonly charset?: Charset
  readonly bom?: boolean
  /** Numbers of the seller's assortment that reports of listings and stock go through, in place of `--listings`. */
  readonly listings?: number
}

interface Shelf {
  readonly reports: Report[]
  readonly schedules: Map<string, Schedule>
}

export class ReportStore {
  readonly #world: World
  readonly #shelves = new Map<string, Shelf>()
  /** Reports that nobody was told of yet, with their sellers. */
  readonly #untold = new Map<Report, Seller>()
  readonly #demands = new Demands<Behaviour>(Object.keys(reportTypes))
  #nextId = 50_000_018_001

  constructor(world: World) {
    this.#world = world
  }

  /** Asks for a report now. */
  create(seller: Seller, wish: ReportWish, scheduleId: string | null = null): Report {
    const type = reportTypes[wish.reportType] as ReportType
    const now = this.#world.date().getTime()
    const behaviour = this.#demands.of(wish.reportType)
    const end = Math.min(wish.end ?? now, now)
    const start = wish.start ?? end - DAY_MS
    const request = this.#request(seller, wish, start, end, now, behaviour)
    const tooSoon = this.#askedWithin(seller, wish, now, behaviour.cooldownSeconds ?? type.cooldownSeconds)
    const lines = tooSoon ? null : type.lines(request)
    const outcome = this.#demands.draw(wish.reportType) ?? (lines === null ? 'CANCELLED' : 'DONE')
    const written = outcome === 'FATAL' ? fatal(wish) : outcome === 'DONE' ? (lines ?? (() => [])) : null
    const report: Report = {
      id: String(this.#nextId++),
      wish,
      start,
      end,
      scheduleId,
      processing: enqueue(this.#world, outcome),
      documentId: written === null ? null : this.#write(seller, wish, type, outcome, behaviour, written),
    }
    const { reports } = this.#shelf(seller)
    reports.push(report)
    this.#untold.set(report, seller)
    keepNewest(this.#untold, MOST_UNTOLD)
    const oldest = reports.findIndex(({ processing }) => processing.createdAt > now - RETENTION_MS)
    reports.splice(0, Math.max(0, oldest))
    return report
  }

  /** The reports of a seller, newest first, and those that its schedules made meanwhile. */
  list(seller: Seller): readonly Report[] {
    const now = this.#world.date().getTime()
    for (const schedule of this.#shelf(seller).schedules.values()) {
      // However long nobody looked: the last one is made.
      if (schedule.nextAt > now) continue
      this.create(seller, schedule.wish, schedule.id)
      while (schedule.nextAt <= now) schedule.nextAt += periodMs(schedule.period)
    }
    return this.#shelf(seller).reports.toReversed()
  }

  byId(seller: Seller, id: string): Report | null {
    return this.list(seller).find((report) => report.id === id) ?? null
  }

  /** True when it still waited, and is cancelled now. */
  cancel({ processing }: Report): boolean {
    const now = this.#world.date().getTime()
    if (statusOf(processing, now) !== 'IN_QUEUE') return false
    processing.cancelledAt = now
    return true
  }

  /** What can be told of reports that have come to their end since the last time. */
  finished(): Happening[] {
    const now = this.#world.date().getTime()
    const happenings: Happening[] = []
    for (const [report, { name, merchantId }] of this.#untold) {
      const { id, wish, processing, documentId } = report
      const { endsAt, cancelledAt } = processing
      if (now < (cancelledAt ?? endsAt)) continue
      this.#untold.delete(report)
      const status = statusOf(processing, now)
      const reportProcessingFinishedNotification = {
        sellerId: merchantId,
        accountId: `amzn1.merchant.o.${merchantId}`,
        reportId: id,
        reportType: wish.reportType,
        processingStatus: status,
        ...(documentId === null || status === 'CANCELLED' ? {} : { reportDocumentId: documentId }),
      }
      const payload = { reportProcessingFinishedNotification }
      happenings.push({
        type: 'REPORT_PROCESSING_FINISHED',
        seller: name,
        at: cancelledAt ?? endsAt,
        payload,
      })
    }
    return happenings
  }

  /** Schedules by their type; a new one takes the place of one with the same type and marketplaces. */
  schedule(seller: Seller, wish: ReportWish, period: string, nextAt: number | null): Schedule {
    const { schedules } = this.#shelf(seller)
    for (const [id, other] of schedules) if (sameSubject(other.wish, wish)) schedules.delete(id)
    const now = this.#world.date().getTime()
    const schedule = { id: String(this.#nextId++), wish, period, nextAt: nextAt ?? now + periodMs(period) }
    schedules.set(schedule.id, schedule)
    return schedule
  }

  schedules(seller: Seller): ReadonlyMap<string, Schedule> {
    this.list(seller)
    return this.#shelf(seller).schedules
  }

  unschedule(seller: Seller, id: string): boolean {
    return this.#shelf(seller).schedules.delete(id)
  }

  /** `reportType` may be `*`. Throws an Error that says what makes no sense. */
  behave(reportType: string, behaviour: Behaviour): void {
    const { charset } = behaviour
    if (charset !== undefined && !CHARSETS.includes(charset))
      throw new Error(`charset must be one of ${CHARSETS.join(', ')}, not ${charset}.`)
    this.#demands.set(reportType, behaviour)
  }

  #askedWithin(seller: Seller, wish: ReportWish, now: number, seconds: number): boolean {
    return this.#shelf(seller).reports.some(
      ({ wish: earlier, processing }) =>
        sameSubject(earlier, wish) &&
        statusOf(processing, now) !== 'CANCELLED' &&
        processing.outcome === 'DONE' &&
        now - processing.createdAt < seconds * 1_000,
    )
  }

  #request(
    seller: Seller,
    { marketplaceIds, options }: ReportWish,
    start: number,
    end: number,
    asOf: number,
    { listings }: Behaviour,
  ): ReportRequest {
    const asked = marketplaceIds.map((id) => marketplaces.get(id) as Marketplace)
    const rows =
      listings === undefined
        ? this.#listed(seller, asked, asOf)
        : this.#offered(seller, asked, asOf, listings)
    return { seller, marketplaces: asked, options, start, end, asOf, listings: rows }
  }

  /** The listings as they are now, however they change before the document is fetched. */
  #listed(seller: Seller, asked: readonly Marketplace[], asOf: number): () => Iterable<ListedRow> {
    const listings = asked.flatMap((marketplace) => listingsOf(this.#world).all(seller, marketplace))
    const known = listings.filter(({ createdAt }) => createdAt <= asOf)
    return function* () {
      for (const listing of known) yield rowOfListing(listing, asOf)
    }
  }

  /** As many offerings as are asked for, made one by one. */
  #offered(
    { name }: Seller,
    asked: readonly Marketplace[],
    asOf: number,
    size: number,
  ): () => Iterable<ListedRow> {
    const assortment = new Assortment(this.#world.catalogue, name, size)
    return function* () {
      for (const marketplace of asked)
        for (const offering of assortment.all(marketplace))
          if (offering.openedAt <= asOf) yield rowOfOffering(offering, marketplace, asOf)
    }
  }

  #write(
    { name }: Seller,
    { marketplaceIds }: ReportWish,
    type: ReportType,
    outcome: Outcome,
    behaviour: Behaviour,
    lines: () => Iterable<string>,
  ): string {
    const fatalOne = outcome === 'FATAL'
    const usual = fatalOne ? 'utf-8' : type.charset(marketplaces.get(marketplaceIds[0] ?? '') as Marketplace)
    const { id } = this.#world.part(createDocumentStore).add({
      seller: name,
      contentType: `${fatalOne ? 'application/json' : type.mediaType}; charset=${DECLARED[usual]}`,
      gzip: behaviour.gzip ?? true,
      restricted: type.restricted === true && !fatalOne,
      written: { lines, charset: behaviour.charset ?? usual, bom: behaviour.bom ?? false },
    })
    return id
  }

  #shelf({ name }: Seller): Shelf {
    let shelf = this.#shelves.get(name)
    if (shelf === undefined) {
      shelf = { reports: [], schedules: new Map() }
      this.#shelves.set(name, shelf)
    }
    return shelf
  }
}

export const createReportStore = (world: World) => new ReportStore(world)

const sameSubject = (a: ReportWish, b: ReportWish) =>
  a.reportType === b.reportType && a.marketplaceIds.join() === b.marketplaceIds.join()

/** Why a report is FATAL, in a document of its own, as Amazon's analytics reports say it. */
const fatal =
  ({ reportType }: ReportWish) =>
  () => [JSON.stringify({ errorDetails: `The simulator was told that ${reportType} fails.` })]

const MINUTE = 60_000
const PERIODS: Readonly<Record<string, number>> = {
  PT5M: 5 * MINUTE,
  PT15M: 15 * MINUTE,
  PT30M: 30 * MINUTE,
  PT1H: 60 * MINUTE,
  PT2H: 120 * MINUTE,
  PT4H: 240 * MINUTE,
  PT8H: 480 * MINUTE,
  PT12H: DAY_MS / 2,
  P1D: DAY_MS,
  P2D: 2 * DAY_MS,
  P3D: 3 * DAY_MS,
  PT84H: 3.5 * DAY_MS,
  P7D: 7 * DAY_MS,
  P14D: 14 * DAY_MS,
  P15D: 15 * DAY_MS,
  P18D: 18 * DAY_MS,
  P30D: 30 * DAY_MS,
  P1M: 30 * DAY_MS,
}
export const isPeriod = (period: unknown): period is string => typeof period === 'string' && period in PERIODS
const periodMs = (period: string) => PERIODS[period] as number
