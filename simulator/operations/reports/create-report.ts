/** `POST /reports/2021-06-30/reports` (model `reports_2021-06-30`, operation `createReport`). */

import { accepted } from '../../answer.ts'
import { sellerOf } from '../../seller/seller.ts'
import * as fields from '../fields.ts'
import { type Operation, Refusal } from '../operation.ts'
import { readObject } from '../parameters.ts'
import { createReportStore, type ReportWish } from './report-store.ts'
import { reportTypes } from './report-types.ts'

const MAX_MARKETPLACES = 25

export const createReport: Operation = {
  name: 'createReport',
  method: 'POST',
  path: '/reports/2021-06-30/reports',
  plan: { rate: 0.0167, burst: 15, appRate: null },
  answer(request, world) {
    const wish = readWish(readObject(request))
    const now = world.date().getTime()
    const { start, end } = wish
    if ((start ?? 0) > now || (end ?? 0) > now)
      throw new Refusal('Data start and end time must not be in the future.')
    if (start !== null && end !== null && start > end)
      throw new Refusal('Data start time must not be after data end time.')
    const { id } = world.part(createReportStore).create(sellerOf(request.caller, world), wish)
    return accepted({ reportId: id })
  },
}

/** What a report or a schedule asks for. */
export function readWish(body: Readonly<Record<string, unknown>>): ReportWish {
  const reportType = fields.text(body, 'reportType')
  if (!(reportType in reportTypes))
    throw new Refusal(
      `Report Type: ${reportType} is invalid.`,
      'See the README of the simulator for its types.',
    )
  return {
    reportType,
    marketplaceIds: fields.marketplaceIds(body, MAX_MARKETPLACES),
    options: fields.texts(body, 'reportOptions'),
    start: fields.time(body, 'dataStartTime'),
    end: fields.time(body, 'dataEndTime'),
  }
}
