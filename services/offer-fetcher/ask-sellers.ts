import type { OfferOperation } from '#libs/offers/levels.ts'
import { type SellerPool, type SpApi, SpApiError } from '#libs/sp-api/index.ts'
import { type Answer, type Question, questions } from './questions.ts'

/** What a call is about. */
export interface Asked {
  readonly marketplaceId: string
  readonly operation: OfferOperation
  /** 1 to 20 different ones. */
  readonly asins: readonly string[]
}

/** What the fetcher sees of Amazon: one answer per ASIN, always. Rejects with the signal's reason alone. */
export interface OfferSource {
  ask(asked: Asked, signal: AbortSignal): Promise<ReadonlyMap<string, Answer>>
}

/**
 * Asks whichever seller's slot comes first. One that Amazon refuses, or does not answer, leaves its ASINs to the others;
 * with none left they wait here for a while. What a request may itself be to blame for (a 500, a timeout, an answer that
 * can not be read) is told as its failure only when Amazon answers others of the same operation; otherwise it is an
 * outage, `unavailable`. See `SellerPool`, which does the same for look-ups.
 */
export class SellersOffers implements OfferSource {
  readonly #pool: SellerPool
  /** By marketplace and operation, the ASIN that was answered last. */
  readonly #answered = new Map<string, string>()

  constructor(pool: SellerPool) {
    this.#pool = pool
  }

