import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** CPU seconds (user and system) that a process has spent; null where /proc is not there. */
export function cpuSeconds(pid: number | undefined): number | null {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === null) return null
  // After the name in parentheses: state is field 3, utime 14, stime 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / clockTicks()
}

/** Resident memory in MB; null where /proc is not there. */
export function residentMegabytes(pid: number | undefined): number | null {
  const status = read(`/proc/${pid}/status`)
  const kilobytes = status === null ? undefined : /VmRSS:\s+(\d+) kB/.exec(status)?.[1]
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024)
}

function clockTicks(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
