import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** CPU seconds (user and system) that a process has spent; null where /proc is not there. */
export function cpuSeconds(pid: number | undefined): number | null {
  const ticks = statOf(pid)
  return ticks === null ? null : ticks.own / clockTicks()
}

/**
 * CPU seconds of a process and of all that descend from it, those that have ended and were waited for included: a
 * PostgreSQL server is a process per connection. Null where /proc is not there.
 */
export function cpuSecondsOfTree(pid: number | undefined): number | null {
  if (statOf(pid) === null) return null
  let ticks = 0
  for (const member of treeOf(pid!)) {
    const stat = statOf(member)
    if (stat !== null) ticks += stat.own + stat.ofEndedChildren
  }
  return ticks / clockTicks()
}

/** Resident memory in MB; null where /proc is not there. */
export function residentMegabytes(pid: number | undefined): number | null {
  return megabytes(pid, 'status', 'VmRSS')
}

/** The most resident memory that the process ever had, in MB; null where /proc is not there. */
export function peakResidentMegabytes(pid: number | undefined): number | null {
  return megabytes(pid, 'status', 'VmHWM')
}

/** Memory of a process and all that descend from it in MB, what they share counted once; null where /proc is not there. */
export function proportionalMegabytesOfTree(pid: number | undefined): number | null {
  if (statOf(pid) === null) return null
  return treeOf(pid!).reduce((sum, member) => sum + (megabytes(member, 'smaps_rollup', 'Pss') ?? 0), 0)
}

/** The process and its descendants that run now. */
function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? statOf(Number(entry)) : null
    if (stat === null) continue
    const siblings = children.get(stat.parent)
    if (siblings === undefined) children.set(stat.parent, [Number(entry)])
    else siblings.push(Number(entry))
  }
  const tree = [pid]
  // The array grows while it is walked.
  for (const member of tree) tree.push(...(children.get(member) ?? []))
  return tree
}

interface Stat {
  readonly parent: number
  /** Clock ticks of user and system time. */
  readonly own: number
  readonly ofEndedChildren: number
}

function statOf(pid: number | undefined): Stat | null {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === null) return null
  // After the name in parentheses: state is field 3, ppid 4, utime 14, stime 15, cutime 16, cstime 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number) => Number(fields[number - 3])
  return { parent: field(4), own: field(14) + field(15), ofEndedChildren: field(16) + field(17) }
}

function megabytes(pid: number | undefined, file: string, name: string): number | null {
  const kilobytes = new RegExp(`${name}:\\s+(\\d+) kB`).exec(read(`/proc/${pid}/${file}`) ?? '')?.[1]
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024)
}

let ticksPerSecond: number | undefined

function clockTicks(): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  return ticksPerSecond
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
