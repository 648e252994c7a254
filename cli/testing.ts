import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { waitFor } from '#tests/support/wait-for.ts'
import { main } from './main.ts'

const script = fileURLToPath(new URL('asinstream.ts', import.meta.url))
const root = fileURLToPath(new URL('..', import.meta.url))

/** Variables of whoever runs the tests that would change what a command does. */
const ours =
  /^(DATABASE_|KAFKA_|REDIS_|SCHEMA_|SP_API_|LWA_|CREDENTIALS_|MARKETPLACES|SYNC_|PORT$|HOST$|LOG_LEVEL|ASINSTREAM_|npm_)/

/** A command line that runs as a process of its own. */
export interface CommandRun {
  readonly pid: number
  readonly stdout: string
  readonly stderr: string
  /** Resolves with its exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>
  /** Resolves with the match as soon as standard output has it; rejects with all output when the process ends first. */
  printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
}

/** Runs `asinstream` with these arguments; variables are added to an environment without any of asinstream's. */
export function asinstream(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  input?: string,
): CommandRun {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: { ...environment, ...variables },
    stdio: 'pipe',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  // A command that ends without reading its input closes the pipe.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let ended = false
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      ended = true
      resolve(code)
    })
  })
  return {
    pid: child.pid ?? 0,
    get stdout() {
      return stdout
    },
    get stderr() {
      return stderr
    },
    exited,
    async printed(pattern, timeoutMs = 60_000) {
      const found = await waitFor(() => pattern.exec(stdout) ?? (ended ? 'ended' : null), {
        what: `${pattern} in the output of: asinstream ${args.join(' ')}`,
        timeoutMs,
      })
      if (found === 'ended') throw new Error(`ended without ${pattern}:\n${stdout}\n${stderr}`)
      return found
    },
    kill: (signal) => child.kill(signal),
  }
}

/** Runs it to its end. */
export async function runToEnd(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  input?: string,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const run = asinstream(args, variables, input)
  const code = await run.exited
  return { code, stdout: run.stdout, stderr: run.stderr }
}

/**
 * Runs a command line in this process, which takes a hundredth of the time of one of its own: for what neither runs on nor
 * reads standard input. One at a time.
 */
export async function runHere(
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const written = { stdout: '', stderr: '' }
  const streams = ['stdout', 'stderr'] as const
  const originals = streams.map((name) => process[name].write)
  const environment = process.env
  process.env = Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.test(name)))
  for (const name of streams)
    process[name].write = ((text: string | Uint8Array) => {
      written[name] += String(text)
      return true
    }) as typeof process.stdout.write
  try {
    return { code: await main(args), ...written }
  } finally {
    process.env = environment
    streams.forEach((name, i) => {
      process[name].write = originals[i] as typeof process.stdout.write
    })
  }
}
