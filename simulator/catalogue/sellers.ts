/** The sellers of the simulated market: those whose offers every caller sees. */

import { combine, combineText } from './hash.ts'

/** A prime number: any stride through them meets each once. */
const SELLERS = 61

export class Sellers {
  readonly #ids: readonly string[]

  constructor(seed: number) {
    this.#ids = Array.from({ length: SELLERS }, (_, i) => merchantId(combine(combine(0x5e11, seed), i)))
  }

  /** The merchant id of a seller, by any whole number. */
  nth(number: number): string {
    return this.#ids[number % SELLERS] as string
  }

  /** The merchant id of a caller, who is none of those whose offers everybody sees. */
  of(caller: string): string {
    return merchantId(combineText(0x0b0e, caller))
  }

  /** How far apart the sellers of one item are. */
  stride(hash: number): number {
    return 1 + (hash % (SELLERS - 1))
  }
}

/** Such as `A2SNBFWOFW4SWG`. */
function merchantId(hash: number): string {
  const part = (salt: number) => combine(hash, salt).toString(36).padStart(7, '0')
  return `A${part(1)}${part(2)}`.slice(0, 14).toUpperCase()
}
