import { expect, it } from 'vitest'
import { readAnswer } from './answer.ts'
import { searchCatalogItems } from './generated/catalog-items-2022-04-01.ts'
import { cancelReport, getReport } from './generated/reports-2021-06-30.ts'

const report = {
  reportId: 'R1',
  reportType: 'GET_X',
  createdTime: '2026-01-01T00:00:00Z',
  processingStatus: 'DONE',
}

it('takes null as absent', () => {
  expect(readAnswer(getReport, { ...report, reportDocumentId: null })).toEqual(report)
})

it('keeps values and fields that are newer than the model', () => {
  const newer = { ...report, processingStatus: 'ON_HOLD', priority: { level: 1 } }
  expect(readAnswer(getReport, newer)).toEqual(newer)
})

it('has nothing to say of an answer without a body', () => {
  expect(readAnswer(cancelReport, {})).toBeUndefined()
})

it('refuses another shape, naming the place and not the content', () => {
  expect(() => readAnswer(searchCatalogItems, { numberOfResults: 1, items: [{ asin: 4711 }] })).toThrow(
    'unexpected answer: body.items.0.asin must be string',
  )
  expect(() => readAnswer(getReport, { ...report, reportId: null })).toThrow('body.reportId is missing')
})

it('names three places at most', () => {
  expect(() => readAnswer(getReport, {})).toThrow(/missing, and 1 more$/)
})

it('takes a field named __proto__ for a field like any other', () => {
  const body = JSON.parse(`{"__proto__":{"reportId":"from nowhere"},${JSON.stringify(report).slice(1)}`)
  const answer = readAnswer(getReport, { ...body, reportId: report.reportId })
  expect(Object.getPrototypeOf(answer)).toBe(Object.prototype)
  expect(() => readAnswer(getReport, JSON.parse('{"__proto__":{"reportId":"from nowhere"}}'))).toThrow(
    'reportId is missing',
  )
})
