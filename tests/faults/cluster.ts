import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Database, openDatabase } from '#libs/db/database.ts'
import { createKafkaEventLog } from '#libs/event-log/kafka.ts'
import type { EventLog } from '#libs/event-log/port.ts'
import { type ClusterServers, startClusterServers } from '#tests/support/servers.ts'
import { type SimulatorProcess, spawnSimulator } from '#tests/support/simulator-process.ts'
import { installAudit } from './audit.ts'
import { Supervisor } from './supervisor.ts'

const execute = promisify(execFile)

export interface ClusterOptions {
  /** For data and logs; removed by whoever made it. */
  readonly folder: string
  readonly brokers: 1 | 3
  /** Flags of the simulator. */
  readonly simulator: Readonly<Record<string, string | number>>
  readonly variables?: Readonly<Record<string, string>>
  /** Leads the services, and nobody else, to the servers another way: what it resolves to goes over their environment. */
  readonly through?: (servers: ClusterServers) => Promise<Readonly<Record<string, string>>>
  /** Where Kafka sends the services, see `KafkaOptions`. */
  readonly advertised?: readonly number[]
  /** Keeps PostgreSQL on a file system of its own, of this size, such as `600m`. Only root on Linux may mount one. */
  readonly postgresDisk?: string
}

/** Every server of a cluster as a process of its own that a scenario may kill, and the services under a supervisor. */
export interface Cluster extends ClusterServers {
  readonly simulator: SimulatorProcess
  readonly supervisor: Supervisor
  /** For the checker: no service uses these. */
  readonly db: Database
  readonly log: EventLog
}

export async function startCluster({
  folder,
  brokers,
  simulator: flags,
  variables,
  through,
  advertised,
  postgresDisk,
}: ClusterOptions): Promise<Cluster> {
  await mkdir(folder, { recursive: true })
  const stops: (() => Promise<unknown>)[] = []
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end()
  }
  const opened = <T extends { stop(): Promise<unknown> }>(server: T): T => {
    stops.push(() => server.stop())
    return server
  }
  try {
    if (postgresDisk !== undefined) {
      const disk = join(folder, 'postgres')
      await mkdir(disk, { recursive: true })
      await execute('mount', ['-t', 'tmpfs', '-o', `size=${postgresDisk}`, 'tmpfs', disk])
      stops.push(() => execute('umount', ['--lazy', disk]))
    }
    const simulator = opened(await spawnSimulator(flags))
    const servers = opened(
      await startClusterServers({
        folder,
        brokers,
        amazon: simulator.url,
        ...(advertised && { advertised }),
        // A journal that does not fill a small disk by itself.
        ...(postgresDisk !== undefined && { postgres: { max_wal_size: '160MB', min_wal_size: '80MB' } }),
        variables: { SP_API_CLIENT_ID: `faults-${randomUUID()}`, ...variables },
      }),
    )
    const { kafka, postgres } = servers
    const environment = {
      ...servers.environment,
      ...(through && (await through(servers))),
    }
    const db = await openDatabase({ url: postgres.url, poolSize: 2, applicationName: 'fault-checker' })
    stops.push(() => db.close())
    await installAudit(db)
    const log = createKafkaEventLog({ brokers: kafka.brokers.split(','), clientId: 'fault-checker' })
    stops.push(() => log.close())
    const supervisor = opened(new Supervisor({ environment, folder: join(folder, 'services') }))
    return { ...servers, simulator, supervisor, db, log, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
