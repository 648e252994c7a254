import type { Finding } from '../commands/doctor.ts'

/** From here on, ages and time limits that two machines agree on go wrong by more than anybody expects. */
const NOTICEABLE_MS = 2_000
/** Tokens and signatures of others go wrong from about here on. */
const HARMFUL_MS = 60_000

/**
 * This machine's clock against another's.
 *
 * @param read resolves with the other's time, in milliseconds since the epoch, and how exact it is
 */
export async function compareClock(
  whose: string,
  read: () => Promise<{ readonly theirMs: number; readonly exactMs?: number }>,
): Promise<Finding> {
  const before = Date.now()
  const { theirMs, exactMs = 0 } = await read()
  const after = Date.now()
  // It was read somewhere between the two.
  const offMs = Math.max(0, Math.abs((before + after) / 2 - theirMs) - (after - before) / 2 - exactMs)
  const message = `${offMs < 1_000 ? 'less than 1' : Math.round(offMs / 1_000)} s from that of ${whose}`
  if (offMs < NOTICEABLE_MS) return { check: 'Clock', status: 'ok', message }
  return {
    check: 'Clock',
    status: offMs < HARMFUL_MS ? 'warning' : 'failed',
    message,
    advice:
      'Set the clocks by NTP: tokens seem expired or never are, and products seem fresh or stale that are not.',
  }
}
