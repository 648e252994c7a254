import type { Database } from '#libs/db/database.ts'
import { openTestDatabase } from '#libs/db/testing.ts'
import { createBackends } from '#libs/service/backends.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { createTestDatabase } from '#tests/support/backing.ts'
import { checkAnswer } from './openapi/contract.ts'
import { type ReportingOptions, type RunningReporting, startReporting } from './service.ts'

/** A service on a database of its own, for this folder's integration tests. */
export interface TestReporting {
  readonly service: RunningReporting
  readonly db: Database
  readonly databaseUrl: string
  readonly origin: string
  /** Log lines so far. */
  readonly lines: readonly string[]
  /** Sends a request and reads the answer as JSON. */
  ask(path: string, init?: RequestInit): Promise<Answer>
  /** Sends a body of a type to a path by POST. */
  post(
    path: string,
    type: string,
    body: RequestInit['body'],
    headers?: Record<string, string>,
  ): Promise<Answer>
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
  readonly body: any
}

export async function startTestReporting(
  options: {
    readonly environment?: Readonly<Record<string, string>>
    readonly countries?: readonly ('US' | 'CA')[]
    readonly reporting?: ReportingOptions
  } = {},
): Promise<TestReporting> {
  const database = await createTestDatabase()
  const db = await openTestDatabase(database.url, options.countries)
  const config = loadConfig({ DATABASE_URL: database.url, PORT: '0', ...options.environment })
  const lines: string[] = []
  const logger = createLogger({
    level: 'debug',
    service: 'reporting',
    destination: { write: (line) => void lines.push(line) },
  })
  const metrics = createMetrics()
  const backends = createBackends({ config, service: 'reporting', logger, metrics })
  const cleanUp = async (): Promise<void> => {
    await backends.close()
    await db.close()
    await database.drop()
  }
  const service = await startReporting({ config, backends, logger, metrics }, options.reporting).catch(
    async (error: unknown) => {
      await cleanUp()
      throw error
    },
  )
  const origin = `http://${service.address.host}:${service.address.port}`
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(origin + path, init)
    const text = await response.text()
    const json = response.headers.get('content-type')?.includes('json') && text !== ''
    const body = json ? JSON.parse(text) : text
    // Every test of the API is a test of its description.
    checkAnswer({
      method: init.method ?? 'GET',
      target: path,
      status: response.status,
      contentType: response.headers.get('content-type'),
      body,
    })
    return { status: response.status, headers: response.headers, body }
  }
  return {
    service,
    db,
    databaseUrl: database.url,
    origin,
    lines,
    ask,
    post: (path, type, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        body: body ?? null,
        headers: { 'content-type': type, ...headers },
        ...(body instanceof ReadableStream && { duplex: 'half' }),
      } as RequestInit),
    async close() {
      await service.stop(1_000)
      await cleanUp()
    },
  }
}
