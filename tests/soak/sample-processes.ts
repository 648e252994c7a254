import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cpuSeconds, proportionalMegabytesOfTree, residentMegabytes } from '#tests/support/process-usage.ts'
import type { Values } from './series.ts'

/** A process of a service under the supervisor. */
export interface Watched {
  readonly name: string
  /** Its health port. */
  readonly url: string
  /** As the supervisor writes it; another process after a restart. */
  readonly pidFile: string
}

const MB = 2 ** 20

/** What a service's process holds, by /proc and by its own metrics; nothing while it is restarted. */
export async function sampleService({ name, url, pidFile }: Watched): Promise<Values> {
  const pid = pidOf(pidFile)
  if (pid === null) return {}
  const values: Record<string, number | null> = {
    [`rss/${name}`]: residentMegabytes(pid),
    [`cpu/${name}`]: cpuSeconds(pid),
    ...handles(pid, name),
  }
  const metrics = await readMetrics(url)
  const own: [string, string, number][] = [
    ['heap', 'nodejs_heap_size_used_bytes', 1 / MB],
    ['external', 'nodejs_external_memory_bytes', 1 / MB],
    ['loop', 'nodejs_eventloop_lag_p99_seconds', 1_000],
  ]
  for (const [panel, metric, scale] of own) {
    const value = metrics.get(metric)
    if (value !== undefined) values[`${panel}/${name}`] = value * scale
  }
  return present(values)
}

/** Memory of a server and its children, what they share counted once. */
export function sampleServer(name: string, pid: number): Values {
  return present({ [`servers/${name}`]: proportionalMegabytesOfTree(pid) })
}

/** Bytes of each topic's segments on the disk of every node, in MB. */
export function topicMegabytes(kafkaFolder: string, topic: string): number {
  let bytes = 0
  for (const entry of readdirSync(kafkaFolder, { recursive: true, withFileTypes: true })) {
    const folder = entry.parentPath.slice(entry.parentPath.lastIndexOf('/') + 1)
    if (!entry.name.endsWith('.log') || folder.replace(/-\d+$/, '') !== topic) continue
    bytes += sizeOf(join(entry.parentPath, entry.name))
  }
  return bytes / MB
}

/** Where the process keeps its files, sockets and pipes open; zero when it has just ended. */
function handles(pid: number, name: string): Record<string, number> {
  let descriptors: string[]
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`)
  } catch {
    return {}
  }
  const sockets = descriptors.filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:')
    } catch {
      return false // closed since the folder was read
    }
  })
  return { [`handles/${name}`]: descriptors.length, [`sockets/${name}`]: sockets.length }
}

async function readMetrics(url: string): Promise<ReadonlyMap<string, number>> {
  let body: string
  try {
    body = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) })).text()
  } catch {
    return new Map() // it is being restarted; the supervisor counts that
  }
  return new Map(
    [...body.matchAll(/^(\w+) (\S+)$/gm)].map(([, name, value]) => [name as string, Number(value)]),
  )
}

function pidOf(pidFile: string): number | null {
  try {
    return (JSON.parse(readFileSync(pidFile, 'utf8')) as { pid: number }).pid
  } catch {
    return null // between two processes
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size
  } catch {
    return 0 // a segment that retention has just taken away
  }
}

function present(values: Readonly<Record<string, number | null>>): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Values
}
