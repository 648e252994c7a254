import { existsSync, statfsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, resolve } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import type { Config } from '#libs/service/config.ts'
import type { Finding } from '../commands/doctor.ts'
import { choosePort, DEFAULT_PORT } from '../dev/choose-port.ts'
import { limitsBelow } from '../heap.ts'
import { bytes, counted } from '../terminal.ts'

/** From here on Node runs TypeScript without a warning. */
const NODE = { major: 24, minor: 12 }
const LOW_DISK_BYTES = 2_000_000_000
/** What the largest service was measured to need, with some room (docs/performance.md). */
const NEEDED_MEMORY_BYTES = 500_000_000
const NEEDED_HEAP_MB = 128
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

/** Memory as a container sees it, and what it leaves to the heap of a service. */
export function checkMemory(): Finding {
  const limit = process.constrainedMemory()
  // Without a limit of its own the kernel names a number that no machine has.
  const memory = limit > 0 && limit < totalmem() ? limit : totalmem()
  const limits = limitsBelow(getHeapStatistics().heap_size_limit / 1_048_576)
  const heapMb = Number(/--max-old-space-size=(\d+)/.exec(limits.join(' '))?.[1] ?? 0)
  const message = `${bytes(memory)} of memory, ${counted(availableParallelism(), 'core')}; the heap of a service may grow to ${heapMb} MB`
  const enough = memory >= NEEDED_MEMORY_BYTES && heapMb >= NEEDED_HEAP_MB
  return {
    check: 'Memory',
    status: enough ? 'ok' : 'warning',
    message,
    ...(enough
      ? {}
      : {
          advice: 'Give the process or container 512 MB or more, and no NODE_OPTIONS that shrink the heap.',
        }),
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
