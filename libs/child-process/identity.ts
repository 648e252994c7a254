import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * What tells one run of a program from every other that ever had, or will have, the same process id: the moment it
 * started. On Linux the clock ticks since boot of /proc/<pid>/stat and the boot's id, elsewhere what `ps` prints.
 * @returns undefined when no such process runs (a zombie does not run)
 */
export function processStart(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const stat = readProc(`/proc/${pid}/stat`)
    if (stat === undefined) return undefined
    // The command in parentheses may hold anything, even a parenthesis: the fields after the last one are plain.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const state = fields[0]
    if (state === 'Z' || state === 'X') return undefined
    return `${bootId()}:${fields[19]}`
  }
  if (process.platform === 'win32') return signalable(pid) ? 'running' : undefined
  return ps(pid, 'lstart')
}

/** The command line of a process, arguments separated by blanks; undefined when it does not run. */
export function processCommand(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const command = readProc(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim()
    return command === '' ? undefined : command
  }
  return process.platform === 'win32' ? undefined : ps(pid, 'command')
}

/**
 * The process that listens on a TCP port of this machine, so that a start can tell its own server from a stranger's.
 * @returns undefined when nobody listens, or where this can not be seen (it is read from Linux's /proc)
 */
export function listenerPid(port: number, candidates: readonly number[]): number | undefined {
  if (process.platform !== 'linux') return undefined
  const inodes = listeningInodes(port)
  return candidates.find((pid) => socketInodes(pid).some((inode) => inodes.has(inode)))
}

function listeningInodes(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => (readProc(file) ?? '').split('\n'))
  const rows = lines.map((line) => line.trim().split(/\s+/))
  const listening = '0A'
  return new Set(rows.filter((row) => row[1]?.endsWith(suffix) && row[3] === listening).map((row) => row[9]!))
}

function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return [] // the descriptor was closed between the two calls
      }
    })
  } catch {
    return [] // the process ended, or belongs to somebody else
  }
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function bootId(): string {
  return (readProc('/proc/sys/kernel/random/boot_id') ?? '').trim()
}

function signalable(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim()
    return text === '' ? undefined : text
  } catch {
    return undefined
  }
}
