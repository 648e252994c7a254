// Made by `npm run sp-api:generate` of the types in Amazon’s API models. Not to be edited.
import { type Operation, operationsOf } from '../operation.ts'
import api from './reports-2021-06-30.json' with { type: 'json' }

export interface CreateReportResponse {
  readonly reportId: string
}

export interface CreateReportScheduleResponse {
  readonly reportScheduleId: string
}

export interface CreateReportScheduleSpecification {
  readonly reportType: string
  readonly marketplaceIds: ReadonlyArray<string>
  readonly reportOptions?: ReportOptions
  readonly period: "PT5M" | "PT15M" | "PT30M" | "PT1H" | "PT2H" | "PT4H" | "PT8H" | "PT12H" | "P1D" | "P2D" | "P3D" | "PT84H" | "P7D" | "P14D" | "P15D" | "P18D" | "P30D" | "P1M" | (string & {})
  readonly nextReportCreationTime?: string
}

export interface CreateReportSpecification {
  readonly reportOptions?: ReportOptions
  readonly reportType: string
  readonly dataStartTime?: string
  readonly dataEndTime?: string
  readonly marketplaceIds: ReadonlyArray<string>
}

export interface GetReportsResponse {
  readonly reports: ReportList
  readonly nextToken?: string
}

export interface Report {
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly reportId: string
  readonly reportType: string
  readonly dataStartTime?: string
  readonly dataEndTime?: string
  readonly reportScheduleId?: string
  readonly createdTime: string
  readonly processingStatus: "CANCELLED" | "DONE" | "FATAL" | "IN_PROGRESS" | "IN_QUEUE" | (string & {})
  readonly processingStartTime?: string
  readonly processingEndTime?: string
  readonly reportDocumentId?: string
}

export interface ReportDocument {
  readonly reportDocumentId: string
  readonly url: string
  readonly compressionAlgorithm?: "GZIP" | (string & {})
}

export type ReportList = ReadonlyArray<Report>

export type ReportOptions = Readonly<Record<string, string>>

export interface ReportSchedule {
  readonly reportScheduleId: string
  readonly reportType: string
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly reportOptions?: ReportOptions
  readonly period: string
  readonly nextReportCreationTime?: string
}

export interface ReportScheduleList {
  readonly reportSchedules: ReadonlyArray<ReportSchedule>
}

export interface CancelReportParameters {
  readonly reportId: string
}

export interface CancelReportScheduleParameters {
  readonly reportScheduleId: string
}

export interface CreateReportParameters {
  readonly body: CreateReportSpecification
}

export interface CreateReportScheduleParameters {
  readonly body: CreateReportScheduleSpecification
}

export interface GetReportParameters {
  readonly reportId: string
}

export interface GetReportDocumentParameters {
  readonly reportDocumentId: string
  readonly enableContentEncodingUrlHeader?: boolean
}

export interface GetReportScheduleParameters {
  readonly reportScheduleId: string
}

export interface GetReportSchedulesParameters {
  readonly reportTypes: ReadonlyArray<string>
}

export interface GetReportsParameters {
  readonly reportTypes?: ReadonlyArray<string>
  readonly processingStatuses?: ReadonlyArray<"CANCELLED" | "DONE" | "FATAL" | "IN_PROGRESS" | "IN_QUEUE">
  readonly marketplaceIds?: ReadonlyArray<string>
  readonly pageSize?: number
  readonly createdSince?: string
  readonly createdUntil?: string
  readonly nextToken?: string
}

const operations = operationsOf('reports-2021-06-30', api)

/** DELETE /reports/2021-06-30/reports/{reportId} */
export const cancelReport: Operation<CancelReportParameters, undefined> =
  operations('cancelReport')

/** DELETE /reports/2021-06-30/schedules/{reportScheduleId} */
export const cancelReportSchedule: Operation<CancelReportScheduleParameters, undefined> =
  operations('cancelReportSchedule')

/** POST /reports/2021-06-30/reports */
export const createReport: Operation<CreateReportParameters, CreateReportResponse> =
  operations('createReport')

/** POST /reports/2021-06-30/schedules */
export const createReportSchedule: Operation<CreateReportScheduleParameters, CreateReportScheduleResponse> =
  operations('createReportSchedule')

/** GET /reports/2021-06-30/reports/{reportId} */
export const getReport: Operation<GetReportParameters, Report> =
  operations('getReport')

/** GET /reports/2021-06-30/documents/{reportDocumentId} */
export const getReportDocument: Operation<GetReportDocumentParameters, ReportDocument> =
  operations('getReportDocument')

/** GET /reports/2021-06-30/schedules/{reportScheduleId} */
export const getReportSchedule: Operation<GetReportScheduleParameters, ReportSchedule> =
  operations('getReportSchedule')

/** GET /reports/2021-06-30/schedules */
export const getReportSchedules: Operation<GetReportSchedulesParameters, ReportScheduleList> =
  operations('getReportSchedules')

/** GET /reports/2021-06-30/reports */
export const getReports: Operation<GetReportsParameters, GetReportsResponse> =
  operations('getReports')
