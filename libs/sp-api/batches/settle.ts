import { answerError } from '../classify.ts'
import { type Clock, systemClock } from '../clock.ts'
import { SpApiError, SpApiInputError } from '../errors.ts'
import type { CallOptions } from '../http-client.ts'
import type { LookupMeta } from '../lookup.ts'
import { findMarketplace } from '../marketplaces.ts'
import { newTally } from '../observe.ts'
import { encodeRequest } from '../operations/request.ts'
import { SecretScrubber } from '../secrets.ts'
import type { BatchCaller, BatchOperation, Entry, Part } from './batch-operation.ts'
import { divide, type Round } from './divide.ts'

export interface BatchOptions<Q, A> extends Omit<CallOptions, 'tally'> {
  /** Told of each ask as soon as it is certain: an abort or a crash then loses no more than is under way. */
  readonly onSettled?: (settled: Settled<Q, A>) => void
  readonly clock?: Clock
}

export interface Answered<Q, A> extends LookupMeta {
  readonly ask: Q
  readonly kind: 'answered'
  readonly body: A
}

export interface Failed<Q> extends LookupMeta {
  readonly ask: Q
  readonly kind: 'failed'
  /** `rejected` and `not_found` speak of this very ask; every other kind may be otherwise next time. */
  readonly error: SpApiError
}

/** What became of one ask. */
export type Settled<Q, A> = Answered<Q, A> | Failed<Q>

/** A failure that may pass counts when it is an ask's third; requests that were refused as a whole are not its own. */
const MOST_TRIES = 3
/** An answer that leaves an ask out is given one more chance. */
const MOST_OMISSIONS = 2
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 8_000

/**
 * Asks for many things in as few requests as Amazon takes: one settled entry per distinct ask, in the order of the asks.
 * An ask that Amazon refuses fails alone; one whose answer is a 429 or a 5xx is asked again, together with others like
 * it and through the bucket as every request. A request that Amazon refuses as a whole is divided until what is to
 * blame is alone; see `divide`. When four asks and more are refused one by one and nothing is answered, the asks are not
 * to blame, and all of them are `failed` with what Amazon said.
 *
 * Rejects with the signal's reason when that aborts, and with `UNKNOWN_MARKETPLACE`.
 */
export async function settleBatch<Q, A>(
  api: BatchCaller,
  batch: BatchOperation<Q, A>,
  marketplace: string,
  asks: readonly Q[],
  options: BatchOptions<Q, A> = {},
): Promise<Settled<Q, A>[]> {
  const { marketplaceId } = findMarketplace(marketplace)
  return new Settling(api, batch, marketplaceId, options).settle(asks)
}

/** An ask on its way. */
interface Pending<Q> extends Entry<Q> {
  readonly subject: string
  /** Answers of its own that were failures. */
  tries: number
  omissions: number
  /** Only a request of its own tells what its answer is. */
  alone: boolean
  responseTimeMs: number
  calls: number
}

class Settling<Q, A> {
  readonly #api: BatchCaller
  readonly #batch: BatchOperation<Q, A>
  readonly #marketplaceId: string
  readonly #options: BatchOptions<Q, A>
  readonly #clock: Clock
  readonly #settled = new Map<string, Settled<Q, A>>()
  #queue: Pending<Q>[] = []
  /** Amazon refuses whatever is asked; until a request is answered. */
  #systemic = false

