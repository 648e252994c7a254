import { abortable } from '../abortable.ts'
import type { Clock, SpApiLog } from '../clock.ts'
import { SpApiError, SpApiInputError } from '../errors.ts'
import { TOKEN_OPERATION } from '../tokens/login-with-amazon.ts'
import type { Ledger, LedgerEntry } from './ledger.ts'
import { type Patience, pauseAfter } from './patience.ts'

/** Something that Amazon makes in the background and is not to be asked for twice: a report, a feed. */
export interface JobKind<W extends object> {
  /** For messages. */
  readonly noun: string
  /** What looks are errors of. */
  readonly operation: string
  /** Asking for another one is harmless, when Amazon does not come to an end with it or has forgotten it. */
  readonly repeatable: boolean
  /** Asks for it; its id. Not to be repeated when nobody knows whether it arrived. */
  make(wish: W, signal: AbortSignal): Promise<string>
  /** All of the wish's lane that Amazon has made since a time, in milliseconds since the epoch. */
  list(wish: W, since: number, signal?: AbortSignal): Promise<JobList>
  look(wish: W, id: string, signal?: AbortSignal): Promise<JobLook>
}

export interface JobList {
  readonly jobs: readonly ListedJob[]
  /** How far this machine's clock is ahead of Amazon's, in milliseconds. */
  readonly skewMs: number
}

export interface ListedJob {
  readonly id: string
  /** By Amazon's clock, in milliseconds since the epoch. */
  readonly createdAt: number
  /** As far as Amazon tells, it may be of the wish. */
  readonly fits: boolean
}

export type JobLook =
  | { readonly status: 'working' }
  | { readonly status: 'done'; readonly documentId: string | null }
  | { readonly status: 'no_data'; readonly waitMs: number }
  | {
      readonly status: 'failed'
      readonly documentId: string | null
      readonly waitMs: number | null
      readonly reason: string | null
    }

export interface JobsOptions {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: SpApiLog
  readonly patience: Patience
}

export interface Job<W extends object> {
  readonly key: string
  readonly lane: string
  /** What to ask for; asked for itself only when it comes to asking, such as a document that is uploaded first. */
  readonly wish: (signal?: AbortSignal) => Promise<W>
  /** Whether what came to its end is what the caller wants; may throw. */
  readonly suits: (entry: LedgerEntry) => boolean
}

/** A job is not older than its note by more than this, even if another machine noted it. */
const CLOCK_SKEW_MS = 60_000
/** Nor is this machine's clock further ahead of Amazon's: tokens would not work. */
const LONGEST_SKEW_MS = 15 * 60_000

/**
 * Asks Amazon for things once, however many callers want one and however often a process dies: what is to be asked for
 * is noted before, what Amazon answered after. Where a note has no answer, Amazon's list of what it has made is asked
 * before anything else. That list does not tell all of a wish, so wishes that it can not tell apart (a lane) are asked
 * for one after the other: what is new in the list is of the one whose turn it is.
 */
export class Jobs<W extends object> {
  readonly #kind: JobKind<W>
  readonly #options: JobsOptions
  /** One step at a time for each key, so that callers of one process do not do the same twice. */
  readonly #steps = new Map<string, Promise<void>>()
  /** Turns of this process, so that it does not have to look when the next one is. */
  readonly #lanes = new Map<string, Promise<unknown>>()
  readonly #wake = new Map<string, () => void>()

  constructor(kind: JobKind<W>, options: JobsOptions) {
    this.#kind = kind
    this.#options = options
  }

  /**
   * The entry of a job that has come to its end. Waits while Amazon does not answer or gives no slot. Rejects with a
   * `SpApiError` when it can not be asked for or looked at, with what `wish` and `suits` throw, or with the signal's
   * reason.
   */
  async settle(job: Job<W>, signal?: AbortSignal): Promise<LedgerEntry> {
    const { clock, ledger, log, patience } = this.#options
    const startedAt = clock.now()
    for (let outages = 0; ; ) {
      signal?.throwIfAborted()
      const entry = await ledger.read(job.key)
      if (entry !== null && entry.finishedAt !== null && job.suits(entry)) return entry
      try {
        await abortable(
          this.#step(job.key, () => this.#advance(entry, job, signal)),
          signal,
        )
        outages = 0
      } catch (error) {
        if (!isOutage(error) || clock.now() - startedAt > patience.totalMs) throw error
        const pauseMs = Math.max(error.retryAfterMs ?? 0, pauseAfter(outages++, patience))
        log.info(
          { key: job.key, kind: error.kind },
          `the ${this.#kind.noun} waits ${pauseMs} ms: ${error.message}`,
        )
        await clock.sleep(pauseMs, signal)
      }
    }
  }

