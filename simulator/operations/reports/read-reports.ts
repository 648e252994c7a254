/** Reading and cancelling reports (model `reports_2021-06-30`): getReport, getReports, cancelReport, getReportDocument. */

import { type Answer, notFound, ok, unauthorized } from '../../answer.ts'
import { type Seller, sellerOf } from '../../seller/seller.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { createDocumentStore, documentLink } from '../documents/document-store.ts'
import { isoTime, processingFields, STATUSES, statusOf } from '../documents/processing.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from '../operation.ts'
import { list, moment, oneOf, single, whole } from '../parameters.ts'
import { createReportStore, RETENTION_MS, type Report } from './report-store.ts'

const MAX_TYPES = 10
const DEFAULT_PAGE_SIZE = 10
const MAX_PAGE_SIZE = 100

interface Query {
  readonly types: readonly string[]
  readonly statuses: readonly string[]
  readonly marketplaceIds: readonly string[]
  readonly pageSize: number
  readonly since: number
  readonly until: number
  readonly offset: number
}

export const getReports: Operation = {
  name: 'getReports',
  method: 'GET',
  path: '/reports/2021-06-30/reports',
  plan: { rate: 0.0222, burst: 10, appRate: null },
  answer(request, world) {
    const now = world.date().getTime()
    const query = readQuery(request, now)
    const { offset, pageSize } = query
    const found = world
      .part(createReportStore)
      .list(sellerOf(request.caller, world))
      .filter((report) => matches(report, query, now))
    const nextToken =
      found.length > offset + pageSize
        ? sealCursor('getReports', { ...query, offset: offset + pageSize }, now)
        : undefined
    return ok({
      reports: found.slice(offset, offset + pageSize).map((report) => reportFields(report, now)),
      ...(nextToken === undefined ? {} : { nextToken }),
    })
  },
}

/** "Include this token as the only parameter. Specifying `nextToken` with any other parameters will cause the request to fail." */
function readQuery({ query }: OperationRequest, now: number): Query {
  const token = single(query, 'nextToken')
  if (token !== null) {
    if ([...query.keys()].length > 1)
      throw new Refusal('Invalid request.', "'nextToken' must be the only parameter.")
    return openCursor<Query>('getReports', token, 'nextToken', { now })
  }
  const types = list(query, 'reportTypes', MAX_TYPES)
  if (types.length === 0) throw new Refusal("Missing required 'reportTypes' or 'nextToken'.")
  const statuses = list(query, 'processingStatuses', STATUSES.length)
  if (!statuses.every((status) => STATUSES.includes(status as never)))
    throw new Refusal("Invalid 'processingStatuses' provided.")
  return {
    types,
    statuses,
    marketplaceIds: list(query, 'marketplaceIds', MAX_TYPES),
    pageSize: whole(query, 'pageSize', { min: 1, max: MAX_PAGE_SIZE, absent: DEFAULT_PAGE_SIZE }),
    since: moment(query, 'createdSince') ?? now - RETENTION_MS,
    until: moment(query, 'createdUntil') ?? now,
    offset: 0,
  }
}

function matches({ wish, processing }: Report, query: Query, now: number): boolean {
  const { types, statuses, marketplaceIds, since, until } = query
  return (
    types.includes(wish.reportType) &&
    (statuses.length === 0 || statuses.includes(statusOf(processing, now))) &&
    (marketplaceIds.length === 0 || wish.marketplaceIds.some((id) => marketplaceIds.includes(id))) &&
    processing.createdAt >= since &&
    processing.createdAt <= until
  )
}

function reportFields({ id, wish, start, end, scheduleId, processing, documentId }: Report, now: number) {
  const status = statusOf(processing, now)
  return {
    reportId: id,
    reportType: wish.reportType,
    marketplaceIds: wish.marketplaceIds,
    dataStartTime: isoTime(start),
    dataEndTime: isoTime(end),
    ...(scheduleId === null ? {} : { reportScheduleId: scheduleId }),
    ...processingFields(processing, now),
    ...(documentId !== null && (status === 'DONE' || status === 'FATAL')
      ? { reportDocumentId: documentId }
      : {}),
  }
}

export const getReport: Operation = {
  name: 'getReport',
  method: 'GET',
  path: '/reports/2021-06-30/reports/{reportId}',
  plan: { rate: 2, burst: 15, appRate: null },
  answer: (request, world) =>
    withReport(request, world, (report) => ok(reportFields(report, world.date().getTime()))),
}

export const cancelReport: Operation = {
  name: 'cancelReport',
  method: 'DELETE',
  path: '/reports/2021-06-30/reports/{reportId}',
  plan: { rate: 0.0222, burst: 10, appRate: null },
  answer: (request, world) =>
    withReport(request, world, (report) => {
      if (world.part(createReportStore).cancel(report)) return { status: 200, body: undefined }
      throw new Refusal(`Report ${report.id} can not be cancelled.`, 'Only reports IN_QUEUE can be.')
    }),
}

function withReport(
  { path, caller }: OperationRequest,
  world: OperationContext,
  answer: (report: Report, seller: Seller) => Answer,
): Answer {
  const seller = sellerOf(caller, world)
  const { reportId = '' } = path
  const report = world.part(createReportStore).byId(seller, reportId)
  return report === null ? notFound(`Report ${reportId} was not found.`) : answer(report, seller)
}

export const getReportDocument: Operation = {
  name: 'getReportDocument',
  method: 'GET',
  path: '/reports/2021-06-30/documents/{reportDocumentId}',
  plan: { rate: 0.0167, burst: 15, appRate: null },
  answer({ path, caller, origin, query }, world) {
    const document = world.part(createDocumentStore).byId(path.reportDocumentId ?? '', caller.seller)
    if (document === null) return notFound(`Report document ${path.reportDocumentId} was not found.`)
    if (document.restricted && !caller.restricted) return unauthorized('')
    const encoded = oneOf(query, 'enableContentEncodingUrlHeader', ['true', 'false']) === 'true'
    return ok({
      reportDocumentId: document.id,
      url: documentLink(document, world, { origin, encoded }),
      ...(document.gzip ? { compressionAlgorithm: 'GZIP' } : {}),
    })
  },
}
