import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from '#libs/child-process/lock.ts'

/** A program that the stack needs is missing or can not be fetched; the message says what to do. */
export class StackError extends Error {
  override readonly name = 'StackError'
}

const here = dirname(fileURLToPath(import.meta.url))
const project = dirname(dirname(here))

/** A file of this folder, such as pom.xml. */
export function stackFile(name: string): string {
  return join(here, name)
}

/** Where downloads are kept between runs: ASINSTREAM_CACHE, or `.asinstream/cache` in the project. */
export function cacheFolder(): string {
  return resolve(process.env.ASINSTREAM_CACHE || join(project, '.asinstream/cache'))
}

export interface Artifact {
  name: string
  /** Files that decide what is built: when one changes, it is built again. */
  inputs: readonly string[]
  /** Fills `folder`; `scratch` is thrown away afterwards. */
  build(folder: string, scratch: string): Promise<void>
}

/**
 * A folder of the cache, built when it is not there yet. It is built aside and renamed, so that a broken download never
 * looks like a good one, and under a lock, so that two runs do not build at once.
 */
export async function cached(artifact: Artifact, say: (line: string) => void): Promise<string> {
  const hash = createHash('sha256')
  for (const file of artifact.inputs) hash.update(readFileSync(file)).update('\0')
  const version = hash.update(`${process.platform}-${process.arch}`).digest('hex').slice(0, 12)
  const folder = join(cacheFolder(), `${artifact.name}-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(cacheFolder(), { recursive: true })
  return withLock(
    join(cacheFolder(), `${artifact.name}.lock`),
    async () => {
      if (existsSync(folder)) return folder
      removeAbandoned(artifact.name)
      const work = join(cacheFolder(), `${artifact.name}.building-${process.pid}`)
      say(`fetching ${artifact.name} (once; kept in ${cacheFolder()})`)
      try {
        await artifact.build(await made(join(work, 'out')), await made(join(work, 'scratch')))
        renameSync(join(work, 'out'), folder)
      } finally {
        await rm(work, { recursive: true, force: true })
      }
      return folder
    },
    (pid) => say(`waiting for process ${pid}, which is fetching ${artifact.name}`),
  )
}

/** Runs a tool to its end with its output kept for the error. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; purpose: string },
): Promise<string> {
  const { code, output } = await execute(command, args, options)
  if (code !== 0) {
    throw new StackError(`${command} failed (exit ${code}) while it was to ${options.purpose}:\n${output}`)
  }
  return output
}

/** Makes sure that a program is on the PATH, and new enough where `minimum` is given (`pattern` finds the number). */
export async function needTool(
  command: string,
  versionArgs: readonly string[],
  advice: string,
  minimum?: { pattern: RegExp; least: number; show(version: number): string },
): Promise<void> {
  let output: string
  try {
    output = (await execute(command, versionArgs, {})).output
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new StackError(`${command} is not installed. ${advice}`)
  }
  if (minimum === undefined) return
  const found = Number(minimum.pattern.exec(output)?.[1])
  if (Number.isFinite(found) && found < minimum.least) {
    const { show, least } = minimum
    throw new StackError(`${command} is version ${show(found)}; ${show(least)} or newer is needed. ${advice}`)
  }
}

function execute(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv },
): Promise<{ code: number | null; output: string }> {
  return new Promise((settle, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.env && { env: options.env }),
    })
    let output = ''
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-6000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', reject)
    child.once('close', (code) => settle({ code, output }))
  })
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  return folder
}

/** Half-built folders whose builder was killed: nobody else builds while we hold the lock. */
function removeAbandoned(name: string): void {
  for (const entry of readdirSync(cacheFolder())) {
    if (entry.startsWith(`${name}.building-`)) {
      rmSync(join(cacheFolder(), entry), { recursive: true, force: true })
    }
  }
}