  async ask(
    { marketplaceId, operation, asins }: Asked,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Answer>> {
    const answers = new Map<string, Answer>()
    const question = questions[operation]
    const heldUntil = this.#pool.holdUntil()
    let open = asins
    while (open.length > 0) {
      const held = await this.#pool.withSeller(
        { marketplaceId, operation, heldUntil, signal },
        async (api, turn, name) => {
          const found = await question.ask(api, marketplaceId, open, { signal })
          const refused = found.find((one) => isFailure(one, 'unauthorized'))
          if (refused?.kind === 'failed') turn.refused(refused.error.message, refused.error.retryAfterMs ?? 0)
          else if (found.some(({ httpStatus }) => httpStatus === 200)) turn.answered()
          const judged = await this.#judge({ api, question, marketplaceId, operation, signal }, found)
          for (const answer of judged)
            answers.set(answer.ask.asin, named(answer, name, this.#pool.sellers.length))
          const circuit = api.circuit(marketplaceId, operation)
          return judged
            .filter(
              (one) => isFailure(one, 'unauthorized') || (isFailure(one, 'unavailable') && circuit.isOpen),
            )
            .map(({ ask }) => ask.asin)
        },
      )
      if (held === null) break
      open = held
    }
    for (const asin of open) answers.set(asin, this.#away(marketplaceId, operation, asin, answers.get(asin)))
    return answers
  }

  /** Tells failures of single requests from those of Amazon. */
  async #judge(asked: Suspicion, found: readonly Answer[]): Promise<readonly Answer[]> {
    const { api, marketplaceId, operation } = asked
    const key = `${marketplaceId} ${operation}`
    const control = this.#answered.get(key)
    const answered = found.find(({ kind }) => kind === 'answered')?.ask.asin
    if (answered !== undefined) this.#answered.set(key, answered)
    const suspects = found.filter(mayBeItsOwn)
    if (suspects.length === 0 || api.circuit(marketplaceId, operation).isOpen) return found
    // Amazon answered the others of this very call.
    if (answered !== undefined) return found.map((one) => (mayBeItsOwn(one) ? itsOwn(one) : one))
    const isApart = control !== undefined && !suspects.some(({ ask }) => ask.asin === control)
    const answers = isApart && (await this.#answers(asked, control))
    if (isApart && !answers) return found.map((one) => (mayBeItsOwn(one) ? anOutage(one) : one))
    const divided = await this.#divide(asked, suspects, answers)
    return found.map((one) => divided.get(one.ask.asin) ?? one)
  }

  /** Whether Amazon answers for an ASIN that it has answered for before. */
  async #answers({ api, question, marketplaceId, signal }: Suspicion, control: string): Promise<boolean> {
    const [found] = await question.ask(api, marketplaceId, [control], { signal, attempts: 1 })
    return found?.kind === 'answered'
  }

  /**
   * Halves what failed together until what is to blame is alone. While nothing at all was answered, `answers`, the halves
   * are the experiment: with both of them failing it is an outage.
   */
  async #divide(
    asked: Suspicion,
    suspects: readonly Answer[],
    answers: boolean,
  ): Promise<ReadonlyMap<string, Answer>> {
    const judged = new Map<string, Answer>()
    if (suspects.length === 1) {
      const [only] = suspects
      judged.set(only!.ask.asin, answers ? itsOwn(only!) : anOutage(only!))
      return judged
    }
    const { api, question, marketplaceId, signal } = asked
    const middle = Math.ceil(suspects.length / 2)
    const halves: (readonly Answer[])[] = []
    for (const half of [suspects.slice(0, middle), suspects.slice(middle)]) {
      halves.push(
        await question.ask(
          api,
          marketplaceId,
          half.map(({ ask }) => ask.asin),
          { signal, attempts: 1 },
        ),
      )
    }
    const nowAnswers = answers || halves.flat().some(({ kind }) => kind === 'answered')
    for (const half of halves) {
      const failed = half.filter(mayBeItsOwn)
      for (const one of half) judged.set(one.ask.asin, one)
      const whole = failed.length === half.length
      if (!nowAnswers) for (const one of failed) judged.set(one.ask.asin, anOutage(one))
      else if (!whole || failed.length === 1) for (const one of failed) judged.set(one.ask.asin, itsOwn(one))
      else for (const [asin, one] of await this.#divide(asked, failed, true)) judged.set(asin, one)
    }
    return judged
  }

  #away(marketplaceId: string, operation: OfferOperation, asin: string, last: Answer | undefined): Answer {
    const { failure, reason, retryAfterMs = null } = this.#pool.whyAway(marketplaceId, operation)
    const before = last?.kind === 'failed' ? last.error : undefined
    const fields = {
      kind: before?.kind ?? failure,
      operation,
      httpStatus: before?.httpStatus ?? null,
      requestId: before?.requestId ?? null,
      retryAfterMs,
    }
    return {
      ask: { asin },
      kind: 'failed',
      error: new SpApiError(fields, before?.message ?? reason),
      observedAt: last?.observedAt ?? Date.now(),
      responseTimeMs: last?.responseTimeMs ?? 0,
      amazonRequestId: last?.amazonRequestId ?? null,
      httpStatus: last?.httpStatus ?? null,
      calls: last?.calls ?? 0,
    }
  }
}

interface Suspicion {
  readonly api: SpApi
  readonly question: Question
  readonly marketplaceId: string
  readonly operation: OfferOperation
  readonly signal: AbortSignal
}

const isFailure = (answer: Answer, kind: SpApiError['kind']): boolean =>
  answer.kind === 'failed' && answer.error.kind === kind

/** What a request may have brought about by itself, or Amazon. */
function mayBeItsOwn(answer: Answer): boolean {
  if (answer.kind !== 'failed') return false
  const { kind, httpStatus } = answer.error
  return kind === 'failed' || kind === 'timeout' || (kind === 'unavailable' && httpStatus === 500)
}

const itsOwn = (answer: Answer): Answer =>
  reclassified(answer, isFailure(answer, 'timeout') ? 'timeout' : 'failed')
const anOutage = (answer: Answer): Answer => reclassified(answer, 'unavailable')

function reclassified(answer: Answer, kind: SpApiError['kind']): Answer {
  if (answer.kind !== 'failed') return answer
  const { operation, httpStatus, requestId, retryAfterMs, amazonErrors, message } = answer.error
  return {
    ...answer,
    error: new SpApiError({ kind, operation, httpStatus, requestId, retryAfterMs, amazonErrors }, message),
  }
}

/** With several sellers, a failure says whose it is. */
function named(answer: Answer, seller: string, sellers: number): Answer {
  if (answer.kind !== 'failed' || sellers < 2) return answer
  const { kind, operation, httpStatus, requestId, retryAfterMs, amazonErrors, message } = answer.error
  return {
    ...answer,
    error: new SpApiError(
      { kind, operation, httpStatus, requestId, retryAfterMs, amazonErrors },
      `seller ${seller}: ${message}`,
    ),
  }
}