  /** A notification came: whoever waits for this id looks at once. */
  processed(id: string): void {
    this.#wake.get(id)?.()
  }

  /** Takes the step unless one is under way for the key; then that one is waited for, and what it threw is its caller's. */
  async #step(key: string, step: () => Promise<void>): Promise<void> {
    const running = this.#steps.get(key)
    if (running) return running.catch(() => undefined)
    const taken = step().finally(() => this.#steps.delete(key))
    this.#steps.set(key, taken)
    return taken
  }

  async #advance(entry: LedgerEntry | null, job: Job<W>, signal?: AbortSignal): Promise<void> {
    if (entry?.state === 'asked') return this.#look(entry, signal)
    if (entry?.state === 'asking') return this.#afterLease(entry, signal)
    const wish = await job.wish(signal)
    await this.#turn(job.lane, async () => {
      signal?.throwIfAborted()
      const other = await this.#options.ledger.asking(job.lane)
      if (other === null) await this.#ask(entry, job, wish, signal)
      else await this.#afterLease(other, signal)
    })
  }

  async #turn(lane: string, work: () => Promise<void>): Promise<void> {
    const before = this.#lanes.get(lane) ?? Promise.resolve()
    const turn = before.then(work, work)
    const over = turn.catch(() => undefined)
    this.#lanes.set(lane, over)
    await turn.finally(() => {
      if (this.#lanes.get(lane) === over) this.#lanes.delete(lane)
    })
  }

  async #ask(before: LedgerEntry | null, job: Job<W>, wish: W, signal?: AbortSignal): Promise<void> {
    const { clock, ledger, patience } = this.#options
    const asking: LedgerEntry = {
      key: job.key,
      lane: job.lane,
      version: (before?.version ?? 0) + 1,
      state: 'asking',
      wish: wish as Record<string, unknown>,
      askedAt: clock.now(),
      id: before?.id ?? null,
      documentId: null,
      finishedAt: null,
      notBefore: null,
      reason: null,
    }
    if (!(await ledger.write(asking))) return
    let id: string
    try {
      // Half of the lease: when others take the note for that of a dead process, no request is on its way any more.
      id = await this.#inTime(patience.leaseMs / 2, (limit) => this.#kind.make(wish, limit), signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (mayHaveArrived(error)) {
        if (await this.#find(asking, [patience.listedAfterMs, 2 * patience.listedAfterMs], signal)) return
      } else await this.#note(asking, { state: 'failed', finishedAt: clock.now() })
      throw error
    }
    await this.#note(asking, { state: 'asked', id })
  }

  /** A note without an answer: whoever made it may be at work, or dead. */
  async #afterLease(entry: LedgerEntry, signal?: AbortSignal): Promise<void> {
    const { clock, patience } = this.#options
    const leftMs = entry.askedAt + patience.leaseMs - clock.now()
    if (leftMs > 0) await clock.sleep(Math.min(leftMs, patience.firstMs), signal)
    else await this.#find(entry, [0, patience.listedAfterMs], signal)
  }

  /** Looks into Amazon's list until the job is there, or was time enough for it to be: then it never arrived. */
  async #find(asking: LedgerEntry, pausesMs: readonly number[], signal?: AbortSignal): Promise<boolean> {
    const { clock } = this.#options
    for (const pauseMs of pausesMs) {
      await clock.sleep(pauseMs, signal)
      const id = await this.#listed(asking, signal)
      if (id === null) continue
      await this.#note(asking, { state: 'asked', id })
      return true
    }
    await this.#note(asking, { state: 'failed', finishedAt: clock.now() })
    return false
  }

  /** The job that Amazon made of a note: the first of its lane that no entry bears, and later than all that one does. */
  async #listed(asking: LedgerEntry, signal?: AbortSignal): Promise<string | null> {
    const { ledger } = this.#options
    const oldest = asking.askedAt - LONGEST_SKEW_MS
    const { jobs, skewMs } = await this.#kind.list(asking.wish as W, oldest, signal)
    const known = await ledger.known(jobs.map(({ id }) => id))
    const since = Math.max(
      asking.askedAt - skewMs - CLOCK_SKEW_MS,
      ...jobs.filter(({ id }) => known.has(id)).map(({ createdAt }) => createdAt),
    )
    const unknown = jobs.filter(({ id, createdAt, fits }) => fits && !known.has(id) && createdAt >= since)
    return unknown.sort((a, b) => a.createdAt - b.createdAt)[0]?.id ?? null
  }

  /** Looks at a job until it has come to its end. */
  async #look(entry: LedgerEntry, signal?: AbortSignal): Promise<void> {
    const { clock, log, patience } = this.#options
    const { noun, operation, repeatable } = this.#kind
    const id = entry.id!
    for (let looks = 0; ; looks++) {
      let look: JobLook
      try {
        look = await this.#kind.look(entry.wish as W, id, signal)
      } catch (error) {
        if (error instanceof SpApiError && error.kind === 'not_found')
          await this.#note(entry, {
            state: 'failed',
            finishedAt: clock.now(),
            reason: 'Amazon has forgotten it',
          })
        throw error
      }
      const finishedAt = clock.now()
      switch (look.status) {
        case 'done':
          await this.#note(entry, { state: 'done', documentId: look.documentId, finishedAt })
          return
        case 'no_data':
          await this.#note(entry, { state: 'no_data', finishedAt, notBefore: finishedAt + look.waitMs })
          return
        case 'failed': {
          const { documentId, reason, waitMs } = look
          const notBefore = waitMs === null ? null : finishedAt + waitMs
          await this.#note(entry, { state: 'failed', documentId, finishedAt, notBefore, reason })
          log.warn({ [noun]: id, reason }, `Amazon ended the ${noun} FATAL`)
          return
        }
        default: {
          const overdue = clock.now() - entry.askedAt > patience.totalMs
          if (overdue && repeatable) await this.#note(entry, { state: 'failed', finishedAt })
          if (overdue) throw this.#overdue(id, operation)
          await this.#pause(id, pauseAfter(looks, patience), signal)
        }
      }
    }
  }

  /** Until the time is over, or a notification says that it is ready. */
  async #pause(id: string, ms: number, signal?: AbortSignal): Promise<void> {
    const over = new AbortController()
    const woken = new Promise<void>((resolve) => this.#wake.set(id, resolve))
    const sleep = this.#options.clock.sleep(ms, signal ? AbortSignal.any([signal, over.signal]) : over.signal)
    try {
      await Promise.race([woken, sleep])
    } finally {
      this.#wake.delete(id)
      over.abort()
      await sleep.catch(() => undefined)
    }
  }

  /** Aborts the work when it takes longer than that, or with the caller. */
  async #inTime<T>(ms: number, work: (limit: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(this.#unanswered(ms)), ms)
    try {
      return await work(signal ? AbortSignal.any([signal, late.signal]) : late.signal)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Another process may have noted the same before: then its note counts. */
  async #note(entry: LedgerEntry, change: Partial<LedgerEntry>): Promise<void> {
    await this.#options.ledger.write({ ...entry, ...change, version: entry.version + 1 })
  }

  #unanswered(ms: number): SpApiError {
    const { noun, operation } = this.#kind
    return new SpApiError(
      { kind: 'timeout', operation, transient: true },
      `Amazon has not taken the ${noun} within ${ms} ms`,
    )
  }

  #overdue(id: string, operation: string): SpApiError {
    const minutes = Math.round(this.#options.patience.totalMs / 60_000)
    return new SpApiError(
      { kind: 'timeout', operation },
      `${this.#kind.noun} ${id} is not ready after ${minutes} minutes`,
    )
  }
}

/** Whether Amazon may have done what it was asked for although it did not say so. */
function mayHaveArrived(error: unknown): boolean {
  if (error instanceof SpApiInputError) return false
  if (!(error instanceof SpApiError)) return true
  if (error.undelivered || error.kind === 'throttled' || error.kind === 'unauthorized') return false
  // A token is fetched before anything is sent.
  if (error.operation === TOKEN_OPERATION) return false
  return error.httpStatus === null || error.httpStatus >= 500 || error.httpStatus < 300
}

/** It passes by itself, and what was asked for is not to blame. */
function isOutage(error: unknown): error is SpApiError {
  if (!(error instanceof SpApiError)) return false
  return error.transient || error.kind === 'throttled' || error.kind === 'unavailable'
}
