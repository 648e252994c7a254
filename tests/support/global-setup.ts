import { readdirSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { startKafka } from '#deploy/stack/kafka.ts'
import { startRedis } from '#deploy/stack/redis.ts'
import { startRegistry } from '#deploy/stack/registry.ts'
import { processStart } from '#libs/child-process/identity.ts'
import { startEmbeddedPostgres } from '#libs/db/embedded.ts'
import { BACKINGS, type Backing, type Backings } from './backings.ts'
import { migrateTemplate } from './template.ts'

interface Running {
  url: string
  stop(): Promise<void>
}

const home = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), '.asinstream')

/**
 * Starts the real servers once for all integration suites, together, and tells the suites where they are.
 * In CI one that can not be had fails the run; elsewhere it prints why, and the suites that need it are skipped.
 * `TEST_BACKINGS=redis,postgres` starts only those.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandoned()
  const folder = join(home, `test-${process.pid}`)
  await mkdir(folder, { recursive: true })
  const wanted = wantedBackings()
  const results = await Promise.allSettled(wanted.map((name) => STARTERS[name](join(folder, name))))

  const running = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const teardown = async () => {
    await Promise.all(running.map((server) => server.stop()))
    await rm(folder, { recursive: true, force: true })
  }
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${wanted[index]}: ${messageOf(result.reason)}`] : [],
  )
  if (failures.length > 0 && inCi()) {
    await teardown()
    throw new Error(
      `The integration suites can not run (CI is set, so none is skipped).\n${failures.join('\n')}`,
    )
  }
  for (const failure of failures) console.warn(`\n!!! SKIPPED: every suite that needs ${failure}\n`)

  const backings: Backings = Object.fromEntries(
    BACKINGS.map((name) => [name, { missing: 'not in TEST_BACKINGS' }]),
  )
  results.forEach((result, index) => {
    backings[wanted[index]!] =
      result.status === 'fulfilled' ? { url: result.value.url } : { missing: messageOf(result.reason) }
  })
  project.provide('backings', backings)
  project.provide('scratch', folder)
  return teardown
}

const STARTERS: Record<Backing, (dir: string) => Promise<Running>> = {
  kafka: async (dir) => {
    const { brokers, stop } = await startKafka({ dir, say })
    return { url: brokers, stop }
  },
  redis: (dir) => startRedis({ dir, say }),
  registry: (dir) => startRegistry({ dir, say }),
  postgres: async (dir) => {
    // Nobody keeps this data: no waiting for the disk.
    const settings = {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      shared_buffers: '128MB',
    }
    const server = await startEmbeddedPostgres({ dir, database: 'tests', settings })
    try {
      await migrateTemplate(server.url)
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  },
}

function wantedBackings(): Backing[] {
  const names = process.env.TEST_BACKINGS
  if (names === undefined || names === '') return [...BACKINGS]
  return names.split(',').map((name) => {
    const backing = BACKINGS.find((known) => known === name.trim())
    if (backing === undefined) {
      throw new Error(`TEST_BACKINGS has "${name.trim()}"; it takes some of ${BACKINGS.join(',')}`)
    }
    return backing
  })
}

/** Folders of runs that were killed; their servers ended with them. */
async function removeAbandoned(): Promise<void> {
  await mkdir(home, { recursive: true })
  for (const entry of readdirSync(home)) {
    const pid = Number(/^test-(\d+)$/.exec(entry)?.[1])
    if (Number.isInteger(pid) && processStart(pid) === undefined) {
      await rm(join(home, entry), { recursive: true, force: true })
    }
  }
}

function inCi(): boolean {
  return ['1', 'true'].includes(process.env.CI ?? '')
}

function say(line: string): void {
  console.log(`[tests] ${line}`)
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
