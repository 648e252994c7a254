import { getHeapStatistics } from 'node:v8'

const SEMI_SPACE_MB = 4
const OLD_SPACE_MB = 512

/**
 * glibc by default keeps freed memory in arenas of each thread and raises its own threshold for what goes back to the
 * system: buffers of batches, each of another size, leave holes there. Measured at 400,000 products: 8 MB of a service.
 * Other C libraries do not know these names.
 */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
} as const

/**
 * Limits for a process that runs services. By default V8 lets the heap grow with the machine: on one with 24 GB a
 * service that holds 40 MB takes 400 before it looks for garbage. The young generation is three times the semi-space.
 * `heapMb` is V8's own limit, which knows the container's: a heap that outgrows that is killed instead of collected.
 */
export function limitsBelow(heapMb: number): readonly string[] {
  const oldSpaceMb = Math.min(OLD_SPACE_MB, Math.floor(heapMb) - 3 * SEMI_SPACE_MB)
  if (oldSpaceMb < SEMI_SPACE_MB) return []
  return [`--max-semi-space-size=${SEMI_SPACE_MB}`, `--max-old-space-size=${oldSpaceMb}`]
}

/** Whoever says anything about the heap, has said all. */
const SPOKEN = /--(?:max|min|initial)[-_](?:old|semi|heap)|--optimize[-_]for[-_]size|--heap/

/**
 * Starts this process anew in its own place, with limits on its heap; they can not be set on one that runs. Returns when
 * it has them, when `NODE_OPTIONS` or Node's command line has others, and where a process can not be replaced (Windows).
 */
export function limitHeap(): void {
  const { execArgv, execPath, argv, env } = process
  if (SPOKEN.test([...execArgv, env.NODE_OPTIONS ?? ''].join(' '))) return
  if (process.platform === 'win32' || process.execve === undefined) return
  const limits = limitsBelow(getHeapStatistics().heap_size_limit / 1_048_576)
  if (limits.length === 0) return
  process.execve(execPath, [execPath, ...execArgv, ...limits, ...argv.slice(1)], {
    ...ALLOCATOR,
    ...env,
  } as Record<string, string>)
}
