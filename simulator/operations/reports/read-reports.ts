/** Reading and cancelling reports (model `reports_2021-06-30`): getReport, getReports, cancelReport, getReportDocument. */

import { type Answer, noContent, notFound, ok, unauthorized } from '../../answer.ts'
import { type Seller, sellerOf } from '../../seller/seller.ts'
import { createDocumentStore, documentLink } from '../documents/document-store.ts'
import { processingFields, statusOf } from '../documents/processing.ts'
import { pageOf } from '../documents/processing-query.ts'
import { type Operation, type OperationContext, type OperationRequest, Refusal } from '../operation.ts'
import { oneOf } from '../parameters.ts'
import { withOffset } from '../times.ts'
import { createReportStore, type Report } from './report-store.ts'

export const getReports: Operation = {
  name: 'getReports',
  method: 'GET',
  path: '/reports/2021-06-30/reports',
  plan: { rate: 0.0222, burst: 10, appRate: null },
  answer(request, world) {
    const now = world.date().getTime()
    const reports = world.part(createReportStore).list(sellerOf(request.caller, world))
    const listed = reports.map((report) => ({
      report,
      type: report.wish.reportType,
      marketplaceIds: report.wish.marketplaceIds,
      processing: report.processing,
    }))
    const { page, next } = pageOf({ name: 'getReports', types: 'reportTypes' }, request.query, listed, now)
    return ok({ reports: page.map(({ report }) => reportFields(report, now)), ...next })
  },
}

function reportFields({ id, wish, start, end, scheduleId, processing, documentId }: Report, now: number) {
  const status = statusOf(processing, now)
  return {
    reportId: id,
    reportType: wish.reportType,
    marketplaceIds: wish.marketplaceIds,
    dataStartTime: withOffset(start),
    dataEndTime: withOffset(end),
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
      if (world.part(createReportStore).cancel(report)) return noContent(200)
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
