import type { Peer } from './requests.ts'

/**
 * When a process ends itself, seen from one of its I/O steps:
 *
 * - `before`   the request has not left: its effect is lost
 * - `sent`     the request is on its way: its effect happens while nobody is there, perhaps while the next process starts
 * - `answered` the answer is here and has not been looked at: the effect has happened, and nobody knows
 */
export const MOMENTS = ['before', 'sent', 'answered'] as const
export type Moment = (typeof MOMENTS)[number]

/** When a process ends itself. */
export interface Crash {
  /** The I/O step at which it does, counted from 1; null for never. */
  readonly at: number | null
  readonly moment: Moment
}

/**
 * What `inject.ts` is told, in the file that the variable `CRASH_PLAN` names; the process loads what it needs and then waits
 * for that file before it takes its first step.
 */
export interface CrashPlan extends Crash {
  /** Who listens at which port. */
  readonly peers: Readonly<Record<number, Peer>>
  /** The port that the process itself serves. */
  readonly ownPort: number
  /** File for what it did, as `CrashReport`. */
  readonly report: string
  /** File that is there as soon as the process listens for SIGTERM, by which it would end at once before. */
  readonly listening: string
}

export interface Step {
  /** Such as `postgres: commit`. */
  readonly what: string
  /** Whether others see its effect, see `isVisible`. */
  readonly visible: boolean
}

export interface CrashReport {
  /** The steps taken, in order; the last one is where it ended, when it did so by the plan. */
  readonly steps: readonly Step[]
  readonly crashed: boolean
}
