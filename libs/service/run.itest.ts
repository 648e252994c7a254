import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '#libs/db/database.ts'
import { startForTest } from '#simulator/testing.ts'
import {
  createTestDatabase,
  describeWith,
  freePort,
  type TestDatabase,
  waitFor,
} from '#tests/support/backing.ts'
import { createBackends } from './backends.ts'
import { loadConfig } from './config.ts'
import { CredentialKeys } from './credential-keys.ts'
import { CredentialVault } from './credential-vault.ts'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { prepare } from './prepare.ts'

/** Stands for every secret: whatever a process prints, it may not print this. */
const CANARY = 'canary-0123456789'
const amazon = {
  SP_API_CLIENT_ID: 'client',
  SP_API_CLIENT_SECRET: `${CANARY}-client`,
  SP_API_REFRESH_TOKEN: `${CANARY}-token`,
}

interface Ended {
  readonly code: number | null
  readonly output: string
}

interface Service {
  output(): string
  signal(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

describeWith(['postgres'], 'a service as a process', () => {
  let database: TestDatabase
  const running: Service[] = []
  beforeEach(async () => {
    database = await createTestDatabase()
  })
  afterEach(async () => {
    for (const service of running.splice(0)) {
      service.signal('SIGKILL')
      await service.ended
    }
    await database.drop()
  })

  const start = (name: string, environment: Readonly<Record<string, string>>): Service => {
    const child = spawn(process.execPath, [`services/${name}/main.ts`], {
      env: { PATH: process.env.PATH, DATABASE_URL: database.url, SHUTDOWN_GRACE: '5s', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (data) => (output += data))
    child.stderr.on('data', (data) => (output += data))
    const service = {
      output: () => output,
      signal: (signal: NodeJS.Signals) => void child.kill(signal),
      ended: new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, output }))),
    }
    running.push(service)
    return service
  }
  const prepared = async (): Promise<void> => {
    const config = loadConfig({ DATABASE_URL: database.url })
    const logger = createLogger({ level: 'silent', service: 'test' })
    const backends = createBackends({ config, service: 'test', logger, metrics: createMetrics() })
    await prepare(config, backends)
    await backends.close()
  }
  const url = (change: Partial<Pick<URL, 'password' | 'port' | 'pathname'>>): string =>
    Object.assign(new URL(database.url), change).href

  it('starts, says that it is ready, and ends with 0 at SIGTERM', async () => {
    await prepared()
    const port = await freePort()
    const service = start('persister', { PORT: String(port) })
    await waitFor(() => service.output().includes('"started"'), { what: 'the start', timeoutMs: 20_000 })
    for (const route of ['livez', 'readyz', 'health', 'metrics']) {
      expect((await fetch(`http://127.0.0.1:${port}/${route}`)).status, route).toBe(200)
    }
    service.signal('SIGTERM')
    expect((await service.ended).code).toBe(0)
  })

  it('is not ready without a seller, and takes one up that is stored while it runs', async () => {
    await prepared()
    const simulator = await startForTest()
    const [port, key] = [await freePort(), randomBytes(32)]
    const service = start('catalog-fetcher', {
      PORT: String(port),
      CREDENTIALS_KEY: `k1:${key.toString('base64')}`,
      SP_API_CLIENT_ID: 'client',
      SP_API_CLIENT_SECRET: `${CANARY}-client`,
      SP_API_ENDPOINT: simulator.url,
      LWA_ENDPOINT: simulator.url,
    })
    await waitFor(() => service.output().includes('"started"'), { what: 'the start', timeoutMs: 20_000 })
    const ready = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
      return `${answer.status} ${await answer.text()}`
    }
    expect(await ready()).toMatch(/^503 .*asinstream sellers add/)
    const db = await openDatabase({ url: database.url, poolSize: 1 })
    await new CredentialVault(new CredentialKeys([{ id: 'k1', key }])).saveSeller(db, {
      name: 'shop-us',
      clientId: null,
      refreshToken: `${CANARY}-token`,
      marketplaces: null,
      usagePlans: null,
    })
    await db.close()
    await waitFor(async () => (await ready()).startsWith('200'), { what: 'the seller', timeoutMs: 40_000 })
    expect(service.output()).toContain('shop-us')
    service.signal('SIGTERM')
    const { code, output } = await service.ended
    expect(code).toBe(0)
    expect(output).not.toContain(CANARY)
  })

  it.each<[string, () => Record<string, string>, RegExp]>([
    ['a password that is wrong', () => ({ DATABASE_URL: url({ password: CANARY }) }), /user or password/],
    [
      'a server that is not there',
      () => ({ DATABASE_URL: url({ password: CANARY, port: '1' }) }),
      /can not be reached \(ECONNREFUSED\)/,
    ],
    [
      'a database that is not there',
      () => ({ DATABASE_URL: url({ pathname: '/nowhere' }) }),
      /no such database/,
    ],
    ['no migrations', () => ({ DATABASE_URL: url({ pathname: '/postgres' }) }), /npm run migrate/],
    ['no topics', () => ({}), /topic.*migrate/],
  ])('says what to do about %s, and ends with 1', async (_, environment, message) => {
    for (const name of ['persister', 'product-change']) {
      const { code, output } = await start(name, environment()).ended
      expect(output).toMatch(message)
      expect(code).toBe(1)
      expect(output).not.toContain(CANARY)
    }
  })

  it('says what to do about a schema registry that is not there, without its password', async () => {
    await prepared()
    const { code, output } = await start('persister', {
      SCHEMA_REGISTRY_URL: `http://me:${CANARY}@127.0.0.1:1`,
    }).ended
    expect(output).toContain('SCHEMA_REGISTRY_URL')
    expect(code).toBe(1)
    expect(output).not.toContain(CANARY)
  })

  it('goes on without Redis, and says so without its password', async () => {
    await prepared()
    const service = start('catalog-fetcher', { ...amazon, REDIS_URL: `redis://me:${CANARY}@127.0.0.1:1` })
    await waitFor(() => service.output().includes('"started"'), { what: 'the start', timeoutMs: 20_000 })
    service.signal('SIGTERM')
    const { code, output } = await service.ended
    expect(code).toBe(0)
    expect(output).not.toContain(CANARY)
  })

  it.each([
    ['nothing', {}],
    ['a part of them', { SP_API_CLIENT_SECRET: CANARY }],
  ])('ends with 2 when %s of the credentials is set', async (_, environment) => {
    await prepared()
    const { code, output } = await start('catalog-fetcher', environment).ended
    expect(output).toContain('SP_API_REFRESH_TOKEN')
    expect(code).toBe(2)
    expect(output).not.toContain(CANARY)
  })

  it('ends with 1 when its port is in use', async () => {
    await prepared()
    const taken = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve))
    const { code, output } = await start('persister', { PORT: String(port) }).ended
    taken.close()
    expect(output).toContain('set PORT to another one')
    expect(code).toBe(1)
  })

  it('ends with 0 at SIGTERM while it still waits for a broker', async () => {
    await prepared()
    const silent = createServer(() => {})
    const port = await freePort()
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve))
    let asked = false
    silent.once('connection', () => {
      asked = true
    })
    const service = start('persister', { KAFKA_BROKERS: `127.0.0.1:${port}` })
    await waitFor(() => asked, { what: 'the service to ask the broker', timeoutMs: 20_000 })
    service.signal('SIGTERM')
    const { code, output } = await service.ended
    silent.close()
    expect(output).not.toContain('"started"')
    expect(code).toBe(0)
  })
})
