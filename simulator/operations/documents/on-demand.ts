/** What work comes to on demand, by type of report or feed. */

import type { Outcome } from './processing.ts'

export interface Demand {
  /** What the next `times` of the type come to. */
  readonly outcome?: Outcome
  readonly times?: number
  /** Whether documents are compressed. */
  readonly gzip?: boolean
}

const OUTCOMES: readonly Outcome[] = ['DONE', 'CANCELLED', 'FATAL']

export class Demands<D extends Demand> {
  readonly #demands = new Map<string, D>()
  readonly #types: readonly string[]

  constructor(types: readonly string[]) {
    this.#types = types
  }

  /** Replaces what was said of a type, or of all (`*`). Throws an Error that says what makes no sense. */
  set(type: string, demand: D): void {
    if (type !== '*' && !this.#types.includes(type))
      throw new Error(`The type must be * or one of ${this.#types.join(', ')}, not ${type}.`)
    const { outcome } = demand
    if (outcome !== undefined && !OUTCOMES.includes(outcome))
      throw new Error(`outcome must be one of ${OUTCOMES.join(', ')}, not ${outcome}.`)
    this.#demands.set(type, demand)
  }

  of(type: string): Partial<D> {
    return this.#demands.get(type) ?? this.#demands.get('*') ?? {}
  }

  /** The outcome that was asked for, once less; null when none was. */
  draw(type: string): Outcome | null {
    const key = this.#demands.has(type) ? type : '*'
    const demand = this.#demands.get(key)
    if (demand?.outcome === undefined) return null
    const { outcome, times = 1, ...rest } = demand
    this.#demands.set(key, (times > 1 ? { ...rest, outcome, times: times - 1 } : rest) as D)
    return outcome
  }
}
