import { expect, it } from 'vitest'
import { explainDatabaseError, isTransientDatabaseError, sqlState } from './errors.ts'

const failure = (code: string, message = 'it failed') => Object.assign(new Error(message), { code })
const URL_WITH_PASSWORD = 'postgres://me:canary@db.example:5432/shop'

it.each([
  '08006',
  '40001',
  '40P01',
  '53100',
  '53300',
  '55P03',
  '57P01',
  '57P03',
  '57014',
  '25006',
  '25P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTDOWN',
])('takes %s for passing', (code) => {
  expect(isTransientDatabaseError(failure(code))).toBe(true)
  expect(isTransientDatabaseError(new Error('wrapped', { cause: failure(code) }))).toBe(true)
})

it.each(['22003', '23505', '28P01', '3D000', '42P01', '42703', '54000', 'ERR_INVALID_URL', 'EACCES'])(
  'takes %s for lasting',
  (code) => expect(isTransientDatabaseError(failure(code))).toBe(false),
)

it.each([
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
])('takes "%s", which comes without a code, for passing', (message) => {
  expect(isTransientDatabaseError(new Error(message))).toBe(true)
})

it('finds the cause among several', () => {
  expect(isTransientDatabaseError(new AggregateError([failure('ECONNREFUSED'), new Error('other')]))).toBe(
    true,
  )
})

it("takes no code of Node's for one of PostgreSQL's", () => {
  expect(sqlState(failure('EPIPE'))).toBeUndefined()
  expect(sqlState(failure('22P02'))).toBe('22P02')
  expect(sqlState('no error')).toBeUndefined()
})

it.each([
  ['ECONNREFUSED', /db\.example:5432\/shop can not be reached.*DATABASE_URL/],
  ['28P01', /refuses the user or password/],
  ['3D000', /no such database/],
  ['42P01', /npm run migrate/],
  ['XX000', /db\.example:5432\/shop: it failed/],
])('explains %s with what to do, and never shows the password', (code, message) => {
  const text = explainDatabaseError(failure(code), URL_WITH_PASSWORD)
  expect(text).toMatch(message)
  expect(text).not.toContain('canary')
})
