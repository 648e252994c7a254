import { expect, it } from 'vitest'
import { createLogger } from './logger.ts'
import { secretsOf } from './secrets.ts'

const CANARY = 'c4n"ary\\pass%word'

function logged(
  write: (logger: ReturnType<typeof createLogger>) => void,
  secrets: readonly string[] = [],
): string {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  write(createLogger({ level: 'trace', service: 'test', secrets, destination }))
  return lines.join('')
}

it('writes one line of JSON with level, service and time', () => {
  const line = JSON.parse(logged((logger) => logger.info({ jobId: 7 }, 'hello')))
  expect(line).toMatchObject({ level: 'info', service: 'test', jobId: 7, msg: 'hello' })
  expect(new Date(line.time).getTime()).not.toBeNaN()
})

it.each([
  ['a field', { password: CANARY }],
  ['a header', { headers: { authorization: CANARY, 'x-amz-access-token': CANARY } }],
  [
    'the configuration',
    { config: { DATABASE_URL: CANARY, SCHEMA_REGISTRY_URL: CANARY, SP_API_REFRESH_TOKEN: CANARY } },
  ],
])('masks %s', (_, fields) => {
  const text = logged((logger) => logger.info(fields, 'line'))
  expect(text).toContain('********')
  expect(text).not.toContain('c4n')
})

it.each([
  [
    'an error that quotes it',
    (logger: ReturnType<typeof createLogger>) => logger.error({ err: new Error(`no: ${CANARY}`) }),
  ],
  [
    'a cause',
    (logger: ReturnType<typeof createLogger>) =>
      logger.error({ err: new Error('no', { cause: new Error(CANARY) }) }),
  ],
  [
    "an error's own fields",
    (logger: ReturnType<typeof createLogger>) =>
      logger.error({ err: Object.assign(new Error('no'), { command: { args: ['user', CANARY] } }) }),
  ],
  ['the message', (logger: ReturnType<typeof createLogger>) => logger.warn(`it is ${CANARY}`)],
  [
    'a child',
    (logger: ReturnType<typeof createLogger>) =>
      logger.child({ part: 'x' }).warn({ deep: { er: { still: CANARY } } }),
  ],
])('masks a known secret in %s', (_, write) => {
  const text = logged(write, [CANARY])
  expect(text).toContain('********')
  expect(text).not.toContain('c4n')
  expect(() => JSON.parse(text)).not.toThrow()
})

it('masks user and password of any connection string', () => {
  const text = logged((logger) =>
    logger.error(new Error('postgres://me:hidden@db:5432/shop is away, see https://a.b/c@d')),
  )
  expect(text).not.toContain('hidden')
  expect(text).toContain('postgres://********@db:5432/shop')
  expect(text).toContain('https://a.b/c@d')
})

it('knows the secrets of a configuration, and takes no word for one', () => {
  expect(
    secretsOf({
      DATABASE_URL: 'postgres://me:a%20long%20one@db/x',
      REDIS_URL: 'redis://postgres:postgres@r',
      SCHEMA_REGISTRY_URL: 'http://user:short@reg',
      SP_API_CLIENT_SECRET: 'client-secret',
    }),
  ).toEqual(['client-secret', 'a%20long%20one', 'a long one'])
})
