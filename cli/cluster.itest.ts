import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '#libs/db/database.ts'
import { topics } from '#schemas/topics.ts'
import { type Simulator, startSimulator } from '#simulator/server.ts'
import { backing, createTestDatabase, describeWith, type TestDatabase } from '#tests/support/backing.ts'
import type { Finding } from './commands/doctor.ts'
import { asinstream, runToEnd } from './testing.ts'

const SECRETS = /secret-of-this-test|token-of-this-test/

const toSimulator = ({ url }: Simulator) => ({
  SP_API_CLIENT_ID: 'id',
  SP_API_CLIENT_SECRET: 'secret-of-this-test',
  SP_API_REFRESH_TOKEN: 'token-of-this-test',
  SP_API_ENDPOINT: url,
  LWA_ENDPOINT: url,
})

async function doctor(variables: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await runToEnd(['doctor', '--json'], variables)
  expect(stdout + stderr).not.toMatch(SECRETS)
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] }
  const of = (check: string) => findings.find((finding) => finding.check === check)
  return { code, findings, of }
}

describeWith(['postgres'], 'with a database of its own', () => {
  let database: TestDatabase
  let simulator: Simulator
  beforeAll(async () => {
    database = await createTestDatabase()
    simulator = await startSimulator()
  })
  afterAll(async () => {
    await simulator.stop()
    await database.drop()
  })

  it('migrate --check tells what is missing and changes nothing; migrate mends it, several at once', async () => {
    const DATABASE_URL = database.url
    const missing = await runToEnd(['migrate', '--check', '--json'], { DATABASE_URL })
    expect(missing.code).toBe(1)
    const wanted = topics.map((topic) => topic.name)
    expect(JSON.parse(missing.stdout)).toEqual({
      complete: false,
      migrations: [],
      topics: wanted,
      schemas: null,
    })
    const db = await openDatabase({ url: database.url })
    expect(await db.query(`select to_regnamespace('event_log') as found`)).toEqual([{ found: null }])
    await db.close()

    const both = await Promise.all([
      runToEnd(['migrate'], { DATABASE_URL }),
      runToEnd(['migrate'], { DATABASE_URL }),
    ])
    expect(both.map((run) => [run.code, run.stderr])).toEqual([
      [0, ''],
      [0, ''],
    ])
    const complete = await runToEnd(['migrate', '--check'], { DATABASE_URL })
    expect(complete).toMatchObject({ code: 0, stdout: 'Nothing is missing.\n' })
  })

  it('serve all runs every service until SIGTERM', async () => {
    const variables = { DATABASE_URL: database.url, PORT: '0', ...toSimulator(simulator) }
    const run = asinstream(['serve', 'all'], variables)
    try {
      const [, port] = await run.printed(/"port":(\d+)/)
      await run.printed(/"started"/)
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
      expect(await ready.json()).toMatchObject({
        status: 'ok',
        checks: { 'product-change': 'ok', persister: 'ok' },
      })
    } finally {
      run.kill('SIGTERM')
    }
    expect(await run.exited).toBe(0)
    expect(run.stdout).not.toMatch(SECRETS)
  })

  it('doctor finds nothing wrong with what works', async () => {
    const { code, of } = await doctor({ DATABASE_URL: database.url, ...toSimulator(simulator) })
    expect(of('PostgreSQL')?.status).toBe('ok')
    expect(of('Migrations')?.status).toBe('ok')
    expect(of('Topics')?.status).toBe('ok')
    expect(of('Clock')?.status).toBe('ok')
    expect(of('Amazon credentials')?.status).toBe('ok')
    expect(of('Amazon NA')?.status).toBe('ok')
    expect(code).toBe(0)
  })

  it('doctor says what is missing, and what to do', async () => {
    const { code, of } = await doctor({
      DATABASE_URL: database.url.replace(/[^/]+$/, 'no_such_database'),
      KAFKA_BROKERS: '127.0.0.1:9',
      REDIS_URL: 'redis://127.0.0.1:9',
      SCHEMA_REGISTRY_URL: 'http://127.0.0.1:9',
      ...toSimulator(simulator),
      LWA_ENDPOINT: 'http://127.0.0.1:9',
    })
    expect(code).toBe(1)
    expect(of('PostgreSQL')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('no such database'),
    })
    expect(of('Event log')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('127.0.0.1:9'),
    })
    expect(of('Redis')).toMatchObject({ status: 'failed', message: expect.stringContaining('127.0.0.1:9') })
    expect(of('Schema registry')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('127.0.0.1:9'),
    })
    expect(of('Amazon')?.status).toBe('failed')
    expect(of('Amazon credentials')?.status).toBe('failed')
  })

  it('doctor lists every wrong variable, and says what dev would do without any', async () => {
    const wrong = await doctor({ PORT: 'abc', LOG_LEVEL: 'loud' })
    expect(wrong.code).toBe(1)
    expect(wrong.findings.filter((finding) => finding.check === 'Configuration')).toHaveLength(2)
    const bare = await doctor({})
    expect(bare.code).toBe(0)
    expect(bare.of('PostgreSQL')?.message).toContain('npm start brings PostgreSQL')
    expect(bare.of('Amazon')?.message).toContain('npm start asks a simulator')
  })
})

describeWith(['postgres', 'kafka', 'redis', 'registry'], 'with the servers of a cluster', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  it('migrate creates the topics on Kafka and registers the schemas, and doctor finds everything', async () => {
    const variables = {
      DATABASE_URL: database.url,
      KAFKA_BROKERS: backing('kafka'),
      REDIS_URL: backing('redis'),
      SCHEMA_REGISTRY_URL: backing('registry'),
    }
    expect(await runToEnd(['migrate'], variables)).toMatchObject({ code: 0, stderr: '' })
    expect(await runToEnd(['migrate', '--check'], variables)).toMatchObject({ code: 0 })
    const { code, of } = await doctor(variables)
    for (const check of ['PostgreSQL', 'Migrations', 'Event log', 'Topics', 'Redis', 'Schema registry']) {
      expect(of(check)?.status, check).toBe('ok')
    }
    expect(code).toBe(0)
  })
})
