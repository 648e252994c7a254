/**
 * The whole API against its own description: Schemathesis makes requests from /openapi.json that fit it and that do not,
 * and looks at every answer.
 *
 *   npm run test:api -- [--examples 50] [--seed 1]
 *
 * Needs Schemathesis 4: `pip install schemathesis`; SCHEMATHESIS names it where it is not in the path. The server is one
 * of ours that asks for keys, on a database of its own, with a simulated Amazon that answers at once. Exit code 1 when there is a failure.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { migrate } from '#libs/db/migrate.ts'
import { addProducts, openTestDatabase } from '#libs/db/testing.ts'
import { createBackends } from '#libs/service/backends.ts'
import { loadConfig } from '#libs/service/config.ts'
import { createLogger } from '#libs/service/logger.ts'
import { createMetrics } from '#libs/service/metrics.ts'
import { startReporting } from '#services/reporting/service.ts'
import { startSimulator } from '#simulator/server.ts'
import { readCommandLine, wholeNumber } from '#tests/support/command-line.ts'

const asked = readCommandLine(
  import.meta.filename,
  { examples: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
  ({ examples, seed }) => ({
    examples: wholeNumber('examples', examples, 1),
    seed: wholeNumber('seed', seed),
  }),
)

const folder = await mkdtemp(join(tmpdir(), 'asinstream-api-'))
const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
try {
  const postgres = await startEmbeddedPostgres({ dir: join(folder, 'postgres'), settings: { fsync: 'off' } })
  closers.push(() => postgres.stop())
  await migrate(postgres.url)
  const db = await openTestDatabase(postgres.url, ['US', 'CA'])
  closers.push(() => db.close())
  await addProducts(db, 50)

  const simulator = await startSimulator()
  closers.push(() => simulator.stop())
  simulator.setPlan({ operation: '*', rate: 10_000, burst: 10_000 })

  const key = randomBytes(24).toString('hex')
  const config = loadConfig({
    DATABASE_URL: postgres.url,
    PORT: '0',
    API_AUTH: 'keys',
    API_ADMIN_KEY: key,
    API_RATE_LIMIT: '10000000',
    MARKETPLACES: 'US,CA',
    SP_API_CLIENT_ID: 'id',
    SP_API_CLIENT_SECRET: 'secret',
    SP_API_REFRESH_TOKEN: 'token',
    SP_API_ENDPOINT: simulator.url,
    LWA_ENDPOINT: simulator.url,
    SP_API_USAGE_PLANS: 'searchCatalogItems=10000/10000,getMarketplaceParticipations=10000/10000',
  })
  const logger = createLogger({ level: 'warn', service: 'reporting' })
  const metrics = createMetrics()
  const backends = createBackends({ config, service: 'reporting', logger, metrics })
  closers.push(() => backends.close())
  const reporting = await startReporting({ config, backends, logger, metrics })
  closers.push(() => reporting.stop(1_000))

  process.exitCode = await schemathesis(`http://127.0.0.1:${reporting.address.port}/openapi.json`, key)
} finally {
  for (const close of closers.reverse()) await close()
}

async function schemathesis(document: string, key: string): Promise<number> {
  const command = process.env.SCHEMATHESIS ?? 'schemathesis'
  const options = [
    `--config-file=${join(import.meta.dirname, 'schemathesis.toml')}`,
    'run',
    document,
    `--max-examples=${asked.examples}`,
    `--seed=${asked.seed}`,
    `--header=X-API-Key: ${key}`,
    // Otherwise it makes one up, which counts before the key.
    `--header=Authorization: Bearer ${key}`,
    '--request-timeout=30',
  ]
  const child = spawn(command, options, { stdio: 'inherit', cwd: folder })
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    return code ?? 1
  } catch (error) {
    process.stderr.write(
      `${command} could not be started (${(error as Error).message}): pip install schemathesis, or name it in SCHEMATHESIS\n`,
    )
    return 2
  }
}
