/** Reports 2021-06-30, and how they behave on demand. */

import { createPace } from '../documents/processing.ts'
import type { ControlRoute, Operation } from '../operation.ts'
import { createReport } from './create-report.ts'
import { cancelReport, getReport, getReportDocument, getReports } from './read-reports.ts'
import { type Behaviour, createReportStore } from './report-store.ts'
import {
  cancelReportSchedule,
  createReportSchedule,
  getReportSchedule,
  getReportSchedules,
} from './schedules.ts'

export const reportOperations: readonly Operation[] = [
  createReport,
  getReport,
  getReports,
  cancelReport,
  getReportDocument,
  createReportSchedule,
  getReportSchedule,
  getReportSchedules,
  cancelReportSchedule,
]

/** `{"reportType": "GET_…" | "*", "outcome"?: "FATAL", "times"?: 1, "gzip"?: false, …}`: replaces what was said of the type. */
export const changeReports: ControlRoute = {
  route: 'POST /_simulator/reports',
  answer({ body }, world) {
    const { reportType = '*', ...behaviour } = body
    world.part(createReportStore).behave(String(reportType), behaviour as Behaviour)
    return { reportType, ...behaviour }
  },
}

/** `{"queueSeconds": 0, "processingSeconds": 0}`: for reports, feeds and queries that are asked for from now on. */
export const changeProcessing: ControlRoute = {
  route: 'POST /_simulator/processing',
  answer({ body }, world) {
    const pace = world.part(createPace)
    for (const [name, value] of Object.entries(body)) {
      if (!(name in pace)) throw new Error(`There is ${Object.keys(pace).join(' and ')}, not ${name}.`)
      if (typeof value !== 'number' || !(value >= 0 && value <= 86_400))
        throw new Error(`${name} must be a number from 0 to 86400, not ${value}.`)
    }
    return Object.assign(pace, body)
  },
}