  constructor(
    api: BatchCaller,
    batch: BatchOperation<Q, A>,
    marketplaceId: string,
    options: BatchOptions<Q, A>,
  ) {
    this.#api = api
    this.#batch = batch
    this.#marketplaceId = marketplaceId
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  async settle(asks: readonly Q[]): Promise<Settled<Q, A>[]> {
    const distinct = [...new Map(asks.map((ask) => [this.#batch.sameness(ask), ask])).values()]
    const all = distinct.map((ask, index) => this.#pending(ask, String(index + 1)))
    for (const entry of all) {
      const problem = this.#problem(entry)
      if (problem === null) this.#queue.push(entry)
      else this.#fail(entry, this.#error('rejected', problem, { undelivered: true }), null)
    }
    while (this.#queue.length > 0) await this.#settleNext()
    return all.map(({ tag }) => this.#settled.get(tag)!)
  }

  #pending(ask: Q, tag: string): Pending<Q> {
    const subject = this.#batch.subject({ ask, tag })
    return { ask, tag, subject, tries: 0, omissions: 0, alone: false, responseTimeMs: 0, calls: 0 }
  }

  #problem(entry: Pending<Q>): string | null {
    const problem = this.#batch.problem(entry.ask)
    if (problem !== null) return problem
    try {
      const { operation, parameters } = this.#batch.request(this.#marketplaceId, [entry])
      encodeRequest(operation, parameters)
      return null
    } catch (error) {
      if (!(error instanceof SpApiInputError)) throw error
      return error.message
    }
  }

  async #settleNext(): Promise<void> {
    const entries = this.#take()
    const tries = Math.max(...entries.map((entry) => entry.tries))
    if (tries > 0) await this.#clock.sleep(this.#pauseMs(tries), this.#options.signal)
    const round = await this.#ask(entries)
    if (round.kind !== 'refused') return
    const { error } = round
    const { refused, systemic } =
      entries.length > 1 && !this.#systemic
        ? await divide(entries, error, (some) => this.#ask(some))
        : { refused: entries.map((entry) => ({ entry, error })), systemic: this.#systemic }
    this.#systemic = systemic
    for (const { entry, error } of refused) this.#fail(entry, systemic ? whatever(error) : error, null)
  }

  /** The next asks for one request: each subject once, and no more than Amazon takes. */
  #take(): Pending<Q>[] {
    const taken: Pending<Q>[] = []
    const subjects = new Set<string>()
    const left: Pending<Q>[] = []
    for (const entry of this.#queue) {
      const fits =
        taken.length < this.#batch.most &&
        !subjects.has(entry.subject) &&
        (taken.length === 0 || !(entry.alone || taken[0]!.alone))
      if (!fits) {
        left.push(entry)
        continue
      }
      taken.push(entry)
      subjects.add(entry.subject)
    }
    this.#queue = left
    return taken
  }

  /** One request. What is not certain then is in the queue again; what was refused is left to who asked. */
  async #ask(entries: readonly Pending<Q>[]): Promise<Round> {
    const { onSettled: _, clock: __, ...options } = this.#options
    const { operation, parameters } = this.#batch.request(this.#marketplaceId, entries)
    const tally = newTally()
    const count = () => {
      for (const entry of entries) {
        entry.calls += tally.requests
        entry.responseTimeMs += tally.responseTimeMs
      }
    }
    try {
      const sent = { ...options, tally, marketplaceId: this.#marketplaceId }
      const answer = await this.#api.call(operation, parameters, sent)
      count()
      this.#systemic = false
      this.#join(entries, this.#batch.parts(answer.body), answer)
      return { kind: 'answered' }
    } catch (error) {
      if (!(error instanceof SpApiError)) throw error
      count()
      if (error.kind === 'rejected' || error.kind === 'not_found') return { kind: 'refused', error }
      for (const entry of entries) this.#fail(entry, error, null)
      // What this seller may not ask for, it may not ask for a second time either.
      if (error.kind === 'unauthorized')
        for (const entry of this.#queue.splice(0)) this.#fail(entry, error, null)
      return { kind: 'failed' }
    }
  }

  #join(entries: readonly Pending<Q>[], parts: readonly Part<A>[], whole: Whole): void {
    const bySubject = new Map(entries.map((entry) => [entry.subject, entry]))
    const strangers: Part<A>[] = []
    for (const part of parts) {
      const entry = part.subject === null ? undefined : bySubject.get(part.subject)
      if (entry === undefined) strangers.push(part)
      else {
        bySubject.delete(entry.subject)
        this.#settlePart(entry, part, whole)
      }
    }
    const left = [...bySubject.values()]
    const [part] = strangers
    // By elimination. Data that name another subject are another's, whatever is left over.
    if (left.length === 1 && strangers.length === 1 && (part!.subject === null || !isOk(part!.status)))
      this.#settlePart(left[0]!, part!, whole)
    else {
      const anonymous = strangers.some(({ subject }) => subject === null)
      for (const entry of left) this.#omitted(entry, anonymous, whole)
    }
  }

  #omitted(entry: Pending<Q>, anonymous: boolean, whole: Whole): void {
    entry.omissions++
    entry.alone ||= anonymous
    if (entry.omissions < MOST_OMISSIONS) this.#queue.push(entry)
    else this.#fail(entry, this.#error('failed', "Amazon's answer leaves it out"), whole)
  }

  #settlePart(entry: Pending<Q>, part: Part<A>, whole: Whole): void {
    const requestId = part.requestId ?? whole.requestId
    const about = { httpStatus: part.status, requestId, receivedAt: whole.receivedAt }
    if (!isOk(part.status)) {
      const error = this.#partError(part, about)
      entry.tries++
      if (error.transient && entry.tries < MOST_TRIES) this.#queue.push(entry)
      else this.#fail(entry, error, about)
      return
    }
    let body: A
    try {
      body = part.answer()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      const fields = { httpStatus: part.status, requestId }
      const text = `Amazon answered ${part.status}, but not as its API is defined: ${reason}`
      this.#fail(entry, this.#error('failed', text, fields), about)
      return
    }
    this.#settle(entry, { ...this.#meta(entry, about), ask: entry.ask, kind: 'answered', body })
  }

  #partError(part: Part<A>, about: Whole): SpApiError {
    const headers: Readonly<Record<string, string | null>> = { 'x-amzn-requestid': about.requestId }
    const answer = {
      status: part.status,
      body: JSON.stringify({ errors: part.errors ?? [] }),
      receivedAt: about.receivedAt,
      answeredAt: 0,
      header: (name: string) => headers[name] ?? null,
    }
    const scrub = (text: string) => scrubber.scrub(text)
    return answerError(answer, { operation: this.#batch.operationId, scrub })
  }

  #error(kind: SpApiError['kind'], text: string, fields: object = {}): SpApiError {
    const operation = this.#batch.operationId
    return new SpApiError({ ...fields, kind, operation }, `${operation}: ${text}`)
  }

  #fail(entry: Pending<Q>, error: SpApiError, about: Whole | null): void {
    const { httpStatus, requestId } = error
    const meta = this.#meta(entry, about ?? { httpStatus, requestId, receivedAt: this.#clock.now() })
    this.#settle(entry, { ...meta, ask: entry.ask, kind: 'failed', error })
  }

  #settle(entry: Pending<Q>, settled: Settled<Q, A>): void {
    this.#settled.set(entry.tag, settled)
    this.#options.onSettled?.(settled)
  }

  #meta({ responseTimeMs, calls }: Pending<Q>, about: Whole): LookupMeta {
    return {
      observedAt: about.receivedAt,
      responseTimeMs: Math.round(responseTimeMs),
      amazonRequestId: about.requestId,
      httpStatus: about.httpStatus,
      calls,
    }
  }

  /** Full jitter, as repeats of whole requests have it. */
  #pauseMs(tries: number): number {
    return this.#clock.random() * Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)
  }
}

interface Whole {
  readonly httpStatus: number | null
  readonly requestId: string | null
  readonly receivedAt: number
}

/** Answers are not told the seller's secrets; what looks like a token is taken out all the same. */
const scrubber = new SecretScrubber([])

const isOk = (status: number) => status >= 200 && status <= 299

/** Not this ask's fault: another try, at another time, may bring an answer. */
function whatever(error: SpApiError): SpApiError {
  const { operation, httpStatus, requestId, amazonErrors } = error
  return new SpApiError(
    { kind: 'failed', operation, httpStatus, requestId, amazonErrors },
    `Amazon refuses every request, whatever is asked: ${error.message}`,
  )
}
