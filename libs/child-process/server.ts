import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processCommand, processStart } from './identity.ts'

export interface ServerOptions {
  /** What messages call it, such as "Redis". */
  name: string
  command: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  uid?: number
  gid?: number
  /** Receives what it prints, appended. */
  logFile: string
  /** Names the process while it runs, so that a later start can end a leftover. */
  pidFile: string
  /** What ends it when this process is gone, in whatever way. */
  orphanSignal?: 'SIGKILL' | 'SIGINT' | 'SIGTERM'
}

/** A server that runs as a child of this process and ends with it, a kill -9 of this process included. */
export interface ServerProcess {
  readonly pid: number
  /** True until the process has ended. */
  readonly running: boolean
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  signal(signal: NodeJS.Signals): void
  /** Asks with `first`, and kills when that has not ended it after `graceMs`; resolves when it has ended. */
  end(first: NodeJS.Signals, graceMs: number, then?: NodeJS.Signals): Promise<void>
  /** The last lines that it printed, for an error message. */
  lastOutput(lines?: number): string
}

/**
 * Starts a server apart from the terminal's process group, so that Ctrl-C reaches it through this process only.
 * A `sh` beside it holds the read end of a pipe from this process and ends the server when the pipe closes: this works
 * whether this process returns, exits, is terminated or killed. Should that `sh` be killed too, `endLeftover` of the next
 * start finds the server by its pid file.
 * @throws Error naming the command when it can not be run
 */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true })
  const log = openSync(options.logFile, 'a')
  let child: ChildProcess
  try {
    const stdio: StdioOptions = ['ignore', log, log]
    const { command, args, uid, gid, cwd, env } = options
    child = spawn(command, args, {
      stdio,
      detached: true,
      ...(env && { env }),
      ...(cwd !== undefined && { cwd }),
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    })
  } finally {
    closeSync(log)
  }
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(new Error(`${options.name} does not start: ${error.message}`)))
  })
  const pid = child.pid!
  const watch = watchdog(pid, options.orphanSignal ?? 'SIGKILL')
  writeFileSync(options.pidFile, JSON.stringify({ pid, started: processStart(pid) }))

  let running = true
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false
      watch?.kill('SIGKILL')
      rmSync(options.pidFile, { force: true })
      resolve({ code, signal })
    })
  })
  child.unref()

  const signal = (name: NodeJS.Signals) => {
    if (running) process.kill(pid, name)
  }
  return {
    pid,
    get running() {
      return running
    },
    ended,
    signal,
    async end(first, graceMs, then = 'SIGKILL') {
      // A reference for as long as somebody waits: an idle process would otherwise leave before the child has ended.
      child.ref()
      signal(first)
      signal('SIGCONT')
      const late = setTimeout(() => signal(then), graceMs)
      await ended
      clearTimeout(late)
    },
    lastOutput: (lines = 15) => tail(options.logFile, lines),
  }
}

/**
 * Ends the server that an earlier run left behind, if its pid file still names the very process that wrote it and that
 * process is the program that it should be.
 * @param program part of the command line by which it is recognised, such as the server's data folder
 */
export async function endLeftover(pidFile: string, program: string): Promise<void> {
  const leftover = readPidFile(pidFile)
  if (leftover !== undefined && processStart(leftover.pid) === leftover.started) {
    if (processCommand(leftover.pid)?.includes(program)) {
      process.kill(leftover.pid, 'SIGKILL')
      while (processStart(leftover.pid) === leftover.started) await sleep(20)
    }
  }
  rmSync(pidFile, { force: true })
}

function readPidFile(path: string): { pid: number; started: string } | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(path, 'utf8'))
    return Number.isInteger(pid) && pid > 1 && typeof started === 'string' ? { pid, started } : undefined
  } catch {
    return undefined // no such file, or one torn by a crash: nothing can be concluded from it
  }
}

function watchdog(pid: number, signal: string): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined
  const script = `read _; kill -${signal.slice(3)} ${pid} 2>/dev/null`
  const watch = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  watch.unref()
  const pipe = watch.stdin as unknown as {
    unref?: () => void
    on(event: 'error', listener: () => void): void
  }
  pipe.unref?.()
  pipe.on('error', () => {}) // the reader is killed when the server has ended
  return watch
}

function tail(path: string, lines: number): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return '(no output)'
  }
}
