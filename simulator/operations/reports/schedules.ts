/** Schedules of reports (model `reports_2021-06-30`): create, get, list, cancel. */

import { created, noContent, notFound, ok } from '../../answer.ts'
import { sellerOf } from '../../seller/seller.ts'
import * as fields from '../fields.ts'
import { type Operation, Refusal } from '../operation.ts'
import { list, readObject } from '../parameters.ts'
import { withOffset } from '../times.ts'
import { readWish } from './create-report.ts'
import { createReportStore, isPeriod, type Schedule } from './report-store.ts'

const plan = { rate: 0.0222, burst: 10, appRate: null }
const MAX_TYPES = 10

const scheduleFields = ({ id, wish, period, nextAt }: Schedule) => ({
  reportScheduleId: id,
  reportType: wish.reportType,
  marketplaceIds: wish.marketplaceIds,
  reportOptions: wish.options,
  period,
  nextReportCreationTime: withOffset(nextAt),
})

export const createReportSchedule: Operation = {
  name: 'createReportSchedule',
  method: 'POST',
  path: '/reports/2021-06-30/schedules',
  plan,
  answer(request, world) {
    const body = readObject(request)
    const period = fields.text(body, 'period')
    if (!isPeriod(period)) throw new Refusal("Invalid 'period' provided.")
    const nextAt = fields.time(body, 'nextReportCreationTime')
    const seller = sellerOf(request.caller, world)
    const { id } = world.part(createReportStore).schedule(seller, readWish(body), period, nextAt)
    return created({ reportScheduleId: id })
  },
}

export const getReportSchedules: Operation = {
  name: 'getReportSchedules',
  method: 'GET',
  path: '/reports/2021-06-30/schedules',
  plan,
  answer({ query, caller }, world) {
    const types = list(query, 'reportTypes', MAX_TYPES)
    if (types.length === 0) throw new Refusal("Missing required 'reportTypes'.")
    const schedules = [...world.part(createReportStore).schedules(sellerOf(caller, world)).values()]
    return ok({
      reportSchedules: schedules.filter(({ wish }) => types.includes(wish.reportType)).map(scheduleFields),
    })
  },
}

export const getReportSchedule: Operation = {
  name: 'getReportSchedule',
  method: 'GET',
  path: '/reports/2021-06-30/schedules/{reportScheduleId}',
  plan,
  answer({ path, caller }, world) {
    const id = path.reportScheduleId ?? ''
    const schedule = world.part(createReportStore).schedules(sellerOf(caller, world)).get(id)
    return schedule === undefined
      ? notFound(`Report schedule ${id} was not found.`)
      : ok(scheduleFields(schedule))
  },
}

export const cancelReportSchedule: Operation = {
  name: 'cancelReportSchedule',
  method: 'DELETE',
  path: '/reports/2021-06-30/schedules/{reportScheduleId}',
  plan,
  answer({ path, caller }, world) {
    const id = path.reportScheduleId ?? ''
    const gone = world.part(createReportStore).unschedule(sellerOf(caller, world), id)
    return gone ? noContent(200) : notFound(`Report schedule ${id} was not found.`)
  },
}
