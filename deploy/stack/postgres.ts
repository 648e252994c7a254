import { startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { StackError } from './cache.ts'
import type { StackNode } from './node.ts'

export interface PostgresOptions {
  /** Data and log. Kept data is used again. */
  dir: string
  /** PostgreSQL settings over those of `startEmbeddedPostgres`. */
  settings?: Readonly<Record<string, string>>
}

/** PostgreSQL that a test may kill and start again on its data, at the same address. */
export interface Postgres extends Omit<StackNode, 'pause' | 'resume'> {
  readonly url: string
  stop(): Promise<void>
}

/** @throws EmbeddedPostgresError when it does not start */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  let server = await startEmbeddedPostgres(options)
  const { url, port } = server
  const kill = async (): Promise<void> => {
    process.kill(server.pid, 'SIGKILL')
    await server.ended
  }
  let running = true
  const watch = (): void => {
    running = true
    void server.ended.then(() => {
      running = false
    })
  }
  watch()
  return {
    url,
    port,
    get pid() {
      return server.pid
    },
    async kill() {
      if (running) await kill()
    },
    async restart() {
      if (running) await kill()
      server = await startEmbeddedPostgres({ ...options, port })
      watch()
      if (server.url !== url) throw new StackError('PostgreSQL came back at another address.')
    },
    ended: () => server.ended,
    stop: () => server.stop(),
  }
}
