import { existsSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Config } from '#libs/service/config.ts'
import type { Finding } from '../commands/doctor.ts'
import { choosePort, DEFAULT_PORT } from '../dev/choose-port.ts'
import { bytes } from '../terminal.ts'

/** From here on Node runs TypeScript without a warning. */
const NODE = { major: 24, minor: 12 }
const LOW_DISK_BYTES = 2_000_000_000
const NO_DISK_BYTES = 200_000_000

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const good = major > NODE.major || (major === NODE.major && minor >= NODE.minor)
  return {
    check: 'Node',
    status: good ? 'ok' : 'failed',
    message: version,
    ...(good
      ? {}
      : { advice: `Use ${NODE.major}.${NODE.minor} or newer; npm ci brings one for the npm scripts.` }),
  }
}

export async function* checkPort(config: Config): AsyncGenerator<Finding> {
  const { HOST, PORT } = config
  if (PORT === 0) return
  try {
    const port = await choosePort(HOST, PORT)
    const other = PORT === undefined && port !== DEFAULT_PORT
    const message = other
      ? `${DEFAULT_PORT} on ${HOST} is in use (by asinstream itself, perhaps); dev would take ${port}`
      : `${port} on ${HOST} is free`
    yield { check: 'Port', status: other ? 'info' : 'ok', message }
  } catch (error) {
    yield { check: 'Port', status: 'warning', message: (error as Error).message }
  }
}

export function* checkDisk(dataDir: string): Generator<Finding> {
  let folder = resolve(dataDir)
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const status = free < NO_DISK_BYTES ? 'failed' : free < LOW_DISK_BYTES ? 'warning' : 'ok'
  yield {
    check: 'Disk',
    status,
    message: `${bytes(free)} free for ${resolve(dataDir)}`,
    ...(status === 'ok' ? {} : { advice: 'Free some space, or choose another --data-dir.' }),
  }
}
